#include "exchange/recall.h"

#include <gtest/gtest.h>

#include <map>

#include "exchange/consent.h"
#include "exchange/law.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_chain.h"
#include "exchange/verify.h"
#include "exchange/views.h"

namespace comity::exchange {
namespace {

using test::Chain4;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::must;

// XA's record at XB, and with XA's consent at XC.
struct PassedOn : Chain4 {
  PassedOn() {
    import_objects(a(), {indicator(1), indicator(2)});
    pass(a(), "XB");
    const auto asked = must(ask_consent(b(), {test::first_indicator}, "XC", ""));
    must(send_statements(b()));
    must(grant_consent(a(), asked.at(0).request, {}));
    must(send_statements(a()));
    pass(b(), "XC");
  }
  static void pass(Node& from, const std::string& to) {
    const auto sent = must(release(from, {test::first_indicator}, {to})).at(0).sent;
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].accepted, 1) << sent[0].error;
  }
  // Every node sends what waits until nothing does.
  void settle() {
    for (bool more = true; more;) {
      more = false;
      for (auto* node : {&a(), &b(), &c(), &d()}) {
        for (const auto& told : must(send_statements(*node))) {
          EXPECT_TRUE(told.taken || told.waits) << told.type << ": " << told.error;
          more = more || told.taken;
        }
      }
    }
  }
  std::size_t shown(Node& by, const std::string& to) {
    Views views(by);
    return must(views.objects({to}, "records", {})).items.size();
  }
  void verify_all() {
    for (auto* node : {&a(), &b(), &c(), &d()}) {
      const auto found = must(verify(*node));
      EXPECT_TRUE(found.clean()) << node->party() << ": " << found.findings.at(0);
    }
  }
};

RecallOrder all_of(const std::string& id) { return {{id}, {}, "false-positive", {}}; }

TEST(Recall, IsChasedThroughTheChainAndConfirmed) {
  PassedOn chain;
  EXPECT_EQ(chain.shown(chain.a(), "XB") + chain.shown(chain.b(), "XC"), 2U);
  const auto said = must(recall(chain.a(), all_of(test::first_indicator)));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].party, "XB");
  EXPECT_EQ(chain.shown(chain.a(), "XB"), 0U);
  const auto again = must(release(chain.a(), {test::first_indicator}, {"XB"})).at(0);
  EXPECT_EQ(again.held.at(0).verdict.reasons.at(0).code, "recalled");
  chain.settle();
  EXPECT_EQ(test::held(chain.b(), test::first_indicator).quarantine_reason, "recalled by XA");
  EXPECT_EQ(test::held(chain.c(), test::first_indicator).quarantine_reason, "recalled by XB");
  EXPECT_EQ(test::held(chain.a(), test::first_indicator).state, store::RecordState::Live);
  EXPECT_EQ(chain.shown(chain.b(), "XC"), 0U);
  const auto at_a = must(recalls(chain.a())).at(0);
  EXPECT_EQ(at_a.state, "confirmed");
  EXPECT_EQ(at_a.copies, 1);
  EXPECT_EQ(at_a.passed_on, 1);
  std::map<std::string, std::string> at_b;
  for (const auto& row : must(recalls(chain.b()))) at_b[row.party] = row.state;
  EXPECT_EQ(at_b, (std::map<std::string, std::string>{{"XA", "confirmed"}, {"XC", "confirmed"}}));
  chain.verify_all();
}

// Procedure travels under no clause: it goes on where nothing else does.
TEST(Recall, NeedsNoAgreementThatActs) {
  PassedOn chain;
  must(suspend(chain.a(), {"xa-xb-2024", "XA"}));
  EXPECT_EQ(must(release(chain.a(), {id_of("indicator", 2)}, {"XB"})).at(0).held_count, 1);
  must(recall(chain.a(), all_of(test::first_indicator)));
  chain.settle();
  EXPECT_EQ(test::held(chain.b(), test::first_indicator).quarantine_reason, "recalled by XA");
  EXPECT_EQ(test::held(chain.c(), test::first_indicator).quarantine_reason, "recalled by XB");
  EXPECT_EQ(must(recalls(chain.a())).at(0).state, "confirmed");
}

TEST(Recall, IsAwaitedWhileAPartyIsAway) {
  PassedOn chain;
  chain.away(chain.c());
  must(recall(chain.a(), all_of(test::first_indicator)));
  chain.settle();
  auto row = must(recalls(chain.a())).at(0);
  EXPECT_EQ(row.state, "awaiting");
  EXPECT_EQ(row.awaiting, 1);
  chain.back(chain.c());
  chain.settle();
  row = must(recalls(chain.a())).at(0);
  EXPECT_EQ(row.state, "confirmed");
  EXPECT_EQ(row.awaiting, 0);
  chain.verify_all();
}

TEST(Recall, ACorrectionNamesTheRecordToUseInstead) {
  PassedOn chain;
  import_objects(chain.a(), {indicator(1, test::marked(test::tlp_clear), 2)});
  const auto newer = test::held(chain.a(), test::first_indicator).digest;
  must(release(chain.a(), {test::first_indicator}, {"XB"}));
  must(recall(chain.a(), {{test::first_indicator}, {"XB"}, "superseded", newer}));
  chain.settle();
  const auto at_b = must(recalls(chain.b()));
  EXPECT_EQ(at_b.back().replaced_by, newer);
  const auto snapshot = must(chain.b().store().read());
  for (const auto& version : must(snapshot->records_by_stix_id(test::first_indicator, false))) {
    EXPECT_EQ(version.state == store::RecordState::Live, version.digest == newer);
  }
  chain.verify_all();
}

TEST(Recall, OfWhatNobodyHasIsRefused) {
  PassedOn chain;
  const auto kind_of = [&](const RecallOrder& order) {
    const auto said = recall(chain.a(), order);
    EXPECT_FALSE(said.has_value());
    return said ? ErrorKind::Corrupt : said.error().kind;
  };
  EXPECT_EQ(kind_of(all_of(id_of("indicator", 2))), ErrorKind::Conflict);
  EXPECT_EQ(kind_of(all_of(id_of("indicator", 9))), ErrorKind::NotFound);
  EXPECT_EQ(kind_of({{test::first_indicator}, {"XC"}, "law", {}}), ErrorKind::Conflict);
  EXPECT_EQ(kind_of({{test::first_indicator}, {}, "because", {}}), ErrorKind::InvalidInput);
  EXPECT_EQ(kind_of({{}, {}, "law", {}}), ErrorKind::InvalidInput);
  must(recall(chain.a(), all_of(test::first_indicator)));
  EXPECT_EQ(kind_of(all_of(test::first_indicator)), ErrorKind::Conflict);
}

TEST(Recall, FromAPartyThatIsNoPeerIsRefusedAsThat) {
  PassedOn chain;
  const auto words_of = [&](const char* party) {
    return recall(chain.a(), {{test::first_indicator}, {party}, "law", {}}).error().text();
  };
  EXPECT_NE(words_of("ZZ").find("ZZ is not paired with this node"), std::string::npos)
      << words_of("ZZ");
  EXPECT_EQ(words_of("XC"), "XC has nothing of it from this node that is not recalled");
  EXPECT_EQ(words_of("XA"), "XA is this node's own party");
}

TEST(Recall, NobodyRecallsWhatDidNotComeFromThem) {
  PassedOn chain;
  const auto before = test::stored(chain.b());
  std::size_t number = 0;
  const auto kind_of = [&](Node& sender, StatementBody body) {
    Statement statement;
    statement.body = std::move(body);
    statement.id = id_of(statement_type(statement.body), ++number);
    statement.mode = "exercise";
    statement.exercise = "drill";
    statement.from = sender.party();
    statement.to = "XB";
    statement.time = sender.now();
    const auto heard =
        receive(chain.b(), sender.party(),
                "{\"objects\":[" + sign(statement, sender.signing_key()).bytes + "]}");
    return heard ? std::optional<ErrorKind>() : std::optional(heard.error().kind);
  };
  const auto digest = test::held(chain.b(), test::first_indicator).digest;
  const auto disclosure = test::disclosures_sent(chain.a()).at(0).id;
  const auto refused = std::optional(ErrorKind::NotVerified);
  EXPECT_EQ(kind_of(chain.c(), Recall{{digest}, {}, "law", {}}), refused);
  EXPECT_EQ(kind_of(chain.c(), Recall{{digest}, {disclosure}, "law", {}}), refused);
  EXPECT_EQ(kind_of(chain.a(), Recall{{sha256("other")}, {disclosure}, "law", {}}), refused);
  EXPECT_EQ(kind_of(chain.a(), Recall{{digest}, {id_of("comity-disclosure", 9)}, "law", {}}),
            refused);
  EXPECT_EQ(kind_of(chain.c(), RecallConfirmation{id_of("comity-recall", 9), {}, 0, 0, 0}),
            refused);
  EXPECT_EQ(test::stored(chain.b()), before);
  EXPECT_EQ(test::held(chain.b(), test::first_indicator).state, store::RecordState::Live);
  // The first in the chain may call it back from where it has gone, without knowing how.
  EXPECT_EQ(kind_of(chain.a(), Recall{{digest}, {}, "law", {}}), std::nullopt);
  EXPECT_EQ(test::held(chain.b(), test::first_indicator).state, store::RecordState::Quarantined);
}

TEST(Recall, AStateThatNoEntryGaveIsFound) {
  PassedOn chain;
  must(recall(chain.a(), all_of(test::first_indicator)));
  chain.settle();
  const auto sequence = test::held(chain.b(), test::first_indicator).sequence;
  const auto change = must(Change::begin(chain.b()));
  must(change->store().set_state(sequence, store::RecordState::Live, ""));
  must(change->commit());
  EXPECT_FALSE(must(verify(chain.b())).clean());
}

}  // namespace
}  // namespace comity::exchange
