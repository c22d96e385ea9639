#include "node/lines.h"

namespace comity::node {

bool read_line(std::istream& in, std::string& line, std::size_t bytes_max) {
  line.clear();
  auto* buffer = in.rdbuf();
  bool any = false;
  for (int c = buffer->sbumpc(); c != std::istream::traits_type::eof(); c = buffer->sbumpc()) {
    any = true;
    if (c == '\n') return true;
    if (line.size() <= bytes_max) line.push_back(static_cast<char>(c));
  }
  return any;
}

}  // namespace comity::node
