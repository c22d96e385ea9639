#include <cstddef>
#include <cstdint>

#include "trust/keys.h"
#include "trust/pairing.h"

using namespace comity;

// What can be read must come out and be read again as the same; the digits of a document with
// itself must be refused, as nobody invites themselves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto now = Instant::from_seconds(1'795'000'000);
  const auto read = trust::read_invitation(text, now);
  if (read) {
    const auto written = trust::write_invitation(*read);
    CHECK(trust::read_invitation(written, now).has_value());
  }
  CHECK(!trust::comparison_digits(text, text));
  CHECK(!trust::open_key_record(text, std::string(32, 'k')));
  return 0;
}
