#include "exchange/release_request.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;

NewReleaseRequest wanted_release(const std::vector<std::string>& ids = {test::first_indicator}) {
  NewReleaseRequest out;
  out.ids = ids;
  out.parties = {"XB"};
  out.note = "for the drill";
  out.account = "dora";
  return out;
}

// Two nodes on loopback, and what of it XB holds.
struct Proposed : Federation {
  Proposed() : Federation(false), wire_a(a()), wire_b(b()) {
    test::pair_both(a(), b(), wire_a.url(), wire_b.url());
    import_objects(a(), {indicator(1), indicator(2)});
  }
  std::int64_t arrived() { return must(must(b().store().read())->record_count()); }
  std::size_t disclosed() { return test::disclosures_sent(a()).size(); }
  ReleaseRequest kept(const std::string& id) {
    return must(release_request(*must(a().store().read()), id));
  }
  std::string findings() {
    std::string out;
    for (const auto& text : must(verify(a())).findings) out += text + "\n";
    return out;
  }
  test::Wire wire_a, wire_b;
};

template <typename T>
void expect_refused(const Result<T>& result, ErrorKind kind, const std::string& part = "") {
  ASSERT_FALSE(result) << "it was done";
  EXPECT_EQ(result.error().kind, kind) << result.error().text();
  EXPECT_NE(result.error().text().find(part), std::string::npos) << result.error().text();
}

TEST(ReleaseRequest, ReleasesWhatAnotherAccountApprovesAndKeepsTheResult) {
  Proposed node;
  const auto request = must(propose_release(node.a(), wanted_release()));
  EXPECT_TRUE(request.id.starts_with("release-request--"));
  EXPECT_EQ(request.state, RequestState::Waiting);
  ASSERT_EQ(request.preview.size(), 1U);
  EXPECT_EQ(request.preview[0], (std::pair<std::string, std::string>("XB", "permitted")));
  EXPECT_EQ(node.disclosed(), 0U) << "proposing releases nothing";

  const auto released = must(approve_release(node.a(), request.id, "rolf"));
  EXPECT_EQ(released.state, RequestState::Released);
  EXPECT_EQ(released.decided_by, "rolf");
  EXPECT_EQ(node.arrived(), 1);
  const auto* rows = released.result.array();
  ASSERT_NE(rows, nullptr);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].text("party"), "XB");
  const auto& sent = *(*rows)[0].find("sent")->array();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(*sent[0].find("accepted")->integer(), 1);
  EXPECT_TRUE(*sent[0].find("receipt")->boolean());
  EXPECT_EQ(sent[0].text("disclosure"), test::disclosures_sent(node.a())[0].id);
  const auto kept = node.kept(request.id);
  EXPECT_EQ(kept.result, released.result);
  EXPECT_EQ(kept.note, "for the drill");
  EXPECT_EQ(node.findings(), "");
}

TEST(ReleaseRequest, IsNotApprovedByWhoProposedIt) {
  Proposed node;
  const auto request = must(propose_release(node.a(), wanted_release()));
  expect_refused(approve_release(node.a(), request.id, "dora"), ErrorKind::NotPermitted,
                 "somebody else");
  expect_refused(approve_release(node.a(), request.id, ""), ErrorKind::NotPermitted);
  expect_refused(refuse_release(node.a(), request.id, "dora", "no"), ErrorKind::NotPermitted);
  expect_refused(withdraw_release(node.a(), request.id, "rolf"), ErrorKind::NotPermitted, "dora");
  EXPECT_EQ(node.kept(request.id).state, RequestState::Waiting);
  EXPECT_EQ(node.disclosed(), 0U);
}

TEST(ReleaseRequest, IsDecidedOnce) {
  Proposed node;
  const auto refused = must(propose_release(node.a(), wanted_release()));
  EXPECT_EQ(must(refuse_release(node.a(), refused.id, "rita", "not needed")).ground, "not needed");
  const auto withdrawn = must(propose_release(node.a(), wanted_release()));
  EXPECT_EQ(must(withdraw_release(node.a(), withdrawn.id, "dora")).state, RequestState::Withdrawn);
  const auto released = must(propose_release(node.a(), wanted_release()));
  must(approve_release(node.a(), released.id, "rolf"));
  for (const auto& id : {refused.id, withdrawn.id, released.id}) {
    expect_refused(approve_release(node.a(), id, "rolf"), ErrorKind::Conflict, "since 2026");
    expect_refused(refuse_release(node.a(), id, "rita", "late"), ErrorKind::Conflict);
    expect_refused(withdraw_release(node.a(), id, "dora"), ErrorKind::Conflict);
  }
  EXPECT_EQ(node.disclosed(), 1U);
  EXPECT_EQ(node.findings(), "");
}

TEST(ReleaseRequest, OfManyApprovalsAtOnceOneReleases) {
  Proposed node;
  const auto request = must(propose_release(node.a(), wanted_release()));
  std::atomic<int> released = 0, late = 0;
  std::vector<std::thread> officers;
  for (int i = 0; i < 6; ++i) {
    officers.emplace_back([&, i] {
      const auto done = approve_release(node.a(), request.id, "officer-" + std::to_string(i));
      if (done) {
        ++released;
      } else if (done.error().kind == ErrorKind::Conflict) {
        ++late;
      }
    });
  }
  for (auto& officer : officers) officer.join();
  EXPECT_EQ(released, 1);
  EXPECT_EQ(late, 5);
  EXPECT_EQ(node.disclosed(), 1U);
  EXPECT_EQ(node.arrived(), 1);
  EXPECT_EQ(node.findings(), "");
}

TEST(ReleaseRequest, WhatTheLawNoLongerLetsGoIsNotApproved) {
  Proposed node;
  const auto request = must(propose_release(node.a(), wanted_release()));
  test::change_law(node.a(), test::lapsed_register());
  expect_refused(approve_release(node.a(), request.id, "rolf"), ErrorKind::NotPermitted,
                 "was permitted when this was proposed");
  EXPECT_EQ(node.kept(request.id).state, RequestState::Waiting);
  EXPECT_EQ(node.disclosed(), 0U);
  // What was held back when it was proposed may be approved, and is held again.
  const auto held = must(propose_release(node.a(), wanted_release({id_of("indicator", 2)})));
  EXPECT_EQ(held.preview[0].second, "no-basis");
  const auto done = must(approve_release(node.a(), held.id, "rolf"));
  EXPECT_EQ(done.state, RequestState::Released);
  const auto& row = done.result.array()->at(0);
  EXPECT_TRUE(row.find("sent")->array()->empty());
  EXPECT_EQ(row.find("held")->array()->at(0).text("verdict"), "no-basis");
  EXPECT_EQ(node.disclosed(), 0U);
  // The law came back: what waited may go.
  test::change_law(node.a(), test::register_files());
  must(approve_release(node.a(), request.id, "rolf"));
  EXPECT_EQ(node.arrived(), 1);
  EXPECT_EQ(node.findings(), "");
}

TEST(ReleaseRequest, RefusesAtOnceWhatNoReleaseCouldTake) {
  Proposed node;
  auto bad = wanted_release();
  bad.parties = {"XA"};
  expect_refused(propose_release(node.a(), bad), ErrorKind::InvalidInput, "own party");
  bad.parties = {"XC"};
  expect_refused(propose_release(node.a(), bad), ErrorKind::Conflict, "not paired");
  bad.parties = {};
  expect_refused(propose_release(node.a(), bad), ErrorKind::InvalidInput);
  expect_refused(propose_release(node.a(), wanted_release({})), ErrorKind::InvalidInput);
  expect_refused(propose_release(node.a(), wanted_release({id_of("indicator", 9)})),
                 ErrorKind::NotFound);
  expect_refused(refuse_release(node.a(), "release-request--none", "rita", "x"),
                 ErrorKind::NotFound);
  const auto request = must(propose_release(node.a(), wanted_release()));
  expect_refused(refuse_release(node.a(), request.id, "rita", ""), ErrorKind::InvalidInput);
  EXPECT_EQ(must(release_requests(*must(node.a().store().read()))).size(), 1U);
}

TEST(ReleaseRequest, IsBounded) {
  Proposed node;
  auto at_bound = wanted_release();
  at_bound.note = std::string(request_note_bytes_max, 'n');
  at_bound.ids.assign(request_ids_max, test::first_indicator);
  const auto first = must(propose_release(node.a(), at_bound));
  auto beyond = wanted_release();
  beyond.note = std::string(request_note_bytes_max + 1, 'n');
  expect_refused(propose_release(node.a(), beyond), ErrorKind::TooLarge);
  beyond = wanted_release(std::vector<std::string>(request_ids_max + 1, test::first_indicator));
  expect_refused(propose_release(node.a(), beyond), ErrorKind::TooLarge);
  beyond = wanted_release();
  beyond.parties.assign(request_parties_max + 1, "XB");
  expect_refused(propose_release(node.a(), beyond), ErrorKind::TooLarge);
  expect_refused(
      refuse_release(node.a(), first.id, "rita", std::string(request_note_bytes_max + 1, 'g')),
      ErrorKind::TooLarge);
  for (std::size_t i = 1; i < requests_waiting_max; ++i)
    must(propose_release(node.a(), wanted_release()));
  expect_refused(propose_release(node.a(), wanted_release()), ErrorKind::Conflict, "limit");
  must(withdraw_release(node.a(), first.id, "dora"));
  must(propose_release(node.a(), wanted_release()));
  EXPECT_EQ(node.findings(), "");
}

TEST(ReleaseRequest, TheOldestThatAreDecidedAreShownNoLongerAndStayKnown) {
  Proposed node;
  const auto waiting = must(propose_release(node.a(), wanted_release()));
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < requests_shown_max + 2; ++i) {
    ids.push_back(must(propose_release(node.a(), wanted_release())).id);
    must(withdraw_release(node.a(), ids.back(), "dora"));
  }
  const auto shown = must(release_requests(*must(node.a().store().read())));
  ASSERT_EQ(shown.size(), requests_shown_max + 1);
  EXPECT_EQ(shown[0].id, waiting.id) << "what waits is always shown";
  EXPECT_EQ(shown[1].id, ids[2]);
  EXPECT_EQ(node.kept(ids[0]).state, RequestState::Withdrawn);
  EXPECT_EQ(node.findings(), "");
}

// Whoever changes the store behind the node's back is found.
TEST(ReleaseRequest, TheLedgerBindsEveryRequestAndTheList) {
  Proposed node;
  const auto first = must(propose_release(node.a(), wanted_release()));
  const auto second = must(propose_release(node.a(), wanted_release()));
  must(refuse_release(node.a(), first.id, "rita", "no"));
  ASSERT_EQ(node.findings(), "");
  const auto tampered = [&](const std::string& key, const auto& change) {
    const auto before = *must(must(node.a().store().read())->meta(key));
    const auto put = [&](const std::string& text) {
      const auto transaction = must(node.a().store().begin());
      must(transaction->set_meta(key, text));
      must(transaction->commit());
    };
    put(change(before));
    auto found = node.findings();
    put(before);
    return found;
  };
  const auto state = [](const std::string& text) {
    return test::replaced(text, "\"refused\"", "\"released\"");
  };
  EXPECT_NE(tampered("release-request:" + first.id, state).find("is not as the ledger has it"),
            std::string::npos);
  const auto without = [&](const std::string&) {
    return json::write(json::Array{json::Value(second.id)});
  };
  EXPECT_NE(tampered("release-requests", without).find("is not what follows"), std::string::npos);
  const auto nonsense = [](const std::string&) { return std::string("{}"); };
  EXPECT_NE(tampered("release-requests", nonsense).find("is no list"), std::string::npos);
  EXPECT_EQ(node.findings(), "");
}

// The ledger may be shown to others: it says who, when and to whom, and names no record.
TEST(ReleaseRequest, TheLedgerNamesNoRecord) {
  Proposed node;
  must(propose_release(node.a(), wanted_release()));
  std::string entries;
  must(must(node.a().store().read())
           ->ledger_of("release-request", [&](const store::LedgerEntry& row) {
             entries += row.entry;
             return Status();
           }));
  EXPECT_NE(entries.find("dora"), std::string::npos);
  EXPECT_NE(entries.find("XB"), std::string::npos);
  EXPECT_EQ(entries.find("indicator"), std::string::npos);
  EXPECT_EQ(entries.find("for the drill"), std::string::npos);
}

}  // namespace
}  // namespace comity::exchange
