// Clause families: forms that recur in many agreements, written once in families.toml. A family
// fixes some keys of a clause, leaves some open and allows some more; a clause made from it is the
// row that would stand there if it were written out. The form is docs/formats/register.md. Used by
// the register reader alone, on one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "treaty/toml_reader.h"

namespace comity::treaty {

constexpr std::size_t families_max = 64;

class ClauseFamilies {
 public:
  // A [[family]] but for the values that it fixes: those are in `fixes`, if the row has any, and
  // are for the caller to read as it reads a clause. `keys` are those that a family may speak of.
  const TomlNode* fixes(TomlTable& row);
  void read(TomlTable& row, const std::vector<std::string>& keys);

  // The row of a clause as it reads written out: without `family`, with what the family fixes.
  // What was added stands where the family is named, for messages. Nothing, and problems, when the
  // family is not known, or the row gives what it may not, or lacks what it must give.
  std::optional<TomlNode> written_out(TomlTable& row, const Instrument& instrument) const;

 private:
  struct Family {
    std::vector<TomlEntry> fixes;
    std::vector<std::string> open, may, head;
    std::string place;
  };
  std::vector<std::string> keys_of(TomlTable& row, const char* list,
                                   const std::vector<std::string>& keys);
  bool check_keys(TomlTable& row, const std::string& id, const Family& family) const;
  bool check_head(TomlTable& row, const std::string& id, const Family& family,
                  const Instrument& instrument) const;

  std::map<std::string, Family> families_;
};

}  // namespace comity::treaty
