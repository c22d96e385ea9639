// What open pages are told of changes: that something of a topic is different, never what. Pages
// ask again through the routes, where the one enforcement point stands; so an event says nothing
// that its reader may not know.
//
// Any thread may call anything here. Streams belong to the connection and to this object together.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "base/result.h"
#include "exchange/node.h"
#include "net/event_stream.h"

namespace comity::api {

enum class Topic : std::uint8_t {
  Records,
  Disclosures,
  Consents,
  Recalls,
  ReleaseRequests,
  Register,
  Peers,
  Accounts,
  Approvals,
  Ledger,
};

constexpr std::size_t topic_count = 10;

// In the order of enum Topic; on the wire.
constexpr std::array<std::string_view, topic_count> topic_names = {
    "records",  "disclosures", "consents", "recalls",   "release-requests",
    "register", "peers",       "accounts", "approvals", "ledger"};

constexpr std::string_view name(Topic topic) {
  return topic_names[static_cast<std::size_t>(topic)];
}

class TopicSet {
 public:
  constexpr TopicSet() = default;
  constexpr TopicSet(std::initializer_list<Topic> topics) {
    for (const auto topic : topics) bits_ |= bit(topic);
  }
  constexpr static TopicSet all() {
    TopicSet out;
    out.bits_ = (1U << topic_count) - 1;
    return out;
  }
  constexpr void add(TopicSet other) { bits_ |= other.bits_; }
  constexpr bool has(Topic topic) const { return (bits_ & bit(topic)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const TopicSet&) const = default;

 private:
  constexpr static std::uint32_t bit(Topic topic) { return 1U << static_cast<unsigned>(topic); }
  std::uint32_t bits_ = 0;
};

// What may be different after a ledger entry of this kind; everything for a kind that is not known
// here, because a page that asks in vain is better than one that shows what is past.
TopicSet topics_of(std::string_view ledger_kind);

// Streams of one session, which are pages or windows of one person.
constexpr std::size_t streams_per_session_max = 8;
// Entries that one look goes through; when more have come, everything is taken for changed.
constexpr std::int64_t looked_at_entries_max = 1000;

class Events {
 public:
  // What the node's ledger holds now is not news.
  explicit Events(exchange::Node& node);
  ~Events();

  void publish(Topic topic) { publish(TopicSet{topic}); }
  void publish(TopicSet topics);

  // Publishes what entered the ledger since the last look: called after each change that came by
  // the API, and now and then for those that came from elsewhere. A ledger that cannot be read is
  // looked at again the next time.
  void look();

  // A stream for the session of the caller. When it has `streams_per_session_max`, the oldest ends.
  std::shared_ptr<net::EventStream> open(const Caller& caller);
  // Ends the streams of whom `has_ended` is true of. It is not called under a lock of this object.
  void end_if(const std::function<bool(const Caller&)>& has_ended);
  void end_all();

 private:
  struct Open {
    Caller caller;
    std::shared_ptr<net::EventStream> stream;
  };

  exchange::Node& node_;
  std::mutex look_mutex_;  // held for the whole of one look
  std::int64_t looked_at_ = 0;
  std::mutex mutex_;
  std::vector<Open> open_;
};

}  // namespace comity::api
