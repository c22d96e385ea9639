// Release: the one way out. Decides, signs, enters in the ledger, grants, sends, and keeps the
// receipt.
//
// Every disclosure is decided again at every attempt to send. Nothing leaves a node but by these
// functions and by what they granted (views.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "exchange/act.h"
#include "exchange/node.h"
#include "exchange/protocol.h"
#include "treaty/verdict.h"

namespace comity::exchange {

constexpr std::size_t selection_records_max = 2'000'000;
// So often a release decides again whose law or consents changed before it was entered.
constexpr int decided_again_max = 3;

// Why a record did not go to a party.
struct Held {
  std::string stix_id;
  treaty::Verdict verdict;
  std::string because;  // a named record that may not go; empty: the verdict itself
};

struct Sent {
  std::string disclosure;
  std::int64_t number = 0;
  std::vector<BasisClause> basis;
  std::vector<treaty::Assumed> assumed;
  std::int64_t records = 0;
  bool receipt = false;
  std::int64_t accepted = 0, quarantined = 0, rejected = 0;
  std::vector<std::string> reasons;  // of what was quarantined or rejected, each once
  std::string error;                 // why there is no receipt yet
  bool at_discretion = false;        // under no agreement
  bool four_eyes = false;            // two officers looked, as its clauses ask
  // The party has no node and collects by a token: there is nothing to send and never a receipt.
  bool by_token = false;
  std::int64_t collected = 0;  // records of it that were read for certain

  // The party has no node, and an outpost in its place (outpost.h): its server has said of how many
  // records that it has them, and of how many that it does not take them. Unsigned, never a
  // receipt.
  std::string outpost = {};  // its name
  std::int64_t taken = 0, refused = 0;
  bool acknowledged = false;  // of all of them it has said one of the two

  // Not permitted any more before it arrived: its number went to a withdrawal, which has arrived.
  bool withdrawn = false;
  // Of a withdrawn one: something of it had been read from a view, while it was permitted.
  bool served = false;

  // Nothing more is to be done for it.
  bool settled() const { return receipt || withdrawn || acknowledged; }
};

struct PartyRelease {
  std::string party;
  std::int64_t selected = 0, already = 0;
  std::vector<Held> held;  // the first held_listed_max
  std::int64_t held_count = 0;
  std::vector<Sent> sent;
};

constexpr std::size_t held_listed_max = 100;

// Releases records to parties. `ids` are STIX ids or import ids; a container brings its contents,
// and what a record names without a class of its own comes along. Refused at once: no id, no party,
// unknown id or party, ourselves, a party twice, a party that is neither paired nor has an outpost
// or a token to collect with. Disclosures without receipt from before are sent again first. While
// the time cannot be trusted (clock_guard.h), what would go is held: it needs the fact `time`.
Result<std::vector<PartyRelease>> release(Node& node, const std::vector<std::string>& ids,
                                          const std::vector<std::string>& parties);

// Discloses of these STIX ids what `covers` says and what is carried by it, as far as the law
// permits and it has not gone before; delivery comes later. For standing rules (rule.h), which know
// that the party can take it.
Status disclose_covered(Node& node, const std::vector<std::string>& ids, const std::string& party,
                        const std::function<bool(const store::Record&)>& covers);

// Release by two officers (docs/formats/disclosure.md), never by a rule or a token. With four eyes:
// what an agreement permits when two officers have looked. At national discretion: what is this
// party's own and about which no agreement says anything.
enum class ByOfficers { FourEyes, Discretion };
constexpr std::string_view four_eyes_act = "release-four-eyes";
constexpr std::string_view discretion_act = "release-discretion";
constexpr std::size_t discretion_ground_bytes_max = 500;

struct OfficersOrder {
  ByOfficers how = ByOfficers::FourEyes;
  std::vector<std::string> ids;
  std::string party;
  std::string ground = {};  // at discretion, and only there
};

// What the two officers sign: ids, recipient, ground, and the digest of exactly these records.
// InvalidInput, NotFound or Conflict for what is refused at once; a party must be paired.
Result<json::Object> officers_arguments(const Node& node, const OfficersOrder& order);
// What an act says of one record: its content, whose it is and how it came, and what a release says
// beside it. What is carried goes in the area and for the purpose of what carries it.
struct ApprovedRecord {
  Digest digest{};
  std::string originator, chain, classes, tlp, published, area, purpose;
};
std::string approved_row(const ApprovedRecord& record);
// By which an act names the records of one disclosure, by their rows, whatever their order.
std::string records_digest(std::vector<std::string> rows);

// One disclosure of all of them, or none: what may not go is listed as held. NotPermitted without
// the approval of exactly this, in an exercise too, and for what needs no officer.
Result<PartyRelease> release_by_officers(Node& node, const OfficersOrder& order,
                                         const std::optional<Approval>& approval);

// What would happen, by the worst verdict of the selection.
struct PartyPreview {
  std::string party;
  treaty::Verdict verdict;
  std::string stix_id;    // the record whose verdict it is
  Digest record{};        // its assertion id
  std::string because;    // a record that it names, by STIX id, for which it stays; empty: none
  bool by_clock = false;  // all may go, but for the time of this node
};
// For these parties, each of the register and not ourselves; empty: all of them.
Result<std::vector<PartyPreview>> preview(Node& node, const std::vector<std::string>& ids,
                                          const std::vector<std::string>& parties = {});
// For every party, for one assertion of the snapshot and what goes along with it, by `law` as the
// node has it: at an instant that somebody asks about, with the present consents and recalls,
// whatever the clock of this node. Without it: now, and held while the time cannot be trusted, as a
// release would be.
Result<std::vector<PartyPreview>> preview_record(
    Node& node, store::Snapshot& snapshot, const store::Record& record, std::optional<Instant> at,
    const std::shared_ptr<const treaty::CompiledRegister>& law);

// Whether something can be released to these parties: each is another party of the register, named
// once, and is paired or has an outpost or a token to collect with.
Status check_recipients(Node& node, store::Snapshot& snapshot,
                        const std::vector<std::string>& parties);

}  // namespace comity::exchange
