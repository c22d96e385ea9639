#include "exchange/kept_terms.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/parse.h"

namespace comity::exchange {

bool is_terms_name(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

Result<std::vector<std::string>> terms_findings(
    store::Snapshot& snapshot, std::string_view kind, std::string_view ended,
    const Result<std::vector<std::pair<std::string, json::Value>>>& kept) {
  std::vector<std::string> out;
  std::vector<json::Value> expected;
  const auto find = [&](std::string_view name) {
    return std::find_if(expected.begin(), expected.end(),
                        [&](const json::Value& item) { return item.text("name") == name; });
  };
  TRY_STATUS(snapshot.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    if (row.kind != kind) return {};
    const auto entry = json::parse(row.entry);
    if (!entry) return {};  // a finding about its leaf already
    if (const auto* terms = entry->find(kind); terms != nullptr) {
      expected.push_back(*terms);
    } else if (const auto item = find(entry->text("name")); item != expected.end()) {
      if (item->object() != nullptr) item->object()->set(std::string(ended), entry->text("at"));
    }
    return {};
  }));
  if (!kept) {
    out.push_back(fmt::format("{}s: {}", kind, kept.error().text()));
    return out;
  }
  for (const auto& [name, terms] : *kept) {
    const auto entered = find(name);
    if (entered == expected.end()) {
      out.push_back(fmt::format("{} {}: stands in no ledger leaf", kind, name));
      continue;
    }
    if (*entered != terms) {
      out.push_back(fmt::format("{} {}: is not as the ledger has it", kind, name));
    }
    expected.erase(entered);
  }
  for (const auto& item : expected) {
    out.push_back(
        fmt::format("{} {}: was entered in the ledger and is gone", kind, item.text("name")));
  }
  return out;
}

}  // namespace comity::exchange
