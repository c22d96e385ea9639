#include "treaty/article_sheet.h"

#include <fmt/format.h>

#include <array>

#include "treaty/phrases.h"
#include "treaty/request.h"

namespace comity::treaty {
namespace {

const char* modal(const Clause& clause) {
  switch (clause.verb) {
    case Verb::Permit:
      return "may";
    case Verb::Forbid:
      return "shall not";
    case Verb::Require:
      return "shall";
    case Verb::Empower:
      return "is empowered to";
    case Verb::Advise:
      return "is advised to";
    case Verb::Define:
      return "defines";
  }
  return "";
}

std::string codes(const Model& model, const PartySet& set) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < model.parties.size(); ++i) {
    if (set.test(i)) out.push_back(model.parties[i].code);
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string who(const Model& model, const Side& side, const char* unnamed) {
  std::string out;
  switch (side.kind) {
    case SideKind::Parties:
      out = unnamed;
      break;
    case SideKind::Listed:
      out = codes(model, side.listed);
      break;
    case SideKind::ThirdParties:
      out = "third parties";
      break;
  }
  if (side.designated) out += " (its designated body)";
  if (side.roles != 0)
    out += fmt::format(" as {}", model.vocabulary.roles.joined(side.roles, " or "));
  return out;
}

// What each action does, in the order of enum Action: {0} the information, {1} the other side.
constexpr std::array<const char*, 14> action_phrases = {
    "share {0} with {1}",
    "pass {0} on to {1}",
    "use {0} of {1}",
    "make requests to {1}",
    "assist {1}",
    "mitigate harm to {1}",
    "preserve {0} for {1}",
    "disclose {0} to {1}",
    "notify {0} to {1}",
    "consult {1}",
    "ping {1}",
    "report {0} to {1}",
    "refuse {1}",
    "withdraw from {1}",
};

std::string acts(const Model& model, const Clause& clause) {
  const auto whom = who(model, clause.to, "another party");
  const auto what = clause.info == 0 ? std::string("information")
                                     : model.vocabulary.classes.joined(clause.info, ", ");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < action_phrases.size(); ++i) {
    if ((clause.actions & bit(static_cast<int>(i))) != 0) {
      out.push_back(fmt::format(fmt::runtime(action_phrases[i]), what, whom));
    }
  }
  return fmt::format("{}", fmt::join(out, " or "));
}

std::string limits(const Model& model, const Clause& clause) {
  const auto& vocabulary = model.vocabulary;
  std::string out;
  if (clause.purposes != 0) out += " for " + vocabulary.purposes.joined(clause.purposes, ", ");
  if (clause.areas != 0) out += " in " + vocabulary.areas.joined(clause.areas, ", ");
  return out;
}

std::string conditions(const Model& model, const Clause& clause) {
  std::string out;
  for (const auto& need : clause.needs)
    out += fmt::format("; needs {}", need.kind == Need::Kind::Arrangement
                                         ? "an arrangement on " + need.name
                                         : need.name);
  if (clause.handling_max != Tlp::None)
    out += fmt::format("; up to TLP:{}", name(clause.handling_max));
  if (clause.when) {
    out +=
        fmt::format("; when {}", model.vocabulary.facts[static_cast<std::size_t>(*clause.when)].id);
  }
  if (clause.except_consent) out += "; unless the originator has consented in writing";
  if (clause.verb == Verb::Forbid && clause.scope == Scope::Origin) {
    out += "; this sticks to every record received under the instrument";
  }
  if (clause.within_days)
    out += fmt::format("; within {} days of entry into force", *clause.within_days);
  if (!clause.via.empty()) out += fmt::format("; via {}", clause.via);
  if (!clause.see.empty()) out += fmt::format("; see {}", fmt::join(clause.see, ", "));
  return out;
}

std::string date_text(const std::optional<DateFact>& date) {
  return date ? date->written : "not known";
}

std::string membership(const Model& model, const PartyEntry& entry) {
  const auto& party = model.parties[static_cast<std::size_t>(entry.party)];
  std::string state = entry.status == Membership::NotParty ? "no party"
                      : entry.status == Membership::Unknown
                          ? "status not known"
                          : "in force " + date_text(entry.in_force);
  if (entry.until) state += " until " + entry.until->written;
  if (entry.signed_on) state += ", signed " + entry.signed_on->written;
  if (entry.consented_on) {
    state += fmt::format(", {} {}", entry.consent.empty() ? "consent" : entry.consent,
                         entry.consented_on->written);
  }
  auto out = fmt::format("{:<5} {:<28} {}", party.code, party.name, state);
  if (!entry.provenance.empty()) out += fmt::format("  [{}]", entry.provenance);
  const auto& assumed = !entry.assumed.empty() ? entry.assumed
                        : entry.in_force       ? entry.in_force->assumed
                                               : entry.assumed;
  if (!assumed.empty()) out += fmt::format("  ASSUMED {}", assumed);
  return out;
}

const std::string& code_of(const Model& model, int party) {
  return model.parties[static_cast<std::size_t>(party)].code;
}

bool concerns(const Model& model, int index, const Instrument& instrument) {
  return model.instruments[static_cast<std::size_t>(index)].id == instrument.id;
}

// Suspensions and denunciations, in the order of their files.
std::string law_changes(const Model& model, const Instrument& instrument) {
  std::string out;
  for (const auto& one : model.suspensions) {
    if (!concerns(model, one.instrument, instrument)) continue;
    out +=
        fmt::format("  {} suspended it from {}", code_of(model, one.party), instant_text(one.from));
    if (one.until) out += " until " + instant_text(*one.until);
    out += fmt::format("  {} [{}]\n", one.id, one.provenance);
  }
  for (const auto& one : model.denunciations) {
    if (!concerns(model, one.instrument, instrument)) continue;
    out += fmt::format("  {} denounced it: notified {}, effective {}  {} [{}]\n",
                       code_of(model, one.party), instant_text(one.notified),
                       instant_text(one.effective), one.id, one.provenance);
  }
  return out;
}

void set_law_changes(const Model& model, const Instrument& instrument, json::Object& out) {
  json::Array suspensions, denunciations;
  for (const auto& one : model.suspensions) {
    if (!concerns(model, one.instrument, instrument)) continue;
    json::Object row;
    row.set("id", one.id);
    row.set("party", code_of(model, one.party));
    row.set("from", instant_text(one.from));
    if (one.until) row.set("until", instant_text(*one.until));
    row.set("provenance", one.provenance);
    suspensions.push_back(std::move(row));
  }
  for (const auto& one : model.denunciations) {
    if (!concerns(model, one.instrument, instrument)) continue;
    json::Object row;
    row.set("id", one.id);
    row.set("party", code_of(model, one.party));
    row.set("notified", instant_text(one.notified));
    row.set("effective", instant_text(one.effective));
    row.set("provenance", one.provenance);
    denunciations.push_back(std::move(row));
  }
  if (instrument.denunciation_notice) {
    out.set("denunciation_notice", instrument.denunciation_notice->written);
  }
  out.set("suspensions", std::move(suspensions));
  out.set("denunciations", std::move(denunciations));
}

// What is said about the instrument and never acts: claims, relations, mistakes of sources.
std::string context_lines(const Model& model, const Instrument& instrument) {
  std::string out;
  const auto dated = [&](const char* what, const std::optional<DateFact>& date) {
    if (date) out += fmt::format("{} {} [{}]\n", what, date->written, date->provenance);
  };
  if (!instrument.aliases.empty()) {
    out += fmt::format("also called: {}\n", fmt::join(instrument.aliases, "; "));
  }
  dated("adopted", instrument.adopted_on);
  dated("the instrument itself is in force since", instrument.in_force_on);
  if (!instrument.parent.empty()) out += fmt::format("under {}\n", instrument.parent);
  if (!instrument.predecessors.empty()) {
    out += fmt::format("follows {}\n", fmt::join(instrument.predecessors, ", "));
  }
  if (!instrument.successors.empty()) {
    out += fmt::format("followed by {}\n", fmt::join(instrument.successors, ", "));
  }
  for (const auto& claim : instrument.area_claims) {
    out += fmt::format("UNVERIFIED CLAIM of {}, no basis for anything: it is about {} [{}]{}\n",
                       claim.by, model.vocabulary.areas.joined(claim.areas), claim.provenance,
                       claim.note.empty() ? "" : "; " + claim.note);
  }
  for (const auto& error : instrument.source_errors) {
    out += fmt::format("mistake of source {}, {}: it says {}; {} [{}]\n", error.source, error.place,
                       error.says, error.correct, error.provenance);
  }
  for (const auto& reading : instrument.readings) {
    out += fmt::format("reading of {} by {}{}: {} [{}]\n", reading.of, reading.by,
                       reading.taken ? ", taken here" : "", reading.says, reading.provenance);
  }
  return out;
}

void set_context(const Model& model, const Instrument& instrument, json::Object& out) {
  const auto dated = [&](const char* key, const std::optional<DateFact>& date) {
    if (date) out.set(key, date->written);
  };
  dated("adopted", instrument.adopted_on);
  dated("in_force", instrument.in_force_on);
  if (!instrument.parent.empty()) out.set("parent", instrument.parent);
  const auto listed = [&](const char* key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    json::Array list;
    for (const auto& value : values) list.emplace_back(value);
    out.set(key, std::move(list));
  };
  listed("aliases", instrument.aliases);
  listed("predecessors", instrument.predecessors);
  listed("successors", instrument.successors);
  json::Array claims;
  for (const auto& claim : instrument.area_claims) {
    json::Object row;
    row.set("areas", model.vocabulary.areas.joined(claim.areas));
    row.set("by", claim.by);
    row.set("provenance", claim.provenance);
    row.set("status", "unverified");
    claims.push_back(std::move(row));
  }
  if (!claims.empty()) out.set("area_claims", std::move(claims));
}

}  // namespace

std::string sentence(const Model& model, const Instrument& instrument, const Clause& clause) {
  if (clause.verb == Verb::Define)
    return fmt::format("{} defines a term or principle.", clause.article);
  const char* unnamed = instrument.binding == Binding::Binding ? "a party" : "a state";
  return fmt::format("{}: {} {} {}{}{}.", clause.article, who(model, clause.from, unnamed),
                     modal(clause), acts(model, clause), limits(model, clause),
                     conditions(model, clause));
}

std::string article_sheet(const Model& model, const Instrument& instrument) {
  auto out = fmt::format("{}: {}\n{} · {} · {}", instrument.id, instrument.title, instrument.form,
                         instrument.category, name(instrument.binding));
  for (const auto& claim : instrument.levels) {
    out += fmt::format(" · {} (claimed by {})", claim.level, claim.by);
  }
  out += fmt::format("\nsigned {} · provenance {}\n", date_text(instrument.signed_on),
                     instrument.provenance);
  if (const auto& notice = instrument.denunciation_notice) {
    out += fmt::format("denunciation takes effect after {} [{}]\n", notice->written,
                       notice->provenance);
  }
  if (!instrument.note.empty()) out += instrument.note + "\n";
  out += context_lines(model, instrument);
  if (instrument.reference_only) out += "reference only: no clause of it acts here\n";
  out += instrument.addresses_all_states ? "\nAddresses all states.\n" : "\nParties\n";
  for (const auto& entry : instrument.parties) out += "  " + membership(model, entry) + "\n";
  if (const auto changes = law_changes(model, instrument); !changes.empty()) {
    out += "\nSuspensions and denunciations\n" + changes;
  }
  out += "\nClauses\n";
  for (const auto& clause : instrument.clauses) {
    out += fmt::format("  {}  {}  [{}, provenance {}]\n    {}\n", clause.id, clause.article,
                       clause.assumed.empty() ? clause.status : "ASSUMED " + clause.assumed,
                       clause.provenance, sentence(model, instrument, clause));
    if (!clause.says.empty()) out += fmt::format("    It says: {}\n", clause.says);
    if (!clause.note.empty()) out += fmt::format("    Note: {}\n", clause.note);
  }
  return out;
}

json::Object article_sheet_json(const Model& model, const Instrument& instrument) {
  json::Object out;
  out.set("id", instrument.id);
  out.set("title", instrument.title);
  out.set("form", instrument.form);
  out.set("binding", name(instrument.binding));
  json::Array parties, clauses;
  for (const auto& entry : instrument.parties) {
    json::Object row;
    row.set("code", model.parties[static_cast<std::size_t>(entry.party)].code);
    row.set("status", entry.status == Membership::NotParty  ? "not-party"
                      : entry.status == Membership::Unknown ? "unknown"
                                                            : "party");
    if (entry.in_force) row.set("in_force", entry.in_force->written);
    if (entry.until) row.set("until", entry.until->written);
    if (entry.signed_on) row.set("signed", entry.signed_on->written);
    if (entry.consented_on) row.set("consented", entry.consented_on->written);
    row.set("provenance", entry.provenance);
    parties.push_back(std::move(row));
  }
  for (const auto& clause : instrument.clauses) {
    json::Object row;
    row.set("id", clause.id);
    row.set("article", clause.article);
    row.set("verb", name(clause.verb));
    row.set("status", clause.status);
    row.set("provenance", clause.provenance);
    row.set("digest", digest_text(clause.digest));
    row.set("sentence", sentence(model, instrument, clause));
    if (!clause.says.empty()) row.set("says", clause.says);
    clauses.push_back(std::move(row));
  }
  set_context(model, instrument, out);
  out.set("parties", std::move(parties));
  set_law_changes(model, instrument, out);
  out.set("clauses", std::move(clauses));
  return out;
}

}  // namespace comity::treaty
