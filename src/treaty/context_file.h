// Reads what a register says beside law: sources.toml, bodies.toml, norms.toml, measures.toml and
// threats.toml. The form is docs/formats/register.md. Used by the register reader alone, on one
// thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "treaty/toml_reader.h"

namespace comity::treaty {

class ContextReader {
 public:
  // What is read is added to the context of the model. The lists hold what a file may name: all
  // ids of instruments, also of those that could not be read, and the codes of all parties.
  ContextReader(Model& model, const std::vector<std::string>& instruments, const Names& parties)
      : model_(model), instruments_(instruments), parties_(parties) {}

  // The files whose document this reader takes, for example "bodies.toml".
  static const std::vector<std::string>& files();
  // One document of these files. Unknown keys of its tables are problems; those of the root are
  // left to the caller.
  void read(TomlTable& root, ProblemList& problems);

 private:
  using Row = void (ContextReader::*)(TomlTable&);
  void each(TomlTable& root, ProblemList& problems, const char* key, Row row);
  void source(TomlTable& row);
  void body(TomlTable& row);
  void norm(TomlTable& row);
  void crosswalk(TomlTable& row);
  void measure(TomlTable& row);
  void taxonomy(TomlTable& root, ProblemList& problems);
  void mapping(TomlTable& row);
  void threat(TomlTable& row);
  void check_norms(TomlTable& root);

  std::string id_of(TomlTable& row, const std::string& kind);
  std::string instrument_of(TomlTable& row, Presence presence);
  std::string known_id(TomlTable& row, const char* key, const std::string& kind);
  // Strings that each stand in `names`; an empty list of names accepts all.
  std::vector<std::string> list_of(TomlTable& row, const char* key, const Names& names);

  Model& model_;
  const std::vector<std::string>& instruments_;
  const Names& parties_;
  std::map<std::string, std::map<std::string, std::string>> ids_;  // kind → id → file:line
  std::map<std::string, Names> classes_;                           // of the incident taxonomy
  Names object_types_;
};

}  // namespace comity::treaty
