#include "exchange/receipts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "exchange/protocol.h"
#include "exchange/read_log.h"
#include "exchange/withdrawal.h"

namespace comity::exchange {
namespace {

Status add_receipt(const store::ProtocolObject& row, const std::string& key, SentStanding& out) {
  TRY(const auto receipt, open_receipt(row.bytes, key));
  out.state = SentState::Receipt;
  for (const auto& fate : receipt.results) {
    ++(fate.result == "accepted"      ? out.accepted
       : fate.result == "quarantined" ? out.quarantined
                                      : out.rejected);
    if (!fate.reason.empty() &&
        std::find(out.reasons.begin(), out.reasons.end(), fate.reason) == out.reasons.end()) {
      out.reasons.push_back(fate.reason);
    }
  }
  return {};
}

// What of one party's disclosures is the same for all of them.
struct Recipient {
  std::optional<store::Peer> peer;
  std::vector<ReadRange> reads;
};

Result<SentStanding> standing_of(store::Snapshot& snapshot, const store::ProtocolObject& row,
                                 const Recipient& recipient) {
  SentStanding out;
  out.disclosure = row.id;
  out.party = row.peer;
  out.number = row.number;
  out.time = row.at;
  TRY(const auto grants, snapshot.grants_by_disclosure(row.peer, row.id));
  out.records = static_cast<std::int64_t>(grants.size());
  TRY(out.collected, collected_of(snapshot, row.peer, row.id, recipient.reads));
  TRY(const auto receipt, snapshot.protocol(receipt_id(row.id)));
  if (receipt && recipient.peer) {
    TRY_STATUS(add_receipt(*receipt, recipient.peer->node_key, out));
    return out;
  }
  TRY(const auto withdrawal, withdrawal_of(snapshot, row.id));
  const bool has_node = recipient.peer && recipient.peer->confirmed;
  out.state = withdrawal ? is_of_served(*withdrawal) ? SentState::Served : SentState::Withdrawn
              : has_node ? SentState::Missing
              : out.collected == out.records ? SentState::Collected
                                             : SentState::Waiting;
  return out;
}

}  // namespace

const char* name(SentState state) {
  switch (state) {
    case SentState::Receipt:
      return "receipt";
    case SentState::Missing:
      return "missing";
    case SentState::Collected:
      return "collected";
    case SentState::Waiting:
      return "waiting";
    case SentState::Withdrawn:
      return "withdrawn";
    case SentState::Served:
      return "served";
  }
  return "missing";
}

Result<std::vector<SentStanding>> sent_standing(const Node& node, const std::string& party) {
  if (!party.empty() && !node.law()->model().party(party)) {
    return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no party of the register", party));
  }
  TRY(const auto snapshot, node.store().read());
  TRY(auto rows, snapshot->protocols("comity-disclosure", store::Direction::Sent, party));
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.peer, a.number) < std::tie(b.peer, b.number);
  });
  std::map<std::string, Recipient> recipients;
  std::vector<SentStanding> out;
  for (const auto& row : rows) {
    const auto [recipient, first] = recipients.try_emplace(row.peer);
    if (first) {
      TRY(recipient->second.peer, snapshot->peer(row.peer));
      TRY(recipient->second.reads, reads_of(*snapshot, row.peer));
    }
    TRY(auto standing, standing_of(*snapshot, row, recipient->second));
    out.push_back(std::move(standing));
  }
  return out;
}

}  // namespace comity::exchange
