// "What if": a register as it would be if a party joined an instrument, left it, or an instrument
// were in force that is not in the register. Nothing is changed: a model of its own comes out.
//
// What is supposed is marked as an assumption, and nobody has verified it: whatever rests on it is
// assumed, whatever the mode. Pure; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "treaty/register.h"

namespace comity::atlas {

constexpr std::size_t supposed_steps_max = 64;  // of one kind
constexpr std::size_t supposed_file_bytes_max = 256 * 1024;

// A party and an instrument: "XX:ID".
struct Membership {
  std::string party, instrument;
};
Result<Membership> membership_from_text(std::string_view text, const std::string& where);

struct Supposition {
  std::string file;                // text of one instrument file; empty: none
  std::string file_name = "file";  // how problems call it
  std::vector<Membership> accede, withdraw;
  bool empty() const { return file.empty() && accede.empty() && withdraw.empty(); }
};

struct SupposedStep {
  enum class Kind { Add, Accede, Withdraw } kind = Kind::Add;
  std::string party;  // empty for Add
  std::string instrument;
};
const char* name(SupposedStep::Kind kind);  // "add", "accede", "withdraw"

struct Supposed {
  std::shared_ptr<const treaty::Model> model;  // null when there are problems
  std::vector<SupposedStep> steps;             // the file first, then who accedes, then who leaves
  std::vector<treaty::Problem> problems;       // of the file, and of what it breaks elsewhere
};

// The register of `files` as supposed, from `at` on. An instrument whose id the register has is
// replaced by the file. InvalidInput, with `where` "file", "accede[0]" …: no such party or
// instrument, a text that is no instrument file at all, a step that changes nothing, one under an
// instrument that does not bind, or a third party of a bilateral one; TooLarge beyond the bounds.
Result<Supposed> suppose(const treaty::RegisterFiles& files,
                         const std::optional<std::string>& exercise, const Supposition& supposition,
                         Instant at);

// Whether the id of an assumption is that of something supposed.
bool is_supposed(std::string_view assumption);

}  // namespace comity::atlas
