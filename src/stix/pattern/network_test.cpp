#include "stix/pattern/network.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/test_support.h"

namespace comity::stix::pattern {
namespace {

TEST(PatternNetwork, Forms) {
  for (const char* text : {"0.0.0.0", "255.255.255.255/32", "10.0.0.0/0", "::", "::/0", "::1/128",
                           "1::", "2001:db8:0:0:0:0:0:1", "2001:DB8::A:0", "::ffff:192.0.2.1",
                           "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8"}) {
    EXPECT_TRUE(read_network(text)) << text;
  }
  for (const char* text : {"",
                           "/",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.4/33",
                           "1.2.3.4/",
                           "1.2.3.4/-1",
                           "1.2.3.4/08",
                           " 1.2.3.4",
                           "1.2.3.4 ",
                           "1.2..4",
                           ":",
                           ":::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "12345::",
                           "g::",
                           "::1/129",
                           "::1%eth0",
                           "1:",
                           ":1",
                           "1.2.3.4::",
                           "::1.2.3",
                           "1:2:3:4:5:6:7:192.0.2.1",
                           "example.org",
                           "::1/1/1"}) {
    EXPECT_FALSE(read_network(text)) << text;
  }
}

TEST(PatternNetwork, SpellingsOfOneAddress) {
  const auto same = [](const char* a, const char* b) {
    const auto left = read_network(a), right = read_network(b);
    return left && right && contains(*left, *right) && contains(*right, *left);
  };
  EXPECT_TRUE(same("2001:db8::1", "2001:0DB8:0:0:0:0:0:0001"));
  EXPECT_TRUE(same("::ffff:192.0.2.1", "::ffff:c000:201"));
  EXPECT_TRUE(same("10.1.2.3/8", "10.0.0.0/8"));
  EXPECT_FALSE(same("192.0.2.1", "::ffff:192.0.2.1"));
}

// Against every bit on its own.
TEST(PatternNetwork, ContainsAsBitByBit) {
  std::mt19937_64 random(comity::test::seed());
  const auto rounds = 200'000 / comity::test::scale() + 100;
  std::size_t yes = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    Network outer, inner;
    outer.is_v6 = inner.is_v6 = random() % 2 == 0;
    const unsigned bits = outer.is_v6 ? 128 : 32;
    for (std::size_t at = 0; at < bits / 8; ++at) {
      outer.address[at] = static_cast<std::uint8_t>(random());
      inner.address[at] = outer.address[at];
    }
    if (random() % 4 != 0) {
      const auto bit = random() % bits;
      inner.address[bit / 8] ^= static_cast<std::uint8_t>(1U << (7 - bit % 8));
    }
    outer.prefix = static_cast<unsigned>(random() % (bits + 1));
    inner.prefix = static_cast<unsigned>(random() % (bits + 1));
    bool expected = outer.prefix <= inner.prefix;
    for (unsigned bit = 0; bit < outer.prefix; ++bit) {
      const auto of = [&](const Network& one) { return one.address[bit / 8] >> (7 - bit % 8) & 1; };
      expected = expected && of(outer) == of(inner);
    }
    ASSERT_EQ(contains(outer, inner), expected) << outer.prefix << " " << inner.prefix;
    yes += expected ? 1U : 0U;
  }
  EXPECT_GT(yes, rounds / 20);
}

}  // namespace
}  // namespace comity::stix::pattern
