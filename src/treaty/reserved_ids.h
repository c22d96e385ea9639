// Words that stand where an instrument would: no instrument has one of them as its id.
#pragma once

#include <string_view>

namespace comity::treaty {

// Verdicts and disclosures write them where none is meant: an instrument that had one of them as
// its id would be taken for a basis that it is not.
constexpr std::string_view discretion_id = "national-discretion";
constexpr std::string_view submission_id = "unsigned-submission";
constexpr std::string_view overlay_id_prefix = "overlay-";  // "overlay-xa": the overlay of XA

constexpr bool is_reserved_id(std::string_view id) {
  return id == discretion_id || id == submission_id ||
         id.substr(0, overlay_id_prefix.size()) == overlay_id_prefix;
}

}  // namespace comity::treaty
