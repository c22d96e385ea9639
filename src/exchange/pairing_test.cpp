#include "exchange/pairing.h"

#include <gtest/gtest.h>

#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::must;

constexpr const char* there = "https://127.0.0.1:9";

bool knows(Node& node, const std::string& party) {
  const auto snapshot = must(node.store().read());
  return must(snapshot->peer(party)).has_value();
}

TEST(Pairing, BothSidesSeeTheSameDigitsAndPairOnlyWhenConfirmed) {
  Federation f(false);
  const auto from_a = must(invite(f.a(), "XB", there));
  const auto from_b = must(invite(f.b(), "XA", there));
  EXPECT_EQ(must(invite(f.a(), "XB", there)), from_a);
  EXPECT_NE(must(invite(f.a(), "XC", there)), from_a);
  const auto before_a = test::stored(f.a());
  const auto at_a = must(pair(f.a(), from_b, false));
  const auto at_b = must(pair(f.b(), from_a, false));
  EXPECT_EQ(at_a.digits, at_b.digits);
  EXPECT_EQ(at_a.digits.size(), 8U);
  for (const auto& group : at_a.digits) EXPECT_EQ(group.size(), 5U);
  EXPECT_EQ(at_a.party, "XB");
  EXPECT_EQ(at_a.endpoint, there);
  EXPECT_FALSE(at_a.confirmed);
  EXPECT_FALSE(knows(f.a(), "XB"));
  EXPECT_EQ(test::stored(f.a()), before_a);
  EXPECT_TRUE(must(pair(f.a(), from_b, true)).confirmed);
  EXPECT_FALSE(knows(f.b(), "XA"));
  const auto snapshot = must(f.a().store().read());
  const auto peer = must(snapshot->peer("XB"));
  ASSERT_TRUE(peer.has_value());
  EXPECT_TRUE(peer->confirmed);
  EXPECT_EQ(peer->node_key, f.b().signing_key().public_key());
  EXPECT_EQ(peer->certificate, must(trust::certificate_digest(f.b().tls().certificate_pem)));
  EXPECT_EQ(test::stored(f.a()).leaves, before_a.leaves + 1);
}

TEST(Pairing, AnotherNodeOfTheSamePartyGivesOtherDigits) {
  Federation f(false);
  test::Party stranger(f.directory.file("s"), "XB", 7);
  const auto from_a = must(invite(f.a(), "XB", there));
  const auto from_b = must(invite(f.b(), "XA", there));
  const auto forged = must(invite(stranger.node(), "XA", there));
  EXPECT_NE(must(pair(f.a(), forged, false)).digits, must(pair(f.b(), from_a, false)).digits);
}

TEST(Pairing, InvitationsForNobodyAreRefused) {
  Federation f(false);
  for (const auto* party : {"XA", "QQ", ""}) {
    const auto made = invite(f.a(), party, there);
    ASSERT_FALSE(made.has_value()) << party;
    EXPECT_EQ(made.error().kind, ErrorKind::InvalidInput);
  }
  for (const auto* endpoint : {"", "http://127.0.0.1:9", "127.0.0.1:9", "https://", "ftp://x:1"}) {
    EXPECT_FALSE(invite(f.a(), "XB", endpoint).has_value()) << endpoint;
  }
}

TEST(Pairing, WrongInvitationsAreRefusedAndNothingIsKept) {
  Federation f(false);
  test::Party third(f.directory.file("XC"), "XC", 3);
  test::Party twin(f.directory.file("XA2"), "XA", 4);
  test::Party real(f.directory.file("real"), "XB", 5, [](NewNode& options) {
    options.mode = treaty::Mode::Operational;
    options.exercise = "";
  });
  test::Party unknown(f.directory.file("CN"), "CN", 6);
  must(invite(f.a(), "XB", there));
  const auto refused = [&](const std::string& text, ErrorKind kind, const char* what) {
    const auto before = test::stored(f.a());
    for (const bool confirmed : {false, true}) {
      const auto paired = pair(f.a(), text, confirmed);
      ASSERT_FALSE(paired.has_value()) << what;
      EXPECT_EQ(paired.error().kind, kind) << what << ": " << paired.error().text();
    }
    EXPECT_EQ(test::stored(f.a()), before) << what;
    EXPECT_FALSE(knows(f.a(), "XB"));
  };
  const auto from_b = must(invite(f.b(), "XA", there));
  refused(must(invite(f.b(), "XC", there)), ErrorKind::InvalidInput, "for another party");
  refused(must(invite(real.node(), "XA", there)), ErrorKind::InvalidInput, "of another mode");
  refused(must(invite(f.a(), "XB", there)), ErrorKind::InvalidInput, "our own");
  refused(must(invite(third.node(), "XA", there)), ErrorKind::Conflict, "not invited by us");
  refused("", ErrorKind::InvalidInput, "empty");
  refused("{}", ErrorKind::InvalidInput, "no invitation");
  refused(from_b.substr(0, from_b.size() / 2), ErrorKind::InvalidInput, "half");
  // A node of our own party cannot pair with us, whatever its invitation says.
  EXPECT_FALSE(invite(twin.node(), "XA", there).has_value());
  EXPECT_FALSE(pair(f.a(), test::replaced(from_b, "\"XB\"", "\"XA\""), true).has_value());
  // A party that has left our register is nobody.
  must(invite(f.a(), "CN", there));
  const auto from_cn = must(invite(unknown.node(), "XA", there));
  auto files = test::register_files();
  files["parties.toml"] = test::replaced(files["parties.toml"], "code = \"CN\"", "code = \"ZZ\"");
  test::change_law(f.a(), files);
  refused(from_cn, ErrorKind::InvalidInput, "no party");
}

TEST(Pairing, AnInvitationWhoseKeysHaveExpiredIsRefused) {
  Federation f(false);
  must(invite(f.a(), "XB", there));
  const auto from_b = must(invite(f.b(), "XA", there));
  const auto end = test::start_instant().seconds() + key_validity_days * seconds_per_day;
  f.xa.clock.set(Instant::from_seconds(end - 1));
  EXPECT_TRUE(pair(f.a(), from_b, false).has_value());
  f.xa.clock.set(Instant::from_seconds(end + 1));
  EXPECT_FALSE(pair(f.a(), from_b, true).has_value());
  EXPECT_FALSE(knows(f.a(), "XB"));
}

}  // namespace
}  // namespace comity::exchange
