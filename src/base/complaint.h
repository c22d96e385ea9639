// What the program says of its own accord on standard error.
#pragma once

#include <string_view>

namespace comity {

// "comity: " and the text as a line. Where it cannot be written (a log on a full disk) nothing is
// said, and the program goes on. Safe from any thread.
void complain(std::string_view text);

}  // namespace comity
