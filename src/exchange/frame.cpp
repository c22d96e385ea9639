#include "exchange/frame.h"

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"
#include "stix/object.h"
#include "trust/jws.h"

namespace comity::exchange {
namespace {

json::Object extensions_with(const char* extension) {
  json::Object new_type;
  new_type.set("extension_type", "new-sdo");
  json::Object extensions;
  extensions.set(extension, std::move(new_type));
  return extensions;
}

}  // namespace

json::Object new_frame(const char* type, const std::string& id, Instant time,
                       const char* extension) {
  json::Object out;
  out.set("type", type);
  out.set("spec_version", "2.1");
  out.set("id", id);
  out.set("created", format_rfc3339(time, 6));
  out.set("modified", format_rfc3339(time, 6));
  out.set("extensions", extensions_with(extension));
  return out;
}

Instant read_frame(MemberReader& reader, const char* type, const char* extension,
                   std::int64_t format, std::string& id) {
  if (reader.text("type") != type) reader.wrong("type", fmt::format("expected {}", type));
  if (reader.text("spec_version") != "2.1") reader.wrong("spec_version", "expected 2.1");
  id = reader.text("id");
  if (!stix::is_identifier(id) || stix::type_of(id) != type) {
    reader.wrong("id", fmt::format("expected {}--<UUID>", type));
  }
  const auto time = reader.time("created");
  if (reader.time("modified") != time) reader.wrong("modified", "expected the same as created");
  const auto* extensions = reader.raw("extensions");
  if (extensions == nullptr || *extensions != json::Value(extensions_with(extension))) {
    reader.wrong("extensions", fmt::format("expected {} alone, as new-sdo", extension));
  }
  if (reader.number("format") != format) {
    reader.wrong("format", fmt::format("expected {}", format));
  }
  reader.raw("signature");
  return time;
}

SignedObject signed_object(json::Object object, const trust::SigningKey& key) {
  trust::sign_object(object, key);
  SignedObject out;
  out.bytes = json::canonical(object);
  out.digest = sha256(out.bytes);
  return out;
}

Result<json::Value> verified_object(std::string_view bytes, std::string_view public_key) {
  TRY(auto value, json::parse(bytes));
  if (value.object() == nullptr) {
    return fail(ErrorKind::InvalidInput, "expected a signed object", "$");
  }
  TRY_STATUS(trust::verify_object(*value.object(), public_key));
  return value;
}

}  // namespace comity::exchange
