#include "taxii/writer.h"

#include <gtest/gtest.h>

#include "base/test_support.h"
#include "taxii/test_quirky_sink.h"

namespace comity::taxii {
namespace {

using comity::test::must;
using test::QuirkySink;
using test::SinkQuirks;

const std::vector<std::string> sink_ids = {"a--1", "b--2", "c--3"};

std::string sink_envelope(const std::vector<std::string>& ids) {
  std::string out;
  for (const auto& id : ids) out += fmt::format(R"({}{{"id":"{}"}})", out.empty() ? "" : ",", id);
  return "{\"objects\":[" + out + "]}";
}

// One letter for each object: y, n, p for pending, and u for what is not said.
std::string letters(const BatchAnswer& answer) {
  std::string out;
  for (const auto& one : answer.objects) {
    switch (one.taken) {
      case Taken::Yes:
        out += 'y';
        break;
      case Taken::No:
        out += 'n';
        break;
      case Taken::Pending:
        out += 'p';
        break;
      case Taken::Unsaid:
        out += 'u';
        break;
    }
  }
  return out;
}

BatchAnswer sink_answer(QuirkySink& sink, const std::vector<std::string>& ids = sink_ids) {
  return must(post_batch(sink, sink_envelope(ids), ids));
}

TEST(Writer, TellsWhatTheAnswerSaysOfEachObject) {
  QuirkySink sink;
  EXPECT_EQ(letters(sink_answer(sink)), "yyy");
  sink.quirks.refused = {"b--2"};
  const auto answer = sink_answer(sink);
  EXPECT_EQ(letters(answer), "yny");
  EXPECT_EQ(answer.objects[1].words, "not taken");
  EXPECT_TRUE(answer.status.empty());
}

TEST(Writer, TakesCountsForWhatTheySayAndNoMore) {
  QuirkySink sink;
  sink.quirks.counts_only = true;
  EXPECT_EQ(letters(sink_answer(sink)), "yyy");
  // One failed, and nobody says which.
  sink.quirks.refused = {"b--2"};
  EXPECT_EQ(letters(sink_answer(sink)), "uuu");
  EXPECT_EQ(letters(sink_answer(sink, {"a--1"})), "y");
  EXPECT_EQ(letters(sink_answer(sink, {"b--2"})), "n") << "only one can be meant";
  sink.quirks.refused = {"a--1", "b--2", "c--3"};
  EXPECT_EQ(letters(sink_answer(sink)), "nnn");
  // Done, and of one it says nothing at all.
  sink.quirks = {};
  sink.quirks.passed_by = {"c--3"};
  EXPECT_EQ(letters(sink_answer(sink)), "yyu");
}

TEST(Writer, FollowsWhatIsPending) {
  QuirkySink sink;
  sink.quirks.pending_looks = 2;
  const auto first = sink_answer(sink);
  EXPECT_EQ(letters(first), "ppp");
  ASSERT_FALSE(first.status.empty());
  const auto second = must(ask_batch(sink, first.status, sink_ids));
  EXPECT_EQ(letters(second), "ppp");
  sink.quirks.refused = {"a--1"};
  const auto third = must(ask_batch(sink, first.status, sink_ids));
  EXPECT_EQ(letters(third), "nyy");
  EXPECT_TRUE(third.status.empty());
  sink.quirks.forgets = true;
  EXPECT_EQ(ask_batch(sink, first.status, sink_ids).error().kind, ErrorKind::NotFound);
  // Without lists, what is pending is all of it.
  sink.quirks = {};
  sink.quirks.counts_only = true;
  sink.quirks.pending_looks = 1;
  EXPECT_EQ(letters(sink_answer(sink)), "ppp");
}

TEST(Writer, TellsARefusedEnvelopeFromAServerThatIsBusyOrStrange) {
  QuirkySink sink;
  sink.quirks.refuses_whole = true;
  sink.quirks.refused = {"b--2"};
  auto answer = sink_answer(sink);
  EXPECT_TRUE(answer.refused && !answer.fault);
  EXPECT_EQ(letters(answer), "uuu");
  EXPECT_NE(answer.words.find("bad object"), std::string::npos);
  sink.quirks = {};
  sink.quirks.faults = {"b--2"};
  answer = sink_answer(sink);
  EXPECT_TRUE(answer.refused && answer.fault);
  sink.quirks = {};
  sink.quirks.content_bytes_max = 10;
  EXPECT_TRUE(sink_answer(sink).refused);
  const auto error_with = [&](const SinkQuirks& quirks) {
    sink.quirks = quirks;
    const auto made = post_batch(sink, sink_envelope(sink_ids), sink_ids);
    return made ? ErrorKind::Conflict : made.error().kind;
  };
  SinkQuirks quirks;
  quirks.busy = 1;
  EXPECT_EQ(error_with(quirks), ErrorKind::Unavailable);
  EXPECT_EQ(sink.retry_after_s(), 60);
  quirks = {};
  quirks.loses_replies = 1;
  EXPECT_EQ(error_with(quirks), ErrorKind::Unavailable);
  quirks = {};
  quirks.unauthenticated = true;
  EXPECT_EQ(error_with(quirks), ErrorKind::Unauthenticated);
}

// Says of the object what it is told to say, at the length that it is told.
class Wordy : public WritableCollection {
 public:
  explicit Wordy(std::size_t bytes) : bytes_(bytes) {}
  Result<WriteTerms> write_terms() override { return WriteTerms{}; }
  Result<SubmissionStatus> post(const std::string&) override {
    SubmissionStatus out;
    out.id = "one";
    out.fates.push_back({"a--1", "", std::string(bytes_, 'x'), true});
    out.success_count = 0;
    out.failure_count = 1;
    return out;
  }
  Result<SubmissionStatus> status(std::string_view) override { return post({}); }
  int last_status() const override { return 202; }
  std::optional<std::int64_t> retry_after_s() const override { return std::nullopt; }

 private:
  std::size_t bytes_;
};

TEST(Writer, KeepsOfTheWordsOfAServerSoMuch) {
  for (const auto bytes : {object_words_bytes_max, object_words_bytes_max + 1}) {
    Wordy server(bytes);
    const auto answer = must(post_batch(server, sink_envelope({"a--1"}), {"a--1"}));
    EXPECT_EQ(answer.objects[0].words.size(), object_words_bytes_max);
  }
  Wordy silent(0);
  const auto answer = must(post_batch(silent, sink_envelope({"a--1"}), {"a--1"}));
  EXPECT_EQ(answer.objects[0].words, "it gives no reason");
}

}  // namespace
}  // namespace comity::taxii
