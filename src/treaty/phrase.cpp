#include "treaty/phrase.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "treaty/request.h"

namespace comity::treaty {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

json::Value list_of(std::string_view joined_by, json::Array items) {
  json::Object out;
  out.set("list", joined_by);
  out.set("items", std::move(items));
  return out;
}

json::Value word(std::string_view group, std::string_view name) {
  return to_json(word_phrase(group, name));
}

// ---- sentences ---------------------------------------------------------------------------------

std::string_view verb_key(Verb verb) {
  switch (verb) {
    case Verb::Permit:
      return "sentence.permit";
    case Verb::Forbid:
      return "sentence.forbid";
    case Verb::Require:
      return "sentence.require";
    case Verb::Empower:
      return "sentence.empower";
    case Verb::Advise:
      return "sentence.advise";
    case Verb::Define:
      break;
  }
  return "sentence.define";
}

// What each action does, in the order of enum Action, and whether its sentence names information.
struct Deed {
  std::string_view key;
  bool names_information;
};
constexpr std::array<Deed, 14> deeds = {{
    {"do.share", true},
    {"do.onward", true},
    {"do.use", true},
    {"do.request", false},
    {"do.assist", false},
    {"do.mitigate", false},
    {"do.preserve", true},
    {"do.disclose", true},
    {"do.notify", true},
    {"do.consult", false},
    {"do.ping", false},
    {"do.report", true},
    {"do.refuse", false},
    {"do.withdraw", false},
}};

json::Value parties_of(const Model& model, const PartySet& set) {
  json::Array items;
  for (std::size_t i = 0; i < model.parties.size(); ++i) {
    if (set.test(i)) items.push_back(word("party", model.parties[i].code));
  }
  return list_of("and", std::move(items));
}

json::Value side_of(const Model& model, const Side& side, std::string_view unnamed) {
  json::Value out;
  switch (side.kind) {
    case SideKind::Parties:
      out = to_json(phrase(unnamed));
      break;
    case SideKind::Listed:
      out = parties_of(model, side.listed);
      break;
    case SideKind::ThirdParties:
      out = to_json(phrase("side.third-parties"));
      break;
  }
  if (side.roles == 0) {
    return side.designated ? to_json(phrase("side.designated", {{"side", std::move(out)}})) : out;
  }
  auto roles = words_value("role", model.vocabulary.roles, side.roles, "or");
  return to_json(phrase(side.designated ? "side.designated-as" : "side.as",
                        {{"side", std::move(out)}, {"roles", std::move(roles)}}));
}

json::Value acts_of(const Model& model, const Clause& clause) {
  const auto to = side_of(model, clause.to, "side.another-party");
  const auto info = clause.info == 0 ? to_json(phrase("side.information"))
                                     : words_value("class", model.vocabulary.classes, clause.info);
  json::Array items;
  for (std::size_t i = 0; i < deeds.size(); ++i) {
    if ((clause.actions & bit(static_cast<int>(i))) == 0) continue;
    auto deed = phrase(deeds[i].key, {{"to", to}});
    if (deeds[i].names_information) deed.args.set("info", info);
    items.push_back(to_json(deed));
  }
  return list_of("or", std::move(items));
}

// Puts `main` into a longer sentence.
void extend(Phrase& main, std::string_view key, std::string_view name, json::Value value) {
  main = phrase(key, {{"main", to_json(main)}, {name, std::move(value)}});
}

json::Value condition_of(const Need& need) {
  switch (need.kind) {
    case Need::Kind::Arrangement:
      return to_json(phrase("condition.arrangement", {{"kind", word("arrangement", need.name)}}));
    case Need::Kind::Human:
    case Need::Kind::RightsRecord:
      return word("condition", need.name);
    case Need::Kind::Fact:
      break;
  }
  return word("fact", need.name);
}

void add_limits(const Model& model, const Clause& clause, Phrase& out) {
  const auto& vocabulary = model.vocabulary;
  auto purposes = words_value("purpose", vocabulary.purposes, clause.purposes);
  auto areas = words_value("area", vocabulary.areas, clause.areas);
  if (clause.purposes != 0 && clause.areas != 0) {
    extend(out, "sentence.for-in", "purposes", std::move(purposes));
    out.args.set("areas", std::move(areas));
  } else if (clause.purposes != 0) {
    extend(out, "sentence.for", "purposes", std::move(purposes));
  } else if (clause.areas != 0) {
    extend(out, "sentence.in", "areas", std::move(areas));
  }
}

// Whether what is done names what it is done with: who asks for help does not say with what.
bool says_information(const Clause& clause) {
  for (std::size_t i = 0; i < deeds.size(); ++i) {
    if ((clause.actions & bit(static_cast<int>(i))) != 0 && deeds[i].names_information) return true;
  }
  return false;
}

json::Value duration_of(const Wait& wait) {
  return to_json(wait.months != 0 ? phrase("duration.months", {{"months", wait.months}})
                                  : phrase("duration.days", {{"days", wait.days}}));
}

// What a clause says about its end, later parties, refusal and rival readings.
void add_later_conditions(const Model& model, const Clause& clause, json::Array& out) {
  if (clause.survives) {
    out.push_back(to_json(phrase(*clause.survives ? "condition.survives" : "condition.ends")));
  }
  if (clause.history != History::Unstated) {
    const bool all = clause.history == History::All;
    out.push_back(
        to_json(phrase(all ? "condition.history-all" : "condition.history-from-accession")));
  }
  if (clause.grounds != 0) {
    auto grounds =
        words_value("refusal-ground", model.vocabulary.refusal_grounds, clause.grounds, "or");
    out.push_back(to_json(phrase("condition.grounds", {{"grounds", std::move(grounds)}})));
  }
  if (!clause.reading_of.empty()) {
    out.push_back(to_json(
        phrase("condition.reading", {{"by", clause.reading_by}, {"clause", clause.reading_of}})));
  }
}

json::Array conditions_of(const Model& model, const Clause& clause) {
  json::Array out;
  const auto add = [&](std::string_view key, std::string_view name, json::Value value) {
    out.push_back(to_json(phrase(key, {{name, std::move(value)}})));
  };
  if (clause.info != 0 && !says_information(clause)) {
    add("condition.about", "info", words_value("class", model.vocabulary.classes, clause.info));
  }
  for (const auto& need : clause.needs) add("condition.needs", "need", condition_of(need));
  if (clause.handling_max != Tlp::None) {
    add("condition.up-to", "tlp", word("tlp", name(clause.handling_max)));
  }
  if (clause.when) {
    const auto& fact = model.vocabulary.facts[static_cast<std::size_t>(*clause.when)];
    add("condition.when", "fact", word("fact", fact.id));
  }
  if (clause.except_consent) out.push_back(to_json(phrase("condition.except-consent")));
  if (clause.verb == Verb::Forbid && clause.scope == Scope::Origin) {
    out.push_back(to_json(phrase("condition.sticks")));
  }
  if (clause.verb == Verb::Forbid && clause.scope == Scope::Always) {
    out.push_back(to_json(phrase("condition.always")));
  }
  if (clause.verb == Verb::Require && clause.on != 0) {
    add("condition.on", "actions",
        words_value("action", model.vocabulary.actions, clause.on, "or"));
  }
  if (clause.within_days) add("condition.within", "days", *clause.within_days);
  if (clause.every) add("condition.every", "duration", duration_of(*clause.every));
  if (clause.at_least) add("condition.at-least", "duration", duration_of(*clause.at_least));
  add_later_conditions(model, clause, out);
  if (!clause.via.empty()) add("condition.via", "via", word("via", clause.via));
  if (!clause.see.empty()) {
    json::Array others;
    for (const auto& other : clause.see) others.emplace_back(other);
    add("condition.see", "instruments", list_of("and", std::move(others)));
  }
  return out;
}

// ---- text of a verdict, read again -------------------------------------------------------------

std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

std::optional<Pair> cut(std::string_view text, std::string_view separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  return Pair{text.substr(0, at), text.substr(at + separator.size())};
}

// A word of the register: no blank and no sign of punctuation that a sentence would have.
bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '+';
  });
}

// "ru-cn-2015 c6-1 (Art. 6)"
struct Reference {
  std::string_view instrument, clause, article;
};
std::optional<Reference> reference_of(std::string_view text) {
  const auto instrument = cut(text, " ");
  if (!instrument || !is_word(instrument->first)) return std::nullopt;
  const auto clause = cut(instrument->second, " (");
  if (!clause || !is_word(clause->first) || !clause->second.ends_with(')')) return std::nullopt;
  return Reference{instrument->first, clause->first,
                   clause->second.substr(0, clause->second.size() - 1)};
}

Phrase with_reference(Phrase out, const Reference& place) {
  out.args.set("instrument", place.instrument);
  out.args.set("clause", place.clause);
  out.args.set("article", place.article);
  return out;
}

Phrase other_need(const NeedEntry& need) { return phrase("need.other", {{"text", need.what}}); }

// "RU to BY: ru-cn-2015 c6-1 (Art. 6)", "RU to BY: tlp amber, passed on"
std::optional<Phrase> consent_need(std::string_view what) {
  const auto whom = cut(what, ": ");
  if (!whom) return std::nullopt;
  const auto parties = cut(whom->first, " to ");
  if (!parties || !is_word(parties->first) || !is_word(parties->second)) return std::nullopt;
  const auto originator = word("party", parties->first), recipient = word("party", parties->second);
  if (const auto place = reference_of(whom->second)) {
    return with_reference(
        phrase("need.consent-clause", {{"originator", originator}, {"recipient", recipient}}),
        *place);
  }
  const auto tlp = after(whom->second, "tlp ");
  const auto marking = tlp ? cut(*tlp, ", passed on") : std::nullopt;
  if (!marking || !is_word(marking->first) || !marking->second.empty()) return std::nullopt;
  return phrase(
      "need.consent-tlp",
      {{"originator", originator}, {"recipient", recipient}, {"tlp", word("tlp", marking->first)}});
}

// "format-and-protection under ru-cn-2015 (Art. 3(15), 5(3))"
std::optional<Phrase> arrangement_need(std::string_view what) {
  const auto kind = cut(what, " under ");
  if (!kind || !is_word(kind->first)) return std::nullopt;
  const auto place = cut(kind->second, " (");
  if (!place || !is_word(place->first) || !place->second.ends_with(')')) return std::nullopt;
  return phrase("need.arrangement",
                {{"kind", word("arrangement", kind->first)},
                 {"instrument", place->first},
                 {"article", place->second.substr(0, place->second.size() - 1)}});
}

// Facts about one party under one instrument: how the text begins, what stands between the two.
struct PartyFact {
  std::string_view begin, between, key;
};
constexpr std::array<PartyFact, 5> party_facts = {{
    {"party-status of ", " in ", "need.party-status"},
    {"in-force of ", " in ", "need.in-force"},
    {"designation of ", " under ", "need.designation"},
    {"role of ", " under ", "need.role"},
    {"received-at of ", " under ", "need.received-at"},
}};

std::optional<Phrase> fact_need(std::string_view what) {
  for (const auto& fact : party_facts) {
    const auto rest = after(what, fact.begin);
    const auto parts = rest ? cut(*rest, fact.between) : std::nullopt;
    if (!parts || !is_word(parts->first) || !is_word(parts->second)) continue;
    return phrase(fact.key,
                  {{"party", word("party", parts->first)}, {"instrument", parts->second}});
  }
  if (what == "handling") return phrase("need.handling");
  if (what == "refusal-ground") return phrase("need.refusal-ground");
  if (what == "class of the record") return phrase("need.class");
  if (what == "a record that names it: it is carried, never sent alone") {
    return phrase("need.carrier");
  }
  if (const auto why = after(what, "time: ")) return phrase("need.time", {{"why", *why}});
  if (const auto named = after(what, "leave for ")) {
    const auto record = cut(*named, ", which it names");
    if (record && record->second.empty()) {
      return phrase("need.named-record", {{"record", record->first}});
    }
  }
  if (is_word(what)) return phrase("need.fact", {{"fact", word("fact", what)}});
  return std::nullopt;
}

constexpr std::array<Pair, 6> human_sentences = {{
    {"tlp red is released by hand only", "need.human-red"},
    {"content is released by two officers only", "need.human-content"},
    {"an attribution is released by two officers only", "need.human-attribution"},
    {"long free text, media or message bodies: say that it is published, or have two officers look",
     "need.human-doubtful"},
    {"what another gave before came in again as one's own: say that it is published, "
     "or have two officers look",
     "need.human-copied"},
    {"the record is quarantined", "need.human-quarantined"},
}};

// "four-eyes under ru-cn-2015 c3-15 (Art. 3(15), 5(3))", or a sentence.
std::optional<Phrase> human_need(std::string_view what) {
  for (const auto& [text, key] : human_sentences) {
    if (what == text) return phrase(key);
  }
  const auto parts = cut(what, " under ");
  if (!parts || !is_word(parts->first)) return std::nullopt;
  const auto place = reference_of(parts->second);
  if (!place) return std::nullopt;
  return with_reference(
      phrase("need.human-clause", {{"condition", word("condition", parts->first)}}), *place);
}

std::optional<Phrase> known_need(const NeedEntry& need) {
  if (need.kind == "consent") return consent_need(need.what);
  if (need.kind == "arrangement") return arrangement_need(need.what);
  if (need.kind == "fact") return fact_need(need.what);
  if (need.kind == "human") return human_need(need.what);
  if (need.kind == "rights-record" && need.what == "complete rights-record") {
    return phrase("need.rights-record");
  }
  if (need.kind == "verification") {
    if (const auto place = reference_of(need.what)) {
      return with_reference(phrase("need.verification"), *place);
    }
  }
  return std::nullopt;
}

// "share, onward" as phrases; nothing when one of them is no word.
std::optional<json::Value> listed_words(std::string_view group, std::string_view text) {
  json::Array items;
  while (true) {
    const auto parts = cut(text, ", ");
    const auto one = parts ? parts->first : text;
    if (!is_word(one)) return std::nullopt;
    items.push_back(word(group, one));
    if (!parts) return list_of("and", std::move(items));
    text = parts->second;
  }
}

// "share, onward of state-secret in evidence for warning", from its end.
std::optional<Phrase> matter_of(std::string_view text) {
  struct Part {
    std::string_view before, key, name, group;
  };
  constexpr std::array<Part, 3> parts = {{
      {" of ", "matter.of", "classes", "class"},
      {" in ", "matter.in", "areas", "area"},
      {" for ", "matter.for", "purposes", "purpose"},
  }};
  std::array<std::optional<json::Value>, 3> found;
  for (std::size_t i = parts.size(); i-- > 0;) {
    const auto split = cut(text, parts[i].before);
    if (!split) continue;
    found[i] = listed_words(parts[i].group, split->second);
    if (!found[i]) return std::nullopt;
    text = split->first;
  }
  auto actions = listed_words("action", text);
  if (!actions) return std::nullopt;
  auto out = phrase("matter.actions", {{"actions", *std::move(actions)}});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!found[i]) continue;
    out = phrase(parts[i].key, {{"matter", to_json(out)}, {parts[i].name, *found[i]}});
  }
  return out;
}

// How the sentences of forbids begin (reason_forbid), by code.
struct Beginning {
  std::string_view code, text, key;
};
constexpr std::array<Beginning, 3> beginnings = {{
    {"forbidden", "forbidden under this instrument: ", "reason.forbidden"},
    {"origin-forbids",
     "forbidden for records received under this instrument: ", "reason.origin-forbids"},
    {"refused", "the originator refused consent for this recipient: ", "reason.refused-clause"},
}};

// "forbidden by the national overlay of XA: share of log-personal", "the national overlay of XA
// demands court-order"
std::optional<Phrase> overlay_reason(std::string_view what) {
  if (const auto rest = after(what, "forbidden by the national overlay of ")) {
    const auto parts = cut(*rest, ": ");
    const auto matter = parts && is_word(parts->first) ? matter_of(parts->second) : std::nullopt;
    if (!matter) return std::nullopt;
    return phrase("reason.overlay-forbids",
                  {{"party", word("party", parts->first)}, {"matter", to_json(*matter)}});
  }
  const auto rest = after(what, "the national overlay of ");
  const auto parts = rest ? cut(*rest, " demands ") : std::nullopt;
  if (!parts || !is_word(parts->first) || !is_word(parts->second)) return std::nullopt;
  return phrase("reason.overlay-lacks",
                {{"party", word("party", parts->first)}, {"fact", word("fact", parts->second)}});
}

// Codes of reasons whose sentence is always the same.
constexpr std::array<Pair, 3> guards = {{
    {"secrecy-guard", "reason.secrecy-guard"},
    {"evidence-guard", "reason.evidence-guard"},
    {"content-gate", "reason.content-gate"},
}};

// Codes of a question that is none; their text quotes the asker.
constexpr std::array<Pair, 15> invalid = {{
    {"too-long", "invalid.too-long"},
    {"unknown-party", "invalid.unknown-party"},
    {"unknown-role", "invalid.unknown-role"},
    {"unknown-action", "invalid.unknown-action"},
    {"unknown-class", "invalid.unknown-class"},
    {"unknown-area", "invalid.unknown-area"},
    {"unknown-purpose", "invalid.unknown-purpose"},
    {"unknown-tlp", "invalid.unknown-tlp"},
    {"unknown-fact", "invalid.unknown-fact"},
    {"repeated-fact", "invalid.repeated-fact"},
    {"unknown-instrument", "invalid.unknown-instrument"},
    {"self", "invalid.self"},
    {"empty-info", "invalid.empty-info"},
    {"no-chain", "invalid.no-chain"},
    {"unreadable", "invalid.unreadable"},
}};

std::optional<Phrase> forbid_reason(const Reason& reason) {
  for (const auto& one : beginnings) {
    if (reason.code != one.code) continue;
    const auto matter = after(reason.what, one.text);
    const auto what = matter ? matter_of(*matter) : std::nullopt;
    if (what) return phrase(one.key, {{"matter", to_json(*what)}});
  }
  if (reason.code != "refused") return std::nullopt;
  const auto parts = cut(reason.what, " refused consent for ");
  if (!parts || !is_word(parts->first) || !is_word(parts->second)) return std::nullopt;
  return phrase("reason.refused", {{"originator", word("party", parts->first)},
                                   {"recipient", word("party", parts->second)}});
}

std::optional<Phrase> tlp_reason(std::string_view what) {
  const auto rest = after(what, "tlp ");
  const auto parts = rest ? cut(*rest, ": ") : std::nullopt;
  if (!parts || !is_word(parts->first)) return std::nullopt;
  const auto tlp = word("tlp", parts->first);
  if (parts->second == "not to private owners or research bodies") {
    return phrase("reason.tlp-role", {{"tlp", tlp}});
  }
  if (parts->second == "not passed on beyond the body that received it") {
    return phrase("reason.tlp-onward", {{"tlp", tlp}});
  }
  return std::nullopt;
}

std::optional<Phrase> suspended_reason(std::string_view what) {
  const auto parts = cut(what, " has suspended this instrument since ");
  if (!parts || !is_word(parts->first)) return std::nullopt;
  const auto party = word("party", parts->first);
  if (const auto times = cut(parts->second, ", until ")) {
    return phrase("reason.suspended-until",
                  {{"party", party}, {"since", times->first}, {"until", times->second}});
  }
  return phrase("reason.suspended", {{"party", party}, {"since", parts->second}});
}

// "… (from CN and RU)"
std::optional<Phrase> missing_elsewhere(const Reason& reason) {
  const auto kind = after(reason.code, "needs-");
  if (!kind) return std::nullopt;
  const std::string_view what = reason.what;
  constexpr std::string_view from = " (from ";
  const auto at = what.rfind(from);
  if (at == std::string_view::npos || !what.ends_with(')')) return std::nullopt;
  const auto begin = at + from.size();
  const NeedEntry need{std::string(*kind), std::string(what.substr(0, at)),
                       std::string(what.substr(begin, what.size() - begin - 1))};
  return phrase("reason.needs",
                {{"need", to_json(need_phrase(need))}, {"from", to_json(from_phrase(need))}});
}

std::optional<Phrase> known_reason(const Reason& reason) {
  for (const auto& [code, key] : guards) {
    if (reason.code == code) return phrase(key);
  }
  for (const auto& [code, key] : invalid) {
    if (reason.code == code) return phrase(key, {{"text", reason.what}});
  }
  const std::string_view what = reason.what;
  if (reason.code == "tlp") return tlp_reason(what);
  if (reason.code == "suspended") return suspended_reason(what);
  if (reason.code == "reading" &&
      what == "by this reading the clause does not carry it, by another it does") {
    return phrase("reason.reading");
  }
  if (reason.code == "overlay-forbids") return overlay_reason(what);
  if (reason.code == "class-not-covered") {
    const auto name = after(what, "no clause of this instrument covers ");
    if (!name || !is_word(*name)) return std::nullopt;
    return phrase("reason.class-not-covered", {{"class", word("class", *name)}});
  }
  if (reason.code == "recalled") {
    const auto rest = after(what, "recalled from ");
    const auto parts = rest ? cut(*rest, " by ") : std::nullopt;
    if (!parts || !is_word(parts->first)) return std::nullopt;
    return phrase("reason.recalled",
                  {{"party", word("party", parts->first)}, {"recall", parts->second}});
  }
  if (auto elsewhere = missing_elsewhere(reason)) return elsewhere;
  return forbid_reason(reason);
}

const Clause* clause_of(const Model& model, const std::string& instrument,
                        const std::string& clause) {
  const auto index = model.instrument(instrument);
  if (!index) return nullptr;
  return model.instruments[static_cast<std::size_t>(*index)].clause(clause);
}

}  // namespace

json::Value to_json(const Phrase& of) {
  json::Object out;
  out.set("key", of.key);
  if (!of.args.empty()) out.set("args", of.args);
  return out;
}

Phrase phrase(std::string_view key,
              std::initializer_list<std::pair<std::string_view, json::Value>> args) {
  Phrase out;
  out.key = key;
  out.args.reserve(args.size());
  for (const auto& [name, value] : args) out.args.set(std::string(name), value);
  return out;
}

Phrase word_phrase(std::string_view group, std::string_view name) {
  Phrase out;
  out.key.reserve(group.size() + 1 + name.size());
  out.key += group;
  out.key += '.';
  out.key += name;
  return out;
}

json::Value words_value(std::string_view group, const Names& names, Bits bits,
                        std::string_view joined_by) {
  json::Array items;
  for (std::size_t i = 0; i < names.values.size(); ++i) {
    if ((bits & bit(static_cast<int>(i))) != 0) items.push_back(word(group, names.values[i]));
  }
  return list_of(joined_by, std::move(items));
}

Phrase sentence_phrase(const Model& model, const Instrument& instrument, const Clause& clause) {
  const auto key = verb_key(clause.verb);
  if (clause.verb == Verb::Define) return phrase(key, {{"article", clause.article}});
  const auto* const unnamed = instrument.binding == Binding::Binding ? "side.party" : "side.state";
  auto out = phrase(key, {{"article", clause.article},
                          {"from", side_of(model, clause.from, unnamed)},
                          {"acts", acts_of(model, clause)}});
  add_limits(model, clause, out);
  auto conditions = conditions_of(model, clause);
  if (conditions.empty()) return phrase("sentence.plain", {{"main", to_json(out)}});
  extend(out, "sentence.with", "conditions", list_of("and", std::move(conditions)));
  return out;
}

Phrase rule_phrase(const Model& model, const Overlay& overlay, const OverlayRule& rule) {
  Clause row;  // what the rule has in common with a clause
  row.actions = rule.actions;
  row.info = rule.info;
  row.areas = rule.areas;
  row.purposes = rule.purposes;
  row.needs = rule.needs;
  if (rule.to) {
    row.to.kind = SideKind::Listed;
    row.to.listed = *rule.to;
  }
  const auto& code = model.parties[static_cast<std::size_t>(overlay.party)].code;
  auto out = phrase(
      rule.forbids ? "sentence.forbid" : "sentence.demand",
      {{"article", rule.article}, {"from", word("party", code)}, {"acts", acts_of(model, row)}});
  add_limits(model, row, out);
  auto conditions = conditions_of(model, row);
  const auto add = [&](std::string_view key, std::string_view name, json::Value value) {
    conditions.push_back(to_json(phrase(key, {{name, std::move(value)}})));
  };
  if (rule.handling_min != Tlp::None) {
    add("condition.from-tlp", "tlp", word("tlp", name(rule.handling_min)));
  }
  if (rule.in_force) add("condition.since", "day", rule.in_force->written);
  if (rule.until) add("condition.until", "day", rule.until->written);
  if (conditions.empty()) return phrase("sentence.plain", {{"main", to_json(out)}});
  extend(out, "sentence.with", "conditions", list_of("and", std::move(conditions)));
  return out;
}

Phrase need_phrase(const NeedEntry& need) {
  if (auto known = known_need(need)) return *std::move(known);
  return other_need(need);
}

Phrase from_phrase(const NeedEntry& need) {
  const std::string_view from = need.from;
  if (const auto party = after(from, "two officers of "); party && is_word(*party)) {
    return phrase("from.two-officers", {{"party", word("party", *party)}});
  }
  if (const auto party = after(from, "two legal advisers of "); party && is_word(*party)) {
    return phrase("from.two-legal-advisers", {{"party", word("party", *party)}});
  }
  if (is_word(from)) return word_phrase("party", from);
  const auto both = cut(from, " and ");
  if (both && is_word(both->first) && is_word(both->second)) {
    json::Array parties{word("party", both->first), word("party", both->second)};
    return phrase("from.parties", {{"parties", list_of("and", std::move(parties))}});
  }
  return phrase("from.other", {{"text", need.from}});
}

Phrase reason_phrase(const Reason& reason) {
  if (auto known = known_reason(reason)) return *std::move(known);
  return phrase("reason.other", {{"text", reason.what}});
}

Phrase duty_phrase(const Model& model, const Duty& duty) {
  const auto* clause = clause_of(model, duty.instrument, duty.clause);
  if (clause == nullptr) return phrase("duty.text", {{"text", duty.what}});
  auto out = phrase("duty.acts", {{"acts", acts_of(model, *clause)}});
  if (!clause->via.empty()) extend(out, "duty.via", "via", word("via", clause->via));
  return out;
}

Phrase advice_phrase(const Model& model, const Advice& advice) {
  const auto* clause = clause_of(model, advice.instrument, advice.clause);
  if (clause != nullptr && clause->verb != Verb::Advise) {
    const auto rest = after(advice.text, "see ");
    const auto parts = rest ? cut(*rest, ", outside this software") : std::nullopt;
    if (parts && parts->second.empty() && is_word(parts->first)) {
      return phrase("advice.see", {{"instrument", parts->first}});
    }
  }
  return phrase("advice.text", {{"text", advice.text}});
}

Phrase assertion_phrase(const Assertion& assertion) {
  const auto fact = after(assertion.what, "no ");
  if (fact && is_word(*fact)) return phrase("assertion.no", {{"fact", word("fact", *fact)}});
  return phrase("assertion.text", {{"text", assertion.what}});
}

Phrase assumed_phrase(const Model& model, const Assumed& assumed) {
  const std::string_view reason = assumed.reason;
  // An assumption of the exercise has its reason in the register, whatever its name.
  if (model.assumption(assumed.id) == nullptr) {
    if (assumed.id == "unverified") {
      const auto parts = cut(reason, " is unverified and acts as read");
      const auto place = parts ? reference_of(parts->first) : std::nullopt;
      if (place) return with_reference(phrase("assumed.unverified"), *place);
    } else if (assumed.id == "weak-date") {
      const auto rest = after(reason, "date of ");
      const auto parts = rest ? cut(*rest, " in ") : std::nullopt;
      const auto place = parts ? cut(parts->second, " is K:l or partly known") : std::nullopt;
      if (place && is_word(parts->first) && is_word(place->first)) {
        return phrase("assumed.weak-date",
                      {{"party", word("party", parts->first)}, {"instrument", place->first}});
      }
    } else if (assumed.id == "designation") {
      const auto parts = cut(reason, " is taken to have a designated body under ");
      if (parts && is_word(parts->first) && is_word(parts->second)) {
        return phrase("assumed.designation",
                      {{"party", word("party", parts->first)}, {"instrument", parts->second}});
      }
    }
  }
  return phrase("assumed.text", {{"text", assumed.reason}});
}

}  // namespace comity::treaty
