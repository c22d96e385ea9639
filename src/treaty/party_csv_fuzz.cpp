// A table of party status of any bytes into a good agreement: problems with places, or a file that
// loads and that the same table does not change again; never a crash.
#include <cstdint>

#include "treaty/party_edit.h"
#include "treaty/test_register.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  static const auto good = treaty::test::good_register();
  static const std::string path = "instruments/bilateral/xa-xb-2024.toml";
  const std::string_view csv(reinterpret_cast<const char*>(data), size);
  const auto edit = treaty::import_parties(good, path, "t.csv", csv);
  if (!edit) {
    CHECK(!edit.error().empty());
    for (const auto& one : edit.error()) CHECK(one.file.empty() || one.line > 0);
    return 0;
  }
  auto files = good;
  files[path] = edit->text;
  CHECK(treaty::load_register(files, std::nullopt).has_value());
  const auto again = treaty::import_parties(files, path, "t.csv", csv);
  CHECK(again.has_value());
  CHECK(again->changes.empty());
  CHECK(again->text == edit->text);
  return 0;
}
