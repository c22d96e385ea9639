#include "treaty/model.h"

#include <algorithm>
#include <array>

#include "base/result.h"

namespace comity::treaty {
namespace {

// The element of a sorted vector whose key is `wanted`, as an index.
template <typename Element, typename Key, typename KeyOf>
std::optional<int> sorted_index(const std::vector<Element>& elements, const Key& wanted,
                                KeyOf key_of) {
  const auto it =
      std::lower_bound(elements.begin(), elements.end(), wanted,
                       [&](const Element& one, const Key& key) { return key_of(one) < key; });
  if (it == elements.end() || key_of(*it) != wanted) return std::nullopt;
  return static_cast<int>(it - elements.begin());
}

constexpr std::array tlp_names = {"", "clear", "green", "amber", "amber+strict", "red"};

}  // namespace

std::optional<int> Names::index(std::string_view name) const {
  const auto it = std::find(values.begin(), values.end(), name);
  if (it == values.end()) return std::nullopt;
  return static_cast<int>(it - values.begin());
}

std::string Names::joined(Bits bits, std::string_view separator) const {
  std::string out;
  for (std::size_t i = 0; i < values.size() && i < 64; ++i) {
    if ((bits >> i & 1) == 0) continue;
    if (!out.empty()) out += separator;
    out += values[i];
  }
  return out;
}

std::optional<int> Vocabulary::fact(std::string_view id) const {
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].id == id) return static_cast<int>(i);
  }
  return std::nullopt;
}

const PartyEntry* Instrument::entry(int party) const {
  const auto index = sorted_index(parties, party, [](const PartyEntry& one) { return one.party; });
  return index ? &parties[static_cast<std::size_t>(*index)] : nullptr;
}

const Clause* Instrument::clause(std::string_view wanted) const {
  const auto it = std::find_if(clauses.begin(), clauses.end(),
                               [&](const Clause& one) { return one.id == wanted; });
  return it == clauses.end() ? nullptr : &*it;
}

int Instrument::level_rank() const {
  static const Names ranks{
      {"bilateral", "multilateral", "regional", "interregional", "global", "national"}};
  const auto last = static_cast<int>(ranks.values.size()) - 2;
  return levels.empty() ? last : ranks.index(levels.front().level).value_or(last);
}

std::optional<int> Model::party(std::string_view code) const {
  return sorted_index(parties, code, [](const Party& one) { return std::string_view(one.code); });
}

std::optional<int> Model::instrument(std::string_view id) const {
  return sorted_index(instruments, id,
                      [](const Instrument& one) { return std::string_view(one.id); });
}

const Overlay* Model::overlay(int party) const {
  const auto it = std::find_if(overlays.begin(), overlays.end(),
                               [party](const Overlay& one) { return one.party == party; });
  return it == overlays.end() ? nullptr : &*it;
}

const Assumption* Model::assumption(std::string_view id) const {
  const auto it = std::find_if(assumptions.begin(), assumptions.end(),
                               [&](const Assumption& one) { return one.id == id; });
  return it == assumptions.end() ? nullptr : &*it;
}

const char* name(Verb verb) {
  constexpr std::array names = {"permit", "forbid", "require", "empower", "advise", "define"};
  return names[static_cast<std::size_t>(verb)];
}

const char* name(Scope scope) {
  constexpr std::array names = {"basis", "origin", "always"};
  return names[static_cast<std::size_t>(scope)];
}

const char* name(Mode mode) { return mode == Mode::Operational ? "operational" : "exercise"; }

const char* name(Binding binding) {
  constexpr std::array names = {"binding",    "political", "soft", "draft", "organisational-rule",
                                "historical", "national"};
  return names[static_cast<std::size_t>(binding)];
}

const char* name(PartyKind kind) {
  constexpr std::array names = {"state", "observer", "organisation", "invented", "entity"};
  return names[static_cast<std::size_t>(kind)];
}

const char* name(Tlp tlp) { return tlp_names[static_cast<std::size_t>(tlp)]; }

std::optional<Tlp> tlp_from_name(std::string_view text) {
  for (std::size_t i = 1; i < tlp_names.size(); ++i) {
    if (text == tlp_names[i]) return static_cast<Tlp>(i);
  }
  return std::nullopt;
}

}  // namespace comity::treaty
