#include "stix/pattern/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stix/pattern/characters.h"

namespace comity::stix::pattern {
namespace {

constexpr std::array<std::string_view, 18> keywords = {
    "AND", "EXISTS",  "FOLLOWEDBY", "IN",    "ISSUBSET", "ISSUPERSET", "LIKE",   "MATCHES", "NOT",
    "OR",  "REPEATS", "SECONDS",    "START", "STOP",     "TIMES",      "WITHIN", "false",   "true"};

// The longest first, so that the first that fits is the right one.
constexpr std::array<std::string_view, 16> marks = {"==", "!=", "<>", "<=", ">=", "=", "<", ">",
                                                    "[",  "]",  "(",  ")",  ":",  ".", ",", "*"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool goes_on_name(char c) { return begins_name(c) || is_digit(c); }

bool is_blank(std::uint32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : text_(text) {}

  Outcome<std::vector<Token>> all() {
    std::vector<Token> out;
    while (true) {
      if (auto skipped = skip(); !skipped) return tl::unexpected<Problem>(skipped.error());
      auto token = next();
      if (!token) return tl::unexpected<Problem>(std::move(token).error());
      out.push_back(*token);
      if (token->kind == TokenKind::End) return out;
      at_ = token->offset + token->text.size();
    }
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  tl::unexpected<Problem> refuse(std::size_t offset, std::string message) const {
    return tl::unexpected<Problem>(problem_at(text_, offset, std::move(message)));
  }

  // Blanks and comments.
  Outcome<bool> skip() {
    while (at_ < text_.size()) {
      if (text_.substr(at_, 2) == "/*") {
        const auto end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) {
          return refuse(at_, "found a comment without end, expected */ behind it");
        }
        at_ = end + 2;
        continue;
      }
      if (text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
        continue;
      }
      const auto character = character_at(text_, at_);
      if (!character) return refuse(at_, "found bytes that are no UTF-8");
      if (!is_blank(character->code_point)) break;
      at_ += character->bytes;
    }
    return true;
  }

  Token token(TokenKind kind, std::size_t length) const {
    return {kind, text_.substr(at_, length), at_};
  }

  Outcome<Token> next() {
    if (at_ == text_.size()) return token(TokenKind::End, 0);
    const char first = peek();
    if (first == '\'') return quoted(TokenKind::String, 1);
    if (peek(1) == '\'') {
      if (first == 'b') return quoted(TokenKind::Binary, 2);
      if (first == 'h') return quoted(TokenKind::Hex, 2);
      if (first == 't') return quoted(TokenKind::Timestamp, 2);
    }
    if (begins_name(first)) return name();
    if (const auto length = number_length(); length != 0) {
      const auto written = text_.substr(at_, length);
      return token(
          written.find('.') == std::string_view::npos ? TokenKind::Integer : TokenKind::Float,
          length);
    }
    for (const auto mark : marks) {
      if (text_.substr(at_, mark.size()) == mark) return token(TokenKind::Mark, mark.size());
    }
    const auto character = character_at(text_, at_);
    return refuse(
        at_, fmt::format("found {}, which begins nothing that a pattern can have",
                         first == '"' ? "\", where text stands between single quotes"
                                      : fmt::format("'{}'", text_.substr(at_, character->bytes))));
  }

  // The text up to the next quote that has no backslash before it.
  Outcome<Token> quoted(TokenKind kind, std::size_t before) {
    auto end = at_ + before;
    while (end < text_.size() && text_[end] != '\'') {
      const auto character = character_at(text_, end);
      if (!character) return refuse(end, "found bytes that are no UTF-8");
      if (text_[end] == '\\') {
        const char escaped = end + 1 < text_.size() ? text_[end + 1] : '\0';
        if (escaped != '\\' && escaped != '\'') {
          return refuse(end, "found a backslash alone, expected \\\\ or \\'");
        }
        ++end;
      }
      end += character->bytes;
    }
    if (end >= text_.size()) return refuse(at_, "found a quote that nothing closes, expected '");
    return token(kind, end + 1 - at_);
  }

  Token name() const {
    std::size_t length = 1;
    bool hyphen = false;
    while (goes_on_name(peek(length)) || peek(length) == '-') {
      hyphen = hyphen || peek(length) == '-';
      ++length;
    }
    if (hyphen) return token(TokenKind::HyphenName, length);
    const bool reserved = is_keyword(text_.substr(at_, length));
    return token(reserved ? TokenKind::Keyword : TokenKind::Name, length);
  }

  // Of a number that begins here; 0 when none does. A point belongs to it with digits behind only.
  std::size_t number_length() const {
    std::size_t length = peek() == '+' || peek() == '-' ? 1 : 0;
    const auto begin = length;
    while (is_digit(peek(length))) ++length;
    if (peek(length) == '.' && is_digit(peek(length + 1))) {
      ++length;
      while (is_digit(peek(length))) ++length;
    }
    return length == begin ? 0 : length;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Outcome<std::vector<Token>> tokens_of(std::string_view pattern) {
  return TokenReader(pattern).all();
}

bool is_keyword(std::string_view word) {
  return std::find(keywords.begin(), keywords.end(), word) != keywords.end();
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && begins_name(text.front()) &&
         std::all_of(text.begin(), text.end(), goes_on_name) && !is_keyword(text);
}

}  // namespace comity::stix::pattern
