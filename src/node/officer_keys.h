// The key files of officers on the command line: opened under their passphrases, used to sign one
// act, and let go. Passphrases come from files or from the terminal, never from the environment or
// the command line itself, where others could read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "trust/keys.h"

namespace comity::node {

// Passphrases in the order in which they are asked for: first the files, then the terminal.
class Passphrases {
 public:
  explicit Passphrases(std::vector<std::string> files) : files_(std::move(files)) {}
  // `what` is named in the question. `twice`: a new passphrase, typed twice on a terminal.
  Result<std::string> next(const std::string& what, bool twice);

 private:
  std::vector<std::string> files_;
  std::size_t used_ = 0;
};

Result<trust::SigningKey> open_key_file(const std::string& path, Passphrases& passphrases);

// The public key of the file, which is made when there is none.
Result<std::string> key_file_for(const std::string& path, Passphrases& passphrases);

// The approval of a command with these arguments at the node in `directory`, signed with these key
// files, as the argument `approval`.
Result<json::Object> approval_by(const std::string& directory, std::string_view command,
                                 const json::Object& arguments,
                                 const std::vector<std::string>& key_files,
                                 Passphrases& passphrases);

}  // namespace comity::node
