#include "taxii/client.h"

#include <fmt/format.h>

#include <thread>

#include "json/parse.h"
#include "taxii/refused.h"

namespace comity::taxii {
Result<net::Response> Client::send(std::string method, const std::string& path, std::string body) {
  net::ClientRequest request;
  request.method = std::move(method);
  request.url = endpoint_.url + std::string(api_root) + path;
  request.headers.emplace_back("Accept", std::string(media_type));
  if (!body.empty()) request.headers.emplace_back("Content-Type", std::string(media_type));
  request.body = std::move(body);
  request.certificate_pem = endpoint_.certificate_pem;
  request.key_pem = endpoint_.key_pem;
  request.pinned_certificate = endpoint_.pinned_certificate;
  request.other_certificate = endpoint_.other_certificate;
  request.allowed_networks = endpoint_.allowed_networks;
  request.cancelled = endpoint_.cancelled;
  answered_ = false;
  const auto asked = endpoint_.now ? endpoint_.now() : Instant{};
  TRY(auto response, client_.send(request));
  answered_ = true;
  if (endpoint_.heard) {
    const auto date = response.header("Date");
    const auto date_s = date ? net::read_date(*date) : std::nullopt;
    if (date_s) endpoint_.heard({*date_s, asked, endpoint_.now()});
  }
  if (response.status >= 200 && response.status < 300) return response;
  return refused("peer", response, endpoint_.url);
}

Result<SubmissionStatus> Client::post(std::string_view collection, std::string envelope) {
  TRY(const auto response,
      send("POST", fmt::format("collections/{}/objects/", collection), std::move(envelope)));
  auto value = json::parse(response.body);
  if (!value) return tl::unexpected<Error>(std::move(value.error()).at(endpoint_.url));
  TRY(auto status, status_from_json(*value));
  for (int looks = 0; !status.complete(); ++looks) {
    const bool cancelled = endpoint_.cancelled != nullptr && *endpoint_.cancelled;
    if (cancelled || looks == status_looks_max) {
      return fail(ErrorKind::Unavailable, "the peer has not finished with it", endpoint_.url);
    }
    std::this_thread::sleep_for(endpoint_.status_interval);
    TRY(const auto told,
        send("GET", fmt::format("status/{}/", net::percent_encode(status.id)), {}));
    TRY(const auto later, json::parse(told.body));
    TRY(status, status_from_json(later));
  }
  return status;
}

Status Client::reach() {
  TRY_STATUS(send("GET", "collections/", {}));
  return {};
}

Result<std::string> Client::object(std::string_view collection, std::string_view id) {
  TRY(const auto response,
      send("GET", fmt::format("collections/{}/objects/{}/", collection, net::percent_encode(id)),
           {}));
  std::string found;
  const auto envelope =
      json::split(response.body, "objects", [&](std::string_view element, std::size_t) {
        if (found.empty()) found = std::string(element);
        return Status();
      });
  if (!envelope) return tl::unexpected<Error>(envelope.error());
  if (found.empty()) {
    return fail(ErrorKind::NotFound, fmt::format("the peer has no {}", id), endpoint_.url);
  }
  return found;
}

}  // namespace comity::taxii
