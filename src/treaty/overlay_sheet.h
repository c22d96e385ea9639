// A national overlay for a person to read: each rule as a sentence beside its row.
#pragma once

#include <string>

#include "json/value.h"
#include "treaty/model.h"

namespace comity::treaty {

std::string overlay_sheet(const Model& model, const Overlay& overlay);
json::Object overlay_sheet_json(const Model& model, const Overlay& overlay);

}  // namespace comity::treaty
