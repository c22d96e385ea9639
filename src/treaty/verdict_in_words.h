// A verdict in the words of a language (words.h): the same phrases that the pages show, each in a
// line that says what it is. Pure functions, safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "treaty/model.h"
#include "treaty/verdict.h"
#include "treaty/words.h"

namespace comity::treaty {

// The lines of a verdict as phrases, in the order of docs/formats/verdict.md.
std::vector<Phrase> verdict_lines(const Model& model, const Verdict& verdict);
// The same in words, a line each.
std::string verdict_in_words(const Model& model, const Verdict& verdict, const Words& words);

}  // namespace comity::treaty
