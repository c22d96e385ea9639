#include "stix/pattern/like.h"

#include <optional>

#include "stix/pattern/characters.h"

namespace comity::stix::pattern {

bool is_like(std::string_view value, std::string_view wanted, bool of_characters) {
  const auto character_bytes = [&](std::size_t at) {
    const auto character = of_characters ? character_at(value, at) : std::nullopt;
    return character ? character->bytes : 1;
  };
  std::size_t at = 0, next = 0;
  // Behind the last % and what it stands for so far: only it can still take more.
  std::optional<std::size_t> behind_any;
  std::size_t any_end = 0;
  while (at < value.size()) {
    if (next < wanted.size() && wanted[next] == '%') {
      behind_any = ++next;
      any_end = at;
    } else if (next < wanted.size() && wanted[next] == '_') {
      at += character_bytes(at);
      ++next;
    } else if (next < wanted.size() && wanted[next] == value[at]) {
      ++at;
      ++next;
    } else if (behind_any) {
      any_end += character_bytes(any_end);
      at = any_end;
      next = *behind_any;
    } else {
      return false;
    }
  }
  while (next < wanted.size() && wanted[next] == '%') ++next;
  return next == wanted.size();
}

}  // namespace comity::stix::pattern
