#include "stix/pattern/parse.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/bytes.h"
#include "base/result.h"
#include "stix/pattern/token.h"

namespace comity::stix::pattern {
namespace {

constexpr std::size_t shown_token_bytes_max = 40;

std::string in_words(const Token& token) {
  if (token.kind == TokenKind::End) return "the end of the pattern";
  std::string text(token.text);
  if (text.size() > shown_token_bytes_max) {
    cut_utf8(text, shown_token_bytes_max);
    text += "…";
  }
  // What has quotes of its own needs no others.
  return text.back() == '\'' ? text : fmt::format("'{}'", text);
}

// What is between the quotes, with escapes as what they stand for.
std::string unquoted(std::string_view token) {
  token.remove_prefix(token.find('\'') + 1);
  token.remove_suffix(1);
  std::string out;
  out.reserve(token.size());
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (token[at] == '\\') ++at;
    out.push_back(token[at]);
  }
  return out;
}

std::string lower_case(std::string_view digits) {
  std::string out(digits);
  for (auto& c : out) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

const char* type_in_words(const Constant& constant) {
  constexpr const char* names[] = {"a number", "a number",       "true or false",
                                   "a string", "a binary value", "a timestamp"};
  return names[constant.value.index()];
}

// Recursive descent. Functions return what they read, or leave the problem in `problem_`: the Error
// beside it only makes TRY work.
class PatternParser {
 public:
  PatternParser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  Outcome<Observation> all() {
    auto read = whole();
    if (!read) return tl::unexpected<Problem>(std::move(problem_));
    return *std::move(read);
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }

  bool take_keyword(std::string_view word) {
    if (!peek().is_keyword(word)) return false;
    ++at_;
    return true;
  }
  bool take_mark(std::string_view mark) {
    if (!peek().is_mark(mark)) return false;
    ++at_;
    return true;
  }

  tl::unexpected<Error> refuse(const Token& token, std::string message) {
    problem_ = problem_at(text_, token.offset, std::move(message));
    return fail(ErrorKind::InvalidInput, {});
  }
  tl::unexpected<Error> unexpected(const Token& token, std::string_view expected) {
    return refuse(token, fmt::format("found {}, expected {}", in_words(token), expected));
  }

  Status expect_mark(std::string_view mark, std::string_view expected) {
    if (take_mark(mark)) return {};
    return unexpected(peek(), expected);
  }
  Status expect_keyword(std::string_view word) {
    if (take_keyword(word)) return {};
    return unexpected(peek(), word);
  }

  Status count_node() {
    if (++nodes_ <= nodes_max) return {};
    return refuse(peek(),
                  fmt::format("found more than {} parts, expected a shorter pattern", nodes_max));
  }

  // Counts a parenthesis that is open while it lives.
  Status open(const Token& token) {
    if (++depth_ <= depth_max) return {};
    return refuse(token, fmt::format("found parentheses nested deeper than {}", depth_max));
  }
  void close() { --depth_; }

  Result<Observation> whole() {
    TRY(auto observation, followed_by());
    if (peek().kind != TokenKind::End) {
      return unexpected(peek(), "AND, OR, FOLLOWEDBY, WITHIN, REPEATS, START or the end");
    }
    return observation;
  }

  // --- observation expressions -----------------------------------------------------------------

  // One or more of what `read` reads, joined by `word`.
  Result<Observation> chain(Observation::Kind kind, std::string_view word,
                            Result<Observation> (PatternParser::*read)()) {
    TRY(auto first, (this->*read)());
    if (!peek().is_keyword(word)) return first;
    Observation out;
    out.kind = kind;
    join(out, std::move(first));
    while (take_keyword(word)) {
      TRY(auto next, (this->*read)());
      join(out, std::move(next));
    }
    return out;
  }

  static void join(Observation& chain, Observation operand) {
    if (operand.kind == chain.kind && operand.qualifiers.empty()) {
      for (auto& inner : operand.operands) chain.operands.push_back(std::move(inner));
    } else {
      chain.operands.push_back(std::move(operand));
    }
  }

  Result<Observation> followed_by() {
    return chain(Observation::Kind::FollowedBy, "FOLLOWEDBY", &PatternParser::any_observation);
  }
  Result<Observation> any_observation() {
    return chain(Observation::Kind::Or, "OR", &PatternParser::every_observation);
  }
  Result<Observation> every_observation() {
    return chain(Observation::Kind::And, "AND", &PatternParser::qualified);
  }

  Result<Observation> qualified() {
    TRY_STATUS(count_node());
    const auto token = peek();
    const bool grouped = token.is_mark("(");
    TRY(auto observation, grouped ? parenthesised() : simple());
    const auto is_qualifier = [&] {
      return peek().is_keyword("WITHIN") || peek().is_keyword("REPEATS") ||
             peek().is_keyword("START");
    };
    if (!is_qualifier()) return observation;
    if (grouped && observation.kind == Observation::Kind::Simple) {
      Observation group;
      group.kind = Observation::Kind::Group;
      group.operands.push_back(std::move(observation));
      observation = std::move(group);
    }
    while (is_qualifier()) {
      if (observation.qualifiers.size() == qualifiers_max) {
        return refuse(peek(), fmt::format("found more than {} qualifiers on one observation",
                                          qualifiers_max));
      }
      TRY(auto one, qualifier());
      observation.qualifiers.push_back(std::move(one));
    }
    return observation;
  }

  Result<Observation> parenthesised() {
    const auto token = take();
    TRY_STATUS(open(token));
    TRY(auto observation, followed_by());
    TRY_STATUS(expect_mark(")", "AND, OR, FOLLOWEDBY, a qualifier or )"));
    close();
    return observation;
  }

  Result<Observation> simple() {
    TRY_STATUS(expect_mark("[", "[ or ("));
    Observation out;
    TRY(out.comparison, any_comparison());
    TRY_STATUS(expect_mark("]", "AND, OR or ]"));
    return out;
  }

  Result<Qualifier> qualifier() {
    TRY_STATUS(count_node());
    Qualifier out;
    out.place.offset = peek().offset;
    if (take_keyword("WITHIN")) {
      const auto token = take();
      TRY(out.seconds, positive_number(token));
      TRY_STATUS(expect_keyword("SECONDS"));
      return out;
    }
    if (take_keyword("REPEATS")) {
      out.kind = Qualifier::Kind::Repeats;
      const auto token = take();
      if (token.kind != TokenKind::Integer) return unexpected(token, "how often: 1, 2, 3 …");
      TRY(out.times, integer(token));
      if (out.times < 1) return unexpected(token, "a number of at least 1");
      TRY_STATUS(expect_keyword("TIMES"));
      return out;
    }
    take();
    out.kind = Qualifier::Kind::StartStop;
    TRY(out.start, timestamp(take()));
    TRY_STATUS(expect_keyword("STOP"));
    TRY(out.stop, timestamp(take()));
    return out;
  }

  // --- comparison expressions ------------------------------------------------------------------

  Result<Comparison> comparison_chain(Comparison::Kind kind, std::string_view word,
                                      Result<Comparison> (PatternParser::*read)()) {
    TRY(auto first, (this->*read)());
    if (!peek().is_keyword(word)) return first;
    Comparison out;
    out.kind = kind;
    const auto join_one = [&](Comparison operand) {
      if (operand.kind != kind) {
        out.operands.push_back(std::move(operand));
        return;
      }
      for (auto& inner : operand.operands) out.operands.push_back(std::move(inner));
    };
    join_one(std::move(first));
    while (take_keyword(word)) {
      TRY(auto next, (this->*read)());
      join_one(std::move(next));
    }
    return out;
  }

  Result<Comparison> any_comparison() {
    return comparison_chain(Comparison::Kind::Or, "OR", &PatternParser::every_comparison);
  }
  Result<Comparison> every_comparison() {
    return comparison_chain(Comparison::Kind::And, "AND", &PatternParser::one_comparison);
  }

  Result<Comparison> one_comparison() {
    TRY_STATUS(count_node());
    const auto token = peek();
    if (take_mark("(")) {
      TRY_STATUS(open(token));
      TRY(auto inner, any_comparison());
      TRY_STATUS(expect_mark(")", "AND, OR or )"));
      close();
      return inner;
    }
    Comparison out;
    TRY(out.test, test());
    return out;
  }

  Result<Test> test() {
    Test out;
    out.place.offset = peek().offset;
    out.negated = take_keyword("NOT");
    if (take_keyword("EXISTS")) {
      out.comparison = Operator::Exists;
      TRY(out.path, path());
      return out;
    }
    if (out.negated) return unexpected(peek(), "EXISTS; elsewhere NOT stands before the operator");
    TRY(out.path, path());
    out.negated = take_keyword("NOT");
    const auto operator_token = take();
    TRY(out.comparison, comparison_operator(operator_token));
    if (out.comparison == Operator::In) {
      TRY(out.constants, set());
      return out;
    }
    const auto token = take();
    TRY(auto one, constant(token));
    if (!may_compare(out.comparison, one)) {
      return unexpected(token, out.comparison >= Operator::Like
                                   ? fmt::format("a string behind {}", operator_token.text)
                                   : "a constant that has an order");
    }
    out.constants.push_back(std::move(one));
    return out;
  }

  static bool may_compare(Operator comparison, const Constant& constant) {
    if (comparison >= Operator::Like) return std::holds_alternative<std::string>(constant.value);
    const bool ordered = comparison >= Operator::Less && comparison <= Operator::GreaterOrEqual;
    return !ordered || !std::holds_alternative<bool>(constant.value);
  }

  Result<Operator> comparison_operator(const Token& token) {
    constexpr std::pair<std::string_view, Operator> all[] = {{"=", Operator::Equal},
                                                             {"==", Operator::Equal},
                                                             {"!=", Operator::NotEqual},
                                                             {"<>", Operator::NotEqual},
                                                             {"<", Operator::Less},
                                                             {"<=", Operator::LessOrEqual},
                                                             {">", Operator::Greater},
                                                             {">=", Operator::GreaterOrEqual},
                                                             {"IN", Operator::In},
                                                             {"LIKE", Operator::Like},
                                                             {"MATCHES", Operator::Matches},
                                                             {"ISSUBSET", Operator::IsSubset},
                                                             {"ISSUPERSET", Operator::IsSuperset}};
    if (token.kind == TokenKind::Mark || token.kind == TokenKind::Keyword) {
      for (const auto& [text, comparison] : all) {
        if (token.text == text) return comparison;
      }
    }
    return unexpected(token,
                      "=, !=, <, <=, >, >=, IN, LIKE, MATCHES, ISSUBSET or ISSUPERSET, or one more "
                      "step of the path");
  }

  Result<std::vector<Constant>> set() {
    std::vector<Constant> out;
    TRY_STATUS(expect_mark("(", "a set: ( with constants between commas"));
    if (take_mark(")")) return out;
    do {
      const auto token = take();
      TRY(auto one, constant(token));
      if (!out.empty() && std::string_view(type_in_words(out.front())) != type_in_words(one)) {
        return unexpected(token, fmt::format("{}: a set holds constants of one type",
                                             type_in_words(out.front())));
      }
      out.push_back(std::move(one));
    } while (take_mark(","));
    TRY_STATUS(expect_mark(")", ", or )"));
    return out;
  }

  Result<Path> path() {
    Path out;
    const auto type = take();
    out.place.offset = type.offset;
    if (type.kind != TokenKind::Name && type.kind != TokenKind::HyphenName) {
      return unexpected(type, "a type of object, NOT EXISTS, EXISTS or (");
    }
    out.type = type.text;
    TRY_STATUS(expect_mark(":", ": and a property behind the type of object"));
    TRY(auto first, key());
    out.steps.push_back(std::move(first));
    while (true) {
      if (take_mark(".")) {
        TRY(auto next, key());
        out.steps.push_back(std::move(next));
      } else if (take_mark("[")) {
        TRY(auto next, element());
        out.steps.push_back(std::move(next));
      } else {
        return out;
      }
    }
  }

  Result<Step> key() {
    TRY_STATUS(count_node());
    const auto token = take();
    if (token.kind == TokenKind::Name) return Step{Step::Kind::Key, std::string(token.text), 0};
    if (token.kind == TokenKind::String) return Step{Step::Kind::Key, unquoted(token.text), 0};
    if (token.kind == TokenKind::HyphenName || token.kind == TokenKind::Keyword) {
      return unexpected(token, fmt::format("it between quotes: '{}'", token.text));
    }
    return unexpected(token, "the name of a property");
  }

  Result<Step> element() {
    TRY_STATUS(count_node());
    Step out;
    if (take_mark("*")) {
      out.kind = Step::Kind::Every;
    } else {
      out.kind = Step::Kind::Index;
      const auto token = take();
      if (token.kind != TokenKind::Integer) return unexpected(token, "* or a number");
      TRY(out.index, integer(token));
    }
    TRY_STATUS(expect_mark("]", "]"));
    return out;
  }

  // --- constants -------------------------------------------------------------------------------

  Result<Constant> constant(const Token& token) {
    TRY_STATUS(count_node());
    Constant out;
    out.place.offset = token.offset;
    switch (token.kind) {
      case TokenKind::Integer: {
        TRY(out.value, integer(token));
        return out;
      }
      case TokenKind::Float: {
        TRY(out.value, number(token));
        return out;
      }
      case TokenKind::String:
        out.value = unquoted(token.text);
        return out;
      case TokenKind::Binary:
      case TokenKind::Hex: {
        const bool is_hex = token.kind == TokenKind::Hex;
        const auto inner = token.text.substr(2, token.text.size() - 3);
        auto bytes = is_hex ? from_hex(lower_case(inner)) : from_base64(inner);
        if (!bytes) return unexpected(token, is_hex ? "pairs of hexadecimal digits" : "base64");
        out.value = Binary{*std::move(bytes)};
        return out;
      }
      case TokenKind::Timestamp: {
        TRY(out.value, timestamp(token));
        return out;
      }
      default:
        break;
    }
    if (token.is_keyword("true") || token.is_keyword("false")) {
      out.value = token.text == "true";
      return out;
    }
    return unexpected(token, "a constant: a number, 'text', true, false, t'…', h'…' or b'…'");
  }

  // The digits of a number, without a + that charconv does not know. A 0 before digits is refused.
  Result<std::string_view> digits(const Token& token) {
    auto text = token.text;
    if (text.front() == '+') text.remove_prefix(1);
    const auto behind = text.front() == '-' ? text.substr(1) : text;
    if (token.kind == TokenKind::Integer && behind.size() > 1 && behind.front() == '0') {
      return unexpected(token, "a number without 0 before its digits");
    }
    return text;
  }

  Result<std::int64_t> integer(const Token& token) {
    TRY(const auto text, digits(token));
    std::int64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
      return unexpected(token, "an integer of at most 64 bits");
    }
    return value;
  }

  Result<double> number(const Token& token) {
    TRY(const auto text, digits(token));
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value).ec;
    if (read != std::errc() || !std::isfinite(value)) {
      return unexpected(token, "a number that a double can hold");
    }
    return value;
  }

  Result<double> positive_number(const Token& token) {
    constexpr const char* expected = "a number of seconds above 0";
    if (token.kind != TokenKind::Integer && token.kind != TokenKind::Float) {
      return unexpected(token, expected);
    }
    TRY(const auto value, number(token));
    if (value <= 0) return unexpected(token, expected);
    return value;
  }

  Result<Timestamp> timestamp(const Token& token) {
    if (token.kind == TokenKind::Timestamp) {
      if (auto read = read_timestamp(unquoted(token.text))) return *std::move(read);
    }
    return unexpected(token, "a timestamp: t'2016-01-01T00:00:00Z', upper case, in UTC");
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
  std::size_t depth_ = 0;
  Problem problem_;
};

}  // namespace

Outcome<Observation> parse(std::string_view pattern) {
  if (pattern.size() > pattern_bytes_max) {
    return tl::unexpected<Problem>(
        problem_at("", 0,
                   fmt::format("found a pattern of {} bytes, expected at most {}", pattern.size(),
                               pattern_bytes_max)));
  }
  auto tokens = tokens_of(pattern);
  if (!tokens) return tl::unexpected<Problem>(std::move(tokens).error());
  return PatternParser(pattern, *std::move(tokens)).all();
}

}  // namespace comity::stix::pattern
