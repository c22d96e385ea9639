// Where the sources of this checkout are, for tests that read shipped files (register, examples,
// documents).
#pragma once

#include <string>

namespace comity::test {

// Absolute path of `below` in the source folder, e.g. source_path("register"). Compiled in one
// file, so that the compilation of no test depends on where the checkout is (a compiler cache then
// serves every checkout).
std::string source_path(const std::string& below);

}  // namespace comity::test
