#include "json/write.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace comity::json {
namespace {

constexpr std::size_t indent_blanks = 2;

void append_integer(std::string& out, std::int64_t value) {
  CHECK(value >= -integer_max && value <= integer_max);
  char buffer[24];
  const char* end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(static_cast<const char*>(buffer), end);
}

// Number::toString of ECMA-262, which RFC 8785 section 3.2.2.3 prescribes: std::to_chars finds the
// same shortest digits, only their layout differs.
void append_number(std::string& out, double value) {
  CHECK(std::isfinite(value));
  if (value == 0) return out.push_back('0');
  if (value < 0) out.push_back('-');
  char buffer[40];
  const char* begin = buffer;
  const char* end =
      std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific)
          .ptr;
  const char* mark = std::find(begin, end, 'e');
  std::string digits(1, *begin);
  if (mark - begin > 2) digits.append(begin + 2, mark);
  int exponent = 0;
  std::from_chars(mark[1] == '+' ? mark + 2 : mark + 1, end, exponent);

  const auto count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // how many digits stand left of the decimal point
  if (count <= point && point <= 21) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits.insert(static_cast<std::size_t>(point), "."));
  } else if (-6 < point && point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else {
    if (count > 1) digits.insert(1, ".");
    out.append(digits).append(exponent < 0 ? "e-" : "e+");
    out.append(std::to_string(std::abs(exponent)));
  }
}

// A mark of its own keeps a double a double: "1" would be read back as an integer.
void append_typed_number(std::string& out, double value) {
  const auto start = out.size();
  if (value == 0 && std::signbit(value)) out.push_back('-');
  append_number(out, value);
  if (out.find_first_of(".e", start) == std::string::npos) out.append(".0");
}

// The order of UTF-16 code units on UTF-8 bytes. It differs from the order of bytes in one point:
// characters beyond U+FFFF (first byte F0 to F4) are surrogates there, below U+E000 (EE and EF).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (right == b.end()) return false;
  if (left == a.end()) return true;
  const auto rank = [](char c) {
    const int byte = static_cast<unsigned char>(c);
    return byte == 0xee || byte == 0xef ? byte + 0x100 : byte;
  };
  return rank(*left) < rank(*right);
}

// One of the three forms of output; the tree is walked in one place for all.
class Writer {
 public:
  enum class Form { Compact, Pretty, Canonical };

  explicit Writer(Form form) : form_(form) {}

  std::string finish() { return std::move(out_); }

  void add(const Value& value) {
    if (const auto* text = value.string()) return append_string(out_, *text);
    if (const auto* object = value.object()) return add_object(*object);
    if (const auto* array = value.array()) return add_array(*array);
    if (const auto* integer = value.integer()) return append_integer(out_, *integer);
    if (const auto* number = value.number()) {
      return form_ == Form::Canonical ? append_number(out_, *number)
                                      : append_typed_number(out_, *number);
    }
    const auto* boolean = value.boolean();
    out_.append(boolean == nullptr ? "null" : *boolean ? "true" : "false");
  }

 private:
  void add_array(const Array& array) {
    open('[');
    for (const auto& element : array) {
      next();
      add(element);
    }
    close(']', array.empty());
  }

  void add_object(const Object& object) {
    open('{');
    if (form_ == Form::Canonical) {
      std::vector<const Member*> sorted;
      sorted.reserve(object.size());
      for (const auto& member : object) sorted.push_back(&member);
      std::sort(sorted.begin(), sorted.end(),
                [](const Member* a, const Member* b) { return utf16_less(a->first, b->first); });
      for (const auto* member : sorted) add_member(*member);
    } else {
      for (const auto& member : object) add_member(member);
    }
    close('}', object.empty());
  }

  void add_member(const Member& member) {
    next();
    append_string(out_, member.first);
    out_.append(form_ == Form::Pretty ? ": " : ":");
    add(member.second);
  }

  void open(char bracket) {
    out_.push_back(bracket);
    ++depth_;
    first_ = true;
  }

  void next() {
    if (!first_) out_.push_back(',');
    first_ = false;
    break_line();
  }

  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) break_line();
    out_.push_back(bracket);
    first_ = false;
  }

  void break_line() {
    if (form_ != Form::Pretty) return;
    out_.push_back('\n');
    out_.append(depth_ * indent_blanks, ' ');
  }

  Form form_;
  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;  // nothing stands yet between the innermost open bracket and the end
};

std::string written(const Value& value, Writer::Form form) {
  Writer writer(form);
  writer.add(value);
  return writer.finish();
}

bool must_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::string_view named = "\b\t\n\f\r\"\\";
  constexpr std::string_view letters = "btnfr\"\\";
  out.push_back('\\');
  if (const auto index = named.find(c); index != std::string_view::npos) {
    out.push_back(letters[index]);
    return;
  }
  out.append("u00");
  out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
  out.push_back(digits[static_cast<unsigned char>(c) & 15]);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (;;) {
    const auto stop = std::find_if(text.begin(), text.end(), must_escape);
    const auto plain = static_cast<std::size_t>(stop - text.begin());
    out.append(text.substr(0, plain));
    if (stop == text.end()) break;
    append_escape(out, *stop);
    text.remove_prefix(plain + 1);
  }
  out.push_back('"');
}

std::string write(const Value& value) { return written(value, Writer::Form::Compact); }

std::string write_pretty(const Value& value) { return written(value, Writer::Form::Pretty); }

std::string canonical(const Value& value) { return written(value, Writer::Form::Canonical); }

}  // namespace comity::json
