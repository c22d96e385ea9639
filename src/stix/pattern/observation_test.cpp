#include "stix/pattern/observation.h"

#include <gtest/gtest.h>

#include "stix/pattern/binding.h"
#include "stix/pattern/test_world.h"

namespace comity::stix::pattern {
namespace {

// An observed-data object with these members beside its type, id and times.
std::string observed(const std::string& members) {
  return R"({"type":"observed-data","id":"o","first_observed":"2020-01-01T00:00:00Z",)"
         R"("last_observed":"2020-01-01T00:00:05Z",)" +
         members + "}";
}

std::string bundle(const std::string& objects) {
  return R"({"type":"bundle","id":"b","objects":[)" + objects + "]}";
}

// How many observations, and how many objects each has; or the error.
std::string read(const std::string& text) {
  const auto value = comity::test::must(json::parse(text));
  const auto found = read_observations(value);
  if (!found) return found.error().text();
  auto out = std::to_string(found->size());
  for (const auto& one : *found) out += "," + std::to_string(one.objects.size());
  return out;
}

TEST(PatternObservation, BundlesAreOneSet) {
  const auto seen =
      observed(R"("number_observed":1,"object_refs":["file--1","file--2","file--1"])");
  const std::string one = R"({"type":"file","id":"file--1","size":1})";
  const std::string two = R"({"type":"file","id":"file--2"})";
  EXPECT_EQ(read("[" + bundle(seen + "," + one) + "," + bundle(two) + "]"), "1,2");
  EXPECT_EQ(read(bundle(seen + "," + one)), "1,1");
  EXPECT_EQ(read("[" + seen + "," + one + "," + two + "]"), "1,2");
  EXPECT_EQ(read("[]"), "0");
  EXPECT_EQ(read(bundle("5,null," + one)), "0");
  // Of two with one id the later counts.
  EXPECT_EQ(test::answer("[file:size = 2]",
                         bundle(seen + "," + one + R"(,{"type":"file","id":"file--1","size":2})")),
            "yes");
}

TEST(PatternObservation, OnlyObservables) {
  const auto text = bundle(observed(R"("number_observed":1,"object_refs":["x","i","o","n"])") +
                           R"(,{"type":"indicator","id":"i"},{"type":"x-own","id":"x"})"
                           R"(,{"id":"n"})");
  EXPECT_EQ(read(text), "1,1");
  EXPECT_EQ(test::answer("[observed-data:number_observed = 1]", text), "no");
}

TEST(PatternObservation, TheOlderFormWithADictionary) {
  const auto text =
      bundle(observed(R"("number_observed":1,"objects":{"0":{"type":"file","parent_ref":"1"},)"
                      R"("1":{"type":"directory","path":"/"}})"));
  EXPECT_EQ(read(text), "1,2");
  EXPECT_EQ(test::answer("[file:parent_ref.path = '/']", text), "yes");
}

TEST(PatternObservation, WhatIsWrong) {
  const auto refs = std::string(R"("object_refs":[])");
  const std::string number = "o: found no number_observed that is an integer from 1 to 999999999";
  EXPECT_EQ(read(bundle(observed(refs))), number);
  for (const char* value : {"0", "-1", "1.5", "\"1\"", "1000000000"}) {
    EXPECT_EQ(read(bundle(observed(R"("number_observed":)" + std::string(value) + "," + refs))),
              number);
  }
  EXPECT_EQ(read(bundle(observed(R"("number_observed":999999999,)" + refs))), "1,0");
  EXPECT_EQ(read(bundle(observed(R"("number_observed":1)"))),
            "o: found neither object_refs nor objects, expected one");
  EXPECT_EQ(read(bundle(observed(R"("number_observed":1,"object_refs":{})"))),
            "o: found object in object_refs, expected an array");
  EXPECT_EQ(read("5"), "found integer among the observations, expected a bundle");
  EXPECT_EQ(read("[null]"), "found null among the observations, expected a bundle");
  EXPECT_EQ(read(R"({"type":"bundle","id":"b"})"), "b: found a bundle without an array of objects");
  EXPECT_EQ(read(R"([{"type":"observed-data","id":"o","first_observed":"2020"}])"),
            "o: found no timestamp of STIX in first_observed, expected a form like "
            "2016-01-01T00:00:00Z");
  EXPECT_EQ(read(R"([{"type":"observed-data","id":"o","first_observed":"2020-01-01T00:00:01Z",)"
                 R"("last_observed":"2020-01-01T00:00:00Z"}])"),
            "o: last_observed is before first_observed");
}

TEST(PatternObservation, ObservationsAndTheirObjectsAreBounded) {
  const auto count = [](std::size_t observations, const std::string& references,
                        const std::string& objects) {
    const auto one = observed(R"("number_observed":1,"object_refs":[)" + references + "]");
    std::string all = one + objects;
    for (std::size_t at = 1; at < observations; ++at) all += "," + one;
    const auto value = comity::test::must(json::parse(bundle(all)));
    return read_observations(value).has_value();
  };
  EXPECT_TRUE(count(observations_max, "", ""));
  EXPECT_FALSE(count(observations_max + 1, "", ""));
  std::string references, objects;
  constexpr std::size_t each = 1'000;
  for (std::size_t at = 0; at < each; ++at) {
    const auto id = "\"f" + std::to_string(at) + "\"";
    references += (at == 0 ? "" : ",") + id;
    objects += R"(,{"type":"file","id":)" + id + "}";
  }
  EXPECT_TRUE(count(observed_objects_max / each, references, objects));
  EXPECT_FALSE(count(observed_objects_max / each + 1, references, objects));
}

}  // namespace
}  // namespace comity::stix::pattern
