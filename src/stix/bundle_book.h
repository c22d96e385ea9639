// What the objects of one bundle are to each other: versions of one object, ends of relationships,
// translations and their originals (STIX 2.1 sections 3.6, 7.1 and 8). Holds one row of 64 bytes an
// object, however large it is, and reads again what has to be compared. One thread; the text that
// the objects stand in outlives the book.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"
#include "stix/version.h"

namespace comity::stix {

class Judge;

constexpr std::size_t bundle_objects_max = 4'000'000;

class BundleBook {
 public:
  // The next object, which was read from these bytes and stands at `index` of the bundle; at most
  // `bundle_objects_max` of them.
  void add(const json::Value& object, std::string_view bytes, std::size_t index);

  // When every object is known: reports to the Judge, which stands at the bundle. Of each kind of
  // finding those come in the order of the text, translations by their originals.
  // `behind` is told now and then which byte of the text was read again last.
  void finish(Judge& judge, const std::function<void(const char*)>& behind);

 private:
  using Key = std::array<std::uint8_t, 16>;  // the first half of a SHA-256

  struct Row {
    Key id, created_by;
    std::int64_t created = 0, modified = 0;  // microseconds
    const char* bytes = nullptr;
    std::uint32_t size : 30 = 0;
    std::uint32_t is_relationship : 1 = 0;
    std::uint32_t is_language : 1 = 0;
    std::uint32_t index : 26 = 0;
    std::uint32_t has_created : 1 = 0;
    std::uint32_t has_modified : 1 = 0;
    std::uint32_t has_creator : 1 = 0;
    std::uint32_t is_revoked : 1 = 0;
    std::uint32_t is_versioned : 1 = 0;

    std::string_view text() const { return {bytes, size}; }
  };
  static_assert(sizeof(Row) == 64);

  struct Fault {
    std::size_t index = 0;
    std::string_view property;  // none: a version that stands there already
    std::string_view rule;
  };
  using Range = std::pair<const Row*, const Row*>;

  static Key key_of(std::string_view id);
  static Version version_of_row(const Row& row);
  Range rows_of(std::string_view id) const;
  std::vector<const Row*> chosen(bool (*is_one)(const Row&)) const;
  void judge_versions(Judge& judge) const;
  void judge_ends(Judge& judge, const std::function<void(const char*)>& behind) const;
  const Row* original_of(const json::Value& content) const;
  void judge_languages(Judge& judge, const std::function<void(const char*)>& behind) const;

  std::vector<Row> rows_;  // by id and index, once `finish` has begun
  std::string creator_;    // of the last object that names one
  Key creator_key_{};
};

}  // namespace comity::stix
