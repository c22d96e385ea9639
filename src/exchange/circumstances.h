// What beside a record and the register a decision about one recipient depends on: the consents
// that hold for the record, and whether it was recalled from that recipient.
//
// Reads the snapshot when first asked, and refers to it afterwards. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "exchange/decision.h"
#include "exchange/protocol.h"
#include "store/store.h"

namespace comity::exchange {

// Of what a decision is part.
struct Occasion {
  Instant at;
  // The disclosure that is decided again: what it has used up counts for it alone.
  std::string disclosure;
  // The consents that it names; null: all that this node holds.
  const std::vector<ConsentUsed>* named = nullptr;
  // Which statements this node knew then, by digest; empty: all.
  std::function<bool(const Digest&)> known = {};
};

class Circumstances {
 public:
  Circumstances(store::Snapshot& snapshot, std::string recipient)
      : snapshot_(snapshot), recipient_(std::move(recipient)) {}

  // Adds to a question what holds for the record with this digest.
  Status complete(RecordQuestion& question, const Digest& record, const Occasion& occasion);
  // The consents among it, each once, in the order of the record's chain.
  Result<std::vector<ConsentUsed>> consents(const RecordQuestion& question, const Digest& record,
                                            const Occasion& occasion);

 private:
  struct Answer {
    ConsentUsed used;
    bool granted = false, once = false;
    std::string purpose;
    std::optional<Instant> until;
    std::vector<Digest> withdrawals;      // of this consent
    std::map<Digest, std::string> spent;  // record → disclosure, of one that holds once
  };
  Status load();
  Status load_answers();
  Status load_recalls();
  bool counts(const Answer& answer, const Digest& record, const std::string& purpose,
              const Occasion& occasion) const;
  // The newest answer of one originator that counts; null: none.
  const Answer* deciding(const std::string& originator, const std::string& purpose,
                         const Digest& record, const Occasion& occasion) const;

  store::Snapshot& snapshot_;
  std::string recipient_;
  bool loaded_ = false;
  bool recalls_loaded_ = false;
  std::map<Digest, std::vector<std::pair<Digest, std::string>>> recalls_;  // record → recalls
  std::vector<Answer> answers_;                       // in the order of their arrival
  std::map<Digest, std::vector<std::size_t>> about_;  // record → its answers
};

// What a recipient may take from a disclosure as the consents on which it rests: the sender's
// signed statement of them, but not one that contradicts what this node (of `party`) itself holds
// or gave.
Result<std::map<std::string, std::string>> stated_consents(store::Snapshot& snapshot,
                                                           const std::string& party,
                                                           const Disclosure& disclosure);

// Where the store keeps which disclosure has used up a consent that holds once, for one record.
std::string consent_spent_key(const std::string& consent, const Digest& record);

}  // namespace comity::exchange
