#include "exchange/disclosed_rows.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "json/write.h"
#include "ledger/merkle.h"

namespace comity::exchange {
namespace {

constexpr const char* list_name = "records";
constexpr const char* sum_name = "record_set";
constexpr Form newest_rows{};  // of a form, rows ask for nothing but whether it leaves lists out

// What a row says beside its digest.
void set_part(json::Object& out, const Form& form, const DisclosedRecord& record) {
  out.set("originator", record.originator);
  out.set("classes", record.classes);
  out.set("tlp", record.tlp);
  if (!record.published.empty()) out.set("published", record.published);
  json::Array chain;
  for (const auto& [instrument, originator, at] : record.chain) {
    json::Object hop;
    hop.set("instrument", instrument);
    hop.set("originator", originator);
    if (at) hop.set("received", format_rfc3339(*at, 6));
    chain.push_back(std::move(hop));
  }
  set_list(out, form, "chain", std::move(chain));
}

json::Object row_json(const Form& form, const DisclosedRecord& record) {
  json::Object out;
  out.set("digest", digest_text(record.digest));
  set_part(out, form, record);
  return out;
}

json::Object sum_json(const Form& form, const std::vector<DisclosedRecord>& rows,
                      const Digest& root) {
  json::Array parts, runs;
  std::map<std::string, std::int64_t> known;  // place of a part, by its text
  std::int64_t last = -1, length = 0;
  const auto end_run = [&] {
    if (length == 0) return;
    json::Object run;
    run.set("part", last);
    run.set("count", length);
    runs.push_back(std::move(run));
    length = 0;
  };
  for (const auto& record : rows) {
    json::Object part;
    set_part(part, form, record);
    const auto [at, fresh] =
        known.emplace(json::canonical(part), static_cast<std::int64_t>(parts.size()));
    if (fresh) parts.push_back(std::move(part));
    if (at->second != last) end_run();
    last = at->second;
    ++length;
  }
  end_run();
  json::Object out;
  out.set("count", static_cast<std::int64_t>(rows.size()));
  out.set("root", digest_text(root));
  out.set("parts", std::move(parts));
  out.set("runs", std::move(runs));
  return out;
}

Status read_part(MemberReader& reader, const Form& form, DisclosedRecord& record) {
  record.originator = reader.text("originator");
  record.classes = reader.text("classes");
  record.tlp = reader.text("tlp");
  record.published = reader.text("published", false);
  const auto& chain = list_of(reader, form, "chain");
  for (std::size_t i = 0; i < chain.size(); ++i) {
    MemberReader hop(chain[i], reader.path("chain", i));
    treaty::ReceivedUnder received{hop.text("instrument"), hop.text("originator")};
    if (hop.has("received")) received.at = hop.time("received");
    record.chain.push_back(std::move(received));
    TRY_STATUS(hop.done());
  }
  return reader.done();
}

Status read_list(MemberReader& reader, const Form& form, std::vector<DisclosedRecord>& rows) {
  const auto& list = reader.list(list_name);
  if (list.empty() || list.size() > disclosure_records_max) {
    reader.wrong(list_name, fmt::format("expected 1 to {} records", disclosure_records_max));
  }
  std::set<Digest> seen;
  for (std::size_t i = 0; i < list.size() && i < disclosure_records_max; ++i) {
    MemberReader row(list[i], reader.path(list_name, i));
    DisclosedRecord record;
    record.digest = row.digest("digest");
    TRY_STATUS(read_part(row, form, record));
    if (!seen.insert(record.digest).second) {
      reader.wrong(list_name, fmt::format("record {} stands twice", digest_text(record.digest)));
    }
    rows.push_back(std::move(record));
  }
  return {};
}

// Parts are named by runs in the order in which they stand, none of them twice and each of them.
Status read_parts(MemberReader& reader, const Form& form, std::vector<DisclosedRecord>& parts) {
  const auto& list = reader.list("parts");
  if (list.empty() || list.size() > disclosure_records_max) {
    reader.wrong("parts", fmt::format("expected 1 to {} parts", disclosure_records_max));
    return {};
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    MemberReader item(list[i], reader.path("parts", i));
    TRY_STATUS(read_part(item, form, parts.emplace_back()));
    if (!seen.insert(json::canonical(list[i])).second) {
      reader.wrong("parts", fmt::format("part {} stands twice", i));
    }
  }
  return {};
}

Status read_runs(MemberReader& reader, const std::vector<DisclosedRecord>& parts,
                 std::vector<DisclosedRecord>& rows) {
  const auto& list = reader.list("runs");
  std::int64_t last = -1, used = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    MemberReader item(list[i], reader.path("runs", i));
    const auto part = item.number("part");
    const auto count = item.number("count");
    const auto room = static_cast<std::int64_t>(disclosure_records_max - rows.size());
    if (part < 0 || part > used || part == last ||
        part >= static_cast<std::int64_t>(parts.size())) {
      item.wrong("part", "expected a part, another than before, each first in its order");
    } else if (count < 1 || count > room) {
      item.wrong("count", fmt::format("expected 1 to {}, {} in all", room, disclosure_records_max));
    }
    TRY_STATUS(item.done());
    if (part == used) ++used;
    last = part;
    rows.insert(rows.end(), static_cast<std::size_t>(count), parts[static_cast<std::size_t>(part)]);
  }
  if (used != static_cast<std::int64_t>(parts.size())) {
    reader.wrong("runs", "expected every part in at least one");
  }
  return {};
}

Status read_sum(MemberReader& outer, const Form& form, std::vector<DisclosedRecord>& rows,
                std::optional<Digest>& root) {
  MemberReader reader(*outer.raw(sum_name), outer.path(sum_name));
  root = reader.digest("root");
  const auto count = reader.number("count");
  std::vector<DisclosedRecord> parts;
  TRY_STATUS(read_parts(reader, form, parts));
  if (parts.empty()) return reader.done();
  TRY_STATUS(read_runs(reader, parts, rows));
  if (count != static_cast<std::int64_t>(rows.size())) {
    reader.wrong("count", fmt::format("{}, and the runs have {}", count, rows.size()));
  }
  return reader.done();
}

}  // namespace

Digest rows_root(const std::vector<DisclosedRecord>& rows) {
  std::vector<Digest> leaves;
  leaves.reserve(rows.size());
  for (const auto& record : rows) {
    leaves.push_back(ledger::leaf_hash(json::canonical(row_json(newest_rows, record))));
  }
  return ledger::root(leaves);
}

void set_rows(json::Object& out, const Form& form, const std::vector<DisclosedRecord>& rows,
              const std::optional<Digest>& root) {
  if (root) {
    out.set(sum_name, sum_json(form, rows, *root));
    return;
  }
  json::Array list;
  for (const auto& record : rows) list.push_back(row_json(form, record));
  set_list(out, form, list_name, std::move(list));
}

Status read_rows(MemberReader& reader, const Form& form, std::vector<DisclosedRecord>& rows,
                 std::optional<Digest>& root) {
  if (form.sums && reader.has(sum_name)) return read_sum(reader, form, rows, root);
  return read_list(reader, form, rows);
}

}  // namespace comity::exchange
