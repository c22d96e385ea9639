// Bytes as an envelope and as a status resource. The objects of an envelope go into a page and come
// out of it byte for byte; a status that is read is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/parse.h"
#include "stix/object.h"
#include "taxii/message.h"

using namespace comity;

namespace {

// The elements of `objects`, and what stands beside them.
Result<json::Object> read_envelope(std::string_view text, std::vector<std::string>& objects) {
  return json::split(text, "objects", [&](std::string_view element, std::size_t) {
    objects.emplace_back(element);
    return Status{};
  });
}

void check_envelope(std::string_view text) {
  std::vector<std::string> objects;
  const auto beside = read_envelope(text, objects);
  if (!beside) {
    const auto body = json::parse(taxii::answer_error(beside.error()).body);
    CHECK(body.has_value() && !body->text("title").empty());
    return;
  }
  taxii::Page page;
  page.more = beside->find("more") != nullptr;
  page.next = json::Value(*beside).text("next");
  for (const auto& bytes : objects) {
    const auto object = stix::read_object(bytes);
    CHECK(object.has_value() || !object.error().message.empty());
    page.items.push_back({bytes, Instant{static_cast<std::int64_t>(page.items.size())}});
  }
  const auto answer = taxii::answer_page(page);
  if (objects.empty() && !page.more) {
    CHECK(answer.body == "{}");
    return;
  }
  if (objects.empty()) return;
  std::vector<std::string> again;
  const auto beside_again = read_envelope(answer.body, again);
  CHECK(beside_again.has_value() && again == objects);
  const json::Value members(*beside_again);
  CHECK((members.find("more") != nullptr) == page.more);
  CHECK(members.text("next") == (page.more ? page.next : ""));
  CHECK(answer.header("X-TAXII-Date-Added-First") && answer.header("X-TAXII-Date-Added-Last"));
}

void check_status(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return;
  const auto status = taxii::status_from_json(*value);
  if (!status) {
    CHECK(!status.error().message.empty());
    return;
  }
  const auto again = taxii::status_from_json(taxii::to_json(*status));
  CHECK(again.has_value() && again->id == status->id && again->requested == status->requested);
  CHECK(again->fates.size() == status->fates.size());
  // Successes stand before failures in both, so the order is the same.
  for (std::size_t i = 0; i < again->fates.size(); ++i) {
    const auto &one = again->fates[i], &other = status->fates[i];
    CHECK(one.id == other.id && one.version == other.version && one.message == other.message &&
          one.failed == other.failed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_envelope(text);
  check_status(text);
  return 0;
}
