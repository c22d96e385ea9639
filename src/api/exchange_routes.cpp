#include <iterator>

#include "api/exchange_json.h"

namespace comity::api {

std::vector<Route> exchange_routes() {
  std::vector<Route> out;
  for (auto rows : {record_routes(), search_routes(), disclosure_routes(), release_request_routes(),
                    consent_routes(), recall_routes()}) {
    std::move(rows.begin(), rows.end(), std::back_inserter(out));
  }
  return out;
}

}  // namespace comity::api
