// The article sheet in the words of a language (words.h): of each clause its row, as the file has
// it, and beside it the sentence that the pages show. Pure functions, safe from any thread.
#pragma once

#include <string>

#include "json/value.h"
#include "treaty/model.h"
#include "treaty/words.h"

namespace comity::treaty {

// What a clause decides by, in the words of its file: "permit share; info indicator; …".
std::string row_text(const Model& model, const Clause& clause);

std::string article_sheet(const Model& model, const Instrument& instrument, const Words& words);
// As article_sheet_json, with "language" and the sentences in that language.
json::Object article_sheet_json(const Model& model, const Instrument& instrument,
                                const Words& words);

}  // namespace comity::treaty
