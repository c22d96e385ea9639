#include "stix/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "stix/judge.h"

namespace comity::stix {
namespace {

const json::Value* selected_item(const json::Value& list, std::string_view step) {
  const auto* items = list.array();
  if (items == nullptr || step.size() < 3 || step.back() != ']') return nullptr;
  const auto digits = step.substr(1, step.size() - 2);
  std::size_t index = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, index);
  if (error != std::errc() || at != end || (digits.size() > 1 && digits[0] == '0')) return nullptr;
  return index < items->size() ? &(*items)[index] : nullptr;
}

// A key of a dictionary may hold dots, so the longest name that is there is taken: `rest` begins
// after it.
const json::Value* selected_member(const json::Object& members, std::string_view& rest) {
  const json::Value* out = nullptr;
  std::size_t taken = 0;
  for (const auto& [name, value] : members) {
    if (!rest.starts_with(name) || name.empty() || name.size() < taken) continue;
    if (rest.size() > name.size() && rest[name.size()] != '.') continue;
    out = &value;
    taken = name.size();
  }
  rest.remove_prefix(taken);
  return out;
}

void judge_selectors(Judge& judge, const json::Value& root, const json::Value& selectors) {
  const auto* items = selectors.array();
  if (items == nullptr) return;
  const Judge::Step step(judge, "selectors");
  for (std::size_t i = 0; i < items->size(); ++i) {
    const auto* selector = (*items)[i].string();
    if (selector == nullptr || selected(root, *selector) != nullptr) continue;
    const Judge::Step item(judge, i);
    judge.found(CheckId::Selectors,
                fmt::format("{} points at nothing in the object", quoted(*selector)));
  }
}

}  // namespace

const json::Value* selected(const json::Value& object, std::string_view selector) {
  const auto* at = &object;
  if (selector.empty()) return nullptr;
  while (true) {
    if (selector.front() == '[') {
      const auto end = selector.find('.');
      at = selected_item(*at, selector.substr(0, end));
      selector = end == std::string_view::npos ? std::string_view() : selector.substr(end);
    } else {
      at = at->object() == nullptr ? nullptr : selected_member(*at->object(), selector);
    }
    if (at == nullptr || selector.empty()) return at;
    selector.remove_prefix(1);  // the dot
    if (selector.empty()) return nullptr;
  }
}

std::size_t covering_length(const json::Value& granular_marking, std::string_view selector) {
  const auto* selectors = granular_marking.find("selectors");
  if (selectors == nullptr || selectors->array() == nullptr) return 0;
  std::size_t out = 0;
  for (const auto& item : *selectors->array()) {
    const auto* above = item.string();
    if (above == nullptr || above->empty() || !selector.starts_with(*above)) continue;
    if (selector.size() > above->size() && selector[above->size()] != '.') continue;
    out = std::max(out, above->size());
  }
  return out;
}

void judge_granular_markings(Judge& judge, const json::Value& value) {
  const auto* markings = value.find("granular_markings");
  if (markings == nullptr || markings->array() == nullptr) return;
  const Judge::Step step(judge, "granular_markings");
  for (std::size_t i = 0; i < markings->array()->size(); ++i) {
    const auto* selectors = (*markings->array())[i].find("selectors");
    if (selectors == nullptr) continue;
    const Judge::Step item(judge, i);
    judge_selectors(judge, value, *selectors);
  }
}

}  // namespace comity::stix
