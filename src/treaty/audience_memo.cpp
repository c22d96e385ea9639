#include "treaty/audience_memo.h"

namespace comity::treaty {
namespace {

// An absent value as 0, others from 1 on.
std::uint64_t from_one(const std::optional<int>& value) {
  return static_cast<std::uint64_t>(value ? *value + 1 : 0);
}

}  // namespace

std::uint64_t AudienceKey::hash() const {
  std::uint64_t mixed = 0;
  for (const auto word : words) {
    mixed = (mixed ^ word) * 0x9e3779b97f4a7c15ULL;
    mixed ^= mixed >> 29;
  }
  return mixed;
}

std::optional<AudienceKey> audience_key(const ResolvedRequest& request, std::size_t epoch) {
  // All members by name: a new one does not compile until it is in the key. The instant is there as
  // its epoch, the recipient plays no part.
  const auto& [from, to, from_roles, to_roles, action, info, area, purpose, tlp, at, facts, stated,
               rights_record, attribution, refusal_ground, consents, chain] = request;
  if (!chain.empty() || !consents.empty() || facts.size() > facts_in_key_max) return std::nullopt;
  AudienceKey key;
  auto& words = key.words;
  words[0] = static_cast<std::uint64_t>(from) | static_cast<std::uint64_t>(action) << 16 |
             from_one(area) << 24 | from_one(purpose) << 32 |
             static_cast<std::uint64_t>(tlp) << 40 |
             static_cast<std::uint64_t>(rights_record) << 48 |
             static_cast<std::uint64_t>(attribution) << 52 | from_one(refusal_ground) << 56;
  words[1] = info;
  words[2] = from_roles;
  words[3] = to_roles;
  words[4] = epoch;
  constexpr std::size_t facts_in_word = 21;  // three bits each
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto value = static_cast<std::uint64_t>(facts[i]) << 1 | (stated[i] ? 1U : 0U);
    words[5 + i / facts_in_word] |= value << (3 * (i % facts_in_word));
  }
  return key;
}

bool AudienceMemo::find(const AudienceKey& key, Audience& answer) const {
  const auto at = place(key);
  const std::lock_guard lock(mutex_);
  if (slots_.empty() || !slots_[at].taken || slots_[at].key != key) return false;
  answer = slots_[at].answer;
  return true;
}

void AudienceMemo::keep(const AudienceKey& key, const Audience& answer) {
  const auto at = place(key);
  const std::lock_guard lock(mutex_);
  if (slots_.empty()) slots_.resize(audiences_kept_max);
  slots_[at] = {true, key, answer};
}

}  // namespace comity::treaty
