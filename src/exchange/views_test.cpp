#include "exchange/views.h"

#include <gtest/gtest.h>

#include <set>

#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;
using test::object;

const taxii::Caller caller_b{"XB"}, caller_c{"XC"};

struct Shown : Federation {
  Views views{a()};
  // Releases to XB, which nobody receives; the grants stand.
  void grant(const std::vector<std::string>& ids) { must(release(a(), ids, {"XB"})); }
  taxii::Page page(const taxii::Query& query = {}, const taxii::Caller& caller = caller_b,
                   const std::string& collection = "records") {
    return must(views.objects(caller, collection, query));
  }
  std::vector<std::string> ids(const taxii::Query& query = {},
                               const taxii::Caller& caller = caller_b,
                               const std::string& collection = "records") {
    return ids_of(page(query, caller, collection));
  }
  static std::vector<std::string> ids_of(const taxii::Page& page) {
    std::vector<std::string> out;
    for (const auto& item : page.items) {
      out.emplace_back(must(json::parse(item.bytes)).text("id"));
    }
    return out;
  }
};

std::vector<std::string> numbered(std::size_t first, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(id_of("indicator", first + i));
  return out;
}

TEST(Views, ThreeCollectionsByIdOrAlias) {
  Shown shown;
  const auto list = must(shown.views.collections(caller_b));
  ASSERT_EQ(list.size(), 3U);
  std::set<std::string> ids;
  for (const auto& info : list) ids.insert(info.id);
  EXPECT_EQ(ids.size(), 3U);
  EXPECT_EQ(must(shown.views.collections(caller_c))[0].id, list[0].id);
  EXPECT_TRUE(shown.views.objects(caller_b, list[0].id, {}).has_value());
  EXPECT_EQ(shown.views.objects(caller_b, "nothing", {}).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(shown.views.objects(caller_b, "inbox", {}).error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(shown.views.add(caller_b, "records", "{}").error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(shown.views.add(caller_b, "protocol", "{}").error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(shown.views.add(caller_b, "nothing", "{}").error().kind, ErrorKind::NotFound);
  EXPECT_NE(shown.views.title().find("EXERCISE drill"), std::string::npos);
}

TEST(Views, ShowOnlyWhatWasGrantedToTheCallerByteForByte) {
  Shown shown;
  const auto text = indicator(1, R"(, "x_a" : "b" )" + marked(test::tlp_clear));
  import_objects(shown.a(), {text, indicator(2)});
  EXPECT_TRUE(shown.ids().empty());
  shown.grant({id_of("indicator", 1)});
  const auto page = shown.page();
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.items[0].bytes, text);
  EXPECT_FALSE(page.more);
  EXPECT_TRUE(page.next.empty());
  EXPECT_TRUE(shown.ids({}, caller_c).empty());
  EXPECT_TRUE(shown.ids({}, taxii::Caller{"XA"}).empty());
  // What is granted to nobody is not there for anybody, asked for by name or not.
  taxii::Query query;
  query.ids = {id_of("indicator", 2)};
  EXPECT_TRUE(shown.ids(query).empty());
}

TEST(Views, ALapsedAgreementHidesAllItLetThrough) {
  Shown shown;
  import_objects(
      shown.a(),
      {object("identity", 1,
              R"(,"name":"n","identity_class":"organization")" + marked(test::tlp_clear)),
       indicator(
           1, R"(,"created_by_ref":")" + id_of("identity", 1) + "\"" + marked(test::tlp_clear))});
  shown.grant({id_of("indicator", 1)});
  EXPECT_EQ(shown.ids().size(), 2U);
  test::change_law(shown.a(), test::lapsed_register());
  EXPECT_EQ(shown.ids(), std::vector<std::string>{}) << "shown though no agreement permits it";
  taxii::Query query;
  query.ids = {id_of("indicator", 1)};
  EXPECT_TRUE(shown.ids(query).empty());
  test::change_law(shown.a(), test::register_files());
  EXPECT_EQ(shown.ids().size(), 2U);
}

TEST(Views, AQuarantinedRecordIsNotShown) {
  Shown shown;
  import_objects(shown.a(), {indicator(1)});
  shown.grant({id_of("indicator", 1)});
  const auto sequence = test::held(shown.a(), id_of("indicator", 1)).sequence;
  {
    const auto change = must(Change::begin(shown.a()));
    must(change->store().set_state(sequence, store::RecordState::Quarantined, "recalled"));
    must(change->commit());
  }
  EXPECT_TRUE(shown.ids().empty());
}

TEST(Views, PagesFollowEachOtherAndAskingAgainGivesTheSame) {
  Shown shown;
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < 25; ++i) objects.push_back(indicator(i));
  const auto report = import_objects(shown.a(), objects);
  shown.grant({report.import_id});
  for (const std::int64_t limit : {1, 4, 24, 25, 26}) {
    taxii::Query query;
    query.limit = limit;
    std::vector<std::string> seen;
    Instant last{INT64_MIN};
    for (int pages = 0; pages < 30; ++pages) {
      const auto page = shown.page(query);
      const auto again = shown.page(query);
      EXPECT_EQ(Shown::ids_of(again), Shown::ids_of(page));
      EXPECT_EQ(again.next, page.next);
      EXPECT_LE(static_cast<std::int64_t>(page.items.size()), limit);
      for (const auto& item : page.items) {
        EXPECT_GT(item.date_added, last);
        last = item.date_added;
      }
      for (const auto& id : Shown::ids_of(page)) seen.push_back(id);
      EXPECT_EQ(page.more, !page.next.empty());
      if (!page.more) break;
      query.next = page.next;
    }
    EXPECT_EQ(seen, numbered(0, 25)) << limit;
  }
  // From the date of one on: what was added after it.
  taxii::Query query;
  query.added_after = shown.page().items.at(9).date_added;
  EXPECT_EQ(shown.ids(query), numbered(10, 15));
}

TEST(Views, APageHasAtMostItsBound) {
  Shown shown;
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < static_cast<std::size_t>(taxii::page_objects_max) + 1; ++i) {
    objects.push_back(indicator(i));
  }
  shown.grant({import_objects(shown.a(), objects).import_id});
  taxii::Query query;
  EXPECT_EQ(shown.ids(query).size(), static_cast<std::size_t>(taxii::page_objects_default));
  query.limit = taxii::page_objects_max + 1;
  const auto page = shown.page(query);
  EXPECT_EQ(page.items.size(), static_cast<std::size_t>(taxii::page_objects_max));
  EXPECT_TRUE(page.more);
  query.next = page.next;
  EXPECT_EQ(shown.ids(query).size(), 1U);
}

TEST(Views, ATokenIsForItsCallerAndItsFiltersOnly) {
  Shown shown;
  const auto report = import_objects(shown.a(), {indicator(1), indicator(2), indicator(3)});
  shown.grant({report.import_id});
  taxii::Query query;
  query.limit = 1;
  const auto token = shown.page(query).next;
  ASSERT_FALSE(token.empty());
  const auto taken = [&](const taxii::Query& asked, const taxii::Caller& caller) {
    const auto page = shown.views.objects(caller, "records", asked);
    if (!page) {
      EXPECT_EQ(page.error().kind, ErrorKind::InvalidInput);
    }
    return page.has_value();
  };
  query.next = token;
  EXPECT_TRUE(taken(query, caller_b));
  EXPECT_FALSE(taken(query, caller_c));
  auto other = query;
  other.types = {"indicator"};
  EXPECT_FALSE(taken(other, caller_b));
  other = query;
  other.ids = {id_of("indicator", 1)};
  EXPECT_FALSE(taken(other, caller_b));
  other = query;
  other.versions = {"all"};
  EXPECT_FALSE(taken(other, caller_b));
  other = query;
  other.spec_versions = {"2.1"};
  EXPECT_FALSE(taken(other, caller_b));
  // The same grants elsewhere: a token is for its collection.
  other = query;
  const auto elsewhere = shown.views.objects(caller_b, "protocol", other);
  ASSERT_FALSE(elsewhere.has_value());
  EXPECT_EQ(elsewhere.error().kind, ErrorKind::InvalidInput);
  shown.grant({report.import_id});
  import_objects(shown.a(), {indicator(4)});
  shown.grant({id_of("indicator", 4)});
  taxii::Query statements;
  statements.limit = 1;
  shown.xa.clock.set(Instant{shown.xa.clock.now().micros + 1'000'000});
  import_objects(shown.a(), {indicator(5)});
  shown.grant({id_of("indicator", 5)});
  statements.next = shown.page(statements, caller_b, "protocol").next;
  ASSERT_FALSE(statements.next.empty());
  EXPECT_TRUE(shown.views.objects(caller_b, "protocol", statements).has_value());
  EXPECT_FALSE(taken(statements, caller_b));
  // Filters are told apart however their values are written.
  taxii::Query listed = query, joined = query;
  listed.next.clear();
  listed.types = {"indicator", "x|y"};
  listed.next = shown.page(listed).next;
  joined.types = {"indicator,x|y"};
  joined.next = listed.next;
  EXPECT_TRUE(taken(listed, caller_b));
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (const char c : {'A', 'b', '.', '-', ' '}) {
      if (token[at] == c) continue;
      other = query;
      other.next[at] = c;
      EXPECT_FALSE(taken(other, caller_b)) << other.next;
    }
  }
  for (const auto& junk : {std::string("."), std::string("x"), token + ".", token + "A",
                           "." + token, token.substr(1), std::string(10'000, 'a')}) {
    other = query;
    other.next = junk;
    EXPECT_FALSE(taken(other, caller_b)) << junk;
  }
}

TEST(Views, MatchFiltersSelect) {
  Shown shown;
  import_objects(shown.a(),
                 {indicator(1), indicator(2),
                  object("vulnerability", 1, R"(,"name":"CVE")" + marked(test::tlp_clear))});
  shown.grant({id_of("indicator", 1), id_of("indicator", 2), id_of("vulnerability", 1)});
  const auto with = [&](const std::vector<std::string>& ids, const std::vector<std::string>& types,
                        const std::vector<std::string>& spec_versions) {
    taxii::Query query;
    query.ids = ids;
    query.types = types;
    query.spec_versions = spec_versions;
    return shown.ids(query);
  };
  EXPECT_EQ(with({id_of("indicator", 2)}, {}, {}), numbered(2, 1));
  EXPECT_EQ(with({id_of("indicator", 2), id_of("indicator", 1)}, {}, {}), numbered(1, 2));
  EXPECT_EQ(with({}, {"indicator"}, {}), numbered(1, 2));
  EXPECT_EQ(with({}, {"malware", "vulnerability"}, {}).size(), 1U);
  EXPECT_TRUE(with({id_of("indicator", 2)}, {"vulnerability"}, {}).empty());
  EXPECT_EQ(with({}, {}, {"2.0", "2.1"}).size(), 3U);
  EXPECT_TRUE(with({}, {}, {"2.0"}).empty());
}

TEST(Views, TheVersionFilterChoosesAmongGrantedVersions) {
  Shown shown;
  import_objects(shown.a(), {indicator(1, marked(test::tlp_clear), 1)});
  shown.grant({id_of("indicator", 1)});
  import_objects(shown.a(), {indicator(1, marked(test::tlp_clear), 3)});
  shown.grant({id_of("indicator", 1)});
  // The newest is held here and not granted to anybody.
  import_objects(shown.a(), {indicator(1, marked(test::tlp_red), 4)});
  const auto with = [&](const std::vector<std::string>& versions) {
    taxii::Query query;
    query.versions = versions;
    std::vector<std::string> out;
    for (const auto& item : shown.page(query).items) {
      out.push_back(std::string(must(json::parse(item.bytes)).text("modified")).substr(8, 2));
    }
    return out;
  };
  EXPECT_EQ(with({}), std::vector<std::string>{"03"});
  EXPECT_EQ(with({"last"}), std::vector<std::string>{"03"});
  EXPECT_EQ(with({"first"}), std::vector<std::string>{"01"});
  EXPECT_EQ(with({"all"}), (std::vector<std::string>{"01", "03"}));
  EXPECT_EQ(with({"first", "last"}), (std::vector<std::string>{"01", "03"}));
  EXPECT_EQ(with({"2026-01-01T00:00:00.000Z"}), std::vector<std::string>{"01"});
  EXPECT_TRUE(with({"2026-01-04T00:00:00.000Z"}).empty());
  EXPECT_TRUE(with({"2026-01-02T00:00:00.000Z"}).empty());
}

TEST(Views, TheProtocolShowsOnlyTheCallersStatements) {
  Shown shown;
  import_objects(shown.a(), {indicator(1), indicator(2)});
  shown.grant({id_of("indicator", 1)});
  shown.grant({id_of("indicator", 2)});
  const auto text = indicator(9);
  const auto from_b = test::disclosure_by(shown.b(), "XA", {test::disclosed(text)});
  must(receive(shown.a(), "XB", test::envelope_with(shown.b(), from_b, {text})));
  const auto sent = test::disclosures_sent(shown.a());
  const auto all = shown.ids({}, caller_b, "protocol");
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()),
            (std::set<std::string>{sent.at(0).id, sent.at(1).id, receipt_id(from_b.id)}));
  EXPECT_TRUE(shown.ids({}, caller_c, "protocol").empty());
  taxii::Query query;
  for (const auto& id : all) {
    query.ids = {id};
    EXPECT_EQ(shown.ids(query, caller_b, "protocol"), std::vector<std::string>{id});
    EXPECT_TRUE(shown.ids(query, caller_c, "protocol").empty());
  }
  query.ids = {from_b.id};  // theirs, not ours to show
  EXPECT_TRUE(shown.ids(query, caller_b, "protocol").empty());
  query.ids.clear();
  query.types = {"comity-receipt"};
  EXPECT_EQ(shown.ids(query, caller_b, "protocol"),
            std::vector<std::string>{receipt_id(from_b.id)});
  query.ids = {sent.at(0).id};
  EXPECT_TRUE(shown.ids(query, caller_b, "protocol").empty()) << "both filters must match";
  query = {};
  query.spec_versions = {"2.0"};
  EXPECT_TRUE(shown.ids(query, caller_b, "protocol").empty()) << "ours are of 2.1";
}

TEST(Views, TheProtocolIsPagedWithoutLosingStatementsOfOneInstant) {
  Shown shown;
  std::set<std::string> expected;
  for (std::size_t i = 0; i < 6; ++i) {
    shown.xa.clock.set(
        Instant{test::start_instant().micros + static_cast<std::int64_t>(i / 2) * 1'000'000});
    import_objects(shown.a(), {indicator(i)});
    shown.grant({id_of("indicator", i)});
  }
  for (const auto& d : test::disclosures_sent(shown.a())) expected.insert(d.id);
  ASSERT_EQ(expected.size(), 6U);
  for (const std::int64_t limit : {1, 2, 3, 6}) {
    taxii::Query query;
    query.limit = limit;
    std::vector<std::string> seen;
    for (int pages = 0; pages < 10; ++pages) {
      const auto page = shown.page(query, caller_b, "protocol");
      for (const auto& id : Shown::ids_of(page)) seen.push_back(id);
      if (!page.more) break;
      query.next = page.next;
    }
    EXPECT_EQ(seen.size(), 6U) << limit;
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), expected) << limit;
  }
}

TEST(Views, AStatusIsForWhoSubmitted) {
  Shown shown;
  const auto text = indicator(9);
  const auto from_b = test::disclosure_by(shown.b(), "XA", {test::disclosed(text)});
  const auto envelope = test::envelope_with(shown.b(), from_b, {text});
  const auto status = must(shown.views.add(caller_b, "inbox", envelope));
  EXPECT_EQ(must(shown.views.status(caller_b, status.id)).id, status.id);
  EXPECT_EQ(shown.views.status(caller_c, status.id).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(shown.views.status(caller_b, "nothing").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(shown.views.add(caller_c, "inbox", envelope).error().kind, ErrorKind::Unauthenticated);
}

TEST(Views, AStatusIsTheSameAfterARestart) {
  Federation federation;
  const auto text = indicator(9);
  const auto from_b = test::disclosure_by(federation.b(), "XA", {test::disclosed(text)});
  const auto envelope = test::envelope_with(federation.b(), from_b, {text});
  const auto told = [&](const std::string& id) {
    Views views(federation.a());
    EXPECT_FALSE(views.status(caller_c, id).has_value());
    EXPECT_FALSE(views.status({"XB", "siem"}, id).has_value()) << "a token has posted nothing";
    return json::write(taxii::to_json(must(views.status(caller_b, id))));
  };
  const auto answered = must(Views(federation.a()).add(caller_b, "inbox", envelope));
  const auto before = told(answered.id);
  EXPECT_EQ(before, json::write(taxii::to_json(answered)));
  federation.xa.close();
  federation.xa.open();
  EXPECT_EQ(told(answered.id), before);
}

TEST(Views, ReadsByCertificateAreLogged) {
  Shown shown;
  import_objects(shown.a(), {indicator(1), indicator(2)});
  shown.grant({id_of("indicator", 1), id_of("indicator", 2)});
  const auto entries = [&] {
    std::vector<json::Value> out;
    must(must(shown.a().store().read())->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) {
      if (row.kind == "read") out.push_back(must(json::parse(row.entry)));
      return Status();
    }));
    return out;
  };
  taxii::Query query;
  query.limit = 1;
  const auto first = shown.page(query);
  query.next = first.next;
  const auto second = shown.page(query);
  must(shown.views.flush_reads(false));
  EXPECT_TRUE(entries().empty()) << "joined for a while";
  must(shown.views.flush_reads(true));
  ASSERT_EQ(entries().size(), 1U) << "two pages, one range";
  const auto entry = entries().front();
  EXPECT_EQ(entry.text("party"), "XB");
  EXPECT_EQ(entry.text("credential"), "certificate");
  EXPECT_EQ(entry.find("token"), nullptr);
  EXPECT_EQ(entry.text("first"), format_rfc3339(first.items.at(0).date_added, 6));
  EXPECT_EQ(entry.text("last"), format_rfc3339(second.items.at(0).date_added, 6));
  EXPECT_EQ(*entry.find("count")->integer(), 2);
  EXPECT_TRUE(*entry.find("whole")->boolean());
}

}  // namespace
}  // namespace comity::exchange
