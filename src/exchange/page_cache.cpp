#include "exchange/page_cache.h"

#include <algorithm>
#include <iterator>

namespace comity::exchange {
namespace {

// What an entry takes beside its texts: the nodes of list and map, the headers of strings.
constexpr std::size_t entry_bytes = 512;

std::size_t bytes_of(const std::string& key, const taxii::Page& page) {
  auto out = entry_bytes + key.capacity() + page.next.capacity() +
             page.items.capacity() * sizeof(taxii::Page::Item);
  if (page.held) out += page.held->capacity();
  if (page.body && page.body != page.held) out += page.body->capacity();
  return out;
}

}  // namespace

// Ends the pages of an earlier epoch. False: this one is over already.
bool PageCache::begin_epoch(std::uint64_t epoch, Entries& ended) {
  if (epoch <= epoch_) return epoch == epoch_;
  by_key_.clear();
  ended.splice(ended.end(), entries_);
  bytes_ = 0;
  epoch_ = epoch;
  return true;
}

void PageCache::drop(Entries::iterator entry, Entries& ended) {
  by_key_.erase(entry->key);
  bytes_ -= entry->bytes;
  ended.splice(ended.end(), entries_, entry);
}

std::optional<taxii::Page> PageCache::find(const std::string& key, const PageMoment& moment) {
  Entries ended;  // destroyed without the lock
  const std::lock_guard guard(mutex_);
  if (!begin_epoch(moment.epoch, ended)) return std::nullopt;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  const auto entry = found->second;
  const auto& kept = entry->kept;
  if (kept.law != moment.law || !kept.holds.holds(moment.treaty_now) ||
      (kept.token_until && *kept.token_until <= moment.now)) {
    drop(entry, ended);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return kept.page;
}

void PageCache::keep(const std::string& key, std::uint64_t epoch, KeptPage page) {
  Entry entry{key, std::move(page), 0};
  entry.bytes = bytes_of(entry.key, entry.kept.page);
  if (entry.bytes > std::min(page_kept_bytes_max, bytes_max_)) return;
  Entries ended;
  const std::lock_guard guard(mutex_);
  if (!begin_epoch(epoch, ended)) return;
  if (const auto old = by_key_.find(key); old != by_key_.end()) drop(old->second, ended);
  while (bytes_ + entry.bytes > bytes_max_) drop(std::prev(entries_.end()), ended);
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  by_key_.emplace(entries_.front().key, entries_.begin());
}

std::size_t PageCache::bytes() const {
  const std::lock_guard guard(mutex_);
  return bytes_;
}

std::size_t PageCache::size() const {
  const std::lock_guard guard(mutex_);
  return entries_.size();
}

}  // namespace comity::exchange
