#include "treaty/instrument_place.h"

#include <fmt/format.h>

namespace comity::treaty {
namespace {

constexpr std::string_view instrument_folder = "instruments/";

// The text between quotes behind the first `key`, with nothing but blanks and one equals sign
// between; empty when there is none. The loader reads the file: this only finds its place.
std::string first_value(const std::string& text, std::string_view key) {
  for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    // The end of a longer word is another key.
    const auto begins =
        at == 0 || std::string_view(" \t\n{,").find(text[at - 1]) != std::string_view::npos;
    if (!begins) continue;
    auto rest = std::string_view(text).substr(at + key.size());
    const auto quote = rest.find('"');
    if (quote == std::string_view::npos) return {};
    const auto between = rest.substr(0, quote);
    if (between.find_first_not_of(" =") != std::string_view::npos ||
        between.find('=') == std::string_view::npos) {
      continue;
    }
    rest.remove_prefix(quote + 1);
    return std::string(rest.substr(0, rest.find('"')));
  }
  return {};
}

bool has_file_name(std::string_view path, const std::string& id) {
  return path.starts_with(instrument_folder) && path.ends_with("/" + id + ".toml");
}

}  // namespace

Result<std::string> instrument_path(const RegisterFiles& files, const std::string& text) {
  const auto id = first_value(text, "id");
  const auto level = first_value(text, "level");
  const auto plain = [](const std::string& word) {
    return !word.empty() && word.find('/') == std::string::npos && word.front() != '.';
  };
  if (!plain(id) || !plain(level)) {
    return fail(ErrorKind::InvalidInput,
                "this is no instrument file: it has no id and level under [instrument]; comity "
                "treaty new writes one to begin with");
  }
  auto path = fmt::format("{}{}/{}.toml", instrument_folder, level, id);
  for (const auto& [known, ignored] : files) {
    if (has_file_name(known, id)) path = known;
  }
  return path;
}

}  // namespace comity::treaty
