// Checkpoints as C2SP signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint) with Ed25519.
// The signer and the verifier are passed in: this folder knows no keys.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace comity::ledger {

constexpr std::size_t note_bytes_max = 64 * 1024;

struct Checkpoint {
  std::string origin;  // "comity/CN/exercise"
  std::uint64_t size = 0;
  Digest root{};
};

// Signs bytes; returns the 64 bytes of an Ed25519 signature.
using Sign = std::function<std::string(std::string_view bytes)>;
// True when the signature over bytes holds.
using Verify = std::function<bool(std::string_view bytes, std::string_view signature)>;

// The first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ public key), as the format demands.
std::uint32_t note_key_id(std::string_view name, std::string_view public_key);

// Asks for an origin that can name a key: no blanks, no plus sign.
std::string sign_checkpoint(const Checkpoint& checkpoint, std::string_view public_key,
                            const Sign& sign);
// Checks form, origin and the signature of the origin's key; further signatures are allowed and
// ignored. Extension lines are refused: a checkpoint says nothing that is not in the three lines.
Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                   std::string_view public_key, const Verify& verify);

}  // namespace comity::ledger
