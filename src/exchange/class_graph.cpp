#include "exchange/class_graph.h"

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

stix::Classes ClassGraph::classes_of(Mask mask) const {
  stix::Classes classes;
  classes.unknown = (mask & unknown_bit) != 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if ((mask & (Mask{1} << i)) != 0) classes.names.insert(names_[i]);
  }
  return classes;
}

void ClassGraph::add(const stix::Object& object) {
  Node node;
  // What the object takes from others is only noted here: it is worked out for all at once.
  const auto own = stix::classify(object, table_, [&](const std::string& id) {
    node.sources.push_back(id);
    return std::optional(stix::Classes{});
  });
  node.mask = mask_of(own);
  const auto [at, fresh] = index_.emplace(object.id, nodes_.size());
  if (fresh) {
    nodes_.push_back(std::move(node));
    return;
  }
  // Several versions of one id: whoever names it may mean any of them.
  auto& known = nodes_[at->second];
  known.mask |= node.mask;
  known.sources.insert(known.sources.end(), node.sources.begin(), node.sources.end());
}

void ClassGraph::resolve() {
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const auto& source : nodes_[i].sources) {
      const auto at = index_.find(source);
      if (at != index_.end()) {
        nodes_[at->second].readers.push_back(i);
        continue;
      }
      auto classes = stix::classes_of_id(source, table_);
      if (!classes) classes = outside_(source);
      if (classes) {
        nodes_[i].mask |= mask_of(*classes);
      } else if (unheld_is_unknown_) {
        nodes_[i].mask |= unknown_bit;
      }
    }
    nodes_[i].sources.clear();
    changed.push_back(i);
  }
  // Masks only grow, so this ends: each node is looked at again at most once a class.
  while (!changed.empty()) {
    const auto from = changed.back();
    changed.pop_back();
    for (const auto reader : nodes_[from].readers) {
      const auto united = nodes_[reader].mask | nodes_[from].mask;
      if (united == nodes_[reader].mask) continue;
      nodes_[reader].mask = united;
      changed.push_back(reader);
    }
  }
}

std::optional<stix::Classes> ClassGraph::find(const std::string& id) const {
  const auto at = index_.find(id);
  if (at == index_.end()) return std::nullopt;
  return classes_of(nodes_[at->second].mask);
}

std::optional<stix::Classes> ClassGraph::of(const std::string& id) const {
  if (auto found = find(id)) return found;
  if (auto told = stix::classes_of_id(id, table_)) return told;
  return outside_(id);
}

}  // namespace comity::exchange
