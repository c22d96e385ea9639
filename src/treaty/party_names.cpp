#include "treaty/party_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace comity::treaty {

std::string folded_name(std::string_view name) {
  const auto begin = name.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  std::string out(name.substr(begin, name.find_last_not_of(' ') + 1 - begin));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string code_of_name(const std::vector<Party>& parties, std::string_view name) {
  const auto wanted = folded_name(name);
  const auto goes_by = [&](const std::string& one) { return folded_name(one) == wanted; };
  // A code comes first: no name of another party may hide it.
  for (const auto& party : parties) {
    if (goes_by(party.code)) return party.code;
  }
  for (const auto& party : parties) {
    if (goes_by(party.name) || std::any_of(party.aliases.begin(), party.aliases.end(), goes_by)) {
      return party.code;
    }
  }
  return {};
}

std::string party_suggestion(const Model& model, std::string_view name) {
  const auto code = code_of_name(model.parties, name);
  return code.empty() || code == name ? std::string() : fmt::format("; did you mean '{}'?", code);
}

}  // namespace comity::treaty
