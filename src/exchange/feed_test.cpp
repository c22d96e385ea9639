#include "exchange/feed.h"

#include <gtest/gtest.h>

#include "exchange/feed_access.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "net/test_certificates.h"
#include "taxii/test_quirky_server.h"

namespace comity::exchange {
namespace {

using taxii::test::Quirks;
using taxii::test::QuirkyServer;
using test::Federation;
using test::held;
using test::id_of;
using test::indicator;
using test::must;

constexpr const char* wares = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";

// A server that has one collection and nothing to read in it.
class Catalogue {
 public:
  Catalogue() {
    net::ServerOptions options;
    options.certificate_pem = identity.certificate_pem;
    options.key_pem = identity.key_pem;
    options.client_certificate = net::ClientCertificate::Optional;
    server_ = must(net::Server::start(std::move(options), [](const net::Request& request) {
      net::Response out;
      out.headers.emplace_back("Content-Type", std::string(taxii::media_type));
      if (request.path == "/taxii2/") {
        out.body = R"({"title":"T","api_roots":["/wares/"]})";
      } else if (request.path == "/wares/collections/") {
        out.body = fmt::format(R"({{"collections":[{{"id":"{}","alias":"wares","title":"Wares",)"
                               R"("can_read":true,"can_write":false}}]}})",
                               wares);
      } else {
        out.status = 404;
      }
      return out;
    }));
  }
  std::string url(const std::string& path = "/taxii2/") const {
    return fmt::format("https://127.0.0.1:{}{}", server_->port(), path);
  }

  net::TestCertificate identity = net::make_test_certificate("catalogue");

 private:
  std::unique_ptr<net::Server> server_;
};

// XA, with a feed of that collection.
struct WithFeed : Federation {
  Catalogue catalogue;
  WithFeed() : Federation(false) { must(add_feed(a(), wanted())); }
  NewFeed wanted(const std::string& name = "wares") const {
    NewFeed out;
    out.name = name;
    out.url = catalogue.url();
    out.collection = "wares";
    out.pin = digest_text(catalogue.identity.digest);
    out.options.tlp = "green";
    return out;
  }
  ErrorKind refusal(const NewFeed& feed) {
    const auto made = add_feed(a(), feed);
    EXPECT_FALSE(made.has_value());
    return made ? ErrorKind::Corrupt : made.error().kind;
  }
  Feed feed(std::size_t index = 0) { return must(feeds(*must(a().store().read()))).at(index); }
  FeedStatus status() { return must(feed_status(*must(a().store().read()), "wares")); }
  FeedPull pull(taxii::ReadableCollection& server, bool again = false,
                const taxii::ReaderBounds& bounds = {}) {
    return must(pull_feed_from(a(), "wares", server, again, bounds));
  }
  std::set<std::string> names() {
    std::set<std::string> out;
    must(must(a().store().read())
             ->records_by_source(feed().import_id, [&](const store::Record& record) {
               out.insert(QuirkyServer::name(record.stix_id, record.version));
               return Status();
             }));
    return out;
  }
  std::vector<Ailment> ailments() {
    std::vector<Ailment> out;
    must(examine_feeds(a(), out));
    return out;
  }
};

// Gives these objects in one page.
class OnePage : public taxii::ReadableCollection {
 public:
  explicit OnePage(std::vector<std::string> objects) : objects_(std::move(objects)) {}
  Result<taxii::ObjectPage> objects(const taxii::PageQuery&) override {
    if (before) before();
    taxii::ObjectPage page;
    page.objects = objects_;
    return page;
  }
  Result<taxii::ManifestPage> manifest(const taxii::PageQuery&) override {
    return fail(ErrorKind::NotFound, "none");
  }
  Result<taxii::ObjectPage> object(std::string_view) override {
    return fail(ErrorKind::NotFound, "none");
  }

  std::function<void()> before;

 private:
  std::vector<std::string> objects_;
};

QuirkyServer server_with(int count, const Quirks& quirks = {}) {
  QuirkyServer server(quirks, 7);
  for (int i = 0; i < count; ++i) {
    server.add(Instant::from_seconds(1'790'000'000 + i * 5), i % 3 == 0);
  }
  return server;
}

std::set<std::string> all_of(const QuirkyServer& server) {
  std::set<std::string> out;
  for (const auto& one : server.held()) out.insert(QuirkyServer::name(one));
  return out;
}

TEST(Feed, IsEnteredWithWhatWasFoundAndEndsOnce) {
  WithFeed f;
  const auto feed = f.feed();
  EXPECT_EQ(feed.collection, f.catalogue.url(fmt::format("/wares/collections/{}/", wares)));
  EXPECT_EQ(feed.title, "Wares");
  EXPECT_TRUE(feed.import_id.starts_with("import--"));
  EXPECT_TRUE(must(verify(f.a())).clean());

  EXPECT_EQ(f.refusal(f.wanted()), ErrorKind::Conflict);
  auto other = f.wanted("other");
  other.name = "Other";
  EXPECT_EQ(f.refusal(other), ErrorKind::InvalidInput);
  other = f.wanted("other");
  other.options.tlp = "blue";
  EXPECT_EQ(f.refusal(other), ErrorKind::InvalidInput);
  other = f.wanted("other");
  other.options.published = "https://example.org/";
  EXPECT_EQ(f.refusal(other), ErrorKind::NotPermitted);
  other = f.wanted("other");
  other.collection = "nothing";
  EXPECT_EQ(f.refusal(other), ErrorKind::NotFound);
  other = f.wanted("other");
  other.pin = digest_text(sha256("another"));
  EXPECT_EQ(f.refusal(other), ErrorKind::NotVerified);
  other = f.wanted("other");
  other.authorities = "some.pem";
  EXPECT_EQ(f.refusal(other), ErrorKind::InvalidInput);
  EXPECT_EQ(must(feeds(*must(f.a().store().read()))).size(), 1U);

  must(end_feed(f.a(), "wares"));
  EXPECT_EQ(end_feed(f.a(), "wares").error().kind, ErrorKind::Conflict);
  EXPECT_EQ(end_feed(f.a(), "other").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(pull_feed(f.a(), "wares", false).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(f.refusal(f.wanted()), ErrorKind::Conflict);
  EXPECT_TRUE(must(verify(f.a())).clean());
}

TEST(Feed, OfANodeWithoutSuchANetworkIsNotCalled) {
  test::TemporaryDirectory directory;
  test::Party closed(directory.file("XA"), "XA", 1,
                     [](NewNode& options) { options.allowed_networks = {}; });
  const WithFeed f;
  EXPECT_EQ(add_feed(closed.node(), f.wanted()).error().kind, ErrorKind::NotPermitted);
}

TEST(Feed, FromAPairedPartyIsRefused) {
  Federation f(false);
  const Catalogue catalogue;
  // XB answers where the catalogue does.
  test::pair_both(f.a(), f.b(), test::nowhere, catalogue.url(""));
  NewFeed wanted;
  wanted.name = "wares";
  wanted.url = catalogue.url();
  wanted.collection = "wares";
  wanted.pin = digest_text(catalogue.identity.digest);
  EXPECT_EQ(add_feed(f.a(), wanted).error().kind, ErrorKind::NotPermitted);
  // Another address under its certificate is XB as well, and so is one that it is to vouch for.
  const auto of_b = f.b().tls().certificate_pem;
  wanted.url = "https://192.0.2.1/taxii2/";
  wanted.pin = digest_text(must(trust::certificate_digest(of_b)));
  EXPECT_EQ(add_feed(f.a(), wanted).error().kind, ErrorKind::NotPermitted);
  wanted.pin.clear();
  wanted.authorities = f.directory.file("ca.pem");
  must(write_file(wanted.authorities, of_b));
  EXPECT_EQ(add_feed(f.a(), wanted).error().kind, ErrorKind::NotPermitted);
}

TEST(Feed, OfAPartyThatWasPairedSinceIsNotReadAnyMore) {
  WithFeed f;
  test::pair_both(f.a(), f.b(), test::nowhere, f.catalogue.url(""));
  EXPECT_EQ(pull_feed(f.a(), "wares", false).error().kind, ErrorKind::NotPermitted);
}

TEST(Feed, BringsImportsOfTheOwnPartyOnce) {
  WithFeed f;
  auto server = server_with(30);
  const auto first = f.pull(server);
  EXPECT_FALSE(first.stopped.has_value());
  EXPECT_EQ(first.added, 30);
  EXPECT_EQ(first.refused, 0);
  EXPECT_EQ(f.names(), all_of(server));
  const auto record = held(f.a(), server.held()[1].id);
  EXPECT_EQ(record.originator, "XA");
  EXPECT_EQ(record.received_from, "");
  EXPECT_EQ(record.source, f.feed().import_id);
  EXPECT_EQ(record.tlp, "green");
  EXPECT_EQ(record.published, "");
  EXPECT_EQ(record.chain, "[]");
  EXPECT_EQ(record.state, store::RecordState::Live);

  const auto leaves = must(must(f.a().store().read())->ledger_size());
  EXPECT_EQ(f.pull(server).read, 0);
  EXPECT_EQ(must(must(f.a().store().read())->ledger_size()), leaves);
  const auto again = f.pull(server, true);
  EXPECT_EQ(again.existed, 30);
  EXPECT_EQ(again.added, 0);
  EXPECT_EQ(f.status().added, 30);
  EXPECT_EQ(f.status().read_at, f.a().now());
  EXPECT_TRUE(must(verify(f.a())).clean());
}

// The same objects, by hand and by a feed, may go to the same parties: no more and no fewer.
TEST(Feed, GoesOnNoFurtherThanAnImport) {
  const std::vector<std::string> objects = {
      indicator(1), indicator(2, ""), indicator(3, test::marked(test::tlp_red)),
      test::object("x-radar", 4), test::object("vulnerability", 5, R"(,"name":"CVE")")};
  for (const std::string tlp : {"", "green", "red"}) {
    WithFeed by_feed;
    auto wanted = by_feed.wanted("other");
    wanted.options.tlp = tlp;
    must(add_feed(by_feed.a(), wanted));
    OnePage page(objects);
    must(pull_feed_from(by_feed.a(), "other", page, false));
    Federation by_hand(false);
    ImportOptions options;
    options.tlp = tlp;
    test::import_objects(by_hand.a(), objects, options);
    for (const auto& id : {id_of("indicator", 1), id_of("indicator", 2), id_of("indicator", 3),
                           id_of("x-radar", 4), id_of("vulnerability", 5)}) {
      const auto one = held(by_feed.a(), id), other = held(by_hand.a(), id);
      EXPECT_EQ(one.tlp, other.tlp) << id;
      EXPECT_EQ(one.classes, other.classes) << id;
      EXPECT_EQ(one.doubts, other.doubts) << id;
      const auto previews = must(preview(by_feed.a(), {id}));
      const auto expected = must(preview(by_hand.a(), {id}));
      ASSERT_EQ(previews.size(), expected.size());
      for (std::size_t i = 0; i < previews.size(); ++i) {
        EXPECT_EQ(previews[i].party, expected[i].party);
        EXPECT_EQ(previews[i].verdict.kind, expected[i].verdict.kind) << id << previews[i].party;
      }
    }
  }
}

std::string own_marking(std::size_t number, const std::string& tlp) {
  return fmt::format(R"({{"type":"marking-definition","spec_version":"2.1","id":"{}",)"
                     R"("created":"2026-01-01T00:00:00.000Z","definition_type":"tlp",)"
                     R"("definition":{{"tlp":"{}"}}}})",
                     id_of("marking-definition", number), tlp);
}

TEST(Feed, AMarkingThatNobodyHasSeenAllowsNothing) {
  WithFeed f;
  const auto marking = id_of("marking-definition", 9);
  OnePage early({indicator(1, test::marked(marking))});
  const auto first = f.pull(early);
  EXPECT_EQ(held(f.a(), id_of("indicator", 1)).tlp, "");
  ASSERT_EQ(first.losses.size(), 2U);  // it names what is not held, and has no handling
  EXPECT_NE(first.losses[1].why.find("will never leave"), std::string::npos);
  // Once it is there, in whatever order, it counts.
  OnePage late({indicator(2, test::marked(marking)), own_marking(9, "red")});
  f.pull(late);
  EXPECT_EQ(held(f.a(), id_of("indicator", 2)).tlp, "red");
}

TEST(Feed, AMarkingIsNotLoosenedByAnotherDefinitionOfItsId) {
  WithFeed f;
  const auto marking = id_of("marking-definition", 9);
  test::import_objects(f.a(), {own_marking(9, "red")});
  OnePage page({own_marking(9, "clear"), indicator(1, test::marked(marking))});
  f.pull(page);
  EXPECT_EQ(held(f.a(), id_of("indicator", 1)).tlp, "red");
  test::import_objects(f.a(), {indicator(2, test::marked(marking))});
  EXPECT_EQ(held(f.a(), id_of("indicator", 2)).tlp, "red");
}

TEST(Feed, WhatCannotBeReadIsRefusedWithItsPlace) {
  WithFeed f;
  OnePage page({indicator(1), R"({"type":"indicator","id":"indicator--1"})", "17"});
  const auto pull = f.pull(page);
  EXPECT_EQ(pull.added, 1);
  EXPECT_EQ(pull.refused, 2);
  ASSERT_EQ(pull.losses.size(), 2U);
  EXPECT_EQ(pull.losses[0].severity, "refused");
  EXPECT_EQ(pull.losses[0].where, "page 1 $.objects[1]");
  EXPECT_EQ(pull.losses[1].where, "page 1 $.objects[2]");
  EXPECT_EQ(f.status().refused, 2);
}

// What ends the process in the middle of a question.
struct Killed {};

class KillingServer : public QuirkyServer {
 public:
  using QuirkyServer::QuirkyServer;
  Result<taxii::ObjectPage> objects(const taxii::PageQuery& query) override {
    if (--questions_left < 0) throw Killed();
    return QuirkyServer::objects(query);
  }
  std::int64_t questions_left = 0;
};

TEST(Feed, ResumesWhereverTheProcessWasKilled) {
  taxii::ReaderBounds bounds;
  bounds.limit = 3;
  bounds.batch_objects_max = 5;
  for (std::int64_t questions = 0; questions < 16; ++questions) {
    WithFeed f;
    KillingServer server({}, 7);
    for (int i = 0; i < 40; ++i) server.add(Instant::from_seconds(1'790'000'000 + i / 4), false);
    int kills = 0;
    for (;; ++kills) {
      ASSERT_LT(kills, 60);
      // Later ends come further, so that no walk is cut off for ever.
      server.questions_left = questions + kills;
      try {
        if (!f.pull(server, false, bounds).stopped) break;
      } catch (const Killed&) {
        f.xa.close();
        f.xa.open();
        // What is kept and how far it was read belong together.
        const auto status = f.status();
        if (status.state.reached || status.state.from) {
          EXPECT_FALSE(f.names().empty());
        }
      }
    }
    EXPECT_EQ(f.names(), all_of(server)) << questions;
    EXPECT_EQ(f.status().added, 40) << questions;
    EXPECT_EQ(f.status().lost, 0);
    if (questions % 5 == 0) {
      EXPECT_TRUE(must(verify(f.a())).clean());
    }
  }
}

TEST(Feed, TwoPullsAtOnceDoNotMoveTheStateBack) {
  WithFeed f;
  OnePage outer({indicator(1)}), inner({indicator(2)});
  outer.before = [&] { f.pull(inner); };
  const auto pull = pull_feed_from(f.a(), "wares", outer, false);
  ASSERT_FALSE(pull.has_value());
  EXPECT_EQ(pull.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(f.names().size(), 1U);  // that of the inner one
  outer.before = [&] { must(end_feed(f.a(), "wares")); };
  EXPECT_EQ(pull_feed_from(f.a(), "wares", outer, false).error().kind, ErrorKind::Conflict);
}

TEST(Feed, TheDoctorTellsFailuresLossesAndWhatNobodyReads) {
  WithFeed f;
  EXPECT_TRUE(f.ailments().empty());
  auto server = server_with(9);
  server.quirks.loses_percent = 100;
  const auto failed = f.pull(server);
  ASSERT_TRUE(failed.stopped.has_value());
  EXPECT_EQ(failed.stopped->kind, ErrorKind::Unavailable);
  ASSERT_EQ(f.ailments().size(), 1U);
  EXPECT_NE(f.ailments()[0].what.find("the reply is lost"), std::string::npos);

  server.quirks.loses_percent = 0;
  server.hide(server.held()[4].id);
  const auto lossy = f.pull(server);
  EXPECT_EQ(lossy.lost, 1);
  ASSERT_EQ(lossy.losses.back().severity, "lost");
  EXPECT_TRUE(lossy.losses.back().id.starts_with(server.held()[4].id));
  ASSERT_EQ(f.ailments().size(), 1U);
  EXPECT_NE(f.ailments()[0].what.find("not given 1 objects"), std::string::npos);
  EXPECT_NE(f.ailments()[0].remedy.find("--again"), std::string::npos);

  auto whole = server_with(9);
  f.pull(whole, true);
  EXPECT_TRUE(f.ailments().empty());
  f.xa.clock.set(Instant::from_seconds(f.a().now().seconds() + feed_due_s));
  EXPECT_TRUE(f.ailments().empty());
  f.xa.clock.set(Instant::from_seconds(f.a().now().seconds() + 1));
  EXPECT_EQ(f.ailments().size(), 1U);
  must(end_feed(f.a(), "wares"));
  EXPECT_TRUE(f.ailments().empty());
}

TEST(Feed, AnAlteredFeedIsFound) {
  WithFeed f;
  const auto kept = must(must(f.a().store().read())->meta("feeds"));
  auto altered = *kept;
  const auto at = altered.find("green");
  ASSERT_NE(at, std::string::npos);
  altered.replace(at, 5, "clear");
  const auto put = [&](const std::string& text) {
    const auto change = must(Change::begin(f.a()));
    must(change->store().set_meta("feeds", text));
    must(change->commit());
  };
  put(altered);
  EXPECT_FALSE(must(verify(f.a())).clean());
  put("[]");
  EXPECT_FALSE(must(verify(f.a())).clean());
  put(*kept);
  EXPECT_TRUE(must(verify(f.a())).clean());
}

TEST(FeedAccess, CredentialsAreOneObjectOfKnownMembers) {
  test::TemporaryDirectory directory;
  const auto path = directory.file("credentials.json");
  must(write_file(directory.file("c.pem"), "certificate"));
  must(write_file(directory.file("k.pem"), "key"));
  const auto read = [&](const std::string& text) -> Result<taxii::RemoteAccess> {
    must(write_file(path, text));
    taxii::RemoteAccess access;
    TRY_STATUS(read_credentials(path, access));
    return access;
  };
  const auto basic = must(read(R"({"user":"u","password":"p:w"})"));
  EXPECT_EQ(basic.user + " " + basic.password, "u p:w");
  EXPECT_EQ(must(read(R"({"bearer":"abc"})")).bearer, "abc");
  const auto both = must(read(R"({"bearer":"abc","certificate":"c.pem","key":"k.pem"})"));
  EXPECT_EQ(both.certificate_pem + both.key_pem, "certificatekey");
  EXPECT_EQ(must(read(R"({"certificate":"c.pem","key":"k.pem"})")).key_pem, "key");
  for (const auto* text :
       {"", "{}", "[]", "secret", R"({"user":"u"})", R"({"password":"p"})",
        R"({"user":"u","password":""})", R"({"user":"u:v","password":"p"})",
        R"({"user":"u","password":"p","bearer":"b"})", R"({"bearer":"a\r\nX: b"})",
        R"({"bearer":17})", R"({"bearer":"b","other":"x"})", R"({"certificate":"c.pem"})",
        R"({"certificate":"none.pem","key":"k.pem"})"}) {
    const auto refused = read(text);
    ASSERT_FALSE(refused.has_value()) << text;
    // The text of an error may stand in a log.
    EXPECT_EQ(refused.error().text().find("secret"), std::string::npos);
  }
  EXPECT_FALSE(read(std::string(feed_file_bytes_max + 1, ' ')).has_value());
}

}  // namespace
}  // namespace comity::exchange
