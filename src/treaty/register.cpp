#include "treaty/register.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/file.h"
#include "treaty/instrument_file.h"

namespace comity::treaty {

Result<RegisterFiles> read_register(const std::string& directory) {
  TRY(auto paths, list_files(directory, ".toml"));
  TRY(const auto statements, list_files(directory, ".json"));
  std::copy_if(statements.begin(), statements.end(), std::back_inserter(paths),
               [](const auto& path) { return path.starts_with("verifications/"); });
  RegisterFiles files;
  std::uint64_t room = register_bytes_max;
  for (const auto& path : paths) {
    TRY(auto text, read_file(directory + "/" + path, room));
    room -= text.size();
    files.emplace(path, std::move(text));
  }
  return files;
}

std::string Problem::text() const {
  auto out = file;
  if (line > 0) out += fmt::format(":{}:{}", line, column);
  out += (out.empty() ? "" : ": ") + found;
  if (!expected.empty()) out += "; expected " + expected;
  if (!suggestion.empty()) out += fmt::format("; did you mean '{}'?", suggestion);
  return out;
}

tl::expected<std::shared_ptr<const Model>, std::vector<Problem>> load_register(
    const RegisterFiles& files, const std::optional<std::string>& exercise, RegisterCache* cache) {
  std::vector<Problem> problems;
  auto model = read_model(files, exercise, problems, cache);
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return std::make_shared<const Model>(std::move(model));
}

Error as_error(const std::vector<Problem>& problems) {
  Error error{ErrorKind::InvalidInput, {}, {}};
  for (const auto& problem : problems) {
    if (!error.message.empty()) error.message += '\n';
    error.message += problem.text();
  }
  return error;
}

Digest register_digest(const RegisterFiles& files, const std::optional<std::string>& exercise) {
  const auto asked = exercise ? "exercises/" + *exercise + ".toml" : std::string();
  Sha256 sum;
  for (const auto& [path, bytes] : files) {
    if (path.starts_with("exercises/") && path != asked) continue;
    const auto digest = sha256(bytes);
    sum.add(path).add("\n").add(hex(digest)).add("\n");
  }
  return sum.finish();
}

}  // namespace comity::treaty
