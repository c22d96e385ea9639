// One state asks what it has toward others: puts the questions of the areas to the engine and reads
// cells from the answers. Nothing is decided here: verdict, basis and assumptions are the engine's.
// Keeps references to its arguments, and what it has asked; one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "atlas/cell.h"
#include "atlas/claims.h"
#include "atlas/questions.h"
#include "treaty/compiled.h"

namespace comity::atlas {

// A cell, and the clauses on which it rests, those of its level first.
struct CellBasis {
  Cell cell;
  std::vector<treaty::BasisEntry> instruments;
};

// Reads cells from verdicts. Immutable.
class VerdictReader {
 public:
  explicit VerdictReader(const treaty::Model& model);
  CellBasis read(treaty::Verdict verdict, int from, int to) const;

 private:
  struct Sureness {
    BasisState state = BasisState::Verified;
    bool supposed = false;
  };
  const treaty::Instrument& instrument(const treaty::BasisEntry& entry) const;
  Sureness sureness(const treaty::Verdict& verdict, const treaty::Instrument& instrument, int from,
                    int to) const;
  bool rests_on_supposed(const treaty::Verdict& verdict, const treaty::Instrument& instrument,
                         int from, int to) const;

  const treaty::Model& model_;
  // Which instruments an assumption of the exercise is about.
  std::multimap<std::string_view, std::string_view> assumed_in_;
};

class Asker {
 public:
  Asker(const treaty::CompiledRegister& law, const Questions& questions,
        const VerdictReader& reader, const Claims& claims, int from, Instant at);

  // The best answer to the questions of the area; a claim where there is no basis.
  CellBasis cell(int area, int to);
  // The same without the clauses, which are not kept.
  Cell plain_cell(int area, int to);

 private:
  const treaty::Audience& audience(int question);
  treaty::VerdictKind kind(int question, int to);
  CellBasis answer(int question, int to) const;
  treaty::VerdictKind best_kind(int area, int to);
  void add_claim(int area, int to, Cell& cell);

  const treaty::CompiledRegister& law_;
  const Questions& questions_;
  const VerdictReader& reader_;
  const Claims& claims_;
  const int from_;
  const Instant at_;
  std::vector<std::optional<treaty::Audience>> audiences_;  // by question
  std::map<std::pair<int, int>, Cell> answers_;             // of (question, recipient)
  std::map<int, std::vector<BasisLevel>> claim_levels_;     // of a recipient, by area
};

}  // namespace comity::atlas
