// The beginning of an instrument file, from the few answers without which an agreement decides
// nothing: what it is called, between whom, since when, what may be sent, what for, and where that
// stands. docs/formats/register.md calls this the minimum agreement.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "treaty/register.h"

namespace comity::node {

struct NewInstrument {
  // The six answers. Those that are not given are filled by an example, or left open.
  std::string title;
  std::vector<std::string> parties;  // at least two codes
  std::string in_force;              // a day, for every party; empty: not known
  std::vector<std::string> info;     // classes of information that may be sent
  std::vector<std::string> purposes;
  std::string provenance;  // of every fact; empty: X, invented

  std::string id;                  // empty: from the parties and the year, such as xa-xb-2026
  std::string level;               // empty: bilateral between two, multilateral among more
  std::vector<std::string> areas;  // empty: threat-information
  std::string signed_on;           // a day; empty: not known
  std::string article;             // where the permission stands; empty: Art. 1
};

// The same with nothing left empty but what is not known: id, level, example and marks filled in.
// InvalidInput, naming the flag, for what cannot be written.
Result<NewInstrument> completed(NewInstrument instrument);

// What of the answers a register does not know, with the flag and the nearest word that it knows;
// and an id that it holds already. InvalidInput or Conflict.
Status check_answers(const NewInstrument& instrument, const treaty::Model& model);

// Where the file of that instrument stands in a register.
std::string instrument_path(const NewInstrument& instrument);

// A file that loads as it is, once its parties stand in parties.toml: one permit and one forbid to
// begin with, and a line of explanation for each key. The instrument is completed.
std::string instrument_skeleton(const NewInstrument& instrument);

// What the file still lacks to decide for real, a sentence a line; empty when nothing.
std::vector<std::string> left_open(const NewInstrument& answers);

}  // namespace comity::node
