#include "json/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "json/place.h"
#include "json/reader.h"

namespace comity::json {
namespace {

// Walks over a text that was validated before: nothing here looks for errors again.
class Walker {
 public:
  Walker(std::string_view text, std::size_t next, const Passed& passed)
      : text_(text), next_(next), passed_(passed) {
    if (passed_) told_at_ = next_ + passed_bytes;
  }

  std::size_t next() const { return next_; }

  // The next character that is no white space.
  char peek() {
    while (text_[next_] == ' ' || text_[next_] == '\t' || text_[next_] == '\n' ||
           text_[next_] == '\r') {
      ++next_;
    }
    return text_[next_];
  }

  // Passes the next character if it is `c`.
  bool pass(char c) {
    if (peek() != c) return false;
    ++next_;
    return true;
  }

  // Passes one value and returns its bytes.
  std::string_view value() {
    tell();
    const char first = peek();
    const auto start = next_;
    if (first == '"') {
      string();
    } else if (first == '{' || first == '[') {
      container();
    } else {
      next_ = std::min(text_.find_first_of(" \t\n\r,]}", next_), text_.size());
    }
    return text_.substr(start, next_ - start);
  }

 private:
  void string() {
    for (;;) {
      const auto start = next_;
      const auto* quote = static_cast<const char*>(
          std::memchr(text_.data() + start + 1, '"', text_.size() - start - 1));
      CHECK(quote != nullptr);
      next_ = static_cast<std::size_t>(quote - text_.data());
      // The quote ends the string unless an odd number of backslashes stands before it.
      auto before = next_;
      while (before > start + 1 && text_[before - 1] == '\\') --before;
      if ((next_ - before) % 2 == 0) break;
    }
    ++next_;
  }

  void container() {
    std::size_t depth = 0;
    do {
      tell();
      switch (text_[next_]) {
        case '"':
          string();
          continue;
        case '{':
        case '[':
          ++depth;
          break;
        case '}':
        case ']':
          --depth;
          break;
        default:
          break;
      }
      ++next_;
    } while (depth > 0);
  }

  void tell() {
    if (next_ < told_at_) return;
    passed_(next_);
    told_at_ = next_ + passed_bytes;
  }

  std::string_view text_;
  std::size_t next_;
  const Passed& passed_;
  std::size_t told_at_ = std::numeric_limits<std::size_t>::max();
};

std::size_t offset_in(std::string_view text, std::string_view part) {
  return static_cast<std::size_t>(part.data() - text.data());
}

// The top of an object whose one large array is left where it is.
struct TopLevel {
  std::set<std::string> names;             // of all members
  Object members;                          // without the array
  std::optional<std::size_t> array_begin;  // where its opening bracket stands
  std::size_t bytes = 0;                   // of what is held here, as text
};

// Reads one member into `top`.
Status add_member(TopLevel& top, std::string_view text, Walker& walker, std::string_view member,
                  const Passed& passed) {
  const auto name_text = walker.value();
  const auto name_offset = offset_in(text, name_text);
  walker.pass(':');
  const auto value_text = walker.value();
  const auto value_offset = offset_in(text, value_text);

  TRY(const auto name_value, read_part(text, name_offset, name_text.size(), passed));
  const std::string& name = *name_value.string();
  if (!top.names.insert(name).second) {
    return duplicate_name(text, name_offset, name, passed);
  }
  const bool is_array = name == member;
  if (is_array && value_text.front() != '[') {
    const auto place = place_at(text, value_offset, passed);
    return fail(ErrorKind::InvalidInput,
                fmt::format("at {}: found {}, expected an array", place.path, place.found),
                place.position);
  }
  top.bytes += name_text.size() + (is_array ? 0 : value_text.size());
  if (top.bytes > document_bytes_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("found members beside \"{}\" that are longer than {} bytes in all; "
                            "leave them out",
                            member, document_bytes_max),
                place_at(text, name_offset, passed).position);
  }
  if (is_array) {
    top.array_begin = value_offset;
    return {};
  }
  TRY(auto value, read_part(text, value_offset, value_text.size(), passed));
  top.members.append(name, std::move(value));
  return {};
}

}  // namespace

Result<Value> parse(std::string_view text) { return read_part(text, 0, text.size()); }

Result<Object> split(std::string_view text, std::string_view member,
                     const std::function<Status(std::string_view element, std::size_t index)>& each,
                     const Passed& passed) {
  TRY_STATUS(validate(text, passed));
  Walker walker(text, 0, passed);
  if (!walker.pass('{')) {
    const auto place = place_at(text, walker.next(), passed);
    return fail(
        ErrorKind::InvalidInput,
        fmt::format("at $: found {}, expected an object with an array \"{}\"", place.found, member),
        place.position);
  }
  TopLevel top;
  while (walker.peek() != '}') {
    TRY_STATUS(add_member(top, text, walker, member, passed));
    walker.pass(',');
  }
  if (!top.array_begin) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("at $: found no member \"{}\", expected it with an array", member));
  }
  // Only now, when the whole text is known to be good, does the caller see the first element.
  Walker elements(text, *top.array_begin + 1, passed);
  for (std::size_t index = 0; elements.peek() != ']'; ++index) {
    if (auto done = each(elements.value(), index); !done) {
      return tl::unexpected<Error>(
          std::move(done).error().at(fmt::format("$.{}[{}]", member, index)));
    }
    elements.pass(',');
  }
  return std::move(top.members);
}

}  // namespace comity::json
