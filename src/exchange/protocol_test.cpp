#include "exchange/protocol.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <variant>

#include "exchange/test_earlier_form.h"
#include "exchange/test_federation.h"
#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"

namespace comity::exchange {
namespace {

using test::must;

const trust::SigningKey& key() {
  static const auto made = trust::SigningKey::generate();
  return made;
}

Disclosure full_disclosure() {
  Disclosure d;
  d.id = "comity-disclosure--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a11";
  d.mode = "exercise";
  d.exercise = "drill";
  d.from = "XA";
  d.to = "XB";
  d.number = 2;
  d.previous = sha256("one");
  d.time = {1'795'413'600'123'456};
  d.treaty_time = Instant{1'803'189'600'123'456};
  d.register_digest = sha256("register");
  d.area = "threat-information";
  d.purpose = "warning";
  d.basis = {{"i", "c", "Art. 1", sha256("row")}, {"i", "c2", "Art. 2", sha256("row2")}};
  d.duties = {{"i", "c3", "Art. 3", "notify", "2026-12-01", false}};
  d.asserts = {{"no prejudice", "i", "c4", "Art. 4"}};
  d.assumed = {{"body", "invented"}};
  d.consents = {{"comity-consent--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a12", "XC", sha256("c"), true}};
  DisclosedRecord record;
  record.digest = sha256("record");
  record.originator = "XA";
  record.classes = "indicator";
  record.tlp = "green";
  record.published = "https://example.org/ü";
  record.chain = {{"i", "XC", Instant{1'600'000'000'000'000}},
                  {"i", "XD", Instant{1'700'000'000'000'001}}};
  d.records = {record, record};
  d.records[1].digest = sha256("another record");
  d.records[1].published = "";
  d.records[1].chain.clear();
  return d;
}

Receipt full_receipt() {
  Receipt r;
  r.id = "comity-receipt--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a11";
  r.mode = "exercise";
  r.from = "XB";
  r.to = "XA";
  r.disclosure = full_disclosure().id;
  r.disclosure_digest = sha256("disclosure");
  r.number = 2;
  r.time = {1'795'413'600'000'000};
  r.register_digest = sha256("register");
  r.results = {{sha256("1"), "accepted", ""},
               {sha256("2"), "quarantined", "why"},
               {sha256("3"), "rejected", "because"}};
  return r;
}

// One member of a tree: the steps to its object, and its name.
using Step = std::variant<std::string, std::size_t>;
struct Place {
  std::vector<Step> steps;
  std::string name;
  std::string path(const std::string& member) const {
    std::string out = "$";
    for (const auto& step : steps) {
      if (const auto* word = std::get_if<std::string>(&step)) {
        out += "." + *word;
      } else {
        out += fmt::format("[{}]", std::get<std::size_t>(step));
      }
    }
    return out + "." + member;
  }
  std::string path() const { return path(name); }
};

void walk(const json::Value& value, std::vector<Step>& steps, std::vector<Place>& out) {
  const auto into = [&](Step step, const json::Value& member) {
    steps.push_back(std::move(step));
    walk(member, steps, out);
    steps.pop_back();
  };
  if (const auto* members = value.object()) {
    for (const auto& [name, member] : *members) {
      out.push_back({steps, name});
      into(name, member);
    }
  } else if (const auto* items = value.array()) {
    for (std::size_t i = 0; i < items->size(); ++i) into(i, (*items)[i]);
  }
}

std::vector<Place> places_of(const json::Value& value) {
  std::vector<Step> steps;
  std::vector<Place> out;
  walk(value, steps, out);
  return out;
}

// The tree with its object at `place` changed, and signed again so that only the form is wrong.
std::string changed(json::Value tree, const Place& place,
                    const std::function<void(json::Object&)>& change) {
  auto* value = &tree;
  for (const auto& step : place.steps) {
    value = std::holds_alternative<std::string>(step)
                ? value->object()->find(std::get<std::string>(step))
                : &(*value->array())[std::get<std::size_t>(step)];
  }
  change(*value->object());
  tree.object()->erase("signature");
  trust::sign_object(*tree.object(), key());
  return json::canonical(tree);
}

using Open = std::function<Status(const std::string&)>;
Status opened_disclosure(const std::string& bytes) {
  const auto opened = open_disclosure(bytes, key().public_key());
  if (!opened) return tl::unexpected<Error>(opened.error());
  return {};
}
Status opened_receipt(const std::string& bytes) {
  const auto opened = open_receipt(bytes, key().public_key());
  if (!opened) return tl::unexpected<Error>(opened.error());
  return {};
}

void refused_at(const Status& status, const std::string& where, const std::string& what) {
  ASSERT_FALSE(status.has_value()) << what << " " << where << " was taken";
  EXPECT_EQ(status.error().kind, ErrorKind::InvalidInput) << what << " " << where;
  EXPECT_TRUE(status.error().where == where || status.error().where.starts_with(where + "."))
      << what << " " << where << ": " << status.error().text();
  EXPECT_FALSE(status.error().message.empty());
}

// Every member missing, of another type, and every object with a member too many.
// With `below`, only of what stands below that path.
void check_every_member(const std::string& bytes, const Open& open,
                        const std::set<std::string>& optional, const std::string& below = "$.") {
  const auto tree = must(json::parse(bytes));
  ASSERT_TRUE(open(bytes).has_value()) << open(bytes).error().text();
  std::set<std::string> objects;
  for (const auto& place : places_of(tree)) {
    if (place.path() == "$.signature" || !place.path().starts_with(below)) continue;
    if (place.path() != "$.type") {  // without a type nothing can be signed
      const auto without = changed(tree, place, [&](json::Object& o) { o.erase(place.name); });
      if (optional.contains(place.path())) {
        EXPECT_TRUE(open(without).has_value()) << place.path();
      } else {
        // Extensions are named by their id; what is wrong in them is wrong at `extensions`.
        refused_at(open(without),
                   place.path().starts_with("$.extensions") ? "$.extensions" : place.path(),
                   "missing");
      }
      for (const auto& other :
           {json::Value(nullptr), json::Value(1), json::Value(true), json::Value("?"),
            json::Value(json::Array{json::Value(1)}), json::Value(json::Object())}) {
        std::string found;
        const auto wrong = changed(tree, place, [&](json::Object& o) {
          found = o.find(place.name)->type_name();
          o.set(place.name, other);
        });
        if (found == other.type_name()) continue;  // of its type; bounds have tests of their own
        refused_at(open(wrong),
                   place.path().starts_with("$.extensions") ? "$.extensions" : place.path(),
                   std::string("as ") + other.type_name());
      }
    }
    if (!objects.insert(place.path("")).second) continue;
    const auto more = changed(tree, place, [](json::Object& o) { o.set("zz_more", 1); });
    refused_at(open(more),
               place.path("").starts_with("$.extensions") ? "$.extensions" : place.path("zz_more"),
               "unknown");
  }
}

TEST(Protocol, DisclosuresAreReadBackWhole) {
  const auto d = full_disclosure();
  const auto object = sign(d, key());
  EXPECT_EQ(object.digest, sha256(object.bytes));
  EXPECT_EQ(object.digest, must(protocol_digest(object.bytes)));
  const auto back = must(open_disclosure(object.bytes, key().public_key()));
  EXPECT_EQ(back.id, d.id);
  EXPECT_EQ(back.number, 2);
  EXPECT_EQ(back.previous, d.previous);
  EXPECT_EQ(back.time, d.time);
  EXPECT_EQ(back.decided_at(), *d.treaty_time);
  EXPECT_EQ(back.records.at(0).published, d.records[0].published);
  EXPECT_EQ(back.records.at(0).chain, d.records[0].chain);
  EXPECT_EQ(back.duties.at(0).due, "2026-12-01");
  // Signing is deterministic, so equal bytes say that every member came back.
  EXPECT_EQ(sign(back, key()).bytes, object.bytes);
  auto first = d;
  first.number = 1;
  first.previous.reset();
  const auto first_bytes = sign(first, key()).bytes;
  EXPECT_EQ(sign(must(open_disclosure(first_bytes, key().public_key())), key()).bytes, first_bytes);
  EXPECT_EQ(back.records.at(0).chain.at(0).at, d.records[0].chain[0].at);
  // White space and order are not what is signed.
  const auto pretty = json::write_pretty(must(json::parse(object.bytes)));
  EXPECT_TRUE(open_disclosure(pretty, key().public_key()).has_value());
  EXPECT_EQ(must(protocol_digest(pretty)), object.digest);
}

// A disclosure with as little as one may say.
Disclosure plain_disclosure() {
  auto d = full_disclosure();
  d.number = 1;
  d.previous.reset();
  d.treaty_time.reset();
  d.duties.clear();
  d.asserts.clear();
  d.assumed.clear();
  d.consents.clear();
  for (auto& record : d.records) record.chain.clear();
  return d;
}

TEST(Protocol, EarlierFormsOfADisclosureAreReadAsWhatTheySay) {
  auto with_consent = full_disclosure();
  for (auto& hop : with_consent.records[0].chain) hop.at.reset();
  auto of_officers = plain_disclosure();
  of_officers.four_eyes = true;
  auto at_discretion = plain_disclosure();
  at_discretion.at_discretion = true;
  at_discretion.basis.clear();
  const std::vector<std::pair<Disclosure, std::int64_t>> all = {{full_disclosure(), 3},
                                                                {with_consent, 2},
                                                                {plain_disclosure(), 2},
                                                                {of_officers, 3},
                                                                {at_discretion, 3}};
  for (const auto& [d, number] : all) {
    const auto bytes = sign(d, key()).bytes;
    const auto earlier = test::in_earlier_form(bytes, number, key());
    const auto back = open_disclosure(earlier, key().public_key());
    ASSERT_TRUE(back.has_value()) << back.error().text();
    EXPECT_EQ(sign(*back, key()).bytes, bytes) << number;
    // The number says what a reader has to know, and the names are those of the number.
    for (const std::int64_t other : {1, 2, 3, 4, 5}) {
      if (other == number) continue;
      EXPECT_FALSE(opened_disclosure(test::in_earlier_form(bytes, other, key())))
          << number << " as " << other;
    }
  }
}

TEST(Protocol, AnEarlierReceiptIsReadAsWhatItSays) {
  auto of_withdrawal = full_receipt();
  of_withdrawal.results.clear();
  for (const auto& r : {full_receipt(), of_withdrawal}) {
    const auto bytes = sign(r, key()).bytes;
    const auto back = open_receipt(test::in_earlier_form(bytes, 1, key()), key().public_key());
    ASSERT_TRUE(back.has_value()) << back.error().text();
    EXPECT_EQ(sign(*back, key()).bytes, bytes);
    EXPECT_FALSE(opened_receipt(test::in_earlier_form(bytes, 2, key())));
  }
}

TEST(Protocol, WhatIsWrittenKeepsTheMustsOfStix) {
  auto of_withdrawal = full_receipt();
  of_withdrawal.results.clear();
  auto at_discretion = plain_disclosure();
  at_discretion.at_discretion = true;
  at_discretion.basis.clear();
  for (const auto& bytes : {sign(full_disclosure(), key()).bytes,
                            sign(plain_disclosure(), key()).bytes, sign(at_discretion, key()).bytes,
                            sign(full_receipt(), key()).bytes, sign(of_withdrawal, key()).bytes}) {
    EXPECT_EQ(test::musts_broken(bytes), std::vector<std::string>()) << bytes;
  }
  // The measure finds what the first forms did.
  const auto earlier = test::in_earlier_form(sign(plain_disclosure(), key()).bytes, 2, key());
  EXPECT_GE(test::musts_broken(earlier).size(), 3U);
}

TEST(Protocol, AnUnknownFormatIsRefusedWithThoseThatAreKnown) {
  const auto tree = must(json::parse(sign(full_disclosure(), key()).bytes));
  const auto refused =
      opened_disclosure(changed(tree, {{}, "format"}, [](json::Object& o) { o.set("format", 5); }));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("this program reads 2, 3, 4"), std::string::npos)
      << refused.error().text();
}

TEST(Protocol, ReceiptsAreReadBackWholeAndNamedByTheirDisclosure) {
  const auto r = full_receipt();
  const auto object = sign(r, key());
  const auto back = must(open_receipt(object.bytes, key().public_key()));
  EXPECT_EQ(back.results.at(2).result, "rejected");
  EXPECT_EQ(sign(back, key()).bytes, object.bytes);
  EXPECT_EQ(receipt_id(r.disclosure), r.id);
  auto other = r;
  other.id = "comity-receipt--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a12";
  refused_at(opened_receipt(sign(other, key()).bytes), "$.id", "another UUID");
}

TEST(Protocol, EveryMemberOfADisclosureIsNeededAndNoOtherIsTaken) {
  check_every_member(sign(full_disclosure(), key()).bytes, opened_disclosure,
                     {"$.records[0].published", "$.duties[0].due", "$.treaty_time", "$.duties",
                      "$.asserts", "$.assumed", "$.consents", "$.records[0].chain",
                      "$.records[0].chain[0].received", "$.records[0].chain[1].received"});
}

TEST(Protocol, EveryMemberOfAReceiptIsNeededAndNoOtherIsTaken) {
  check_every_member(sign(full_receipt(), key()).bytes, opened_receipt,
                     {"$.results", "$.results[1].reason", "$.results[2].reason"});
}

// So many records that differ in more than their digests now and then.
Disclosure disclosure_of(std::size_t count) {
  auto d = full_disclosure();
  const auto kinds = d.records;
  d.records.clear();
  for (std::size_t i = 0; i < count; ++i) {
    d.records.push_back(kinds[i / 7 % kinds.size()]);
    d.records.back().digest = sha256(std::to_string(i));
  }
  return d;
}

std::vector<Digest> digests_of(const Disclosure& d) {
  std::vector<Digest> out;
  for (const auto& record : d.records) out.push_back(record.digest);
  return out;
}

Receipt receipt_of_sum(const Disclosure& d) {
  auto r = full_receipt();
  r.results.clear();
  for (std::size_t i = 0; i < d.records.size(); ++i) {
    r.results.push_back({d.records[i].digest, "accepted", ""});
  }
  r.results[10].result = r.results[11].result = "quarantined";
  r.results[10].reason = r.results[11].reason = "carried-by-nothing";
  r.results[12].result = r.results[13].result = "rejected";
  r.results[12].reason = r.results[13].reason = "$.confidence: found 101";
  r.root = rows_root(d.records);
  return r;
}

TEST(Protocol, MoreRecordsThanAreListedAreNamedInSum) {
  for (const auto count : {listed_rows_max, listed_rows_max + 1, disclosure_records_max}) {
    const auto d = disclosure_of(count);
    const auto bytes = sign(d, key()).bytes;
    const auto tree = must(json::parse(bytes));
    const bool in_sum = count > listed_rows_max;
    EXPECT_EQ(tree.find("record_set") != nullptr, in_sum) << count;
    EXPECT_EQ(tree.find("records") == nullptr, in_sum) << count;
    auto back = must(open_disclosure(bytes, key().public_key()));
    EXPECT_EQ(back.named, !in_sum);
    ASSERT_EQ(back.records.size(), count);
    EXPECT_EQ(sign(back, key()).bytes, bytes) << "also before the digests are known";
    ASSERT_TRUE(name_records(back, digests_of(d)));
    EXPECT_TRUE(back.named);
    EXPECT_EQ(sign(back, key()).bytes, bytes);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(back.records[i].digest, d.records[i].digest);
      EXPECT_EQ(back.records[i].published, d.records[i].published);
      EXPECT_EQ(back.records[i].chain, d.records[i].chain);
    }
    EXPECT_EQ(test::musts_broken(bytes), std::vector<std::string>());
  }
  // A list of as many would have more than 200 bytes for each.
  EXPECT_LT(sign(disclosure_of(disclosure_records_max), key()).bytes.size(), std::size_t{10'000});
}

TEST(Protocol, WhereNoNodeAnswersEveryRowIsListed) {
  auto d = disclosure_of(disclosure_records_max);
  d.listed = true;
  const auto bytes = sign(d, key()).bytes;
  const auto back = must(open_disclosure(bytes, key().public_key()));
  EXPECT_TRUE(back.named);
  ASSERT_EQ(back.records.size(), disclosure_records_max);
  EXPECT_EQ(back.records.back().digest, d.records.back().digest);
  EXPECT_EQ(sign(back, key()).bytes, bytes);
}

TEST(Protocol, AListAndASumOfTheSameRowsHaveTheSameRoot) {
  const auto d = disclosure_of(listed_rows_max);
  auto listed = must(open_disclosure(sign(d, key()).bytes, key().public_key()));
  auto summed = d;
  summed.root = rows_root(d.records);
  auto back = must(open_disclosure(sign(summed, key()).bytes, key().public_key()));
  ASSERT_FALSE(back.named);
  ASSERT_TRUE(name_records(back, digests_of(listed)));
  EXPECT_EQ(rows_root(back.records), rows_root(listed.records));
  // Also of rows that were listed in an earlier form.
  const auto earlier = test::in_earlier_form(sign(d, key()).bytes, 3, key());
  EXPECT_EQ(rows_root(must(open_disclosure(earlier, key().public_key())).records), *back.root);
}

TEST(Protocol, OnlyTheRecordsThatMakeTheRootAreTaken) {
  const auto d = disclosure_of(listed_rows_max + 1);
  const auto good = digests_of(d);
  const auto refused = [&](const char* what, const std::function<void(std::vector<Digest>&)>& lie) {
    for (const auto& bytes : {sign(d, key()).bytes, sign(disclosure_of(50), key()).bytes}) {
      auto back = must(open_disclosure(bytes, key().public_key()));
      const bool named = back.named;
      auto digests = good;
      digests.resize(back.records.size());
      lie(digests);
      const auto status = name_records(back, digests);
      ASSERT_FALSE(status) << what;
      EXPECT_EQ(status.error().kind, ErrorKind::NotVerified) << what;
      EXPECT_EQ(back.named, named) << what;
    }
  };
  refused("another record", [](auto& all) { all[3] = sha256("another"); });
  refused("one less", [](auto& all) { all.pop_back(); });
  refused("one more", [](auto& all) { all.push_back(sha256("more")); });
  refused("none", [](auto& all) { all.clear(); });
  refused("one twice", [](auto& all) { all[3] = all[4]; });
  refused("another order", [](auto& all) { std::swap(all[3], all[4]); });
  refused("turned round", [](auto& all) { std::reverse(all.begin(), all.end()); });
  // The rows are bound as a whole: the same records said to be of another class are others.
  auto other = d;
  other.records[3].classes = "malware-sample";
  EXPECT_NE(rows_root(other.records), rows_root(d.records));
}

TEST(Protocol, EveryMemberOfASumIsNeededAndNoOtherIsTaken) {
  const auto d = disclosure_of(listed_rows_max + 1);
  check_every_member(
      sign(d, key()).bytes, opened_disclosure,
      {"$.record_set.parts[0].published", "$.record_set.parts[0].chain",
       "$.record_set.parts[0].chain[0].received", "$.record_set.parts[0].chain[1].received"},
      "$.record_set.");
  check_every_member(sign(receipt_of_sum(d), key()).bytes, opened_receipt,
                     {"$.result_set.runs[1].reason", "$.result_set.runs[2].reason"},
                     "$.result_set.");
}

TEST(Protocol, RefusesSumsThatDoNotAddUp) {
  const auto tree = must(json::parse(sign(disclosure_of(listed_rows_max + 1), key()).bytes));
  using Where = std::pair<std::vector<Step>, std::string>;
  const auto with = [&](const Where& where, const json::Value& value) {
    return opened_disclosure(changed(tree, {where.first, where.second},
                                     [&](json::Object& o) { o.set(where.second, value); }));
  };
  const std::vector<Step> sum = {std::string("record_set")};
  const auto item = [](const char* list, std::size_t index) {
    return std::vector<Step>{std::string("record_set"), std::string(list), index};
  };
  refused_at(with({sum, "count"}, 100), "$.record_set.count", "one less");
  refused_at(with({sum, "root"}, "sha256:00"), "$.record_set.root", "short");
  refused_at(with({sum, "parts"}, json::Array()), "$.record_set.parts", "none");
  refused_at(with({sum, "runs"}, json::Array()), "$.record_set.runs", "none");
  refused_at(with({item("runs", 0), "part"}, 1), "$.record_set.runs[0].part", "out of order");
  refused_at(with({item("runs", 0), "part"}, -1), "$.record_set.runs[0].part", "-1");
  refused_at(with({item("runs", 1), "part"}, 0), "$.record_set.runs[1].part", "the same again");
  refused_at(with({item("runs", 1), "part"}, 2), "$.record_set.runs[1].part", "no part");
  refused_at(with({item("runs", 1), "count"}, 0), "$.record_set.runs[1].count", "0");
  refused_at(with({item("runs", 1), "count"}, 8), "$.record_set.count", "one more");
  refused_at(with({item("runs", 0), "count"}, static_cast<std::int64_t>(disclosure_records_max)),
             "$.record_set.runs[1].count", "beyond the bound");
  refused_at(with({item("runs", 0), "count"}, json::Value(std::int64_t{1} << 52)),
             "$.record_set.runs[0].count", "far beyond");
  const auto& parts = *tree.find("record_set")->find("parts")->array();
  refused_at(with({sum, "parts"}, json::Array{parts[0], parts[1], parts[0]}), "$.record_set.parts",
             "one twice");
  auto third = *parts[1].object();
  third.set("tlp", "red");
  refused_at(with({sum, "parts"}, json::Array{parts[0], parts[1], json::Value(third)}),
             "$.record_set.runs", "one that no run has");
  refused_at(with({{}, "records"}, json::Array()), "$.records", "beside a list");
  const auto listed = sign(full_disclosure(), key()).bytes;
  const auto earlier = must(json::parse(test::in_earlier_form(listed, 3, key())));
  refused_at(opened_disclosure(
                 changed(earlier, {{}, "record_set"},
                         [&](json::Object& o) { o.set("record_set", *tree.find("record_set")); })),
             "$.record_set", "in a form that has none");
}

TEST(Protocol, ReceiptsInSumAreReadBackAndAnswerTheirDisclosureAlone) {
  const auto d = disclosure_of(disclosure_records_max);
  const auto r = receipt_of_sum(d);
  const auto bytes = sign(r, key()).bytes;
  EXPECT_LT(bytes.size(), std::size_t{2'000});
  EXPECT_EQ(test::musts_broken(bytes), std::vector<std::string>());
  const auto back = must(open_receipt(bytes, key().public_key()));
  EXPECT_EQ(sign(back, key()).bytes, bytes);
  EXPECT_EQ(must(read_receipt(bytes)).results, back.results);
  ASSERT_EQ(back.results.size(), r.results.size());
  for (std::size_t i = 0; i < back.results.size(); ++i) {
    EXPECT_EQ(back.results[i].result, r.results[i].result) << i;
    EXPECT_EQ(back.results[i].reason, r.results[i].reason) << i;
  }
  EXPECT_EQ(back.results[13].digest, d.records[13].digest) << "what was rejected is named";
  EXPECT_TRUE(check_results(back, d));
  const auto refused = [&](const char* what, const std::function<void(Receipt&)>& lie) {
    auto other = back;
    lie(other);
    EXPECT_FALSE(check_results(other, d)) << what;
  };
  refused("another root", [](Receipt& o) { o.root = sha256("x"); });
  refused("one less", [](Receipt& o) { o.results.pop_back(); });
  refused("another rejected", [](Receipt& o) { o.results[12].digest = sha256("x"); });
  refused("a list with no digests", [](Receipt& o) { o.root.reset(); });
  // Every record by itself is an answer, too.
  EXPECT_TRUE(check_results(
      [&] {
        auto listed = r;
        listed.root.reset();
        return listed;
      }(),
      d));
}

TEST(Protocol, RefusesValuesOutOfTheirBounds) {
  const auto tree = must(json::parse(sign(full_disclosure(), key()).bytes));
  const auto with = [&](const std::string& name, const json::Value& value) {
    return opened_disclosure(
        changed(tree, {{}, name}, [&](json::Object& o) { o.set(name, value); }));
  };
  refused_at(with("number", 0), "$.number", "0");
  refused_at(with("number", -1), "$.number", "-1");
  refused_at(with("number", 1), "$.previous", "first with previous");
  refused_at(with("number", 2.5), "$.number", "no integer");
  refused_at(with("format", 1), "$.format", "1");
  refused_at(with("semantics", 2), "$.semantics", "2");
  refused_at(with("treaty_action", "onward"), "$.treaty_action", "onward");
  refused_at(with("action", "share"), "$.action", "of an earlier form");
  refused_at(with("to", "XB"), "$.to", "of an earlier form");
  refused_at(with("type", "comity-receipt"), "$.type", "receipt");
  refused_at(with("id", "comity-receipt--0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a11"), "$.id", "type");
  refused_at(with("created", "2026-11-23"), "$.created", "day");
  refused_at(with("modified", "2026-11-23T00:00:00Z"), "$.modified", "other");
  refused_at(with("mode", "operational"), "$.treaty_time", "outside an exercise");
  refused_at(with("treaty_time", *tree.find("created")), "$.treaty_time", "no later");
  refused_at(with("treaty_time", "2027-02-21"), "$.treaty_time", "day");
  refused_at(with("register", "sha256:00"), "$.register", "short");
  refused_at(with("register", std::string(71, '0')), "$.register", "no prefix");
  for (const auto* list : {"basis", "duties", "asserts", "assumed", "consents", "records"}) {
    refused_at(with(list, json::Array()), std::string("$.") + list, "empty");
  }
  const auto entry = tree.find("records")->array()->front();
  const auto entries = [&](std::size_t count) {
    json::Array out;
    for (std::size_t i = 0; i < count; ++i) {
      auto one = *entry.object();
      one.set("digest", digest_text(sha256(std::to_string(i))));
      out.emplace_back(std::move(one));
    }
    return out;
  };
  EXPECT_TRUE(with("records", entries(disclosure_records_max)).has_value());
  refused_at(with("records", entries(disclosure_records_max + 1)), "$.records", "many");
  refused_at(with("records", json::Array(2, entry)), "$.records", "twice");
  const auto receipt = must(json::parse(sign(full_receipt(), key()).bytes));
  const Place fate{{std::string("results"), std::size_t{1}}, "result"};
  refused_at(
      opened_receipt(changed(receipt, fate, [](json::Object& o) { o.set("result", "lost"); })),
      "$.results[1].result", "lost");
}

TEST(Protocol, OneKindCannotPassForAnotherNorOneKeyForAnother) {
  const auto disclosure = sign(full_disclosure(), key()).bytes;
  const auto receipt = sign(full_receipt(), key()).bytes;
  EXPECT_FALSE(opened_receipt(disclosure).has_value());
  EXPECT_FALSE(opened_disclosure(receipt).has_value());
  const auto other = trust::SigningKey::generate();
  EXPECT_EQ(open_disclosure(disclosure, other.public_key()).error().kind, ErrorKind::NotVerified);
  EXPECT_EQ(open_receipt(receipt, other.public_key()).error().kind, ErrorKind::NotVerified);
  EXPECT_EQ(open_receipt(receipt, "").error().kind, ErrorKind::NotVerified);
  auto tree = must(json::parse(disclosure));
  tree.object()->erase("signature");
  EXPECT_EQ(opened_disclosure(json::write(tree)).error().kind, ErrorKind::NotVerified);
  tree.object()->erase("type");
  EXPECT_FALSE(opened_disclosure(json::write(tree)).has_value());
  for (const auto* text : {"", "[]", "1", "{}", "{", "null"}) {
    EXPECT_FALSE(opened_disclosure(text).has_value()) << text;
    EXPECT_FALSE(opened_receipt(text).has_value()) << text;
  }
}

// Every byte of a signed object, every other value of it (in full; a share of them by default).
void check_every_byte(const std::string& bytes, const Open& open) {
  const auto step = std::min<std::size_t>(test::scale(), 200);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (std::size_t mask = 1 + at % step; mask < 256; mask += step) {
      auto altered = bytes;
      altered[at] = static_cast<char>(static_cast<unsigned char>(altered[at]) ^ mask);
      ASSERT_FALSE(open(altered).has_value())
          << "byte " << at << " ^ " << mask << " was taken: " << altered.substr(at, 40);
    }
    auto shorter = bytes;
    shorter.erase(at, 1);
    ASSERT_FALSE(open(shorter).has_value()) << "without byte " << at;
  }
}

TEST(Protocol, NoByteOfADisclosureCanBeAltered) {
  check_every_byte(sign(full_disclosure(), key()).bytes, opened_disclosure);
}

TEST(Protocol, NoByteOfAReceiptCanBeAltered) {
  check_every_byte(sign(full_receipt(), key()).bytes, opened_receipt);
}

}  // namespace
}  // namespace comity::exchange
