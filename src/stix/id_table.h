// The ids of very many objects in little memory: each gets a number, from 0 on, in the order in
// which it was added. About 30 bytes an id, whatever its length.
//
// A regular id, a type and a UUID in small letters as almost all are, is kept as the number of its
// type and the 16 bytes of the UUID: exactly, so that no other id is taken for it, and it can be
// spelled again. Of any other text (capitals, types beyond `id_types_max`, what is no identifier) a
// hash of 128 bits is kept, under a key that nobody knows. Open addressing under the same key:
// whoever chooses the ids cannot make the table slow. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "base/result.h"
#include "base/world.h"

namespace comity::stix {

// What a file of 4 GiB can hold and name is below this, and 1 GiB of memory what it costs.
constexpr std::size_t table_ids_max = 32'000'000;
// Types whose ids are kept exactly; the standard has 43.
constexpr std::size_t id_types_max = 4096;

class IdTable {
 public:
  using Number = std::uint32_t;

  explicit IdTable(std::size_t ids_max = table_ids_max, Random& random = system_random());

  // The number of the id, a new one when it was not there. TooLarge when `ids_max` are.
  Result<Number> add(std::string_view id);
  std::optional<Number> find(std::string_view id) const;
  std::size_t size() const { return size_; }
  bool full() const { return size_ == ids_max_; }
  // How the id is spelled; nothing when it is no regular one.
  std::optional<std::string> spelled(Number number) const;
  // What the table has allocated.
  std::size_t bytes() const;

 private:
  // 20 bytes: the UUID as it stands in memory, or a hash, and which of the two.
  struct Entry {
    std::uint32_t type = 0;
    std::uint32_t words[4] = {};

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  Entry hashed(std::string_view id) const;
  // Nothing when the id is regular but of a type that the table has not seen.
  std::optional<Entry> entry_of(std::string_view id) const;
  Entry new_entry_of(std::string_view id);
  const Entry& at(Number number) const;
  std::size_t home(const Entry& entry) const;
  std::optional<Number> find(const Entry& entry) const;
  void place(const Entry& entry, Number number);
  void grow();

  std::size_t ids_max_, size_ = 0;
  KeyedHash hash_;
  std::map<std::string, std::uint32_t, std::less<>> types_;
  std::vector<std::string> type_names_;
  // In pieces that stay where they are: one vector would need twice its memory to grow.
  std::vector<std::vector<Entry>> pieces_;
  std::vector<Number> slots_;  // number + 1; 0: free. A power of two, at most 3/4 taken
};

}  // namespace comity::stix
