#include "exchange/account.h"

#include <gtest/gtest.h>

#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::must;

struct AccountStore {
  test::TemporaryDirectory directory;
  test::Party party{directory.file("XA"), "XA", 1};
  Node& node() { return party.node(); }

  AccountList list() {
    const auto snapshot = must(node().store().read());
    return must(read_accounts(must(account_text(*snapshot))));
  }
  json::Value kept() {
    const auto snapshot = must(node().store().read());
    return must(json::parse(*must(account_text(*snapshot))));
  }
  std::vector<std::string> findings() {
    const auto snapshot = must(node().store().read());
    return must(account_findings(*snapshot));
  }
  // Puts a text in the place of the list, past the ledger.
  void tamper(const std::string& text) {
    const auto change = must(Change::begin(node()));
    must(change->store().set_meta("accounts", text));
    must(change->commit());
  }
  void add(const std::string& name, const std::vector<std::string>& roles) {
    const auto work = must(AccountWork::begin(node()));
    Account account;
    account.name = name;
    account.full_name = "Nadia Нади́я نادية";
    account.roles = roles;
    account.created = work->at();
    account.password = "$argon2id$secret-hash";
    account.totp = "secret-factor-secret";
    account.link = SetupLink{sha256("secret-token"), "secret-seed", work->at()};
    work->list().accounts.push_back(account);
    json::Object entry;
    entry.set("account", terms_of(account));
    must(work->enter("account-add", entry));
    must(work->commit());
  }
  void propose(const std::string& id, const std::string& account) {
    const auto work = must(AccountWork::begin(node()));
    AccountChange change;
    change.id = id;
    change.change = "end";
    change.account = account;
    change.proposed_by = "operator";
    change.proposed = work->at();
    work->list().changes.push_back(change);
    AccountAlarm alarm{"alarm-of-" + id, account, work->at(), 1};
    work->list().alarms.push_back(alarm);
    json::Object entry;
    entry.set("change", terms_of(change));
    entry.set("alarm", terms_of(alarm));
    must(work->enter("change-proposed", entry));
    must(work->commit());
  }
};

TEST(Account, TheListIsReadAsItWasWritten) {
  AccountStore one;
  EXPECT_TRUE(one.list().accounts.empty());
  one.add("nadia", {"analyst"});
  one.add("omar", {"duty-officer", "analyst"});
  one.propose("c-1", "omar");
  const auto list = one.list();
  ASSERT_EQ(list.accounts.size(), 2U);
  EXPECT_EQ(list.accounts[1].roles, (std::vector<std::string>{"duty-officer", "analyst"}));
  EXPECT_EQ(list.accounts[0].totp, "secret-factor-secret");
  EXPECT_EQ(list.accounts[0].link->token, sha256("secret-token"));
  EXPECT_EQ(list.accounts[0].language, "en");
  ASSERT_EQ(list.changes.size(), 1U);
  EXPECT_EQ(list.changes[0].account, "omar");
  ASSERT_EQ(list.alarms.size(), 1U);
  EXPECT_EQ(list.find("omar"), &list.accounts[1]);
  EXPECT_EQ(list.find("oma"), nullptr);
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(Account, NothingThatOpensAnAccountIsInTheLedger) {
  AccountStore one;
  one.add("nadia", {"analyst"});
  std::string all;
  const auto snapshot = must(one.node().store().read());
  must(snapshot->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    if (row.kind == "account") all += row.entry;
    return {};
  }));
  EXPECT_NE(all.find("nadia"), std::string::npos);
  for (const auto& secret :
       {std::string("argon2"), std::string("secret"), base64url("secret-factor-secret"),
        base64url("secret-seed"), hex(view(sha256("secret-token")))}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

TEST(Account, AListThatIsNotOfTheFormIsCorruptAndAFinding) {
  AccountStore one;
  one.add("nadia", {"analyst"});
  const auto good = json::write(one.kept());
  const std::vector<std::pair<std::string, std::string>> changes = {
      {R"("roles":["analyst"])", R"("roles":["analyst",1])"},
      {R"("language":"en")", R"("language":"en","more":1)"},
      {R"("format":1)", R"("format":2)"},
      {R"("changes":[])", R"("changes":{})"},
      {R"("step":0)", R"("step":"0")"}};
  for (const auto& change : changes) {
    one.tamper(test::replaced(good, change.first, change.second));
    const auto snapshot = must(one.node().store().read());
    const auto read = read_accounts(must(account_text(*snapshot)));
    ASSERT_FALSE(read.has_value()) << change.second;
    EXPECT_EQ(read.error().kind, ErrorKind::Corrupt) << change.second;
    EXPECT_FALSE(must(verify(one.node())).clean()) << change.second;
    EXPECT_FALSE(AccountWork::begin(one.node()).has_value());
  }
  one.tamper(good);
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(Account, VerifyFindsEveryChangePastTheLedger) {
  AccountStore one;
  one.add("nadia", {"analyst"});
  one.add("omar", {"duty-officer"});
  one.propose("c-1", "omar");
  const auto good = json::write(one.kept());
  ASSERT_TRUE(one.findings().empty());
  const std::vector<std::pair<std::string, std::string>> changes = {
      {R"("roles":["analyst"])", R"("roles":["analyst","releasing-officer"])"},
      {R"("name":"omar")", R"("name":"olga")"},
      {R"("full_name":"Nadia)", R"("full_name":"Maria)"},
      {R"("proposed_by":"operator")", R"("proposed_by":"nadia")"},
      {R"("id":"c-1")", R"("id":"c-2")"},
      {R"("times":1)", R"("times":2)"}};
  for (const auto& change : changes) {
    one.tamper(test::replaced(good, change.first, change.second));
    EXPECT_FALSE(one.findings().empty()) << change.second;
  }
  auto kept = must(json::parse(good));
  for (const auto* part : {"accounts", "changes", "alarms"}) {
    auto less = kept, more = kept;
    auto* array = less.object()->find(part)->array();
    array->pop_back();
    one.tamper(json::write(less));
    EXPECT_FALSE(one.findings().empty()) << part << " less";
    array = more.object()->find(part)->array();
    array->push_back(array->front());
    one.tamper(json::write(more));
    EXPECT_FALSE(one.findings().empty()) << part << " twice";
  }
  one.tamper(good);
  EXPECT_TRUE(one.findings().empty());
}

TEST(Account, WhatIsDoneIsExpectedNoLonger) {
  AccountStore one;
  one.add("omar", {"duty-officer"});
  one.propose("c-1", "omar");
  const auto work = must(AccountWork::begin(one.node()));
  work->list().changes.clear();
  work->list().alarms.clear();
  json::Object entry;
  entry.set("done", json::Array{json::Value("c-1"), json::Value("alarm-of-c-1")});
  must(work->enter("change-withdrawn", entry));
  must(work->commit());
  EXPECT_TRUE(one.findings().empty());
}

TEST(Account, WhatIsNotCommittedIsNotKept) {
  AccountStore one;
  one.add("omar", {"duty-officer"});
  {
    const auto work = must(AccountWork::begin(one.node()));
    work->list().accounts.clear();
  }
  EXPECT_EQ(one.list().accounts.size(), 1U);
}

}  // namespace
}  // namespace comity::exchange
