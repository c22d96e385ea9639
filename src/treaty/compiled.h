// The compiled engine: the register as flat rows of bit sets, indexed by party, answering for one
// recipient or for all at once. Pure and immutable: may be used from any thread. Semantics 1.
#pragma once

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

 private:
  Audience decide_one_by_one(const ResolvedRequest& request) const;

  struct Rows;
  std::unique_ptr<Rows> rows_;
};

// Resolves and decides; an unresolvable request is an `invalid-request` verdict.
Verdict decide(const CompiledRegister& compiled, const Request& request);

}  // namespace comity::treaty
