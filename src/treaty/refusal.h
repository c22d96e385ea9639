// Grounds of refusal that no register may lack and no clause may close (HR-11): the political
// offence, and the grounds of discrimination. A register may name more in `[refusal]` of its
// vocabulary; those that a clause names are offered beside these, never instead of them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "treaty/model.h"

namespace comity::treaty {

constexpr std::array<std::string_view, 8> kept_refusal_grounds = {
    "political-offence", "sex",         "race",          "language",
    "religion",          "nationality", "ethnic-origin", "political-opinion"};

// The grounds that a refusal under this clause may name, in the order of the vocabulary. A clause
// that states none leaves all of them open.
std::vector<std::string> refusal_grounds(const Vocabulary& vocabulary, const Clause& clause);

}  // namespace comity::treaty
