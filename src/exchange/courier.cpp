#include "exchange/courier.h"

#include <algorithm>

#include "exchange/clock_guard.h"
#include "exchange/delivery.h"
#include "exchange/outpost.h"
#include "exchange/outpost_delivery.h"
#include "exchange/procedure.h"

namespace comity::exchange {
namespace {

constexpr std::int64_t pause_micros_max =
    retry_seconds_max * 1'000'000 / 100 * (100 + retry_jitter_percent);

}  // namespace

std::int64_t retry_seconds(int failures) {
  std::int64_t seconds = retry_seconds_first;
  for (int i = 1; i < failures && seconds < retry_seconds_max; ++i) seconds *= 2;
  return std::min(seconds, retry_seconds_max);
}

Instant Courier::pause_from(Instant now, int failures) {
  const auto micros = retry_seconds(failures) * 1'000'000;
  const auto drawn = node_.random().bytes(2);
  const auto share =
      (static_cast<unsigned char>(drawn[0]) << 8) | static_cast<unsigned char>(drawn[1]);
  const auto jitter = micros * retry_jitter_percent / 100 * share / 65'536;
  return {now.micros + micros + jitter};
}

std::optional<Instant> Courier::next_attempt(const std::string& party) const {
  const auto at = pauses_.find(party);
  return at == pauses_.end() ? std::nullopt : std::optional(at->second.until);
}

// The peers, and the parties of outposts, for which something waits.
Result<std::set<std::string>> Courier::awaited() const {
  TRY(const auto snapshot, node_.store().read());
  TRY(const auto peers, snapshot->peers());
  TRY(const auto told, awaited_parties(*snapshot));
  // While the time cannot be trusted no disclosure goes out; then only what was said waits.
  TRY(const auto problem, clock_problem(node_, *snapshot));
  std::set<std::string> out;
  for (const auto& peer : peers) {
    if (!peer.confirmed) continue;
    TRY(const bool pending, anything_pending(*snapshot, peer.party));
    if ((pending && problem.empty()) ||
        std::find(told.begin(), told.end(), peer.party) != told.end()) {
      out.insert(peer.party);
    }
  }
  TRY(const auto others, parties_of_outposts(*snapshot));
  for (const auto& party : others) {
    TRY(const auto outpost, outpost_of(*snapshot, party));
    if (!outpost) continue;
    TRY(const bool waits, anything_for_outpost(*snapshot, party));
    if (waits && (problem.empty() || std::find(told.begin(), told.end(), party) != told.end())) {
      out.insert(party);
    }
  }
  return out;
}

void Courier::run_due() {
  const auto before = awaited();
  if (!before) return;  // tried again at the next call
  std::erase_if(pauses_, [&](const auto& entry) { return !before->contains(entry.first); });
  for (const auto& party : *before) {
    const auto now = node_.machine_time();
    const auto [pause, first] = pauses_.try_emplace(party);
    if (first) pause->second = {1, pause_from(now, 1)};
    // Further away than any pause is long, when the clock was set back meanwhile.
    const bool beyond = pause->second.until.micros - now.micros > pause_micros_max;
    if ((pause->second.until > now && !beyond) || node_.stopping()) continue;
    (void)deliver(node_, party);
    const auto after = awaited();
    if (after && !after->contains(party)) {
      pauses_.erase(party);
      continue;
    }
    ++pause->second.failures;
    pause->second.until = pause_from(node_.machine_time(), pause->second.failures);
  }
}

}  // namespace comity::exchange
