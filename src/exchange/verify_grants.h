// Grants held against the ledger: the views are made anew from its entries and compared with the
// rows. What the entries say: docs/formats/ledger.md. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exchange/node.h"
#include "json/value.h"

namespace comity::exchange {

class GrantCheck {
 public:
  // `finding` is called for each thing that does not hold, with its place.
  explicit GrantCheck(std::function<void(std::string)> finding) : finding_(std::move(finding)) {}

  // Every ledger entry that was read, in order; others than those about grants are passed over.
  void entry(const store::LedgerEntry& row, const std::string& kind, const json::Value& entry);
  // The digest of the record with a sequence; none: not held.
  using DigestOf = std::function<std::optional<Digest>(std::int64_t)>;

  // A disclosure of this node, with the digests of its records.
  void disclosure(const store::ProtocolObject& row, std::vector<Digest> digests);
  // Compares.
  Status run(store::Snapshot& snapshot, const DigestOf& digest_of);

 private:
  struct Granting {
    std::string disclosure, peer;
    std::vector<Digest> digests;
    bool dated = false;  // its entry says when its first record was granted
    std::size_t seen = 0;
  };
  struct Event {
    std::int64_t leaf = 0;
    Instant at;
    std::string type, view, digest;
    bool dated = false;
    Instant first;
    std::int64_t count = -1;                             // of a disclosure; -1: not said
    std::vector<std::pair<Instant, std::int64_t>> runs;  // dates of what ended, and how many
  };
  struct Expected {
    Granting* granting = nullptr;
    std::int64_t position = 0;
    bool again = false;
    store::GrantState state = store::GrantState::Live;
    Instant ended;
    bool seen = false;
  };

  template <typename... Arguments>
  void finding(const char* text, const Arguments&... arguments);
  void replay();
  void replay_disclosure(const Event& event);
  void replay_runs(const Event& event);
  void row(const store::GrantRun& run, std::int64_t k, const DigestOf& digest_of);

  std::function<void(std::string)> finding_;
  std::vector<Event> events_;
  std::map<std::string, Granting> granting_;                      // by id
  std::map<std::string, Granting*> by_digest_;                    // of the disclosure
  std::map<std::pair<std::string, Instant>, Expected> expected_;  // by view and date
};

}  // namespace comity::exchange
