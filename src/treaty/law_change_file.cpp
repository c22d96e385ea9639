#include "treaty/law_change_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "treaty/notice.h"
#include "treaty/phrases.h"

namespace comity::treaty {
namespace {

std::string place_of(const TomlTable& row) {
  return fmt::format("{}:{}", row.file(), row.node().position.line);
}

// The place of a key that the row has.
Position value_place(const TomlTable& row, const char* key) {
  return row.node().entry(key)->value.position;
}

std::optional<Instant> instant_of(TomlTable& row, const char* key, Presence presence) {
  const auto* value = row.find(key, presence);
  if (!value) return std::nullopt;
  const auto instant = parse_rfc3339(value->text);
  if (value->kind != TomlNode::Kind::Time || !instant) {
    row.wrong_type(*value, key,
                   "an instant of UTC without quotes, like 2026-11-24T12:00:00Z, no finer than a "
                   "microsecond");
    return std::nullopt;
  }
  const auto year = std::stoi(value->text.substr(0, 4));
  if (year < year_min || year > year_max) {
    row.problem(value->position, fmt::format("'{}' is in the year {}", key, year),
                fmt::format("a year from {} to {}", year_min, year_max));
    return std::nullopt;
  }
  return *instant;
}

}  // namespace

std::string LawChangeReader::id_of(TomlTable& row, const std::string& kind) {
  auto id = row.word("id", Presence::Required);
  if (id.empty()) return id;
  const auto [first, added] = first_places_.try_emplace(kind + " " + id, place_of(row));
  if (!added) {
    row.problem(value_place(row, "id"),
                fmt::format("the {} '{}' stands in {} already", kind, id, first->second),
                "each id once");
  }
  return id;
}

// Only what binds somebody can be suspended or denounced by that party.
bool LawChangeReader::may_change(TomlTable& row, const Bond& bond) {
  const auto& instrument = model_.instruments[static_cast<std::size_t>(bond.first)];
  if (instrument.binding != Binding::Binding) {
    row.problem(value_place(row, "instrument"),
                fmt::format("'{}' is {}", instrument.id, name(instrument.binding)),
                "a binding instrument: no other is a basis that could end");
    return false;
  }
  const auto* entry = instrument.entry(bond.second);
  if (entry != nullptr && entry->status != Membership::NotParty) return true;
  std::vector<std::string> codes;
  for (const auto& one : instrument.parties) {
    if (one.status == Membership::NotParty) continue;
    codes.push_back(model_.parties[static_cast<std::size_t>(one.party)].code);
  }
  const auto& code = model_.parties[static_cast<std::size_t>(bond.second)].code;
  row.problem(value_place(row, "party"), fmt::format("{} is no party of {}", code, instrument.id),
              fmt::format("one of {}", fmt::join(codes, ", ")));
  return false;
}

bool LawChangeReader::overlaps(TomlTable& row, const Bond& bond, const Suspension& added) {
  auto& spans = spans_[bond];
  const auto next = spans.lower_bound(added.from);
  auto other = spans.end();
  if (next != spans.end() && (!added.until || *added.until > next->first)) other = next;
  if (other == spans.end() && next != spans.begin()) {
    const auto before = std::prev(next);
    const auto& until = before->second.until;
    if (!until || *until > added.from) other = before;
  }
  if (other == spans.end()) {
    spans.emplace(added.from, Span{added.until, added.id, place_of(row)});
    return false;
  }
  row.problem(
      row.node().position,
      fmt::format("it overlaps the suspension '{}' in {}", other->second.id, other->second.place),
      "one suspension of a party at a time, the earlier one with its 'until'");
  return true;
}

void LawChangeReader::suspension(TomlTable& row, std::optional<int> instrument,
                                 std::optional<int> party) {
  Suspension out;
  out.id = id_of(row, "suspension");
  out.provenance = row.provenance("provenance", Presence::Required);
  const auto from = instant_of(row, "from", Presence::Required);
  out.until = instant_of(row, "until", Presence::Optional);
  if (!instrument || !party || !from || row.has("until") != out.until.has_value()) return;
  out.instrument = *instrument;
  out.party = *party;
  out.from = *from;
  if (out.until && *out.until <= out.from) {
    row.problem(value_place(row, "until"),
                fmt::format("'until' is {}, 'from' is {}", instant_text(*out.until),
                            instant_text(out.from)),
                "an instant after 'from', or no 'until' while the suspension goes on");
    return;
  }
  const Bond bond{*instrument, *party};
  if (!may_change(row, bond) || overlaps(row, bond, out)) return;
  model_.suspensions.push_back(std::move(out));
}

// The instant must leave the notice its time, and end a membership that has begun.
bool LawChangeReader::takes_effect(TomlTable& row, const Denunciation& added) {
  const auto& instrument = model_.instruments[static_cast<std::size_t>(added.instrument)];
  const auto place = value_place(row, "effective");
  const auto found = fmt::format("'effective' is {}", instant_text(added.effective));
  if (added.effective < added.notified) {
    row.problem(place, fmt::format("{}, before 'notified'", found), "an instant at or after it");
    return false;
  }
  const auto end = notice_end(instrument, added.notified);
  if (end && added.effective < *end) {
    row.problem(place,
                fmt::format("{}, before the notice of {} has run out", found,
                            instrument.denunciation_notice->written),
                fmt::format("{} or later", instant_text(*end)));
    return false;
  }
  const auto& begin = instrument.entry(added.party)->in_force;
  if (begin && added.effective <= begin->earliest) {
    row.problem(place, fmt::format("{}; the party is bound from {}", found, begin->written),
                "an instant after that; take the denunciation of an earlier membership out");
    return false;
  }
  return true;
}

void LawChangeReader::denunciation(TomlTable& row, std::optional<int> instrument,
                                   std::optional<int> party) {
  Denunciation out;
  out.id = id_of(row, "denunciation");
  out.provenance = row.provenance("provenance", Presence::Required);
  const auto notified = instant_of(row, "notified", Presence::Required);
  const auto effective = instant_of(row, "effective", Presence::Required);
  if (!instrument || !party || !notified || !effective) return;
  out.instrument = *instrument;
  out.party = *party;
  out.notified = *notified;
  out.effective = *effective;
  const Bond bond{*instrument, *party};
  if (!may_change(row, bond) || !takes_effect(row, out)) return;
  const auto [first, added] = denounced_.try_emplace(bond, place_of(row));
  if (!added) {
    row.problem(row.node().position,
                fmt::format("this party denounced the instrument in {} already", first->second),
                "one denunciation of a party and instrument");
    return;
  }
  model_.denunciations.push_back(std::move(out));
}

}  // namespace comity::treaty
