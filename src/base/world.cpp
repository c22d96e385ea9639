#include "base/world.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <chrono>

#include "base/bytes.h"

namespace comity {
namespace {

class SystemClock : public Clock {
 public:
  Instant now() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
};

class SystemRandom : public Random {
 public:
  std::string bytes(std::size_t count) override {
    std::string out(count, '\0');
    CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
    return out;
  }
};

std::string uuid_text(std::string bytes, int version) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  auto text = hex(bytes);
  for (const std::size_t position : {20U, 16U, 12U, 8U}) text.insert(position, "-");
  return text;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

std::string SeededRandom::bytes(std::size_t count) {
  std::string out;
  while (out.size() < count) {
    out += view(sha256(std::to_string(seed_) + ":" + std::to_string(drawn_++)));
  }
  out.resize(count);
  return out;
}

std::string uuid4(Random& random) { return uuid_text(random.bytes(16), 4); }

std::string uuid5(const std::string& space, const std::string& name) {
  std::string digits;
  for (const char c : space) {
    if (c != '-') digits.push_back(c);
  }
  const auto space_bytes = from_hex(digits);
  CHECK(space_bytes.has_value() && space_bytes->size() == 16);
  const auto input = *space_bytes + name;
  std::string out(20, '\0');
  CHECK(EVP_Digest(input.data(), input.size(), reinterpret_cast<unsigned char*>(out.data()),
                   nullptr, EVP_sha1(), nullptr) == 1);
  out.resize(16);
  return uuid_text(out, 5);
}

}  // namespace comity
