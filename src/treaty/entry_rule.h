// What an instrument's rule of entry into force gives for the facts that are known: the day on
// which the instrument itself, or one of its parties, is bound. The form is
// docs/formats/register.md. Pure functions, for any thread.
#pragma once

#include <optional>
#include <string>

#include "treaty/model.h"

namespace comity::treaty {

// The day that a rule gives, as far as the facts go.
struct EntryDay {
  std::optional<Instant> day;       // the day itself; absent when something is not known
  std::optional<Instant> earliest;  // no day before this one fits the rule; absent: not known
  std::string missing;              // what would have to be known for the day
  std::string not_met;              // why the rule lets nothing enter into force yet; empty: it may
};

// Of the instrument itself. `not_before` is the entry into force of the instrument that the rule
// names, if it is known. The instrument has an entry rule. The parties listed in it are taken to be
// all there are.
EntryDay entry_of_instrument(const Instrument& instrument,
                             const std::optional<DateFact>& not_before);

// Of one of its parties: not before the instrument, and not before its own consent lets it. The
// instrument's own date counts before what the rule gives for it.
EntryDay entry_of_party(const Instrument& instrument, const std::optional<DateFact>& not_before,
                        const PartyEntry& party);

// Whether a date contradicts what a rule gives: it differs from the day, or lies before every day
// that fits, or the rule is not met at all.
bool contradicts(const DateFact& date, const EntryDay& rule);

// The rule in English, for a terminal: "30 days after the 4th consent (ratification)".
std::string entry_rule_text(const EntryRule& rule);
// "signature", "own-consent", "last-consent", "nth-consent".
const char* name(EntryRule::Event event);

}  // namespace comity::treaty
