#include "exchange/verify_grants.h"

#include <fmt/format.h>

#include "exchange/grant_change.h"

namespace comity::exchange {
namespace {

std::int64_t whole(const json::Value& value, const char* name, std::int64_t otherwise) {
  const auto* member = value.find(name);
  return member == nullptr || member->integer() == nullptr ? otherwise : *member->integer();
}

}  // namespace

template <typename... Arguments>
void GrantCheck::finding(const char* text, const Arguments&... arguments) {
  finding_(fmt::format(fmt::runtime(text), arguments...));
}

void GrantCheck::entry(const store::LedgerEntry& row, const std::string& kind,
                       const json::Value& entry) {
  if (kind != "disclosure" && kind != grants_kind) return;
  Event event;
  event.leaf = row.index;
  event.at = row.at;
  event.type = kind == grants_kind ? std::string(entry.text("type")) : kind;
  event.view = entry.text("to");
  event.digest = entry.text("digest");
  if (const auto first = parse_rfc3339(entry.text("granted"))) {
    event.dated = true;
    event.first = *first;
  }
  event.count = whole(entry, "count", -1);
  const auto* runs = entry.find("runs");
  if (runs != nullptr && runs->array() != nullptr) {
    for (const auto& run : *runs->array()) {
      const auto date = parse_rfc3339(run.text("granted"));
      if (date) event.runs.emplace_back(*date, whole(run, "count", 0));
    }
  }
  events_.push_back(std::move(event));
}

void GrantCheck::disclosure(const store::ProtocolObject& row, std::vector<Digest> digests) {
  auto& granting = granting_[row.id];
  granting.disclosure = row.id;
  granting.peer = row.peer;
  granting.digests = std::move(digests);
  by_digest_[digest_text(row.digest)] = &granting;
}

void GrantCheck::replay_disclosure(const Event& event) {
  const auto found = by_digest_.find(event.digest);
  // That the statement is gone is found where the statements are looked at.
  if (found == by_digest_.end() || !event.dated) return;
  auto& granting = *found->second;
  granting.dated = true;
  const auto size = static_cast<std::int64_t>(granting.digests.size());
  if (event.count >= 0 && event.count != size) {
    finding("{}: has {} records, ledger leaf {} granted {}", granting.disclosure, size, event.leaf,
            event.count);
  }
  for (std::int64_t k = 0; k < size; ++k) {
    auto& expected = expected_[{granting.peer, Instant{event.first.micros + k}}];
    expected.granting = &granting;
    expected.position = k;
  }
}

// What ended, and what of it was granted again, from the first instant on.
void GrantCheck::replay_runs(const Event& event) {
  const bool again = event.type == granted_again_type;
  auto next = event.first;
  for (const auto& [date, count] : event.runs) {
    for (std::int64_t k = 0; k < count; ++k, ++next.micros) {
      const auto at = expected_.find({event.view, Instant{date.micros + k}});
      const auto before = again ? store::GrantState::Ended : store::GrantState::Live;
      if (at == expected_.end() || at->second.state != before) {
        finding("ledger leaf {}: speaks of a grant to {} that was not there", event.leaf,
                event.view);
        return;
      }
      auto& old = at->second;
      if (!again) {
        old.state = store::GrantState::Ended;
        old.ended = event.at;
        continue;
      }
      old.state = store::GrantState::GrantedAgain;
      auto& expected = expected_[{event.view, next}];
      expected.granting = old.granting;
      expected.position = old.position;
      expected.again = true;
    }
  }
}

void GrantCheck::replay() {
  for (const auto& event : events_) {
    event.type == "disclosure" ? replay_disclosure(event) : replay_runs(event);
  }
}

void GrantCheck::row(const store::GrantRun& run, std::int64_t k, const DigestOf& digest_of) {
  const auto sequence = run.first_sequence + k, position = run.position + k;
  const auto place = fmt::format("grant of record {} to {}", sequence, run.view);
  const auto at = granting_.find(run.disclosure);
  if (at == granting_.end() || at->second.peer != run.view) {
    finding("{}: rests on {}, which is no disclosure to {}", place, run.disclosure, run.view);
    return;
  }
  auto& granting = at->second;
  if (!run.again) ++granting.seen;
  if (position < 0 || position >= static_cast<std::int64_t>(granting.digests.size()) ||
      digest_of(sequence) != granting.digests[static_cast<std::size_t>(position)]) {
    finding("{}: is not record {} of {}", place, position + 1, run.disclosure);
  }
  if (!granting.dated) return;
  const auto expected = expected_.find({run.view, Instant{run.date_added.micros + k}});
  if (expected == expected_.end() || expected->second.granting != &granting ||
      expected->second.position != position || expected->second.again != run.again) {
    finding("{}: has another instant than {} entered", place, run.disclosure);
    return;
  }
  expected->second.seen = true;
  if (expected->second.state != run.state || expected->second.ended != run.ended) {
    finding("{}: under {}, whether it has ended is not what was entered", place, run.disclosure);
  }
}

Status GrantCheck::run(store::Snapshot& snapshot, const DigestOf& digest_of) {
  replay();
  TRY_STATUS(snapshot.every_grant_run([&](const store::GrantRun& run) -> Status {
    for (std::int64_t k = 0; k < run.count; ++k) row(run, k, digest_of);
    return {};
  }));
  for (const auto& [id, granting] : granting_) {
    if (granting.seen != granting.digests.size()) {
      finding("{}: {} of its {} records are granted to {}", id, granting.seen,
              granting.digests.size(), granting.peer);
    }
  }
  for (const auto& [place, expected] : expected_) {
    if (expected.seen || !expected.again) continue;
    finding("{}: what was granted again to {} at {} is gone", expected.granting->disclosure,
            place.first, format_rfc3339(place.second, 6));
  }
  return {};
}

}  // namespace comity::exchange
