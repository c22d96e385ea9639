// Values by which records are found, each in one canonical form: an address, a name of a host, a
// digest … as it is written in objects, in patterns and in the field where a person searches.
//
// What is stored is the name of a kind and the canonical form; both are written to stores, so a
// change of either needs the index made anew (docs/formats/search.md). Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comity::stix {

// A longer canonical form is kept as its digest, so that it is found only as a whole.
constexpr std::size_t value_bytes_max = 512;

enum class ValueKind {
  Address,  // IPv4 or IPv6
  Network,  // CIDR block
  Domain,
  Url,
  Email,
  Mac,
  As,
  Md5,
  Sha1,
  Sha256,
  Sha512,
  Sha3_256,
  Sha3_512,
  Ssdeep,
  Tlsh,
  ImpHash,
  Hash,  // of another algorithm
  File,
  Directory,
  Mutex,
  RegistryKey,
  UserAgent,
  Account,
  CommandLine,
  Service,
  SerialNumber,
  MessageId,
  Cpe,
  Vulnerability,
  ExternalId,
};
constexpr std::size_t value_kind_count = 30;

// "address", "sha-256" …: as stores, answers and pages name it.
std::string_view name(ValueKind kind);

struct SearchValue {
  ValueKind kind = ValueKind::Address;
  std::string value;  // canonical, not empty, at most `value_bytes_max`
  auto operator<=>(const SearchValue&) const = default;
};

// The canonical form of a text that is said to be of that kind, and the kind that it really is: an
// address with a length of its network is a network, `/32` an address. What has not the form of its
// kind is found as the folded text that it is. Nothing for a text without any character to compare.
std::optional<SearchValue> canonical_value(ValueKind kind, std::string_view text);

// The kind that shows in a text itself: an address, a network, a URL, an e-mail or MAC address, a
// name of a host with a dot; nothing for any other text.
std::optional<ValueKind> kind_by_form(std::string_view text);
// Of the name of an algorithm as STIX 2.1 section 10.7 has it, in any case.
ValueKind kind_of_hash(std::string_view algorithm);
// CVE-YYYY-NNNN…, in any case.
bool is_cve(std::string_view text);

// All canonical forms, of whatever kind, that a text which a person searches for may have; at most
// `looked_up_max`, each once.
constexpr std::size_t looked_up_max = 8;
std::vector<std::string> values_asked(std::string_view text);

}  // namespace comity::stix
