#include "exchange/views.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "exchange/receive.h"
#include "exchange/record.h"
#include "exchange/record_page.h"
#include "exchange/release.h"
#include "exchange/served.h"
#include "exchange/test_federation.h"
#include "exchange/token.h"
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

// An indicator of exactly so many bytes, of text in pieces that nobody takes for free text.
std::string indicator_of_size(std::size_t number, std::size_t bytes) {
  const auto with = [&](const std::string& filling) {
    return indicator(number, ",\"x_filling\":[" + filling + "\"\"]" + marked(test::tlp_clear));
  };
  const std::string piece = "\"" + std::string(2000, 'x') + "\",";
  const auto room = bytes - with("").size();
  std::string filling;
  while (filling.size() + 2 * piece.size() < room) filling += piece;
  for (auto rest = room - filling.size(); rest > 0;) {
    const auto next = rest > piece.size() ? rest / 2 : rest;
    filling += "\"" + std::string(next - 3, 'x') + "\",";
    rest -= next;
  }
  return with(filling);
}

TEST(Views, APageHasAtMostItsBytes) {
  constexpr std::size_t six = std::size_t{6} * 1024 * 1024;
  constexpr auto rest = taxii::page_bytes_max - 2 * six;
  for (const std::size_t beyond : {0U, 1U}) {
    Shown shown;
    const std::vector<std::string> objects = {indicator_of_size(1, six), indicator_of_size(2, six),
                                              indicator_of_size(3, rest + beyond), indicator(4)};
    ASSERT_EQ(objects[0].size() + objects[1].size() + objects[2].size(),
              taxii::page_bytes_max + beyond);
    shown.grant({import_objects(shown.a(), objects).import_id});
    taxii::Query query;
    const auto page = shown.page(query);
    EXPECT_EQ(Shown::ids_of(page), numbered(1, 3 - beyond));
    ASSERT_TRUE(page.more);
    query.next = page.next;
    const auto second = shown.page(query);
    EXPECT_EQ(Shown::ids_of(second), numbered(4 - beyond, 1 + beyond));
    EXPECT_FALSE(second.more);
    // By their ids it is the same.
    taxii::Query by_id;
    by_id.ids = numbered(1, 4);
    EXPECT_EQ(shown.ids(by_id), numbered(1, 3 - beyond));
  }
}

TEST(Views, AnObjectBehindManyGrantsIsFound) {
  Shown shown;
  constexpr auto count = static_cast<std::size_t>(scan_grants_max) + 1;
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < count; ++i) objects.push_back(indicator(i));
  shown.grant({import_objects(shown.a(), objects).import_id});
  taxii::Query query;
  query.ids = numbered(count - 1, 1);
  const auto page = shown.page(query);
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.items[0].bytes, objects.back());
  EXPECT_FALSE(page.more);
  query.ids = {id_of("indicator", count - 1), id_of("indicator", 0), id_of("indicator", 0),
               id_of("indicator", count)};
  query.limit = 1;
  const auto first = shown.page(query);
  EXPECT_EQ(Shown::ids_of(first), numbered(0, 1));
  ASSERT_TRUE(first.more);
  query.next = first.next;
  const auto second = shown.page(query);
  EXPECT_EQ(Shown::ids_of(second), numbered(count - 1, 1));
  EXPECT_FALSE(second.more);
  // Also what is looked for by type, with pages between that hold nothing.
  taxii::Query by_type;
  by_type.types = {"malware"};
  const auto none = shown.page(by_type);
  EXPECT_TRUE(none.items.empty() && none.more);
  by_type.next = none.next;
  EXPECT_FALSE(shown.page(by_type).more);
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

TEST(Views, ATokenTellsFiltersApartHoweverTheyAreWritten) {
  Shown shown;
  shown.grant({import_objects(shown.a(), {indicator(1), indicator(2)}).import_id});
  const auto taken = [&](const taxii::Query& asked) {
    return shown.views.objects(caller_b, "records", asked).has_value();
  };
  const auto with_next = [&](const std::vector<std::string>& types) {
    taxii::Query query;
    query.limit = 1;
    query.types = types;
    query.next = shown.page(query).next;
    EXPECT_FALSE(query.next.empty());
    EXPECT_TRUE(taken(query));
    return query;
  };
  auto other = with_next({"indicator", "x|y"});
  other.types = {"indicator,x|y"};
  EXPECT_FALSE(taken(other));
  other = with_next({"indicator", "b|"});
  other.types = {"indicator", "b"};
  other.versions = {"|"};
  EXPECT_FALSE(taken(other));
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

// The same object as another assertion: with bytes of its own.
std::string retold(std::size_t number, int version, int telling) {
  return indicator(number, fmt::format(",\"x_telling\":{}", telling) + marked(test::tlp_clear),
                   version);
}

struct Assertions : Shown {
  // Imports and releases one object by itself.
  void give(const std::string& text, const ImportOptions& options = {}) {
    grant({import_objects(a(), {text}, options).import_id});
  }
  void set_apart(const std::string& bytes) { set_state(bytes, store::RecordState::Quarantined); }
  void set_state(const std::string& bytes, store::RecordState state) {
    const auto change = must(Change::begin(a()));
    for (const auto& record :
         must(change->store().records_by_digest(must(protocol_digest(bytes))))) {
      must(change->store().set_state(record.sequence, state, "of the test"));
    }
    must(change->commit());
  }
  // An object that came by way of another party, granted under a disclosure that is there.
  void grant_relayed(const std::string& text, const std::string& disclosure) {
    const auto change = must(Change::begin(a()));
    auto record = record_from(must(stix::read_object(text)), text);
    record.originator = "XD";
    record.received_from = "XC";
    record.source = "comity-disclosure--of-the-test";
    record.chain = "[]";
    record.assertion_id = assertion_id(record);
    const auto appended = must(change->store().append(record));
    must(change->store().grant("XB", {appended.sequence}, disclosure, change->at()));
    must(change->commit());
  }
  std::vector<std::string> bytes(const std::vector<std::string>& versions,
                                 const taxii::Caller& caller = caller_b) {
    taxii::Query query;
    query.versions = versions;
    std::vector<std::string> out;
    for (const auto& item : page(query, caller).items) out.emplace_back(item.bytes);
    return out;
  }
};

using Bytes = std::vector<std::string>;

TEST(Views, OneAssertionOfAVersionIsShown) {
  Assertions shown;
  shown.give(retold(1, 1, 1));
  shown.give(retold(1, 1, 2));
  shown.give(retold(1, 2, 3));
  for (const auto& versions : {Bytes{}, Bytes{"last"}}) {
    EXPECT_EQ(shown.bytes(versions), Bytes{retold(1, 2, 3)});
  }
  EXPECT_EQ(shown.bytes({"first"}), Bytes{retold(1, 1, 1)}) << "the first that was granted";
  EXPECT_EQ(shown.bytes({"all"}), (Bytes{retold(1, 1, 1), retold(1, 2, 3)}));
  EXPECT_EQ(shown.bytes({"2026-01-01T00:00:00Z"}), Bytes{retold(1, 1, 1)});
  // The page is full with what is shown, not with what is not.
  taxii::Query query;
  query.versions = {"first"};
  query.limit = 1;
  EXPECT_FALSE(shown.page(query).more);
}

TEST(Views, TheNextTakesItsPlaceWhenItsGrantEnds) {
  Assertions shown;
  for (const int telling : {1, 2, 3}) shown.give(retold(1, 1, telling));
  EXPECT_EQ(shown.bytes({}), Bytes{retold(1, 1, 1)});
  shown.set_apart(retold(1, 1, 1));
  EXPECT_EQ(shown.bytes({}), Bytes{retold(1, 1, 2)});
  shown.set_apart(retold(1, 1, 2));
  EXPECT_EQ(shown.bytes({"all"}), Bytes{retold(1, 1, 3)});
  shown.set_apart(retold(1, 1, 3));
  EXPECT_TRUE(shown.bytes({"all"}).empty());
}

TEST(Views, TheCreatorsAssertionGoesBeforeOneThatWasGrantedEarlier) {
  Assertions shown;
  const auto identity = [](int telling) {
    return object(
        "identity", 1,
        fmt::format(R"(,"name":"n","identity_class":"organization","x_telling":{})", telling) +
            marked(test::tlp_clear));
  };
  shown.give(indicator(1));
  const auto disclosure = test::disclosures_sent(shown.a()).at(0).id;
  shown.grant_relayed(identity(1), disclosure);
  shown.grant_relayed(identity(2), disclosure);
  EXPECT_EQ(shown.bytes({}), (Bytes{indicator(1), identity(1)}));
  const auto by_us = indicator(
      2, R"(,"created_by_ref":")" + id_of("identity", 1) + "\"" + marked(test::tlp_clear));
  import_objects(shown.a(), {identity(3), by_us});
  shown.grant({id_of("indicator", 2)});
  auto now = shown.bytes({});
  std::sort(now.begin(), now.end());
  Bytes expected{indicator(1), identity(3), by_us};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(now, expected);
  shown.set_apart(identity(3));
  EXPECT_EQ(shown.bytes({}), (Bytes{indicator(1), identity(1), by_us}));
}

TEST(Views, AHiddenNewestVersionShowsTheOneBefore) {
  Assertions shown;
  shown.give(retold(1, 1, 1));
  shown.give(retold(1, 2, 2));
  ImportOptions response;
  response.purpose = "incident-response";
  shown.give(retold(1, 3, 3), response);
  EXPECT_EQ(shown.bytes({}), Bytes{retold(1, 3, 3)});
  // From a token of another purpose the newest is hidden.
  NewToken terms;
  terms.name = "siem";
  terms.party = "XB";
  terms.collections = {"records"};
  terms.purposes = {"warning"};
  must(make_token(shown.a(), terms));
  const taxii::Caller token{"XB", "siem"};
  EXPECT_EQ(shown.bytes({}, token), Bytes{retold(1, 2, 2)});
  EXPECT_EQ(shown.bytes({"last"}, token), Bytes{retold(1, 2, 2)});
  EXPECT_EQ(shown.bytes({"first"}, token), Bytes{retold(1, 1, 1)});
  EXPECT_TRUE(shown.bytes({"2026-01-03T00:00:00Z"}, token).empty());
  taxii::Query query;
  query.ids = {id_of("indicator", 1)};
  ASSERT_EQ(shown.page(query, token).items.size(), 1U);
  // So it is when the newest was set apart, and when the oldest was.
  shown.set_apart(retold(1, 3, 3));
  EXPECT_EQ(shown.bytes({}), Bytes{retold(1, 2, 2)});
  shown.set_apart(retold(1, 1, 1));
  EXPECT_EQ(shown.bytes({"first"}), Bytes{retold(1, 2, 2)});
}

// What a view should show of one's own assertions, said as plainly as can be.
struct Given {
  std::string id, bytes;
  int version = 0;  // 0: none
  bool apart = false;
};
std::vector<std::string> plainly(const std::vector<Given>& given, bool first, bool last, bool all,
                                 int exactly) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < given.size(); ++i) {
    bool same_before = false, older = false, newer = false;
    for (std::size_t j = 0; j < given.size(); ++j) {
      if (given[j].apart || given[j].id != given[i].id) continue;
      same_before = same_before || (j < i && given[j].version == given[i].version);
      older = older || given[j].version < given[i].version;
      newer = newer || given[j].version > given[i].version;
    }
    const bool wanted = given[i].version == 0 || all || given[i].version == exactly ||
                        (last && !newer) || (first && !older);
    if (!given[i].apart && !same_before && wanted) out.push_back(given[i].bytes);
  }
  return out;
}

TEST(Views, ChoosesAmongAssertionsAsThePlainRuleDoes) {
  std::mt19937_64 dice(comity::test::seed());
  const auto worlds = 400 / test::scale() + 2;
  for (std::size_t world = 0; world < worlds; ++world) {
    Assertions shown;
    std::vector<Given> given;
    for (int i = 0; i < 14; ++i) {
      Given one;
      if (dice() % 5 == 0) {
        one.id = id_of("ipv4-addr", 1 + dice() % 2);
        one.bytes = fmt::format(R"({{"type":"ipv4-addr","id":"{}","value":"198.51.100.1",)"
                                R"("x_telling":{}{}}})",
                                one.id, i, marked(test::tlp_clear));
      } else {
        const auto number = 1 + dice() % 3;
        one.version = 1 + static_cast<int>(dice() % 4);
        one.id = id_of("indicator", number);
        one.bytes = retold(number, one.version, i);
      }
      shown.give(one.bytes);
      one.apart = dice() % 3 == 0;
      if (one.apart) shown.set_apart(one.bytes);
      given.push_back(std::move(one));
    }
    SCOPED_TRACE(fmt::format("COMITY_SEED={}, world {}", comity::test::seed(), world));
    EXPECT_EQ(shown.bytes({}), plainly(given, false, true, false, -1));
    EXPECT_EQ(shown.bytes({"first"}), plainly(given, true, false, false, -1));
    EXPECT_EQ(shown.bytes({"first", "last"}), plainly(given, true, true, false, -1));
    EXPECT_EQ(shown.bytes({"all"}), plainly(given, false, false, true, -1));
    EXPECT_EQ(shown.bytes({"2026-01-02T01:00:00+01:00"}), plainly(given, false, false, false, 2));
    EXPECT_EQ(shown.bytes({"last", "2026-01-02T00:00:00Z"}), plainly(given, false, true, false, 2));
  }
}

// What a client is told over TAXII: by each resource, the ids.
struct ToldByResource : Assertions {
  taxii::Server server{views};
  json::Value get(const std::string& path, const taxii::Caller& caller = caller_b,
                  int status = 200) {
    net::Request request;
    request.method = "GET";
    request.path = "/comity/collections/records/" + path.substr(0, path.find('?'));
    if (path.find('?') != std::string::npos) request.query = path.substr(path.find('?') + 1);
    const auto answer = server.handle(request, caller);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.content();
    return must(json::parse(answer.content()));
  }
  static std::vector<std::string> members(const json::Value& answer, const char* list,
                                          const char* member) {
    std::vector<std::string> out;
    const auto* found = answer.find(list);
    if (found == nullptr) return out;
    for (const auto& item : *found->array()) {
      out.emplace_back(member == nullptr ? *item.string() : item.text(member));
    }
    return out;
  }
  // The manifest names what the objects are, and each id has the versions that its objects have.
  std::vector<std::string> expect_alike(const std::string& query,
                                        const taxii::Caller& caller = caller_b) {
    const auto objects = get("objects/" + query, caller),
               manifest = get("manifest/" + query, caller);
    auto ids = members(objects, "objects", "id");
    EXPECT_EQ(members(manifest, "objects", "id"), ids) << query;
    for (const auto& id : ids) {
      const auto all = get("objects/" + id + "/?match[version]=all", caller);
      EXPECT_EQ(members(get("objects/" + id + "/versions/", caller), "versions", nullptr),
                members(all, "objects", "modified"))
          << id;
    }
    return ids;
  }
};

TEST(Views, ManifestAndVersionsTellWhatTheObjectsShow) {
  ToldByResource told;
  told.give(indicator(1));
  told.give(indicator(2, marked(test::tlp_clear), 1));
  told.give(indicator(2, marked(test::tlp_clear), 3));
  told.give(indicator(3));
  import_objects(told.a(), {indicator(4)});
  const auto manifest = told.get("manifest/?match[version]=all");
  EXPECT_EQ(ToldByResource::members(manifest, "objects", "version"),
            (std::vector<std::string>{"2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z",
                                      "2026-01-03T00:00:00.000Z", "2026-01-01T00:00:00.000Z"}));
  const auto dates = ToldByResource::members(manifest, "objects", "date_added");
  EXPECT_TRUE(std::is_sorted(dates.begin(), dates.end()));
  for (const auto* query :
       {"", "?match[version]=all", "?match[version]=first", "?match[type]=indicator",
        "?match[type]=malware", "?limit=2", "?match[spec_version]=2.0"}) {
    told.expect_alike(query);
  }
  EXPECT_EQ(told.expect_alike(""), numbered(1, 3));
  const auto two = "objects/" + id_of("indicator", 2) + "/versions/";
  EXPECT_EQ(ToldByResource::members(told.get(two), "versions", nullptr).size(), 2U);
  EXPECT_EQ(
      ToldByResource::members(told.get(two + "?added_after=" + dates.at(1)), "versions", nullptr),
      std::vector<std::string>{"2026-01-03T00:00:00.000Z"});
  EXPECT_EQ(told.get(two + "?added_after=" + dates.at(2)).object()->size(), 0U);
  // What is granted to nobody, or to somebody else, has no version and no line.
  told.get("objects/" + id_of("indicator", 4) + "/versions/", caller_b, 404);
  told.get(two, caller_c, 404);
  EXPECT_TRUE(told.expect_alike("", caller_c).empty());
  // A version that is set apart is none, and neither is its object when it was the only one.
  told.set_apart(indicator(2, marked(test::tlp_clear), 3));
  told.set_apart(indicator(3));
  EXPECT_EQ(told.expect_alike("?match[version]=all"), numbered(1, 2));
  EXPECT_EQ(ToldByResource::members(told.get(two), "versions", nullptr).size(), 1U);
  told.get("objects/" + id_of("indicator", 3) + "/versions/", caller_b, 404);
  // Nothing is told of when no agreement permits it.
  test::change_law(told.a(), test::lapsed_register());
  EXPECT_TRUE(told.expect_alike("?match[version]=all").empty());
  told.get(two, caller_b, 404);
}

TEST(Views, ManifestAndVersionsHaveNextTokensOfTheirOwn) {
  ToldByResource told;
  for (std::size_t number = 1; number <= 3; ++number) told.give(indicator(number));
  const auto next = [&](const std::string& path) {
    return std::string(told.get(path).text("next"));
  };
  const auto objects = next("objects/?limit=1");
  const auto manifest = next("manifest/?limit=1");
  EXPECT_EQ(ToldByResource::members(told.get("manifest/?next=" + manifest), "objects", "id"),
            numbered(2, 2));
  EXPECT_EQ(next("manifest/?limit=1"), manifest) << "asking again gives the same";
  told.get("objects/?next=" + manifest, caller_b, 400);
  told.get("manifest/?next=" + objects, caller_b, 400);
  told.get("objects/" + id_of("indicator", 2) + "/versions/?next=" + manifest, caller_b, 400);
  told.give(indicator(1, marked(test::tlp_clear), 2));
  const auto of_one = "objects/" + id_of("indicator", 1) + "/versions/?limit=1";
  const auto versions = next(of_one);
  EXPECT_EQ(ToldByResource::members(told.get(of_one + "&next=" + versions), "versions", nullptr),
            std::vector<std::string>{"2026-01-02T00:00:00.000Z"});
}

TEST(Views, WhoIsToldOfAnObjectHasNotCollectedIt) {
  ToldByResource told;
  told.give(indicator(1));
  const auto disclosure = test::disclosures_sent(told.a()).at(0).id;
  const auto marked_as_served = [&] {
    return must(served(*must(told.a().store().read()), disclosure));
  };
  EXPECT_FALSE(marked_as_served());
  told.get("manifest/");
  EXPECT_TRUE(marked_as_served()) << "that it exists has left the node";
  told.get("objects/" + id_of("indicator", 1) + "/versions/");
  must(told.views.flush_reads(true));
  const auto reads = [&] { return must(reads_of(*must(told.a().store().read()), "XB")); };
  ASSERT_EQ(reads().size(), 2U);
  EXPECT_EQ(reads()[0].told_of, "manifest");
  EXPECT_EQ(reads()[1].told_of, "versions");
  const auto snapshot = must(told.a().store().read());
  const auto grants = must(snapshot->grants_by_disclosure("XB", disclosure));
  EXPECT_EQ(collected(reads(), grants), 0);
  told.get("objects/");
  must(told.views.flush_reads(true));
  EXPECT_EQ(collected(reads(), grants), 1);
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
