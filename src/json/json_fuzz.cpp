// Whatever is accepted must survive being written and read again, and reading must agree with
// splitting, with streaming, and with checking in pieces.
#include <cstdint>

#include "json/parse.h"
#include "json/reader.h"
#include "json/stream.h"
#include "json/write.h"

using namespace comity;

namespace {

void check_split(std::string_view text, const Result<json::Value>& whole) {
  json::Array elements;
  bool elements_good = true;
  const auto rest = json::split(text, "o", [&](std::string_view element, std::size_t index) {
    CHECK(index == elements.size() || !elements_good);
    CHECK(element.data() >= text.data() &&
          element.data() + element.size() <= text.data() + text.size());
    auto value = json::parse(element);
    elements_good = elements_good && value.has_value();
    if (elements_good) elements.push_back(*std::move(value));
    return Status{};
  });
  const auto* array = whole ? whole->find("o") : nullptr;
  if (!rest) {
    CHECK(array == nullptr || array->array() == nullptr);
    return;
  }
  // Splitting does not look for duplicate names inside elements; parsing them one by one does.
  CHECK(whole.has_value() == elements_good);
  if (!whole) return;
  CHECK(array != nullptr && array->array() != nullptr && *array->array() == elements);
  CHECK(rest->size() + 1 == whole->object()->size());
}

void check_stream(std::string_view text, const Result<json::Value>& whole) {
  json::Array elements;
  bool elements_good = true;
  const auto told = json::stream(text, "o", [&](std::string_view element, std::size_t) {
    CHECK(element.data() >= text.data() &&
          element.data() + element.size() <= text.data() + text.size());
    auto value = json::parse(element);
    elements_good = elements_good && value.has_value();
    if (elements_good) elements.push_back(*std::move(value));
    return Status{};
  });
  const bool is_object = whole && whole->object() != nullptr;
  CHECK(is_object == (told.has_value() && elements_good));
  if (!told) CHECK(!told.error().message.empty());
  if (!is_object) return;
  const auto* array = whole->find("o");
  CHECK(told->has_array == (array != nullptr && array->array() != nullptr));
  auto members = told->members;
  if (told->has_array) members.set("o", std::move(elements));
  CHECK(json::Value(std::move(members)) == *whole);
}

void check_pieces(std::string_view text) {
  const auto whole = json::validate(text);
  for (const std::size_t piece : {1U, 5U}) {
    const auto pieces = json::validate(text, {}, piece);
    CHECK(pieces.has_value() == whole.has_value());
    CHECK(whole || pieces.error().text() == whole.error().text());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = json::parse(text);
  if (value) {
    const auto canonical = json::canonical(*value);
    const auto again = json::parse(canonical);
    CHECK(again.has_value() && json::canonical(*again) == canonical);
    const auto written = json::parse(json::write(*value));
    CHECK(written.has_value() && *written == *value);
    const auto pretty = json::parse(json::write_pretty(*value));
    CHECK(pretty.has_value() && *pretty == *value);
  } else {
    CHECK(!value.error().message.empty());
  }
  check_split(text, value);
  check_stream(text, value);
  check_pieces(text);
  return 0;
}
