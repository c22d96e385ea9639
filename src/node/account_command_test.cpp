#include "node/account_command.h"

#include <gtest/gtest.h>

#include "api/accounts.h"
#include "api/totp.h"
#include "json/write.h"
#include "node/test_nodes.h"

namespace comity::node {
namespace {

using test::arguments;
using test::must;

struct One {
  test::TemporaryDirectory directory;
  std::unique_ptr<exchange::Node> node;
  One() {
    test::make_node(directory.file("XA"), "XA");
    node = test::open_node(directory.file("XA"));
  }
  Result<Outcome> run(const char* name, const std::string& text = "{}") {
    return find_command(name)->run(*node, arguments(text));
  }
  Result<Outcome> make(const std::string& name, const std::string& role) {
    return run("account-new", fmt::format(R"({{"name":"{0}","full_name":"Person {0}",)"
                                          R"("roles":["{1}"]}})",
                                          name, role));
  }
};

TEST(AccountCommand, ShowsTheTokenOnceAndSaysThatNoPagesAreServed) {
  One one;
  const auto made = must(one.make("omar", "analyst"));
  const auto token = std::string(made.data.text("token"));
  EXPECT_EQ(token.size(), 43U);
  EXPECT_NE(made.text.find(token), std::string::npos);
  EXPECT_NE(made.text.find("EXERCISE"), std::string::npos);
  EXPECT_NE(made.text.find("serves no pages"), std::string::npos);
  EXPECT_EQ(made.data.find("change")->text("state"), "done");
  EXPECT_EQ(made.data.find("account")->text("state"), "invited");
  const auto listed = must(one.run("account-list"));
  EXPECT_EQ(listed.text.find(token), std::string::npos);
  EXPECT_EQ(json::write(listed.data).find(token), std::string::npos);
  EXPECT_EQ(json::write(listed.data).find("seed"), std::string::npos);
  EXPECT_NE(listed.text.find("omar"), std::string::npos);
}

TEST(AccountCommand, TheLinkIsAUrlWherePagesAreServed) {
  One one;
  one.node->set_pages_url("https://192.0.2.1:8443");
  const auto made = must(one.make("omar", "analyst"));
  const auto expected = "https://192.0.2.1:8443/setup#" + std::string(made.data.text("token"));
  EXPECT_EQ(made.data.find("change")->text("link"), expected);
  EXPECT_NE(made.text.find(expected), std::string::npos);
}

TEST(AccountCommand, AProcessThatServesPagesSeesEveryChangeAtOnce) {
  One one;
  api::Accounts accounts(*one.node, {{64, 1, 1}, nullptr});
  const auto token = std::string(must(one.make("omar", "analyst")).data.text("token"));
  EXPECT_TRUE(accounts.setup(token, one.node->now()).has_value());
  const auto again = must(one.run("account-link", R"({"name":"omar"})"));
  EXPECT_FALSE(accounts.setup(token, one.node->now()).has_value());
  const auto second = std::string(again.data.text("token"));
  EXPECT_TRUE(accounts.setup(second, one.node->now()).has_value());
  must(one.run("account-end", R"({"name":"omar"})"));
  EXPECT_FALSE(accounts.setup(second, one.node->now()).has_value());
}

TEST(AccountCommand, BreakGlassIsMadeOnce) {
  One one;
  const auto made = must(one.run("account-break-glass"));
  EXPECT_NE(made.text.find("BREAK-GLASS"), std::string::npos);
  EXPECT_EQ(one.run("account-break-glass").error().kind, ErrorKind::Conflict);
  EXPECT_EQ(one.make("break-glass", "administrator").error().kind, ErrorKind::InvalidInput);
}

TEST(AccountCommand, WrongArgumentsAreErrors) {
  One one;
  EXPECT_EQ(one.make("omar", "king").error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(one.make("", "analyst").error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(one.run("account-new", R"({"name":"omar","full_name":"O","roles":[]})").error().kind,
            ErrorKind::InvalidInput);
  for (const auto* name : {"account-link", "account-end"}) {
    const auto unknown = one.run(name, R"({"name":"omar"})").error();
    EXPECT_EQ(unknown.kind, ErrorKind::NotFound);
    EXPECT_EQ(unknown.text(), "there is no account omar; comity account list names them");
  }
  EXPECT_EQ(one.run("account-end").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(
      one.run("account-new", R"({"name":"omar","full_name":"","roles":["analyst"]})").error().where,
      "--name");
  EXPECT_FALSE(find_command("account-list")->changes);
  for (const auto* name : {"account-new", "account-link", "account-end", "account-break-glass"}) {
    EXPECT_TRUE(find_command(name)->changes) << name;
  }
  EXPECT_NE(must(one.run("account-list")).text.find("no accounts"), std::string::npos);
}

}  // namespace
}  // namespace comity::node
