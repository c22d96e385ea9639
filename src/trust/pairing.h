// Invitations: how two parties pin each other's keys. Which party a root speaks for is what the
// local officer entered, never what a certificate says. Form: docs/formats/invitation.md.
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "trust/keys.h"

namespace comity::trust {

constexpr std::size_t invitation_bytes_max = 16 * 1024;

struct Invitation {
  std::string party, mode;                           // who invites
  std::string invited;                               // for whom it is meant
  std::string endpoint;                              // https://host:port
  std::string root_key;                              // raw 32 bytes
  std::string node_record, tls_record, seal_record;  // signed key records, JSON text
};

// What an invitation proves once its records hold under its own root.
struct PinnedPeer {
  std::string party, endpoint, node_key, seal_key;
  Digest certificate{};
};

// Asks for key records that are JSON; what else is wrong is found by read_invitation.
std::string write_invitation(const Invitation& invitation);
// Checks form, members and that the key records hold under the root, name the party and mode, are
// for the right use and are valid at `now`.
Result<Invitation> read_invitation(const std::string& text, Instant now);
Result<PinnedPeer> pinned_peer(const Invitation& invitation, Instant now);

// Eight groups of five digits from 132 bits of SHA-256 over both invitations (RFC 8785 form) in
// byte order: the same on both sides and in every language. The two must be of one mode and invite
// each other.
Result<std::vector<std::string>> comparison_digits(const std::string& invitation_a,
                                                   const std::string& invitation_b);

}  // namespace comity::trust
