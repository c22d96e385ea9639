// Reads what changes law in time: rows of suspensions/*.toml and denunciations/*.toml. The form is
// docs/formats/register.md. Used by the register reader alone, on one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "treaty/toml_reader.h"

namespace comity::treaty {

class LawChangeReader {
 public:
  // Rows are added to the model, which outlives the reader and holds all instruments already.
  explicit LawChangeReader(Model& model) : model_(model) {}

  // `instrument` and `party` are what the row names, nothing when that was a problem.
  void suspension(TomlTable& row, std::optional<int> instrument, std::optional<int> party);
  void denunciation(TomlTable& row, std::optional<int> instrument, std::optional<int> party);

 private:
  using Bond = std::pair<int, int>;  // instrument, party
  struct Span {
    std::optional<Instant> until;
    std::string id, place;
  };

  std::string id_of(TomlTable& row, const std::string& kind);
  bool may_change(TomlTable& row, const Bond& bond);
  bool overlaps(TomlTable& row, const Bond& bond, const Suspension& added);
  bool takes_effect(TomlTable& row, const Denunciation& added);

  Model& model_;
  std::map<std::string, std::string> first_places_;  // "suspension x" → file:line
  std::map<Bond, std::map<Instant, Span>> spans_;    // suspensions by their beginning
  std::map<Bond, std::string> denounced_;            // → file:line
};

}  // namespace comity::treaty
