// What came with the program: beside the sources that it was built from, or installed.
#pragma once

#include <string>

namespace comity::node {

// The shipped register, with the message catalogues in its folder messages/.
std::string shipped_register_directory();

}  // namespace comity::node
