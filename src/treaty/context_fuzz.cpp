// One of the files beside law, of any bytes inside an otherwise good register: problems or a model,
// never a crash. The first byte chooses the file.
#include <cstdint>

#include "treaty/context_file.h"
#include "treaty/test_register.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  static const auto good = treaty::test::good_register();
  if (size == 0) return 0;
  const auto& names = treaty::ContextReader::files();
  auto files = good;
  files[names[data[0] % names.size()]] =
      std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto model = treaty::load_register(files, std::nullopt);
  if (!model) {
    CHECK(!model.error().empty());
    return 0;
  }
  CHECK((*model)->digest == treaty::register_digest(files, std::nullopt));
  return 0;
}
