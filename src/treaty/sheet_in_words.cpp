#include "treaty/sheet_in_words.h"

#include <fmt/format.h>

#include <vector>

#include "treaty/article_sheet.h"
#include "treaty/phrases.h"

namespace comity::treaty {
namespace {

std::string side_row(const Model& model, const Side& side) {
  std::string out = "parties";
  if (side.kind == SideKind::ThirdParties) out = "third-parties";
  if (side.kind == SideKind::Listed) {
    out.clear();
    for (std::size_t i = 0; i < model.parties.size(); ++i) {
      if (side.listed.test(i)) out += (out.empty() ? "" : ", ") + model.parties[i].code;
    }
  }
  if (side.roles != 0) out += " as " + model.vocabulary.roles.joined(side.roles);
  return out;
}

std::string marks_of(const Clause& clause) {
  const auto& more = clause.survives_provenance;
  return clause.provenance + (more.empty() ? "" : " " + more);
}

std::string need_row(const Need& need) {
  return need.kind == Need::Kind::Arrangement ? "arrangement:" + need.name : need.name;
}

// Lines of a sheet: phrases in words.
class Sheet {
 public:
  Sheet(const Model& model, const Words& words) : model_(model), words_(words) {}

  std::string said(const Phrase& phrase) const { return words_.text(model_, phrase); }
  std::string word(std::string_view group, std::string_view name) const {
    return said(word_phrase(group, name));
  }
  std::string data(std::string_view text) const { return words_.data(text); }
  json::Value party(int index) const {
    return to_json(word_phrase("party", model_.parties[static_cast<std::size_t>(index)].code));
  }

  std::string head(const Instrument& instrument) const {
    auto out = fmt::format("{}: {}\n{} · {} · {}", data(instrument.id), data(instrument.title),
                           word("form", instrument.form), word("category", instrument.category),
                           word("binding", name(instrument.binding)));
    for (const auto& claim : instrument.levels) {
      out +=
          " · " + said(phrase("sheet.level", {{"level", to_json(word_phrase("level", claim.level))},
                                              {"by", claim.by}}));
    }
    const auto day = instrument.signed_on
                         ? phrase("sheet.signed", {{"day", instrument.signed_on->written}})
                         : phrase("sheet.signed-unknown");
    out += fmt::format("\n{} · {}\n", said(day), provenance(instrument.provenance));
    if (const auto& notice = instrument.denunciation_notice) {
      out += said(phrase("sheet.notice", {{"duration", notice->written}})) + "\n";
    }
    if (!instrument.note.empty()) out += note(instrument.note) + "\n";
    for (const auto& claim : instrument.area_claims) {
      out += said(phrase("sheet.claim",
                         {{"by", claim.by},
                          {"areas", words_value("area", model_.vocabulary.areas, claim.areas)}})) +
             "\n";
    }
    for (const auto& one : context(instrument)) out += said(one) + "\n";
    if (instrument.reference_only) out += said(phrase("sheet.reference-only")) + "\n";
    return out;
  }

  // What is said about the instrument and never acts: names, relations, mistakes of sources and
  // how a passage is read.
  static std::vector<Phrase> context(const Instrument& instrument) {
    std::vector<Phrase> out;
    const auto listed = [&](const char* key, const std::vector<std::string>& values) {
      json::Array items;
      for (const auto& value : values) items.emplace_back(value);
      json::Object list;
      list.set("list", "and");
      list.set("items", std::move(items));
      if (!values.empty()) out.push_back(phrase(key, {{"names", std::move(list)}}));
    };
    listed("sheet.aliases", instrument.aliases);
    if (!instrument.parent.empty()) listed("sheet.parent", {instrument.parent});
    listed("sheet.predecessors", instrument.predecessors);
    listed("sheet.successors", instrument.successors);
    for (const auto& error : instrument.source_errors) {
      out.push_back(phrase("sheet.source-error", {{"source", error.source},
                                                  {"place", error.place},
                                                  {"says", error.says},
                                                  {"correct", error.correct}}));
    }
    for (const auto& reading : instrument.readings) {
      out.push_back(phrase(reading.taken ? "sheet.reading-taken" : "sheet.reading",
                           {{"of", reading.of}, {"by", reading.by}, {"says", reading.says}}));
    }
    return out;
  }

  std::string member(const PartyEntry& entry) const {
    const auto who = party(entry.party);
    auto line = entry.status == Membership::NotParty ? phrase("sheet.not-party", {{"party", who}})
                : entry.status == Membership::Unknown
                    ? phrase("sheet.status-unknown", {{"party", who}})
                : entry.in_force
                    ? phrase("sheet.in-force", {{"party", who}, {"day", entry.in_force->written}})
                    : phrase("sheet.in-force-unknown", {{"party", who}});
    if (entry.computed_in_force) {
      line = phrase("sheet.computed",
                    {{"main", to_json(line)}, {"day", entry.computed_in_force->written}});
    }
    if (entry.until) {
      line = phrase("sheet.until", {{"main", to_json(line)}, {"day", entry.until->written}});
    }
    const auto& assumed =
        entry.assumed.empty() && entry.in_force ? entry.in_force->assumed : entry.assumed;
    if (!assumed.empty()) {
      line = phrase("sheet.assumed", {{"main", to_json(line)}, {"id", assumed}});
    }
    auto out = said(line);
    if (!entry.provenance.empty()) out += " · " + provenance(entry.provenance);
    return out;
  }

  // Suspensions and denunciations.
  std::vector<std::string> changes(const Instrument& instrument) const {
    std::vector<std::string> out;
    const auto here = [&](int index) {
      return &model_.instruments[static_cast<std::size_t>(index)] == &instrument;
    };
    for (const auto& one : model_.suspensions) {
      if (!here(one.instrument)) continue;
      auto line = phrase(one.until ? "sheet.suspended-until" : "sheet.suspended",
                         {{"party", party(one.party)}, {"since", instant_text(one.from)}});
      if (one.until) line.args.set("until", instant_text(*one.until));
      out.push_back(said(line));
    }
    for (const auto& one : model_.denunciations) {
      if (!here(one.instrument)) continue;
      out.push_back(said(phrase("sheet.denounced", {{"party", party(one.party)},
                                                    {"notified", instant_text(one.notified)},
                                                    {"effective", instant_text(one.effective)}})));
    }
    return out;
  }

  std::string clause(const Instrument& instrument, const Clause& clause) const {
    const auto status = clause.assumed.empty()
                            ? word("status", clause.status)
                            : word("status", "assumed") + " " + data(clause.assumed);
    auto out =
        fmt::format("  {}  {}  [{} · {}]\n    {}\n    {}\n", data(clause.id), data(clause.article),
                    status, provenance(marks_of(clause)), data(row_text(model_, clause)),
                    said(sentence_phrase(model_, instrument, clause)));
    if (!clause.family.empty()) {
      out += "    " + said(phrase("sheet.family", {{"family", clause.family}})) + "\n";
    }
    if (!clause.says.empty()) {
      out += "    " + said(phrase("sheet.says", {{"text", clause.says}})) + "\n";
    }
    if (!clause.note.empty()) out += "    " + note(clause.note) + "\n";
    return out;
  }

 private:
  std::string provenance(const std::string& marks) const {
    return said(phrase("sheet.provenance", {{"provenance", marks}}));
  }
  std::string note(const std::string& text) const {
    return said(phrase("sheet.note", {{"text", text}}));
  }

  const Model& model_;
  const Words& words_;
};

}  // namespace

std::string row_text(const Model& model, const Clause& clause) {
  const auto& words = model.vocabulary;
  std::string out = name(clause.verb);
  if (clause.verb == Verb::Define) return out;
  out += " " + words.actions.joined(clause.actions);
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out += fmt::format("; {} {}", key, value);
  };
  add("from", side_row(model, clause.from));
  add("to", side_row(model, clause.to));
  add("designated", clause.from.designated && clause.to.designated ? "both"
                    : clause.from.designated                       ? "from"
                    : clause.to.designated                         ? "to"
                                                                   : "");
  add("info", words.classes.joined(clause.info));
  add("area", words.areas.joined(clause.areas));
  add("purpose", words.purposes.joined(clause.purposes));
  add("handling_max", name(clause.handling_max));
  std::vector<std::string> needs;
  for (const auto& need : clause.needs) needs.push_back(need_row(need));
  add("needs", fmt::format("{}", fmt::join(needs, ", ")));
  if (clause.verb == Verb::Forbid) add("scope", name(clause.scope));
  add("except", clause.except_consent ? "consent" : "");
  if (clause.when) add("when", words.facts[static_cast<std::size_t>(*clause.when)].id);
  add("on", words.actions.joined(clause.on));
  add("survives", !clause.survives ? "" : *clause.survives ? "true" : "false");
  add("history", clause.history == History::Unstated ? ""
                 : clause.history == History::All    ? "all"
                                                     : "from-accession");
  add("grounds", words.refusal_grounds.joined(clause.grounds));
  add("reading_of", clause.reading_of);
  add("reading_by", clause.reading_by);
  if (clause.within_days) add("within_days", fmt::format("{}", *clause.within_days));
  if (clause.every) add("every", clause.every->written);
  if (clause.at_least) add("at_least", clause.at_least->written);
  add("via", clause.via);
  add("see", fmt::format("{}", fmt::join(clause.see, ", ")));
  return out;
}

std::string article_sheet(const Model& model, const Instrument& instrument, const Words& words) {
  const Sheet sheet(model, words);
  auto out = sheet.head(instrument);
  out +=
      "\n" +
      sheet.said(phrase(instrument.addresses_all_states ? "sheet.all-states" : "sheet.parties")) +
      "\n";
  for (const auto& entry : instrument.parties) out += "  " + sheet.member(entry) + "\n";
  if (const auto changes = sheet.changes(instrument); !changes.empty()) {
    out += "\n" + sheet.said(phrase("sheet.changes")) + "\n";
    for (const auto& one : changes) out += "  " + one + "\n";
  }
  out += "\n" + sheet.said(phrase("sheet.clauses")) + "\n";
  for (const auto& clause : instrument.clauses) out += sheet.clause(instrument, clause);
  return out;
}

json::Object article_sheet_json(const Model& model, const Instrument& instrument,
                                const Words& words) {
  auto out = article_sheet_json(model, instrument);
  out.set("language", words.language());
  auto& rows = *out.find("clauses")->array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& clause = instrument.clauses[i];
    rows[i].object()->set("sentence",
                          words.text(model, sentence_phrase(model, instrument, clause)));
    rows[i].object()->set("row", row_text(model, clause));
  }
  return out;
}

}  // namespace comity::treaty
