#include "api/openapi.h"

// From openapi_document.S, where the assembler puts the file.
extern "C" {
extern const char comity_openapi_begin[];
extern const char comity_openapi_end[];
}

namespace comity::api {

std::string openapi_document() { return {comity_openapi_begin, comity_openapi_end}; }

}  // namespace comity::api
