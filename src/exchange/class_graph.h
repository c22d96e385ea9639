// The classes of many objects that take classes from one another: relationships from their ends,
// containers from their contents, in any order, in chains of any length and in circles. Each gets
// the union of all it can reach.
//
// Built by one thread: add every object, resolve once, then ask.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stix/classification.h"

namespace comity::exchange {

class ClassGraph {
 public:
  // `outside` answers for objects that were not added; what it does not know either is taken as
  // unknown when `unheld_is_unknown`, else as adding nothing.
  ClassGraph(const stix::Classification& table, stix::ClassesOf outside, bool unheld_is_unknown)
      : table_(table), outside_(std::move(outside)), unheld_is_unknown_(unheld_is_unknown) {}

  // Needs id, type and value of the object.
  void add(const stix::Object& object);
  void resolve();

  // After resolve. Nothing for an object that was not added.
  std::optional<stix::Classes> find(const std::string& id) const;
  // The classes of any object by id: added, told by its type, or from outside.
  std::optional<stix::Classes> of(const std::string& id) const;

 private:
  using Mask = std::uint64_t;
  struct Node {
    Mask mask = 0;
    std::vector<std::string> sources;
    std::vector<std::size_t> readers;  // nodes that take classes from this one
  };

  Mask mask_of(const stix::Classes& classes);
  stix::Classes classes_of(Mask mask) const;

  const stix::Classification& table_;
  stix::ClassesOf outside_;
  bool unheld_is_unknown_;
  std::vector<std::string> names_;  // bit i of a mask is names_[i]; the highest bit is "unknown"
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace comity::exchange
