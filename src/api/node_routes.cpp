// The node itself: who it is, the words it knows, its peers, its ledger, its health.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/citation.h"
#include "api/cursor.h"
#include "api/peer_line.h"
#include "api/route.h"
#include "exchange/doctor.h"
#include "exchange/ledger_proof.h"
#include "exchange/pairing.h"
#include "json/parse.h"
#include "json/texts.h"
#include "trust/pairing.h"

namespace comity::api {
namespace {

// As in CMakeLists.txt, which a test compares.
constexpr std::string_view version = "0.1.0";
constexpr std::size_t endpoint_bytes_max = 2000;

Answer of(json::Object body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Answer items(json::Array rows) {
  json::Object body;
  body.set("items", std::move(rows));
  return of(std::move(body));
}

// Mode and exercise, as the whole answer or as part of what is said of the node.
void put_mode(json::Object& out, const exchange::Node& node) {
  out.set("mode", treaty::name(node.mode()));
  out.set("exercise", node.exercise().empty() ? json::Value() : json::Value(node.exercise()));
}

// Before sign-in, too, nobody may take an exercise for real traffic; nothing else is told there.
Result<Answer> read_mode(Call& call) {
  json::Object out;
  put_mode(out, call.node);
  return of(std::move(out));
}

Result<Answer> read_node(Call& call) {
  const auto& node = call.node;
  const auto law = node.law();
  const auto& model = law->model();
  const auto party = model.party(node.party());
  json::Object out;
  out.set("party", node.party());
  out.set("party_name",
          party ? model.parties[static_cast<std::size_t>(*party)].name : node.party());
  put_mode(out, node);
  out.set("version", version);
  out.set("now", format_rfc3339(node.now(), 6));
  out.set("treaty_now", format_rfc3339(node.treaty_now(), 6));
  out.set("register", digest_text(model.digest));
  out.set("overlay", party ? overlay_json(model, *party) : json::Array());
  out.set("endpoint", node.listen());
  return of(std::move(out));
}

Result<Answer> list_parties(Call& call) {
  const auto law = call.node.law();
  json::Array rows;
  for (const auto& party : law->model().parties) {
    json::Object row;
    row.set("code", party.code);
    row.set("name", party.name);
    row.set("kind", treaty::name(party.kind));
    rows.push_back(std::move(row));
  }
  return items(std::move(rows));
}

// Every STIX type that the register classifies, or says has no class of its own.
json::Array types_of(const treaty::Model& model) {
  std::vector<std::string> out(model.classification.none.begin(), model.classification.none.end());
  for (const auto& row : model.classification.class_of_type) out.push_back(row.first);
  out.emplace_back("relationship");
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return json::array_of(out);
}

Result<Answer> read_vocabulary(Call& call) {
  const auto law = call.node.law();
  const auto& words = law->model().vocabulary;
  json::Object out;
  out.set("classes", json::array_of(words.classes.values));
  out.set("areas", json::array_of(words.areas.values));
  out.set("purposes", json::array_of(words.purposes.values));
  out.set("actions", json::array_of(words.actions.values));
  json::Array tlp;
  for (const auto value : {treaty::Tlp::Clear, treaty::Tlp::Green, treaty::Tlp::Amber,
                           treaty::Tlp::AmberStrict, treaty::Tlp::Red}) {
    tlp.emplace_back(treaty::name(value));
  }
  out.set("tlp", std::move(tlp));
  out.set("roles", json::array_of(words.roles.values));
  out.set("types", types_of(law->model()));
  out.set("refusal_grounds", json::array_of(words.refusal_grounds.values));
  return of(std::move(out));
}

// ---- peers -------------------------------------------------------------------------------------

// The digits that both officers compared, made anew from both invitations. None when they cannot be
// made any more: a key of one of them was renewed since.
json::Array digits_of(exchange::Node& node, const store::Peer& peer) {
  const auto pairing = exchange::pair(node, peer.invitation, false);
  return pairing ? json::array_of(pairing->digits) : json::Array();
}

Result<Answer> list_peers(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto lines, peer_lines(call.node, *snapshot));
  json::Array rows;
  for (const auto& line : lines) {
    TRY(const auto peer, snapshot->peer(line.party));
    if (!peer) continue;
    auto row = to_json(line);
    row.set("endpoint", peer->endpoint);
    row.set("confirmed", peer->confirmed);
    row.set("digits", digits_of(call.node, *peer));
    row.set("certificate", digest_text(peer->certificate));
    rows.push_back(std::move(row));
  }
  return items(std::move(rows));
}

Result<Answer> create_invitation(Call& call) {
  TRY_STATUS(members(call, {"party", "endpoint"}));
  TRY(const auto party, text_member(call, "party", trust::party_code_bytes_max));
  TRY(const auto endpoint, text_member(call, "endpoint", endpoint_bytes_max));
  TRY(auto invitation, exchange::invite(call.node, party, endpoint));
  json::Object out;
  out.set("invitation", std::move(invitation));
  return of(std::move(out));
}

Result<Answer> create_pairing(Call& call) {
  TRY_STATUS(members(call, {"invitation", "confirmed"}));
  TRY(const auto invitation, text_member(call, "invitation", trust::invitation_bytes_max));
  const auto* confirmed = call.body.find("confirmed");
  if (confirmed == nullptr || confirmed->boolean() == nullptr) {
    return fail(ErrorKind::InvalidInput,
                "expected true or false: whether the officers of both sides have compared the "
                "digits",
                "$.confirmed");
  }
  TRY(const auto pairing, exchange::pair(call.node, invitation, *confirmed->boolean()));
  json::Object out;
  out.set("party", pairing.party);
  out.set("endpoint", pairing.endpoint);
  out.set("digits", json::array_of(pairing.digits));
  out.set("confirmed", pairing.confirmed);
  return of(std::move(out));
}

// ---- ledger ------------------------------------------------------------------------------------

// The index before which the page goes on.
Result<std::int64_t> ledger_end(const Call& call, std::int64_t size) {
  TRY(const auto position, read_cursor("listLedger", call.query_value("cursor")));
  if (position.empty()) return size;
  std::int64_t index = 0;
  const auto* const last = position.data() + position.size();
  const auto [end, error] = std::from_chars(position.data(), last, index);
  // One place has one cursor: no zeros before the number.
  const bool exact = error == std::errc() && end == last && std::to_string(index) == position;
  if (exact && index >= 0 && index <= size) return index;
  return fail(ErrorKind::InvalidInput, "this is no cursor of this list", "cursor");
}

Result<Answer> list_ledger(Call& call) {
  TRY(const auto limit, page_limit(call));
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto size, snapshot->ledger_size());
  TRY(const auto end, ledger_end(call, size));
  const auto first = std::max<std::int64_t>(end - limit, 0);
  json::Array rows;
  const auto add = [&](const store::LedgerEntry& one) -> Status {
    TRY(auto entry, json::parse(one.entry));
    json::Object row;
    row.set("index", one.index);
    row.set("kind", one.kind);
    row.set("at", format_rfc3339(one.at, 6));
    row.set("entry", std::move(entry));
    rows.push_back(std::move(row));
    return {};
  };
  TRY_STATUS(snapshot->ledger(first, end - first, add));
  std::reverse(rows.begin(), rows.end());
  auto next =
      first > 0 ? std::optional(write_cursor("listLedger", std::to_string(first))) : std::nullopt;
  return page(std::move(rows), std::move(next), size);
}

// The checkpoint of the last commit: for the officers of this node. One for others is published by
// the command line.
Result<Answer> read_checkpoint(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  TRY(auto note, snapshot->meta("checkpoint"));
  TRY(const auto checkpoint, exchange::open_own_checkpoint(call.node, note.value_or("")));
  json::Object out;
  out.set("note", *std::move(note));
  out.set("size", checkpoint.size);
  out.set("root", digest_text(checkpoint.root));
  return of(std::move(out));
}

Result<Answer> read_doctor(Call& call) {
  TRY(const auto ailments, exchange::examine(call.node));
  json::Array rows;
  for (const auto& ailment : ailments) {
    json::Object row;
    row.set("area", ailment.area);
    row.set("what", ailment.what);
    row.set("why", ailment.why);
    row.set("remedy", ailment.remedy);
    rows.push_back(std::move(row));
  }
  return items(std::move(rows));
}

Route route(std::string_view operation, std::string_view method, std::string_view path,
            RoleSet roles, Result<Answer> (*handle)(Call&)) {
  Route out;
  out.operation = operation;
  out.method = method;
  out.path = path;
  out.roles = roles;
  out.body = method == "POST" ? Body::Json : Body::None;
  out.handle = handle;
  return out;
}

}  // namespace

std::vector<Route> node_routes() {
  const auto everybody = RoleSet::all();
  const RoleSet peer_readers = {Role::DutyOfficer,      Role::Analyst,       Role::LegalAdviser,
                                Role::ReleasingOfficer, Role::Administrator, Role::Auditor,
                                Role::Oversight};
  const RoleSet ledger_readers = {Role::DutyOfficer,   Role::LegalAdviser, Role::ReleasingOfficer,
                                  Role::Administrator, Role::Auditor,      Role::Oversight};
  const RoleSet administrator = {Role::Administrator};
  auto ledger = route("listLedger", "GET", "/api/v1/ledger", ledger_readers, list_ledger);
  ledger.query = {"cursor", "limit"};
  auto mode = route("readMode", "GET", "/api/v1/mode", {}, read_mode);
  mode.access = Access::Open;
  return {
      std::move(mode),
      route("readNode", "GET", "/api/v1/node", everybody, read_node),
      route("listParties", "GET", "/api/v1/parties", everybody, list_parties),
      route("readVocabulary", "GET", "/api/v1/vocabulary", everybody, read_vocabulary),
      route("listPeers", "GET", "/api/v1/peers", peer_readers, list_peers),
      route("createInvitation", "POST", "/api/v1/invitations", administrator, create_invitation),
      route("createPairing", "POST", "/api/v1/pairings", administrator, create_pairing),
      std::move(ledger),
      route("readCheckpoint", "GET", "/api/v1/ledger/checkpoint", ledger_readers, read_checkpoint),
      route("readDoctor", "GET", "/api/v1/doctor",
            {Role::DutyOfficer, Role::Administrator, Role::Auditor}, read_doctor),
  };
}

}  // namespace comity::api
