// The article sheet: an instrument for a person to read, each clause as a sentence beside its row.
// English only here; other languages word the same phrases (phrase.h).
#pragma once

#include <string>

#include "json/value.h"
#include "treaty/model.h"

namespace comity::treaty {

// One clause as one English sentence, built from the row alone.
std::string sentence(const Model& model, const Instrument& instrument, const Clause& clause);
std::string sentence(const Model& model, const Overlay& overlay, const OverlayRule& rule);

std::string article_sheet(const Model& model, const Instrument& instrument);
json::Object article_sheet_json(const Model& model, const Instrument& instrument);

}  // namespace comity::treaty
