// Reads [area_purposes] of vocabulary.toml: which actions, purposes and classes one has to ask
// about to learn what was agreed in an area. The form is docs/formats/register.md. Used by the
// register reader alone, on one thread.
#pragma once

#include "treaty/toml_reader.h"

namespace comity::treaty {

// Questions of one area: each action for each purpose with each class.
constexpr std::size_t area_questions_max = 64;

// Fills `words.area_purposes` from the root of the file, when it has the table. The other lists of
// `words` have been read.
void read_area_purposes(TomlTable& root, ProblemList& problems, Vocabulary& words);

// How many questions an area has. What transfers nothing is asked without a class.
std::size_t question_count(const AreaPurposes& of);

}  // namespace comity::treaty
