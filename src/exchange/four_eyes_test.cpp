// What an agreement permits when two officers have looked (treaty-clauses, settled cases 3 and 10):
// their signatures complete it, and nothing else that is missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "exchange/circumstances.h"
#include "exchange/consent.h"
#include "exchange/procedure.h"
#include "exchange/recall.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/rule.h"
#include "exchange/test_chain.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"
#include "exchange/views.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/observable_id.h"

namespace comity::exchange {
namespace {

using test::Chain4;
using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;
using treaty::VerdictKind;

OfficersOrder four_eyes_order(const std::string& party, std::size_t number = 1) {
  return {ByOfficers::FourEyes, {id_of("indicator", number)}, party};
}

treaty::Verdict verdict_for(Node& node, const std::string& party, const std::string& id) {
  return must(preview(node, {id}, {party})).at(0).verdict;
}

// XA holds what is for the persons in the room: an agreement with XB permits it, by hand only.
struct Red : Chain4 {
  Red() {
    test::enrol_all(a());
    import_objects(a(), {indicator(1, marked(test::tlp_red))});
  }
};

TEST(FourEyes, TwoOfficersCompleteWhatWaitsForThem) {
  Red f;
  const auto id = id_of("indicator", 1);
  ASSERT_TRUE(waits_for_officers(verdict_for(f.a(), "XB", id), "XA"));
  EXPECT_EQ(must(release(f.a(), {id}, {"XB"})).at(0).held_count, 1);
  const auto out = must(test::let_go(f.a(), four_eyes_order("XB")));
  EXPECT_EQ(out.held_count, 0);
  ASSERT_EQ(out.sent.size(), 1U);
  EXPECT_TRUE(out.sent[0].four_eyes && !out.sent[0].at_discretion);
  EXPECT_EQ(out.sent[0].accepted, 1) << out.sent[0].error;
  const auto sent = test::disclosures_sent(f.a());
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].four_eyes);
  EXPECT_EQ(sent[0].basis.at(0).instrument, "xa-xb-2024");
  EXPECT_EQ(test::held(f.b(), id).state, store::RecordState::Live);
  for (auto* node : {&f.a(), &f.b()}) {
    const auto found = must(verify(*node));
    EXPECT_TRUE(found.clean()) << found.findings.at(0);
    EXPECT_EQ(found.sent_at_discretion + found.received_at_discretion, 0);
  }
  EXPECT_EQ(must(test::let_go(f.a(), four_eyes_order("XB"))).already, 1);
  EXPECT_EQ(test::disclosures_sent(f.a()).size(), 1U);
}

TEST(FourEyes, NeedsTwoOfficersWhoSignedExactlyThis) {
  Red f;
  const auto wanted = four_eyes_order("XB");
  const auto before = test::stored(f.a());
  const auto refused = [&](const char* what, const std::optional<Approval>& approval) {
    const auto out = release_by_officers(f.a(), wanted, approval);
    ASSERT_FALSE(out.has_value()) << what;
    EXPECT_TRUE(out.error().kind == ErrorKind::NotPermitted ||
                out.error().kind == ErrorKind::NotVerified)
        << what << ": " << out.error().text();
    EXPECT_EQ(test::stored(f.a()), before) << what;
  };
  refused("nobody", std::nullopt);
  refused("one", test::approved(f.a(), wanted, {1}));
  refused("who is on duty", test::approved(f.a(), wanted, {1, 4}));
  auto discretion = wanted;
  discretion.how = ByOfficers::Discretion;
  discretion.ground = "They asked for it.";
  refused("what is signed for national discretion",
          test::approval_of(f.a(), "release-discretion",
                            must(officers_arguments(f.a(), discretion)), {1, 2}));
  const auto early = test::approved(f.a(), wanted);
  import_objects(f.a(), {indicator(1, marked(test::tlp_red), 2)});
  EXPECT_EQ(release_by_officers(f.a(), wanted, early).error().kind, ErrorKind::NotVerified);
}

TEST(FourEyes, NothingElseThatIsMissingIsLifted) {
  Chain4 four;
  test::enrol_all(four.a());
  import_objects(four.a(), {indicator(1), indicator(2, marked(test::tlp_red))});
  // No agreement.
  EXPECT_EQ(must(test::let_go(four.a(), four_eyes_order("XC"))).held_count, 1);
  // Nothing waits for them.
  const auto free = test::let_go(four.a(), four_eyes_order("XB"));
  ASSERT_FALSE(free.has_value());
  EXPECT_EQ(free.error().kind, ErrorKind::NotPermitted);
  EXPECT_NE(free.error().message.find("without them"), std::string::npos);
  // A consent is missing.
  must(release(four.a(), {id_of("indicator", 1)}, {"XB"}));
  test::enrol_all(four.b());
  ASSERT_EQ(verdict_for(four.b(), "XC", id_of("indicator", 1)).kind, VerdictKind::Needs);
  EXPECT_EQ(must(test::let_go(four.b(), four_eyes_order("XC"))).held_count, 1);
  // It waits for officers, and for a class that is known beside.
  import_objects(four.a(), {test::object("x-of-nobody", 1, marked(test::tlp_red))});
  auto strange = four_eyes_order("XB");
  strange.ids = {id_of("x-of-nobody", 1)};
  EXPECT_EQ(must(test::let_go(four.a(), strange)).held_count, 1);
  EXPECT_TRUE(test::disclosures_sent(four.b()).empty());
}

TEST(FourEyes, WhatIsForThePersonsInTheRoomGoesNoFurtherByOthers) {
  Red f;
  must(test::let_go(f.a(), four_eyes_order("XB")));
  test::enrol_all(f.b());
  EXPECT_EQ(verdict_for(f.b(), "XC", id_of("indicator", 1)).kind, VerdictKind::Forbidden);
  EXPECT_EQ(must(test::let_go(f.b(), four_eyes_order("XC"))).held_count, 1);
  EXPECT_TRUE(test::disclosures_sent(f.b()).empty());
}

// An own report names what waits for officers: it waits with it, also for them, until that went.
TEST(FourEyes, WhatIsNamedAndNotSelectedNobodyApproved) {
  Red f;
  const auto report = test::relationship(1, id_of("indicator", 1), id_of("indicator", 2));
  import_objects(f.a(), {indicator(2), report});
  const std::vector<std::string> ids = {id_of("relationship", 1), id_of("indicator", 2)};
  EXPECT_GT(must(release(f.a(), ids, {"XB"})).at(0).held_count, 0);
  auto order = four_eyes_order("XB");
  order.ids = ids;
  const auto out = must(test::let_go(f.a(), order));
  EXPECT_EQ(out.held_count, 1);
  EXPECT_EQ(out.held.at(0).because, id_of("indicator", 1));
  must(test::let_go(f.a(), four_eyes_order("XB")));
  EXPECT_EQ(must(release(f.a(), ids, {"XB"})).at(0).held_count, 0);
  EXPECT_TRUE(must(verify(f.a())).clean());
}

TEST(FourEyes, AnApprovalIsOfRecordsAsTheyCame) {
  const ApprovedRecord row{{}, "XA", "[]", "indicator", "red", "", "a", "p"};
  const auto text = approved_row(row);
  const auto other = [&](const std::function<void(ApprovedRecord&)>& change) {
    auto changed = row;
    change(changed);
    EXPECT_NE(approved_row(changed), text);
  };
  other([](auto& r) { r.digest[0] = 1; });
  other([](auto& r) { r.originator = "XB"; });
  other([](auto& r) { r.chain = R"([{"instrument":"xa-xb-2024","originator":"XB"}])"; });
  other([](auto& r) { r.classes = "indicator,malware"; });
  other([](auto& r) { r.tlp = "clear"; });
  other([](auto& r) { r.published = "https://example.org"; });
  other([](auto& r) { r.area = "b"; });
  other([](auto& r) { r.purpose = "q"; });
}

TEST(FourEyes, ALaterCopyOfWhatAnotherGaveWaitsForThem) {
  Chain4 four;
  test::enrol_all(four.b());
  import_objects(four.b(), {indicator(2)});
  import_objects(four.a(), {indicator(1), indicator(2), indicator(3)});
  for (const std::size_t number : {1U, 2U, 3U}) {
    must(release(four.a(), {id_of("indicator", number)}, {"XB"}));
  }
  import_objects(four.b(), {indicator(1)});
  ImportOptions published;
  published.published = "https://example.org/report";
  must(test::try_import(four.b(), test::bundle({indicator(3)}), published));
  // It had that one before, and anybody has the third.
  EXPECT_EQ(verdict_for(four.b(), "XC", id_of("indicator", 2)).kind, VerdictKind::Permitted);
  EXPECT_EQ(verdict_for(four.b(), "XC", id_of("indicator", 3)).kind, VerdictKind::Permitted);
  const auto id = id_of("indicator", 1);
  const auto before = verdict_for(four.b(), "XC", id);
  // As one's own it goes no further than what was given: the consent of its giver is missing, too.
  EXPECT_EQ(before.kind, VerdictKind::Needs);
  EXPECT_FALSE(waits_for_officers(before, "XB"));
  EXPECT_EQ(must(test::let_go(four.b(), four_eyes_order("XC"))).held_count, 1);
  const auto request = must(ask_consent(four.b(), {id}, "XC", "")).at(0).request;
  must(send_statements(four.b()));
  must(grant_consent(four.a(), request, {}));
  must(send_statements(four.a()));
  const auto verdict = verdict_for(four.b(), "XC", id);
  ASSERT_TRUE(waits_for_officers(verdict, "XB"));
  EXPECT_NE(verdict.needs.at(0).what.find("what another gave before"), std::string::npos);
  EXPECT_EQ(must(release(four.b(), {id}, {"XC"})).at(0).held_count, 1);
  EXPECT_EQ(must(test::let_go(four.b(), four_eyes_order("XC"))).sent.at(0).accepted, 1);
  EXPECT_EQ(test::disclosures_sent(four.b()).at(0).consents.size(), 1U);
  const auto found = must(verify(four.b()));
  EXPECT_TRUE(found.clean()) << found.findings.at(0);
}

// XA gave a record to XB, which imported what it says about the same thing as its own.
struct Copied : Chain4 {
  std::string id = id_of("indicator", 1);
  Copied() {
    test::enrol_all(b());
    import_objects(a(), {indicator(1)});
    must(release(a(), {id}, {"XB"}));
  }
  void consented(const ConsentTerms& terms = {}) {
    const auto request = must(ask_consent(b(), {id}, "XC", "")).at(0).request;
    for (const auto& told : must(send_statements(b()))) EXPECT_TRUE(told.taken) << told.error;
    must(grant_consent(a(), request, terms));
    for (const auto& told : must(send_statements(a()))) EXPECT_TRUE(told.taken) << told.error;
  }
  bool waits() { return waits_for_officers(verdict_for(b(), "XC", id), "XB"); }
};

TEST(FourEyes, TheConsentForALaterCopyIsThatForWhatWasGiven) {
  Copied f;
  // Another version, which its giver does not hold.
  import_objects(f.b(), {indicator(1, marked(test::tlp_green), 2)});
  EXPECT_FALSE(f.waits());
  ConsentTerms once;
  once.once = true;
  f.consented(once);
  ASSERT_TRUE(f.waits());
  must(test::let_go(f.b(), four_eyes_order("XC")));
  // It is used up for whatever comes of that record.
  import_objects(f.b(), {indicator(1, marked(test::tlp_green), 3)});
  EXPECT_FALSE(f.waits());
  const auto found = must(verify(f.b()));
  EXPECT_TRUE(found.clean()) << found.findings.at(0);
}

TEST(FourEyes, ALaterCopyGoesForNoOtherPurposeThanIsConsentedTo) {
  Copied f;
  f.consented();
  ImportOptions other;
  other.purpose = "incident-response";
  must(test::try_import(f.b(), test::bundle({indicator(1)}), other));
  EXPECT_FALSE(f.waits());
}

TEST(FourEyes, ARecallReachesTheLaterCopy) {
  Copied f;
  f.consented();
  import_objects(f.b(), {indicator(1)});
  ASSERT_TRUE(f.waits());
  must(recall(f.a(), {{f.id}, {}, "false-positive", {}}));
  must(send_statements(f.a()));
  EXPECT_FALSE(f.waits());
  EXPECT_EQ(must(test::let_go(f.b(), four_eyes_order("XC"))).held_count, 1);
}

TEST(FourEyes, WhatWasOnesOwnFirstIsNoCopy) {
  Chain4 four;
  import_objects(four.b(), {indicator(1)});
  import_objects(four.a(), {indicator(1)});
  must(release(four.a(), {id_of("indicator", 1)}, {"XB"}));
  import_objects(four.b(), {indicator(1, marked(test::tlp_clear), 2)});
  EXPECT_EQ(verdict_for(four.b(), "XC", id_of("indicator", 1)).kind, VerdictKind::Permitted);
}

// The id of some observables follows from their value, and anybody comes to it; of others it is as
// their first writer chose it.
TEST(FourEyes, AnObservableIsACopyWhereItsIdWasChosen) {
  Chain4 four;
  const auto chosen =
      test::object("url", 7, R"(,"value":"https://a.example/")" + marked(test::tlp_clear));
  const auto derived = test::object("url", 8, R"(,"value":"https://b.example/")");
  const auto tree = must(json::parse(derived));
  auto object = *tree.object();
  const auto id = *stix::deterministic_id(tree);
  object.set("id", id);
  ImportOptions clear;
  clear.tlp = "clear";
  for (auto* node : {&four.a(), &four.b()}) {
    must(test::try_import(*node, test::bundle({chosen, json::write(object)}), clear));
    if (node == &four.a()) {
      must(release(four.a(), {id_of("url", 7), id}, {"XB"}));
    }
  }
  const auto snapshot = must(four.b().store().read());
  EXPECT_EQ(must(given_before(*snapshot, test::held(four.b(), id_of("url", 7)))).size(), 1U);
  EXPECT_TRUE(must(given_before(*snapshot, test::held(four.b(), id))).empty());
}

TEST(FourEyes, TwoImportsOfTheSameGoOnce) {
  Chain4 four;
  const auto bytes = indicator(1, "");
  std::vector<std::string> imports;
  for (const auto* tlp : {"clear", "green"}) {
    ImportOptions options;
    options.tlp = tlp;
    imports.push_back(must(test::try_import(four.a(), test::bundle({bytes}), options)).import_id);
  }
  ASSERT_NE(imports[0], imports[1]);
  const auto out = must(release(four.a(), imports, {"XB"})).at(0);
  ASSERT_EQ(out.sent.size(), 1U);
  EXPECT_EQ(out.sent[0].accepted, 1) << out.sent[0].error;
  EXPECT_EQ(test::disclosures_sent(four.a()).at(0).records.at(0).tlp, "green") << "as said last";
  EXPECT_TRUE(must(verify(four.a())).clean());
}

// --- and never otherwise -----------------------------------------------------------------------

TEST(FourEyes, NoRuleReleasesIt) {
  Chain4 four;
  import_objects(four.b(), {indicator(1)});
  must(release(four.b(), {id_of("indicator", 1)}, {"XA"}));
  import_objects(four.a(), {indicator(1), indicator(2)});  // the first is a later copy
  must(add_rule(four.a(), {"all", {"XB"}, {"indicator"}, "warning", "threat-information", {}, {}}));
  while (must(apply_rules(four.a()))) {
  }
  const auto sent = test::disclosures_sent(four.a());
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_EQ(sent[0].records.size(), 1U);
  EXPECT_EQ(sent[0].records[0].digest, test::held(four.a(), id_of("indicator", 2)).digest);
}

// What waits for its recipient, with a record without class that anybody may have.
struct Waiting : Red {
  Waiting() {
    away(b());
    import_objects(
        a(), {test::object("identity", 1, R"(,"name":"n")" + marked(test::tlp_clear)), indicator(2),
              indicator(3, R"(,"created_by_ref":")" + id_of("identity", 1) + "\"" +
                               marked(test::tlp_red))});
    EXPECT_FALSE(must(test::let_go(a(), four_eyes_order("XB", 3))).sent.at(0).receipt);
    EXPECT_EQ(test::disclosures_sent(a()).at(0).records.size(), 2U);
  }
};

TEST(FourEyes, NobodyCollectsIt) {
  Waiting f;
  Views views{f.a()};
  EXPECT_TRUE(must(views.objects({"XB"}, "records", {})).items.empty());
  EXPECT_TRUE(must(verify(f.a())).clean());
  must(release(f.a(), {id_of("indicator", 2)}, {"XB"}));
  const auto page = must(views.objects({"XB"}, "records", {}));
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(must(json::parse(page.items[0].bytes)).text("id"), id_of("indicator", 2));
}

TEST(FourEyes, AnotherRegisterVoidsWhatWasNotSent) {
  Waiting f;
  const auto disclosure = test::disclosures_sent(f.a()).at(0);
  must(still_permitted(f.a(), disclosure));
  auto files = test::chain_register();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "send each other", "give each other");
  test::change_law(f.a(), files);
  EXPECT_EQ(still_permitted(f.a(), disclosure).error().kind, ErrorKind::NotPermitted);
  Views views{f.a()};
  EXPECT_TRUE(must(views.objects({"XB"}, "records", {})).items.empty());
}

// Who holds the key of the node and its store; also in a spelling that is signed nowhere.
TEST(FourEyes, WithoutOfficersInTheLedgerItIsFound) {
  for (const char* spelling : {R"("four_eyes":true)", R"("four_eyes": true)"}) {
    Red f;
    auto disclosure = test::disclosure_by(f.a(), "XB", {test::disclosed(indicator(1))});
    disclosure.four_eyes = true;
    const auto object = sign(disclosure, f.a().signing_key());
    store::ProtocolObject row;
    row.id = disclosure.id;
    row.kind = disclosure_kind;
    row.direction = store::Direction::Sent;
    row.peer = "XB";
    row.number = 1;
    row.digest = object.digest;
    row.bytes = test::replaced(object.bytes, R"("four_eyes":true)", spelling);
    {
      const auto change = must(Change::begin(f.a()));
      row.at = change->at();
      must(change->store().append(row));
      must(change->commit());
    }
    const bool as_signed = row.bytes == object.bytes;
    const auto found = must(verify(f.a())).findings;
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const std::string& one) {
      return one.find(as_signed ? "no two officers approved it" : "not those that were entered") !=
             std::string::npos;
    })) << spelling;
  }
}

// A disclosure says of no record that it is a later copy: who holds it knows.
TEST(FourEyes, ThatNobodyLookedIsFoundWhereItIsHeld) {
  Copied f;
  f.consented();
  import_objects(f.b(), {indicator(1)});
  must(test::let_go(f.b(), four_eyes_order("XC")));
  auto forged = test::disclosures_sent(f.b()).at(0);
  forged.four_eyes = false;
  const auto status = still_permitted(f.b(), forged);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::NotPermitted);
}

// --- where it arrives --------------------------------------------------------------------------

std::string fate_at_b(const std::function<void(Disclosure&)>& change) {
  Federation f;
  const auto bytes = indicator(1, marked(test::tlp_red));
  auto disclosure = test::disclosure_by(f.a(), "XB", {test::disclosed(bytes)});
  disclosure.records[0].tlp = "red";
  change(disclosure);
  const auto status = must(receive(f.b(), "XA", test::envelope_with(f.a(), disclosure, {bytes})));
  return status.fates.at(1).message;
}

TEST(FourEyes, TheRecipientTakesItWhereOfficersOfTheSenderAreWhoHadToLook) {
  EXPECT_EQ(fate_at_b([](Disclosure& d) { d.four_eyes = true; }), "");
  EXPECT_NE(fate_at_b([](Disclosure&) {}), "") << "and not without them";
  // Its clauses must be those of our law all the same.
  EXPECT_NE(fate_at_b([](Disclosure& d) {
              d.four_eyes = true;
              d.basis[0].clause = "a9";
            }),
            "");
}

// What has no class comes under its own handling.
TEST(FourEyes, TheRecipientTakesNothingCarriedThatOfficersHadToLookAt) {
  for (const bool looked_at : {false, true}) {
    Federation f;
    const auto person = test::object("identity", 1, R"(,"name":"n")" + marked(test::tlp_red));
    const auto bytes = indicator(
        1, R"(,"created_by_ref":")" + id_of("identity", 1) + "\"" + marked(test::tlp_clear));
    auto disclosure =
        test::disclosure_by(f.a(), "XB", {test::disclosed(person, ""), test::disclosed(bytes)});
    disclosure.records[0].tlp = "red";
    disclosure.four_eyes = looked_at;
    const auto status =
        must(receive(f.b(), "XA", test::envelope_with(f.a(), disclosure, {person, bytes})));
    EXPECT_EQ(status.fates.at(1).message,
              looked_at ? "" : "quarantined: not-permitted-here: carried");
    EXPECT_EQ(status.fates.at(2).message, "");
  }
}

TEST(FourEyes, IsTrueOrNotThere) {
  Federation f;
  auto disclosure = test::disclosure_by(f.a(), "XB", {test::disclosed(indicator(1))});
  disclosure.four_eyes = true;
  const auto key = f.a().signing_key().public_key();
  const auto opened = open_disclosure(sign(disclosure, f.a().signing_key()).bytes, key);
  ASSERT_TRUE(opened.has_value()) << opened.error().text();
  EXPECT_TRUE(opened->four_eyes && opened->by_officers());
  for (const auto& value : {json::Value(false), json::Value("yes"), json::Value(1)}) {
    auto tree = must(json::parse(sign(disclosure, f.a().signing_key()).bytes));
    auto object = *tree.object();
    object.erase("signature");
    object.set("four_eyes", value);
    const auto bytes = signed_object(std::move(object), f.a().signing_key()).bytes;
    const auto refused = open_disclosure(bytes, key);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().where, "$.four_eyes");
  }
}

}  // namespace
}  // namespace comity::exchange
