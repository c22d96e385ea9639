#include "node/act_command.h"

#include <gtest/gtest.h>

#include "base/test_source_dir.h"
#include "json/write.h"
#include "node/officer_keys.h"
#include "node/serve.h"
#include "node/test_nodes.h"

namespace comity::node {
namespace {

using test::arguments;
using test::must;

// An operational node in a directory, and key files of three officers.
struct Operational {
  test::TemporaryDirectory directory;
  std::string data = directory.file("XA");
  std::vector<std::string> keys;

  Operational() {
    exchange::NewNode options;
    options.party = "XA";
    options.register_files = must(treaty::read_register(comity::test::source_path("register")));
    must(exchange::Node::create(data, options, system_clock(), system_random()));
    for (const auto* name : {"one", "two", "three"}) {
      keys.push_back(directory.file(std::string(name) + ".pem"));
      must(write_file(keys.back() + ".pass", std::string("passphrase of ") + name + "\n"));
    }
  }
  Passphrases passphrases(const std::vector<std::size_t>& which) const {
    std::vector<std::string> files;
    for (const auto i : which) files.push_back(keys[i] + ".pass");
    return Passphrases(files);
  }
  Result<Outcome> run(const char* command, json::Object given, const std::vector<std::size_t>& by) {
    if (!by.empty()) {
      auto phrases = passphrases(by);
      std::vector<std::string> files;
      for (const auto i : by) files.push_back(keys[i]);
      TRY(auto approval, approval_by(data, command, given, files, phrases));
      given.set("approval", std::move(approval));
    }
    return run_command(data, command, given);
  }
  Result<Outcome> add(std::size_t i, const char* name, const char* role,
                      const std::vector<std::size_t>& by) {
    auto phrases = passphrases({i});
    json::Object given;
    given.set("name", name);
    given.set("role", role);
    given.set("key", base64url(must(key_file_for(keys[i], phrases))));
    return run("officer-add", given, by);
  }
  void add_three() {
    must(add(0, "One", "legal-adviser", {}));
    must(add(1, "Two", "legal-adviser", {}));
    must(add(2, "Three", "administrator", {0, 1}));
  }
};

ErrorKind kind_of(const Result<Outcome>& outcome) {
  EXPECT_FALSE(outcome.has_value());
  return outcome ? ErrorKind::Unavailable : outcome.error().kind;
}

TEST(ActCommand, OfficersAreAddedListedAndEnded) {
  Operational one;
  EXPECT_NE(must(one.run("officers", {}, {})).text.find("no officers yet"), std::string::npos);
  must(one.add(0, "One", "legal-adviser", {}));
  must(one.add(1, "Two", "legal-adviser", {}));
  EXPECT_EQ(kind_of(one.add(2, "Three", "administrator", {})), ErrorKind::NotPermitted);
  const auto added = must(one.add(2, "Three", "administrator", {0, 1}));
  EXPECT_EQ(added.data.find("officer")->text("role"), "administrator");
  // The file was made once: it still opens under its passphrase, and only under that.
  auto right = one.passphrases({2});
  auto wrong = one.passphrases({1});
  EXPECT_TRUE(open_key_file(one.keys[2], right).has_value());
  const auto refused = open_key_file(one.keys[2], wrong);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::NotVerified);
  const auto mode = std::filesystem::status(one.keys[2]).permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
  EXPECT_EQ(kind_of(one.run("officer-end", arguments(R"({"name":"Two"})"), {0, 1})),
            ErrorKind::NotPermitted);
  must(one.run("officer-end", arguments(R"({"name":"Two"})"), {0, 2}));
  const auto list = must(one.run("officers", {}, {}));
  const auto& rows = *list.data.find("officers")->array();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[1].text("until").size() > 0 && rows[0].text("until").empty());
}

TEST(ActCommand, VerificationIsShownWithThoseWhoSigned) {
  Operational one;
  one.add_three();
  const auto given = arguments(
      R"({"instrument":"xa-xb-2024","clause":"a3","source":"Gazette 12","date":"2026-01-01"})");
  EXPECT_EQ(kind_of(one.run("verify-clause", given, {})), ErrorKind::NotPermitted);
  EXPECT_EQ(kind_of(one.run("verify-clause", given, {0, 0})), ErrorKind::NotPermitted);
  EXPECT_EQ(kind_of(one.run("verify-clause", given, {0, 2})), ErrorKind::NotPermitted);
  EXPECT_EQ(kind_of(one.run("verify-clause", given, {0})), ErrorKind::InvalidInput);
  must(one.run("verify-clause", given, {1, 0}));
  const auto shown = must(one.run("show", arguments(R"({"id":"xa-xb-2024"})"), {}));
  EXPECT_NE(shown.text.find("a3  by Two and One on 2026-01-01, against Gazette 12\n"),
            std::string::npos)
      << shown.text;
  const auto& rows = *shown.data.find("verifications")->array();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(*rows[0].find("holds")->boolean());
  EXPECT_EQ(kind_of(one.run("show", arguments(R"({"id":"no-such"})"), {})), ErrorKind::NotFound);
  EXPECT_EQ(must(one.run("verify", {}, {})).exit_code, 0);
}

TEST(ActCommand, AnArrangementOfAnOperationalNodeNeedsTwo) {
  Operational one;
  one.add_three();
  const auto given =
      arguments(R"({"instrument":"xa-xb-2024","kind":"format-and-protection","with":"XB"})");
  EXPECT_EQ(kind_of(one.run("arrange", given, {})), ErrorKind::NotPermitted);
  EXPECT_EQ(kind_of(one.run("arrange", given, {0, 2})), ErrorKind::NotPermitted);
  // Signed for one thing, used for another.
  auto phrases = one.passphrases({0, 1});
  const auto approval =
      must(approval_by(one.data, "arrange", given, {one.keys[0], one.keys[1]}, phrases));
  auto other = arguments(R"({"instrument":"xa-xb-2024","kind":"something-else","with":"XB"})");
  other.set("approval", approval);
  EXPECT_EQ(kind_of(run_command(one.data, "arrange", other)), ErrorKind::NotVerified);
  auto damaged = given;
  damaged.set("approval", "yes");
  EXPECT_EQ(kind_of(run_command(one.data, "arrange", damaged)), ErrorKind::InvalidInput);
  auto same = given;
  same.set("approval", approval);
  must(run_command(one.data, "arrange", same));
  EXPECT_EQ(kind_of(run_command(one.data, "arrange", same)), ErrorKind::Conflict);
}

TEST(ActCommand, EveryActHasARuleAndACommand) {
  for (const auto* name : {"officer-add", "officer-end", "verify-clause", "arrange", "designate",
                           "enter", "accept", "suspend", "resume", "denounce"}) {
    const auto* act = find_act(name);
    ASSERT_NE(act, nullptr) << name;
    EXPECT_TRUE(act->command.changes);
    EXPECT_EQ(find_command(name), &act->command);
    EXPECT_TRUE(exchange::role_may_sign(act->act, "legal-adviser"));
  }
  for (const auto* name : {"officers", "show", "propose"}) {
    EXPECT_EQ(find_act(name), nullptr);
    ASSERT_NE(find_command(name), nullptr);
    EXPECT_FALSE(find_command(name)->changes);
  }
  EXPECT_EQ(find_act(""), nullptr);
}

TEST(OfficerKeys, WithoutFileAndTerminalThereIsNoPassphrase) {
  test::TemporaryDirectory directory;
  must(write_file(directory.file("pass"), "typed in a file\r\n"));
  Passphrases phrases({directory.file("pass"), directory.file("none")});
  EXPECT_EQ(must(phrases.next("a key", false)), "typed in a file");
  EXPECT_FALSE(phrases.next("a key", false).has_value());
}

}  // namespace
}  // namespace comity::node
