#include <cstddef>
#include <cstdint>

#include "ledger/note.h"

using namespace comity;

// Every signature is taken as good, so that the form alone decides; what is read is then the only
// spelling of its text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view note(reinterpret_cast<const char*>(data), size);
  const auto origin = note.substr(0, note.find('\n'));
  const auto read = ledger::open_checkpoint(
      note, origin, std::string(32, 'k'), [](std::string_view, std::string_view) { return true; });
  if (read) {
    const auto written = ledger::sign_checkpoint(
        *read, std::string(32, 'k'), [](std::string_view) { return std::string(64, 's'); });
    const auto text = written.substr(0, written.find("\n\n") + 2);
    CHECK(note.starts_with(text));
  }
  return 0;
}
