#include "trust/openssl.h"

#include <openssl/err.h>

namespace comity::trust {

QuietErrors::QuietErrors() { ERR_set_mark(); }

QuietErrors::~QuietErrors() { ERR_pop_to_mark(); }

}  // namespace comity::trust
