#include "exchange/bundle_export.h"

#include <gtest/gtest.h>

#include "exchange/read_log.h"
#include "exchange/release.h"
#include "exchange/served.h"
#include "exchange/test_federation.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::must;

struct Exported : Federation {
  explicit Exported(bool paired = true) : Federation(paired) {}
  std::string path() const { return directory.file("out.json"); }
  void grant(const std::vector<std::string>& ids) { must(release(a(), ids, {"XB"})); }
  std::vector<std::string> shown() {
    Views views(a());
    taxii::Query query;
    std::vector<std::string> out;
    for (bool more = true; more;) {
      auto page = must(views.objects({"XB"}, "records", query));
      for (auto& item : page.items) out.push_back(std::move(item.bytes));
      query.next = page.next;
      more = page.more;
    }
    return out;
  }
  std::vector<std::string> elements() const {
    std::vector<std::string> out;
    const auto text = must(read_file(path(), 100'000'000));
    const auto rest = must(json::split(text, "objects", [&](std::string_view element, std::size_t) {
      out.emplace_back(element);
      return Status();
    }));
    EXPECT_EQ(*rest.find("type")->string(), "bundle");
    EXPECT_TRUE(stix::is_identifier(*rest.find("id")->string()));
    EXPECT_EQ(rest.size(), 2U);
    return out;
  }
  std::vector<json::Value> reads() {
    std::vector<json::Value> out;
    must(must(a().store().read())->ledger_of("read", [&](const store::LedgerEntry& row) -> Status {
      out.push_back(must(json::parse(row.entry)));
      return {};
    }));
    return out;
  }
};

TEST(BundleExport, IsTheViewByteForByteAndEnteredAsRead) {
  Exported exported;
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < 2500; ++i) {
    objects.push_back(indicator(i, R"(, "x_a" : "b  \u0041" )" + test::marked(test::tlp_clear)));
  }
  exported.grant({import_objects(exported.a(), objects).import_id});
  import_objects(exported.a(), {indicator(9000)});
  const auto report = must(export_view(exported.a(), "XB", exported.path()));
  EXPECT_EQ(report.objects, 2500);
  EXPECT_EQ(report.bytes, must(read_file(exported.path(), 100'000'000)).size());
  EXPECT_EQ(exported.elements(), objects);
  EXPECT_EQ(exported.elements(), exported.shown());
  const auto reads = exported.reads();
  ASSERT_EQ(reads.size(), 1U);
  EXPECT_EQ(reads[0].text("credential"), "export");
  EXPECT_EQ(reads[0].text("party"), "XB");
  EXPECT_EQ(*reads[0].find("count")->integer(), 2500);
  EXPECT_EQ(*reads[0].find("whole")->boolean(), true);
  // Handed out, and not known to be read.
  const auto snapshot = must(exported.a().store().read());
  for (const auto& sent : test::disclosures_sent(exported.a())) {
    EXPECT_TRUE(must(served(*snapshot, sent.id)));
  }
  EXPECT_TRUE(must(reads_of(*snapshot, "XB")).empty());
}

TEST(BundleExport, WhatThePartyMayNotHaveAnyMoreIsNotInIt) {
  Exported exported;
  import_objects(exported.a(), {indicator(1), indicator(2)});
  exported.grant({id_of("indicator", 1)});
  test::change_law(exported.a(), test::lapsed_register());
  const auto nothing = must(export_view(exported.a(), "XB", exported.path()));
  EXPECT_EQ(nothing.objects, 0);
  EXPECT_EQ(nothing.bundle, "");
  EXPECT_FALSE(file_exists(exported.path())) << "nothing to export makes no file";
  EXPECT_TRUE(exported.reads().empty());
  test::change_law(exported.a(), test::register_files());
  EXPECT_EQ(must(export_view(exported.a(), "XB", exported.path())).objects, 1);
}

TEST(BundleExport, OneOfSeveralVersionsAsInTheView) {
  Exported exported;
  for (const int version : {1, 2}) {
    import_objects(exported.a(), {indicator(1, test::marked(test::tlp_clear), version)});
    exported.grant({id_of("indicator", 1)});
  }
  must(export_view(exported.a(), "XB", exported.path()));
  EXPECT_EQ(exported.elements(),
            std::vector<std::string>{indicator(1, test::marked(test::tlp_clear), 2)});
}

TEST(BundleExport, OverwritesNothingAndLogsNothingThen) {
  Exported exported;
  import_objects(exported.a(), {indicator(1)});
  exported.grant({id_of("indicator", 1)});
  must(write_file(exported.path(), "mine"));
  const auto refused = export_view(exported.a(), "XB", exported.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(must(read_file(exported.path(), 100)), "mine");
  EXPECT_TRUE(exported.reads().empty());
}

TEST(BundleExport, IsForAnotherPartyOfTheRegister) {
  Exported exported;
  for (const char* party : {"XA", "nobody", ""}) {
    const auto refused = export_view(exported.a(), party, exported.path());
    ASSERT_FALSE(refused) << party;
    EXPECT_EQ(refused.error().kind, ErrorKind::InvalidInput) << party;
  }
  EXPECT_EQ(must(export_view(exported.a(), "XC", exported.path())).objects, 0);
  EXPECT_FALSE(file_exists(exported.path()));
}

TEST(BundleExport, EndsWithTheNodeAndLeavesNoFile) {
  Exported exported;
  import_objects(exported.a(), {indicator(1)});
  exported.grant({id_of("indicator", 1)});
  exported.a().stopping() = true;
  const auto refused = export_view(exported.a(), "XB", exported.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable);
  EXPECT_FALSE(file_exists(exported.path()));
}

}  // namespace
}  // namespace comity::exchange
