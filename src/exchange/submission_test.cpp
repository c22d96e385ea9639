#include "exchange/submission.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/circumstances.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/token.h"
#include "exchange/verify.h"
#include "exchange/waiting_submissions.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::held;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;

NewToken writer(const std::string& name, const std::string& originator) {
  NewToken out;
  out.name = name;
  out.originator = originator;
  out.write = true;
  return out;
}

std::string envelope(const std::vector<std::string>& objects) {
  return fmt::format(R"({{"objects":[{}]}})", fmt::join(objects, ","));
}

std::vector<std::string> indicators(std::size_t first, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(indicator(first + i));
  return out;
}

// A node of XA with tokens: `sensor` of XA itself, `outside` of XC, which is not paired, and
// `other`, of XC too.
struct Written : Federation {
  Views views{a()};
  const taxii::Caller sensor{"XA", "sensor", true}, outside{"XC", "outside", true},
      other{"XC", "other", true};
  Written() {
    must(make_token(a(), writer("sensor", "XA")));
    must(make_token(a(), writer("outside", "XC")));
    must(make_token(a(), writer("other", "XC")));
  }
  Result<taxii::SubmissionStatus> try_submit(const taxii::Caller& caller,
                                             const std::vector<std::string>& objects) {
    return views.add(caller, "inbox", envelope(objects));
  }
  taxii::SubmissionStatus submit(const taxii::Caller& caller,
                                 const std::vector<std::string>& objects) {
    return must(try_submit(caller, objects));
  }
  ErrorKind refusal(const taxii::Caller& caller, const std::vector<std::string>& objects) {
    const auto status = try_submit(caller, objects);
    EXPECT_FALSE(status.has_value());
    return status ? ErrorKind::Corrupt : status.error().kind;
  }
  taxii::SubmissionStatus status(const taxii::Caller& caller, const std::string& id) {
    return must(views.status(caller, id));
  }
  void work() {
    while (must(views.submissions().work())) {
    }
  }
  std::int64_t records() { return must(must(a().store().read())->record_count()); }
  bool take_back_of(const taxii::Caller& caller, const std::string& id,
                    const std::vector<std::string>& versions = {}) {
    taxii::Query query;
    query.versions = versions;
    const auto taken = views.remove(caller, "inbox", id, query);
    if (!taken) {
      EXPECT_EQ(taken.error().kind, ErrorKind::NotFound) << taken.error().text();
      EXPECT_EQ(taken.error().text(), "this token has submitted no such object");
    }
    return taken.has_value();
  }
  void expect_clean() {
    const auto found = must(verify(a()));
    EXPECT_TRUE(found.clean()) << fmt::format("{}", fmt::join(found.findings, "\n"));
  }
};

TEST(Submission, ASubmissionInTheOwnNameIsAnImport) {
  Written node;
  const auto status = node.submit(node.sensor, indicators(1, 2));
  EXPECT_TRUE(status.complete());
  ASSERT_EQ(status.fates.size(), 2U);
  EXPECT_EQ(status.fates[0].id, id_of("indicator", 1));
  EXPECT_EQ(status.fates[0].version, "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(status.fates[0].message, "");
  const auto record = held(node.a(), id_of("indicator", 1));
  EXPECT_EQ(record.state, store::RecordState::Live);
  EXPECT_EQ(record.originator, "XA");
  EXPECT_EQ(record.received_from, "");
  EXPECT_EQ(record.source, "import--" + status.id);
  EXPECT_EQ(record.bytes, indicator(1));
  EXPECT_EQ(record.chain, "[]");
  EXPECT_EQ(record.purpose, "warning");
  EXPECT_EQ(record.tlp, "clear");
  // Nothing has left by that; what is released goes as any import.
  EXPECT_TRUE(must(node.views.objects({"XB"}, "records", {})).items.empty());
  must(release(node.a(), {"import--" + status.id}, {"XB"}));
  EXPECT_EQ(must(node.views.objects({"XB"}, "records", {})).items.size(), 2U);
  node.expect_clean();
}

TEST(Submission, WhatAnotherPartySubmitsIsKeptApart) {
  Written node;
  const auto status = node.submit(node.outside, {indicator(1)});
  ASSERT_EQ(status.fates.size(), 1U);
  EXPECT_FALSE(status.fates[0].failed);
  EXPECT_EQ(status.fates[0].message, "quarantined: unsigned-submission");
  auto record = held(node.a(), id_of("indicator", 1));
  EXPECT_EQ(record.state, store::RecordState::Quarantined);
  EXPECT_EQ(record.quarantine_reason, unsigned_submission);
  EXPECT_EQ(record.originator, "XC");
  EXPECT_EQ(record.received_from, "XC");
  // No agreement speaks of it, whatever becomes of its state.
  record.state = store::RecordState::Live;
  const auto law = node.a().law();
  for (const auto* party : {"XB", "XC", "XD"}) {
    for (const auto& question :
         {question_of(held(node.a(), id_of("indicator", 1))), question_of(record)}) {
      const auto verdict = decide_record(*law, question, "XA", party, node.a().treaty_now());
      EXPECT_EQ(verdict.kind, treaty::VerdictKind::NoBasis) << party;
      EXPECT_FALSE(may_go_at_discretion(question, verdict)) << party;
    }
  }
  must(release(node.a(), {id_of("indicator", 1)}, {"XB"}));
  EXPECT_TRUE(must(node.views.objects({"XB"}, "records", {})).items.empty());
  node.expect_clean();
}

TEST(Submission, EachObjectHasItsOwnFate) {
  Written node;
  const auto bad_time =
      test::replaced(indicator(2), "2026-01-01T00:00:00.000Z\",\"pattern", "soon\",\"pattern");
  const auto no_id = test::replaced(indicator(3), "\"id\"", "\"x_id\"");
  const auto bad_reference =
      indicator(4, ",\"created_by_ref\":\"nobody\"" + marked(test::tlp_clear));
  const auto no_label = indicator(7, ",\"labels\":[]" + marked(test::tlp_clear));
  const auto of_protocol = test::object("comity-disclosure", 5, ",\"from\":\"XB\"");
  const auto status =
      node.submit(node.sensor, {indicator(1), bad_time, no_id, bad_reference, of_protocol,
                                indicator(1), "7", indicator(6), no_label});
  ASSERT_EQ(status.fates.size(), 9U);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {id_of("indicator", 1), ""},
      {id_of("indicator", 2), "$.modified"},
      {"", "$.id"},
      {id_of("indicator", 4), "$.created_by_ref"},
      {id_of("comity-disclosure", 5), "$.type"},
      {id_of("indicator", 1), ""},
      {"", "object"},
      {id_of("indicator", 6), ""},
      {id_of("indicator", 7), "$.labels"}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& fate = status.fates[i];
    EXPECT_EQ(fate.id, expected[i].first) << i;
    EXPECT_EQ(fate.failed, !expected[i].second.empty()) << i << ": " << fate.message;
    EXPECT_NE(fate.message.find(expected[i].second), std::string::npos) << i << fate.message;
  }
  EXPECT_EQ(node.records(), 2) << "the one that came twice is one";
  // One that brings nothing at all is answered and leaves nothing.
  const auto none = node.submit(node.sensor, {no_id});
  EXPECT_TRUE(none.complete());
  EXPECT_TRUE(none.fates.at(0).failed);
  EXPECT_EQ(node.records(), 2);
  node.expect_clean();
}

TEST(Submission, TheBodyDoesNotSayInWhoseName) {
  Written node;
  const auto made = must(
      node.views.add(node.outside, "inbox",
                     R"({"originator":"XA","from":"XA","objects":[)" +
                         indicator(1, ",\"originator\":\"XA\"" + marked(test::tlp_clear)) + "]}"));
  EXPECT_EQ(held(node.a(), id_of("indicator", 1)).originator, "XC");
  EXPECT_EQ(made.fates.at(0).message, "quarantined: unsigned-submission");
}

TEST(Submission, NobodyLoosensByItWhatAnotherHasMarked) {
  Written node;
  const auto id = id_of("marking-definition", 1);
  const auto definition = [&](const char* level) {
    return fmt::format(R"({{"type":"marking-definition","spec_version":"2.1","id":"{}",)"
                       R"("created":"2026-01-01T00:00:00.000Z","definition_type":"tlp",)"
                       R"("definition":{{"tlp":"{}"}}}})",
                       id, level);
  };
  import_objects(node.a(), {definition("red")});
  node.submit(node.sensor, {definition("white"), indicator(1, marked(id))});
  EXPECT_EQ(held(node.a(), id_of("indicator", 1)).tlp, "red");
  // A marking that nobody here has seen allows nothing.
  node.submit(node.sensor, {indicator(2, marked(id_of("marking-definition", 2)))});
  EXPECT_EQ(held(node.a(), id_of("indicator", 2)).tlp, "");
  // Among several of one submission the strictest counts, in any order.
  for (const std::size_t number : {3U, 4U}) {
    const auto other = id_of("marking-definition", number);
    const auto strict = test::replaced(definition("amber"), id, other);
    const auto loose = test::replaced(definition("white"), id, other);
    const auto object = indicator(number, marked(other));
    number == 3 ? node.submit(node.sensor, {strict, object, loose})
                : node.submit(node.sensor, {loose, strict, object});
    EXPECT_EQ(held(node.a(), id_of("indicator", number)).tlp, "amber");
  }
}

TEST(Submission, AsksForATokenThatWritesAndHolds) {
  Written node;
  NewToken reading;
  reading.name = "siem";
  reading.party = "XC";
  reading.collections = {"records"};
  must(make_token(node.a(), reading));
  const auto before = test::stored(node.a());
  for (const taxii::Caller& caller :
       {taxii::Caller{"XC", "siem", true}, taxii::Caller{"XA", "outside", true},
        taxii::Caller{"XC", "unheard", true}}) {
    EXPECT_EQ(node.refusal(caller, {indicator(1)}), ErrorKind::Unauthenticated);
    const auto removed = node.views.remove(caller, "inbox", id_of("indicator", 1), {});
    EXPECT_EQ(removed.error().kind, ErrorKind::Unauthenticated);
  }
  EXPECT_EQ(node.refusal({"XC", "siem"}, {indicator(1)}), ErrorKind::NotFound);
  // And what writes reads nothing.
  const auto list = must(node.views.collections(node.outside));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].alias, "inbox");
  EXPECT_TRUE(!list[0].can_read && list[0].can_write && list[0].can_delete);
  EXPECT_EQ(node.views.objects(node.outside, "records", {}).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(node.views.objects(node.outside, "inbox", {}).error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(node.views.objects({"XC", "outside"}, "records", {}).error().kind,
            ErrorKind::Unauthenticated);
  EXPECT_FALSE(must(has_token(*must(node.a().store().read()), "XA", node.a().now())));
  must(revoke_token(node.a(), "outside"));
  EXPECT_EQ(node.refusal(node.outside, {indicator(1)}), ErrorKind::Unauthenticated);
  node.xa.clock.set(Instant::from_seconds(test::start_instant().seconds() +
                                          (token_days_default + 1) * seconds_per_day));
  EXPECT_EQ(node.refusal(node.sensor, {indicator(1)}), ErrorKind::Unauthenticated);
  EXPECT_EQ(test::stored(node.a()).records, before.records);
  node.expect_clean();
}

TEST(Submission, NobodyWritesInTheNameOfAPairedParty) {
  Written node;
  const auto made = make_token(node.a(), writer("paired", "XB"));
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().kind, ErrorKind::Conflict);
  // Nor when it was paired since.
  Federation alone(false);
  must(make_token(alone.a(), writer("before", "XB")));
  Views views(alone.a());
  const taxii::Caller caller{"XB", "before", true};
  must(views.add(caller, "inbox", envelope({indicator(1)})));
  must(views.add(caller, "inbox", envelope(indicators(100, submission_at_once_max + 1))));
  test::pair_both(alone.a(), alone.b(), test::nowhere, test::nowhere);
  const auto refused = views.add(caller, "inbox", envelope({indicator(2)}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
  // What waited does not come in either.
  while (must(views.submissions().work())) {
  }
  EXPECT_EQ(test::stored(alone.a()).records, 1);
  EXPECT_TRUE(must(verify(alone.a())).clean());
}

TEST(Submission, TheSameBytesAreOneSubmission) {
  Written node;
  const auto first = node.submit(node.sensor, indicators(1, 3));
  const auto before = test::stored(node.a());
  const auto again = node.submit(node.sensor, indicators(1, 3));
  EXPECT_EQ(json::write(taxii::to_json(again)), json::write(taxii::to_json(first)));
  EXPECT_EQ(test::stored(node.a()), before);
  // By another token it is another.
  EXPECT_NE(node.submit(node.outside, indicators(1, 3)).id,
            node.submit(node.other, indicators(1, 3)).id);
  EXPECT_EQ(node.records(), 9);
  node.expect_clean();
}

TEST(Submission, ALargerOneIsPendingAndThenComplete) {
  Written node;
  EXPECT_TRUE(node.submit(node.sensor, indicators(1, submission_at_once_max)).complete());
  const auto pending = node.submit(node.outside, indicators(1, submission_at_once_max + 1));
  EXPECT_FALSE(pending.complete());
  EXPECT_EQ(pending.pending.size(), submission_at_once_max + 1);
  EXPECT_EQ(pending.pending.front().id, id_of("indicator", 1));
  EXPECT_TRUE(pending.fates.empty());
  node.expect_clean();
  // For its owner, and for no other token of the same party.
  EXPECT_FALSE(node.status(node.outside, pending.id).complete());
  for (const auto& caller : {node.other, node.sensor, taxii::Caller{"XC"}, taxii::Caller{"XB"}}) {
    const auto none = node.views.status(caller, pending.id);
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().kind, ErrorKind::NotFound);
  }
  node.work();
  const auto complete = node.status(node.outside, pending.id);
  EXPECT_TRUE(complete.complete());
  EXPECT_EQ(complete.fates.size(), submission_at_once_max + 1);
  EXPECT_EQ(complete.requested, pending.requested);
  EXPECT_EQ(node.records(), 2 * static_cast<std::int64_t>(submission_at_once_max) + 1);
  EXPECT_FALSE(must(node.views.submissions().work())) << "nothing waits";
  EXPECT_EQ(must(must(node.a().store().read())->meta(kept_envelope_key(pending.id))), "");
  node.expect_clean();
}

TEST(Submission, WhatWaitsGoesOnAfterARestart) {
  Written node;
  const auto count = submission_step_objects + submission_at_once_max;
  auto objects = indicators(1, count);
  objects[3] = test::replaced(objects[3], "\"id\"", "\"x_id\"");
  const auto id = node.submit(node.sensor, objects).id;
  ASSERT_TRUE(must(node.views.submissions().work()));
  EXPECT_EQ(node.records(), static_cast<std::int64_t>(submission_step_objects) - 1);
  const auto half = node.status(node.sensor, id);
  EXPECT_EQ(half.pending.size(), submission_at_once_max);
  EXPECT_EQ(half.fates.size(), submission_step_objects);
  node.expect_clean();
  node.xa.close();
  node.xa.open();
  Views after(node.a());
  while (must(after.submissions().work())) {
  }
  EXPECT_EQ(node.records(), static_cast<std::int64_t>(count) - 1);
  const auto complete = must(after.status(node.sensor, id));
  EXPECT_TRUE(complete.complete());
  EXPECT_EQ(complete.fates.size(), count);
  EXPECT_EQ(std::count_if(complete.fates.begin(), complete.fates.end(),
                          [](const auto& fate) { return fate.failed; }),
            1);
  node.expect_clean();
}

TEST(Submission, WhatAnEndedTokenStillHasWaitingFails) {
  Written node;
  const auto count = submission_step_objects + 1;
  const auto id = node.submit(node.sensor, indicators(1, count)).id;
  ASSERT_TRUE(must(node.views.submissions().work()));
  must(revoke_token(node.a(), "sensor"));
  node.work();
  const auto status = node.status(node.sensor, id);
  EXPECT_TRUE(status.complete());
  ASSERT_EQ(status.fates.size(), count);
  EXPECT_TRUE(status.fates.back().failed);
  EXPECT_EQ(status.fates.back().id, id_of("indicator", count));
  EXPECT_EQ(node.records(), static_cast<std::int64_t>(submission_step_objects));
  node.expect_clean();
}

TEST(Submission, ItsSizeAndWhatWaitsAreBounded) {
  Written node;
  std::vector<std::string> many(submission_objects_max, "7");
  EXPECT_EQ(node.submit(node.sensor, many).pending.size(), submission_objects_max);
  many.emplace_back("7");
  EXPECT_EQ(node.refusal(node.sensor, many), ErrorKind::TooLarge);
  EXPECT_EQ(node.refusal(node.sensor, {}), ErrorKind::InvalidInput);
  for (const auto* text : {"", "[]", "{}", "{\"objects\":7}", "{\"objects\":[", "7"}) {
    EXPECT_EQ(node.views.add(node.sensor, "inbox", text).error().kind, ErrorKind::InvalidInput)
        << text;
  }
  const auto waiting = [](std::size_t number) {
    return std::vector<std::string>(submission_at_once_max + 1, std::to_string(number));
  };
  for (std::size_t i = 1; i < submissions_waiting_of_token; ++i) {
    node.submit(node.sensor, waiting(i));
  }
  EXPECT_EQ(node.refusal(node.sensor, waiting(99)), ErrorKind::Unavailable);
  EXPECT_TRUE(node.submit(node.sensor, {indicator(1)}).complete()) << "small ones need not wait";
  std::size_t number = 0;
  for (auto left = submissions_waiting_max - submissions_waiting_of_token; left > 0; --left) {
    const auto name = fmt::format("more-{}", number++ / submissions_waiting_of_token);
    (void)make_token(node.a(), writer(name, "XC"));
    node.submit({"XC", name, true}, waiting(100 + left));
  }
  EXPECT_EQ(node.refusal(node.outside, waiting(99)), ErrorKind::Unavailable);
  node.work();
  EXPECT_FALSE(node.submit(node.outside, waiting(99)).complete()) << "there is room again";
  node.expect_clean();
}

TEST(Submission, WhoSubmittedTakesBack) {
  Written node;
  const std::vector<std::string> objects = {indicator(1), indicator(1, marked(test::tlp_clear), 3),
                                            indicator(2)};
  const auto first = node.submit(node.sensor, objects);
  import_objects(node.a(), {indicator(3)});
  node.submit(node.outside, {indicator(4)});
  must(release(node.a(), {id_of("indicator", 1), id_of("indicator", 2)}, {"XB"}));
  const auto shown = [&] { return must(node.views.objects({"XB"}, "records", {})).items.size(); };
  EXPECT_EQ(shown(), 2U);
  EXPECT_TRUE(node.take_back_of(node.sensor, id_of("indicator", 2)));
  EXPECT_EQ(shown(), 1U);
  taxii::Query by_id;
  by_id.ids = {id_of("indicator", 2)};
  EXPECT_TRUE(must(node.views.objects({"XB"}, "records", by_id)).items.empty());
  EXPECT_EQ(held(node.a(), id_of("indicator", 2)).state, store::RecordState::Quarantined);
  // Twice, what an officer imported, what another token submitted, what nobody has: all the same.
  EXPECT_FALSE(node.take_back_of(node.sensor, id_of("indicator", 2)));
  EXPECT_FALSE(node.take_back_of(node.sensor, id_of("indicator", 3)));
  EXPECT_FALSE(node.take_back_of(node.sensor, id_of("indicator", 4)));
  EXPECT_FALSE(node.take_back_of(node.other, id_of("indicator", 4)));
  EXPECT_FALSE(node.take_back_of(node.sensor, id_of("indicator", 5)));
  EXPECT_FALSE(node.take_back_of(node.sensor, "nothing"));
  // By version, the newest without a word.
  EXPECT_FALSE(node.take_back_of(node.sensor, id_of("indicator", 1), {"2026-01-02T00:00:00Z"}));
  EXPECT_TRUE(node.take_back_of(node.sensor, id_of("indicator", 1)));
  EXPECT_FALSE(node.take_back_of(node.sensor, id_of("indicator", 1), {"2026-01-03T00:00:00Z"}));
  EXPECT_TRUE(node.take_back_of(node.sensor, id_of("indicator", 1), {"all"}));
  EXPECT_FALSE(node.take_back_of(node.sensor, id_of("indicator", 1), {"all"}));
  // What was kept apart from the beginning, too.
  EXPECT_TRUE(node.take_back_of(node.outside, id_of("indicator", 4)));
  EXPECT_FALSE(node.take_back_of(node.outside, id_of("indicator", 4)));
  EXPECT_EQ(shown(), 0U);
  node.expect_clean();
  // The same bytes may come again, and are another submission.
  const auto before = node.records();
  EXPECT_NE(node.submit(node.sensor, objects).id, first.id);
  EXPECT_EQ(node.records(), before + 3);
  EXPECT_EQ(held(node.a(), id_of("indicator", 2)).state, store::RecordState::Live);
  node.expect_clean();
}

TEST(Submission, AnyChangeOfWhatWaitsIsFoundByVerify) {
  Written node;
  const auto id = node.submit(node.sensor, indicators(1, submission_at_once_max + 1)).id;
  node.expect_clean();
  const auto put = [&](const std::string& key, const std::string& value) {
    const auto change = must(Change::begin(node.a()));
    must(change->store().set_meta(key, value));
    must(change->commit());
  };
  const auto list = *must(must(node.a().store().read())->meta("submissions-waiting"));
  for (const auto& altered :
       {std::string("[]"), std::string("{}"), test::replaced(list, "sensor", "other"),
        test::replaced(list, id, id_of("x", 1).substr(3))}) {
    put("submissions-waiting", altered);
    EXPECT_FALSE(must(verify(node.a())).clean()) << altered;
  }
  put("submissions-waiting", list);
  node.expect_clean();
  const auto kept = *must(must(node.a().store().read())->meta(kept_envelope_key(id)));
  put(kept_envelope_key(id), envelope({indicator(7)}));
  EXPECT_FALSE(must(verify(node.a())).clean());
  const auto refused = node.views.submissions().work();
  ASSERT_FALSE(refused.has_value()) << "what was altered is not taken in";
  EXPECT_EQ(refused.error().kind, ErrorKind::Corrupt);
  put(kept_envelope_key(id), kept);
  node.work();
  node.expect_clean();
}

// An entry of the ledger that says a token did what it may not.
TEST(Submission, AnActOfNoTokenThatWritesIsFoundByVerify) {
  const auto entered = [](const char* token, const char* originator) {
    Written node;
    must(revoke_token(node.a(), "other"));
    const auto change = must(Change::begin(node.a()));
    json::Object entry;
    entry.set("type", "import");
    entry.set("import", "import--of-the-test");
    entry.set("token", token);
    entry.set("originator", originator);
    must(change->enter("import", entry));
    must(change->commit());
    return must(verify(node.a())).clean();
  };
  EXPECT_TRUE(entered("outside", "XC"));
  EXPECT_FALSE(entered("outside", "XA"));
  EXPECT_FALSE(entered("other", "XC"));
  EXPECT_FALSE(entered("unheard", "XC"));
}

}  // namespace
}  // namespace comity::exchange
