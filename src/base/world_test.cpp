#include "base/world.h"

#include <gtest/gtest.h>

#include <set>

namespace comity {
namespace {

TEST(clock, stands_still_until_set) {
  FixedClock clock({5});
  EXPECT_EQ(clock.now(), Instant{5});
  EXPECT_EQ(clock.now(), Instant{5});
  clock.set({7});
  EXPECT_EQ(clock.now(), Instant{7});
}

TEST(clock, of_the_machine_is_in_this_century_and_goes_on) {
  const auto first = system_clock().now();
  EXPECT_GT(first, *parse_rfc3339("2025-01-01T00:00:00Z"));
  EXPECT_LT(first, *parse_rfc3339("2100-01-01T00:00:00Z"));
  auto last = first;
  for (int i = 0; i < 100'000'000 && last == first; ++i) last = system_clock().now();
  EXPECT_GT(last, first);
}

TEST(random, of_a_seed_can_be_repeated) {
  SeededRandom a(1), b(1), c(2);
  EXPECT_EQ(a.bytes(100), b.bytes(100));
  EXPECT_EQ(a.bytes(7), b.bytes(7));
  const auto next = a.bytes(32);
  EXPECT_NE(next, a.bytes(32));
  EXPECT_NE(SeededRandom(1).bytes(32), c.bytes(32));
  for (const std::size_t count : {0U, 1U, 31U, 32U, 33U, 1000U}) {
    EXPECT_EQ(a.bytes(count).size(), count);
  }
}

TEST(random, of_the_system_does_not_repeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(system_random().bytes(16)).second);
  EXPECT_EQ(system_random().bytes(0), "");
  EXPECT_EQ(system_random().bytes(100'000).size(), 100'000U);
}

TEST(uuid4, has_version_and_variant) {
  SeededRandom random(3);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto text = uuid4(random);
    ASSERT_EQ(text.size(), 36U);
    for (std::size_t position = 0; position < text.size(); ++position) {
      const bool dash = position == 8 || position == 13 || position == 18 || position == 23;
      const bool digit =
          std::string_view("0123456789abcdef").find(text[position]) != std::string_view::npos;
      EXPECT_TRUE(dash ? text[position] == '-' : digit) << text;
    }
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos) << text;
    EXPECT_TRUE(seen.insert(text).second);
  }
}

// Appendix A.4 of RFC 9562.
TEST(uuid5, known_values) {
  const std::string dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  EXPECT_EQ(uuid5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(uuid5(dns, "python.org"), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
  EXPECT_NE(uuid5(dns, "a"), uuid5(dns, "b"));
  EXPECT_NE(uuid5("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "python.org"), uuid5(dns, "python.org"));
  EXPECT_DEATH(uuid5("no uuid", "x"), "defect");
}

}  // namespace
}  // namespace comity
