// What a first pass over the objects of a bundle or an envelope learns: their ids, which handling
// their marking definitions stand for, and where those lie whose class depends on more than their
// type. Nothing of the objects themselves is kept: about 50 bytes an id, however long its object.
//
// Refers to the table it was made with, and to the snapshot it was given last. One thread at a
// time: add every object, finish once, then ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/class_graph.h"
#include "exchange/import.h"
#include "json/value.h"
#include "stix/id_table.h"
#include "store/store.h"

namespace comity::exchange {

class BundleIndex {
 public:
  // `whole`: the objects are all there is, as in a file. Else they come in pieces, from others:
  // what is held counts beside them, and a definition that nobody here has seen may be on its way.
  BundleIndex(const stix::Classification& table, store::Snapshot& snapshot, bool whole,
              std::size_t ids_max = stix::table_ids_max);
  BundleIndex(const BundleIndex&) = delete;
  BundleIndex& operator=(const BundleIndex&) = delete;

  // What is no object with an id is passed over. TooLarge when there are more ids, or more places
  // in which they are named, than the tables take (id_table.h, class_graph.h): not with what fits
  // into one envelope.
  Status add(std::string_view element);
  void finish() { graph_.resolve(); }
  // From here on asks this snapshot, so that no old one need stay open for long.
  void use(store::Snapshot& snapshot) { snapshot_ = &snapshot; }

  bool holds(const std::string& id) const;
  // Whether the object of this id is among these or in the store.
  bool held(const std::string& id);
  // Classes of an object of the bundle, or of a named one from the store.
  stix::Classes classes(const stix::Object& object) const;
  // The handling with which an object comes in: its own, else that of the options; empty: none.
  std::string handling(const stix::Object& object, const ImportOptions& options);
  // Whether it names a marking that nobody here has seen; never of what is whole.
  bool marking_unknown(const stix::Object& object);

 private:
  using Number = stix::IdTable::Number;
  // A marking definition by what is kept of it. Of two the greater is the stricter: what came after
  // `NoLevel` is the level of the Traffic Light Protocol.
  enum Marking : std::uint8_t { NotHeld = 0, NoLevel = 1, FirstLevel = 2 };
  // What was learnt of an id beside its marking, as bits.
  enum Mark : std::uint8_t { Here = 1, Stored = 2, NotStored = 4, LookedUp = 8, InMap = 16 };
  struct Known {
    std::uint8_t marks = 0, marking = NotHeld;
  };

  static std::uint8_t marking_of(const json::Value& definition);
  // Null when the table is full and has not this id.
  Known* known(const std::string& id);
  std::uint8_t marking_held(const std::string& id) const;
  std::uint8_t marking(const std::string& id);

  const stix::Classification& table_;
  store::Snapshot* snapshot_;
  const bool whole_;
  stix::IdTable ids_;
  ClassGraph graph_;
  std::vector<Known> known_;  // by the number of the id
};

}  // namespace comity::exchange
