#include <gtest/gtest.h>

#include <filesystem>

#include "exchange/courier.h"
#include "exchange/delivery.h"
#include "exchange/key_change.h"
#include "exchange/key_notice.h"
#include "exchange/ledger_proof.h"
#include "exchange/peer_ledger.h"
#include "exchange/recall.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/signers.h"
#include "exchange/test_federation.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"
#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"
#include "trust/revocation.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::must;

trust::SigningKey root_of(Node& node, const char* file = "root.pem") {
  return must(trust::SigningKey::from_pem(
      must(read_file(node.directory() + "/keys/" + file, key_file_bytes_max))));
}

std::string signed_draft(Node& node, const char* use, const char* root = "root.pem") {
  return trust::sign_key_record(must(draft_key(node, use)), root_of(node, root));
}

KeyChanged rotate(Node& node, const char* use) {
  return must(change_keys(node, {signed_draft(node, use), {}}, std::nullopt));
}

std::string revocation_of(Node& node, const char* use, std::int64_t number) {
  return trust::sign_key_revocation({node.party(), "exercise", use, number}, root_of(node));
}

// Revokes the present key of a use, with another in its place.
KeyChanged revoke_present(Node& node, const char* use, std::int64_t number) {
  return must(
      change_keys(node, {signed_draft(node, use), revocation_of(node, use, number)}, std::nullopt));
}

Keyring ring_at(Node& node, const std::string& party) {
  const auto snapshot = must(node.store().read());
  return must(keyring(*snapshot, party));
}

std::string notice_to(Node& node, const std::string& party) {
  return must(newest_notice(node, party));
}

void expect_clean(Node& node) {
  const auto found = must(verify(node));
  for (const auto& text : found.findings) ADD_FAILURE() << node.party() << ": " << text;
}

// XA and XB with wires in both directions.
struct LinkedKeys : Federation {
  test::Wire wire_a, wire_b;
  LinkedKeys() : Federation(false), wire_a(a()), wire_b(b()) {
    test::pair_both(a(), b(), wire_a.url(), wire_b.url());
  }
  std::int64_t release_one(std::size_t number) {
    test::import_objects(a(), {test::indicator(number)});
    const auto out = must(release(a(), {test::id_of("indicator", number)}, {"XB"}));
    std::int64_t accepted = 0;
    for (const auto& sent : out.at(0).sent) {
      accepted += sent.accepted;
      EXPECT_EQ(sent.error, "");
    }
    return accepted;
  }
};

// What XB says to an envelope from XA; empty: it took it.
std::string told(Federation& f, const std::string& envelope) {
  const auto before = test::stored(f.b());
  const auto status = receive(f.b(), "XA", envelope);
  if (status) return {};
  EXPECT_EQ(test::stored(f.b()), before);
  return status.error().text();
}

// A disclosure of XA that is ready and signed, with the key that XA had then.
struct Ready {
  Disclosure disclosure;
  std::string record, envelope;
};
Ready ready(Federation& f, std::size_t number = 1, std::int64_t place = 1) {
  Ready out;
  out.record = test::indicator(number);
  out.disclosure = test::disclosure_by(f.a(), "XB", {test::disclosed(out.record)}, place);
  out.envelope = test::envelope_with(f.a(), out.disclosure, {out.record});
  return out;
}

// ---- the making of a node ----------------------------------------------------------------------

TEST(NodeKeys, ANewNodeHasThreeKeysUnderItsRootAndTheRevocationOfIt) {
  Federation f(false);
  const auto ring = ring_at(f.a(), "XA");
  ASSERT_EQ(ring.keys.size(), 3U);
  for (const auto* use : {"node", "tls", "seal"}) {
    const auto* key = ring.present(use);
    ASSERT_NE(key, nullptr) << use;
    EXPECT_EQ(key->record.number, 1);
    EXPECT_EQ(must(trust::open_key_record(key->text, ring.root)).key, key->record.key);
  }
  const auto seal = must(trust::read_seal_key(
      must(read_file(f.xa.directory() + "/keys/seal.pem", key_file_bytes_max))));
  EXPECT_EQ(seal.public_key, ring.present("seal")->record.key);
  auto text = must(read_file(f.xa.directory() + "/keys/root-revocation.json", 10'000));
  const auto revocation = must(trust::open_root_revocation(text));
  EXPECT_EQ(revocation.root, ring.root);
  EXPECT_EQ(revocation.party, "XA");
  for (const auto* file :
       {"root.pem", "node.pem", "seal.pem", "tls-key.pem", "root-revocation.json"}) {
    EXPECT_EQ(std::filesystem::status(f.xa.directory() + "/keys/" + file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << file;
  }
}

TEST(NodeKeys, AStoreWithoutAListOfThemIsOfAnOlderVersion) {
  const test::TemporaryDirectory directory;
  const auto keys = load_node_keys(directory.path(), Keyring(), 1);
  ASSERT_FALSE(keys);
  EXPECT_NE(keys.error().text().find("made by an older version"), std::string::npos);
}

TEST(NodeKeys, APeersThreeKeysArePinned) {
  Federation f;
  const auto own = ring_at(f.b(), "XB"), pinned = ring_at(f.a(), "XB");
  EXPECT_EQ(pinned.root, own.root);
  for (const auto* use : {"node", "tls", "seal"}) {
    EXPECT_EQ(pinned.present(use)->text, own.present(use)->text);
  }
}

// ---- rotation ----------------------------------------------------------------------------------

TEST(KeyRotation, ANewNodeKeyIsTakenByPeersAndWhatTheOldOneSignedStaysValid) {
  LinkedKeys f;
  EXPECT_EQ(f.release_one(1), 1);
  const auto old = f.a().signing_key().public_key();
  const auto changed = rotate(f.a(), "node");
  EXPECT_EQ(changed.number, 2);
  EXPECT_EQ(changed.told, std::vector<std::string>{"XB"});
  EXPECT_NE(f.a().signing_key().public_key(), old);
  EXPECT_FALSE(file_exists(f.xa.directory() + "/keys/node.pem"));
  EXPECT_EQ(f.release_one(2), 1);  // the notice goes before it
  EXPECT_EQ(ring_at(f.b(), "XA").present("node")->record.number, 2);
  rotate(f.b(), "node");  // receipts by a new key
  must(send_statements(f.b()));
  EXPECT_EQ(f.release_one(3), 1);
  expect_clean(f.a());
  expect_clean(f.b());
  f.xa.close();
  f.xa.open();
  EXPECT_EQ(f.a().signing_key().public_key(), ring_at(f.a(), "XA").present("node")->record.key);
  expect_clean(f.a());
}

TEST(KeyRotation, WhatWaitsForAPeerGetsThroughInOrderAfterEveryKindOfChange) {
  for (const bool revoked : {false, true}) {
    Federation f(false);
    std::optional<test::Wire> wire_a(std::in_place, f.a()), wire_b(std::in_place, f.b());
    bool cut = false;
    test::Wire cut_b(f.b(), [&](const net::Request&) -> std::optional<net::Response> {
      if (!cut) return std::nullopt;
      net::Response response;
      response.status = 503;
      return response;
    });
    test::pair_both(f.a(), f.b(), wire_a->url(), cut_b.url());
    test::import_objects(f.a(), {test::indicator(1), test::indicator(2), test::indicator(3)});
    const auto give = [&](std::size_t number) {
      return must(release(f.a(), {test::id_of("indicator", number)}, {"XB"}));
    };
    EXPECT_TRUE(give(1).at(0).sent.at(0).receipt);
    cut = true;
    give(2);
    must(recall(f.a(), {{test::id_of("indicator", 1)}, {"XB"}, "false-positive", std::nullopt}));
    if (revoked) {
      revoke_present(f.a(), "node", 1);
    } else {
      rotate(f.a(), "node");
    }
    give(3);
    cut = false;
    const auto sent = must(deliver(f.a(), "XB"));
    ASSERT_EQ(sent.size(), 2U);
    for (const auto& one : sent) EXPECT_TRUE(one.receipt) << one.error;
    EXPECT_EQ(must(awaited_parties(*must(f.a().store().read()))).size(), 0U);
    expect_clean(f.a());
    expect_clean(f.b());
  }
}

TEST(KeyRotation, AReceiptThatWasSignedBeforeIsTakenAfterTheNotice) {
  Federation f(false);
  test::Wire wire_a(f.a());
  bool lose = true;
  test::Wire wire_b(f.b(), [&](const net::Request& request) -> std::optional<net::Response> {
    if (!lose || request.method != "GET") return std::nullopt;
    net::Response response;
    response.status = 503;
    return response;
  });
  test::pair_both(f.a(), f.b(), wire_a.url(), wire_b.url());
  test::import_objects(f.a(), {test::indicator(1)});
  const auto out = must(release(f.a(), {test::id_of("indicator", 1)}, {"XB"}));
  EXPECT_FALSE(out.at(0).sent.at(0).receipt);
  rotate(f.b(), "node");
  for (const auto& one : must(send_statements(f.b()))) EXPECT_TRUE(one.taken) << one.error;
  lose = false;
  const auto sent = must(deliver(f.a(), "XB"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].receipt) << sent[0].error;
  expect_clean(f.a());
  expect_clean(f.b());
}

// The pin ends by treaty, not by the calendar (docs/formats/keys.md); the doctor speaks of it.
TEST(KeyRotation, AKeyWhoseRecordHasRunOutIsStillTakenInTraffic) {
  LinkedKeys f;
  ASSERT_EQ(f.release_one(1), 1);
  const Instant over = Instant::from_seconds(test::start_instant().seconds() +
                                             (key_validity_days + 1) * seconds_per_day);
  f.xa.clock.set(over);
  f.xb.clock.set(over);
  EXPECT_GT(over, ring_at(f.b(), "XA").present("node")->record.not_after);
  EXPECT_EQ(f.release_one(2), 1);
  expect_clean(f.a());
  expect_clean(f.b());
}

TEST(KeyRotation, OneThatIsNotCommittedLeavesTheOldKeys) {
  Federation f;
  const auto before = f.a().signing_key().public_key();
  const auto record = signed_draft(f.a(), "node");
  EXPECT_TRUE(file_exists(f.xa.directory() + "/keys/node-2.pem"));
  f.xa.close();
  f.xa.open();
  EXPECT_EQ(f.a().signing_key().public_key(), before);
  expect_clean(f.a());
  must(change_keys(f.a(), {record, {}}, std::nullopt));
  EXPECT_NE(f.a().signing_key().public_key(), before);
}

TEST(KeyRotation, APublishedCheckpointIsSignedAnewAndWhatPeersHoldStaysComparable) {
  Federation f;
  const auto note = must(publish_checkpoint(f.a()));
  EXPECT_TRUE(must(witness(f.b(), "XA", note)).kept);
  rotate(f.a(), "node");
  must(take_key_file(f.b(), notice_to(f.a(), "XB")));
  const auto held =
      must(open_own_checkpoint(f.a(), *must(published_checkpoint(*must(f.a().store().read())))));
  EXPECT_EQ(held.size, padded_leaves);
  must(publish_checkpoint(f.a()));
  const auto proof = json::write(to_json(must(prove_consistency(f.a(), held.size, std::nullopt))));
  EXPECT_TRUE(must(witness(f.b(), "XA", proof)).kept);
  expect_clean(f.a());
  expect_clean(f.b());
}

TEST(KeyRotation, RecordsThatDoNotFollowAreRefusedAndChangeNothing) {
  Federation f;
  const auto root = root_of(f.a());
  const auto refused = [&](const std::function<void(trust::KeyRecord&)>& change, ErrorKind kind,
                           const trust::SigningKey& key) {
    auto record = must(draft_key(f.a(), "node"));
    change(record);
    const auto before = test::stored(f.a());
    const auto done = change_keys(f.a(), {trust::sign_key_record(record, key), {}}, std::nullopt);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().kind, kind) << done.error().text();
    EXPECT_EQ(test::stored(f.a()), before);
  };
  refused([](auto&) {}, ErrorKind::NotVerified, root_of(f.b()));
  refused([](auto& record) { record.number = 1; }, ErrorKind::Conflict, root);
  refused([](auto& record) { record.number = 3; }, ErrorKind::Conflict, root);
  refused([](auto& record) { record.party = "XB"; }, ErrorKind::NotVerified, root);
  refused([](auto& record) { record.mode = "operational"; }, ErrorKind::NotVerified, root);
  refused(
      [](auto& record) {
        record.not_after.micros = record.not_before.micros + 1'000'000;
        record.not_before.micros -= 1'000'000;
        record.not_after.micros -= 1'000'000;
      },
      ErrorKind::NotVerified, root);
  // A key that is not the one of the file.
  refused([](auto& record) { record.key = trust::SigningKey::generate().public_key(); },
          ErrorKind::Corrupt, root);
  EXPECT_EQ(change_keys(f.a(), {}, std::nullopt).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(draft_key(f.a(), "root").error().kind, ErrorKind::InvalidInput);
}

// ---- certificates ------------------------------------------------------------------------------

TEST(CertificateRotation, TheOldOneIsPresentedUntilEveryPeerHasTakenTheNotice) {
  LinkedKeys f;
  const auto old = f.a().tls().certificate_pem;
  rotate(f.a(), "tls");
  EXPECT_EQ(f.a().tls().certificate_pem, old);
  EXPECT_FALSE(must(present_newest(f.a())));
  // A second one would leave peers behind by two.
  const auto again = change_keys(f.a(), {signed_draft(f.a(), "tls"), {}}, std::nullopt);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  for (const auto& one : must(send_statements(f.a()))) EXPECT_TRUE(one.taken) << one.error;
  EXPECT_TRUE(must(present_newest(f.a())));
  EXPECT_NE(f.a().tls().certificate_pem, old);
  EXPECT_FALSE(must(present_newest(f.a())));
  EXPECT_EQ(f.release_one(1), 1);
  expect_clean(f.a());
  expect_clean(f.b());
  f.xa.close();
  f.xa.open();
  EXPECT_NE(f.a().tls().certificate_pem, old);
}

TEST(CertificateRotation, WithoutPeersTheNewOneIsPresentedAtOnce) {
  Federation f(false);
  const auto old = f.a().tls().certificate_pem;
  rotate(f.a(), "tls");
  EXPECT_NE(f.a().tls().certificate_pem, old);
}

TEST(CertificateRotation, TheOverlapEndsOnBothSidesAtItsBound) {
  Federation f;
  const auto digest = must(trust::certificate_digest(f.a().tls().certificate_pem));
  const auto at_b = [&](std::int64_t seconds) {
    const auto snapshot = must(f.b().store().read());
    return must(party_of_certificate(
        *snapshot, digest, Instant::from_seconds(test::start_instant().seconds() + seconds)));
  };
  rotate(f.a(), "tls");
  f.xa.clock.set(Instant::from_seconds(test::start_instant().seconds() + tls_overlap_s - 1));
  EXPECT_FALSE(must(present_newest(f.a())));
  f.xa.clock.set(Instant::from_seconds(test::start_instant().seconds() + tls_overlap_s));
  EXPECT_TRUE(must(present_newest(f.a())));
  must(take_key_file(f.b(), notice_to(f.a(), "XB")));
  EXPECT_EQ(at_b(0), "XA");
  EXPECT_EQ(at_b(tls_overlap_s - 1), "XA");
  EXPECT_EQ(at_b(tls_overlap_s), "");
  const auto ring = ring_at(f.b(), "XA");
  EXPECT_EQ(former_certificate(ring, test::start_instant()), digest);
  EXPECT_EQ(former_certificate(
                ring, Instant::from_seconds(test::start_instant().seconds() + tls_overlap_s)),
            std::nullopt);
}

TEST(CertificateRotation, ARevokedOneIsRefusedAtOnceAndTheNoticeGoesUnderIt) {
  LinkedKeys f;
  const auto old = must(trust::certificate_digest(f.a().tls().certificate_pem));
  revoke_present(f.a(), "tls", 1);
  EXPECT_NE(must(trust::certificate_digest(f.a().tls().certificate_pem)), old);
  // XB knows the old one alone; of the new one it hears all the same.
  const auto sent = must(send_statements(f.a()));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].taken) << sent[0].error;
  const auto snapshot = must(f.b().store().read());
  EXPECT_EQ(must(party_of_certificate(*snapshot, old, f.b().now())), "");
  EXPECT_EQ(former_certificate(ring_at(f.b(), "XA"), f.b().now()), std::nullopt);
  EXPECT_EQ(f.release_one(1), 1);
}

TEST(CertificateRotation, AStatementForAPeerThatShowsAnUnknownCertificateWaits) {
  LinkedKeys f;
  EXPECT_EQ(f.release_one(1), 1);
  // XB shows another certificate than the pinned one, before XA has heard of it.
  test::Party stranger(f.directory.file("s"), "XB", 9);
  test::Wire wire(stranger.node());
  Federation g(false);
  test::pair_both(g.a(), g.b(), test::nowhere, wire.url());
  rotate(g.a(), "node");
  const auto sent = must(send_statements(g.a(), "XB"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].waits) << sent[0].error;
}

// ---- notices -----------------------------------------------------------------------------------

TEST(KeyNoticeFile, IsTakenOnceAndOnlyAHigherNumber) {
  Federation f;
  rotate(f.a(), "node");
  const auto first = notice_to(f.a(), "XB");
  rotate(f.a(), "node");
  const auto second = notice_to(f.a(), "XB");
  must(take_key_file(f.b(), second));
  must(take_key_file(f.b(), second));  // a repeat is answered as the first time
  const auto lower = take_key_file(f.b(), first);
  ASSERT_FALSE(lower.has_value());
  EXPECT_EQ(lower.error().kind, ErrorKind::Conflict);
  EXPECT_NE(lower.error().message.find("only a higher one"), std::string::npos);
  EXPECT_EQ(ring_at(f.b(), "XA").present("node")->record.number, 3);
  expect_clean(f.b());
}

TEST(KeyNoticeFile, IsForAPeerThatWasToldSomething) {
  Federation f;
  const auto refusal = [&](const char* party) {
    const auto notice = newest_notice(f.a(), party);
    EXPECT_FALSE(notice.has_value()) << party;
    return notice ? Error() : notice.error();
  };
  const auto stranger = refusal("ZZ");
  EXPECT_EQ(stranger.kind, ErrorKind::Conflict);
  EXPECT_EQ(stranger.text(),
            "ZZ is not paired with this node; exchange invitations first (comity invite ZZ, comity "
            "pair FILE)");
  EXPECT_EQ(refusal("XA").text(), "XA is this node's own party");
  const auto untold = refusal("XB");
  EXPECT_EQ(untold.kind, ErrorKind::NotFound);
  EXPECT_NE(untold.text().find("there is nothing to hand over"), std::string::npos);
  rotate(f.a(), "seal");
  EXPECT_TRUE(newest_notice(f.a(), "XB").has_value());
}

TEST(KeyNoticeFile, OthersAreRefusedAndChangeNothing) {
  Federation f;
  rotate(f.a(), "node");
  const auto good = notice_to(f.a(), "XB");
  const auto root = root_of(f.a()), foreign_root = root_of(f.b());
  const auto refused = [&](const std::string& text, ErrorKind kind) {
    const auto before = test::stored(f.b());
    const auto ring = write_keyring(ring_at(f.b(), "XA"));
    const auto taken = take_key_file(f.b(), text);
    ASSERT_FALSE(taken.has_value()) << text;
    EXPECT_EQ(taken.error().kind, kind) << taken.error().text();
    EXPECT_EQ(test::stored(f.b()), before);
    EXPECT_EQ(write_keyring(ring_at(f.b(), "XA")), ring);
  };
  // The notice with its body changed and signed by the new node key, which a thief may have.
  const auto with = [&](const std::function<void(KeyNotice&)>& change,
                        const trust::SigningKey& key) {
    auto statement = must(read_statement(good));
    change(std::get<KeyNotice>(statement.body));
    return sign(statement, key).bytes;
  };
  const auto record = [&](const std::function<void(trust::KeyRecord&)>& change,
                          const trust::SigningKey& by) {
    auto out = ring_at(f.a(), "XA").present("node")->record;
    change(out);
    return trust::sign_key_record(out, by);
  };
  const auto& key = f.a().signing_key();
  const auto other = trust::SigningKey::generate();
  refused(with([](auto&) {}, other), ErrorKind::NotVerified);
  refused(with([&](auto& body) { body.records[0] = record([](auto&) {}, foreign_root); }, key),
          ErrorKind::NotVerified);
  refused(with([&](auto& body) { body.records[0] = record([](auto& r) { r.party = "XC"; }, root); },
               key),
          ErrorKind::NotVerified);
  refused(with(
              [&](auto& body) {
                body.records[0] = record([](auto& r) { r.mode = "operational"; }, root);
              },
              key),
          ErrorKind::NotVerified);
  refused(with(
              [&](auto& body) {
                body.records[0] = record(
                    [](auto& r) {
                      r.not_after = test::start_instant();
                      r.not_before.micros -= 1'000'000;
                    },
                    root);
              },
              key),
          ErrorKind::NotVerified);
  refused(with(
              [&](auto& body) {
                body.records[0] = record([&](auto& r) { r.key = root.public_key(); }, root);
              },
              root),
          ErrorKind::NotVerified);
  refused(with([&](auto& body) { body.revocations = {revocation_of(f.b(), "node", 1)}; }, key),
          ErrorKind::NotVerified);
  // The present key revoked, and no other given.
  refused(with([&](auto& body) { body.revocations = {revocation_of(f.a(), "node", 2)}; }, key),
          ErrorKind::NotVerified);
  refused(with([](auto& body) { std::swap(body.records[1], body.records[2]); }, key),
          ErrorKind::NotVerified);
  refused(with([](auto& body) { body.records.pop_back(); }, key), ErrorKind::InvalidInput);
  refused(good.substr(0, good.size() - 2), ErrorKind::InvalidInput);
  refused(std::string(statement_bytes_max + 1, ' '), ErrorKind::TooLarge);
  must(take_key_file(f.b(), good));
}

TEST(KeyNoticeFile, ARecordMayBeginThatFarAhead) {
  for (const std::int64_t ahead : {record_ahead_s_max, record_ahead_s_max + 1}) {
    Federation f;
    f.xa.clock.set(Instant::from_seconds(test::start_instant().seconds() + ahead));
    rotate(f.a(), "seal");
    EXPECT_EQ(take_key_file(f.b(), notice_to(f.a(), "XB")).has_value(),
              ahead == record_ahead_s_max);
  }
}

TEST(KeyNoticeFile, NamesAtMostSoManyStatements) {
  auto body = KeyNotice{};
  body.records = {"{}", "{}", "{}"};
  const auto key = trust::SigningKey::generate();
  for (const std::size_t count : {notice_vouched_max, notice_vouched_max + 1}) {
    body.vouched.clear();
    for (std::size_t i = 0; i < count; ++i) body.vouched.push_back(sha256(std::to_string(i)));
    Statement statement;
    statement.id = "comity-key-notice--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a11";
    statement.mode = "exercise";
    statement.exercise = "drill";
    statement.from = "XA";
    statement.to = "XB";
    statement.body = body;
    const auto read = open_statement(sign(statement, key).bytes, key.public_key());
    EXPECT_EQ(read.has_value(), count == notice_vouched_max);
  }
}

// ---- revocation --------------------------------------------------------------------------------

TEST(KeyRevocation, ThePresentKeyIsReplacedFirstAndAnOldOneIsRevokedAlone) {
  Federation f;
  const auto alone = change_keys(f.a(), {{}, revocation_of(f.a(), "seal", 1)}, std::nullopt);
  ASSERT_FALSE(alone.has_value());
  EXPECT_EQ(alone.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(change_keys(f.a(), {{}, revocation_of(f.a(), "seal", 7)}, std::nullopt).error().kind,
            ErrorKind::NotFound);
  rotate(f.a(), "seal");
  const auto changed =
      must(change_keys(f.a(), {{}, revocation_of(f.a(), "seal", 1)}, std::nullopt));
  EXPECT_EQ(changed.number, 0);
  EXPECT_EQ(changed.revoked, 1);
  EXPECT_EQ(change_keys(f.a(), {{}, revocation_of(f.a(), "seal", 1)}, std::nullopt).error().kind,
            ErrorKind::Conflict);
  must(take_key_file(f.b(), notice_to(f.a(), "XB")));
  // The peer took number 2 from this notice and never saw number 1 replaced before.
  EXPECT_STREQ(key_state(*ring_at(f.b(), "XA").find("seal", 1)), "revoked");
  EXPECT_STREQ(key_state(*ring_at(f.b(), "XA").find("seal", 2)), "present");
  expect_clean(f.a());
  expect_clean(f.b());
}

TEST(KeyRevocation, OnAnOperationalNodeTwoAdministratorsSign) {
  test::TemporaryDirectory directory;
  test::Party real(directory.file("XA"), "XA", 5, [](NewNode& options) {
    options.mode = treaty::Mode::Operational;
    options.exercise = "";
  });
  const KeyOrder order{signed_draft(real.node(), "node"), {}};
  const auto alone = change_keys(real.node(), order, std::nullopt);
  ASSERT_FALSE(alone.has_value());
  EXPECT_EQ(alone.error().kind, ErrorKind::NotPermitted);
  const auto enrol = [&](const char* name, const char* role) {
    auto key = trust::SigningKey::generate();
    must(add_officer(real.node(), {name, role, key.public_key()}, std::nullopt));
    return key;
  };
  const auto one = enrol("One", "administrator");
  const auto two = enrol("Two", "administrator");
  Approval approval;
  approval.act = to_json(act_for(real.node(), key_act, must(act_arguments(real.node(), order))));
  sign_act(approval, one);
  sign_act(approval, two);
  const KeyOrder other{signed_draft(real.node(), "seal"), {}};
  EXPECT_FALSE(change_keys(real.node(), other, approval).has_value());
  must(change_keys(real.node(), order, approval));
  // The officers, whose statements the old key signed, stay officers.
  EXPECT_EQ(must(officers(real.node(), *must(real.node().store().read()))).size(), 2U);
  expect_clean(real.node());
  EXPECT_TRUE(role_may_sign("key-change", "administrator"));
  EXPECT_FALSE(role_may_sign("key-change", "legal-adviser"));
}

// ---- security row 10 ---------------------------------------------------------------------------

TEST(SecurityRow10, ADisclosureCountsByTheKeyOfItsTimeAndAsItWasSigned) {
  Federation f;
  const auto accepted = ready(f, 1, 1);
  EXPECT_EQ(told(f, accepted.envelope), "");
  const auto before_rotation = ready(f, 2, 2);
  auto second = before_rotation.disclosure;
  second.previous = must(protocol_digest(sign(accepted.disclosure, f.a().signing_key()).bytes));
  const auto old_key = must(trust::SigningKey::from_pem(f.a().signing_key().to_pem()));
  revoke_present(f.a(), "node", 1);
  must(take_key_file(f.b(), notice_to(f.a(), "XB")));
  const auto with = [&](const Disclosure& disclosure, const trust::SigningKey& key) {
    return told(f, test::envelope_with(sign(disclosure, key).bytes, {before_rotation.record}));
  };
  const auto refused = [&](const std::string& words, const std::string& expected) {
    EXPECT_NE(words.find(expected), std::string::npos) << words;
  };
  refused(with(second, trust::SigningKey::generate()), "signature");  // wrong key
  refused(with(second, old_key), "number 1, which was revoked at");   // revoked key
  auto dated = second;
  dated.time = Instant{second.time.micros - 3'600'000'000};
  refused(with(dated, old_key), "which was revoked at");  // whatever date it bears
  dated.time = Instant{second.time.micros + 3'600'000'000};
  refused(with(dated, old_key), "which was revoked at");
  const auto good = sign(second, f.a().signing_key()).bytes;
  const auto envelope = test::envelope_with(good, {before_rotation.record});
  for (const std::size_t cut : {envelope.size() - 1, envelope.size() / 2, std::size_t{1}}) {
    EXPECT_NE(told(f, envelope.substr(0, cut)), "") << cut;  // truncated
  }
  auto third = second;
  third.id = "comity-disclosure--00000000-0000-4000-8000-000000000003";
  third.number = 3;
  third.previous = must(protocol_digest(good));
  refused(with(third, f.a().signing_key()), "send what lies between first");  // re-ordered
  auto again = second;
  again.number = 1;
  again.previous.reset();
  again.id = "comity-disclosure--00000000-0000-4000-8000-000000000009";
  refused(with(again, f.a().signing_key()), "replay");  // replayed under another id
  auto bare = must(json::parse(good));
  bare.object()->erase("signature");
  EXPECT_NE(told(f, test::envelope_with(json::canonical(bare), {before_rotation.record})), "");
  bare.object()->set("signature", "");
  EXPECT_NE(told(f, test::envelope_with(json::canonical(bare), {before_rotation.record})), "");
  EXPECT_EQ(told(f, envelope), "");           // the honest one
  EXPECT_EQ(told(f, accepted.envelope), "");  // what came at its time is answered as then
  expect_clean(f.b());
}

TEST(SecurityRow10, WhatWasCheckedBeforeANoticeIsNotEnteredAfterIt) {
  Federation f;
  const auto statement = sign(ready(f).disclosure, f.a().signing_key()).bytes;
  const auto signers = must(signers_of_arrival(*must(f.b().store().read()), "XA", statement));
  EXPECT_TRUE(check_unchanged(*must(f.b().store().read()), signers, statement).has_value());
  rotate(f.a(), "node");
  must(take_key_file(f.b(), notice_to(f.a(), "XB")));
  const auto changed = check_unchanged(*must(f.b().store().read()), signers, statement);
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().kind, ErrorKind::Unavailable);
}

// ---- the root ----------------------------------------------------------------------------------

TEST(RootRevocation, NothingUnderItIsTakenUntilTheTwoPairAnew) {
  LinkedKeys f;
  EXPECT_EQ(f.release_one(1), 1);
  const auto text =
      must(read_file(f.xa.directory() + "/keys/root-revocation.json", trust::revocation_bytes_max));
  const auto waiting = ready(f, 5, 2);
  const auto certificate = must(trust::certificate_digest(f.a().tls().certificate_pem));
  EXPECT_TRUE(must(take_key_file(f.b(), text)).root_revoked);
  const auto refused = told(f, waiting.envelope);
  EXPECT_NE(refused.find("the root key of XA was revoked at"), std::string::npos) << refused;
  {
    const auto snapshot = must(f.b().store().read());
    EXPECT_EQ(must(party_of_certificate(*snapshot, certificate, f.b().now())), "");
  }
  test::import_objects(f.b(), {test::indicator(9)});
  const auto out = release(f.b(), {test::id_of("indicator", 9)}, {"XA"});
  ASSERT_FALSE(out.has_value());
  EXPECT_NE(out.error().message.find("the root key of XA was revoked"), std::string::npos);
  EXPECT_FALSE(take_key_file(f.b(), text).has_value());
  // The invitation of before does not bring it back.
  const auto old_invitation = must(f.b().store().read());
  const auto peer = must(old_invitation->peer("XA"));
  EXPECT_FALSE(pair(f.b(), peer->invitation, true).has_value());
  expect_clean(f.b());
  // XA makes another root; what waited by the old key arrives after the two have paired.
  test::import_objects(f.a(), {test::indicator(2)});
  must(release(f.a(), {test::id_of("indicator", 2)}, {"XB"}));
  const auto renewed = must(renew_root(f.a(), text, std::nullopt));
  EXPECT_TRUE(file_exists(renewed.root_file));
  test::pair_both(f.a(), f.b(), f.wire_a.url(), f.wire_b.url());
  const auto sent = must(deliver(f.a(), "XB"));
  for (const auto& one : sent) EXPECT_TRUE(one.receipt) << one.error;
  EXPECT_EQ(sent.size(), 1U);
  EXPECT_EQ(f.release_one(3), 1);
  expect_clean(f.a());
  expect_clean(f.b());
}

TEST(RootRevocation, ThePeerHearsOfItByMessageAndOnlyOfItsOwnPinnedRoot) {
  LinkedKeys f;
  const auto path = f.xa.directory() + "/keys/root-revocation.json";
  const auto text = must(read_file(path, trust::revocation_bytes_max));
  const auto foreign = trust::sign_root_revocation("XA", "exercise", root_of(f.b()));
  for (const auto& wrong :
       {foreign, trust::sign_root_revocation("XA", "operational", root_of(f.a()))}) {
    const auto taken = take_key_file(f.b(), wrong);
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().kind, ErrorKind::NotVerified);
  }
  EXPECT_FALSE(renew_root(f.a(), foreign, std::nullopt).has_value());
  must(renew_root(f.a(), text, std::nullopt));
  const auto sent = must(send_statements(f.a(), "XB"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].taken) << sent[0].error;
  EXPECT_TRUE(ring_at(f.b(), "XA").root_revoked.has_value());
  EXPECT_FALSE(must(must(f.b().store().read())->peer("XA"))->confirmed);
  expect_clean(f.a());
  expect_clean(f.b());
}

TEST(RootRevocation, AnOlderInvitationUnderTheSameRootIsRefused) {
  Federation f;
  const auto snapshot = must(f.b().store().read());
  const auto invitation = must(snapshot->peer("XA"))->invitation;
  EXPECT_TRUE(pair(f.b(), invitation, true).has_value());
  rotate(f.a(), "node");
  must(take_key_file(f.b(), notice_to(f.a(), "XB")));
  const auto again = pair(f.b(), invitation, true);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, ErrorKind::NotVerified);
  EXPECT_NE(again.error().message.find("only a higher one"), std::string::npos);
}

// ---- what verify finds -------------------------------------------------------------------------

TEST(KeyVerify, AStatementByTheWrongKeyOfItsTimeAndAnAlteredRingAreFound) {
  Federation f;
  rotate(f.a(), "node");
  const auto text = write_keyring(ring_at(f.a(), "XA"));
  const auto found = [&](Node& node, const std::string& key, const std::string& value) {
    const auto transaction = must(node.store().begin());
    must(transaction->set_meta(key, value));
    must(transaction->commit());
    const auto out = must(verify(node));
    return std::any_of(out.findings.begin(), out.findings.end(), [](const std::string& one) {
      return one.find("keys of XA: what is kept of them") != std::string::npos;
    });
  };
  auto altered = must(read_keyring(text));
  altered.keys.back().revoked = test::start_instant();
  EXPECT_TRUE(found(f.a(), keyring_key("XA"), write_keyring(altered)));
  EXPECT_FALSE(found(f.a(), keyring_key("XA"), text));
  auto peer = ring_at(f.b(), "XA");
  peer.vouched.push_back(sha256("forged"));
  EXPECT_TRUE(found(f.b(), keyring_key("XA"), write_keyring(peer)));
}

}  // namespace
}  // namespace comity::exchange
