// Commands that need a register and no node: check, show, decide, audience, diff, analyse; the last
// one for a node, too. Where `words` are given, a person is answered in their language.
#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "node/command.h"
#include "treaty/compiled.h"
#include "treaty/words.h"

namespace comity::node {

struct LawSource {
  std::string directory;                // of a register
  std::optional<std::string> exercise;  // set: exercise mode with that exercise
};

// The law of a register folder for somebody who has verified nothing.
Result<std::shared_ptr<const treaty::CompiledRegister>> load_law(const LawSource& source);

// The words of a language, from the catalogues that came with the program.
Result<treaty::Words> words_of(const std::string& language);
// Those of the argument "lang" of a command, if it has one.
Result<std::optional<treaty::Words>> words_asked(const json::Object& arguments);

Result<Outcome> check_register(const std::string& directory);
// Fails with the names of those that the register has.
Result<const treaty::Instrument*> instrument_named(const treaty::CompiledRegister& law,
                                                   const std::string& id);
// The national overlay of that id; nothing when the register has none.
std::optional<Outcome> show_overlay(const treaty::CompiledRegister& law, const std::string& id,
                                    const treaty::Words* words);
// An instrument, or a national overlay ("overlay-xa").
Result<Outcome> show_instrument(const treaty::CompiledRegister& law, const std::string& id,
                                const treaty::Words* words = nullptr);
// A verdict for a person and for machines, with the exit code of `treaty decide`.
Outcome verdict_outcome(const treaty::Model& model, const treaty::Verdict& verdict,
                        const treaty::Words* words);
Result<Outcome> decide(const treaty::CompiledRegister& law, const json::Object& arguments,
                       const treaty::Words* words = nullptr);
// Who may see it: the question of `decide` for every party but the sender. For a person a table,
// from permitted to no basis; the parties without basis and reason share a line.
Result<Outcome> audience(const treaty::CompiledRegister& law, const json::Object& arguments,
                         const treaty::Words* words = nullptr);

// The cells that differ between two laws of one mode, at an instant; exit code 1 if any do.
Result<Outcome> compare_laws(const treaty::CompiledRegister& before,
                             const treaty::CompiledRegister& after, Instant at);

// What treaty/analysis.h finds in a register; exit code 1 if it finds anything. Sentences for a
// person are English without `words`; machines get both languages.
Result<Outcome> analyse_register(const treaty::CompiledRegister& law, const treaty::Words* words);
// The same of the law of a node, with the national overlay of its party.
Result<Outcome> run_analyse(exchange::Node& node, const json::Object& arguments);

// One request a line in, one verdict a line out, in order. A line that is no request is answered by
// an invalid-request verdict; the exit code is 2 when there was one.
Result<int> decide_lines(const treaty::CompiledRegister& law, std::istream& in, std::ostream& out);

}  // namespace comity::node
