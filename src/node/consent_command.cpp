#include "node/consent_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/consent.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

json::Object row_data(const exchange::ConsentRow& row) {
  json::Object out;
  out.set("request", row.request);
  out.set("asked_by_us", row.asked_by_us);
  out.set("party", row.party);
  out.set("recipient", row.recipient);
  out.set("purpose", row.purpose);
  json::Array records, held;
  for (const auto& record : row.records) records.emplace_back(digest_text(record));
  for (const auto& id : row.held) held.emplace_back(id);
  out.set("records", std::move(records));
  out.set("held", std::move(held));
  out.set("state", row.state);
  if (!row.consent.empty()) out.set("consent", row.consent);
  if (row.until) out.set("until", format_rfc3339(*row.until));
  out.set("once", row.once);
  if (!row.ground.empty()) out.set("ground", row.ground);
  if (!row.told.empty()) out.set("told", row.told);
  return out;
}

std::string row_text(const exchange::ConsentRow& row) {
  auto out = fmt::format("{}\n    {} {}: may {} records go to {} for {}: {}", row.request,
                         row.asked_by_us ? "asked of" : "asked by", row.party, row.records.size(),
                         row.recipient, row.purpose, row.state);
  if (!row.ground.empty()) out += " (" + row.ground + ")";
  if (row.once) out += ", once";
  if (row.until) out += ", until " + format_rfc3339(*row.until);
  if (!row.told.empty() && row.told != "taken") out += ", our word to them: " + row.told;
  out += '\n';
  if (!row.consent.empty()) out += fmt::format("    {}\n", row.consent);
  for (const auto& id : row.held) out += fmt::format("      {}\n", id);
  const auto unknown = row.records.size() - row.held.size();
  if (unknown > 0) out += fmt::format("      {} records that are not held here\n", unknown);
  return out;
}

Result<exchange::ConsentTerms> terms_of(const json::Object& arguments) {
  exchange::ConsentTerms terms;
  terms.once = arguments.find("once") != nullptr;
  const auto until = text_argument(arguments, "until");
  if (until.empty()) return terms;
  auto parsed = parse_day_or_instant(until);
  if (!parsed) return tl::unexpected<Error>(std::move(parsed.error()).at("--until"));
  terms.until = *parsed;
  return terms;
}

Result<Outcome> told(exchange::Node& node, const char* what, const char* member,
                     const std::string& id) {
  Outcome outcome;
  outcome.text = watermark(node) + fmt::format("{} {}\n", what, id);
  auto data = data_of(node);
  data.set(member, id);
  TRY_STATUS(send_and_tell(node, outcome, data));
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace

Status send_and_tell(exchange::Node& node, Outcome& outcome, json::Object& data) {
  TRY(const auto all, exchange::send_statements(node));
  json::Array rows;
  for (const auto& item : all) {
    outcome.text += fmt::format("  {} to {}: {}\n", item.type, item.party,
                                item.taken   ? "taken"
                                : item.waits ? "NOT SENT YET: " + item.error
                                             : "REFUSED: " + item.error);
    json::Object row;
    row.set("id", item.id);
    row.set("type", item.type);
    row.set("party", item.party);
    row.set("taken", item.taken);
    if (!item.error.empty()) row.set("error", item.error);
    rows.push_back(std::move(row));
    if (!item.taken) outcome.exit_code = std::max(outcome.exit_code, item.waits ? 3 : 1);
  }
  data.set("told", std::move(rows));
  return {};
}

Result<Outcome> run_consent_ask(exchange::Node& node, const json::Object& arguments) {
  const auto recipient = text_argument(arguments, "recipient");
  TRY(const auto asked, exchange::ask_consent(node, list_argument(arguments, "ids"), recipient,
                                              text_argument(arguments, "purpose")));
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  json::Array rows;
  for (const auto& item : asked) {
    outcome.text += fmt::format("{}\n  asks {}: may {} records go to {} for {}\n", item.request,
                                item.originator, item.records, recipient, item.purpose);
    json::Object row;
    row.set("request", item.request);
    row.set("originator", item.originator);
    row.set("purpose", item.purpose);
    row.set("records", static_cast<std::int64_t>(item.records));
    rows.push_back(std::move(row));
  }
  data.set("requests", std::move(rows));
  TRY_STATUS(send_and_tell(node, outcome, data));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_consent_list(exchange::Node& node, const json::Object&) {
  TRY(const auto all, exchange::consents(node));
  return listed(node, "consents", all, row_text, row_data);
}

Result<Outcome> run_consent_grant(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto terms, terms_of(arguments));
  TRY(const auto id, exchange::grant_consent(node, text_argument(arguments, "id"), terms));
  return told(node, "granted by", "consent", id);
}

Result<Outcome> run_consent_refuse(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto id, exchange::refuse_consent(node, text_argument(arguments, "id"),
                                              text_argument(arguments, "ground")));
  return told(node, "refused by", "refusal", id);
}

Result<Outcome> run_consent_withdraw(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto id, exchange::withdraw_consent(node, text_argument(arguments, "id")));
  return told(node, "withdrawn by", "withdrawal", id);
}

}  // namespace comity::node
