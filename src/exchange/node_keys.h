// The private keys of a node: files in its keys folder, and the ring that says which of them count.
//
// The ring lies in the store and changes in one transaction with its ledger entry; a key file is
// written before, under a name of its own, and counts from that transaction on. So a process that
// is killed leaves the old keys or the new ones. Values; loaded ones are never changed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exchange/keyring.h"
#include "trust/keys.h"

namespace comity::exchange {

constexpr int key_validity_days = 3 * 365;
constexpr std::size_t key_file_bytes_max = 64 * 1024;

struct NodeKeys {
  trust::SigningKey signing;
  trust::TlsIdentity tls;                       // which the node presents
  std::optional<trust::TlsIdentity> other_tls;  // which some peers may know alone
  bool newest_tls = true;                       // whether the presented one is the newest
  std::string root;                             // raw public key
  std::string node_record, tls_record, seal_record;
  std::vector<std::string> node_keys;  // public: all that this node ever had, newest first
};

// The names of the files of a key, from the keys folder: that of number 1 has none of it in its
// name.
std::string key_file(std::string_view use, std::int64_t number);
std::string certificate_file(std::int64_t number);

// Makes a private key for a use, writes its files and gives the record that a root has to sign.
Result<trust::KeyRecord> make_key(const std::string& directory, const std::string& party,
                                  const std::string& mode, const std::string& use,
                                  std::int64_t number, Instant now);

// Signs a new record for each use with a new root, from these numbers on, and writes all files of
// root and keys. `count` says the how many-th root of this node it is.
Result<Keyring> make_root_and_keys(const std::string& directory, const std::string& party,
                                   const std::string& mode, int count, const Keyring& before,
                                   Instant now);

// Reads the key files that a ring needs and compares them with its records: a swapped one is found
// here and not by a puzzled peer. `tls_number` is the certificate to present.
Result<std::unique_ptr<const NodeKeys>> load_node_keys(const std::string& directory,
                                                       const Keyring& ring,
                                                       std::int64_t tls_number);

}  // namespace comity::exchange
