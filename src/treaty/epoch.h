// What an instrument tells apart among recipients, from one instant until the next at which
// something of the register begins or ends. For a record of the sender's own the compiled engine
// asks each instrument once for each group instead of once for each party.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "treaty/clause_rows.h"

namespace comity::treaty {

constexpr std::size_t epochs_kept_max = 32;  // when more are asked about, all are made anew

// Parties that get one answer of one instrument, whatever is asked, if it is about a record that
// was not received.
struct RecipientGroup {
  int first = 0;
  PartySet parties;
};

struct Epoch {
  std::vector<std::vector<RecipientGroup>> groups;  // by instrument index
};

// Epochs of one compiled register, made when they are asked for. May be used from any thread.
class Epochs {
 public:
  // `rows` must outlive this.
  explicit Epochs(const CompiledRows& rows);

  // Which epoch holds an instant, from 0 on in the order of time.
  std::size_t number(std::int64_t t) const;
  std::shared_ptr<const Epoch> at(std::int64_t t) const;
  // From when to when that epoch lasts, without the end.
  std::pair<std::int64_t, std::int64_t> span(std::int64_t t) const;

 private:
  const CompiledRows& rows_;
  std::vector<std::int64_t> edges_;  // in order, each once
  mutable std::mutex mutex_;         // guards what follows
  mutable std::vector<std::pair<std::size_t, std::shared_ptr<const Epoch>>> kept_;
};

}  // namespace comity::treaty
