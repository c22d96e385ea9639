// What beside a record and the register a decision about one recipient depends on: the consents
// that hold for the record, and whether it was recalled from that recipient.
//
// Reads the snapshot when first asked, and refers to it afterwards. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exchange/decision.h"
#include "exchange/protocol.h"
#include "exchange/statement.h"
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

// The answers about consent that this node has received, by recipient. Reads the snapshot when
// first asked, so that what is asked about many recipients reads it once. One thread at a time.
class AnswerBook {
 public:
  explicit AnswerBook(store::Snapshot& snapshot) : snapshot_(snapshot) {}

  struct Kept {
    std::string id, from;
    Digest digest{};
    ConsentAnswer body;
    std::vector<Digest> withdrawals;  // of this consent
  };
  // In the order of their arrival.
  Result<const std::vector<Kept>*> of(const std::string& recipient);

 private:
  Status load();

  store::Snapshot& snapshot_;
  bool loaded_ = false;
  std::map<std::string, std::vector<Kept>> kept_;
};

class Circumstances {
 public:
  // `answers` is of the same snapshot; without it they are read for this recipient alone.
  Circumstances(store::Snapshot& snapshot, std::string recipient,
                std::shared_ptr<AnswerBook> answers = nullptr)
      : snapshot_(snapshot),
        recipient_(std::move(recipient)),
        book_(answers ? std::move(answers) : std::make_shared<AnswerBook>(snapshot)) {}

  // Adds to a question what holds for the record with this digest, and for what was given before.
  Status complete(RecordQuestion& question, const Digest& record, const Occasion& occasion);
  // Whether any recall to this recipient names the record with this digest.
  Result<bool> recalled(const Digest& record);
  // Cuts a stretch where a consent that was looked at ends, so that within it, around `at`, the
  // consents count alike.
  void cut(treaty::Stretch& stretch, Instant at) const;
  // The consents on which one assertion goes, each once, in the order of its chain.
  Result<std::vector<ConsentUsed>> consents(const AssertionQuestion& question, const Digest& record,
                                            const Occasion& occasion);
  // The same of a record, with those of what was given before it.
  Result<std::vector<ConsentUsed>> all_consents(const RecordQuestion& question,
                                                const Digest& record, const Occasion& occasion);

 private:
  struct Answer {
    ConsentUsed used;
    bool granted = false, once = false;
    std::string purpose;
    std::optional<Instant> until;
    std::vector<Digest> withdrawals;      // of this consent
    std::map<Digest, std::string> spent;  // record → disclosure, of one that holds once
  };
  Status complete_assertion(AssertionQuestion& question, const Digest& record,
                            const Occasion& occasion);
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
  std::shared_ptr<AnswerBook> book_;
  bool loaded_ = false;
  bool recalls_loaded_ = false;
  std::map<Digest, std::vector<std::pair<Digest, std::string>>> recalls_;  // record → recalls
  std::vector<Answer> answers_;                       // in the order of their arrival
  std::map<Digest, std::vector<std::size_t>> about_;  // record → its answers
};

// What of the assertions with its STIX id another gave before a record of one's own came in, which
// is a later copy then (treaty-clauses, settled case 3). What anybody may come to by itself is
// none: observables whose id follows from their value, what is published, and what has no class.
Result<std::vector<store::Record>> given_before(store::Snapshot& snapshot,
                                                const store::Record& record);

// The question of a held record; the circumstances are still to be added.
Result<RecordQuestion> held_question(store::Snapshot& snapshot, const store::Record& record);

// What a recipient may take from a disclosure as the consents on which it rests: the sender's
// signed statement of them, but not one that contradicts what this node (of `party`) itself holds
// or gave.
Result<std::map<std::string, std::string>> stated_consents(store::Snapshot& snapshot,
                                                           const std::string& party,
                                                           const Disclosure& disclosure);

// Where the store keeps which disclosure has used up a consent that holds once, for one record.
std::string consent_spent_key(const std::string& consent, const Digest& record);

}  // namespace comity::exchange
