#include "node/ledger_command.h"

#include <gtest/gtest.h>

#include "exchange/ledger_proof.h"
#include "json/write.h"
#include "node/test_nodes.h"

namespace comity::node {
namespace {

using test::arguments;
using test::must;

struct OneLedger {
  test::TemporaryDirectory directory;
  std::unique_ptr<exchange::Node> node;
  OneLedger() {
    test::make_node(directory.file("XA"), "XA");
    node = test::open_node(directory.file("XA"));
  }
  std::int64_t size() { return must(must(node->store().read())->ledger_size()); }
};

std::size_t listed(const Outcome& outcome) { return outcome.data.find("entries")->array()->size(); }

TEST(LedgerCommand, TheListGoesOnWhereItEndedAndJoinsPadding) {
  OneLedger one;
  for (int i = 0; i < 4; ++i) {
    {
      const auto change = must(exchange::Change::begin(*one.node));
      json::Object entry;
      entry.set("type", "test");
      must(change->enter("test", entry));
      must(change->commit());
    }
    must(exchange::publish_checkpoint(*one.node));
  }
  ASSERT_EQ(one.size(), 1024);
  const auto first = must(ledger_log(*one.node, {}));
  EXPECT_EQ(listed(first), static_cast<std::size_t>(ledger_entries_listed_max));
  EXPECT_EQ(*first.data.find("next")->integer(), ledger_entries_listed_max - 1);
  EXPECT_NE(first.text.find("2 to 255: padding\n"), std::string::npos) << first.text;
  EXPECT_NE(first.text.find("… 24 more: --after 999\n"), std::string::npos) << first.text;
  EXPECT_TRUE(first.text.starts_with("EXERCISE demo"));
  const auto last = must(ledger_log(*one.node, arguments(R"({"after":999})")));
  EXPECT_EQ(listed(last), 24U);
  EXPECT_EQ(last.data.find("next"), nullptr);
  EXPECT_EQ(listed(must(ledger_log(*one.node, arguments(R"({"after":1023})")))), 0U);
  EXPECT_EQ(listed(must(ledger_log(*one.node, arguments(R"({"after":0})")))), 1000U);
  EXPECT_FALSE(ledger_log(*one.node, arguments(R"({"after":-1})")));
  EXPECT_FALSE(ledger_log(*one.node, arguments(R"({"after":"1"})")));
}

TEST(LedgerCommand, AsksForOneKindOfProof) {
  OneLedger one;
  for (const auto* wrong : {"{}", R"({"size":1})", R"({"index":0,"old":1})", R"({"index":-1})",
                            R"({"index":"0"})", R"({"old":1.5})"}) {
    const auto outcome = ledger_prove(*one.node, arguments(wrong));
    ASSERT_FALSE(outcome) << wrong;
    EXPECT_EQ(outcome.error().kind, ErrorKind::InvalidInput) << wrong;
  }
  EXPECT_TRUE(ledger_prove(*one.node, arguments(R"({"index":0,"size":1})")));
  EXPECT_TRUE(ledger_prove(*one.node, arguments(R"({"old":1,"size":1})")));
}

TEST(LedgerCommand, WhatWasWrittenIsChecked) {
  OneLedger one;
  const auto told = must(ledger_publish(*one.node, {}));
  const auto proof = must(ledger_prove(*one.node, arguments(R"({"index":0,"entry":true})")));
  ProofToCheck check;
  check.file = one.directory.file("proof.json");
  check.key = told.data.text("key");
  check.origin = told.data.text("origin");
  must(write_file(check.file, proof.text));
  const auto holds = must(check_ledger_proof(check));
  EXPECT_EQ(holds.exit_code, 0);
  EXPECT_NE(holds.text.find("holds: leaf 0 of the 256"), std::string::npos) << holds.text;
  EXPECT_NE(holds.text.find("node-created"), std::string::npos) << holds.text;
  auto wrong = check;
  wrong.key = "short";
  EXPECT_EQ(check_ledger_proof(wrong).error().where, "--key");
  wrong = check;
  wrong.file = one.directory.file("none");
  EXPECT_FALSE(check_ledger_proof(wrong));
  wrong = check;
  wrong.held = check.file;
  EXPECT_EQ(check_ledger_proof(wrong).error().kind, ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace comity::node
