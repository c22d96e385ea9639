// The compiled engine: the register as flat rows of bit sets, indexed by party, answering for one
// recipient or for all at once. Pure and immutable: may be used from any thread. Semantics 1.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "treaty/model.h"
#include "treaty/request.h"
#include "treaty/verdict.h"
#include "treaty/verification.h"

namespace comity::treaty {

struct Audience {
  PartySet permitted, needs, forbidden, no_basis;
};

// A stretch of time, with its first instant and without its last.
struct Stretch {
  Instant from, until;

  bool holds(Instant at) const { return from <= at && at < until; }
  // Cuts it at an instant, and keeps the side on which `at` is.
  void cut(Instant edge, Instant at) {
    if (edge <= at) {
      from = std::max(from, edge);
    } else {
      until = std::min(until, edge);
    }
  }
  // Keeps what is in the other, too; nothing may be left.
  void meet(const Stretch& other) {
    from = std::max(from, other.from);
    until = std::min(until, other.until);
  }
};

class CompiledRegister {
 public:
  // Keeps references to nothing: the model is copied into shared ownership.
  CompiledRegister(std::shared_ptr<const Model> model, const Verifications& own, Mode mode);
  ~CompiledRegister();
  CompiledRegister(CompiledRegister&&) noexcept;

  const Model& model() const;
  Mode mode() const;

  Verdict decide(const ResolvedRequest& request) const;
  // Only the kind, without the words.
  VerdictKind kind(const ResolvedRequest& request) const;
  // Every party except the sender; `request.to` is ignored. Answers are kept for a while.
  Audience decide_all(const ResolvedRequest& request) const;
  // Around an instant: in which nothing of the register begins or ends, and no day. A question is
  // answered alike throughout.
  Stretch stretch(Instant at) const;

 private:
  Audience decide_one_by_one(const ResolvedRequest& request) const;

  struct Rows;
  std::unique_ptr<Rows> rows_;
};

// Resolves and decides; an unresolvable request is an `invalid-request` verdict.
Verdict decide(const CompiledRegister& compiled, const Request& request);

}  // namespace comity::treaty
