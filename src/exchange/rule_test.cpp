#include "exchange/rule.h"

#include <gtest/gtest.h>

#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;

Rule wanted_rule(const std::string& name = "warnings") {
  Rule out;
  out.name = name;
  out.to = {"XB"};
  out.classes = {"indicator"};
  out.purpose = "warning";
  out.area = "threat-information";
  return out;
}

struct Ruled : Federation {
  void apply() {
    while (must(apply_rules(a()))) {
    }
  }
  // Digests disclosed to XB, in order.
  std::vector<Digest> disclosed() {
    std::vector<Digest> out;
    for (const auto& disclosure : test::disclosures_sent(a())) {
      for (const auto& record : disclosure.records) out.push_back(record.digest);
    }
    return out;
  }
};

Digest digest_of(const std::string& bytes) { return must(protocol_digest(bytes)); }

TEST(Rule, WithoutOneNothingIsDisclosedAndWithOneWhatItCovers) {
  Ruled node;
  import_objects(node.a(), {indicator(1)});
  node.apply();
  EXPECT_TRUE(node.disclosed().empty()) << "an import grants nothing";
  must(add_rule(node.a(), wanted_rule()));
  node.apply();
  EXPECT_EQ(node.disclosed(), std::vector<Digest>{digest_of(indicator(1))});
  import_objects(node.a(), {indicator(2)});
  node.apply();
  node.apply();
  EXPECT_EQ(node.disclosed(),
            (std::vector<Digest>{digest_of(indicator(1)), digest_of(indicator(2))}))
      << "each once";
  must(end_rule(node.a(), "warnings"));
  import_objects(node.a(), {indicator(3)});
  node.apply();
  EXPECT_EQ(node.disclosed().size(), 2U) << "an ended rule releases nothing";
  EXPECT_TRUE(must(verify(node.a())).clean());
}

TEST(Rule, CoversOnlyWhatItSays) {
  Federation node;
  import_objects(node.a(), {indicator(1)});
  const auto good = test::held(node.a(), id_of("indicator", 1));
  const auto rule = wanted_rule();
  ASSERT_TRUE(covers(rule, good));
  const auto not_covered = [&](const char* what,
                               const std::function<void(store::Record&)>& change) {
    auto record = good;
    change(record);
    EXPECT_FALSE(covers(rule, record)) << what;
  };
  not_covered("red", [](store::Record& r) { r.tlp = "red"; });
  not_covered("no handling", [](store::Record& r) { r.tlp.clear(); });
  not_covered("doubtful", [](store::Record& r) { r.doubts = "[\"long text\"]"; });
  not_covered("quarantined", [](store::Record& r) { r.state = store::RecordState::Quarantined; });
  not_covered("other class", [](store::Record& r) { r.classes = "vulnerability"; });
  not_covered("one class more", [](store::Record& r) { r.classes = "indicator,vulnerability"; });
  not_covered("content", [](store::Record& r) { r.classes = "indicator,content-data"; });
  not_covered("unknown", [](store::Record& r) { r.classes = "indicator,?"; });
  not_covered("no class", [](store::Record& r) { r.classes.clear(); });
  not_covered("purpose", [](store::Record& r) { r.purpose = "evidence"; });
  not_covered("area", [](store::Record& r) { r.area = "crime"; });
}

TEST(Rule, PermitsNothingThatTheLawDoesNotAndFollowsItsChanges) {
  Ruled node;
  test::change_law(node.a(), test::lapsed_register());
  must(add_rule(node.a(), wanted_rule()));
  import_objects(node.a(), {indicator(1)});
  node.apply();
  EXPECT_TRUE(node.disclosed().empty());
  test::change_law(node.a(), test::register_files());
  node.apply();
  EXPECT_EQ(node.disclosed().size(), 1U) << "looked at again after a change of the register";
  // And after a day has begun, because the law may change with it.
  const auto before = must(must(node.a().store().read())->meta("rule:warnings:XB"));
  node.xa.clock.set(must(parse_rfc3339("2026-11-24T00:00:00Z")));
  node.apply();
  EXPECT_NE(must(must(node.a().store().read())->meta("rule:warnings:XB")), before);
  EXPECT_EQ(node.disclosed().size(), 1U);
}

TEST(Rule, AContainerBringsOnlyWhatTheRuleCovers) {
  Ruled node;
  auto rule = wanted_rule();
  rule.classes = {"indicator", "threat-description"};
  ImportOptions evidence;
  evidence.purpose = "evidence";
  import_objects(node.a(), {indicator(1)}, evidence);
  import_objects(node.a(), {indicator(2)});
  import_objects(node.a(), {test::relationship(3, id_of("indicator", 1), id_of("indicator", 2))});
  must(add_rule(node.a(), rule));
  node.apply();
  for (const auto& digest : node.disclosed()) EXPECT_NE(digest, digest_of(indicator(1)));
}

TEST(Rule, IsAppliedInStepsAndOnlyToThoseWhoCanTakeIt) {
  Ruled node;
  std::vector<std::string> objects;
  const auto count = static_cast<std::size_t>(rule_records_max) + 1;
  for (std::size_t i = 1; i <= count; ++i) objects.push_back(indicator(i));
  import_objects(node.a(), objects);
  auto rule = wanted_rule();
  rule.to = {"XB", "XC"};  // XC is not paired
  must(add_rule(node.a(), rule));
  EXPECT_TRUE(must(apply_rules(node.a())));
  EXPECT_EQ(node.disclosed().size(), count - 1);
  EXPECT_FALSE(must(apply_rules(node.a())));
  EXPECT_EQ(node.disclosed().size(), count);
}

TEST(Rule, IsRefusedWhenItDoesNotFit) {
  Federation node;
  const auto refused = [&](const char* what, ErrorKind kind,
                           const std::function<void(Rule&)>& change,
                           const std::string& words = "") {
    auto rule = wanted_rule();
    change(rule);
    const auto before = test::stored(node.a());
    const auto made = add_rule(node.a(), rule);
    ASSERT_FALSE(made.has_value()) << what;
    EXPECT_EQ(made.error().kind, kind) << what << ": " << made.error().text();
    EXPECT_NE(made.error().text().find(words), std::string::npos) << made.error().text();
    EXPECT_EQ(test::stored(node.a()), before) << what;
  };
  refused("name", ErrorKind::InvalidInput, [](Rule& r) { r.name = "A b"; });
  refused("nobody", ErrorKind::InvalidInput, [](Rule& r) { r.to.clear(); });
  refused(
      "ourselves", ErrorKind::InvalidInput, [](Rule& r) { r.to = {"XA"}; }, "own party");
  refused(
      "unknown party", ErrorKind::InvalidInput, [](Rule& r) { r.to = {"QQ"}; },
      "'QQ' is no party of the register");
  refused(
      "twice", ErrorKind::InvalidInput,
      [](Rule& r) {
        r.to = {"XB", "XB"};
      },
      "XB is named twice");
  refused("too many", ErrorKind::InvalidInput,
          [](Rule& r) { r.to.assign(rule_parties_max + 1, "XB"); });
  refused("no class", ErrorKind::InvalidInput, [](Rule& r) { r.classes.clear(); });
  refused("class", ErrorKind::InvalidInput, [](Rule& r) { r.classes = {"gossip"}; });
  for (const auto* name : {"content-data", "restricted-national", "state-secret"}) {
    refused(name, ErrorKind::NotPermitted, [&](Rule& r) { r.classes = {"indicator", name}; });
  }
  refused("purpose", ErrorKind::InvalidInput, [](Rule& r) { r.purpose = "fun"; });
  refused("area", ErrorKind::InvalidInput, [](Rule& r) { r.area = "moon"; });
  refused("content", ErrorKind::NotPermitted, [](Rule& r) { r.area = "content"; });
  for (std::size_t i = 0; i < rules_max; ++i) {
    must(add_rule(node.a(), wanted_rule(fmt::format("rule-{}", i))));
  }
  refused("one too many", ErrorKind::TooLarge, [](Rule&) {});
  must(end_rule(node.a(), "rule-0"));
  EXPECT_EQ(end_rule(node.a(), "rule-0").error().kind, ErrorKind::Conflict);
  EXPECT_EQ(end_rule(node.a(), "none").error().kind, ErrorKind::NotFound);
}

// An operational node with officers 3 and 6, who release.
struct Governed : test::Operational {
  Governed() { test::enrol(node(), 6, "Second Releaser", "releasing-officer"); }
  Approval approval(std::initializer_list<int> keys) {
    return test::approval_of(node(), "rule-add", act_arguments(wanted_rule()), keys);
  }
  Approval end_approval(std::initializer_list<int> keys) {
    return test::approval_of(node(), "rule-end", rule_end_arguments("warnings"), keys);
  }
  std::size_t count() { return must(rules(*must(node().store().read()))).size(); }
};

TEST(Rule, OfAnOperationalNodeIsEnteredByTwoWhoRelease) {
  Governed one;
  const auto refused = [&](const std::optional<Approval>& approval) {
    const auto made = add_rule(one.node(), wanted_rule(), approval);
    return !made && made.error().kind == ErrorKind::NotPermitted && one.count() == 0;
  };
  EXPECT_TRUE(refused(std::nullopt));
  EXPECT_TRUE(refused(one.approval({3, 3}))) << "one key twice";
  for (const int wrong : {1, 4, 5}) EXPECT_TRUE(refused(one.approval({3, wrong}))) << wrong;
  auto other = wanted_rule();
  other.to = {"XC"};
  const auto foreign = add_rule(one.node(), other, one.approval({3, 6}));
  EXPECT_EQ(foreign.error().kind, ErrorKind::NotVerified) << "another rule was signed";
  must(add_rule(one.node(), wanted_rule(), one.approval({3, 6})));
  EXPECT_EQ(one.count(), 1U);
  EXPECT_TRUE(must(verify(one.node())).clean());
  // The end needs two as well; an officer on duty may stop it, an adviser may not.
  EXPECT_EQ(end_rule(one.node(), "warnings").error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(end_rule(one.node(), "warnings", one.end_approval({3, 1})).error().kind,
            ErrorKind::NotPermitted);
  must(end_rule(one.node(), "warnings", one.end_approval({3, 4})));
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(Rule, OneThatNobodyOrSomebodyElseApprovedIsFoundByVerify) {
  Governed one;
  must(add_rule(one.node(), wanted_rule(), one.approval({3, 6})));
  const auto found = [&](const char* name, const std::optional<Approval>& approval) {
    auto rule = wanted_rule(name);
    const auto change = must(Change::begin(one.node()));
    rule.created = change->at();
    auto terms = act_arguments(rule);
    terms.set("created", format_rfc3339(rule.created, 6));
    json::Object entry;
    entry.set("type", "rule-added");
    entry.set("rule", terms);
    if (approval) entry.set("approval", to_json(*approval));
    must(change->enter("rule", entry));
    must(change->commit());
    return fmt::format("{}", fmt::join(must(verify(one.node())).findings, "\n"));
  };
  EXPECT_NE(found("second", std::nullopt).find("no officer approved"), std::string::npos);
  EXPECT_NE(found("third", one.approval({3, 6})).find("approved another rule"), std::string::npos);
}

TEST(Rule, AnyChangeOfTheListIsFoundByVerify) {
  Federation node;
  must(add_rule(node.a(), wanted_rule()));
  must(add_rule(node.a(), wanted_rule("second")));
  must(end_rule(node.a(), "second"));
  EXPECT_TRUE(must(verify(node.a())).clean());
  const auto kept = *must(must(node.a().store().read())->meta("rules"));
  for (const auto& altered : {test::replaced(kept, "\"XB\"", "\"XC\""),
                              test::replaced(kept, "\"indicator\"", "\"assessment-opinion\""),
                              test::replaced(kept, ",\"ended\":", ",\"endedx\":"),
                              std::string("[]"), std::string("{}")}) {
    const auto change = must(Change::begin(node.a()));
    must(change->store().set_meta("rules", altered));
    must(change->commit());
    EXPECT_FALSE(must(verify(node.a())).clean()) << altered;
  }
}

}  // namespace
}  // namespace comity::exchange
