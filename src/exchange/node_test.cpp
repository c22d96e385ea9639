#include "exchange/node.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "exchange/test_federation.h"
#include "ledger/note.h"

namespace comity::exchange {
namespace {

using test::must;

NewNode options_for(const std::string& party) {
  NewNode options;
  options.party = party;
  options.mode = treaty::Mode::Exercise;
  options.exercise = "drill";
  options.register_files = test::register_files();
  return options;
}

TEST(Node, IsMadeOnceAndOnlyInItsOwnEmptyDirectory) {
  test::TemporaryDirectory directory;
  FixedClock clock(test::start_instant());
  SeededRandom random(1);
  const auto path = directory.file("XA");
  must(Node::create(path, options_for("XA"), clock, random));
  const auto root = must(read_file(path + "/keys/root.pem", 10'000));
  EXPECT_EQ(Node::create(path, options_for("XA"), clock, random).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(must(read_file(path + "/keys/root.pem", 10'000)), root);
  // A directory whose store is missing still has keys that nobody may overwrite.
  std::filesystem::remove(path + "/store.db");
  EXPECT_FALSE(Node::create(path, options_for("XA"), clock, random).has_value());
  EXPECT_EQ(must(read_file(path + "/keys/root.pem", 10'000)), root);
  must(make_directories(directory.file("other")));
  must(write_file(directory.file("other/letter.txt"), "mine"));
  const auto other = Node::create(directory.file("other"), options_for("XA"), clock, random);
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().kind, ErrorKind::Conflict);
}

TEST(Node, UnknownPartiesAndExercisesAreRefusedAndNothingIsMade) {
  test::TemporaryDirectory directory;
  FixedClock clock(test::start_instant());
  SeededRandom random(1);
  const auto path = directory.file("n");
  for (const auto* party : {"QQ", "", "xa"}) {
    const auto made = Node::create(path, options_for(party), clock, random);
    ASSERT_FALSE(made.has_value()) << party;
    EXPECT_EQ(made.error().kind, ErrorKind::InvalidInput);
  }
  auto options = options_for("XA");
  options.exercise = "other";
  EXPECT_EQ(Node::create(path, options, clock, random).error().kind, ErrorKind::InvalidInput);
  options = options_for("XA");
  options.register_files["parties.toml"] += "[[party]]\n";
  EXPECT_EQ(Node::create(path, options, clock, random).error().kind, ErrorKind::InvalidInput);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(Node::open(path, NodeAccess::ReadOnly, clock, random).error().kind,
            ErrorKind::NotFound);
}

TEST(Node, OneOwnerWritesOthersMayRead) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  const auto second =
      Node::open(party.directory(), NodeAccess::ReadWrite, party.clock, party.random);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, ErrorKind::Conflict);
  {
    const auto reader =
        must(Node::open(party.directory(), NodeAccess::ReadOnly, party.clock, party.random));
    EXPECT_EQ(reader->party(), "XA");
    EXPECT_EQ(reader->law()->model().digest, party.node().law()->model().digest);
    EXPECT_FALSE(Change::begin(*reader).has_value());
  }
  party.close();
  EXPECT_TRUE(
      Node::open(party.directory(), NodeAccess::ReadWrite, party.clock, party.random).has_value());
}

void enter_one(Node& node, bool commit = true) {
  const auto change = must(Change::begin(node));
  json::Object entry;
  entry.set("type", "test");
  must(change->enter("test", entry));
  if (commit) must(change->commit());
}

ledger::Checkpoint checkpoint_of(Node& node) {
  const auto snapshot = must(node.store().read());
  const auto key = node.signing_key().public_key();
  return must(ledger::open_checkpoint(*must(snapshot->meta("checkpoint")), checkpoint_origin(node),
                                      key, [&](std::string_view bytes, std::string_view signature) {
                                        return trust::verify_signature(key, bytes, signature);
                                      }));
}

TEST(Node, EveryChangeEndsWithACheckpointOverAllLeaves) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  for (int i = 0; i < 6; ++i) {
    if (i == 3) {
      party.close();
      party.open();
    }
    enter_one(party.node(), false);  // dropped: no trace
    enter_one(party.node());
    std::vector<Digest> leaves;
    const auto snapshot = must(party.node().store().read());
    must(snapshot->ledger(0, INT64_MAX, [&](const store::LedgerEntry& entry) {
      EXPECT_EQ(ledger::leaf_hash(entry.random + entry.entry), entry.leaf);
      EXPECT_EQ(entry.random.size(), 32U);
      leaves.push_back(entry.leaf);
      return Status();
    }));
    const auto checkpoint = checkpoint_of(party.node());
    EXPECT_EQ(checkpoint.size, leaves.size());
    EXPECT_EQ(checkpoint.size, static_cast<std::uint64_t>(i) + 2);
    EXPECT_EQ(checkpoint.root, ledger::root(leaves));
    EXPECT_EQ(checkpoint.origin, "comity/XA/exercise");
  }
}

TEST(Node, AClockThatGoesBackDoesNotTurnTheLedgerBack) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  const auto later = Instant{test::start_instant().micros + 5'000'000};
  party.clock.set(later);
  enter_one(party.node());
  party.clock.set(Instant{test::start_instant().micros - 3'600'000'000});
  EXPECT_EQ(party.node().now(), later);
  enter_one(party.node());
  party.close();
  party.open();
  EXPECT_EQ(party.node().now(), later);
  enter_one(party.node());
  party.clock.set(Instant{later.micros + 1});
  EXPECT_EQ(party.node().now(), Instant{later.micros + 1});
  enter_one(party.node());
  Instant last{};
  const auto snapshot = must(party.node().store().read());
  must(snapshot->ledger(0, INT64_MAX, [&](const store::LedgerEntry& entry) {
    EXPECT_GE(entry.at, last);
    last = entry.at;
    return Status();
  }));
  EXPECT_EQ(last, (Instant{later.micros + 1}));
}

TEST(Node, ChangesAreMadeOneAtATime) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  auto first = must(Change::begin(party.node()));
  std::atomic<bool> first_is_done{false}, in_time{true};
  std::thread other([&] {
    const auto second = must(Change::begin(party.node()));
    in_time = first_is_done.load();
  });
  json::Object entry;
  must(first->enter("test", entry));
  must(first->commit());
  first_is_done = true;
  first.reset();
  other.join();
  EXPECT_TRUE(in_time);
}

TEST(Node, KnowsThePresentLawAndEveryLawItHeld) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  const auto before = party.node().law();
  {
    const auto change = must(Change::begin(party.node()));
    must(change->set_register(test::lapsed_register()));
  }
  EXPECT_EQ(party.node().law()->model().digest, before->model().digest);  // not committed
  test::change_law(party.node(), test::lapsed_register());
  const auto after = party.node().law();
  EXPECT_NE(after->model().digest, before->model().digest);
  EXPECT_EQ(must(party.node().register_files()), test::lapsed_register());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(must(party.node().law_of(before->model().digest))->model().digest,
              before->model().digest);
    EXPECT_EQ(party.node().law()->model().digest, after->model().digest);
    party.close();
    party.open();
  }
  EXPECT_EQ(party.node().law_of(Digest{}).error().kind, ErrorKind::NotFound);
  const auto change = must(Change::begin(party.node()));
  auto broken = test::register_files();
  broken["parties.toml"] = "nonsense";
  EXPECT_FALSE(change->set_register(broken).has_value());
}

TEST(Node, RegisterFilesAreKeptAsText) {
  const auto& files = test::register_files();
  EXPECT_EQ(must(read_register_files(write_register_files(files))), files);
  EXPECT_EQ(must(read_register_files("{}")), treaty::RegisterFiles{});
  for (const auto* text : {"", "[]", R"({"a":1})"}) {
    EXPECT_FALSE(read_register_files(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace comity::exchange
