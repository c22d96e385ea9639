// Search in what this node holds. Who may read the list of records may search it: both show the
// same records, and the counts are of these.
#include <fmt/format.h>

#include "api/cursor.h"
#include "api/exchange_json.h"
#include "exchange/search.h"
#include "stix/searchable.h"

namespace comity::api {
namespace {

constexpr std::string_view search_list_name = "search";
constexpr std::string_view of_values = "value:", of_texts = "text:";
constexpr std::size_t type_bytes_max = 100;

// A position is told as the record behind which the search goes on: numbers never leave the node.
Result<std::string> cursor_of(store::Snapshot& snapshot, const exchange::SearchPosition& at) {
  std::string position(at.in_text ? of_texts : of_values);
  if (at.before != INT64_MAX) {
    TRY(const auto record, snapshot.record(at.before));
    if (!record) return fail(ErrorKind::Corrupt, "a record that was found is missing");
    position += hex(record->assertion_id);
  }
  return write_cursor(search_list_name, position);
}

Result<exchange::SearchPosition> position_of(store::Snapshot& snapshot, std::string_view cursor) {
  TRY(const auto text, read_cursor(search_list_name, cursor));
  exchange::SearchPosition out;
  if (text.empty()) return out;
  out.in_text = text.starts_with(of_texts);
  if (text == of_texts) return out;
  const auto id = std::string_view(text).substr((out.in_text ? of_texts : of_values).size());
  const auto record = record_named(snapshot, id);
  if ((out.in_text || text.starts_with(of_values)) && record) {
    out.before = record->sequence;
    return out;
  }
  return fail(ErrorKind::InvalidInput, "this is no cursor of this list", "cursor");
}

json::Array values_json(const exchange::SearchPage& page) {
  json::Array out;
  for (const auto& found : page.values) {
    json::Object row;
    row.set("kind", found.key.kind);
    row.set("value", found.key.value);
    row.set("count", found.count);
    row.set("more", found.more);
    out.push_back(std::move(row));
  }
  return out;
}

Result<Answer> search(Call& call) {
  TRY(const auto limit, page_limit(call));
  exchange::SearchRequest request;
  request.text = call.query_value("q");
  request.type = call.query_value("type");
  if (request.type.size() > type_bytes_max) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} bytes; a type has at most {}", request.type.size(), type_bytes_max),
                "type");
  }
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto from, position_of(*snapshot, call.query_value("cursor")));
  auto found = exchange::search(*snapshot, request, from, limit);
  if (!found) return tl::unexpected<Error>(std::move(found).error().at("q"));
  json::Array items;
  for (const auto& hit : found->hits) {
    auto row = record_row(hit.record);
    row.set("found", hit.by_value ? "value" : "text");
    items.emplace_back(std::move(row));
  }
  json::Object body;
  body.set("values", values_json(*found));
  body.set("items", std::move(items));
  body.set("next", nullptr);
  if (found->next) {
    TRY(auto next, cursor_of(*snapshot, *found->next));
    body.set("next", std::move(next));
  }
  body.set("values_waiting", found->backlog.values);
  body.set("texts_waiting", found->backlog.texts);
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

}  // namespace

std::vector<Route> search_routes() {
  return {
      {"search",
       "GET",
       "/api/v1/search",
       Access::SignedIn,
       exchange_readers(),
       {"q", "type", "cursor", "limit"},
       Body::None,
       false,
       search},
  };
}

}  // namespace comity::api
