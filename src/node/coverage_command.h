// The commands about what the law covers: coverage, gaps, whatif, draw. Each works on a register
// folder or on the law of a node; the forms of the answers are docs/formats/coverage.md.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "node/command.h"
#include "node/treaty_command.h"
#include "treaty/compiled.h"
#include "treaty/register.h"
#include "treaty/verification.h"

namespace comity::node {

// A law, and what it was made of: enough to suppose another.
struct LawInHand {
  std::shared_ptr<const treaty::CompiledRegister> law;
  treaty::RegisterFiles files;
  std::optional<std::string> exercise;
  treaty::Verifications own;
  std::string party;  // whose node it is; empty: nobody's
  Instant now;
};
Result<LawInHand> law_in_hand(const LawSource& source);
Result<LawInHand> law_in_hand(const exchange::Node& node);

// Arguments: "at" a day or an instant, "party", "area"; empty or absent as on the command line.
// "format": table or csv, which is what `text` then holds; the data are the same.
Result<Outcome> coverage_table(const LawInHand& in, const json::Object& arguments);
// Of "party", at "at".
Result<Outcome> coverage_gaps(const LawInHand& in, const json::Object& arguments);
// "accede" and "withdraw": lists of XX:ID; "file": the text of an instrument file, "file_name" how
// to call it; "party", "area", "at".
Result<Outcome> coverage_what_if(const LawInHand& in, const json::Object& arguments);
// "kind": pyramid or web; "party", "at", "lang". The text is the SVG.
Result<Outcome> coverage_drawing(const LawInHand& in, const json::Object& arguments);

// The same of a node.
Result<Outcome> run_coverage(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_gaps(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_what_if(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_drawing(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
