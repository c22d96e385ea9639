// The serving process of a data directory: TAXII over mutual TLS for peers and, where that is asked
// for, in plain HTTP on this machine for clients with a token, commands over a Unix socket for this
// machine's operator, and the pages and their API at an address of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exchange/node.h"
#include "node/command.h"

namespace comity::node {

// Descriptors that a serving process asks the system for: so many that no server of it has to keep
// fewer connections than its bound (net/limits.h).
constexpr std::uint64_t descriptors_wanted = 8192;
constexpr int command_seconds_max = 3600;  // a client of the socket waits this long for one command

// The socket of a data directory, whether or not anybody listens.
std::string socket_path(const std::string& directory);

// Whether a node could listen at ADDRESS:PORT (numeric address).
Status check_listen(const std::string& listen);

// A port that is free now, for a node whose port was left open.
Result<std::uint16_t> free_port(const std::string& address);

// Where and how the pages are served.
struct PagesOptions {
  // ADDRESS:PORT; empty: nowhere. On a loopback address in plain HTTP, which never leaves this
  // machine; on any other with the node's own TLS identity.
  std::string listen;
  std::vector<std::string> names;  // by which browsers call them, beside the address
  std::string directory;           // files instead of those in the program; empty: those
};

class Service {
 public:
  // Listens on all of them when it returns. `taxii_plain` is the ADDRESS:PORT, loopback alone, of
  // TAXII without TLS; empty: nowhere.
  static Result<std::unique_ptr<Service>> start(exchange::Node& node,
                                                const PagesOptions& pages = {},
                                                const std::string& taxii_plain = {});
  ~Service();

  std::string url() const;
  // Where the pages are; empty when they are served nowhere.
  std::string pages_url() const;
  // Where TAXII is served without TLS; empty: nowhere.
  std::string taxii_plain_url() const;
  void stop();

 private:
  struct State;
  explicit Service(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Runs a command of a node: in this process when nobody holds the data directory (or the command
// only reads), else in the process that serves it.
Result<Outcome> run_command(const std::string& directory, std::string_view name,
                            const json::Object& arguments);

}  // namespace comity::node
