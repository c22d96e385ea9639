// Bytes as what a person searches for, and as an object that is indexed: canonical forms are their
// own forms, bounds hold, and nothing crashes.
#include <cstddef>
#include <cstdint>

#include "stix/searchable.h"

using namespace comity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto phrases = stix::phrases_of(text)) {
    CHECK(phrases->size() <= stix::phrases_max);
    // Only what is UTF-8 comes so far: the reader of objects refuses everything else, too.
    const auto asked = stix::values_asked(text);
    CHECK(asked.size() <= stix::looked_up_max);
    for (const auto& value : asked) CHECK(!value.empty() && value.size() <= stix::value_bytes_max);
    for (std::size_t i = 0; i < stix::value_kind_count; ++i) {
      const auto once = stix::canonical_value(static_cast<stix::ValueKind>(i), text);
      if (!once) continue;
      CHECK(!once->value.empty() && once->value.size() <= stix::value_bytes_max);
    }
  }
  (void)stix::text_form(text);
  const auto object = stix::read_object(text);
  if (!object) return 0;
  CHECK(stix::values_of(*object).size() <= stix::values_max);
  CHECK(stix::text_of(*object).size() <= stix::text_bytes_max);
  return 0;
}
