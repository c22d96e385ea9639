#include "exchange/release.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;
using test::object;
using treaty::VerdictKind;

PartyRelease to_xb(Node& node, const std::vector<std::string>& ids) {
  return must(release(node, ids, {"XB"})).at(0);
}

// The ids that one disclosure granted.
std::set<std::string> granted_by(Node& node, const std::string& disclosure) {
  const auto snapshot = must(node.store().read());
  std::set<std::string> out;
  for (const auto& item : must(snapshot->grants_by_disclosure("XB", disclosure))) {
    out.insert(item.stix_id);
  }
  return out;
}
std::set<std::string> granted(Node& node) {
  const auto snapshot = must(node.store().read());
  std::set<std::string> out;
  for (const auto& item : must(snapshot->grants("XB", {}, 10'000))) out.insert(item.stix_id);
  return out;
}

const Held* held_back(const PartyRelease& party, const std::string& id) {
  const auto it = std::find_if(party.held.begin(), party.held.end(),
                               [&](const Held& held) { return held.stix_id == id; });
  return it == party.held.end() ? nullptr : &*it;
}

std::string by(const std::string& author) {
  return R"(,"created_by_ref":")" + author + "\"" + marked(test::tlp_clear);
}
std::string identity(std::size_t number, const std::string& kind,
                     const std::string& more = marked(test::tlp_clear)) {
  return object("identity", number, R"(,"name":"n","identity_class":")" + kind + "\"" + more);
}

TEST(Release, WhoIsNamedWronglyGetsNothing) {
  Federation federation;
  import_objects(federation.a(), {indicator(1)});
  const auto before = test::stored(federation.a());
  const auto id = id_of("indicator", 1);
  struct Case {
    std::vector<std::string> ids, parties;
    ErrorKind kind;
  };
  for (const auto& item : std::vector<Case>{{{id}, {}, ErrorKind::InvalidInput},
                                            {{id}, {""}, ErrorKind::InvalidInput},
                                            {{id}, {"QQ"}, ErrorKind::InvalidInput},
                                            {{id}, {"XA"}, ErrorKind::InvalidInput},
                                            {{id}, {"XB", "XA"}, ErrorKind::InvalidInput},
                                            {{id}, {"XB", "XB"}, ErrorKind::InvalidInput},
                                            {{id}, {"XC"}, ErrorKind::Conflict},
                                            {{id}, {"XB", "XC"}, ErrorKind::Conflict},
                                            {{}, {"XB"}, ErrorKind::InvalidInput},
                                            {{id_of("indicator", 2)}, {"XB"}, ErrorKind::NotFound},
                                            {{id, "junk"}, {"XB"}, ErrorKind::InvalidInput}}) {
    const auto released = release(federation.a(), item.ids, item.parties);
    ASSERT_FALSE(released.has_value()) << fmt::format("{}", fmt::join(item.parties, ","));
    EXPECT_EQ(released.error().kind, item.kind) << released.error().text();
    EXPECT_EQ(test::stored(federation.a()), before);
  }
}

TEST(Release, ADisclosureIsSignedEnteredAndGrantedEvenWhenThePeerIsAway) {
  Federation federation;
  import_objects(federation.a(), {indicator(1), identity(1, "organization")});
  const auto leaves = test::stored(federation.a()).leaves;
  const auto outcome = to_xb(federation.a(), {id_of("indicator", 1)});
  ASSERT_EQ(outcome.sent.size(), 1U);
  EXPECT_FALSE(outcome.sent[0].receipt);
  EXPECT_FALSE(outcome.sent[0].error.empty());
  EXPECT_EQ(outcome.selected, 1);
  EXPECT_EQ(outcome.held_count, 0);
  const auto sent = test::disclosures_sent(federation.a());
  ASSERT_EQ(sent.size(), 1U);
  const auto& d = sent[0];
  EXPECT_EQ(d.from, "XA");
  EXPECT_EQ(d.to, "XB");
  EXPECT_EQ(d.mode, "exercise");
  EXPECT_EQ(d.exercise, "drill");
  EXPECT_EQ(d.number, 1);
  EXPECT_FALSE(d.previous.has_value());
  EXPECT_EQ(d.time, test::start_instant());
  EXPECT_EQ(d.register_digest, federation.a().law()->model().digest);
  EXPECT_EQ(d.basis.at(0).clause, "a3");
  ASSERT_EQ(d.records.size(), 1U);
  EXPECT_EQ(d.records[0].digest, test::held(federation.a(), id_of("indicator", 1)).digest);
  EXPECT_EQ(d.records[0].tlp, "clear");
  EXPECT_EQ(granted_by(federation.a(), d.id), std::set<std::string>{id_of("indicator", 1)});
  EXPECT_EQ(test::stored(federation.a()).leaves, leaves + 1);
  EXPECT_EQ(test::stored(federation.b()).records, 0);
  // Asked again it is the same disclosure, still without receipt.
  const auto again = to_xb(federation.a(), {id_of("indicator", 1)});
  EXPECT_EQ(again.already, 1);
  ASSERT_EQ(again.sent.size(), 1U);
  EXPECT_EQ(again.sent[0].disclosure, d.id);
  EXPECT_EQ(test::disclosures_sent(federation.a()).size(), 1U);
}

TEST(Release, EachVerdictIsNamedForWhatIsHeldBack) {
  Federation federation;
  import_objects(
      federation.a(),
      {indicator(1), indicator(2, ""), indicator(3, marked(test::tlp_red)),
       indicator(4,
                 R"(,"description":")" + std::string(2001, 'a') + "\"" + marked(test::tlp_clear)),
       object("x-unheard-of", 1, marked(test::tlp_clear)),
       object("note", 1,
              R"(,"content":"c")" + test::refs({id_of("indicator", 1)}) + marked(test::tlp_clear)),
       identity(1, "organization")});
  const auto outcome =
      to_xb(federation.a(), {id_of("indicator", 1), id_of("indicator", 2), id_of("indicator", 3),
                             id_of("indicator", 4), id_of("x-unheard-of", 1), id_of("note", 1),
                             id_of("identity", 1)});
  EXPECT_EQ(outcome.selected, 7);
  EXPECT_EQ(outcome.held_count, 6);
  EXPECT_EQ(granted(federation.a()), std::set<std::string>{id_of("indicator", 1)});
  const auto kind = [&](const std::string& id) {
    const auto* held = held_back(outcome, id);
    return held == nullptr ? VerdictKind::Permitted : held->verdict.kind;
  };
  EXPECT_EQ(kind(id_of("indicator", 2)), VerdictKind::Needs);
  EXPECT_EQ(kind(id_of("indicator", 3)), VerdictKind::Needs);
  EXPECT_EQ(kind(id_of("indicator", 4)), VerdictKind::Needs);
  EXPECT_EQ(kind(id_of("x-unheard-of", 1)), VerdictKind::Needs);
  EXPECT_EQ(kind(id_of("note", 1)), VerdictKind::NoBasis);
  EXPECT_EQ(kind(id_of("identity", 1)), VerdictKind::Needs);  // nothing names it
}

TEST(Release, PublishedMaterialMayHaveLongTexts) {
  Federation federation;
  ImportOptions options;
  options.published = "https://example.org/report";
  import_objects(federation.a(),
                 {indicator(1, R"(,"description":")" + std::string(2001, 'a') + "\"")}, options);
  EXPECT_EQ(to_xb(federation.a(), {id_of("indicator", 1)}).held_count, 0);
  EXPECT_EQ(test::disclosures_sent(federation.a()).at(0).records.at(0).published,
            options.published);
}

TEST(Release, ARecordThatNamesWhatMayNotGoStays) {
  Federation federation;
  // The author is a person: log-personal, for which there is no ground.
  import_objects(federation.a(),
                 {identity(1, "individual"), indicator(1, by(id_of("identity", 1))), indicator(2)});
  for (const bool author_too : {false, true}) {
    std::vector<std::string> ids = {id_of("indicator", 1), id_of("indicator", 2)};
    if (author_too) ids.push_back(id_of("identity", 1));
    const auto outcome = to_xb(federation.a(), ids);
    const auto* held = held_back(outcome, id_of("indicator", 1));
    ASSERT_NE(held, nullptr);
    EXPECT_EQ(held->because, id_of("identity", 1));
    EXPECT_EQ(held->verdict.kind, VerdictKind::Permitted);
  }
  EXPECT_EQ(granted(federation.a()), std::set<std::string>{id_of("indicator", 2)});
}

// What names a record that is held back names something that may not go, too.
TEST(Release, HoldingBackIsPassedOnToWhatNamesTheRecord) {
  Federation federation;
  import_objects(federation.a(),
                 {identity(1, "individual"), indicator(1, by(id_of("identity", 1))), indicator(2),
                  test::relationship(1, id_of("indicator", 1), id_of("indicator", 2))});
  const auto outcome = to_xb(
      federation.a(), {id_of("relationship", 1), id_of("indicator", 1), id_of("indicator", 2)});
  const auto* held = held_back(outcome, id_of("relationship", 1));
  ASSERT_NE(held, nullptr) << "the relationship went though its end was held back";
  EXPECT_EQ(held->because, id_of("indicator", 1));
  EXPECT_EQ(granted(federation.a()), std::set<std::string>{id_of("indicator", 2)});
}

// Relationships that lead to nothing with a class have none, and are carried.
TEST(Release, RelationshipsInACircleWithoutAClassGoWithWhatNamesThem) {
  Federation federation;
  const auto one = id_of("relationship", 1), other = id_of("relationship", 2);
  import_objects(federation.a(),
                 {identity(1, "organization"), identity(2, "organization"), indicator(1),
                  test::relationship(1, id_of("identity", 1), id_of("identity", 2)),
                  test::relationship(2, id_of("identity", 2), id_of("identity", 1)),
                  object("grouping", 1,
                         R"(,"context":"x")" + test::refs({one, other, id_of("indicator", 1)}) +
                             marked(test::tlp_clear))});
  EXPECT_EQ(test::held(federation.a(), one).classes, "");
  EXPECT_EQ(test::held(federation.a(), other).classes, "");
  const auto outcome = to_xb(federation.a(), {id_of("grouping", 1)});
  EXPECT_EQ(outcome.held_count, 0);
  EXPECT_EQ(granted(federation.a()),
            (std::set<std::string>{id_of("grouping", 1), id_of("identity", 1), id_of("identity", 2),
                                   id_of("indicator", 1), one, other}));
}

TEST(Release, WhatHasNoClassTravelsOnlyWithARecordThatMayGo) {
  Federation federation;
  const auto statement = R"({"type":"marking-definition","spec_version":"2.1","id":")" +
                         id_of("marking-definition", 5) +
                         R"(","created":"2026-01-01T00:00:00.000Z","definition_type":"statement",)"
                         R"("definition":{"statement":"c"}})";
  ImportOptions options;
  options.tlp = "clear";
  import_objects(federation.a(),
                 {statement, identity(1, "organization", marked(id_of("marking-definition", 5))),
                  indicator(1, R"(,"created_by_ref":")" + id_of("identity", 1) + "\""),
                  identity(2, "organization", ""),
                  object("note", 1,
                         R"(,"content":"c","created_by_ref":")" + id_of("identity", 2) + "\"" +
                             test::refs({id_of("indicator", 1)}))},
                 options);
  const auto outcome = to_xb(federation.a(), {id_of("indicator", 1), id_of("note", 1)});
  EXPECT_EQ(granted(federation.a()),
            (std::set<std::string>{id_of("indicator", 1), id_of("identity", 1),
                                   id_of("marking-definition", 5)}));
  EXPECT_NE(held_back(outcome, id_of("identity", 2)), nullptr);
  EXPECT_EQ(test::disclosures_sent(federation.a()).size(), 1U);
}

// Under the ceiling of the one the author's author may not go, under the other's it may: neither
// the order nor the other carrier changes what that means for each.
TEST(Release, WhatIsCarriedIsDecidedWithEachThatCarriesIt) {
  auto files = test::register_files();
  auto& text = files[test::agreement_file];
  text = test::replaced(
      text, R"(info = ["indicator", "threat-description", "vulnerability", "incident-summary"])",
      "info = [\"indicator\"]\nhandling_max = \"green\"");
  text += R"(
[[clause]]
id = "a3-v"
article = "Art. 3"
status = "unverified"
provenance = "X"
says = "Invented."
verb = "permit"
action = "share"
info = ["vulnerability"]
area = ["threat-information"]
purpose = ["warning"]
)";
  std::vector<std::string> carriers = {
      indicator(1, by(id_of("identity", 1))),
      object("vulnerability", 1, R"(,"name":"n")" + by(id_of("identity", 1)))};
  for (const auto* order : {"indicator first", "vulnerability first"}) {
    Federation federation;
    test::change_law(federation.a(), files);
    import_objects(federation.a(),
                   {carriers[0], carriers[1], identity(1, "organization", by(id_of("identity", 2))),
                    identity(2, "organization", marked(test::tlp_amber))});
    const auto outcome = to_xb(federation.a(), {id_of("indicator", 1), id_of("vulnerability", 1)});
    EXPECT_EQ(granted(federation.a()),
              (std::set<std::string>{id_of("vulnerability", 1), id_of("identity", 1),
                                     id_of("identity", 2)}))
        << order;
    const auto* held = held_back(outcome, id_of("indicator", 1));
    ASSERT_NE(held, nullptr) << order;
    EXPECT_EQ(held->because, id_of("identity", 1)) << order;
    std::swap(carriers[0], carriers[1]);
  }
}

TEST(Release, ACarriedRecordWithoutHandlingHoldsItsCarrierBack) {
  Federation federation;
  import_objects(federation.a(),
                 {identity(1, "organization", ""), indicator(1, by(id_of("identity", 1)))});
  const auto outcome = to_xb(federation.a(), {id_of("indicator", 1)});
  ASSERT_NE(held_back(outcome, id_of("indicator", 1)), nullptr);
  EXPECT_EQ(held_back(outcome, id_of("indicator", 1))->because, id_of("identity", 1));
  EXPECT_TRUE(granted(federation.a()).empty());
}

// A carried record has no ground of its own, so it goes in the disclosure of what carries it.
TEST(Release, ACarriedRecordGoesUnderTheGroundOfItsCarrierWhateverAreaItCameIn) {
  Federation federation;
  ImportOptions research;
  research.area = "research";
  import_objects(federation.a(), {identity(1, "organization")}, research);
  import_objects(federation.a(), {indicator(1, by(id_of("identity", 1)))});
  to_xb(federation.a(), {id_of("indicator", 1)});
  EXPECT_EQ(granted(federation.a()),
            (std::set<std::string>{id_of("indicator", 1), id_of("identity", 1)}));
  for (const auto& d : test::disclosures_sent(federation.a())) {
    EXPECT_EQ(d.area, "threat-information");
    EXPECT_TRUE(std::any_of(d.records.begin(), d.records.end(),
                            [](const auto& record) { return !record.classes.empty(); }))
        << d.id << " has nothing that could carry its records";
  }
}

TEST(Release, AreasGoInDisclosuresOfTheirOwnAndNumbersFollow) {
  Federation federation;
  ImportOptions options;
  const auto first = import_objects(federation.a(), {indicator(1), indicator(2)}, options);
  options.area = "csirt-response";
  const auto second = import_objects(federation.a(), {indicator(3)}, options);
  options.purpose = "incident-response";
  const auto third = import_objects(federation.a(), {indicator(4)}, options);
  to_xb(federation.a(), {first.import_id, second.import_id, third.import_id});
  const auto rows = test::statements(federation.a(), "comity-disclosure", store::Direction::Sent);
  const auto sent = test::disclosures_sent(federation.a());
  ASSERT_EQ(sent.size(), 3U);
  std::set<std::string> grounds;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(sent[i].number, static_cast<std::int64_t>(i) + 1);
    if (i > 0) {
      EXPECT_EQ(sent[i].previous, rows[i - 1].digest);
    }
    grounds.insert(fmt::format("{} {} {}", sent[i].area, sent[i].purpose, sent[i].records.size()));
  }
  EXPECT_EQ(grounds,
            (std::set<std::string>{"threat-information warning 2", "csirt-response warning 1",
                                   "csirt-response incident-response 1"}));
}

TEST(Release, MoreThanOneDisclosureHoldsIsNumberedAndChained) {
  Federation federation;
  std::vector<std::string> objects;
  const auto count = 2 * disclosure_records_max + 1;
  for (std::size_t i = 0; i < count; ++i) objects.push_back(indicator(i));
  const auto report = import_objects(federation.a(), objects);
  test::Wire wire(federation.b());
  test::pair_both(federation.a(), federation.b(), test::nowhere, wire.url());
  const auto outcome = to_xb(federation.a(), {report.import_id});
  ASSERT_EQ(outcome.sent.size(), 3U);
  const auto rows = test::statements(federation.a(), "comity-disclosure", store::Direction::Sent);
  const auto sent = test::disclosures_sent(federation.a());
  std::set<Digest> digests;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(outcome.sent[i].receipt) << outcome.sent[i].error;
    EXPECT_EQ(outcome.sent[i].number, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(sent[i].records.size(), i < 2 ? disclosure_records_max : 1);
    if (i > 0) {
      EXPECT_EQ(sent[i].previous, rows[i - 1].digest);
    }
    for (const auto& record : sent[i].records) digests.insert(record.digest);
  }
  EXPECT_EQ(digests.size(), count);
  EXPECT_EQ(test::stored(federation.b()).records, static_cast<std::int64_t>(count));
  // Nothing is disclosed twice.
  const auto again = to_xb(federation.a(), {report.import_id});
  EXPECT_EQ(again.already, static_cast<std::int64_t>(count));
  EXPECT_TRUE(again.sent.empty());
}

// A POST has a bound in bytes, too; what passes it must go in several or nothing follows ever.
TEST(Release, LargeRecordsAreSplitSoThatThePeerCanTakeThem) {
  Federation federation;
  const auto rules =
      test::replaced(test::replaced(indicator(0), "[ipv4-addr:value = '198.51.100.1']",
                                    std::string(7'000'000, '1')),
                     R"("stix")", R"("snort")");
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < 5; ++i) {
    objects.push_back(test::replaced(rules, id_of("indicator", 0), id_of("indicator", i)));
  }
  const auto report = import_objects(federation.a(), objects);
  ASSERT_EQ(report.added, 5);
  test::Wire wire(federation.b());
  test::pair_both(federation.a(), federation.b(), test::nowhere, wire.url());
  for (const auto& sent : to_xb(federation.a(), {report.import_id}).sent) {
    EXPECT_TRUE(sent.receipt) << sent.records << " records: " << sent.error;
  }
  EXPECT_EQ(test::stored(federation.b()).records, 5);
}

TEST(Release, WhatWasReceivedGoesBackButNotOn) {
  Federation federation;
  test::Wire wire_a(federation.a()), wire_b(federation.b());
  test::pair_both(federation.a(), federation.b(), wire_a.url(), wire_b.url());
  import_objects(federation.a(), {indicator(1, marked(test::tlp_amber))});
  const auto outcome = to_xb(federation.a(), {id_of("indicator", 1)});
  ASSERT_EQ(outcome.sent.at(0).accepted, 1) << outcome.sent.at(0).error;
  const auto record = test::held(federation.b(), id_of("indicator", 1));
  const auto chain = must(read_chain(record.chain));
  ASSERT_EQ(chain.size(), 1U);
  EXPECT_EQ(chain[0], (treaty::ReceivedUnder{"xa-xb-2024", "XA", chain[0].at}));
  EXPECT_TRUE(chain[0].at.has_value()) << "when it was received is known from the disclosure";
  for (const auto& row : must(preview(federation.b(), {id_of("indicator", 1)}))) {
    if (row.party == "XA") {
      EXPECT_EQ(row.verdict.kind, VerdictKind::Permitted);
    }
    if (row.party != "XA") {
      EXPECT_NE(row.verdict.kind, VerdictKind::Permitted) << row.party;
    }
    EXPECT_NE(row.party, "XB");
  }
}

TEST(Release, ThePreviewShowsTheWorstVerdictAndItsRecord) {
  Federation federation;
  import_objects(federation.a(),
                 {identity(1, "organization"), indicator(1, by(id_of("identity", 1))),
                  indicator(2, marked(test::tlp_red))});
  const auto row = [&](const std::vector<std::string>& ids) {
    for (auto& item : must(preview(federation.a(), ids))) {
      if (item.party == "XB") return item;
    }
    throw std::runtime_error("no row for XB");
  };
  EXPECT_EQ(row({id_of("indicator", 1)}).verdict.kind, VerdictKind::Permitted);
  const auto worst = row({id_of("indicator", 1), id_of("indicator", 2)});
  EXPECT_EQ(worst.verdict.kind, VerdictKind::Needs);
  EXPECT_EQ(worst.stix_id, id_of("indicator", 2));
  const auto parties = must(preview(federation.a(), {id_of("indicator", 1)}));
  EXPECT_EQ(parties.size(), federation.a().law()->model().parties.size() - 1);
  EXPECT_FALSE(preview(federation.a(), {}).has_value());
}

// A register changed between a decision and its disclosure would be named by what it forbids.
TEST(Release, BesideChangesOfTheLawNothingIsDisclosedThatItDoesNotPermit) {
  // Which law a release meets is for the machine to say: so many at least, and then until one was
  // let go and one held back, or it will never be.
  constexpr std::size_t releases = 40, releases_max = 2000;
  Federation federation;
  auto& node = federation.a();
  test::import_objects(node, {indicator(0)});
  std::atomic<bool> done = false;
  std::thread legislator([&] {
    for (bool lapsed = true; !done; lapsed = !lapsed) {
      test::change_law(node, lapsed ? test::lapsed_register() : test::register_files());
    }
  });
  std::size_t disclosed = 0, held = 0;
  for (std::size_t i = 1; i <= releases_max; ++i) {
    if (i > releases && disclosed > 0 && held > 0) break;
    test::import_objects(node, {indicator(i)});
    const auto outcome = release(node, {id_of("indicator", i)}, {"XB"});
    if (outcome) {
      ++(outcome->at(0).held_count == 0 ? disclosed : held);
      continue;
    }
    EXPECT_EQ(outcome.error().kind, ErrorKind::Conflict) << outcome.error().text();
  }
  done = true;
  legislator.join();
  EXPECT_GT(disclosed, 0U);
  EXPECT_GT(held, 0U);
  const auto found = must(verify(node));
  EXPECT_EQ(found.finding_count, 0) << found.findings.at(0);
}

// The register changes once during each release, to one by which the same may go.
TEST(Release, DecidesAgainWhenTheLawChangedMeanwhile) {
  constexpr std::size_t releases = 12, records = 60;
  Federation federation;
  auto& node = federation.a();
  for (std::size_t i = 0; i < releases; ++i) {
    std::vector<std::string> objects;
    for (std::size_t k = 0; k < records; ++k) objects.push_back(indicator(i * records + k));
    const auto report = test::import_objects(node, objects);
    auto files = test::register_files();
    files[test::agreement_file] += fmt::format("# revision {}\n", i);
    std::thread legislator([&] { test::change_law(node, files); });
    const auto outcome = release(node, {report.import_id}, {"XB"});
    legislator.join();
    ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
    EXPECT_EQ(outcome->at(0).held_count, 0);
  }
  const auto found = must(verify(node));
  EXPECT_EQ(found.finding_count, 0) << found.findings.at(0);
}

}  // namespace
}  // namespace comity::exchange
