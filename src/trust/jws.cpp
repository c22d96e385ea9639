#include "trust/jws.h"

#include <fmt/format.h>

#include "json/write.h"

namespace comity::trust {
namespace {

constexpr std::string_view signature_name = "signature";
// Between header and signature stands the payload, which is detached: nothing.
constexpr std::string_view separator = "..";

// The only header that a signature of this key on this type can have. Its bytes are compared, so no
// other spelling and no other algorithm is ever looked into.
std::string header_for(std::string_view public_key, std::string_view type) {
  json::Object header;
  header.set("alg", "EdDSA");
  header.set("b64", false);
  header.set("crit", json::Array{"b64"});
  header.set("kid", key_id(public_key));
  header.set("typ", type);
  return base64url(json::canonical(std::move(header)));
}

// What is signed, RFC 7797 section 3: the payload follows as it is.
std::string input_of(std::string_view header, const json::Object& object) {
  auto payload = object;
  payload.erase(signature_name);
  std::string out(header);
  out += '.';
  out += json::canonical(std::move(payload));
  return out;
}

tl::unexpected<Error> not_verified(std::string message) {
  return fail(ErrorKind::NotVerified, std::move(message), "$.signature");
}

const std::string& type_of(const json::Object& object) {
  const auto* type = object.find("type");
  CHECK(type != nullptr && type->string() != nullptr && !type->string()->empty());
  return *type->string();
}

}  // namespace

std::string signing_input(const json::Object& object, std::string_view public_key) {
  return input_of(header_for(public_key, type_of(object)), object);
}

void sign_object(json::Object& object, const SigningKey& key) {
  const auto header = header_for(key.public_key(), type_of(object));
  auto signature = key.sign(input_of(header, object));
  object.set(std::string(signature_name),
             fmt::format("{}{}{}", header, separator, base64url(signature)));
}

Status verify_object(const json::Object& object, std::string_view public_key) {
  const auto* type = object.find("type");
  if (type == nullptr || type->string() == nullptr || type->string()->empty()) {
    return fail(ErrorKind::NotVerified, "the object has no type, so nothing can be signed as it",
                "$.type");
  }
  const auto* member = object.find(signature_name);
  if (member == nullptr) return not_verified("the object is not signed");
  if (member->string() == nullptr) {
    return not_verified(
        fmt::format("found {}, expected one detached JWS as a string", member->type_name()));
  }
  const std::string_view text = *member->string();
  const auto header = header_for(public_key, *type->string());
  if (!text.starts_with(header + std::string(separator))) {
    return not_verified(
        fmt::format("the header is not that of an EdDSA signature by key {} on a "
                    "{}; it is signed by another key, for another type or in "
                    "another form",
                    key_id(public_key), type->string()->substr(0, 80)));
  }
  const auto signature = from_base64url(text.substr(header.size() + separator.size()));
  if (!signature || signature->size() != signature_bytes) {
    return not_verified("the signature part is not base64url of 64 bytes");
  }
  if (!verify_signature(public_key, input_of(header, object), *signature)) {
    return not_verified(
        fmt::format("the signature of key {} does not hold: the object was changed "
                    "after signing or the signature is not its own",
                    key_id(public_key)));
  }
  return {};
}

}  // namespace comity::trust
