#include "json/write.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "json/parse.h"

namespace comity::json {
namespace {

// A tree drawn from bytes that rapidcheck chooses and shrinks. Without bytes it is null.
class Draw {
 public:
  explicit Draw(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  Value value(int depth = 0) {
    switch (byte() % (depth < 5 ? 8 : 6)) {
      case 1:
        return byte() % 2 == 0;
      case 2:
        return static_cast<std::int64_t>(bits()) % (std::int64_t{1} << 53);
      case 3:
        return number();
      case 4:
        return string();
      case 5:
        return static_cast<std::int64_t>(byte()) - 128;
      case 6:
        return array(depth);
      case 7:
        return object(depth);
      default:
        return nullptr;
    }
  }

  std::string string() {
    static const std::vector<std::string> pieces = {"a",
                                                    "B",
                                                    "\"",
                                                    "\\",
                                                    "\n",
                                                    std::string(1, '\0'),
                                                    "\x1f",
                                                    "/",
                                                    "\x7f",
                                                    "\xc2\x80",
                                                    "é",
                                                    "\xe2\x82\xac",
                                                    "\xed\x9f\xbf",
                                                    "\xee\x80\x80",
                                                    "\xef\xac\xb3",
                                                    "\xef\xbf\xbf",
                                                    "\xf0\x90\x80\x80",
                                                    "\xf0\x9f\x98\x80",
                                                    "\xf4\x8f\xbf\xbf",
                                                    "long enough for the heap"};
    std::string out;
    for (auto count = byte() % 6; count > 0; --count) out += pieces[byte() % pieces.size()];
    return out;
  }

  Object object(int depth) {
    Object out;
    for (auto count = byte() % 24; count > 0; --count) {
      auto name = string();
      out.set(std::move(name), value(depth + 1));
    }
    return out;
  }

 private:
  std::uint8_t byte() { return next_ < bytes_.size() ? bytes_[next_++] : std::uint8_t{0}; }

  std::uint64_t bits() {
    std::uint64_t out = 0;
    for (int i = 0; i < 8; ++i) out = out << 8 | byte();
    return out;
  }

  double number() {
    const auto out = byte() % 2 == 0 ? std::bit_cast<double>(bits())
                                     : static_cast<double>(static_cast<std::int32_t>(bits())) / 64;
    const auto size = std::fabs(out);
    const bool readable = std::isfinite(out) && (size < 0x1p53 || size >= 1e21);
    return readable ? out : 0.5;
  }

  Array array(int depth) {
    Array out;
    for (auto count = byte() % 6; count > 0; --count) out.push_back(value(depth + 1));
    return out;
  }

  std::vector<std::uint8_t> bytes_;
  std::size_t next_ = 0;
};

Draw draw() {
  const auto size = *rc::gen::inRange<std::size_t>(0, 600);
  return Draw(
      *rc::gen::container<std::vector<std::uint8_t>>(size, rc::gen::arbitrary<std::uint8_t>()));
}

std::u16string utf16(std::string_view text) {
  std::u16string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(text[i + n]); };
    std::uint32_t code = 0;
    const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
    code = length == 1 ? byte(0) : byte(0) & (0x7fU >> length);
    for (std::size_t n = 1; n < length; ++n) code = code << 6 | (byte(n) & 0x3fU);
    if (code >= 0x10000) {
      out.push_back(static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10)));
      out.push_back(static_cast<char16_t>(0xdc00 + ((code - 0x10000) & 0x3ff)));
    } else {
      out.push_back(static_cast<char16_t>(code));
    }
    i += length;
  }
  return out;
}

RC_GTEST_PROP(write, is_read_back_as_the_same_value, ()) {
  const auto value = draw().value();
  const auto compact = parse(write(value));
  RC_ASSERT(compact.has_value());
  RC_ASSERT((*compact == value));
  RC_ASSERT(write(*compact) == write(value));
  const auto pretty = parse(write_pretty(value));
  RC_ASSERT(pretty.has_value());
  RC_ASSERT((*pretty == value));
}

RC_GTEST_PROP(canonical, is_a_fixed_point_of_reading, ()) {
  const auto bytes = canonical(draw().value());
  const auto again = parse(bytes);
  RC_ASSERT(again.has_value());
  RC_ASSERT(canonical(*again) == bytes);
}

RC_GTEST_PROP(canonical, does_not_depend_on_the_order_of_members, ()) {
  const auto value = draw().object(0);
  std::vector<Member> members(value.begin(), value.end());
  Object reversed;
  for (auto it = members.rbegin(); it != members.rend(); ++it)
    reversed.append(it->first, it->second);
  RC_ASSERT(canonical(reversed) == canonical(value));
  RC_ASSERT((reversed == value));
}

RC_GTEST_PROP(canonical, sorts_by_utf16_code_units, ()) {
  auto drawn = draw();
  Object object;
  for (int i = 0; i < 8; ++i) object.set(drawn.string(), i);
  const auto sorted = parse(canonical(object));
  RC_ASSERT(sorted.has_value());
  RC_ASSERT(sorted->object()->size() == object.size());
  std::u16string last;
  bool first = true;
  for (const auto& [name, value] : *sorted->object()) {
    const auto units = utf16(name);
    RC_ASSERT(first || last < units);
    last = units;
    first = false;
  }
}

// RFC 8785, Appendix B.
TEST(canonical, numbers_of_the_standard) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : cases) {
    EXPECT_EQ(canonical(std::bit_cast<double>(bits)), text) << std::hex << bits;
  }
}

// RFC 8785, sections 3.2.2 and 3.2.3.
TEST(canonical, examples_of_the_standard) {
  const auto sample = parse(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]})");
  ASSERT_TRUE(sample) << sample.error().text();
  EXPECT_EQ(canonical(*sample),
            "{\"literals\":[null,true,false],"
            "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");

  const auto names = parse(R"({"\u20ac": 5, "\r": 1, "\ufb33": 7, "1": 2, "\ud83d\ude00": 6,
                              "\u0080": 3, "\u00f6": 4})");
  ASSERT_TRUE(names) << names.error().text();
  EXPECT_EQ(canonical(*names),
            "{\"\\r\":1,\"1\":2,\"\xc2\x80\":3,\"\xc3\xb6\":4,\"\xe2\x82\xac\":5,"
            "\"\xf0\x9f\x98\x80\":6,\"\xef\xac\xb3\":7}");
}

TEST(canonical, has_one_form_for_equal_numbers) {
  EXPECT_EQ(canonical(*parse("[1, 1.0, 10e-1, -0, -0.0, 0, 1E2, 100]")), "[1,1,1,0,0,0,100,100]");
  EXPECT_EQ(canonical(*parse("[9007199254740991, -9007199254740991.0]")),
            "[9007199254740991,-9007199254740991]");
}

TEST(canonical, a_name_that_begins_another_comes_first) {
  EXPECT_EQ(canonical(*parse(R"({"ab":1,"b":[{"d":1,"c":2}],"a":2,"":3})")),
            R"({"":3,"a":2,"ab":1,"b":[{"c":2,"d":1}]})");
}

TEST(write, keeps_the_order_and_the_kind_of_numbers) {
  const std::string text = R"({"b":[1,1.0,-0.0,0.5,1e+21,1e-7,-7],"a":{},"c":[],"d":[null,true]})";
  EXPECT_EQ(write(*parse(text)), text);
  EXPECT_EQ(write(*parse("-0")), "-0.0");
}

TEST(write, escapes_what_must_be_and_no_more) {
  std::string all;
  for (char c = 0; c < 0x20; ++c) all.push_back(c);
  EXPECT_EQ(
      write(all),
      "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e"
      "\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a"
      "\\u001b\\u001c\\u001d\\u001e\\u001f\"");
  EXPECT_EQ(write("\"\\/\x7f<é\xf0\x9f\x98\x80"), "\"\\\"\\\\/\x7f<é\xf0\x9f\x98\x80\"");
  std::string out = "x=";
  append_string(out, "");
  append_string(out, "\n");
  EXPECT_EQ(out, "x=\"\"\"\\n\"");
}

TEST(write_pretty, indents_by_two_blanks) {
  EXPECT_EQ(write_pretty(*parse(R"({"a":[1,{"b":[]}],"c":{},"d":"x"})")),
            "{\n"
            "  \"a\": [\n"
            "    1,\n"
            "    {\n"
            "      \"b\": []\n"
            "    }\n"
            "  ],\n"
            "  \"c\": {},\n"
            "  \"d\": \"x\"\n"
            "}");
  EXPECT_EQ(write_pretty(Value()), "null");
}

TEST(write_death, a_number_that_json_does_not_have_is_a_defect) {
  EXPECT_DEATH(write(std::numeric_limits<double>::infinity()), "isfinite");
  EXPECT_DEATH(canonical(std::numeric_limits<double>::quiet_NaN()), "isfinite");
  EXPECT_DEATH(write(std::int64_t{1} << 53), "integer_max");
}

}  // namespace
}  // namespace comity::json
