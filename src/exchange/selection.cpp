#include "exchange/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "exchange/circumstances.h"
#include "exchange/release.h"
#include "json/parse.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

class Selector {
 public:
  explicit Selector(store::Snapshot& snapshot) : snapshot_(snapshot) {}

  Status import(const std::string& id) {
    bool found = false;
    TRY_STATUS(snapshot_.records_by_source(id, [&](const store::Record& record) {
      if (!record.received_from.empty()) return Status();
      found = true;
      return add(record);
    }));
    if (!found) return fail(ErrorKind::NotFound, fmt::format("this node knows no import {}", id));
    return {};
  }

  Status object(const std::string& id, bool asked) {
    if (seen_.contains(id)) return {};
    TRY(auto assertions, snapshot_.records_by_stix_id(id, false));
    auto record = preferred(std::move(assertions));
    if (!record) {
      if (!asked) return {};
      return fail(ErrorKind::NotFound, fmt::format("this node holds no {}", id));
    }
    return add(*record);
  }

  Status assertion(const store::Record& record) { return add(record); }

  // What containers contain and what selected records name without a class of its own.
  Status close() {
    while (!open_.empty()) {
      const auto at = open_.front();
      open_.pop_front();
      const auto record = records_[at];
      std::set<std::string> contents;
      if (record.type == "report" || record.type == "grouping") {
        TRY(contents, contents_of(record));
      }
      for (const auto& name : record.names) {
        if (contents.contains(name)) {
          TRY_STATUS(object(name, false));
          continue;
        }
        if (seen_.contains(name)) continue;
        TRY(auto assertions, snapshot_.records_by_stix_id(name, false));
        const auto named = preferred(std::move(assertions));
        if (named && named->classes.empty()) TRY_STATUS(add(*named));
      }
    }
    return {};
  }

  Result<Selection> finish() {
    std::sort(records_.begin(), records_.end(), [](const store::Record& a, const store::Record& b) {
      return a.sequence < b.sequence;
    });
    Selection out;
    for (auto& record : records_) {
      out.position[record.stix_id] = out.records.size();
      TRY(auto question, held_question(snapshot_, record));
      const bool carried = record.classes.empty();
      out.records.push_back({std::move(record), std::move(question), carried});
    }
    return out;
  }

 private:
  Status add(const store::Record& record) {
    seen_.insert(record.stix_id);
    // Two imports may hold the same, which goes once: as the one that is to be shared of several.
    const auto [at, fresh] = digests_.emplace(record.digest, records_.size());
    if (!fresh) {
      auto& known = records_[at->second];
      known = *preferred({std::move(known), record});
      return {};
    }
    if (records_.size() >= selection_records_max) {
      return fail(ErrorKind::TooLarge,
                  fmt::format("more than {} records at once", selection_records_max));
    }
    open_.push_back(records_.size());
    records_.push_back(record);
    return {};
  }

  Result<std::set<std::string>> contents_of(const store::Record& record) {
    std::set<std::string> out;
    TRY(const auto full, snapshot_.record(record.sequence));
    if (!full) return out;
    TRY(const auto value, json::parse(full->bytes));
    const auto* refs = value.find("object_refs");
    if (refs == nullptr || refs->array() == nullptr) return out;
    for (const auto& item : *refs->array()) {
      if (item.string() != nullptr) out.insert(*item.string());
    }
    return out;
  }

  store::Snapshot& snapshot_;
  std::vector<store::Record> records_;
  std::deque<std::size_t> open_;
  std::set<std::string> seen_;
  std::map<Digest, std::size_t> digests_;  // → place in records_
};

}  // namespace

std::optional<store::Record> preferred(std::vector<store::Record> assertions) {
  if (assertions.empty()) return std::nullopt;
  const auto key = [](const store::Record& record) {
    return std::tuple(record.state == store::RecordState::Live, record.received_from.empty(),
                      record.version.value_or(Instant{}).micros, record.sequence);
  };
  return *std::max_element(
      assertions.begin(), assertions.end(),
      [&](const store::Record& a, const store::Record& b) { return key(a) < key(b); });
}

Result<Selection> select_assertion(store::Snapshot& snapshot, const store::Record& record) {
  Selector selector(snapshot);
  auto without_bytes = record;
  without_bytes.bytes.clear();
  TRY_STATUS(selector.assertion(without_bytes));
  TRY_STATUS(selector.close());
  return selector.finish();
}

Result<Selection> select(store::Snapshot& snapshot, const std::vector<std::string>& ids) {
  if (ids.empty()) {
    return fail(ErrorKind::InvalidInput,
                "no record named; expected STIX ids, or the id of an import (import--…)");
  }
  Selector selector(snapshot);
  for (const auto& id : ids) {
    if (id.starts_with("import--")) {
      TRY_STATUS(selector.import(id));
    } else if (stix::is_identifier(id)) {
      TRY_STATUS(selector.object(id, true));
    } else {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("'{}' is no STIX id and no import id", id.substr(0, 100)));
    }
  }
  TRY_STATUS(selector.close());
  return selector.finish();
}

}  // namespace comity::exchange
