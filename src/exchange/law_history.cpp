#include "exchange/law_history.h"

#include "json/parse.h"

namespace comity::exchange {

Result<std::vector<LawChange>> law_history(store::Snapshot& snapshot) {
  std::vector<LawChange> out;
  TRY_STATUS(snapshot.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    // Other entries may name the register by which they were decided; a change names both.
    const bool change = row.entry.find("\"register_before\"") != std::string::npos;
    if (row.kind != "node" && !change) return {};
    const auto entry = json::parse(row.entry);
    if (!entry) return {};
    const auto digest = digest_from_text(entry->text("register"));
    if (!digest) return {};
    std::string what(entry->text("type"));
    if (const auto id = entry->text("id"); !id.empty()) what += " " + std::string(id);
    out.push_back({*digest, row.at, row.index, std::move(what)});
    return {};
  }));
  return out;
}

}  // namespace comity::exchange
