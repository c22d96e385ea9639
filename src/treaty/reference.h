// The reference interpreter: semantics 1 as written in docs/formats/semantics-1.md, section by
// section, slow and obvious. It is the definition; compiled.h has to agree with it and shares no
// evaluation code.
#pragma once

#include "treaty/model.h"
#include "treaty/request.h"
#include "treaty/verdict.h"
#include "treaty/verification.h"

namespace comity::treaty {

// Pure: no clock, no input or output. Safe from any thread.
Verdict decide_by_reference(const Model& model, const Verifications& own, Mode mode,
                            const ResolvedRequest& request);

}  // namespace comity::treaty
