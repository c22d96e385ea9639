#include "json/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace comity::json {
namespace {

constexpr std::size_t name_bytes_max = 60;   // of a member name in a path
constexpr std::size_t path_bytes_max = 300;  // of a path in a message
constexpr std::size_t word_bytes_max = 16;   // of what was found

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Follows the text up to an offset and knows then what encloses it and what may come next.
class Follower {
 public:
  Follower(std::string_view text, std::size_t offset, const Passed& passed)
      : text_(text.substr(0, offset)) {
    for (auto told = passed_bytes; next_ < text_.size(); step()) {
      if (!passed || next_ < told) continue;
      passed(next_);
      told = next_ + passed_bytes;
    }
  }

  bool in_string() const { return state_ == State::String; }

  std::string expected() const {
    switch (state_) {
      case State::Value:
        return "a JSON value";
      case State::ValueOrEnd:
        return "a JSON value or ]";
      case State::Name:
        return "a member name in double quotes (no comma before })";
      case State::NameOrEnd:
        return "a member name in double quotes or }";
      case State::Colon:
        return "a colon after the member name";
      case State::CommaOrEnd:
        return levels_.back().is_object ? "a comma or }" : "a comma or ]";
      case State::String:
        return "the rest of a string and its closing quote";
      case State::Number:
        return "a digit";
      case State::Literal:
        return "the rest of true, false or null";
      case State::Done:
        return "nothing after the value";
    }
    return "a JSON value";
  }

  std::string path() const {
    // Between two members or elements it is the container that is meant.
    const bool between = state_ == State::Name || state_ == State::NameOrEnd ||
                         state_ == State::CommaOrEnd || name_open_;
    std::string out = "$";
    for (std::size_t i = 0; i < levels_.size() - (between ? 1 : 0); ++i) {
      const auto& level = levels_[i];
      if (!level.is_object) {
        out += fmt::format("[{}]", level.index);
        continue;
      }
      const auto name = shortened(level.name, name_bytes_max);
      const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_' || c == '-';
      });
      out += plain ? "." + name : fmt::format("[\"{}\"]", name);
    }
    return shortened(out, path_bytes_max);
  }

 private:
  enum class State {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    Colon,
    CommaOrEnd,
    String,
    Number,
    Literal,
    Done
  };

  struct Level {
    bool is_object = false;
    std::string_view name;  // of the present member, as written
    std::size_t index = 0;  // of the present element
  };

  void end_value() { state_ = levels_.empty() ? State::Done : State::CommaOrEnd; }

  void step() {
    const char c = text_[next_];
    switch (c) {
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        break;
      case '{':
      case '[':
        levels_.push_back({c == '{', {}, 0});
        state_ = c == '{' ? State::NameOrEnd : State::ValueOrEnd;
        break;
      case '}':
      case ']':
        if (!levels_.empty()) levels_.pop_back();
        end_value();
        break;
      case ':':
        state_ = State::Value;
        break;
      case ',':
        if (levels_.empty()) break;
        state_ = levels_.back().is_object ? State::Name : State::Value;
        ++levels_.back().index;
        break;
      case '"':
        return string();
      default:
        return scalar();
    }
    ++next_;
  }

  void string() {
    const bool is_name = state_ == State::Name || state_ == State::NameOrEnd;
    const auto start = next_ + 1;
    for (next_ = start; next_ < text_.size() && text_[next_] != '"'; ++next_) {
      if (text_[next_] == '\\') ++next_;
    }
    if (next_ >= text_.size()) {
      state_ = State::String;
      name_open_ = is_name;
      return;
    }
    if (is_name) {
      levels_.back().name = text_.substr(start, next_ - start);
      state_ = State::Colon;
    } else {
      end_value();
    }
    ++next_;
  }

  void scalar() {
    const auto start = next_;
    next_ = std::min(text_.find_first_of(" \t\n\r,:]}[{\"", start), text_.size());
    const auto word = text_.substr(start, next_ - start);
    if (is_digit(word.back()) || word == "true" || word == "false" || word == "null") {
      end_value();
    } else {
      state_ = is_digit(word.front()) || word.front() == '-' ? State::Number : State::Literal;
    }
  }

  std::string_view text_;
  std::size_t next_ = 0;
  State state_ = State::Value;
  bool name_open_ = false;  // the string that does not end is a member name
  std::vector<Level> levels_;
};

std::string found_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "the end of the text";
  const char c = text[offset];
  if (is_letter(c)) {
    std::size_t end = offset;
    while (end < text.size() && is_letter(text[end]) && end - offset < word_bytes_max) ++end;
    return std::string(text.substr(offset, end - offset));
  }
  if (c > 0x20 && c < 0x7f) return fmt::format("'{}'", c);
  return fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(c));
}

// Where the line with `offset` is, from 1, and where it begins.
struct Line {
  std::size_t number = 1, start = 0;
};

Line line_at(std::string_view text, std::size_t offset, const Passed& passed) {
  Line out;
  for (std::size_t from = 0; from < offset; from += passed_bytes) {
    const auto piece = text.substr(from, std::min(passed_bytes, offset - from));
    const auto lines = std::count(piece.begin(), piece.end(), '\n');
    if (lines > 0) out.start = from + piece.rfind('\n') + 1;
    out.number += static_cast<std::size_t>(lines);
    if (passed) passed(from);
  }
  return out;
}

}  // namespace

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (text[bytes] & 0xc0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes)) + "...";
}

Place place_at(std::string_view text, std::size_t offset, const Passed& passed) {
  offset = std::min(offset, text.size());
  const auto line = line_at(text, offset, passed);
  const Follower follower(text, offset, passed);
  return {fmt::format("{}:{}", line.number, offset - line.start + 1), follower.path(),
          found_at(text, offset), follower.expected(), follower.in_string()};
}

}  // namespace comity::json
