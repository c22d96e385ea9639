// What an account may do: the roles of officers who use the pages, and sets of them.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace comity::api {

enum class Role : std::uint8_t {
  DutyOfficer,
  Analyst,
  LegalAdviser,
  ReleasingOfficer,
  RightsOfficer,
  Administrator,
  Auditor,
  Oversight,
};

constexpr std::size_t role_count = 8;

// In the order of enum Role.
constexpr std::array<std::string_view, role_count> role_names = {
    "duty-officer",   "analyst",       "legal-adviser", "releasing-officer",
    "rights-officer", "administrator", "auditor",       "oversight"};

constexpr std::string_view name(Role role) { return role_names[static_cast<std::size_t>(role)]; }

constexpr std::optional<Role> role_of(std::string_view text) {
  for (std::size_t i = 0; i < role_count; ++i) {
    if (role_names[i] == text) return static_cast<Role>(i);
  }
  return std::nullopt;
}

class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const auto role : roles) add(role);
  }
  constexpr static RoleSet all() {
    RoleSet out;
    out.bits_ = (1U << role_count) - 1;
    return out;
  }
  constexpr void add(Role role) { bits_ |= bit(role); }
  constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  constexpr bool meets(RoleSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const RoleSet&) const = default;

 private:
  constexpr static std::uint32_t bit(Role role) { return 1U << static_cast<unsigned>(role); }
  std::uint32_t bits_ = 0;
};

}  // namespace comity::api
