// A TAXII 2.1 collection in memory that does wrong what servers do wrong. Header only; every folder
// above can include it in its tests.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "taxii/reader.h"

namespace comity::taxii::test {

struct Quirks {
  std::int64_t page_max = 4;         // whatever is asked for
  bool consumes_next = false;        // a `next` gives another page each time it is asked
  bool omits_next = false;           // `more` without `next`
  bool manifest_omits_next = false;  // the same in the manifest
  bool unsorted = false;             // by something else than the date added
  bool no_dates = false;             // no X-TAXII-Date-Added headers
  bool cuts_dates = false;           // to whole seconds, in headers and manifest
  bool rewrites = false;             // timestamps of objects, each time otherwise
  bool repeats = false;              // the last page for ever, always with more to come
  bool no_manifest = false;
  int loses_percent = 0;  // of the replies, after the question was worked on
};

class QuirkyServer : public ReadableCollection {
 public:
  QuirkyServer(Quirks with, std::uint64_t seed) : quirks(with), random_(seed) {}

  struct Held {
    std::string id, version;  // no version: an observable
    Instant date;
  };

  // Adds an object; the date is not before that of the one before.
  void add(Instant date, bool observable = false) {
    const auto number = held_.size();
    Held one;
    one.date = date;
    // The ids of an unsorted server's order say nothing of the dates.
    const auto uuid = fmt::format("{:08x}-0000-4000-8000-{:012x}",
                                  static_cast<std::uint32_t>(number * 2654435761U), number);
    one.id = (observable ? "domain-name--" : "identity--") + uuid;
    if (!observable) {
      one.version =
          format_rfc3339(Instant::from_seconds(1'700'000'000 + 60 * std::int64_t(number)));
    }
    held_.push_back(one);
  }
  const std::vector<Held>& held() const { return held_; }
  // By which an object is told from others, whatever its timestamps look like.
  static std::string name(const std::string& id, const std::optional<Instant>& version) {
    return id + (version ? " " + std::to_string(version->micros) : "");
  }
  static std::string name(const Held& one) {
    return one.version.empty() ? name(one.id, std::nullopt)
                               : name(one.id, *parse_rfc3339(one.version));
  }
  // What is never given, though the manifest names it.
  void hide(const std::string& id) { hidden_.insert(id); }
  std::int64_t questions() const { return questions_; }

  Result<ObjectPage> objects(const PageQuery& query) override {
    TRY(const auto slice, ask(query, quirks.omits_next, quirks.repeats, chains_));
    ObjectPage page;
    for (const auto* one : slice.items) {
      if (!hidden_.contains(one->id)) page.objects.push_back(bytes_of(*one));
    }
    page.more = slice.more;
    page.next = slice.next;
    if (!quirks.no_dates && !slice.items.empty()) {
      page.first = shown(slice.items.front()->date);
      page.last = shown(slice.items.back()->date);
    }
    return page;
  }

  Result<ManifestPage> manifest(const PageQuery& query) override {
    if (quirks.no_manifest) return fail(ErrorKind::NotFound, "no manifest here");
    TRY(const auto slice, ask(query, quirks.manifest_omits_next, false, manifest_chains_));
    ManifestPage page;
    for (const auto* one : slice.items) {
      // Of what has no version, the date added stands in its place.
      page.entries.push_back({one->id,
                              one->version.empty() ? format_rfc3339(one->date, 6) : one->version,
                              shown(one->date)});
    }
    page.more = slice.more;
    page.next = slice.next;
    return page;
  }

  Result<ObjectPage> object(std::string_view id) override {
    ++questions_;
    if (loses()) return fail(ErrorKind::Unavailable, "the reply is lost");
    ObjectPage page;
    for (const auto& one : held_) {
      if (one.id == id && !hidden_.contains(one.id)) page.objects.push_back(bytes_of(one));
    }
    if (page.objects.empty()) return fail(ErrorKind::NotFound, "no such object");
    return page;
  }

  Quirks quirks;

 private:
  struct Slice {
    std::vector<const Held*> items;
    bool more = false;
    std::string next;
  };
  struct Chain {
    std::optional<Instant> after;
    std::size_t offset = 0;
  };
  using Chains = std::map<std::string, Chain>;

  bool loses() { return static_cast<int>(random_() % 100) < quirks.loses_percent; }
  Instant shown(Instant date) const {
    return quirks.cuts_dates ? Instant::from_seconds(date.seconds()) : date;
  }
  std::string bytes_of(const Held& one) {
    if (one.version.empty()) {
      return fmt::format(
          R"({{"type":"domain-name","spec_version":"2.1","id":"{}","value":"x{}.example"}})",
          one.id, one.id.substr(one.id.size() - 4));
    }
    auto time = one.version;
    if (quirks.rewrites && ++rewritten_ % 2 == 0) time.insert(time.size() - 1, ".000000");
    return fmt::format(R"({{"type":"identity","spec_version":"2.1","id":"{}","created":"{}",)"
                       R"("modified":"{}","name":"A body","identity_class":"organization"}})",
                       one.id, time, time);
  }

  std::vector<const Held*> in_order(const std::optional<Instant>& after) const {
    std::vector<const Held*> out;
    for (const auto& one : held_) {
      if (!after || one.date > *after) out.push_back(&one);
    }
    if (quirks.unsorted) {
      std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
    }
    return out;
  }

  Result<Slice> ask(const PageQuery& query, bool omits, bool repeats, Chains& chains) {
    ++questions_;
    Chain chain{query.added_after, 0};
    if (!query.next.empty()) {
      const auto known = chains.find(query.next);
      if (known == chains.end()) return fail(ErrorKind::InvalidInput, "no such next");
      chain = known->second;
    }
    const auto all = in_order(chain.after);
    const auto count = static_cast<std::size_t>(std::min(query.limit, quirks.page_max));
    if (repeats && chain.offset >= all.size()) {
      chain.offset = all.size() > count ? all.size() - count : 0;
    }
    Slice slice;
    const auto end = std::min(all.size(), chain.offset + count);
    for (auto i = chain.offset; i < end; ++i) slice.items.push_back(all[i]);
    slice.more = end < all.size() || repeats;
    if (slice.more && !omits) {
      // A consumed `next` is one cursor that goes on with each question.
      slice.next =
          quirks.consumes_next && !query.next.empty() ? query.next : std::to_string(++named_);
      chains[slice.next] = {chain.after, end};
    }
    if (loses()) return fail(ErrorKind::Unavailable, "the reply is lost");
    return slice;
  }

  std::mt19937_64 random_;
  std::vector<Held> held_;
  std::set<std::string> hidden_;
  Chains chains_, manifest_chains_;
  std::int64_t questions_ = 0;
  std::uint64_t named_ = 0, rewritten_ = 0;
};

}  // namespace comity::taxii::test
