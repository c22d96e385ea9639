// Consent: one party asks another whether a record of the other's may go on to a third.
//
// Who has to consent is what the law says of each hop by which the record came; every one of them
// is asked. A consent is bound to the digests of the records, the asking party, the recipient and
// the purpose; a new version of a record needs a new one. It counts from its arrival until it runs
// out, is used up or is withdrawn (circumstances.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/node.h"
#include "exchange/procedure.h"

namespace comity::exchange {

// One request that was said: to whom, and how many records it names.
struct Asked {
  std::string request, originator, purpose;
  std::size_t records = 0;
};

// Asks every party whose consent the law needs before these records may go on to `recipient`.
// `ids` are STIX ids or import ids; `purpose` empty: that of the records. NotPermitted when no
// consent would help, Conflict when none is needed or a party to ask is not paired. The requests
// wait for send_statements.
Result<std::vector<Asked>> ask_consent(Node& node, const std::vector<std::string>& ids,
                                       const std::string& recipient, const std::string& purpose);

struct ConsentTerms {
  std::optional<Instant> until;  // none: until it is withdrawn
  bool once = false;
  std::string ground = {};  // of a refusal
};

// Answers a request that this node has received; the id of the answer. A grant needs that every
// record it names is held here. Each request is answered once.
Result<std::string> grant_consent(Node& node, const std::string& request,
                                  const ConsentTerms& terms);
// A ground is a word of `[refusal]` in this node's register; none has to be given.
Result<std::string> refuse_consent(Node& node, const std::string& request,
                                   const std::string& ground = {});
// Takes back a consent that this node gave; the id of the withdrawal.
Result<std::string> withdraw_consent(Node& node, const std::string& consent);

// A request and what became of it.
struct ConsentRow {
  std::string request;
  bool asked_by_us = false;
  std::string party;  // the other one
  std::string recipient, purpose;
  std::vector<Digest> records;
  std::vector<std::string> held;  // STIX ids of those that this node holds
  std::string state;              // unanswered, granted, refused, withdrawn, expired, spent
  std::string consent;            // id of the answer; empty: none
  std::optional<Instant> until;
  bool once = false;
  std::string ground;  // of a refusal; empty: unsaid
  std::string told;    // how the newest statement of ours about it fared: fate_of
};
Result<std::vector<ConsentRow>> consents(Node& node);

// What arrives from a peer, as hear() has checked it; the id of what it is about. NotVerified or
// Conflict when it speaks of nothing that this node knows from that peer.
Result<std::string> take(Change& change, Node& node, const Kept& heard, const ConsentRequest& body);
Result<std::string> take(Change& change, Node& node, const Kept& heard, const ConsentAnswer& body);
Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const ConsentWithdrawal& body);

}  // namespace comity::exchange
