#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

KeyRecord node_record() {
  return {"XA",
          "exercise",
          "node",
          "Ed25519",
          key_2().public_key(),
          *parse_rfc3339("2026-11-01T00:00:00Z"),
          *parse_rfc3339("2027-11-01T00:00:00Z"),
          1};
}

KeyRecord tls_record() {
  auto record = node_record();
  record.use = "tls";
  record.algorithm = "P-256";
  record.key = std::string(view(sha256("a certificate")));
  return record;
}

KeyRecord seal_record() {
  auto record = node_record();
  record.use = "seal";
  record.algorithm = "P-256";
  record.key = make_seal_key().public_key;
  return record;
}

Result<KeyRecord> open(const std::string& text) {
  return open_key_record(text, key_1().public_key());
}

// The record with one member set to something that the root signs all the same.
std::string signed_with(const std::string& name, json::Value value) {
  auto object = *json::parse(sign_key_record(node_record(), key_1()))->object();
  object.set(name, std::move(value));
  sign_object(object, key_1());
  return json::canonical(object);
}

TEST(KeyRecord, ComesBackAsItWasSigned) {
  auto latest = tls_record();
  latest.number = (std::int64_t{1} << 53) - 1;
  latest.not_before = Instant{};
  latest.not_after = *parse_rfc3339("9999-12-31T23:59:59Z");
  latest.mode = "operational";
  for (const auto& record : {node_record(), tls_record(), seal_record(), latest}) {
    const auto read = open(sign_key_record(record, key_1()));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->party, record.party);
    EXPECT_EQ(read->mode, record.mode);
    EXPECT_EQ(read->use, record.use);
    EXPECT_EQ(read->algorithm, record.algorithm);
    EXPECT_EQ(read->key, record.key);
    EXPECT_EQ(read->not_before, record.not_before);
    EXPECT_EQ(read->not_after, record.not_after);
    EXPECT_EQ(read->number, record.number);
  }
}

TEST(KeyRecord, InstantsAreCutToSeconds) {
  auto record = node_record();
  record.not_after.micros += 999'999;
  const auto read = open(sign_key_record(record, key_1()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->not_after, node_record().not_after);
}

TEST(KeyRecord, EveryAlteredByteIsRefused) {
  const auto text = sign_key_record(node_record(), key_1());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int mask : {0x01, 0x20}) {
      auto bad = text;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      EXPECT_FALSE(open(bad)) << "byte " << i << ": " << bad;
    }
    EXPECT_FALSE(open(text.substr(0, i))) << "cut at " << i;
  }
}

TEST(KeyRecord, AnotherRootIsRefused) {
  const auto read = open_key_record(sign_key_record(node_record(), key_2()), key_1().public_key());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::NotVerified);
}

TEST(KeyRecord, WhatARootMayNotSayIsRefusedThoughSigned) {
  const auto long_code = "X" + std::string(party_code_bytes_max, 'A');
  const auto short_key = base64url(std::string(31, 'k'));
  const std::vector<std::pair<std::string, json::Value>> cases = {
      {"type", "comity-receipt"},
      {"party", ""},
      {"party", "X"},
      {"party", "xa"},
      {"party", "1A"},
      {"party", "X A"},
      {"party", long_code},
      {"party", 1},
      {"mode", "test"},
      {"mode", ""},
      {"use", "root"},
      {"use", "tls"},
      {"use", ""},
      {"algorithm", "P-256"},
      {"algorithm", "ed25519"},
      {"key", short_key},
      {"key", base64url(std::string(33, 'k'))},
      {"key", base64(key_2().public_key())},
      {"key", base64url(std::string(32, '\0'))},
      {"not_before", "2026-11-01T00:00:00.000Z"},
      {"not_before", "2026-11-01T00:00:00+00:00"},
      {"not_before", "2026-11-01t00:00:00z"},
      {"not_before", "2026-11-01"},
      {"not_before", 0},
      {"not_before", "1969-12-31T23:59:59Z"},
      {"not_before", "2027-11-01T00:00:00Z"},
      {"not_after", "2026-11-01T00:00:00Z"},
      {"not_after", "2026-10-31T23:59:60Z"},
      {"number", 0},
      {"number", -1},
      {"number", 1.5},
      {"number", "1"},
      {"number", nullptr},
      {"more", true},
  };
  for (const auto& [name, value] : cases) {
    EXPECT_FALSE(open(signed_with(name, value))) << name << " = " << json::canonical(value);
  }
  EXPECT_TRUE(open(signed_with("party", long_code.substr(0, party_code_bytes_max))));
  EXPECT_TRUE(open(signed_with("number", 2)));
}

TEST(KeyRecord, EveryMemberIsNeeded) {
  const auto whole = *json::parse(sign_key_record(node_record(), key_1()))->object();
  for (const auto& [name, value] : whole) {
    auto object = whole;
    object.erase(name);
    if (name != "signature" && name != "type") sign_object(object, key_1());
    const auto read = open(json::canonical(object));
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().where, "$." + name);
  }
}

TEST(KeyRecord, OtherDocumentsAreRefused) {
  for (const auto* text : {"", "null", "[]", "{}", "\"x\"", "1", "{\"type\":1}"}) {
    EXPECT_FALSE(open(text)) << text;
  }
}

TEST(KeyRecord, IsBoundedInLength) {
  auto text = sign_key_record(node_record(), key_1());
  text.resize(key_record_bytes_max, ' ');
  EXPECT_TRUE(open(text));
  const auto beyond = open(text + " ");
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);
}

TEST(KeyRecord, CheckNamesTheMember) {
  auto record = node_record();
  EXPECT_TRUE(check_key_record(record));
  record.use = "root";
  ASSERT_FALSE(check_key_record(record));
  EXPECT_EQ(check_key_record(record).error().where, "$.use");
  auto sealing = seal_record();
  EXPECT_TRUE(check_key_record(sealing));
  for (const auto& key : {sealing.key.substr(1), sealing.key + "k", std::string(33, '\0'),
                          '\5' + std::string(32, '\0'), '\2' + std::string(32, '\xff')}) {
    sealing.key = key;
    EXPECT_EQ(check_key_record(sealing).error().where, "$.key") << hex(key);
  }
  sealing = seal_record();
  sealing.algorithm = "Ed25519";
  EXPECT_EQ(check_key_record(sealing).error().where, "$.algorithm");
  auto late = node_record();
  late.number = std::int64_t{1} << 53;
  EXPECT_EQ(check_key_record(late).error().where, "$.number");
  auto endless = node_record();
  endless.not_after = Instant::from_seconds(253'402'300'800);
  EXPECT_EQ(check_key_record(endless).error().where, "$.not_after");
}

TEST(KeyRecordDeathTest, ARecordThatCannotBeOpenedIsNotSigned) {
  auto record = node_record();
  record.party = "nobody";
  EXPECT_DEATH(sign_key_record(record, key_1()), "check_key_record");
}

}  // namespace
}  // namespace comity::trust
