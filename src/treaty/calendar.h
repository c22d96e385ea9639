// The legal clock of one party: the dates and duties that follow from the register, with the
// article from which each follows and what it rests on. docs/formats/calendar.md says which there
// are and how each is found.
//
// Nothing is guessed: a date that the register knows in part is the span of days in which it lies,
// and what follows from a date that it does not know has no day. Pure functions, for any thread; a
// LegalDate points into the model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treaty/model.h"
#include "treaty/phrase.h"
#include "treaty/verification.h"

namespace comity::treaty {

enum class DateKind {
  EntryIntoForce,  // for a party
  EntryByRule,     // the day on which it should be, by the rule of the instrument; the register has
                   // none
  Expiry,          // `until` of a party
  Denunciation,    // its notice runs out
  NoticePeriod,    // how long a denunciation would run; no day
  Survival,        // what goes on to bind after an expiry or a denunciation
  Suspension,      // begins
  SuspensionEnd,
  Duty,  // what a clause demands within days of entry into force; what comes back has no day
  Consultation,  // the same where it is to consult
  Arrangement,   // comes into force
  Designation,   // a body begins to be the designated one
  Review,        // by that day the parties are to look at it again
};
constexpr int date_kind_count = 13;
const char* name(DateKind kind);  // "entry-into-force" …

// Days since 1970-01-01 between which a day lies, both included.
struct DaySpan {
  std::int64_t first = 0, last = 0;
  bool exact() const { return first == last; }
  bool operator==(const DaySpan&) const = default;
};

struct LegalDate {
  // The same for the same matter, whatever its day: of words of the register alone.
  std::string id;
  DateKind kind = DateKind::EntryIntoForce;
  int instrument = 0;              // index in the model
  const Clause* clause = nullptr;  // from which it follows; null: from the dates of the parties
  const Review* review = nullptr;  // or from this
  int party = 0;                   // whose status changes, who owes
  std::optional<int> other;        // to whom it is owed
  std::optional<DaySpan> days;     // absent: not known
  std::optional<Instant> at;       // where it is an instant within the day
  bool suspended = false;          // a duty: on its first day one of the two has suspended
  std::string met;                 // a duty to name bodies: the designated body that is entered
  bool late = false;               // a duty: its last day is over, and nothing says that it is met
  std::string provenance;          // of the dates and the clause, each mark once
  std::vector<Phrase> rests_on;    // what is assumed, unverified, weak or only partly known
};

struct CalendarQuestion {
  int party = 0;
  // The days that are asked about, both included. What has no day is always listed, and so is a
  // notice or a suspension that runs during these days, whenever it ends.
  std::int64_t from = 0, to = 0;
  std::int64_t today = 0;              // by which a duty is late
  const Verifications* own = nullptr;  // what the party has verified; null: nothing
};

// The day of the calendar, in UTC, to which an instant belongs: in days since 1970-01-01.
std::int64_t day_of(Instant at);

// In order of days; what has none comes last.
std::vector<LegalDate> calendar(const Model& model, const CalendarQuestion& question);

// The article from which it follows; empty: none.
std::string article_of(const LegalDate& date);

// What happens or is to be done on that day, as a sentence.
Phrase date_phrase(const Model& model, const LegalDate& date);

// "2026-01-30", "2026-01-01 to 2026-12-31", "not known".
std::string days_text(const std::optional<DaySpan>& days);

// One entry for machines (docs/formats/calendar.md).
json::Object to_json(const Model& model, const LegalDate& date);

}  // namespace comity::treaty
