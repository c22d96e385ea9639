#include "trust/revocation.h"

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"
#include "trust/members.h"

namespace comity::trust {
namespace {

constexpr std::string_view key_type = "comity-key-revocation";
constexpr std::string_view root_type = "comity-root-revocation";
constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;

Result<json::Value> read(const std::string& text) {
  if (text.size() > revocation_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a revocation of {} bytes; at most {} are read",
                                                 text.size(), revocation_bytes_max));
  }
  return json::parse(text);
}

Status check(const KeyRevocation& revocation) {
  TRY_STATUS(check_party("party", revocation.party));
  TRY_STATUS(check_mode("mode", revocation.mode));
  if (algorithm_of(revocation.use).empty()) {
    return wrong_member("use", "expected node, tls or seal");
  }
  if (revocation.number < 1 || revocation.number > number_max) {
    return wrong_member("number", fmt::format("found {}, expected 1 to 2^53-1", revocation.number));
  }
  return {};
}

}  // namespace

std::string sign_key_revocation(const KeyRevocation& revocation, const SigningKey& root) {
  CHECK(check(revocation).has_value());
  json::Object object;
  object.set("type", key_type);
  object.set("party", revocation.party);
  object.set("mode", revocation.mode);
  object.set("use", revocation.use);
  object.set("number", revocation.number);
  sign_object(object, root);
  return json::canonical(std::move(object));
}

Result<KeyRevocation> open_key_revocation(const std::string& text,
                                          std::string_view root_public_key) {
  TRY(const auto value, read(text));
  TRY(const auto* object,
      object_of_type(value, key_type, {"type", "party", "mode", "use", "number", "signature"}));
  TRY_STATUS(verify_object(*object, root_public_key));
  KeyRevocation out;
  TRY(out.party, text_member(*object, "party"));
  TRY(out.mode, text_member(*object, "mode"));
  TRY(out.use, text_member(*object, "use"));
  TRY(out.number, integer_member(*object, "number"));
  TRY_STATUS(check(out));
  return out;
}

std::string sign_root_revocation(const std::string& party, const std::string& mode,
                                 const SigningKey& root) {
  CHECK(check_party("party", party).has_value() && check_mode("mode", mode).has_value());
  json::Object object;
  object.set("type", root_type);
  object.set("party", party);
  object.set("mode", mode);
  object.set("root_key", base64url(root.public_key()));
  sign_object(object, root);
  return json::canonical(std::move(object));
}

Result<RootRevocation> open_root_revocation(const std::string& text) {
  TRY(const auto value, read(text));
  TRY(const auto* object,
      object_of_type(value, root_type, {"type", "party", "mode", "root_key", "signature"}));
  RootRevocation out;
  TRY(out.party, text_member(*object, "party"));
  TRY(out.mode, text_member(*object, "mode"));
  TRY(out.root, bytes_member(*object, "root_key", public_key_bytes));
  TRY_STATUS(check_party("party", out.party));
  TRY_STATUS(check_mode("mode", out.mode));
  if (!is_public_key(out.root)) {
    return wrong_member("root_key", "not a usable Ed25519 public key");
  }
  TRY_STATUS(verify_object(*object, out.root));
  return out;
}

}  // namespace comity::trust
