// The checked register: parties, instruments and dated facts, resolved to indexes and bit sets.
//
// A Model is immutable once loaded and may be read from any thread. It is pure data: evaluation is
// in reference.h and compiled.h, meaning in docs/formats/semantics-1.md, file form in
// docs/formats/register.md.
#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "stix/classification.h"
#include "treaty/context.h"

namespace comity::treaty {

constexpr std::size_t parties_max = 1024;
constexpr int semantics_number = 1;

// A set of values of one closed vocabulary (at most 64): bit i is the value with index i.
using Bits = std::uint64_t;
using PartySet = std::bitset<parties_max>;

enum class Mode { Operational, Exercise };

enum class Verb { Permit, Forbid, Require, Empower, Advise, Define };
enum class Scope { Basis, Origin, Always };
enum class PartyKind { State, Observer, Organisation, Invented, Entity };
enum class Membership { Party, NotParty, Unknown };
enum class Binding { Binding, Political, Soft, Draft, OrganisationalRule, Historical, National };

// Traffic Light Protocol 2.0, in order of strictness; None when a record states nothing.
enum class Tlp { None, Clear, Green, Amber, AmberStrict, Red };

// The names of one closed list; the index of a name is its bit.
struct Names {
  std::vector<std::string> values;
  std::optional<int> index(std::string_view name) const;
  std::string joined(Bits bits, std::string_view separator = ", ") const;
};

struct FactKind {
  std::string id;
  bool judgement = false;  // the sender's own finding; unstated means "no" and is signed as such
};

// Which questions belong to an area, for whoever asks what was agreed there. No engine reads it.
struct AreaPurposes {
  Bits actions = 0, purposes = 0, classes = 0;  // purposes 0: the register says nothing of the area
};

struct Vocabulary {
  Names actions, classes, areas, purposes, roles;
  std::vector<FactKind> facts;
  Names refusal_grounds;  // holds kept_refusal_grounds (refusal.h) under every register
  std::vector<AreaPurposes> area_purposes;  // by area; empty: the register says nothing of any
  std::optional<int> fact(std::string_view id) const;
};

struct Party {
  std::string code;  // ISO 3166-1 alpha-2, XA…XZ for invented parties, or an organisation's code
  std::string name;
  PartyKind kind = PartyKind::State;
  std::string note;                  // on its name; empty: none
  std::vector<std::string> aliases;  // other names in use: understood in suggestions alone
  std::string provenance;            // of its kind, name and aliases; empty: not said
  bool is_state() const { return kind != PartyKind::Organisation && kind != PartyKind::Entity; }
};

// A date as far as it is known (EDTF level 0 or a year or a month): the instants between which it
// begins.
struct DateFact {
  Instant earliest, latest;
  std::string written;     // as the file has it: "2016-08-10", "2015"
  bool full = true;        // a whole day is known
  std::string provenance;  // "S", "F8", "K:h", "K:m", "K:l", "X"
  std::string assumed;     // id of the assumption it comes from; empty for a fact of the register
};

struct PartyEntry {
  int party = 0;
  Membership status = Membership::Party;
  std::optional<DateFact> in_force;
  std::optional<DateFact> until;
  std::string provenance;
  std::string assumed;
  // How it became a party. No engine reads these: only `in_force` binds.
  std::optional<DateFact> signed_on, consented_on;
  std::string consent;  // "ratification", "accession" …; empty: not known
  // What the instrument's rule of entry into force gives where the file has no date: to be shown as
  // computed, and no fact.
  std::optional<DateFact> computed_in_force;
  bool in_force_by_rule = false;  // the file says that the rule gives `in_force`
  // file:line:column of `in_force`, else of the row; empty: of no file.
  std::string place;
};

enum class SideKind { Parties, Listed, ThirdParties };

// Whether a party is a fellow party also for what was received before it acceded. Unstated: not for
// what is known to have been received before.
enum class History { Unstated, FromAccession, All };

// Whom one side of a clause speaks of.
struct Side {
  SideKind kind = SideKind::Parties;
  PartySet listed;
  Bits roles = 0;           // 0: unstated
  bool designated = false;  // must be the designated body
};

// What a permit still needs: an arrangement of a kind, or a named condition.
struct Need {
  enum class Kind { Arrangement, Human, RightsRecord, Fact } kind = Kind::Fact;
  std::string name;  // arrangement kind, or the word in the file
  int fact = -1;     // index into Vocabulary::facts for Kind::Fact
};

// A time that passes after an event: days, or months of the calendar; nothing when both are 0.
struct Wait {
  int days = 0, months = 0;     // at most one of them; a year is twelve months
  bool first_of_month = false;  // and then until the first day of the next month
  std::string written;          // "P90D", or "P3M, first of the month"
};

struct Clause {
  std::string id, article;
  std::string says;  // the content in our own words; empty when the file has none
  std::string note;  // what an officer is told (advice text)
  std::string status = "unverified";
  std::string provenance;
  // Id of the clause in the same instrument that this one reads otherwise, and who reads it so;
  // empty: none. The clause and all that read it so are one passage.
  std::string reading_of, reading_by;
  Verb verb = Verb::Define;
  Scope scope = Scope::Basis;
  Bits actions = 0, info = 0, areas = 0, purposes = 0;  // 0: unstated
  Bits on = 0;                                          // require: actions that trigger the duty
  Bits grounds = 0;                                     // empower: grounds of refusal; 0: unstated
  Side from, to;
  Tlp handling_max = Tlp::None;  // None: unstated
  std::vector<Need> needs;
  bool except_consent = false;
  std::optional<int> when;  // index of a fact
  std::optional<int> within_days;
  // How often a duty comes back, and how long what it asks for lasts at least. No engine reads
  // these.
  std::optional<Wait> every, at_least;
  // Whether it outlives the instrument: unstated, a forbid of scope origin does and nothing else.
  std::optional<bool> survives;
  std::string survives_provenance;
  History history = History::Unstated;  // forbid to third parties; unstated: as the instrument
  std::string via;
  std::vector<std::string> see;  // instruments outside this software that the clause points to
  std::string family;            // the clause family that it is made from; empty: written out
  std::string assumed;           // id of the assumption that added it
  Digest digest{};               // SHA-256 of the RFC 8785 form of the row
  std::string place;             // file:line
};

struct LevelClaim {
  std::string level, by, source;
};

// What somebody says the instrument is about. Never a basis: what may be exchanged is in clauses.
struct AreaClaim {
  Bits areas = 0;
  std::string by, provenance, note;
};

// A mistake of a source about this instrument, so that nobody takes it over again.
struct SourceError {
  std::string source, place, says, correct, provenance;
};

// One of several ways to read the same passage; the clauses of the file follow the one `taken`.
// What no engine reads: rival readings that act are clauses (Clause::reading_of).
struct Reading {
  std::string of, says, by, provenance;
  bool taken = false;
};

// How long a denunciation runs before it takes effect.
struct Notice : Wait {
  std::string provenance;
};

// How an instrument says that it enters into force. What it gives is in entry_rule.h.
struct EntryRule {
  enum class Event { Signature, OwnConsent, LastConsent, NthConsent } event = Event::Signature;
  int count = 0;                // NthConsent: how many
  std::vector<std::string> of;  // the kinds of consent that are counted; empty: all
  Wait wait;
  std::string not_before;  // the id of an instrument that must be in force first; empty: none
  std::string provenance;
};

// A review that the text sets: within so long after the instrument itself entered into force.
struct Review {
  std::string article, says, provenance;
  Wait within;
};

struct Instrument {
  std::string id, title, form, category;
  Binding binding = Binding::Binding;
  std::vector<LevelClaim> levels;
  std::vector<std::string> languages;
  std::optional<DateFact> signed_on;
  bool addresses_all_states = false;
  std::optional<Notice> denunciation_notice;  // absent: not known
  History history = History::Unstated;
  std::vector<PartyEntry> parties;  // one entry a party, by party index
  std::vector<Clause> clauses;      // in file order
  std::string provenance, note, place;
  bool reference_only = false;  // no operative clause: named by `see`

  // What follows is context, which no engine reads.
  std::vector<std::string> aliases;  // other names in use
  std::optional<DateFact> adopted_on, in_force_on;
  std::string in_force_place;                    // file:line:column of in_force_on
  std::optional<DateFact> computed_in_force_on;  // what the rule gives where there is no date
  std::optional<EntryRule> entry_rule;
  std::vector<AreaClaim> area_claims;
  std::string parent;                                 // the framework it implements; empty: none
  std::vector<std::string> predecessors, successors;  // ids; the successors follow from the others
  std::vector<SourceError> source_errors;
  std::vector<Reading> readings;
  std::vector<Review> reviews;

  const PartyEntry* entry(int party) const;
  const Clause* clause(std::string_view id) const;
  // bilateral 0, multilateral 1, regional 2, interregional 3, global 4, national 5; of the first
  // claim
  int level_rank() const;
};

struct Arrangement {
  std::string id, kind;
  int instrument = 0;
  PartySet parties;
  std::optional<DateFact> in_force;
  std::string provenance, assumed;
};

struct Designation {
  int instrument = 0;
  int party = 0;
  std::string body;
  std::optional<int> role;
  Bits areas = 0;  // 0: all
  std::optional<DateFact> since;
  std::string provenance, assumed;
};

// A party's declaration that it does not apply the instrument for a while, toward all parties: from
// `from` on, and before `until`.
struct Suspension {
  std::string id;
  int instrument = 0;
  int party = 0;
  Instant from;
  std::optional<Instant> until;  // absent: it goes on
  std::string provenance;
  bool lasts(Instant at) const { return at >= from && (!until || at < *until); }
};

// A party's notice that it leaves the instrument: the party stays bound until `effective`.
struct Denunciation {
  std::string id;
  int instrument = 0;
  int party = 0;
  Instant notified, effective;
  std::string provenance;
};

struct Assumption {
  std::string id, reason;
};

// A rule of a party's own law about what that party itself does. It can only narrow what agreements
// permit: it forbids, or it demands something more.
struct OverlayRule {
  std::string id, article, says, note, provenance;
  bool forbids = true;                      // else it demands `needs`
  Bits actions = 0;                         // never refuse or withdraw
  Bits info = 0, areas = 0, purposes = 0;   // 0: all
  std::optional<PartySet> to;               // recipients; absent: all
  Tlp handling_min = Tlp::None;             // from this strictness on; None: all
  std::vector<Need> needs;                  // no arrangements
  std::optional<DateFact> in_force, until;  // absent: always
  std::string place;                        // file:line
};

// The national overlay of one party: overlays/<party>.toml of its own register.
struct Overlay {
  std::string id;  // "overlay-xa": how verdicts name it
  int party = 0;
  std::string title, provenance, note, place;
  std::vector<OverlayRule> rules;  // in file order
};

struct Model {
  Vocabulary vocabulary;
  stix::Classification classification;  // classification.toml
  std::vector<Party> parties;           // sorted by code
  std::vector<Instrument> instruments;  // sorted by id
  std::vector<Arrangement> arrangements;
  std::vector<Designation> designations;
  std::vector<Suspension> suspensions;      // in order of files; those of one party do not overlap
  std::vector<Denunciation> denunciations;  // at most one of a party and instrument
  std::vector<Overlay> overlays;            // at most one of a party
  std::vector<Assumption> assumptions;
  Context context;       // bodies, norms, measures, threats, sources
  std::string exercise;  // name of the exercise merged in; empty: none
  Digest digest{};       // of all files read, the exercise included

  std::optional<int> party(std::string_view code) const;
  std::optional<int> instrument(std::string_view id) const;
  const Assumption* assumption(std::string_view id) const;
  const Overlay* overlay(int party) const;
};

const char* name(Verb verb);
const char* name(Scope scope);
const char* name(Mode mode);
const char* name(Binding binding);
const char* name(PartyKind kind);
// "clear" … "red"; "" for None.
const char* name(Tlp tlp);
std::optional<Tlp> tlp_from_name(std::string_view name);

}  // namespace comity::treaty
