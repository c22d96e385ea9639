#include "stix/selector.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <string>

#include "base/test_support.h"
#include "json/parse.h"

namespace comity::stix {
namespace {

using test::must;

TEST(Selector, PointsAtPropertiesItemsAndWhatTheyHold) {
  const auto object = must(json::parse(
      R"({"name":"a","list":[{"url":"b"},"c"],"map":{"d.e":{"f":1},"d":2},"empty":{}})"));
  const auto found = [&](std::string_view selector) { return selected(object, selector); };
  EXPECT_EQ(found("name")->string()->at(0), 'a');
  EXPECT_EQ(*found("list.[0].url")->string(), "b");
  EXPECT_EQ(*found("list.[1]")->string(), "c");
  EXPECT_EQ(*found("map.d.e.f")->integer(), 1);
  EXPECT_EQ(*found("map.d")->integer(), 2);
  for (const std::string_view selector :
       {"",          ".",       "nam",      "names",    "name.",
        ".name",     "name.a",  "name.[0]", "list.[2]", "list.[00]",
        "list.[-1]", "list.[]", "list.0",   "list[0]",  "list.[0]url",
        "list.[0].", "map.f",   "empty.a",  "[0]",      "list.[99999999999999999999]"}) {
    EXPECT_EQ(found(selector), nullptr) << selector;
  }
}

// Every path of a value, spelled as a selector: the slow oracle.
void every_path(const json::Value& value, const std::string& path,
                std::map<std::string, const json::Value*>& out) {
  if (!path.empty()) out.emplace(path, &value);
  const auto below = [&](const std::string& step) {
    return path.empty() ? step : path + "." + step;
  };
  if (const auto* members = value.object()) {
    for (const auto& [name, member] : *members) every_path(member, below(name), out);
  } else if (const auto* items = value.array()) {
    for (std::size_t i = 0; i < items->size(); ++i) {
      every_path((*items)[i], below("[" + std::to_string(i) + "]"), out);
    }
  }
}

json::Value random_value(std::mt19937_64& random, int depth) {
  const auto kind = random() % 4;
  if (depth == 0 || kind == 0) return static_cast<std::int64_t>(random() % 10);
  if (kind == 1) {
    json::Array items;
    for (std::uint64_t i = random() % 4; i > 0; --i)
      items.push_back(random_value(random, depth - 1));
    return items;
  }
  json::Object members;
  for (const char* name : {"a", "b", "ab"}) {
    if (random() % 2 == 0) members.set(name, random_value(random, depth - 1));
  }
  return members;
}

TEST(Selector, ResolvesExactlyWhatIsThere) {
  std::mt19937_64 random(test::seed());
  const auto rounds = 200'000 / test::scale();
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto object = random_value(random, 4);
    if (object.object() == nullptr) continue;
    std::map<std::string, const json::Value*> paths;
    every_path(object, "", paths);
    for (const auto& [path, value] : paths) EXPECT_EQ(selected(object, path), value) << path;
    for (int i = 0; i < 10; ++i) {
      std::string selector;
      for (std::uint64_t steps = random() % 4 + 1; steps > 0; --steps) {
        constexpr const char* words[] = {"a", "b", "ab", "[0]", "[1]", "[2]", "c", ""};
        selector += (selector.empty() ? "" : ".") + std::string(words[random() % 8]);
      }
      const auto at = paths.find(selector);
      EXPECT_EQ(selected(object, selector), at == paths.end() ? nullptr : at->second) << selector;
    }
  }
}

}  // namespace
}  // namespace comity::stix
