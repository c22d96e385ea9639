// Acts of officers: a change that named persons approve with their own keys.
//
// An act says what is to be done, at which node, under which register, and when it was written.
// Two officers sign it; the node then checks that it fits the change exactly and enters act and
// signatures in its ledger with the change. Form: docs/formats/officers.md. Functions may be called
// from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "exchange/officer.h"
#include "json/value.h"
#include "trust/keys.h"

namespace comity::exchange {

constexpr std::int64_t act_format = 1;
constexpr std::size_t act_signatures = 2;              // exactly so many officers sign
constexpr std::int64_t act_seconds_max = 3600;         // from writing to the change
constexpr std::int64_t act_ahead_seconds_max = 60;     // of a writer's clock before the node's
constexpr std::size_t approval_bytes_max = 64 * 1024;  // act and signatures

struct Act {
  std::string party, mode, exercise;  // exercise: empty in operational mode
  std::string name;                   // "verify", "arrange" …
  json::Object arguments;
  Digest register_digest{};
  Instant created;
};

struct ActSignature {
  std::string key;        // raw public key
  std::string signature;  // detached JWS over the act
};

struct Approval {
  json::Object act;
  std::vector<ActSignature> signatures;
};

json::Object to_json(const Act& act);
// InvalidInput unless it is exactly what to_json writes.
Result<Act> read_act(const json::Object& object);

json::Object to_json(const Approval& approval);
Result<Approval> read_approval(const json::Value& value);

// The act that this node would take now for these arguments.
Act act_for(const Node& node, std::string_view name, json::Object arguments);
// Adds the signature of an officer.
void sign_act(Approval& approval, const trust::SigningKey& key);

// Whether officers of this role may sign such an act.
bool role_may_sign(std::string_view act, std::string_view role);

// Whether an act is for this node as it is at this instant: its party, mode and register, and not
// too old. NotVerified or NotPermitted, saying what does not fit.
Status check_act(const Node& node, const Act& act, Instant now);
// Whether an act was young enough at this instant.
Status check_act_age(const Act& act, Instant at);

// The officer of `all` whose signature over `object`, the act as it is written, this is: enrolled
// when the act was written, with a role that it takes. NotVerified or NotPermitted.
Result<Officer> signer(const json::Object& object, const Act& act, const ActSignature& signature,
                       const std::vector<Officer>& all);

// The signatures of an approval that hold, in its order, as officers of `all` who were enrolled
// when the act was written. NotVerified or NotPermitted, saying which one does not count: each
// signature must hold, each by another officer, each with a role that the act takes.
Result<std::vector<Officer>> signers(const Approval& approval, const Act& act,
                                     const std::vector<Officer>& all);

enum class ApprovalNeed { Operational, Always };

// Checks the approval of a change against the node as it is, and adds `officers` and `approval` to
// the ledger entry of that change. An approval is good once. Without one NotPermitted, except that
// an exercise needs none for `Operational`. Returns the officers who signed.
Result<std::vector<Officer>> approve(const Node& node, Change& change, std::string_view name,
                                     const json::Object& arguments,
                                     const std::optional<Approval>& approval, ApprovalNeed need,
                                     json::Object& entry);

}  // namespace comity::exchange
