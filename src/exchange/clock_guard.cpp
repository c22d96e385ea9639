#include "exchange/clock_guard.h"

#include <fmt/format.h>

#include <cstdlib>

#include "exchange/key_notice.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

constexpr std::string_view apart_key = "clocks-apart";

// How far a peer's clock was ahead of ours, seen from when it was asked until it had answered.
std::int64_t ahead_s(const taxii::HeardTime& heard) {
  if (heard.date_s > heard.answered.seconds()) return heard.date_s - heard.answered.seconds();
  if (heard.date_s < heard.asked.seconds()) return heard.date_s - heard.asked.seconds();
  return 0;
}

// Of all that were heard, also of those that are paired no more.
Result<json::Object> kept(store::Snapshot& snapshot) {
  TRY(const auto text, snapshot.meta(apart_key));
  if (!text) return json::Object();
  TRY(const auto value, json::parse(*text));
  if (value.object() == nullptr) {
    return fail(ErrorKind::Corrupt, "what is kept of the clocks of peers cannot be read");
  }
  return *value.object();
}

std::string duration_text(std::int64_t seconds) {
  constexpr std::int64_t minute = 60, hour = 60 * minute;
  if (seconds >= seconds_per_day) {
    return fmt::format("{} d {} h", seconds / seconds_per_day, seconds % seconds_per_day / hour);
  }
  return fmt::format("{} h {} min", seconds / hour, seconds % hour / minute);
}

bool went_back(const Node& node) {
  return node.last_entry().micros - node.machine_time().micros >
         Instant::from_seconds(clock_back_s_max).micros;
}

}  // namespace

Result<std::vector<ClockApart>> clocks_apart(store::Snapshot& snapshot) {
  std::vector<ClockApart> out;
  TRY(const auto all, kept(snapshot));
  for (const auto& [party, ahead] : all) {
    TRY(const auto peer, snapshot.peer(party));
    if (!peer || !peer->confirmed || ahead.integer() == nullptr) continue;
    out.push_back({party, *ahead.integer()});
  }
  return out;
}

std::string clocks_text(const std::vector<ClockApart>& apart) {
  std::vector<std::string> parts;
  for (const auto& one : apart) {
    parts.push_back(fmt::format("{} {} {}", one.party, duration_text(std::abs(one.ahead_s)),
                                one.ahead_s > 0 ? "ahead" : "behind"));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

Result<std::string> clock_problem(const Node& node, store::Snapshot& snapshot) {
  if (went_back(node)) {
    return fmt::format("this machine's clock says {}, the last ledger entry is of {}",
                       format_rfc3339(node.machine_time()), format_rfc3339(node.last_entry()));
  }
  TRY(const auto apart, clocks_apart(snapshot));
  if (apart.size() < clock_peers_believed) return std::string();
  return fmt::format("the clocks of {} peers differ from this machine's by more than an hour: {}",
                     apart.size(), clocks_text(apart));
}

Status check_clock(const Node& node) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto problem, clock_problem(node, *snapshot));
  if (problem.empty()) return {};
  return fail(ErrorKind::Unavailable,
              fmt::format("NEEDS fact time: {}; nothing is released until the clock is right, "
                          "comity doctor says what to do",
                          problem));
}

Status hear_time(Node& node, const std::string& party, const taxii::HeardTime& heard) {
  const auto ahead = ahead_s(heard);
  const bool apart = std::abs(ahead) > clock_apart_s_max;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto all, kept(*snapshot));
    // A difference that moves a little is the same one: not every answer is written down.
    const auto* known = all.find(party);
    const bool known_apart = known != nullptr && known->integer() != nullptr &&
                             std::abs(*known->integer() - ahead) <= clock_jump_s;
    if (apart ? known_apart : known == nullptr) return {};
  }
  TRY(const auto change, Change::begin(node));
  TRY(const auto all, kept(change->store()));
  json::Object next;
  for (const auto& [other, difference] : all) {
    if (other != party) next.set(other, difference);
  }
  if (apart) next.set(party, ahead);
  TRY_STATUS(change->store().set_meta(apart_key, json::write(next)));
  return change->commit();
}

Result<taxii::Endpoint> timed_endpoint_of(Node& node, const store::Peer& peer) {
  TRY(auto endpoint, endpoint_of(node, peer));
  endpoint.cancelled = &node.stopping();
  endpoint.now = [&node] { return node.machine_time(); };
  // What cannot be kept now is heard again with the next answer.
  endpoint.heard = [&node, party = peer.party](const taxii::HeardTime& heard) {
    (void)hear_time(node, party, heard);
  };
  return endpoint;
}

namespace {

// A peer that does not answer says nothing about the time.
void ask_time(Node& node, const store::Peer& peer) {
  auto endpoint = timed_endpoint_of(node, peer);
  if (endpoint) (void)taxii::Client(*std::move(endpoint)).reach();
}

}  // namespace

Status ask_clocks_again(Node& node) {
  std::vector<store::Peer> peers;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto apart, clocks_apart(*snapshot));
    if (apart.size() < clock_peers_believed) return {};
    for (const auto& one : apart) {
      TRY(auto peer, snapshot->peer(one.party));
      if (peer) peers.push_back(*std::move(peer));
    }
  }
  for (const auto& peer : peers) ask_time(node, peer);
  return {};
}

Result<std::vector<store::Peer>> ClockWatch::due(Instant now) {
  const auto step_s = (now.micros - last_run_.micros) / 1'000'000;
  const bool jumped = step_s < 0 || step_s > clock_jump_s;
  TRY(const auto snapshot, node_.store().read());
  TRY(const auto peers, snapshot->peers());
  TRY(const auto apart, clocks_apart(*snapshot));
  const auto pause_s = apart.empty() ? clock_asked_s : clock_asked_apart_s;
  const Instant latest{now.micros + Instant::from_seconds(pause_s).micros};
  std::vector<store::Peer> out;
  for (const auto& peer : peers) {
    if (!peer.confirmed) continue;
    auto& next = next_[peer.party];
    // Never further away than the pause that holds now: one may have come apart meanwhile.
    if (!jumped && next > now && next <= latest) continue;
    next = latest;
    out.push_back(peer);
  }
  return out;
}

void ClockWatch::run_due() {
  const auto asked = due(node_.machine_time());
  if (!asked) return;  // tried again at the next call
  for (const auto& peer : *asked) {
    if (!node_.stopping()) ask_time(node_, peer);
  }
  last_run_ = node_.machine_time();
}

}  // namespace comity::exchange
