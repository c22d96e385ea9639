#include "taxii/reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "json/parse.h"
#include "taxii/test_quirky_server.h"

namespace comity::taxii {
namespace {

using test::Quirks;
using test::QuirkyServer;

constexpr std::int64_t questions_of_a_poll_max = 6'000;
constexpr int polls_max = 300;

Instant day() { return Instant::from_seconds(1'790'000'000); }
Instant at(std::int64_t micros) { return {day().micros + micros}; }
// Our clock, later than every date of a server here.
Instant now() { return Instant::from_seconds(1'900'000'000); }

// Every bound so low that a few dozen objects reach it.
ReaderBounds low_bounds() {
  ReaderBounds bounds;
  bounds.limit = 3;
  bounds.limit_max = 12;
  bounds.idle_pages_max = 8;
  bounds.breaks_max = 20;
  bounds.pages_max = 2'000;
  bounds.manifest_pages_max = 2'000;
  bounds.batch_objects_max = 5;
  bounds.seen_max = 10;
  bounds.asked_max = 6;
  return bounds;
}

// Who reads, with what is on its disk: objects and state, kept together.
class Disk {
 public:
  explicit Disk(QuirkyServer& server, ReaderBounds bounds = low_bounds())
      : server_(server), bounds_(bounds) {}

  // One poll; `killed` says before and after each batch is kept whether the process ends there.
  // True when the walk came to its end.
  bool poll(const std::function<bool()>& killed = [] { return false; }) {
    Reader reader(
        server_, state, [this](const auto& id, const auto& version) { return holds(id, version); },
        now(), bounds_);
    const auto before = server_.questions();
    for (;;) {
      auto batch = reader.read();
      EXPECT_TRUE(batch.has_value());
      EXPECT_LT(server_.questions() - before, questions_of_a_poll_max);
      if (killed()) return false;
      keep(*batch);
      if (killed() || batch->stopped) return false;
      if (batch->finished) return true;
    }
  }

  std::set<std::string> names;
  ReadState state;
  std::vector<ReadLoss> losses;
  std::int64_t lost = 0, handed_over = 0;
  bool lost_unknown = false;

 private:
  void keep(const ReadBatch& batch) {
    for (const auto& object : batch.objects) {
      ++handed_over;
      const auto value = *json::parse(object.bytes);
      const auto version = parse_rfc3339(value.text("modified"));
      names.insert(QuirkyServer::name(std::string(value.text("id")),
                                      version ? std::optional(*version) : std::nullopt));
    }
    state = batch.state;
    losses.insert(losses.end(), batch.losses.begin(), batch.losses.end());
    lost += batch.lost;
    lost_unknown = lost_unknown || batch.lost_unknown;
  }
  Result<bool> holds(const std::string& id, const std::optional<Instant>& version) const {
    if (names.contains(QuirkyServer::name(id, std::nullopt))) return true;
    if (version) return names.contains(QuirkyServer::name(id, version));
    const auto next = names.lower_bound(id);
    return next != names.end() && next->starts_with(id);
  }

  QuirkyServer& server_;
  ReaderBounds bounds_;
};

std::set<std::string> all_of(const QuirkyServer& server) {
  std::set<std::string> out;
  for (const auto& one : server.held()) out.insert(QuirkyServer::name(one));
  return out;
}

// What the server holds, is not here, and is in no loss report either: by names, or by the dates
// between which an unknown number may lack.
std::vector<std::string> lost_without_a_word(const QuirkyServer& server, const Disk& disk) {
  std::vector<std::string> out;
  for (const auto& one : server.held()) {
    const auto name = QuirkyServer::name(one);
    const bool told =
        std::any_of(disk.losses.begin(), disk.losses.end(), [&](const ReadLoss& loss) {
          if (!loss.id.empty()) return loss.id == one.id;
          return (!loss.after || one.date >= *loss.after) &&
                 (!loss.until || one.date <= *loss.until);
        });
    if (!disk.names.contains(name) && !told) out.push_back(name);
  }
  return out;
}

TEST(Reader, ReadsAllPagesAndThenOnlyWhatIsNew) {
  QuirkyServer server({}, 1);
  for (int i = 0; i < 20; ++i) server.add(at(i * 5'000'000));
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_EQ(disk.state.from, at(19 * 5'000'000));
  EXPECT_EQ(disk.state.reached, std::nullopt);
  EXPECT_FALSE(disk.state.unsorted);

  const auto questions = server.questions();
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(server.questions(), questions + 1);
  EXPECT_EQ(disk.handed_over, 20);

  server.add(at(19 * 5'000'000));  // at the very date of the last one
  server.add(at(20 * 5'000'000));
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.handed_over, 22);
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_TRUE(disk.losses.empty());
}

TEST(Reader, OneDateThatFillsPagesIsReadByALargerPage) {
  Quirks quirks;
  quirks.page_max = 100;
  quirks.omits_next = true;
  QuirkyServer server(quirks, 1);
  for (int i = 0; i < 12; ++i) server.add(at(0));
  for (int i = 0; i < 3; ++i) server.add(at(7'000'000));
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_TRUE(disk.losses.empty());
}

TEST(Reader, WhatNoPageBringsIsAskedForByItsId) {
  Quirks quirks;
  quirks.omits_next = true;  // and a page is never larger than four
  QuirkyServer server(quirks, 1);
  for (int i = 0; i < 40; ++i) server.add(at(0));
  server.add(at(9'000'000));
  Disk disk(server);
  int polls = 0;
  while (!disk.poll()) ASSERT_LT(++polls, 20);
  // Six are asked for at a time.
  EXPECT_GT(polls, 4);
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_TRUE(disk.losses.empty());
  EXPECT_EQ(disk.lost, 0);
}

TEST(Reader, AnObjectThatIsNamedAndNeverGivenIsALossWithItsName) {
  QuirkyServer server({}, 1);
  for (int i = 0; i < 9; ++i) server.add(at(i * 1'000));
  const auto hidden = server.held()[4];
  server.hide(hidden.id);
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.lost, 1);
  ASSERT_EQ(disk.losses.size(), 1U);
  EXPECT_EQ(disk.losses[0].id, hidden.id);
  EXPECT_EQ(disk.losses[0].version, hidden.version);
  EXPECT_EQ(disk.losses[0].until, hidden.date);
  EXPECT_FALSE(disk.lost_unknown);
  EXPECT_EQ(disk.names.size(), 8U);
}

TEST(Reader, WithoutManifestItSaysBetweenWhichDatesSomethingMayLack) {
  Quirks quirks;
  quirks.omits_next = true;
  quirks.no_manifest = true;
  QuirkyServer server(quirks, 1);
  for (int i = 0; i < 30; ++i) server.add(at(5));
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_TRUE(disk.lost_unknown);
  ASSERT_EQ(disk.losses.size(), 1U);
  EXPECT_EQ(disk.losses[0].id, "");
  EXPECT_EQ(disk.losses[0].until, at(1'000'005));
  EXPECT_TRUE(lost_without_a_word(server, disk).empty());
}

TEST(Reader, PagesThatComeForEverEnd) {
  Quirks quirks;
  quirks.repeats = true;
  QuirkyServer server(quirks, 1);
  for (int i = 0; i < 10; ++i) server.add(at(i * 2'000'000));
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_LT(server.questions(), 60);
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_TRUE(disk.losses.empty());
}

TEST(Reader, NeverEndingObjectsEndAtTheBoundOfPages) {
  // Each page is another one.
  class Endless : public ReadableCollection {
   public:
    Result<ObjectPage> objects(const PageQuery&) override {
      ObjectPage page;
      page.objects.push_back(fmt::format(R"({{"id":"x--{}"}})", ++count));
      page.more = true;
      page.next = "more";
      return page;
    }
    Result<ManifestPage> manifest(const PageQuery&) override {
      return fail(ErrorKind::NotFound, "none");
    }
    Result<ObjectPage> object(std::string_view) override {
      return fail(ErrorKind::NotFound, "none");
    }
    std::int64_t count = 0;
  } endless;
  auto bounds = low_bounds();
  bounds.pages_max = 50;
  Reader reader(
      endless, {}, [](const auto&, const auto&) { return Result<bool>(false); }, now(), bounds);
  std::optional<Error> stopped;
  for (int batches = 0; !stopped; ++batches) {
    ASSERT_LT(batches, 20);
    const auto batch = *reader.read();
    EXPECT_LE(batch.objects.size(), bounds.batch_objects_max);
    EXPECT_FALSE(batch.finished);
    stopped = batch.stopped;
  }
  EXPECT_EQ(stopped->kind, ErrorKind::TooLarge);
  EXPECT_EQ(endless.count, bounds.pages_max);
}

TEST(Reader, AServerAheadOfOurClockDoesNotMoveTheBeginningBeyondIt) {
  QuirkyServer server({}, 1);
  server.add(Instant::from_seconds(now().seconds() + 86'400));
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.state.from, now());
}

TEST(Reader, AFailureStopsAndKeepsWhatCameBefore) {
  QuirkyServer server({}, 1);
  for (int i = 0; i < 20; ++i) server.add(at(i * 5'000'000));
  auto bounds = low_bounds();
  bounds.batch_objects_max = 100;
  Disk disk(server, bounds);
  server.quirks.loses_percent = 100;
  EXPECT_FALSE(disk.poll());
  EXPECT_EQ(server.questions(), bounds.tries_max);
  EXPECT_EQ(disk.state, ReadState());
  server.quirks.loses_percent = 0;
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.names, all_of(server));
}

TEST(Reader, APageThatIsTooLargeIsAskedForInParts) {
  // Refuses to carry more than two objects.
  class Narrow : public QuirkyServer {
   public:
    using QuirkyServer::QuirkyServer;
    Result<ObjectPage> objects(const PageQuery& query) override {
      auto page = QuirkyServer::objects(query);
      if (page && page->objects.size() > 2) return fail(ErrorKind::TooLarge, "too large");
      return page;
    }
  };
  Narrow server({}, 1);
  for (int i = 0; i < 11; ++i) server.add(at(i * 5'000'000));
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_TRUE(disk.losses.empty());
}

TEST(Reader, APageThatCannotBeReadHidesOnlyItself) {
  class Broken : public QuirkyServer {
   public:
    using QuirkyServer::QuirkyServer;
    Result<ObjectPage> objects(const PageQuery& query) override {
      auto page = QuirkyServer::objects(query);
      for (const auto& bytes : page->objects) {
        if (bytes.find(held()[7].id) != std::string::npos) {
          return fail(ErrorKind::Corrupt, "no JSON");
        }
      }
      return page;
    }
    Result<ObjectPage> object(std::string_view id) override {
      if (id == held()[7].id) return fail(ErrorKind::Corrupt, "no JSON");
      return QuirkyServer::object(id);
    }
  };
  Broken server({}, 1);
  for (int i = 0; i < 20; ++i) server.add(at(i * 5'000'000));
  Disk disk(server);
  int polls = 0;
  while (!disk.poll()) ASSERT_LT(++polls, 20);
  EXPECT_EQ(disk.names.size(), 19U);
  ASSERT_EQ(disk.losses.size(), 1U);
  EXPECT_EQ(disk.losses[0].id, server.held()[7].id);
  // What comes later is read, although that page still stands before it.
  for (int i = 20; i < 24; ++i) server.add(at(i * 5'000'000));
  while (!disk.poll()) ASSERT_LT(++polls, 20);
  EXPECT_EQ(disk.names.size(), 23U);
}

TEST(Reader, AFirstPageThatNobodyCanReadStopsWhereThereIsNoManifest) {
  class Noise : public QuirkyServer {
   public:
    using QuirkyServer::QuirkyServer;
    Result<ObjectPage> objects(const PageQuery&) override {
      return fail(ErrorKind::Corrupt, "no JSON");
    }
  };
  Quirks quirks;
  quirks.no_manifest = true;
  Noise server(quirks, 1);
  server.add(at(0));
  Disk disk(server);
  EXPECT_FALSE(disk.poll());
  EXPECT_EQ(disk.state, ReadState());
  server.quirks.no_manifest = false;
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.names.size(), 1U);
}

// Every fourth answer is lost, and the pages leave out two objects. The manifest has five a page;
// when it is in two lists, each is sorted, and the second has every eighth object, with one of the
// two that were left out.
class EveryFourthLost : public QuirkyServer {
 public:
  explicit EveryFourthLost(bool in_two_lists)
      : QuirkyServer(consuming(), 1), in_two_lists_(in_two_lists) {
    for (int i = 0; i < 40; ++i) add(at(i * 2'000'000));
  }

  Result<ObjectPage> objects(const PageQuery& query) override {
    TRY(auto page, QuirkyServer::objects(query));
    std::erase_if(page.objects, [&](const auto& bytes) {
      return bytes.find(held()[12].id) != std::string::npos ||
             bytes.find(held()[35].id) != std::string::npos;
    });
    TRY_STATUS(answers());
    return page;
  }

  Result<ManifestPage> manifest(const PageQuery& query) override {
    std::vector<ManifestEntry> all, behind;
    for (std::size_t i = 0; i < held().size(); ++i) {
      const auto& one = held()[i];
      if (query.added_after && one.date <= *query.added_after) continue;
      (in_two_lists_ && i % 8 == 4 ? behind : all).push_back({one.id, one.version, one.date});
    }
    all.insert(all.end(), behind.begin(), behind.end());
    if (query.next.empty()) given_ = 0;
    ManifestPage page;
    for (; given_ < all.size() && page.entries.size() < 5; ++given_) {
      page.entries.push_back(all[given_]);
    }
    page.more = given_ < all.size();
    if (page.more) page.next = "more";
    TRY_STATUS(answers());
    return page;
  }

  bool well = false;

 private:
  static Quirks consuming() {
    Quirks quirks;
    quirks.consumes_next = true;
    return quirks;
  }
  Status answers() {
    if (++answers_ % 4 == 0 && !well) return fail(ErrorKind::Unavailable, "the reply is lost");
    return {};
  }

  bool in_two_lists_;
  std::size_t given_ = 0;
  int answers_ = 0;
};

TEST(Reader, AManifestThatNeverComesInOnePieceIsReadByDate) {
  EveryFourthLost server(false);
  Disk disk(server);
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_TRUE(disk.losses.empty());
  EXPECT_FALSE(disk.lost_unknown);
}

TEST(Reader, AManifestThatOnlyBeginsSortedIsNotReadByDate) {
  EveryFourthLost server(true);
  Disk disk(server);
  // By date it would lack what the second list has from before; so this walk has no end yet.
  EXPECT_FALSE(disk.poll());
  EXPECT_TRUE(disk.losses.empty());
  EXPECT_FALSE(disk.lost_unknown);
  server.well = true;
  EXPECT_TRUE(disk.poll());
  EXPECT_EQ(disk.names, all_of(server));
  EXPECT_TRUE(disk.losses.empty());
  EXPECT_FALSE(disk.lost_unknown);
}

TEST(Reader, ManyDatesThatRiseInAChainAreNoAccident) {
  const ReaderBounds bounds;
  PageCursor cursor(bounds, std::nullopt, bounds.limit);
  const auto hear = [&](int dates, int from) {
    for (int i = 0; i < dates; ++i) {
      cursor.hear(at(from + i));
      cursor.hear(at(from + i));  // does not rise
    }
  };
  hear(bounds.rising_min, 0);
  EXPECT_FALSE(cursor.surely_sorted());
  cursor.resume(at(100));  // another chain, which begins to count anew
  hear(bounds.rising_min, 100);
  EXPECT_FALSE(cursor.surely_sorted());
  hear(1, 200);
  EXPECT_TRUE(cursor.surely_sorted());
  hear(1, 150);
  EXPECT_FALSE(cursor.surely_sorted());
}

TEST(Reader, TheStateReadsBackAsItWasWritten) {
  ReadState state;
  EXPECT_EQ(*read_state_from_json(json::Value(to_json(state))), state);
  state.from = at(1);
  state.reached = at(2);
  state.unsorted = true;
  state.seen = {"a", std::string(15, '\0')};
  EXPECT_EQ(*read_state_from_json(json::Value(to_json(state))), state);
  for (const auto* text : {R"({"seen":[],"from":"yesterday"})", R"({"seen":["*"]})", R"({})",
                           R"({"seen":[],"other":1})", R"([])"}) {
    EXPECT_FALSE(read_state_from_json(*json::parse(text)).has_value()) << text;
  }
}

struct World {
  Quirks quirks;
  std::uint64_t seed = 0;
  std::vector<std::uint8_t> additions;  // how many objects come between two polls
  bool kills = false;
};

World draw_world() {
  const auto yes = [] { return *rc::gen::arbitrary<bool>(); };
  World world;
  auto& quirks = world.quirks;
  quirks.page_max = *rc::gen::inRange<std::int64_t>(1, 8);
  quirks.consumes_next = yes();
  quirks.omits_next = yes();
  quirks.unsorted = yes();
  quirks.no_dates = *rc::gen::inRange(0, 4) == 0;
  quirks.cuts_dates = yes();
  quirks.rewrites = yes();
  quirks.repeats = yes();
  quirks.no_manifest = *rc::gen::inRange(0, 4) == 0;
  // Such a list nobody can read to its end, or know that it was not: it is neither sorted nor
  // has it a way from page to page.
  quirks.manifest_omits_next = !quirks.unsorted && yes();
  quirks.loses_percent = *rc::gen::elementOf(std::vector<int>{0, 0, 10, 30});
  world.seed = *rc::gen::arbitrary<std::uint64_t>();
  world.additions = *rc::gen::container<std::vector<std::uint8_t>>(
      *rc::gen::inRange<std::size_t>(1, 6), rc::gen::inRange<std::uint8_t>(0, 25));
  world.kills = yes();
  return world;
}

// Adds objects of which many share a date or a second, also with those that are there already.
void add_some(QuirkyServer& server, int count, Instant& date, std::mt19937_64& random) {
  for (int i = 0; i < count; ++i) {
    switch (random() % 4) {
      case 0:
        date.micros += static_cast<std::int64_t>(random() % 5'000'000);
        break;
      case 1:
        date.micros += 1;
        break;
      default:
        break;
    }
    server.add(date, random() % 3 == 0);
  }
}

RC_GTEST_PROP(ReaderLaw, WhatTheServerHeldIsHereOrInTheReport, ()) {
  const auto world = draw_world();
  std::mt19937_64 random(world.seed);
  QuirkyServer server(world.quirks, world.seed + 1);
  Disk disk(server);
  Instant date = day();
  const auto killed = [&] { return world.kills && random() % 5 == 0; };
  for (const auto count : world.additions) {
    add_some(server, count, date, random);
    disk.poll(killed);
  }
  // Then the links are well again, and it may take some polls until all was asked for.
  server.quirks.loses_percent = 0;
  int polls = 0;
  while (!disk.poll()) RC_ASSERT(++polls < polls_max);
  RC_ASSERT(disk.poll());

  RC_ASSERT(lost_without_a_word(server, disk) == std::vector<std::string>());
  const auto all = all_of(server);
  RC_ASSERT(std::includes(all.begin(), all.end(), disk.names.begin(), disk.names.end()));
  if (!world.quirks.no_manifest && !world.quirks.manifest_omits_next) {
    // With a manifest to compare with, nothing lacks, and nothing is said to lack.
    RC_ASSERT(disk.names == all);
    RC_ASSERT(disk.lost == 0);
  }
}

}  // namespace
}  // namespace comity::taxii
