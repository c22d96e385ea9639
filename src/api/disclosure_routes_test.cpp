#include <gtest/gtest.h>

#include <set>

#include "api/exchange_json.h"
#include "api/test_desk.h"
#include "exchange/recall.h"
#include "exchange/release.h"
#include "exchange/test_chain.h"

namespace comity::api {
namespace {

using exchange::test::Chain4;
using exchange::test::Federation;
using exchange::test::id_of;
using exchange::test::import_objects;
using exchange::test::indicator;
using test::column;
using test::Desk;
using test::expect_refused;
using test::items;
using test::must;
using test::number;
using test::Values;

constexpr RoleSet adviser = {Role::LegalAdviser};

TEST(DisclosureRoutes, WhatClaimsNoAgreementSaysSo) {
  Chain4 chain;
  Citations citations(chain.a().law());
  store::ProtocolObject row;
  json::Object out;
  row.bytes = R"({"basis":[],"duties":[],"ground":"national-discretion","records":[]})";
  must(set_basis(row, citations, out));
  EXPECT_TRUE(out.find("basis")->array()->empty());
  EXPECT_EQ(*out.find("ground"), json::Value("national-discretion"));
  json::Object plain;
  row.bytes = R"({"basis":[{"instrument":"xa-xb-2024","clause":"a3","article":"Art. 3"}],)"
              R"("duties":[],"records":[]})";
  must(set_basis(row, citations, plain));
  EXPECT_EQ(plain.find("basis")->array()->size(), 1U);
  EXPECT_EQ(plain.find("ground"), nullptr);
  EXPECT_EQ(plain.find("four_eyes"), nullptr);
  json::Object looked_at;
  row.bytes = R"({"basis":[],"duties":[],"four_eyes":true,"records":[]})";
  must(set_basis(row, citations, looked_at));
  EXPECT_EQ(*looked_at.find("four_eyes"), json::Value(true));
}

TEST(DisclosureRoutes, InboxAndOutboxShowBothSidesOfOneDisclosure) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1), indicator(2)});
  must(exchange::release(chain.a(), {id_of("indicator", 1), id_of("indicator", 2)}, {"XB"}));
  Desk at_a(chain.a(), "lea", adviser), at_b(chain.b(), "lea", adviser);

  const auto sent = items(at_a.get("listOutbox"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].text("party"), "XB");
  EXPECT_EQ(sent[0].text("state"), "receipt");
  EXPECT_EQ(number(sent[0], "number"), 1);
  EXPECT_EQ(number(sent[0], "records"), 2);
  EXPECT_EQ(number(sent[0], "accepted"), 2);
  EXPECT_EQ(sent[0].find("basis")->array()->at(0).text("clause"), "a3");
  EXPECT_TRUE(items(at_a.get("listInbox")).empty());

  const auto came = items(at_b.get("listInbox"));
  ASSERT_EQ(came.size(), 1U);
  EXPECT_EQ(came[0].text("disclosure"), sent[0].text("disclosure"));
  EXPECT_EQ(came[0].text("party"), "XA");
  EXPECT_EQ(number(came[0], "records"), 2);
  EXPECT_EQ(number(came[0], "accepted"), 2);
  EXPECT_TRUE(items(at_b.get("listOutbox")).empty());

  const Values path = {{"disclosure", std::string(sent[0].text("disclosure"))}};
  for (auto* desk : {&at_a, &at_b}) {
    const auto one = desk->get("readDisclosure", path);
    ASSERT_EQ(one.find("record_ids")->array()->size(), 2U);
    EXPECT_EQ(one.find("statement")->text("type"), "comity-disclosure");
    EXPECT_EQ(one.find("receipt")->text("type"), "comity-receipt");
    EXPECT_EQ(one.text("state"), "receipt");
    EXPECT_EQ(number(one, "accepted"), 2);
    // Each of them is a record of this node.
    for (const auto& id : *one.find("record_ids")->array()) {
      EXPECT_EQ(desk->get("readRecord", {{"record", *id.string()}}).text("type"), "indicator");
    }
  }
}

TEST(DisclosureRoutes, TheOutboxIsPagedAndFilteredByState) {
  Federation node;  // nobody listens: every receipt is missing
  std::vector<std::string> expected;
  for (std::size_t n = 1; n <= 7; ++n) {
    import_objects(node.a(), {indicator(n)});
    must(exchange::release(node.a(), {id_of("indicator", n)}, {"XB"}));
    expected.insert(expected.begin(), exchange::test::disclosures_sent(node.a()).back().id);
  }
  must(exchange::recall(node.a(), {{id_of("indicator", 3)}, {"XB"}, "other", {}}));
  Desk desk(node.a(), "ole", {Role::Oversight});
  const auto all = [&](Values query) {
    std::vector<std::string> out;
    for (;;) {
      const auto page = desk.get("listOutbox", {}, query);
      for (auto& id : column(items(page), "disclosure")) out.push_back(std::move(id));
      if (page.find("next")->is_null()) return out;
      query["cursor"] = page.text("next");
    }
  };
  EXPECT_EQ(all({{"limit", "3"}}), expected);
  EXPECT_EQ(all({{"limit", "7"}}), expected);
  EXPECT_EQ(all({{"limit", "2"}, {"state", "recalled"}}), std::vector<std::string>{expected[4]});
  EXPECT_EQ(all({{"limit", "2"}, {"state", "missing"}}).size(), 6U);
  EXPECT_TRUE(all({{"state", "collected"}}).empty());
  expect_refused(desk.ask("listOutbox", {}, {{"state", "lost"}}), ErrorKind::InvalidInput);
  expect_refused(desk.ask("listOutbox", {}, {{"cursor", "AAAA"}}), ErrorKind::InvalidInput);
  const auto other = desk.get("listOutbox", {}, {{"limit", "1"}});
  desk.as("lea", adviser);
  expect_refused(desk.ask("listInbox", {}, {{"cursor", std::string(other.text("next"))}}),
                 ErrorKind::InvalidInput);
}

// Lists that are empty are left out, and many records are named in sum.
TEST(DisclosureRoutes, WhatIsLeftOutAndWhatIsInSumIsReadAsItIsMeant) {
  Chain4 chain;
  Citations citations(chain.a().law());
  store::ProtocolObject row;
  row.bytes = R"({"ground":"national-discretion","purpose":"warning","records":[{},{}]})";
  json::Object out;
  must(set_basis(row, citations, out));
  EXPECT_TRUE(out.find("basis")->array()->empty());
  EXPECT_EQ(must(disclosure_size(row)), 2);
  row.bytes = R"({"purpose":"warning","records":[{}]})";
  EXPECT_FALSE(set_basis(row, citations, out)) << "neither clauses nor a ground";

  Federation federation;
  std::vector<std::string> objects;
  for (std::size_t i = 0; i <= exchange::listed_rows_max; ++i) objects.push_back(indicator(i));
  const auto made = import_objects(federation.a(), objects).import_id;
  must(exchange::release(federation.a(), {made}, {"XB"}));
  const auto sent =
      exchange::test::statements(federation.a(), exchange::disclosure_kind, store::Direction::Sent)
          .at(0);
  EXPECT_EQ(must(disclosure_size(sent)), static_cast<std::int64_t>(objects.size()));
  Desk desk(federation.a(), "lea", adviser);
  const auto shown = desk.get("readDisclosure", {{"disclosure", sent.id}});
  EXPECT_EQ(shown.find("record_ids")->array()->size(), objects.size());
  EXPECT_EQ(number(shown, "records"), static_cast<std::int64_t>(objects.size()));
}

// A receipt, a request, a record: whatever else is held under an id is no disclosure.
TEST(DisclosureRoutes, WhatIsNoDisclosureIsNotFoundInOneWay) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  must(exchange::release(chain.a(), {id_of("indicator", 1)}, {"XB"}));
  must(exchange::recall(chain.a(), {{id_of("indicator", 1)}, {"XB"}, "other", {}}));
  const auto disclosure = exchange::test::disclosures_sent(chain.a()).at(0).id;
  const auto recall =
      exchange::test::statements(chain.a(), "comity-recall", store::Direction::Sent).at(0).id;
  Desk desk(chain.a(), "lea", adviser);
  std::set<std::string> answers;
  for (const auto& id : {exchange::receipt_id(disclosure), recall, id_of("indicator", 1),
                         std::string("comity-disclosure--0"), std::string()}) {
    const auto answer = desk.ask("readDisclosure", {{"disclosure", id}});
    ASSERT_FALSE(answer) << id;
    EXPECT_EQ(answer.error().kind, ErrorKind::NotFound);
    answers.insert(answer.error().text());
  }
  EXPECT_EQ(answers.size(), 1U);
}

}  // namespace
}  // namespace comity::api
