#include "node/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "api/operator_server.h"
#include "base/complaint.h"
#include "base/file.h"
#include "exchange/checkpoint_exchange.h"
#include "exchange/clock_guard.h"
#include "exchange/courier.h"
#include "exchange/key_change.h"
#include "exchange/peer_book.h"
#include "exchange/rule.h"
#include "exchange/search.h"
#include "exchange/token_login.h"
#include "exchange/views.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/client.h"
#include "net/networks.h"
#include "net/server.h"
#include "node/periodic.h"
#include "taxii/server.h"

namespace comity::node {
namespace {

constexpr std::size_t command_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t unknown_caller_bytes_max = 64 * 1024;  // and of tokens that only read
constexpr std::size_t waiting_of_caller_max = 256;           // requests, of 1,024 connections
constexpr std::chrono::seconds reads_flush_interval{5};
constexpr std::chrono::milliseconds submissions_interval{100};
constexpr std::chrono::seconds delivery_interval{1};  // how often is looked what is due
constexpr std::chrono::seconds indexing_interval{1};  // and whether records wait for their index
// How often open pages hear of what peers and commands changed; the API says its own changes
// itself.
constexpr std::chrono::milliseconds events_interval{500};

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

// An IPv6 address stands in brackets in a URL (RFC 3986 section 3.2.2), and in none elsewhere.
std::string without_brackets(std::string_view host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return std::string(host);
  return std::string(host.substr(1, host.size() - 2));
}

Result<Address> read_listen(const std::string& listen) {
  Address out;
  const auto colon = listen.rfind(':');
  if (colon != std::string::npos) {
    out.host = without_brackets(std::string_view(listen).substr(0, colon));
    const auto* begin = listen.data() + colon + 1;
    const auto* end = listen.data() + listen.size();
    const auto [stop, error] = std::from_chars(begin, end, out.port);
    if (error == std::errc() && stop == end && !out.host.empty()) return out;
  }
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no place to listen; expected ADDRESS:PORT", listen));
}

std::string url_of(const char* scheme, const std::string& host, std::uint16_t port) {
  const bool six = host.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", scheme, six ? "[" + host + "]" : host, port);
}

taxii::Caller holder_of(const exchange::Token& token) {
  return {token.party, token.name, token.writes()};
}

// Who asks: a peer by its certificate, else the holder of a token; nobody when neither holds.
// Unavailable when as many are being let in as may.
Result<taxii::Caller> caller_of(exchange::PeerBook& book, exchange::TokenLogin& login,
                                const net::Request& request) {
  if (auto party = book.party_of(request.peer_certificate_der); !party.empty()) {
    return taxii::Caller{std::move(party)};
  }
  const auto authorization = request.header("Authorization");
  if (!authorization) return taxii::Caller();
  const auto token = login.token_of(*authorization, request.remote_address);
  if (!token && token.error().kind == ErrorKind::Unavailable) {
    return tl::unexpected<Error>(token.error());
  }
  return token && *token ? holder_of(**token) : taxii::Caller();
}

// Who may submit nothing gets little memory. Must be quick: no password is looked at, for none is
// of a token that writes.
std::size_t body_bytes_max_of(exchange::Node& node, exchange::PeerBook& book,
                              const net::Request& request) {
  if (!book.party_of(request.peer_certificate_der).empty()) return taxii::envelope_bytes_max;
  const auto authorization = request.header("Authorization");
  if (!authorization || request.method != "POST") return unknown_caller_bytes_max;
  const auto snapshot = node.store().read();
  if (!snapshot) return unknown_caller_bytes_max;
  const auto token =
      exchange::token_of(**snapshot, *authorization, request.remote_address, node.now());
  return token && *token && (*token)->writes() ? taxii::envelope_bytes_max
                                               : unknown_caller_bytes_max;
}

net::Response operator_answer(int status, const json::Value& body) {
  net::Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = json::write(body);
  return response;
}

json::Object error_body(const Error& error) {
  json::Object out;
  out.set("error", error.message);
  out.set("where", error.where);
  out.set("kind", static_cast<std::int64_t>(error.kind));
  return out;
}

net::Response run_for_operator(exchange::Node& node, const net::Request& request) {
  constexpr std::string_view prefix = "/command/";
  const Command* command = nullptr;
  if (request.method == "POST" && request.path.starts_with(prefix)) {
    command = find_command(std::string_view(request.path).substr(prefix.size()));
  }
  if (command == nullptr) {
    return operator_answer(404, error_body({ErrorKind::NotFound, "there is no such command", ""}));
  }
  const auto arguments = json::parse(request.body);
  if (!arguments || arguments->object() == nullptr) {
    return operator_answer(400, error_body({ErrorKind::InvalidInput, "expected an object", "$"}));
  }
  const auto outcome = command->run(node, *arguments->object());
  if (!outcome) return operator_answer(400, error_body(outcome.error()));
  return operator_answer(200, to_json(*outcome));
}

Result<Outcome> run_over_socket(const std::string& directory, std::string_view name,
                                const json::Object& arguments) {
  if (arguments.find("acknowledge") != nullptr) {
    return fail(ErrorKind::Conflict,
                "--acknowledge works only while no other process serves the data directory");
  }
  net::ClientRequest request;
  request.method = "POST";
  request.url = fmt::format("http://localhost/command/{}", name);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = json::write(arguments);
  request.unix_socket_path = socket_path(directory);
  request.total_seconds_max = command_seconds_max;
  net::Client client;
  TRY(const auto response, client.send(request));
  TRY(const auto value, json::parse(response.body));
  if (response.status == 200) return outcome_from_json(value);
  const auto* kind = value.find("kind");
  const auto number = kind == nullptr || kind->integer() == nullptr
                          ? static_cast<std::int64_t>(ErrorKind::Unavailable)
                          : *kind->integer();
  return fail(static_cast<ErrorKind>(number), std::string(value.text("error")),
              std::string(value.text("where")));
}

// Pages and their API, with all that stands behind them.
struct Pages {
  Pages(exchange::Node& node, api::PageFiles files_of_pages, std::vector<std::string> names)
      : accounts(node),
        gate(accounts),
        events(node),
        files(std::move(files_of_pages)),
        door(node, accounts, gate, events, files, {std::move(names)}) {}

  api::Accounts accounts;
  api::AccountsGate gate;
  api::Events events;
  api::PageFiles files;
  api::OperatorApi door;
  std::string url;
  bool tls = false;
  std::unique_ptr<net::Server> server;
  std::unique_ptr<Periodic> look;  // last: it uses events
};

Result<std::unique_ptr<Pages>> start_pages(exchange::Node& node, const PagesOptions& options) {
  TRY(const auto place, read_listen(options.listen));
  const auto& host = place.host;
  TRY(const auto address, net::parse_address(host));
  auto files = api::PageFiles::embedded();
  if (!options.directory.empty()) {
    TRY(files, api::PageFiles::of_directory(options.directory));
  }
  auto pages = std::make_unique<Pages>(node, std::move(files), options.names);
  auto* shared = pages.get();
  shared->tls = !net::is_loopback(address);
  net::ServerOptions server;
  server.address = host;
  server.port = place.port;
  server.plain = !shared->tls;
  server.client_certificate = net::ClientCertificate::None;
  if (shared->tls) {
    server.certificate_pem = node.tls().certificate_pem;
    server.key_pem = node.tls().key_pem;
  }
  server.refusal = api::refusal;
  server.limits.body_bytes_max = api::raw_body_bytes_max;
  server.body_bytes_max_of = [shared](const net::Request& request) {
    return shared->door.body_bytes_max_of(request);
  };
  TRY(shared->server, net::Server::start(std::move(server), [shared](const net::Request& request) {
        return shared->door.handle(request);
      }));
  shared->url = url_of(shared->tls ? "https" : "http", host, shared->server->port());
  node.set_pages_url(shared->url);  // set-up links begin with it
  shared->look = std::make_unique<Periodic>(events_interval, [shared] { shared->door.refresh(); });
  return pages;
}

// As far as the system allows; with fewer there are fewer connections at a time.
void want_descriptors() {
  rlimit bounds{};
  if (::getrlimit(RLIMIT_NOFILE, &bounds) != 0 || bounds.rlim_cur >= descriptors_wanted) return;
  bounds.rlim_cur = std::min<rlim_t>(bounds.rlim_max, descriptors_wanted);
  (void)::setrlimit(RLIMIT_NOFILE, &bounds);
}

// Paths in arguments mean the caller's working directory, not the serving process's.
Result<json::Object> with_absolute_paths(json::Object arguments) {
  if (auto* file = arguments.find("file"); file != nullptr && file->string() != nullptr) {
    TRY(auto path, absolute_path(*file->string()));
    *file = std::move(path);
  }
  return arguments;
}

}  // namespace

Status check_listen(const std::string& listen) {
  TRY(const auto place, read_listen(listen));
  TRY(const auto address, net::parse_address(place.host));
  (void)address;
  return {};
}

std::string socket_path(const std::string& directory) { return directory + "/socket"; }

Result<std::uint16_t> free_port(const std::string& address) {
  TRY(const auto identity,
      trust::make_tls_identity("port", system_clock().now(),
                               Instant::from_seconds(system_clock().now().seconds() + 3600)));
  net::ServerOptions options;
  options.address = address;
  options.certificate_pem = identity.certificate_pem;
  options.key_pem = identity.key_pem;
  TRY(const auto server,
      net::Server::start(std::move(options), [](const net::Request&) { return net::Response(); }));
  return server->port();
}

struct Service::State {
  explicit State(exchange::Node& served)
      : node(served),
        views(served),
        taxii(views),
        login(served),
        book(served),
        clocks(served),
        courier(served),
        search(served) {}

  net::ServerOptions taxii_options(const Address& place);
  net::Response answer_taxii(const net::Request& request);
  Status start_peers();
  Status start_plain(const std::string& listen);

  // Peers are asked for their time; then what rules let go is disclosed, and what waits is sent.
  // What fails is tried again; why is said once.
  void deliver_due() {
    clocks.run_due();
    show_checkpoints();
    for (;;) {
      const auto more = exchange::apply_rules(node);
      const auto problem = more ? std::string() : more.error().text();
      if (!problem.empty() && problem != rule_problem) {
        complain("a rule was not applied: " + problem);
      }
      rule_problem = problem;
      if (!more || !*more || node.stopping()) break;
    }
    courier.run_due();
    present_certificate();
  }

  // What fails waits on; why is said once.
  void work_on_submissions() {
    for (;;) {
      const auto more = views.submissions().work();
      const auto problem = more ? std::string() : more.error().text();
      if (!problem.empty() && problem != submission_problem) {
        complain("a submission was not taken in: " + problem);
      }
      submission_problem = problem;
      if (!more || !*more || node.stopping()) break;
    }
  }

  // A new certificate is presented when the peers know it; connections that are open keep the old.
  // Also called after every command, so that what it says of the keys is so when it has answered.
  void present_certificate() {
    const std::lock_guard guard(presented_mutex);
    if (!node.keys().newest_tls) (void)exchange::present_newest(node);  // tried again
    const auto& tls = node.tls();
    if (tls.certificate_pem == presented) return;
    const auto changed = peers->use_identity(tls.certificate_pem, tls.key_pem);
    if (!changed) return;
    if (pages && pages->tls) (void)pages->server->use_identity(tls.certificate_pem, tls.key_pem);
    presented = tls.certificate_pem;
  }

  // What fails is due again at the next look.
  void show_checkpoints() {
    if (!shown_again) shown_again = exchange::show_checkpoint(node, true).has_value();
    (void)exchange::publish_when_due(node);
  }

  exchange::Node& node;
  bool shown_again = false;  // the newest checkpoint, since this process serves
  std::string rule_problem, submission_problem;
  exchange::Views views;
  taxii::Server taxii;
  exchange::TokenLogin login;
  exchange::PeerBook book;
  exchange::ClockWatch clocks;
  exchange::Courier courier;
  std::string address;
  std::mutex presented_mutex;
  std::string presented;  // certificate of the server for peers
  std::unique_ptr<net::Server> peers, operators;
  std::unique_ptr<net::Server> plain;  // null: without TLS nothing is served
  std::string plain_url;
  std::unique_ptr<Pages> pages;  // null: served nowhere
  exchange::SearchFollower search;
  std::unique_ptr<Periodic> reads_flush, submissions, delivery, indexing;
};

Service::Service(std::unique_ptr<State> state) : state_(std::move(state)) {}
Service::~Service() { stop(); }

// What a server that speaks TAXII at this place has in common with or without TLS.
net::ServerOptions Service::State::taxii_options(const Address& place) {
  net::ServerOptions out;
  out.address = place.host;
  out.port = place.port;
  out.refusal = taxii::refusal;
  // Nobody keeps all workers, or so many waiting, that others are not served.
  out.limits.running_of_caller_max = out.limits.worker_threads - 1;
  out.limits.waiting_of_caller_max = waiting_of_caller_max;
  out.limits.body_bytes_max = taxii::envelope_bytes_max;
  out.body_bytes_max_of = [this](const net::Request& request) {
    return body_bytes_max_of(node, book, request);
  };
  return out;
}

net::Response Service::State::answer_taxii(const net::Request& request) {
  const auto caller = caller_of(book, login, request);
  return caller ? taxii.handle(request, *caller) : taxii::answer_error(caller.error());
}

Status Service::State::start_peers() {
  TRY(const auto place, read_listen(node.listen()));
  address = place.host;
  auto options = taxii_options(place);
  const auto& tls = node.tls();
  options.certificate_pem = presented = tls.certificate_pem;
  options.key_pem = tls.key_pem;
  // Standard clients come with a token and without certificate; who has neither gets 401.
  options.client_certificate = net::ClientCertificate::Optional;
  TRY(peers, net::Server::start(std::move(options), [this](const net::Request& request) {
        return answer_taxii(request);
      }));
  return {};
}

// No certificate is shown there, and what a header says of one is nobody's word: by a token alone.
Status Service::State::start_plain(const std::string& listen) {
  TRY(const auto place, read_listen(listen));
  auto options = taxii_options(place);
  options.plain = true;
  TRY(plain, net::Server::start(std::move(options), [this](const net::Request& request) {
        return answer_taxii(request);
      }));
  plain_url = url_of("http", place.host, plain->port());
  return {};
}

Result<std::unique_ptr<Service>> Service::start(exchange::Node& node, const PagesOptions& pages,
                                                const std::string& taxii_plain) {
  auto state = std::make_unique<State>(node);
  auto* shared = state.get();
  node.stopping() = false;
  want_descriptors();
  TRY_STATUS(state->start_peers());
  if (!taxii_plain.empty()) {
    auto started = state->start_plain(taxii_plain);
    if (!started) return tl::unexpected<Error>(std::move(started.error()).at("--taxii-plain"));
  }
  net::ServerOptions operators;
  operators.unix_socket_path = socket_path(node.directory());
  operators.limits.body_bytes_max = command_bytes_max;
  TRY(state->operators,
      net::Server::start(std::move(operators), [shared](const net::Request& request) {
        auto answer = run_for_operator(shared->node, request);
        shared->present_certificate();
        return answer;
      }));
  if (!pages.listen.empty()) {
    TRY(state->pages, start_pages(node, pages));
  }
  // A flush that fails is tried again; beyond its bounds the log of reads refuses pages itself.
  state->reads_flush = std::make_unique<Periodic>(
      reads_flush_interval, [shared] { (void)shared->views.flush_reads(false); });
  state->submissions =
      std::make_unique<Periodic>(submissions_interval, [shared] { shared->work_on_submissions(); });
  state->delivery =
      std::make_unique<Periodic>(delivery_interval, [shared] { shared->deliver_due(); });
  state->indexing = std::make_unique<Periodic>(indexing_interval, [shared] {
    if (const auto followed = shared->search.follow(); !followed) {
      complain("records are kept, and not yet found by their text: " + followed.error().text());
    }
  });
  return std::unique_ptr<Service>(new Service(std::move(state)));
}

std::string Service::url() const {
  return fmt::format("https://{}:{}", state_->address, state_->peers->port());
}

std::string Service::taxii_plain_url() const { return state_->plain_url; }

std::string Service::pages_url() const { return state_->pages ? state_->pages->url : ""; }

void Service::stop() {
  state_->node.stopping() = true;
  if (state_->indexing) state_->indexing->stop();
  if (state_->delivery) state_->delivery->stop();
  if (state_->submissions) state_->submissions->stop();
  if (state_->pages) {
    state_->pages->look->stop();
    state_->pages->events.end_all();
    state_->pages->server->stop();
  }
  if (state_->operators) state_->operators->stop();
  if (state_->plain) state_->plain->stop();
  if (state_->peers) state_->peers->stop();
  if (state_->reads_flush) state_->reads_flush->stop();
  if (const auto entered = state_->views.flush_reads(true); !entered) {
    complain("the last reads are not in the ledger: " + entered.error().text());
  }
}

Result<Outcome> run_command(const std::string& directory, std::string_view name,
                            const json::Object& arguments) {
  const auto* command = find_command(name);
  CHECK(command != nullptr);
  TRY(const auto absolute, with_absolute_paths(arguments));
  if (!command->changes) {
    TRY(const auto node, exchange::Node::open(directory, exchange::NodeAccess::ReadOnly,
                                              system_clock(), system_random()));
    return command->run(*node, absolute);
  }
  const auto node = exchange::Node::open(directory, exchange::NodeAccess::ReadWrite, system_clock(),
                                         system_random());
  if (node) {
    auto outcome = command->run(**node, absolute);
    // No serving process follows with the texts of what came.
    if (const auto indexed = exchange::index_all_waiting(**node); !indexed) {
      complain("records are kept, and not yet found by their text: " + indexed.error().text());
    }
    return outcome;
  }
  // Somebody else has the directory: a serving process takes commands over its socket.
  if (node.error().kind == ErrorKind::Conflict && file_exists(socket_path(directory))) {
    return run_over_socket(directory, name, absolute);
  }
  return tl::unexpected<Error>(node.error());
}

}  // namespace comity::node
