#include "base/complaint.h"

#include <fmt/format.h>

#include <cstdio>

namespace comity {

void complain(std::string_view text) {
  // fmt::print would throw, and nobody is there to catch it.
  const auto line = fmt::format("comity: {}\n", text);
  (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace comity
