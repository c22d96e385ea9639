#include "exchange/checkpoint_exchange.h"

#include <gtest/gtest.h>

#include <set>

#include "exchange/doctor.h"
#include "exchange/ledger_proof.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::indicator;
using test::must;

using Codes = std::vector<std::string>;

// XA and XC watch the ledger of XB. Statements are carried by hand.
struct Watched : Federation {
  test::Party xc{directory.file("XC"), "XC", 3};
  std::size_t number = 0;
  std::set<std::string> carried;

  explicit Watched(bool is_public = true) {
    test::pair_both(b(), c(), test::nowhere, test::nowhere);
    test::pair_both(a(), c(), test::nowhere, test::nowhere);
    mark(is_public);
  }
  void mark(bool is_public) {
    const auto change = must(Change::begin(b()));
    must(set_checkpoints_public(*change, is_public));
    must(change->commit());
  }
  // XB does not know any more what it has shown to XA.
  void forget_shown() {
    const auto change = must(Change::begin(b()));
    must(change->store().set_meta(checkpoint_said_key("XA"), "{}"));
    must(change->commit());
  }
  // XA holds one checkpoint of XB, and is shown another without proof that it continues that one.
  void show_without_proof() {
    show(b());
    talk(b(), a());
    forget_shown();
    show(b());
    carry(b(), a());
  }
  Kept say_to(Node& from, const std::string& party, StatementBody body) {
    const auto change = must(Change::begin(from));
    auto said = must(say(*change, from, party, std::move(body)));
    must(change->commit());
    return said;
  }
  Node& c() { return xc.node(); }

  // A node works, publishes and shows its checkpoint to its peers.
  void show(Node& node, bool again = false) {
    if (!again) {
      test::import_objects(node, {indicator(++number)});
      must(publish_checkpoint(node));
    }
    must(show_checkpoint(node, again));
  }
  // Brings what one has said to the other, as the wire does; how much it was.
  std::size_t carry(Node& from, Node& to) {
    std::size_t count = 0;
    for (const auto& type : statement_types()) {
      for (const auto& row : test::statements(from, type.c_str(), store::Direction::Sent)) {
        if (row.peer != to.party() || carried.contains(row.id)) continue;
        must(hear(to, *must(must(to.store().read())->peer(from.party())), row.bytes));
        carried.insert(row.id);
        ++count;
        const auto change = must(Change::begin(from));
        must(change->store().set_meta("statement-fate:" + row.id, "taken"));
        must(change->commit());
      }
    }
    return count;
  }
  void talk(Node& one, Node& other) {
    while (carry(one, other) + carry(other, one) > 0) {
    }
  }
  PeerLedger known(Node& node, const std::string& of) {
    return must(peer_ledger(*must(node.store().read()), of));
  }
  Codes codes(Node& node, const std::string& of) {
    Codes out;
    for (const auto& alarm : known(node, of).alarms) out.push_back(alarm.code);
    return out;
  }
  void expect_no_alarm() {
    for (auto* node : {&a(), &b(), &c()}) {
      EXPECT_EQ(must(verify(*node)).findings, Codes()) << node->party();
      std::vector<Ailment> out;
      must(examine_ledgers(*node, out));
      EXPECT_TRUE(out.empty()) << node->party();
    }
  }
  // The data directory of XB as it is now, under another name.
  std::string copy_of_b(const std::string& name) {
    xb.close();
    auto to = directory.file(name);
    std::filesystem::copy(xb.directory(), to, std::filesystem::copy_options::recursive);
    xb.open();
    return to;
  }
  std::unique_ptr<Node> open(const std::string& path) {
    return must(Node::open(path, NodeAccess::ReadWrite, xb.clock, other_random));
  }
  SeededRandom other_random{77};
};

TEST(CheckpointExchange, APeerKeepsWhatContinuesTheOneItHas) {
  Watched watched;
  for (std::uint64_t size = padded_leaves; size <= 3 * padded_leaves; size += padded_leaves) {
    watched.show(watched.b());
    watched.talk(watched.b(), watched.a());
    EXPECT_EQ(watched.known(watched.a(), "XB").size, size);
    EXPECT_FALSE(watched.known(watched.a(), "XB").public_statement.empty());
  }
  EXPECT_TRUE(
      test::statements(watched.a(), "comity-checkpoint-question", store::Direction::Sent).empty());
  // One that waits is not followed by another.
  watched.show(watched.b());
  watched.show(watched.b());
  EXPECT_EQ(watched.carry(watched.b(), watched.a()), 1U);
  watched.expect_no_alarm();
}

TEST(CheckpointExchange, WhereAProofIsMissingThePeerIsAsked) {
  Watched watched;
  watched.show_without_proof();
  EXPECT_EQ(watched.known(watched.a(), "XB").size, padded_leaves);
  EXPECT_EQ(watched.known(watched.a(), "XB").open.size(), 1U);
  watched.talk(watched.b(), watched.a());
  EXPECT_EQ(watched.known(watched.a(), "XB").size, 2 * padded_leaves);
  EXPECT_TRUE(watched.known(watched.a(), "XB").open.empty());
  watched.expect_no_alarm();
}

TEST(CheckpointExchange, AnUnansweredQuestionIsToldAfterADay) {
  Watched watched;
  watched.show_without_proof();
  const auto ailments = [&](std::int64_t after_s) {
    watched.xa.clock.set(Instant::from_seconds(test::start_instant().seconds() + after_s));
    std::vector<Ailment> out;
    must(examine_ledgers(watched.a(), out));
    return out.size();
  };
  EXPECT_EQ(ailments(question_due_s), 0U);
  EXPECT_EQ(ailments(question_due_s + 1), 1U);
}

TEST(CheckpointExchange, ADatabaseThatWasPutBackIsFoundWhenItServesAgain) {
  Watched watched;
  watched.show(watched.b());
  watched.talk(watched.b(), watched.a());
  const auto backup = watched.copy_of_b("backup");
  watched.show(watched.b());
  watched.talk(watched.b(), watched.a());
  ASSERT_EQ(watched.known(watched.a(), "XB").size, 2 * padded_leaves);
  watched.xb.close();
  const auto back = watched.open(backup);
  watched.show(*back, true);
  watched.talk(*back, watched.a());
  EXPECT_EQ(watched.codes(watched.a(), "XB"), Codes{"older"});
  EXPECT_EQ(watched.known(watched.a(), "XB").size, 2 * padded_leaves);
  EXPECT_EQ(watched.codes(*back, "XB"), Codes{"own"});
  for (auto* node : {&watched.a(), back.get()}) {
    EXPECT_EQ(must(verify(*node)).findings.size(), 1U) << node->party();
    std::vector<Ailment> out;
    must(examine_ledgers(*node, out));
    EXPECT_EQ(out.size(), 1U) << node->party();
  }
  // The evidence holds for anybody.
  const auto alarm = watched.known(watched.a(), "XB").alarms.front();
  EXPECT_EQ(must(open_own_checkpoint(*back, alarm.held)).size, 2 * padded_leaves);
  EXPECT_EQ(must(open_own_checkpoint(*back, alarm.shown)).size, padded_leaves);
}

// XB shows one ledger to XA and another to XC; how many leaves more XA is shown.
void split_view(std::size_t more) {
  Watched watched;
  watched.show(watched.b());
  watched.talk(watched.b(), watched.a());
  watched.talk(watched.b(), watched.c());
  const auto twin = watched.open(watched.copy_of_b("twin"));
  watched.show(*twin);
  watched.talk(*twin, watched.c());
  for (std::size_t i = 0; i <= more; ++i) {
    watched.show(watched.b());
    watched.talk(watched.b(), watched.a());
  }
  EXPECT_EQ(watched.known(watched.a(), "XB").size, (2 + more) * padded_leaves);
  // Neither knows by itself.
  EXPECT_EQ(watched.codes(watched.a(), "XB"), Codes());
  EXPECT_EQ(watched.codes(watched.c(), "XB"), Codes());
  must(pass_checkpoints(watched.c(), "XA"));
  watched.talk(watched.a(), watched.c());
  watched.talk(watched.a(), watched.b());
  watched.talk(watched.c(), *twin);
  EXPECT_EQ(watched.codes(watched.a(), "XB"), Codes{"split"});
  ASSERT_FALSE(watched.codes(watched.c(), "XB").empty());
  EXPECT_EQ(watched.codes(watched.b(), "XB"), more > 0 ? Codes{"own"} : Codes());
  const auto alarm = watched.known(watched.a(), "XB").alarms.front();
  const auto held = must(open_own_checkpoint(watched.b(), alarm.held));
  const auto shown = must(open_own_checkpoint(watched.b(), alarm.shown));
  EXPECT_EQ(held.size, shown.size);
  EXPECT_NE(held.root, shown.root);
}

TEST(CheckpointExchange, TwoLedgersOfOneSizeAreFoundByPeersThatTalk) { split_view(0); }

TEST(CheckpointExchange, TwoLedgersOfDifferentSizesAreFoundByAsking) { split_view(2); }

TEST(CheckpointExchange, AnOlderOneFromAnotherPartyIsNoAlarm) {
  Watched watched;
  watched.show(watched.b());
  watched.talk(watched.b(), watched.a());
  watched.talk(watched.b(), watched.c());
  watched.show(watched.b());
  watched.talk(watched.b(), watched.a());
  must(pass_checkpoints(watched.c(), "XA"));
  watched.carry(watched.c(), watched.a());
  EXPECT_EQ(watched.known(watched.a(), "XB").open.size(), 1U);
  watched.talk(watched.a(), watched.b());
  EXPECT_TRUE(watched.known(watched.a(), "XB").open.empty());
  // And the newer one, which went back to XC.
  watched.talk(watched.a(), watched.c());
  watched.talk(watched.c(), watched.b());
  EXPECT_EQ(watched.known(watched.c(), "XB").size, 2 * padded_leaves);
  EXPECT_TRUE(watched.known(watched.c(), "XB").open.empty());
  watched.expect_no_alarm();
}

TEST(CheckpointExchange, OnlyWhatIsMarkedPublicIsPassedOn) {
  Watched watched(false);
  watched.show(watched.b());
  watched.talk(watched.b(), watched.c());
  must(pass_checkpoints(watched.c(), "XA"));
  EXPECT_EQ(watched.carry(watched.c(), watched.a()), 0U);
  const auto mark = [&](bool is_public) {
    watched.mark(is_public);
    must(show_checkpoint(watched.b(), false));
    watched.talk(watched.b(), watched.c());
    must(pass_checkpoints(watched.c(), "XA"));
  };
  mark(true);
  EXPECT_EQ(watched.carry(watched.c(), watched.a()), 1U);
  // It is told once.
  must(pass_checkpoints(watched.c(), "XA"));
  EXPECT_EQ(watched.carry(watched.c(), watched.a()), 0U);
  mark(false);
  EXPECT_TRUE(watched.known(watched.c(), "XB").public_statement.empty());
}

TEST(CheckpointExchange, WhatIsPassedOnCountsOnlyAsItsAuthorSignedIt) {
  Watched watched;
  watched.show(watched.b());
  watched.talk(watched.b(), watched.c());
  const auto passed = watched.known(watched.c(), "XB").public_statement;
  auto other = must(read_statement(passed));
  const auto forged = sign(other, watched.c().signing_key()).bytes;
  const auto by_stranger = [&] {
    auto text = passed;
    return text.replace(text.find(R"("from":"XB")"), 11, R"("from":"XD")");
  }();
  watched.say_to(watched.c(), "XA", CheckpointsPassed{{forged, by_stranger}});
  watched.carry(watched.c(), watched.a());
  EXPECT_FALSE(watched.known(watched.a(), "XB").checkpoint);
  watched.expect_no_alarm();
}

TEST(CheckpointExchange, RefusesWhatThePeerHasNotSigned) {
  Watched watched;
  const auto note = must(publish_checkpoint(watched.c()));
  const auto refused = [&](StatementBody body) {
    const auto said = watched.say_to(watched.b(), "XA", std::move(body));
    const auto row = *must(must(watched.b().store().read())->protocol(said.statement.id));
    const auto before = test::stored(watched.a());
    const auto heard =
        hear(watched.a(), *must(must(watched.a().store().read())->peer("XB")), row.bytes);
    EXPECT_EQ(test::stored(watched.a()), before);
    return !heard && heard.error().kind == ErrorKind::NotVerified;
  };
  EXPECT_TRUE(refused(CheckpointShown{note}));
  EXPECT_TRUE(refused(CheckpointQuestion{note, note}));
  const auto own = must(publish_checkpoint(watched.b()));
  CheckpointShown shown{own};
  shown.old_checkpoint = note;
  EXPECT_TRUE(refused(shown));
  test::import_objects(watched.b(), {indicator(1)});
  must(publish_checkpoint(watched.b()));
  auto proof = must(prove_consistency(watched.b(), padded_leaves, {}));
  shown.checkpoint = proof.checkpoint;
  shown.old_checkpoint = proof.old_checkpoint;
  shown.path = proof.path;
  shown.path.back()[0] ^= 1;
  EXPECT_TRUE(refused(shown));
}

TEST(CheckpointExchange, IsPublishedOnceADayAtItsTime) {
  Watched watched;
  const auto set = [&](const char* instant) {
    watched.xb.clock.set(must(parse_rfc3339(instant)));
    must(publish_when_due(watched.b()));
    const auto note = must(published_checkpoint(*must(watched.b().store().read())));
    return note ? must(open_own_checkpoint(watched.b(), *note)).size : 0;
  };
  EXPECT_EQ(set("2026-11-23T06:00:00Z"), 0U) << "the first time only the day is kept";
  EXPECT_EQ(set("2026-11-24T01:59:59.999999Z"), 0U);
  EXPECT_EQ(set("2026-11-24T02:00:00Z"), padded_leaves);
  EXPECT_EQ(set("2026-11-25T01:59:59.999999Z"), padded_leaves);
  EXPECT_EQ(set("2026-11-25T02:00:00Z"), 2 * padded_leaves);
  watched.talk(watched.b(), watched.a());
  EXPECT_EQ(watched.known(watched.a(), "XB").size, padded_leaves) << "the second waited";
  // Not by a clock that cannot be trusted.
  watched.xb.clock.set(must(parse_rfc3339("2026-11-25T01:00:00Z")));
  EXPECT_EQ(publish_when_due(watched.b()).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace comity::exchange
