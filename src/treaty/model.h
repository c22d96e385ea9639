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

struct Vocabulary {
  Names actions, classes, areas, purposes, roles;
  std::vector<FactKind> facts;
  std::optional<int> fact(std::string_view id) const;
};

struct Party {
  std::string code;  // ISO 3166-1 alpha-2, XA…XZ for invented parties, or an organisation's code
  std::string name;
  PartyKind kind = PartyKind::State;
  std::string note;  // on its name; empty: none
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
};

enum class SideKind { Parties, Listed, ThirdParties };

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

struct Clause {
  std::string id, article;
  std::string says;  // the content in our own words; empty when the file has none
  std::string note;  // what an officer is told (advice text)
  std::string status = "unverified";
  std::string provenance;
  Verb verb = Verb::Define;
  Scope scope = Scope::Basis;
  Bits actions = 0, info = 0, areas = 0, purposes = 0;  // 0: unstated
  Bits on = 0;                                          // require: actions that trigger the duty
  Side from, to;
  Tlp handling_max = Tlp::None;  // None: unstated
  std::vector<Need> needs;
  bool except_consent = false;
  std::optional<int> when;  // index of a fact
  std::optional<int> within_days;
  std::string via;
  std::vector<std::string> see;  // instruments outside this software that the clause points to
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
struct Reading {
  std::string of, says, by, provenance;
  bool taken = false;
};

// How long a denunciation runs before it takes effect: days, or months of the calendar.
struct Notice {
  int days = 0, months = 0;  // one of them; a year is twelve months
  std::string written;       // as the file has it: "P90D"
  std::string provenance;
};

struct Instrument {
  std::string id, title, form, category;
  Binding binding = Binding::Binding;
  std::vector<LevelClaim> levels;
  std::vector<std::string> languages;
  std::optional<DateFact> signed_on;
  bool addresses_all_states = false;
  std::optional<Notice> denunciation_notice;  // absent: not known
  std::vector<PartyEntry> parties;            // one entry a party, by party index
  std::vector<Clause> clauses;                // in file order
  std::string provenance, note, place;
  bool reference_only = false;  // no operative clause: named by `see`

  // What follows is context, which no engine reads.
  std::vector<std::string> aliases;  // other names in use
  std::optional<DateFact> adopted_on, in_force_on;
  bool enters_by_month_rule = false;  // see first_of_month_after
  std::vector<AreaClaim> area_claims;
  std::string parent;                                 // the framework it implements; empty: none
  std::vector<std::string> predecessors, successors;  // ids; the successors follow from the others
  std::vector<SourceError> source_errors;
  std::vector<Reading> readings;

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

struct Model {
  Vocabulary vocabulary;
  stix::Classification classification;  // classification.toml
  std::vector<Party> parties;           // sorted by code
  std::vector<Instrument> instruments;  // sorted by id
  std::vector<Arrangement> arrangements;
  std::vector<Designation> designations;
  std::vector<Suspension> suspensions;      // in order of files; those of one party do not overlap
  std::vector<Denunciation> denunciations;  // at most one of a party and instrument
  std::vector<Assumption> assumptions;
  Context context;       // bodies, norms, measures, threats, sources
  std::string exercise;  // name of the exercise merged in; empty: none
  Digest digest{};       // of all files read, the exercise included

  std::optional<int> party(std::string_view code) const;
  std::optional<int> instrument(std::string_view id) const;
  const Assumption* assumption(std::string_view id) const;
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
