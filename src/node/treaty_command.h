// Commands that need a register and no node: check, show, decide, audience, diff.
#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "node/command.h"
#include "treaty/compiled.h"

namespace comity::node {

struct LawSource {
  std::string directory;                // of a register
  std::optional<std::string> exercise;  // set: exercise mode with that exercise
};

// The law of a register folder for somebody who has verified nothing.
Result<std::shared_ptr<const treaty::CompiledRegister>> load_law(const LawSource& source);

Result<Outcome> check_register(const std::string& directory);
// Fails with the names of those that the register has.
Result<const treaty::Instrument*> instrument_named(const treaty::CompiledRegister& law,
                                                   const std::string& id);
Result<Outcome> show_instrument(const treaty::CompiledRegister& law, const std::string& id);
Result<Outcome> decide(const treaty::CompiledRegister& law, const json::Object& arguments);
Result<Outcome> audience(const treaty::CompiledRegister& law, const json::Object& arguments);

// The cells that differ between two laws of one mode, at an instant.
Result<Outcome> compare_laws(const treaty::CompiledRegister& before,
                             const treaty::CompiledRegister& after, Instant at);

// One request a line in, one verdict a line out, in order. A line that is no request is answered by
// an invalid-request verdict; the exit code is 2 when there was one.
Result<int> decide_lines(const treaty::CompiledRegister& law, std::istream& in, std::ostream& out);

}  // namespace comity::node
