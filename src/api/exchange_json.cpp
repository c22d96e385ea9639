#include "api/exchange_json.h"

#include <algorithm>

#include "api/citation.h"
#include "api/cursor.h"
#include "exchange/procedure.h"
#include "exchange/record.h"
#include "exchange/selection.h"
#include "exchange/statement.h"
#include "json/head.h"
#include "json/parse.h"
#include "json/texts.h"

namespace comity::api {
namespace {

// Looked at for one page of which a filter may show little.
constexpr std::int64_t looked_at_max = 500;
constexpr std::int64_t statements_at_once_max = 16;  // in memory

tl::unexpected<Error> no_record() {
  return fail(ErrorKind::NotFound, "this node holds no record with this id");
}

}  // namespace

RoleSet exchange_readers() {
  return {Role::DutyOfficer,      Role::Analyst,       Role::LegalAdviser,
          Role::ReleasingOfficer, Role::RightsOfficer, Role::Auditor};
}

RoleSet release_readers() {
  auto out = exchange_readers();
  out.add(Role::Oversight);
  return out;
}

RoleSet record_officers() { return {Role::DutyOfficer, Role::Analyst, Role::ReleasingOfficer}; }

json::Value text_or_null(std::string_view text) {
  return text.empty() ? json::Value() : json::Value(text);
}

Result<store::Record> record_named(store::Snapshot& snapshot, std::string_view id) {
  const auto bytes = from_hex(id);
  if (!bytes) return no_record();
  const auto digest = digest_from_bytes(*bytes);
  // One id has one spelling.
  if (!digest || hex(*digest) != id) return no_record();
  TRY(auto record, snapshot.record_by_assertion(*digest));
  if (!record) return no_record();
  return *std::move(record);
}

Result<std::optional<std::string>> record_of_stix(store::Snapshot& snapshot,
                                                  const std::string& stix_id) {
  TRY(auto held, snapshot.records_by_stix_id(stix_id, false));
  const auto record = exchange::preferred(std::move(held));
  return record ? std::optional(hex(record->assertion_id)) : std::nullopt;
}

Result<std::vector<std::string>> stix_ids(store::Snapshot& snapshot,
                                          const std::vector<std::string>& ids, bool shared) {
  std::vector<std::string> out;
  for (const auto& id : ids) {
    if (id.find("--") != std::string::npos) {
      out.push_back(id);
      continue;
    }
    TRY(const auto record, record_named(snapshot, id));
    TRY(const auto preferred, record_of_stix(snapshot, record.stix_id));
    if (shared && preferred && *preferred != id) {
      return fail(ErrorKind::Conflict,
                  "this node holds another copy of this record, and that is the one it would share",
                  *preferred);
    }
    out.push_back(record.stix_id);
  }
  return out;
}

json::Object record_row(const store::Record& record) {
  json::Object out;
  out.set("id", hex(record.assertion_id));
  out.set("stix_id", record.stix_id);
  out.set("type", record.type);
  out.set("name", exchange::title_of(record));
  out.set("originator", record.originator);
  out.set("received_from", text_or_null(record.received_from));
  out.set("classes", json::array_of(exchange::split_classes(record.classes)));
  out.set("tlp", record.tlp);
  out.set("area", record.area);
  out.set("purpose", record.purpose);
  out.set("state", record.state == store::RecordState::Live ? "live" : "quarantined");
  out.set("arrived", format_rfc3339(record.arrived, 6));
  out.set("source", record.source);
  return out;
}

const json::Object& Citations::of(const std::string& instrument, const std::string& clause) {
  const auto [at, fresh] = made_.try_emplace({instrument, clause});
  if (fresh) at->second = citation_json(law_->model(), instrument, clause);
  return at->second;
}

json::Value Citations::or_null(const std::string& instrument, const std::string& clause) {
  if (instrument.empty()) return {};
  return of(instrument, clause);
}

const json::Array* disclosure_basis(const json::Object& head) {
  static const json::Array none;
  const auto* basis = head.find("basis");
  if (basis == nullptr) return head.find("ground") == nullptr ? nullptr : &none;
  return basis->array();
}

Result<json::Object> disclosure_head(const store::ProtocolObject& row) {
  // It is kept in the form in which what it rests on stands before its records, and the purpose
  // last of that; one that is not is read whole.
  TRY(auto head, json::head(row.bytes, "records"));
  if (head.find("purpose") != nullptr && disclosure_basis(head) != nullptr) return head;
  return json::split(row.bytes, "records", [](std::string_view, std::size_t) { return Status(); });
}

Status set_basis(const store::ProtocolObject& row, Citations& citations, json::Object& out) {
  json::Array cited_all;
  TRY(const auto head, disclosure_head(row));
  const auto* basis = disclosure_basis(head);
  if (basis == nullptr) {
    return fail(ErrorKind::Corrupt, "a kept disclosure names no basis", row.id);
  }
  for (const auto& clause : *basis) {
    auto cited =
        citations.of(std::string(clause.text("instrument")), std::string(clause.text("clause")));
    // As it was signed, also when the present register knows the clause no longer.
    cited.set("article", clause.text("article"));
    cited_all.emplace_back(std::move(cited));
  }
  out.set("basis", std::move(cited_all));
  for (const char* by_officers : {"ground", "four_eyes"}) {
    const auto* member = head.find(by_officers);
    if (member != nullptr) out.set(by_officers, *member);
  }
  return {};
}

Result<std::int64_t> disclosure_size(const store::ProtocolObject& row) {
  TRY(const auto before, json::head(row.bytes, "records"));
  if (const auto* sum = before.find("record_set"); sum != nullptr) {
    const auto* count = sum->find("count");
    if (count != nullptr && count->integer() != nullptr) return *count->integer();
  }
  std::int64_t records = 0;
  TRY(const auto head, json::split(row.bytes, "records", [&](std::string_view, std::size_t) {
        ++records;
        return Status();
      }));
  (void)head;
  return records;
}

Status SentRows::load_recalls() {
  if (recalled_) return {};
  std::set<std::string> out;
  TRY(const auto rows, snapshot_.protocols("comity-recall", store::Direction::Sent, ""));
  for (const auto& row : rows) {
    TRY(const auto statement, exchange::read_statement(row.bytes));
    const auto& ids = std::get<exchange::Recall>(statement.body).disclosures;
    out.insert(ids.begin(), ids.end());
  }
  recalled_ = std::move(out);
  return {};
}

std::string SentRows::state(const exchange::SentStanding& standing) const {
  if (recalled_->contains(standing.disclosure)) return "recalled";
  return exchange::name(standing.state);
}

Result<std::string> SentRows::state_of(const store::ProtocolObject& row) {
  TRY_STATUS(load_recalls());
  TRY(const auto standing, standings_.of(row));
  return state(standing);
}

Result<json::Object> SentRows::of(const store::ProtocolObject& row) {
  TRY_STATUS(load_recalls());
  TRY(const auto standing, standings_.of(row));
  json::Object out;
  out.set("disclosure", standing.disclosure);
  out.set("party", standing.party);
  out.set("number", standing.number);
  out.set("time", format_rfc3339(standing.time, 6));
  out.set("records", standing.records);
  out.set("state", state(standing));
  out.set("accepted", standing.accepted);
  out.set("quarantined", standing.quarantined);
  out.set("rejected", standing.rejected);
  TRY_STATUS(set_basis(row, citations_, out));
  out.set("reasons", json::array_of(standing.reasons));
  return out;
}

Result<Answer> protocol_page(
    Call& call, store::Snapshot& snapshot, std::string_view list, std::string_view kind,
    store::Direction direction,
    const std::function<Result<std::optional<json::Object>>(const store::ProtocolObject&)>& row) {
  TRY(const auto limit, page_limit(call));
  TRY(const auto after, read_cursor(list, call.query_value("cursor")));
  auto before = INT64_MAX;
  if (!after.empty()) {
    TRY(const auto last, snapshot.protocol(after));
    if (!last || last->kind != kind || last->direction != direction) {
      return fail(ErrorKind::InvalidInput, "this is no cursor of this list", "cursor");
    }
    before = last->arrival;
  }
  json::Array items;
  std::string last;
  bool more = false;
  for (std::int64_t looked_at = 0; !more;) {
    // A few at a time: each has all its bytes.
    const auto wanted =
        std::min(limit - static_cast<std::int64_t>(items.size()), statements_at_once_max - 1);
    TRY(const auto rows, snapshot.protocols_newest(kind, direction, before, wanted + 1));
    for (const auto& one : rows) {
      if (static_cast<std::int64_t>(items.size()) == limit || looked_at == looked_at_max) {
        more = true;
        break;
      }
      ++looked_at;
      before = one.arrival;
      last = one.id;
      TRY(auto shown, row(one));
      if (shown) items.emplace_back(*std::move(shown));
    }
    if (static_cast<std::int64_t>(rows.size()) <= wanted) break;
  }
  return page(std::move(items), more ? std::optional(write_cursor(list, last)) : std::nullopt);
}

tl::unexpected<Error> in_body(Error error) {
  if (error.where == "--to") {
    error.where = "$.recipient";
  } else if (error.where.starts_with("--")) {
    error.where.replace(0, 2, "$.");
  }
  return tl::unexpected<Error>(std::move(error));
}

void send_now(exchange::Node& node, const std::string& party) {
  const auto told = exchange::send_statements(node, party);
  // What went wrong is seen in how the statement fares; the courier tries again.
  (void)told;
}

}  // namespace comity::api
