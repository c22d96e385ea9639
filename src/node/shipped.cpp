#include "node/shipped.h"

namespace comity::node {

std::string shipped_register_directory() { return COMITY_REGISTER_DIR; }

}  // namespace comity::node
