#include <gtest/gtest.h>

#include <set>

#include "api/exchange_json.h"
#include "api/test_desk.h"
#include "exchange/release_request.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::api {
namespace {

using exchange::test::Federation;
using exchange::test::id_of;
using exchange::test::import_objects;
using exchange::test::indicator;
using test::Desk;
using test::expect_refused;
using test::items;
using test::must;
using test::put_account;
using test::Values;

constexpr RoleSet duty = {Role::DutyOfficer};
constexpr RoleSet releasing = {Role::ReleasingOfficer};

struct Desks : Federation {
  Desks() : Federation(false), wire_a(a()), wire_b(b()) {
    exchange::test::pair_both(a(), b(), wire_a.url(), wire_b.url());
    import_objects(a(), {indicator(1), indicator(2)});
    put_account(a(), "dora", "duty-officer");
    put_account(a(), "rolf", "releasing-officer");
  }
  std::string propose(const std::string& id = id_of("indicator", 1)) {
    dora.as("dora", duty);
    const auto answer = must(dora.post(
        "proposeRelease", R"({"ids":[")" + id + R"("],"parties":["XB"],"note":"for the drill"})"));
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body.text("state"), "waiting");
    EXPECT_EQ(answer.body.text("proposed_by"), "dora");
    return std::string(answer.body.text("id"));
  }
  std::string record(const std::string& stix_id) {
    return *must(record_of_stix(*must(a().store().read()), stix_id));
  }
  std::size_t disclosed() { return exchange::test::disclosures_sent(a()).size(); }
  std::string state(const std::string& id) {
    return exchange::name(must(exchange::release_request(*must(a().store().read()), id)).state);
  }
  exchange::test::Wire wire_a, wire_b;
  Desk dora{a(), "dora", duty};
  Desk rolf{a(), "rolf", releasing};
};

TEST(ReleaseRequestRoutes, TwoAccountsReleaseARecordNamedByItsPage) {
  Desks desks;
  const auto id = desks.propose(desks.record(id_of("indicator", 1)));
  const auto shown = items(desks.rolf.get("listReleaseRequests", {}, {{"state", "waiting"}}));
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].find("ids")->array()->at(0), json::Value(id_of("indicator", 1)));
  EXPECT_EQ(shown[0].find("preview")->array()->at(0).text("verdict"), "permitted");
  EXPECT_TRUE(shown[0].find("decided_by")->is_null());
  EXPECT_TRUE(shown[0].find("result")->is_null());
  const auto done = must(desks.rolf.post("approveRelease", "{}", {{"request", id}})).body;
  EXPECT_EQ(done.text("state"), "released");
  EXPECT_EQ(done.text("decided_by"), "rolf");
  EXPECT_EQ(done.find("result")->array()->at(0).find("sent")->array()->size(), 1U);
  EXPECT_EQ(desks.disclosed(), 1U);
  EXPECT_TRUE(items(desks.rolf.get("listReleaseRequests", {}, {{"state", "waiting"}})).empty());
  EXPECT_EQ(items(desks.rolf.get("listReleaseRequests")).size(), 1U);
  const auto found = must(exchange::verify(desks.a()));
  EXPECT_TRUE(found.clean()) << found.findings.at(0);
}

TEST(ReleaseRequestRoutes, NobodyButAnotherReleasingOfficerApproves) {
  Desks desks;
  const auto id = desks.propose();
  const Values path = {{"request", id}};
  // Who proposed it, although a releasing officer too.
  expect_refused(desks.rolf.as("dora", releasing).post("approveRelease", "{}", path),
                 ErrorKind::NotPermitted, "somebody else");
  for (const auto role : {Role::Administrator, Role::DutyOfficer, Role::Analyst, Role::LegalAdviser,
                          Role::RightsOfficer, Role::Auditor, Role::Oversight}) {
    expect_refused(desks.rolf.as("rolf", {role}).post("approveRelease", "{}", path),
                   ErrorKind::NotPermitted);
  }
  // An administrator is refused by the handler as well, should a table ever let one through.
  expect_refused(desks.rolf.as("rolf", {Role::Administrator, Role::ReleasingOfficer})
                     .post("approveRelease", "{}", path),
                 ErrorKind::NotPermitted, "releasing officer");
  EXPECT_EQ(desks.state(id), "waiting");
  EXPECT_EQ(desks.disclosed(), 0U);
}

TEST(ReleaseRequestRoutes, IsRefusedAfterTheLawChanged) {
  Desks desks;
  const auto id = desks.propose();
  exchange::test::change_law(desks.a(), exchange::test::lapsed_register());
  expect_refused(desks.rolf.post("approveRelease", "{}", {{"request", id}}),
                 ErrorKind::NotPermitted, "XB");
  EXPECT_EQ(desks.state(id), "waiting");
  EXPECT_EQ(desks.disclosed(), 0U);
}

TEST(ReleaseRequestRoutes, FallsWithTheAccountOfWhoProposedIt) {
  Desks desks;
  const auto id = desks.propose();
  put_account(desks.a(), "dora", "duty-officer", false);
  expect_refused(desks.rolf.post("approveRelease", "{}", {{"request", id}}),
                 ErrorKind::NotPermitted, "dora");
  EXPECT_EQ(desks.state(id), "refused");
  EXPECT_EQ(desks.disclosed(), 0U);
  expect_refused(desks.rolf.post("approveRelease", "{}", {{"request", id}}), ErrorKind::Conflict);
}

TEST(ReleaseRequestRoutes, AreRefusedWithAGroundAndWithdrawnByWhoProposed) {
  Desks desks;
  const auto refused = desks.propose();
  expect_refused(desks.rolf.post("refuseRelease", "{}", {{"request", refused}}),
                 ErrorKind::InvalidInput, "ground");
  expect_refused(
      desks.rolf.post("refuseRelease", R"({"ground":"x","more":1})", {{"request", refused}}),
      ErrorKind::InvalidInput, "more");
  const auto answer =
      must(desks.rolf.as("rita", {Role::RightsOfficer})
               .post("refuseRelease", R"({"ground":"names a person"})", {{"request", refused}}));
  EXPECT_EQ(answer.body.text("state"), "refused");
  EXPECT_EQ(answer.body.text("ground"), "names a person");
  const auto withdrawn = desks.propose();
  expect_refused(desks.rolf.as("rolf", releasing).ask("withdrawRelease", {{"request", withdrawn}}),
                 ErrorKind::NotPermitted);
  EXPECT_EQ(must(desks.dora.ask("withdrawRelease", {{"request", withdrawn}})).body.text("state"),
            "withdrawn");
  EXPECT_EQ(desks.disclosed(), 0U);
}

TEST(ReleaseRequestRoutes, UnknownIdsAreNotFoundInOneWay) {
  Desks desks;
  std::set<std::string> answers;
  for (const auto& id : {std::string("release-request--00000000-0000-4000-8000-000000000000"),
                         std::string("x"), std::string(), id_of("indicator", 1)}) {
    const Values path = {{"request", id}};
    for (const auto& answer : {desks.rolf.post("approveRelease", "{}", path),
                               desks.rolf.post("refuseRelease", R"({"ground":"g"})", path),
                               desks.dora.ask("withdrawRelease", path)}) {
      ASSERT_FALSE(answer) << id;
      EXPECT_EQ(answer.error().kind, ErrorKind::NotFound);
      answers.insert(answer.error().text());
    }
  }
  EXPECT_EQ(answers.size(), 1U);
}

TEST(ReleaseRequestRoutes, TheBodyIsStrict) {
  Desks desks;
  for (const auto* body :
       {"{}", "[]", R"({"ids":"x","parties":["XB"]})", R"({"ids":[1],"parties":["XB"]})",
        R"({"ids":[],"parties":["XB"]})", R"({"ids":["x--y"],"parties":["XB"]})",
        R"({"ids":["import--00000000-0000-4000-8000-000000000000"],"parties":[]})",
        R"({"ids":["x"],"parties":["XB"],"proposed_by":"rolf"})"}) {
    const auto answer = desks.dora.post("proposeRelease", body);
    ASSERT_FALSE(answer) << body;
    EXPECT_TRUE(answer.error().kind == ErrorKind::InvalidInput ||
                answer.error().kind == ErrorKind::NotFound)
        << body << ": " << answer.error().text();
  }
  std::string ids = R"("a--b")";
  for (int i = 0; i < 200; ++i) ids += R"(,"a--b")";
  expect_refused(desks.dora.post("proposeRelease", R"({"ids":[)" + ids + R"(],"parties":["XB"]})"),
                 ErrorKind::TooLarge);
  EXPECT_TRUE(items(desks.rolf.get("listReleaseRequests")).empty());
  expect_refused(desks.rolf.ask("listReleaseRequests", {}, {{"state", "open"}}),
                 ErrorKind::InvalidInput);
}

// A copy that came from somebody else is not what this node would share of it.
TEST(ReleaseRequestRoutes, ARecordThatIsNotTheOneToShareIsRefused) {
  Desks desks;
  {
    const auto change = must(exchange::Change::begin(desks.a()));
    auto copy = exchange::test::held(desks.a(), id_of("indicator", 1));
    copy.received_from = "XB";
    copy.source = "comity-disclosure--of-the-test";
    copy.assertion_id = sha256("copy");
    must(change->keep(copy));
    must(change->commit());
  }
  expect_refused(desks.dora.post("proposeRelease",
                                 R"({"ids":[")" + hex(sha256("copy")) + R"("],"parties":["XB"]})"),
                 ErrorKind::Conflict, desks.record(id_of("indicator", 1)));
}

}  // namespace
}  // namespace comity::api
