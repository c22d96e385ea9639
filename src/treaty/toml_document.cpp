#include "treaty/toml_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

// toml++ asserts that a header begins with a key, which a file like "[=" violates; the code behind
// the assertion reports it as an error. With NDEBUG the assertion would become an assumption of the
// compiler.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace comity::treaty {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// What toml++ 3.3 must not be given, although TOML 1.0 has an answer for it.
struct Refusal {
  std::size_t place;  // byte of the file
  std::string found, expected;
};

// The place behind the string that begins at `begin`.
std::size_t string_end(std::string_view text, std::size_t begin) {
  const char delimiter = text[begin];
  const std::string triple(3, delimiter);
  const bool multiline = text.substr(begin).starts_with(triple);
  const auto quote = text.substr(begin, multiline ? 3 : 1);
  auto i = begin + quote.size();
  while (i < text.size() && !text.substr(i).starts_with(quote)) {
    i += text[i] == '\\' && delimiter == '"' ? 2 : 1;
  }
  i = std::min(i + quote.size(), text.size());
  // A string of several lines may end in up to two more quotes that belong to it.
  while (multiline && i < text.size() && text[i] == delimiter) ++i;
  return i;
}

// Strings and comments are skipped the way TOML 1.0 delimits them. Behind the first malformed one
// nothing matters, for toml++ stops there.
std::optional<Refusal> refusal(std::string_view text) {
  int parts = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = string_end(text, i) - 1;
      continue;
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
      continue;
    }
    if (!is_ascii(c)) {
      return Refusal{i, "a character beyond ASCII", "such characters only in strings and comments"};
    }
    if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') parts = 1;
    // toml++ destroys tables by recursion, without a bound on the parts of a key: a hostile key
    // would use up the stack.
    if (c == '.' && ++parts > key_parts_max) {
      return Refusal{text.rfind('\n', i) + 1, "a key of too many parts",
                     fmt::format("at most {} parts between dots", key_parts_max)};
    }
  }
  return std::nullopt;
}

Position position_at(std::string_view text, std::size_t place) {
  const auto before = text.substr(0, place);
  const auto line = before.substr(before.rfind('\n') + 1);
  const auto starts =
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(starts) + 1};
}

Position position_of(const toml::source_region& region) {
  return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

// The length of the UTF-8 sequence (RFC 3629) that begins at `place`; 0 when it is none.
std::size_t sequence_bytes(std::string_view text, std::size_t place) {
  const auto byte = [&](std::size_t offset) {
    return place + offset < text.size() ? static_cast<unsigned char>(text[place + offset]) : 0U;
  };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xc2 && first < 0xe0   ? 2
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const auto second = byte(1);
  const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return wrong ? 0 : length;
}

// An ASCII mark that the text holds neither as it is nor as an escape; NUL when it holds all.
char unused_character(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const char candidate : std::string_view("~^`|;!?$%&*@<>()/")) {
    const auto code = fmt::format("00{:02x}", static_cast<unsigned>(candidate));
    if (text.find(candidate) == text.npos && lower.find("\\u" + code) == lower.npos &&
        lower.find("\\u0000" + code) == lower.npos) {
      return candidate;
    }
  }
  return '\0';
}

// toml++ 3.3 asks whether characters beyond ASCII are blanks in a way that is undefined for many
// letters, wherever it looks ahead. So it is never shown one: each is replaced by one ASCII
// character that the file does not use, which keeps lines and columns, and put back into strings
// and keys afterwards.
class StandIn {
 public:
  // Nothing, and `wrong` set, when the text is no UTF-8 or uses every character that could stand
  // in.
  static std::optional<StandIn> make(const std::string& text, Refusal& wrong) {
    StandIn out;
    out.character_ = unused_character(text);
    Position position{1, 1};
    for (std::size_t i = 0; i < text.size();) {
      const auto length = sequence_bytes(text, i);
      if (length == 0) {
        wrong = {i, "bytes that are no UTF-8", "TOML 1.0 in UTF-8"};
        return std::nullopt;
      }
      if (length == 1) {
        out.text_ += text[i];
      } else if (out.character_ == '\0') {
        wrong = {i, "a character beyond ASCII beside every mark that ASCII has",
                 "a file without at least one of ~ ^ ` | ;"};
        return std::nullopt;
      } else {
        out.text_ += out.character_;
        out.originals_.emplace_back(std::pair(position.line, position.column),
                                    text.substr(i, length));
      }
      position = text[i] == '\n' ? Position{position.line + 1, 1}
                                 : Position{position.line, position.column + 1};
      i += length;
    }
    return out;
  }

  const std::string& text() const { return text_; }

  // The content of a string or key that begins at `begin`, with the characters that stood there.
  // Those of a comment behind it come after its own and are not used.
  std::string restored(std::string_view content, Position begin) const {
    auto original =
        std::lower_bound(originals_.begin(), originals_.end(), std::pair(begin.line, begin.column),
                         [](const auto& entry, const auto& place) { return entry.first < place; });
    std::string out;
    for (const char c : content) {
      if (c == character_ && original != originals_.end()) {
        out += (original++)->second;
      } else {
        out += c;
      }
    }
    return out;
  }

 private:
  char character_ = '\0';
  std::string text_;
  std::vector<std::pair<std::pair<int, int>, std::string>> originals_;  // by (line, column)
};

// An instant of UTC that keeps to microseconds, as RFC 3339 has it; nothing for other times.
std::string utc_text(const toml::date_time& value) {
  const auto& time = value.time;
  if (!value.offset || value.offset->minutes != 0 || time.nanosecond % 1000 != 0) return {};
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", value.date.year, value.date.month,
                          value.date.day, time.hour, time.minute, time.second);
  if (time.nanosecond != 0) text += fmt::format(".{:06}", time.nanosecond / 1000);
  return text + "Z";
}

TomlNode converted(const toml::node& node, const StandIn& stand_in) {
  using Kind = TomlNode::Kind;
  TomlNode out;
  out.position = position_of(node.source());
  if (const auto* table = node.as_table()) {
    for (auto&& [key, value] : *table) {
      const auto place = position_of(key.source());
      out.entries.push_back(
          {stand_in.restored(key.str(), place), place, converted(value, stand_in)});
    }
    std::sort(out.entries.begin(), out.entries.end(),
              [](const TomlEntry& a, const TomlEntry& b) { return a.key < b.key; });
  } else if (const auto* array = node.as_array()) {
    out.kind = Kind::Array;
    for (auto&& item : *array) out.items.push_back(converted(item, stand_in));
  } else if (const auto* string = node.as_string()) {
    out.kind = Kind::String;
    out.text = stand_in.restored(string->get(), out.position);
  } else if (const auto* integer = node.as_integer()) {
    out.kind = Kind::Integer;
    out.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    out.kind = Kind::Float;
    out.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = Kind::Boolean;
    out.boolean = boolean->get();
  } else if (const auto* date = node.as_date()) {
    const auto& day = date->get();
    out.kind = Kind::Date;
    out.text = fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day);
  } else {
    out.kind = Kind::Time;
    if (const auto* instant = node.as_date_time()) out.text = utc_text(instant->get());
  }
  return out;
}

}  // namespace

std::optional<TomlNode> parse_toml(const std::string& file, const std::string& text,
                                   ProblemList& problems) {
  if (auto refused = refusal(text)) {
    problems.add(file, position_at(text, refused->place), std::move(refused->found),
                 std::move(refused->expected));
    return std::nullopt;
  }
  Refusal wrong;
  const auto stand_in = StandIn::make(text, wrong);
  if (!stand_in) {
    problems.add(file, position_at(text, wrong.place), wrong.found, wrong.expected);
    return std::nullopt;
  }
  const auto result = toml::parse(stand_in->text());
  if (!result) {
    problems.add(file, position_of(result.error().source()),
                 std::string(result.error().description()), "TOML 1.0 in UTF-8");
    return std::nullopt;
  }
  return converted(result.table(), *stand_in);
}

}  // namespace comity::treaty
