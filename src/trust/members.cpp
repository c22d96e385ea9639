#include "trust/members.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "trust/keys.h"

namespace comity::trust {

tl::unexpected<Error> wrong_member(std::string_view name, std::string message) {
  return fail(ErrorKind::InvalidInput, std::move(message), fmt::format("$.{}", name));
}

Result<const json::Object*> object_of_type(const json::Value& value, std::string_view type,
                                           std::initializer_list<std::string_view> members) {
  const auto* object = value.object();
  if (object == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found {}, expected an object of type {}", value.type_name(), type),
                "$");
  }
  // The type comes first: with another one, every member would be wrong.
  if (value.text("type") != type) {
    return wrong_member(
        "type", fmt::format("found '{}', expected '{}'", value.text("type").substr(0, 80), type));
  }
  for (const auto& [name, ignored] : *object) {
    if (std::find(members.begin(), members.end(), name) == members.end()) {
      return wrong_member(name.substr(0, 80),
                          fmt::format("unknown member; {} has {}", type,
                                      fmt::join(members.begin(), members.end(), ", ")));
    }
  }
  for (const auto name : members) {
    if (object->find(name) == nullptr) {
      return wrong_member(name, fmt::format("missing; {} needs it", type));
    }
  }
  return object;
}

Result<std::string> text_member(const json::Object& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr || value->string() == nullptr) {
    return wrong_member(name, fmt::format("found {}, expected a string",
                                          value == nullptr ? "nothing" : value->type_name()));
  }
  return *value->string();
}

Result<std::int64_t> integer_member(const json::Object& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr || value->integer() == nullptr) {
    return wrong_member(name, fmt::format("found {}, expected an integer",
                                          value == nullptr ? "nothing" : value->type_name()));
  }
  return *value->integer();
}

Result<Instant> instant_member(const json::Object& object, std::string_view name) {
  TRY(const auto text, text_member(object, name));
  const auto instant = parse_rfc3339(text);
  if (!instant || format_rfc3339(*instant) != text) {
    return wrong_member(name, fmt::format("'{}' is no instant of the form 2026-11-23T05:00:00Z",
                                          text.substr(0, 80)));
  }
  return *instant;
}

Result<std::string> bytes_member(const json::Object& object, std::string_view name,
                                 std::size_t size) {
  TRY(const auto text, text_member(object, name));
  auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != size) {
    return wrong_member(name, fmt::format("'{}' is not base64url of {} bytes without padding",
                                          text.substr(0, 80), size));
  }
  return bytes;
}

Status check_party(std::string_view name, std::string_view code) {
  const bool shaped = code.size() >= 2 && code.size() <= party_code_bytes_max &&
                      code.front() >= 'A' && code.front() <= 'Z' &&
                      std::all_of(code.begin(), code.end(), [](char c) {
                        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
                      });
  if (shaped) return {};
  return wrong_member(name, fmt::format("'{}' is no party code; expected 2 to {} capital letters, "
                                        "digits and hyphens, a letter first",
                                        code.substr(0, 80), party_code_bytes_max));
}

Status check_mode(std::string_view name, std::string_view mode) {
  if (mode == "exercise" || mode == "operational") return {};
  return wrong_member(
      name, fmt::format("'{}' is no mode; expected exercise or operational", mode.substr(0, 80)));
}

}  // namespace comity::trust
