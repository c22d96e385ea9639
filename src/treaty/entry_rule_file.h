// Reads rules of entry into force from instrument files, and holds every date of a register against
// them. The form is docs/formats/register.md. Used by the register reader alone, on one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "treaty/toml_reader.h"

namespace comity::treaty {

// "P90D"; nothing, and a problem, for what is no such string. `key` names the value in messages.
std::optional<Wait> read_duration(TomlTable& table, const TomlNode& value, const char* key);

// The same, or a table { wait = "P3M", first_of_month = true }; nothing, and a problem,
// for anything else.
std::optional<Wait> read_wait(TomlTable& table, const TomlNode& value, const char* key,
                              ProblemList& problems);

class EntryRules {
 public:
  // `instruments` are all ids that a file may name. Both outlive the reader.
  EntryRules(const std::vector<std::string>& instruments, ProblemList& problems)
      : instruments_(instruments), problems_(problems) {}

  // `entry`, or its older short form `entry_rule`, of [instrument].
  void read(TomlTable& head, Instrument& instrument, const Names& consents);
  // Whether a [[party]] says that the rule gives its `in_force`; then it has no date of its own.
  static bool gives(const TomlTable& row);
  // Remembers where the row of a party stands, for messages of check(). What was not noted is told
  // at the instrument.
  void note(const TomlTable& row, const std::string& instrument, int party);

  // Once all instruments are read: each date is held against its rule, and what the rule gives is
  // entered where the file asks for it, or as computed where the file has no date.
  void check(Model& model);

 private:
  struct Place {
    std::string file;
    Position row, in_force;
  };
  template <typename Key>
  static Place place_of(const std::map<Key, Place>& noted, const Key& key,
                        const Instrument& instrument);
  void read_count(TomlTable& row, EntryRule& rule);
  void check_instrument(Instrument& instrument, const std::optional<DateFact>& not_before);
  void check_party(const Model& model, const Instrument& instrument,
                   const std::optional<DateFact>& not_before, PartyEntry& entry);

  const std::vector<std::string>& instruments_;
  ProblemList& problems_;
  std::map<std::string, Place> heads_;                    // by instrument
  std::map<std::pair<std::string, int>, Place> parties_;  // by instrument and party
};

}  // namespace comity::treaty
