#include "exchange/import.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using test::held;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;
using test::object;

struct One {
  test::TemporaryDirectory directory;
  test::Party party{directory.file("XA"), "XA", 1};
  Node& node() { return party.node(); }
};

bool reports(const ImportReport& report, const std::string& severity, const std::string& where,
             const std::string& word) {
  return std::any_of(report.losses.begin(), report.losses.end(), [&](const Loss& loss) {
    return loss.severity == severity && loss.where.starts_with(where) &&
           loss.why.find(word) != std::string::npos;
  });
}

TEST(Import, KeepsBytesAndSaysWhatItTook) {
  One one;
  const auto text = indicator(1, R"(, "x_note" : "a  b\u0041" )" + marked(test::tlp_green));
  const auto report = import_objects(one.node(), {text});
  EXPECT_EQ(report.objects, 1);
  EXPECT_EQ(report.added, 1);
  EXPECT_EQ(report.existed + report.refused + report.warnings, 0);
  const auto record = held(one.node(), id_of("indicator", 1));
  EXPECT_EQ(record.bytes, text);
  EXPECT_EQ(record.originator, "XA");
  EXPECT_EQ(record.received_from, "");
  EXPECT_EQ(record.source, report.import_id);
  EXPECT_EQ(record.classes, "indicator");
  EXPECT_EQ(record.area, "threat-information");
  EXPECT_EQ(record.purpose, "warning");
  EXPECT_EQ(record.tlp, "green");
  EXPECT_EQ(record.chain, "[]");
  EXPECT_EQ(record.state, store::RecordState::Live);
  EXPECT_EQ(record.arrived, test::start_instant());
  const auto snapshot = must(one.node().store().read());
  for (const auto* party : {"XA", "XB", "CN", ""}) {
    EXPECT_TRUE(must(snapshot->grants(party, {}, 10)).empty()) << party;
  }
}

TEST(Import, TheSameFileAgainAddsNothingAndOtherOptionsAreAnotherImport) {
  One one;
  const std::vector<std::string> objects = {indicator(1), indicator(1), indicator(2)};
  const auto first = import_objects(one.node(), objects);
  EXPECT_EQ(first.added, 2);
  EXPECT_EQ(first.existed, 1);
  const auto before = test::stored(one.node());
  const auto again = import_objects(one.node(), objects);
  EXPECT_EQ(again.import_id, first.import_id);
  EXPECT_EQ(again.added, 0);
  EXPECT_EQ(again.existed, 3);
  EXPECT_EQ(test::stored(one.node()), before);
  ImportOptions options;
  options.area = "csirt-response";
  const auto other = import_objects(one.node(), objects, options);
  EXPECT_NE(other.import_id, first.import_id);
  EXPECT_EQ(other.added, 2);
}

TEST(Import, StoresInBatchesAndAcknowledgesEach) {
  One one;
  std::vector<std::string> objects;
  const auto count = static_cast<std::size_t>(import_batch_objects) * 2 + 3;
  for (std::size_t i = 0; i < count; ++i) objects.push_back(indicator(i));
  const auto path = one.directory.file("big.json");
  must(write_file(path, test::bundle(objects)));
  const auto leaves = test::stored(one.node()).leaves;
  std::vector<std::int64_t> acknowledged;
  const auto report = must(import_bundle(one.node(), path, {}, [&](std::int64_t so_far) {
    // What is acknowledged is durable: another reader sees it.
    EXPECT_EQ(test::stored(one.node()).records, so_far);
    acknowledged.push_back(so_far);
  }));
  EXPECT_EQ(acknowledged, (std::vector<std::int64_t>{import_batch_objects, 2 * import_batch_objects,
                                                     2 * import_batch_objects + 3}));
  EXPECT_EQ(report.added, static_cast<std::int64_t>(count));
  EXPECT_EQ(test::stored(one.node()).leaves, leaves + 3);
}

TEST(Import, WhatIsNoBundleIsRefusedWithNothingStored) {
  One one;
  const auto good = test::bundle({indicator(1)});
  const auto before = test::stored(one.node());
  for (const auto& text :
       {std::string(), std::string("[]"), good + "x", good.substr(0, good.size() - 1),
        test::replaced(good, "\"bundle\"", "\"bundel\""), test::replaced(good, "bundle--", "x--"),
        std::string(R"({"type":"bundle"})"), std::string(R"({"objects":[]})"),
        test::replaced(good, "[{", "[{\"a\":01,"), test::replaced(good, "\"stix\"", "\"\xff\"")}) {
    const auto report = test::try_import(one.node(), text);
    ASSERT_FALSE(report.has_value()) << text;
    EXPECT_EQ(report.error().kind, ErrorKind::InvalidInput) << text;
    EXPECT_NE(report.error().where.find("bundle.json"), std::string::npos) << report.error().text();
    EXPECT_EQ(test::stored(one.node()), before) << text;
  }
  EXPECT_FALSE(import_bundle(one.node(), one.directory.file("none"), {}, {}).has_value());
}

TEST(Import, UnknownOptionsAreRefused) {
  One one;
  for (int i = 0; i < 3; ++i) {
    ImportOptions options;
    (i == 0 ? options.tlp : i == 1 ? options.area : options.purpose) = "nonsense";
    const auto report = test::try_import(one.node(), test::bundle({indicator(1)}), options);
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().kind, ErrorKind::InvalidInput);
    EXPECT_NE(report.error().message.find("nonsense"), std::string::npos);
  }
}

TEST(Import, ABadObjectIsRefusedAloneAndReportedWithItsPlace) {
  One one;
  const auto report =
      import_objects(one.node(), {indicator(1), test::replaced(indicator(2), "\"2.1\"", "\"2.0\""),
                                  "17", R"({"type":"indicator"})",
                                  test::replaced(indicator(3), "00Z", "00+01:00"), indicator(4)});
  EXPECT_EQ(report.objects, 6);
  EXPECT_EQ(report.added, 2);
  EXPECT_EQ(report.refused, 4);
  EXPECT_TRUE(reports(report, "refused", "$.objects[1]", "spec_version"));
  EXPECT_TRUE(reports(report, "refused", "$.objects[2]", ""));
  EXPECT_TRUE(reports(report, "refused", "$.objects[3]", "$.id"));
  EXPECT_TRUE(reports(report, "refused", "$.objects[4]", "UTC"));
  std::vector<std::string> ids;  // of those that have one that can be read
  for (const auto& loss : report.losses) {
    if (loss.severity == "refused") ids.push_back(loss.id);
  }
  EXPECT_EQ(ids, (std::vector<std::string>{id_of("indicator", 2), "", "", id_of("indicator", 3)}));
  EXPECT_EQ(held(one.node(), id_of("indicator", 4)).tlp, "clear");
}

TEST(Import, ALossNamesThePathTheRuleTheSectionAndTheCheck) {
  One one;
  const auto link = [](const std::string& source) {
    return test::relationship(1, source, id_of("indicator", 1));
  };
  const std::vector<std::pair<std::string, std::string>> broken = {
      {object("vulnerability", 1), "$.name: is missing (STIX 2.1 section 4.19, required)"},
      {indicator(2, R"(,"confidence":101)"),
       "$.confidence: found 101, expected 0 to 100 (STIX 2.1 section 2.10, range)"},
      {indicator(2, R"(,"confidence":101,"revoked":1)"),
       "(STIX 2.1 section 2.10, range); and 1 more"},
      {link(id_of("relationship", 2)), "(STIX 2.1 section 2.9, reference-type)"},
      {test::replaced(indicator(2), "198.51.100.1']", "198.51.100.1'"),
       "$.pattern: 1:34: found the end"},
      {test::replaced(indicator(2), "198.51.100.1']", "198.51.100.1'"),
       "(STIX 2.1 section 9, pattern)"},
  };
  for (const auto& [bytes, why] : broken) {
    const auto report = import_objects(one.node(), {bytes});
    EXPECT_EQ(report.refused, 1) << bytes;
    EXPECT_EQ(report.added, 0) << bytes;
    EXPECT_TRUE(reports(report, "refused", "$.objects[0]", why)) << report.losses.at(0).why;
  }
  // What the standard only advises against is taken.
  const auto advised = import_objects(
      one.node(),
      {indicator(3, R"(,"indicator_types":["own"],"own":1)" + marked(test::tlp_clear))});
  EXPECT_EQ(advised.added, 1);
}

TEST(Import, TheLossReportListsTheFirstAndCountsAll) {
  One one;
  std::vector<std::string> objects(losses_listed_max + 5, "{}");
  const auto report = import_objects(one.node(), objects);
  EXPECT_EQ(report.refused, static_cast<std::int64_t>(objects.size()));
  EXPECT_EQ(report.losses.size(), losses_listed_max);
}

TEST(Import, DoubtsAndOpenReferencesAreWarnings) {
  One one;
  const auto missing = id_of("identity", 9);
  const auto report = import_objects(
      one.node(),
      {indicator(1, R"(,"created_by_ref":")" + missing + "\"" + marked(test::tlp_clear)),
       indicator(2, ""), object("x-unheard-of", 1, marked(test::tlp_clear)),
       indicator(3,
                 R"(,"description":")" + std::string(3000, 'a') + "\"" + marked(test::tlp_clear)),
       R"({"type":"ipv4-addr","id":"ipv4-addr--0d0cf6a4-0e0c-5a65-9b2a-6a3f6f4b1c11",)"
       R"("value":"198.51.100.3","object_marking_refs":[")" +
           std::string(test::tlp_clear) + "\"]}"});
  EXPECT_EQ(report.added, 5);
  EXPECT_TRUE(reports(report, "warning", "$.objects[0]", missing));
  EXPECT_TRUE(reports(report, "warning", "$.objects[1]", "handling"));
  EXPECT_TRUE(reports(report, "warning", "$.objects[2]", "class"));
  EXPECT_TRUE(reports(report, "warning", "$.objects[3]", "free text"));
  EXPECT_TRUE(reports(report, "warning", "$.objects[4]", "gives the id"));
  EXPECT_EQ(report.warnings, 5);
  EXPECT_EQ(held(one.node(), id_of("indicator", 2)).tlp, "");
  EXPECT_EQ(held(one.node(), id_of("x-unheard-of", 1)).classes, "?");
  // Once the missing one is held, naming it is no loss.
  import_objects(one.node(), {object("identity", 9, R"(,"name":"n")")});
  const auto later = import_objects(one.node(), {indicator(5, R"(,"created_by_ref":")" + missing +
                                                                  "\"" + marked(test::tlp_clear))});
  EXPECT_EQ(later.warnings, 0);
}

TEST(Import, HandlingIsTheStrictestMarkingThenTheOptionAndPublishedIsClear) {
  One one;
  const auto own_red = id_of("marking-definition", 7);
  const auto definition = R"({"type":"marking-definition","spec_version":"2.1","id":")" + own_red +
                          R"(","created":"2026-01-01T00:00:00.000Z","definition_type":"tlp",)"
                          R"("definition":{"tlp":"red"}})";
  const auto two =
      fmt::format(R"(,"object_marking_refs":["{}","{}"])", test::tlp_green, test::tlp_amber);
  const auto granular =
      fmt::format(R"(,"object_marking_refs":["{}"],"granular_markings":[{{"marking_ref":"{}",)"
                  R"("selectors":["pattern"]}}])",
                  test::tlp_green, test::tlp_red);
  ImportOptions options;
  options.tlp = "green";
  import_objects(one.node(),
                 {indicator(1, two), indicator(2, granular), indicator(3, marked(own_red)),
                  indicator(4, ""), definition},
                 options);
  EXPECT_EQ(held(one.node(), id_of("indicator", 1)).tlp, "amber");
  EXPECT_EQ(held(one.node(), id_of("indicator", 2)).tlp, "red");
  EXPECT_EQ(held(one.node(), id_of("indicator", 3)).tlp, "red");
  EXPECT_EQ(held(one.node(), id_of("indicator", 4)).tlp, "green");
  // A marking that was imported before is known in later bundles.
  import_objects(one.node(), {indicator(6, marked(own_red))}, options);
  EXPECT_EQ(held(one.node(), id_of("indicator", 6)).tlp, "red");
  options = {};
  options.published = "https://example.org/1";
  import_objects(one.node(), {indicator(5, "")}, options);
  EXPECT_EQ(held(one.node(), id_of("indicator", 5)).tlp, "clear");
  EXPECT_EQ(held(one.node(), id_of("indicator", 5)).published, options.published);
}

std::string sample(std::size_t number) {
  return fmt::format(R"({{"type":"artifact","id":"{}","mime_type":"application/zip",)"
                     R"("payload_bin":"AAAA"}})",
                     id_of("artifact", number));
}
std::string grouping(std::size_t number, const std::vector<std::string>& contents) {
  return object("grouping", number, R"(,"context":"x")" + test::refs(contents));
}

TEST(Import, RelationshipsAndContainersHaveTheClassesOfWhatTheyNameWhereverItStands) {
  One one;
  import_objects(one.node(), {object("vulnerability", 1, R"(,"name":"CVE")")});
  import_objects(one.node(),
                 {test::relationship(1, id_of("artifact", 1), id_of("vulnerability", 1)),
                  grouping(2, {id_of("relationship", 1)}),
                  test::relationship(2, id_of("grouping", 2), id_of("indicator", 1)),
                  test::relationship(3, id_of("artifact", 1), id_of("x-nowhere", 1)),
                  grouping(1, {id_of("relationship", 2)}), sample(1), indicator(1)});
  EXPECT_EQ(held(one.node(), id_of("relationship", 1)).classes, "malware-sample,vulnerability");
  EXPECT_EQ(held(one.node(), id_of("relationship", 2)).classes,
            "indicator,malware-sample,vulnerability,incident-summary");
  EXPECT_EQ(held(one.node(), id_of("relationship", 3)).classes, "malware-sample,?");
  EXPECT_EQ(held(one.node(), id_of("grouping", 1)).classes,
            "indicator,malware-sample,vulnerability,incident-summary");
}

// Containers that hold each other have one content: whichever is read first, none may lack a class.
TEST(Import, ContainersInACycleHaveAllClassesInEveryOrder) {
  const std::vector<std::string> ring = {
      grouping(1, {id_of("grouping", 2), id_of("indicator", 1)}),
      grouping(2, {id_of("grouping", 3), id_of("artifact", 1)}),
      grouping(3, {id_of("grouping", 1), id_of("vulnerability", 1)})};
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    One one;
    import_objects(one.node(), {ring[order[0]], ring[order[1]], ring[order[2]], indicator(1),
                                sample(1), object("vulnerability", 1, R"(,"name":"CVE")")});
    for (std::size_t i = 1; i <= 3; ++i) {
      EXPECT_EQ(held(one.node(), id_of("grouping", i)).classes,
                "indicator,malware-sample,vulnerability,incident-summary")
          << "grouping " << i << " in order " << order[0] << order[1] << order[2];
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

// A file from outside decides how deep containers lie in each other; the stack must not follow. It
// is a megabyte here: some fifty bytes for each container, less than any function needs.
TEST(Import, ALongChainOfContainersIsReadOrRefusedAndNeverCrashes) {
  const auto import_chain = [] {
    One one;  // gone, with its directory, before the process ends
    std::vector<std::string> objects;
    constexpr std::size_t depth = 20'000;
    for (std::size_t i = 0; i < depth; ++i) {
      objects.push_back(grouping(i, {id_of("grouping", i + 1)}));
    }
    objects.push_back(grouping(depth, {id_of("indicator", 1)}));
    objects.push_back(indicator(1));
    (void)test::try_import(one.node(), test::bundle(objects));
  };
  const auto run = [&] {
    const rlimit small{1'048'576, 1'048'576};
    if (::setrlimit(RLIMIT_STACK, &small) != 0) std::exit(1);
    import_chain();
    std::exit(0);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace comity::exchange
