#include <cstddef>
#include <cstdint>
#include <string>

#include "exchange/statement.h"
#include "trust/keys.h"

using namespace comity;

// What can be read is written again and read as the same; without its signature nothing is opened.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = trust::SigningKey::generate();
  const std::string text(reinterpret_cast<const char*>(data), size);
  CHECK(!exchange::open_statement(text, key.public_key()));
  const auto read = exchange::read_statement(text);
  if (!read) return 0;
  const auto written = exchange::sign(*read, key);
  const auto again = exchange::open_statement(written.bytes, key.public_key());
  // Instants are written with microseconds, all others as they were read.
  CHECK(again && again->body == read->body && again->id == read->id);
  CHECK(exchange::sign(*again, key).bytes == written.bytes);
  return 0;
}
