// A national overlay of any bytes inside an otherwise good register: problems, or rules that forbid
// or demand and leave declining alone, never a crash.
#include <cstdint>

#include "treaty/request.h"
#include "treaty/test_register.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  static const auto good = treaty::test::good_register();
  auto files = good;
  files["overlays/xa.toml"] = std::string(reinterpret_cast<const char*>(data), size);
  const auto model = treaty::load_register(files, std::nullopt);
  if (!model) {
    CHECK(!model.error().empty());
    return 0;
  }
  constexpr auto declining = bit(treaty::Action::Refuse) | bit(treaty::Action::Withdraw);
  CHECK((*model)->overlays.size() == 1 && !(*model)->overlays[0].rules.empty());
  for (const auto& rule : (*model)->overlays[0].rules) {
    CHECK(rule.actions != 0 && (rule.actions & declining) == 0);
    CHECK(rule.forbids == rule.needs.empty());
    CHECK(!rule.to || rule.to->any());
  }
  return 0;
}
