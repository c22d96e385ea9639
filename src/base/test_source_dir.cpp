#include "base/test_source_dir.h"

namespace comity::test {

std::string source_path(const std::string& below) {
  return std::string(COMITY_SOURCE_DIR) + "/" + below;
}

}  // namespace comity::test
