// Reads overlays/<party>.toml: what a party's own law narrows. The form is
// docs/formats/register.md. Whatever would widen is a problem, so a register that holds it does not
// load. Used by the register reader alone, on one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "treaty/toml_reader.h"

namespace comity::treaty {

constexpr std::size_t overlay_rules_max = 256;  // of one party

// "overlay-xa", and the name of the file without folder and .toml.
std::string overlay_id(const std::string& party_code);
std::string overlay_path(const std::string& party_code);

class OverlayReader {
 public:
  // How the register reader reads a date that may be partly known.
  using ReadDate = std::function<std::optional<DateFact>(TomlTable& row, const char* key,
                                                         const std::string& provenance)>;

  // What is read is added to the model, which outlives the reader and holds vocabulary, parties and
  // instruments already. An empty list of parties is one that could not be read.
  OverlayReader(Model& model, const Names& parties, ProblemList& problems, ReadDate date)
      : model_(model), parties_(parties), problems_(problems), date_(std::move(date)) {}

  // One file. Unknown keys of its tables are problems; those of the root are left to the caller.
  void read(TomlTable& root);

 private:
  std::optional<Overlay> head(TomlTable& row);
  std::string title(TomlTable& row);
  OverlayRule rule(TomlTable& row);
  void verb(TomlTable& row, OverlayRule& rule);
  void actions(TomlTable& row, OverlayRule& rule);
  void dimensions(TomlTable& row, OverlayRule& rule);
  void needs(TomlTable& row, OverlayRule& rule);
  void times(TomlTable& row, OverlayRule& rule);

  Model& model_;
  const Names& parties_;
  ProblemList& problems_;
  ReadDate date_;
};

}  // namespace comity::treaty
