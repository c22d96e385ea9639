// What every backend must do with values and texts by which records are found.
#include <algorithm>

#include "store/conformance_test.h"

namespace comity::store {
namespace {

using Sequences = std::vector<std::int64_t>;

Record with_values(std::int64_t n, std::vector<ValueKey> values) {
  auto out = sample_record(n);
  out.values = std::move(values);
  return out;
}

// Indexes texts of the records that wait, in their order.
void index_texts(Store& store, const std::vector<std::string>& texts) {
  const auto transaction = must(store.begin());
  auto next = must(transaction->record_count()) - must(transaction->search_backlog()).texts;
  for (const auto& text : texts) must(transaction->index_text(++next, text));
  must(transaction->commit());
}

Sequences found(Store& store, const std::vector<std::string>& phrases) {
  return must(must(store.read())->text_occurrences(phrases, INT64_MAX, 100)).sequences;
}

TEST_P(StoreConformance, AnEmptyStoreFindsNothing) {
  const auto store = create();
  const auto snapshot = must(store->read());
  EXPECT_TRUE(must(snapshot->value_counts("a.example")).empty());
  EXPECT_TRUE(must(snapshot->value_occurrences({"domain", "a.example"}, INT64_MAX, 10)).empty());
  EXPECT_FALSE(must(snapshot->has_value({"domain", "a.example"}, 1)));
  EXPECT_EQ(must(snapshot->occurrence_count()), 0);
  const auto step = must(snapshot->text_occurrences({"a"}, INT64_MAX, 10));
  EXPECT_TRUE(step.sequences.empty());
  EXPECT_EQ(step.down_to, 1);
  EXPECT_EQ(must(snapshot->search_backlog()).values, 0);
  EXPECT_EQ(must(snapshot->search_backlog()).texts, 0);
}

TEST_P(StoreConformance, ValuesAreFoundByKindNewestFirstAndInPages) {
  const auto store = create();
  {
    const auto transaction = must(store->begin());
    for (std::int64_t n = 1; n <= 5; ++n) {
      must(transaction->append(
          with_values(n, {{"domain", "a.example"}, {"file", n % 2 == 0 ? "a.example" : "b"}})));
    }
    // Held already: nothing is added.
    EXPECT_TRUE(must(transaction->append(with_values(3, {{"file", "other"}}))).existed);
    EXPECT_EQ(must(transaction->occurrence_count()), 10) << "a transaction sees its own";
    must(transaction->commit());
  }
  const auto snapshot = must(open()->read());
  const auto counts = must(snapshot->value_counts("a.example"));
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].key, (ValueKey{"domain", "a.example"}));
  EXPECT_EQ(counts[0].count, 5);
  EXPECT_FALSE(counts[0].more);
  EXPECT_EQ(counts[1].key, (ValueKey{"file", "a.example"}));
  EXPECT_EQ(counts[1].count, 2);
  EXPECT_TRUE(must(snapshot->value_counts("other")).empty());
  EXPECT_TRUE(must(snapshot->value_counts("a.exampl")).empty());
  EXPECT_TRUE(must(snapshot->value_counts("")).empty());
  const ValueKey key{"domain", "a.example"};
  EXPECT_EQ(must(snapshot->value_occurrences(key, INT64_MAX, 2)), (Sequences{5, 4}));
  EXPECT_EQ(must(snapshot->value_occurrences(key, 4, 2)), (Sequences{3, 2}));
  EXPECT_EQ(must(snapshot->value_occurrences(key, 2, 9)), (Sequences{1}));
  EXPECT_TRUE(must(snapshot->value_occurrences(key, 1, 9)).empty());
  EXPECT_TRUE(must(snapshot->value_occurrences(key, 9, 0)).empty());
  EXPECT_TRUE(must(snapshot->value_occurrences(key, 9, -1)).empty());
  EXPECT_TRUE(must(snapshot->has_value({"file", "b"}, 3)));
  EXPECT_FALSE(must(snapshot->has_value({"file", "b"}, 4)));
}

TEST_P(StoreConformance, ValuesAreCountedToTheBound) {
  const auto store = create();
  const auto add = [&](std::int64_t first, std::int64_t last) {
    const auto transaction = must(store->begin());
    for (auto n = first; n <= last; ++n) {
      must(transaction->append(with_values(n, {{"domain", "a.example"}})));
    }
    must(transaction->commit());
  };
  const auto counted = [&] { return must(must(store->read())->value_counts("a.example")).at(0); };
  add(1, occurrences_counted_max);
  EXPECT_EQ(counted().count, occurrences_counted_max);
  EXPECT_FALSE(counted().more);
  add(occurrences_counted_max + 1, occurrences_counted_max + 1);
  EXPECT_EQ(counted().count, occurrences_counted_max);
  EXPECT_TRUE(counted().more);
}

TEST_P(StoreConformance, ARollbackLeavesNoValueAndNoText) {
  const auto store = create();
  append(*store, 1, 1);
  {
    const auto transaction = must(store->begin());
    must(transaction->append(with_values(2, {{"domain", "a.example"}})));
    must(transaction->index_text(1, "blue heron"));
  }
  const auto snapshot = must(store->read());
  EXPECT_EQ(must(snapshot->occurrence_count()), 0);
  EXPECT_EQ(must(snapshot->search_backlog()).texts, 1);
  EXPECT_TRUE(found(*store, {"heron"}).empty());
}

TEST_P(StoreConformance, TextsAreFoundByWordsAndPhrases) {
  const auto store = create();
  append(*store, 1, 6);
  EXPECT_EQ(must(must(store->read())->search_backlog()).texts, 6);
  index_texts(*store, {"Blue Heron spreads", "a heron, blue", "\xc3\x89t\xc3\xa9 T1059.001",
                       "\xd0\x9c\xd0\x98\xd0\xa0 mutex", "", "NEAR OR text"});
  EXPECT_EQ(must(must(store->read())->search_backlog()).texts, 0);
  EXPECT_EQ(found(*store, {"heron"}), (Sequences{2, 1}));
  EXPECT_EQ(found(*store, {"BLUE", "heron"}), (Sequences{2, 1}));
  EXPECT_EQ(found(*store, {"blue heron"}), (Sequences{1}));
  EXPECT_EQ(found(*store, {"ete"}), (Sequences{3})) << "without regard to diacritics";
  EXPECT_EQ(found(*store, {"T1059.001"}), (Sequences{3}));
  EXPECT_TRUE(found(*store, {"T1059.002"}).empty());
  EXPECT_EQ(found(*store, {"\xd0\xbc\xd0\xb8\xd1\x80"}), (Sequences{4}));
  EXPECT_TRUE(found(*store, {}).empty());
  EXPECT_TRUE(found(*store, {"her"}).empty()) << "words are found as a whole";
}

// Nothing that stands in a phrase is a question of its own.
TEST_P(StoreConformance, APhraseHasNoSyntax) {
  const auto store = create();
  append(*store, 1, 2);
  index_texts(*store, {"blue heron", "NEAR OR kite"});
  EXPECT_EQ(found(*store, {"NEAR"}), (Sequences{2}));
  EXPECT_EQ(found(*store, {"OR"}), (Sequences{2}));
  for (const std::string hostile : {"blue\" OR \"kite",
                                    "her*",
                                    "text: blue kite",
                                    "^blue kite",
                                    "NOT kite heron",
                                    "NEAR(blue kite, 9)",
                                    "{text}",
                                    "blue AND kite",
                                    "(",
                                    ")",
                                    "-",
                                    "+",
                                    "\"",
                                    "\"\"\"",
                                    "'",
                                    ";",
                                    "--",
                                    "*",
                                    ":",
                                    "\xef\xbf\xbd",
                                    "\xff"}) {
    const auto answer = must(store->read())->text_occurrences({hostile}, INT64_MAX, 100);
    ASSERT_TRUE(answer) << hostile << ": " << answer.error().text();
    EXPECT_TRUE(answer->sequences.empty()) << hostile;
  }
  EXPECT_TRUE(found(*store, {std::string("blue\0kite", 9)}).empty());
}

TEST_P(StoreConformance, TextsAreFoundInSteps) {
  const auto store = create();
  append(*store, 1, 5);
  index_texts(*store, {"a", "a", "b", "a", "a"});
  const auto snapshot = must(store->read());
  auto step = must(snapshot->text_occurrences({"a"}, INT64_MAX, 3));
  EXPECT_EQ(step.sequences, (Sequences{5, 4, 2}));
  EXPECT_EQ(step.down_to, 2);
  step = must(snapshot->text_occurrences({"a"}, step.down_to, 3));
  EXPECT_EQ(step.sequences, (Sequences{1}));
  EXPECT_EQ(step.down_to, 1);
  EXPECT_EQ(must(snapshot->text_occurrences({"a"}, 3, 0)).down_to, 3);
  EXPECT_TRUE(must(snapshot->text_occurrences({"a"}, -5, 3)).sequences.empty());
}

TEST_P(StoreConformance, OnlyTheNextTextIsIndexed) {
  const auto store = create();
  append(*store, 1, 3);
  index_texts(*store, {"first"});
  for (const std::int64_t sequence : {0, 1, 3, 4}) {
    const auto transaction = must(store->begin());
    EXPECT_EQ(transaction->index_text(sequence, "x").error().kind, ErrorKind::Conflict);
    EXPECT_FALSE(transaction->commit());
  }
  index_texts(*store, {"second", "third"});
  const auto transaction = must(store->begin());
  EXPECT_EQ(transaction->index_text(4, "x").error().kind, ErrorKind::Conflict);
}

TEST_P(StoreConformance, BothIndexesAreForgottenAndMadeAnew) {
  const auto store = create();
  {
    const auto transaction = must(store->begin());
    for (std::int64_t n = 1; n <= 3; ++n) {
      must(transaction->append(with_values(n, {{"domain", "a.example"}})));
    }
    must(transaction->commit());
  }
  index_texts(*store, {"heron", "heron", "heron"});
  {
    const auto transaction = must(store->begin());
    must(transaction->forget_search());
    EXPECT_EQ(must(transaction->search_backlog()).values, 3);
    EXPECT_EQ(must(transaction->search_backlog()).texts, 3);
    must(transaction->commit());
  }
  EXPECT_TRUE(found(*store, {"heron"}).empty());
  EXPECT_EQ(must(must(store->read())->occurrence_count()), 0);
  // What comes meanwhile is indexed at once; the others follow, the newest first.
  {
    const auto transaction = must(store->begin());
    must(transaction->append(with_values(4, {{"domain", "a.example"}})));
    for (const std::int64_t n : {3, 2, 1}) {
      must(transaction->index_values(n, {{"domain", "a.example"}}));
    }
    must(transaction->commit());
  }
  index_texts(*store, {"heron", "heron", "heron", "kite"});
  const auto snapshot = must(store->read());
  EXPECT_EQ(must(snapshot->search_backlog()).values, 0);
  EXPECT_EQ(must(snapshot->value_occurrences({"domain", "a.example"}, INT64_MAX, 9)),
            (Sequences{4, 3, 2, 1}));
  EXPECT_EQ(found(*store, {"heron"}), (Sequences{3, 2, 1}));
  const auto transaction = must(store->begin());
  EXPECT_EQ(transaction->index_values(1, {}).error().kind, ErrorKind::Conflict);
}

}  // namespace
}  // namespace comity::store
