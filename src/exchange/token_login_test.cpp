#include "exchange/token_login.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::must;

constexpr trust::PasswordCost cheap{64, 1, 1};
constexpr const char* chosen = "seven trees and a lake";
constexpr const char* here = "198.51.100.7";

NewToken with_password(const std::string& name, const std::string& password = chosen) {
  NewToken out;
  out.name = name;
  out.party = "XB";
  out.collections = {"records"};
  out.password = password;
  return out;
}

std::string basic_of(const std::string& name, const std::string& secret) {
  return "Basic " + base64(name + ":" + secret);
}

struct Door : Federation {
  std::atomic<int> looks = 0;
  TokenLogin login{a(), options()};
  Door() { must(make_token(a(), with_password("siem"), cheap)); }
  TokenLoginOptions options() {
    TokenLoginOptions out;
    out.cost = cheap;
    out.matches = [this](const std::string& hash, std::string_view password) {
      ++looks;
      return trust::password_matches(hash, password);
    };
    return out;
  }
  std::string open(const std::string& authorization, const std::string& from = here) {
    const auto token = must(login.token_of(authorization, from));
    return token ? token->party + "/" + token->name : "";
  }
  void later(std::int64_t seconds) {
    xa.clock.set(Instant::from_seconds(test::start_instant().seconds() + seconds));
  }
};

TEST(TokenLogin, AChosenPasswordOpensByBasicAndNothingElseDoes) {
  Door door;
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "XB/siem");
  for (const auto& field :
       {basic_of("siem", "seven trees and a lak"), basic_of("siem", ""), basic_of("other", chosen),
        basic_of("siem", std::string(chosen) + " "), std::string("Bearer ") + chosen,
        "Bearer " + base64(std::string("siem:") + chosen), std::string("Basic ???"),
        std::string()}) {
    EXPECT_EQ(door.open(field), "") << field;
  }
  // Its hash opens nothing.
  const auto all = must(tokens(*must(door.a().store().read())));
  EXPECT_EQ(door.open(basic_of("siem", all.at(0).password)), "");
  EXPECT_EQ(door.open("Bearer " + all.at(0).password), "");
}

TEST(TokenLogin, EveryWrongOneCostsOneLookAndARightOneIsRemembered) {
  Door door;
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "XB/siem");
  EXPECT_EQ(door.looks, 1);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(door.open(basic_of("siem", chosen)), "XB/siem");
  EXPECT_EQ(door.looks, 1);
  int expected = 1;
  for (const auto& wrong : {basic_of("siem", "wrong"), basic_of("siem", "wrong"),
                            basic_of("nobody", chosen), basic_of("nobody", "wrong")}) {
    EXPECT_EQ(door.open(wrong), "");
    EXPECT_EQ(door.looks, ++expected) << "whether there is such a name costs nothing less";
  }
  // A secret that was made is looked at without.
  NewToken made;
  made.name = "made";
  made.party = "XB";
  made.collections = {"records"};
  const auto secret = must(make_token(door.a(), made)).secret;
  EXPECT_EQ(door.open("Bearer " + secret), "XB/made");
  EXPECT_EQ(door.open(basic_of("made", secret)), "XB/made");
  EXPECT_EQ(door.looks, expected);
  door.later(token_password_remembered_s - 1);
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "XB/siem");
  EXPECT_EQ(door.looks, expected);
  door.later(token_password_remembered_s);
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "XB/siem");
  EXPECT_EQ(door.looks, expected + 1);
  // Another process remembers nothing.
  TokenLogin again(door.a(), door.options());
  EXPECT_TRUE(must(again.token_of(basic_of("siem", chosen), here)).has_value());
  EXPECT_EQ(door.looks, expected + 2);
}

TEST(TokenLogin, WhatIsRememberedEndsWithTheToken) {
  Door door;
  auto terms = with_password("short", "three hills by the sea");
  terms.until = "2026-11-24";
  terms.networks = {"198.51.100.0/24"};
  must(make_token(door.a(), terms, cheap));
  const auto field = basic_of("short", terms.password);
  EXPECT_EQ(door.open(field), "XB/short");
  EXPECT_EQ(door.open(field, "203.0.113.1"), "") << "from another network";
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "XB/siem");
  must(revoke_token(door.a(), "siem"));
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "");
  door.xa.clock.set(must(parse_rfc3339("2026-11-24T00:00:00Z")));
  EXPECT_EQ(door.open(field), "");
  // With no password left there is nothing to guess, and nothing is looked at.
  const int looks = door.looks;
  EXPECT_EQ(door.open(basic_of("siem", "wrong")), "");
  EXPECT_EQ(door.looks, looks);
}

TEST(TokenLogin, GuessesFromOneAddressAreBounded) {
  Door door;
  must(make_token(door.a(), with_password("known", "three hills by the sea"), cheap));
  EXPECT_EQ(door.open(basic_of("known", "three hills by the sea")), "XB/known");
  for (int i = 0; i < address_failures_max; ++i) {
    EXPECT_EQ(door.open(basic_of("siem", fmt::format("guess {}", i))), "");
  }
  EXPECT_EQ(door.looks, 1 + address_failures_max);
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "") << "right, and too late";
  EXPECT_EQ(door.looks, 1 + address_failures_max);
  EXPECT_EQ(door.open(basic_of("known", "three hills by the sea")), "XB/known") << "is remembered";
  EXPECT_EQ(door.open(basic_of("siem", chosen), "203.0.113.1"), "XB/siem");
  door.later(address_window_s);
  EXPECT_EQ(door.open(basic_of("siem", chosen)), "XB/siem");
}

TEST(TokenLogin, LooksAreBoundedAtOneTime) {
  Federation node;
  must(make_token(node.a(), with_password("siem"), cheap));
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  bool open = false;
  TokenLoginOptions options;
  options.cost = cheap;
  options.bounds = {1, 0, std::chrono::milliseconds(1)};
  options.matches = [&](const std::string&, std::string_view) {
    std::unique_lock guard(mutex);
    ++inside;
    changed.notify_all();
    changed.wait(guard, [&] { return open; });
    return true;
  };
  TokenLogin login(node.a(), options);
  std::thread first([&] { EXPECT_TRUE(must(login.token_of(basic_of("siem", "x"), here))); });
  {
    std::unique_lock guard(mutex);
    changed.wait(guard, [&] { return inside == 1; });
  }
  for (int i = 0; i < 2 * address_failures_max; ++i) {
    const auto refused = login.token_of(basic_of("siem", "y"), here);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable);
  }
  {
    const std::lock_guard guard(mutex);
    open = true;
    changed.notify_all();
  }
  first.join();
  // What was turned away was no attempt.
  EXPECT_TRUE(must(login.token_of(basic_of("siem", "y"), here)).has_value());
}

TEST(TokenLogin, ATokenMakesNoMoreRequestsInAMinuteThanItMay) {
  Federation node;
  NewToken terms;
  terms.name = "slow";
  terms.party = "XB";
  terms.collections = {"records"};
  terms.rate = 3;
  const auto slow = "Bearer " + must(make_token(node.a(), terms)).secret;
  terms.name = "free";
  terms.rate = 0;
  const auto unbounded = "Bearer " + must(make_token(node.a(), terms)).secret;
  TokenLogin login(node.a());
  const auto asks = [&](const std::string& field) {
    const auto token = login.token_of(field, here);
    if (!token) {
      EXPECT_EQ(token.error().kind, ErrorKind::Unavailable);
    }
    return token.has_value();
  };
  const auto later = [&](std::int64_t seconds) {
    node.xa.clock.set(Instant::from_seconds(test::start_instant().seconds() + seconds));
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(asks(slow)) << i;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(asks(slow)) << i;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(asks(unbounded)) << "another token is not concerned";
  later(token_rate_window_s - 1);
  EXPECT_FALSE(asks(slow));
  later(token_rate_window_s);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(asks(slow)) << i;
  EXPECT_FALSE(asks(slow));
  for (const std::int64_t rate : {std::int64_t{-1}, std::int64_t{token_rate_max} + 1}) {
    terms.name = "other";
    terms.rate = rate;
    EXPECT_EQ(make_token(node.a(), terms).error().kind, ErrorKind::InvalidInput);
  }
  terms.rate = token_rate_max;
  EXPECT_TRUE(make_token(node.a(), terms).has_value());
  EXPECT_TRUE(must(verify(node.a())).clean());
}

TEST(TokenLogin, PasswordsAreKeptByArgon2idAndBoundByTheLedger) {
  Door door;
  const auto snapshot = [&] { return must(door.a().store().read()); };
  const auto kept = *must(snapshot()->meta("tokens"));
  EXPECT_EQ(kept.find(chosen), std::string::npos);
  EXPECT_NE(kept.find("$argon2id$"), std::string::npos);
  must(snapshot()->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    EXPECT_EQ(row.entry.find(chosen), std::string::npos);
    EXPECT_EQ(row.entry.find("$argon2id$"), std::string::npos) << "could be guessed at elsewhere";
    return {};
  }));
  EXPECT_TRUE(must(verify(door.a())).clean());
  const auto other = must(trust::hash_password("three hills by the sea", door.xa.random, cheap));
  const auto password = must(tokens(*snapshot())).at(0).password;
  const auto change = must(Change::begin(door.a()));
  must(change->store().set_meta("tokens", test::replaced(kept, password, other)));
  must(change->commit());
  EXPECT_FALSE(must(verify(door.a())).clean());
  EXPECT_FALSE(door.login.token_of(basic_of("siem", "three hills by the sea"), here).has_value());
}

TEST(TokenLogin, APasswordThatAnybodyWouldTryIsNotTaken) {
  Federation node;
  const auto refused = [&](NewToken terms, ErrorKind kind) {
    const auto made = make_token(node.a(), terms, cheap);
    ASSERT_FALSE(made.has_value()) << terms.password;
    EXPECT_EQ(made.error().kind, kind) << made.error().text();
  };
  refused(with_password("siem", "short"), ErrorKind::InvalidInput);
  refused(with_password("siem", "password1234"), ErrorKind::InvalidInput);
  refused(with_password("a-token-of-the-siem", "a-token-of-the-siem"), ErrorKind::InvalidInput);
  std::string longest;
  while (longest.size() < token_password_bytes_max) longest += std::to_string(longest.size());
  longest.resize(token_password_bytes_max);
  refused(with_password("siem", longest + "1"), ErrorKind::InvalidInput);
  auto writes = with_password("siem");
  writes.party = writes.originator = "XC";
  writes.collections.clear();
  writes.write = true;
  refused(writes, ErrorKind::NotPermitted);
  // The longest still fits into a field, with the longest name.
  const std::string name(token_name_bytes_max, 'a');
  const auto made = must(make_token(node.a(), with_password(name, longest), cheap));
  EXPECT_EQ(made.secret, "") << "nothing is made";
  TokenLogin login(node.a(), {cheap, {}, trust::password_matches});
  EXPECT_TRUE(must(login.token_of(basic_of(name, longest), here)).has_value());
}

}  // namespace
}  // namespace comity::exchange
