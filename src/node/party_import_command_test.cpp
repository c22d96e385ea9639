#include "node/party_import_command.h"

#include <gtest/gtest.h>

#include "base/test_source_dir.h"
#include "node/test_nodes.h"
#include "treaty/register.h"

namespace comity::node {
namespace {

using test::must;

// A register of its own, and a table beside it.
class PartyImportTest : public ::testing::Test {
 protected:
  PartyImportTest() {
    std::filesystem::copy(comity::test::source_path("register"), directory_.file("r"),
                          std::filesystem::copy_options::recursive);
    import_.register_directory = directory_.file("r");
    import_.table = directory_.file("t.csv");
    import_.into = "xa-xb-2024";
    before_ = agreement();
  }
  std::string agreement() const {
    return must(read_file(directory_.file("r/instruments/bilateral/xa-xb-2024.toml"), 1 << 20));
  }
  void table(const std::string& text) { must(write_file(import_.table, text)); }

  test::TemporaryDirectory directory_;
  PartyImport import_;
  std::string before_;
};

TEST_F(PartyImportTest, ADryRunShowsRowsAndWritesNothing) {
  table("code,in_force,provenance\nXA,2024-07-01,X\nXC,2025-01-01,X\n");
  import_.dry_run = true;
  const auto shown = must(import_parties(import_));
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_EQ(shown.text,
            "XA           in_force     2024-06-01 → 2024-07-01\n"
            "XC     new   in_force     – → 2025-01-01\n"
            "XC     new   provenance   – → \"X\"\n"
            "XC     new   verification – → \"unverified\"\n"
            "1 parties added, 1 changed, 0 as they were\n"
            "left alone, for the table does not name them: XB\n"
            "nothing was written\n");
  EXPECT_EQ(shown.data.find("changes")->array()->size(), 4U);
  EXPECT_FALSE(*shown.data.find("written")->boolean());
  EXPECT_EQ(agreement(), before_);
  import_.dry_run = false;
  const auto done = must(import_parties(import_));
  EXPECT_NE(done.text.find("wrote "), std::string::npos);
  EXPECT_NE(agreement().find("code = \"XC\"\nin_force = 2025-01-01\n"), std::string::npos);
  EXPECT_TRUE(agreement().starts_with(before_.substr(0, before_.find("[[party]]"))));
  const auto again = must(import_parties(import_));
  EXPECT_NE(again.text.find("nothing to write"), std::string::npos) << again.text;
}

TEST_F(PartyImportTest, WhatIsWrongChangesNothing) {
  table("code,in_force,provenance\nXA,2024-07-01,X\nXQ,2025-13-01,X\n");
  const auto refused = import_parties(import_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::InvalidInput);
  EXPECT_NE(refused.error().message.find("t.csv:3:1: the code 'XQ'"), std::string::npos);
  EXPECT_NE(refused.error().message.find("t.csv:3:4: 'in_force' is '2025-13-01'"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(agreement(), before_);
  import_.into = "xa-xb-2025";
  EXPECT_EQ(import_parties(import_).error().kind, ErrorKind::NotFound);
  import_.into = import_.table;
  EXPECT_FALSE(import_parties(import_).has_value()) << "the table itself is no instrument file";
  import_.table = directory_.file("none.csv");
  EXPECT_FALSE(import_parties(import_).has_value());
}

TEST_F(PartyImportTest, AFileOfOnesOwnIsChangedBesideTheRegister) {
  auto own = before_;
  own.replace(own.find("xa-xb-2024"), 10, "xa-xb-2027");
  const auto path = directory_.file("mine.toml");
  must(write_file(path, own));
  table("code,until,provenance\nXB,2030,X\n");
  import_.into = path;
  import_.out = directory_.file("out.toml");
  must(import_parties(import_));
  EXPECT_EQ(must(read_file(path, 1 << 20)), own);
  EXPECT_NE(must(read_file(import_.out, 1 << 20)).find("until = \"2030\""), std::string::npos);
  EXPECT_EQ(agreement(), before_);
}

}  // namespace
}  // namespace comity::node
