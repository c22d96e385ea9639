#include "base/keyed_hash.h"

#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"

namespace comity {
namespace {

std::string counted_bytes(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<char>(i));
  return out;
}

std::string hash_text(Hash128 hash) {
  std::string bytes;
  for (const auto half : {hash.low, hash.high}) {
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(half >> (8 * i) & 0xff));
  }
  return hex(std::string_view(bytes));
}

// The vectors of the authors' reference code (vectors_sip128, key 00 01 … 0f, input 00 01 02 …).
TEST(keyed_hash, known_values) {
  const KeyedHash hash(counted_bytes(hash_key_bytes));
  EXPECT_EQ(hash_text(hash("")), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hash_text(hash(counted_bytes(1))), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(hash_text(hash(counted_bytes(15))), "5493e99933b0a8117e08ec0f97cfc3d9");
}

TEST(keyed_hash, depends_on_every_byte_of_text_and_key) {
  const auto key = counted_bytes(hash_key_bytes);
  const auto text = counted_bytes(40);
  std::set<std::string> seen = {hash_text(KeyedHash(key)(text))};
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto other = text;
    other[i] = static_cast<char>(other[i] ^ 0x40);
    EXPECT_TRUE(seen.insert(hash_text(KeyedHash(key)(other))).second) << i;
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    auto other = key;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_TRUE(seen.insert(hash_text(KeyedHash(other)(text))).second) << i;
  }
}

TEST(keyed_hash, one_object_gives_the_same_each_time_and_after_it_was_moved) {
  KeyedHash hash(counted_bytes(hash_key_bytes));
  const auto first = hash("text");
  EXPECT_NE(hash_text(hash("other")), hash_text(first));
  EXPECT_EQ(hash("text"), first);
  const KeyedHash moved(std::move(hash));
  EXPECT_EQ(moved("text"), first);
}

}  // namespace
}  // namespace comity
