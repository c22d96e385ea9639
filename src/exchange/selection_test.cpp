#include "exchange/selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using test::id_of;
using test::indicator;
using test::must;
using test::object;

Result<Selection> select_from(Node& node, const std::vector<std::string>& ids) {
  const auto snapshot = must(node.store().read());
  return select(*snapshot, ids);
}

std::set<std::string> names_of(const Selection& selection) {
  std::set<std::string> out;
  for (const auto& item : selection.records) out.insert(item.record.stix_id);
  return out;
}

struct OneSelection {
  test::TemporaryDirectory directory;
  test::Party party{directory.file("XA"), "XA", 1};
  Node& node() { return party.node(); }
};

TEST(Selection, RefusesNothingJunkAndWhatIsNotHeld) {
  OneSelection one;
  EXPECT_EQ(select_from(one.node(), {}).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(select_from(one.node(), {"indicator"}).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(select_from(one.node(), {""}).error().kind, ErrorKind::InvalidInput);
  const auto unknown = select_from(one.node(), {id_of("indicator", 1)});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorKind::NotFound);
  EXPECT_NE(unknown.error().message.find(id_of("indicator", 1)), std::string::npos);
  EXPECT_EQ(select_from(one.node(), {"import--00000000-0000-5000-8000-000000000001"}).error().kind,
            ErrorKind::NotFound);
  // One unknown among known ones refuses all.
  test::import_objects(one.node(), {indicator(1)});
  EXPECT_TRUE(select_from(one.node(), {id_of("indicator", 1)}).has_value());
  EXPECT_FALSE(select_from(one.node(), {id_of("indicator", 1), id_of("indicator", 2)}).has_value());
}

TEST(Selection, ContainersBringTheirContentsAndCarriedRecordsComeAlong) {
  OneSelection one;
  const auto author = id_of("identity", 1), inner = id_of("grouping", 1);
  test::import_objects(
      one.node(),
      {object("identity", 1, R"(,"name":"A","identity_class":"organization")"), indicator(1),
       indicator(2, R"(,"created_by_ref":")" + author + "\""), indicator(3), indicator(4),
       object("grouping", 1,
              R"(,"context":"x")" + test::refs({id_of("indicator", 2), id_of("indicator", 99)})),
       object("report", 1,
              R"(,"name":"R","published":"2026-01-01T00:00:00Z")" +
                  test::refs({id_of("indicator", 1), inner})),
       test::relationship(1, id_of("indicator", 3), id_of("indicator", 4))});
  const auto all = must(select_from(one.node(), {id_of("report", 1)}));
  EXPECT_EQ(names_of(all), (std::set<std::string>{id_of("report", 1), inner, id_of("indicator", 1),
                                                  id_of("indicator", 2), author}));
  for (std::size_t i = 0; i < all.records.size(); ++i) {
    const auto& item = all.records[i];
    EXPECT_EQ(item.carried, item.record.stix_id == author);
    EXPECT_TRUE(item.record.bytes.empty());
    EXPECT_EQ(all.position.at(item.record.stix_id), i);
    if (i > 0) {
      EXPECT_LT(all.records[i - 1].record.sequence, item.record.sequence);
    }
  }
  // The ends of a relationship are no contents: they are not selected with it.
  EXPECT_EQ(names_of(must(select_from(one.node(), {id_of("relationship", 1)}))),
            std::set<std::string>{id_of("relationship", 1)});
  // Asked for twice is selected once.
  EXPECT_EQ(
      must(select_from(one.node(), {id_of("indicator", 1), id_of("indicator", 1)})).records.size(),
      1U);
}

TEST(Selection, AnImportIsWhatItBroughtAndContainersThatHoldThemselvesEnd) {
  OneSelection one;
  const auto first = test::import_objects(one.node(), {indicator(1), indicator(2)});
  const auto second = test::import_objects(
      one.node(),
      {indicator(1, test::marked(test::tlp_clear), 2),
       object("grouping", 1, R"(,"context":"x")" + test::refs({id_of("grouping", 2)})),
       object("grouping", 2, R"(,"context":"x")" + test::refs({id_of("grouping", 1)}))});
  EXPECT_NE(first.import_id, second.import_id);
  EXPECT_EQ(names_of(must(select_from(one.node(), {first.import_id}))),
            (std::set<std::string>{id_of("indicator", 1), id_of("indicator", 2)}));
  const auto both = must(select_from(one.node(), {first.import_id, second.import_id}));
  EXPECT_EQ(both.records.size(), 5U);
  // Of two versions the newest stands for the id.
  const auto at = both.position.at(id_of("indicator", 1));
  EXPECT_EQ(both.records[at].record.source, second.import_id);
  EXPECT_EQ(must(select_from(one.node(), {id_of("indicator", 1)})).records.at(0).record.source,
            second.import_id);
}

// Every pair of assertions, by the first rule in which they differ.
TEST(Selection, PrefersLiveThenOwnThenNewestThenLast) {
  EXPECT_FALSE(preferred({}).has_value());
  std::vector<store::Record> ranked;  // from the worst to the best
  for (const auto state : {store::RecordState::Quarantined, store::RecordState::Live}) {
    for (const auto* from : {"XB", ""}) {
      for (const std::int64_t version : {-1, 1, 2}) {
        for (const std::int64_t sequence : {3, 4}) {
          store::Record record;
          record.state = state;
          record.received_from = from;
          if (version > 0) record.version = Instant::from_seconds(version);
          record.sequence = sequence;
          record.source = std::to_string(ranked.size());
          ranked.push_back(record);
        }
      }
    }
  }
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    for (std::size_t j = i + 1; j < ranked.size(); ++j) {
      EXPECT_EQ(preferred({ranked[i], ranked[j]})->source, ranked[j].source);
      EXPECT_EQ(preferred({ranked[j], ranked[i]})->source, ranked[j].source);
    }
  }
}

}  // namespace
}  // namespace comity::exchange
