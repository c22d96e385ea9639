// The only reader of TOML in this folder: turns the files of a register into a Model (see
// register.h).
#pragma once

#include "treaty/register.h"

namespace comity::treaty {

// Reads every file, resolves names, checks the rules of docs/formats/register.md. `problems`
// receives what is wrong; the model is complete only when it stays empty. `cache` may be null.
Model read_model(const RegisterFiles& files, const std::optional<std::string>& exercise,
                 std::vector<Problem>& problems, RegisterCache* cache = nullptr);

}  // namespace comity::treaty
