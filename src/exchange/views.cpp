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

std::string Views::title() const {
  return node_.mode() == treaty::Mode::Exercise
             ? fmt::format("EXERCISE {}: Comity node of {}", node_.exercise(), node_.party())
             : fmt::format("Comity node of {}", node_.party());
}

Result<std::vector<taxii::CollectionInfo>> Views::collections(const taxii::Caller& caller) {
  const auto id = [&](const char* alias) {
    return uuid5(collection_namespace, node_.party() + "/" + alias);
  };
  const taxii::CollectionInfo shown{
      id("records"), "records", "Records", "Records that agreements in force let this caller have",
      true,          false};
  if (caller.writes) {
    return std::vector<taxii::CollectionInfo>{
        {id("inbox"), "inbox", "Inbox", "Where this caller submits objects", false, true, true}};
  }
  if (!caller.token.empty()) return std::vector<taxii::CollectionInfo>{shown};
  return std::vector<taxii::CollectionInfo>{
      shown,
      {id("protocol"), "protocol", "Protocol", "Signed disclosures and receipts for this caller",
       true, false},
      {id("inbox"), "inbox", "Inbox", "Where this caller discloses records to the node", false,
       true}};
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

Result<taxii::Page> Views::records(const taxii::Caller& caller, const taxii::Query& query) {
  if (!wants(query.spec_versions, "2.1")) return taxii::Page();
  TRY(const auto after, resume(caller, records_alias, query));
  for (int attempt = 0; attempt < page_attempts_max; ++attempt) {
    TRY_STATUS(review(caller.party));
    RecordPage made;
    {
      TRY(const auto snapshot, node_.store().read());
      TRY(made, make_record_page(node_, *snapshot, caller, query, after));
    }
    TRY(const bool settled, settle(caller.party, made.disclosures, made.passed_over));
    if (!settled) continue;
    if (made.page.more) made.page.next = next_token(caller, records_alias, query, made.last);
    TRY_STATUS(note_read(caller, query, after, made.page));
    return std::move(made.page);
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
  Statements out;
  const auto limit =
      std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max);
  const auto take = [&](const store::ProtocolObject& row) {
    if (row.kind == disclosure_kind) out.disclosures.insert(row.id);
    out.page.items.push_back({row.bytes, row.at});
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
    if (static_cast<std::int64_t>(out.page.items.size()) >= limit &&
        out.page.items.back().date_added != row.at) {
      out.page.more = true;
      out.page.next = next_token(caller, protocol_alias, query, out.page.items.back().date_added);
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
    if (settled) return std::move(made.page);
  }
  return changed_too_often();
}

Result<taxii::Page> Views::objects(const taxii::Caller& caller, std::string_view collection,
                                   const taxii::Query& query) {
  TRY(const auto list, collections(caller));
  for (const auto& info : list) {
    if (info.id != collection && info.alias != collection) continue;
    if (info.alias == records_alias) return records(caller, query);
    if (info.alias == protocol_alias) return protocol(caller, query);
    return fail(ErrorKind::NotPermitted, "this collection is only written to", info.alias);
  }
  return fail(ErrorKind::NotFound, "there is no such collection");
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
