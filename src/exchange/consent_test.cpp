#include "exchange/consent.h"

#include <gtest/gtest.h>

#include <algorithm>

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

treaty::Verdict verdict_for(Node& node, const std::string& party,
                            const std::string& id = test::first_indicator) {
  for (const auto& row : must(preview(node, {id}))) {
    if (row.party == party) return row.verdict;
  }
  throw std::runtime_error("no verdict for " + party);
}

PartyRelease release_to(Node& node, const std::string& party,
                        const std::string& id = test::first_indicator) {
  return must(release(node, {id}, {party})).at(0);
}

// Asks, and brings the request to the party asked; the id of the request.
std::string asked(Node& node, const std::string& recipient,
                  const std::string& id = test::first_indicator) {
  const auto requests = must(ask_consent(node, {id}, recipient, ""));
  for (const auto& told : must(send_statements(node))) EXPECT_TRUE(told.taken) << told.error;
  return requests.at(0).request;
}

std::string granted(Node& node, const std::string& request, const ConsentTerms& terms = {}) {
  auto id = must(grant_consent(node, request, terms));
  for (const auto& told : must(send_statements(node))) EXPECT_TRUE(told.taken) << told.error;
  return id;
}

void verify_all(Chain4& chain) {
  for (auto* party : {&chain.xa, &chain.xb, &chain.xc, &chain.xd}) {
    const auto found = must(verify(party->node()));
    EXPECT_TRUE(found.clean()) << party->node().party() << ": " << found.findings.at(0);
  }
}

TEST(Consent, ARecordGoesOnWithTheOriginatorsConsentAndWithNothingLess) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1), indicator(2)});
  ASSERT_EQ(release_to(chain.a(), "XB").sent.at(0).accepted, 1);
  const auto before = verdict_for(chain.b(), "XC");
  ASSERT_EQ(before.kind, treaty::VerdictKind::Needs);
  EXPECT_EQ(before.needs.at(0).kind, "consent");
  EXPECT_EQ(before.needs.at(0).from, "XA");
  EXPECT_EQ(release_to(chain.b(), "XC").held_count, 1);

  const auto request = asked(chain.b(), "XC");
  const auto at_a = must(consents(chain.a())).at(0);
  EXPECT_EQ(at_a.request, request);
  EXPECT_EQ(at_a.state, "unanswered");
  EXPECT_EQ(at_a.party + at_a.recipient, "XBXC");
  EXPECT_EQ(at_a.held, std::vector<std::string>{test::first_indicator});
  EXPECT_EQ(verdict_for(chain.b(), "XC").kind, treaty::VerdictKind::Needs);

  const auto consent = granted(chain.a(), request);
  EXPECT_EQ(verdict_for(chain.b(), "XC").kind, treaty::VerdictKind::Permitted);
  EXPECT_EQ(verdict_for(chain.b(), "XD").kind, treaty::VerdictKind::NoBasis);
  const auto sent = release_to(chain.b(), "XC").sent.at(0);
  EXPECT_EQ(sent.accepted, 1) << sent.error;
  const auto disclosure = test::disclosures_sent(chain.b()).at(0);
  ASSERT_EQ(disclosure.consents.size(), 1U);
  EXPECT_EQ(disclosure.consents[0].id, consent);
  EXPECT_EQ(disclosure.consents[0].originator, "XA");
  EXPECT_EQ(test::held(chain.c(), test::first_indicator).state, store::RecordState::Live);
  verify_all(chain);
}

TEST(Consent, ARefusalForbidsUntilItIsGrantedAfterAll) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  release_to(chain.a(), "XB");
  const auto request = asked(chain.b(), "XC");
  const auto weather = refuse_consent(chain.a(), request, "weather");
  ASSERT_FALSE(weather.has_value());
  EXPECT_EQ(weather.error().kind, ErrorKind::InvalidInput);
  must(refuse_consent(chain.a(), request, "political-offence"));
  must(send_statements(chain.a()));
  EXPECT_EQ(must(consents(chain.b())).at(0).ground, "political-offence");
  const auto verdict = verdict_for(chain.b(), "XC");
  EXPECT_EQ(verdict.kind, treaty::VerdictKind::Forbidden);
  EXPECT_EQ(verdict.reasons.at(0).code, "refused");
  EXPECT_EQ(release_to(chain.b(), "XC").held_count, 1);
  EXPECT_EQ(must(consents(chain.b())).at(0).state, "refused");
  granted(chain.a(), asked(chain.b(), "XC"));
  EXPECT_EQ(verdict_for(chain.b(), "XC").kind, treaty::VerdictKind::Permitted);
  verify_all(chain);
}

TEST(Consent, ANewVersionNeedsANewOne) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  release_to(chain.a(), "XB");
  granted(chain.a(), asked(chain.b(), "XC"));
  import_objects(chain.a(), {indicator(1, test::marked(test::tlp_clear), 2)});
  ASSERT_EQ(release_to(chain.a(), "XB").sent.at(0).accepted, 1);
  EXPECT_EQ(verdict_for(chain.b(), "XC").kind, treaty::VerdictKind::Needs);
}

TEST(Consent, AWithdrawnOneEndsAtTheNextDecision) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  release_to(chain.a(), "XB");
  const auto consent = granted(chain.a(), asked(chain.b(), "XC"));
  ASSERT_EQ(release_to(chain.b(), "XC").sent.at(0).accepted, 1);
  Views views(chain.b());
  const auto shown = [&] { return must(views.objects({"XC"}, "records", {})).items.size(); };
  EXPECT_EQ(shown(), 1U);
  must(withdraw_consent(chain.a(), consent));
  EXPECT_EQ(shown(), 1U);  // it has not arrived yet
  must(send_statements(chain.a()));
  EXPECT_EQ(shown(), 0U);
  EXPECT_EQ(verdict_for(chain.b(), "XC").kind, treaty::VerdictKind::Needs);
  EXPECT_EQ(must(consents(chain.a())).at(0).state, "withdrawn");
  EXPECT_EQ(must(consents(chain.b())).at(0).state, "withdrawn");
  EXPECT_EQ(withdraw_consent(chain.a(), consent).error().kind, ErrorKind::Conflict);
  verify_all(chain);  // then, it was there
}

TEST(Consent, OneForOnceIsUsedUpAndOneWithAnEndRunsOut) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1), indicator(2)});
  release_to(chain.a(), "XB");
  must(release(chain.a(), {id_of("indicator", 2)}, {"XB"}));
  granted(chain.a(), asked(chain.b(), "XC"), {{}, true});
  ASSERT_EQ(release_to(chain.b(), "XC").sent.at(0).accepted, 1);
  EXPECT_EQ(verdict_for(chain.b(), "XC").kind, treaty::VerdictKind::Needs);
  EXPECT_EQ(must(consents(chain.b())).at(0).state, "spent");
  // What it let go is still the same disclosure.
  Views views(chain.b());
  EXPECT_EQ(must(views.objects({"XC"}, "records", {})).items.size(), 1U);

  const auto second = id_of("indicator", 2);
  const Instant end{test::start_instant().micros + 60'000'000};
  granted(chain.a(), asked(chain.b(), "XC", second), {end, false});
  EXPECT_EQ(verdict_for(chain.b(), "XC", second).kind, treaty::VerdictKind::Permitted);
  chain.xb.clock.set(Instant{end.micros - 1});
  EXPECT_EQ(verdict_for(chain.b(), "XC", second).kind, treaty::VerdictKind::Permitted);
  chain.xb.clock.set(end);
  EXPECT_EQ(verdict_for(chain.b(), "XC", second).kind, treaty::VerdictKind::Needs);
  EXPECT_EQ(must(consents(chain.b())).at(1).state, "expired");
  verify_all(chain);
}

TEST(Consent, InAChainOfTwoEveryOriginatorIsAskedAndAllMustConsent) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  release_to(chain.a(), "XB");
  granted(chain.a(), asked(chain.b(), "XC"));
  ASSERT_EQ(release_to(chain.b(), "XC").sent.at(0).accepted, 1);
  const auto requests = must(ask_consent(chain.c(), {test::first_indicator}, "XD", ""));
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].originator + requests[1].originator, "XAXB");
  must(send_statements(chain.c()));
  granted(chain.a(), requests[0].request);
  EXPECT_EQ(verdict_for(chain.c(), "XD").kind, treaty::VerdictKind::Needs);
  granted(chain.b(), requests[1].request);
  ASSERT_EQ(release_to(chain.c(), "XD").sent.at(0).accepted, 1);
  EXPECT_EQ(test::disclosures_sent(chain.c()).at(0).consents.size(), 2U);
  verify_all(chain);
}

TEST(Consent, IsAskedForOnlyWhereItHelpsAndGivenOnlyOnceForWhatIsHeld) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  EXPECT_EQ(ask_consent(chain.a(), {test::first_indicator}, "XB", "").error().kind,
            ErrorKind::Conflict);
  release_to(chain.a(), "XB");
  EXPECT_EQ(ask_consent(chain.b(), {test::first_indicator}, "XD", "").error().kind,
            ErrorKind::NotPermitted);
  EXPECT_EQ(ask_consent(chain.b(), {test::first_indicator}, "XB", "").error().kind,
            ErrorKind::InvalidInput);
  EXPECT_EQ(ask_consent(chain.b(), {test::first_indicator}, "QQ", "").error().kind,
            ErrorKind::InvalidInput);
  EXPECT_EQ(ask_consent(chain.b(), {test::first_indicator}, "XC", "leisure").error().kind,
            ErrorKind::InvalidInput);
  const auto request = asked(chain.b(), "XC");
  EXPECT_EQ(grant_consent(chain.a(), request, {test::start_instant(), false}).error().kind,
            ErrorKind::InvalidInput);
  granted(chain.a(), request);
  EXPECT_EQ(grant_consent(chain.a(), request, {}).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(refuse_consent(chain.a(), request).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(ask_consent(chain.b(), {test::first_indicator}, "XC", "").error().kind,
            ErrorKind::Conflict);
}

TEST(Consent, AnIdOfAnotherThingIsRefusedInWordsOfAnOfficer) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  release_to(chain.a(), "XB");
  const auto request = asked(chain.b(), "XC");
  const auto consent = granted(chain.a(), request);
  const auto refused = [](const Result<std::string>& answer, ErrorKind kind,
                          const std::string& text) {
    ASSERT_FALSE(answer.has_value()) << *answer;
    EXPECT_EQ(answer.error().kind, kind);
    EXPECT_EQ(answer.error().text(), text);
  };
  for (const auto& id : {std::string("nosuch"), consent}) {
    const auto words =
        id + ": is no request for consent that this node was asked; comity consent list names them";
    refused(grant_consent(chain.a(), id, {}), ErrorKind::NotFound, words);
    refused(refuse_consent(chain.a(), id), ErrorKind::NotFound, words);
  }
  refused(grant_consent(chain.b(), request, {}), ErrorKind::Conflict,
          request + ": was asked by this node itself; XA answers it");
  for (const auto& id : {std::string("nosuch"), request}) {
    refused(withdraw_consent(chain.a(), id), ErrorKind::NotFound,
            id + ": is no consent that this node has given; comity consent list names them");
  }
}

// What a liar posts in the place of an honest answer.
struct Forged : Chain4 {
  std::string request;
  Kept asked_one;
  Forged() {
    import_objects(a(), {indicator(1)});
    must(release(a(), {test::first_indicator}, {"XB"}));
    request = asked(b(), "XC");
    const auto snapshot = must(b().store().read());
    asked_one =
        must(kept_statement(*snapshot, request, "comity-consent-request", store::Direction::Sent));
  }
  ConsentAnswer honest() const {
    const auto& question = std::get<ConsentRequest>(asked_one.statement.body);
    ConsentAnswer body;
    body.request = request;
    body.request_digest = asked_one.digest;
    body.granted = true;
    body.records = question.records;
    body.recipient = question.recipient;
    body.purpose = question.purpose;
    return body;
  }
  Statement statement(StatementBody body, std::size_t number = 1) {
    Statement out;
    out.body = std::move(body);
    out.id = id_of(statement_type(out.body), number);
    out.mode = "exercise";
    out.exercise = "drill";
    out.from = "XA";
    out.to = "XB";
    out.time = a().now();
    return out;
  }
  Result<taxii::SubmissionStatus> posted(const std::string& bytes,
                                         const std::string& sender = "XA") {
    return receive(b(), sender, "{\"objects\":[" + bytes + "]}");
  }
  std::string signed_by(Node& node, const Statement& one) {
    return sign(one, node.signing_key()).bytes;
  }
};

TEST(Consent, WhatIsForgedAlteredOrReplayedIsRefusedWithNothingStored) {
  Forged forged;
  const auto before = test::stored(forged.b());
  std::size_t number = 10;
  const auto refused = [&](const char* what, const std::string& bytes,
                           const std::string& sender = "XA") {
    const auto status = forged.posted(bytes, sender);
    EXPECT_FALSE(status.has_value()) << what << " was taken";
    EXPECT_EQ(test::stored(forged.b()), before) << what;
  };
  const auto with = [&](const std::function<void(Statement&)>& change) {
    auto one = forged.statement(forged.honest(), ++number);
    change(one);
    return one;
  };
  const auto answer = [&](const std::function<void(ConsentAnswer&)>& change) {
    return forged.signed_by(forged.a(),
                            with([&](Statement& s) { change(std::get<ConsentAnswer>(s.body)); }));
  };
  refused("another key", forged.signed_by(forged.c(), with([](Statement&) {})));
  refused("another sender", forged.signed_by(forged.a(), with([](Statement&) {})), "XC");
  refused("another from", forged.signed_by(forged.a(), with([](Statement& s) { s.from = "XC"; })));
  refused("another to", forged.signed_by(forged.a(), with([](Statement& s) { s.to = "XC"; })));
  refused("real traffic", forged.signed_by(forged.a(), with([](Statement& s) {
                                             s.mode = "operational";
                                             s.exercise = "";
                                           })));
  refused("another exercise",
          forged.signed_by(forged.a(), with([](Statement& s) { s.exercise = "other"; })));
  refused("a request that was not made",
          answer([](ConsentAnswer& a) { a.request = id_of("comity-consent-request", 99); }));
  refused("another request digest",
          answer([](ConsentAnswer& a) { a.request_digest = sha256("other"); }));
  refused("more records", answer([](ConsentAnswer& a) { a.records.push_back(sha256("more")); }));
  refused("another recipient", answer([](ConsentAnswer& a) { a.recipient = "XD"; }));
  refused("another purpose", answer([](ConsentAnswer& a) { a.purpose = "training"; }));
  refused("a withdrawal of nothing",
          forged.signed_by(forged.a(), forged.statement(ConsentWithdrawal{
                                           id_of("comity-consent", 5), sha256("none")})));
  auto altered = forged.signed_by(forged.a(), forged.statement(forged.honest()));
  altered.replace(altered.find("\"granted\""), 9, "\"refused\"");
  refused("an altered one", altered);
  const auto good = forged.signed_by(forged.a(), forged.statement(forged.honest()));
  refused("two of them", good + "," + good);

  const auto first = must(forged.posted(good));
  const auto after = test::stored(forged.b());
  const auto again = must(forged.posted(good));
  EXPECT_EQ(taxii::to_json(first), taxii::to_json(again));
  EXPECT_EQ(test::stored(forged.b()), after);
  auto other = forged.statement(forged.honest());
  other.time.micros += 1;
  EXPECT_EQ(forged.posted(forged.signed_by(forged.a(), other)).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(forged.posted(answer([](ConsentAnswer&) {})).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(test::stored(forged.b()), after);
}

TEST(Consent, ARecipientTakesNoDisclosureWhoseConsentItKnowsToBeAnother) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  release_to(chain.a(), "XB");
  const auto row = test::held(chain.b(), test::first_indicator);
  auto disclosed = test::disclosed(row.bytes);
  disclosed.chain = {{"xa-xb-2024", "XA"}};
  auto disclosure = test::disclosure_by(chain.b(), "XC", {disclosed});
  const auto& law = chain.b().law()->model();
  disclosure.basis = {{"xb-xc-2024", "a3", "Art. 3",
                       law.instruments[static_cast<std::size_t>(*law.instrument("xb-xc-2024"))]
                           .clause("a3")
                           ->digest}};
  const auto post = [&](std::int64_t number, std::vector<ConsentUsed> consents) {
    const auto rows = test::statements(chain.c(), "comity-disclosure", store::Direction::Received);
    disclosure.number = number;
    disclosure.id = id_of("comity-disclosure", static_cast<std::size_t>(number));
    disclosure.previous = rows.empty() ? std::nullopt : std::optional(rows.back().digest);
    disclosure.consents = std::move(consents);
    must(receive(chain.c(), "XB", test::envelope_with(chain.b(), disclosure, {row.bytes})));
    const auto snapshot = must(chain.c().store().read());
    const auto receipt = must(snapshot->protocol(receipt_id(disclosure.id)));
    return must(open_receipt(receipt->bytes, chain.c().signing_key().public_key()))
        .results.at(0)
        .result;
  };
  const auto id = [](std::size_t number) { return id_of("comity-consent", number); };
  EXPECT_EQ(post(1, {}), "quarantined");
  EXPECT_EQ(post(2, {{id(1), "XB", sha256("1"), false}}), "quarantined");  // of no use
  EXPECT_EQ(post(3, {{id(2), "XA", sha256("2"), false}}), "accepted");     // the sender's word
  // The same words, but this node holds a consent with that id, and it is another.
  Statement held;
  ConsentAnswer body;
  body.request = id_of("comity-consent-request", 3);
  body.granted = true;
  body.records = {sha256("other")};
  body.recipient = "XD";
  body.purpose = "warning";
  held.body = body;
  held.id = id(3);
  held.mode = "exercise";
  held.exercise = "drill";
  held.from = "XA";
  held.to = "XC";
  held.time = chain.a().now();
  const auto object = sign(held, chain.a().signing_key());
  {
    const auto change = must(Change::begin(chain.c()));
    store::ProtocolObject kept;
    kept.id = held.id;
    kept.kind = "comity-consent";
    kept.direction = store::Direction::Received;
    kept.peer = "XA";
    kept.digest = object.digest;
    kept.bytes = object.bytes;
    kept.at = change->at();
    must(change->store().append(kept));
    must(change->commit());
  }
  EXPECT_EQ(post(4, {{id(3), "XA", object.digest, false}}), "quarantined");
  EXPECT_EQ(post(5, {{id(3), "XA", sha256("3"), false}}), "quarantined");
}

TEST(Consent, WhatDoesNotReachItsPartyWaitsAndGoesBeforeDisclosures) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1), indicator(2)});
  release_to(chain.a(), "XB");
  const auto consent = granted(chain.a(), asked(chain.b(), "XC"));
  chain.away(chain.b());
  must(withdraw_consent(chain.a(), consent));
  const auto told = must(send_statements(chain.a())).at(0);
  EXPECT_TRUE(told.waits && !told.taken) << told.error;
  const auto second = id_of("indicator", 2);
  const auto sent = release_to(chain.a(), "XB", second).sent.at(0);
  EXPECT_FALSE(sent.receipt);
  EXPECT_EQ(must(consents(chain.a())).at(0).told, "waiting");
  chain.back(chain.b());
  EXPECT_TRUE(release_to(chain.a(), "XB", second).sent.at(0).receipt);
  EXPECT_EQ(must(consents(chain.a())).at(0).told, "taken");
  EXPECT_EQ(must(consents(chain.b())).at(0).state, "withdrawn");
  EXPECT_TRUE(must(send_statements(chain.a())).empty());
  // Whom it concerns can read it, too; others cannot.
  Views views(chain.a());
  taxii::Query query;
  query.types = {"comity-consent", "comity-consent-withdrawal"};
  EXPECT_EQ(must(views.objects({"XB"}, "protocol", query)).items.size(), 2U);
  EXPECT_EQ(must(views.objects({"XC"}, "protocol", query)).items.size(), 0U);
}

TEST(Procedure, NoMoreThanTheBoundWaitsForOneParty) {
  Chain4 chain;
  const auto change = must(Change::begin(chain.a()));
  for (std::size_t i = 0; i < statements_waiting_max; ++i) {
    must(say(*change, chain.a(), "XB", ConsentWithdrawal{id_of("comity-consent", i), {}}));
  }
  EXPECT_EQ(
      say(*change, chain.a(), "XB", ConsentWithdrawal{id_of("comity-consent", 0), {}}).error().kind,
      ErrorKind::Conflict);
  EXPECT_EQ(
      say(*change, chain.a(), "QQ", ConsentWithdrawal{id_of("comity-consent", 0), {}}).error().kind,
      ErrorKind::Conflict);
}

}  // namespace
}  // namespace comity::exchange
