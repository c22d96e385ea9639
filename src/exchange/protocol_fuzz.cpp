// Bytes as a disclosure and as a receipt: what can be read is written again and read as the same;
// without its signature nothing is opened.
#include <cstddef>
#include <cstdint>
#include <string>

#include "exchange/protocol.h"
#include "trust/keys.h"

using namespace comity;

namespace {

void as_disclosure(const std::string& text, const trust::SigningKey& key) {
  CHECK(!exchange::open_disclosure(text, key.public_key()));
  const auto read = exchange::read_disclosure(text);
  if (!read) return;
  CHECK(!read->records.empty() && read->records.size() <= exchange::disclosure_records_max);
  CHECK(read->named == !read->root);
  const auto written = exchange::sign(*read, key).bytes;
  const auto again = exchange::open_disclosure(written, key.public_key());
  CHECK(again && again->records.size() == read->records.size());
  CHECK(exchange::sign(*again, key).bytes == written);
}

void as_receipt(const std::string& text, const trust::SigningKey& key) {
  CHECK(!exchange::open_receipt(text, key.public_key()));
  const auto read = exchange::read_receipt(text);
  if (!read) return;
  const auto written = exchange::sign(*read, key).bytes;
  const auto again = exchange::open_receipt(written, key.public_key());
  CHECK(again && again->results == read->results && again->root == read->root);
  CHECK(exchange::sign(*again, key).bytes == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = trust::SigningKey::generate();
  const std::string text(reinterpret_cast<const char*>(data), size);
  as_disclosure(text, key);
  as_receipt(text, key);
  return 0;
}
