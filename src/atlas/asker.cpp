#include "atlas/asker.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "atlas/suppose.h"
#include "treaty/phrase.h"

namespace comity::atlas {
namespace {

using treaty::VerdictKind;

std::multimap<std::string_view, std::string_view> assumed_in(const treaty::Model& model) {
  std::multimap<std::string_view, std::string_view> out;
  const auto add = [&](const std::string& id, const treaty::Instrument& instrument) {
    if (!id.empty()) out.emplace(id, instrument.id);
  };
  for (const auto& instrument : model.instruments) {
    for (const auto& entry : instrument.parties) {
      add(entry.assumed, instrument);
      if (entry.in_force) add(entry.in_force->assumed, instrument);
    }
    for (const auto& clause : instrument.clauses) add(clause.assumed, instrument);
  }
  for (const auto& one : model.arrangements) {
    add(one.assumed, model.instruments[static_cast<std::size_t>(one.instrument)]);
  }
  for (const auto& one : model.designations) {
    add(one.assumed, model.instruments[static_cast<std::size_t>(one.instrument)]);
  }
  return out;
}

bool is_open(VerdictKind kind) {
  return kind == VerdictKind::Permitted || kind == VerdictKind::Needs;
}

bool names(const treaty::Phrase& said, const std::string& instrument) {
  const auto* named = said.args.find("instrument");
  return named != nullptr && named->string() != nullptr && *named->string() == instrument;
}

}  // namespace

// ---- from a verdict to a cell ------------------------------------------------------------------

VerdictReader::VerdictReader(const treaty::Model& model)
    : model_(model), assumed_in_(assumed_in(model)) {}

const treaty::Instrument& VerdictReader::instrument(const treaty::BasisEntry& entry) const {
  const auto index = model_.instrument(entry.instrument);
  CHECK(index.has_value());
  return model_.instruments[static_cast<std::size_t>(*index)];
}

CellBasis VerdictReader::read(treaty::Verdict verdict, int from, int to) const {
  CellBasis out;
  auto& cell = out.cell;
  cell.verdict = verdict.kind;
  for (const auto& entry : verdict.basis) {
    cell.basis = std::min(cell.basis, level_of(instrument(entry)));
  }
  std::stable_partition(verdict.basis.begin(), verdict.basis.end(), [&](const auto& entry) {
    return level_of(instrument(entry)) == cell.basis;
  });
  // The surest of the instruments of that level.
  for (const auto& entry : verdict.basis) {
    const auto& paper = instrument(entry);
    if (level_of(paper) != cell.basis) break;
    const auto sure = sureness(verdict, paper, from, to);
    const bool surer = std::pair(sure.state, sure.supposed) < std::pair(cell.state, cell.supposed);
    if (!surer) continue;
    cell.state = sure.state;
    cell.supposed = sure.supposed;
  }
  out.instruments = std::move(verdict.basis);
  return out;
}

// Whoever is bound by supposition alone, and clauses of a supposed file.
bool VerdictReader::rests_on_supposed(const treaty::Verdict& verdict, const treaty::Instrument& of,
                                      int from, int to) const {
  for (const int party : {from, to}) {
    const auto* entry = of.entry(party);
    if (entry != nullptr && is_supposed(entry->assumed)) return true;
  }
  return std::any_of(verdict.basis.begin(), verdict.basis.end(), [&](const auto& entry) {
    if (entry.instrument != of.id) return false;
    const auto* clause = of.clause(entry.clause);
    return clause != nullptr && is_supposed(clause->assumed);
  });
}

// How sure the answer of one instrument is, from what the verdict says of it.
VerdictReader::Sureness VerdictReader::sureness(const treaty::Verdict& verdict,
                                                const treaty::Instrument& of, int from,
                                                int to) const {
  // In operational mode a verdict lists no assumptions: what was supposed shows in the model.
  if (rests_on_supposed(verdict, of, from, to)) return {BasisState::Assumed, true};
  Sureness out;
  for (const auto& assumed : verdict.assumed) {
    const auto range = assumed_in_.equal_range(assumed.id);
    const bool of_exercise = std::any_of(range.first, range.second,
                                         [&](const auto& one) { return one.second == of.id; });
    if (of_exercise) return {BasisState::Assumed, false};
    const auto said = treaty::assumed_phrase(model_, assumed);
    if (!names(said, of.id)) continue;
    if (said.key == "assumed.designation") return {BasisState::Assumed, false};
    out.state = BasisState::Unverified;
  }
  for (const auto& need : verdict.needs) {
    if (need.kind != "verification" && need.kind != "fact") continue;
    if (names(treaty::need_phrase(need), of.id)) out.state = BasisState::Unverified;
  }
  return out;
}

// ---- the questions of one state ----------------------------------------------------------------

Asker::Asker(const treaty::CompiledRegister& law, const Questions& questions,
             const VerdictReader& reader, const Claims& claims, int from, Instant at)
    : law_(law),
      questions_(questions),
      reader_(reader),
      claims_(claims),
      from_(from),
      at_(at),
      audiences_(static_cast<std::size_t>(questions.count())) {}

const treaty::Audience& Asker::audience(int question) {
  auto& held = audiences_[static_cast<std::size_t>(question)];
  if (!held) held = law_.decide_all(questions_.request(question, from_, at_));
  return *held;
}

VerdictKind Asker::kind(int question, int to) {
  const auto& found = audience(question);
  const auto at = static_cast<std::size_t>(to);
  if (found.permitted.test(at)) return VerdictKind::Permitted;
  if (found.needs.test(at)) return VerdictKind::Needs;
  if (found.forbidden.test(at)) return VerdictKind::Forbidden;
  return VerdictKind::NoBasis;
}

CellBasis Asker::answer(int question, int to) const {
  auto request = questions_.request(question, from_, at_);
  request.to = to;
  return reader_.read(law_.decide(request), from_, to);
}

VerdictKind Asker::best_kind(int area, int to) {
  auto best = VerdictKind::NoBasis;
  for (const int question : questions_.of_area(area)) {
    const auto one = kind(question, to);
    if (rank(one) < rank(best)) best = one;
  }
  return best;
}

void Asker::add_claim(int area, int to, Cell& cell) {
  if (cell.verdict != VerdictKind::NoBasis) return;
  auto held = claim_levels_.find(to);
  if (held == claim_levels_.end()) {
    held = claim_levels_.emplace(to, claims_.levels(from_, to)).first;
  }
  cell.claimed = held->second[static_cast<std::size_t>(area)];
  if (cell.claimed != BasisLevel::None) cell.state = BasisState::Claimed;
}

CellBasis Asker::cell(int area, int to) {
  CellBasis best;
  best.cell.verdict = best_kind(area, to);
  if (is_open(best.cell.verdict)) {
    for (const int question : questions_.of_area(area)) {
      if (kind(question, to) != best.cell.verdict) continue;
      auto one = answer(question, to);
      if (better(one.cell, best.cell)) best = std::move(one);
    }
  }
  add_claim(area, to, best.cell);
  return best;
}

Cell Asker::plain_cell(int area, int to) {
  Cell best;
  best.verdict = best_kind(area, to);
  if (is_open(best.verdict)) {
    for (const int question : questions_.of_area(area)) {
      if (kind(question, to) != best.verdict) continue;
      const auto key = std::pair(question, to);
      auto held = answers_.find(key);
      if (held == answers_.end()) held = answers_.emplace(key, answer(question, to).cell).first;
      if (better(held->second, best)) best = held->second;
    }
  }
  add_claim(area, to, best);
  return best;
}

}  // namespace comity::atlas
