// Bytes as what is kept of a delivery to an outpost: what is read is written again as the same, and
// names only objects that are there.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exchange/outpost_state.h"

using namespace comity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto state = exchange::read_post_state(text);
  if (!state) {
    CHECK(!state.error().message.empty());
    return 0;
  }
  CHECK(exchange::write_post_state(*state) == text);
  for (const auto& one : state->refusals) CHECK(one.object < state->objects.size());
  for (const auto& [object, times] : state->faults) {
    CHECK(object < state->objects.size() && times < exchange::object_faults_max);
  }
  if (state->submission) {
    for (const auto object : state->submission->objects) CHECK(object < state->objects.size());
  }
  return 0;
}
