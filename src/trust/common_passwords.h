// The passwords of common_passwords.txt, made part of the program at its building.
#pragma once

#include <string_view>

namespace comity::trust {

// One a line, in small letters; lines that begin with # are comments.
std::string_view common_passwords();

}  // namespace comity::trust
