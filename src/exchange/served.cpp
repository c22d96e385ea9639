#include "exchange/served.h"

#include <fmt/format.h>

#include <map>

#include "exchange/protocol.h"
#include "exchange/withdrawal.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

constexpr const char* served_kind = "served";  // of ledger entries

std::string served_key(const std::string& disclosure) { return "served:" + disclosure; }

// The instants at which disclosures were marked, by the digest of each, as the ledger has them.
Result<std::map<std::string, std::string>> entered_marks(store::Snapshot& snapshot) {
  std::map<std::string, std::string> out;
  TRY_STATUS(snapshot.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    if (row.kind != served_kind) return {};
    const auto entry = json::parse(row.entry);
    // An entry that cannot be read is found where the ledger itself is looked at.
    if (entry) out[std::string(entry->text("disclosure_digest"))] = format_rfc3339(row.at, 6);
    return {};
  }));
  return out;
}

// What contradicts itself about the withdrawal of one disclosure; empty: nothing.
Result<std::string> contradiction(store::Snapshot& snapshot, const std::string& disclosure,
                                  bool marked) {
  TRY(const auto withdrawal, withdrawal_of(snapshot, disclosure));
  if (!withdrawal) return std::string();
  const bool says_served = is_of_served(*withdrawal);
  if (says_served == marked) return std::string();
  return fmt::format("{}: says that {} was {}, and the ledger that it was {}", withdrawal->id,
                     disclosure, says_served ? "served" : "not served",
                     marked ? "served before" : "not");
}

}  // namespace

Result<bool> served(store::Snapshot& snapshot, const std::string& disclosure) {
  TRY(const auto mark, snapshot.meta(served_key(disclosure)));
  return mark.has_value();
}

Result<std::set<std::string>> unmarked(store::Snapshot& snapshot,
                                       const std::set<std::string>& disclosures) {
  std::set<std::string> out;
  for (const auto& id : disclosures) {
    TRY(const bool marked, served(snapshot, id));
    if (marked) continue;
    TRY(const auto receipt, snapshot.protocol(receipt_id(id)));
    if (!receipt) out.insert(id);
  }
  return out;
}

Result<bool> mark_served(Change& change, const std::string& party,
                         const std::set<std::string>& disclosures) {
  TRY(const auto open, unmarked(change.store(), disclosures));
  for (const auto& id : open) {
    TRY(const auto withdrawal, withdrawal_of(change.store(), id));
    if (withdrawal) return false;
    TRY(const auto row, change.store().protocol(id));
    if (!row) return fail(ErrorKind::Corrupt, "a grant rests on no disclosure", id);
    TRY_STATUS(change.store().set_meta(served_key(id), format_rfc3339(change.at(), 6)));
    json::Object entry;
    entry.set("type", "served");
    entry.set("to", party);
    entry.set("disclosure_digest", digest_text(row->digest));
    TRY_STATUS(change.enter(served_kind, entry));
  }
  return true;
}

Result<std::vector<std::string>> served_findings(store::Snapshot& snapshot) {
  std::vector<std::string> out;
  TRY(const auto entered, entered_marks(snapshot));
  TRY(const auto rows, snapshot.protocols(disclosure_kind, store::Direction::Sent, ""));
  for (const auto& row : rows) {
    TRY(const auto kept, snapshot.meta(served_key(row.id)));
    const auto entry = entered.find(digest_text(row.digest));
    const bool marked = entry != entered.end();
    if (kept.has_value() != marked || (marked && *kept != entry->second)) {
      out.push_back(fmt::format("{}: when it was first served is not what was entered", row.id));
    }
    TRY(auto text, contradiction(snapshot, row.id, marked));
    if (!text.empty()) out.push_back(std::move(text));
  }
  return out;
}

}  // namespace comity::exchange
