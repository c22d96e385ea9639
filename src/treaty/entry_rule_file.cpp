#include "treaty/entry_rule_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "treaty/entry_rule.h"
#include "treaty/notice.h"

namespace comity::treaty {
namespace {

constexpr const char* by_rule_word = "by-rule";
constexpr int entry_count_max = static_cast<int>(parties_max);

const Names event_names{{"signature", "own-consent", "last-consent", "nth-consent"}};

std::string day_text(Instant day) { return format_day(day.seconds() / seconds_per_day); }

DateFact computed(Instant day, std::string provenance) {
  return DateFact{day, day, day_text(day), true, std::move(provenance), {}};
}

// What a date should be for the rule to hold.
std::string expected_by(const EntryDay& rule) {
  if (!rule.not_met.empty()) return "no date, by the rule of entry into force: " + rule.not_met;
  return fmt::format("{}{}, by the rule of entry into force", rule.day ? "" : "no day before ",
                     day_text(rule.day ? *rule.day : *rule.earliest));
}

std::optional<DateFact> force_of(const Model& model, const Instrument& instrument) {
  if (!instrument.entry_rule || instrument.entry_rule->not_before.empty()) return std::nullopt;
  const auto other = model.instrument(instrument.entry_rule->not_before);
  if (!other) return std::nullopt;
  return model.instruments[static_cast<std::size_t>(*other)].in_force_on;
}

}  // namespace

std::optional<Wait> read_duration(TomlTable& table, const TomlNode& value, const char* key) {
  auto read = value.kind == TomlNode::Kind::String ? notice_from_text(value.text) : std::nullopt;
  if (read) return static_cast<const Wait&>(*read);
  table.wrong_type(value, key,
                   fmt::format("a duration like \"P90D\", \"P6M\" or \"P1Y\", at most {} years",
                               notice_years_max));
  return std::nullopt;
}

std::optional<Wait> read_wait(TomlTable& table, const TomlNode& value, const char* key,
                              ProblemList& problems) {
  if (value.kind != TomlNode::Kind::Table) return read_duration(table, value, key);
  TomlTable inner(value, table.file(), problems, fmt::format("'{}'", key));
  const auto* node = inner.find("wait", Presence::Required);
  auto wait = node ? read_duration(inner, *node, "wait") : std::nullopt;
  const bool first = inner.flag("first_of_month", Presence::Optional);
  inner.refuse_unknown_keys();
  if (!wait) return std::nullopt;
  wait->first_of_month = first;
  if (first) wait->written += ", first of the month";
  return wait;
}

void EntryRules::read(TomlTable& head, Instrument& instrument, const Names& consents) {
  if (head.find("in_force")) instrument.in_force_place = place(head);
  static const Names old_rules{{"first-of-month-after-three-months"}};
  if (head.choice("entry_rule", old_rules, Presence::Optional)) {
    instrument.entry_rule =
        EntryRule{EntryRule::Event::OwnConsent, 0, {}, {0, 3, true, "P3M, first of the month"}, {},
                  instrument.provenance};
  }
  const auto* node = head.find("entry");
  if (!node) return;
  head.refuse("entry_rule", "'entry_rule' beside 'entry'", "either of them");
  if (node->kind != TomlNode::Kind::Table) {
    head.wrong_type(*node, "entry",
                    "a table, such as { after = \"last-consent\", wait = \"P30D\" }");
    return;
  }
  TomlTable row(*node, head.file(), problems_, "'entry'");
  EntryRule rule;
  const auto event = row.choice("after", event_names, Presence::Required);
  if (event) {
    rule.event = static_cast<EntryRule::Event>(*event);
    read_count(row, rule);
  } else {
    row.find("count");  // whether it belongs there hangs on the event, which is told already
  }
  for (const auto* kind : row.strings("of", Presence::Optional)) {
    row.index_of(*kind, consents, "of");
    rule.of.push_back(kind->text);
  }
  if (event && rule.event == EntryRule::Event::Signature) {
    row.refuse("of", "'of' in a rule of signature", "it only where consents are counted");
  }
  if (const auto* wait = row.find("wait")) {
    rule.wait = read_duration(row, *wait, "wait").value_or(Wait{});
  }
  if (row.flag("first_of_month", Presence::Optional)) {
    rule.wait.first_of_month = true;
    rule.wait.written += rule.wait.written.empty() ? "first of the month" : ", first of the month";
  }
  rule.not_before = row.word("not_before", Presence::Optional);
  if (!rule.not_before.empty() &&
      std::find(instruments_.begin(), instruments_.end(), rule.not_before) == instruments_.end()) {
    row.problem(row.find("not_before")->position,
                fmt::format("'not_before' is {}", quoted(rule.not_before)),
                "the id of an instrument of this register", nearest(rule.not_before, instruments_));
  }
  rule.provenance = row.provenance("provenance", Presence::Required);
  row.refuse_unknown_keys();
  if (event) instrument.entry_rule = std::move(rule);
}

void EntryRules::read_count(TomlTable& row, EntryRule& rule) {
  if (rule.event != EntryRule::Event::NthConsent) {
    row.refuse("count", "'count' beside an event that happens once",
               "it only where after is nth-consent");
    return;
  }
  const auto* value = row.find("count", Presence::Required);
  if (!value) return;
  rule.count = 1;
  if (value->kind != TomlNode::Kind::Integer || value->integer < 1 ||
      value->integer > entry_count_max) {
    row.wrong_type(*value, "count", fmt::format("a whole number, 1 to {}", entry_count_max));
    return;
  }
  rule.count = static_cast<int>(value->integer);
}

bool EntryRules::gives(const TomlTable& row) {
  const auto* entry = row.node().entry("in_force");
  return entry != nullptr && entry->value.kind == TomlNode::Kind::String &&
         entry->value.text == by_rule_word;
}

std::string EntryRules::place(const TomlTable& row) {
  const auto* in_force = row.node().entry("in_force");
  const auto& position = in_force ? in_force->value.position : row.node().position;
  return fmt::format("{}:{}:{}", row.file(), position.line, position.column);
}

void EntryRules::problem(const std::string& where, std::string found, std::string expected) {
  const auto column = where.rfind(':');
  const auto line = where.rfind(':', column - 1);
  CHECK(column != std::string::npos && line != std::string::npos);
  problems_.add(where.substr(0, line),
                {std::stoi(where.substr(line + 1)), std::stoi(where.substr(column + 1))},
                std::move(found), std::move(expected));
}

void EntryRules::check(Model& model) {
  for (auto& instrument : model.instruments) {
    const auto not_before = force_of(model, instrument);
    if (instrument.entry_rule) check_instrument(instrument, not_before);
    for (auto& entry : instrument.parties) check_party(model, instrument, not_before, entry);
  }
}

void EntryRules::check_instrument(Instrument& instrument,
                                  const std::optional<DateFact>& not_before) {
  const auto rule = entry_of_instrument(instrument, not_before);
  if (!instrument.in_force_on) {
    if (rule.day) {
      instrument.computed_in_force_on =
          computed(*rule.day, weakest_provenance(instrument.entry_rule->provenance));
    }
    return;
  }
  if (!contradicts(*instrument.in_force_on, rule)) return;
  problem(instrument.in_force_place,
          fmt::format("'in_force' is {}", instrument.in_force_on->written), expected_by(rule));
}

void EntryRules::check_party(const Model& model, const Instrument& instrument,
                             const std::optional<DateFact>& not_before, PartyEntry& entry) {
  const auto& code = model.parties[static_cast<std::size_t>(entry.party)].code;
  if (!instrument.entry_rule) {
    if (!entry.in_force_by_rule) return;
    problem(entry.place, "'in_force' is 'by-rule'",
            "a date, or a rule of entry into force: 'entry' in [instrument]");
    return;
  }
  const auto rule = entry_of_party(instrument, not_before, entry);
  if (entry.in_force) {
    if (!contradicts(*entry.in_force, rule)) return;
    auto found = fmt::format("'in_force' of {} is {}", code, entry.in_force->written);
    if (entry.consented_on) found += ", consented " + entry.consented_on->written;
    problem(entry.place, std::move(found), expected_by(rule));
    return;
  }
  if (rule.day && entry.status != Membership::NotParty) {
    entry.computed_in_force = computed(
        *rule.day, weakest_provenance(entry.provenance + " " + instrument.entry_rule->provenance));
  }
  if (!entry.in_force_by_rule) return;
  if (entry.status != Membership::Party) {
    problem(entry.place,
            fmt::format("'in_force' of {} is 'by-rule', and its status is not 'party'", code),
            "no 'in_force' where it is not known to be a party");
    return;
  }
  if (!entry.computed_in_force) {
    const auto why = !rule.not_met.empty()   ? ": " + rule.not_met
                     : !rule.missing.empty() ? fmt::format(": {} is not known", rule.missing)
                                             : std::string();
    problem(entry.place,
            fmt::format("'in_force' of {} is 'by-rule', and the rule gives no day{}", code, why),
            "a date, or what the rule needs");
    return;
  }
  entry.in_force = std::exchange(entry.computed_in_force, std::nullopt);
  if (!entry.until || entry.until->latest > entry.in_force->earliest) return;
  problem(entry.place,
          fmt::format("the end {} is not after the beginning {} that the rule gives",
                      entry.until->written, entry.in_force->written),
          "'until' after 'in_force'");
}

}  // namespace comity::treaty
