// Strict reading of the members of a protocol object: what is missing, unknown, of another type or
// not in its only spelling is refused. For this folder; errors name the JSON path.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/time.h"
#include "json/value.h"

namespace comity::trust {

// An error of a member: `where` is "$.name".
tl::unexpected<Error> wrong_member(std::string_view name, std::string message);

// The value as an object of this `type` with exactly these members, `type` among them.
Result<const json::Object*> object_of_type(const json::Value& value, std::string_view type,
                                           std::initializer_list<std::string_view> members);

Result<std::string> text_member(const json::Object& object, std::string_view name);
Result<std::int64_t> integer_member(const json::Object& object, std::string_view name);
// RFC 3339 in UTC with whole seconds, "2026-11-23T05:00:00Z".
Result<Instant> instant_member(const json::Object& object, std::string_view name);
// Base64url of exactly `size` bytes.
Result<std::string> bytes_member(const json::Object& object, std::string_view name,
                                 std::size_t size);

// Capital letters, digits and hyphens, beginning with a letter.
Status check_party(std::string_view name, std::string_view code);
// "exercise" or "operational".
Status check_mode(std::string_view name, std::string_view mode);

}  // namespace comity::trust
