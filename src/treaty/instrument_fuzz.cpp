// One instrument file of any bytes inside an otherwise good register: problems or a model, never a
// crash.
#include <cstdint>

#include "treaty/test_register.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto good = comity::treaty::test::good_register();
  auto files = good;
  files["instruments/bilateral/xa-xb-2024.toml"] =
      std::string(reinterpret_cast<const char*>(data), size);
  const auto model = comity::treaty::load_register(files, std::nullopt);
  if (model) {
    CHECK((*model)->instrument("xa-xb-2024"));
    CHECK((*model)->digest == comity::treaty::register_digest(files, std::nullopt));
  } else {
    CHECK(!model.error().empty());
    CHECK(!comity::treaty::as_error(model.error()).message.empty());
  }
  return 0;
}
