#include "exchange/decision.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/record.h"
#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using test::must;
using treaty::VerdictKind;

std::shared_ptr<const treaty::CompiledRegister> law() {
  static const auto compiled = [] {
    auto model = treaty::load_register(test::register_files(), "drill");
    if (!model) throw std::runtime_error(treaty::as_error(model.error()).text());
    return std::make_shared<const treaty::CompiledRegister>(*model, treaty::Verifications{},
                                                            treaty::Mode::Exercise);
  }();
  return compiled;
}

RecordQuestion question(const std::string& classes, const std::string& tlp = "clear") {
  RecordQuestion out;
  out.classes = classes;
  out.area = "threat-information";
  out.purpose = "warning";
  out.tlp = tlp;
  out.chain = "[]";
  return out;
}

treaty::Verdict ask(const RecordQuestion& asked) {
  return decide_record(*law(), asked, "XA", "XB", test::start_instant());
}

bool needs(const treaty::Verdict& verdict, const std::string& kind, const std::string& word) {
  return std::any_of(verdict.needs.begin(), verdict.needs.end(), [&](const auto& need) {
    return need.kind == kind && need.what.find(word) != std::string::npos;
  });
}

TEST(Decision, WritesClassesInTheOrderOfTheVocabularyWithTheUnknownLast) {
  const auto& vocabulary = law()->model().vocabulary;
  stix::Classes classes;
  EXPECT_EQ(write_classes(classes, vocabulary), "");
  classes.names = {"vulnerability", "indicator"};
  EXPECT_EQ(write_classes(classes, vocabulary), "indicator,vulnerability");
  classes.unknown = true;
  EXPECT_EQ(write_classes(classes, vocabulary), "indicator,vulnerability,?");
  classes.names = {"no-such-class", "indicator"};
  classes.unknown = false;
  EXPECT_EQ(write_classes(classes, vocabulary), "indicator,?");
  EXPECT_EQ(split_classes(""), std::vector<std::string>{});
  EXPECT_EQ(split_classes("a"), std::vector<std::string>{"a"});
  EXPECT_EQ(split_classes("a,b,?"), (std::vector<std::string>{"a", "b", "?"}));
}

TEST(Decision, ChainsAreReadBackAndBadOnesRefused) {
  const Chain chain = {{"xa-xb-2024", "XA"}, {"un-\"x\"", "XB"}};
  EXPECT_EQ(must(read_chain(write_chain(chain))), chain);
  const Chain dated = {{"xa-xb-2024", "XA", Instant{1}}, {"xa-xb-2024", "XB"}};
  EXPECT_EQ(must(read_chain(write_chain(dated))), dated);
  EXPECT_EQ(write_chain({dated[0]}), R"([{"instrument":"xa-xb-2024","originator":"XA",)"
                                     R"("received":"1970-01-01T00:00:00.000001Z"}])");
  EXPECT_EQ(write_chain({}), "[]");
  EXPECT_TRUE(must(read_chain("[]")).empty());
  for (const auto* text : {"", "{}", "[1]", R"([{"instrument":"i"}])", R"([{"originator":"XA"}])",
                           R"([{"instrument":1,"originator":"XA"}])", "[[]]",
                           R"([{"instrument":"i","originator":"XA","received":"soon"}])",
                           R"([{"instrument":"i","originator":"XA","received":1}])"}) {
    EXPECT_FALSE(read_chain(text).has_value()) << text;
  }
}

TEST(Decision, AsksWithTheFieldsOfTheRecord) {
  store::Record record;
  record.classes = "indicator,?";
  record.area = "csirt-response";
  record.purpose = "warning";
  record.tlp = "green";
  record.chain =
      R"([{"instrument":"xa-xb-2024","originator":"XB","received":"2024-07-01T10:00:00Z"}])";
  record.doubts = "[]";
  auto asked = question_of(record);
  EXPECT_FALSE(asked.doubtful);
  EXPECT_FALSE(asked.quarantined);
  const auto request = request_of(asked, "XA", "XC", test::start_instant());
  EXPECT_EQ(request.from, "XA");
  EXPECT_EQ(request.to, "XC");
  EXPECT_EQ(request.action, "share");
  EXPECT_EQ(request.info, std::vector<std::string>{"indicator"});
  EXPECT_EQ(request.area, "csirt-response");
  EXPECT_EQ(request.tlp, "green");
  EXPECT_EQ(request.at, test::start_instant());
  const auto received = must(parse_rfc3339("2024-07-01T10:00:00Z"));
  EXPECT_EQ(request.received_under, (Chain{{"xa-xb-2024", "XB", received}}));
  record.doubts = R"(["$.description: long"])";
  EXPECT_TRUE(question_of(record).doubtful);
  record.published = "https://example.org/report";
  EXPECT_FALSE(question_of(record).doubtful);
  record.state = store::RecordState::Quarantined;
  EXPECT_TRUE(question_of(record).quarantined);
}

TEST(Decision, UnknownDoubtfulQuarantinedAndCarriedRecordsDoNotGoByThemselves) {
  EXPECT_EQ(ask(question("indicator")).kind, VerdictKind::Permitted);
  for (const auto* classes : {"indicator,?", "?"}) {
    const auto verdict = ask(question(classes));
    EXPECT_EQ(verdict.kind, VerdictKind::Needs) << classes;
    EXPECT_TRUE(needs(verdict, "fact", "class")) << classes;
  }
  auto asked = question("indicator");
  asked.doubtful = true;
  EXPECT_EQ(ask(asked).kind, VerdictKind::Needs);
  EXPECT_TRUE(needs(ask(asked), "human", "free text"));
  asked.doubtful = false;
  asked.quarantined = true;
  EXPECT_EQ(ask(asked).kind, VerdictKind::Needs);
  EXPECT_TRUE(needs(ask(asked), "human", "quarantined"));
  const auto carried = ask(question(""));
  EXPECT_EQ(carried.kind, VerdictKind::Needs);
  EXPECT_TRUE(needs(carried, "fact", "names it"));
  EXPECT_EQ(carried.register_digest, law()->model().digest);
}

TEST(Decision, AttributionsLeaveByTwoOfficersOnly) {
  const auto record_of = [](const std::string& more) {
    const auto bytes = R"({"type":"relationship","spec_version":"2.1",)"
                       R"("id":"relationship--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a12",)"
                       R"("created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z",)"
                       R"("relationship_type":"attributed-to",)"
                       R"("source_ref":"campaign--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a12",)"
                       R"("target_ref":"threat-actor--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a12")" +
                       more + "}";
    auto record = record_from(must(stix::read_object(bytes)), bytes);
    record.classes = "indicator";
    record.area = "threat-information";
    record.purpose = "warning";
    record.tlp = "green";
    record.chain = "[]";
    return record;
  };
  auto record = record_of("");
  EXPECT_TRUE(question_of(record).attributes);
  EXPECT_FALSE(question_of(record).doubtful) << "that it attributes is no doubt beside";
  const auto verdict = ask(question_of(record));
  EXPECT_EQ(verdict.kind, VerdictKind::Needs);
  EXPECT_TRUE(needs(verdict, "human", "an attribution"));
  // Other doubts stay, and to be public makes no attribution a fact.
  record = record_of(R"(,"description":")" + std::string(3000, 'x') + "\"");
  EXPECT_TRUE(question_of(record).doubtful && question_of(record).attributes);
  record.published = "https://example.org/report";
  EXPECT_FALSE(question_of(record).doubtful);
  EXPECT_TRUE(needs(ask(question_of(record)), "human", "an attribution"));
}

TEST(Decision, ANeedNeverSoftensARefusal) {
  auto asked = question("indicator,state-secret,?");
  asked.doubtful = true;
  const auto forbidden = ask(asked);
  EXPECT_EQ(forbidden.kind, VerdictKind::Forbidden);
  EXPECT_TRUE(forbidden.needs.empty());
  asked.classes = "malware-sample,?";
  EXPECT_EQ(ask(asked).kind, VerdictKind::NoBasis);
  asked.classes = "indicator";
  asked.area = "no-such-area";
  EXPECT_EQ(ask(asked).kind, VerdictKind::InvalidRequest);
}

// Over every class, area, handling and mark: permitted exactly when the treaties permit and no mark
// stands against it.
TEST(Decision, PermitsExactlyWhatTheTreatiesPermitAndNothingHolds) {
  const auto& vocabulary = law()->model().vocabulary;
  std::size_t permitted = 0;
  for (const auto& name : vocabulary.classes.values) {
    for (const auto& area : vocabulary.areas.values) {
      for (const auto* tlp : {"", "clear", "green", "amber", "amber+strict", "red"}) {
        auto asked = question(name, tlp);
        asked.area = area;
        const auto plain =
            treaty::decide(*law(), request_of(asked, "XA", "XB", test::start_instant()));
        for (unsigned marks = 0; marks < 8; ++marks) {
          asked.classes = (marks & 1U) != 0 ? name + ",?" : name;
          asked.doubtful = (marks & 2U) != 0;
          asked.quarantined = (marks & 4U) != 0;
          const auto kind = ask(asked).kind;
          if (plain.kind == VerdictKind::Permitted && marks != 0) {
            EXPECT_EQ(kind, VerdictKind::Needs) << name << area << tlp << marks;
          } else {
            EXPECT_EQ(kind, plain.kind) << name << area << tlp << marks;
          }
          permitted += kind == VerdictKind::Permitted;
        }
      }
    }
  }
  // Four classes, two areas; red and unstated handling need somebody. Amber+strict needs the
  // recipient's designation, which the exercise has.
  EXPECT_EQ(permitted, 4U * 2U * 4U);
}

TEST(Decision, TheDeciderAsksEachQuestionOnce) {
  Decider decider(law(), "XA", "XB", test::start_instant());
  const auto* first = &decider.verdict(question("indicator"));
  EXPECT_EQ(first->kind, VerdictKind::Permitted);
  EXPECT_NE(first, &decider.verdict(question("vulnerability")));
  EXPECT_EQ(first, &decider.verdict(question("indicator")));
}

}  // namespace
}  // namespace comity::exchange
