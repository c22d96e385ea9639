#include "net/connection_registry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/limits.h"

namespace comity::net {
namespace {

using Room = ConnectionRegistry::Room;

// A connection that writes down that it was asked to make room.
struct FakeConnection final : OpenConnection {
  FakeConnection(std::string given, std::string& written)
      : name(std::move(given)), asked(written) {}
  void request_stop(bool) override {}
  void request_room() override { asked += name; }
  std::string name;
  std::string& asked;
};

struct FakeServer {
  explicit FakeServer(std::size_t max) : connections_max(max) {}
  // As a server accepts; false when it is closed at once.
  bool come(const std::string& name, const std::string& subscriber) {
    if (registry.make_room(connections_max) != Room::Free) return false;
    auto made = std::make_shared<FakeConnection>(name, asked);
    if (!registry.add(made, subscriber, connections_max)) return false;
    open.push_back(std::move(made));
    return true;
  }
  OpenConnection* find(const std::string& name) const {
    for (const auto& one : open) {
      if (one->name == name) return one.get();
    }
    return nullptr;
  }
  void leave(const std::string& name) {
    const auto* gone = find(name);
    registry.remove(gone);
    std::erase_if(open, [&](const auto& one) { return one.get() == gone; });
  }
  std::size_t connections_max;
  std::string asked;
  ConnectionRegistry registry;
  std::vector<std::shared_ptr<FakeConnection>> open;
};

TEST(ConnectionRegistry, WhoHasMostMakesRoomAndOfTheirsTheOneThatWaitsForLongest) {
  FakeServer server(5);
  EXPECT_TRUE(server.come("a", "one") && server.come("b", "many") && server.come("c", "many") &&
              server.come("d", "many") && server.come("e", "two"));
  EXPECT_EQ(server.asked, "");
  server.registry.waits(server.find("b"));  // it was answered, and waits from now on
  EXPECT_TRUE(server.come("f", "two"));
  EXPECT_EQ(server.asked, "c");
  server.leave("c");
  // Now two and many have two each: of all of these the oldest.
  EXPECT_TRUE(server.come("g", "three"));
  EXPECT_EQ(server.asked, "cd");
}

TEST(ConnectionRegistry, WhatIsBusyStays) {
  FakeServer server(2);
  EXPECT_TRUE(server.come("a", "x") && server.come("b", "x"));
  EXPECT_TRUE(server.registry.begin_request(server.find("a")));
  EXPECT_TRUE(server.come("c", "y"));
  EXPECT_EQ(server.asked, "b");
  server.leave("b");
  EXPECT_TRUE(server.registry.begin_request(server.find("c")));
  EXPECT_FALSE(server.come("d", "z"));
  EXPECT_EQ(server.registry.make_room(2), Room::Nowhere);
  server.registry.end_request();
  server.registry.waits(server.find("a"));
  EXPECT_TRUE(server.come("d", "z"));
  EXPECT_EQ(server.asked, "ba");
  // A request began before it heard that it should end: then there is one more for a while.
  EXPECT_TRUE(server.registry.begin_request(server.find("a")));
  server.registry.stays(server.find("a"));
  server.registry.waits(server.find("a"));
  server.registry.end_request();
  EXPECT_FALSE(server.come("e", "z"));
  EXPECT_EQ(server.asked, "bad");
  EXPECT_TRUE(server.come("e", "z"));
  EXPECT_EQ(server.asked, "bada");
}

TEST(ConnectionRegistry, WhatIsEndingHasABound) {
  FakeServer server(limits::connections_ending_max + 1);
  for (std::size_t i = 0; i <= limits::connections_ending_max; ++i) {
    EXPECT_TRUE(server.come("-", "x"));
  }
  for (std::size_t i = 0; i < limits::connections_ending_max; ++i) {
    EXPECT_TRUE(server.come("-", "x"));
  }
  EXPECT_EQ(server.asked.size(), limits::connections_ending_max);
  EXPECT_EQ(server.registry.make_room(server.connections_max), Room::Later);
  server.registry.remove(server.open.front().get());  // has ended
  EXPECT_EQ(server.registry.make_room(server.connections_max), Room::Free);
}

TEST(ConnectionRegistry, RoomCanBeNeededBeforeTheBound) {
  FakeServer server(10);
  EXPECT_EQ(server.registry.make_room(10, true), Room::Nowhere);
  EXPECT_TRUE(server.come("a", "x"));
  EXPECT_EQ(server.registry.make_room(10), Room::Free);
  EXPECT_EQ(server.asked, "");
  EXPECT_EQ(server.registry.make_room(10, true), Room::Free);
  EXPECT_EQ(server.asked, "a");
}

}  // namespace
}  // namespace comity::net
