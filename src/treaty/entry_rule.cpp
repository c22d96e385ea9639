#include "treaty/entry_rule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "treaty/notice.h"

namespace comity::treaty {
namespace {

void later(std::optional<Instant>& day, const std::optional<Instant>& other) {
  if (!day || (other && *other > *day)) day = other;
}

// What follows from the day of one event, known in full, in part or not at all.
EntryDay after_event(const std::optional<DateFact>& event, const Wait& wait, const char* what) {
  EntryDay out;
  if (!event) {
    out.missing = what;
    return out;
  }
  out.earliest = after_wait(event->earliest, wait);
  if (event->full) {
    out.day = out.earliest;
  } else {
    out.missing = what;
  }
  return out;
}

// The consents that a rule looks at.
struct Consents {
  std::vector<Instant> known;   // full days, in order
  std::vector<Instant> partly;  // the earliest day of those known in part
  std::size_t unknown = 0;
};

Consents consents_of(const Instrument& instrument, const EntryRule& rule) {
  Consents out;
  for (const auto& party : instrument.parties) {
    if (party.status == Membership::NotParty) continue;
    if (!party.consented_on) {
      ++out.unknown;
      continue;
    }
    const auto& of = rule.of;
    if (!of.empty() && !party.consent.empty() &&
        std::find(of.begin(), of.end(), party.consent) == of.end()) {
      continue;
    }
    // A consent whose kind nobody knows may be one of those that count.
    if (!of.empty() && party.consent.empty()) {
      ++out.unknown;
    } else if (party.consented_on->full) {
      out.known.push_back(party.consented_on->earliest);
    } else {
      out.partly.push_back(party.consented_on->earliest);
    }
  }
  std::sort(out.known.begin(), out.known.end());
  return out;
}

EntryDay after_last(const Instrument& instrument, const EntryRule& rule) {
  auto consents = consents_of(instrument, rule);
  EntryDay out;
  if (consents.known.empty() || consents.unknown > 0 || !consents.partly.empty()) {
    out.missing = "the day of every party's consent";
  } else {
    out.day = after_wait(consents.known.back(), rule.wait);
  }
  auto& all = consents.known;
  all.insert(all.end(), consents.partly.begin(), consents.partly.end());
  if (!all.empty()) out.earliest = after_wait(*std::max_element(all.begin(), all.end()), rule.wait);
  return out;
}

EntryDay after_nth(const Instrument& instrument, const EntryRule& rule) {
  auto consents = consents_of(instrument, rule);
  const auto count = static_cast<std::size_t>(rule.count);
  const auto loose = consents.unknown + consents.partly.size();
  EntryDay out;
  if (consents.known.size() + loose < count) {
    out.not_met = fmt::format("{} consents are needed, and {} can be counted", count,
                              consents.known.size() + loose);
    return out;
  }
  if (loose == 0) {
    out.day = out.earliest = after_wait(consents.known[count - 1], rule.wait);
    return out;
  }
  out.missing = "the days of all consents that are counted";
  // However early those lie whose day is not known, this many others came before.
  if (count > loose) out.earliest = after_wait(consents.known[count - loose - 1], rule.wait);
  return out;
}

EntryDay of_event(const Instrument& instrument, const EntryRule& rule) {
  switch (rule.event) {
    case EntryRule::Event::Signature:
      return after_event(instrument.signed_on, rule.wait, "the day of signature");
    case EntryRule::Event::LastConsent:
      return after_last(instrument, rule);
    case EntryRule::Event::NthConsent:
      return after_nth(instrument, rule);
    case EntryRule::Event::OwnConsent:
      break;
  }
  EntryDay out;
  out.missing = "the day on which the instrument itself entered into force";
  return out;
}

// Not before another day; what is not known of it leaves the day open.
void hold_back(EntryDay& rule, const std::optional<DateFact>& other, const std::string& what) {
  if (other) later(rule.earliest, other->earliest);
  if (!rule.day) return;
  if (other && other->full) {
    later(rule.day, other->earliest);
  } else if (!other || other->latest > *rule.day) {
    rule.day.reset();
    rule.missing = what;
  }
}

std::string ordinal(int number) {
  const auto tens = number / 10 % 10;
  const auto units = number % 10;
  const char* end = "th";
  if (tens != 1 && units == 1) end = "st";
  if (tens != 1 && units == 2) end = "nd";
  if (tens != 1 && units == 3) end = "rd";
  return fmt::format("{}{}", number, end);
}

std::string event_text(const EntryRule& rule) {
  const auto kinds =
      rule.of.empty() ? std::string() : fmt::format(" ({})", fmt::join(rule.of, ", "));
  switch (rule.event) {
    case EntryRule::Event::Signature:
      return "the signature";
    case EntryRule::Event::OwnConsent:
      return "a party's own consent" + kinds;
    case EntryRule::Event::LastConsent:
      return "the consent of the last party" + kinds;
    case EntryRule::Event::NthConsent:
      break;
  }
  return fmt::format("the {} consent{}", ordinal(rule.count), kinds);
}

}  // namespace

EntryDay entry_of_instrument(const Instrument& instrument,
                             const std::optional<DateFact>& not_before) {
  CHECK(instrument.entry_rule.has_value());
  const auto& rule = *instrument.entry_rule;
  auto out = of_event(instrument, rule);
  if (!rule.not_before.empty()) {
    hold_back(out, not_before, fmt::format("the entry into force of {}", rule.not_before));
  }
  return out;
}

EntryDay entry_of_party(const Instrument& instrument, const std::optional<DateFact>& not_before,
                        const PartyEntry& party) {
  CHECK(instrument.entry_rule.has_value());
  const auto& rule = *instrument.entry_rule;
  using Event = EntryRule::Event;
  auto whole = entry_of_instrument(instrument, not_before);
  if (instrument.in_force_on) {
    const auto& fact = *instrument.in_force_on;
    whole = EntryDay{fact.full ? std::optional(fact.earliest) : std::nullopt, fact.earliest,
                     fact.full ? "" : "the day on which the instrument entered into force", ""};
  }
  const bool alike = rule.event == Event::Signature || rule.event == Event::LastConsent;
  if (alike || !whole.not_met.empty()) return whole;
  auto own = after_event(party.consented_on, rule.wait, "the day of this party's consent");
  later(own.earliest, whole.earliest);
  // A rule of own consent binds by it alone where nothing is said of the instrument as a whole.
  if (rule.event == Event::OwnConsent && !instrument.in_force_on) {
    if (!rule.not_before.empty()) {
      hold_back(own, not_before, fmt::format("the entry into force of {}", rule.not_before));
    }
    return own;
  }
  if (whole.day) {
    if (own.day) later(own.day, whole.day);
    return own;
  }
  // Whichever day of a part of a year it was, who consents behind all of them comes later.
  if (own.day && instrument.in_force_on && *own.day >= instrument.in_force_on->latest) return own;
  own.day.reset();
  own.missing = whole.missing;
  return own;
}

bool contradicts(const DateFact& date, const EntryDay& rule) {
  if (!rule.not_met.empty()) return true;
  if (rule.day) {
    return date.full ? date.earliest != *rule.day
                     : *rule.day < date.earliest || *rule.day >= date.latest;
  }
  if (!rule.earliest) return false;
  return date.full ? date.earliest < *rule.earliest : date.latest <= *rule.earliest;
}

std::string entry_rule_text(const EntryRule& rule) {
  auto out = event_text(rule);
  const auto& wait = rule.wait;
  const auto units = [](int number, const char* unit) {
    return fmt::format("{} {}{}", number, unit, number == 1 ? "" : "s");
  };
  if (wait.days != 0) out = fmt::format("{} after {}", units(wait.days, "day"), out);
  if (wait.months != 0) out = fmt::format("{} after {}", units(wait.months, "month"), out);
  if (wait.days == 0 && wait.months == 0) out = "on the day of " + out;
  if (wait.first_of_month) out = "on the first day of the month that follows: " + out;
  if (!rule.not_before.empty()) out += fmt::format("; not before {} is in force", rule.not_before);
  return out;
}

const char* name(EntryRule::Event event) {
  constexpr std::array names = {"signature", "own-consent", "last-consent", "nth-consent"};
  return names[static_cast<std::size_t>(event)];
}

}  // namespace comity::treaty
