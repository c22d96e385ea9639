// Safeguards of human rights that no register can lift, by asking every question: docs/rights.md
// says which is which. COMITY_SCALE=1 asks all of them, a larger one that part, chosen by
// COMITY_SEED.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "stix/classification.h"
#include "treaty/register.h"
#include "treaty/test_register.h"
#include "treaty/test_rights.h"

namespace comity::treaty {
namespace {

using test::class_sets_with;
using test::for_every;
using test::Law;
using test::Question;
using test::words;

bool declines(int action) {
  return action == static_cast<int>(Action::Refuse) || action == static_cast<int>(Action::Withdraw);
}

// One shard asks about one action.
class RightsTest : public testing::TestWithParam<int> {};

TEST_P(RightsTest, Hr02ContentIsNeverPermittedAutomatically) {
  const int action = GetParam();
  if (declines(action)) return;  // to decline must stay open: refusal_rights_test.cpp
  const auto content_area = *words().areas.index("content");
  const auto content = test::bits(words().classes, "content-data");
  std::uint64_t open_otherwise = 0;
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const Law law(test::wide_open(), mode);
    for_every(test::Dimensions::all(action, class_sets_with(content)), [&](const Question& asked) {
      auto request = law.request(asked);
      const bool by_class = (request.info & content) != 0;
      if (!by_class && request.area != content_area) return;
      const auto kind = law.kind(request);
      ASSERT_NE(kind, VerdictKind::Permitted) << law.text(request);
      if (request.rights_record == RightsRecord::Absent) {
        ASSERT_EQ(kind, VerdictKind::Forbidden) << law.text(request);
      }
      request.info = test::bits(words().classes, "indicator");
      request.area = 0;
      open_otherwise += law.compiled(request) == VerdictKind::Permitted ? 1 : 0;
    });
  }
  EXPECT_GT(open_otherwise, 0U) << "nothing is open in this register: the gate was not tried";
}

TEST_P(RightsTest, Hr09TrafficAndSubscriberDataNeedTheAreaOfEvidenceAndAnOrder) {
  const int action = GetParam();
  if (declines(action)) return;
  const auto guarded = test::bits(words().classes, "traffic-data subscriber-data");
  const auto evidence = *words().areas.index("evidence");
  std::uint64_t permitted = 0;
  auto dimensions =
      test::Dimensions::all(action, {test::bits(words().classes, "traffic-data"),
                                     test::bits(words().classes, "subscriber-data"), guarded,
                                     guarded | test::bits(words().classes, "indicator")});
  dimensions.rights_records = {RightsRecord::Absent};
  dimensions.court_orders = {std::nullopt, FactValue::Unknown, FactValue::No, FactValue::Yes};
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const Law law(test::wide_open(), mode);
    for_every(dimensions, [&](const Question& asked) {
      const auto request = law.request(asked);
      const auto kind = law.kind(request);
      if (kind == VerdictKind::Permitted) {
        ++permitted;
        ASSERT_EQ(request.area, evidence) << law.text(request);
        ASSERT_EQ(asked.court_order, FactValue::Yes) << law.text(request);
      }
      if (request.area != evidence || asked.court_order == FactValue::No) {
        ASSERT_EQ(kind, VerdictKind::Forbidden) << law.text(request);
      }
    });
  }
  EXPECT_GT(permitted, 0U) << "not even with area and order: the guard was not tried";
}

// A state secret (HR-23) and, with it, urgency (HR-20): it opens nothing that is guarded. That of
// the other guards is a dimension of the questions above.
TEST_P(RightsTest, Hr20UrgencyOpensNoGuard) {
  const int action = GetParam();
  if (declines(action)) return;
  const auto secret = test::bits(words().classes, "state-secret");
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const Law law(test::wide_open(), mode);
    for_every(test::Dimensions::all(action, {secret, secret | 2}), [&](const Question& asked) {
      const auto request = law.request(asked);
      ASSERT_EQ(law.kind(request), VerdictKind::Forbidden) << law.text(request);
    });
  }
}

// One rule more of whatever shape: no question gets a milder answer than without it.
TEST_P(RightsTest, Hr22ARuleThatIsAddedToNarrowNarrows) {
  const int action = GetParam();
  std::uint64_t narrowed = 0;
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const Law before(test::half_open(), mode);
    test::for_every_forbid(action, [&](const Clause& forbid) {
      auto model = test::half_open();
      model.instruments.front().clauses.push_back(forbid);
      const Law after(std::move(model), mode);
      auto dimensions = test::Dimensions::all(action, {});
      dimensions.meet(forbid);
      test::for_each_of(dimensions, [&](const Question& asked) {
        const auto request = before.request(asked);
        const auto kind = before.compiled(request);
        const auto then = after.kind(request);
        ASSERT_GE(test::strictness(then), test::strictness(kind)) << before.text(request);
        narrowed += then != kind ? 1 : 0;
      });
    });
  }
  // Whether a rule may keep anybody from declining is not asked here.
  EXPECT_TRUE(narrowed > 0 || declines(action)) << "the rules never acted";
}

// A rule of XA's own law of whatever shape: no question of XA gets a milder answer than without it,
// and none of anybody else another one.
TEST_P(RightsTest, Hr22ANationalRuleNarrowsAndBindsItsPartyAlone) {
  const int action = GetParam();
  if (declines(action)) return;  // no rule may speak of it: overlay_test.cpp
  std::uint64_t narrowed = 0;
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const Law before(test::half_open(), mode);
    test::for_every_overlay_rule(action, [&](const OverlayRule& rule) {
      auto model = test::half_open();
      model.overlays.push_back({"overlay-xa", 0, "law of XA", "X", "", "", {rule}});
      const Law after(std::move(model), mode);
      auto dimensions = test::Dimensions::all(action, {});
      dimensions.meet(rule);
      dimensions.court_orders = {std::nullopt, FactValue::No, FactValue::Yes};
      test::for_each_of(dimensions, [&](const Question& asked) {
        auto request = before.request(asked);
        const auto kind = before.compiled(request);
        const auto then = after.kind(request);
        ASSERT_GE(test::strictness(then), test::strictness(kind)) << before.text(request);
        narrowed += then != kind ? 1 : 0;
        std::swap(request.from, request.to);
        ASSERT_EQ(after.compiled(request), before.compiled(request)) << before.text(request);
      });
    });
  }
  EXPECT_GT(narrowed, 0U) << "the rules never acted";
}

INSTANTIATE_TEST_SUITE_P(Action, RightsTest,
                         testing::Range(0, static_cast<int>(words().actions.values.size())),
                         [](const auto& test) {
                           return words().actions.values[static_cast<std::size_t>(test.param)];
                         });

TEST(RightsWordsTest, Hr01ThereIsNoActionToBlockRemoveOrIdentify) {
  const auto files = read_register(comity::test::source_path("register"));
  ASSERT_TRUE(files.has_value());
  const auto model = load_register(*files, std::nullopt);
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ((*model)->vocabulary.actions.values, words().actions.values);
  Request request;
  request.from = "RU";
  request.to = "CN";
  request.info = {"indicator"};
  request.at = test::instant("2024-01-01");
  test::Dice dice(test::base_seed());
  const std::string letters = "abcdefghijklmnopqrstuvwxyz-ABC_ .*";
  std::vector<std::string> asked = {"block",     "censor",  "remove", "delete",
                                    "take-down", "filter",  "ban",    "identify-author",
                                    "unmask",    "surveil", "track",  "throttle"};
  for (int i = 0; i < 2000; ++i) {
    // Letters at random, and the true words with one letter more, fewer or otherwise.
    auto word = dice.one(words().actions.values);
    const auto at = dice.below(word.size());
    if (dice.chance(30)) {
      word.clear();
      for (std::size_t n = 0; n <= at; ++n) word += letters[dice.below(letters.size())];
    } else if (dice.chance(50)) {
      word.insert(at, 1, letters[dice.below(letters.size())]);
    } else {
      word[at] = letters[dice.below(letters.size())];
    }
    asked.push_back(word);
  }
  for (const auto& word : asked) {
    if (words().actions.index(word)) continue;
    request.action = word;
    const auto resolved = resolve(**model, request);
    ASSERT_FALSE(resolved.has_value()) << word;
    ASSERT_EQ(invalid_request(**model, resolved.error()).kind, VerdictKind::InvalidRequest);
  }
}

// What the shipped register makes of an object.
stix::Classes classes_of(const std::string& type, const std::string& members) {
  static const auto model = [] {
    const auto files = read_register(comity::test::source_path("register"));
    CHECK(files.has_value());
    const auto loaded = load_register(*files, std::nullopt);
    CHECK(loaded.has_value());
    return *loaded;
  }();
  const auto object = stix::read_object(
      R"({"spec_version":"2.1","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z",)"
      R"("type":")" +
      type + R"(","id":")" + type + R"(--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",)" + members + "}");
  EXPECT_TRUE(object.has_value()) << type << " " << members;
  if (!object) return {};
  return stix::classify(*object, model->classification, [](const std::string& id) {
    return stix::classes_of_id(id, model->classification);
  });
}

TEST(RightsWordsTest, Hr15WhereAnAddressLiesSaysNothingAboutWho) {
  const std::string location = "location--11111111-1111-4111-8111-111111111111";
  const std::string address = "ipv4-addr--22222222-2222-4222-8222-222222222222";
  // Each of these is the same finding, whatever the country.
  for (const std::string country : {"XA", "CN", "RU", "US", "DE"}) {
    EXPECT_TRUE(classes_of("location", R"("country":")" + country + '"').names.empty());
    for (const auto& [type, members] : std::vector<std::pair<std::string, std::string>>{
             {"ipv4-addr", R"("value":"198.51.100.7")"},
             {"autonomous-system", R"("number":64496,"name":"Net of )" + country + '"'},
             {"infrastructure", R"("name":"host in )" + country + '"'},
             {"indicator", R"("name":")" + country +
                               R"(","pattern_type":"stix","pattern":)"
                               R"("[ipv4-addr:value = '198.51.100.7']",)"
                               R"("valid_from":"2024-01-01T00:00:00Z")"}}) {
      EXPECT_EQ(classes_of(type, members).names, std::set<std::string>{"indicator"})
          << type << " in " << country;
    }
    // That a host lies somewhere is no opinion about anybody; that somebody did it is.
    const auto lies =
        classes_of("relationship", R"("relationship_type":"located-at","source_ref":")" + address +
                                       R"(","target_ref":")" + location + '"');
    EXPECT_EQ(lies.names, std::set<std::string>{"indicator"});
  }
  const auto blames = classes_of(
      "relationship", R"("relationship_type":"attributed-to","source_ref":)"
                      R"("intrusion-set--33333333-3333-4333-8333-333333333333","target_ref":)"
                      R"("threat-actor--44444444-4444-4444-8444-444444444444")");
  EXPECT_TRUE(blames.names.contains("assessment-opinion"));
}

TEST(RightsWordsTest, Hr25WhatAMachineThinksIsNoFact) {
  test::Law law(test::wide_open(), Mode::Exercise);
  for (const char* value : {"likely", "0.97", "true", "ai", "machine", "translated", "YES", ""}) {
    Request request;
    request.from = "XA";
    request.to = "XB";
    request.info = {"indicator"};
    request.facts = {{"dual-criminality", value}};
    EXPECT_FALSE(resolve(law.model(), request).has_value()) << value;
  }
  for (const char* mark : {"AI", "MT", "LLM", "machine", "translated", "K", "K:x"}) {
    auto files = test::good_register();
    auto& text = files["arrangements/xa.toml"];
    text.replace(text.find("provenance = \"X\""), 16, std::string("provenance = \"") + mark + "\"");
    EXPECT_FALSE(load_register(files, std::nullopt).has_value()) << mark;
  }
}

}  // namespace
}  // namespace comity::treaty
