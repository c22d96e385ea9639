#include "trust/password.h"

#include <argon2.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/test_support.h"
#include "trust/common_passwords.h"

namespace comity::trust {
namespace {

using comity::test::must;

constexpr PasswordCost cheap{64, 1, 1};

TEST(Password, IsKeptByArgon2idAsAgreed) {
  const auto hash = must(hash_password("three small words", system_random()));
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << hash;
  EXPECT_TRUE(password_matches(hash, "three small words"));
  EXPECT_FALSE(password_matches(hash, "three small word"));
  EXPECT_FALSE(password_matches(hash, "three small words "));
  EXPECT_FALSE(password_matches(hash, ""));
}

TEST(Password, VectorOfTheReferenceImplementation) {
  // phc-winner-argon2, src/test.c: version 19, argon2id, t=2, m=65536, p=1.
  const std::string hash =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  EXPECT_TRUE(password_matches(hash, "password"));
  EXPECT_FALSE(password_matches(hash, "Password"));
}

TEST(Password, TheSameOneIsNeverKeptTheSameWay) {
  EXPECT_NE(must(hash_password("three small words", system_random(), cheap)),
            must(hash_password("three small words", system_random(), cheap)));
}

TEST(Password, AKeptTextThatIsNotOursMatchesNothingAndCostsNothing) {
  const auto good = must(hash_password("three small words", system_random(), cheap));
  ASSERT_TRUE(password_matches(good, "three small words"));
  const auto with = [&](const std::string& from, const std::string& to) {
    auto out = good;
    return out.replace(out.find(from), from.size(), to);
  };
  for (const auto& text :
       {std::string(), std::string("three small words"), with("argon2id", "argon2i"),
        with("m=64", "m=262145"), with("m=64", "m=4294967295"), with("m=64", "m=-1"),
        with("t=1", "t=17"), with("p=1", "p=5"), with("v=19", "v=16"), good.substr(0, 40)}) {
    EXPECT_FALSE(password_matches(text, "three small words")) << text;
  }
}

TEST(Password, TheHashOfNothingIsWorkedOnAsAnyOther) {
  const auto hash = hash_of_nothing(system_random(), cheap);
  // A text that could not be read would be another answer, at once.
  EXPECT_EQ(argon2id_verify(hash.c_str(), "x", 1), ARGON2_VERIFY_MISMATCH);
  EXPECT_TRUE(hash_of_nothing(system_random()).starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
}

TEST(Password, ItsLengthIsBoundedAndItsCharactersAreNot) {
  std::string text;
  while (text.size() < password_bytes_max + 1) text += std::to_string(text.size()) + " ";
  const auto taken = [&](std::size_t bytes) {
    return check_password(text.substr(0, bytes), "wang-min").has_value();
  };
  EXPECT_FALSE(taken(password_bytes_min - 1));
  EXPECT_TRUE(taken(password_bytes_min));
  EXPECT_TRUE(taken(password_bytes_max));
  EXPECT_FALSE(taken(password_bytes_max + 1));
  for (const auto* good :
       {"onlysmallletters", "seven trees and a lake", "كلمات قليلة", "四个普通词"}) {
    EXPECT_TRUE(check_password(good, "wang-min").has_value()) << good;
  }
}

TEST(Password, WhatEverybodyWouldTryIsRefused) {
  std::istringstream lines{std::string(common_passwords())};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    ++count;
    EXPECT_GE(line.size(), password_bytes_min) << line << ": too short to need a line";
    EXPECT_FALSE(check_password(line, "wang-min").has_value()) << line;
  }
  EXPECT_GT(count, 500U);
  for (const auto* bad : {"PASSWORD1234", "Password2026!", "aaaaaaaaaaaaaaa", "xyzxyzxyzxyzxyz",
                          "abcdabcdabcdab", "Wang-Min-Long"}) {
    EXPECT_FALSE(check_password(bad, "wang-min-long").has_value()) << bad;
  }
}

}  // namespace
}  // namespace comity::trust
