#include "json/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>

#include "json/parse.h"
#include "json/place.h"

namespace comity::json {
namespace {

using Code = boost::json::error_code;
using Piece = boost::json::string_view;

constexpr double integer_max_double = 9007199254740991.0;
// From here on ECMAScript writes a number with an exponent, below it as an integer.
constexpr double exponent_form_min = 1e21;
constexpr std::size_t pairwise_names_max = 16;
constexpr std::size_t quoted_bytes_max = 80;  // of a name or number in a message

// What this program refuses although Boost.JSON would take it.
enum class Refusal { None, DuplicateName, IntegerRange, NumberRange };

// The rules on numbers, shared by both handlers. The parser is given whole texts, so that it hands
// over every number in one piece.
class Rules {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  Refusal refusal() const { return refusal_; }
  const std::string& refused() const { return refused_; }
  const char* refused_at() const { return refused_at_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_number_part(Piece, Code&) { return true; }
  bool on_comment_part(Piece, Code&) { return false; }
  bool on_comment(Piece, Code&) { return false; }

 protected:
  // `at` points to the start of what is refused when it stands so in the text, else it is null.
  bool refuse(Refusal refusal, std::string_view what, const char* at, Code& code) {
    refusal_ = refusal;
    refused_ = shortened(what, quoted_bytes_max);
    refused_at_ = at;
    code = boost::json::make_error_code(boost::json::error::input_error);
    return false;
  }

  bool check_integer(std::int64_t value, Piece text, Code& code) {
    if (value >= -integer_max && value <= integer_max) return true;
    return refuse(Refusal::IntegerRange, {text.data(), text.size()}, text.data(), code);
  }

  // Boost.JSON 1.81 rounds some doubles wrongly, so the digits are read again here. Its own value
  // serves only to tell a number that is too large from one that is too small.
  bool read_double(double approximate, Piece piece, double& value, Code& code) {
    const std::string_view text(piece.data(), piece.size());
    if (text.find_first_of(".eE") == std::string_view::npos) {
      return refuse(Refusal::IntegerRange, text, text.data(), code);
    }
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc::result_out_of_range) {
      if (std::fabs(approximate) > 1) {
        return refuse(Refusal::NumberRange, text, text.data(), code);
      }
      value = text.front() == '-' ? -0.0 : 0.0;
    }
    const double size = std::fabs(value);
    if (size > integer_max_double && size < exponent_form_min) {
      return refuse(Refusal::IntegerRange, text, text.data(), code);
    }
    return true;
  }

 private:
  Refusal refusal_ = Refusal::None;
  std::string refused_;
  const char* refused_at_ = nullptr;
};

// Keeps nothing.
class Validator : public Rules {
 public:
  bool on_object_end(std::size_t, Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(Piece, std::size_t, Code&) { return true; }
  bool on_key(Piece, std::size_t, Code&) { return true; }
  bool on_string_part(Piece, std::size_t, Code&) { return true; }
  bool on_string(Piece, std::size_t, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_int64(std::int64_t value, Piece text, Code& code) {
    return check_integer(value, text, code);
  }
  bool on_uint64(std::uint64_t, Piece text, Code& code) {
    return check_integer(std::numeric_limits<std::int64_t>::max(), text, code);
  }
  bool on_double(double approximate, Piece text, Code& code) {
    double value = 0;
    return read_double(approximate, text, value, code);
  }
};

// Builds the tree. Finished values and the names of open objects wait on two stacks; the end of a
// container takes from them as many as it has, so that each container is allocated once.
class Builder : public Rules {
 public:
  Value finish() { return std::move(values_.back()); }

  bool on_object_end(std::size_t count, Code& code) {
    const auto first_name = names_.end() - static_cast<std::ptrdiff_t>(count);
    const auto first_value = values_.end() - static_cast<std::ptrdiff_t>(count);
    if (const Name* twice = duplicate(names_.data() + (names_.size() - count), count)) {
      return refuse(Refusal::DuplicateName, twice->text, twice->at, code);
    }
    Object object;
    object.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto offset = static_cast<std::ptrdiff_t>(i);
      object.append(std::move((first_name + offset)->text), std::move(*(first_value + offset)));
    }
    names_.erase(first_name, names_.end());
    values_.erase(first_value, values_.end());
    values_.emplace_back(std::move(object));
    return true;
  }

  bool on_array_end(std::size_t count, Code&) {
    const auto first = values_.end() - static_cast<std::ptrdiff_t>(count);
    Array array(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
    values_.erase(first, values_.end());
    values_.emplace_back(std::move(array));
    return true;
  }

  bool on_key_part(Piece text, std::size_t, Code&) {
    part_.append(text.data(), text.size());
    return true;
  }

  bool on_key(Piece text, std::size_t, Code&) {
    // With a part before it the name was unescaped and does not stand so in the text.
    const char* at = part_.empty() ? text.data() : nullptr;
    names_.push_back({whole(text), at});
    return true;
  }

  bool on_string_part(Piece text, std::size_t, Code&) {
    part_.append(text.data(), text.size());
    return true;
  }

  bool on_string(Piece text, std::size_t, Code&) {
    values_.emplace_back(whole(text));
    return true;
  }

  bool on_int64(std::int64_t value, Piece text, Code& code) {
    if (!check_integer(value, text, code)) return false;
    if (value == 0 && text.front() == '-') {
      values_.emplace_back(-0.0);
    } else {
      values_.emplace_back(value);
    }
    return true;
  }

  bool on_uint64(std::uint64_t, Piece text, Code& code) {
    return check_integer(std::numeric_limits<std::int64_t>::max(), text, code);
  }

  bool on_double(double approximate, Piece text, Code& code) {
    double value = 0;
    if (!read_double(approximate, text, value, code)) return false;
    values_.emplace_back(value);
    return true;
  }

  bool on_bool(bool value, Code&) {
    values_.emplace_back(value);
    return true;
  }

  bool on_null(Code&) {
    values_.emplace_back(nullptr);
    return true;
  }

 private:
  struct Name {
    std::string text;
    const char* at;  // null when it is unknown
  };

  std::string whole(Piece last) {
    if (part_.empty()) return {last.data(), last.size()};
    part_.append(last.data(), last.size());
    return std::exchange(part_, {});
  }

  // The first name that stands twice. Many names are sorted, not hashed: a stranger who knows the
  // hash function could make hashing quadratic.
  static const Name* duplicate(const Name* names, std::size_t count) {
    if (count <= pairwise_names_max) {
      for (std::size_t i = 1; i < count; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (names[i].text == names[j].text) return names + i;
        }
      }
      return nullptr;
    }
    std::vector<const Name*> sorted(count);
    for (std::size_t i = 0; i < count; ++i) sorted[i] = names + i;
    std::sort(sorted.begin(), sorted.end(), [](const Name* a, const Name* b) {
      const int order = a->text.compare(b->text);
      return order != 0 ? order < 0 : a < b;
    });
    const Name* first = nullptr;
    for (std::size_t i = 1; i < count; ++i) {
      if (sorted[i - 1]->text != sorted[i]->text) continue;
      if (first == nullptr || sorted[i] < first) first = sorted[i];
    }
    return first;
  }

  std::vector<Value> values_;
  std::vector<Name> names_;
  std::string part_;
};

constexpr const char* half_pair =
    "found half of a surrogate pair, expected \\ud800 to \\udbff and then \\udc00 to \\udfff";

// Whether `before` ends in the first half of a surrogate pair, perhaps with a backslash after it.
bool after_half_pair(std::string_view before) {
  if (before.ends_with('\\')) before.remove_suffix(1);
  if (before.size() < 6) return false;
  const auto escape = before.substr(before.size() - 6);
  return (escape.starts_with("\\ud") || escape.starts_with("\\uD")) &&
         std::string_view("89abAB").find(escape[3]) != std::string_view::npos;
}

tl::unexpected<Error> bad(const Place& place, const std::string& message,
                          ErrorKind kind = ErrorKind::InvalidInput) {
  return fail(kind, fmt::format("at {}: {}", place.path, message), place.position);
}

tl::unexpected<Error> refusal_error(std::string_view text, std::size_t offset, Refusal refusal,
                                    const std::string& what, const Passed& passed) {
  if (refusal == Refusal::DuplicateName) return duplicate_name(text, offset, what, passed);
  const auto place = place_at(text, offset, passed);
  if (refusal == Refusal::IntegerRange) {
    return bad(place, fmt::format("found the number {}, expected an integer of at most "
                                  "9007199254740991 (2^53-1) either way; write it as a string",
                                  what));
  }
  return bad(place,
             fmt::format("found the number {}, expected one of at most 1.7e308 either way", what));
}

// What was wrong inside a string; empty when it is nothing special.
std::string string_problem(std::string_view text, std::size_t offset, const Passed& passed) {
  const auto before = text.substr(0, offset);
  const auto byte = static_cast<unsigned char>(offset < text.size() ? text[offset] : '"');
  const bool odd_before = !before.empty() && (before.back() & 0x80) != 0;
  if (after_half_pair(before)) {
    return half_pair;
  }
  if (before.ends_with('\\')) {
    return fmt::format(
        "found an escape with {}, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t "
        "\\u in a string",
        place_at(text, offset, passed).found);
  }
  if (byte < 0x20) {
    return fmt::format(
        "found the control character 0x{:02x} in a string, expected it escaped as "
        "\\u{:04x}",
        byte, byte);
  }
  if (byte >= 0x80 || odd_before) return "found bytes in a string that are no UTF-8";
  return {};
}

tl::unexpected<Error> syntax_error(std::string_view text, std::size_t offset, const Code& code,
                                   const Passed& passed) {
  using boost::json::error;
  const auto place = place_at(text, offset, passed);
  switch (static_cast<error>(code.value())) {
    case error::too_deep:
      return bad(place, fmt::format("nested deeper than {} levels", depth_max),
                 ErrorKind::TooLarge);
    case error::exponent_overflow:
      return bad(place, "found a number whose exponent is too large");
    case error::illegal_leading_surrogate:
    case error::illegal_trailing_surrogate:
    case error::expected_utf16_escape:
      return bad(place, half_pair);
    case error::expected_hex_digit:
      return bad(place, fmt::format("found {} in a \\u escape, expected four hexadecimal digits",
                                    place.found));
    default:
      break;
  }
  if (place.in_string && offset < text.size()) {
    if (const auto problem = string_problem(text, offset, passed); !problem.empty()) {
      return bad(place, problem);
    }
  }
  return bad(place, fmt::format("found {}, expected {}", place.found, place.expected));
}

// Reads `size` bytes of the text from `begin` on, the last of the value unless there is `more`.
template <typename Handler>
Status run(boost::json::basic_parser<Handler>& parser, std::string_view text, std::size_t begin,
           std::size_t size, bool more, const Passed& passed) {
  Code code;
  const auto part = text.substr(begin, size);
  const auto read = parser.write_some(more, part.data(), part.size(), code);
  const auto& handler = parser.handler();
  if (handler.refusal() != Refusal::None) {
    const char* at = handler.refused_at();
    const std::less_equal<const char*> not_after;
    const bool known =
        at != nullptr && not_after(part.data(), at) && not_after(at, part.data() + part.size());
    auto offset = begin + (known ? static_cast<std::size_t>(at - part.data()) : read);
    // A name is handed over without its quote; the place is before that.
    if (known && handler.refusal() == Refusal::DuplicateName) --offset;
    return refusal_error(text, offset, handler.refusal(), handler.refused(), passed);
  }
  if (code) return syntax_error(text, begin + read, code, passed);
  if (read < part.size()) {
    const auto place = place_at(text, begin + read, passed);
    return fail(
        ErrorKind::InvalidInput,
        fmt::format("found {} after the end of the value, expected nothing more", place.found),
        place.position);
  }
  return {};
}

// Behind these no number, word, escape or UTF-8 sequence goes on, so that the parser is given each
// of them whole. Only a UTF-8 sequence that lacks bytes may stand right before: there no piece
// ends.
constexpr std::array<bool, 256> ends_of_pieces = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view(",:\"/ \nGHIJKLMNOPQRSTVWXYZ")) {
    out[static_cast<unsigned char>(c)] = true;
  }
  return out;
}();

// Whether a piece whose last byte is at `last` has less of the text than the longest UTF-8 sequence
// that begins in it may have. Boost.JSON takes some of what goes on with wrong bytes then.
bool cuts_a_sequence(std::string_view text, std::size_t last) {
  for (std::size_t back = 1; back < 3 && back <= last; ++back) {
    const auto byte = static_cast<unsigned char>(text[last - back]);
    const std::size_t size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 1;
    if (size > back + 1) return true;
  }
  return false;
}

// Where a piece of about `bytes` from `begin` on ends.
std::size_t piece_end(std::string_view text, std::size_t begin, std::size_t bytes) {
  if (text.size() - begin <= bytes) return text.size();
  for (auto at = begin + bytes - 1; at < text.size(); ++at) {
    if (ends_of_pieces[static_cast<unsigned char>(text[at])] && !cuts_a_sequence(text, at)) {
      return at + 1;
    }
  }
  return text.size();
}

Status check_start(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) {
    return fail(ErrorKind::InvalidInput,
                "found a byte order mark, expected a JSON value; save the text as UTF-8 without "
                "one",
                "1:1");
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return fail(ErrorKind::InvalidInput, "found an empty text, expected a JSON value", "1:1");
  }
  return {};
}

boost::json::parse_options options() {
  boost::json::parse_options out;
  out.max_depth = depth_max;
  return out;
}

}  // namespace

tl::unexpected<Error> duplicate_name(std::string_view text, std::size_t offset,
                                     std::string_view name, const Passed& passed) {
  return bad(place_at(text, offset, passed),
             fmt::format("found the member name \"{}\" twice, expected every name of an object "
                         "once; remove one of the two",
                         shortened(name, quoted_bytes_max)));
}

Result<Value> read_part(std::string_view text, std::size_t begin, std::size_t size,
                        const Passed& passed) {
  if (size > document_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("found a JSON document of {} bytes, expected at "
                                                 "most {}",
                                                 size, document_bytes_max));
  }
  TRY_STATUS(check_start(text.substr(begin, size)));
  boost::json::basic_parser<Builder> parser(options());
  TRY_STATUS(run(parser, text, begin, size, false, passed));
  return parser.handler().finish();
}

Status validate(std::string_view text, const Passed& passed, std::size_t piece_bytes) {
  TRY_STATUS(check_start(text));
  boost::json::basic_parser<Validator> parser(options());
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = piece_end(text, begin, piece_bytes);
    const auto read = run(parser, text, begin, end - begin, end < text.size(), passed);
    if (!read) {
      // Where Boost.JSON stops depends on how much it sees. It is asked again with all of the text,
      // so that what is wrong is told in the same words.
      boost::json::basic_parser<Validator> again(options());
      const auto whole = run(again, text, 0, text.size(), false, passed);
      return whole ? read : whole;
    }
    begin = end;
    if (passed) passed(begin);
  }
  return {};
}

}  // namespace comity::json
