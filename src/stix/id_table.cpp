#include "stix/id_table.h"

#include <fmt/format.h>

#include <cstring>

#include "stix/object.h"

namespace comity::stix {
namespace {

constexpr std::uint32_t hashed_type = UINT32_MAX;
constexpr std::size_t piece_entries = std::size_t{1} << 15;
constexpr std::size_t slots_first = 64;
constexpr std::size_t uuid_text_bytes = 36;
constexpr std::size_t uuid_bytes = 16;

using Uuid = std::uint8_t[uuid_bytes];

bool is_uuid_dash(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// The value of a digit as it stands in a regular id.
int small_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Reads a UUID in small letters.
bool read_small_uuid(std::string_view text, Uuid& out) {
  if (text.size() != uuid_text_bytes) return false;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_uuid_dash(i)) {
      if (text[i] != '-') return false;
      continue;
    }
    const int digit = small_digit(text[i]);
    if (digit < 0) return false;
    auto& byte = out[digits / 2];
    byte = static_cast<std::uint8_t>(digits % 2 == 0 ? digit << 4 : byte | digit);
    ++digits;
  }
  return true;
}

}  // namespace

IdTable::IdTable(std::size_t ids_max, Random& random)
    : ids_max_(ids_max), hash_(random.bytes(hash_key_bytes)), slots_(slots_first) {
  CHECK(ids_max < UINT32_MAX);
}

IdTable::Entry IdTable::hashed(std::string_view id) const {
  const auto hash = hash_(id);
  Entry out;
  out.type = hashed_type;
  std::memcpy(out.words, &hash.low, sizeof(hash.low));
  std::memcpy(out.words + 2, &hash.high, sizeof(hash.high));
  return out;
}

std::optional<IdTable::Entry> IdTable::entry_of(std::string_view id) const {
  Uuid uuid;
  const auto type = type_of(id);
  if (!is_identifier(id) || !read_small_uuid(id.substr(type.size() + 2), uuid)) return hashed(id);
  const auto known = types_.find(type);
  if (known == types_.end()) {
    return type_names_.size() < id_types_max ? std::nullopt : std::optional(hashed(id));
  }
  Entry out;
  out.type = known->second;
  std::memcpy(out.words, uuid, sizeof(uuid));
  return out;
}

IdTable::Entry IdTable::new_entry_of(std::string_view id) {
  auto entry = entry_of(id);
  if (!entry) {
    const std::string type(type_of(id));
    types_.emplace(type, static_cast<std::uint32_t>(type_names_.size()));
    type_names_.push_back(type);
    entry = entry_of(id);
  }
  return *entry;
}

const IdTable::Entry& IdTable::at(Number number) const {
  return pieces_[number / piece_entries][number % piece_entries];
}

std::size_t IdTable::home(const Entry& entry) const {
  char bytes[sizeof(Entry)];
  std::memcpy(bytes, &entry, sizeof(Entry));
  return static_cast<std::size_t>(hash_({bytes, sizeof(bytes)}).low) & (slots_.size() - 1);
}

std::optional<IdTable::Number> IdTable::find(const Entry& entry) const {
  for (auto slot = home(entry); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if (at(slots_[slot] - 1) == entry) return slots_[slot] - 1;
  }
  return std::nullopt;
}

void IdTable::place(const Entry& entry, Number number) {
  auto slot = home(entry);
  while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = number + 1;
}

void IdTable::grow() {
  const auto size = slots_.size() * 2;
  slots_ = std::vector<Number>();  // the old slots are given back before the new ones are taken
  slots_.resize(size);
  for (Number number = 0; number < size_; ++number) place(at(number), number);
}

Result<IdTable::Number> IdTable::add(std::string_view id) {
  const auto entry = new_entry_of(id);
  if (const auto known = find(entry)) return *known;
  if (full()) {
    return fail(ErrorKind::TooLarge,
                fmt::format("more than {} different ids; divide it into several", ids_max_));
  }
  if (size_ >= slots_.size() / 4 * 3) grow();
  if (size_ % piece_entries == 0) {
    pieces_.emplace_back();
    // A small table stays small.
    if (size_ > 0) pieces_.back().reserve(piece_entries);
  }
  const auto number = static_cast<Number>(size_);
  pieces_.back().push_back(entry);
  place(entry, number);
  ++size_;
  return number;
}

std::optional<IdTable::Number> IdTable::find(std::string_view id) const {
  const auto entry = entry_of(id);
  return entry ? find(*entry) : std::nullopt;
}

std::optional<std::string> IdTable::spelled(Number number) const {
  const auto& entry = at(number);
  if (entry.type == hashed_type) return std::nullopt;
  Uuid uuid;
  std::memcpy(uuid, entry.words, sizeof(uuid));
  auto out = type_names_[entry.type] + "--";
  for (std::size_t i = 0; i < uuid_bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    for (const int digit : {uuid[i] >> 4, uuid[i] & 15}) out += "0123456789abcdef"[digit];
  }
  return out;
}

std::size_t IdTable::bytes() const {
  auto out = slots_.capacity() * sizeof(Number);
  for (const auto& piece : pieces_) out += piece.capacity() * sizeof(Entry);
  return out;
}

}  // namespace comity::stix
