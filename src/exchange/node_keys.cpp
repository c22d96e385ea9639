#include "exchange/node_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "trust/revocation.h"

namespace comity::exchange {
namespace {

std::string numbered(std::string_view name, std::int64_t number, std::string_view ending) {
  return number == 1 ? fmt::format("{}{}", name, ending)
                     : fmt::format("{}-{}{}", name, number, ending);
}

std::string keys_folder(const std::string& directory) { return directory + "/keys/"; }

tl::unexpected<Error> differs(const std::string& path) {
  return fail(ErrorKind::Corrupt,
              "is not the key that the node's key record names; restore the keys folder as it was",
              path);
}

Result<trust::TlsIdentity> read_identity(const std::string& folder, const RingKey& key) {
  const auto path = folder + certificate_file(key.record.number);
  trust::TlsIdentity out;
  TRY(out.certificate_pem, read_file(path, key_file_bytes_max));
  TRY(out.key_pem, read_file(folder + key_file("tls", key.record.number), key_file_bytes_max));
  auto digest = trust::certificate_digest(out.certificate_pem);
  if (!digest) return tl::unexpected<Error>(std::move(digest.error()).at(path));
  if (key.record.key != view(*digest)) return differs(path);
  return out;
}

Result<trust::SigningKey> read_signing_key(const std::string& folder, const RingKey& key) {
  const auto path = folder + key_file("node", key.record.number);
  TRY(const auto pem, read_file(path, key_file_bytes_max));
  auto out = trust::SigningKey::from_pem(pem);
  if (!out) return tl::unexpected<Error>(std::move(out.error()).at(path));
  if (out->public_key() != key.record.key) return differs(path);
  return out;
}

Status check_seal_key(const std::string& folder, const RingKey& key) {
  const auto path = folder + key_file("seal", key.record.number);
  TRY(const auto pem, read_file(path, key_file_bytes_max));
  auto seal = trust::read_seal_key(pem);
  if (!seal) return tl::unexpected<Error>(std::move(seal.error()).at(path));
  if (seal->public_key != key.record.key) return differs(path);
  return {};
}

}  // namespace

std::string key_file(std::string_view use, std::int64_t number) {
  return numbered(use, number, use == "tls" ? "-key.pem" : ".pem");
}

std::string certificate_file(std::int64_t number) {
  return numbered("tls", number, "-certificate.pem");
}

Result<trust::KeyRecord> make_key(const std::string& directory, const std::string& party,
                                  const std::string& mode, const std::string& use,
                                  std::int64_t number, Instant now) {
  const auto folder = keys_folder(directory);
  trust::KeyRecord record;
  record.party = party;
  record.mode = mode;
  record.use = use;
  record.algorithm = trust::algorithm_of(use);
  record.number = number;
  record.not_before = Instant::from_seconds(now.seconds());
  record.not_after = Instant::from_seconds(now.seconds() + key_validity_days * seconds_per_day);
  std::string private_pem;
  if (use == "node") {
    const auto key = trust::SigningKey::generate();
    record.key = key.public_key();
    private_pem = key.to_pem();
  } else if (use == "seal") {
    const auto key = trust::make_seal_key();
    record.key = key.public_key;
    private_pem = key.private_pem;
  } else {
    TRY(const auto tls, trust::make_tls_identity(party, now, record.not_after));
    TRY(const auto digest, trust::certificate_digest(tls.certificate_pem));
    record.key = view(digest);
    private_pem = tls.key_pem;
    TRY_STATUS(write_file(folder + certificate_file(number), tls.certificate_pem));
  }
  TRY_STATUS(write_file(folder + key_file(use, number), private_pem, 0600));
  return record;
}

Result<Keyring> make_root_and_keys(const std::string& directory, const std::string& party,
                                   const std::string& mode, int count, const Keyring& before,
                                   Instant now) {
  const auto folder = keys_folder(directory);
  TRY_STATUS(make_directories(folder));
  const auto root = trust::SigningKey::generate();
  auto ring = before;
  ring.set_root(root.public_key(), now);
  for (const auto* use : {"node", "tls", "seal"}) {
    // Numbers go on over roots: they are in the names of the files.
    std::int64_t number = 1;
    for (const auto& key : before.keys) {
      if (key.record.use == use) number = std::max(number, key.record.number + 1);
    }
    TRY(const auto record, make_key(directory, party, mode, use, number, now));
    ring.add(record, trust::sign_key_record(record, root), now);
  }
  TRY_STATUS(write_file(folder + numbered("root", count, ".pem"), root.to_pem(), 0600));
  TRY_STATUS(
      write_file(folder + numbered("root", count, ".public"), base64url(root.public_key()) + "\n"));
  TRY_STATUS(write_file(folder + numbered("root", count, "-revocation.json"),
                        trust::sign_root_revocation(party, mode, root) + "\n", 0600));
  return ring;
}

Result<std::unique_ptr<const NodeKeys>> load_node_keys(const std::string& directory,
                                                       const Keyring& ring,
                                                       std::int64_t tls_number) {
  const auto folder = keys_folder(directory);
  const auto* node = ring.present("node");
  const auto* seal = ring.present("seal");
  const auto* newest = ring.present("tls");
  const auto* tls = ring.find("tls", tls_number);
  if (node == nullptr || seal == nullptr || newest == nullptr || tls == nullptr) {
    return fail(ErrorKind::Corrupt,
                ring.keys.empty()
                    ? "the store has no list of this node's keys: it was made by an older version "
                      "of comity, which had none; make a new node with comity init and pair anew"
                    : "the list of this node's keys lacks one that is in use; restore a backup",
                directory);
  }
  TRY(auto signing, read_signing_key(folder, *node));
  TRY(auto presented, read_identity(folder, *tls));
  TRY_STATUS(check_seal_key(folder, *seal));
  std::optional<trust::TlsIdentity> other;
  // While it presents the old certificate it can be without the new one, and the other way round:
  // what is not there is not needed to go on.
  const auto* beside = tls == newest ? nullptr : newest;
  for (const auto& key : ring.keys) {
    if (tls == newest && key.record.use == "tls" && &key != newest) beside = &key;
  }
  if (beside != nullptr) {
    if (auto read = read_identity(folder, *beside)) other = *std::move(read);
  }
  std::vector<std::string> node_keys;
  for (auto key = ring.keys.rbegin(); key != ring.keys.rend(); ++key) {
    if (key->record.use == "node") node_keys.push_back(key->record.key);
  }
  return std::unique_ptr<const NodeKeys>(
      new NodeKeys{std::move(signing), std::move(presented), std::move(other), tls == newest,
                   ring.root, node->text, tls->text, seal->text, std::move(node_keys)});
}

}  // namespace comity::exchange
