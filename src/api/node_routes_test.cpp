#include <gtest/gtest.h>

#include "api/test_law_desk.h"
#include "base/file.h"
#include "base/test_source_dir.h"
#include "exchange/pairing.h"

namespace comity::api {
namespace {

using exchange::test::Federation;
using exchange::test::Operational;
using test::expect_refusal;
using test::LawDesk;
using test::members_of;
using test::must;
using test::number_of;
using test::rows_of;
using test::ShippedNode;
using test::texts_of;

TEST(NodeRoutes, TheNodeSaysWhoItIs) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto node = desk.get("readNode");
  EXPECT_EQ(members_of(node),
            (std::set<std::string>{"party", "party_name", "mode", "exercise", "version", "now",
                                   "treaty_now", "register", "overlay", "endpoint"}));
  EXPECT_EQ(node.text("party"), "RU");
  EXPECT_EQ(node.text("party_name"), "Russian Federation");
  EXPECT_EQ(node.text("mode"), "exercise");
  EXPECT_EQ(node.text("exercise"), "demo");
  EXPECT_EQ(node.text("now"), "2026-11-23T06:00:00.000000Z");
  EXPECT_EQ(node.text("register"), digest_text(one.node().law()->model().digest));
  const auto cmake = must(read_file(comity::test::source_path("CMakeLists.txt"), 1 << 20));
  EXPECT_NE(cmake.find("project(comity VERSION " + std::string(node.text("version")) + " "),
            std::string::npos);
  Operational other;
  const auto operational = LawDesk(other.node()).get("readNode");
  EXPECT_EQ(operational.text("mode"), "operational");
  EXPECT_TRUE(operational.find("exercise")->is_null());
}

TEST(NodeRoutes, WhoeverAsksIsToldTheModeAndNothingElse) {
  ShippedNode one;
  EXPECT_EQ(json::write(LawDesk(one.node()).get("readMode")),
            R"({"mode":"exercise","exercise":"demo"})");
  Operational other;
  EXPECT_EQ(json::write(LawDesk(other.node()).get("readMode")),
            R"({"mode":"operational","exercise":null})");
}

TEST(NodeRoutes, WordsAreThoseOfTheRegister) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto law = one.node().law();
  const auto parties = rows_of(desk.get("listParties"));
  ASSERT_EQ(parties.size(), law->model().parties.size());
  EXPECT_EQ(members_of(parties[0]), (std::set<std::string>{"code", "name", "kind"}));
  const auto words = desk.get("readVocabulary");
  EXPECT_EQ(members_of(words), (std::set<std::string>{"classes", "areas", "purposes", "actions",
                                                      "tlp", "roles", "types", "refusal_grounds"}));
  EXPECT_EQ(json::write(*words.find("tlp")), R"(["clear","green","amber","amber+strict","red"])");
  EXPECT_EQ(words.find("areas")->array()->size(), law->model().vocabulary.areas.values.size());
  const auto& types = *words.find("types")->array();
  for (const char* type : {"indicator", "identity", "relationship", "x-mitre-tactic"}) {
    EXPECT_EQ(std::count(types.begin(), types.end(), json::Value(type)), 1) << type;
  }
  const auto& grounds = *words.find("refusal_grounds")->array();
  for (const char* ground : {"political-offence", "political-opinion", "national-law"}) {
    EXPECT_EQ(std::count(grounds.begin(), grounds.end(), json::Value(ground)), 1) << ground;
  }
}

TEST(NodeRoutes, PeersShowTheDigitsThatWereCompared) {
  Federation two;
  LawDesk desk(two.a());
  const auto rows = rows_of(desk.get("listPeers"));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(members_of(rows[0]), (std::set<std::string>{"party", "state", "receipts_missing",
                                                        "last_seen", "key_days_left", "endpoint",
                                                        "confirmed", "digits", "certificate"}));
  EXPECT_EQ(rows[0].text("party"), "XB");
  const auto other = rows_of(LawDesk(two.b()).get("listPeers"));
  EXPECT_EQ(rows[0].find("digits")->array()->size(), 8U);
  EXPECT_EQ(*rows[0].find("digits"), *other.at(0).find("digits"));
}

TEST(NodeRoutes, PairingIsByInvitationAndComparedDigits) {
  Federation two(false);
  LawDesk a(two.a()), b(two.b());
  const auto invitation = [&](LawDesk& desk, const std::string& party) {
    json::Object body;
    body.set("party", party);
    body.set("endpoint", exchange::test::nowhere);
    return std::string(must(desk.post("createInvitation", body)).body.text("invitation"));
  };
  const auto from_a = invitation(a, "XB"), from_b = invitation(b, "XA");
  const auto pair = [&](LawDesk& desk, const std::string& text, const json::Value& confirmed) {
    json::Object body;
    body.set("invitation", text);
    body.set("confirmed", confirmed);
    return desk.post("createPairing", body);
  };
  const auto looked_at = must(pair(a, from_b, false)).body;
  EXPECT_EQ(members_of(looked_at),
            (std::set<std::string>{"party", "endpoint", "digits", "confirmed"}));
  EXPECT_EQ(*looked_at.find("confirmed"), json::Value(false));
  EXPECT_TRUE(rows_of(a.get("listPeers")).empty());
  EXPECT_EQ(*must(pair(b, from_a, false)).body.find("digits"), *looked_at.find("digits"));
  EXPECT_EQ(*must(pair(a, from_b, true)).body.find("confirmed"), json::Value(true));
  EXPECT_EQ(rows_of(a.get("listPeers")).size(), 1U);
  expect_refusal(pair(a, from_b, "yes"), ErrorKind::InvalidInput, "confirmed");
  expect_refusal(pair(a, "{}", false), ErrorKind::InvalidInput);
  // Only an administrator.
  a.with({Role::DutyOfficer, Role::Auditor, Role::ReleasingOfficer});
  expect_refusal(pair(a, from_b, false), ErrorKind::NotPermitted);
}

TEST(NodeRoutes, TheLedgerIsReadFromItsEnd) {
  Operational one;
  LawDesk desk(one.node());
  const auto size = must(must(one.node().store().read())->ledger_size());
  std::vector<std::int64_t> indexes;
  test::Values query = {{"limit", "3"}};
  while (true) {
    const auto page = desk.get("listLedger", {}, query);
    EXPECT_EQ(number_of(page, "total"), size);
    for (const auto& row : rows_of(page)) {
      EXPECT_EQ(members_of(row), (std::set<std::string>{"index", "kind", "at", "entry"}));
      EXPECT_EQ(row.find("entry")->find("entered")->text("kind"), row.text("kind"));
      indexes.push_back(number_of(row, "index"));
    }
    if (page.find("next")->is_null()) break;
    query["cursor"] = std::string(page.text("next"));
  }
  ASSERT_EQ(static_cast<std::int64_t>(indexes.size()), size);
  for (std::int64_t i = 0; i < size; ++i) {
    EXPECT_EQ(indexes[static_cast<std::size_t>(i)], size - 1 - i);
  }
  const auto checkpoint = desk.get("readCheckpoint");
  EXPECT_EQ(members_of(checkpoint), (std::set<std::string>{"note", "size", "root"}));
  EXPECT_EQ(number_of(checkpoint, "size"), size);
  const auto note = std::string(checkpoint.text("note"));
  EXPECT_EQ(digest_text(must(exchange::open_own_checkpoint(one.node(), note)).root),
            checkpoint.text("root"));
  expect_refusal(desk.ask("listLedger", {}, {{"cursor", "x"}}), ErrorKind::InvalidInput);
}

TEST(NodeRoutes, TheDoctorNamesWhatIsWrong) {
  Federation two;
  const auto rows = rows_of(LawDesk(two.a()).get("readDoctor"));
  ASSERT_FALSE(rows.empty());
  for (const auto& row : rows) {
    EXPECT_EQ(members_of(row), (std::set<std::string>{"area", "what", "why", "remedy"}));
  }
  // Nobody listens where XB is.
  const auto areas = texts_of(rows, "area");
  EXPECT_NE(std::find(areas.begin(), areas.end(), "link"), areas.end());
}

TEST(NodeRoutes, RowsAreThoseOfTheAgreement) {
  std::map<std::string, std::pair<std::string, RoleSet>> found;
  for (const auto& row : LawDesk::all()) {
    EXPECT_EQ(row.access == Access::Open, row.operation == "readMode") << row.operation;
    EXPECT_FALSE(row.fresh_factor) << row.operation;
    EXPECT_NE(row.handle, nullptr) << row.operation;
    found.emplace(row.operation,
                  std::pair(std::string(row.method) + " " + std::string(row.path), row.roles));
  }
  const auto expect = [&](const char* operation, const char* place, RoleSet roles) {
    ASSERT_TRUE(found.contains(operation)) << operation;
    EXPECT_EQ(found[operation].first, place);
    EXPECT_TRUE(found[operation].second == roles) << operation;
    found.erase(operation);
  };
  const RoleSet all = RoleSet::all(), administrator = {Role::Administrator};
  const RoleSet ledger = {Role::DutyOfficer,   Role::LegalAdviser, Role::ReleasingOfficer,
                          Role::Administrator, Role::Auditor,      Role::Oversight};
  RoleSet peers = ledger, officers = ledger;
  peers.add(Role::Analyst);
  officers.add(Role::RightsOfficer);
  const RoleSet signatories = {Role::DutyOfficer, Role::LegalAdviser, Role::ReleasingOfficer,
                               Role::Administrator};
  expect("listAgreements", "GET /api/v1/agreements", all);
  expect("readAgreement", "GET /api/v1/agreements/{agreement}", all);
  expect("readVerification", "GET /api/v1/agreements/{agreement}/clauses/{clause}/verification",
         all);
  expect("listOfficers", "GET /api/v1/officers", officers);
  expect("listApprovals", "GET /api/v1/approvals", officers);
  expect("signAct", "POST /api/v1/approvals", signatories);
  expect("withdrawApproval", "DELETE /api/v1/approvals/{approval}", signatories);
  expect("readMode", "GET /api/v1/mode", {});
  expect("readNode", "GET /api/v1/node", all);
  expect("listParties", "GET /api/v1/parties", all);
  expect("readVocabulary", "GET /api/v1/vocabulary", all);
  expect("listPeers", "GET /api/v1/peers", peers);
  expect("createInvitation", "POST /api/v1/invitations", administrator);
  expect("createPairing", "POST /api/v1/pairings", administrator);
  expect("listLedger", "GET /api/v1/ledger", ledger);
  expect("readCheckpoint", "GET /api/v1/ledger/checkpoint", ledger);
  expect("readDoctor", "GET /api/v1/doctor",
         {Role::DutyOfficer, Role::Administrator, Role::Auditor});
  expect("readCoverage", "GET /api/v1/coverage", all);
  expect("readCoverageGaps", "GET /api/v1/coverage/gaps", all);
  expect("askWhatIf", "POST /api/v1/coverage/what-if", all);
  expect("readCoverageDrawing", "GET /api/v1/coverage/drawings/{kind}", all);
  EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace comity::api
