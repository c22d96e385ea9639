#include "treaty/article_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "treaty/entry_rule.h"
#include "treaty/phrase.h"
#include "treaty/phrases.h"

namespace comity::treaty {
namespace {

// The English of sentences, for the terminal: words of vocabularies stand as they are in the files.
// The catalogues of register/messages/ say the same in the words of each language.
struct Pattern {
  std::string_view key, text;
};
constexpr std::array<Pattern, 59> patterns = {{
    {"sentence.define", "{article} defines a term or principle."},
    {"sentence.permit", "{article}: {from} may {acts}"},
    {"sentence.forbid", "{article}: {from} shall not {acts}"},
    {"sentence.require", "{article}: {from} shall {acts}"},
    {"sentence.demand", "{article}: {from} may {acts} only with what follows"},
    {"sentence.empower", "{article}: {from} is empowered to {acts}"},
    {"sentence.advise", "{article}: {from} is advised to {acts}"},
    {"sentence.for", "{main} for {purposes}"},
    {"sentence.in", "{main} in {areas}"},
    {"sentence.for-in", "{main} for {purposes} in {areas}"},
    {"sentence.with", "{main}; {conditions}."},
    {"sentence.plain", "{main}."},
    {"condition.about", "about {info}"},
    {"condition.needs", "needs {need}"},
    {"condition.arrangement", "an arrangement on {kind}"},
    {"condition.up-to", "up to TLP:{tlp}"},
    {"condition.from-tlp", "from TLP:{tlp} on"},
    {"condition.since", "in force from {day}"},
    {"condition.until", "until {day}"},
    {"condition.when", "when {fact}"},
    {"condition.except-consent", "unless the originator has consented in writing"},
    {"condition.sticks", "this sticks to every record received under the instrument"},
    {"condition.always", "this holds whatever the basis"},
    {"condition.on", "this duty arises with {actions}"},
    {"condition.within", "within {days} days of entry into force"},
    {"condition.every", "every {duration}"},
    {"condition.at-least", "for at least {duration}"},
    {"duration.days", "{days} days"},
    {"duration.months", "{months} months"},
    {"condition.survives", "also after the instrument has ended for a party"},
    {"condition.ends", "this ends with the instrument"},
    {"condition.history-all", "whoever accedes later is no third party for what came before"},
    {"condition.history-from-accession",
     "whoever accedes later is a third party for what came before"},
    {"condition.grounds", "on the ground of {grounds}"},
    {"condition.reading", "this is how {by} reads {clause}; the stricter reading counts"},
    {"condition.via", "via {via}"},
    {"condition.see", "see {instruments}"},
    {"side.party", "a party"},
    {"side.state", "a state"},
    {"side.another-party", "another party"},
    {"side.third-parties", "third parties"},
    {"side.designated", "{side} (its designated body)"},
    {"side.as", "{side} as {roles}"},
    {"side.designated-as", "{side} (its designated body) as {roles}"},
    {"side.information", "information"},
    {"do.share", "share {info} with {to}"},
    {"do.onward", "pass {info} on to {to}"},
    {"do.use", "use {info} of {to}"},
    {"do.request", "make requests to {to}"},
    {"do.mitigate", "mitigate harm to {to}"},
    {"do.preserve", "preserve {info} for {to}"},
    {"do.disclose", "disclose {info} to {to}"},
    {"do.notify", "notify {info} to {to}"},
    {"do.report", "report {info} to {to}"},
    {"do.assist", "assist {to}"},
    {"do.consult", "consult {to}"},
    {"do.ping", "ping {to}"},
    {"do.refuse", "refuse {to}"},
    {"do.withdraw", "withdraw from {to}"},
}};

std::string english(const json::Value& value);

// Conditions are whole clauses of a sentence, which commas would run together.
std::string english_list(const json::Value& list) {
  const auto* items = list.find("items")->array();
  std::vector<std::string> texts;
  bool conditions = false;
  for (const auto& item : *items) {
    texts.push_back(english(item));
    conditions = conditions || item.text("key").starts_with("condition.");
  }
  const char* separator = conditions ? "; " : list.text("list") == "or" ? " or " : ", ";
  return fmt::format("{}", fmt::join(texts, separator));
}

// The pattern with its values; a key without pattern is a word of a vocabulary.
std::string english(const json::Value& value) {
  if (value.string() != nullptr) return *value.string();
  if (value.integer() != nullptr) return fmt::format("{}", *value.integer());
  if (value.find("list") != nullptr) return english_list(value);
  const auto key = value.text("key");
  const auto* const found = std::find_if(patterns.begin(), patterns.end(),
                                         [&](const Pattern& one) { return one.key == key; });
  if (found == patterns.end()) return std::string(key.substr(key.find('.') + 1));
  const auto* args = value.find("args");
  std::string out;
  for (std::string_view rest = found->text; !rest.empty();) {
    const auto open = std::min(rest.find('{'), rest.size());
    out += rest.substr(0, open);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const auto close = rest.find('}');
    CHECK(close != std::string_view::npos && args != nullptr);
    const auto* arg = args->find(rest.substr(1, close - 1));
    CHECK(arg != nullptr);
    out += english(*arg);
    rest.remove_prefix(close + 1);
  }
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
  if (entry.computed_in_force) {
    state += fmt::format(" (computed by the rule of entry into force: {} [{}])",
                         entry.computed_in_force->written, entry.computed_in_force->provenance);
  }
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
  if (entry.in_force_by_rule) out += "  by the rule of entry into force";
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
  if (const auto& rule = instrument.entry_rule) {
    out += fmt::format("enters into force {} [{}]\n", entry_rule_text(*rule), rule->provenance);
  }
  if (const auto& day = instrument.computed_in_force_on) {
    out += fmt::format("computed by that rule: {} [{}]\n", day->written, day->provenance);
  }
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

json::Object computed_json(const DateFact& date) {
  json::Object out;
  out.set("in_force", date.written);
  out.set("provenance", date.provenance);
  return out;
}

json::Object entry_json(const EntryRule& rule) {
  json::Object out;
  out.set("after", name(rule.event));
  if (rule.count != 0) out.set("count", rule.count);
  json::Array kinds;
  for (const auto& kind : rule.of) kinds.emplace_back(kind);
  if (!kinds.empty()) out.set("of", std::move(kinds));
  if (!rule.wait.written.empty()) out.set("wait", rule.wait.written);
  if (!rule.not_before.empty()) out.set("not_before", rule.not_before);
  out.set("provenance", rule.provenance);
  return out;
}

void set_context(const Model& model, const Instrument& instrument, json::Object& out) {
  const auto dated = [&](const char* key, const std::optional<DateFact>& date) {
    if (date) out.set(key, date->written);
  };
  dated("adopted", instrument.adopted_on);
  dated("in_force", instrument.in_force_on);
  if (instrument.entry_rule) out.set("entry", entry_json(*instrument.entry_rule));
  if (const auto& day = instrument.computed_in_force_on) out.set("computed", computed_json(*day));
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
  return english(to_json(sentence_phrase(model, instrument, clause)));
}

std::string sentence(const Model& model, const Overlay& overlay, const OverlayRule& rule) {
  return english(to_json(rule_phrase(model, overlay, rule)));
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
    out += fmt::format("  {}  {}  [{}, provenance {}{}]\n    {}\n", clause.id, clause.article,
                       clause.assumed.empty() ? clause.status : "ASSUMED " + clause.assumed,
                       clause.provenance, clause.family.empty() ? "" : ", family " + clause.family,
                       sentence(model, instrument, clause));
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
    if (entry.in_force_by_rule) row.set("by_rule", true);
    if (entry.computed_in_force) row.set("computed", computed_json(*entry.computed_in_force));
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
    if (!clause.family.empty()) row.set("family", clause.family);
    clauses.push_back(std::move(row));
  }
  set_context(model, instrument, out);
  out.set("parties", std::move(parties));
  set_law_changes(model, instrument, out);
  out.set("clauses", std::move(clauses));
  return out;
}

}  // namespace comity::treaty
