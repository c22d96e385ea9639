#include "trust/officer_key.h"

#include <gtest/gtest.h>

#include "base/test_support.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

using comity::test::must;

constexpr const char* passphrase = "a long enough secret";

ErrorKind kind_of(const Result<SigningKey>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? ErrorKind::Unavailable : result.error().kind;
}

TEST(OfficerKey, OpensUnderItsPassphraseOnly) {
  const auto key = key_1();
  const auto pem = must(seal_officer_key(key, passphrase));
  EXPECT_TRUE(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  EXPECT_LE(pem.size(), pem_bytes_max);
  const auto opened = must(open_officer_key(pem, passphrase));
  EXPECT_EQ(opened.public_key(), key.public_key());
  EXPECT_EQ(opened.sign("text"), key.sign("text"));
  for (const auto* other : {"", "a long enough secreT", "a long enough secret ", "another"}) {
    const auto refused = open_officer_key(pem, other);
    EXPECT_EQ(kind_of(refused), ErrorKind::NotVerified) << other;
    EXPECT_NE(refused.error().text().find("passphrase"), std::string::npos);
  }
}

TEST(OfficerKey, TheSameKeySealedTwiceHasTwoSalts) {
  const auto key = key_1();
  EXPECT_NE(must(seal_officer_key(key, passphrase)), must(seal_officer_key(key, passphrase)));
}

TEST(OfficerKey, PassphrasesHaveTwoBounds) {
  const auto key = key_1();
  EXPECT_TRUE(check_passphrase(std::string(passphrase_bytes_min, 'p')));
  EXPECT_TRUE(check_passphrase(std::string(passphrase_bytes_max, 'p')));
  for (const auto size : {std::size_t{0}, passphrase_bytes_min - 1, passphrase_bytes_max + 1}) {
    const auto sealed = seal_officer_key(key, std::string(size, 'p'));
    ASSERT_FALSE(sealed.has_value()) << size;
    EXPECT_EQ(sealed.error().kind, ErrorKind::InvalidInput);
  }
  const auto pem = must(seal_officer_key(key, std::string(passphrase_bytes_max, 'p')));
  EXPECT_TRUE(open_officer_key(pem, std::string(passphrase_bytes_max, 'p')));
  EXPECT_EQ(kind_of(open_officer_key(pem, std::string(passphrase_bytes_max + 1, 'p'))),
            ErrorKind::InvalidInput);
}

TEST(OfficerKey, TheRoundsOfTheDerivationHaveTwoBounds) {
  const auto key = key_1();
  for (const int good : {officer_key_iterations, officer_key_iterations_max}) {
    EXPECT_TRUE(open_officer_key(must(seal_officer_key(key, passphrase, good)), passphrase))
        << good;
  }
  for (const int bad : {1, 2048, officer_key_iterations - 1, officer_key_iterations_max + 1}) {
    EXPECT_EQ(kind_of(open_officer_key(must(seal_officer_key(key, passphrase, bad)), passphrase)),
              ErrorKind::InvalidInput)
        << bad;
  }
}

TEST(OfficerKey, OtherFormsAreRefused) {
  const auto pem = must(seal_officer_key(key_1(), passphrase));
  for (const auto& text : {std::string(), std::string("key"), key_1().to_pem(), pem + pem,
                           " " + pem, pem.substr(0, pem.size() / 2), "x" + pem}) {
    EXPECT_EQ(kind_of(open_officer_key(text, passphrase)), ErrorKind::InvalidInput) << text;
  }
  EXPECT_EQ(kind_of(open_officer_key(pem + std::string(pem_bytes_max, '\n'), passphrase)),
            ErrorKind::TooLarge);
  // PBES2, but with AES-128-CBC and the hash of another derivation; made by the openssl command:
  // openssl pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA512 -iter 600000
  constexpr const char* other =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIGcMFgGCSqGSIb3DQEFDTBLMCoGCSqGSIb3DQEFDDAdBAgy7ruuzFj28QIDCSfA\n"
      "MAwGCCqGSIb3DQILBQAwHQYJYIZIAWUDBAECBBB+ABXVJj2SihEudX1KKkCiBEC9\n"
      "NiCR5WKeiOmfWWJ49GltHlQg9xXdm/NLySzN6OjxekiG2Z/u0z74HwpEsLMUirKf\n"
      "P7HPkKcGd7EFlwCsmpVj\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_EQ(kind_of(open_officer_key(other, passphrase)), ErrorKind::InvalidInput);
}

TEST(OfficerKey, AnyFlippedByteOfTheCiphertextIsFound) {
  const auto pem = must(seal_officer_key(key_1(), passphrase));
  const auto from = pem.find('\n') + 1;
  auto text = pem.substr(from, pem.find("-----END") - from);
  std::erase(text, '\n');
  auto der = must(from_base64(text));
  for (const auto back : {std::size_t{1}, std::size_t{17}, std::size_t{40}}) {
    auto changed = der;
    changed[der.size() - back] = static_cast<char>(changed[der.size() - back] ^ 1);
    const auto again =
        open_officer_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + base64(changed) +
                             "\n-----END ENCRYPTED PRIVATE KEY-----\n",
                         passphrase);
    // CBC tells no author: a flipped byte gives damage, or another key, never this one.
    EXPECT_TRUE(!again || again->public_key() != key_1().public_key());
  }
}

}  // namespace
}  // namespace comity::trust
