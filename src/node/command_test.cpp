#include "node/command.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "exchange/pairing.h"
#include "json/write.h"
#include "node/test_nodes.h"

namespace comity::node {
namespace {

using test::arguments;
using test::must;

TEST(Command, OutcomesSurviveTheirJson) {
  for (const int code : {0, 1, 2, 3}) {
    Outcome outcome;
    outcome.exit_code = code;
    outcome.text = "line 1\nEXERCISE – \"ü\"\n";
    outcome.data = must(json::parse(R"({"a":[1,{"b":null}],"c":"\u0001","d":0.5})"));
    const auto text = json::write(to_json(outcome));
    const auto back = must(outcome_from_json(must(json::parse(text))));
    EXPECT_EQ(back.exit_code, outcome.exit_code);
    EXPECT_EQ(back.text, outcome.text);
    EXPECT_EQ(back.data, outcome.data);
    EXPECT_EQ(json::write(to_json(back)), text);
  }
  for (const auto* text : {"{}", "1", "[]", R"({"exit_code":"0","text":"","data":{}})",
                           R"({"exit_code":0,"text":""})", R"({"text":"","data":{}})"}) {
    const auto outcome = outcome_from_json(must(json::parse(text)));
    ASSERT_FALSE(outcome.has_value()) << text;
    EXPECT_EQ(outcome.error().kind, ErrorKind::Unavailable);
  }
}

TEST(Command, AreFoundByTheirWholeNameOnly) {
  for (const auto* name : {"import",         "preview",      "release",        "verify",
                           "arrange",        "invite",       "pair",           "peers",
                           "records",        "decide",       "ledger-log",     "ledger-checkpoint",
                           "ledger-publish", "ledger-prove", "ledger-witness", "feed-add",
                           "feed-list",      "feed-pull",    "feed-end",       "outpost-add",
                           "outpost-remove", "outpost-list", "outpost-check",  "outpost-retry"}) {
    const auto* command = find_command(name);
    ASSERT_NE(command, nullptr) << name;
    EXPECT_EQ(command->name, name);
  }
  for (const auto* name :
       {"", "imp", "imports", "Import", "import ", "init", "serve", "../verify"}) {
    EXPECT_EQ(find_command(name), nullptr) << name;
  }
  for (const auto* name :
       {"preview", "verify", "peers", "records", "decide", "ledger-log", "ledger-checkpoint",
        "ledger-prove", "feed-list", "outpost-list", "outpost-check"}) {
    EXPECT_FALSE(find_command(name)->changes) << name;
  }
  for (const auto* name :
       {"import", "release", "arrange", "invite", "pair", "ledger-publish", "ledger-witness",
        "feed-add", "feed-pull", "feed-end", "outpost-add", "outpost-remove", "outpost-retry"}) {
    EXPECT_TRUE(find_command(name)->changes) << name;
  }
}

struct OneNode {
  test::TemporaryDirectory directory;
  std::unique_ptr<exchange::Node> node;
  OneNode() {
    test::make_node(directory.file("XA"), "XA");
    node = test::open_node(directory.file("XA"));
    must(write_file(directory.file("bundle.json"), test::bundle()));
  }
  Result<Outcome> run(const char* name, const std::string& text = "{}") {
    return find_command(name)->run(*node, arguments(text));
  }
};

std::int64_t number(const json::Value& value, const char* name) {
  const auto* member = value.find(name);
  if (member == nullptr || member->integer() == nullptr) {
    throw std::runtime_error(std::string("no number ") + name);
  }
  return *member->integer();
}

TEST(Command, ImportPreviewRecordsAndVerifySayWhatTheyDid) {
  OneNode one;
  const auto imported = must(one.run("import", fmt::format(R"({{"file":"{}","tlp":"clear"}})",
                                                           one.directory.file("bundle.json"))));
  EXPECT_EQ(imported.exit_code, 0);
  EXPECT_EQ(number(imported.data, "added"), 1);
  EXPECT_EQ(imported.data.text("mode"), "exercise");
  EXPECT_TRUE(imported.data.text("import").starts_with("import--"));
  const auto records = must(one.run("records"));
  ASSERT_EQ(records.data.find("records")->array()->size(), 1U);
  EXPECT_EQ(records.data.find("records")->array()->front().text("id"), test::indicator_id);
  const auto preview =
      must(one.run("preview", fmt::format(R"({{"ids":["{}"]}})", test::indicator_id)));
  bool permitted = false;
  for (const auto& row : *preview.data.find("parties")->array()) {
    const auto* verdict = row.find("verdict");
    ASSERT_NE(verdict, nullptr);
    if (row.text("party") == "XB") permitted = verdict->text("verdict") == "permitted";
    if (row.text("party") == "XC") {
      EXPECT_EQ(verdict->text("verdict"), "no-basis");
    }
  }
  EXPECT_TRUE(permitted);
  const auto verified = must(one.run("verify"));
  EXPECT_EQ(verified.exit_code, 0);
  EXPECT_TRUE(*verified.data.find("verified")->boolean());
  for (const auto& outcome : {imported, records, preview, verified, must(one.run("peers"))}) {
    EXPECT_TRUE(outcome.text.starts_with("EXERCISE demo")) << outcome.text;
    EXPECT_EQ(outcome.data.text("exercise"), "demo");
  }
}

TEST(Command, RefusedObjectsAreAnswerOne) {
  OneNode one;
  must(write_file(one.directory.file("bad.json"),
                  R"({"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001",)"
                  R"("objects":[{}]})"));
  const auto outcome =
      must(one.run("import", fmt::format(R"({{"file":"{}"}})", one.directory.file("bad.json"))));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(number(outcome.data, "refused"), 1);
  const auto& loss = outcome.data.find("losses")->array()->front();
  EXPECT_TRUE(loss.text("where").starts_with("$.objects[0]")) << loss.text("where");
}

TEST(Command, WrongArgumentsAreErrors) {
  OneNode one;
  EXPECT_FALSE(one.run("import").has_value());
  EXPECT_FALSE(one.run("import", R"({"file":17})").has_value());
  EXPECT_EQ(one.run("release").error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(one.run("release", R"({"ids":"x","to":["QQ"]})").error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(one.run("preview").error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(one.run("invite", R"({"party":"QQ"})").error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(one.run("arrange", R"({"instrument":"none","kind":"k","with":"XB"})").error().kind,
            ErrorKind::InvalidInput);
  EXPECT_FALSE(one.run("pair", R"({"file":"/nonexistent"})").has_value());
  EXPECT_EQ(one.run("decide", R"({"from":"XA","to":"XB","unheard":1})").error().kind,
            ErrorKind::InvalidInput);
}

// Two operational nodes with an invitation of each for the other.
class TwoOperational {
 public:
  TwoOperational() : a_(make("XA")), b_(make("XB")) {
    invite(*a_, "XB");
    invite(*b_, "XA");
  }
  Result<Outcome> pair_at_a(const std::string& more) {
    return find_command("pair")->run(
        *a_, arguments(fmt::format(R"({{"file":"{}"{}}})", directory_.file("for-XA"), more)));
  }

 private:
  std::unique_ptr<exchange::Node> make(const std::string& party) {
    exchange::NewNode options;
    options.party = party;
    options.register_files = must(treaty::read_register(comity::test::source_path("register")));
    const auto folder = directory_.file(party);
    must(exchange::Node::create(folder, options, system_clock(), system_random()));
    return test::open_node(folder);
  }
  void invite(exchange::Node& node, const std::string& party) {
    const auto text = must(exchange::invite(node, party, "https://node.example:8443"));
    must(write_file(directory_.file("for-" + party), text));
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<exchange::Node> a_, b_;
};

// The command can come over the socket from any program of the operator, not only from comity pair.
TEST(Command, AnOperationalNodePairsOnlyWithTheDigitsThatWereCompared) {
  TwoOperational two;
  const auto looked = must(two.pair_at_a(""));
  const std::string digits(looked.data.text("digits"));
  EXPECT_EQ(digits.size(), 8 * 5 + 7);
  for (const std::string& said :
       {std::string(), std::string("00000 00000"), digits.substr(1) + digits.front()}) {
    const auto refused = two.pair_at_a(fmt::format(R"(,"confirmed":true,"digits":"{}")", said));
    ASSERT_FALSE(refused.has_value()) << said;
    EXPECT_EQ(refused.error().kind, ErrorKind::NotPermitted);
  }
  const auto paired =
      must(two.pair_at_a(fmt::format(R"(,"confirmed":true,"digits":"{}")", digits)));
  EXPECT_TRUE(*paired.data.find("paired")->boolean());
}

TEST(Command, DecideAnswersWithItsExitCode) {
  OneNode one;
  const auto ask = [&](const std::string& info, const std::string& to) {
    return must(one.run("decide", fmt::format(R"({{"from":"XA","to":"{}","action":"share",)"
                                              R"("info":"{}","area":"threat-information",)"
                                              R"("purpose":"warning","tlp":"clear"}})",
                                              to, info)));
  };
  EXPECT_EQ(ask("indicator", "XB").exit_code, 0);
  EXPECT_EQ(ask("indicator", "XB").data.text("verdict"), "permitted");
  EXPECT_EQ(ask("indicator", "XC").exit_code, 1);
  EXPECT_EQ(ask("state-secret", "XB").data.text("verdict"), "forbidden");
  EXPECT_EQ(ask("indicator", "QQ").exit_code, 2);
}

// Each names what was typed, says what it is not in words of the desk, and ends with 2.
TEST(Command, AWrongPartyOrIdIsNamedInWordsOfTheDesk) {
  OneNode one;
  must(one.run("import",
               fmt::format(R"({{"file":"{}","tlp":"clear"}})", one.directory.file("bundle.json"))));
  const auto record = fmt::format(R"("ids":["{}"])", test::indicator_id);
  struct Wrong {
    const char* command;
    std::string arguments, words;
  };
  for (const auto& wrong : std::vector<Wrong>{
           {"key-notice", R"({"party":"ZZ"})", "ZZ is not paired with this node; exchange inv"},
           {"key-notice", R"({"party":"XA"})", "XA is this node's own party"},
           {"ledger-witness",
            fmt::format(R"({{"from":"ZZ","file":"{}"}})", one.directory.file("bundle.json")),
            "ZZ is not paired with this node; exchange inv"},
           {"recall", fmt::format(R"({{{},"to":["ZZ"],"reason":"law"}})", record),
            "ZZ is not paired with this node; exchange inv"},
           {"recall", R"({"ids":["nosuch"],"reason":"law"})", "nosuch: is not held by this node"},
           {"invite", R"({"party":"ZZ"})", "'ZZ' is no party of the register; parties.toml"},
           {"release", fmt::format(R"({{{},"to":["ZZ"]}})", record), "'ZZ' is no party of the reg"},
           {"release", R"({"ids":["nosuch"],"to":["XB"]})", "XB is not paired with this node"},
           {"preview", R"({"ids":["nosuch"]})", "nosuch"},
           {"consent-ask", fmt::format(R"({{{},"recipient":"ZZ"}})", record),
            "--to: 'ZZ' is no party of the register; parties.toml"},
           {"consent-grant", R"({"id":"nosuch"})",
            "nosuch: is no request for consent that this node was asked; comity consent list"},
           {"consent-refuse", R"({"id":"nosuch"})",
            "nosuch: is no request for consent that this node was asked; comity consent list"},
           {"consent-withdraw", R"({"id":"nosuch"})",
            "nosuch: is no consent that this node has given; comity consent list"},
           {"receipt-list", R"({"party":"ZZ"})", "'ZZ' is no party of the register"},
           {"token-new", R"({"name":"t","party":"ZZ","collections":["records"]})",
            "'ZZ' is no party of the register"},
           {"token-revoke", R"({"name":"nosuch"})", "no token nosuch; comity token list"},
           {"rule-end", R"({"name":"nosuch"})", "no rule nosuch; comity rule list"},
           {"officer-end", R"({"name":"nosuch"})", "'nosuch' is no officer of this node; comity"},
           {"account-end", R"({"name":"nosuch"})", "no account nosuch; comity account list"},
           {"show", R"({"id":"nosuch"})", "'nosuch' is no instrument of the register; it has "},
           {"suspend", R"({"instrument":"xa-xb-2024","party":"ZZ"})",
            "'ZZ' is no party of xa-xb-2024; comity treaty show xa-xb-2024"},
       }) {
    const auto done = one.run(wrong.command, wrong.arguments);
    ASSERT_FALSE(done.has_value()) << wrong.command << " " << wrong.arguments;
    auto text = done.error().text();
    // A file is named as it was typed, and ours lie in a folder with such a name.
    const auto& folder = one.directory.path();
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.erase(at, folder.size());
    }
    EXPECT_NE(text.find(wrong.words), std::string::npos) << wrong.command << ": " << text;
    EXPECT_EQ(text.find("comity-"), std::string::npos) << wrong.command << ": " << text;
    EXPECT_EQ(text.find("$."), std::string::npos) << wrong.command << ": " << text;
    EXPECT_EQ(exit_code(done.error().kind), 2) << wrong.command << ": " << text;
  }
  const auto nothing = must(one.run("receipt-list", R"({"party":"XB"})"));
  EXPECT_NE(nothing.text.find("nothing was disclosed to XB yet\n"), std::string::npos);
}

}  // namespace
}  // namespace comity::node
