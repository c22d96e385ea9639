#include "exchange/receipts.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "exchange/outpost_delivery.h"
#include "exchange/protocol.h"
#include "exchange/receipt_counts.h"
#include "exchange/withdrawal.h"
#include "treaty/party_names.h"

namespace comity::exchange {
namespace {

Status add_receipt(const store::ProtocolObject& row, const Signers& key, SentStanding& out) {
  TRY(auto counts, receipt_counts(row, key));
  out.state = SentState::Receipt;
  out.accepted = counts.accepted;
  out.quarantined = counts.quarantined;
  out.rejected = counts.rejected;
  out.reasons = std::move(counts.reasons);
  return {};
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
    case SentState::Acknowledged:
      return "acknowledged";
    case SentState::Waiting:
      return "waiting";
    case SentState::Withdrawn:
      return "withdrawn";
    case SentState::Served:
      return "served";
  }
  return "missing";
}

Result<const Standings::Recipient*> Standings::recipient(const std::string& party) {
  const auto [at, first] = recipients_.try_emplace(party);
  if (first) {
    TRY(at->second.peer, snapshot_.peer(party));
    TRY(at->second.signers, signers_of(snapshot_, party));
    at->second.signers.older_count = true;
  }
  return &at->second;
}

Result<std::int64_t> Standings::collected(const store::ProtocolObject& row) {
  if (!reads_) {
    TRY(reads_, reads_by_party(snapshot_));
  }
  return collected_of(snapshot_, row.peer, row.id, (*reads_)[row.peer]);
}

Result<SentStanding> Standings::of(const store::ProtocolObject& row) {
  TRY(const auto* to, recipient(row.peer));
  const bool has_node = to->peer && to->peer->confirmed;
  SentStanding out;
  out.disclosure = row.id;
  out.party = row.peer;
  out.number = row.number;
  out.time = row.at;
  TRY(out.records, snapshot_.grant_count(row.peer, row.id));
  if (counts_reads_ || !has_node) {
    TRY(out.collected, collected(row));
  }
  TRY(const auto receipt, snapshot_.protocol(receipt_id(row.id)));
  if (receipt && to->peer) {
    TRY_STATUS(add_receipt(*receipt, to->signers, out));
    return out;
  }
  TRY(const auto withdrawal, withdrawal_of(snapshot_, row.id));
  TRY(const auto posted, acknowledged(snapshot_, row.id));
  out.outpost = posted.outpost;
  out.taken = posted.records_taken;
  out.refused = posted.records_refused;
  for (const auto& refusal : posted.refusals) {
    if (std::find(out.reasons.begin(), out.reasons.end(), refusal.why) == out.reasons.end()) {
      out.reasons.push_back(refusal.why);
    }
  }
  out.state = withdrawal ? is_of_served(*withdrawal) ? SentState::Served : SentState::Withdrawn
              : has_node ? SentState::Missing
              : posted.settled()             ? SentState::Acknowledged
              : out.collected == out.records ? SentState::Collected
                                             : SentState::Waiting;
  return out;
}

Result<std::vector<SentStanding>> sent_standing(const Node& node, const std::string& party) {
  if (!party.empty() && !node.law()->model().party(party)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no party of the register{}", party,
                            treaty::party_suggestion(node.law()->model(), party)));
  }
  TRY(const auto snapshot, node.store().read());
  TRY(auto rows, snapshot->protocols(disclosure_kind, store::Direction::Sent, party));
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.peer, a.number) < std::tie(b.peer, b.number);
  });
  Standings standings(*snapshot, true);
  std::vector<SentStanding> out;
  for (const auto& row : rows) {
    TRY(auto standing, standings.of(row));
    out.push_back(std::move(standing));
  }
  return out;
}

}  // namespace comity::exchange
