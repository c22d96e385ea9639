#include "trust/pairing.h"

#include <gtest/gtest.h>
// rapidcheck's header for GoogleTest needs GoogleTest's before it.
#include <rapidcheck/gtest.h>

#include <functional>

#include "json/parse.h"
#include "json/write.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

const Instant not_before = *parse_rfc3339("2026-11-01T00:00:00Z");
const Instant not_after = *parse_rfc3339("2027-11-01T00:00:00Z");
const Instant now = *parse_rfc3339("2026-11-23T05:00:00Z");

// The same in one run, so that the same parts give the same text.
const std::string& a_seal_key() {
  static const std::string key = make_seal_key().public_key;
  return key;
}

// What goes into an invitation, so that a test can change one thing of it.
struct Parts {
  std::string party = "XA", mode = "exercise", invited = "XB";
  std::string endpoint = "https://node.xa.example:8443";
  int root = 1, node_signer = 1, tls_signer = 1, seal_signer = 1;
  KeyRecord node, tls, seal;

  explicit Parts(const std::string& from = "XA", const std::string& to = "XB", int root_number = 1)
      : party(from),
        invited(to),
        root(root_number),
        node_signer(root),
        tls_signer(root),
        seal_signer(root) {
    node = {from,       "exercise", "node", "Ed25519", key_number(root + 100).public_key(),
            not_before, not_after,  1};
    tls = {from,       "exercise", "tls", "P-256", std::string(view(sha256(from + " certificate"))),
           not_before, not_after,  1};
    seal = {from, "exercise", "seal", "P-256", a_seal_key(), not_before, not_after, 1};
  }

  Invitation invitation() const {
    return {party,
            mode,
            invited,
            endpoint,
            key_number(root).public_key(),
            sign_key_record(node, key_number(node_signer)),
            sign_key_record(tls, key_number(tls_signer)),
            sign_key_record(seal, key_number(seal_signer))};
  }
  std::string text() const { return write_invitation(invitation()); }
};

std::string invitation_with(const std::function<void(Parts&)>& change) {
  Parts parts;
  change(parts);
  return parts.text();
}

// The invitation with one member of the text replaced; nothing is signed again.
std::string text_with(const std::string& name, json::Value value) {
  auto object = *json::parse(Parts().text())->object();
  object.set(name, std::move(value));
  return json::canonical(object);
}

std::string answer_text() { return Parts("XB", "XA", 2).text(); }

TEST(Invitation, ComesBackAsItWasWritten) {
  const auto written = Parts().invitation();
  const auto read = read_invitation(write_invitation(written), now);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->party, "XA");
  EXPECT_EQ(read->mode, "exercise");
  EXPECT_EQ(read->invited, "XB");
  EXPECT_EQ(read->endpoint, written.endpoint);
  EXPECT_EQ(read->root_key, written.root_key);
  EXPECT_EQ(read->node_record, written.node_record);
  EXPECT_EQ(read->tls_record, written.tls_record);
  EXPECT_EQ(read->seal_record, written.seal_record);
  EXPECT_EQ(write_invitation(*read), write_invitation(written));
}

TEST(Invitation, PinsNodeKeyCertificateAndSealKey) {
  const Parts parts;
  const auto peer = pinned_peer(*read_invitation(parts.text(), now), now);
  ASSERT_TRUE(peer) << peer.error().text();
  EXPECT_EQ(peer->party, "XA");
  EXPECT_EQ(peer->endpoint, parts.endpoint);
  EXPECT_EQ(peer->node_key, parts.node.key);
  EXPECT_EQ(peer->certificate, sha256("XA certificate"));
  EXPECT_EQ(peer->seal_key, a_seal_key());
}

TEST(Invitation, SpellingForPeopleIsRead) {
  const auto pretty = json::write_pretty(*json::parse(Parts().text()));
  EXPECT_TRUE(read_invitation(pretty, now));
}

TEST(Invitation, RecordsThatDoNotFitAreNotVerified) {
  const std::vector<std::pair<std::string, std::function<void(Parts&)>>> cases = {
      {"node record by another root", [](Parts& p) { p.node_signer = 7; }},
      {"tls record by another root", [](Parts& p) { p.tls_signer = 7; }},
      {"seal record by another root", [](Parts& p) { p.seal_signer = 7; }},
      {"seal record of another party", [](Parts& p) { p.seal.party = "XC"; }},
      {"seal record for another mode", [](Parts& p) { p.seal.mode = "operational"; }},
      {"tls record as seal record", [](Parts& p) { p.seal = p.tls; }},
      {"seal record as tls record", [](Parts& p) { p.tls = p.seal; }},
      {"seal record expired", [](Parts& p) { p.seal.not_after = now; }},
      {"another root than signed", [](Parts& p) { p.root = 7; }},
      {"node record of another party", [](Parts& p) { p.node.party = "XC"; }},
      {"tls record of another party", [](Parts& p) { p.tls.party = "XC"; }},
      {"invitation of another party", [](Parts& p) { p.party = "XC"; }},
      {"node record for another mode", [](Parts& p) { p.node.mode = "operational"; }},
      {"tls record for another mode", [](Parts& p) { p.tls.mode = "operational"; }},
      {"invitation for another mode", [](Parts& p) { p.mode = "operational"; }},
      {"tls record as node record", [](Parts& p) { p.node = p.tls; }},
      {"node record as tls record", [](Parts& p) { p.tls = p.node; }},
      {"records exchanged", [](Parts& p) { std::swap(p.node, p.tls); }},
      {"node key is the root", [](Parts& p) { p.node.key = key_number(1).public_key(); }},
      {"node record expired", [](Parts& p) { p.node.not_after = now; }},
      {"tls record expired", [](Parts& p) { p.tls.not_after = now; }},
      {"node record of tomorrow",
       [](Parts& p) { p.node.not_before = Instant::from_seconds(now.seconds() + 1); }},
      {"tls record of tomorrow",
       [](Parts& p) { p.tls.not_before = Instant::from_seconds(now.seconds() + 1); }},
  };
  for (const auto& [name, change] : cases) {
    const auto read = read_invitation(invitation_with(change), now);
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().kind, ErrorKind::NotVerified) << name << ": " << read.error().text();
    EXPECT_NE(read.error().where.find("_record"), std::string::npos) << read.error().text();
  }
}

TEST(Invitation, HoldsFromTheFirstToBeforeTheLastInstant) {
  const auto text = Parts().text();
  const auto read = *read_invitation(text, now);
  const auto shifted = [](Instant instant, int micros) { return Instant{instant.micros + micros}; };
  EXPECT_FALSE(read_invitation(text, shifted(not_before, -1)));
  EXPECT_TRUE(read_invitation(text, not_before));
  EXPECT_TRUE(read_invitation(text, shifted(not_after, -1)));
  EXPECT_FALSE(read_invitation(text, not_after));
  EXPECT_TRUE(pinned_peer(read, shifted(not_after, -1)));
  EXPECT_FALSE(pinned_peer(read, not_after));
}

TEST(Invitation, OtherValuesOfMembersAreRefused) {
  const std::vector<std::pair<std::string, json::Value>> cases = {
      {"type", "comity-key-record"},
      {"type", 1},
      {"format", 1},
      {"format", 3},
      {"format", "2"},
      {"format", 1.5},
      {"party", ""},
      {"party", "xa"},
      {"party", nullptr},
      {"mode", "test"},
      {"invited", "XA"},
      {"invited", ""},
      {"invited", "X B"},
      {"root_key", ""},
      {"root_key", base64url(std::string(31, 'k'))},
      {"root_key", base64url(std::string(32, '\0'))},
      {"root_key", base64url(key_number(3).public_key())},
      {"node_record", nullptr},
      {"node_record", json::Object()},
      {"node_record", json::canonical(*json::parse(Parts().invitation().node_record))},
      {"tls_record", json::Array()},
      {"signature", "x"},
      {"more", 1},
  };
  for (const auto& [name, value] : cases) {
    EXPECT_FALSE(read_invitation(text_with(name, value), now))
        << name << " = " << json::canonical(value);
  }
  const auto newer = read_invitation(text_with("format", 3), now);
  EXPECT_EQ(newer.error().kind, ErrorKind::Unsupported);
}

TEST(Invitation, OneOfTheFormatWithoutSealKeyIsRefusedAsSuch) {
  auto object = *json::parse(Parts().text())->object();
  object.erase("seal_record");
  const auto stripped = read_invitation(json::canonical(object), now);
  ASSERT_FALSE(stripped);
  EXPECT_EQ(stripped.error().where, "$.seal_record");
  object.set("format", 1);
  const auto older = read_invitation(json::canonical(object), now);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().kind, ErrorKind::Unsupported);
  EXPECT_NE(older.error().message.find("another version"), std::string::npos);
}

TEST(Invitation, EveryMemberIsNeeded) {
  const auto whole = *json::parse(Parts().text())->object();
  ASSERT_EQ(whole.size(), 10U);
  for (const auto& [name, value] : whole) {
    auto object = whole;
    object.erase(name);
    const auto read = read_invitation(json::canonical(object), now);
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().where, "$." + name);
  }
}

TEST(Invitation, EndpointIsHttpsHostAndPort) {
  const auto read = [](const std::string& endpoint) {
    return read_invitation(text_with("endpoint", endpoint), now);
  };
  const auto long_host = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                         std::string(63, 'c') + "." + std::string(61, 'd');
  ASSERT_EQ(long_host.size(), 253U);
  for (const auto& good :
       {std::string("https://a:1"), std::string("https://a:65535"), "https://" + long_host + ":443",
        std::string("https://192.0.2.1:8443"), std::string("https://[2001:db8::1]:8443"),
        std::string("https://[::ffff:192.0.2.1]:1"), std::string("https://a-b.c0:80")}) {
    const auto result = read(good);
    EXPECT_TRUE(result) << good << ": " << result.error().text();
  }
  for (const auto& bad : {std::string(),
                          std::string("https://"),
                          std::string("https://a"),
                          std::string("https://a:"),
                          std::string("https://:443"),
                          std::string("http://a:80"),
                          std::string("HTTPS://a:80"),
                          std::string("https://A:80"),
                          std::string("https://a:0"),
                          std::string("https://a:65536"),
                          std::string("https://a:080"),
                          std::string("https://a:+80"),
                          std::string("https://a:8o"),
                          std::string("https://a:80/"),
                          std::string("https://a:80/taxii2/"),
                          std::string("https://a:80?x"),
                          std::string("https://a:80#x"),
                          std::string("https://user@a:80"),
                          std::string("https://a b:80"),
                          std::string("https://a\nb:80"),
                          std::string("https://.a:80"),
                          std::string("https://a.:80"),
                          std::string("https://a..b:80"),
                          std::string("https://-a:80"),
                          std::string("https://a:80:80"),
                          std::string("https://[]:80"),
                          std::string("https://[abcd]:80"),
                          std::string("https://[::1:80"),
                          std::string("https://::1:80"),
                          std::string("https://[fe80::1%eth0]:80"),
                          std::string(" https://a:80"),
                          std::string("https://a:80 "),
                          std::string("https://a:4294967297"),
                          "https://" + long_host + "d:443"}) {
    const auto result = read(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().where, "$.endpoint");
  }
}

TEST(Invitation, EveryAlteredByteIsRefusedOrChangesTheDigits) {
  const auto text = Parts().text();
  const auto answer = answer_text();
  const auto digits = *comparison_digits(text, answer);
  int read_count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int mask : {0x01, 0x02, 0x20}) {
      auto bad = text;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      const auto read = read_invitation(bad, now);
      if (read) ++read_count;
      const auto other = comparison_digits(bad, answer);
      if (other) {
        EXPECT_NE(*other, digits) << "byte " << i << ": " << bad;
      }
    }
  }
  // Only what no root signs can be read after a change: whom it invites and the endpoint.
  EXPECT_GT(read_count, 0);
  EXPECT_LT(read_count, 100);
}

TEST(Invitation, IsBoundedInLength) {
  auto text = Parts().text();
  text.resize(invitation_bytes_max, ' ');
  EXPECT_TRUE(read_invitation(text, now));
  const auto beyond = read_invitation(text + " ", now);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);
}

TEST(Invitation, OtherDocumentsAreRefused) {
  for (const auto* text : {"", "null", "[]", "{}", "\"x\"", "{\"type\":\"comity-invitation\"}"}) {
    EXPECT_FALSE(read_invitation(text, now)) << text;
  }
}

std::string joined(const std::vector<std::string>& groups) {
  std::string out;
  for (const auto& group : groups) out += group;
  return out;
}

TEST(ComparisonDigits, AreEightTimesFiveAndTheSameOnBothSides) {
  const auto a = Parts().text();
  const auto b = answer_text();
  const auto digits = comparison_digits(a, b);
  ASSERT_TRUE(digits) << digits.error().text();
  ASSERT_EQ(digits->size(), 8U);
  for (const auto& group : *digits) {
    EXPECT_EQ(group.size(), 5U);
    EXPECT_EQ(group.find_first_not_of("0123456789"), std::string::npos) << group;
  }
  EXPECT_EQ(*comparison_digits(b, a), *digits);
  EXPECT_EQ(*comparison_digits(json::write_pretty(*json::parse(a)), b), *digits);
}

TEST(ComparisonDigits, AreTheFirst132BitsInDecimal) {
  const auto a = Parts().text();
  const auto b = answer_text();
  const auto digest = hex(sha256(a < b ? a + b : b + a));
  // The other way: decimal to hexadecimal, 33 digits of four bits, by division on text.
  auto decimal = joined(*comparison_digits(a, b));
  std::string back;
  for (int i = 0; i < 33; ++i) {
    int rest = 0;
    for (auto& c : decimal) {
      const int value = rest * 10 + (c - '0');
      c = static_cast<char>('0' + value / 16);
      rest = value % 16;
    }
    back.insert(back.begin(), "0123456789abcdef"[rest]);
  }
  EXPECT_EQ(decimal, std::string(40, '0'));
  EXPECT_EQ(back, digest.substr(0, 33));
}

TEST(ComparisonDigits, ChangeWithEveryPartOfEitherSide) {
  const auto answer = answer_text();
  const auto digits = *comparison_digits(Parts().text(), answer);
  const std::vector<std::pair<std::string, std::function<void(Parts&)>>> cases = {
      {"endpoint", [](Parts& p) { p.endpoint = "https://node.xa.example:8444"; }},
      {"root", [](Parts& p) { p.root = p.node_signer = p.tls_signer = p.seal_signer = 9; }},
      {"node key", [](Parts& p) { p.node.key = key_number(9).public_key(); }},
      {"seal key", [](Parts& p) { p.seal.key = make_seal_key().public_key; }},
      {"certificate", [](Parts& p) { p.tls.key[0] = static_cast<char>(p.tls.key[0] ^ 1); }},
      {"number", [](Parts& p) { p.node.number = 2; }},
      {"end", [](Parts& p) { p.tls.not_after = Instant::from_seconds(not_after.seconds() + 1); }},
  };
  for (const auto& [name, change] : cases) {
    const auto other = comparison_digits(invitation_with(change), answer);
    ASSERT_TRUE(other) << name << ": " << other.error().text();
    EXPECT_NE(*other, digits) << name;
  }
}

TEST(ComparisonDigits, NeedTwoInvitationsThatAnswerEachOther) {
  const auto a = Parts().text();
  EXPECT_FALSE(comparison_digits(a, a));
  EXPECT_FALSE(comparison_digits(a, Parts("XB", "XC", 2).text()));
  EXPECT_FALSE(comparison_digits(a, Parts("XC", "XA", 2).text()));
  EXPECT_FALSE(comparison_digits(a, ""));
  EXPECT_FALSE(comparison_digits("{}", a));
  Parts operational("XB", "XA", 2);
  operational.mode = "operational";
  for (auto* record : {&operational.node, &operational.tls, &operational.seal}) {
    record->mode = "operational";
  }
  EXPECT_FALSE(comparison_digits(a, operational.text()));
}

RC_GTEST_PROP(ComparisonDigitsLaw, AnyPairIsSymmetricAndOfFixedForm, ()) {
  Parts a("XA", "XB", *rc::gen::inRange(1, 50));
  Parts b("XB", "XA", *rc::gen::inRange(50, 100));
  a.endpoint = "https://a:" + std::to_string(*rc::gen::inRange(1, 65536));
  const auto one = comparison_digits(a.text(), b.text());
  const auto two = comparison_digits(b.text(), a.text());
  RC_ASSERT(one.has_value() && two.has_value());
  RC_ASSERT(*one == *two);
  RC_ASSERT(joined(*one).size() == 40U);
  b.node.number += *rc::gen::inRange(1, 1000);
  RC_ASSERT(*comparison_digits(a.text(), b.text()) != *one);
}

}  // namespace
}  // namespace comity::trust
