#include "exchange/member_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace comity::exchange {

MemberReader::MemberReader(const json::Value& value, std::string path)
    : value_(value), path_(std::move(path)) {
  if (value.object() == nullptr) wrong("", "expected an object");
}

std::string MemberReader::text(const char* name, bool required) {
  const auto* member = find(name, required);
  if (member == nullptr) return {};
  if (member->string() == nullptr) {
    wrong(name, "expected a string");
    return {};
  }
  return *member->string();
}

std::int64_t MemberReader::number(const char* name) {
  const auto* member = find(name, true);
  if (member == nullptr) return 0;
  if (member->integer() == nullptr) {
    wrong(name, "expected a whole number");
    return 0;
  }
  return *member->integer();
}

bool MemberReader::flag(const char* name) {
  const auto* member = find(name, false);
  if (member == nullptr) return false;
  if (member->boolean() == nullptr) wrong(name, "expected true or false");
  return member->boolean() != nullptr && *member->boolean();
}

Digest MemberReader::digest(const char* name) {
  const auto found = text(name);
  const auto parsed = digest_from_text(found);
  if (!parsed) {
    wrong(name, "expected sha256: and 64 hexadecimal digits");
    return {};
  }
  return *parsed;
}

Instant MemberReader::time(const char* name) {
  const auto parsed = parse_rfc3339(text(name));
  if (!parsed) wrong(name, "expected an RFC 3339 instant");
  return parsed.value_or(Instant{});
}

const json::Array& MemberReader::list(const char* name, bool required) {
  static const json::Array none;
  const auto* member = find(name, required);
  if (member == nullptr) return none;
  if (member->array() == nullptr) {
    wrong(name, "expected a list");
    return none;
  }
  return *member->array();
}

const json::Value* MemberReader::raw(const char* name) { return find(name, true); }

void MemberReader::wrong(const std::string& name, std::string what) {
  if (error_) return;
  error_ =
      Error{ErrorKind::InvalidInput, std::move(what), name.empty() ? path_ : path_ + "." + name};
}

Status MemberReader::done() {
  if (value_.object() != nullptr) {
    for (const auto& [name, member] : *value_.object()) {
      if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
        wrong(name, "an unknown member");
      }
    }
  }
  if (error_) return tl::unexpected<Error>(*error_);
  return {};
}

std::string MemberReader::path(const char* name, std::size_t index) const {
  return fmt::format("{}.{}[{}]", path_, name, index);
}

const json::Value* MemberReader::find(const char* name, bool required) {
  asked_.emplace_back(name);
  const auto* member = value_.find(name);
  if (member == nullptr && required) wrong(name, "is missing");
  return member;
}

}  // namespace comity::exchange
