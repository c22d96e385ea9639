// The table of the law at one instant: state × state × area with the best basis and its state
// (cell.h). Each state is asked about as sender and as recipient, for what one may, the other need
// not. Immutable; any thread. Keeps a reference to the law.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "atlas/cell.h"
#include "base/result.h"
#include "treaty/compiled.h"

namespace comity::atlas {

class Questions;

class Matrix {
 public:
  // InvalidInput as Questions::of. `area`: that one alone, the cells of the others are empty.
  static Result<Matrix> of(const treaty::CompiledRegister& law, Instant at,
                           std::optional<int> area = std::nullopt);

  const treaty::CompiledRegister& law() const { return *law_; }
  Instant at() const { return at_; }
  int areas() const { return areas_; }
  // The states of the register in its order, invented ones only when asked for.
  std::vector<int> states(bool invented) const;
  // Between two different states, by index in the model.
  Cell cell(int from, int to, int area) const;
  // The best of all areas. That "content" is refused, which holds for every state, does not count
  // beside other areas.
  Cell best(int from, int to) const;
  // How many parties stand for all that are alike.
  int kinds() const { return kinds_; }

 private:
  Matrix() = default;
  void fill(const Questions& questions, std::optional<int> area);
  std::size_t place(int from, int to, int area) const;

  const treaty::CompiledRegister* law_ = nullptr;
  Instant at_;
  int areas_ = 0, kinds_ = 0;
  std::optional<int> content_;        // the area
  std::vector<int> kind_of_;          // by party
  std::vector<std::uint16_t> cells_;  // by kind of sender, kind of recipient, area; packed
};

}  // namespace comity::atlas
