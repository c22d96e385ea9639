// Procedural messages under way: a node says statements to its peers and hears theirs.
//
// What is said is signed, kept and entered in the change that gives rise to it, waits for its
// party, and is sent afterwards; what is heard is checked and kept with all its consequences in one
// change, or refused with nothing stored. The counterpart reads what was said to it in `protocol`,
// too. Every function may be called from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "exchange/statement.h"
#include "taxii/message.h"

namespace comity::exchange {

constexpr std::size_t statements_waiting_max = 1000;  // for one party

// A statement as it is kept, and the digest by which others name it.
struct Kept {
  Statement statement;
  Digest digest{};
  std::string bytes = {};  // of one that was heard: its RFC 8785 form with the signature
};

// Signs, keeps and enters a statement to `party`, which must be paired; a recall may also go to one
// that has or had an outpost (outpost.h). `about` is the id of the statement that this one answers.
// Sent by send_statements after the commit, a notice of keys before all others. Conflict: not
// paired, or too many wait.
Result<Kept> say(Change& change, Node& node, const std::string& party, StatementBody body,
                 const std::string& about = {});

// What a peer has posted. A repeat is answered as the first time; the same id with other bytes is
// a Conflict. NotVerified: signature, sender, recipient, mode, or nothing here that it may speak
// of.
Result<taxii::SubmissionStatus> hear(Node& node, const store::Peer& sender, std::string_view bytes);

// One statement of ours and how it fared.
struct Told {
  std::string id, type, party;
  bool taken = false;
  bool waits = false;  // to be sent again
  std::string error;   // why it was not taken, or is not yet
};

// Sends what waits for `party`, oldest first. What it refuses does not wait any longer; the first
// that does not reach it ends the attempt.
Result<std::vector<Told>> send_statements(Node& node, const std::string& party);
// What the server of an outpost said of a statement is `fate_at_outpost`, or begins with "refused:
// ". The statement waits no longer.
constexpr const char* fate_at_outpost = "acknowledged by its server, unsigned";
Status settle_at_outpost(Node& node, const store::ProtocolObject& row, const std::string& outpost,
                         const std::string& fate);
// The same for every party for which something waits.
Result<std::vector<Told>> send_statements(Node& node);

// The ids of the statements that wait for a party, in the order in which they are sent.
Result<std::vector<std::string>> waiting_statements(store::Snapshot& snapshot,
                                                    const std::string& party);
// The parties for which statements wait.
Result<std::vector<std::string>> awaited_parties(store::Snapshot& snapshot);
// "waiting", "taken", "refused: " and the peer's words, or that the server of an outpost has it.
Result<std::string> fate_of(store::Snapshot& snapshot, const std::string& id);

// A statement that is kept with this id, of this type; NotFound otherwise.
Result<Kept> kept_statement(store::Snapshot& snapshot, const std::string& id, std::string_view type,
                            store::Direction direction);

}  // namespace comity::exchange
