#include "exchange/kept_rows.h"

namespace comity::exchange {
namespace {

// What was not rejected is kept, in the order in which it came.
Result<std::vector<Digest>> digests_received(store::Snapshot& snapshot, const std::string& id) {
  TRY(const auto row, snapshot.protocol(receipt_id(id)));
  if (!row) return fail(ErrorKind::Corrupt, "a disclosure without receipt", id);
  TRY(const auto receipt, read_receipt(row->bytes));
  std::vector<Digest> kept;
  TRY_STATUS(snapshot.records_by_source(id, [&](const store::Record& record) {
    kept.push_back(record.digest);
    return Status();
  }));
  std::vector<Digest> out;
  auto next = kept.begin();
  for (const auto& fate : receipt.results) {
    if (fate.result == "rejected") {
      out.push_back(fate.digest);
    } else if (next != kept.end()) {
      out.push_back(*next++);
    }
  }
  // What is kept beyond that makes the rows too many.
  out.insert(out.end(), next, kept.end());
  return out;
}

}  // namespace

Status name_kept_records(store::Snapshot& snapshot, const store::ProtocolObject& row,
                         Disclosure& disclosure) {
  if (disclosure.named) return {};
  TRY(const auto digests, row.direction == store::Direction::Sent
                              ? snapshot.digests_by_disclosure(row.peer, row.id)
                              : digests_received(snapshot, row.id));
  const auto named = name_records(disclosure, digests);
  if (named) return {};
  return fail(ErrorKind::Corrupt,
              "what is kept of it is not what it named: " + named.error().message, row.id);
}

}  // namespace comity::exchange
