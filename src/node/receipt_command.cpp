#include "node/receipt_command.h"

#include <fmt/format.h>

#include "exchange/receipts.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

std::string standing_text(const exchange::SentStanding& item) {
  auto out = fmt::format("{:<6} number {}  {}  {} records  {}", item.party, item.number,
                         format_rfc3339(item.time), item.records, exchange::name(item.state));
  if (item.state == exchange::SentState::Receipt) {
    out += fmt::format(": {} accepted, {} quarantined, {} rejected", item.accepted,
                       item.quarantined, item.rejected);
  }
  if (!item.outpost.empty()) {
    out += fmt::format("; outpost {}: {} taken, {} refused, as its server says, unsigned",
                       item.outpost, item.taken, item.refused);
  }
  if (item.collected > 0) out += fmt::format("; {} read from the view", item.collected);
  out += '\n';
  for (const auto& reason : item.reasons) out += fmt::format("         {}\n", reason);
  return out;
}

json::Object standing_data(const exchange::SentStanding& item) {
  json::Object out;
  out.set("party", item.party);
  out.set("number", item.number);
  out.set("disclosure", item.disclosure);
  out.set("time", format_rfc3339(item.time, 6));
  out.set("records", item.records);
  out.set("state", exchange::name(item.state));
  out.set("accepted", item.accepted);
  out.set("quarantined", item.quarantined);
  out.set("rejected", item.rejected);
  json::Array reasons;
  for (const auto& reason : item.reasons) reasons.emplace_back(reason);
  out.set("reasons", std::move(reasons));
  out.set("collected", item.collected);
  if (!item.outpost.empty()) {
    out.set("outpost", item.outpost);
    out.set("taken", item.taken);
    out.set("refused", item.refused);
  }
  return out;
}

}  // namespace

Result<Outcome> run_receipt_list(exchange::Node& node, const json::Object& arguments) {
  const auto party = text_argument(arguments, "party");
  TRY(const auto all, exchange::sent_standing(node, party));
  Outcome outcome;
  outcome.text = watermark(node);
  json::Array rows;
  for (const auto& item : all) {
    outcome.text += standing_text(item);
    rows.push_back(standing_data(item));
  }
  if (all.empty()) {
    outcome.text +=
        fmt::format("nothing was disclosed{} yet\n", party.empty() ? "" : " to " + party);
  }
  auto data = data_of(node);
  data.set("sent", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
