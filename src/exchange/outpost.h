// Outposts: TAXII 2.1 servers of parties that run no node. What was released to such a party is
// written to its collection there (outpost_delivery.h). Form and bounds: docs/formats/outpost.md,
// reasons: docs/adr/0033-outposts.md.
//
// An outpost says where a party is, as a pairing does for a node: in operational mode two officers
// enter and remove it. It permits nothing: what goes there was disclosed to its party by a release
// or a standing rule, and is decided again at every attempt. Such a server signs nothing; what it
// says is an acknowledgement and never a receipt. Functions are thread-safe as far as their node or
// snapshot is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/act.h"
#include "exchange/doctor.h"
#include "exchange/node.h"

namespace comity::exchange {

constexpr std::string_view outpost_add_act = "outpost-add", outpost_remove_act = "outpost-remove";
constexpr std::size_t outposts_max = 64;  // of one node, removed ones included
constexpr std::size_t outpost_name_bytes_max = 64;
// What waits for an outpost for so long is told by the doctor.
constexpr std::int64_t outpost_due_s = 3600;

struct Outpost {
  std::string name;                   // never used twice in a node
  std::string party;                  // whose server it is
  std::string mode, exercise;         // of the node, and of what may go there
  std::string url;                    // as the officers gave it
  std::string asked;                  // the id or alias by which they named the collection
  std::string collection;             // the URL of the collection that was found there
  std::string title;                  // of the collection, in the words of the server
  std::string credentials;            // the path of the file; empty: none are shown
  std::optional<Digest> pin;          // of the server's certificate
  std::optional<Digest> authorities;  // of their PEM text, which the store has
  Instant created;
  std::optional<Instant> removed;
};

struct NewOutpost {
  std::string name, party, url, collection;  // its id or alias
  std::string exercise;     // the exercise of this node, said for the collection; none otherwise
  std::string credentials;  // path
  std::string authorities;  // path of a PEM file; not with a pin
  std::string pin;          // "sha256:…"
};

// How it went with an outpost; how it stands with each disclosure is beside it (Acknowledged).
struct OutpostStatus {
  std::string failed;  // why the last attempt ended early; empty: it did not
  std::optional<Instant> failed_at;
  std::optional<Instant> not_before;       // the server asked to be left alone until then
  std::optional<Instant> acknowledged_at;  // when it acknowledged something last
};

// Of this node, removed ones too, in the order in which they were made.
Result<std::vector<Outpost>> outposts(store::Snapshot& snapshot);
Result<OutpostStatus> outpost_status(store::Snapshot& snapshot, std::string_view name);
Status set_outpost_status(Change& change, std::string_view name, const OutpostStatus& status);

// The outpost by which a party is reached: its live one, unless the party is paired.
Result<std::optional<Outpost>> outpost_of(store::Snapshot& snapshot, std::string_view party);
// Whether something can be disclosed to a party that need not be paired: it has an outpost, or a
// token to collect with.
Result<bool> reached_without_node(store::Snapshot& snapshot, const std::string& party, Instant at);
// Parties that are not paired and have or had an outpost.
Result<std::vector<std::string>> parties_of_outposts(store::Snapshot& snapshot);

// What two officers sign for such an outpost, and for the removal of the one with this name.
Result<json::Object> act_arguments(const NewOutpost& wanted);
json::Object outpost_remove_arguments(const std::string& name);

// Finds the collection at the server, and enters the outpost; nothing is sent. In operational mode
// two officers must approve. Refused: a party that is paired or has an outpost, a collection of
// another party, a server that is a paired node, one that does not let us write, an exercise that
// is not that of this node.
Result<Outpost> add_outpost(Node& node, const NewOutpost& wanted,
                            const std::optional<Approval>& approval = std::nullopt);
// Nothing is sent there any more. What it got stays there.
Status remove_outpost(Node& node, const std::string& name,
                      const std::optional<Approval>& approval = std::nullopt);

// What a look at the server found, without sending anything.
struct OutpostLook {
  bool can_write = false;
  std::optional<std::int64_t> content_bytes_max;
};
Result<OutpostLook> look_at_outpost(const Node& node, const Outpost& outpost);

// Whether an act is about what a ledger entry says of an outpost.
bool approves_outpost(const Act& act, const json::Value& entry);
// What of the kept outposts and acknowledgements is not as the ledger has it.
Result<std::vector<std::string>> outpost_findings(store::Snapshot& snapshot);
// Outposts that are not reached, that refuse, that hold something up, or that are not used.
Status examine_outposts(const Node& node, std::vector<Ailment>& out);

}  // namespace comity::exchange
