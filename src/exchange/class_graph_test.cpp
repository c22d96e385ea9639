#include "exchange/class_graph.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "base/test_support.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using comity::test::must;

constexpr std::size_t full_graphs = 20'000;
constexpr std::size_t full_chain = 100'000;

const stix::Classification& small_table() {
  static const stix::Classification table = {
      {{"indicator", "indicator"}, {"malware", "malware"}, {"report", "report"}},
      {"identity", "marking-definition"}};
  return table;
}

std::string graph_id(const std::string& type, std::size_t number) {
  return fmt::format("{}--00000000-0000-4000-8000-{:012x}", type, number);
}

stix::Object graph_object(const std::string& id, const std::vector<std::string>& named) {
  stix::Object out;
  out.id = id;
  out.type = stix::type_of(id);
  const auto text =
      out.type == "relationship"
          ? fmt::format(R"({{"source_ref":"{}","target_ref":"{}"}})", named.at(0), named.at(1))
          : fmt::format(R"({{"object_refs":["{}"]}})", fmt::join(named, "\",\""));
  out.value = must(json::parse(text));
  return out;
}

using HeldClasses = std::map<std::string, stix::Classes>;

stix::ClassesOf outside_of(const HeldClasses& held) {
  return [&held](const std::string& id) {
    const auto at = held.find(id);
    return at == held.end() ? std::nullopt : std::optional(at->second);
  };
}

// The plain form: asks each object again, with what is known of the others, until nothing changes.
class PlainClasses {
 public:
  PlainClasses(const HeldClasses& held, bool unheld_is_unknown, ClassGraph::Adds adds)
      : held_(held), unheld_is_unknown_(unheld_is_unknown), adds_(adds) {}

  void add(const stix::Object& object) {
    objects_.push_back(object);
    known_[object.id];
  }

  void resolve() {
    for (bool again = true; again;) {
      again = false;
      for (const auto& object : objects_) {
        const auto now = stix::classify(object, small_table(),
                                        [this](const std::string& id) { return named(id); });
        auto& known = known_[object.id];
        const auto before = known;
        known.names.insert(now.names.begin(), now.names.end());
        known.unknown = known.unknown || now.unknown;
        again = again || before.names != known.names || before.unknown != known.unknown;
      }
    }
  }

  const std::map<std::string, stix::Classes>& all() const { return known_; }

 private:
  std::optional<stix::Classes> named(const std::string& id) {
    const auto told = stix::classes_of_id(id, small_table());
    if (adds_ == ClassGraph::Adds::Untold && told) return told;
    if (const auto at = known_.find(id); at != known_.end()) return at->second;
    if (told) return told;
    if (const auto at = held_.find(id); at != held_.end()) return at->second;
    stix::Classes unknown;
    unknown.unknown = unheld_is_unknown_;
    return unknown;
  }

  const HeldClasses& held_;
  bool unheld_is_unknown_;
  ClassGraph::Adds adds_;
  std::vector<stix::Object> objects_;
  std::map<std::string, stix::Classes> known_;
};

// Few ids, so that circles, several versions and objects that name themselves are common.
std::string drawn_named(std::mt19937_64& draw) {
  static const char* const types[] = {"indicator", "malware",      "report", "grouping",
                                      "identity",  "relationship", "x-own"};
  auto id = graph_id(types[draw() % 7], draw() % 8);
  if (draw() % 10 == 0) id.back() = 'A';  // spelled so that the table cannot spell it again
  return id;
}

TEST(ClassGraph, GivesWhatThePlainFormGivesInRandomGraphs) {
  std::mt19937_64 draw(comity::test::seed());
  for (std::size_t round = 0; round < full_graphs / comity::test::scale(); ++round) {
    HeldClasses held;
    for (std::size_t i = 0; i < draw() % 6; ++i) {
      stix::Classes classes;
      classes.names.insert(draw() % 2 == 0 ? "from-store" : "incident");
      classes.unknown = draw() % 4 == 0;
      held[drawn_named(draw)] = classes;
    }
    const bool unheld_is_unknown = draw() % 2 == 0;
    const auto adds = draw() % 2 == 0 ? ClassGraph::Adds::Every : ClassGraph::Adds::Untold;
    stix::IdTable ids;
    for (std::size_t i = 0; i < draw() % 4; ++i) must(ids.add(drawn_named(draw)));
    ClassGraph graph(small_table(), ids, outside_of(held), unheld_is_unknown, adds);
    PlainClasses oracle(held, unheld_is_unknown, adds);
    for (std::size_t i = 0; i < 1 + draw() % 14; ++i) {
      const auto id = drawn_named(draw);
      if (adds == ClassGraph::Adds::Untold && stix::classes_of_id(id, small_table())) continue;
      std::vector<std::string> named;
      for (std::size_t j = 0; j < 2 + draw() % 3; ++j) named.push_back(drawn_named(draw));
      const auto object = graph_object(id, named);
      must(graph.add(object));
      oracle.add(object);
    }
    graph.resolve();
    oracle.resolve();
    for (const auto& [id, classes] : oracle.all()) {
      const auto found = graph.find(id);
      ASSERT_TRUE(found) << id;
      ASSERT_EQ(found->names, classes.names) << id << " in round " << round;
      ASSERT_EQ(found->unknown, classes.unknown) << id << " in round " << round;
    }
    ASSERT_FALSE(graph.find(graph_id("report", 99)));
  }
}

// Each container holds the next; with `circle` the last one holds the first.
std::optional<stix::Classes> first_of_chain(std::size_t length, bool circle, bool backwards) {
  const HeldClasses held;
  stix::IdTable ids;
  ClassGraph graph(small_table(), ids, outside_of(held), true, ClassGraph::Adds::Untold);
  for (std::size_t i = 0; i < length; ++i) {
    const auto at = backwards ? length - 1 - i : i;
    const bool last = at + 1 == length;
    std::vector<std::string> named = {graph_id("grouping", last && circle ? 0 : at + 1)};
    if (last) named.push_back(graph_id("malware", 1));
    if (last && !circle) named.erase(named.begin());
    must(graph.add(graph_object(graph_id("grouping", at), named)));
  }
  graph.resolve();
  return graph.find(graph_id("grouping", 0));
}

// `grouping` has no class in the small table: each object is of an unknown class beside what it
// holds.
TEST(ClassGraph, ChainsAndCirclesOfAnyLengthNeedNoStack) {
  const auto length = full_chain;
  for (const bool circle : {false, true}) {
    for (const bool backwards : {false, true}) {
      const auto found = first_of_chain(length, circle, backwards);
      ASSERT_TRUE(found);
      EXPECT_EQ(found->names, std::set<std::string>{"malware"}) << circle << backwards;
      EXPECT_TRUE(found->unknown);
    }
  }
}

TEST(ClassGraph, RefusesMorePlacesThanItsBound) {
  const HeldClasses held;
  stix::IdTable ids;
  ClassGraph graph(small_table(), ids, outside_of(held), true, ClassGraph::Adds::Untold, 4);
  const auto two = [](std::size_t number) {
    return graph_object(graph_id("relationship", number),
                        {graph_id("report", 1), graph_id("report", 2)});
  };
  must(graph.add(two(1)));
  must(graph.add(two(2)));
  // What the id tells costs no place.
  must(graph.add(graph_object(graph_id("relationship", 3),
                              {graph_id("malware", 1), graph_id("indicator", 2)})));
  const auto refused = graph.add(two(4));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::TooLarge);
  EXPECT_NE(refused.error().message.find("more than 4 places"), std::string::npos);
}

TEST(ClassGraph, AsksOutsideOnceForEachIdThatItDoesNotHold) {
  std::map<std::string, int> asked;
  stix::IdTable ids;
  ClassGraph graph(
      small_table(), ids,
      [&asked](const std::string& id) {
        ++asked[id];
        return std::optional<stix::Classes>();
      },
      false, ClassGraph::Adds::Untold);
  const auto far = graph_id("x-far", 1);
  for (std::size_t i = 0; i < 5; ++i) {
    must(graph.add(graph_object(graph_id("relationship", i), {far, graph_id("malware", 1)})));
  }
  graph.resolve();
  EXPECT_EQ(asked, (std::map<std::string, int>{{far, 1}}));
  EXPECT_EQ(graph.find(graph_id("relationship", 4))->names, std::set<std::string>{"malware"});
  EXPECT_FALSE(graph.find(graph_id("relationship", 4))->unknown);
}

}  // namespace
}  // namespace comity::exchange
