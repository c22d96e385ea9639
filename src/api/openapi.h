// The OpenAPI 3.1 document of this API, src/api/openapi.json, as it stood when the program was
// built. A test holds it against the table of routes in both directions.
#pragma once

#include <string>

namespace comity::api {

std::string openapi_document();

}  // namespace comity::api
