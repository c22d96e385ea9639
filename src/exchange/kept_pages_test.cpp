// Pages that are kept against pages that are made anew, and both against every grant decided by
// itself, while law, day, records, tokens and consents change in between.
#include <gtest/gtest.h>

#include <random>

#include "exchange/circumstances.h"
#include "exchange/consent.h"
#include "exchange/peer_book.h"
#include "exchange/procedure.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_chain.h"
#include "exchange/test_federation.h"
#include "exchange/token.h"
#include "exchange/verify.h"
#include "exchange/views.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;
using test::object;

// The dates of the grants that may be shown, each decided for itself, with nothing kept.
std::vector<Instant> decided_one_by_one(Node& node, const std::string& party) {
  std::vector<Instant> out;
  const auto snapshot = must(node.store().read());
  for (const auto& grant : must(snapshot->grants(party, {}, 1'000'000))) {
    const auto record = *must(snapshot->record(grant.sequence));
    if (record.state != store::RecordState::Live) continue;
    auto question = must(held_question(*snapshot, record));
    Circumstances circumstances(*snapshot, party);
    must(circumstances.complete(question, record.digest, {node.treaty_now(), grant.disclosure}));
    if (!question.recalled.empty()) continue;
    bool shown = false;
    if (record.classes.empty()) {
      const auto row = *must(snapshot->protocol(grant.disclosure));
      treaty::Stretch any{{INT64_MIN}, {INT64_MAX}};
      shown = must(may_be_shown(node, *snapshot, must(read_disclosure(row.bytes)), any));
    } else {
      shown = decide_record(*node.law(), question, node.party(), party, node.treaty_now()).kind ==
              treaty::VerdictKind::Permitted;
    }
    if (shown) out.push_back(grant.date_added);
  }
  return out;
}

std::vector<Instant> dates_of(const taxii::Page& page) {
  std::vector<Instant> out;
  for (const auto& item : page.items) out.push_back(item.date_added);
  return out;
}

class KeptPages : public Federation {
 public:
  explicit KeptPages(std::uint64_t number) : dice_(number) { step(0); }

  void step(std::size_t what) {
    switch (what) {
      case 0:
        test::change_law(a(), test::register_files());
        break;
      case 1:
        test::change_law(a(), without_vulnerabilities());
        break;
      case 2:
        test::change_law(a(), test::lapsed_register());
        break;
      case 3:
        test::change_law(a(), suspended());
        break;
      case 4:
      case 5:
        bring();
        break;
      case 6:
        set_apart();
        break;
      case 7:
        arrive();
        break;
      case 8:
        token();
        break;
      case 9:
        must(kept_.flush_reads(true));
        break;
      default:
        pass_time();
    }
  }
  static constexpr std::size_t kinds_of_step = 14;

  void compare() {
    std::vector<taxii::Caller> callers = {{"XB"}, {"XC"}};
    for (const auto& name : tokens_) callers.push_back({"XB", name});
    for (const auto& caller : callers) {
      for (const auto& query : queries()) compare(caller, query);
    }
    taxii::Query all;
    all.versions = {"all"};
    all.limit = taxii::page_objects_max;
    for (const auto* party : {"XB", "XC"}) {
      const auto shown = dates_of(must(kept_.objects({party}, "records", all)));
      EXPECT_EQ(shown, decided_one_by_one(a(), party)) << party;
    }
    expect_kept(all);
  }

  std::size_t arrivals() const { return static_cast<std::size_t>(arrivals_); }

 private:
  std::size_t below(std::size_t bound) { return dice_() % bound; }

  static treaty::RegisterFiles without_vulnerabilities() {
    auto files = test::register_files();
    files[test::agreement_file] =
        test::replaced(files[test::agreement_file], "\"vulnerability\", ", "");
    return files;
  }
  // From a moment on, for a while, both near.
  treaty::RegisterFiles suspended() {
    auto files = test::register_files();
    const auto from = a().now().micros + static_cast<std::int64_t>(below(7'200'000'000));
    files["suspensions/xa.toml"] = fmt::format(
        "[[suspension]]\nid = \"s1\"\ninstrument = \"xa-xb-2024\"\nparty = \"XA\"\nfrom = {}\n"
        "until = {}\nprovenance = \"X\"\n",
        format_rfc3339({from}, 6), format_rfc3339({from + 3'600'000'000}, 6));
    return files;
  }

  // New objects or versions, some with an author that has no class, released when they may go.
  void bring() {
    const auto number = 1 + below(12);
    const auto version = 1 + static_cast<int>(below(3));
    std::vector<std::string> objects;
    if (below(2) == 0) {
      const auto author =
          object("identity", number,
                 R"(,"name":"n","identity_class":"organization")" + marked(test::tlp_clear));
      objects = {author, indicator(number,
                                   R"(,"created_by_ref":")" + id_of("identity", number) + "\"" +
                                       marked(test::tlp_clear),
                                   version)};
    } else {
      objects = {
          object("vulnerability", number, R"(,"name":"CVE")" + marked(test::tlp_green), version)};
    }
    const auto report = import_objects(a(), objects);
    (void)release(a(), {report.import_id}, {"XB"});  // the law may not permit it
  }

  void set_apart() {
    const auto change = must(Change::begin(a()));
    const auto count = must(change->store().record_count());
    if (count == 0) return;
    const auto sequence = 1 + static_cast<std::int64_t>(below(static_cast<std::size_t>(count)));
    must(change->store().set_state(sequence, store::RecordState::Quarantined, "a test"));
    must(change->commit());
  }

  // What comes in changes no page.
  void arrive() {
    const auto record =
        indicator(500 + below(20), marked(test::tlp_clear), 1 + static_cast<int>(below(5)));
    auto disclosure =
        test::disclosure_by(b(), "XA", {test::disclosed(record)}, arrivals_ + 1, previous_);
    disclosure.records[0].originator = "XB";
    const auto object = sign(disclosure, b().signing_key());
    const auto page = must(kept_.objects({"XB"}, "records", {}));
    const auto again = must(kept_.objects({"XB"}, "records", {}));
    must(receive(a(), "XB", test::envelope_with(object.bytes, {record})));
    EXPECT_EQ(must(kept_.objects({"XB"}, "records", {})).body, again.body);
    previous_ = object.digest;
    ++arrivals_;
  }

  void token() {
    if (!tokens_.empty() && below(3) == 0) {
      // It stays among those that are asked: it must be refused by both.
      (void)revoke_token(a(), tokens_[below(tokens_.size())]);
      return;
    }
    if (tokens_.size() == 4) return;
    NewToken wanted;
    wanted.name = fmt::format("t{}", tokens_.size());
    wanted.party = "XB";
    wanted.collections = {"records"};
    if (below(2) == 0) wanted.purposes = {below(2) == 0 ? "warning" : "incident-response"};
    wanted.until = format_rfc3339({a().now().micros + 86'400'000'000}, 0);
    must(make_token(a(), wanted));
    tokens_.push_back(wanted.name);
  }

  void pass_time() {
    constexpr std::int64_t day = 86'400'000'000;
    const auto now = a().machine_time().micros;
    const std::vector<std::int64_t> steps = {
        1,           1'000'000, 1'800'000'000, 3'600'000'000, day - now % day - 1, day - now % day,
        -600'000'000};
    xa.clock.set({now + steps[below(steps.size())]});
    xb.clock.set(xa.clock.now());
  }

  std::vector<taxii::Query> queries() {
    std::vector<taxii::Query> out(8);
    out[1].limit = 2;
    out[2].versions = {"all"};
    out[3].versions = {"first"};
    out[4].types = {"vulnerability"};
    out[5].ids = {id_of("indicator", 1 + below(12))};
    out[6].resource = taxii::Resource::Manifest;
    out[7].versions = {"2026-01-02T00:00:00Z"};
    const auto page = kept_.objects({"XB"}, "records", out[1]);
    if (page && page->more) {
      out.push_back(out[1]);
      out.back().next = page->next;
    }
    if (page && !page->items.empty()) {
      out.emplace_back();
      out.back().added_after = page->items.back().date_added;
    }
    return out;
  }

  void compare(const taxii::Caller& caller, const taxii::Query& query) {
    const auto one = kept_.objects(caller, "records", query);
    const auto other = anew_.objects(caller, "records", query);
    ASSERT_EQ(one.has_value(), other.has_value());
    if (!one) {
      EXPECT_EQ(one.error().text(), other.error().text());
      return;
    }
    EXPECT_EQ(*one->body, *other->body);
    EXPECT_EQ(dates_of(*one), dates_of(*other));
    EXPECT_EQ(one->more, other->more);
    EXPECT_EQ(one->next, other->next);
  }

  // Where nothing has changed, nothing is made again.
  void expect_kept(const taxii::Query& query) {
    const auto first = must(kept_.objects({"XB"}, "records", query));
    EXPECT_EQ(must(kept_.objects({"XB"}, "records", query)).body, first.body);
    EXPECT_NE(must(anew_.objects({"XB"}, "records", query)).body, first.body);
  }

  std::mt19937_64 dice_;
  Views kept_{a()};
  Views anew_{a(), 0};
  std::vector<std::string> tokens_;
  std::int64_t arrivals_ = 0;
  std::optional<Digest> previous_;
};

TEST(KeptPages, AreWhatWouldBeMadeNow) {
  const auto start = comity::test::seed();
  const auto worlds = 1 + 50 / comity::test::scale();
  constexpr std::size_t steps = 40;
  std::size_t arrivals = 0;
  for (std::size_t world = 0; world < worlds; ++world) {
    std::mt19937_64 dice(start + world);
    KeptPages pages(start + 1000 + world);
    for (std::size_t i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE(fmt::format("COMITY_SEED={}, world {}, step {}", start, world, i));
      // First a few objects, or there is nothing to see.
      pages.step(i < 4 ? 4 : dice() % KeptPages::kinds_of_step);
      pages.compare();
    }
    arrivals += pages.arrivals();
  }
  EXPECT_GT(arrivals, 0U);
}

// A consent that ends at an instant ends a page at that instant.
TEST(KeptPages, EndWithAConsent) {
  test::Chain4 chain;
  const auto record = id_of("indicator", 1);
  import_objects(chain.a(), {indicator(1)});
  must(release(chain.a(), {record}, {"XB"}));
  const auto asked = must(ask_consent(chain.b(), {record}, "XC", "")).at(0).request;
  must(send_statements(chain.b()));
  ConsentTerms terms;
  const auto until = must(parse_rfc3339("2026-11-23T09:00:00Z"));
  terms.until = until;
  must(grant_consent(chain.a(), asked, terms));
  must(send_statements(chain.a()));
  must(release(chain.b(), {record}, {"XC"}));
  Views views(chain.b());
  const auto shown = [&] { return must(views.objects({"XC"}, "records", {})); };
  EXPECT_EQ(shown().items.size(), 1U);
  const auto page = shown();
  chain.xb.clock.set({until.micros - 1});
  EXPECT_EQ(shown().body, page.body) << "nothing has changed";
  chain.xb.clock.set(until);
  EXPECT_TRUE(shown().items.empty());
}

TEST(PeerBook, KnowsPeersAsTheyAreNow) {
  Federation federation(false);
  PeerBook book(federation.a());
  const auto put = [&](const std::function<void(store::Peer&)>& alter) {
    const auto change = must(Change::begin(federation.a()));
    auto peer = *must(change->store().peer("XB"));
    alter(peer);
    must(change->store().put(peer));
    must(change->commit());
  };
  const std::string der = "of the test";
  EXPECT_EQ(book.party_of(der), "");
  EXPECT_EQ(book.party_of(""), "");
  test::pair_both(federation.a(), federation.b(), test::nowhere, test::nowhere);
  EXPECT_EQ(book.party_of(der), "");
  put([&](store::Peer& peer) { peer.certificate = sha256(der); });
  EXPECT_EQ(book.party_of(der), "XB");
  EXPECT_EQ(book.party_of(der), "XB");
  put([](store::Peer& peer) { peer.confirmed = false; });
  EXPECT_EQ(book.party_of(der), "");
}

}  // namespace
}  // namespace comity::exchange
