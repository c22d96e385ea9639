#include "treaty/request.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

const Model& model() {
  static const Model value = [] {
    test::TestRegister build({"CN", "KZ", "RU", "!SCO"});
    build.entries(build.instrument("paper-1"), {"CN", "RU"});
    return std::move(build.model());
  }();
  return value;
}

Request question() {
  Request request;
  request.from = "RU";
  request.to = "CN";
  request.info = {"indicator"};
  request.at = test::instant("2018-01-15");
  return request;
}

std::vector<std::string> codes(const Request& request, bool any_recipient = false) {
  std::vector<std::string> found;
  const auto resolved = resolve(model(), request, any_recipient);
  if (resolved) return found;
  for (const auto& reason : resolved.error()) found.push_back(reason.code);
  return found;
}

using Codes = std::vector<std::string>;

TEST(ResolveTest, EachUnknownWordIsAReason) {
  auto request = question();
  EXPECT_EQ(codes(request), Codes{});
  request.from = "RX";
  request.from_roles = {"kitchen"};
  request.to = "??";
  request.action = "block";
  request.info = {"indicator", "gossip"};
  request.area = "weather";
  request.purpose = "fun";
  request.tlp = "purple";
  request.facts = {{"luck", "yes"}, {"court-order", "maybe"}, {"rights-record", "yes"}};
  request.received_under = {{"paper-9", "QQ"}};
  EXPECT_EQ(codes(request), (Codes{"unknown-party", "unknown-role", "unknown-party",
                                   "unknown-action", "unknown-class", "unknown-area",
                                   "unknown-purpose", "unknown-tlp", "unknown-fact", "unknown-fact",
                                   "unknown-fact", "unknown-instrument", "unknown-party"}));
}

TEST(ResolveTest, AnUnknownActionSaysWhatComityHasNot) {
  auto request = question();
  request.action = "shares";
  const auto what = resolve(model(), request).error().at(0).what;
  EXPECT_EQ(what,
            "'shares' is no action; did you mean 'share'?; the actions are share, onward, use, "
            "request, assist, mitigate, preserve, disclose, notify, consult, ping, report, refuse, "
            "withdraw; Comity has none to block or remove content or to identify authors");
}

TEST(ResolveTest, NearMissesAreSuggestedAndFarOnesAreNot) {
  auto request = question();
  request.info = {"indicators"};
  EXPECT_EQ(resolve(model(), request).error().at(0).what,
            "'indicators' is no class of this register; did you mean 'indicator'?");
  request.info = {"zzz"};
  EXPECT_EQ(resolve(model(), request).error().at(0).what, "'zzz' is no class of this register");
}

TEST(ResolveTest, WordsOfTheAskerAreShownWithoutControlCharacters) {
  auto request = question();
  request.to = "\x1b[31m\xff" + std::string(1000, 'a');
  const auto what = resolve(model(), request).error().at(0).what;
  EXPECT_EQ(what.find('\x1b'), std::string::npos);
  EXPECT_EQ(what.find('\xff'), std::string::npos);
  EXPECT_LT(what.size(), 200U);
}

TEST(ResolveTest, ImpossibleQuestions) {
  auto request = question();
  request.to = "RU";
  EXPECT_EQ(codes(request), Codes{"self"});
  EXPECT_EQ(codes(request, true), Codes{});
  request = question();
  request.info = {};
  EXPECT_EQ(codes(request), Codes{"empty-info"});
  request.action = "consult";
  EXPECT_EQ(codes(request), Codes{});
  request = question();
  request.action = "onward";
  EXPECT_EQ(codes(request), Codes{"no-chain"});
  request.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(codes(request), Codes{});
}

TEST(ResolveTest, FactsConsentsAndRightsRecord) {
  auto request = question();
  request.facts = {{"court-order", "yes"},
                   {"urgent", "unknown"},
                   {"rights-record", "incomplete"},
                   {"consent:KZ:CN", "granted"},
                   {"consent:RU:CN", "refused"}};
  const auto resolved = resolve(model(), request);
  ASSERT_TRUE(resolved.has_value());
  EXPECT_EQ(resolved->facts[0], FactValue::Yes);
  EXPECT_EQ(resolved->stated, (std::vector<bool>{true, false, false, true, false}));
  EXPECT_EQ(resolved->rights_record, RightsRecord::Incomplete);
  const auto party = [](const char* code) { return *model().party(code); };
  EXPECT_EQ(resolved->consents.at({party("KZ"), party("CN")}), Consent::Granted);
  EXPECT_EQ(resolved->consents.at({party("RU"), party("CN")}), Consent::Refused);
  for (const char* key : {"consent:", "consent:KZ", "consent:KZ:ZZ", "consent:KZ:CN:RU"}) {
    request.facts = {{key, "granted"}};
    EXPECT_FALSE(codes(request).empty()) << key;
  }
  request.facts = {{"consent:KZ:CN", "yes"}};
  EXPECT_EQ(codes(request), Codes{"unknown-fact"});
  request.facts = {{"attribution", "perhaps"}};
  EXPECT_EQ(codes(request), Codes{"unknown-fact"});
  request.facts = {{"refusal-ground", "weather"}};
  EXPECT_EQ(codes(request), Codes{"unknown-fact"});
  request.facts = {{"refusal-ground", "religion"}, {"attribution", "yes"}};
  EXPECT_EQ(codes(request), Codes{});
  request.facts = {{"court-order", "yes"}, {"court-order", "no"}};
  EXPECT_EQ(codes(request), Codes{"repeated-fact"});
}

TEST(ResolveTest, LimitsAreTakenAtTheBoundAndRefusedBeyond) {
  auto request = question();
  request.received_under.assign(request_hops_max, {"paper-1", "KZ"});
  request.info.assign(request_words_max, "indicator");
  EXPECT_EQ(codes(request), Codes{});
  request.received_under.push_back({"paper-1", "KZ"});
  EXPECT_EQ(codes(request), Codes{"too-long"});
  request = question();
  request.info.assign(request_words_max + 1, "indicator");
  EXPECT_EQ(codes(request), Codes{"too-long"});
  request = question();
  request.to_roles.assign(request_words_max + 1, "mfa");
  EXPECT_EQ(codes(request), Codes{"too-long"});
  request = question();
  for (std::size_t i = 0; i < request_facts_max; ++i) {
    request.facts.emplace_back("fact" + std::to_string(i), "yes");
  }
  EXPECT_EQ(codes(request)[0], "unknown-fact");
  request.facts.emplace_back("one-more", "yes");
  EXPECT_EQ(codes(request), Codes{"too-long"});
}

TEST(ResolveTest, WordsOfARandomRequestResolveToTheSameRequest) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto drawn = test::random_model(seed);
    const auto expected = test::random_request(drawn, seed);
    const auto found = resolve(drawn, test::in_words(drawn, expected));
    ASSERT_TRUE(found.has_value()) << seed << ": " << found.error().at(0).what;
    EXPECT_EQ(found->from, expected.from);
    EXPECT_EQ(found->to, expected.to);
    EXPECT_EQ(found->from_roles, expected.from_roles);
    EXPECT_EQ(found->to_roles, expected.to_roles);
    EXPECT_EQ(found->action, expected.action);
    EXPECT_EQ(found->info, expected.info);
    EXPECT_EQ(found->area, expected.area);
    EXPECT_EQ(found->purpose, expected.purpose);
    EXPECT_EQ(found->tlp, expected.tlp);
    EXPECT_EQ(found->facts, expected.facts);
    EXPECT_EQ(found->stated, expected.stated);
    EXPECT_EQ(found->rights_record, expected.rights_record);
    EXPECT_EQ(found->consents, expected.consents);
    EXPECT_EQ(found->attribution, expected.attribution);
    EXPECT_EQ(found->refusal_ground, expected.refusal_ground);
    ASSERT_EQ(found->chain.size(), expected.chain.size());
    for (std::size_t i = 0; i < expected.chain.size(); ++i) {
      EXPECT_EQ(found->chain[i].instrument, expected.chain[i].instrument);
      EXPECT_EQ(found->chain[i].originator, expected.chain[i].originator);
      EXPECT_EQ(found->chain[i].at, expected.chain[i].at);
    }
  }
}

TEST(ResolveTest, AnInvalidRequestHasReasonsAndNothingElse) {
  const auto verdict = invalid_request(model(), {{"self", "", "", "", "the same"}});
  EXPECT_EQ(verdict.kind, VerdictKind::InvalidRequest);
  EXPECT_EQ(verdict.reasons.size(), 1U);
  EXPECT_EQ(verdict.register_digest, model().digest);
  EXPECT_TRUE(verdict.needs.empty() && verdict.basis.empty() && verdict.advice.empty());
}

Result<Request> read(const std::string& text) {
  TRY(const auto value, json::parse(text));
  return request_from_json(value, Instant::from_seconds(7));
}

TEST(RequestJsonTest, ReadsEveryMember) {
  const auto request = read(R"({"from": "RU:mfa+judicial", "to": "CN", "action": "onward",
      "info": "indicator,malware-sample", "area": "crime", "purpose": "warning", "tlp": "green",
      "at": "2018-01-15", "facts": {"court-order": "yes", "consent:KZ:CN": "granted"},
      "received_under": ["paper-1:KZ", "paper-1:RU@2017-05-01T10:00:00Z"]})");
  ASSERT_TRUE(request.has_value()) << request.error().text();
  EXPECT_EQ(request->from, "RU");
  EXPECT_EQ(request->from_roles, (std::vector<std::string>{"mfa", "judicial"}));
  EXPECT_EQ(request->to, "CN");
  EXPECT_EQ(request->action, "onward");
  EXPECT_EQ(request->info, (std::vector<std::string>{"indicator", "malware-sample"}));
  EXPECT_EQ(request->area + request->purpose + request->tlp, "crimewarninggreen");
  EXPECT_EQ(request->at, test::instant("2018-01-15"));
  EXPECT_EQ(request->facts.size(), 2U);
  EXPECT_EQ(request->received_under[0], (ReceivedUnder{"paper-1", "KZ"}));
  EXPECT_EQ(request->received_under[1],
            (ReceivedUnder{"paper-1", "RU", test::instant("2017-05-01T10:00:00Z")}));
}

TEST(RequestJsonTest, Defaults) {
  const auto request = read(R"({"from": "RU", "info": ["indicator"]})");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->action, "share");
  EXPECT_EQ(request->at, Instant::from_seconds(7));
  EXPECT_EQ(request->info, std::vector<std::string>{"indicator"});
  EXPECT_EQ(read(R"({"from": "RU", "at": "2018-01-15T01:00:00+01:00"})")->at,
            test::instant("2018-01-15"));
}

TEST(RequestJsonTest, ErrorsNameTheJsonPath) {
  struct Row {
    const char *text, *where;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"[]", "$"},
           {"{}", "$"},
           {R"({"from": "RU", "form": "CN"})", "$"},
           {R"({"from": 7})", "$.from"},
           {R"({"from": ""})", "$.from"},
           {R"({"from": "RU:"})", "$.from"},
           {R"({"from": "RU", "to": "CN:mfa++judicial"})", "$.to"},
           {R"({"from": "RU", "action": null})", "$.action"},
           {R"({"from": "RU", "info": 1})", "$.info"},
           {R"({"from": "RU", "info": "a,,b"})", "$.info"},
           {R"({"from": "RU", "info": ["a", 2]})", "$.info[1]"},
           {R"({"from": "RU", "at": "2018-02-30"})", "$.at"},
           {R"({"from": "RU", "at": "yesterday"})", "$.at"},
           {R"({"from": "RU", "facts": []})", "$.facts"},
           {R"({"from": "RU", "facts": {"urgent": true}})", "$.facts['urgent']"},
           {R"({"from": "RU", "received_under": "paper-1:KZ"})", "$.received_under"},
           {R"({"from": "RU", "received_under": ["paper-1"]})", "$.received_under[0]"},
           {R"({"from": "RU", "received_under": ["paper-1:KZ@"]})", "$.received_under[0]"},
           {R"({"from": "RU", "received_under": ["paper-1:KZ@soon"]})", "$.received_under[0]"},
           {R"({"from": "RU", "received_under": ["paper-1:@2017-05-01"]})", "$.received_under[0]"},
           {R"({"from": "RU", "received_under": ["paper-1:"]})", "$.received_under[0]"}}) {
    const auto request = read(row.text);
    ASSERT_FALSE(request.has_value()) << row.text;
    EXPECT_EQ(request.error().kind, ErrorKind::InvalidInput);
    EXPECT_EQ(request.error().where, row.where) << request.error().text();
    EXPECT_NE(request.error().message, "");
  }
}

TEST(RequestJsonTest, WordsAreBounded) {
  std::string text = "indicator";
  for (std::size_t i = 1; i < request_words_max; ++i) text += ",indicator";
  EXPECT_TRUE(words_from_text(text, "--info").has_value());
  const auto beyond = words_from_text(text + ",indicator", "--info");
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(beyond.error().where, "--info");
}

}  // namespace
}  // namespace comity::treaty
