#include "exchange/record.h"

#include <gtest/gtest.h>

#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::id_of;
using test::must;

std::string label(const std::string& type, const std::string& more) {
  return label_of(must(stix::read_object(test::object(type, 1, more))));
}

TEST(RecordLabel, NamesTheObjectAndKeepsWhatIsSearched) {
  EXPECT_EQ(label("campaign", R"(,"name":"Blue Heron","aliases":["Kite","Gull"])"),
            "Blue Heron\nKite\nGull");
  EXPECT_EQ(label("indicator", R"(,"name":"n","pattern":"[a:b = 'c']","pattern_type":"stix",)"
                               R"("valid_from":"2026-01-01T00:00:00Z")"),
            "n\n[a:b = 'c']");
  EXPECT_EQ(label("indicator", R"(,"pattern":"[a:b = 'c']","pattern_type":"stix",)"
                               R"("valid_from":"2026-01-01T00:00:00Z")"),
            "[a:b = 'c']")
      << "not twice";
  EXPECT_EQ(label("ipv4-addr", R"(,"value":"198.51.100.1")"), "198.51.100.1");
  EXPECT_EQ(label("malware", R"(,"is_family":false)"), "");
  EXPECT_EQ(label("campaign", R"(,"name":"a\nb\u0000c\u007f","aliases":[1,"x"])"), "a b c \nx");
}

TEST(RecordLabel, IsBoundedAndStaysUtf8) {
  const auto name = [](std::size_t bytes) {
    return R"(,"name":")" + std::string(bytes, 'x') + "\"";
  };
  EXPECT_EQ(label("campaign", name(label_bytes_max)).size(), label_bytes_max);
  EXPECT_EQ(label("campaign", name(label_bytes_max + 1)).size(), label_bytes_max);
  auto text = std::string(R"(,"name":")") + std::string(label_bytes_max - 1, 'x') + "\xc3\xa9\"";
  EXPECT_EQ(label("campaign", text).size(), label_bytes_max - 1) << "no half character";
}

TEST(RecordLabel, TheTitleIsItsFirstLine) {
  store::Record record;
  record.label = "one\ntwo\nthree";
  EXPECT_EQ(title_of(record), "one");
  record.label = "";
  EXPECT_EQ(title_of(record), "");
}

// A label that is not that of the bytes would hide a record from whoever looks for it.
TEST(RecordLabel, IsHeldAgainstTheBytesByVerification) {
  test::Federation node;
  test::import_objects(node.a(), {test::indicator(1)});
  EXPECT_EQ(test::held(node.a(), id_of("indicator", 1)).label,
            "[ipv4-addr:value = '198.51.100.1']");
  EXPECT_TRUE(must(verify(node.a())).clean());
  {
    const auto change = must(Change::begin(node.a()));
    auto other = test::held(node.a(), id_of("indicator", 1));
    other.assertion_id = sha256("another");
    other.values = value_keys(must(stix::read_object(other.bytes)));
    other.label = "nothing of interest";
    must(change->keep(other));
    json::Object entry;
    entry.set("type", "import");
    change->bind_kept(entry);
    must(change->enter("import", entry));
    must(change->commit());
  }
  const auto found = must(verify(node.a()));
  ASSERT_EQ(found.findings.size(), 1U) << found.findings.back();
  EXPECT_NE(found.findings[0].find("the label"), std::string::npos) << found.findings[0];
}

}  // namespace
}  // namespace comity::exchange
