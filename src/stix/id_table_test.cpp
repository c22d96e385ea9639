#include "stix/id_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <random>
#include <unordered_map>

#include "base/test_support.h"

namespace comity::stix {
namespace {

using comity::test::must;

constexpr std::size_t full_ids = 2'000'000;

std::string uuid_of(std::uint64_t high, std::uint64_t low) {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffff'ffff'ffff);
}

// Ids of every kind that the table keeps in its own way, and such as differ in one place only.
std::string drawn_id(std::mt19937_64& draw) {
  static const char* const types[] = {"indicator", "malware", "x-own", "relationship", "x--y"};
  auto out = fmt::format("{}--{}", types[draw() % 5], uuid_of(draw() % 3, draw() % 5000));
  switch (draw() % 8) {
    case 0:
      for (auto& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      break;
    case 1:
      out.back() = "AF"[draw() % 2];
      break;
    case 2:
      out += "0";
      break;
    case 3:
      out = fmt::format("{}", draw() % 100);
      break;
    default:
      break;
  }
  return out;
}

TEST(id_table, numbers_ids_as_a_map_does) {
  std::mt19937_64 draw(comity::test::seed());
  IdTable table;
  std::unordered_map<std::string, IdTable::Number> oracle;
  for (std::size_t i = 0; i < full_ids / comity::test::scale(); ++i) {
    const auto id = drawn_id(draw);
    const auto known = oracle.find(id);
    const auto found = table.find(id);
    ASSERT_EQ(found.has_value(), known != oracle.end()) << id;
    if (found) {
      ASSERT_EQ(*found, known->second) << id;
    }
    if (draw() % 2 == 0) continue;
    const auto number = must(table.add(id));
    ASSERT_EQ(number, oracle.emplace(id, oracle.size()).first->second) << id;
    ASSERT_EQ(table.size(), oracle.size());
  }
  for (const auto& [id, number] : oracle) {
    ASSERT_EQ(table.find(id), number) << id;
    if (const auto text = table.spelled(number)) {
      ASSERT_EQ(*text, id);
    }
  }
}

TEST(id_table, spells_regular_ids_and_no_others) {
  IdTable table;
  const auto uuid = uuid_of(0x0123456789ab4def, 0x8edcba9876543210);
  for (const std::string type : {"indicator", "x-own-type", "marking-definition"}) {
    const auto id = type + "--" + uuid;
    EXPECT_EQ(table.spelled(must(table.add(id))), id);
  }
  const std::vector<std::string> others = {"indicator--0123456789AB-4def-8edc-ba98-765432100123",
                                           "",
                                           "--",
                                           "indicator--",
                                           "indicator--01234567-89AB-4def-8edc-ba9876543210",
                                           "Indicator--" + uuid,
                                           "indicator--" + uuid + " ",
                                           "indicator"};
  for (const auto& id : others) {
    EXPECT_EQ(table.spelled(must(table.add(id))), std::nullopt) << id;
    EXPECT_TRUE(table.find(id)) << id;
  }
  EXPECT_EQ(table.size(), 11U);
}

TEST(id_table, refuses_one_id_beyond_its_bound_and_keeps_what_it_has) {
  IdTable table(100);
  for (std::uint64_t i = 0; i < 100; ++i) must(table.add("indicator--" + uuid_of(1, i)));
  EXPECT_TRUE(table.full());
  const auto refused = table.add("indicator--" + uuid_of(1, 100));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::TooLarge);
  EXPECT_NE(refused.error().message.find("100 different ids"), std::string::npos);
  EXPECT_EQ(must(table.add("indicator--" + uuid_of(1, 99))), 99U);
  EXPECT_FALSE(table.find("indicator--" + uuid_of(1, 100)));
}

TEST(id_table, knows_ids_of_more_types_than_it_names) {
  IdTable table;
  const auto id = [](std::size_t i) { return fmt::format("x-{:05}--{}", i, uuid_of(1, 2)); };
  const auto count = id_types_max + 10;
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(must(table.add(id(i))), i);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(table.find(id(i)), i);
    EXPECT_EQ(table.spelled(static_cast<IdTable::Number>(i)).has_value(), i < id_types_max);
  }
}

// What the bound of memory of an import rests on.
TEST(id_table, takes_about_thirty_bytes_an_id) {
  IdTable table;
  const std::size_t count = full_ids / comity::test::scale();
  for (std::uint64_t i = 0; i < count; ++i) must(table.add("indicator--" + uuid_of(i, i * 7)));
  EXPECT_LE(table.bytes(), count * 32 + 1024 * 1024);
}

}  // namespace
}  // namespace comity::stix
