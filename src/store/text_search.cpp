#include "store/text_search.h"

#include <algorithm>
#include <cstring>

namespace comity::store {
namespace {

// So many bytes are folded at a time: a number that is known beforehand lets the compiler do them
// together.
constexpr std::size_t block = 32;

}  // namespace

TextSearch::TextSearch(std::string_view text) : text_(folded(text)) {}

bool TextSearch::finds(std::string_view stix_id, std::string_view label) {
  if (folded(stix_id.substr(0, text_.size())) == text_) return true;
  // Its time does not depend on how nearly a label has the text, as that of `find` would.
  const auto where = folded(label);
  return memmem(where.data(), where.size(), text_.data(), text_.size()) != nullptr;
}

std::string_view TextSearch::folded(std::string_view text) {
  const auto whole = (text.size() + block - 1) / block * block;
  if (buffer_.size() < whole) buffer_.resize(whole);
  std::copy(text.begin(), text.end(), buffer_.begin());
  for (std::size_t at = 0; at < whole; at += block) {
    char* const bytes = buffer_.data() + at;
    for (std::size_t i = 0; i < block; ++i) {
      const bool large = bytes[i] >= 'A' && bytes[i] <= 'Z';
      bytes[i] = static_cast<char>(bytes[i] | (large ? 0x20 : 0));
    }
  }
  return std::string_view(buffer_).substr(0, text.size());
}

}  // namespace comity::store
