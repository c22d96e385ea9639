// Bytes as a request in JSON, decided on a fixed register: nothing crashes, and what is permitted
// names the article that permits it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json/parse.h"
#include "treaty/reference.h"
#include "treaty/test_model.h"

using namespace comity;
using namespace comity::treaty;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Model model = test::random_model(4);
  static const Verifications own = test::verify_all(model);
  const auto value = json::parse({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const auto request = request_from_json(*value, test::instant("2018-01-15"));
  if (!request) return 0;
  const auto resolved = resolve(model, *request);
  if (!resolved) {
    const auto verdict = invalid_request(model, resolved.error());
    CHECK(!verdict.reasons.empty());
    CHECK(json::parse(to_json(verdict)).has_value());
    return 0;
  }
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const auto verdict = decide_by_reference(model, own, mode, *resolved);
    CHECK(verdict.kind != VerdictKind::Permitted || !verdict.basis.empty());
    CHECK(json::parse(to_json(verdict)).has_value());
    CHECK(!to_text(verdict).empty());
  }
  return 0;
}
