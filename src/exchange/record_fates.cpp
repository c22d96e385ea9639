#include "exchange/record_fates.h"

#include <fmt/format.h>

#include "exchange/disclosed_rows.h"

namespace comity::exchange {
namespace {

constexpr const char* list_name_of_fates = "results";
constexpr const char* sum_name_of_fates = "result_set";
constexpr std::string_view rejected_result = "rejected";

void set_fate(json::Object& out, const RecordFate& fate) {
  out.set("result", fate.result);
  if (!fate.reason.empty()) out.set("reason", fate.reason);
}

bool same_line(const RecordFate& a, const RecordFate& b) {
  return a.result == b.result && a.reason == b.reason;
}

// What was rejected is not held by whoever says so, who knows its digest from here alone.
json::Object run_json(const std::vector<RecordFate>& fates, std::size_t first, std::size_t end) {
  json::Object out;
  set_fate(out, fates[first]);
  out.set("count", static_cast<std::int64_t>(end - first));
  if (fates[first].result != rejected_result) return out;
  json::Array digests;
  for (auto i = first; i < end; ++i) digests.emplace_back(digest_text(fates[i].digest));
  out.set("digests", std::move(digests));
  return out;
}

json::Object sum_of_fates(const std::vector<RecordFate>& fates, const Digest& root) {
  json::Array runs;
  for (std::size_t first = 0; first < fates.size();) {
    auto end = first + 1;
    while (end < fates.size() && same_line(fates[first], fates[end])) ++end;
    runs.push_back(run_json(fates, first, end));
    first = end;
  }
  json::Object out;
  out.set("count", static_cast<std::int64_t>(fates.size()));
  out.set("root", digest_text(root));
  out.set("runs", std::move(runs));
  return out;
}

RecordFate read_fate(MemberReader& reader) {
  RecordFate fate{{}, reader.text("result"), reader.text("reason", false)};
  if (fate.result != "accepted" && fate.result != "quarantined" && fate.result != rejected_result) {
    reader.wrong("result", "expected accepted, quarantined or rejected");
  }
  return fate;
}

Status read_list_of_fates(MemberReader& reader, const Form& form, std::vector<RecordFate>& fates) {
  const auto& list = list_of(reader, form, list_name_of_fates);
  for (std::size_t i = 0; i < list.size(); ++i) {
    MemberReader item(list[i], reader.path(list_name_of_fates, i));
    auto fate = read_fate(item);
    fate.digest = item.digest("digest");
    TRY_STATUS(item.done());
    fates.push_back(std::move(fate));
  }
  return {};
}

// The digests of a run of what was rejected.
std::vector<Digest> read_digests_of_run(MemberReader& reader, std::size_t count) {
  std::vector<Digest> out;
  const auto& list = reader.list("digests");
  for (const auto& item : list) {
    const auto digest = digest_from_text(item.string() == nullptr ? "" : *item.string());
    if (!digest) reader.wrong("digests", "expected sha256: and 64 hexadecimal digits each");
    out.push_back(digest.value_or(Digest{}));
  }
  if (out.size() != count) reader.wrong("digests", fmt::format("expected {}", count));
  return out;
}

Status read_run_of_fates(MemberReader& reader, std::vector<RecordFate>& fates) {
  const auto fate = read_fate(reader);
  const auto count = reader.number("count");
  const auto room = static_cast<std::int64_t>(disclosure_records_max - fates.size());
  if (count < 1 || count > room) {
    reader.wrong("count", fmt::format("expected 1 to {}, {} in all", room, disclosure_records_max));
    return reader.done();
  }
  if (!fates.empty() && same_line(fates.back(), fate)) {
    reader.wrong("result", "expected another result or reason than in the run before");
  }
  std::vector<Digest> digests;
  if (fate.result == rejected_result) {
    digests = read_digests_of_run(reader, static_cast<std::size_t>(count));
  }
  TRY_STATUS(reader.done());
  const auto first = fates.size();
  fates.insert(fates.end(), static_cast<std::size_t>(count), fate);
  for (std::size_t i = 0; i < digests.size(); ++i) fates[first + i].digest = digests[i];
  return {};
}

Status read_sum_of_fates(MemberReader& outer, std::vector<RecordFate>& fates,
                         std::optional<Digest>& root) {
  MemberReader reader(*outer.raw(sum_name_of_fates), outer.path(sum_name_of_fates));
  root = reader.digest("root");
  const auto count = reader.number("count");
  const auto& runs = reader.list("runs");
  for (std::size_t i = 0; i < runs.size(); ++i) {
    MemberReader run(runs[i], reader.path("runs", i));
    TRY_STATUS(read_run_of_fates(run, fates));
  }
  if (fates.empty()) reader.wrong("runs", "expected at least one");
  if (count != static_cast<std::int64_t>(fates.size())) {
    reader.wrong("count", fmt::format("{}, and the runs have {}", count, fates.size()));
  }
  return reader.done();
}

}  // namespace

void set_fates(json::Object& out, const Form& form, const std::vector<RecordFate>& fates,
               const std::optional<Digest>& root) {
  if (root) {
    out.set(sum_name_of_fates, sum_of_fates(fates, *root));
    return;
  }
  json::Array list;
  for (const auto& fate : fates) {
    json::Object entry;
    entry.set("digest", digest_text(fate.digest));
    set_fate(entry, fate);
    list.push_back(std::move(entry));
  }
  set_list(out, form, list_name_of_fates, std::move(list));
}

Status read_fates(MemberReader& reader, const Form& form, std::vector<RecordFate>& fates,
                  std::optional<Digest>& root) {
  if (form.sums && reader.has(sum_name_of_fates)) return read_sum_of_fates(reader, fates, root);
  return read_list_of_fates(reader, form, fates);
}

}  // namespace comity::exchange
