// Verification: this party's own finding that a row of its register says what the official text
// says. Two legal advisers sign it; it is a file of the register, so the register digest covers it
// and an old register can be decided again with the verifications that it had.
//
// A verification is of the digest of the row: any change of the row voids it. Form:
// docs/formats/officers.md. Functions may be called from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/act.h"
#include "exchange/node.h"
#include "treaty/verification.h"

namespace comity::exchange {

constexpr std::string_view verification_folder = "verifications/";
constexpr std::size_t verification_source_bytes_max = 500;

// "verifications/<instrument>--<clause>.json"
std::string verification_file(std::string_view instrument, std::string_view clause);

struct NewVerification {
  std::string instrument, clause;
  std::string source;  // the official text that was compared
  std::string date;    // the day of the comparison, "2026-11-24"
};

// What two legal advisers sign (act "verify"): the above with the digest of the row as it is.
// InvalidInput for what cannot be verified.
Result<json::Object> act_arguments(const Node& node, const NewVerification& verification);

// Enters verifications/<instrument>--<clause>.json. Returns the digest of the row.
Result<Digest> enter_verification(Node& node, const NewVerification& verification,
                                  const std::optional<Approval>& approval);

// A verification as the register has it.
struct ClauseVerification {
  std::string instrument, clause, source, date;
  Digest digest{};                    // of the row that was compared
  std::vector<std::string> officers;  // who signed
};

// The verifications of register files that hold: two signatures by keys that this node had enrolled
// as legal advisers when they signed. What does not hold is left out.
std::vector<ClauseVerification> clause_verifications(const Node& node, store::Snapshot& snapshot,
                                                     const treaty::RegisterFiles& files);

// The same for the engines.
treaty::Verifications own_verifications(const Node& node, store::Snapshot& snapshot,
                                        const treaty::RegisterFiles& files);

}  // namespace comity::exchange
