// A national overlay for a person to read: each rule as a sentence beside its row.
#pragma once

#include <string>

#include "json/value.h"
#include "treaty/model.h"
#include "treaty/words.h"

namespace comity::treaty {

std::string overlay_sheet(const Model& model, const Overlay& overlay);
json::Object overlay_sheet_json(const Model& model, const Overlay& overlay);
// The same in the words of a language; for machines with "language" and the sentences in it.
std::string overlay_sheet(const Model& model, const Overlay& overlay, const Words& words);
json::Object overlay_sheet_json(const Model& model, const Overlay& overlay, const Words& words);

}  // namespace comity::treaty
