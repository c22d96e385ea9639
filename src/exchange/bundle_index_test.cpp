#include "exchange/bundle_index.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <unordered_map>

#include "exchange/record.h"
#include "exchange/test_federation.h"
#include "json/parse.h"
#include "stix/marking.h"

namespace comity::exchange {
namespace {

using test::id_of;
using test::indicator;
using test::must;
using test::object;

constexpr std::size_t full_indexes = 5000;

// The plain form, which keeps ids as text and definitions whole.
class PlainIndex {
 public:
  PlainIndex(store::Snapshot& snapshot, bool whole) : snapshot_(snapshot), whole_(whole) {}

  void add(const std::string& element) {
    const auto value = json::parse(element);
    if (!value || value->find("id") == nullptr || value->find("id")->string() == nullptr) return;
    const auto& id = *value->find("id")->string();
    ids_.insert(id);
    if (value->text("type") == "marking-definition") definitions_[id].push_back(*value);
  }

  bool holds(const std::string& id) const { return ids_.contains(id); }
  bool held(const std::string& id) {
    return holds(id) || !must(snapshot_.records_by_stix_id(id, false)).empty();
  }
  std::string handling(const stix::Object& object, const ImportOptions& options) {
    if (!options.published.empty()) return "clear";
    if (marking_unknown(object)) return {};
    std::optional<stix::TlpLevel> strictest;
    for (const auto& id : object.marking_refs) {
      if (const auto fixed = stix::tlp_of_id(id)) strictest = std::max(strictest, fixed);
      for (const auto& one : definitions(id)) {
        strictest = std::max(strictest, stix::tlp_of_definition(one));
      }
    }
    return strictest ? stix::name(*strictest) : options.tlp;
  }
  bool marking_unknown(const stix::Object& object) {
    if (whole_) return false;
    for (const auto& id : object.marking_refs) {
      if (!stix::tlp_of_id(id) && definitions(id).empty()) return true;
    }
    return false;
  }

 private:
  // Of the bundle or, failing that, of the store; of what comes in pieces, of both.
  std::vector<json::Value> definitions(const std::string& id) {
    auto out = definitions_[id];
    if (whole_ && !out.empty()) return out;
    for (const auto& record : must(snapshot_.records_by_stix_id(id, true))) {
      out.push_back(must(json::parse(record.bytes)));
    }
    return out;
  }

  store::Snapshot& snapshot_;
  bool whole_;
  std::set<std::string> ids_;
  std::unordered_map<std::string, std::vector<json::Value>> definitions_;
};

std::string definition(std::size_t number, std::size_t level) {
  static const char* const levels[] = {"clear", "green", "amber", "amber+strict", "red"};
  const auto more =
      level == 5
          ? std::string(R"(,"definition_type":"statement","definition":{"statement":"s"})")
          : fmt::format(
                R"(,"extensions":{{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":)"
                R"({{"extension_type":"property-extension","tlp_2_0":"{}"}}}})",
                levels[level]);
  return fmt::format(R"({{"type":"marking-definition","spec_version":"2.1","id":"{}",)"
                     R"("created":"2026-01-01T00:00:00.000Z"{}}})",
                     id_of("marking-definition", number), more);
}

std::string drawn_object(std::mt19937_64& draw) {
  switch (draw() % 6) {
    case 0:
      return definition(draw() % 5, draw() % 6);
    case 1:
      return R"({"type":"indicator"})";
    case 2:
      return R"({"type":"indicator","id":)";
    default:
      return indicator(draw() % 20,
                       test::marked(draw() % 4 == 0 ? std::string(test::tlp_green)
                                                    : id_of("marking-definition", draw() % 6)));
  }
}

TEST(BundleIndex, SaysWhatThePlainFormSays) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  test::import_objects(party.node(), {definition(1, 3), definition(2, 5), indicator(3)});
  test::import_objects(party.node(), {definition(1, 1), definition(3, 0)});
  const auto snapshot = must(party.node().store().read());
  const auto law = party.node().law();
  std::mt19937_64 draw(comity::test::seed());
  for (std::size_t round = 0; round < full_indexes / test::scale(); ++round) {
    const bool whole = draw() % 2 == 0;
    BundleIndex index(law->model().classification, *snapshot, whole);
    PlainIndex oracle(*snapshot, whole);
    std::vector<std::string> elements;
    for (std::size_t i = 0; i < draw() % 12; ++i) elements.push_back(drawn_object(draw));
    for (const auto& element : elements) {
      must(index.add(element));
      oracle.add(element);
    }
    index.finish();
    ImportOptions options;
    if (draw() % 2 == 0) options.tlp = "amber";
    for (const auto& element : elements) {
      const auto read = stix::read_object(element);
      if (!read) continue;
      ASSERT_EQ(index.handling(*read, options), oracle.handling(*read, options)) << element;
      ASSERT_EQ(index.marking_unknown(*read), oracle.marking_unknown(*read)) << element;
    }
    for (std::size_t number = 0; number < 20; ++number) {
      for (const auto* type : {"indicator", "marking-definition"}) {
        const auto id = id_of(type, number);
        ASSERT_EQ(index.holds(id), oracle.holds(id)) << id;
        ASSERT_EQ(index.held(id), oracle.held(id)) << id;
        ASSERT_EQ(index.held(id), oracle.held(id)) << id << " when it is asked again";
      }
    }
  }
}

TEST(BundleIndex, RefusesOneIdBeyondItsBoundAndStillAnswers) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  test::import_objects(party.node(), {definition(1, 4), indicator(50)});
  const auto snapshot = must(party.node().store().read());
  const auto law = party.node().law();
  BundleIndex index(law->model().classification, *snapshot, true, 3);
  for (std::size_t i = 0; i < 3; ++i) must(index.add(indicator(i)));
  must(index.add(indicator(2)));
  const auto refused = index.add(indicator(3));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::TooLarge);
  // What has no place in the table is looked for each time.
  index.finish();
  EXPECT_TRUE(index.held(id_of("indicator", 50)));
  EXPECT_FALSE(index.held(id_of("indicator", 51)));
  const auto marked =
      must(stix::read_object(indicator(1, test::marked(id_of("marking-definition", 1)))));
  EXPECT_EQ(index.handling(marked, {}), "red");
}

}  // namespace
}  // namespace comity::exchange
