#include "treaty/phrases.h"

#include <fmt/format.h>

#include <algorithm>

namespace comity::treaty {
namespace {

const std::string& code_of(const Model& model, int party) {
  return model.parties[static_cast<std::size_t>(party)].code;
}

// What a row forbids, from its sets: "share, onward of state-secret".
template <typename Row>
std::string forbidden_matter(const Model& model, const Row& clause) {
  const auto& words = model.vocabulary;
  auto text = words.actions.joined(clause.actions);
  if (clause.info != 0) text += " of " + words.classes.joined(clause.info);
  if (clause.areas != 0) text += " in " + words.areas.joined(clause.areas);
  if (clause.purposes != 0) text += " for " + words.purposes.joined(clause.purposes);
  return text;
}

std::string fact_of(const Model& model, int fact) {
  return model.vocabulary.facts[static_cast<std::size_t>(fact)].id;
}

}  // namespace

std::string instant_text(Instant instant) {
  return format_rfc3339(instant, instant.micros % 1'000'000 == 0 ? 0 : 6);
}

NeedEntry need_membership(const Model& model, const Instrument& instrument, int party,
                          const char* fact) {
  const auto& code = code_of(model, party);
  return {"fact", fmt::format("{} of {} in {}", fact, code, instrument.id), code};
}

NeedEntry need_verification(const Model& model, const Instrument& instrument, const Clause& clause,
                            int from) {
  return {"verification", why_clause(instrument, clause),
          "two legal advisers of " + code_of(model, from)};
}

NeedEntry need_designation(const Model& model, const Instrument& instrument, int party) {
  const auto& code = code_of(model, party);
  return {"fact", fmt::format("designation of {} under {}", code, instrument.id), code};
}

NeedEntry need_role(const Model& model, const Instrument& instrument, int party) {
  const auto& code = code_of(model, party);
  return {"fact", fmt::format("role of {} under {}", code, instrument.id), code};
}

NeedEntry need_arrangement(const Model& model, const Instrument& instrument, const Clause& clause,
                           const std::string& kind, int from, int to) {
  const auto& first = std::min(code_of(model, from), code_of(model, to));
  const auto& second = std::max(code_of(model, from), code_of(model, to));
  return {"arrangement", fmt::format("{} under {} ({})", kind, instrument.id, clause.article),
          first + " and " + second};
}

NeedEntry need_human(const Model& model, const std::string& why, int from) {
  return {"human", why, "two officers of " + code_of(model, from)};
}

NeedEntry need_rights_record(const Model& model, int from) {
  return {"rights-record", "complete rights-record", code_of(model, from)};
}

NeedEntry need_received_at(const Model& model, const Instrument& instrument, int originator,
                           int from) {
  return {"fact",
          fmt::format("received-at of {} under {}", code_of(model, originator), instrument.id),
          code_of(model, from)};
}

NeedEntry need_fact(const Model& model, const std::string& fact, int from) {
  return {"fact", fact, code_of(model, from)};
}

NeedEntry need_consent(const Model& model, int originator, int recipient, const std::string& why) {
  const auto& code = code_of(model, originator);
  return {"consent", fmt::format("{} to {}: {}", code, code_of(model, recipient), why), code};
}

std::string why_clause(const Instrument& instrument, const Clause& clause) {
  return fmt::format("{} {} ({})", instrument.id, clause.id, clause.article);
}

std::string why_tlp(Tlp tlp) { return fmt::format("tlp {}, passed on", name(tlp)); }

std::string why_human(const Instrument& instrument, const Clause& clause, const std::string& word) {
  return fmt::format("{} under {}", word, why_clause(instrument, clause));
}

std::string why_human(const Overlay& overlay, const OverlayRule& rule, const std::string& word) {
  return fmt::format("{} under {} {} ({})", word, overlay.id, rule.id, rule.article);
}

std::string why_human_red() { return "tlp red is released by hand only"; }

std::string why_human_content() { return "content is released by two officers only"; }

std::string why_human_attribution() { return "an attribution is released by two officers only"; }

std::string why_tlp_role() { return "not to private owners or research bodies"; }

std::string why_tlp_onward() { return "not passed on beyond the body that received it"; }

BasisEntry basis_entry(const Instrument& instrument, const Clause& clause, bool verified) {
  return {instrument.id, clause.id, clause.article, verified ? "verified-by-2" : clause.status};
}

Reason reason_forbid(const Model& model, const Instrument& instrument, const Clause& clause,
                     const char* code) {
  const std::string_view kind = code;
  std::string what;
  if (kind == "refused") {
    what = "the originator refused consent for this recipient: ";
  } else if (kind == "origin-forbids") {
    what = "forbidden for records received under this instrument: ";
  } else {
    what = "forbidden under this instrument: ";
  }
  return {code, instrument.id, clause.id, clause.article, what + forbidden_matter(model, clause)};
}

Reason reason_need(const Instrument& instrument, const NeedEntry& need) {
  return {"needs-" + need.kind, instrument.id, "", "",
          fmt::format("{} (from {})", need.what, need.from)};
}

Reason reason_not_covered(const Model& model, const Instrument& instrument, int info_class) {
  return {"class-not-covered", instrument.id, "", "",
          fmt::format("no clause of this instrument covers {}",
                      model.vocabulary.classes.values[static_cast<std::size_t>(info_class)])};
}

Reason reason_reading(const Instrument& instrument, const Clause& clause) {
  return {"reading", instrument.id, clause.id, clause.article,
          "by this reading the clause does not carry it, by another it does"};
}

Reason reason_tlp(Tlp tlp, const std::string& why) {
  return {"tlp", "", "", "", fmt::format("tlp {}: {}", name(tlp), why)};
}

Reason reason_tlp_refused(const Model& model, int originator, int recipient) {
  return {"refused", "", "", "",
          fmt::format("{} refused consent for {}", code_of(model, originator),
                      code_of(model, recipient))};
}

Reason reason_suspended(const Model& model, const Instrument& instrument,
                        const Suspension& suspension) {
  auto what = fmt::format("{} has suspended this instrument since {}",
                          code_of(model, suspension.party), instant_text(suspension.from));
  if (suspension.until) what += fmt::format(", until {}", instant_text(*suspension.until));
  return {"suspended", instrument.id, "", "", what};
}

Reason reason_guard(const char* code) {
  const std::string_view guard = code;
  if (guard == "secrecy-guard") {
    return {code, "", "", "", "state secrets do not move through this software"};
  }
  if (guard == "evidence-guard") {
    return {code, "", "", "",
            "traffic and subscriber data move only in the area evidence and under a court order"};
  }
  return {code, "un-iccpr", "", "Art. 19",
          "content moves only with a rights-record; there is none"};
}

Reason reason_overlay(const Model& model, const Overlay& overlay, const OverlayRule& rule) {
  return {"overlay-forbids", overlay.id, rule.id, rule.article,
          fmt::format("forbidden by the national overlay of {}: {}", code_of(model, overlay.party),
                      forbidden_matter(model, rule))};
}

Reason reason_overlay_lacks(const Model& model, const Overlay& overlay, const OverlayRule& rule,
                            const std::string& fact) {
  return {
      "overlay-forbids", overlay.id, rule.id, rule.article,
      fmt::format("the national overlay of {} demands {}", code_of(model, overlay.party), fact)};
}

Duty duty_entry(const Model& model, const Instrument& instrument, const Clause& clause,
                std::optional<std::int64_t> due_day, bool overdue) {
  auto what = clause.says;
  if (what.empty()) {
    what = model.vocabulary.actions.joined(clause.actions);
    if (clause.info != 0) what += " " + model.vocabulary.classes.joined(clause.info);
  }
  if (!clause.via.empty()) what += " (via " + clause.via + ")";
  return {instrument.id, clause.id, clause.article, what, due_day ? format_day(*due_day) : "",
          overdue};
}

Advice advice_entry(const Instrument& instrument, const Clause& clause) {
  return {instrument.id, clause.id, clause.article,
          clause.note.empty() ? clause.says : clause.note};
}

Advice advice_see(const Instrument& instrument, const Clause& clause, const std::string& other) {
  return {instrument.id, clause.id, clause.article,
          fmt::format("see {}, outside this software", other)};
}

Assertion assertion_entry(const Model& model, const Instrument& instrument, const Clause& clause,
                          int fact) {
  return {"no " + fact_of(model, fact), instrument.id, clause.id, clause.article};
}

Assumed assumed_entry(const Model& model, const std::string& assumption_id) {
  const auto* assumption = model.assumption(assumption_id);
  return {assumption_id, assumption == nullptr ? "" : assumption->reason};
}

Assumed assumed_weak_date(const Model& model, const Instrument& instrument, int party) {
  return {"weak-date", fmt::format("date of {} in {} is K:l or partly known", code_of(model, party),
                                   instrument.id)};
}

Assumed assumed_unverified(const Instrument& instrument, const Clause& clause) {
  return {"unverified",
          fmt::format("{} is unverified and acts as read", why_clause(instrument, clause))};
}

Assumed assumed_designation(const Model& model, const Instrument& instrument, int party) {
  return {"designation", fmt::format("{} is taken to have a designated body under {}",
                                     code_of(model, party), instrument.id)};
}

}  // namespace comity::treaty
