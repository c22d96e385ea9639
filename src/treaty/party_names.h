// Whom somebody means who writes a party's name, or another name in use, instead of its code. Only
// for suggestions: no request and no file is ever understood this way. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treaty/model.h"

namespace comity::treaty {

// A name as it is compared: capital letters of ASCII as small ones, no blanks at the ends.
std::string folded_name(std::string_view name);

// The code of the party with that code, name or alias, all compared folded; empty: there is none.
std::string code_of_name(const std::vector<Party>& parties, std::string_view name);

// "; did you mean 'RU'?" for a name that a party goes by and that is not its code, else nothing.
std::string party_suggestion(const Model& model, std::string_view name);

}  // namespace comity::treaty
