#include "exchange/views.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "exchange/circumstances.h"
#include "exchange/decision.h"
#include "exchange/receive.h"
#include "exchange/signers.h"
#include "exchange/statement.h"
#include "exchange/token_view.h"
#include "exchange/verify.h"
#include "exchange/withdrawal.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

// Collection ids are the same at every start: UUIDv5 of party and alias.
constexpr const char* collection_namespace = "4d2f1d5e-6c3b-4b57-9a39-2f1de9c4a7b0";
constexpr std::int64_t scan_grants_max =
    5000;  // looked at for one page; the rest comes with the next

bool wants(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

// match[version] (TAXII 2.1 section 3.4.1): which of several granted versions of one id are shown.
Result<bool> version_wanted(store::Snapshot& snapshot, const std::string& view,
                            const store::Granted& item, const taxii::Query& query) {
  const auto has = [&](std::string_view word) {
    return std::find(query.versions.begin(), query.versions.end(), word) != query.versions.end();
  };
  if (has("all") || !item.version) return true;
  for (const auto& version : query.versions) {
    if (const auto instant = parse_rfc3339(version); instant && *instant == *item.version)
      return true;
  }
  const bool last = query.versions.empty() || has("last");
  if (!last && !has("first")) return false;
  TRY(const auto others, snapshot.grants_of(view, item.stix_id));
  bool newest = true, oldest = true;
  for (const auto& other : others) {
    if (!other.version) continue;
    newest = newest && *other.version <= *item.version;
    oldest = oldest && *other.version >= *item.version;
  }
  return (last && newest) || (has("first") && oldest);
}

// Whether disclosures would still be permitted; each is looked at once. What is carried has no
// class to decide on: it is shown as long as what it came with may be.
class StandingDisclosures {
 public:
  explicit StandingDisclosures(Node& node) : node_(node) {}
  Result<bool> stands(store::Snapshot& snapshot, const std::string& id) {
    const auto at = known_.find(id);
    if (at != known_.end()) return at->second;
    TRY(const auto row, snapshot.protocol(id));
    if (!row) return false;
    TRY(const auto disclosure, open_by(own_signers(node_), row->bytes, open_disclosure));
    return known_[id] = still_permitted(node_, disclosure).has_value();
  }

 private:
  Node& node_;
  std::map<std::string, bool> known_;
};

// Tokens of one party do not go on with each other's pages, because they need not see the same.
std::string caller_key(const taxii::Caller& caller) {
  return caller.token.empty() ? caller.party : caller.party + "/" + caller.token;
}

// What the token of a caller leaves of its party's view; nothing for a peer.
Result<std::optional<TokenView>> narrowing(const Node& node, store::Snapshot& snapshot,
                                           const taxii::Caller& caller) {
  if (caller.token.empty()) return std::optional<TokenView>();
  TRY(auto token, live_token(snapshot, caller.token, node.now()));
  if (!token || token->party != caller.party) {
    return fail(ErrorKind::Unauthenticated, "the token is not valid any more");
  }
  return std::optional<TokenView>(std::in_place, node, *std::move(token), node.treaty_now());
}

std::string filters_of(const taxii::Query& query) {
  return fmt::format("{}|{}|{}|{}", fmt::join(query.ids, ","), fmt::join(query.types, ","),
                     fmt::join(query.versions, ","), fmt::join(query.spec_versions, ","));
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
  if (!caller.token.empty()) return std::vector<taxii::CollectionInfo>{shown};
  return std::vector<taxii::CollectionInfo>{
      shown,
      {id("protocol"), "protocol", "Protocol", "Signed disclosures and receipts for this caller",
       true, false},
      {id("inbox"), "inbox", "Inbox", "Where this caller discloses records to the node", false,
       true}};
}

// The instant after which to go on: from `next` when there is one, else added_after.
Result<Instant> Views::resume(const taxii::Caller& caller, const taxii::Query& query) const {
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
      hmac_sha256(node_.page_secret(), caller_key(caller) + "|" + filters_of(query) + "|" + *body);
  if (!equal_in_constant_time(view(expected), *mac)) return bad();
  Instant after;
  const auto [end, error] =
      std::from_chars(body->data(), body->data() + body->size(), after.micros);
  if (error != std::errc() || end != body->data() + body->size()) return bad();
  return after;
}

std::string Views::next_token(const taxii::Caller& caller, const taxii::Query& query,
                              Instant after) const {
  const auto body = std::to_string(after.micros);
  const auto mac =
      hmac_sha256(node_.page_secret(), caller_key(caller) + "|" + filters_of(query) + "|" + body);
  return base64url(body) + "." + base64url(view(mac));
}

Result<taxii::Page> Views::records(const taxii::Caller& caller, const taxii::Query& query) {
  taxii::Page page;
  if (!wants(query.spec_versions, "2.1")) return page;
  TRY(const auto after, resume(caller, query));
  const auto limit =
      std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max);
  TRY(const auto snapshot, node_.store().read());
  const auto at = node_.treaty_now();
  Decider decider(node_.law(), node_.party(), caller.party, at);
  Circumstances circumstances(*snapshot, caller.party);
  StandingDisclosures carriers(node_);
  TRY(auto narrowed, narrowing(node_, *snapshot, caller));
  TRY(const auto withdrawn, withdrawn_from(*snapshot, caller.party));
  const auto from = after.micros == INT64_MIN ? std::nullopt : std::optional(after);
  TRY(const auto granted, snapshot->grants(caller.party, from, scan_grants_max + 1));
  std::int64_t looked_at = 0;
  Instant last = after;
  for (const auto& item : granted) {
    if (looked_at == scan_grants_max) {
      page.more = true;
      page.next = next_token(caller, query, last);
      break;
    }
    ++looked_at;
    last = item.date_added;
    if (withdrawn.contains(item.disclosure)) continue;
    if (!wants(query.ids, item.stix_id) || !wants(query.types, stix::type_of(item.stix_id)))
      continue;
    TRY(const bool wanted, version_wanted(*snapshot, caller.party, item, query));
    if (!wanted) continue;
    // Decided again: what the law no longer lets this caller have is not shown.
    TRY(const auto record, snapshot->record(item.sequence));
    if (!record || record->state != store::RecordState::Live) continue;
    auto question = question_of(*record);
    TRY_STATUS(circumstances.complete(question, record->digest, {at, item.disclosure}));
    if (!question.recalled.empty()) continue;
    if (record->classes.empty()) {
      TRY(const bool stands, carriers.stands(*snapshot, item.disclosure));
      if (!stands) continue;
    } else if (decider.verdict(question).kind != treaty::VerdictKind::Permitted) {
      continue;
    }
    if (narrowed) {
      TRY(const bool shows, record->classes.empty()
                                ? narrowed->shows_carried(*snapshot, item.disclosure)
                                : narrowed->shows(question));
      if (!shows) continue;
    }
    if (static_cast<std::int64_t>(page.items.size()) == limit) {
      // Only what this caller sees may tell it that there is more.
      page.more = true;
      page.next = next_token(caller, query, page.items.back().date_added);
      break;
    }
    page.items.push_back({item.bytes, item.date_added});
  }
  TRY_STATUS(note_read(caller, query, after, page));
  return page;
}

// Fails when the page cannot be logged: then it is not sent.
Status Views::note_read(const taxii::Caller& caller, const taxii::Query& query, Instant after,
                        const taxii::Page& page) {
  if (caller.token.empty() || page.items.empty()) return {};
  ReadRange range;
  range.party = caller.party;
  range.token = caller.token;
  range.whole = query.ids.empty() && query.types.empty() && query.versions.empty();
  range.after = after;
  range.first = page.items.front().date_added;
  range.last = page.items.back().date_added;
  range.count = static_cast<std::int64_t>(page.items.size());
  return reads_.note(range);
}

Result<taxii::Page> Views::protocol(const taxii::Caller& caller, const taxii::Query& query) {
  taxii::Page page;
  // What has no counterpart is this node's own (statements about its officers) and for nobody.
  if (caller.party.empty()) return page;
  if (!wants(query.spec_versions, "2.1")) return page;
  TRY(const auto after, resume(caller, query));
  const auto limit =
      std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max);
  TRY(const auto snapshot, node_.store().read());
  TRY(const auto withdrawn, withdrawn_from(*snapshot, caller.party));
  if (query.ids.size() == 1) {
    TRY(const auto object, snapshot->protocol(query.ids.front()));
    if (object && !withdrawn.contains(object->id) && object->peer == caller.party &&
        object->direction == store::Direction::Sent && object->at > after &&
        wants(query.types, object->kind)) {
      page.items.push_back({object->bytes, object->at});
    }
    return page;
  }
  std::vector<store::ProtocolObject> all;
  auto kinds = statement_types();
  kinds.insert(kinds.begin(), {"comity-disclosure", withdrawal_kind, "comity-receipt"});
  for (const auto& kind : kinds) {
    if (!wants(query.types, kind)) continue;
    TRY(auto rows, snapshot->protocols(kind, store::Direction::Sent, caller.party));
    for (auto& row : rows) {
      if (row.at > after && wants(query.ids, row.id) && !withdrawn.contains(row.id)) {
        all.push_back(std::move(row));
      }
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  });
  for (const auto& row : all) {
    if (static_cast<std::int64_t>(page.items.size()) >= limit &&
        page.items.back().date_added != row.at) {
      page.more = true;
      page.next = next_token(caller, query, page.items.back().date_added);
      break;
    }
    page.items.push_back({row.bytes, row.at});
  }
  return page;
}

Result<taxii::Page> Views::objects(const taxii::Caller& caller, std::string_view collection,
                                   const taxii::Query& query) {
  TRY(const auto list, collections(caller));
  for (const auto& info : list) {
    if (info.id != collection && info.alias != collection) continue;
    if (info.alias == "records") return records(caller, query);
    if (info.alias == "protocol") return protocol(caller, query);
    return fail(ErrorKind::NotPermitted, "this collection is only written to", info.alias);
  }
  return fail(ErrorKind::NotFound, "there is no such collection");
}

Result<taxii::SubmissionStatus> Views::add(const taxii::Caller& caller, std::string_view collection,
                                           std::string_view envelope) {
  TRY(const auto list, collections(caller));
  for (const auto& info : list) {
    if (info.id != collection && info.alias != collection) continue;
    if (info.alias == "inbox") return receive(node_, caller.party, envelope);
    return fail(ErrorKind::NotPermitted, "this collection is only read", info.alias);
  }
  return fail(ErrorKind::NotFound, "there is no such collection");
}

Result<taxii::SubmissionStatus> Views::status(const taxii::Caller& caller, std::string_view id) {
  TRY(const auto snapshot, node_.store().read());
  TRY(const auto kept, snapshot->meta(status_key(caller.party, id)));
  // Submissions are a peer's; who comes by a token has made none.
  if (!kept || !caller.token.empty()) return fail(ErrorKind::NotFound, "there is no such status");
  TRY(const auto value, json::parse(*kept));
  return taxii::status_from_json(value);
}

}  // namespace comity::exchange
