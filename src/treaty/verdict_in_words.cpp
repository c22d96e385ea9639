#include "treaty/verdict_in_words.h"

#include "base/bytes.h"

namespace comity::treaty {
namespace {

// Names the clause that a line is about, as far as there is one.
template <typename Entry>
Phrase with_place(std::string_view key, std::string_view name, const Entry& entry,
                  const Phrase& said) {
  return phrase(key, {{"instrument", entry.instrument},
                      {"clause", entry.clause},
                      {"article", entry.article},
                      {name, to_json(said)}});
}

Phrase reason_line(const Reason& reason) {
  const auto said = reason_phrase(reason);
  if (reason.instrument.empty()) return phrase("say.reason", {{"reason", to_json(said)}});
  if (!reason.clause.empty()) return with_place("say.reason-clause", "reason", reason, said);
  if (reason.article.empty()) {
    return phrase("say.reason-instrument",
                  {{"instrument", reason.instrument}, {"reason", to_json(said)}});
  }
  return phrase(
      "say.reason-article",
      {{"instrument", reason.instrument}, {"article", reason.article}, {"reason", to_json(said)}});
}

Phrase duty_line(const Model& model, const Duty& duty) {
  auto line = with_place("say.duty", "duty", duty, duty_phrase(model, duty));
  if (duty.due.empty()) return line;
  return phrase(duty.overdue ? "say.duty-overdue" : "say.duty-due",
                {{"main", to_json(line)}, {"day", duty.due}});
}

}  // namespace

std::vector<Phrase> verdict_lines(const Model& model, const Verdict& verdict) {
  std::vector<Phrase> out;
  out.push_back(
      phrase("say.verdict", {{"verdict", to_json(word_phrase("verdict", name(verdict.kind)))}}));
  for (const auto& one : verdict.basis) {
    out.push_back(with_place("say.basis", "status", one, word_phrase("status", one.status)));
  }
  for (const auto& one : verdict.needs) {
    out.push_back(phrase(
        "say.need", {{"need", to_json(need_phrase(one))}, {"from", to_json(from_phrase(one))}}));
  }
  for (const auto& one : verdict.reasons) out.push_back(reason_line(one));
  for (const auto& one : verdict.duties) out.push_back(duty_line(model, one));
  for (const auto& one : verdict.advice) {
    out.push_back(with_place("say.advice", "advice", one, advice_phrase(model, one)));
  }
  for (const auto& one : verdict.asserts) {
    out.push_back(with_place("say.assertion", "assertion", one, assertion_phrase(one)));
  }
  for (const auto& one : verdict.assumed) {
    out.push_back(
        phrase("say.assumed", {{"id", one.id}, {"assumed", to_json(assumed_phrase(model, one))}}));
  }
  out.push_back(phrase("say.register", {{"digest", digest_text(verdict.register_digest)},
                                        {"semantics", semantics_number}}));
  return out;
}

std::string verdict_in_words(const Model& model, const Verdict& verdict, const Words& words) {
  std::string out;
  for (const auto& line : verdict_lines(model, verdict)) out += words.text(model, line) + "\n";
  return out;
}

}  // namespace comity::treaty
