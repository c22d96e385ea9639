#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <random>
#include <set>

#include "api/exchange_json.h"
#include "api/test_desk.h"
#include "exchange/consent.h"
#include "exchange/recall.h"
#include "exchange/release.h"
#include "exchange/selection.h"
#include "exchange/test_chain.h"
#include "exchange/test_release_world.h"
#include "treaty/phrase.h"

namespace comity::api {
namespace {

using exchange::test::Federation;
using exchange::test::id_of;
using exchange::test::import_objects;
using exchange::test::indicator;
using exchange::test::marked;
using test::column;
using test::Desk;
using test::expect_refused;
using test::items;
using test::must;
using test::number;
using test::Values;

constexpr Role reader = Role::LegalAdviser;

std::string record_id(exchange::Node& node, const std::string& stix_id) {
  return *must(record_of_stix(*must(node.store().read()), stix_id));
}

// All pages of a list, and how many there were.
std::vector<json::Value> pages(Desk& desk, std::string_view operation, Values query,
                               std::size_t* count = nullptr) {
  std::vector<json::Value> out;
  for (std::size_t n = 1;; ++n) {
    const auto page = desk.get(operation, {}, query);
    for (auto& row : items(page)) out.push_back(std::move(row));
    if (count != nullptr) *count = n;
    const auto next = page.text("next");
    if (next.empty()) return out;
    query["cursor"] = next;
    if (n > 1000) throw std::runtime_error("the list has no end");
  }
}

TEST(RecordRoutes, ListNewestFirstInPagesThatNameNoNumber) {
  Federation node;
  std::vector<std::string> objects, expected;
  for (std::size_t n = 1; n <= 25; ++n) {
    objects.push_back(indicator(n, marked(exchange::test::tlp_green)));
    expected.insert(expected.begin(), id_of("indicator", n));
  }
  import_objects(node.a(), objects);
  Desk desk(node.a(), "lea", {reader});
  std::size_t count = 0;
  const auto rows = pages(desk, "listRecords", {{"limit", "10"}}, &count);
  EXPECT_EQ(column(rows, "stix_id"), expected);
  EXPECT_EQ(count, 3U);
  const auto& row = rows.at(0);
  EXPECT_EQ(row.text("id"), record_id(node.a(), id_of("indicator", 25)));
  EXPECT_EQ(row.text("id").size(), 64U);
  EXPECT_EQ(row.text("type"), "indicator");
  EXPECT_EQ(row.text("name"), "[ipv4-addr:value = '198.51.100.1']");
  EXPECT_EQ(row.text("originator"), "XA");
  EXPECT_TRUE(row.find("received_from")->is_null());
  EXPECT_EQ(row.text("tlp"), "green");
  EXPECT_EQ(row.text("state"), "live");
  EXPECT_TRUE(row.text("source").starts_with("import--"));
  const auto first = desk.get("listRecords", {}, {{"limit", "10"}});
  EXPECT_EQ(number(first, "total"), 25);
  EXPECT_EQ(row.find("sequence"), nullptr);
  // 25 records in pages of 25 need no further page.
  EXPECT_TRUE(desk.get("listRecords", {}, {{"limit", "25"}}).find("next")->is_null());
}

// Records that come while somebody goes through the list do not shift what is still to be shown.
TEST(RecordRoutes, PagesGoOnWhileRecordsCome) {
  Federation node;
  std::mt19937_64 random(7);
  std::size_t made = 0;
  const auto add = [&](std::size_t count) {
    std::vector<std::string> objects;
    for (std::size_t i = 0; i < count; ++i) objects.push_back(indicator(++made));
    import_objects(node.a(), objects);
  };
  add(30);
  Desk desk(node.a(), "lea", {reader});
  std::vector<std::string> seen;
  Values query = {{"limit", "4"}};
  for (;;) {
    const auto page = desk.get("listRecords", {}, query);
    for (auto& id : column(items(page), "stix_id")) seen.push_back(std::move(id));
    const auto next = page.text("next");
    if (next.empty()) break;
    query["cursor"] = next;
    add(1 + random() % 3);
  }
  std::vector<std::string> expected;
  for (std::size_t n = 30; n >= 1; --n) expected.push_back(id_of("indicator", n));
  EXPECT_EQ(seen, expected) << "each once, and nothing that came later";
}

TEST(RecordRoutes, FindByIdNameTypeStateAndParty) {
  Federation node;
  import_objects(
      node.a(),
      {indicator(1), exchange::test::object("campaign", 2, R"(,"name":"Blue É Heron")"),
       exchange::test::object("campaign", 3, R"(,"name":"100% Tern","aliases":["Kite"])")});
  Desk desk(node.a(), "lea", {reader});
  const auto found = [&](Values query) {
    return column(pages(desk, "listRecords", std::move(query)), "stix_id");
  };
  const std::vector<std::string> one = {id_of("indicator", 1)}, heron = {id_of("campaign", 2)},
                                 tern = {id_of("campaign", 3)};
  EXPECT_EQ(found({{"q", id_of("indicator", 1)}}), one);
  EXPECT_EQ(found({{"q", "indicator--0000"}}), one);
  EXPECT_EQ(found({{"q", "198.51.100.1"}}), one) << "in the pattern";
  EXPECT_EQ(found({{"q", "bLUE"}}), heron);
  EXPECT_EQ(found({{"q", "É her"}}), heron);
  EXPECT_EQ(found({{"q", "100%"}}), tern) << "a sign of the pattern language stands for itself";
  EXPECT_EQ(found({{"q", "kite"}}), tern);
  EXPECT_TRUE(found({{"q", "10_%"}}).empty());
  EXPECT_EQ(found({{"type", "campaign"}}).size(), 2U);
  EXPECT_EQ(found({{"from", "XA"}}).size(), 3U) << "this node's own party: its imports";
  EXPECT_TRUE(found({{"from", "XB"}}).empty());
  EXPECT_TRUE(found({{"state", "quarantined"}}).empty());
  EXPECT_EQ(found({{"q", id_of("indicator", 1)}, {"type", "campaign"}}).size(), 0U);
  EXPECT_TRUE(desk.get("listRecords", {}, {{"type", "campaign"}}).find("total")->is_null());
  expect_refused(desk.ask("listRecords", {}, {{"state", "dead"}}), ErrorKind::InvalidInput);
  expect_refused(desk.ask("listRecords", {}, {{"q", std::string(201, 'x')}}),
                 ErrorKind::InvalidInput);
  EXPECT_TRUE(found({{"q", std::string(200, 'x')}}).empty());
  expect_refused(desk.ask("listRecords", {}, {{"cursor", "AAAA"}}), ErrorKind::InvalidInput);
  expect_refused(desk.ask("listRecords", {}, {{"limit", "0"}}), ErrorKind::InvalidInput);
}

// Whether an id is malformed, unknown or written in another way: nobody is told which.
TEST(RecordRoutes, AnUnknownIdIsNotFoundInOneWay) {
  Federation node;
  import_objects(node.a(), {indicator(1)});
  const auto id = record_id(node.a(), id_of("indicator", 1));
  auto upper = id;
  for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  Desk desk(node.a(), "lea", {reader});
  std::set<std::string> answers;
  for (const auto& unknown : {hex(sha256("another")), upper, std::string("x"), id.substr(1),
                              id_of("indicator", 1), std::string()}) {
    for (const auto* operation : {"readRecord", "listRecipients"}) {
      const auto answer = desk.ask(operation, {{"record", unknown}});
      ASSERT_FALSE(answer) << unknown;
      EXPECT_EQ(answer.error().kind, ErrorKind::NotFound);
      answers.insert(answer.error().text());
    }
  }
  EXPECT_EQ(answers.size(), 1U);
}

TEST(RecordRoutes, OneRecordShowsWhatIsKnownOfIt) {
  exchange::test::Chain4 chain;
  import_objects(chain.a(), {indicator(1, R"(,"created_by_ref":")" + id_of("identity", 7) + R"(")" +
                                              marked(exchange::test::tlp_green))});
  must(exchange::release(chain.a(), {id_of("indicator", 1)}, {"XB"}));
  must(exchange::recall(chain.a(), {{id_of("indicator", 1)}, {"XB"}, "other", {}}));
  must(exchange::send_statements(chain.a()));

  Desk at_a(chain.a(), "lea", {reader});
  const auto own =
      at_a.get("readRecord", {{"record", record_id(chain.a(), id_of("indicator", 1))}});
  EXPECT_EQ(own.find("object")->text("id"), id_of("indicator", 1));
  ASSERT_EQ(own.find("sent")->array()->size(), 1U);
  const auto& sent = own.find("sent")->array()->at(0);
  EXPECT_EQ(sent.text("party"), "XB");
  EXPECT_EQ(sent.text("state"), "recalled");
  EXPECT_EQ(number(sent, "accepted"), 1);
  EXPECT_EQ(sent.find("basis")->array()->at(0).text("instrument"), "xa-xb-2024");
  EXPECT_EQ(own.find("recalls")->array()->at(0).text("party"), "XB");
  std::vector<std::string> named = column(*own.find("names")->array(), "stix_id");
  EXPECT_NE(std::find(named.begin(), named.end(), id_of("identity", 7)), named.end());
  EXPECT_TRUE(own.find("names")->array()->at(0).find("id")->is_null()) << "not held here";

  Desk at_b(chain.b(), "lea", {reader});
  const auto came =
      at_b.get("readRecord", {{"record", record_id(chain.b(), id_of("indicator", 1))}});
  EXPECT_EQ(came.text("received_from"), "XA");
  EXPECT_EQ(came.text("state"), "quarantined");
  EXPECT_EQ(came.text("quarantine_reason"), "recalled by XA");
  EXPECT_EQ(came.find("chain")->array()->at(0).text("originator"), "XA");
  EXPECT_EQ(pages(at_b, "listRecords", {{"state", "quarantined"}, {"from", "XA"}}).size(), 1U);
}

json::Value recipient(const json::Value& answer, const std::string& party) {
  for (const auto& row : *answer.find("parties")->array()) {
    if (row.text("party") == party) return row;
  }
  throw std::runtime_error("no row for " + party);
}

TEST(RecordRoutes, WhoGetsItAndWhyNamesArticlesNeedsAndReach) {
  exchange::test::Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  Desk at_a(chain.a(), "lea", {reader});
  const auto id = record_id(chain.a(), id_of("indicator", 1));
  auto seen = at_a.get("listRecipients", {{"record", id}});
  auto row = recipient(seen, "XB");
  EXPECT_EQ(row.text("verdict"), "permitted");
  EXPECT_EQ(row.text("reach"), "paired");
  EXPECT_FALSE(*row.find("already")->boolean());
  EXPECT_EQ(row.find("basis")->array()->at(0).text("instrument"), "xa-xb-2024");
  EXPECT_TRUE(row.find("because")->is_null());
  EXPECT_EQ(recipient(seen, "XC").text("verdict"), "no-basis");
  EXPECT_EQ(seen.text("register"), digest_text(chain.a().law()->model().digest));
  std::int64_t all = 0;
  for (const auto* kind : {"permitted", "needs", "forbidden", "no-basis"}) {
    all += number(*seen.find("counts"), kind);
  }
  EXPECT_EQ(all, static_cast<std::int64_t>(seen.find("parties")->array()->size()));
  EXPECT_EQ(all + 1, static_cast<std::int64_t>(chain.a().law()->model().parties.size()));

  must(exchange::release(chain.a(), {id_of("indicator", 1)}, {"XB"}));
  seen = at_a.get("listRecipients", {{"record", id}});
  EXPECT_TRUE(*recipient(seen, "XB").find("already")->boolean());

  // At XB the originator's consent is missing, and it says whom to ask.
  Desk at_b(chain.b(), "lea", {reader});
  const auto came = record_id(chain.b(), id_of("indicator", 1));
  row = recipient(at_b.get("listRecipients", {{"record", came}}), "XC");
  EXPECT_EQ(row.text("verdict"), "needs");
  const auto& need = row.find("needs")->array()->at(0);
  EXPECT_EQ(need.text("kind"), "consent");
  EXPECT_EQ(need.find("from")->text("key"), "party.XA");
  EXPECT_TRUE(need.find("what")->text("key").starts_with("need.consent"));
}

TEST(RecordRoutes, AnotherInstantIsDecidedByTheLawOfThatInstant) {
  Federation node;
  import_objects(node.a(), {indicator(1)});
  Desk desk(node.a(), "lea", {reader});
  const auto id = record_id(node.a(), id_of("indicator", 1));
  const auto verdict = [&](const std::string& at) {
    const auto answer = desk.get("listRecipients", {{"record", id}}, {{"at", at}});
    return std::string(recipient(answer, "XB").text("verdict"));
  };
  EXPECT_EQ(verdict("2026-11-23"), "permitted");
  EXPECT_EQ(verdict("2024-05-31T23:59:59.999999Z"), "no-basis") << "in force since 2024-06-01";
  EXPECT_EQ(verdict("2024-06-01T00:00:00Z"), "permitted");
  EXPECT_EQ(desk.get("listRecipients", {{"record", id}}, {{"at", "2024-06-01"}}).text("at"),
            "2024-06-01T00:00:00.000000Z");
  for (const auto* bad : {"tomorrow", "2024-13-01", "2024-06-01T25:00:00Z"}) {
    expect_refused(desk.ask("listRecipients", {{"record", id}}, {{"at", bad}}),
                   ErrorKind::InvalidInput, "at");
  }
}

std::string report(std::size_t number, const std::vector<std::string>& contents) {
  return exchange::test::object("report", number,
                                R"(,"name":"n","report_types":["threat-report"],)"
                                R"("published":"2026-01-01T00:00:00Z")" +
                                    exchange::test::refs(contents) +
                                    marked(exchange::test::tlp_clear));
}

// A report is held for what it contains, and says which record that is.
TEST(RecordRoutes, WhatHoldsARecordBackIsNamedByItsId) {
  Federation node;
  import_objects(node.a(), {indicator(1), indicator(2, marked(exchange::test::tlp_red)),
                            report(3, {id_of("indicator", 1), id_of("indicator", 2)}),
                            report(4, {id_of("indicator", 1)})});
  Desk desk(node.a(), "lea", {reader});
  const auto row = recipient(
      desk.get("listRecipients", {{"record", record_id(node.a(), id_of("report", 3))}}), "XB");
  EXPECT_NE(row.text("verdict"), "permitted");
  EXPECT_EQ(row.text("because"), record_id(node.a(), id_of("indicator", 2)));
  const auto held = recipient(
      desk.get("listRecipients", {{"record", record_id(node.a(), id_of("indicator", 2))}}), "XB");
  EXPECT_TRUE(held.find("because")->is_null()) << "it is held back for itself";
  const auto goes = recipient(
      desk.get("listRecipients", {{"record", record_id(node.a(), id_of("report", 4))}}), "XB");
  EXPECT_EQ(goes.text("verdict"), "permitted");
  EXPECT_TRUE(goes.find("because")->is_null());
}

// The page of every record in random worlds against `preview`, for every party.
// What is missing and who supplies it, as sentences that the client words.
void expect_needs(const json::Value& row, const std::vector<treaty::NeedEntry>& expected) {
  const auto& found = *row.find("needs")->array();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(*found[i].find("what"), treaty::to_json(treaty::need_phrase(expected[i])));
    EXPECT_EQ(*found[i].find("from"), treaty::to_json(treaty::from_phrase(expected[i])));
    EXPECT_NE(found[i].find("from")->text("key"), "from.other") << expected[i].from;
  }
}

TEST(RecordRoutes, RecipientsAreThoseOfThePreviewInRandomWorlds) {
  const auto worlds = std::max<std::size_t>(2, 60 / comity::test::scale());
  for (std::size_t n = 0; n < worlds; ++n) {
    exchange::test::Dice dice(4200 + n);
    Federation node;
    exchange::test::change_law(node.a(),
                               exchange::test::random_register(dice, node.a().treaty_now()));
    const exchange::test::World world(dice, 1);
    std::vector<std::string> objects;
    for (const auto& thing : world.things) objects.push_back(thing.bytes);
    exchange::ImportOptions options;
    options.tlp = world.tlp;
    options.area = world.area;
    options.purpose = world.purpose;
    import_objects(node.a(), objects, options);
    Desk desk(node.a(), "lea", {reader});
    for (const auto& thing : world.things) {
      const auto expected = must(exchange::preview(node.a(), {thing.id}));
      const auto found = desk.get("listRecipients", {{"record", record_id(node.a(), thing.id)}});
      const auto& rows = *found.find("parties")->array();
      ASSERT_EQ(rows.size(), expected.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        ASSERT_EQ(rows[i].text("party"), expected[i].party);
        ASSERT_EQ(rows[i].text("verdict"), treaty::name(expected[i].verdict.kind)) << thing.id;
        ASSERT_EQ(rows[i].find("basis")->array()->size(), expected[i].verdict.basis.size());
        expect_needs(rows[i], expected[i].verdict.needs);
        ASSERT_EQ(rows[i].find("reasons")->array()->size(), expected[i].verdict.reasons.size());
        ASSERT_EQ(rows[i].find("assumed")->array()->size(), expected[i].verdict.assumed.size());
      }
    }
  }
}

std::size_t files_in(const std::string& directory) {
  std::size_t out = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    out += entry.is_regular_file() ? 1 : 0;
  }
  return out;
}

TEST(RecordRoutes, ABundleIsImportedWithItsLossReportAndLeavesNoFile) {
  Federation node;
  Desk desk(node.a(), "anna", {Role::Analyst});
  const auto before = files_in(node.a().directory());
  const auto bundle =
      exchange::test::bundle({indicator(1), R"({"type":"indicator","id":"no"})", indicator(2, "")});
  const auto report =
      must(desk.ask("importBundle", {}, {{"area", "csirt-response"}}, {}, bundle)).body;
  EXPECT_TRUE(report.text("import").starts_with("import--"));
  EXPECT_EQ(number(report, "objects"), 3);
  EXPECT_EQ(number(report, "added"), 2);
  EXPECT_EQ(number(report, "refused"), 1);
  EXPECT_EQ(report.find("losses")->array()->at(0).text("severity"), "refused");
  EXPECT_TRUE(report.find("losses")->array()->at(0).text("where").starts_with("$.objects[1]"));
  EXPECT_EQ(exchange::test::held(node.a(), id_of("indicator", 1)).area, "csirt-response");
  const auto again =
      must(desk.ask("importBundle", {}, {{"area", "csirt-response"}}, {}, bundle)).body;
  EXPECT_EQ(number(again, "existed"), 2);
  EXPECT_EQ(again.text("import"), report.text("import"));

  const auto stored = exchange::test::stored(node.a());
  for (const auto& bad : {std::string("no json"), std::string("[]"), std::string("{}"),
                          std::string(R"({"type":"report","id":"x","objects":[]})"),
                          bundle.substr(0, bundle.size() / 2), std::string()}) {
    const auto refused = desk.ask("importBundle", {}, {}, {}, bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::InvalidInput) << refused.error().text();
    EXPECT_EQ(refused.error().text().find("/proc"), std::string::npos) << refused.error().text();
    EXPECT_EQ(refused.error().text().find(node.a().directory()), std::string::npos);
  }
  for (const auto& [name, value] :
       Values{{"tlp", "purple"}, {"area", "nowhere"}, {"purpose", "fun"}}) {
    expect_refused(desk.ask("importBundle", {}, {{name, value}}, {}, bundle),
                   ErrorKind::InvalidInput, value);
  }
  EXPECT_EQ(exchange::test::stored(node.a()), stored) << "nothing of what was refused is kept";
  EXPECT_EQ(files_in(node.a().directory()), before);
}

// A hundred thousand objects are a hundred thousand losses at most, of which so many are listed.
TEST(RecordRoutes, TheLossReportIsBounded) {
  Federation node;
  Desk desk(node.a(), "anna", {Role::Analyst});
  std::vector<std::string> objects(exchange::losses_listed_max + 1, R"({"type":"x"})");
  const auto report =
      must(desk.ask("importBundle", {}, {}, {}, exchange::test::bundle(objects))).body;
  EXPECT_EQ(number(report, "refused"), static_cast<std::int64_t>(objects.size()));
  EXPECT_EQ(report.find("losses")->array()->size(), exchange::losses_listed_max);
}

TEST(RecordRoutes, WhoMayIsInTheTable) {
  for (const auto& row : Desk::all()) {
    EXPECT_TRUE(row.path.starts_with("/api/v1/"));
    EXPECT_NE(row.handle, nullptr) << row.operation;
    EXPECT_FALSE(row.roles.empty()) << row.operation;
    const bool reads = row.method == "GET";
    EXPECT_FALSE(reads && row.fresh_factor) << row.operation;
    EXPECT_FALSE(!reads && row.roles.has(Role::Auditor)) << row.operation;
    EXPECT_EQ(row.roles.has(Role::Administrator), row.operation == "readToday") << row.operation;
  }
}

}  // namespace
}  // namespace comity::api
