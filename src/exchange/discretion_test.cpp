// National discretion (treaty-clauses, law 7 of verdicts): what no agreement speaks of, two
// officers may let go; nothing else may, and nobody finds it in a view.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/rule.h"
#include "exchange/test_chain.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"
#include "json/parse.h"

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

OfficersOrder order(const std::string& party, std::size_t number = 1) {
  return {ByOfficers::Discretion,
          {id_of("indicator", number)},
          party,
          "Their banks are attacked by the same malware."};
}

VerdictKind kind_for(Node& node, const std::string& party, const std::string& id) {
  return must(preview(node, {id}, {party})).at(0).verdict.kind;
}

bool has_finding(Node& node, const std::string& part) {
  const auto found = must(verify(node)).findings;
  return std::any_of(found.begin(), found.end(),
                     [&](const std::string& one) { return one.find(part) != std::string::npos; });
}

// --- what may ----------------------------------------------------------------------------------

RecordQuestion own_question() {
  RecordQuestion out;
  out.classes = "indicator";
  out.area = "threat-information";
  out.purpose = "warning";
  out.tlp = "clear";
  out.chain = "[]";
  return out;
}

TEST(Discretion, IsForWhatNoAgreementSpeaksOfAndForNothingElse) {
  treaty::Verdict verdict;
  for (const auto kind : {VerdictKind::Permitted, VerdictKind::Needs, VerdictKind::NoBasis,
                          VerdictKind::Forbidden, VerdictKind::InvalidRequest}) {
    verdict.kind = kind;
    EXPECT_EQ(may_go_at_discretion(own_question(), verdict), kind == VerdictKind::NoBasis);
  }
  verdict.kind = VerdictKind::NoBasis;
  for (const auto* kind :
       {"consent", "arrangement", "fact", "verification", "rights-record", "human"}) {
    verdict.needs.assign(1, {kind, "something", "XA"});
    EXPECT_EQ(may_go_at_discretion(own_question(), verdict), kind == std::string("human")) << kind;
  }
}

TEST(Discretion, IsForUnclassifiedRecordsOfOnesOwnWithoutALock) {
  treaty::Verdict verdict;
  verdict.kind = VerdictKind::NoBasis;
  const std::set<std::string> closed = {"restricted-national", "state-secret",    "content-data",
                                        "traffic-data",        "subscriber-data", "log-personal"};
  std::size_t met = 0;
  const auto classes = must(treaty::read_register(comity::test::source_path("register")));
  const auto model = treaty::load_register(classes, std::nullopt);
  ASSERT_TRUE(model.has_value());
  for (const auto& name : (*model)->vocabulary.classes.values) {
    met += closed.contains(name) ? 1 : 0;
    auto question = own_question();
    question.classes = name;
    EXPECT_EQ(may_go_at_discretion(question, verdict), !closed.contains(name)) << name;
    question.classes = "indicator," + name;
    EXPECT_EQ(may_go_at_discretion(question, verdict), !closed.contains(name)) << name;
  }
  EXPECT_EQ(met, closed.size());
  const auto refused = [&](const char* what, const std::function<void(RecordQuestion&)>& change) {
    auto question = own_question();
    change(question);
    EXPECT_FALSE(may_go_at_discretion(question, verdict)) << what;
  };
  refused("received", [](auto& q) { q.chain = write_chain({{"xa-xb-2024", "XB", {}}}); });
  refused("quarantined", [](auto& q) { q.quarantined = true; });
  refused("content", [](auto& q) { q.area = "content"; });
  refused("for the own organisation", [](auto& q) { q.tlp = "amber+strict"; });
  refused("for the persons in the room", [](auto& q) { q.tlp = "red"; });
}

// --- how ---------------------------------------------------------------------------------------

struct Apart : Chain4 {
  Apart() {
    test::enrol_all(a());
    import_objects(a(), {indicator(1), indicator(2)});
  }
};

TEST(Discretion, TwoOfficersLetGoWhatNoAgreementSpeaksOf) {
  Apart four;
  ASSERT_EQ(kind_for(four.a(), "XC", id_of("indicator", 1)), VerdictKind::NoBasis);
  EXPECT_EQ(must(release(four.a(), {id_of("indicator", 1)}, {"XC"})).at(0).held_count, 1);
  const auto out = must(test::let_go(four.a(), order("XC")));
  EXPECT_EQ(out.held_count, 0);
  ASSERT_EQ(out.sent.size(), 1U);
  EXPECT_TRUE(out.sent[0].at_discretion);
  EXPECT_TRUE(out.sent[0].receipt) << out.sent[0].error;
  EXPECT_EQ(out.sent[0].accepted, 1);
  // It says so, and claims no law.
  const auto sent = test::disclosures_sent(four.a());
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].at_discretion);
  EXPECT_TRUE(sent[0].basis.empty() && sent[0].duties.empty());
  const auto rows = test::statements(four.a(), "comity-disclosure", store::Direction::Sent);
  EXPECT_NE(rows.at(0).bytes.find(R"("ground":"national-discretion")"), std::string::npos);
  // It is counted apart, and holds at both ends.
  import_objects(four.a(), {indicator(3)});
  must(release(four.a(), {id_of("indicator", 3)}, {"XB"}));
  const auto found = must(verify(four.a()));
  EXPECT_TRUE(found.clean()) << (found.findings.empty() ? "" : found.findings[0]);
  EXPECT_EQ(found.sent, 2);
  EXPECT_EQ(found.sent_at_discretion, 1);
  EXPECT_EQ(found.redecided, 2);
  const auto there = must(verify(four.c()));
  EXPECT_TRUE(there.clean());
  EXPECT_EQ(there.received_redecided, 1);
  EXPECT_EQ(there.received_at_discretion, 1);
  EXPECT_EQ(must(verify(four.b())).received_at_discretion, 0);
  // Once is enough.
  EXPECT_EQ(must(test::let_go(four.a(), order("XC"))).already, 1);
  EXPECT_EQ(test::disclosures_sent(four.a()).size(), 2U);
}

TEST(Discretion, WhatCameSoGoesNoFurther) {
  Apart four;
  must(test::let_go(four.a(), order("XC")));
  const auto held = test::held(four.c(), id_of("indicator", 1));
  EXPECT_EQ(held.state, store::RecordState::Live);
  const auto chain = must(read_chain(held.chain));
  ASSERT_EQ(chain.size(), 1U);
  EXPECT_EQ(chain[0].instrument, national_discretion);
  EXPECT_EQ(chain[0].originator, "XA");
  // XC and XD share an agreement under which an indicator of XC goes.
  import_objects(four.c(), {indicator(9)});
  EXPECT_EQ(kind_for(four.c(), "XD", id_of("indicator", 9)), VerdictKind::Permitted);
  EXPECT_EQ(kind_for(four.c(), "XD", id_of("indicator", 1)), VerdictKind::NoBasis);
  test::enrol_all(four.c());
  EXPECT_EQ(must(test::let_go(four.c(), order("XD"))).held_count, 1);
  EXPECT_TRUE(test::disclosures_sent(four.c()).empty());
}

TEST(Discretion, NeedsTwoOfficersWhoSignedExactlyThis) {
  Apart four;
  test::enrol(four.a(), 6, "Releaser Two", "releasing-officer");
  const auto wanted = order("XC");
  const auto before = test::stored(four.a());
  const auto refused = [&](const char* what, const std::optional<Approval>& approval) {
    const auto out = release_by_officers(four.a(), wanted, approval);
    ASSERT_FALSE(out.has_value()) << what;
    EXPECT_TRUE(out.error().kind == ErrorKind::NotPermitted ||
                out.error().kind == ErrorKind::NotVerified)
        << what << ": " << out.error().text();
    EXPECT_EQ(test::stored(four.a()), before) << what;
  };
  refused("nobody", std::nullopt);  // in an exercise, too
  refused("one", test::approved(four.a(), wanted, {1}));
  refused("one twice", test::approved(four.a(), wanted, {1, 1}));
  refused("who is on duty", test::approved(four.a(), wanted, {1, 4}));
  refused("who keeps the machine", test::approved(four.a(), wanted, {3, 5}));
  refused("a stranger", test::approved(four.a(), wanted, {1, 9}));
  refused("another party", test::approved(four.a(), order("XD")));
  refused("another record", test::approved(four.a(), order("XC", 2)));
  auto other = wanted;
  other.ground = "Another ground.";
  refused("another ground", test::approved(four.a(), other));
  // The record has another version since.
  const auto early = test::approved(four.a(), wanted);
  import_objects(four.a(), {indicator(1, marked(test::tlp_green), 2)});
  const auto out = release_by_officers(four.a(), wanted, early);
  ASSERT_FALSE(out.has_value());
  EXPECT_EQ(out.error().kind, ErrorKind::NotVerified);
  // The same bytes, and another statement of who may read them.
  const auto bare = indicator(5, "");
  const auto bring = [&](const char* tlp) {
    ImportOptions options;
    options.tlp = tlp;
    must(test::try_import(four.a(), test::bundle({bare}), options));
  };
  bring("green");
  const auto once = test::approved(four.a(), order("XC", 5));
  bring("clear");
  EXPECT_EQ(release_by_officers(four.a(), order("XC", 5), once).error().kind,
            ErrorKind::NotVerified);
  must(release_by_officers(four.a(), wanted, test::approved(four.a(), wanted, {3, 6})));
  EXPECT_EQ(test::disclosures_sent(four.a()).size(), 1U);
}

TEST(Discretion, WithoutAGroundOrAPartyNothingIsAsked) {
  Apart four;
  for (const std::string ground : {"", " ", "two\nlines", "a \"quote\""}) {
    auto wanted = order("XC");
    wanted.ground = ground;
    const auto out = officers_arguments(four.a(), wanted);
    ASSERT_FALSE(out.has_value()) << ground;
    EXPECT_EQ(out.error().kind, ErrorKind::InvalidInput);
    EXPECT_EQ(out.error().where, "--discretion");
  }
  EXPECT_EQ(officers_arguments(four.a(), order("XA")).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(officers_arguments(four.a(), order("QQ")).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(officers_arguments(four.a(), order("KZ")).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(officers_arguments(four.a(), order("XC", 7)).error().kind, ErrorKind::NotFound);
}

TEST(Discretion, AllOfItGoesOrNothing) {
  Apart four;
  // What names a person who is no secret and no partner's business stays with that person.
  const auto person = test::object(
      "identity", 1, R"(,"name":"n","identity_class":"individual")" + marked(test::tlp_clear));
  import_objects(four.a(), {person, indicator(4, R"(,"created_by_ref":")" + id_of("identity", 1) +
                                                     "\"" + marked(test::tlp_clear))});
  for (const std::size_t number : {4U, 1U}) {
    auto wanted = order("XC", number);
    if (number == 1) wanted.ids.push_back(id_of("identity", 1));
    const auto out = must(test::let_go(four.a(), wanted));
    EXPECT_EQ(out.held_count, 1) << number;
    EXPECT_TRUE(out.sent.empty());
  }
  EXPECT_TRUE(test::disclosures_sent(four.a()).empty());
  // What an agreement permits goes under it.
  const auto out = test::let_go(four.a(), order("XB"));
  ASSERT_FALSE(out.has_value());
  EXPECT_EQ(out.error().kind, ErrorKind::NotPermitted);
  EXPECT_NE(out.error().message.find("xa-xb-2024"), std::string::npos);
}

// --- and never otherwise -----------------------------------------------------------------------

// The agreement has ended, and the peer cannot be reached.
struct Lapsed : Federation {
  Lapsed() {
    test::change_law(a(), test::lapsed_register());
    test::enrol_all(a());
    import_objects(a(), {indicator(1)});
  }
  Disclosure sent() {
    const auto out = must(test::let_go(a(), order("XB")));
    EXPECT_FALSE(out.sent.at(0).receipt);
    return test::disclosures_sent(a()).at(0);
  }
};

// Neither the manifest nor the versions speak of it, and its statement is not there before its
// receipt, whoever asks for it and how.
void expect_told_of_nothing(Views& views, const std::string& id) {
  const taxii::Server server(views);
  const auto get = [&](const std::string& path) {
    net::Request request;
    request.method = "GET";
    request.path = "/comity/collections/" + path;
    return server.handle(request, {"XB"});
  };
  EXPECT_EQ(get("records/manifest/").content(), "{}");
  EXPECT_EQ(get("records/objects/" + id + "/versions/").status, 404);
  EXPECT_EQ(get("protocol/manifest/").content(), "{}");
  EXPECT_EQ(get("protocol/objects/").content(), "{}");
}

TEST(Discretion, NobodyCollectsIt) {
  Lapsed f;
  f.sent();
  Views views{f.a()};
  expect_told_of_nothing(views, id_of("indicator", 1));
  EXPECT_TRUE(must(views.objects({"XB"}, "records", {})).items.empty());
  EXPECT_TRUE(must(verify(f.a())).clean());
}

TEST(Discretion, NobodyCollectsItEvenWhenAnAgreementPermitsItLater) {
  Lapsed f;
  f.sent();
  Views views{f.a()};
  EXPECT_TRUE(must(views.objects({"XB"}, "records", {})).items.empty());
  test::change_law(f.a(), test::register_files());
  ASSERT_EQ(kind_for(f.a(), "XB", id_of("indicator", 1)), VerdictKind::Permitted);
  EXPECT_TRUE(must(views.objects({"XB"}, "records", {})).items.empty());
  expect_told_of_nothing(views, id_of("indicator", 1));
  EXPECT_TRUE(must(verify(f.a())).clean());
}

TEST(Discretion, NoRuleReleasesIt) {
  Lapsed f;
  must(add_rule(f.a(), {"all", {"XB"}, {"indicator"}, "warning", "threat-information", {}, {}}));
  while (must(apply_rules(f.a()))) {
  }
  EXPECT_TRUE(test::disclosures_sent(f.a()).empty());
}

TEST(Discretion, AnotherRegisterVoidsWhatWasNotSent) {
  Lapsed f;
  const auto disclosure = f.sent();
  must(still_permitted(f.a(), disclosure));
  auto files = test::lapsed_register();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "send each other", "give each other");
  test::change_law(f.a(), files);
  const auto status = still_permitted(f.a(), disclosure);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::NotPermitted);
}

TEST(Discretion, WithoutOfficersInTheLedgerItIsFound) {
  Lapsed f;
  auto disclosure = test::disclosure_by(f.a(), "XB", {test::disclosed(indicator(1))});
  disclosure.at_discretion = true;
  disclosure.basis.clear();
  const auto object = sign(disclosure, f.a().signing_key());
  {
    const auto change = must(Change::begin(f.a()));
    store::ProtocolObject row;
    row.id = disclosure.id;
    row.kind = "comity-disclosure";
    row.direction = store::Direction::Sent;
    row.peer = "XB";
    row.number = 1;
    row.digest = object.digest;
    row.bytes = object.bytes;
    row.at = change->at();
    must(change->store().append(row));
    const auto sequence = test::held(f.a(), id_of("indicator", 1)).sequence;
    const auto first = must(change->store().grant("XB", {sequence}, row.id, change->at()));
    json::Object entry;
    entry.set("type", "disclosure");
    entry.set("digest", digest_text(object.digest));
    entry.set("to", "XB");
    entry.set("number", 1);
    entry.set("granted", format_rfc3339(first, 6));
    entry.set("count", 1);
    must(change->enter("disclosure", entry));
    must(change->commit());
  }
  EXPECT_TRUE(has_finding(f.a(), "no two officers approved it"));
}

// --- where it arrives --------------------------------------------------------------------------

std::string fate_at_b(Lapsed& f, const std::string& bytes, const std::string& classes,
                      const std::function<void(Disclosure&)>& change = {}) {
  auto disclosure = test::disclosure_by(f.a(), "XB", {test::disclosed(bytes, classes)});
  disclosure.at_discretion = true;
  disclosure.basis.clear();
  if (change) change(disclosure);
  const auto status = must(receive(f.b(), "XA", test::envelope_with(f.a(), disclosure, {bytes})));
  return status.fates.at(1).message;
}

TEST(Discretion, TheRecipientTakesWhatItsOwnLawDoesNotForbid) {
  for (const bool known : {true, false}) {
    Lapsed f;
    if (!known) test::change_law(f.b(), test::lapsed_register());
    EXPECT_EQ(fate_at_b(f, indicator(1), "indicator"), "");
    EXPECT_EQ(test::held(f.b(), id_of("indicator", 1)).state, store::RecordState::Live);
  }
}

TEST(Discretion, TheRecipientTakesNothingClassifiedOrOfAnother) {
  for (const auto* classes : {"indicator,log-personal", "indicator,state-secret", "indicator,?"}) {
    Lapsed f;
    test::change_law(f.b(), test::lapsed_register());
    EXPECT_NE(fate_at_b(f, indicator(1), classes), "") << classes;
    EXPECT_EQ(test::held(f.b(), id_of("indicator", 1)).state, store::RecordState::Quarantined);
  }
  Lapsed f;
  test::change_law(f.b(), test::lapsed_register());
  EXPECT_NE(fate_at_b(f, indicator(1), "indicator",
                      [](Disclosure& d) { d.records[0].originator = "XC"; }),
            "");
  Lapsed passed_on;
  test::change_law(passed_on.b(), test::lapsed_register());
  EXPECT_NE(fate_at_b(passed_on, indicator(1), "indicator",
                      [](Disclosure& d) {
                        d.records[0].chain.push_back({"xa-xb-2024", "XC", {}});
                      }),
            "");
}

// Not even when it is only carried by what is the sender's.
TEST(Discretion, TheRecipientTakesNothingCarriedThatIsOfAnother) {
  for (const std::string originator : {"XA", "XC"}) {
    Lapsed f;
    test::change_law(f.b(), test::lapsed_register());
    const auto maker = test::object(
        "identity", 1, R"(,"name":"n","identity_class":"organization")" + marked(test::tlp_clear));
    const auto made = indicator(
        1, R"(,"created_by_ref":")" + id_of("identity", 1) + "\"" + marked(test::tlp_clear));
    auto disclosure =
        test::disclosure_by(f.a(), "XB", {test::disclosed(made), test::disclosed(maker, "")});
    disclosure.at_discretion = true;
    disclosure.basis.clear();
    disclosure.records[1].originator = originator;
    if (originator != "XA") disclosure.records[1].chain = {{"xa-xc-2024", originator, {}}};
    must(receive(f.b(), "XA", test::envelope_with(f.a(), disclosure, {made, maker})));
    EXPECT_EQ(test::held(f.b(), id_of("identity", 1)).state,
              originator == "XA" ? store::RecordState::Live : store::RecordState::Quarantined)
        << originator;
  }
}

TEST(Discretion, ACopyOfWhatAnotherGaveIsNotOnesOwnToGive) {
  Apart four;
  import_objects(four.a(), {indicator(3)});
  must(release(four.a(), {id_of("indicator", 3)}, {"XB"}));
  ASSERT_EQ(test::held(four.b(), id_of("indicator", 3)).originator, "XA");
  test::enrol_all(four.b());
  import_objects(four.b(), {indicator(3)});
  const auto out = must(test::let_go(four.b(), order("XD", 3)));
  EXPECT_EQ(out.held_count, 1);
  EXPECT_TRUE(out.sent.empty());
}

TEST(Discretion, ADisclosureClaimsAnAgreementOrNone) {
  Federation f;
  auto disclosure = test::disclosure_by(f.a(), "XB", {test::disclosed(indicator(1))});
  const auto signed_text = [&](const std::function<void(json::Object&)>& change) {
    auto value = must(json::parse(sign(disclosure, f.a().signing_key()).bytes));
    auto object = *value.object();
    object.erase("signature");
    change(object);
    return signed_object(std::move(object), f.a().signing_key()).bytes;
  };
  const auto key = f.a().signing_key().public_key();
  EXPECT_TRUE(open_disclosure(signed_text([](json::Object&) {}), key).has_value());
  const auto refused = [&](const std::string& part,
                           const std::function<void(json::Object&)>& change) {
    const auto opened = open_disclosure(signed_text(change), key);
    ASSERT_FALSE(opened.has_value()) << part;
    EXPECT_NE(opened.error().text().find(part), std::string::npos) << opened.error().text();
  };
  refused("$.basis", [](json::Object& o) { o.set("basis", json::Array{}); });
  refused("$.basis", [](json::Object& o) { o.erase("basis"); });
  refused("$.basis", [](json::Object& o) { o.set("ground", national_discretion); });
  refused("$.ground", [](json::Object& o) {
    o.set("ground", "friendship");
    o.erase("basis");
  });
  disclosure.at_discretion = true;
  disclosure.basis.clear();
  const auto opened = open_disclosure(sign(disclosure, f.a().signing_key()).bytes, key);
  ASSERT_TRUE(opened.has_value()) << opened.error().text();
  EXPECT_TRUE(opened->at_discretion);
}

}  // namespace
}  // namespace comity::exchange
