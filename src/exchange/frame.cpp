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

// The form that a statement says it has.
const Form* form_read(MemberReader& reader, std::span<const Form> forms) {
  const auto number = reader.number("format");
  for (const auto& form : forms) {
    if (form.number == number) return &form;
  }
  std::string known;
  for (const auto& form : forms) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", form.number);
  }
  reader.wrong("format", fmt::format("{} is not known here; this program reads {}", number, known));
  return &forms.back();
}

}  // namespace

json::Object new_frame(const char* type, const std::string& id, Instant time, const char* extension,
                       const Form& form) {
  json::Object out;
  out.set("type", type);
  out.set("spec_version", "2.1");
  out.set("id", id);
  out.set("created", format_rfc3339(time, 6));
  out.set("modified", format_rfc3339(time, 6));
  out.set("extensions", extensions_with(extension));
  out.set("format", form.number);
  return out;
}

Frame read_frame(MemberReader& reader, const char* type, const char* extension,
                 std::span<const Form> forms) {
  Frame out;
  if (reader.text("type") != type) reader.wrong("type", fmt::format("expected {}", type));
  if (reader.text("spec_version") != "2.1") reader.wrong("spec_version", "expected 2.1");
  out.id = reader.text("id");
  if (!stix::is_identifier(out.id) || stix::type_of(out.id) != type) {
    reader.wrong("id", fmt::format("expected {}--<UUID>", type));
  }
  out.time = reader.time("created");
  if (reader.time("modified") != out.time) reader.wrong("modified", "expected the same as created");
  const auto* extensions = reader.raw("extensions");
  if (extensions == nullptr || *extensions != json::Value(extensions_with(extension))) {
    reader.wrong("extensions", fmt::format("expected {} alone, as new-sdo", extension));
  }
  out.form = form_read(reader, forms);
  reader.raw("signature");
  return out;
}

std::string_view addressee_of(const json::Value& statement) {
  for (const char* name : {to_name, earlier_to_name}) {
    if (statement.find(name) != nullptr) return statement.text(name);
  }
  return {};
}

void set_list(json::Object& out, const Form& form, const char* name, json::Array items) {
  if (form.empty_lists || !items.empty()) out.set(name, std::move(items));
}

const json::Array& list_of(MemberReader& reader, const Form& form, const char* name) {
  const auto& items = reader.list(name, form.empty_lists);
  if (items.empty() && !form.empty_lists && reader.has(name)) {
    reader.wrong(name, "expected at least one, or no such member");
  }
  return items;
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
