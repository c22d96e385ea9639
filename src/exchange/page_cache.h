// Pages of views as they were sent, to be sent again while a page made now would be the same: the
// epoch of the store has not changed, nor the law, no day has begun and no consent or token ended.
// Everything on a page was decided when it was made; what could decide otherwise ends the page.
//
// Holds pages of one epoch. Its memory is bounded whatever the number of views and records; what
// was asked for longest ago goes first. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "taxii/message.h"
#include "treaty/compiled.h"

namespace comity::exchange {

// Of all pages with what names them; and of one, so that none takes the place of many.
constexpr std::size_t pages_kept_bytes_max = std::size_t{64} * 1024 * 1024;
constexpr std::size_t page_kept_bytes_max = pages_kept_bytes_max / 8;

// Under which conditions a page was made, or is asked for.
struct PageMoment {
  std::uint64_t epoch = 0;
  std::shared_ptr<const treaty::CompiledRegister> law;
  Instant treaty_now, now;
};

struct KeptPage {
  taxii::Page page;
  std::shared_ptr<const treaty::CompiledRegister> law;
  treaty::Stretch holds{};             // of the instants about which the law is asked
  std::optional<Instant> token_until;  // when the token ends by which it was asked for
};

class PageCache {
 public:
  // `bytes_max`: another bound for tests.
  explicit PageCache(std::size_t bytes_max = pages_kept_bytes_max) : bytes_max_(bytes_max) {}

  std::optional<taxii::Page> find(const std::string& key, const PageMoment& moment);
  // `epoch` was asked for before anything was read for the page.
  void keep(const std::string& key, std::uint64_t epoch, KeptPage page);

  std::size_t bytes() const;
  std::size_t size() const;

 private:
  struct Entry {
    std::string key;
    KeptPage kept;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  bool begin_epoch(std::uint64_t epoch, Entries& ended);
  void drop(Entries::iterator entry, Entries& ended);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t epoch_ = 0;
  Entries entries_;  // what was asked for last comes first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace comity::exchange
