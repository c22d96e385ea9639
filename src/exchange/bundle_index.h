// What a first pass over the objects of a bundle or an envelope learns: their ids, their marking
// definitions, and where those lie whose class depends on more than their type.
//
// Refers to the table and the snapshot it was made with. One thread at a time: add every object,
// finish once, then ask.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "exchange/class_graph.h"
#include "exchange/import.h"
#include "json/value.h"
#include "store/store.h"

namespace comity::exchange {

class BundleIndex {
 public:
  // `whole`: the objects are all there is, as in a file. Else they come in pieces, from others:
  // what is held counts beside them, and a definition that nobody here has seen may be on its way.
  BundleIndex(const stix::Classification& table, store::Snapshot& snapshot, bool whole);

  // What is no object with an id is passed over.
  void add(std::string_view element);
  void finish() { graph_.resolve(); }

  bool holds(const std::string& id) const { return ids_.contains(id); }
  // Classes of an object of the bundle, or of a named one from the store.
  stix::Classes classes(const stix::Object& object) const;
  // The handling with which an object comes in: its own, else that of the options; empty: none.
  std::string handling(const stix::Object& object, const ImportOptions& options);
  // Whether it names a marking that nobody here has seen; never of what is whole.
  bool marking_unknown(const stix::Object& object);

 private:
  const json::Value* marking(const std::string& id);

  const stix::Classification& table_;
  store::Snapshot& snapshot_;
  const bool whole_;
  ClassGraph graph_;
  std::unordered_set<std::string> ids_;
  std::unordered_map<std::string, json::Value> markings_;  // null: looked for and not held
  std::unordered_set<std::string> looked_up_;              // in the store, beside the bundle
};

}  // namespace comity::exchange
