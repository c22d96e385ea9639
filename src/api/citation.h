// A clause as the pages cite it: instrument, article, what it says. Pure; any thread.
#pragma once

#include <string_view>

#include "json/value.h"
#include "treaty/model.h"

namespace comity::api {

// Citation of the contract (docs/formats/api.md). `status` is the claim of the file, or "assumed"
// for a clause of the exercise; whether this party has verified it itself stands in the verdict.
// `clause` may be empty, for an instrument as a whole. What this register does not know has an
// empty title, article and status, and no sentence.
// A national overlay and its rules are cited in the same way, without a status.
json::Object citation_json(const treaty::Model& model, std::string_view instrument,
                           std::string_view clause);

// The rules of a party's own overlay, each as a Citation; empty when it has none.
json::Array overlay_json(const treaty::Model& model, int party);

}  // namespace comity::api
