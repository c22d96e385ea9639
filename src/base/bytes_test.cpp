#include "base/bytes.h"

#include <gtest/gtest.h>

namespace comity {
namespace {

// The examples of FIPS 180-4.
TEST(sha256, known_values) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(sha256, parts_are_one_string) {
  Sha256 parts;
  for (const char* part : {"a", "", "bc"}) parts.add(part);
  EXPECT_EQ(parts.finish(), sha256("abc"));
  EXPECT_EQ(Sha256().finish(), sha256(""));
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(hmac, known_values) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(bytes, constant_time_comparison_is_equality) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

TEST(bytes, utf8_is_cut_between_characters) {
  const auto cut = [](std::string text, std::size_t bytes_max) {
    cut_utf8(text, bytes_max);
    return text;
  };
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abc", 2), "ab");
  EXPECT_EQ(cut("a\xc3\xa9", 3), "a\xc3\xa9");
  EXPECT_EQ(cut("a\xc3\xa9", 2), "a");
  EXPECT_EQ(cut("\xf0\x9f\x98\x80", 3), "");
  EXPECT_EQ(cut("\xf0\x9f\x98\x80z", 4), "\xf0\x9f\x98\x80");
  EXPECT_EQ(cut("", 0), "");
}

TEST(hex, goes_both_ways) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(hex(all).size(), 512U);
  EXPECT_EQ(hex(std::string_view("\x00\x0f\xf0\xff", 4)), "000ff0ff");
  EXPECT_EQ(*from_hex(hex(all)), all);
  EXPECT_EQ(*from_hex(""), "");
}

TEST(hex, refuses_other_text) {
  for (const char* text : {"0", "abc", "AB", "0g", " 0", "0x00", "é"}) {
    const auto out = from_hex(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().kind, ErrorKind::InvalidInput);
  }
}

TEST(digest, goes_both_ways_as_text) {
  const auto digest = sha256("abc");
  const auto text = digest_text(digest);
  EXPECT_EQ(text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(*digest_from_text(text), digest);
  EXPECT_EQ(*digest_from_bytes(view(digest)), digest);
}

TEST(digest, refuses_other_text_and_lengths) {
  const auto text = digest_text(sha256("abc"));
  const auto bytes = std::string(view(sha256("abc")));
  EXPECT_FALSE(digest_from_text(""));
  EXPECT_FALSE(digest_from_text("sha256:"));
  EXPECT_FALSE(digest_from_text("SHA256:" + text.substr(7)));
  EXPECT_FALSE(digest_from_text(text.substr(7)));
  EXPECT_FALSE(digest_from_text(text + "0"));
  EXPECT_FALSE(digest_from_text(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(digest_from_text(text.substr(0, text.size() - 1) + "G"));
  EXPECT_FALSE(digest_from_bytes(bytes + "x"));
  EXPECT_FALSE(digest_from_bytes(bytes.substr(1)));
}

// RFC 4648, section 10.
TEST(base64, known_values) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(base64(plain), coded);
    EXPECT_EQ(*from_base64(coded), plain);
    const std::string bare(coded, std::string_view(coded).find_last_not_of('=') + 1);
    EXPECT_EQ(base64url(plain), bare);
    EXPECT_EQ(*from_base64url(bare), plain);
  }
  EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
}

TEST(base64, goes_both_ways_at_every_length) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    bytes.push_back(static_cast<char>(i * 37));
    EXPECT_EQ(*from_base64(base64(bytes)), bytes);
    EXPECT_EQ(*from_base64url(base64url(bytes)), bytes);
  }
}

TEST(base64, one_value_has_one_spelling) {
  EXPECT_FALSE(from_base64url("Zh"));    // the unused bits are not zero
  EXPECT_FALSE(from_base64url("Z"));     // six bits are no byte
  EXPECT_FALSE(from_base64url("Zg=="));  // no padding here
  EXPECT_FALSE(from_base64url("-_+/"));
  EXPECT_FALSE(from_base64("Zg"));  // padding is due here
  EXPECT_FALSE(from_base64("Zh=="));
  EXPECT_FALSE(from_base64("Z==="));
  EXPECT_FALSE(from_base64("===="));
  EXPECT_FALSE(from_base64("Zg==Zg=="));
  EXPECT_FALSE(from_base64("Zm9v\n"));
  EXPECT_FALSE(from_base64("Zm 9v123"));
  EXPECT_FALSE(from_base64("-__-"));
}

}  // namespace
}  // namespace comity
