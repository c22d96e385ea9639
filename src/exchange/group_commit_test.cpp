#include "exchange/group_commit.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "exchange/receive.h"
#include "exchange/test_federation.h"
#include "exchange/test_group.h"
#include "exchange/verify.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::disclosed;
using test::disclosure_by;
using test::envelope_with;
using test::Federation;
using test::indicator;
using test::must;

// Envelopes of XA for XB, one record each, that follow each other.
std::vector<std::string> chain_of_envelopes(Federation& federation, std::int64_t count) {
  std::vector<std::string> out;
  std::optional<Digest> previous;
  for (std::int64_t number = 1; number <= count; ++number) {
    const auto record = indicator(static_cast<std::size_t>(number));
    const auto disclosure =
        disclosure_by(federation.a(), "XB", {disclosed(record)}, number, previous);
    const auto object = sign(disclosure, federation.a().signing_key());
    out.push_back(envelope_with(object.bytes, {record}));
    previous = object.digest;
  }
  return out;
}

using Answers = std::vector<Result<taxii::SubmissionStatus>>;

Answers receive_together(Node& node, const std::vector<std::string>& envelopes) {
  Answers out(envelopes.size(), fail(ErrorKind::Corrupt, "was not run"));
  std::vector<std::function<void()>> works;
  for (std::size_t i = 0; i < envelopes.size(); ++i) {
    works.emplace_back([&, i] { out[i] = receive(node, "XA", envelopes[i]); });
  }
  test::run_in_one_group(node, works);
  return out;
}

std::vector<std::string> findings_of(Node& node) { return must(verify(node)).findings; }

TEST(GroupCommit, WhatComesAtOnceSharesOneCommit) {
  Federation federation;
  const auto envelopes = chain_of_envelopes(federation, 4);
  const auto before = test::stored(federation.b());
  const auto commits = federation.b().admissions().commits();
  for (const auto& answer : receive_together(federation.b(), envelopes)) {
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_TRUE(answer->complete());
    EXPECT_EQ(answer->fates.size(), 2U);
  }
  EXPECT_EQ(federation.b().admissions().commits(), commits + 1);
  const auto after = test::stored(federation.b());
  EXPECT_EQ(after.records, before.records + 4);
  EXPECT_EQ(after.statements, before.statements + 8);
  EXPECT_EQ(after.leaves, before.leaves + 8);
  // Each has its numbers in the order in which they came.
  for (std::size_t i = 1; i <= 4; ++i) {
    EXPECT_EQ(test::held(federation.b(), test::id_of("indicator", i)).sequence,
              before.records + static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(findings_of(federation.b()), std::vector<std::string>());
  federation.xb.close();
  federation.xb.open();
  EXPECT_EQ(findings_of(federation.b()), std::vector<std::string>());
}

TEST(GroupCommit, WhatIsRefusedLeavesTheOthersWhole) {
  Federation federation, same;
  auto envelopes = chain_of_envelopes(federation, 3);
  // The third comes before the second, and is too early by one; then all come again.
  std::swap(envelopes[1], envelopes[2]);
  envelopes.push_back(envelopes[1]);
  envelopes.push_back(envelopes[0]);
  const auto answers = receive_together(federation.b(), envelopes);
  std::vector<bool> taken;
  for (const auto& answer : answers) taken.push_back(answer.has_value());
  ASSERT_EQ(taken, (std::vector<bool>{true, false, true, true, true}));
  EXPECT_EQ(answers[1].error().kind, ErrorKind::Conflict) << answers[1].error().text();
  EXPECT_EQ(taxii::to_json(*answers[4]), taxii::to_json(*answers[0])) << "a repeat";
  EXPECT_EQ(findings_of(federation.b()), std::vector<std::string>());
  // As if each had come alone.
  for (const auto& envelope : chain_of_envelopes(same, 3)) {
    must(receive(same.b(), "XA", envelope));
  }
  EXPECT_EQ(test::stored(federation.b()), test::stored(same.b()));
}

TEST(GroupCommit, WhatComesAloneIsCommittedAlone) {
  Federation federation;
  const auto commits = federation.b().admissions().commits();
  std::size_t number = 0;
  for (const auto& envelope : chain_of_envelopes(federation, 3)) {
    must(receive(federation.b(), "XA", envelope));
    EXPECT_EQ(federation.b().admissions().commits(), commits + ++number);
  }
}

struct Grouped : Federation {
  // Parts of so many bytes at once; how many commits they took.
  std::size_t commits_of(const std::vector<std::size_t>& bytes) {
    const auto before = a().admissions().commits();
    std::vector<std::function<void()>> works;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      works.emplace_back([&, i] {
        const auto outcome = a().admissions().run(bytes[i], [&](Change& change) {
          return change.store().set_meta("part-" + std::to_string(i), "kept");
        });
        EXPECT_TRUE(outcome);
      });
    }
    test::run_in_one_group(a(), works);
    const auto snapshot = must(a().store().read());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_TRUE(must(snapshot->meta("part-" + std::to_string(i))));
    }
    return a().admissions().commits() - before;
  }
};

TEST(GroupCommit, AGroupHasItsBound) {
  Grouped grouped;
  EXPECT_EQ(grouped.commits_of({group_bytes_max / 2, group_bytes_max / 2}), 1U);
  EXPECT_EQ(grouped.commits_of({group_bytes_max / 2, group_bytes_max / 2, 1}), 2U);
  EXPECT_EQ(grouped.commits_of({group_bytes_max, 0}), 1U);
  EXPECT_EQ(grouped.commits_of({2 * group_bytes_max, 1}), 2U) << "a larger one goes alone";
  EXPECT_EQ(grouped.commits_of({1, 2 * group_bytes_max}), 2U);
}

TEST(GroupCommit, WhatAPartThrowsIsItsOwn) {
  Grouped grouped;
  std::vector<Status> outcomes(2);
  test::run_in_one_group(
      grouped.a(), {[&] {
                      outcomes[0] = grouped.a().admissions().run(1, [](Change& change) -> Status {
                        TRY_STATUS(change.store().set_meta("thrown", "x"));
                        throw std::bad_alloc();
                      });
                    },
                    [&] {
                      outcomes[1] = grouped.a().admissions().run(
                          1, [](Change& change) { return change.store().set_meta("kept", "x"); });
                    }});
  ASSERT_FALSE(outcomes[0]);
  EXPECT_EQ(outcomes[0].error().kind, ErrorKind::Unavailable);
  EXPECT_TRUE(outcomes[1]);
  const auto snapshot = must(grouped.a().store().read());
  EXPECT_FALSE(must(snapshot->meta("thrown")));
  EXPECT_TRUE(must(snapshot->meta("kept")));
}

// Many threads, some of whose parts fail after they wrote: what succeeded is there once, what
// failed is not, and the ledger is whole.
TEST(GroupCommit, ManyThreadsLeaveWhatSucceededAndNothingElse) {
  Federation federation;
  auto& node = federation.a();
  constexpr std::size_t threads_count = 4;
  const std::size_t parts = std::max<std::size_t>(25, 400 / comity::test::scale());
  std::vector<std::set<std::string>> kept(threads_count), dropped(threads_count);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < threads_count; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(comity::test::seed() + t);
      for (std::size_t i = 0; i < parts; ++i) {
        const auto name = fmt::format("part-{}-{}", t, i);
        const bool fails = random() % 3 == 0;
        const auto outcome =
            node.admissions().run(random() % group_bytes_max, [&](Change& change) -> Status {
              TRY_STATUS(change.store().set_meta(name, "kept"));
              json::Object entry;
              entry.set("type", "test");
              entry.set("name", name);
              TRY_STATUS(change.enter("test", entry));
              if (fails) return fail(ErrorKind::Conflict, name);
              return {};
            });
        if (outcome.has_value() == fails) return;  // found below
        (fails ? dropped : kept)[t].insert(name);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto snapshot = must(node.store().read());
  std::multiset<std::string> entered;
  must(snapshot->ledger_of("test", [&](const store::LedgerEntry& row) -> Status {
    TRY(const auto value, json::parse(row.entry));
    entered.emplace(value.text("name"));
    return {};
  }));
  std::size_t total = 0;
  for (std::size_t t = 0; t < threads_count; ++t) {
    ASSERT_EQ(kept[t].size() + dropped[t].size(), parts) << "an outcome was another's";
    total += kept[t].size();
    for (const auto& name : kept[t]) {
      EXPECT_EQ(entered.count(name), 1U) << name;
      EXPECT_TRUE(must(snapshot->meta(name))) << name;
    }
    for (const auto& name : dropped[t]) EXPECT_FALSE(must(snapshot->meta(name))) << name;
  }
  EXPECT_EQ(entered.size(), total);
  EXPECT_EQ(findings_of(node), std::vector<std::string>());
}

}  // namespace
}  // namespace comity::exchange
