#include "treaty/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>

#include "treaty/notice.h"
#include "treaty/phrases.h"
#include "treaty/request.h"

namespace comity::treaty {
namespace {

constexpr std::array<const char*, date_kind_count> kind_names = {
    "entry-into-force", "entry-by-rule", "expiry",         "denunciation", "notice-period",
    "survival",         "suspension",    "suspension-end", "duty",         "consultation",
    "arrangement",      "designation",   "review"};

Instant start_of(std::int64_t day) { return Instant::from_seconds(day * seconds_per_day); }

DaySpan span_of(const DateFact& fact) {
  const auto first = day_of(fact.earliest);
  // `latest` of a partly known date is the beginning of the day after the last possible one.
  return {first, fact.full ? first : day_of(fact.latest) - 1};
}

DaySpan later_of(const DaySpan& a, const DaySpan& b) {
  return {std::max(a.first, b.first), std::max(a.last, b.last)};
}

// What goes on to bind when the instrument does not: what sticks to records, unless the clause says
// otherwise, and what says so.
bool outlives(const Clause& clause) {
  return clause.survives.value_or(clause.verb == Verb::Forbid && clause.scope == Scope::Origin);
}

// The day on which a wait that begins with a day has run out.
std::int64_t after(const Wait& wait, std::int64_t day) {
  return day_of(after_wait(start_of(day), wait));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool has_mark(std::string_view provenance, std::string_view mark) {
  const auto words = words_of(provenance);
  return std::find(words.begin(), words.end(), mark) != words.end();
}

void add_provenance(LegalDate& date, std::string_view provenance) {
  for (const auto mark : words_of(provenance)) {
    if (has_mark(date.provenance, mark)) continue;
    if (!date.provenance.empty()) date.provenance += ' ';
    date.provenance += mark;
  }
}

// The parties of one instrument, of which the asking one is one.
class Calendar {
 public:
  Calendar(const Model& model, const CalendarQuestion& question)
      : model_(model), question_(question) {}

  std::vector<LegalDate> run() {
    for (std::size_t i = 0; i < model_.instruments.size(); ++i) {
      index_ = static_cast<int>(i);
      instrument_ = &model_.instruments[i];
      own_ =
          instrument_->binding == Binding::Binding ? instrument_->entry(question_.party) : nullptr;
      if (own_ == nullptr || own_->status == Membership::NotParty) continue;
      memberships();
      clauses();
      changes();
      dated_facts();
      reviews();
    }
    std::stable_sort(out_.begin(), out_.end(), [](const LegalDate& a, const LegalDate& b) {
      const auto key = [](const LegalDate& one) {
        return std::tuple(!one.days, one.days ? one.days->first : 0, one.days ? one.days->last : 0);
      };
      return key(a) < key(b);
    });
    return std::move(out_);
  }

 private:
  const Denunciation* denunciation_of(int party) const;
  const std::string& code(int party) const {
    return model_.parties[static_cast<std::size_t>(party)].code;
  }
  bool ended_at(const PartyEntry& entry, Instant at) const;
  bool goes_on(const PartyEntry& entry) const { return !ended_at(entry, start_of(question_.from)); }
  // Whether what happens to another on that day still concerns the asking party.
  bool concerned(int party, const DaySpan& days) const {
    return party == question_.party || !ended_at(*own_, start_of(days.first - 1));
  }

  LegalDate begin(DateKind kind, int party, std::string_view about = {}) const;
  void rest(LegalDate& date, std::string_view key, int party, std::string_view written = {}) const;
  void rest_on_assumption(LegalDate& date, const std::string& id) const;
  void rest_on_date(LegalDate& date, const PartyEntry& entry, const DateFact& fact) const;
  void rest_on_entry(LegalDate& date, const PartyEntry& entry) const;
  void rest_on_clause(LegalDate& date, const Clause& clause) const;
  void keep(LegalDate date, bool runs = false);

  void memberships();
  void entry_into_force(const PartyEntry& entry);
  bool entry_by_rule(const PartyEntry& entry);
  void end(LegalDate date, bool runs);
  void clauses();
  void pair(const Clause& clause, const PartyEntry& from, const PartyEntry& to);
  void recurring(const Clause& clause);
  bool side_matches(const Side& side, const PartyEntry& entry) const;
  bool suspended_on(std::int64_t day, int a, int b) const;
  std::string named_body(const Clause& clause, int party) const;
  void changes();
  void notice_period();
  void dated_facts();
  void reviews();

  const Model& model_;
  const CalendarQuestion& question_;
  int index_ = 0;
  const Instrument* instrument_ = nullptr;
  const PartyEntry* own_ = nullptr;  // of the asking party
  std::vector<LegalDate> out_;
};

const Denunciation* Calendar::denunciation_of(int party) const {
  for (const auto& one : model_.denunciations) {
    if (one.instrument == index_ && one.party == party) return &one;
  }
  return nullptr;
}

// Whether the party is bound no more, for certain.
bool Calendar::ended_at(const PartyEntry& entry, Instant at) const {
  if (entry.until && at >= entry.until->latest) return true;
  const auto* left = denunciation_of(entry.party);
  return left != nullptr && at >= left->effective;
}

LegalDate Calendar::begin(DateKind kind, int party, std::string_view about) const {
  LegalDate date;
  date.id = fmt::format("{}.{}{}{}.{}", name(kind), instrument_->id, about.empty() ? "" : ".",
                        about, code(party));
  date.kind = kind;
  date.instrument = index_;
  date.party = party;
  return date;
}

void Calendar::rest(LegalDate& date, std::string_view key, int party,
                    std::string_view written) const {
  auto out = phrase(key, {{"party", to_json(word_phrase("party", code(party)))},
                          {"instrument", instrument_->id}});
  if (!written.empty()) out.args.set("written", written);
  date.rests_on.push_back(std::move(out));
}

void Calendar::rest_on_assumption(LegalDate& date, const std::string& id) const {
  auto out = phrase("rests.assumed", {{"id", id}, {"reason", assumed_entry(model_, id).reason}});
  auto& all = date.rests_on;
  if (std::find(all.begin(), all.end(), out) == all.end()) all.push_back(std::move(out));
}

void Calendar::rest_on_date(LegalDate& date, const PartyEntry& entry, const DateFact& fact) const {
  const auto& assumed = fact.assumed.empty() ? entry.assumed : fact.assumed;
  if (!assumed.empty()) rest_on_assumption(date, assumed);
  if (!fact.full) rest(date, "rests.partly-known", entry.party, fact.written);
  if (assumed.empty() && has_mark(fact.provenance, "K:l")) rest(date, "rests.weak", entry.party);
  add_provenance(date, fact.provenance);
}

// What a day that is counted from the entry into force for this party rests on.
void Calendar::rest_on_entry(LegalDate& date, const PartyEntry& entry) const {
  if (entry.status == Membership::Unknown) {
    rest(date, "rests.status-not-known", entry.party);
  } else if (!entry.in_force) {
    rest(date, "rests.not-known", entry.party);
  } else {
    rest_on_date(date, entry, *entry.in_force);
    return;
  }
  if (!entry.assumed.empty()) rest_on_assumption(date, entry.assumed);
  add_provenance(date, entry.provenance);
}

void Calendar::rest_on_clause(LegalDate& date, const Clause& clause) const {
  date.clause = &clause;
  if (!clause.assumed.empty()) {
    rest_on_assumption(date, clause.assumed);
  } else if (question_.own == nullptr || !question_.own->holds(instrument_->id, clause.digest)) {
    date.rests_on.push_back(phrase(
        "rests.unverified",
        {{"instrument", instrument_->id}, {"clause", clause.id}, {"article", clause.article}}));
  }
  add_provenance(date, clause.provenance);
}

void Calendar::keep(LegalDate date, bool runs) {
  const bool asked =
      !date.days || runs || (date.days->first <= question_.to && date.days->last >= question_.from);
  if (asked) out_.push_back(std::move(date));
}

// ---- the parties -------------------------------------------------------------------------------

void Calendar::memberships() {
  for (const auto& entry : instrument_->parties) {
    if (entry.status == Membership::NotParty) continue;
    entry_into_force(entry);
    if (entry.until) {
      auto date = begin(DateKind::Expiry, entry.party);
      date.days = span_of(*entry.until);
      rest_on_date(date, entry, *entry.until);
      if (concerned(entry.party, *date.days)) end(std::move(date), false);
    }
    if (const auto* left = denunciation_of(entry.party)) {
      auto date = begin(DateKind::Denunciation, entry.party, left->id);
      const auto day = day_of(left->effective);
      date.days = {day, day};
      date.at = left->effective;
      add_provenance(date, left->provenance);
      const bool runs =
          day_of(left->notified) <= question_.to && left->effective > start_of(question_.from);
      if (concerned(entry.party, *date.days)) end(std::move(date), runs);
    }
  }
}

void Calendar::entry_into_force(const PartyEntry& entry) {
  auto date = begin(DateKind::EntryIntoForce, entry.party);
  rest_on_entry(date, entry);
  if (entry.status == Membership::Party && entry.in_force) {
    date.days = span_of(*entry.in_force);
    if (concerned(entry.party, *date.days)) keep(std::move(date));
    return;
  }
  if (entry.status == Membership::Party && entry_by_rule(entry)) return;
  if (entry.party == question_.party && goes_on(entry)) keep(std::move(date));
}

// What the register should say once it is known.
bool Calendar::entry_by_rule(const PartyEntry& entry) {
  if (!entry.computed_in_force) return false;
  auto date = begin(DateKind::EntryByRule, entry.party);
  date.days = span_of(*entry.computed_in_force);
  rest_on_date(date, entry, *entry.computed_in_force);
  if (concerned(entry.party, *date.days)) keep(std::move(date));
  return true;
}

// An end, and with it what goes on to bind.
void Calendar::end(LegalDate date, bool runs) {
  for (const auto& clause : instrument_->clauses) {
    if (!outlives(clause)) continue;
    auto survives = date;
    survives.kind = DateKind::Survival;
    survives.id = fmt::format("{}.{}.{}", name(DateKind::Survival), clause.id, date.id);
    rest_on_clause(survives, clause);
    add_provenance(survives, clause.survives_provenance);
    keep(std::move(survives), runs);
  }
  keep(std::move(date), runs);
}

// ---- what clauses demand -----------------------------------------------------------------------

bool Calendar::side_matches(const Side& side, const PartyEntry& entry) const {
  switch (side.kind) {
    case SideKind::Parties:
      return model_.parties[static_cast<std::size_t>(entry.party)].is_state();
    case SideKind::Listed:
      return side.listed.test(static_cast<std::size_t>(entry.party));
    case SideKind::ThirdParties:
      break;
  }
  return false;
}

void Calendar::clauses() {
  for (const auto& clause : instrument_->clauses) {
    if (clause.verb != Verb::Require) continue;
    if (!clause.within_days) {
      recurring(clause);
      continue;
    }
    for (const auto& other : instrument_->parties) {
      if (&other == own_ || other.status == Membership::NotParty) continue;
      pair(clause, *own_, other);
      pair(clause, other, *own_);
    }
  }
}

// Days are counted from the later entry into force of the two.
void Calendar::pair(const Clause& clause, const PartyEntry& from, const PartyEntry& to) {
  if (!side_matches(clause.from, from) || !side_matches(clause.to, to)) return;
  const bool consults = (clause.actions & bit(Action::Consult)) != 0;
  auto date = begin(consults ? DateKind::Consultation : DateKind::Duty, from.party, clause.id);
  date.id += "." + code(to.party);
  date.other = to.party;
  const auto known = [](const PartyEntry& entry) {
    return entry.status == Membership::Party && entry.in_force;
  };
  auto counted_until = start_of(question_.from);
  if (known(from) && known(to)) {
    const auto later = later_of(span_of(*from.in_force), span_of(*to.in_force));
    date.days = {later.first + *clause.within_days, later.last + *clause.within_days};
    counted_until = start_of(date.days->first);
    date.suspended = suspended_on(date.days->first, from.party, to.party);
  }
  const bool over = ended_at(from, counted_until) || ended_at(to, counted_until);
  if (over && !outlives(clause)) return;
  date.met = named_body(clause, from.party);
  date.late = date.days && date.days->last < question_.today && !date.suspended && date.met.empty();
  rest_on_entry(date, from);
  rest_on_entry(date, to);
  rest_on_clause(date, clause);
  keep(std::move(date));
}

// A duty that comes back, or one to consult: from which day its interval is counted, if it has one,
// is nowhere known.
void Calendar::recurring(const Clause& clause) {
  const bool consults = (clause.actions & bit(Action::Consult)) != 0;
  if (!consults && !clause.every) return;
  const bool concerns = side_matches(clause.from, *own_) || side_matches(clause.to, *own_);
  if (!concerns || (!goes_on(*own_) && !outlives(clause))) return;
  if (own_->in_force && day_of(own_->in_force->earliest) > question_.to) return;
  auto date = begin(consults ? DateKind::Consultation : DateKind::Duty, own_->party, clause.id);
  rest_on_entry(date, *own_);
  rest_on_clause(date, clause);
  keep(std::move(date));
}

bool Calendar::suspended_on(std::int64_t day, int a, int b) const {
  return std::any_of(
      model_.suspensions.begin(), model_.suspensions.end(), [&](const Suspension& one) {
        return one.instrument == index_ && (one.party == a || one.party == b) &&
               one.from < start_of(day + 1) && (!one.until || *one.until > start_of(day));
      });
}

// The notice of competent bodies has been given as far as the register tells when it holds one.
std::string Calendar::named_body(const Clause& clause, int party) const {
  const auto contact = model_.vocabulary.classes.index("poc-data");
  const bool names_bodies =
      contact && (clause.info & bit(*contact)) != 0 && (clause.actions & bit(Action::Notify)) != 0;
  if (!names_bodies) return {};
  for (const auto& one : model_.designations) {
    const bool real = one.assumed.empty() && one.instrument == index_ && one.party == party;
    if (real) return one.body;
  }
  return {};
}

// ---- changes and dated facts -------------------------------------------------------------------

void Calendar::changes() {
  for (const auto& one : model_.suspensions) {
    const auto* entry = one.instrument == index_ ? instrument_->entry(one.party) : nullptr;
    if (entry == nullptr || entry->status == Membership::NotParty) continue;
    auto begins = begin(DateKind::Suspension, one.party, one.id);
    const auto day = day_of(one.from);
    begins.days = {day, day};
    begins.at = one.from;
    add_provenance(begins, one.provenance);
    if (!concerned(one.party, *begins.days)) continue;
    auto ends = begins;
    ends.kind = DateKind::SuspensionEnd;
    ends.id = fmt::format("{}.{}.{}.{}", name(ends.kind), instrument_->id, one.id, code(one.party));
    ends.days.reset();
    if (one.until) {
      const auto last = day_of(*one.until);
      ends.days = {last, last};
      ends.at = one.until;
    }
    const bool runs = day <= question_.to && (!one.until || *one.until > start_of(question_.from));
    keep(std::move(begins));
    if (ends.days || runs) keep(std::move(ends), runs);
  }
  notice_period();
}

void Calendar::notice_period() {
  const auto& notice = instrument_->denunciation_notice;
  if (!notice || !goes_on(*own_) || denunciation_of(own_->party) != nullptr) return;
  auto date = begin(DateKind::NoticePeriod, own_->party);
  add_provenance(date, notice->provenance);
  keep(std::move(date));
}

void Calendar::dated_facts() {
  for (const auto& one : model_.arrangements) {
    const bool holds = one.parties.test(static_cast<std::size_t>(question_.party));
    if (one.instrument != index_ || !holds || !one.in_force) continue;
    auto date = begin(DateKind::Arrangement, question_.party, one.id);
    date.days = span_of(*one.in_force);
    if (!one.assumed.empty()) rest_on_assumption(date, one.assumed);
    if (!one.in_force->full) {
      date.rests_on.push_back(
          phrase("rests.day-partly-known", {{"written", one.in_force->written}}));
    }
    add_provenance(date, one.provenance);
    keep(std::move(date));
  }
  int number = 0;
  for (const auto& one : model_.designations) {
    if (one.instrument != index_) continue;
    ++number;
    const auto* entry = instrument_->entry(one.party);
    if (!one.since || entry == nullptr || entry->status == Membership::NotParty) continue;
    auto date = begin(DateKind::Designation, one.party, fmt::format("{}", number));
    date.days = span_of(*one.since);
    date.met = one.body;
    if (!one.assumed.empty()) rest_on_assumption(date, one.assumed);
    if (!one.since->full) {
      date.rests_on.push_back(phrase("rests.day-partly-known", {{"written", one.since->written}}));
    }
    add_provenance(date, one.provenance);
    if (concerned(one.party, *date.days)) keep(std::move(date));
  }
}

// Counted from the entry into force of the instrument itself.
void Calendar::reviews() {
  const auto& began = instrument_->in_force_on;
  int number = 0;
  for (const auto& one : instrument_->reviews) {
    auto date = begin(DateKind::Review, question_.party, fmt::format("{}", ++number));
    date.review = &one;
    if (began) {
      const auto known = span_of(*began);
      date.days = {after(one.within, known.first), after(one.within, known.last)};
      if (!began->full) {
        date.rests_on.push_back(
            phrase("rests.instrument-partly-known",
                   {{"instrument", instrument_->id}, {"written", began->written}}));
      }
      add_provenance(date, began->provenance);
    } else {
      date.rests_on.push_back(
          phrase("rests.instrument-not-known", {{"instrument", instrument_->id}}));
    }
    add_provenance(date, one.provenance);
    const bool bound = date.days ? !ended_at(*own_, start_of(date.days->first)) : goes_on(*own_);
    if (bound) keep(std::move(date));
  }
}

json::Value instant_value(const LegalDate& date) {
  return instant_text(date.at.value_or(Instant{}));
}

json::Value duration_of(const Wait& wait) {
  return to_json(wait.months != 0 ? phrase("duration.months", {{"months", wait.months}})
                                  : phrase("duration.days", {{"days", wait.days}}));
}

Phrase notice_phrase(const Instrument& instrument) {
  const auto& notice = *instrument.denunciation_notice;
  auto out =
      notice.first_of_month ? phrase("calendar.notice-to-month") : phrase("calendar.notice-period");
  out.args.set("instrument", instrument.id);
  out.args.set("duration", duration_of(notice));
  return out;
}

Phrase duty_of(const Model& model, const Instrument& instrument, const LegalDate& date) {
  const Duty duty = {instrument.id, date.clause->id, date.clause->article, "", "", false};
  return duty_phrase(model, duty);
}

}  // namespace

std::int64_t day_of(Instant at) {
  const auto seconds = at.seconds();
  return seconds / seconds_per_day - (seconds % seconds_per_day < 0 ? 1 : 0);
}

std::string article_of(const LegalDate& date) {
  if (date.clause != nullptr) return date.clause->article;
  return date.review != nullptr ? date.review->article : std::string();
}

const char* name(DateKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::vector<LegalDate> calendar(const Model& model, const CalendarQuestion& question) {
  return Calendar(model, question).run();
}

Phrase date_phrase(const Model& model, const LegalDate& date) {
  const auto& instrument = model.instruments[static_cast<std::size_t>(date.instrument)];
  const auto word = [&](int party) {
    return to_json(word_phrase("party", model.parties[static_cast<std::size_t>(party)].code));
  };
  const auto of_party = [&](std::string_view key) {
    return phrase(key, {{"party", word(date.party)}, {"instrument", instrument.id}});
  };
  const auto at_instant = [&](std::string_view key) {
    auto out = of_party(key);
    out.args.set("instant", instant_value(date));
    return out;
  };
  switch (date.kind) {
    case DateKind::EntryIntoForce:
      return of_party(date.days ? "calendar.entry-into-force" : "calendar.entry-not-known");
    case DateKind::EntryByRule:
      return of_party("calendar.entry-by-rule");
    case DateKind::Expiry:
      return of_party("calendar.expiry");
    case DateKind::Denunciation:
      return at_instant("calendar.denunciation");
    case DateKind::NoticePeriod:
      return notice_phrase(instrument);
    case DateKind::Survival:
      return of_party("calendar.survival");
    case DateKind::Suspension:
      return at_instant("calendar.suspension");
    case DateKind::SuspensionEnd:
      return at_instant(date.days ? "calendar.suspension-end" : "calendar.suspension-open");
    case DateKind::Duty:
    case DateKind::Consultation: {
      auto duty = to_json(duty_of(model, instrument, date));
      if (!date.other && date.clause->every) {
        return phrase("calendar.every",
                      {{"duty", std::move(duty)}, {"duration", duration_of(*date.clause->every)}});
      }
      if (!date.other) return phrase("calendar.consultation", {{"duty", std::move(duty)}});
      return phrase(
          "calendar.duty",
          {{"party", word(date.party)}, {"other", word(*date.other)}, {"duty", std::move(duty)}});
    }
    case DateKind::Review:
      return phrase("calendar.review", {{"instrument", instrument.id}});
    case DateKind::Arrangement:
      return of_party("calendar.arrangement");
    case DateKind::Designation: {
      auto out = of_party("calendar.designation");
      out.args.set("body", date.met);
      return out;
    }
  }
  return of_party("calendar.expiry");
}

std::string days_text(const std::optional<DaySpan>& days) {
  if (!days) return "not known";
  if (days->exact()) return format_day(days->first);
  return fmt::format("{} to {}", format_day(days->first), format_day(days->last));
}

json::Object to_json(const Model& model, const LegalDate& date) {
  const auto& instrument = model.instruments[static_cast<std::size_t>(date.instrument)];
  const auto code = [&](int party) {
    return json::Value(model.parties[static_cast<std::size_t>(party)].code);
  };
  const auto* clause = date.clause;
  json::Object out;
  out.set("id", date.id);
  out.set("kind", name(date.kind));
  out.set("first", date.days ? json::Value(format_day(date.days->first)) : json::Value());
  out.set("last", date.days ? json::Value(format_day(date.days->last)) : json::Value());
  out.set("at", date.at ? json::Value(instant_text(*date.at)) : json::Value());
  out.set("instrument", instrument.id);
  out.set("title", instrument.title);
  out.set("clause", clause != nullptr ? json::Value(clause->id) : json::Value());
  const auto article = article_of(date);
  out.set("article", article.empty() ? json::Value() : json::Value(article));
  out.set("party", code(date.party));
  out.set("other", date.other ? code(*date.other) : json::Value());
  out.set("what", to_json(date_phrase(model, date)));
  out.set("sentence",
          clause != nullptr ? to_json(sentence_phrase(model, instrument, *clause)) : json::Value());
  out.set("late", date.late);
  out.set("suspended", date.suspended);
  out.set("met", date.met.empty() || date.kind == DateKind::Designation ? json::Value()
                                                                        : json::Value(date.met));
  out.set("provenance", date.provenance);
  json::Array rests;
  for (const auto& one : date.rests_on) rests.push_back(to_json(one));
  out.set("rests_on", std::move(rests));
  return out;
}

}  // namespace comity::treaty
