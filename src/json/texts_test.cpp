#include "json/texts.h"

#include <gtest/gtest.h>

namespace comity::json {
namespace {

using Texts = std::vector<std::string>;

TEST(Texts, AreReadAsTheyWereWritten) {
  for (const auto& texts : {Texts(), Texts{""}, Texts{"b", "a", "b"}}) {
    const Value value(array_of(texts));
    EXPECT_EQ(texts_of(&value), texts);
  }
}

TEST(Texts, WhatIsNoStringInAnArrayIsPassedOver) {
  const Value number(7), mixed(Array{Value(1), Value("a"), Value(Array())});
  EXPECT_EQ(texts_of(nullptr), Texts());
  EXPECT_EQ(texts_of(&number), Texts());
  EXPECT_EQ(texts_of(&mixed), Texts{"a"});
}

}  // namespace
}  // namespace comity::json
