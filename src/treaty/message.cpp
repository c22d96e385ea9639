#include "treaty/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

namespace comity::treaty {

// Reads the text from left to right, one character of look-ahead.
class MessageReader {
 public:
  explicit MessageReader(std::string_view text) : text_(text) {}

  Result<std::vector<Message::Part>> run() {
    auto parts = this->parts(0, false);
    if (parts && at_ != text_.size()) {
      return bad("found a closing brace without an opening one, expected text");
    }
    return parts;
  }

 private:
  using Part = Message::Part;
  using Use = Message::Use;

  tl::unexpected<Error> bad(const std::string& what) const {
    return fail(ErrorKind::InvalidInput, fmt::format("at byte {}: {}", at_ + 1, what));
  }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void blanks() {
    while (std::isspace(static_cast<unsigned char>(peek())) != 0) ++at_;
  }
  bool take(char sign) {
    blanks();
    if (peek() != sign) return false;
    ++at_;
    return true;
  }
  std::string word(std::string_view more) {
    blanks();
    const auto begin = at_;
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 ||
           (peek() != '\0' && more.find(peek()) != std::string_view::npos)) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  // Text and places up to a closing brace or the end.
  Result<std::vector<Part>> parts(std::size_t depth, bool counted) {
    if (depth > message_depth_max) return bad(fmt::format("nested deeper than {}", depth - 1));
    std::vector<Part> out;
    std::string literal;
    const auto flush = [&] {
      if (!literal.empty()) out.push_back({Use::Text, std::exchange(literal, {}), {}});
    };
    while (at_ < text_.size() && peek() != '}') {
      if (peek() == '{') {
        ++at_;
        flush();
        TRY(auto one, place(depth));
        out.push_back(std::move(one));
      } else if (peek() == '#' && counted) {
        ++at_;
        flush();
        out.push_back({Use::Count, {}, {}});
      } else if (peek() == '\'') {
        TRY_STATUS(quote(counted, literal));
      } else {
        literal += text_[at_++];
      }
    }
    flush();
    return out;
  }

  // '' is an apostrophe; before a sign of syntax ' quotes up to the next one.
  Status quote(bool counted, std::string& literal) {
    const auto follows = peek(1);
    if (follows == '\'') {
      literal += '\'';
      at_ += 2;
      return {};
    }
    if (follows != '{' && follows != '}' && !(follows == '#' && counted)) {
      literal += text_[at_++];
      return {};
    }
    for (++at_; at_ < text_.size(); ++at_) {
      if (peek() != '\'') {
        literal += peek();
      } else if (peek(1) == '\'') {
        literal += '\'';
        ++at_;
      } else {
        ++at_;
        return {};
      }
    }
    return bad("found a quotation that does not end");
  }

  Result<Part> place(std::size_t depth) {
    Part out;
    out.use = Use::Value;
    out.text = word("_");
    if (out.text.empty()) return bad("expected the name of a value");
    if (take('}')) return out;
    if (!take(',')) return bad("expected , or } behind the name of a value");
    const auto kind = word("");
    if (kind == "number") {
      out.use = Use::Number;
      if (!take('}')) return bad("expected } behind number");
      return out;
    }
    static const std::map<std::string, Use> uses = {
        {"plural", Use::Plural}, {"selectordinal", Use::Ordinal}, {"select", Use::Select}};
    const auto use = uses.find(kind);
    if (use == uses.end()) {
      return bad(fmt::format("found '{}', expected number, plural, selectordinal or select", kind));
    }
    out.use = use->second;
    if (!take(',')) return bad(fmt::format("expected , behind {}", kind));
    TRY_STATUS(options(depth, out));
    return out;
  }

  Status options(std::size_t depth, Part& out) {
    bool other = false;
    while (!take('}')) {
      const auto selector = word("=_-");
      if (selector.empty() || !take('{')) return bad("expected a selector and {");
      TRY(auto inner, parts(depth + 1, out.use != Use::Select));
      if (!take('}')) return bad("expected } behind a choice");
      other = other || selector == "other";
      out.options.push_back({selector, std::move(inner)});
    }
    return other ? Status{} : Status(bad("found a choice without other"));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Puts values into one message.
class Message::Writing {
 public:
  using Find = std::function<const MessageValue*(std::string_view)>;
  Writing(const std::string& language, const Find& find) : language_(language), find_(find) {}

  bool add(const std::vector<Part>& parts, std::optional<std::int64_t> count, std::string& out) {
    return std::all_of(parts.begin(), parts.end(), [&](const Part& part) {
      if (part.use == Use::Text) {
        out += part.text;
        return true;
      }
      if (part.use == Use::Count) {
        out += number_text(language_, count.value_or(0));
        return true;
      }
      const auto* value = find_(part.text);
      return value != nullptr && add(part, *value, count, out);
    });
  }

 private:
  static std::string plain(const MessageValue& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number != nullptr ? fmt::format("{}", *number) : std::get<std::string>(value);
  }

  bool add(const Part& part, const MessageValue& value, std::optional<std::int64_t> count,
           std::string& out) {
    if (part.use == Use::Value) {
      out += plain(value);
      return true;
    }
    if (part.use == Use::Select) return choose(part, plain(value), "", count, out);
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return false;
    if (part.use == Use::Number) {
      out += number_text(language_, *number);
      return true;
    }
    const auto category = part.use == Use::Plural ? plural_category(language_, *number)
                                                  : ordinal_category(language_, *number);
    return choose(part, fmt::format("={}", *number), category, *number, out);
  }

  // The option of that name, else of the second, else other.
  bool choose(const Part& part, std::string_view first, std::string_view second,
              std::optional<std::int64_t> count, std::string& out) {
    for (const auto wanted : {first, second, std::string_view("other")}) {
      const auto it = std::find_if(part.options.begin(), part.options.end(),
                                   [&](const Option& one) { return one.selector == wanted; });
      if (it != part.options.end()) return add(it->parts, count, out);
    }
    return false;
  }

  const std::string& language_;
  const Find& find_;
};

Result<Message> Message::parse(std::string_view text, const std::string& language) {
  Message out;
  out.language_ = language;
  TRY(out.parts_, MessageReader(text).run());
  return out;
}

std::string Message::text(
    const std::function<const MessageValue*(std::string_view name)>& value) const {
  std::string out;
  if (!Writing(language_, value).add(parts_, std::nullopt, out)) out.clear();
  return out;
}

// The rules of CLDR 42 for whole numbers.
std::string_view plural_category(std::string_view language, std::int64_t number) {
  const auto n = number < 0 ? -number : number;
  const auto ten = n % 10, hundred = n % 100;
  if (language == "ar") {
    if (n <= 2) return n == 0 ? "zero" : n == 1 ? "one" : "two";
    if (hundred >= 3 && hundred <= 10) return "few";
    return hundred >= 11 ? "many" : "other";
  }
  if (language == "ru") {
    if (ten == 1 && hundred != 11) return "one";
    return ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14) ? "few" : "many";
  }
  const bool many = n != 0 && n % 1'000'000 == 0;
  if (language == "fr") return n <= 1 ? "one" : many ? "many" : "other";
  if (language == "es") return n == 1 ? "one" : many ? "many" : "other";
  return language == "en" && n == 1 ? "one" : "other";
}

std::string_view ordinal_category(std::string_view language, std::int64_t number) {
  const auto n = number < 0 ? -number : number;
  const auto ten = n % 10, hundred = n % 100;
  if (language == "fr") return n == 1 ? "one" : "other";
  if (language != "en" || (hundred >= 11 && hundred <= 13)) return "other";
  return ten == 1 ? "one" : ten == 2 ? "two" : ten == 3 ? "few" : "other";
}

std::string number_text(std::string_view language, std::int64_t number) {
  // No-break blanks, so that a number stays in one line.
  const auto* separator = language == "fr"   ? "\u202F"
                          : language == "ru" ? "\u00A0"
                          : language == "es" ? "."
                                             : ",";
  const auto digits = fmt::format("{}", number < 0 ? -number : number);
  std::string out = number < 0 ? "-" : "";
  // Spanish separates from five digits on.
  const bool grouped = language != "es" || digits.size() > 4;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (grouped && i > 0 && (digits.size() - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out;
}

}  // namespace comity::treaty
