// The operator API and its pages behind one function: who asks, whether that may, and only then the
// handler. There is no other way from HTTP to a handler, so what is checked here holds for every
// route (docs/formats/api.md).
//
// Any thread may call `handle`, several at once. The object refers to what it is given and owns
// nothing but the router.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/accounts.h"
#include "api/events.h"
#include "api/page_files.h"
#include "api/route.h"
#include "api/router.h"

namespace comity::api {

// Of a request of somebody who is not signed in, and of all that no route takes a body from.
constexpr std::size_t open_body_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t cookie_bytes_max = 4096;
constexpr std::size_t fresh_code_bytes_max = 64;
constexpr std::string_view csrf_header = "X-Comity-CSRF";
// A page says with it that it reads by itself, without anybody there; such reading does not make a
// session longer. Counts for GET and HEAD only.
constexpr std::string_view unattended_header = "X-Comity-Unattended";

// The questions of the enforcement point about whoever asks. Accounts answers them; tests of the
// enforcement point have answers of their own.
class Gate {
 public:
  virtual ~Gate() = default;
  // `use`: a person acts, and the session is used by it.
  virtual std::optional<Caller> caller_of(std::string_view session, Instant now, bool use) = 0;
  // Asks without using the session: for streams, which stay open without anybody there.
  virtual bool is_signed_in(const Caller& caller, Instant now) = 0;
  virtual bool csrf_matches(const Caller& caller, std::string_view token) const = 0;
  virtual Status check_fresh_factor(const Caller& caller, std::string_view code, Instant now) = 0;
};

class AccountsGate : public Gate {
 public:
  explicit AccountsGate(Accounts& accounts) : accounts_(accounts) {}
  std::optional<Caller> caller_of(std::string_view session, Instant now, bool use) override {
    return accounts_.caller_of(session, now, use);
  }
  bool is_signed_in(const Caller& caller, Instant now) override {
    return accounts_.is_signed_in(caller, now);
  }
  bool csrf_matches(const Caller& caller, std::string_view token) const override {
    return accounts_.csrf_matches(caller, token);
  }
  Status check_fresh_factor(const Caller& caller, std::string_view code, Instant now) override {
    return accounts_.check_fresh_factor(caller, code, now);
  }

 private:
  Accounts& accounts_;
};

struct ApiOptions {
  // Names beside "localhost" by which browsers may call the pages. An address written in digits is
  // always taken: only a name can be made to mean another address later.
  std::vector<std::string> names;
};

class OperatorApi {
 public:
  // Everything outlives this object.
  OperatorApi(exchange::Node& node, Accounts& accounts, Gate& gate, Events& events,
              const PageFiles& pages, ApiOptions options,
              const std::vector<Route>& table = routes());

  net::Response handle(const net::Request& request);

  // Tells open pages of what changed by other ways than this API, and ends the streams of sessions
  // that have ended. Called every now and then.
  void refresh();

  // How much body this request may bring, decided before it is read.
  std::size_t body_bytes_max_of(const net::Request& request);

 private:
  net::Response dispatch(const net::Request& request);
  Status check_host(const net::Request& request) const;
  net::Response serve_page(const net::Request& request) const;
  net::Response serve_api(const net::Request& request);
  std::optional<Caller> caller_of(const Route& route, const net::Request& request);
  Status check_caller(const Route& route, const net::Request& request,
                      const std::optional<Caller>& caller) const;
  Status check_factor(const Route& route, Call& call);
  net::Response run(const Route& route, Call& call);

  exchange::Node& node_;
  Accounts& accounts_;
  Gate& gate_;
  Events& events_;
  const PageFiles& pages_;
  ApiOptions options_;
  Router router_;
};

// What every response of the pages and of the API carries: what a browser may load and run, who may
// frame it, what is not told to others.
const net::Headers& security_headers();

// What the server answers by itself, before a request reaches `handle` (net::ServerOptions): a
// problem like those of the API, with the same fields.
net::Response refusal(int status, std::string text);

// The value of the session cookie: empty when there is none, or more than one, of which nobody can
// say which is ours.
std::string session_of(const net::Headers& headers);

}  // namespace comity::api
