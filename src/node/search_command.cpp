#include "node/search_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/record.h"
#include "exchange/search.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

std::string count_text(const store::ValueCount& found) {
  return found.more ? fmt::format("more than {}", found.count) : fmt::format("{}", found.count);
}

std::string hit_text(const exchange::Node& node, const exchange::SearchHit& hit) {
  const auto& record = hit.record;
  return fmt::format("{} {} from {} {}{}\n", hit.by_value ? "value" : "text ", record.stix_id,
                     record.received_from.empty() ? node.party() : record.received_from,
                     record.state == store::RecordState::Live ? "" : "QUARANTINED ",
                     exchange::title_of(record));
}

json::Object hit_data(const exchange::Node& node, const exchange::SearchHit& hit) {
  const auto& record = hit.record;
  const bool live = record.state == store::RecordState::Live;
  json::Object out;
  out.set("found", hit.by_value ? "value" : "text");
  out.set("id", record.stix_id);
  out.set("type", record.type);
  out.set("name", exchange::title_of(record));
  out.set("digest", digest_text(record.digest));
  out.set("from", record.received_from.empty() ? node.party() : record.received_from);
  out.set("originator", record.originator);
  out.set("tlp", record.tlp);
  out.set("state", live ? "live" : "quarantined");
  if (!live) out.set("reason", record.quarantine_reason);
  return out;
}

json::Object value_data(const store::ValueCount& found) {
  json::Object out;
  out.set("kind", found.key.kind);
  out.set("value", found.key.value);
  out.set("count", found.count);
  out.set("more", found.more);
  return out;
}

Result<std::int64_t> limit_of(const json::Object& arguments) {
  const auto* limit = arguments.find("limit");
  if (limit == nullptr) return search_limit_default;
  if (limit->integer() != nullptr && *limit->integer() >= 1 &&
      *limit->integer() <= search_limit_max) {
    return *limit->integer();
  }
  return fail(ErrorKind::InvalidInput, fmt::format("--limit is from 1 to {}", search_limit_max));
}

// Pages until `limit` records are shown or nothing is left; whether something is.
Result<bool> add_pages(exchange::Node& node, const exchange::SearchRequest& request,
                       std::int64_t limit, Outcome& outcome, json::Object& data) {
  json::Array values, hits;
  exchange::SearchPosition at;
  TRY(const auto snapshot, node.store().read());
  for (bool first = true;; first = false) {
    const auto wanted =
        std::min(limit - static_cast<std::int64_t>(hits.size()), exchange::search_hits_max);
    TRY(const auto page, exchange::search(*snapshot, request, at, wanted));
    for (const auto& found : page.values) {
      if (!first) break;
      outcome.text +=
          fmt::format("{} {}: in {} records\n", found.key.kind, found.key.value, count_text(found));
      values.emplace_back(value_data(found));
    }
    for (const auto& hit : page.hits) {
      outcome.text += hit_text(node, hit);
      hits.emplace_back(hit_data(node, hit));
    }
    if (page.next && static_cast<std::int64_t>(hits.size()) < limit) {
      at = *page.next;
      continue;
    }
    if (hits.empty()) outcome.text += "nothing found\n";
    data.set("values", std::move(values));
    data.set("records", std::move(hits));
    data.set("values_waiting", page.backlog.values);
    data.set("texts_waiting", page.backlog.texts);
    if (page.backlog.values > 0 || page.backlog.texts > 0) {
      outcome.text += fmt::format(
          "not searched yet: {} records by value, {} by text; a serving node follows by itself\n",
          page.backlog.values, page.backlog.texts);
    }
    return page.next.has_value();
  }
}

}  // namespace

Result<Outcome> run_search(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto limit, limit_of(arguments));
  exchange::SearchRequest request;
  request.text = text_argument(arguments, "text");
  request.type = text_argument(arguments, "type");
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  TRY(const bool more, add_pages(node, request, limit, outcome, data));
  if (more) outcome.text += "there are more; --limit shows them\n";
  data.set("more", more);
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_search_rebuild(exchange::Node& node, const json::Object&) {
  TRY(const auto count, exchange::rebuild_search(node));
  Outcome outcome;
  outcome.text = watermark(node) + fmt::format("the indexes cover {} records again\n", count);
  auto data = data_of(node);
  data.set("records", count);
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
