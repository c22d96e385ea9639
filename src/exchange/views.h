// What callers see over TAXII: `records` (what was granted to them and still is permitted),
// `protocol` (signed statements for them), `inbox` (where they disclose to us). Who comes by a
// token sees `records` alone, and of it what the token lets through (token_view.h), or `inbox`
// alone, when the token writes (submission.h); what it is served is logged. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "exchange/page_cache.h"
#include "exchange/read_log.h"
#include "exchange/submission.h"
#include "taxii/server.h"

namespace comity::exchange {

// What is made of the pages, for the log of reads: answers to callers, or a file (bundle_export.h).
enum class PagesFor { Callers, Export };

class Views : public taxii::Collections {
 public:
  explicit Views(Node& node, PagesFor pages_for = PagesFor::Callers)
      : Views(node, pages_for, pages_kept_bytes_max) {}
  // `pages_bytes_max`: of the pages that are kept; 0: each is made anew, which is what tests
  // compare with.
  Views(Node& node, std::size_t pages_bytes_max)
      : Views(node, PagesFor::Callers, pages_bytes_max) {}

  // Enters the reads that have waited long enough in the ledger; all of them, with `all`.
  Status flush_reads(bool all) { return reads_.flush(all); }

  // Whoever owns the process has it work on what waits.
  Submissions& submissions() { return submissions_; }

  std::string title() const override;
  Result<std::vector<taxii::CollectionInfo>> collections(const taxii::Caller& caller) override;
  Result<taxii::Page> objects(const taxii::Caller& caller, std::string_view collection,
                              const taxii::Query& query) override;
  Result<taxii::SubmissionStatus> add(const taxii::Caller& caller, std::string_view collection,
                                      std::string_view envelope) override;
  Result<taxii::SubmissionStatus> status(const taxii::Caller& caller, std::string_view id) override;
  Status remove(const taxii::Caller& caller, std::string_view collection, std::string_view id,
                const taxii::Query& query) override;

 private:
  Views(Node& node, PagesFor pages_for, std::size_t pages_bytes_max);

  Result<taxii::Page> records(const taxii::Caller& caller, const taxii::Query& query);
  // A page made now, settled; nothing: what it shows was withdrawn meanwhile.
  Result<std::optional<KeptPage>> make_records(const taxii::Caller& caller,
                                               const taxii::Query& query, Instant after);
  // The alias of a collection that this caller may know of, by its id or alias; empty: none.
  std::string_view alias_of(const taxii::Caller& caller, std::string_view collection) const;
  // Of a page of `protocol`: the disclosures in it.
  struct Statements {
    explicit Statements(std::int64_t objects_max) : page(objects_max) {}

    taxii::PageWriter page;
    std::optional<std::string> next;
    std::set<std::string> disclosures;
  };
  Result<Statements> statements(const taxii::Caller& caller, const taxii::Query& query,
                                Instant after);
  Result<bool> settle(const std::string& party, const std::set<std::string>& disclosures,
                      const std::vector<store::Granted>& passed_over);
  Status review(const std::string& party);
  Result<taxii::Page> protocol(const taxii::Caller& caller, const taxii::Query& query);
  Status note_read(const taxii::Caller& caller, const taxii::Query& query, Instant after,
                   const taxii::Page& page);
  // `collection` is an alias: a page goes on in its own collection only.
  Result<Instant> resume(const taxii::Caller& caller, std::string_view collection,
                         const taxii::Query& query) const;
  std::string next_token(const taxii::Caller& caller, std::string_view collection,
                         const taxii::Query& query, Instant after) const;

  Node& node_;
  PagesFor pages_for_;
  ReadLog reads_;
  Submissions submissions_;
  PageCache pages_;
  // They are the same at every start.
  const std::string records_id_, protocol_id_, inbox_id_;
  // The circumstances under which everything that had ended was looked at last, by party.
  std::mutex review_mutex_;
  std::map<std::string, std::string> reviewed_;
};

}  // namespace comity::exchange
