// Which peer a certificate is pinned to, for who answers many requests: looked up once in each
// epoch of the store. A certificate that is none of the present ones is asked for each time,
// because a former one counts for a while only (keyring.h). Thread-safe and quick.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "exchange/node.h"

namespace comity::exchange {

class PeerBook {
 public:
  explicit PeerBook(Node& node) : node_(node) {}

  // Empty: nobody's, also where the store cannot be read.
  std::string party_of(const std::string& certificate_der);

 private:
  struct Pinned {
    std::uint64_t epoch = 0;
    std::map<Digest, std::string> parties;
  };
  Result<std::string> look(const Digest& certificate);

  Node& node_;
  std::mutex mutex_;
  std::shared_ptr<const Pinned> pinned_;  // guarded; null: nothing was looked up yet
};

}  // namespace comity::exchange
