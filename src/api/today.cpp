#include "api/today.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/approvals.h"
#include "api/exchange_json.h"
#include "api/pending_change.h"
#include "exchange/account.h"
#include "exchange/clock_guard.h"
#include "exchange/doctor.h"
#include "exchange/peer_ledger.h"
#include "exchange/protocol.h"
#include "exchange/receipt_counts.h"
#include "exchange/release_request.h"
#include "exchange/signers.h"
#include "exchange/statement.h"
#include "json/parse.h"
#include "json/write.h"
#include "treaty/phrase.h"

namespace comity::api {
namespace {

constexpr std::string_view owners_key = "today-owners";

Instant later(Instant from, std::int64_t seconds) {
  return {from.micros + Instant::from_seconds(seconds).micros};
}

// Whether something of this instant is not longer ago.
bool within(Instant instant, Instant now, std::int64_t seconds) {
  return later(instant, seconds) > now;
}

json::Value party_word(const std::string& party) {
  return treaty::to_json(treaty::word_phrase("party", party));
}

json::Value what(const char* kind,
                 std::initializer_list<std::pair<std::string_view, json::Value>> args) {
  return treaty::to_json(treaty::phrase(fmt::format("today.{}", kind), args));
}

// Who may see items of a kind: who may see what they are made of.
RoleSet seen_by(std::string_view kind) {
  if (kind == "alarm") return RoleSet::all();
  if (kind == "receipt-missing" || kind == "release-request") return release_readers();
  if (kind == "approval") {
    return {Role::DutyOfficer,   Role::LegalAdviser, Role::ReleasingOfficer, Role::RightsOfficer,
            Role::Administrator, Role::Auditor,      Role::Oversight};
  }
  if (kind == "key-expiring") {
    return {Role::DutyOfficer,   Role::Analyst, Role::LegalAdviser, Role::ReleasingOfficer,
            Role::Administrator, Role::Auditor, Role::Oversight};
  }
  return exchange_readers();
}

class Collector {
 public:
  Collector(exchange::Node& node, store::Snapshot& snapshot, const std::vector<PeerLine>& lines)
      : node_(node), snapshot_(snapshot), lines_(lines), now_(node.now()) {}

  Result<std::vector<Item>> run() {
    TRY_STATUS(peers());
    TRY_STATUS(recalls());
    TRY_STATUS(received());
    TRY_STATUS(duties(store::Direction::Sent));
    TRY_STATUS(duties(store::Direction::Received));
    TRY_STATUS(requests());
    TRY_STATUS(approvals());
    own_keys();
    TRY_STATUS(alarms());
    return std::move(out_);
  }

 private:
  Item& add(const char* kind, const std::string& about, json::Value text, Instant since,
            std::string link) {
    Item item;
    item.id = fmt::format("{}.{}", kind, about);
    item.kind = kind;
    item.what = std::move(text);
    item.since = since;
    item.link = std::move(link);
    return out_.emplace_back(std::move(item));
  }

  static void due(Item& item, Instant at, Instant now) {
    item.due = at;
    item.late = now >= at;
    item.soon = later(now, today_due_s) >= at;
  }

  Status peers();
  Status recalls();
  Status received();
  Status duties(store::Direction direction);
  Status duties_of(const store::ProtocolObject& row);
  Status requests();
  Status approvals();
  void key(const std::string& party, Instant not_after);
  void own_keys();
  Status alarms();
  void alarm(const std::string& about, std::string text, Instant since, const char* link);

  exchange::Node& node_;
  store::Snapshot& snapshot_;
  const std::vector<PeerLine>& lines_;
  Instant now_;
  std::vector<Item> out_;
};

// Receipts that are missing, consent that was asked for, keys that run out.
Status Collector::peers() {
  for (const auto& line : lines_) {
    if (line.receipts_missing > 0) {
      auto& item = add("receipt-missing", line.party,
                       what("receipt-missing",
                            {{"party", party_word(line.party)}, {"count", line.receipts_missing}}),
                       *line.missing_since, "/exchange/outbox?state=missing");
      item.party = line.party;
      due(item, later(*line.missing_since, exchange::receipt_due_s), now_);
    }
    if (line.key_days_left && *line.key_days_left < exchange::key_warning_days) {
      key(line.party, later(now_, *line.key_days_left * seconds_per_day));
    }
    TRY(const auto asked, snapshot_.unanswered("comity-consent-request", store::Direction::Received,
                                               line.party, today_items_max));
    for (const auto& row : asked) {
      TRY(const auto whole, snapshot_.protocol(row.id));  // what is listed has no bytes
      if (!whole) continue;
      TRY(const auto statement, exchange::read_statement(whole->bytes));
      const auto& body = std::get<exchange::ConsentRequest>(statement.body);
      auto& item =
          add("consent-asked", row.id,
              what("consent-asked", {{"party", party_word(row.peer)},
                                     {"recipient", party_word(body.recipient)},
                                     {"count", static_cast<std::int64_t>(body.records.size())}}),
              row.at, "/exchange/consents");
      item.party = row.peer;
    }
  }
  return {};
}

Status Collector::recalls() {
  TRY(const auto rows, snapshot_.protocols_newest("comity-recall", store::Direction::Received,
                                                  INT64_MAX, today_items_max));
  for (const auto& row : rows) {
    if (!within(row.at, now_, today_past_s)) break;
    TRY(const auto statement, exchange::read_statement(row.bytes));
    const auto& body = std::get<exchange::Recall>(statement.body);
    auto& item = add("recall-received", row.id,
                     what("recall-received",
                          {{"party", party_word(row.peer)},
                           {"reason", treaty::to_json(treaty::word_phrase("recall", body.reason))},
                           {"count", static_cast<std::int64_t>(body.records.size())}}),
                     row.at, "/exchange/recalls");
    item.party = row.peer;
  }
  return {};
}

// What came, and what of it was quarantined when it came.
Status Collector::received() {
  TRY(const auto rows,
      snapshot_.protocols_newest(exchange::disclosure_kind, store::Direction::Received, INT64_MAX,
                                 today_disclosures_max));
  for (const auto& row : rows) {
    if (!within(row.at, now_, today_past_s)) break;
    TRY(const auto answer, snapshot_.protocol(exchange::receipt_id(row.id)));
    if (!answer || answer->direction != store::Direction::Sent) continue;
    TRY(const auto fates, exchange::receipt_counts(*answer, exchange::own_signers(node_)));
    const auto link = "/exchange/disclosures/" + row.id;
    if (within(row.at, now_, today_arrived_s)) {
      add("arrived", row.id,
          what("arrived", {{"party", party_word(row.peer)}, {"count", fates.records()}}), row.at,
          link)
          .party = row.peer;
    }
    if (fates.quarantined > 0) {
      add("quarantined", row.id,
          what("quarantined", {{"party", party_word(row.peer)}, {"count", fates.quarantined}}),
          row.at, link)
          .party = row.peer;
    }
  }
  return {};
}

// Of the duties that a disclosure names, those that are due about now.
Status Collector::duties_of(const store::ProtocolObject& row) {
  TRY(const auto head, disclosure_head(row));
  const auto* list = head.find("duties");
  if (list == nullptr || list->array() == nullptr) return {};
  const auto today = node_.treaty_now();
  const auto law = node_.law();
  int number = 0;
  for (const auto& duty : *list->array()) {
    ++number;
    const auto day = parse_day_or_instant(duty.text("due"));
    if (!day) continue;  // it sets none
    // The day is over when the next one begins.
    const auto end = later(*day, seconds_per_day);
    if (later(today, today_due_s) < end || !within(end, today, today_past_s)) continue;
    const treaty::Duty named = {
        std::string(duty.text("instrument")), std::string(duty.text("clause")),
        std::string(duty.text("article")),    std::string(duty.text("what")),
        std::string(duty.text("due")),        false};
    auto& item =
        add("duty-due", fmt::format("{}.{}", row.id, number),
            what("duty-due", {{"duty", treaty::to_json(treaty::duty_phrase(law->model(), named))},
                              {"party", party_word(row.peer)},
                              {"instrument", named.instrument},
                              {"article", named.article}}),
            row.at, "/exchange/disclosures/" + row.id);
    item.party = row.peer;
    due(item, end, today);  // by the day of the law, which an exercise may have set ahead
  }
  return {};
}

Status Collector::duties(store::Direction direction) {
  TRY(const auto rows, snapshot_.protocols_newest(exchange::disclosure_kind, direction, INT64_MAX,
                                                  today_disclosures_max));
  for (const auto& row : rows) TRY_STATUS(duties_of(row));
  return {};
}

Status Collector::requests() {
  TRY(const auto all, exchange::release_requests(snapshot_));
  for (const auto& request : all) {
    if (request.state != exchange::RequestState::Waiting) continue;
    add("release-request", request.id,
        what("release-request", {{"account", request.proposed_by},
                                 {"count", static_cast<std::int64_t>(request.ids.size())},
                                 {"parties", static_cast<std::int64_t>(request.parties.size())}}),
        request.proposed, "/exchange/release-requests");
  }
  return {};
}

// Acts of law that wait for the second officer's key.
Status Collector::approvals() {
  TRY(const auto acts, pending_acts(node_, snapshot_));
  for (const auto& act : acts) {
    if (act.done) continue;
    TRY(const auto read, exchange::read_act(act.act));
    auto& item = add("approval", act.id(),
                     what("approval", {{"what", treaty::to_json(act_phrase(act.act))}}),
                     read.created, "/node/officers");
    // From then on nobody can sign it.
    due(item, later(read.created, exchange::act_seconds_max), now_);
  }
  return {};
}

void Collector::key(const std::string& party, Instant not_after) {
  const auto days =
      std::max<std::int64_t>(0, not_after.seconds() - now_.seconds()) / seconds_per_day;
  auto& item = add("key-expiring", party,
                   what("key-expiring", {{"party", party_word(party)}, {"days", days}}), now_,
                   "/node/peers");
  item.party = party;
  due(item, not_after, now_);
}

void Collector::own_keys() {
  const auto& keys = node_.keys();
  std::optional<Instant> first;
  for (const auto* text : {&keys.node_record, &keys.tls_record, &keys.seal_record}) {
    const auto record = trust::open_key_record(*text, keys.root);
    if (!record) continue;  // an ailment, which the doctor names
    first = first ? std::min(*first, record->not_after) : record->not_after;
  }
  if (first && *first < later(now_, exchange::key_warning_days * seconds_per_day)) {
    key(node_.party(), *first);
  }
}

void Collector::alarm(const std::string& about, std::string text, Instant since, const char* link) {
  add("alarm", about, what("alarm", {{"text", std::move(text)}}), since, link);
}

Status Collector::alarms() {
  TRY(const auto text, exchange::account_text(snapshot_));
  TRY(const auto accounts, exchange::read_accounts(text));
  for (const auto& one : accounts.alarms) {
    add("alarm", one.id,
        what("alarm-break-glass", {{"account", one.account}, {"count", one.times}}), one.at,
        "/node/accounts")
        // By this name it is acknowledged.
        .id = one.id;
  }
  TRY(const auto clock, exchange::clock_problem(node_, snapshot_));
  if (!clock.empty()) alarm("clock", clock, now_, "/node/doctor");
  TRY(const auto peers, snapshot_.peers());
  std::vector<std::string> parties = {node_.party()};
  for (const auto& peer : peers) parties.push_back(peer.party);
  for (const auto& party : parties) {
    TRY(const auto ledger, exchange::peer_ledger(snapshot_, party));
    int number = 0;
    for (const auto& one : ledger.alarms) {
      alarm(fmt::format("ledger.{}.{}", party, ++number), one.text, now_, "/node/ledger");
      out_.back().party = party;
    }
  }
  return {};
}

// --- owners --------------------------------------------------------------------------------------

using Owners = std::map<std::string, std::string, std::less<>>;

Result<Owners> read_owners(store::Snapshot& snapshot) {
  Owners out;
  TRY(const auto text, snapshot.meta(owners_key));
  if (!text) return out;
  TRY(const auto value, json::parse(*text));
  if (value.object() == nullptr) return fail(ErrorKind::Corrupt, "the owners are no object");
  for (const auto& [item, owner] : *value.object()) {
    if (owner.string() != nullptr) out[item] = *owner.string();
  }
  return out;
}

std::string write_owners(const Owners& owners) {
  json::Object out;
  for (const auto& [item, owner] : owners) out.append(item, owner);
  return json::write(out);
}

tl::unexpected<Error> no_item() {
  return fail(ErrorKind::NotFound, "nothing of today has this id; it may be done already");
}

Result<std::vector<Item>> all_items(exchange::Node& node, store::Snapshot& snapshot,
                                    const std::vector<PeerLine>& lines) {
  TRY(auto items, Collector(node, snapshot, lines).run());
  TRY(const auto owners, read_owners(snapshot));
  for (auto& item : items) {
    if (const auto at = owners.find(item.id); at != owners.end()) item.owner = at->second;
  }
  return items;
}

}  // namespace

json::Object to_json(const Item& item) {
  json::Object out;
  out.set("id", item.id);
  out.set("kind", item.kind);
  out.set("what", item.what);
  out.set("party", text_or_null(item.party));
  out.set("since", format_rfc3339(item.since, 6));
  out.set("due", item.due ? json::Value(format_rfc3339(*item.due, 6)) : json::Value());
  out.set("late", item.late);
  out.set("owner", text_or_null(item.owner));
  out.set("link", item.link);
  return out;
}

Result<std::vector<Item>> today_items(exchange::Node& node, store::Snapshot& snapshot,
                                      const std::vector<PeerLine>& peers, RoleSet roles) {
  TRY(auto items, all_items(node, snapshot, peers));
  std::erase_if(items, [&](const Item& item) { return !roles.meets(seen_by(item.kind)); });
  return items;
}

Result<Item> set_owner(exchange::Node& node, std::string_view item, const std::string& account,
                       RoleSet roles, bool take) {
  TRY(const auto change, exchange::Change::begin(node));
  auto& store = change->store();
  TRY(const auto lines, peer_lines(node, store));
  TRY(const auto items, all_items(node, store, lines));
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& one) { return one.id == item; });
  if (found == items.end() || !roles.meets(seen_by(found->kind))) return no_item();
  if (!take && !found->owner.empty() && found->owner != account) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} has taken this on; take it on yourself instead", found->owner));
  }
  // Only what is still there keeps its owner.
  Owners owners;
  for (const auto& one : items) {
    if (!one.owner.empty()) owners[one.id] = one.owner;
  }
  auto out = *found;
  out.owner = take ? account : std::string();
  if (take) {
    owners[out.id] = account;
  } else {
    owners.erase(out.id);
  }
  if (owners.size() > today_owners_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("{} items have an owner, which is the limit; give some back",
                            today_owners_max));
  }
  TRY_STATUS(store.set_meta(owners_key, write_owners(owners)));
  TRY_STATUS(change->commit());
  return out;
}

}  // namespace comity::api
