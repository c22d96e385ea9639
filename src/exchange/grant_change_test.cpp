#include "exchange/grant_change.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

#include "base/test_support.h"
#include "exchange/circumstances.h"
#include "exchange/consent.h"
#include "exchange/procedure.h"
#include "exchange/release.h"
#include "exchange/test_chain.h"
#include "exchange/verify.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::Chain4;
using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;
using test::object;

using Ids = std::vector<std::string>;

std::string vulnerability(std::size_t number) {
  return object("vulnerability", number, R"(,"name":"CVE")" + marked(test::tlp_clear));
}

// The register whose agreement lets indicators through, and no vulnerabilities.
treaty::RegisterFiles without_vulnerabilities() {
  auto files = test::register_files();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "\"vulnerability\", ", "");
  return files;
}

// A client that polls one view from where it stopped, as standard clients do.
class Poller {
 public:
  Poller(Views& views, std::string party) : views_(views), caller_{std::move(party)} {}

  // Everything new, by pages; ids in the order of their dates.
  Ids poll(std::int64_t limit = 100) {
    Ids out;
    taxii::Query query;
    query.limit = limit;
    query.added_after = last_;
    for (int pages = 0; pages < 1000; ++pages) {
      const auto page = must(views_.objects(caller_, "records", query));
      for (const auto& item : page.items) {
        EXPECT_TRUE(!last_ || item.date_added > *last_) << "dates go back";
        last_ = item.date_added;
        out.emplace_back(must(json::parse(item.bytes)).text("id"));
      }
      if (!page.more) return out;
      query.next = page.next;
    }
    ADD_FAILURE() << "pages without end";
    return out;
  }

 private:
  Views& views_;
  taxii::Caller caller_;
  std::optional<Instant> last_;
};

struct Ends : Federation {
  std::unique_ptr<Views> views = std::make_unique<Views>(a());
  Poller poller() { return {*views, "XB"}; }
  void grant(const Ids& ids) { must(release(a(), ids, {"XB"})); }
  void law(const treaty::RegisterFiles& files) { test::change_law(a(), files); }
  void lapse() { law(test::lapsed_register()); }
  void restore() { law(test::register_files()); }
  std::size_t entries(const char* type) {
    std::size_t out = 0;
    must(must(a().store().read())->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) {
      if (row.kind == grants_kind && must(json::parse(row.entry)).text("type") == type) ++out;
      return Status();
    }));
    return out;
  }
  void expect_clean() {
    const auto found = must(verify(a()));
    EXPECT_TRUE(found.clean()) << (found.findings.empty() ? "" : found.findings[0]);
  }
};

TEST(GrantChange, WhatComesBackHasANewDateForWhoWentPastIt) {
  Ends ends;
  import_objects(ends.a(), {vulnerability(1), indicator(1), indicator(2)});
  ends.grant({id_of("vulnerability", 1)});
  ends.grant({id_of("indicator", 1)});
  ends.law(without_vulnerabilities());
  auto poller = ends.poller();
  EXPECT_EQ(poller.poll(), Ids{id_of("indicator", 1)});
  EXPECT_EQ(ends.entries(grants_ended_type), 1U);
  ends.restore();
  EXPECT_EQ(poller.poll(), Ids{id_of("vulnerability", 1)}) << "missed for ever";
  EXPECT_TRUE(poller.poll().empty()) << "once under one permission";
  EXPECT_EQ(ends.poller().poll(), (Ids{id_of("indicator", 1), id_of("vulnerability", 1)}))
      << "the old place shows it no more";
  EXPECT_EQ(test::disclosures_sent(ends.a()).size(), 2U) << "under the same disclosure";
  const auto again = must(release(ends.a(), {id_of("vulnerability", 1)}, {"XB"})).at(0);
  EXPECT_EQ(again.already, 1);
  ends.expect_clean();
}

TEST(GrantChange, WhatNobodyWentPastKeepsItsDate) {
  Ends ends;
  import_objects(ends.a(), {indicator(1)});
  ends.grant({id_of("indicator", 1)});
  auto poller = ends.poller();
  EXPECT_EQ(poller.poll().size(), 1U);
  const auto leaves = test::stored(ends.a()).leaves;
  ends.lapse();
  EXPECT_TRUE(poller.poll().empty());
  ends.restore();
  EXPECT_TRUE(poller.poll().empty()) << "it has it";
  EXPECT_EQ(test::stored(ends.a()).leaves, leaves + 2) << "the two changes of law alone";
}

TEST(GrantChange, EachLossThatWasSeenIsANewGrant) {
  Ends ends;
  import_objects(ends.a(), {indicator(1), indicator(2)});
  ends.grant({id_of("indicator", 1), id_of("indicator", 2)});
  auto poller = ends.poller();
  EXPECT_EQ(poller.poll().size(), 2U);
  for (std::size_t i = 1; i <= 3; ++i) {
    ends.lapse();
    EXPECT_TRUE(ends.poller().poll().empty());
    EXPECT_TRUE(ends.poller().poll().empty());
    EXPECT_EQ(ends.entries(grants_ended_type), i) << "noted once";
    ends.restore();
    EXPECT_EQ(poller.poll(1), (Ids{id_of("indicator", 1), id_of("indicator", 2)})) << "in order";
    EXPECT_EQ(ends.entries(granted_again_type), i);
  }
  ends.expect_clean();
}

TEST(GrantChange, WhatIsCarriedEndsAndComesBackWithItsCarrier) {
  Ends ends;
  import_objects(
      ends.a(), {object("identity", 1,
                        R"(,"name":"n","identity_class":"organization")" + marked(test::tlp_clear)),
                 indicator(1, R"(,"created_by_ref":")" + id_of("identity", 1) + "\"" +
                                  marked(test::tlp_clear))});
  ends.grant({id_of("indicator", 1)});
  auto poller = ends.poller();
  EXPECT_EQ(poller.poll().size(), 2U);
  ends.lapse();
  EXPECT_TRUE(ends.poller().poll().empty());
  ends.restore();
  const auto back = poller.poll();
  EXPECT_EQ(std::set<std::string>(back.begin(), back.end()),
            (std::set<std::string>{id_of("identity", 1), id_of("indicator", 1)}));
  ends.expect_clean();
}

TEST(GrantChange, ARestartLosesNothing) {
  Ends ends;
  import_objects(ends.a(), {vulnerability(1), indicator(1)});
  ends.grant({id_of("vulnerability", 1), id_of("indicator", 1)});
  ends.law(without_vulnerabilities());
  EXPECT_EQ(ends.poller().poll().size(), 1U);
  ends.views.reset();
  ends.xa.close();
  ends.xa.open();
  ends.views = std::make_unique<Views>(ends.a());
  EXPECT_EQ(ends.poller().poll().size(), 1U);
  ends.restore();
  EXPECT_EQ(ends.poller().poll(), (Ids{id_of("indicator", 1), id_of("vulnerability", 1)}));
  ends.expect_clean();
}

TEST(GrantChange, TheEndOfADayEndsAGrant) {
  Ends ends;
  auto files = test::register_files();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "code = \"XB\"\nin_force = 2024-06-01",
                     "code = \"XB\"\nin_force = 2024-06-01\nuntil = 2026-12-01");
  ends.law(files);
  import_objects(ends.a(), {indicator(1)});
  ends.grant({id_of("indicator", 1)});
  EXPECT_EQ(ends.poller().poll().size(), 1U);
  ends.xa.clock.set(must(parse_rfc3339("2026-12-02T00:00:00Z")));
  EXPECT_TRUE(ends.poller().poll().empty());
  EXPECT_EQ(ends.entries(grants_ended_type), 1U);
  ends.restore();
  EXPECT_EQ(ends.poller().poll().size(), 1U);
  EXPECT_EQ(ends.entries(granted_again_type), 1U);
  ends.expect_clean();
}

TEST(GrantChange, ASuspensionThatEndsWithinTheDayIsNoticed) {
  Ends ends;
  auto files = test::register_files();
  files["suspensions/xa.toml"] =
      "[[suspension]]\nid = \"s1\"\ninstrument = \"xa-xb-2024\"\nparty = \"XA\"\n"
      "from = 2026-11-23T12:00:00Z\nuntil = 2026-11-23T15:00:00Z\nprovenance = \"X\"\n";
  ends.law(files);
  import_objects(ends.a(), {indicator(1)});
  ends.grant({id_of("indicator", 1)});
  auto poller = ends.poller();
  EXPECT_EQ(poller.poll().size(), 1U);
  for (const auto* time : {"2026-11-23T12:00:00Z", "2026-11-23T14:59:59Z"}) {
    ends.xa.clock.set(must(parse_rfc3339(time)));
    EXPECT_TRUE(ends.poller().poll().empty()) << time;
  }
  ends.xa.clock.set(must(parse_rfc3339("2026-11-23T15:00:00Z")));
  EXPECT_EQ(poller.poll().size(), 1U);
  ends.expect_clean();
}

TEST(GrantChange, WhatIsQuarantinedEndsAndStaysEnded) {
  Ends ends;
  import_objects(ends.a(), {indicator(1), indicator(2)});
  ends.grant({id_of("indicator", 1), id_of("indicator", 2)});
  {
    const auto change = must(Change::begin(ends.a()));
    json::Object entry;
    entry.set("type", "test");
    must(change->quarantine({test::held(ends.a(), id_of("indicator", 1)).sequence}, "recalled",
                            entry));
    must(change->enter("state", entry));
    must(change->commit());
  }
  EXPECT_EQ(ends.poller().poll(), Ids{id_of("indicator", 2)});
  ends.lapse();
  ends.restore();
  EXPECT_EQ(ends.poller().poll(), Ids{id_of("indicator", 2)});
  EXPECT_EQ(ends.entries(granted_again_type), 0U);
  ends.expect_clean();
}

// The disclosure rests on a consent that was withdrawn; a new consent lets the record be seen.
TEST(GrantChange, ANewConsentGrantsAgainWhatTheOldOneLet) {
  Chain4 chain;
  const auto record = id_of("indicator", 1);
  import_objects(chain.a(), {indicator(1)});
  must(release(chain.a(), {record}, {"XB"}));
  const auto consented = [&](bool once) {
    const auto asked = must(ask_consent(chain.b(), {record}, "XC", "")).at(0).request;
    must(send_statements(chain.b()));
    ConsentTerms terms;
    terms.once = once;
    auto id = must(grant_consent(chain.a(), asked, terms));
    must(send_statements(chain.a()));
    return id;
  };
  const auto first = consented(false);
  must(release(chain.b(), {record}, {"XC"}));
  Views views(chain.b());
  Poller poller(views, "XC");
  EXPECT_EQ(poller.poll().size(), 1U);
  must(withdraw_consent(chain.a(), first));
  must(send_statements(chain.a()));
  EXPECT_TRUE(Poller(views, "XC").poll().empty());
  EXPECT_TRUE(poller.poll().empty());
  const auto second = consented(true);
  EXPECT_EQ(poller.poll(), Ids{record}) << "a new grant";
  EXPECT_TRUE(poller.poll().empty());
  const auto digest = test::held(chain.b(), record).digest;
  EXPECT_EQ(must(must(chain.b().store().read())->meta(consent_spent_key(second, digest))),
            test::disclosures_sent(chain.b()).at(0).id)
      << "what holds once is used up";
  EXPECT_EQ(test::disclosures_sent(chain.b()).size(), 1U);
  const auto found = must(verify(chain.b()));
  EXPECT_TRUE(found.clean()) << found.findings.at(0);
}

TEST(GrantChange, VerificationFindsEndsThatNoChangeEntered) {
  Ends ends;
  import_objects(ends.a(), {indicator(1)});
  ends.grant({id_of("indicator", 1)});
  const auto date = must(must(ends.a().store().read())->grants("XB", {}, 1)).at(0).date_added;
  const auto findings = [&] {
    const auto found = must(verify(ends.a()));
    return fmt::format("{}", fmt::join(found.findings, "\n"));
  };
  EXPECT_EQ(findings(), "");
  {
    const auto transaction = must(ends.a().store().begin());
    must(transaction->end_grants("XB", {date}, ends.a().now()));
    must(transaction->commit());
  }
  EXPECT_NE(findings().find("whether it has ended"), std::string::npos) << findings();
  {
    const auto transaction = must(ends.a().store().begin());
    must(transaction->grant_again("XB", {date}, ends.a().now()));
    must(transaction->commit());
  }
  EXPECT_NE(findings().find("has another instant"), std::string::npos) << findings();
}

// Random changes of law, releases and readers: nobody is shown what is not permitted, sees one
// grant twice, or has missed something once all is permitted.
TEST(GrantChange, PollersMissNothingWhateverTheLawDoes) {
  const auto seed = comity::test::seed();
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  const auto draw = [&](std::size_t below) { return random() % below; };
  Ends ends;
  std::vector<Poller> pollers(3, ends.poller());
  std::vector<std::set<std::string>> seen(pollers.size());
  std::size_t made = 0;
  enum { All, Indicators, Nothing } state = All;
  const auto poll = [&](std::size_t who) {
    for (const auto& id : pollers[who].poll(static_cast<std::int64_t>(1 + draw(4)))) {
      EXPECT_NE(state, Nothing) << id;
      EXPECT_TRUE(state != Indicators || id.starts_with("indicator")) << id;
      seen[who].insert(id);
    }
  };
  const auto steps = std::max<std::size_t>(60, 2000 / test::scale());
  for (std::size_t step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
    SCOPED_TRACE(fmt::format("seed {}, step {}", seed, step));
    switch (draw(6)) {
      case 0:
        state = All;
        ends.restore();
        break;
      case 1:
        state = Indicators;
        ends.law(without_vulnerabilities());
        break;
      case 2:
        state = Nothing;
        ends.lapse();
        break;
      case 3: {
        import_objects(ends.a(), {indicator(made), vulnerability(made)});
        ends.grant({id_of("indicator", made), id_of("vulnerability", made)});
        ++made;
        break;
      }
      default:
        poll(draw(pollers.size()));
    }
  }
  state = All;
  ends.restore();
  std::set<std::string> all;
  for (const auto& id : ends.poller().poll()) all.insert(id);
  for (std::size_t who = 0; who < pollers.size(); ++who) {
    poll(who);
    EXPECT_EQ(seen[who], all) << "poller " << who << ", seed " << seed;
    EXPECT_TRUE(pollers[who].poll().empty());
  }
  ends.expect_clean();
}

}  // namespace
}  // namespace comity::exchange
