#include "trust/revocation.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

std::string of_key() { return sign_key_revocation({"XA", "exercise", "node", 3}, key_1()); }
std::string of_root() { return sign_root_revocation("XA", "exercise", key_1()); }

Result<KeyRevocation> open_revocation(const std::string& text) {
  return open_key_revocation(text, key_1().public_key());
}

// The statement with one member set to something that the root signs all the same.
std::string with(const std::string& text, const std::string& name, json::Value value) {
  auto object = *json::parse(text)->object();
  object.set(name, std::move(value));
  sign_object(object, key_1());
  return json::canonical(object);
}

TEST(Revocation, ComesBackAsItWasSigned) {
  const auto key = open_revocation(of_key());
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(*key, (KeyRevocation{"XA", "exercise", "node", 3}));
  const auto root = open_root_revocation(of_root());
  ASSERT_TRUE(root) << root.error().text();
  EXPECT_EQ(*root, (RootRevocation{"XA", "exercise", key_1().public_key()}));
}

TEST(Revocation, EveryAlteredByteIsRefused) {
  for (const auto& text : {of_key(), of_root()}) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (const int mask : {0x01, 0x20}) {
        auto bad = text;
        bad[i] = static_cast<char>(bad[i] ^ mask);
        EXPECT_FALSE(open_revocation(bad)) << bad;
        EXPECT_FALSE(open_root_revocation(bad)) << bad;
      }
      EXPECT_FALSE(open_revocation(text.substr(0, i)));
      EXPECT_FALSE(open_root_revocation(text.substr(0, i)));
    }
  }
}

TEST(Revocation, AnotherRootAndAnotherKindAreRefused) {
  const auto foreign = open_key_revocation(of_key(), key_2().public_key());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::NotVerified);
  // Signed by another root than the one it names.
  auto object = *json::parse(of_root())->object();
  sign_object(object, key_2());
  const auto other = open_root_revocation(json::canonical(object));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::NotVerified);
  EXPECT_FALSE(open_revocation(of_root()));
  EXPECT_FALSE(open_root_revocation(of_key()));
}

TEST(Revocation, WhatARootMayNotSayIsRefusedThoughSigned) {
  const std::vector<std::pair<std::string, json::Value>> cases = {
      {"party", "xa"},   {"mode", "test"}, {"use", "root"}, {"use", ""},
      {"number", 0},     {"number", "3"},  {"more", 1},     {"type", "comity-key-record"},
      {"party", nullptr}};
  for (const auto& [name, value] : cases) {
    EXPECT_FALSE(open_revocation(with(of_key(), name, value)))
        << name << " " << json::canonical(value);
  }
  EXPECT_TRUE(open_revocation(with(of_key(), "number", 4)));
  for (const auto& [name, value] : std::vector<std::pair<std::string, json::Value>>{
           {"party", "xa"}, {"mode", ""}, {"root_key", "x"}, {"more", 1}}) {
    EXPECT_FALSE(open_root_revocation(with(of_root(), name, value))) << name;
  }
}

TEST(Revocation, IsBoundedInLength) {
  for (auto text : {of_key(), of_root()}) {
    const bool root = text == of_root();
    text.resize(revocation_bytes_max, ' ');
    EXPECT_TRUE(root ? open_root_revocation(text).has_value() : open_revocation(text).has_value());
    text += ' ';
    const auto beyond = root ? open_root_revocation(text).error() : open_revocation(text).error();
    EXPECT_EQ(beyond.kind, ErrorKind::TooLarge);
  }
}

}  // namespace
}  // namespace comity::trust
