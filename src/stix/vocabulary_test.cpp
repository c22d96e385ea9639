#include "stix/vocabulary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "stix/relationships.h"
#include "stix/schema.h"

namespace comity::stix {
namespace {

std::vector<std::string> words_of(std::string_view list) {
  std::istringstream in{std::string(list)};
  return {std::istream_iterator<std::string>(in), {}};
}

TEST(Vocabulary, EveryListIsSortedAndHasNoWordTwice) {
  EXPECT_EQ(vocabularies().size(), 32U);
  for (const auto& list : vocabularies()) {
    const auto words = words_of(list.values);
    EXPECT_TRUE(std::is_sorted(words.begin(), words.end())) << list.name;
    EXPECT_EQ(std::adjacent_find(words.begin(), words.end()), words.end()) << list.name;
    EXPECT_EQ(list.check == CheckId::Enum, list.name.ends_with("-enum")) << list.name;
    EXPECT_EQ(&vocabulary(list.id), &list);
    for (const auto& word : words) EXPECT_TRUE(has_word(list.values, word)) << word;
  }
}

// How many values section 10 gives each, so that none is lost or added by accident.
TEST(Vocabulary, Counts) {
  const std::vector<std::size_t> counts = {11, 10, 6,  3,  5, 3, 8,  6, 21, 7,  34,
                                           15, 4,  37, 22, 8, 5, 5,  6, 8,  29, 11,
                                           12, 7,  7,  8,  4, 3, 14, 5, 4,  7};
  ASSERT_EQ(vocabularies().size(), counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    EXPECT_EQ(words_of(vocabularies()[i].values).size(), counts[i]) << vocabularies()[i].name;
  }
}

TEST(Vocabulary, HasWordKnowsWholeWordsOnly) {
  EXPECT_TRUE(has_word("ab abc", "abc"));
  EXPECT_TRUE(has_word("abc ab", "ab"));
  EXPECT_FALSE(has_word("abc", "ab"));
  EXPECT_FALSE(has_word("abc", "bc"));
  EXPECT_FALSE(has_word("ab cd", "ab cd"));
  EXPECT_FALSE(has_word("ab", ""));
  EXPECT_FALSE(has_word("", "a"));
}

TEST(Schema, NamesAreUniqueAndTablesComplete) {
  EXPECT_EQ(object_types().size(), 19U + 2U + 18U + 4U);
  EXPECT_EQ(predefined_extensions().size(), 12U);
  for (const auto& type : object_types()) {
    EXPECT_EQ(find_type(type.shape->name), &type);
    for (const auto& property : type.shape->properties) {
      EXPECT_EQ(type.shape->find(property.name), &property) << type.shape->name;
      EXPECT_EQ(property.kind == Kind::Nested, property.shape != nullptr) << property.name;
    }
    for (const auto& order : type.shape->orders) {
      EXPECT_EQ(type.shape->find(order.first)->kind, Kind::Timestamp);
      EXPECT_EQ(type.shape->find(order.second)->kind, Kind::Timestamp);
    }
  }
  EXPECT_EQ(find_type("nothing"), nullptr);
  EXPECT_EQ(find_type(""), nullptr);
}

TEST(Relationships, SuggestedAreThoseOfTheTables) {
  for (const auto& row : suggested_relationships()) {
    ASSERT_NE(find_type(row.source), nullptr) << row.source;
    for (const auto& target : words_of(row.targets)) {
      if (target.starts_with('@')) continue;
      ASSERT_NE(find_type(target), nullptr) << target;
    }
  }
  // Of every three words exactly those in a row, and what all types have in common.
  for (const auto& source : object_types()) {
    for (const auto& target : object_types()) {
      const auto from = source.shape->name, to = target.shape->name;
      EXPECT_TRUE(is_suggested(from, "related-to", to));
      EXPECT_EQ(is_suggested(from, "duplicate-of", to), from == to);
      EXPECT_EQ(is_suggested(from, "derived-from", to), from == to);
      EXPECT_FALSE(is_suggested(from, "unheard-of", to));
      for (const auto& row : suggested_relationships()) {
        const bool expected =
            std::any_of(suggested_relationships().begin(), suggested_relationships().end(),
                        [&](const SuggestedRelationship& candidate) {
                          const auto words = words_of(candidate.targets);
                          return candidate.source == from && candidate.name == row.name &&
                                 (std::count(words.begin(), words.end(), to) > 0 ||
                                  (std::count(words.begin(), words.end(), "@sco") > 0 &&
                                   target.category == Category::Sco));
                        });
        EXPECT_EQ(is_suggested(from, row.name, to), expected)
            << from << " " << row.name << " " << to;
      }
    }
  }
  EXPECT_TRUE(is_suggested("x-own", "anything", "tool"));
}

}  // namespace
}  // namespace comity::stix
