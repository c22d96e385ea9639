#include "stix/pattern/characters.h"

#include <gtest/gtest.h>

namespace comity::stix::pattern {
namespace {

TEST(Characters, OfEachLengthAndAtTheEndsOfTheirRanges) {
  const std::pair<const char*, std::uint32_t> cases[] = {{"a", 'a'},
                                                         {"\x7F", 0x7F},
                                                         {"\xC2\x80", 0x80},
                                                         {"\xDF\xBF", 0x7FF},
                                                         {"\xE0\xA0\x80", 0x800},
                                                         {"\xED\x9F\xBF", 0xD7FF},
                                                         {"\xEE\x80\x80", 0xE000},
                                                         {"\xEF\xBF\xBF", 0xFFFF},
                                                         {"\xF0\x90\x80\x80", 0x10000},
                                                         {"\xF4\x8F\xBF\xBF", 0x10FFFF}};
  for (const auto& [text, code] : cases) {
    const auto character = character_at(text, 0);
    ASSERT_TRUE(character) << code;
    EXPECT_EQ(character->code_point, code);
    EXPECT_EQ(character->bytes, std::string_view(text).size());
  }
}

TEST(Characters, NothingForWhatIsNoUtf8) {
  for (const char* text :
       {"\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC2\x41"}) {
    EXPECT_FALSE(character_at(text, 0)) << text;
  }
}

TEST(Characters, BytesOfTextUpToFF) {
  EXPECT_EQ(as_bytes("a\xC3\xBF"), "a\xFF");
  EXPECT_EQ(as_bytes(""), "");
  EXPECT_FALSE(as_bytes("a\xC4\x80"));
}

}  // namespace
}  // namespace comity::stix::pattern
