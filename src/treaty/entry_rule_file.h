// Reads rules of entry into force from instrument files, and holds every date of a register against
// them. The form is docs/formats/register.md. Used by the register reader alone, on one thread.
#pragma once

#include <optional>
#include <string>
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
  // Where check() tells what is wrong with the date of a table: "file:line:column" of `in_force`,
  // else of the table. It is kept with the instrument, which may outlive this reading of its file.
  static std::string place(const TomlTable& row);

  // Once all instruments are read: each date is held against its rule, and what the rule gives is
  // entered where the file asks for it, or as computed where the file has no date.
  void check(Model& model);

 private:
  void problem(const std::string& where, std::string found, std::string expected);
  void read_count(TomlTable& row, EntryRule& rule);
  void check_instrument(Instrument& instrument, const std::optional<DateFact>& not_before);
  void check_party(const Model& model, const Instrument& instrument,
                   const std::optional<DateFact>& not_before, PartyEntry& entry);

  const std::vector<std::string>& instruments_;
  ProblemList& problems_;
};

}  // namespace comity::treaty
