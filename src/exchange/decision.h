// The question that a record puts to the law: may this record go to this party now, and why.
// Pure but for the register it is given; safe from any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "stix/classification.h"
#include "store/store.h"
#include "treaty/compiled.h"

namespace comity::exchange {

// What of an assertion the decision depends on: those that agree in it get the same verdict.
struct AssertionQuestion {
  std::string classes;  // comma-separated; a "?" among them: not known
  std::string area, purpose, tlp, chain;
  bool doubtful = false;  // must not leave automatically, and is not published
  bool quarantined = false;
  std::map<std::string, std::string> consents = {};  // who was asked → "granted", "refused"
  std::string recalled = {};  // the recall that took it back from the recipient; empty: none
  bool attributes = false;    // it says who is behind something

  auto operator<=>(const AssertionQuestion&) const = default;
};

// What another gave before under the same STIX id.
struct GivenBefore {
  Digest digest{};  // by which consents and recalls name it; no part of the question
  AssertionQuestion question;

  bool operator==(const GivenBefore& other) const { return question == other.question; }
  auto operator<=>(const GivenBefore& other) const { return question <=> other.question; }
};

// The same of a record. A later copy of what another gave (treaty-clauses, settled case 3) is asked
// about with what was given: it may go no further than that.
struct RecordQuestion : AssertionQuestion {
  bool copied = false;
  std::vector<GivenBefore> given_before = {};

  auto operator<=>(const RecordQuestion&) const = default;
};

// Without what was given before: circumstances.h has the whole question of a held record.
RecordQuestion question_of(const store::Record& record);

// A record without class is asked about as part of what carries it, under its own handling: the
// carrier first.
RecordQuestion carrier_question(RecordQuestion carrier);  // what the carried ones take of it
RecordQuestion carried_question(const RecordQuestion& carrier, const RecordQuestion& carried);

// Classes as they are stored: names in vocabulary order, "?" last when something is unknown.
std::string write_classes(const stix::Classes& classes, const treaty::Vocabulary& vocabulary);
std::vector<std::string> split_classes(const std::string& classes);

// A chain as it is stored: JSON array of {"instrument","originator","received"}, the last where it
// is known.
using Chain = std::vector<treaty::ReceivedUnder>;
std::string write_chain(const Chain& chain);
Result<Chain> read_chain(const std::string& text);

// The request as the engine takes it; classes without "?".
treaty::Request request_of(const AssertionQuestion& question, const std::string& from,
                           const std::string& to, Instant at);

// What stands in place of an instrument where a disclosure claims none: in the statement and, at
// the recipient, in the hop of each record that came by it.
constexpr std::string_view national_discretion = "national-discretion";

// The same of a hop, and the reason of a quarantine, of what a party that has no node gave by a
// token: nobody signed it, so no agreement speaks of it.
constexpr std::string_view unsigned_submission = "unsigned-submission";

// From 0, what may go, to what may not at all: what no article speaks of is less strict than what
// one forbids. (A cell of coverage shows the nearest instead, and orders these two the other way.)
int strictness(treaty::VerdictKind kind);

// Whether an agreement permits it but for two officers of the sender who have to look: what they
// can complete by their signatures.
bool waits_for_officers(const treaty::Verdict& verdict, const std::string& from);

// Whether a record about which no agreement says anything may go all the same, by two officers
// (treaty-clauses, law 7 of verdicts): it is the sender's own, unclassified, and there is no lock
// of another or of a person on it. `verdict` is that of the question.
bool may_go_at_discretion(const RecordQuestion& question, const treaty::Verdict& verdict);

// A record without a class of its own is asked about with the classes of what carries it. What came
// at national discretion came under no agreement, so none lets it go on.
treaty::Verdict decide_record(const treaty::CompiledRegister& law, const RecordQuestion& question,
                              const std::string& from, const std::string& to, Instant at);

// Decisions for one sender, recipient and instant, each question asked once. One thread at a time.
class Decider {
 public:
  Decider(std::shared_ptr<const treaty::CompiledRegister> law, std::string from, std::string to,
          Instant at)
      : law_(std::move(law)), from_(std::move(from)), to_(std::move(to)), at_(at) {}
  const treaty::Verdict& verdict(const RecordQuestion& question);

 private:
  std::shared_ptr<const treaty::CompiledRegister> law_;
  std::string from_, to_;
  Instant at_;
  std::map<RecordQuestion, treaty::Verdict> known_;
};

}  // namespace comity::exchange
