#include "exchange/views.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "exchange/grant_change.h"
#include "exchange/protocol.h"
#include "exchange/receive.h"
#include "exchange/record_page.h"
#include "exchange/served.h"
#include "exchange/signers.h"
#include "exchange/statement.h"
#include "exchange/withdrawal.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

// Collection ids are the same at every start: UUIDv5 of party and alias.
constexpr const char* collection_namespace = "4d2f1d5e-6c3b-4b57-9a39-2f1de9c4a7b0";

constexpr const char* records_alias = "records";
constexpr const char* protocol_alias = "protocol";
constexpr const char* inbox_alias = "inbox";
// A page is made anew when what it shows was withdrawn meanwhile.
constexpr int page_attempts_max = 5;

tl::unexpected<Error> changed_too_often() {
  return fail(ErrorKind::Unavailable, "what this page shows changes at this moment; ask again");
}

// A list of a filter in such a way that no two lists have one text.
std::string filter_text(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) {
    if (!out.empty()) out += ',';
    for (const char c : value) {
      if (c == '\\' || c == '|' || c == ',') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string filters_of(const taxii::Query& query) {
  return fmt::format("{}|{}|{}|{}", filter_text(query.ids), filter_text(query.types),
                     filter_text(query.versions), filter_text(query.spec_versions));
}

// Whether a statement can be read. What two officers let go is sent and not collected: it is shown
// when its recipient has answered it.
Result<bool> is_shown(store::Snapshot& snapshot, const store::ProtocolObject& row) {
  if (row.kind != disclosure_kind || !may_be_by_officers(row.bytes)) {
    return true;
  }
  TRY(const auto disclosure, read_disclosure(row.bytes));
  if (!disclosure.by_officers()) return true;
  TRY(const auto receipt, snapshot.protocol(receipt_id(row.id)));
  return receipt.has_value();
}

// What tells one page of `records` from all others: whose it is, what was asked for, and after
// which instant it begins.
std::string page_key(const taxii::Caller& caller, const taxii::Query& query, Instant after) {
  return fmt::format(
      "{}|{}|{}|{}|{}", filter_text({caller.party, caller.token}), taxii::name(query.resource),
      std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max),
      after.micros, filters_of(query));
}

// What the MAC of a page token binds beside the secret: it is worth nothing to another caller, in
// another collection, for another resource or with other filters. Tokens of one party do not go on
// with each other's pages, because they need not see the same.
std::string bound_text(const taxii::Caller& caller, std::string_view collection,
                       const taxii::Query& query, std::string_view body) {
  const bool objects = query.resource == taxii::Resource::Objects;
  return fmt::format("{}|{}{}{}|{}|{}", caller_key(caller), collection, objects ? "" : "/",
                     objects ? "" : taxii::name(query.resource), filters_of(query), body);
}

}  // namespace

Views::Views(Node& node, PagesFor pages_for, std::size_t pages_bytes_max)
    : node_(node),
      pages_for_(pages_for),
      reads_(node),
      submissions_(node),
      pages_(pages_bytes_max),
      records_id_(uuid5(collection_namespace, node.party() + "/" + records_alias)),
      protocol_id_(uuid5(collection_namespace, node.party() + "/" + protocol_alias)),
      inbox_id_(uuid5(collection_namespace, node.party() + "/" + inbox_alias)) {}

std::string Views::title() const {
  return node_.mode() == treaty::Mode::Exercise
             ? fmt::format("EXERCISE {}: Comity node of {}", node_.exercise(), node_.party())
             : fmt::format("Comity node of {}", node_.party());
}

Result<std::vector<taxii::CollectionInfo>> Views::collections(const taxii::Caller& caller) {
  const taxii::CollectionInfo shown{
      records_id_, "records", "Records", "Records that agreements in force let this caller have",
      true,        false};
  if (caller.writes) {
    return std::vector<taxii::CollectionInfo>{
        {inbox_id_, "inbox", "Inbox", "Where this caller submits objects", false, true, true}};
  }
  if (!caller.token.empty()) return std::vector<taxii::CollectionInfo>{shown};
  return std::vector<taxii::CollectionInfo>{
      shown,
      {protocol_id_, "protocol", "Protocol", "Signed disclosures and receipts for this caller",
       true, false},
      {inbox_id_, "inbox", "Inbox", "Where this caller discloses records to the node", false,
       true}};
}

std::string_view Views::alias_of(const taxii::Caller& caller, std::string_view collection) const {
  const bool peer = caller.token.empty();
  const auto is = [&](bool known, const char* alias, const std::string& id) {
    return known && (collection == alias || collection == id);
  };
  if (is(!caller.writes, records_alias, records_id_)) return records_alias;
  if (is(peer && !caller.writes, protocol_alias, protocol_id_)) return protocol_alias;
  if (is(peer || caller.writes, inbox_alias, inbox_id_)) return inbox_alias;
  return {};
}

// The instant after which to go on: from `next` when there is one, else added_after.
Result<Instant> Views::resume(const taxii::Caller& caller, std::string_view collection,
                              const taxii::Query& query) const {
  if (query.next.empty()) return query.added_after.value_or(Instant{INT64_MIN});
  const auto bad = [] {
    return fail(ErrorKind::InvalidInput,
                "next: not a token of this server for this caller and these "
                "filters; begin again without next");
  };
  const auto dot = query.next.find('.');
  if (dot == std::string::npos) return bad();
  const auto body = from_base64url(std::string_view(query.next).substr(0, dot));
  const auto mac = from_base64url(std::string_view(query.next).substr(dot + 1));
  if (!body || !mac) return bad();
  const auto expected =
      hmac_sha256(node_.page_secret(), bound_text(caller, collection, query, *body));
  if (!equal_in_constant_time(view(expected), *mac)) return bad();
  Instant after;
  const auto [end, error] =
      std::from_chars(body->data(), body->data() + body->size(), after.micros);
  if (error != std::errc() || end != body->data() + body->size()) return bad();
  return after;
}

std::string Views::next_token(const taxii::Caller& caller, std::string_view collection,
                              const taxii::Query& query, Instant after) const {
  const auto body = std::to_string(after.micros);
  const auto mac = hmac_sha256(node_.page_secret(), bound_text(caller, collection, query, body));
  return base64url(body) + "." + base64url(view(mac));
}

// What a page owes before it leaves: of what it hands out of disclosures that were not answered, a
// mark; of what it passes over, the end. False: neither holds any more, and the page is to be made
// anew.
Result<bool> Views::settle(const std::string& party, const std::set<std::string>& disclosures,
                           const std::vector<store::Granted>& passed_over) {
  {
    TRY(const auto snapshot, node_.store().read());
    TRY(const auto open, unmarked(*snapshot, disclosures));
    if (open.empty() && passed_over.empty()) return true;
  }
  // What ends now was not looked at by any review.
  const std::lock_guard guard(review_mutex_);
  TRY(const auto change, Change::begin(node_));
  // A mark says that pages were handed out, and changes none.
  if (passed_over.empty()) change->leave_views();
  TRY(const bool marked, mark_served(*change, party, disclosures));
  if (!marked) return false;
  TRY(const bool ended, end_passed_over(*change, node_, party, passed_over));
  if (!ended) return false;
  TRY_STATUS(change->commit());
  if (!passed_over.empty()) reviewed_.erase(party);
  return true;
}

// What has ended and is permitted again is granted before a page is made. Nothing to do as long as
// the circumstances are those of the last time.
Status Views::review(const std::string& party) {
  const std::lock_guard guard(review_mutex_);
  std::string present;
  {
    TRY(const auto snapshot, node_.store().read());
    TRY(const auto ended, snapshot->ended_grants(party, std::nullopt, 1));
    if (ended.empty()) return {};
    TRY(present, circumstances_text(node_, *snapshot));
  }
  auto& last = reviewed_[party];
  if (last == present) return {};
  TRY(last, grant_again(node_, party));
  return {};
}

Result<std::optional<KeptPage>> Views::make_records(const taxii::Caller& caller,
                                                    const taxii::Query& query, Instant after) {
  KeptPage out;
  out.law = node_.law();  // before anything is decided: by this law, or by a later one
  TRY_STATUS(review(caller.party));
  std::optional<RecordPage> made;
  {
    TRY(const auto snapshot, node_.store().read());
    TRY(made, make_record_page(node_, *snapshot, caller, query, after));
  }
  TRY(const bool settled, settle(caller.party, made->disclosures, made->passed_over));
  if (!settled) return std::optional<KeptPage>();
  std::optional<std::string> next;
  if (made->more) next = next_token(caller, records_alias, query, made->last);
  out.page = std::move(made->page).finish(std::move(next));
  if (query.resource != taxii::Resource::Objects) {
    TRY(auto text, taxii::page_text(out.page, query.resource));
    out.page.body = std::make_shared<const std::string>(std::move(text));
  }
  out.holds = made->holds;
  out.token_until = made->token_until;
  return std::optional(std::move(out));
}

Result<taxii::Page> Views::records(const taxii::Caller& caller, const taxii::Query& query) {
  if (!wants(query.spec_versions, "2.1")) return taxii::Page();
  TRY(const auto after, resume(caller, records_alias, query));
  const auto key = page_key(caller, query, after);
  if (const auto epoch = node_.store().epoch()) {
    const auto kept = pages_.find(key, {*epoch, node_.law(), node_.treaty_now(), node_.now()});
    if (kept) {
      TRY_STATUS(note_read(caller, query, after, *kept));
      return *kept;
    }
  }
  for (int attempt = 0; attempt < page_attempts_max; ++attempt) {
    const auto epoch = node_.store().epoch();  // before anything is read
    TRY(auto made, make_records(caller, query, after));
    if (!made) continue;
    auto page = made->page;
    TRY_STATUS(note_read(caller, query, after, page));
    if (epoch) pages_.keep(key, *epoch, *std::move(made));
    return page;
  }
  return changed_too_often();
}

// Fails when the page cannot be logged: then it is not sent.
Status Views::note_read(const taxii::Caller& caller, const taxii::Query& query, Instant after,
                        const taxii::Page& page) {
  if (page.items.empty()) return {};
  ReadRange range;
  range.party = caller.party;
  range.token = caller.token;
  // Who was told of an object has not collected it.
  const bool objects = query.resource == taxii::Resource::Objects;
  range.whole = objects && query.ids.empty() && query.types.empty() && query.versions.empty();
  if (!objects) range.told_of = taxii::name(query.resource);
  range.after = after;
  range.first = page.items.front().date_added;
  range.last = page.items.back().date_added;
  range.count = static_cast<std::int64_t>(page.items.size());
  range.exported = pages_for_ == PagesFor::Export;
  return reads_.note(range);
}

Result<Views::Statements> Views::statements(const taxii::Caller& caller, const taxii::Query& query,
                                            Instant after) {
  TRY(const auto snapshot, node_.store().read());
  TRY(const auto withdrawn, withdrawn_from(*snapshot, caller.party));
  const auto limit =
      std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max);
  Statements out(limit);
  const auto take = [&](const store::ProtocolObject& row) {
    if (row.kind == disclosure_kind) out.disclosures.insert(row.id);
    out.page.add(row.bytes, row.at);
  };
  if (query.ids.size() == 1) {
    TRY(const auto object, snapshot->protocol(query.ids.front()));
    if (object && !withdrawn.contains(object->id) && object->peer == caller.party &&
        object->direction == store::Direction::Sent && object->at > after &&
        wants(query.types, object->kind)) {
      TRY(const bool shown, is_shown(*snapshot, *object));
      if (shown) take(*object);
    }
    return out;
  }
  std::vector<store::ProtocolObject> all;
  auto kinds = statement_types();
  kinds.insert(kinds.begin(), {disclosure_kind, withdrawal_kind, receipt_kind});
  for (const auto& kind : kinds) {
    if (!wants(query.types, kind)) continue;
    TRY(auto rows, snapshot->protocols(kind, store::Direction::Sent, caller.party));
    for (auto& row : rows) {
      if (row.at <= after || !wants(query.ids, row.id) || withdrawn.contains(row.id)) continue;
      TRY(const bool shown, is_shown(*snapshot, row));
      if (shown) all.push_back(std::move(row));
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  });
  for (const auto& row : all) {
    if (static_cast<std::int64_t>(out.page.size()) >= limit && out.page.last_date() != row.at) {
      out.next = next_token(caller, protocol_alias, query, out.page.last_date());
      break;
    }
    take(row);
  }
  return out;
}

Result<taxii::Page> Views::protocol(const taxii::Caller& caller, const taxii::Query& query) {
  // What has no counterpart is this node's own (statements about its officers) and for nobody.
  if (caller.party.empty() || !wants(query.spec_versions, "2.1")) return taxii::Page();
  TRY(const auto after, resume(caller, protocol_alias, query));
  for (int attempt = 0; attempt < page_attempts_max; ++attempt) {
    TRY(auto made, statements(caller, query, after));
    TRY(const bool settled, settle(caller.party, made.disclosures, {}));
    if (!settled) continue;
    auto page = std::move(made.page).finish(std::move(made.next));
    if (query.resource != taxii::Resource::Objects) page.body = nullptr;  // written by who asks
    return page;
  }
  return changed_too_often();
}

Result<taxii::Page> Views::objects(const taxii::Caller& caller, std::string_view collection,
                                   const taxii::Query& query) {
  const auto alias = alias_of(caller, collection);
  if (alias == records_alias) return records(caller, query);
  if (alias == protocol_alias) return protocol(caller, query);
  if (alias.empty()) return fail(ErrorKind::NotFound, "there is no such collection");
  return fail(ErrorKind::NotPermitted, "this collection is only written to", std::string(alias));
}

Result<taxii::SubmissionStatus> Views::add(const taxii::Caller& caller, std::string_view collection,
                                           std::string_view envelope) {
  TRY(const auto list, collections(caller));
  for (const auto& info : list) {
    if (info.id != collection && info.alias != collection) continue;
    if (info.alias == inbox_alias) {
      return caller.token.empty() ? receive(node_, caller.party, envelope)
                                  : submissions_.submit(caller, envelope);
    }
    return fail(ErrorKind::NotPermitted, "this collection is only read", info.alias);
  }
  return fail(ErrorKind::NotFound, "there is no such collection");
}

Result<taxii::SubmissionStatus> Views::status(const taxii::Caller& caller, std::string_view id) {
  TRY(const auto snapshot, node_.store().read());
  // Of a token as of a peer: tokens of one party do not learn what each other submitted.
  TRY(const auto kept, snapshot->meta(status_key(caller_key(caller), id)));
  if (!kept) return fail(ErrorKind::NotFound, "there is no such status");
  TRY(const auto value, json::parse(*kept));
  return taxii::status_from_json(value);
}

Status Views::remove(const taxii::Caller& caller, std::string_view collection, std::string_view id,
                     const taxii::Query& query) {
  TRY(const auto list, collections(caller));
  for (const auto& info : list) {
    if (info.id != collection && info.alias != collection) continue;
    if (info.can_delete) return take_back(node_, caller, id, query);
    return fail(ErrorKind::NotPermitted, "nothing is deleted in this collection", info.alias);
  }
  return fail(ErrorKind::NotFound, "there is no such collection");
}

}  // namespace comity::exchange
