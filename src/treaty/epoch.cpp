#include "treaty/epoch.h"

#include <algorithm>
#include <map>

namespace comity::treaty {
namespace {

// All that the answer of an instrument depends on in a recipient, as numbers.
using Traits = std::vector<std::int64_t>;

void add_listed(const std::vector<ClauseRow>& rows, std::vector<const PartySet*>& lists) {
  for (const auto& row : rows) {
    if (row.to == SideKind::Listed) lists.push_back(&row.clause->to.listed);
  }
}

class Grouping {
 public:
  Grouping(const CompiledRows& rows, const InstrumentRows& instrument, std::int64_t t)
      : rows_(rows), instrument_(instrument), t_(t) {
    add_listed(instrument.grounds, lists_);
    add_listed(instrument.basis_forbids, lists_);
    for (const auto* one : instrument.designations) {
      if (live_since(one->since, t)) designations_.push_back(one);
    }
    for (const auto* one : instrument.arrangements) {
      if (live_since(one->in_force, t)) arrangements_.push_back(one);
    }
  }

  std::vector<RecipientGroup> run() const {
    std::map<Traits, PartySet> found;
    const auto named = named_parties();
    const auto count = rows_.model->parties.size();
    // The many that the instrument does not name are of two kinds only.
    PartySet states, others;
    for (std::size_t party = 0; party < count; ++party) {
      if (named.test(party)) {
        found[traits(static_cast<int>(party))].set(party);
      } else {
        (rows_.states.test(party) ? states : others).set(party);
      }
    }
    std::vector<RecipientGroup> groups;
    const auto add_group = [&](const PartySet& parties) {
      if (parties.any()) groups.push_back({static_cast<int>(parties._Find_first()), parties});
    };
    for (const auto& [key, parties] : found) add_group(parties);
    add_group(states);
    add_group(others);
    return groups;
  }

 private:
  PartySet named_parties() const {
    PartySet named;
    for (const auto& member : instrument_.members)
      named.set(static_cast<std::size_t>(member.party));
    for (const auto* list : lists_) named |= *list;
    for (const auto* one : designations_) named.set(static_cast<std::size_t>(one->party));
    for (const auto* one : arrangements_) named |= one->parties;
    return named;
  }

  // Where the instant lies in a membership, rather than how the party stands: more than one rule
  // reads it.
  void add(const MemberRow& member, Traits& key) const {
    for (const bool trait :
         {member.not_party, member.status_unknown, member.weak, t_ >= member.sure_not_before,
          t_ >= member.live_from, t_ >= member.ends_earliest, t_ >= member.ends_latest,
          member.suspension(t_) != nullptr}) {
      key.push_back(trait ? 1 : 0);
    }
  }

  Traits traits(int party) const {
    const auto at = static_cast<std::size_t>(party);
    const auto* member = instrument_.member(party);
    Traits key{rows_.states.test(at) ? 1 : 0, member != nullptr ? 1 : 0};
    if (member != nullptr) add(*member, key);
    for (const auto* list : lists_) key.push_back(list->test(at) ? 1 : 0);
    for (const auto* one : arrangements_) key.push_back(one->parties.test(at) ? 1 : 0);
    for (const auto* one : designations_) {
      if (one->party != party) continue;
      key.push_back(one->role.value_or(-1));
      key.push_back(static_cast<std::int64_t>(one->areas));
    }
    return key;
  }

  const CompiledRows& rows_;
  const InstrumentRows& instrument_;
  const std::int64_t t_;
  std::vector<const PartySet*> lists_;
  std::vector<const Designation*> designations_;
  std::vector<const Arrangement*> arrangements_;
};

// Every instant at which the traits of some party change.
std::vector<std::int64_t> edges_of(const CompiledRows& rows) {
  std::vector<std::int64_t> edges;
  for (const auto& instrument : rows.instruments) {
    for (const auto& member : instrument.members) {
      edges.insert(edges.end(), {member.sure_not_before, member.live_from, member.ends_earliest,
                                 member.ends_latest});
      for (const auto* one : member.suspensions) {
        edges.push_back(one->from.micros);
        if (one->until) edges.push_back(one->until->micros);
      }
    }
    for (const auto* one : instrument.designations) {
      if (one->since) edges.push_back(one->since->latest.micros);
    }
    for (const auto* one : instrument.arrangements) {
      if (one->in_force) edges.push_back(one->in_force->latest.micros);
    }
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

}  // namespace

Epochs::Epochs(const CompiledRows& rows) : rows_(rows), edges_(edges_of(rows)) {
  kept_.reserve(epochs_kept_max);
}

std::size_t Epochs::number(std::int64_t t) const {
  return static_cast<std::size_t>(std::upper_bound(edges_.begin(), edges_.end(), t) -
                                  edges_.begin());
}

std::pair<std::int64_t, std::int64_t> Epochs::span(std::int64_t t) const {
  const auto next = number(t);
  return {next == 0 ? INT64_MIN : edges_[next - 1],
          next == edges_.size() ? INT64_MAX : edges_[next]};
}

std::shared_ptr<const Epoch> Epochs::at(std::int64_t t) const {
  const auto wanted = number(t);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, epoch] : kept_) {
      if (number == wanted) return epoch;
    }
  }
  auto made = std::make_shared<Epoch>();
  for (const auto& instrument : rows_.instruments) {
    made->groups.push_back(instrument.grounds.empty() && instrument.basis_forbids.empty()
                               ? std::vector<RecipientGroup>{}
                               : Grouping(rows_, instrument, t).run());
  }
  const std::lock_guard lock(mutex_);
  if (kept_.size() == epochs_kept_max) kept_.clear();
  kept_.emplace_back(wanted, made);
  return made;
}

}  // namespace comity::treaty
