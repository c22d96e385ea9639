#include "stix/bundle_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "json/parse.h"
#include "stix/judge.h"
#include "stix/language.h"

namespace comity::stix {
namespace {

constexpr std::size_t versions_compared_max = 64;  // of one object with its language content

constexpr std::size_t read_again_bytes = 1024 * 1024;  // between two calls of `behind`
constexpr std::size_t page_bytes = 4096;               // the least that a reading brings back

// Counts what is read a second time.
class Again {
 public:
  explicit Again(const std::function<void(const char*)>& behind) : behind_(behind) {}

  void read(std::string_view bytes) {
    if (bytes.data() > last_) last_ = bytes.data();
    count_ += bytes.size() + page_bytes;
    if (count_ < read_again_bytes) return;
    count_ = 0;
    behind_(last_);
  }

 private:
  const std::function<void(const char*)>& behind_;
  const char* last_ = nullptr;
  std::size_t count_ = 0;
};

// What stands at `index` of the bundle, for as long as this lives.
class AtObject {
 public:
  AtObject(Judge& judge, std::size_t index) : objects_(judge, "objects"), item_(judge, index) {}

 private:
  Judge::Step objects_, item_;
};

}  // namespace

BundleBook::Key BundleBook::key_of(std::string_view id) {
  const auto digest = sha256(id);
  Key out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

void BundleBook::add(const json::Value& object, std::string_view bytes, std::size_t index) {
  CHECK(index < bundle_objects_max && bytes.size() <= json::document_bytes_max);
  const auto id = object.text("id");
  if (id.empty()) return;
  const auto type = object.text("type");
  const auto version = version_of(object);
  Row row;
  row.id = key_of(id);
  row.bytes = bytes.data();
  row.size = static_cast<std::uint32_t>(bytes.size()) & 0x3fffffffU;
  row.index = static_cast<std::uint32_t>(index) & 0x3ffffffU;
  row.is_relationship = type == "relationship" ? 1 : 0;
  row.is_language = type == "language-content" ? 1 : 0;
  row.has_created = version.created ? 1 : 0;
  row.has_modified = version.modified ? 1 : 0;
  row.created = version.created ? version.created->micros : 0;
  row.modified = version.modified ? version.modified->micros : 0;
  row.is_revoked = version.revoked ? 1 : 0;
  row.is_versioned = is_versioned(object) ? 1 : 0;
  row.has_creator = version.created_by.empty() ? 0 : 1;
  if (row.has_creator != 0 && version.created_by != creator_) {
    creator_ = version.created_by;
    creator_key_ = key_of(creator_);
  }
  row.created_by = row.has_creator != 0 ? creator_key_ : Key{};
  rows_.push_back(row);
}

void BundleBook::finish(Judge& judge, const std::function<void(const char*)>& behind) {
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return a.id != b.id ? a.id < b.id : a.index < b.index;
  });
  judge_versions(judge);
  if (judge.runs(CheckId::EnforceRefs)) judge_ends(judge, behind);
  if (judge.runs(CheckId::LanguageContent)) judge_languages(judge, behind);
}

Version BundleBook::version_of_row(const Row& row) {
  Version out;
  if (row.has_created != 0) out.created = Instant{row.created};
  if (row.has_modified != 0) out.modified = Instant{row.modified};
  if (row.has_creator != 0) {
    out.created_by.assign(reinterpret_cast<const char*>(row.created_by.data()),
                          row.created_by.size());
  }
  out.revoked = row.is_revoked != 0;
  return out;
}

BundleBook::Range BundleBook::rows_of(std::string_view id) const {
  const auto key = key_of(id);
  const auto begin = std::partition_point(rows_.begin(), rows_.end(),
                                          [&](const Row& row) { return row.id < key; });
  const auto end =
      std::partition_point(begin, rows_.end(), [&](const Row& row) { return row.id == key; });
  return {rows_.data() + (begin - rows_.begin()), rows_.data() + (end - rows_.begin())};
}

std::vector<const BundleBook::Row*> BundleBook::chosen(bool (*is_one)(const Row&)) const {
  std::vector<const Row*> out;
  for (const auto& row : rows_) {
    if (is_one(row)) out.push_back(&row);
  }
  std::sort(out.begin(), out.end(), [](const Row* a, const Row* b) { return a->index < b->index; });
  return out;
}

void BundleBook::judge_versions(Judge& judge) const {
  std::vector<Fault> faults;
  for (std::size_t begin = 0; begin < rows_.size();) {
    auto end = begin + 1;
    while (end < rows_.size() && rows_[end].id == rows_[begin].id) ++end;
    History history;
    for (auto i = begin; end - begin > 1 && i < end; ++i) {
      if (rows_[i].is_versioned == 0) continue;
      const auto version = version_of_row(rows_[i]);
      if (version.modified && history.holds(*version.modified)) {
        faults.push_back(
            {rows_[i].index, {}, "a version of this time stands in the bundle already"});
      }
      if (const auto fault = history.add(version)) {
        faults.push_back({rows_[i].index, fault->property, fault->rule});
      }
    }
    begin = end;
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.index < b.index; });
  for (const auto& fault : faults) {
    const AtObject here(judge, fault.index);
    if (fault.property.empty()) {
      judge.found(CheckId::DuplicateIds, fault.rule);
    } else {
      judge.found_at(fault.property, CheckId::Versions, fault.rule);
    }
  }
}

void BundleBook::judge_ends(Judge& judge, const std::function<void(const char*)>& behind) const {
  Again again(behind);
  for (const auto* row : chosen([](const Row& one) { return one.is_relationship != 0; })) {
    again.read(row->text());
    const auto relationship = json::parse(row->text());
    if (!relationship) continue;
    const AtObject here(judge, row->index);
    for (const std::string_view name : {"source_ref", "target_ref"}) {
      const auto ref = relationship->text(name);
      if (ref.empty()) continue;
      const auto [begin, end] = rows_of(ref);
      if (begin != end) continue;
      judge.found_at(name, CheckId::EnforceRefs,
                     fmt::format("{} is not in the bundle", quoted(ref)));
    }
  }
}

// Of several versions that it may be for, none is compared, nor where a bundle has so many that
// looking for the one would take its time.
const BundleBook::Row* BundleBook::original_of(const json::Value& content) const {
  const auto ref = content.text("object_ref");
  if (ref.empty()) return nullptr;
  const bool is_of_one = content.find("object_modified") != nullptr;
  const auto modified = time_of(*content.object(), "object_modified");
  const Row* out = nullptr;
  const auto [begin, end] = rows_of(ref);
  if (static_cast<std::size_t>(end - begin) > versions_compared_max) return nullptr;
  for (const auto* row = begin; row != end; ++row) {
    if (is_of_one && (!modified || row->has_modified == 0 || row->modified != modified->micros)) {
      continue;
    }
    if (out != nullptr) return nullptr;
    out = row;
  }
  return out;
}

// By originals, so that each is read once, however many translations it has.
void BundleBook::judge_languages(Judge& judge,
                                 const std::function<void(const char*)>& behind) const {
  Again again(behind);
  std::vector<std::pair<const Row*, const Row*>> pairs;  // original, content
  for (const auto* row : chosen([](const Row& one) { return one.is_language != 0; })) {
    again.read(row->text());
    const auto content = json::parse(row->text());
    if (!content) continue;
    if (const auto* original = original_of(*content)) pairs.emplace_back(original, row);
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.first->index < b.first->index; });
  const Row* held = nullptr;
  json::Value original;
  for (const auto& [of, row] : pairs) {
    if (of != held) {
      again.read(of->text());
      auto value = json::parse(of->text());
      original = value ? *std::move(value) : json::Value();
      held = of;
    }
    again.read(row->text());
    const auto content = json::parse(row->text());
    if (!content) continue;
    const AtObject here(judge, row->index);
    judge_translations(judge, *content, original);
  }
}

}  // namespace comity::stix
