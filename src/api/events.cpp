#include "api/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace comity::api {
namespace {

struct Row {
  std::string_view kind;
  TopicSet topics;
};

// The kinds of docs/formats/ledger.md.
constexpr std::array<Row, 27> kind_topics = {{
    {"account", {Topic::Accounts}},
    {"acknowledgement", {Topic::Disclosures, Topic::Recalls}},
    {"arrival", {Topic::Records, Topic::Disclosures}},
    {"disclosure", {Topic::Records, Topic::Disclosures}},
    {"exercise", {Topic::Register}},
    {"feed", {Topic::Records}},
    {"grants", {Topic::Records, Topic::Disclosures}},
    {"import", {Topic::Records}},
    {"key", {Topic::Peers}},
    {"node", {Topic::Peers}},
    {"officer", {Topic::Approvals}},
    {"outpost", {Topic::Peers}},
    {"padding", {}},
    {"peer", {Topic::Peers}},
    {"peer-ledger", {Topic::Peers}},
    {"read", {Topic::Disclosures}},
    {"receipt", {Topic::Records, Topic::Disclosures}},
    {"register", {Topic::Register}},
    {"release-request", {Topic::ReleaseRequests}},
    {"rule", {Topic::Disclosures}},
    {"served", {Topic::Disclosures}},
    {"state", {Topic::Records}},
    {"statement",
     {Topic::Records, Topic::Disclosures, Topic::Consents, Topic::Recalls, Topic::Peers}},
    {"submission", {}},
    {"token", {Topic::Peers}},
    {"verification", {Topic::Register}},
    {"withdrawal", {Topic::Records, Topic::Disclosures}},
}};

// The size of the ledger, and what changed since it had `from` entries.
Result<std::pair<std::int64_t, TopicSet>> changes_since(store::Store& store, std::int64_t from) {
  TRY(const auto snapshot, store.read());
  TRY(const auto size, snapshot->ledger_size());
  TopicSet topics;
  if (size <= from) return std::pair(size, topics);
  topics.add({Topic::Ledger});
  if (size - from > looked_at_entries_max) {
    topics = TopicSet::all();
  } else {
    TRY_STATUS(snapshot->ledger(from, size - from, [&](const store::LedgerEntry& entry) -> Status {
      topics.add(topics_of(entry.kind));
      return {};
    }));
  }
  return std::pair(size, topics);
}

std::string event_of(Topic topic) {
  return fmt::format("event: changed\ndata: {{\"topic\":\"{}\"}}\n\n", name(topic));
}

}  // namespace

TopicSet topics_of(std::string_view ledger_kind) {
  for (const auto& row : kind_topics) {
    if (row.kind == ledger_kind) return row.topics;
  }
  return TopicSet::all();
}

Events::Events(exchange::Node& node) : node_(node) {
  const auto snapshot = node_.store().read();
  if (snapshot) looked_at_ = (*snapshot)->ledger_size().value_or(0);
}

Events::~Events() { end_all(); }

void Events::publish(TopicSet topics) {
  std::string text;
  for (std::size_t i = 0; i < topic_count; ++i) {
    if (topics.has(static_cast<Topic>(i))) text += event_of(static_cast<Topic>(i));
  }
  if (text.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto is_gone = [&](const Open& one) { return !one.stream->send(text); };
  open_.erase(std::remove_if(open_.begin(), open_.end(), is_gone), open_.end());
}

void Events::look() {
  const std::lock_guard lock(look_mutex_);
  const auto changed = changes_since(node_.store(), looked_at_);
  if (!changed) return;
  looked_at_ = changed->first;
  publish(changed->second);
}

std::shared_ptr<net::EventStream> Events::open(const Caller& caller) {
  auto stream = std::make_shared<net::EventStream>();
  // Said at once, so that the page knows that it is connected, and when to come again.
  stream->send("retry: 3000\n\n");
  const std::lock_guard lock(mutex_);
  open_.erase(std::remove_if(open_.begin(), open_.end(),
                             [](const Open& one) { return one.stream->ended(); }),
              open_.end());
  const auto is_of_session = [&](const Open& one) { return one.caller.session == caller.session; };
  const auto count = std::count_if(open_.begin(), open_.end(), is_of_session);
  if (count >= static_cast<std::ptrdiff_t>(streams_per_session_max)) {
    const auto oldest = std::find_if(open_.begin(), open_.end(), is_of_session);
    oldest->stream->end();
    open_.erase(oldest);
  }
  open_.push_back({caller, stream});
  return stream;
}

void Events::end_if(const std::function<bool(const Caller&)>& has_ended) {
  std::vector<Open> open;
  {
    const std::lock_guard lock(mutex_);
    open = open_;
  }
  for (const auto& one : open) {
    if (has_ended(one.caller)) one.stream->end();
  }
}

void Events::end_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& one : open_) one.stream->end();
  open_.clear();
}

}  // namespace comity::api
