// The answer of the treaty engine: a value that names articles, never just yes or no.
// Serialised as the verdict JSON of docs/formats/verdict.md, byte for byte the same for the same
// input.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "treaty/model.h"

namespace comity::treaty {

enum class VerdictKind { Permitted, Needs, NoBasis, Forbidden, InvalidRequest };

struct BasisEntry {
  std::string instrument, clause, article, status;
  bool operator==(const BasisEntry&) const = default;
};

struct NeedEntry {
  std::string kind;  // consent arrangement fact verification rights-record human
  std::string what;
  std::string from;  // who can supply it: a party code, "XX and YY", or "two officers of XX"
  bool operator==(const NeedEntry&) const = default;
};

struct Reason {
  std::string code, instrument, clause, article, what;
  bool operator==(const Reason&) const = default;
};

struct Duty {
  std::string instrument, clause, article, what;
  std::string due;  // a day; empty when the clause sets none or a date is not known
  bool overdue = false;
  bool operator==(const Duty&) const = default;
};

struct Advice {
  std::string instrument, clause, article, text;
  bool operator==(const Advice&) const = default;
};

struct Assertion {
  std::string what, instrument, clause, article;
  bool operator==(const Assertion&) const = default;
};

struct Assumed {
  std::string id, reason;
  bool operator==(const Assumed&) const = default;
};

struct Verdict {
  VerdictKind kind = VerdictKind::NoBasis;
  std::vector<BasisEntry> basis;
  std::vector<NeedEntry> needs;
  std::vector<Reason> reasons;
  std::vector<Duty> duties;
  std::vector<Advice> advice;
  std::vector<Assertion> asserts;
  std::vector<Assumed> assumed;
  Digest register_digest{};

  bool operator==(const Verdict&) const = default;
};

const char* name(VerdictKind kind);

// The verdict JSON, members in the order of the contract, without line break.
std::string to_json(const Verdict& verdict);

// The verdict as a few lines for a person.
std::string to_text(const Verdict& verdict);

}  // namespace comity::treaty
