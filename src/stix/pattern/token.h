// The words of a pattern (STIX 2.1, section 9: the lexical rules of the patterning grammar). Tokens
// look into the text that they were cut from, which must outlive them. Pure; any thread may use it.
#pragma once

#include <string_view>
#include <vector>

#include "stix/pattern/problem.h"

namespace comity::stix::pattern {

enum class TokenKind {
  Name,        // letters, digits and _
  HyphenName,  // the same with hyphens: a type of object only
  Keyword,     // AND, NOT, WITHIN …, true, false: upper and lower case as here
  Integer,
  Float,
  String,     // 'text'
  Binary,     // b'base64'
  Hex,        // h'hexadecimal'
  Timestamp,  // t'RFC 3339 in UTC'
  Mark,       // [ ] ( ) : . , * and the operators
  End,
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::string_view text;   // with its quotes and its letter before them
  std::size_t offset = 0;  // in bytes

  bool is(TokenKind wanted, std::string_view as) const { return kind == wanted && text == as; }
  bool is_keyword(std::string_view word) const { return is(TokenKind::Keyword, word); }
  bool is_mark(std::string_view mark) const { return is(TokenKind::Mark, mark); }
};

// All tokens, the last of which is End; blanks and comments are left out.
Outcome<std::vector<Token>> tokens_of(std::string_view pattern);

// Whether the grammar gives this word another meaning than that of a name.
bool is_keyword(std::string_view word);

// Whether this can stand in a path without quotes.
bool is_plain_name(std::string_view text);

}  // namespace comity::stix::pattern
