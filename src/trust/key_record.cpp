#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"
#include "trust/keys.h"
#include "trust/members.h"

namespace comity::trust {
namespace {

constexpr std::string_view record_type = "comity-key-record";

// What a key of a use is written as.
std::size_t key_bytes(std::string_view use) {
  return use == "seal" ? seal_key_bytes : public_key_bytes;
}

Status check_key(const KeyRecord& record) {
  if (record.use == "node") {
    if (is_public_key(record.key)) return {};
    return wrong_member("key", "not a usable Ed25519 public key");
  }
  if (record.use == "seal") {
    if (is_seal_key(record.key)) return {};
    return wrong_member("key", "not a point of P-256 in compressed form");
  }
  if (record.key.size() == Digest{}.size()) return {};
  return wrong_member("key", "expected the 32 bytes of a SHA-256 digest");
}

// `verify` is asked before any member but the type is looked at.
template <typename Verify>
Result<KeyRecord> read_record(const std::string& text, Verify verify) {
  if (text.size() > key_record_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a key record of {} bytes; at most {} are read",
                                                 text.size(), key_record_bytes_max));
  }
  TRY(const auto value, json::parse(text));
  TRY(const auto* object, object_of_type(value, record_type,
                                         {"type", "party", "mode", "use", "algorithm", "key",
                                          "not_before", "not_after", "number", "signature"}));
  TRY_STATUS(verify(*object));
  KeyRecord record;
  TRY(record.party, text_member(*object, "party"));
  TRY(record.mode, text_member(*object, "mode"));
  TRY(record.use, text_member(*object, "use"));
  TRY(record.algorithm, text_member(*object, "algorithm"));
  TRY(record.key, bytes_member(*object, "key", key_bytes(record.use)));
  TRY(record.not_before, instant_member(*object, "not_before"));
  TRY(record.not_after, instant_member(*object, "not_after"));
  TRY(record.number, integer_member(*object, "number"));
  TRY_STATUS(check_key_record(record));
  return record;
}

}  // namespace

std::string_view algorithm_of(std::string_view use) {
  if (use == "node") return "Ed25519";
  if (use == "tls" || use == "seal") return "P-256";
  return {};
}

Status check_key_record(const KeyRecord& record) {
  TRY_STATUS(check_party("party", record.party));
  TRY_STATUS(check_mode("mode", record.mode));
  const auto algorithm = algorithm_of(record.use);
  if (algorithm.empty()) {
    return wrong_member("use", fmt::format("'{}' is no use of a key; expected node, tls or seal",
                                           record.use.substr(0, 80)));
  }
  if (record.algorithm != algorithm) {
    return wrong_member("algorithm",
                        fmt::format("found '{}', expected {} for use {}",
                                    record.algorithm.substr(0, 80), algorithm, record.use));
  }
  TRY_STATUS(check_key(record));
  constexpr std::int64_t latest_s = 253'402'300'799;  // the last second of 9999
  if (record.not_before.seconds() < 0 || record.not_after.seconds() > latest_s ||
      record.not_before.seconds() >= record.not_after.seconds()) {
    return wrong_member("not_after", "expected an instant after not_before, within 1970 to 9999");
  }
  constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;
  if (record.number < 1 || record.number > number_max) {
    return wrong_member("number", fmt::format("found {}, expected 1 to 2^53-1", record.number));
  }
  return {};
}

std::string sign_key_record(const KeyRecord& record, const SigningKey& root) {
  CHECK(check_key_record(record).has_value());
  json::Object object;
  object.set("type", record_type);
  object.set("party", record.party);
  object.set("mode", record.mode);
  object.set("use", record.use);
  object.set("algorithm", record.algorithm);
  object.set("key", base64url(record.key));
  object.set("not_before", format_rfc3339(record.not_before));
  object.set("not_after", format_rfc3339(record.not_after));
  object.set("number", record.number);
  sign_object(object, root);
  return json::canonical(std::move(object));
}

Result<KeyRecord> open_key_record(const std::string& text, std::string_view root_public_key) {
  return read_record(
      text, [&](const json::Object& object) { return verify_object(object, root_public_key); });
}

Result<KeyRecord> read_key_record(const std::string& text) {
  return read_record(text, [](const json::Object&) { return Status(); });
}

}  // namespace comity::trust
