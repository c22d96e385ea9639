#include "stix/version.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/test_support.h"
#include "json/parse.h"

namespace comity::stix {
namespace {

using test::must;

// Few values of each part, so that much is equal.
Version random_version(std::mt19937_64& random) {
  const auto time = [&]() -> std::optional<Instant> {
    const auto drawn = static_cast<std::int64_t>(random() % 5);
    return drawn == 0 ? std::nullopt : std::optional<Instant>(Instant::from_seconds(drawn));
  };
  Version out;
  out.id = random() % 2 == 0 ? "tool--1" : "tool--2";
  out.modified = time();
  out.created = time();
  out.created_by = std::string(random() % 3, 'a');
  out.revoked = random() % 4 == 0;
  return out;
}

TEST(Version, IsReadFromAnObject) {
  const auto version = version_of(
      must(json::parse(R"({"type":"tool","id":"a","created":"2016-01-01T00:00:00Z","revoked":true,)"
                       R"("modified":"2017-01-01T00:00:00.5Z","created_by_ref":"b"})")));
  EXPECT_EQ(version.id, "a");
  EXPECT_EQ(version.created, must(parse_rfc3339("2016-01-01T00:00:00Z")));
  EXPECT_EQ(version.modified, must(parse_rfc3339("2017-01-01T00:00:00.500Z")));
  EXPECT_EQ(version.created_by, "b");
  EXPECT_TRUE(version.revoked);
  const auto odd = version_of(
      must(json::parse(R"({"id":7,"modified":"yesterday","created":[],"revoked":"true"})")));
  EXPECT_EQ(odd, Version());
  EXPECT_EQ(version_of(json::Value(7)), Version());
}

TEST(Version, ObservablesAndMarkingsHaveNone) {
  const auto of = [](std::string_view type, std::string_view more) {
    return is_versioned(must(json::parse(fmt::format(R"({{"type":"{}"{}}})", type, more))));
  };
  constexpr std::string_view modified = R"(,"modified":"2016-01-01T00:00:00Z")";
  EXPECT_TRUE(of("tool", modified));
  EXPECT_TRUE(of("x-own", modified));
  EXPECT_FALSE(of("tool", ""));
  EXPECT_FALSE(of("url", modified));
  EXPECT_FALSE(of("marking-definition", modified));
}

TEST(Version, TheirOrderIsTotal) {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < 20'000; ++i) {
    const auto a = random_version(random), b = random_version(random), c = random_version(random);
    ASSERT_EQ((a < b) + (a == b) + (a > b), 1);
    ASSERT_EQ(a<b, b> a);
    ASSERT_FALSE(a < b && b < c && !(a < c));
    const bool later = a.modified && b.modified && *a.modified < *b.modified;
    ASSERT_TRUE(a.id != b.id || !later || a < b);
  }
}

// What History says, from the list of all that came before.
bool has_fault(const std::vector<Version>& before, const Version& version) {
  const auto differs = [&](auto part, auto says) {
    const auto first = std::find_if(before.begin(), before.end(),
                                    [&](const Version& other) { return says(other); });
    return says(version) && first != before.end() && part(*first) != part(version);
  };
  if (differs([](const Version& v) { return v.created; },
              [](const Version& v) { return v.created.has_value(); }) ||
      differs([](const Version& v) { return v.created_by; },
              [](const Version& v) { return !v.created_by.empty(); })) {
    return true;
  }
  return std::any_of(before.begin(), before.end(), [&](const Version& other) {
    if (!other.modified || !version.modified) return false;
    return (other.revoked && *version.modified > *other.modified) ||
           (version.revoked && *other.modified > *version.modified);
  });
}

TEST(Version, NothingComesAfterARevokedOne) {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < 2000; ++i) {
    History history;
    std::vector<Version> before;
    while (before.size() < 6) {
      const auto version = random_version(random);
      ASSERT_EQ(history.add(version).has_value(), has_fault(before, version));
      before.push_back(version);
      std::optional<Instant> latest, revoked;
      for (const auto& held : before) {
        if (!held.modified) continue;
        ASSERT_TRUE(history.holds(*held.modified));
        if (!latest || *held.modified > *latest) latest = held.modified;
        if (held.revoked && (!revoked || *held.modified < *revoked)) revoked = held.modified;
      }
      ASSERT_EQ(history.current(), revoked ? revoked : latest);
      ASSERT_EQ(history.revoked(), revoked.has_value());
    }
  }
}

}  // namespace
}  // namespace comity::stix
