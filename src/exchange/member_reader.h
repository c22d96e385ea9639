// Strict reading of the members of one JSON object of a signed statement.
//
// A reader remembers the first thing that is wrong, so that a caller reads all members and asks
// once, by done(). It refers to the value it reads, which must outlive it. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "json/value.h"

namespace comity::exchange {

class MemberReader {
 public:
  // `path` is the place of the object in errors: "$", "$.records[3]".
  MemberReader(const json::Value& value, std::string path);

  std::string text(const char* name, bool required = true);
  std::int64_t number(const char* name);
  bool flag(const char* name);  // absent: false
  Digest digest(const char* name);
  Instant time(const char* name);  // RFC 3339
  const json::Array& list(const char* name, bool required = true);
  const json::Value* raw(const char* name);  // null when it is missing
  bool has(const char* name) const { return value_.find(name) != nullptr; }
  void wrong(const std::string& name, std::string what);
  // The first thing that was wrong; every member that was not asked for is wrong, too.
  Status done();
  // "$.records[3]"
  std::string path(const char* name, std::size_t index) const;
  // "$.body"
  std::string path(const char* name) const { return path_ + "." + name; }

 private:
  const json::Value* find(const char* name, bool required);

  const json::Value& value_;
  std::string path_;
  std::vector<std::string_view> asked_;  // names that outlive the reader
  std::optional<Error> error_;
};

}  // namespace comity::exchange
