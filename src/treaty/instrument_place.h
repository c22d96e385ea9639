// Where an instrument file belongs in a register, found before the loader reads it. Pure.
#pragma once

#include <string>

#include "treaty/register.h"

namespace comity::treaty {

// The path of the file with this text: that of the instrument with its id, where the register has
// it already, else a new one. InvalidInput for a text without id and level.
Result<std::string> instrument_path(const RegisterFiles& files, const std::string& text);

}  // namespace comity::treaty
