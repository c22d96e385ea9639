// The classes of many objects that take classes from one another: relationships from their ends,
// containers from their contents, in any order, in chains of any length and in circles. Each gets
// the union of all it can reach.
//
// Objects are numbers of a table of ids, classes are bits, and what takes classes from what is a
// run of numbers: about 13 bytes an id of the table and 8 for each place in which an object that
// was added names another one. Refers to the tables it was made with. Built by one thread: add
// every object, resolve once, then ask.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stix/classification.h"
#include "stix/id_table.h"

namespace comity::exchange {

// Places in which objects name what they take classes from; together they need 384 MiB.
constexpr std::size_t class_edges_max = 32'000'000;

class ClassGraph {
 public:
  // Which objects are added: every one, or only those whose class the id alone does not tell, so
  // that what it tells of the others is settled at once.
  enum class Adds { Every, Untold };

  // `outside` answers for objects that were not added; what it does not know either is taken as
  // unknown when `unheld_is_unknown`, else as adding nothing.
  ClassGraph(const stix::Classification& table, stix::IdTable& ids, stix::ClassesOf outside,
             bool unheld_is_unknown, Adds adds, std::size_t edges_max = class_edges_max)
      : table_(table),
        ids_(ids),
        outside_(std::move(outside)),
        unheld_is_unknown_(unheld_is_unknown),
        adds_(adds),
        edges_max_(edges_max) {}

  // Needs id, type and value of the object. TooLarge when the table of ids is full or `edges_max`
  // is reached; the graph is of no use then.
  Status add(const stix::Object& object);
  void resolve();

  // After resolve. Nothing for an object that was not added.
  std::optional<stix::Classes> find(const std::string& id) const;
  // The classes of any object by id: added, told by its type, or from outside.
  std::optional<stix::Classes> of(const std::string& id) const;

 private:
  using Mask = std::uint64_t;
  using Number = stix::IdTable::Number;
  // What is known of an id, as bits of `marks_`.
  enum Mark : std::uint8_t { Added = 1, Named = 2, Queued = 4 };
  struct Edge {
    Number reader, source;
  };
  // Who takes classes from each id: those of id n stand from first[n] to first[n + 1].
  struct Readers {
    std::vector<std::uint32_t> first;
    std::vector<Number> numbers;
  };

  Mask mask_of(const stix::Classes& classes);
  Mask mask_from_elsewhere(const std::string& id);
  stix::Classes classes_of(Mask mask) const;
  void make_room();
  Status name(Number reader, const std::string& source);
  void settle_named();
  Readers readers();

  const stix::Classification& table_;
  stix::IdTable& ids_;
  stix::ClassesOf outside_;
  bool unheld_is_unknown_;
  Adds adds_;
  std::size_t edges_max_;
  std::vector<std::string> names_;  // bit i of a mask is names_[i]; the highest bit is "unknown"
  std::vector<Mask> masks_;         // by the number of the id
  std::vector<std::uint8_t> marks_;
  std::vector<Edge> edges_;
  // Of ids that were named and that the table cannot spell: what is known of them elsewhere.
  std::vector<std::pair<Number, Mask>> unspelled_;
};

}  // namespace comity::exchange
