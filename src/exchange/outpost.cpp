#include "exchange/outpost.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/feed_access.h"
#include "exchange/kept_terms.h"
#include "exchange/named.h"
#include "exchange/outpost_access.h"
#include "exchange/token.h"
#include "json/parse.h"
#include "json/write.h"
#include "taxii/refused.h"

namespace comity::exchange {
namespace {

constexpr std::string_view outposts_key = "outposts";

std::string outpost_key(std::string_view name) { return fmt::format("outpost:{}", name); }

// What the ledger binds. That an outpost was removed is no change of its terms.
json::Object outpost_terms(const Outpost& outpost) {
  json::Object out;
  out.set("name", outpost.name);
  out.set("party", outpost.party);
  out.set("mode", outpost.mode);
  if (!outpost.exercise.empty()) out.set("exercise", outpost.exercise);
  out.set("url", outpost.url);
  out.set("asked", outpost.asked);
  out.set("collection", outpost.collection);
  out.set("title", outpost.title);
  if (!outpost.credentials.empty()) out.set("credentials", outpost.credentials);
  if (outpost.pin) out.set("pin", digest_text(*outpost.pin));
  if (outpost.authorities) out.set("authorities", digest_text(*outpost.authorities));
  out.set("created", format_rfc3339(outpost.created, 6));
  return out;
}

json::Object outpost_json(const Outpost& outpost) {
  auto out = outpost_terms(outpost);
  if (outpost.removed) out.set("removed", format_rfc3339(*outpost.removed, 6));
  return out;
}

Result<Outpost> outpost_from(const json::Value& value) {
  Outpost out;
  out.name = value.text("name");
  out.party = value.text("party");
  out.mode = value.text("mode");
  out.exercise = value.text("exercise");
  out.url = value.text("url");
  out.asked = value.text("asked");
  out.collection = value.text("collection");
  out.title = value.text("title");
  out.credentials = value.text("credentials");
  if (value.find("pin") != nullptr) {
    TRY(out.pin, digest_from_text(value.text("pin")));
  }
  if (value.find("authorities") != nullptr) {
    TRY(out.authorities, digest_from_text(value.text("authorities")));
  }
  TRY(out.created, parse_rfc3339(value.text("created")));
  if (value.find("removed") != nullptr) {
    TRY(out.removed, parse_rfc3339(value.text("removed")));
  }
  if (json::Value(outpost_json(out)) != value) {
    return fail(ErrorKind::Corrupt, "the kept outpost is not of this form", out.name);
  }
  return out;
}

Status keep_outposts(Change& change, const std::vector<Outpost>& all) {
  json::Array list;
  for (const auto& outpost : all) list.push_back(outpost_json(outpost));
  return change.store().set_meta(outposts_key, json::write(list));
}

// What of an outpost the officers sign: all that they say of it.
json::Object signed_terms(const Outpost& outpost) {
  json::Object out;
  out.set("name", outpost.name);
  out.set("party", outpost.party);
  if (!outpost.exercise.empty()) out.set("exercise", outpost.exercise);
  out.set("url", outpost.url);
  out.set("collection", outpost.asked);
  if (!outpost.credentials.empty()) out.set("credentials", outpost.credentials);
  if (outpost.pin) out.set("pin", digest_text(*outpost.pin));
  if (outpost.authorities) out.set("authorities", digest_text(*outpost.authorities));
  return out;
}

// What was said of a new one; `authorities_pem` becomes their text.
Result<Outpost> outpost_as_said(const NewOutpost& wanted, std::string& authorities_pem) {
  Outpost out;
  out.name = wanted.name;
  out.party = wanted.party;
  out.exercise = wanted.exercise;
  out.url = wanted.url;
  out.asked = wanted.collection;
  out.credentials = wanted.credentials;
  if (!wanted.pin.empty() && !wanted.authorities.empty()) {
    return fail(ErrorKind::InvalidInput,
                "a pinned certificate needs no authorities; give one of the two");
  }
  if (!wanted.pin.empty()) {
    TRY(out.pin, digest_from_text(wanted.pin));
  }
  if (!wanted.authorities.empty()) {
    TRY(authorities_pem, read_authorities(wanted.authorities));
    out.authorities = sha256(authorities_pem);
  }
  return out;
}

Status check_new_outpost(const Node& node, const NewOutpost& wanted) {
  if (!is_terms_name(wanted.name, outpost_name_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no name for an outpost; expected 1 to {} small letters, "
                            "digits and hyphens, the first no hyphen",
                            wanted.name, outpost_name_bytes_max));
  }
  TRY_STATUS(check_other_party(node, wanted.party));
  if (wanted.exercise != node.exercise()) {
    return fail(ErrorKind::NotPermitted,
                node.exercise().empty()
                    ? "this node is operational; a collection of an exercise is none of its"
                    : fmt::format("this node is of the exercise {0}; say that the collection is of "
                                  "it, too (--exercise {0})",
                                  node.exercise()));
  }
  return taxii::check_remote_url(wanted.url);
}

// Whether it can stand beside the others; `collection` is empty until it is found.
Status check_place(store::Snapshot& snapshot, const std::vector<Outpost>& all,
                   const NewOutpost& wanted, const std::string& collection) {
  if (all.size() >= outposts_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("this node has {} outposts, which is the limit", all.size()));
  }
  TRY(const auto peer, snapshot.peer(wanted.party));
  if (peer && peer->confirmed) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} is paired: what is released to it goes to its node, which answers "
                            "with a signed receipt",
                            wanted.party));
  }
  for (const auto& outpost : all) {
    if (outpost.name == wanted.name) {
      return fail(ErrorKind::Conflict,
                  fmt::format("there is or was an outpost {}; choose another name, because the "
                              "ledger tells outposts by their names",
                              wanted.name));
    }
    if (outpost.removed) continue;
    if (outpost.party == wanted.party) {
      return fail(ErrorKind::Conflict, fmt::format("{} has the outpost {}; remove that first",
                                                   wanted.party, outpost.name));
    }
    if (outpost.collection == collection) {
      return fail(ErrorKind::Conflict, fmt::format("that collection is the outpost {} of {}",
                                                   outpost.name, outpost.party));
    }
  }
  return {};
}

Status check_no_node(const Node& node, store::Snapshot& snapshot, const Outpost& outpost,
                     const std::string& authorities_pem) {
  TRY(const auto party, paired_party_at(node, snapshot, outpost.url, outpost.pin, authorities_pem));
  if (party.empty()) return {};
  return fail(ErrorKind::NotPermitted,
              fmt::format("that is the node of {}, which is paired: it gets what is released to it "
                          "by disclosures, and answers them",
                          party),
              outpost.url);
}

}  // namespace

std::string outpost_authorities_key(std::string_view outpost) {
  return fmt::format("outpost-authorities:{}", outpost);
}

Result<std::vector<Outpost>> outposts(store::Snapshot& snapshot) {
  TRY(const auto kept, snapshot.meta(outposts_key));
  std::vector<Outpost> out;
  if (!kept) return out;
  TRY(const auto value, json::parse(*kept));
  if (value.array() == nullptr) return fail(ErrorKind::Corrupt, "the list of outposts is no list");
  for (const auto& item : *value.array()) {
    TRY(auto outpost, outpost_from(item));
    out.push_back(std::move(outpost));
  }
  return out;
}

Result<OutpostStatus> outpost_status(store::Snapshot& snapshot, std::string_view name) {
  OutpostStatus out;
  TRY(const auto kept, snapshot.meta(outpost_key(name)));
  if (!kept) return out;
  TRY(const auto value, json::parse(*kept));
  out.failed = value.text("failed");
  for (const auto& [member, place] :
       {std::pair("failed_at", &out.failed_at), std::pair("not_before", &out.not_before),
        std::pair("acknowledged_at", &out.acknowledged_at)}) {
    if (value.find(member) == nullptr) continue;
    TRY(*place, parse_rfc3339(value.text(member)));
  }
  return out;
}

Status set_outpost_status(Change& change, std::string_view name, const OutpostStatus& status) {
  json::Object out;
  if (!status.failed.empty()) out.set("failed", status.failed);
  for (const auto& [member, instant] :
       {std::pair("failed_at", status.failed_at), std::pair("not_before", status.not_before),
        std::pair("acknowledged_at", status.acknowledged_at)}) {
    if (instant) out.set(member, format_rfc3339(*instant, 6));
  }
  return change.store().set_meta(outpost_key(name), json::write(out));
}

Result<std::optional<Outpost>> outpost_of(store::Snapshot& snapshot, std::string_view party) {
  std::optional<Outpost> out;
  TRY(auto all, outposts(snapshot));
  const auto live = std::find_if(all.begin(), all.end(), [&](const Outpost& one) {
    return one.party == party && !one.removed;
  });
  if (live == all.end()) return out;
  TRY(const auto peer, snapshot.peer(live->party));
  if (!peer || !peer->confirmed) out = std::move(*live);
  return out;
}

Result<bool> reached_without_node(store::Snapshot& snapshot, const std::string& party, Instant at) {
  TRY(const auto outpost, outpost_of(snapshot, party));
  if (outpost) return true;
  return has_token(snapshot, party, at);
}

Result<std::vector<std::string>> parties_of_outposts(store::Snapshot& snapshot) {
  std::vector<std::string> out;
  TRY(const auto all, outposts(snapshot));
  for (const auto& outpost : all) {
    if (std::find(out.begin(), out.end(), outpost.party) != out.end()) continue;
    TRY(const auto peer, snapshot.peer(outpost.party));
    if (!peer || !peer->confirmed) out.push_back(outpost.party);
  }
  return out;
}

Result<json::Object> act_arguments(const NewOutpost& wanted) {
  std::string authorities_pem;
  TRY(const auto outpost, outpost_as_said(wanted, authorities_pem));
  return signed_terms(outpost);
}

json::Object outpost_remove_arguments(const std::string& name) {
  json::Object out;
  out.set("name", name);
  return out;
}

Result<Outpost> add_outpost(Node& node, const NewOutpost& wanted,
                            const std::optional<Approval>& approval) {
  TRY_STATUS(check_new_outpost(node, wanted));
  taxii::RemoteAccess access;
  TRY(auto outpost, outpost_as_said(wanted, access.authorities_pem));
  outpost.mode = treaty::name(node.mode());
  if (!wanted.credentials.empty()) TRY_STATUS(read_credentials(wanted.credentials, access));
  access.pinned_certificate = outpost.pin;
  access.allowed_networks = node.allowed_networks();
  access.cancelled = &node.stopping();
  const auto authorities = access.authorities_pem;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto all, outposts(*snapshot));
    TRY_STATUS(check_place(*snapshot, all, wanted, {}));
    TRY_STATUS(check_no_node(node, *snapshot, outpost, authorities));
  }
  // No change is open while the server is asked.
  taxii::Remote remote(std::move(access));
  TRY(const auto found, remote.find(wanted.url, wanted.collection, taxii::CollectionUse::Write));
  outpost.collection = found.url();
  outpost.title = taxii::server_words(found.info.title);

  TRY(const auto change, Change::begin(node));
  TRY(auto all, outposts(change->store()));
  TRY_STATUS(check_place(change->store(), all, wanted, outpost.collection));
  TRY_STATUS(check_no_node(node, change->store(), outpost, authorities));
  outpost.created = change->at();
  all.push_back(outpost);
  TRY_STATUS(keep_outposts(*change, all));
  if (!authorities.empty()) {
    TRY_STATUS(change->store().set_meta(outpost_authorities_key(outpost.name), authorities));
  }
  json::Object entry;
  TRY_STATUS(approve(node, *change, outpost_add_act, signed_terms(outpost), approval,
                     ApprovalNeed::Operational, entry));
  entry.set("type", "outpost-added");
  entry.set("outpost", outpost_terms(outpost));
  TRY_STATUS(change->enter("outpost", entry));
  TRY_STATUS(change->commit());
  return outpost;
}

Status remove_outpost(Node& node, const std::string& name,
                      const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(auto all, outposts(change->store()));
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Outpost& one) { return one.name == name; });
  if (found == all.end()) {
    return fail(ErrorKind::NotFound,
                fmt::format("there is no outpost {}; comity outpost list names them", name));
  }
  if (found->removed) {
    return fail(ErrorKind::Conflict, fmt::format("the outpost {} was removed at {}", name,
                                                 format_rfc3339(*found->removed)));
  }
  found->removed = change->at();
  TRY_STATUS(keep_outposts(*change, all));
  json::Object entry;
  TRY_STATUS(approve(node, *change, outpost_remove_act, outpost_remove_arguments(name), approval,
                     ApprovalNeed::Operational, entry));
  entry.set("type", "outpost-removed");
  entry.set("name", name);
  entry.set("at", format_rfc3339(change->at(), 6));
  TRY_STATUS(change->enter("outpost", entry));
  return change->commit();
}

Result<taxii::RemoteAccess> access_of(const Node& node, store::Snapshot& snapshot,
                                      const Outpost& outpost) {
  if (outpost.removed) {
    return fail(ErrorKind::Conflict, fmt::format("the outpost {} was removed", outpost.name));
  }
  if (outpost.mode != treaty::name(node.mode()) || outpost.exercise != node.exercise()) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("the outpost {} is of mode {} {}, this node of {} {}; exercise and "
                            "real traffic never mix",
                            outpost.name, outpost.mode, outpost.exercise, treaty::name(node.mode()),
                            node.exercise()));
  }
  taxii::RemoteAccess access;
  access.allowed_networks = node.allowed_networks();
  access.pinned_certificate = outpost.pin;
  if (outpost.authorities) {
    TRY(const auto kept, snapshot.meta(outpost_authorities_key(outpost.name)));
    if (!kept || sha256(*kept) != *outpost.authorities) {
      return fail(ErrorKind::Corrupt,
                  "the kept certificate authorities are not those of the outpost", outpost.name);
    }
    access.authorities_pem = *kept;
  }
  TRY_STATUS(check_no_node(node, snapshot, outpost, access.authorities_pem));
  if (!outpost.credentials.empty()) TRY_STATUS(read_credentials(outpost.credentials, access));
  return access;
}

Result<OutpostLook> look_at_outpost(const Node& node, const Outpost& outpost) {
  TRY(auto snapshot, node.store().read());
  TRY(auto access, access_of(node, *snapshot, outpost));
  snapshot.reset();
  taxii::Remote remote(std::move(access));
  remote.write_to(outpost.collection);
  TRY(const auto terms, remote.write_terms());
  return OutpostLook{terms.can_write, terms.content_bytes_max};
}

bool approves_outpost(const Act& act, const json::Value& entry) {
  const auto* terms = entry.find("outpost");
  if (terms == nullptr) {
    return act.name == outpost_remove_act &&
           act.arguments == outpost_remove_arguments(std::string(entry.text("name")));
  }
  const auto outpost = outpost_from(*terms);
  return outpost && act.name == outpost_add_act && act.arguments == signed_terms(*outpost);
}

Result<std::vector<std::string>> kept_outpost_findings(store::Snapshot& snapshot) {
  const auto kept = outposts(snapshot).map([](const std::vector<Outpost>& all) {
    std::vector<std::pair<std::string, json::Value>> out;
    for (const auto& outpost : all) out.emplace_back(outpost.name, outpost_json(outpost));
    return out;
  });
  return terms_findings(snapshot, "outpost", "removed", kept);
}

}  // namespace comity::exchange
