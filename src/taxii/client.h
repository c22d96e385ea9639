// A TAXII 2.1 client for Comity peers: posts an envelope to `inbox`, fetches one object of
// `protocol`. One thread at a time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "json/value.h"
#include "net/client.h"
#include "taxii/message.h"

namespace comity::taxii {

// What a peer's clock said in an answer, as whole seconds, between two instants of our own. The
// certificate of the connection says whose clock it is.
struct HeardTime {
  std::int64_t date_s = 0;
  Instant asked, answered;
};

struct Endpoint {
  std::string url;  // https://host:port
  Digest pinned_certificate{};
  std::string certificate_pem, key_pem;  // ours
  std::vector<std::string> allowed_networks;
  const std::atomic<bool>* cancelled = nullptr;  // see net::ClientRequest
  std::optional<Digest> other_certificate;       // see net::ClientRequest
  // Our own clock, and who is told at each answer what the peer's says; both or neither.
  std::function<Instant()> now = {};
  std::function<void(const HeardTime&)> heard = {};
  // Between two looks at a submission that the peer has not finished with.
  std::chrono::milliseconds status_interval = std::chrono::milliseconds(500);
};

// So often is looked; then it is taken as not sent, and sent again later.
constexpr int status_looks_max = 20;

class Client {
 public:
  explicit Client(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  // The status that the peer answers with, or comes to when it is pending first (section 5.4);
  // Unavailable when it does not come to an end. A TAXII error becomes an Error with the peer's own
  // words.
  Result<SubmissionStatus> post(std::string_view collection, std::string envelope);
  // Whether the last request was answered: an error then is the peer's word, and else that it was
  // not reached, or not as the one who is pinned.
  bool answered() const { return answered_; }
  // Whether the peer answers and knows us.
  Status reach();
  // The bytes of the envelope's single object; NotFound when the peer has none with this id.
  Result<std::string> object(std::string_view collection, std::string_view id);

 private:
  Result<net::Response> send(std::string method, const std::string& path, std::string body);

  Endpoint endpoint_;
  net::Client client_;
  bool answered_ = false;
};

}  // namespace comity::taxii
