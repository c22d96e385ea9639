#include "exchange/search.h"

#include <algorithm>

#include "exchange/record.h"
#include "stix/searchable.h"

namespace comity::exchange {
namespace {

// Occurrences of all forms that a text may have, as one list.
class Occurrences {
 public:
  static Result<Occurrences> of(store::Snapshot& snapshot, const std::string& text) {
    Occurrences out(snapshot);
    if (stix::is_identifier(text)) TRY_STATUS(out.add_id(text));
    for (const auto& value : stix::values_asked(text)) {
      TRY(auto counts, snapshot.value_counts(value));
      for (auto& count : counts) {
        if (out.counts_.size() < values_found_max) out.counts_.push_back(std::move(count));
      }
    }
    return out;
  }

  const std::vector<store::ValueCount>& counts() const { return counts_; }

  // Numbers below `before`, the newest first, at most `count`.
  Result<std::vector<std::int64_t>> newest(std::int64_t before, std::int64_t count) const {
    std::vector<std::int64_t> out;
    for (const auto sequence : with_id_) {
      if (sequence < before) out.push_back(sequence);
    }
    for (const auto& found : counts_) {
      if (found.key.kind == stix_id_kind) continue;
      TRY(const auto some, snapshot_->value_occurrences(found.key, before, count));
      out.insert(out.end(), some.begin(), some.end());
    }
    std::sort(out.begin(), out.end(), std::greater<>());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (static_cast<std::int64_t>(out.size()) > count) out.resize(static_cast<std::size_t>(count));
    return out;
  }

  Result<bool> has(std::int64_t sequence) const {
    if (std::find(with_id_.begin(), with_id_.end(), sequence) != with_id_.end()) return true;
    for (const auto& found : counts_) {
      if (found.key.kind == stix_id_kind) continue;
      TRY(const bool occurs, snapshot_->has_value(found.key, sequence));
      if (occurs) return true;
    }
    return false;
  }

 private:
  explicit Occurrences(store::Snapshot& snapshot) : snapshot_(&snapshot) {}

  Status add_id(const std::string& id) {
    TRY(const auto held, snapshot_->records_by_stix_id(id, false));
    for (const auto& record : held) with_id_.push_back(record.sequence);
    if (held.empty()) return {};
    store::ValueCount count;
    count.key = {std::string(stix_id_kind), id};
    const auto size = static_cast<std::int64_t>(held.size());
    count.count = std::min(size, store::occurrences_counted_max);
    count.more = size > store::occurrences_counted_max;
    counts_.push_back(std::move(count));
    return {};
  }

  store::Snapshot* snapshot_;
  std::vector<store::ValueCount> counts_;
  std::vector<std::int64_t> with_id_;
};

// One page while it is made: it ends when it is full or enough was looked at.
class PageInWork {
 public:
  PageInWork(store::Snapshot& snapshot, const SearchRequest& request,
             const Occurrences& occurrences, std::int64_t count)
      : snapshot_(snapshot), request_(request), occurrences_(occurrences), count_(count) {}

  // Whether all occurrences were gone through.
  Result<bool> add_values(SearchPosition& at) {
    for (;;) {
      TRY(const auto some, occurrences_.newest(at.before, count_ + 1));
      if (some.empty()) return true;
      for (const auto sequence : some) {
        TRY(const bool goes_on, look_at(sequence, true, at));
        if (!goes_on) return false;
      }
    }
  }

  Result<bool> add_texts(const std::vector<std::string>& phrases, SearchPosition& at) {
    for (int windows = 0;;) {
      TRY(const auto step, snapshot_.text_occurrences(phrases, at.before, count_ + 1));
      for (const auto sequence : step.sequences) {
        if (looked_at_ == search_looked_at_max) return false;
        TRY(const bool shown_before, occurrences_.has(sequence));
        if (shown_before) {
          ++looked_at_;
          at.before = sequence;
          continue;
        }
        TRY(const bool goes_on, look_at(sequence, false, at));
        if (!goes_on) return false;
      }
      at.before = step.down_to;
      if (step.down_to <= 1) return true;
      if (step.sequences.empty() && ++windows == search_windows_max) return false;
    }
  }

  std::vector<SearchHit> take() { return std::move(hits_); }

 private:
  // False when the page is full or enough was looked at; `at` is then where the next one begins.
  Result<bool> look_at(std::int64_t sequence, bool by_value, SearchPosition& at) {
    if (static_cast<std::int64_t>(hits_.size()) == count_ || looked_at_ == search_looked_at_max) {
      // One that would be shown is known to follow, or may.
      return false;
    }
    ++looked_at_;
    at.before = sequence;
    return snapshot_
        .records_after(sequence - 1, 1, false,
                       [&](const store::Record& record) -> Status {
                         if (request_.type.empty() || record.type == request_.type) {
                           hits_.push_back({record, by_value});
                         }
                         return {};
                       })
        .map([] { return true; });
  }

  store::Snapshot& snapshot_;
  const SearchRequest& request_;
  const Occurrences& occurrences_;
  std::int64_t count_;
  std::int64_t looked_at_ = 0;
  std::vector<SearchHit> hits_;
};

std::vector<store::ValueKey> values_in(const store::Record& record) {
  const auto object = stix::read_object(record.bytes);
  return object ? value_keys(*object) : std::vector<store::ValueKey>();
}

std::string text_in(const store::Record& record) {
  const auto object = stix::read_object(record.bytes);
  return object ? stix::text_of(*object) : std::string();
}

Result<store::Record> waiting_record(store::Snapshot& snapshot, std::int64_t sequence) {
  TRY(auto record, snapshot.record(sequence));
  if (record) return *std::move(record);
  return fail(ErrorKind::Corrupt, "a record is missing; restore the store from a backup");
}

}  // namespace

Result<SearchPage> search(store::Snapshot& snapshot, const SearchRequest& request,
                          SearchPosition from, std::int64_t count) {
  CHECK(count >= 1 && count <= search_hits_max);
  TRY(const auto phrases, stix::phrases_of(request.text));
  TRY(const auto occurrences, Occurrences::of(snapshot, request.text));
  if (phrases.empty() && stix::values_asked(request.text).empty()) {
    return fail(ErrorKind::InvalidInput,
                "nothing to search for: give a value, or words and \"quoted phrases\"");
  }
  SearchPage out;
  out.values = occurrences.counts();
  TRY(out.backlog, snapshot.search_backlog());
  PageInWork page(snapshot, request, occurrences, count);
  auto at = from;
  bool done = true;
  if (!at.in_text) {
    TRY(done, page.add_values(at));
    if (done) at = {true, INT64_MAX};
  }
  if (done && !phrases.empty()) {
    TRY(done, page.add_texts(phrases, at));
  }
  out.hits = page.take();
  if (!done) out.next = at;
  return out;
}

Result<bool> index_waiting(Node& node, std::int64_t count) {
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto backlog, snapshot->search_backlog());
    if (backlog.values == 0 && backlog.texts == 0) return false;
  }
  TRY(const auto transaction, node.store().begin());
  TRY(auto backlog, transaction->search_backlog());
  TRY(const auto last, transaction->record_count());
  for (; count > 0 && backlog.values > 0; --count, --backlog.values) {
    TRY(const auto record, waiting_record(*transaction, backlog.values));
    TRY_STATUS(transaction->index_values(record.sequence, values_in(record)));
  }
  for (; count > 0 && backlog.texts > 0; --count, --backlog.texts) {
    TRY(const auto record, waiting_record(*transaction, last - backlog.texts + 1));
    TRY_STATUS(transaction->index_text(record.sequence, text_in(record)));
  }
  TRY_STATUS(transaction->commit());
  return backlog.values > 0 || backlog.texts > 0;
}

Status index_all_waiting(Node& node) {
  while (!node.stopping()) {
    TRY(const bool more, index_waiting(node));
    if (!more) return {};
  }
  return {};
}

Result<std::int64_t> rebuild_search(Node& node) {
  TRY(const auto transaction, node.store().begin());
  TRY_STATUS(transaction->forget_search());
  TRY(const auto count, transaction->record_count());
  TRY_STATUS(transaction->commit());
  TRY_STATUS(index_all_waiting(node));
  return count;
}

Status SearchFollower::follow() {
  while (!node_.stopping()) {
    {
      TRY(const auto snapshot, node_.store().read());
      TRY(const auto count, snapshot->record_count());
      TRY(const auto backlog, snapshot->search_backlog());
      const bool quiet = count == seen_;
      seen_ = count;
      if (!quiet && backlog.texts <= texts_waiting_max) return {};
    }
    TRY(const bool more, index_waiting(node_));
    if (!more) return {};
  }
  return {};
}

}  // namespace comity::exchange
