#include "node/recall_command.h"

#include <fmt/format.h>

#include "exchange/recall.h"
#include "node/command_parts.h"
#include "node/consent_command.h"

namespace comity::node {
namespace {

json::Object row_data(const exchange::RecallRow& row) {
  json::Object out;
  out.set("recall", row.recall);
  out.set("ours", row.ours);
  out.set("party", row.party);
  if (!row.passes_on.empty()) out.set("passes_on", row.passes_on);
  out.set("reason", row.reason);
  json::Array records;
  for (const auto& record : row.records) records.emplace_back(digest_text(record));
  out.set("records", std::move(records));
  if (row.replaced_by) out.set("replaced_by", digest_text(*row.replaced_by));
  out.set("state", row.state);
  out.set("copies", row.copies);
  out.set("passed_on", row.passed_on);
  out.set("awaiting", row.awaiting);
  if (!row.told.empty()) out.set("told", row.told);
  return out;
}

std::string row_text(const exchange::RecallRow& row) {
  auto out = fmt::format("{}\n    {} {}, {} records, {}: {}", row.recall, row.ours ? "from" : "by",
                         row.party, row.records.size(), row.reason, row.state);
  if (row.passed_on > 0) {
    out += fmt::format(", passed on {} times, {} not confirmed yet", row.passed_on, row.awaiting);
  }
  if (!row.told.empty() && row.told != "taken") out += ", our word to them: " + row.told;
  out += '\n';
  if (!row.passes_on.empty()) out += fmt::format("    passes on {}\n", row.passes_on);
  if (row.replaced_by) out += fmt::format("    use {} instead\n", digest_text(*row.replaced_by));
  return out;
}

}  // namespace

Result<Outcome> run_recall(exchange::Node& node, const json::Object& arguments) {
  exchange::RecallOrder order;
  order.ids = list_argument(arguments, "ids");
  order.parties = list_argument(arguments, "to");
  order.reason = text_argument(arguments, "reason");
  const auto replaced_by = text_argument(arguments, "replaced_by");
  if (!replaced_by.empty()) {
    auto digest = digest_from_text(replaced_by);
    if (!digest) return tl::unexpected<Error>(std::move(digest.error()).at("--replaced-by"));
    order.replaced_by = *digest;
  }
  TRY(const auto said, exchange::recall(node, order));
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  json::Array rows;
  for (const auto& item : said) {
    outcome.text +=
        fmt::format("{}\n  recalls {} records from {}\n", item.recall, item.records, item.party);
    if (item.by_hand) {
      outcome.text += fmt::format(
          "  {} has no node: nobody there confirms this; tell its officers by hand\n", item.party);
    }
    json::Object row;
    row.set("recall", item.recall);
    row.set("party", item.party);
    if (item.by_hand) row.set("by_hand", true);
    row.set("records", static_cast<std::int64_t>(item.records));
    rows.push_back(std::move(row));
  }
  data.set("recalls", std::move(rows));
  TRY_STATUS(send_and_tell(node, outcome, data));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_recall_list(exchange::Node& node, const json::Object&) {
  TRY(const auto all, exchange::recalls(node));
  return listed(node, "recalls", all, row_text, row_data);
}

Result<Outcome> run_send(exchange::Node& node, const json::Object&) {
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  TRY_STATUS(send_and_tell(node, outcome, data));
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
