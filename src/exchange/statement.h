// Statements: the signed procedural messages between two nodes. Form: docs/formats/procedure.md.
//
// They leave under the built-in basis `procedure`: only to the counterpart they concern, and only
// with digests, ids and codes, never with a record. The kinds are a closed table; each has its own
// type, so that no signature of one kind passes for another, and a strict reader of its body.
// Values; pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "exchange/frame.h"

namespace comity::exchange {

constexpr std::int64_t statement_format = 3;  // what is written; 1, and 2 with a ground, are read
constexpr std::size_t statement_bytes_max = 512 * 1024;
constexpr std::size_t statement_records_max = 1000;
constexpr std::size_t statement_disclosures_max = 1000;
constexpr std::size_t statement_proof_max = 128;       // nodes of a consistency proof
constexpr std::size_t statement_checkpoints_max = 64;  // passed on by one statement
constexpr std::size_t notice_revocations_max = 100;
constexpr std::size_t refusal_ground_bytes_max = 64;
constexpr std::size_t notice_vouched_max = 4000;

// The sender asks whom it is addressed to: may these records of yours go on to `recipient`?
struct ConsentRequest {
  std::vector<Digest> records;
  std::string recipient, purpose;
  bool operator==(const ConsentRequest&) const = default;
};

// The answer. A granted one is a consent: its own id is the consent id, whom it is addressed to is
// the asking party, and it holds for these records, this recipient and this purpose alone.
struct ConsentAnswer {
  std::string request;  // id
  Digest request_digest{};
  bool granted = false;
  std::vector<Digest> records;
  std::string recipient, purpose;
  std::optional<Instant> until;  // holds before this instant; none: until it is withdrawn
  bool once = false;             // each record may be passed on once
  std::string ground;  // of a refusal, a word of the refusing party's register; empty: unsaid
  bool operator==(const ConsentAnswer&) const = default;
};

// The sender takes back a consent for the future.
struct ConsentWithdrawal {
  std::string consent;  // id
  Digest consent_digest{};
  bool operator==(const ConsentWithdrawal&) const = default;
};

// The sender calls back records that it disclosed to whom this is addressed to, or that came to it
// through others and are the sender's.
struct Recall {
  std::vector<Digest> records;
  std::vector<std::string> disclosures;  // ids; by which the sender sent them
  std::string reason;                    // one of recall_reasons
  std::optional<Digest> replaced_by;     // the record to use instead
  std::string passes_on = {};            // the recall that this one passes on; empty: none
  bool operator==(const Recall&) const = default;
};

// What became of a recall where it arrived. A later one says more parties have confirmed.
struct RecallConfirmation {
  std::string recall;  // id
  Digest recall_digest{};
  std::int64_t copies = 0;     // quarantined now or before
  std::int64_t passed_on = 0;  // parties to which the records had gone on
  std::int64_t awaiting = 0;   // those of them that have not confirmed yet
  bool operator==(const RecallConfirmation&) const = default;
};

// The newest published checkpoint of the sender's ledger.
struct CheckpointShown {
  std::string checkpoint;    // signed note
  bool is_public = false;    // whoever has it may pass it on
  std::string answers = {};  // id of the question that it answers; empty: none
  // Proof that it continues an older one of the sender (RFC 9162 section 2.1.4); empty: none.
  std::string old_checkpoint = {};
  std::vector<Digest> path = {};
  bool operator==(const CheckpointShown&) const = default;
};

// What others have shown to the sender and marked public: their statements as they signed them.
struct CheckpointsPassed {
  std::vector<std::string> statements;  // RFC 8785 form, each with its signature
  bool operator==(const CheckpointsPassed&) const = default;
};

// The sender has these checkpoints of whom it is addressed to: does its ledger continue them?
struct CheckpointQuestion {
  std::string checkpoint;  // signed note, from which a proof shall lead on
  std::string newest;      // the largest that the sender has; may be the same
  bool operator==(const CheckpointQuestion&) const = default;
};

// The sender's keys as they are now, or the end of its root. It is signed by the node key that it
// brings, so it stands by itself on the root that the recipient has pinned.
struct KeyNotice {
  std::vector<std::string> records;      // signed key records for node, tls and seal, in that order
  std::vector<std::string> revocations;  // signed key revocations
  std::vector<Digest> vouched;           // statements by older node keys that still count
  std::string root_revocation;           // then there is nothing else
  bool operator==(const KeyNotice&) const = default;
};

// In the order of the table of kinds in statement.cpp.
using StatementBody =
    std::variant<ConsentRequest, ConsentAnswer, ConsentWithdrawal, Recall, RecallConfirmation,
                 CheckpointShown, CheckpointsPassed, CheckpointQuestion, KeyNotice>;

struct Statement {
  std::string id;  // type, "--" and a UUID
  std::string mode, exercise, from, to;
  Instant time;
  StatementBody body;
};

// The types of all kinds, "comity-consent-request" …
std::vector<std::string> statement_types();
bool is_statement_type(std::string_view type);
// The type of statements with this body.
const char* statement_type(const StatementBody& body);

// Why records are recalled: false-positive, wrong-content, wrong-recipient, superseded, law, other.
bool is_recall_reason(std::string_view reason);
std::string recall_reasons();  // with commas, for messages

SignedObject sign(const Statement& statement, const trust::SigningKey& key);

// Verifies the signature by `public_key` first, then reads. NotVerified, InvalidInput or TooLarge.
Result<Statement> open_statement(std::string_view bytes, std::string_view public_key);
// Reads one that this node has verified and kept.
Result<Statement> read_statement(std::string_view bytes);

}  // namespace comity::exchange
