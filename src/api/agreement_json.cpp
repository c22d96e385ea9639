#include "api/agreement_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/texts.h"
#include "treaty/article_sheet.h"
#include "treaty/clause_rows.h"
#include "treaty/phrase.h"
#include "treaty/request.h"

namespace comity::api {
namespace {

using treaty::Bits;

json::Value text_or_null(std::string_view text) {
  return text.empty() ? json::Value() : json::Value(text);
}

json::Value written_or_null(const std::optional<treaty::DateFact>& date) {
  return date ? json::Value(date->written) : json::Value();
}

std::vector<std::string> names_of(const treaty::Names& names, Bits bits) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < names.values.size(); ++i) {
    if ((bits & treaty::bit(static_cast<int>(i))) != 0) out.push_back(names.values[i]);
  }
  return out;
}

json::Array words(const treaty::Names& names, Bits bits) {
  return json::array_of(names_of(names, bits));
}

const exchange::ClauseVerification* verification_of(const Sheet& sheet,
                                                    const treaty::Instrument& instrument,
                                                    const treaty::Clause& clause) {
  const auto found = sheet.verified.find({instrument.id, clause.id});
  return found == sheet.verified.end() ? nullptr : &found->second;
}

const char* verified_word(const Sheet& sheet, const treaty::Instrument& instrument) {
  if (instrument.clauses.empty()) return "reference";
  const auto count = std::count_if(instrument.clauses.begin(), instrument.clauses.end(),
                                   [&](const treaty::Clause& clause) {
                                     return verification_of(sheet, instrument, clause) != nullptr;
                                   });
  if (count == 0) return "unverified";
  return static_cast<std::size_t>(count) == instrument.clauses.size() ? "verified" : "part";
}

// Since when it is in force: the date of the instrument itself, else that for this party.
json::Value in_force(const Sheet& sheet, const treaty::Instrument& instrument) {
  if (instrument.in_force_on) return instrument.in_force_on->written;
  const auto* own = instrument.entry(sheet.party);
  return own == nullptr ? json::Value() : written_or_null(own->in_force);
}

const char* membership_word(treaty::Membership status) {
  switch (status) {
    case treaty::Membership::Party:
      return "party";
    case treaty::Membership::NotParty:
      return "not-party";
    case treaty::Membership::Unknown:
      break;
  }
  return "unknown";
}

json::Object party_row(const treaty::Model& model, const treaty::PartyEntry& entry) {
  json::Object out;
  out.set("code", model.parties[static_cast<std::size_t>(entry.party)].code);
  out.set("status", membership_word(entry.status));
  out.set("signed", written_or_null(entry.signed_on));
  out.set("in_force", written_or_null(entry.in_force));
  out.set("computed", written_or_null(entry.computed_in_force));
  out.set("until", written_or_null(entry.until));
  out.set("provenance", entry.provenance);
  const bool dated = entry.assumed.empty() && entry.in_force;
  out.set("assumed", text_or_null(dated ? entry.in_force->assumed : entry.assumed));
  return out;
}

json::Object clause_json(const Sheet& sheet, const treaty::Instrument& instrument,
                         const treaty::Clause& clause) {
  const auto* verification = verification_of(sheet, instrument, clause);
  json::Object out;
  out.set("id", clause.id);
  out.set("article", clause.article);
  out.set("verb", treaty::name(clause.verb));
  out.set("status", verification != nullptr ? "verified-by-2"
                                            : (clause.assumed.empty() ? clause.status : "assumed"));
  out.set("provenance", clause.provenance);
  out.set("assumed", text_or_null(clause.assumed));
  out.set("digest", digest_text(clause.digest));
  out.set("sentence", treaty::to_json(treaty::sentence_phrase(sheet.model, instrument, clause)));
  out.set("says", text_or_null(clause.says));
  out.set("note", text_or_null(clause.note));
  out.set("row", clause_row_json(sheet.model, clause));
  if (verification == nullptr) {
    out.set("verification", json::Value());
  } else {
    json::Object found;
    found.set("source", verification->source);
    found.set("date", verification->date);
    found.set("officers", json::array_of(verification->officers));
    out.set("verification", std::move(found));
  }
  out.set("used", sheet.used.of(instrument.id, clause.id));
  return out;
}

// What is claimed about the instrument, never acted on.
void set_claims(const treaty::Model& model, const treaty::Instrument& instrument,
                json::Object& out) {
  json::Array claims, errors, readings;
  for (const auto& claim : instrument.area_claims) {
    json::Object row;
    row.set("areas", words(model.vocabulary.areas, claim.areas));
    row.set("by", claim.by);
    row.set("provenance", claim.provenance);
    claims.push_back(std::move(row));
  }
  for (const auto& error : instrument.source_errors) {
    json::Object row;
    row.set("source", error.source);
    row.set("place", error.place);
    row.set("says", error.says);
    row.set("correct", error.correct);
    row.set("provenance", error.provenance);
    errors.push_back(std::move(row));
  }
  for (const auto& reading : instrument.readings) {
    json::Object row;
    row.set("of", reading.of);
    row.set("says", reading.says);
    row.set("by", reading.by);
    row.set("taken", reading.taken);
    row.set("provenance", reading.provenance);
    readings.push_back(std::move(row));
  }
  out.set("claims", std::move(claims));
  out.set("source_errors", std::move(errors));
  out.set("readings", std::move(readings));
}

// One side of a clause: nothing for "parties", which is the default.
void set_side(const treaty::Model& model, const treaty::Side& side, const char* key,
              json::Object& out) {
  if (side.kind == treaty::SideKind::ThirdParties) out.set(key, "third-parties");
  if (side.kind == treaty::SideKind::Listed) {
    json::Array codes;
    for (std::size_t i = 0; i < model.parties.size(); ++i) {
      if (side.listed.test(i)) codes.emplace_back(model.parties[i].code);
    }
    out.set(key, std::move(codes));
  }
  if (side.roles != 0) {
    out.set(fmt::format("{}_roles", key), words(model.vocabulary.roles, side.roles));
  }
}

void set_conditions(const treaty::Model& model, const treaty::Clause& clause, json::Object& out) {
  if (clause.handling_max != treaty::Tlp::None) {
    out.set("handling_max", treaty::name(clause.handling_max));
  }
  if (!clause.needs.empty()) {
    json::Array needs;
    for (const auto& need : clause.needs) {
      const bool arrangement = need.kind == treaty::Need::Kind::Arrangement;
      needs.emplace_back(arrangement ? "arrangement:" + need.name : need.name);
    }
    out.set("needs", std::move(needs));
  }
  if (clause.verb == treaty::Verb::Forbid) out.set("scope", treaty::name(clause.scope));
  if (clause.except_consent) out.set("except", "consent");
  if (clause.when) {
    out.set("when", model.vocabulary.facts[static_cast<std::size_t>(*clause.when)].id);
  }
  if (clause.on != 0) out.set("on", words(model.vocabulary.actions, clause.on));
  if (clause.within_days) out.set("within_days", *clause.within_days);
  if (clause.every) out.set("every", clause.every->written);
  if (clause.at_least) out.set("at_least", clause.at_least->written);
  if (clause.survives) out.set("survives", *clause.survives);
  if (clause.history != treaty::History::Unstated) {
    out.set("history", clause.history == treaty::History::All ? "all" : "from-accession");
  }
  if (clause.grounds != 0) {
    out.set("grounds", words(model.vocabulary.refusal_grounds, clause.grounds));
  }
  if (!clause.reading_of.empty()) {
    out.set("reading_of", clause.reading_of);
    out.set("reading_by", clause.reading_by);
  }
  if (!clause.via.empty()) out.set("via", clause.via);
  if (!clause.see.empty()) out.set("see", json::array_of(clause.see));
}

}  // namespace

std::map<std::pair<std::string, std::string>, exchange::ClauseVerification> holding(
    const treaty::Model& model, std::vector<exchange::ClauseVerification> all) {
  std::map<std::pair<std::string, std::string>, exchange::ClauseVerification> out;
  for (auto& one : all) {
    const auto index = model.instrument(one.instrument);
    if (!index) continue;
    const auto* clause = model.instruments[static_cast<std::size_t>(*index)].clause(one.clause);
    if (clause == nullptr || clause->digest != one.digest) continue;
    const std::pair place(one.instrument, one.clause);
    out.emplace(place, std::move(one));
  }
  return out;
}

const char* agreement_status(const Sheet& sheet, const treaty::Instrument& instrument) {
  const auto index = sheet.model.instrument(instrument.id);
  CHECK(index.has_value());
  if (instrument.addresses_all_states) {
    const auto& day = instrument.adopted_on ? instrument.adopted_on : instrument.signed_on;
    const bool begun = !day || sheet.at >= day->earliest;
    const auto& own = sheet.model.parties[static_cast<std::size_t>(sheet.party)];
    return begun && own.is_state() ? "in-force" : "not-in-force";
  }
  switch (treaty::standing_of(sheet.model, *index, sheet.party, sheet.at)) {
    case treaty::Standing::Live:
      return "in-force";
    case treaty::Standing::Suspended:
      return "suspended";
    case treaty::Standing::Not:
      return "not-in-force";
    case treaty::Standing::Unknown:
      break;
  }
  return "unknown";
}

json::Object agreement_row(const Sheet& sheet, const treaty::Instrument& instrument) {
  const auto& areas = sheet.model.vocabulary.areas;
  Bits of_clauses = 0, claimed = 0;
  for (const auto& clause : instrument.clauses) of_clauses |= clause.areas;
  for (const auto& claim : instrument.area_claims) claimed |= claim.areas;
  json::Array levels;
  for (const auto& claim : instrument.levels) levels.emplace_back(claim.level);
  const auto parties = std::count_if(
      instrument.parties.begin(), instrument.parties.end(),
      [](const treaty::PartyEntry& entry) { return entry.status != treaty::Membership::NotParty; });
  json::Object out;
  out.set("id", instrument.id);
  out.set("title", instrument.title);
  out.set("form", instrument.form);
  out.set("binding", treaty::name(instrument.binding));
  out.set("levels", std::move(levels));
  out.set("parties", static_cast<std::int64_t>(parties));
  out.set("in_force", in_force(sheet, instrument));
  out.set("areas", words(areas, of_clauses));
  out.set("areas_claimed", words(areas, claimed));
  out.set("verified", verified_word(sheet, instrument));
  out.set("used", sheet.used.of(instrument.id));
  out.set("status", agreement_status(sheet, instrument));
  return out;
}

json::Object agreement_sheet(const Sheet& sheet, const treaty::Instrument& instrument) {
  auto out = agreement_row(sheet, instrument);
  out.set("note", instrument.note);
  out.set("provenance", instrument.provenance);
  out.set("signed", written_or_null(instrument.signed_on));
  out.set("aliases", json::array_of(instrument.aliases));
  out.set("parent", text_or_null(instrument.parent));
  out.set("predecessors", json::array_of(instrument.predecessors));
  out.set("successors", json::array_of(instrument.successors));
  json::Array parties, clauses;
  for (const auto& entry : instrument.parties) parties.push_back(party_row(sheet.model, entry));
  for (const auto& clause : instrument.clauses) {
    clauses.push_back(clause_json(sheet, instrument, clause));
  }
  out.set("party_rows", std::move(parties));
  out.set("clauses", std::move(clauses));
  const auto printed = treaty::article_sheet_json(sheet.model, instrument);
  out.set("suspensions", *printed.find("suspensions"));
  out.set("denunciations", *printed.find("denunciations"));
  set_claims(sheet.model, instrument, out);
  return out;
}

json::Object clause_row_json(const treaty::Model& model, const treaty::Clause& clause) {
  const auto& vocabulary = model.vocabulary;
  json::Object out;
  out.set("verb", treaty::name(clause.verb));
  if (clause.actions != 0) out.set("action", words(vocabulary.actions, clause.actions));
  if (clause.verb != treaty::Verb::Define) {
    const bool default_sides = clause.from.kind == treaty::SideKind::Parties &&
                               clause.to.kind == treaty::SideKind::Parties;
    if (default_sides) out.set("between", "parties");
  }
  set_side(model, clause.from, "from", out);
  set_side(model, clause.to, "to", out);
  if (clause.from.designated || clause.to.designated) {
    out.set("designated", clause.from.designated && clause.to.designated ? "both"
                          : clause.from.designated                       ? "from"
                                                                         : "to");
  }
  if (clause.info != 0) out.set("info", words(vocabulary.classes, clause.info));
  if (clause.areas != 0) out.set("area", words(vocabulary.areas, clause.areas));
  if (clause.purposes != 0) out.set("purpose", words(vocabulary.purposes, clause.purposes));
  set_conditions(model, clause, out);
  return out;
}

}  // namespace comity::api
