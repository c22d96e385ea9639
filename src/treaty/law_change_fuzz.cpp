// A file of suspensions, or one of denunciations, of any bytes inside an otherwise good register:
// problems or a model that holds what it may hold, never a crash. The first byte chooses the file.
#include <cstdint>

#include "treaty/test_register.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  static const auto good = treaty::test::good_register();
  if (size == 0) return 0;
  auto files = good;
  const auto* path = data[0] == 'd' ? "denunciations/x.toml" : "suspensions/x.toml";
  files[path] = std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto model = treaty::load_register(files, std::nullopt);
  if (!model) {
    CHECK(!model.error().empty());
    return 0;
  }
  for (const auto& one : (*model)->suspensions) {
    CHECK(!one.until || *one.until > one.from);
    for (const auto& other : (*model)->suspensions) {
      CHECK(&one == &other || one.party != other.party || !other.lasts(one.from));
    }
  }
  for (const auto& one : (*model)->denunciations) CHECK(one.effective >= one.notified);
  return 0;
}
