#include "trust/pairing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "json/parse.h"
#include "json/write.h"
#include "trust/members.h"

namespace comity::trust {
namespace {

constexpr std::string_view invitation_type = "comity-invitation";
constexpr std::int64_t format_number = 2;
constexpr std::size_t host_bytes_max = 253;  // RFC 1035 section 2.3.4, without the last point
constexpr std::size_t digit_groups = 8;
constexpr std::size_t group_digits = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A name or IPv4 address in lower case, or an IPv6 address in brackets. What does not resolve is
// found when it is dialled; here no path, user or query may hide in it.
bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 4) return false;
    host = host.substr(1, host.size() - 2);
    return host.size() <= 45 && host.find(':') != std::string_view::npos &&
           std::all_of(host.begin(), host.end(), [](char c) {
             return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
           });
  }
  const auto inner = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); };
  return !host.empty() && host.size() <= host_bytes_max && inner(host.front()) &&
         inner(host.back()) && host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(),
                     [&](char c) { return inner(c) || c == '.' || c == '-'; });
}

bool is_port(std::string_view port) {
  int value = 0;
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), value);
  return problem == std::errc() && end == port.data() + port.size() && !port.starts_with('0') &&
         value >= 1 && value <= 65535;
}

Status check_endpoint(std::string_view endpoint) {
  constexpr std::string_view scheme = "https://";
  if (endpoint.starts_with(scheme)) {
    const auto rest = endpoint.substr(scheme.size());
    const auto colon = rest.rfind(':');
    if (colon != std::string_view::npos && is_host(rest.substr(0, colon)) &&
        is_port(rest.substr(colon + 1))) {
      return {};
    }
  }
  return wrong_member("endpoint", fmt::format("'{}' is no endpoint; expected https://host:port in "
                                              "lower case and nothing behind the port",
                                              endpoint.substr(0, 300)));
}

// The record inside an invitation as text of its own.
Result<std::string> record_member(const json::Object& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr || value->object() == nullptr) {
    return wrong_member(name, "expected a signed key record, an object");
  }
  return json::canonical(*value);
}

// An invitation as far as it can be judged without a clock, with its canonical bytes.
struct Form {
  Invitation invitation;
  std::string canonical;
};

Result<Form> read_form(const std::string& text) {
  if (text.size() > invitation_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("an invitation of {} bytes; at most {} are read",
                                                 text.size(), invitation_bytes_max));
  }
  TRY(const auto value, json::parse(text));
  // The format comes before the members: an invitation of another format has others.
  if (const auto* given = value.find("format"); value.text("type") == invitation_type &&
                                                given != nullptr && given->integer() != nullptr &&
                                                *given->integer() != format_number) {
    return fail(ErrorKind::Unsupported,
                fmt::format("found format {}, expected {}; one side needs another version of "
                            "Comity",
                            *given->integer(), format_number),
                "$.format");
  }
  TRY(const auto* object, object_of_type(value, invitation_type,
                                         {"type", "format", "party", "mode", "invited", "endpoint",
                                          "root_key", "node_record", "tls_record", "seal_record"}));
  TRY_STATUS(integer_member(*object, "format"));
  Invitation invitation;
  TRY(invitation.party, text_member(*object, "party"));
  TRY(invitation.mode, text_member(*object, "mode"));
  TRY(invitation.invited, text_member(*object, "invited"));
  TRY(invitation.endpoint, text_member(*object, "endpoint"));
  TRY(invitation.root_key, bytes_member(*object, "root_key", public_key_bytes));
  TRY(invitation.node_record, record_member(*object, "node_record"));
  TRY(invitation.tls_record, record_member(*object, "tls_record"));
  TRY(invitation.seal_record, record_member(*object, "seal_record"));
  TRY_STATUS(check_party("party", invitation.party));
  TRY_STATUS(check_mode("mode", invitation.mode));
  TRY_STATUS(check_party("invited", invitation.invited));
  if (invitation.invited == invitation.party) {
    return wrong_member("invited", "a party cannot invite itself");
  }
  TRY_STATUS(check_endpoint(invitation.endpoint));
  if (!is_public_key(invitation.root_key)) {
    return wrong_member("root_key", "not a usable Ed25519 public key");
  }
  return Form{std::move(invitation), json::canonical(value)};
}

tl::unexpected<Error> wrong_record(const std::string& name, std::string message) {
  return fail(ErrorKind::NotVerified, std::move(message), "$." + name);
}

// A key record of the inviting party for `use`, valid at `now`.
Result<KeyRecord> record_for(const Invitation& invitation, const std::string& text,
                             const std::string& use, Instant now) {
  const auto name = use + "_record";
  auto opened = open_key_record(text, invitation.root_key);
  if (!opened) return tl::unexpected<Error>(std::move(opened).error().at("$." + name));
  if (opened->party != invitation.party) {
    return wrong_record(name, fmt::format("the record is of {}, the invitation of {}",
                                          opened->party, invitation.party));
  }
  if (opened->mode != invitation.mode) {
    return wrong_record(name, fmt::format("the record is for mode {}, the invitation for {}",
                                          opened->mode, invitation.mode));
  }
  if (opened->use != use) {
    return wrong_record(name,
                        fmt::format("the record is for use {}, expected {}", opened->use, use));
  }
  if (now < opened->not_before || now >= opened->not_after) {
    return wrong_record(
        name, fmt::format("the record holds from {} until {}, now is {}; ask {} "
                          "for a new invitation or correct the clock",
                          format_rfc3339(opened->not_before), format_rfc3339(opened->not_after),
                          format_rfc3339(now), invitation.party));
  }
  return opened;
}

// The first 132 bits of the digest as a decimal number with 40 digits: 2^132 < 10^40, so nothing is
// lost and no digit is favoured but the first.
std::string decimal_digits(const Digest& digest) {
  std::array<unsigned, 17> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  bytes.back() &= 0xF0;
  // Shifted down by four bits, so that the half byte that is not used is gone.
  for (std::size_t i = bytes.size() - 1; i > 0; --i) {
    bytes[i] = (bytes[i] >> 4) | ((bytes[i - 1] & 0x0F) << 4);
  }
  bytes.front() >>= 4;
  std::string out(digit_groups * group_digits, '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit) {
    unsigned rest = 0;
    for (auto& byte : bytes) {
      const auto value = rest * 256 + byte;
      byte = value / 10;
      rest = value % 10;
    }
    *digit = static_cast<char>('0' + rest);
  }
  return out;
}

}  // namespace

std::string write_invitation(const Invitation& invitation) {
  auto node_record = json::parse(invitation.node_record);
  auto tls_record = json::parse(invitation.tls_record);
  auto seal_record = json::parse(invitation.seal_record);
  CHECK(node_record.has_value() && tls_record.has_value() && seal_record.has_value());
  json::Object object;
  object.set("type", invitation_type);
  object.set("format", format_number);
  object.set("party", invitation.party);
  object.set("mode", invitation.mode);
  object.set("invited", invitation.invited);
  object.set("endpoint", invitation.endpoint);
  object.set("root_key", base64url(invitation.root_key));
  object.set("node_record", *std::move(node_record));
  object.set("tls_record", *std::move(tls_record));
  object.set("seal_record", *std::move(seal_record));
  return json::canonical(std::move(object));
}

Result<Invitation> read_invitation(const std::string& text, Instant now) {
  TRY(auto form, read_form(text));
  TRY_STATUS(pinned_peer(form.invitation, now));
  return std::move(form.invitation);
}

Result<PinnedPeer> pinned_peer(const Invitation& invitation, Instant now) {
  TRY(const auto node, record_for(invitation, invitation.node_record, "node", now));
  TRY(const auto tls, record_for(invitation, invitation.tls_record, "tls", now));
  TRY(const auto seal, record_for(invitation, invitation.seal_record, "seal", now));
  // A root that also serves online is no root: whoever takes the node would own the party.
  if (node.key == invitation.root_key) {
    return wrong_record("node_record", "the node key is the root key; they must be two");
  }
  TRY(const auto certificate, digest_from_bytes(tls.key));
  return PinnedPeer{invitation.party, invitation.endpoint, node.key, seal.key, certificate};
}

Result<std::vector<std::string>> comparison_digits(const std::string& invitation_a,
                                                   const std::string& invitation_b) {
  TRY(const auto a, read_form(invitation_a));
  TRY(const auto b, read_form(invitation_b));
  if (a.invitation.party != b.invitation.invited || b.invitation.party != a.invitation.invited ||
      a.invitation.mode != b.invitation.mode) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} invites {} ({}) and {} invites {} ({}); expected two invitations "
                            "that answer each other in one mode",
                            a.invitation.party, a.invitation.invited, a.invitation.mode,
                            b.invitation.party, b.invitation.invited, b.invitation.mode));
  }
  const auto& [first, second] = std::minmax(a.canonical, b.canonical);
  const auto digits = decimal_digits(Sha256().add(first).add(second).finish());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < digits.size(); i += group_digits) {
    out.push_back(digits.substr(i, group_digits));
  }
  return out;
}

}  // namespace comity::trust
