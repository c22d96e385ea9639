// Lines of an input stream, for commands that answer a line with a line.
#pragma once

#include <istream>
#include <string>

namespace comity::node {

// The next line without its end; of a longer one the first bytes_max + 1 bytes, the rest is passed
// over. False at the end of the stream.
bool read_line(std::istream& in, std::string& line, std::size_t bytes_max);

}  // namespace comity::node
