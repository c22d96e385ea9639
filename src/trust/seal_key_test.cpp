#include <gtest/gtest.h>

#include "trust/keys.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

TEST(SealKey, ComesBackFromItsFile) {
  const auto made = make_seal_key();
  EXPECT_EQ(made.public_key.size(), seal_key_bytes);
  EXPECT_TRUE(is_seal_key(made.public_key));
  const auto read = read_seal_key(made.private_pem);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->public_key, made.public_key);
  EXPECT_NE(make_seal_key().public_key, made.public_key);
}

TEST(SealKey, OtherKeysAndTextsAreRefused) {
  const auto tls = make_tls_identity("xa", Instant{}, Instant::from_seconds(1000));
  ASSERT_TRUE(tls);
  // A TLS key is of the same curve, so it could seal; an Ed25519 key cannot.
  EXPECT_TRUE(read_seal_key(tls->key_pem));
  const auto good = make_seal_key().private_pem;
  for (const auto& text :
       {std::string(), key_1().to_pem(), tls->certificate_pem, good.substr(0, good.size() / 2),
        good + std::string(pem_bytes_max, ' ')}) {
    const auto read = read_seal_key(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::InvalidInput);
  }
}

}  // namespace
}  // namespace comity::trust
