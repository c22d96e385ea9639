#include "trust/keys.h"

#include <gtest/gtest.h>
// rapidcheck's header for GoogleTest needs GoogleTest's before it.
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "trust/openssl.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

std::string bytes(const std::string& text) { return *from_hex(text); }

const std::string public_1 = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const std::string signature_1 =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
    "6bd25bf5f0595bbe24655141438e7a100b";
const std::string public_2 = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const std::string signature_2 =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
    "8c387b2eaeb4302aeeb00d291612bb0c00";

TEST(Keys, Rfc8032Vectors) {
  EXPECT_EQ(hex(key_1().public_key()), public_1);
  EXPECT_EQ(hex(key_1().sign("")), signature_1);
  EXPECT_TRUE(verify_signature(bytes(public_1), "", bytes(signature_1)));
  EXPECT_EQ(hex(key_2().public_key()), public_2);
  EXPECT_EQ(hex(key_2().sign("\x72")), signature_2);
  EXPECT_TRUE(verify_signature(bytes(public_2), "\x72", bytes(signature_2)));
}

TEST(Keys, AnyFlippedBitIsRefused) {
  const auto key = bytes(public_2);
  const auto signature = bytes(signature_2);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    auto bad = signature;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify_signature(key, "\x72", bad)) << "bit " << bit << " of the signature";
  }
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    auto bad = key;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify_signature(bad, "\x72", signature)) << "bit " << bit << " of the key";
  }
  EXPECT_FALSE(verify_signature(key, "\x73", signature));
  EXPECT_FALSE(verify_signature(key, "", signature));
}

TEST(Keys, WrongLengthsAreRefused) {
  const auto key = bytes(public_1);
  const auto signature = bytes(signature_1);
  EXPECT_FALSE(verify_signature("", "", signature));
  EXPECT_FALSE(verify_signature(key.substr(1), "", signature));
  EXPECT_FALSE(verify_signature(key + "x", "", signature));
  EXPECT_FALSE(verify_signature(key, "", ""));
  EXPECT_FALSE(verify_signature(key, "", signature.substr(0, 63)));
  EXPECT_FALSE(verify_signature(key, "", signature + std::string(1, '\0')));
}

TEST(Keys, AnSThatIsNotReducedIsRefused) {
  // S + L stands for the same number, so a second spelling of one signature would hold.
  const auto order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  auto signature = bytes(signature_1);
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned char>(order[i]);
    signature[32 + i] = static_cast<char>(carry & 0xFF);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0U);
  EXPECT_FALSE(verify_signature(bytes(public_1), "", signature));
}

TEST(Keys, KeysOfSmallOrderAndSecondSpellingsAreRefused) {
  const std::string zeros(64, '0');
  const std::vector<std::string> keys = {
      // The neutral point and its spelling with the sign set.
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      // Orders 4, 2 and 8.
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      // Not reduced: the prime, one more, and the largest number.
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
  for (const auto& key : keys) {
    EXPECT_FALSE(is_public_key(bytes(key))) << key;
    // Under the neutral point R = 1, S = 0 would hold for every text.
    for (int text = 0; text < 16; ++text) {
      EXPECT_FALSE(verify_signature(bytes(key), std::to_string(text), bytes(keys[0] + zeros)))
          << key;
    }
  }
  EXPECT_TRUE(is_public_key(bytes(public_1)));
}

TEST(Keys, TheNeutralPointWouldHoldWithoutTheCheck) {
  // Why is_public_key exists: OpenSSL by itself takes this key for a text that nobody signed.
  const auto neutral = bytes("01" + std::string(62, '0'));
  const auto signature = neutral + std::string(32, '\0');
  const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(neutral.data()), 32));
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  ASSERT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
  const unsigned char text[] = {'x'};
  EXPECT_EQ(
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), text, 1),
      1);
  EXPECT_FALSE(verify_signature(neutral, "x", signature));
}

RC_GTEST_PROP(KeysLaw, SignaturesHoldForTheirBytesAndKeyOnly, ()) {
  const auto text = *rc::gen::arbitrary<std::string>();
  const auto other = *rc::gen::distinctFrom(rc::gen::arbitrary<std::string>(), text);
  const auto key = SigningKey::generate();
  const auto signature = key.sign(text);
  RC_ASSERT(verify_signature(key.public_key(), text, signature));
  RC_ASSERT(!verify_signature(key.public_key(), other, signature));
  RC_ASSERT(!verify_signature(key_1().public_key(), text, signature));
}

TEST(Keys, PemGoesOutAndComesBack) {
  const auto key = SigningKey::generate();
  EXPECT_NE(key.public_key(), SigningKey::generate().public_key());
  const auto again = SigningKey::from_pem(key.to_pem());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->public_key(), key.public_key());
  EXPECT_EQ(again->sign("text"), key.sign("text"));
  EXPECT_EQ(key_1().to_pem(), pem_from_seed(seed_1));
}

TEST(Keys, FilesThatAreNoSigningKeyAreRefused) {
  const auto good = pem_from_seed(seed_1);
  const auto identity = *make_tls_identity("xa.example", Instant{}, Instant::from_seconds(1000));
  const std::string encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"nothing", ""},
      {"words", "no key at all"},
      {"a P-256 key", identity.key_pem},
      {"a certificate", identity.certificate_pem},
      {"an encrypted key", encrypted},
      {"two keys", good + pem_from_seed(seed_2)},
      {"cut", good.substr(0, good.size() / 2)},
      {"no end", good.substr(0, good.find("-----END"))},
      {"a short seed", pem_from_seed(std::string(seed_1).substr(2))},
      {"a seed of 33 bytes",
       "-----BEGIN PRIVATE KEY-----\n" +
           base64(bytes("302f020100300506032b657004230421" + std::string(seed_1) + "00")) +
           "\n-----END PRIVATE KEY-----\n"},
      {"a public key", "-----BEGIN PUBLIC KEY-----\n" +
                           base64(bytes("302a300506032b6570032100" + public_1)) +
                           "\n-----END PUBLIC KEY-----\n"}};
  for (const auto& [name, pem] : cases) {
    const auto key = SigningKey::from_pem(pem);
    ASSERT_FALSE(key) << name;
    EXPECT_EQ(key.error().kind, ErrorKind::InvalidInput) << name;
    EXPECT_EQ(ERR_peek_error(), 0UL) << name << " left an error for the next TLS connection";
  }
}

TEST(Keys, PemIsBoundedInLength) {
  const auto good = pem_from_seed(seed_1);
  const std::string comment(pem_bytes_max - good.size() - 1, '#');
  EXPECT_TRUE(SigningKey::from_pem(comment + "\n" + good));
  const auto beyond = SigningKey::from_pem(comment + "#\n" + good);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);

  const auto certificate =
      make_tls_identity("xa.example", Instant{}, Instant::from_seconds(9))->certificate_pem;
  const std::string words(pem_bytes_max - certificate.size() - 1, '#');
  EXPECT_TRUE(certificate_digest(words + "\n" + certificate));
  const auto longer = certificate_digest(words + "#\n" + certificate);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().kind, ErrorKind::TooLarge);
}

TEST(Keys, OneKeySignsOnSeveralThreads) {
  const auto key = key_1();
  const auto expected = key.sign("the same text");
  std::vector<std::thread> threads;
  std::vector<int> good(4, 0);
  for (auto& count : good) {
    threads.emplace_back([&key, &expected, &count] {
      for (int i = 0; i < 50; ++i) count += key.sign("the same text") == expected ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, std::vector<int>(4, 50));
}

TEST(Keys, KeyIdIsTheBeginningOfTheDigest) {
  EXPECT_EQ(key_id(bytes(public_1)), hex(sha256(bytes(public_1))).substr(0, 16));
  EXPECT_EQ(key_id(bytes(public_1)).size(), 16U);
  EXPECT_NE(key_id(bytes(public_1)), key_id(bytes(public_2)));
}

const Instant valid_from = *parse_rfc3339("2026-11-01T00:00:00Z");
const Instant valid_until = *parse_rfc3339("2027-11-01T00:00:00Z");

std::string printed(const std::string& certificate_pem) {
  const Owned<BIO, BIO_free> in(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const Owned<X509, X509_free> certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  const Owned<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  if (!certificate || X509_print_ex(out.get(), certificate.get(), XN_FLAG_RFC2253, 0) != 1) {
    return "not a certificate";
  }
  if (X509_self_signed(certificate.get(), 1) != 1) return "not self-signed";
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST(TlsIdentity, IsASelfSignedCertificateOfOneName) {
  const auto identity = make_tls_identity("node.xa.example", valid_from, valid_until);
  ASSERT_TRUE(identity) << identity.error().text();
  const auto text = printed(identity->certificate_pem);
  for (const auto* part :
       {"Version: 3 (0x2)", "Issuer: CN=node.xa.example", "Subject: CN=node.xa.example",
        "Not Before: Nov  1 00:00:00 2026 GMT", "Not After : Nov  1 00:00:00 2027 GMT",
        "ASN1 OID: prime256v1", "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Server Authentication, TLS Web Client Authentication\n",
        "X509v3 Subject Alternative Name: \n                DNS:node.xa.example\n",
        "ecdsa-with-SHA256"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
  }
  EXPECT_EQ(identity->key_pem.find("-----BEGIN PRIVATE KEY-----"), 0U);
}

TEST(TlsIdentity, KeyBelongsToTheCertificate) {
  const auto identity = *make_tls_identity("xa.example", valid_from, valid_until);
  const Owned<BIO, BIO_free> one(BIO_new_mem_buf(identity.certificate_pem.data(), -1));
  const Owned<BIO, BIO_free> two(BIO_new_mem_buf(identity.key_pem.data(), -1));
  const Owned<X509, X509_free> certificate(PEM_read_bio_X509(one.get(), nullptr, nullptr, nullptr));
  const Owned<EVP_PKEY, EVP_PKEY_free> key(
      PEM_read_bio_PrivateKey(two.get(), nullptr, nullptr, nullptr));
  ASSERT_TRUE(certificate && key);
  EXPECT_EQ(X509_check_private_key(certificate.get(), key.get()), 1);
}

TEST(TlsIdentity, DigestIsThatOfTheDerForm) {
  const auto pem = make_tls_identity("xa.example", valid_from, valid_until)->certificate_pem;
  std::string body;
  for (std::size_t at = pem.find('\n') + 1; pem[at] != '-';) {
    const auto end = pem.find('\n', at);
    body += pem.substr(at, end - at);
    at = end + 1;
  }
  EXPECT_EQ(*certificate_digest(pem), sha256(*from_base64(body)));
  const auto other = make_tls_identity("xa.example", valid_from, valid_until)->certificate_pem;
  EXPECT_NE(*certificate_digest(pem), *certificate_digest(other));
}

TEST(TlsIdentity, DigestOfSomethingElseIsRefused) {
  const auto identity = *make_tls_identity("xa.example", valid_from, valid_until);
  const auto& good = identity.certificate_pem;
  for (const auto& pem : {std::string(), std::string("words"), identity.key_pem, good + good,
                          good.substr(0, good.size() / 2), good + identity.key_pem}) {
    const auto digest = certificate_digest(pem);
    ASSERT_FALSE(digest) << pem;
    EXPECT_EQ(digest.error().kind, ErrorKind::InvalidInput);
    EXPECT_EQ(ERR_peek_error(), 0UL);
  }
}

TEST(TlsIdentity, NamesAndTimesAreBounded) {
  EXPECT_TRUE(make_tls_identity(std::string(common_name_bytes_max, 'n'), valid_from, valid_until));
  EXPECT_FALSE(
      make_tls_identity(std::string(common_name_bytes_max + 1, 'n'), valid_from, valid_until));
  for (const auto* name : {"", "two words", "a,DNS:b", "a\nb", "*.example", "a/CN=b", "\xC3\xA4"}) {
    EXPECT_FALSE(make_tls_identity(name, valid_from, valid_until)) << name;
  }
  EXPECT_FALSE(make_tls_identity("xa.example", valid_until, valid_from));
  EXPECT_FALSE(make_tls_identity("xa.example", valid_from, valid_from));
  EXPECT_FALSE(make_tls_identity("xa.example", Instant{-1}, valid_until));
  const auto last = *parse_rfc3339("9999-12-31T23:59:59Z");
  EXPECT_TRUE(make_tls_identity("xa.example", Instant{}, last));
  EXPECT_FALSE(
      make_tls_identity("xa.example", valid_from, Instant::from_seconds(last.seconds() + 1)));
}

}  // namespace
}  // namespace comity::trust
