// A JSON value as a tree that keeps the order of members. Owned by whoever holds it; a tree is not
// shared between threads while it is changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace comity::json {

// The largest integer that every reader of JSON keeps as it is (RFC 7493, 2.2): 2^53 − 1.
constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;

class Value;
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;

// Members in the order in which they were read or added; names are unique.
class Object {
 public:
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  // Appends, or replaces the value of an existing member.
  Value& set(std::string name, Value value);
  void erase(std::string_view name);
  // Appends without looking for the name: for the parser, which has checked.
  void append(std::string name, Value value);
  void reserve(std::size_t count);

  bool empty() const;
  std::size_t size() const;
  std::vector<Member>::const_iterator begin() const;
  std::vector<Member>::const_iterator end() const;

  // Equal when the same names have equal values, in whatever order.
  bool operator==(const Object&) const;

 private:
  std::vector<Member> members_;
};

class Value {
 public:
  Value() : data_(nullptr) {}
  Value(std::nullptr_t) : data_(nullptr) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(std::int64_t{value}) {}
  Value(std::int64_t value) : data_(value) {}
  Value(std::uint64_t value) : data_(static_cast<std::int64_t>(value)) {}
  Value(double value) : data_(value) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(Object value) : data_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  // An integer as written without fraction or exponent, within ±(2^53−1).
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }
  const double* number() const { return std::get_if<double>(&data_); }
  const std::string* string() const { return std::get_if<std::string>(&data_); }
  const Array* array() const { return std::get_if<Array>(&data_); }
  Array* array() { return std::get_if<Array>(&data_); }
  const Object* object() const { return std::get_if<Object>(&data_); }
  Object* object() { return std::get_if<Object>(&data_); }

  // The member of an object; null when this is no object or has no such member.
  const Value* find(std::string_view name) const;
  // The text of a string member; empty when it is absent or no string.
  std::string_view text(std::string_view name) const;

  // "string", "object" …: for messages.
  const char* type_name() const;

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data_;
};

inline bool Object::empty() const { return members_.empty(); }
inline std::size_t Object::size() const { return members_.size(); }
inline std::vector<Member>::const_iterator Object::begin() const { return members_.begin(); }
inline std::vector<Member>::const_iterator Object::end() const { return members_.end(); }

}  // namespace comity::json
