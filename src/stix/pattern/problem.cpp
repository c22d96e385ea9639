#include "stix/pattern/problem.h"

#include <fmt/format.h>

#include <algorithm>

#include "stix/pattern/characters.h"

namespace comity::stix::pattern {
namespace {

constexpr std::size_t shown_before_max = 60;  // characters of the line before the caret
constexpr std::size_t shown_behind_max = 40;  // and behind it

// The length of what stands at `at`; bytes that are no UTF-8 count one by one.
std::size_t step_at(std::string_view text, std::size_t at) {
  const auto character = character_at(text, at);
  return character ? character->bytes : 1;
}

// As a terminal can show it in one column: no control characters, no broken UTF-8.
std::string shown(std::string_view character) {
  const auto read = character_at(character, 0);
  if (!read) return "\xEF\xBF\xBD";
  const auto code = read->code_point;
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return " ";
  return std::string(character);
}

}  // namespace

Problem problem_at(std::string_view pattern, std::size_t offset, std::string message) {
  Problem problem;
  problem.message = std::move(message);
  const auto end = std::min(offset, pattern.size());
  for (std::size_t at = 0; at < end;) {
    if (pattern[at] == '\n') {
      ++problem.line;
      problem.column = 1;
      ++at;
      continue;
    }
    ++problem.column;
    at += step_at(pattern, at);
  }
  return problem;
}

std::string show(std::string_view pattern, const Problem& problem) {
  for (std::size_t line = 1; line < problem.line; ++line) {
    const auto end = pattern.find('\n');
    if (end == std::string_view::npos) break;
    pattern.remove_prefix(end + 1);
  }
  pattern = pattern.substr(0, pattern.find('\n'));
  const auto first =
      problem.column > shown_before_max + 1 ? problem.column - shown_before_max : std::size_t{1};
  std::string text = first > 1 ? "…" : "";
  std::string caret(first > 1 ? 1 : 0, ' ');
  std::size_t column = 1;
  for (std::size_t at = 0; at < pattern.size(); ++column) {
    const auto step = step_at(pattern, at);
    if (column > problem.column + shown_behind_max) {
      text += "…";
      break;
    }
    if (column >= first) text += shown(pattern.substr(at, step));
    at += step;
  }
  caret.append(problem.column - first, ' ');
  return fmt::format("{}:{}: {}\n  {}\n  {}^", problem.line, problem.column, problem.message, text,
                     caret);
}

}  // namespace comity::stix::pattern
