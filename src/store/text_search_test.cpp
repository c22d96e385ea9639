#include "store/text_search.h"

#include <gtest/gtest.h>

namespace comity::store {
namespace {

bool finds(std::string_view text, std::string_view stix_id, std::string_view label) {
  return TextSearch(text).finds(stix_id, label);
}

TEST(TextSearch, LettersAreFoundInBothCasesAndNothingElseIs) {
  for (int c = 0; c < 256; ++c) {
    for (int d = 0; d < 256; ++d) {
      const std::string one(1, static_cast<char>(c)), other(1, static_cast<char>(d));
      const auto small = [](int e) { return e >= 'A' && e <= 'Z' ? e - 'A' + 'a' : e; };
      ASSERT_EQ(finds(one, "", other), small(c) == small(d)) << c << " in " << d;
    }
  }
}

// At every place of labels of every length, across the blocks in which they are folded.
TEST(TextSearch, ATextIsFoundWhereverItStands) {
  for (std::size_t size = 3; size < 140; ++size) {
    for (std::size_t at = 0; at + 3 <= size; ++at) {
      std::string label(size, '-');
      label.replace(at, 3, "NaM");
      ASSERT_TRUE(finds("nAm", "", label)) << size << ", " << at;
      ASSERT_FALSE(finds("name", "", label)) << size << ", " << at;
    }
  }
}

TEST(TextSearch, AnIdIsFoundByItsBeginningAndALabelByAnyPart) {
  EXPECT_TRUE(finds("MALWARE--1", "malware--12", "label"));
  EXPECT_FALSE(finds("ware--1", "malware--12", "label"));
  EXPECT_FALSE(finds("malware--123", "malware--12", "label"));
  EXPECT_TRUE(finds("abe", "malware--12", "label"));
  EXPECT_FALSE(finds("labels", "malware--12", "label"));
  EXPECT_FALSE(finds("12label", "malware--12", "label")) << "they are two texts";
  EXPECT_TRUE(finds("", "malware--12", ""));
  EXPECT_FALSE(finds("x", "", ""));
}

// What the label before left behind it is no part of a shorter one.
TEST(TextSearch, OneLabelDoesNotLeakIntoTheNext) {
  TextSearch search("secret");
  EXPECT_TRUE(search.finds("", "a long label with a secret"));
  EXPECT_FALSE(search.finds("", "a long label with a "));
}

}  // namespace
}  // namespace comity::store
