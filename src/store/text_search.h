// How a list of records is searched for a text, alike in every backend: A to Z stand for a to z,
// all other bytes for themselves. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace comity::store {

// In how many bytes of labels one step of a list looks; the label that reaches the bound is the
// last one. It goes on from there with the next step.
constexpr std::int64_t searched_bytes_max = std::int64_t{16} * 1024 * 1024;

class TextSearch {
 public:
  explicit TextSearch(std::string_view text);

  // Looks for nothing: everything is found.
  bool empty() const { return text_.empty(); }
  bool finds(std::string_view stix_id, std::string_view label);

 private:
  // In small letters, until the next call.
  std::string_view folded(std::string_view text);

  std::string buffer_;  // before what is folded in it
  std::string text_;
};

}  // namespace comity::store
