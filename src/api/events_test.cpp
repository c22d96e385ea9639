#include "api/events.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "api/test_api.h"

namespace comity::api {
namespace {

using test::must;

constexpr std::string_view greeting = "retry: 3000\n\n";

std::string event(std::string_view topic) {
  return fmt::format("event: changed\ndata: {{\"topic\":\"{}\"}}\n\n", topic);
}

// A change of the node as commands and peers make them: not by the API.
void enter(exchange::Node& node, const std::vector<std::string>& kinds) {
  const auto change = must(exchange::Change::begin(node));
  json::Object entry;
  entry.set("type", "test");
  for (const auto& kind : kinds) must(change->enter(kind, entry));
  must(change->commit());
}

TEST(Events, TellEveryStreamOfATopic) {
  const test::TestNode made;
  Events events(*made.node);
  const auto first = events.open({"a", {}, "one"});
  const auto second = events.open({"b", {}, "two"});
  EXPECT_EQ(first->take().bytes, greeting);
  events.publish(Topic::ReleaseRequests);
  EXPECT_EQ(first->take().bytes, event("release-requests"));
  EXPECT_EQ(second->take().bytes, std::string(greeting) + event("release-requests"));
  events.publish(TopicSet{});
  EXPECT_EQ(first->take().bytes, "");
  first->end();
  events.publish({Topic::Records, Topic::Ledger});
  EXPECT_EQ(first->take().bytes, "");
  EXPECT_EQ(second->take().bytes, event("records") + event("ledger"));
}

TEST(Events, TellWhatTheNodeEnteredSinceTheLastLook) {
  const test::TestNode made;
  Events events(*made.node);
  const auto stream = events.open({"a", {}, "one"});
  stream->take();
  events.look();
  EXPECT_EQ(stream->take().bytes, "");  // what was there before is not news
  enter(*made.node, {"receipt", "import"});
  events.look();
  EXPECT_EQ(stream->take().bytes, event("records") + event("disclosures") + event("ledger"));
  events.look();
  EXPECT_EQ(stream->take().bytes, "");
  enter(*made.node, {"padding"});
  events.look();
  EXPECT_EQ(stream->take().bytes, event("ledger"));
}

TEST(Events, ForAKindNobodyKnowsEverythingIsAskedAgain) {
  EXPECT_EQ(topics_of("unheard"), TopicSet::all());
  EXPECT_EQ(topics_of("account"), TopicSet{Topic::Accounts});
  const test::TestNode made;
  Events events(*made.node);
  const auto stream = events.open({"a", {}, "one"});
  stream->take();
  enter(*made.node, {"unheard"});
  events.look();
  std::string all;
  for (const auto topic : topic_names) all += event(topic);
  EXPECT_EQ(stream->take().bytes, all);
}

TEST(Events, ALookGoesThroughABoundedNumberOfEntries) {
  const test::TestNode made;
  Events events(*made.node);
  const auto stream = events.open({"a", {}, "one"});
  stream->take();
  const auto count = static_cast<std::size_t>(looked_at_entries_max);
  enter(*made.node, std::vector<std::string>(count, "padding"));
  events.look();
  EXPECT_EQ(stream->take().bytes, event("ledger"));
  enter(*made.node, std::vector<std::string>(count + 1, "padding"));
  events.look();
  EXPECT_NE(stream->take().bytes.find("records"), std::string::npos);
}

TEST(Events, StreamsOfASessionHaveABound) {
  const test::TestNode made;
  Events events(*made.node);
  const auto other = events.open({"b", {}, "other"});
  std::vector<std::shared_ptr<net::EventStream>> streams;
  for (std::size_t i = 0; i < streams_per_session_max; ++i) {
    streams.push_back(events.open({"a", {}, "one"}));
  }
  for (const auto& stream : streams) EXPECT_FALSE(stream->ended());
  const auto newest = events.open({"a", {}, "one"});
  EXPECT_TRUE(streams[0]->ended());
  EXPECT_FALSE(streams[1]->ended());
  EXPECT_FALSE(newest->ended());
  // Those that have ended by themselves take no place.
  streams[1]->end();
  events.open({"a", {}, "one"});
  EXPECT_FALSE(streams[2]->ended());
  EXPECT_FALSE(other->ended());
}

TEST(Events, EndWithTheSession) {
  const test::TestNode made;
  std::shared_ptr<net::EventStream> first;
  {
    Events events(*made.node);
    first = events.open({"a", {}, "one"});
    const auto second = events.open({"b", {}, "two"});
    events.end_if([](const Caller& caller) { return caller.session == "two"; });
    EXPECT_FALSE(first->ended());
    EXPECT_TRUE(second->ended());
  }
  EXPECT_TRUE(first->ended());
}

TEST(Events, ComeFromAnyThread) {
  const test::TestNode made;
  Events events(*made.node);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 100; ++i) {
        const auto stream = events.open({"a", {}, std::to_string(thread)});
        events.publish(Topic::Peers);
        events.look();
        EXPECT_NE(stream->take().bytes.find("peers"), std::string::npos);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace comity::api
