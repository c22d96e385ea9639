// Input of one request a line, as the commands with --jsonl read it.
#pragma once

#include <istream>
#include <string>

namespace comity::node {

// The next line without its line feed; false when there is none. Of a line that is longer than
// `bytes_max` one byte more than that is kept, and the rest is read and dropped.
bool read_line(std::istream& in, std::string& line, std::size_t bytes_max);

}  // namespace comity::node
