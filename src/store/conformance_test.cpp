#include "store/conformance_test.h"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace comity::store {
namespace {

void expect_same(const Record& found, const Record& expected) {
  EXPECT_EQ(found.assertion_id, expected.assertion_id);
  EXPECT_EQ(found.stix_id, expected.stix_id);
  EXPECT_EQ(found.type, expected.type);
  EXPECT_EQ(found.version, expected.version);
  EXPECT_EQ(found.bytes, expected.bytes);
  EXPECT_EQ(found.digest, expected.digest);
  EXPECT_EQ(found.originator, expected.originator);
  EXPECT_EQ(found.received_from, expected.received_from);
  EXPECT_EQ(found.source, expected.source);
  EXPECT_EQ(found.classes, expected.classes);
  EXPECT_EQ(found.area, expected.area);
  EXPECT_EQ(found.purpose, expected.purpose);
  EXPECT_EQ(found.tlp, expected.tlp);
  EXPECT_EQ(found.published, expected.published);
  EXPECT_EQ(found.chain, expected.chain);
  EXPECT_EQ(found.doubts, expected.doubts);
  EXPECT_EQ(found.state, expected.state);
  EXPECT_EQ(found.quarantine_reason, expected.quarantine_reason);
  EXPECT_EQ(found.arrived, expected.arrived);
  EXPECT_EQ(found.names, expected.names);
  EXPECT_EQ(found.leaf, expected.leaf);
  EXPECT_EQ(found.label, expected.label);
}

std::vector<std::int64_t> sequences(const std::vector<Record>& records) {
  std::vector<std::int64_t> out;
  for (const auto& record : records) out.push_back(record.sequence);
  return out;
}

std::vector<std::int64_t> dates(const std::vector<Granted>& grants) {
  std::vector<std::int64_t> out;
  for (const auto& grant : grants) out.push_back(grant.date_added.micros);
  return out;
}

using Numbers = std::vector<std::int64_t>;

TEST_P(StoreConformance, AnEmptyStoreAnswersEveryQuestion) {
  const auto store = create();
  const auto snapshot = must(store->read());
  EXPECT_FALSE(must(snapshot->record(1)));
  EXPECT_FALSE(must(snapshot->record_by_assertion(sha256("none"))));
  EXPECT_TRUE(must(snapshot->records_by_stix_id("indicator--none", true)).empty());
  EXPECT_TRUE(records(*snapshot).empty());
  EXPECT_EQ(must(snapshot->record_count()), 0);
  EXPECT_TRUE(must(snapshot->records_newest(INT64_MAX, 10, {})).records.empty());
  EXPECT_EQ(must(snapshot->records_newest(INT64_MAX, 10, {})).down_to, 1);
  EXPECT_TRUE(must(snapshot->records_by_digest(sha256("none"))).empty());
  EXPECT_TRUE(
      must(snapshot->protocols_newest("comity-receipt", Direction::Sent, INT64_MAX, 10)).empty());
  EXPECT_TRUE(must(snapshot->unanswered("comity-receipt", Direction::Sent, "XB", 10)).empty());
  EXPECT_FALSE(must(snapshot->last_received("XB")));
  EXPECT_EQ(must(snapshot->grant_count("XB", "none")), 0);
  EXPECT_FALSE(must(snapshot->protocol("none")));
  EXPECT_TRUE(must(snapshot->protocols("comity-receipt", Direction::Sent, "")).empty());
  EXPECT_TRUE(must(snapshot->protocols_about("none")).empty());
  must(snapshot->every_protocol([](const ProtocolObject&) -> Status {
    ADD_FAILURE() << "there is none";
    return {};
  }));
  EXPECT_FALSE(must(snapshot->last_disclosure(Direction::Received, "XB")));
  EXPECT_TRUE(must(snapshot->grants("XB", std::nullopt, 10)).empty());
  EXPECT_TRUE(must(snapshot->grants_of("XB", "indicator--1")).empty());
  EXPECT_FALSE(must(snapshot->granted("XB", 1)));
  EXPECT_EQ(must(snapshot->ledger_size()), 0);
  EXPECT_TRUE(must(snapshot->peers()).empty());
  EXPECT_FALSE(must(snapshot->peer("XB")));
  EXPECT_FALSE(must(snapshot->register_files(sha256("none"))));
  EXPECT_FALSE(must(snapshot->meta("none")));
}

TEST_P(StoreConformance, EveryFieldOfARecordComesBackAsItWasAlsoAfterReopening) {
  auto full = sample_record(1);
  full.bytes = std::string("{\"a\":\"\0\x01\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80\xff\"}", 19);
  full.digest = sha256(full.bytes);
  full.received_from = "XB";
  full.source = "disclosure--1";
  full.classes = "indicator,malware";
  full.area = "A01";
  full.purpose = "warning";
  full.tlp = "amber+strict";
  full.published = "https://example.org/é漢😀";
  full.chain = R"([{"instrument":"xa-xb-2024","originator":"XB"}])";
  full.doubts = "[\"it names \\\"somebody\\\"\"]";
  full.state = RecordState::Quarantined;
  full.quarantine_reason = std::string("with a NUL \0 inside", 18);
  full.label = "a name é漢😀\n[file:name = 'x']";
  full.names = {"malware--é", "quote\"back\\slash", "identity--\xf0\x9f\x98\x80", ""};
  auto bare = sample_record(2);
  bare.version = std::nullopt;
  bare.bytes = "";
  bare.tlp = "";
  bare.arrived = Instant{-1};
  {
    const auto store = create();
    const auto transaction = must(store->begin());
    EXPECT_EQ(must(transaction->append(full)).sequence, 1);
    EXPECT_EQ(must(transaction->append(bare)).sequence, 2);
    expect_same(*must(transaction->record(1)), full);
    must(transaction->commit());
  }
  const auto store = open();
  const auto snapshot = must(store->read());
  expect_same(*must(snapshot->record(1)), full);
  expect_same(*must(snapshot->record(2)), bare);
  expect_same(*must(snapshot->record_by_assertion(full.assertion_id)), full);
  expect_same(must(snapshot->records_by_stix_id(full.stix_id, true)).at(0), full);
  auto without_bytes = full;
  without_bytes.bytes = "";
  expect_same(must(snapshot->records_by_stix_id(full.stix_id, false)).at(0), without_bytes);
  expect_same(records(*snapshot, 0, 1, false).at(0), without_bytes);
}

TEST_P(StoreConformance, EveryProtocolObjectIsVisitedInTheOrderOfArrival) {
  const auto store = create();
  std::vector<std::string> expected;
  {
    const auto transaction = must(store->begin());
    for (const std::int64_t number : {2, 1, 3}) {
      for (const auto direction : {Direction::Received, Direction::Sent}) {
        const auto object = sample_disclosure(direction, number == 1 ? "XC" : "XB", number);
        must(transaction->append(object));
        expected.push_back(object.id);
      }
    }
    must(transaction->commit());
  }
  const auto snapshot = must(store->read());
  std::vector<std::string> found;
  must(snapshot->every_protocol([&](const ProtocolObject& object) -> Status {
    found.push_back(object.id);
    return {};
  }));
  EXPECT_EQ(found, expected);
  const auto status = snapshot->every_protocol(
      [](const ProtocolObject&) -> Status { return fail(ErrorKind::Conflict, "enough"); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "enough");
}

TEST_P(StoreConformance, NumbersHaveNoGapsAfterARollback) {
  const auto store = create();
  append(*store, 1, 3);
  {
    const auto given_up = must(store->begin());
    EXPECT_EQ(must(given_up->append(sample_record(100))).sequence, 4);
    EXPECT_EQ(must(given_up->append(sample_entry(1))), 0);
    must(given_up->set_meta("key", "value"));
    must(given_up->append(sample_disclosure(Direction::Sent, "XB", 1)));
    must(given_up->grant("XB", {1, 4}, "disclosure--1", Instant{1}));
    EXPECT_EQ(must(given_up->record_count()), 4);
    EXPECT_EQ(must(given_up->ledger_size()), 1);
  }
  append(*store, 4, 5);
  const auto snapshot = must(store->read());
  EXPECT_EQ(sequences(records(*snapshot)), (Numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(must(snapshot->record(4))->stix_id, "indicator--4");
  EXPECT_FALSE(must(snapshot->record_by_assertion(sample_record(100).assertion_id)));
  EXPECT_EQ(must(snapshot->ledger_size()), 0);
  EXPECT_FALSE(must(snapshot->meta("key")));
  EXPECT_FALSE(must(snapshot->last_disclosure(Direction::Sent, "XB")));
  EXPECT_FALSE(must(snapshot->granted("XB", 1)));
}

TEST_P(StoreConformance, AnAssertionIsAppendedOnce) {
  const auto store = create();
  append(*store, 1, 2);
  const auto transaction = must(store->begin());
  auto again = sample_record(1);
  again.tlp = "red";
  const auto outcome = must(transaction->append(again));
  EXPECT_TRUE(outcome.existed);
  EXPECT_EQ(outcome.sequence, 1);
  const auto fresh = must(transaction->append(sample_record(3)));
  EXPECT_FALSE(fresh.existed);
  EXPECT_EQ(fresh.sequence, 3);
  EXPECT_TRUE(must(transaction->append(sample_record(3))).existed);
  must(transaction->commit());
  const auto snapshot = must(store->read());
  EXPECT_EQ(must(snapshot->record_count()), 3);
  EXPECT_EQ(must(snapshot->record(1))->tlp, "green");
}

TEST_P(StoreConformance, SeveralAssertionsOfOneObjectComeOldestFirst) {
  const auto store = create();
  const auto transaction = must(store->begin());
  for (const std::int64_t n : {5, 3, 4}) {
    auto record = sample_record(n);
    record.stix_id = "indicator--same";
    must(transaction->append(record));
    must(transaction->append(sample_record(n + 10)));
  }
  must(transaction->commit());
  const auto snapshot = must(store->read());
  const auto found = must(snapshot->records_by_stix_id("indicator--same", true));
  EXPECT_EQ(sequences(found), (Numbers{1, 3, 5}));
  EXPECT_EQ(found.at(0).bytes, "{\"n\":5}");
}

TEST_P(StoreConformance, RecordsArePaged) {
  const auto store = create();
  append(*store, 1, 10);
  const auto snapshot = must(store->read());
  EXPECT_EQ(sequences(records(*snapshot, 0, 4)), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(sequences(records(*snapshot, 4, 4)), (Numbers{5, 6, 7, 8}));
  EXPECT_EQ(sequences(records(*snapshot, 8, 4)), (Numbers{9, 10}));
  EXPECT_TRUE(records(*snapshot, 10, 4).empty());
  EXPECT_TRUE(records(*snapshot, 0, 0).empty());
  EXPECT_TRUE(records(*snapshot, 0, -1).empty());
}

TEST_P(StoreConformance, AnErrorOfTheVisitorEndsTheVisit) {
  const auto store = create();
  append(*store, 1, 5);
  const auto snapshot = must(store->read());
  int seen = 0;
  const auto outcome = snapshot->records_after(0, 5, false, [&](const Record&) -> Status {
    return ++seen < 3 ? Status{} : fail(ErrorKind::TooLarge, "enough");
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "enough");
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(records(*snapshot).size(), 5U);
}

TEST_P(StoreConformance, AVisitorMayAskFurtherQuestions) {
  const auto store = create();
  append(*store, 1, 4);
  const auto snapshot = must(store->read());
  Numbers pairs;
  must(snapshot->records_after(0, 4, false, [&](const Record& outer) {
    EXPECT_EQ(must(snapshot->record(outer.sequence))->stix_id, outer.stix_id);
    for (const auto& inner : records(*snapshot, outer.sequence)) {
      pairs.push_back(outer.sequence * 10 + inner.sequence);
    }
    return Status{};
  }));
  EXPECT_EQ(pairs, (Numbers{12, 13, 14, 23, 24, 34}));
}

TEST_P(StoreConformance, StateCanBeChangedAndNothingElse) {
  const auto store = create();
  append(*store, 1, 2);
  {
    const auto transaction = must(store->begin());
    must(transaction->set_state(2, RecordState::Quarantined, "a doubt"));
    const auto missing = transaction->set_state(3, RecordState::Live, "");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::NotFound);
    must(transaction->commit());
  }
  auto expected = sample_record(2);
  expected.state = RecordState::Quarantined;
  expected.quarantine_reason = "a doubt";
  expect_same(*must(must(store->read())->record(2)), expected);
  expect_same(*must(must(store->read())->record(1)), sample_record(1));
}

TEST_P(StoreConformance, ASnapshotDoesNotChange) {
  const auto store = create();
  append(*store, 1, 2);
  const auto before = must(store->read());
  EXPECT_EQ(must(before->record_count()), 2);
  const auto transaction = must(store->begin());
  must(transaction->append(sample_record(3)));
  must(transaction->append(sample_entry(1)));
  must(transaction->set_state(1, RecordState::Quarantined, "later"));
  must(transaction->set_meta("key", "value"));
  EXPECT_EQ(must(must(store->read())->record_count()), 2);
  must(transaction->commit());
  EXPECT_EQ(must(before->record_count()), 2);
  EXPECT_EQ(records(*before).size(), 2U);
  EXPECT_EQ(must(before->record(1))->state, RecordState::Live);
  EXPECT_EQ(must(before->ledger_size()), 0);
  EXPECT_FALSE(must(before->meta("key")));
  const auto after = must(store->read());
  EXPECT_EQ(records(*after).size(), 3U);
  EXPECT_EQ(must(after->record(1))->quarantine_reason, "later");
  EXPECT_EQ(*must(after->meta("key")), "value");
}

TEST_P(StoreConformance, ATransactionThatIsOverTakesNothingMore) {
  const auto store = create();
  {
    const auto transaction = must(store->begin());
    must(transaction->append(sample_record(1)));
    must(transaction->commit());
    EXPECT_FALSE(transaction->append(sample_record(2)));
    EXPECT_FALSE(transaction->set_meta("key", "value"));
    EXPECT_FALSE(transaction->record(1));
    EXPECT_FALSE(transaction->commit());
    // The next one need not wait until the object is gone.
    append(*store, 3, 3);
    EXPECT_FALSE(transaction->append(sample_record(2)));
  }
  const auto snapshot = must(store->read());
  EXPECT_EQ(must(snapshot->record_count()), 2);
  EXPECT_FALSE(must(snapshot->record_by_assertion(sample_record(2).assertion_id)));
  EXPECT_FALSE(must(snapshot->meta("key")));
}

TEST_P(StoreConformance, ConcurrentAppendsAreNumberedInCommitOrderAndOnlyGrow) {
  constexpr int writers = 2;
  constexpr std::int64_t transactions = 150;
  const auto store = create();
  std::mutex mutex;
  std::int64_t tickets = 0;                   // taken while a transaction is held
  std::map<std::int64_t, Numbers> by_ticket;  // sequences of each transaction
  std::atomic<int> running = writers;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (std::int64_t i = 0; i < transactions; ++i) {
        const auto transaction = must(store->begin());
        Numbers taken;
        for (std::int64_t k = 0; k <= i % 3; ++k) {
          const auto n = (writer * transactions + i) * 10 + k;
          taken.push_back(must(transaction->append(sample_record(n))).sequence);
        }
        if (i % 7 == 6) continue;  // given up
        {
          const std::lock_guard lock(mutex);
          by_ticket[tickets++] = taken;
        }
        must(transaction->commit());
      }
      --running;
    });
  }
  std::int64_t last = 0;
  for (bool more = true; more;) {
    more = running > 0;  // read before looking, so that the last look sees everything
    const auto snapshot = must(store->read());
    for (const auto& record : records(*snapshot, last, 1'000'000, false)) {
      ASSERT_EQ(record.sequence, last + 1) << "a number appeared after a higher one, or never";
      last = record.sequence;
    }
    ASSERT_EQ(must(snapshot->record_count()), last);
  }
  for (auto& thread : threads) thread.join();
  std::int64_t expected = 0;
  for (const auto& [ticket, taken] : by_ticket) {
    for (const auto sequence : taken) EXPECT_EQ(sequence, ++expected);
  }
  EXPECT_EQ(last, expected);
}

TEST_P(StoreConformance, ATransactionMayEndInAnotherThread) {
  const auto store = create();
  auto transaction = must(store->begin());
  must(transaction->append(sample_record(1)));
  std::thread([moved = std::move(transaction)] { must(moved->commit()); }).join();
  append(*store, 2, 2);
  EXPECT_EQ(must(must(store->read())->record_count()), 2);
}

TEST_P(StoreConformance, ASnapshotOutlivesTheStore) {
  auto store = create();
  append(*store, 1, 1);
  const auto snapshot = must(store->read());
  store.reset();
  EXPECT_EQ(must(snapshot->record_count()), 1);
}

TEST_P(StoreConformance, GrantsGrowStrictlyWhenTheClockStandsStillOrGoesBack) {
  const auto store = create();
  append(*store, 1, 6);
  const auto transaction = must(store->begin());
  EXPECT_EQ(must(transaction->grant("XB", {1, 2}, "d1", Instant{1000})).micros, 1000);
  EXPECT_EQ(must(transaction->grant("XB", {3}, "d2", Instant{1000})).micros, 1002);
  EXPECT_EQ(must(transaction->grant("XB", {5, 4}, "d3", Instant{10})).micros, 1003);
  EXPECT_EQ(must(transaction->grant("XC", {6}, "d4", Instant{10})).micros, 10);
  EXPECT_EQ(must(transaction->grant("XB", {6}, "d5", Instant{1005})).micros, 1005);
  must(transaction->commit());
  const auto later = must(store->begin());
  EXPECT_EQ(must(later->grant("XB", {1}, "d6", Instant{-5})).micros, 1006);
  EXPECT_EQ(must(later->grant("XB", {2}, "d6", Instant{5000})).micros, 5000);
  must(later->commit());
  const auto snapshot = must(store->read());
  const auto grants = must(snapshot->grants("XB", std::nullopt, 100));
  EXPECT_EQ(dates(grants), (Numbers{1000, 1001, 1002, 1003, 1004, 1005, 1006, 5000}));
  Numbers granted;
  for (const auto& grant : grants) granted.push_back(grant.sequence);
  EXPECT_EQ(granted, (Numbers{1, 2, 3, 5, 4, 6, 1, 2}));
  EXPECT_EQ(dates(must(snapshot->grants("XC", std::nullopt, 100))), (Numbers{10}));
}

TEST_P(StoreConformance, GrantsCarryTheirRecordAndArePaged) {
  const auto store = create();
  append(*store, 1, 7);
  const auto transaction = must(store->begin());
  must(transaction->grant("XB", {7, 6, 5, 4, 3}, "d1", Instant{100}));
  must(transaction->grant("XB", {7}, "d2", Instant{200}));
  must(transaction->commit());
  const auto snapshot = must(store->read());
  const auto first = must(snapshot->grants("XB", std::nullopt, 2));
  EXPECT_EQ(dates(first), (Numbers{100, 101}));
  EXPECT_EQ(first.at(1).sequence, 6);
  EXPECT_EQ(first.at(1).stix_id, "indicator--6");
  EXPECT_EQ(first.at(1).bytes, "{\"n\":6}");
  EXPECT_EQ(first.at(1).version, (Instant{1'000'006}));
  EXPECT_EQ(first.at(1).disclosure, "d1");
  EXPECT_EQ(dates(must(snapshot->grants("XB", Instant{101}, 3))), (Numbers{102, 103, 104}));
  EXPECT_EQ(dates(must(snapshot->grants("XB", Instant{104}, 3))), (Numbers{200}));
  EXPECT_TRUE(must(snapshot->grants("XB", Instant{200}, 3)).empty());
  EXPECT_TRUE(must(snapshot->grants("XB", std::nullopt, 0)).empty());
  EXPECT_EQ(dates(must(snapshot->grants_of("XB", "indicator--7"))), (Numbers{100, 200}));
  EXPECT_TRUE(must(snapshot->grants_of("XB", "indicator--1")).empty());
  EXPECT_EQ(dates(must(snapshot->grants_by_disclosure("XB", "d1"))),
            (Numbers{100, 101, 102, 103, 104}));
  EXPECT_EQ(must(snapshot->grants_by_disclosure("XB", "d2")).at(0).bytes, "{\"n\":7}");
  EXPECT_TRUE(must(snapshot->grants_by_disclosure("XC", "d1")).empty());
  const auto digests = must(snapshot->digests_by_disclosure("XB", "d1"));
  ASSERT_EQ(digests.size(), 5U);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    EXPECT_EQ(digests[i], must(snapshot->record(7 - static_cast<std::int64_t>(i)))->digest);
  }
  EXPECT_TRUE(must(snapshot->digests_by_disclosure("XC", "d1")).empty());
  EXPECT_TRUE(must(snapshot->granted("XB", 3)));
  EXPECT_FALSE(must(snapshot->granted("XB", 1)));
  EXPECT_FALSE(must(snapshot->granted("XC", 3)));
}

TEST_P(StoreConformance, AGrantThatCannotBeMadeSpoilsItsTransaction) {
  const auto store = create();
  append(*store, 1, 2);
  {
    const auto transaction = must(store->begin());
    const auto missing = transaction->grant("XB", {1, 3}, "d1", Instant{1});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::NotFound);
    EXPECT_FALSE(transaction->commit());
  }
  {
    const auto transaction = must(store->begin());
    const auto twice = transaction->grant("XB", {2, 2}, "d1", Instant{1});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().kind, ErrorKind::Conflict);
    EXPECT_FALSE(transaction->commit());
  }
  EXPECT_TRUE(must(must(store->read())->grants("XB", std::nullopt, 10)).empty());
}

TEST_P(StoreConformance, LedgerIndexesStartAtZeroWithoutGaps) {
  const auto store = create();
  for (std::int64_t n = 0; n < 5; ++n) {
    const auto transaction = must(store->begin());
    EXPECT_EQ(must(transaction->append(sample_entry(n))), n);
    must(transaction->commit());
    must(must(store->begin())->append(sample_entry(99)));  // given up
  }
  const auto snapshot = must(store->read());
  EXPECT_EQ(must(snapshot->ledger_size()), 5);
  std::int64_t next = 2;
  must(snapshot->ledger(2, 2, [&](const LedgerEntry& entry) {
    const auto expected = sample_entry(next);
    EXPECT_EQ(entry.index, next++);
    EXPECT_EQ(entry.kind, expected.kind);
    EXPECT_EQ(entry.entry, expected.entry);
    EXPECT_EQ(entry.random, expected.random);
    EXPECT_EQ(entry.leaf, expected.leaf);
    EXPECT_EQ(entry.at, expected.at);
    return Status{};
  }));
  EXPECT_EQ(next, 4);
  must(snapshot->ledger(5, 10, [](const LedgerEntry&) -> Status {
    return fail(ErrorKind::Corrupt, "there is no such entry");
  }));
}

TEST_P(StoreConformance, ProtocolObjectsAreFoundByEveryKey) {
  const auto store = create();
  const auto transaction = must(store->begin());
  for (const std::int64_t number : {2, 1, 3}) {
    must(transaction->append(sample_disclosure(Direction::Sent, "XB", number)));
    must(transaction->append(sample_disclosure(Direction::Received, "XB", number + 10)));
  }
  must(transaction->append(sample_disclosure(Direction::Sent, "XC", 1)));
  auto receipt = sample_disclosure(Direction::Received, "XB", 0);
  receipt.id = "comity-receipt--1";
  receipt.kind = "comity-receipt";
  receipt.about = "comity-disclosure--0-XB-2";
  receipt.bytes = std::string("a\0b", 3);
  must(transaction->append(receipt));
  auto second = receipt;
  second.id = "comity-receipt--2";
  must(transaction->append(second));
  must(transaction->commit());

  const auto snapshot = must(store->read());
  const auto found = must(snapshot->protocol("comity-receipt--1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, "comity-receipt");
  EXPECT_EQ(found->direction, Direction::Received);
  EXPECT_EQ(found->peer, "XB");
  EXPECT_EQ(found->number, 0);
  EXPECT_EQ(found->digest, receipt.digest);
  EXPECT_EQ(found->bytes, receipt.bytes);
  EXPECT_EQ(found->about, receipt.about);
  EXPECT_EQ(found->at, receipt.at);
  const auto ids = [&](Direction direction, const char* peer) {
    std::string out;
    for (const auto& object : must(snapshot->protocols("comity-disclosure", direction, peer))) {
      out += object.peer + std::to_string(object.number) + " ";
    }
    return out;
  };
  EXPECT_EQ(ids(Direction::Sent, "XB"), "XB1 XB2 XB3 ");
  EXPECT_EQ(ids(Direction::Received, "XB"), "XB11 XB12 XB13 ");
  EXPECT_EQ(ids(Direction::Sent, ""), "XB1 XC1 XB2 XB3 ");
  const auto about = must(snapshot->protocols_about("comity-disclosure--0-XB-2"));
  ASSERT_EQ(about.size(), 2U);
  EXPECT_EQ(about.at(0).id, "comity-receipt--1");
  EXPECT_EQ(must(snapshot->last_disclosure(Direction::Sent, "XB"))->number, 3);
  EXPECT_EQ(must(snapshot->last_disclosure(Direction::Received, "XB"))->number, 13);
  EXPECT_FALSE(must(snapshot->last_disclosure(Direction::Received, "XC")));
}

TEST_P(StoreConformance, ProtocolNumbersAndIdsAreUnique) {
  const auto store = create();
  const auto transaction = must(store->begin());
  must(transaction->append(sample_disclosure(Direction::Sent, "XB", 1)));
  auto same_number = sample_disclosure(Direction::Sent, "XB", 1);
  same_number.id = "comity-disclosure--other";
  const auto number = transaction->append(same_number);
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().kind, ErrorKind::Conflict);
  EXPECT_NE(number.error().message.find("number 1 to XB is taken by comity-disclosure--0-XB-1"),
            std::string::npos)
      << number.error().message;
  auto same_id = sample_disclosure(Direction::Sent, "XB", 1);
  same_id.number = 2;
  const auto id = transaction->append(same_id);
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, ErrorKind::Conflict);
  EXPECT_NE(id.error().message.find(same_id.id), std::string::npos) << id.error().message;
  // The refusal leaves the transaction as it was.
  must(transaction->append(sample_disclosure(Direction::Sent, "XB", 2)));
  must(transaction->commit());
  const auto kept =
      must(must(store->read())->protocols("comity-disclosure", Direction::Sent, "XB"));
  EXPECT_EQ(kept.size(), 2U);
}

// A record of which the n-th third is quarantined, the n-th fifth came from XB, and so on.
Record listed_record(std::int64_t n) {
  auto out = sample_record(n);
  out.type = n % 2 == 0 ? "malware" : "indicator";
  out.stix_id = out.type + "--" + std::to_string(1000 + n);
  out.label = n % 4 == 0 ? "100% Sure_Thing\n[url:value = 'http://x.example']" : "other É";
  if (n % 3 == 0) out.state = RecordState::Quarantined;
  if (n % 5 == 0) out.received_from = "XB";
  out.source = n <= 10 ? "import-1" : "import-2";
  out.digest = sha256(n % 7 == 0 ? "same" : "digest " + std::to_string(n));
  return out;
}

// Sixty of them, listed in one page and in pages of seven: what `wanted` takes, the newest first.
class ListedRecords {
 public:
  explicit ListedRecords(Store& store) {
    const auto transaction = must(store.begin());
    for (std::int64_t n = 1; n <= 60; ++n) must(transaction->append(listed_record(n)));
    must(transaction->commit());
    snapshot_ = must(store.read());
  }
  RecordList page(std::int64_t before, std::int64_t count, const RecordFilter& filter) {
    return must(snapshot_->records_newest(before, count, filter));
  }
  template <typename Wanted>
  void expect_all(const RecordFilter& filter, const Wanted& wanted, const char* what) {
    Numbers expected, found;
    for (std::int64_t n = 60; n >= 1; --n) {
      if (wanted(listed_record(n))) expected.push_back(n);
    }
    EXPECT_EQ(sequences(page(INT64_MAX, 100, filter).records), expected) << what;
    EXPECT_EQ(page(INT64_MAX, 100, filter).down_to, 1) << what;
    // Each page from where the one before ended.
    for (auto before = std::int64_t{INT64_MAX}; before > 1;) {
      const auto some = page(before, 7, filter);
      for (const auto& record : some.records) found.push_back(record.sequence);
      before = some.down_to;
    }
    EXPECT_EQ(found, expected) << what;
  }

 private:
  std::unique_ptr<Snapshot> snapshot_;
};

TEST_P(StoreConformance, RecordsAreListedNewestFirstAndFiltered) {
  const auto store = create();
  ListedRecords list(*store);
  RecordFilter filter;
  list.expect_all(
      filter, [](const Record&) { return true; }, "all");
  filter.type = "malware";
  list.expect_all(
      filter, [](const Record& r) { return r.type == "malware"; }, "type");
  filter.state = RecordState::Quarantined;
  list.expect_all(
      filter,
      [](const Record& r) { return r.type == "malware" && r.state == RecordState::Quarantined; },
      "type and state");
  filter = {};
  filter.state = RecordState::Live;
  filter.received_from = "XB";
  list.expect_all(
      filter,
      [](const Record& r) { return r.state == RecordState::Live && r.received_from == "XB"; },
      "live from XB");
  filter.received_from = "";
  list.expect_all(
      filter,
      [](const Record& r) { return r.state == RecordState::Live && r.received_from.empty(); },
      "live, own");
  EXPECT_EQ(sequences(list.page(31, 3, {}).records), (Numbers{30, 29, 28}));
  EXPECT_TRUE(list.page(1, 10, {}).records.empty());
  EXPECT_TRUE(list.page(INT64_MIN, 10, {}).records.empty());
  EXPECT_TRUE(list.page(INT64_MAX, 10, {}).records.at(0).bytes.empty()) << "without bytes";
}

// Signs of the pattern language of a backend stand for themselves.
TEST_P(StoreConformance, RecordsAreFoundByTheirLabelOrTheBeginningOfTheirId) {
  const auto store = create();
  ListedRecords list(*store);
  RecordFilter filter;
  for (const char* text : {"sure_THING", "100% s", "x.example'"}) {
    filter.text = text;
    list.expect_all(
        filter, [](const Record& r) { return r.label.size() > 20; }, text);
  }
  for (const char* text : {"0_ Sure", "100%%Sure", "\\", "hing [u", "ware--10"}) {
    filter.text = text;
    list.expect_all(
        filter, [](const Record&) { return false; }, text);
  }
  filter.text = "MALWARE--10";
  list.expect_all(
      filter, [](const Record& r) { return r.stix_id.starts_with("malware--10"); }, "id");
}

TEST_P(StoreConformance, RecordsAreFoundByDigestAndBySource) {
  const auto store = create();
  {
    const auto transaction = must(store->begin());
    for (std::int64_t n = 1; n <= 21; ++n) must(transaction->append(listed_record(n)));
    EXPECT_EQ(sequences(must(transaction->records_by_digest(sha256("same")))),
              (Numbers{7, 14, 21}));
    must(transaction->commit());
  }
  const auto snapshot = must(store->read());
  EXPECT_EQ(sequences(must(snapshot->records_by_digest(sha256("digest 3")))), Numbers{3});
  Numbers found;
  const auto each = [&](const Record& record) -> Status {
    found.push_back(record.sequence);
    if (found.size() == 12) return fail(ErrorKind::Conflict, "enough");
    return {};
  };
  must(snapshot->records_by_source("import-1", each));
  EXPECT_EQ(found, (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  const auto stopped = snapshot->records_by_source("import-2", each);
  ASSERT_FALSE(stopped) << "an error of the visitor ends it";
  EXPECT_EQ(stopped.error().message, "enough");
}

TEST_P(StoreConformance, ProtocolObjectsAreListedNewestFirstAndByWhatIsAnswered) {
  const auto store = create();
  {
    const auto transaction = must(store->begin());
    for (std::int64_t n = 1; n <= 5; ++n) {
      must(transaction->append(sample_disclosure(Direction::Sent, n == 4 ? "XC" : "XB", n)));
    }
    must(transaction->append(sample_disclosure(Direction::Received, "XB", 1)));
    auto receipt = sample_disclosure(Direction::Received, "XB", 0);
    receipt.id = "comity-receipt--2";
    receipt.kind = "comity-receipt";
    receipt.about = "comity-disclosure--0-XB-2";
    receipt.at = Instant{77};
    must(transaction->append(receipt));
    must(transaction->commit());
  }
  const auto snapshot = must(store->read());
  const auto numbers = [](const std::vector<ProtocolObject>& rows) {
    Numbers out;
    for (const auto& row : rows) out.push_back(row.number);
    return out;
  };
  const auto newest = [&](std::int64_t before, std::int64_t count) {
    return must(snapshot->protocols_newest("comity-disclosure", Direction::Sent, before, count));
  };
  EXPECT_EQ(numbers(newest(INT64_MAX, 10)), (Numbers{5, 4, 3, 2, 1}));
  const auto first = newest(INT64_MAX, 2);
  EXPECT_EQ(numbers(first), (Numbers{5, 4}));
  EXPECT_FALSE(first.at(0).bytes.empty());
  EXPECT_EQ(numbers(newest(first.at(1).arrival, 2)), (Numbers{3, 2}));
  const auto open = must(snapshot->unanswered("comity-disclosure", Direction::Sent, "XB", 10));
  EXPECT_EQ(numbers(open), (Numbers{1, 3, 5}));
  EXPECT_TRUE(open.at(0).bytes.empty());
  EXPECT_EQ(numbers(must(snapshot->unanswered("comity-disclosure", Direction::Sent, "XB", 2))),
            (Numbers{1, 3}));
  EXPECT_EQ(must(snapshot->last_received("XB")), Instant{77}) << "the newest that it sent";
  EXPECT_FALSE(must(snapshot->last_received("XC"))) << "it was sent something only";
}

TEST_P(StoreConformance, LedgerEntriesOfOneKindAreGivenInTheirOrder) {
  const auto store = create();
  {
    const auto transaction = must(store->begin());
    for (std::int64_t n = 0; n < 6; ++n) {
      auto entry = sample_entry(n);
      if (n % 2 == 1) entry.kind = "read";
      must(transaction->append(entry));
    }
    must(transaction->commit());
  }
  const auto snapshot = must(store->read());
  Numbers found;
  must(snapshot->ledger_of("read", [&](const LedgerEntry& entry) {
    found.push_back(entry.index);
    return Status();
  }));
  EXPECT_EQ(found, (Numbers{1, 3, 5}));
}

TEST_P(StoreConformance, PeersAreReplacedAsAWhole) {
  const auto store = create();
  const auto key = std::string(view(sha256("key")));
  Peer peer{"XC", "https://xc.example/", "{}", sha256("certificate"), key, false};
  auto transaction = must(store->begin());
  must(transaction->put(peer));
  must(transaction->put(Peer{"XB", "https://xb.example/", "{}", {}, "", false}));
  must(transaction->commit());
  peer.confirmed = true;
  peer.endpoint = "https://new.example/";
  transaction = must(store->begin());
  must(transaction->put(peer));
  must(transaction->commit());
  const auto snapshot = must(store->read());
  const auto all = must(snapshot->peers());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.at(0).party, "XB");
  EXPECT_FALSE(all.at(0).confirmed);
  const auto found = must(snapshot->peer("XC"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->endpoint, "https://new.example/");
  EXPECT_EQ(found->invitation, "{}");
  EXPECT_EQ(found->certificate, sha256("certificate"));
  EXPECT_EQ(found->node_key, key);
  EXPECT_TRUE(found->confirmed);
}

TEST_P(StoreConformance, RegistersAndSettingsAreKept) {
  const auto store = create();
  auto transaction = must(store->begin());
  must(transaction->put_register(sha256("r1"), "{\"a.toml\":\"x\"}"));
  must(transaction->put_register(sha256("r1"), "{\"a.toml\":\"x\"}"));
  must(transaction->put_register(sha256("r2"), "{}"));
  must(transaction->set_meta("mode", "live"));
  must(transaction->set_meta("mode", std::string("a\0\xc3\xa9", 4)));
  EXPECT_EQ(*must(transaction->meta("mode")), std::string("a\0\xc3\xa9", 4));
  must(transaction->commit());
  const auto snapshot = must(store->read());
  EXPECT_EQ(*must(snapshot->register_files(sha256("r1"))), "{\"a.toml\":\"x\"}");
  EXPECT_EQ(*must(snapshot->register_files(sha256("r2"))), "{}");
  EXPECT_EQ(*must(snapshot->meta("mode")), std::string("a\0\xc3\xa9", 4));
  EXPECT_FALSE(must(snapshot->meta("Mode")));
}

}  // namespace
}  // namespace comity::store
