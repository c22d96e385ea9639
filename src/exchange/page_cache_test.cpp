#include "exchange/page_cache.h"

#include <gtest/gtest.h>

#include <set>

#include "exchange/test_federation.h"
#include "exchange/verdict_memo.h"

namespace comity::exchange {
namespace {

using test::Federation;

constexpr Instant morning{1'000}, noon{2'000}, evening{3'000};

struct Pages : Federation {
  PageCache cache;
  std::shared_ptr<const treaty::CompiledRegister> law = a().law();

  KeptPage page_of(std::size_t bytes, const std::string& text = "x") const {
    taxii::PageWriter writer(1);
    writer.add(text + std::string(bytes, 'x'), Instant{7});
    KeptPage out;
    out.page = std::move(writer).finish({});
    out.law = law;
    out.holds = {morning, evening};
    return out;
  }
  PageMoment at(std::uint64_t epoch, Instant treaty_now = noon, Instant now = noon) const {
    return {epoch, law, treaty_now, now};
  }
};

TEST(PageCache, GivesWhatWasKeptAsLongAsItHolds) {
  Pages pages;
  EXPECT_FALSE(pages.cache.find("one", pages.at(5)));
  const auto kept = pages.page_of(10);
  pages.cache.keep("one", 5, kept);
  const auto found = pages.cache.find("one", pages.at(5));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->body, kept.page.body) << "a copy shares the bytes";
  EXPECT_EQ(found->items.at(0).bytes.data(), kept.page.items.at(0).bytes.data());
  EXPECT_FALSE(pages.cache.find("two", pages.at(5)));
  EXPECT_TRUE(pages.cache.find("one", pages.at(5, morning))) << "with its first instant";
}

TEST(PageCache, APageEndsWithItsStretchItsLawAndItsToken) {
  Pages pages;
  const auto lost = [&](const PageMoment& moment, std::optional<Instant> token_until = {}) {
    auto kept = pages.page_of(10);
    kept.token_until = token_until;
    pages.cache.keep("one", 5, kept);
    EXPECT_TRUE(pages.cache.find("one", pages.at(5, noon, morning)));
    const bool gone = !pages.cache.find("one", moment);
    EXPECT_NE(gone, pages.cache.find("one", pages.at(5, noon, morning)).has_value())
        << "what ended once does not come back";
    return gone;
  };
  EXPECT_TRUE(lost(pages.at(5, evening))) << "without its last instant";
  EXPECT_TRUE(lost(pages.at(5, {morning.micros - 1}))) << "the clock went back";
  EXPECT_FALSE(lost(pages.at(5, {evening.micros - 1})));
  EXPECT_TRUE(lost(pages.at(5, noon, noon), noon));
  EXPECT_FALSE(lost(pages.at(5, noon, {noon.micros - 1}), noon));
  auto other = pages.at(5);
  other.law = std::make_shared<const treaty::CompiledRegister>(
      std::make_shared<const treaty::Model>(pages.law->model()), treaty::Verifications(),
      pages.law->mode());
  EXPECT_TRUE(lost(other));
}

TEST(PageCache, HoldsOneEpoch) {
  Pages pages;
  pages.cache.keep("one", 5, pages.page_of(10));
  EXPECT_FALSE(pages.cache.find("one", pages.at(4))) << "whoever is late makes its page anew";
  pages.cache.keep("late", 4, pages.page_of(10));
  EXPECT_FALSE(pages.cache.find("late", pages.at(5)));
  EXPECT_TRUE(pages.cache.find("one", pages.at(5)));
  EXPECT_FALSE(pages.cache.find("one", pages.at(6)));
  EXPECT_EQ(pages.cache.size(), 0U);
  EXPECT_EQ(pages.cache.bytes(), 0U);
  EXPECT_FALSE(pages.cache.find("one", pages.at(5)));
}

TEST(PageCache, ItsBytesAreBoundedAndTheOldestGoFirst) {
  Pages pages;
  PageCache small(40'000);
  for (const auto* key : {"a", "b", "c"}) small.keep(key, 1, pages.page_of(10'000));
  EXPECT_EQ(small.size(), 3U);
  EXPECT_TRUE(small.find("a", pages.at(1)));  // so b is the one not asked for
  small.keep("d", 1, pages.page_of(10'000));
  EXPECT_LE(small.bytes(), 40'000U);
  EXPECT_TRUE(small.find("a", pages.at(1)));
  EXPECT_FALSE(small.find("b", pages.at(1)));
  EXPECT_TRUE(small.find("c", pages.at(1)));
  EXPECT_TRUE(small.find("d", pages.at(1)));
  // The same key again takes the place of the old one.
  const auto before = small.bytes();
  small.keep("d", 1, pages.page_of(10'000));
  EXPECT_EQ(small.bytes(), before);
  // What is too large for itself is not kept, and takes no place.
  small.keep("e", 1, pages.page_of(40'000));
  EXPECT_EQ(small.bytes(), before);
}

TEST(PageCache, OnePageHasABoundOfItsOwn) {
  Pages pages;
  const auto bytes_of_an_empty_one = [&] {
    pages.cache.keep("x", 1, pages.page_of(0));
    return pages.cache.bytes() - 300;
  }();
  pages.cache.keep("x", 1, pages.page_of(page_kept_bytes_max - bytes_of_an_empty_one - 4096));
  EXPECT_GT(pages.cache.bytes(), page_kept_bytes_max / 2);
  pages.cache.keep("y", 1, pages.page_of(page_kept_bytes_max));
  EXPECT_FALSE(pages.cache.find("y", pages.at(1)));
  EXPECT_TRUE(pages.cache.find("x", pages.at(1)));
}

TEST(VerdictMemo, AnswersAsTheLawAndForgetsAtItsBound) {
  Federation federation;
  VerdictMemo memo;
  const auto at = federation.a().treaty_now();
  const auto full = federation.a().law();
  test::change_law(federation.a(), test::lapsed_register());
  const auto lapsed = federation.a().law();
  RecordQuestion question;
  question.area = "threat-information";
  question.purpose = "warning";
  question.chain = "[]";
  std::set<treaty::VerdictKind> kinds;
  for (int round = 0; round < 2; ++round) {
    for (const auto& law : {full, lapsed, full}) {
      for (const auto* tlp : {"clear", "green", "amber", "red", ""}) {
        for (const auto* classes : {"indicator", "malware-sample", "indicator,?"}) {
          for (const auto* to : {"XB", "XC"}) {
            question.tlp = tlp;
            question.classes = classes;
            const auto kind = memo.kind(law, law->stretch(at), "XA", to, question, at);
            EXPECT_EQ(kind, decide_record(*law, question, "XA", to, at).kind);
            kinds.insert(kind);
          }
        }
      }
    }
  }
  EXPECT_GT(kinds.size(), 2U) << "everything was answered alike: nothing was tried";
  EXPECT_EQ(memo.size(), 30U) << "of the law that was asked last";
  for (std::size_t i = memo.size(); i < verdicts_kept_max + 1; ++i) {
    question.area = std::to_string(i);
    memo.kind(full, full->stretch(at), "XA", "XB", question, at);
    ASSERT_LE(memo.size(), verdicts_kept_max);
  }
  EXPECT_EQ(memo.size(), 1U) << "at the bound all are forgotten";
}

}  // namespace
}  // namespace comity::exchange
