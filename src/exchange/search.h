// Search in what this node holds: by value (which records have this address, digest, name …), then
// by words. The one reader of the store's indexes; who may ask is decided before it is called, as
// for the list of records. A peer or a client of TAXII never reaches it: what they see is views.h.
//
// Searched are all records of the node, those in quarantine too, each with its state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/node.h"
#include "store/store.h"

namespace comity::exchange {

constexpr std::int64_t search_hits_max = 200;          // of one page
constexpr std::int64_t search_looked_at_max = 10'000;  // records, when a type leaves some out
constexpr int search_windows_max = 2;                  // of `searched_records_max`, for one page
constexpr std::size_t values_found_max = 32;           // kinds and forms of one text
// Records that one transaction indexes; a peer that sends waits no longer than for these.
constexpr std::int64_t index_batch = 200;
// While records come, their texts wait, until so many do.
constexpr std::int64_t texts_waiting_max = 100'000;

struct SearchRequest {
  std::string text;  // a value, or words and quoted phrases
  std::string type;  // of STIX; empty: every type
};

// Where a search goes on.
struct SearchPosition {
  bool in_text = false;  // all occurrences of values were shown
  std::int64_t before = INT64_MAX;
};

struct SearchHit {
  store::Record record;  // without bytes
  bool by_value = false;
};

struct SearchPage {
  // What the text is as a value, and in how many records of every type that occurs.
  std::vector<store::ValueCount> values;
  // Records with the value, then records with the words; each the newest first, none twice.
  std::vector<SearchHit> hits;
  std::optional<SearchPosition> next;
  store::SearchBacklog backlog;
};

// At most `count` (1 to search_hits_max) hits from a position on. A page with fewer, even none, may
// have a `next`: a search stops after it looked at so many records. InvalidInput when nothing in
// the text can be searched for.
Result<SearchPage> search(store::Snapshot& snapshot, const SearchRequest& request,
                          SearchPosition from, std::int64_t count);

// The kind under which a STIX id is told among the values.
constexpr std::string_view stix_id_kind = "stix-id";

// Indexes of the records that wait at most `count` in one transaction; whether others still wait.
Result<bool> index_waiting(Node& node, std::int64_t count = index_batch);
// All of them. Stops early when the node is stopping.
Status index_all_waiting(Node& node);
// Makes both indexes anew from the bytes of the records; how many records there are.
Result<std::int64_t> rebuild_search(Node& node);

// Indexes what waits whenever no records came since it was called last, or too many wait. For a
// thread that calls it again and again; that thread alone.
class SearchFollower {
 public:
  explicit SearchFollower(Node& node) : node_(node) {}
  Status follow();

 private:
  Node& node_;
  std::int64_t seen_ = -1;
};

}  // namespace comity::exchange
