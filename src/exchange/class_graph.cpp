#include "exchange/class_graph.h"

#include <fmt/format.h>

#include <algorithm>

namespace comity::exchange {
namespace {

constexpr std::uint64_t unknown_bit = std::uint64_t{1} << 63;
constexpr std::size_t names_max = 63;

}  // namespace

ClassGraph::Mask ClassGraph::mask_of(const stix::Classes& classes) {
  Mask mask = classes.unknown ? unknown_bit : 0;
  for (const auto& name : classes.names) {
    auto at = std::find(names_.begin(), names_.end(), name);
    if (at == names_.end()) {
      CHECK(names_.size() < names_max);
      at = names_.insert(names_.end(), name);
    }
    mask |= Mask{1} << (at - names_.begin());
  }
  return mask;
}

// Of what was not added.
ClassGraph::Mask ClassGraph::mask_from_elsewhere(const std::string& id) {
  auto classes = stix::classes_of_id(id, table_);
  if (!classes) classes = outside_(id);
  if (classes) return mask_of(*classes);
  return unheld_is_unknown_ ? unknown_bit : 0;
}

stix::Classes ClassGraph::classes_of(Mask mask) const {
  stix::Classes classes;
  classes.unknown = (mask & unknown_bit) != 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if ((mask & (Mask{1} << i)) != 0) classes.names.insert(names_[i]);
  }
  return classes;
}

// Others add ids to the table, too.
void ClassGraph::make_room() {
  masks_.resize(ids_.size());
  marks_.resize(ids_.size());
}

Status ClassGraph::name(Number reader, const std::string& source) {
  TRY(const auto number, ids_.add(source));
  if (edges_.size() == edges_max_) {
    return fail(ErrorKind::TooLarge,
                fmt::format("its relationships and containers name others in more than {} places; "
                            "divide it into several",
                            edges_max_));
  }
  make_room();
  edges_.push_back({reader, number});
  if ((marks_[number] & Named) != 0) return {};
  marks_[number] |= Named;
  // Later there is nothing to ask with.
  if (!ids_.spelled(number)) unspelled_.emplace_back(number, mask_from_elsewhere(source));
  return {};
}

Status ClassGraph::add(const stix::Object& object) {
  std::vector<std::string> sources;
  // What the object takes from others is only noted here: it is worked out for all at once.
  const auto own = stix::classify(object, table_, [&](const std::string& id) {
    if (adds_ == Adds::Untold) {
      if (auto told = stix::classes_of_id(id, table_)) return told;
    }
    sources.push_back(id);
    return std::optional(stix::Classes{});
  });
  TRY(const auto number, ids_.add(object.id));
  make_room();
  // Several versions of one id: whoever names it may mean any of them.
  marks_[number] |= Added;
  masks_[number] |= mask_of(own);
  for (const auto& source : sources) TRY_STATUS(name(number, source));
  return {};
}

// What was named and not added has its classes from elsewhere.
void ClassGraph::settle_named() {
  for (const auto& [number, mask] : unspelled_) {
    if ((marks_[number] & Added) == 0) masks_[number] = mask;
  }
  unspelled_ = {};
  for (Number number = 0; number < marks_.size(); ++number) {
    if ((marks_[number] & (Named | Added)) != Named) continue;
    if (const auto id = ids_.spelled(number)) masks_[number] = mask_from_elsewhere(*id);
  }
}

ClassGraph::Readers ClassGraph::readers() {
  Readers out;
  out.first.resize(marks_.size() + 1);
  for (const auto& edge : edges_) ++out.first[edge.source];
  std::uint32_t before = 0;
  for (auto& first : out.first) before = first += before;
  out.numbers.resize(edges_.size());
  // From the end of each run to its beginning, which is where `first` stands then.
  for (const auto& edge : edges_) out.numbers[--out.first[edge.source]] = edge.reader;
  edges_ = {};
  return out;
}

void ClassGraph::resolve() {
  make_room();
  settle_named();
  const auto readers_of = readers();
  std::vector<Number> changed;
  for (Number number = 0; number < marks_.size(); ++number) {
    if (readers_of.first[number] == readers_of.first[number + 1] || masks_[number] == 0) continue;
    marks_[number] |= Queued;
    changed.push_back(number);
  }
  // Masks only grow, so this ends: each is looked at again at most once a class.
  while (!changed.empty()) {
    const auto from = changed.back();
    changed.pop_back();
    marks_[from] &= static_cast<std::uint8_t>(~Queued);
    for (auto i = readers_of.first[from]; i < readers_of.first[from + 1]; ++i) {
      const auto reader = readers_of.numbers[i];
      const auto united = masks_[reader] | masks_[from];
      if (united == masks_[reader]) continue;
      masks_[reader] = united;
      if ((marks_[reader] & Queued) != 0) continue;
      marks_[reader] |= Queued;
      changed.push_back(reader);
    }
  }
}

std::optional<stix::Classes> ClassGraph::find(const std::string& id) const {
  const auto number = ids_.find(id);
  if (!number || *number >= marks_.size() || (marks_[*number] & Added) == 0) return std::nullopt;
  return classes_of(masks_[*number]);
}

std::optional<stix::Classes> ClassGraph::of(const std::string& id) const {
  if (auto found = find(id)) return found;
  if (auto told = stix::classes_of_id(id, table_)) return told;
  return outside_(id);
}

}  // namespace comity::exchange
