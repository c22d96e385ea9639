// What came from partners and what went to them: inbox, outbox, one disclosure.
#include <fmt/format.h>

#include <algorithm>

#include "api/exchange_json.h"
#include "exchange/protocol.h"
#include "exchange/receipt_counts.h"
#include "exchange/signers.h"
#include "json/parse.h"
#include "json/texts.h"

namespace comity::api {
namespace {

// What this node answered to what it received; nothing yet.
Result<std::optional<exchange::ReceiptCounts>> answer_to(exchange::Node& node,
                                                         store::Snapshot& snapshot,
                                                         const std::string& disclosure) {
  std::optional<exchange::ReceiptCounts> out;
  TRY(const auto row, snapshot.protocol(exchange::receipt_id(disclosure)));
  if (!row || row->direction != store::Direction::Sent) return out;
  TRY(out, exchange::receipt_counts(*row, exchange::own_signers(node)));
  return out;
}

Result<json::Object> inbox_row(exchange::Node& node, store::Snapshot& snapshot,
                               const store::ProtocolObject& row, Citations& citations) {
  TRY(const auto answered, answer_to(node, snapshot, row.id));
  const auto fates = answered.value_or(exchange::ReceiptCounts());
  // A receipt names each record of its disclosure once.
  auto records = fates.records();
  if (!answered) {
    TRY(records, disclosure_size(row));
  }
  json::Object out;
  out.set("disclosure", row.id);
  out.set("party", row.peer);
  out.set("number", row.number);
  out.set("time", format_rfc3339(row.at, 6));
  out.set("records", records);
  out.set("accepted", fates.accepted);
  out.set("quarantined", fates.quarantined);
  out.set("rejected", fates.rejected);
  TRY_STATUS(set_basis(row, citations, out));
  out.set("reasons", json::array_of(fates.reasons));
  return out;
}

Result<Answer> list_inbox(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  Citations citations(call.node.law());
  return protocol_page(
      call, *snapshot, "listInbox", exchange::disclosure_kind, store::Direction::Received,
      [&](const store::ProtocolObject& row) -> Result<std::optional<json::Object>> {
        TRY(auto out, inbox_row(call.node, *snapshot, row, citations));
        return std::optional(std::move(out));
      });
}

Result<Answer> list_outbox(Call& call) {
  const auto state = call.query_value("state");
  constexpr std::string_view states[] = {"receipt",   "missing", "collected", "waiting",
                                         "withdrawn", "served",  "recalled"};
  if (!state.empty() &&
      std::find(std::begin(states), std::end(states), state) == std::end(states)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no state; expected one of {}", state.substr(0, 100),
                            fmt::join(states, ", ")),
                "state");
  }
  TRY(const auto snapshot, call.node.store().read());
  Citations citations(call.node.law());
  SentRows rows(*snapshot, citations);
  return protocol_page(
      call, *snapshot, "listOutbox", exchange::disclosure_kind, store::Direction::Sent,
      [&](const store::ProtocolObject& row) -> Result<std::optional<json::Object>> {
        if (!state.empty()) {
          TRY(const auto found, rows.state_of(row));
          if (found != state) return std::optional<json::Object>();
        }
        TRY(auto out, rows.of(row));
        return std::optional(std::move(out));
      });
}

// The records of a disclosure that are held here, by their ids, in its order.
Result<json::Array> record_ids(store::Snapshot& snapshot, const store::ProtocolObject& row) {
  json::Array out;
  if (row.direction == store::Direction::Received) {
    TRY_STATUS(snapshot.records_by_source(row.id, [&](const store::Record& record) {
      if (out.size() < exchange::disclosure_records_max) out.emplace_back(hex(record.assertion_id));
      return Status();
    }));
    return out;
  }
  TRY(const auto grants, snapshot.grants_by_disclosure(row.peer, row.id));
  for (const auto& grant : grants) {
    TRY(const auto record, snapshot.record(grant.sequence));
    if (record) out.emplace_back(hex(record->assertion_id));
  }
  return out;
}

Result<json::Object> shown(Call& call, store::Snapshot& snapshot,
                           const store::ProtocolObject& row) {
  Citations citations(call.node.law());
  if (row.direction == store::Direction::Sent) return SentRows(snapshot, citations).of(row);
  TRY(auto out, inbox_row(call.node, snapshot, row, citations));
  out.set("state", "receipt");  // received is what was answered
  return out;
}

Result<Answer> read_disclosure(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto row, snapshot->protocol(call.path_value("disclosure")));
  // Other statements are no disclosures, and nobody learns here that they are there.
  if (!row || row->kind != exchange::disclosure_kind) {
    return fail(ErrorKind::NotFound, "this node holds no disclosure with this id");
  }
  TRY(auto out, shown(call, *snapshot, *row));
  TRY(auto ids, record_ids(*snapshot, *row));
  out.set("record_ids", std::move(ids));
  TRY(auto statement, json::parse(row->bytes));
  out.set("statement", std::move(statement));
  TRY(const auto receipt, snapshot->protocol(exchange::receipt_id(row->id)));
  json::Value answered;
  if (receipt) {
    TRY(answered, json::parse(receipt->bytes));
  }
  out.set("receipt", std::move(answered));
  Answer answer;
  answer.body = std::move(out);
  return answer;
}

}  // namespace

std::vector<Route> disclosure_routes() {
  return {
      {"listInbox",
       "GET",
       "/api/v1/inbox",
       Access::SignedIn,
       exchange_readers(),
       {"cursor", "limit"},
       Body::None,
       false,
       list_inbox},
      {"listOutbox",
       "GET",
       "/api/v1/outbox",
       Access::SignedIn,
       release_readers(),
       {"state", "cursor", "limit"},
       Body::None,
       false,
       list_outbox},
      {"readDisclosure",
       "GET",
       "/api/v1/disclosures/{disclosure}",
       Access::SignedIn,
       exchange_readers(),
       {},
       Body::None,
       false,
       read_disclosure},
  };
}

}  // namespace comity::api
