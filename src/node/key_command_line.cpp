#include "node/key_command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "base/world.h"
#include "exchange/node_keys.h"
#include "node/officer_keys.h"
#include "node/serve.h"
#include "trust/revocation.h"

namespace comity::node {
namespace {

constexpr int roots_looked_at_max = 100;  // in the keys folder, when no file is named

// What the flags of one such command said; kept by its action.
struct KeyFlags {
  std::string use, root, party, file, out;
  std::int64_t number = 0;
  std::vector<std::string> officers, passphrase_files;
};
using KeptKeyFlags = std::shared_ptr<KeyFlags>;

Status need_data(const std::string& data) {
  if (!data.empty()) return {};
  return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
}

Result<trust::SigningKey> read_root(const std::string& path) {
  TRY(const auto pem, read_file(path, exchange::key_file_bytes_max));
  auto key = trust::SigningKey::from_pem(pem);
  if (!key) return tl::unexpected<Error>(std::move(key.error()).at(path));
  return key;
}

// The root key from the file that was named, else from the keys folder.
Result<trust::SigningKey> root_key(const std::string& data, const std::string& named,
                                   const std::string& public_key) {
  if (!named.empty()) {
    TRY(auto key, read_root(named));
    if (key.public_key() == public_key) return key;
    return fail(ErrorKind::NotVerified, "is not the root key of this node", named);
  }
  for (int count = 1; count <= roots_looked_at_max; ++count) {
    const auto path = data + "/keys/" + exchange::key_file("root", count);
    if (!file_exists(path)) continue;
    TRY(auto key, read_root(path));
    if (key.public_key() == public_key) return key;
  }
  return fail(ErrorKind::NotFound,
              "the root key is not in the keys folder; bring the medium on which it is kept and "
              "name the file with --root",
              data + "/keys");
}

// A signed record of a key that the node has just made.
Result<std::string> record_by_root(const std::string& data, const KeyFlags& flags) {
  json::Object arguments;
  arguments.set("use", flags.use);
  TRY(const auto draft, run_command(data, "key-draft", arguments));
  const json::Value value(draft.data);
  trust::KeyRecord record;
  record.party = value.text("party");
  record.mode = value.text("mode");
  record.use = value.text("use");
  record.algorithm = trust::algorithm_of(record.use);
  TRY(record.key, from_base64url(value.text("key")));
  record.number = *value.find("number")->integer();
  TRY(record.not_before, parse_rfc3339(value.text("not_before")));
  TRY(record.not_after, parse_rfc3339(value.text("not_after")));
  TRY_STATUS(trust::check_key_record(record));
  TRY(const auto public_key, from_base64url(value.text("root")));
  TRY(const auto root, root_key(data, flags.root, public_key));
  return trust::sign_key_record(record, root);
}

Result<Outcome> rotate(const std::string& data, const KeyFlags& flags) {
  TRY_STATUS(need_data(data));
  json::Object arguments;
  TRY(auto record, record_by_root(data, flags));
  arguments.set("record", std::move(record));
  Passphrases passphrases(flags.passphrase_files);
  return run_approved(data, "key-change", std::move(arguments), flags.officers, passphrases);
}

Result<Outcome> revoke(const std::string& data, const KeyFlags& flags) {
  TRY_STATUS(need_data(data));
  json::Object arguments;
  TRY(const auto listed, run_command(data, "key-list", {}));
  const json::Value known(listed.data);
  trust::KeyRevocation revocation{std::string(known.text("party")), std::string(known.text("mode")),
                                  flags.use, flags.number};
  bool present = false, found = false;
  for (const auto& row : *known.find("keys")->array()) {
    if (row.text("party") != revocation.party || row.text("use") != flags.use ||
        *row.find("number")->integer() != flags.number) {
      continue;
    }
    found = true;
    present = row.text("state") == "present";
  }
  if (!found) {
    return fail(ErrorKind::NotFound,
                fmt::format("this node has no {} key number {}; comity key list shows them",
                            flags.use, flags.number));
  }
  TRY(const auto node,
      exchange::Node::open(data, exchange::NodeAccess::ReadOnly, system_clock(), system_random()));
  TRY(const auto root, root_key(data, flags.root, node->root_public_key()));
  // The present key cannot go without another one: that comes first, in the same change.
  if (present) {
    TRY(auto record, record_by_root(data, flags));
    arguments.set("record", std::move(record));
  }
  arguments.set("revocation", trust::sign_key_revocation(revocation, root));
  Passphrases passphrases(flags.passphrase_files);
  return run_approved(data, "key-change", std::move(arguments), flags.officers, passphrases);
}

Result<Outcome> renew_root(const std::string& data, const KeyFlags& flags) {
  TRY_STATUS(need_data(data));
  TRY(auto text, read_file(flags.file, trust::revocation_bytes_max));
  json::Object arguments;
  arguments.set("revocation", std::move(text));
  Passphrases passphrases(flags.passphrase_files);
  return run_approved(data, "key-renew-root", std::move(arguments), flags.officers, passphrases);
}

Result<Outcome> notice(const std::string& data, const KeyFlags& flags) {
  TRY_STATUS(need_data(data));
  json::Object arguments;
  arguments.set("party", flags.party);
  TRY(auto outcome, run_command(data, "key-notice", arguments));
  if (flags.out.empty()) return outcome;
  TRY_STATUS(write_file(flags.out, outcome.text));
  outcome.text = fmt::format("wrote the keys of this node for {} to {}\n", flags.party, flags.out);
  return outcome;
}

void add_use(CLI::App& command, const KeptKeyFlags& flags) {
  command.add_option("use", flags->use, "node, tls or seal")
      ->required()
      ->check(CLI::IsMember({"node", "tls", "seal"}));
  command.add_option("--root", flags->root, "file of the root key; default: in the keys folder");
  add_approval(command, flags->officers, flags->passphrase_files);
}

}  // namespace

void add_key_commands(CLI::App& app, const CommandAdder& adder) {
  auto* group = app.add_subcommand("key", "the keys of this node and of its peers");
  group->require_subcommand(1);
  const auto& data = adder.data;
  adder.add(*group, "list", "own keys and each peer's: use, number, id, from, until, state",
            "comity key list --data cn", [&data]() -> Result<Outcome> {
              TRY_STATUS(need_data(data));
              return run_command(data, "key-list", {});
            });
  const auto rotating = std::make_shared<KeyFlags>();
  add_use(*adder.add(*group, "rotate", "a new key in the place of the present one; peers are told",
                     "comity key rotate node --data cn",
                     [&data, rotating] { return rotate(data, *rotating); }),
          rotating);
  const auto revoking = std::make_shared<KeyFlags>();
  auto* end = adder.add(*group, "revoke", "end a key; the present one is replaced first",
                        "comity key revoke tls --number 1 --data cn",
                        [&data, revoking] { return revoke(data, *revoking); });
  add_use(*end, revoking);
  end->add_option("--number", revoking->number, "as key list shows it")->required();
  const auto renewing = std::make_shared<KeyFlags>();
  auto* renew = adder.add(*group, "renew-root", "revoke the root and make another; pair anew then",
                          "comity key renew-root root-revocation.json --data cn",
                          [&data, renewing] { return renew_root(data, *renewing); });
  renew->add_option("file", renewing->file, "the revocation that was written with the root")
      ->required();
  add_approval(*renew, renewing->officers, renewing->passphrase_files);
  const auto telling = std::make_shared<KeyFlags>();
  auto* tell = adder.add(*group, "notice", "the newest notice to a peer, to be handed over",
                         "comity key notice RU --out keys-for-ru.json --data cn",
                         [&data, telling] { return notice(data, *telling); });
  tell->add_option("party", telling->party, "for whom")->required();
  tell->add_option("--out", telling->out, "file to write");
  const auto taking = std::make_shared<KeyFlags>();
  auto* take =
      adder.add(*group, "take", "take a peer's notice, or the revocation of its root",
                "comity key take from-ru.json --data cn", [&data, taking]() -> Result<Outcome> {
                  TRY_STATUS(need_data(data));
                  TRY(auto path, absolute_path(taking->file));
                  json::Object arguments;
                  arguments.set("file", std::move(path));
                  return run_command(data, "key-take", arguments);
                });
  take->add_option("file", taking->file, "what the peer handed over")->required();
}

}  // namespace comity::node
