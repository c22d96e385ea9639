#include "api/events.h"
#include "api/openapi.h"
#include "api/route.h"

namespace comity::api {
namespace {

Result<Answer> open_events(Call& call) {
  Answer answer;
  answer.content_type = "text/event-stream";
  answer.stream = call.events.open(call.caller);
  return answer;
}

Result<Answer> show_openapi(Call&) {
  Answer answer;
  answer.content_type = "application/json";
  answer.text = openapi_document();
  return answer;
}

}  // namespace

std::vector<Route> core_routes() {
  return {
      {.operation = "openEvents",
       .method = "GET",
       .path = "/api/v1/events",
       .access = Access::SignedIn,
       .roles = RoleSet::all(),
       .query = {},
       .body = Body::None,
       .fresh_factor = false,
       .handle = open_events,
       .uses_session = false},
      {.operation = "readOpenApi",
       .method = "GET",
       .path = "/api/v1/openapi.json",
       .access = Access::Open,
       .roles = {},
       .query = {},
       .body = Body::None,
       .fresh_factor = false,
       .handle = show_openapi},
  };
}

}  // namespace comity::api
