// Records: the list, one record, who gets it and why, and import.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "api/cursor.h"
#include "api/exchange_json.h"
#include "base/file.h"
#include "exchange/import.h"
#include "exchange/recall.h"
#include "exchange/release.h"
#include "exchange/selection.h"
#include "exchange/token.h"
#include "exchange/withdrawal.h"
#include "json/parse.h"
#include "json/texts.h"
#include "stix/object.h"
#include "treaty/phrase.h"

namespace comity::api {
namespace {

constexpr std::string_view list_name = "listRecords";
constexpr std::size_t search_bytes_max = 200;
constexpr std::size_t word_bytes_max = 100;  // of a type, a party, a state
// Of one record: what it names, and the disclosures by which it went.
constexpr std::size_t names_shown_max = 1000;
constexpr std::size_t sent_shown_max = 200;

// --- the list ------------------------------------------------------------------------------------

Result<std::string> short_query(const Call& call, std::string_view name, std::size_t bytes_max) {
  const auto text = call.query_value(name);
  if (text.size() <= bytes_max) return std::string(text);
  return fail(ErrorKind::InvalidInput,
              fmt::format("{} bytes; at most {} are looked for", text.size(), bytes_max),
              std::string(name));
}

Result<store::RecordFilter> filter_of(const Call& call) {
  store::RecordFilter out;
  TRY(out.text, short_query(call, "q", search_bytes_max));
  TRY(out.type, short_query(call, "type", word_bytes_max));
  TRY(const auto state, short_query(call, "state", word_bytes_max));
  if (state == "live") {
    out.state = store::RecordState::Live;
  } else if (state == "quarantined") {
    out.state = store::RecordState::Quarantined;
  } else if (!state.empty()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no state; expected live or quarantined", state), "state");
  }
  TRY(const auto from, short_query(call, "from", word_bytes_max));
  // What this node imported itself came from its own party.
  if (!from.empty()) out.received_from = from == call.node.party() ? std::string() : from;
  return out;
}

bool shows(const store::RecordFilter& filter, const store::Record& record) {
  return (filter.type.empty() || record.type == filter.type) &&
         (!filter.state || record.state == *filter.state) &&
         (!filter.received_from || record.received_from == *filter.received_from);
}

// All assertions of one STIX id stand in an index: they need no search.
Result<store::RecordList> with_stix_id(store::Snapshot& snapshot, std::int64_t before,
                                       std::int64_t count, const store::RecordFilter& filter) {
  store::RecordList out;
  TRY(auto held, snapshot.records_by_stix_id(filter.text, false));
  for (auto at = held.rbegin(); at != held.rend(); ++at) {
    if (at->sequence >= before || !shows(filter, *at)) continue;
    if (static_cast<std::int64_t>(out.records.size()) == count) break;
    out.records.push_back(std::move(*at));
  }
  return out;
}

Result<Answer> list_records(Call& call) {
  TRY(const auto limit, page_limit(call));
  TRY(const auto filter, filter_of(call));
  TRY(const auto after, read_cursor(list_name, call.query_value("cursor")));
  TRY(const auto snapshot, call.node.store().read());
  auto before = INT64_MAX;
  if (!after.empty()) {
    const auto last = record_named(*snapshot, after);
    if (!last) return fail(ErrorKind::InvalidInput, "this is no cursor of this list", "cursor");
    before = last->sequence;
  }
  // One more than is shown, to know whether there are more.
  TRY(auto found, stix::is_identifier(filter.text)
                      ? with_stix_id(*snapshot, before, limit + 1, filter)
                      : snapshot->records_newest(before, limit + 1, filter));
  std::optional<std::string> next;
  if (static_cast<std::int64_t>(found.records.size()) > limit) {
    found.records.pop_back();
    next = write_cursor(list_name, hex(found.records.back().assertion_id));
  } else if (found.down_to > 1) {
    // The search was cut: it goes on where it ended, whether or not it had found anything.
    TRY(const auto end, snapshot->record(found.down_to));
    if (end) next = write_cursor(list_name, hex(end->assertion_id));
  }
  json::Array items;
  for (const auto& record : found.records) items.emplace_back(record_row(record));
  const bool all = filter.text.empty() && filter.type.empty() && !filter.state &&
                   !filter.received_from.has_value();
  std::optional<std::int64_t> total;
  if (all) {
    TRY(total, snapshot->record_count());
  }
  return page(std::move(items), std::move(next), total);
}

// --- one record ----------------------------------------------------------------------------------

Result<json::Array> names_json(store::Snapshot& snapshot, const store::Record& record) {
  json::Array out;
  for (const auto& name : record.names) {
    if (out.size() == names_shown_max) break;
    TRY(const auto id, record_of_stix(snapshot, name));
    json::Object row;
    row.set("stix_id", name);
    row.set("id", id ? json::Value(*id) : json::Value());
    out.push_back(std::move(row));
  }
  return out;
}

// The disclosures by which this very assertion went, whatever became of them.
Result<json::Array> sent_json(store::Snapshot& snapshot, const store::Record& record,
                              Citations& citations) {
  json::Array out;
  SentRows rows(snapshot, citations);
  std::set<std::string> parties;
  for (const auto& party : citations.model().parties) parties.insert(party.code);
  // One that is paired may have left the register since.
  TRY(const auto peers, snapshot.peers());
  for (const auto& peer : peers) parties.insert(peer.party);
  for (const auto& party : parties) {
    TRY(const bool ever, snapshot.granted(party, record.sequence));
    if (!ever) continue;
    TRY(const auto grants, snapshot.grants_of(party, record.stix_id));
    std::set<std::string> seen;
    for (const auto& grant : grants) {
      if (grant.sequence != record.sequence || !seen.insert(grant.disclosure).second) continue;
      if (out.size() == sent_shown_max) return out;
      TRY(const auto row, snapshot.protocol(grant.disclosure));
      if (!row) continue;
      TRY(auto shown, rows.of(*row));
      out.emplace_back(std::move(shown));
    }
  }
  return out;
}

Result<json::Array> recalls_json(exchange::Node& node, const store::Record& record) {
  json::Array out;
  TRY(const auto all, exchange::recalls(node));
  for (const auto& recall : all) {
    if (std::find(recall.records.begin(), recall.records.end(), record.digest) ==
        recall.records.end()) {
      continue;
    }
    json::Object row;
    row.set("recall", recall.recall);
    row.set("ours", recall.ours);
    row.set("party", recall.party);
    row.set("reason", recall.reason);
    row.set("state", recall.state);
    out.push_back(std::move(row));
  }
  return out;
}

json::Array chain_json(const exchange::Chain& chain) {
  json::Array out;
  for (const auto& [instrument, originator, at] : chain) {
    json::Object hop;
    hop.set("instrument", instrument);
    hop.set("originator", originator);
    out.push_back(std::move(hop));
  }
  return out;
}

Result<Answer> read_record(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto record, record_named(*snapshot, call.path_value("record")));
  Citations citations(call.node.law());
  auto out = record_row(record);
  TRY(auto object, json::parse(record.bytes));
  out.set("object", std::move(object));
  out.set("published", text_or_null(record.published));
  TRY(const auto doubts, json::parse(record.doubts));
  out.set("doubts", json::array_of(json::texts_of(&doubts)));
  out.set("quarantine_reason", text_or_null(record.quarantine_reason));
  TRY(const auto chain, exchange::read_chain(record.chain));
  out.set("chain", chain_json(chain));
  TRY(auto names, names_json(*snapshot, record));
  out.set("names", std::move(names));
  TRY(auto sent, sent_json(*snapshot, record, citations));
  out.set("sent", std::move(sent));
  TRY(auto recalls, recalls_json(call.node, record));
  out.set("recalls", std::move(recalls));
  Answer answer;
  answer.body = std::move(out);
  return answer;
}

// --- who gets this and why -----------------------------------------------------------------------

// A request that the law cannot read is answered as what it does not let go.
const char* verdict_name(treaty::VerdictKind kind) {
  return treaty::name(kind == treaty::VerdictKind::InvalidRequest ? treaty::VerdictKind::Forbidden
                                                                  : kind);
}

// Why a verdict is what it is: its articles, what is missing, duties, advice, assumptions.
void add_grounds(const treaty::Verdict& verdict, Citations& citations, json::Object& out) {
  json::Array basis, needs, reasons, duties, advice, assumed;
  for (const auto& entry : verdict.basis) {
    auto cited = citations.of(entry.instrument, entry.clause);
    cited.set("status", entry.status);  // as this node has verified it
    basis.emplace_back(std::move(cited));
  }
  for (const auto& need : verdict.needs) {
    json::Object row;
    row.set("kind", need.kind);
    row.set("what", treaty::to_json(treaty::need_phrase(need)));
    row.set("from", treaty::to_json(treaty::from_phrase(need)));
    needs.push_back(std::move(row));
  }
  for (const auto& reason : verdict.reasons) {
    json::Object row;
    row.set("code", reason.code);
    row.set("what", treaty::to_json(treaty::reason_phrase(reason)));
    row.set("citation", citations.or_null(reason.instrument, reason.clause));
    reasons.push_back(std::move(row));
  }
  for (const auto& duty : verdict.duties) {
    json::Object row;
    row.set("what", treaty::to_json(treaty::duty_phrase(citations.model(), duty)));
    row.set("due", text_or_null(duty.due));
    row.set("citation", citations.of(duty.instrument, duty.clause));
    duties.push_back(std::move(row));
  }
  for (const auto& item : verdict.advice) {
    json::Object row;
    row.set("what", treaty::to_json(treaty::advice_phrase(citations.model(), item)));
    row.set("citation", citations.of(item.instrument, item.clause));
    advice.push_back(std::move(row));
  }
  for (const auto& item : verdict.assumed) {
    json::Object row;
    row.set("id", item.id);
    row.set("reason", item.reason);
    assumed.push_back(std::move(row));
  }
  out.set("basis", std::move(basis));
  out.set("needs", std::move(needs));
  out.set("reasons", std::move(reasons));
  out.set("duties", std::move(duties));
  out.set("advice", std::move(advice));
  out.set("assumed", std::move(assumed));
}

// How each party could be reached at this instant.
class Reach {
 public:
  static Result<Reach> read(store::Snapshot& snapshot, Instant now) {
    Reach out;
    TRY(const auto peers, snapshot.peers());
    for (const auto& peer : peers) {
      if (peer.confirmed) out.by_party_[peer.party] = "paired";
    }
    TRY(const auto tokens, exchange::tokens(snapshot));
    for (const auto& token : tokens) {
      if (token.live(now) && !token.writes()) out.by_party_.try_emplace(token.party, "token");
    }
    return out;
  }
  const char* of(const std::string& party) const {
    const auto at = by_party_.find(party);
    return at == by_party_.end() ? "none" : at->second;
  }

 private:
  std::map<std::string, const char*> by_party_;
};

// The record for which another one stays: one that it contains or names, by its record id.
Result<json::Value> because_json(store::Snapshot& snapshot, const store::Record& record,
                                 const exchange::PartyPreview& row) {
  if (row.verdict.kind == treaty::VerdictKind::Permitted || row.by_clock) return json::Value();
  if (row.because.empty()) {
    return row.record == record.assertion_id ? json::Value() : json::Value(hex(row.record));
  }
  TRY(const auto id, record_of_stix(snapshot, row.because));
  return id ? json::Value(*id) : json::Value();
}

Result<bool> has_it(store::Snapshot& snapshot, const std::string& party,
                    const store::Record& record) {
  TRY(const bool ever, snapshot.granted(party, record.sequence));
  if (!ever) return false;
  TRY(const auto withdrawn, exchange::withdrawn_from(snapshot, party));
  return exchange::granted(snapshot, party, record, withdrawn);
}

Result<Answer> list_recipients(Call& call) {
  std::optional<Instant> at;
  if (const auto text = call.query_value("at"); !text.empty()) {
    auto parsed = parse_day_or_instant(text);
    if (!parsed) return tl::unexpected<Error>(std::move(parsed.error()).at("at"));
    at = *parsed;
  }
  auto& node = call.node;
  TRY(const auto snapshot, node.store().read());
  TRY(const auto record, record_named(*snapshot, call.path_value("record")));
  const auto law = node.law();
  TRY(const auto rows, exchange::preview_record(node, *snapshot, record, at, law));
  TRY(const auto reach, Reach::read(*snapshot, node.now()));
  Citations citations(law);
  std::map<std::string_view, std::int64_t> counts;
  json::Array parties;
  for (const auto& row : rows) {
    const auto* verdict = verdict_name(row.verdict.kind);
    ++counts[verdict];
    json::Object out;
    out.set("party", row.party);
    out.set("verdict", verdict);
    out.set("reach", reach.of(row.party));
    TRY(const bool already, has_it(*snapshot, row.party, record));
    out.set("already", already);
    add_grounds(row.verdict, citations, out);
    TRY(auto because, because_json(*snapshot, record, row));
    out.set("because", std::move(because));
    parties.push_back(std::move(out));
  }
  json::Object all;
  for (const auto* name : {"permitted", "needs", "forbidden", "no-basis"}) {
    all.set(name, counts[name]);
  }
  json::Object body;
  body.set("at", format_rfc3339(at.value_or(node.treaty_now()), 6));
  body.set("register", digest_text(citations.model().digest));
  body.set("counts", std::move(all));
  body.set("parties", std::move(parties));
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

// --- import --------------------------------------------------------------------------------------

json::Object loss_json(const exchange::Loss& loss) {
  json::Object out;
  out.set("severity", loss.severity);
  out.set("where", loss.where);
  out.set("id", loss.id);
  out.set("why", loss.why);
  return out;
}

Result<Answer> import_bundle(Call& call) {
  exchange::ImportOptions options;
  TRY(options.tlp, short_query(call, "tlp", word_bytes_max));
  TRY(options.published, short_query(call, "published", 2000));
  TRY(const auto area, short_query(call, "area", word_bytes_max));
  TRY(const auto purpose, short_query(call, "purpose", word_bytes_max));
  if (!area.empty()) options.area = area;
  if (!purpose.empty()) options.purpose = purpose;
  if (call.request.body.empty()) {
    return fail(ErrorKind::InvalidInput, "the body is empty; expected a STIX 2.1 bundle");
  }
  TRY(const auto file, NamelessFile::create(call.node.directory(), call.request.body));
  auto report = exchange::import_bundle(call.node, file.path(), options, {});
  if (!report) {
    // The place is one in the bundle; where it lay meanwhile says nothing to who sent it.
    auto error = std::move(report).error();
    if (error.where.starts_with(file.path())) {
      error.where.erase(0, std::min(error.where.size(), file.path().size() + 1));
    }
    return tl::unexpected<Error>(std::move(error));
  }
  json::Object out;
  out.set("import", report->import_id);
  out.set("objects", report->objects);
  out.set("added", report->added);
  out.set("existed", report->existed);
  out.set("refused", report->refused);
  out.set("warnings", report->warnings);
  json::Array losses;
  for (const auto& loss : report->losses) losses.emplace_back(loss_json(loss));
  out.set("losses", std::move(losses));
  Answer answer;
  answer.body = std::move(out);
  return answer;
}

}  // namespace

std::vector<Route> record_routes() {
  return {
      {"listRecords",
       "GET",
       "/api/v1/records",
       Access::SignedIn,
       exchange_readers(),
       {"q", "type", "state", "from", "cursor", "limit"},
       Body::None,
       false,
       list_records},
      {"readRecord",
       "GET",
       "/api/v1/records/{record}",
       Access::SignedIn,
       exchange_readers(),
       {},
       Body::None,
       false,
       read_record},
      {"listRecipients",
       "GET",
       "/api/v1/records/{record}/recipients",
       Access::SignedIn,
       exchange_readers(),
       {"at"},
       Body::None,
       false,
       list_recipients},
      {"importBundle",
       "POST",
       "/api/v1/imports",
       Access::SignedIn,
       record_officers(),
       {"tlp", "area", "purpose", "published"},
       Body::Raw,
       false,
       import_bundle},
  };
}

}  // namespace comity::api
