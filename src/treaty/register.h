// A register as files, and its way into a checked Model. The form is docs/formats/register.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "treaty/model.h"

namespace comity::treaty {

constexpr std::size_t register_bytes_max = 16 * 1024 * 1024;  // all files together
constexpr std::size_t problems_max = 100;                     // more are counted, not kept

// Relative path → bytes, for example "instruments/bilateral/ru-cn-2015.toml".
using RegisterFiles = std::map<std::string, std::string>;

// Every *.toml below a folder, and verifications/*.json.
Result<RegisterFiles> read_register(const std::string& directory);

// One thing wrong in one place.
struct Problem {
  std::string file;
  int line = 0, column = 0;
  std::string found, expected, suggestion;
  bool unsourced = false;  // a fact of the register says not, or not in our marks, where it is from
  // "file:line:column: found; expected …; did you mean …?"
  std::string text() const;
};

class RegisterCache;  // register_cache.h

// The model, or every problem found. `exercise` names exercises/<name>.toml to merge in. With a
// cache, which may be null, only files that changed since its last load are read.
tl::expected<std::shared_ptr<const Model>, std::vector<Problem>> load_register(
    const RegisterFiles& files, const std::optional<std::string>& exercise,
    RegisterCache* cache = nullptr);

// All problems as one Error (InvalidInput), one line each.
Error as_error(const std::vector<Problem>& problems);

// The digest as docs/formats/register.md defines it.
Digest register_digest(const RegisterFiles& files, const std::optional<std::string>& exercise);

}  // namespace comity::treaty
