#include "exchange/courier.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "exchange/delivery.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

// XB behind a wire that can be away, and counts what is posted.
struct Peer {
  Federation federation;
  std::mutex mutex;
  bool away = true;
  int posts = 0;
  test::Wire wire{federation.b(), [this](const net::Request& request) { return hook(request); }};
  Courier courier{federation.a()};

  Peer() { test::pair_both(federation.a(), federation.b(), test::nowhere, wire.url()); }
  std::optional<net::Response> hook(const net::Request& request) {
    const std::lock_guard guard(mutex);
    if (request.method == "POST") ++posts;
    if (away) return taxii::answer_error(503, "away", "come back later");
    return std::nullopt;
  }
  void disclose(std::size_t number) {
    test::import_objects(federation.a(), {indicator(number)});
    must(release(federation.a(), {id_of("indicator", number)}, {"XB"}));
  }
  // Lets the clock of XA reach the next attempt, and makes it.
  std::int64_t wait_and_run() {
    const auto next = *courier.next_attempt("XB");
    const auto pause = next.micros - federation.xa.clock.now().micros;
    federation.xa.clock.set({next.micros - 1});
    const int before = posts;
    courier.run_due();
    EXPECT_EQ(posts, before) << "sent before its time";
    federation.xa.clock.set(next);
    courier.run_due();
    EXPECT_EQ(posts, before + 1);
    return pause;
  }
  std::int64_t arrived() { return test::stored(federation.b()).records; }
};

TEST(Courier, PausesDoubleUpToTheirBound) {
  EXPECT_EQ(retry_seconds(1), retry_seconds_first);
  EXPECT_EQ(retry_seconds(2), 2 * retry_seconds_first);
  EXPECT_EQ(retry_seconds(3), 4 * retry_seconds_first);
  EXPECT_EQ(retry_seconds(1'000'000), retry_seconds_max);
  for (int i = 1; i < 20; ++i) EXPECT_LE(retry_seconds(i), retry_seconds(i + 1));
}

TEST(Courier, SendsAgainWithGrowingPausesUntilThePeerIsBack) {
  Peer peer;
  peer.courier.run_due();
  EXPECT_FALSE(peer.courier.next_attempt("XB").has_value()) << "nothing waits";
  peer.disclose(1);
  peer.courier.run_due();
  EXPECT_EQ(peer.posts, 1) << "the release itself";
  ASSERT_TRUE(peer.courier.next_attempt("XB").has_value());
  for (int failures = 1; failures <= 12; ++failures) {
    const auto pause = peer.wait_and_run();
    const auto least = retry_seconds(failures) * 1'000'000;
    EXPECT_GE(pause, least);
    EXPECT_LE(pause, least + least * retry_jitter_percent / 100);
  }
  EXPECT_EQ(peer.arrived(), 0);
  peer.away = false;
  peer.wait_and_run();
  EXPECT_EQ(peer.arrived(), 1);
  EXPECT_FALSE(peer.courier.next_attempt("XB").has_value());
  // A later failure begins with the first pause again.
  peer.away = true;
  peer.disclose(2);
  peer.courier.run_due();
  EXPECT_LT(peer.wait_and_run(), 2 * retry_seconds_first * 1'000'000);
  peer.away = false;
  peer.wait_and_run();
  EXPECT_EQ(peer.arrived(), 2);
  EXPECT_TRUE(must(verify(peer.federation.a())).clean());
  EXPECT_TRUE(must(verify(peer.federation.b())).clean());
}

TEST(Courier, WhatTheReleaseDeliveredMeanwhileIsNotSentAgain) {
  Peer peer;
  peer.disclose(1);
  peer.courier.run_due();
  peer.away = false;
  peer.disclose(2);
  EXPECT_EQ(peer.arrived(), 2);
  const int posts = peer.posts;
  peer.federation.xa.clock.set(Instant::from_seconds(test::start_instant().seconds() + 10'000));
  peer.courier.run_due();
  EXPECT_EQ(peer.posts, posts);
  EXPECT_FALSE(peer.courier.next_attempt("XB").has_value());
}

// Many threads that release the same records and deliver: each record is disclosed once.
TEST(Courier, BesideReleasesNothingIsDisclosedTwice) {
  Peer peer;
  peer.away = false;
  auto& a = peer.federation.a();
  std::vector<std::string> objects, ids;
  for (std::size_t i = 1; i <= 40; ++i) {
    objects.push_back(indicator(i));
    ids.push_back(id_of("indicator", i));
  }
  test::import_objects(a, objects);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { must(release(a, ids, {"XB"})); });
  for (int i = 0; i < 3; ++i) must(deliver(a, "XB"));
  for (auto& thread : threads) thread.join();
  must(release(a, ids, {"XB"}));
  std::size_t disclosed = 0;
  for (const auto& disclosure : test::disclosures_sent(a)) disclosed += disclosure.records.size();
  EXPECT_EQ(disclosed, ids.size());
  EXPECT_EQ(peer.arrived(), static_cast<std::int64_t>(ids.size()));
  EXPECT_TRUE(must(verify(a)).clean());
  EXPECT_TRUE(must(verify(peer.federation.b())).clean());
}

TEST(Courier, IsGivenUpWhenTheProcessEnds) {
  Peer peer;
  peer.disclose(1);
  peer.away = false;
  peer.federation.a().stopping() = true;
  const auto sent = must(deliver(peer.federation.a(), "XB"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_FALSE(sent[0].receipt);
  EXPECT_NE(sent[0].error.find("this process ends"), std::string::npos) << sent[0].error;
  EXPECT_EQ(peer.arrived(), 0);
}

// A peer that takes in what it gets, and says for so many looks that it has not finished.
struct SlowPeer {
  Federation federation{false};
  Views views{federation.b()};
  taxii::Server server{views};
  std::mutex mutex;
  int looks = 0, looks_until_done = 2, posts = 0;
  test::Wire wire{federation.b(), [this](const net::Request& request) { return hook(request); }};

  SlowPeer() { test::pair_both(federation.a(), federation.b(), test::nowhere, wire.url()); }
  std::optional<net::Response> hook(const net::Request& request) {
    const std::lock_guard guard(mutex);
    const bool look = request.path.find("/status/") != std::string::npos;
    if (request.method != "POST" && !look) return std::nullopt;
    ++(look ? looks : posts);
    auto answer = server.handle(request, {"XA"});
    EXPECT_LT(answer.status, 300) << answer.body;
    if (looks >= looks_until_done) return answer;
    taxii::SubmissionStatus pending;
    pending.id = must(json::parse(answer.body)).text("id");
    pending.pending.push_back({id_of("indicator", 1), "", "", false});
    return taxii::answer(answer.status, taxii::to_json(pending));
  }
};

TEST(Courier, LooksAgainWhenThePeerHasNotFinished) {
  SlowPeer peer;
  Courier courier(peer.federation.a());
  test::import_objects(peer.federation.a(), {indicator(1)});
  must(release(peer.federation.a(), {id_of("indicator", 1)}, {"XB"}));
  courier.run_due();
  EXPECT_EQ(test::stored(peer.federation.b()).records, 1);
  EXPECT_EQ(
      test::statements(peer.federation.a(), "comity-receipt", store::Direction::Received).size(),
      1U);
  EXPECT_EQ(peer.posts, 1);
  EXPECT_EQ(peer.looks, 2);
  EXPECT_TRUE(must(verify(peer.federation.a())).clean());
}

}  // namespace
}  // namespace comity::exchange
