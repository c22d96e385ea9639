#include "exchange/outpost.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "exchange/courier.h"
#include "exchange/outpost_delivery.h"
#include "exchange/outpost_state.h"
#include "exchange/recall.h"
#include "exchange/receipts.h"
#include "exchange/release.h"
#include "exchange/rule.h"
#include "exchange/test_federation.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"
#include "exchange/withdrawal.h"
#include "json/write.h"
#include "net/test_certificates.h"
#include "stix/object.h"
#include "taxii/test_quirky_sink.h"

namespace comity::exchange {
namespace {

using taxii::test::QuirkySink;
using taxii::test::SinkQuirks;
using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::marked;
using test::must;

constexpr const char* drop_box = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";

// A server over TLS with one collection, behind which a sink stands.
class DropServer {
 public:
  DropServer() {
    net::ServerOptions options;
    options.certificate_pem = identity.certificate_pem;
    options.key_pem = identity.key_pem;
    options.client_certificate = net::ClientCertificate::Optional;
    server_ = must(net::Server::start(
        std::move(options), [this](const net::Request& request) { return answer(request); }));
  }
  std::string url(const std::string& path = "/taxii2/") const {
    return fmt::format("https://127.0.0.1:{}{}", server_->port(), path);
  }

  net::TestCertificate identity = net::make_test_certificate("dropbox");
  QuirkySink sink;
  std::atomic<bool> down = false;  // answers 503 to everything
  std::string authorization;       // when it is not empty, expected in each request
  std::atomic<bool> writable = true;

 private:
  net::Response answer(const net::Request& request) {
    if (down) return taxii::answer_error(503, "busy", "come again");
    if (!authorization.empty() && request.header("Authorization") != authorization) {
      return taxii::answer_error(401, "who are you?", "");
    }
    const auto collection = fmt::format("/drop/collections/{}/", drop_box);
    const auto described = fmt::format(
        R"({{"id":"{}","alias":"drop","title":"Drop","can_read":false,"can_write":{}}})", drop_box,
        writable.load());
    net::Response out;
    out.headers.emplace_back("Content-Type", std::string(taxii::media_type));
    if (request.path == "/taxii2/") {
      out.body = R"({"title":"T","api_roots":["/drop/"]})";
    } else if (request.path == "/drop/") {
      out.body = R"({"title":"T","versions":["x"],"max_content_length":1000000})";
    } else if (request.path == "/drop/collections/") {
      out.body = "{\"collections\":[" + described + "]}";
    } else if (request.path == collection) {
      out.body = described;
    } else if (request.path == collection + "objects/" && request.method == "POST") {
      const auto status = sink.post(request.body);
      if (!status) return taxii::answer_error(sink.last_status(), "no", status.error().message);
      out.status = 202;
      out.body = json::write(taxii::to_json(*status));
    } else {
      out.status = 404;
    }
    return out;
  }

  std::unique_ptr<net::Server> server_;
};

std::string statement_marking(std::size_t number) {
  return fmt::format(R"({{"type":"marking-definition","spec_version":"2.1","id":"{}",)"
                     R"("created":"2026-01-01T00:00:00.000Z","definition_type":"statement",)"
                     R"("definition":{{"statement":"For the desk."}}}})",
                     id_of("marking-definition", number));
}
std::string marked_twice(const std::string& marking) {
  return fmt::format(R"(,"object_marking_refs":["{}","{}"])", test::tlp_clear, marking);
}

ImportOptions clear_by_default() {
  ImportOptions out;
  out.tlp = "clear";
  return out;
}

// XA, with the outpost of XB, which has no node.
struct WithOutpost : Federation {
  DropServer drop;
  QuirkySink sink;  // in place of the server, for what is delivered by hand
  OutpostBounds bounds;

  WithOutpost() : Federation(false) {
    bounds.status_interval = std::chrono::milliseconds(0);
    must(add_outpost(a(), wanted()));
  }
  NewOutpost wanted(const std::string& name = "xb-cert") const {
    NewOutpost out;
    out.name = name;
    out.party = "XB";
    out.url = drop.url();
    out.collection = "drop";
    out.exercise = "drill";
    out.pin = digest_text(drop.identity.digest);
    return out;
  }
  ErrorKind refusal(const NewOutpost& outpost) {
    const auto made = add_outpost(a(), outpost);
    EXPECT_FALSE(made.has_value());
    return made ? ErrorKind::Corrupt : made.error().kind;
  }
  Outpost outpost() { return must(outposts(*must(a().store().read()))).back(); }
  OutpostStatus status() { return must(outpost_status(*must(a().store().read()), outpost().name)); }
  // Discloses, and sends nothing.
  void disclose(const std::vector<std::string>& ids) {
    drop.down = true;
    const auto released = must(release(a(), ids, {"XB"})).at(0);
    ASSERT_FALSE(released.sent.empty());
    EXPECT_FALSE(released.sent.back().settled());
    EXPECT_EQ(released.held_count, 0);
    drop.down = false;
  }
  std::vector<Sent> deliver_by_hand() {
    return must(deliver_to_outpost(a(), outpost(), sink, bounds));
  }
  Acknowledged known(const std::string& disclosure) {
    return must(acknowledged(*must(a().store().read()), disclosure));
  }
  std::string first_disclosure() {
    return test::statements(a(), disclosure_kind, store::Direction::Sent).at(0).id;
  }
  std::string findings() { return fmt::format("{}", fmt::join(must(verify(a())).findings, "\n")); }
  std::int64_t acknowledgements() {
    std::int64_t out = 0;
    must(must(a().store().read())->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) {
      out += row.kind == acknowledgement_kind ? 1 : 0;
      return Status();
    }));
    return out;
  }
};

TEST(Outpost, IsEnteredForAPartyWithoutNodeAndRemovedOnce) {
  WithOutpost f;
  const auto made = f.outpost();
  EXPECT_EQ(made.collection, f.drop.url(fmt::format("/drop/collections/{}/", drop_box)));
  EXPECT_EQ(made.title, "Drop");
  EXPECT_EQ(made.exercise, "drill");
  EXPECT_EQ(f.findings(), "");

  EXPECT_EQ(f.refusal(f.wanted()), ErrorKind::Conflict) << "the name";
  EXPECT_EQ(f.refusal(f.wanted("second")), ErrorKind::Conflict) << "XB has one";
  auto other = f.wanted("other");
  other.party = "XC";
  EXPECT_EQ(f.refusal(other), ErrorKind::Conflict) << "the collection is XB's";
  const auto refused = [&](ErrorKind kind, const std::function<void(NewOutpost&)>& change) {
    auto one = f.wanted("other");
    one.party = "XC";
    change(one);
    EXPECT_EQ(f.refusal(one), kind);
  };
  refused(ErrorKind::InvalidInput, [](NewOutpost& one) { one.name = "Other"; });
  refused(ErrorKind::InvalidInput, [](NewOutpost& one) { one.party = "XA"; });
  refused(ErrorKind::InvalidInput, [](NewOutpost& one) { one.party = "QQ"; });
  refused(ErrorKind::NotPermitted, [](NewOutpost& one) { one.exercise = ""; });
  refused(ErrorKind::NotPermitted, [](NewOutpost& one) { one.exercise = "another"; });
  refused(ErrorKind::InvalidInput, [](NewOutpost& one) { one.url = "http://127.0.0.1/"; });
  refused(ErrorKind::NotFound, [](NewOutpost& one) { one.collection = "nothing"; });
  refused(ErrorKind::NotVerified, [](NewOutpost& one) { one.pin = digest_text(sha256("x")); });
  refused(ErrorKind::InvalidInput, [](NewOutpost& one) { one.authorities = "some.pem"; });
  f.drop.writable = false;
  refused(ErrorKind::NotPermitted, [](NewOutpost&) {});
  f.drop.writable = true;

  must(remove_outpost(f.a(), "xb-cert"));
  EXPECT_EQ(remove_outpost(f.a(), "xb-cert").error().kind, ErrorKind::Conflict);
  EXPECT_EQ(remove_outpost(f.a(), "other").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(f.refusal(f.wanted()), ErrorKind::Conflict) << "a name is never used twice";
  import_objects(f.a(), {indicator(1)});
  EXPECT_EQ(release(f.a(), {test::first_indicator}, {"XB"}).error().kind, ErrorKind::Conflict);
  must(add_outpost(f.a(), f.wanted("second")));
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, AreBoundedInNumber) {
  WithOutpost f;
  for (std::size_t i = 1; i < outposts_max; ++i) {
    must(remove_outpost(f.a(), f.outpost().name));
    must(add_outpost(f.a(), f.wanted(fmt::format("n{}", i))));
  }
  must(remove_outpost(f.a(), f.outpost().name));
  EXPECT_EQ(f.refusal(f.wanted("one-too-many")), ErrorKind::TooLarge);
}

TEST(Outpost, OfAPairedPartyIsRefusedAndNotUsed) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  ASSERT_EQ(must(release(f.a(), {test::first_indicator}, {"XB"})).at(0).sent.at(0).taken, 1);
  // XB gets a node: it hears of everything from the beginning, and signs for it.
  test::Wire wire(f.b());
  test::pair_both(f.a(), f.b(), test::nowhere, wire.url());
  EXPECT_EQ(must(outpost_of(*must(f.a().store().read()), "XB")), std::nullopt);
  const auto again = must(release(f.a(), {test::first_indicator}, {"XB"})).at(0);
  EXPECT_EQ(again.already, 1);
  ASSERT_EQ(again.sent.size(), 1U);
  EXPECT_TRUE(again.sent[0].receipt) << again.sent[0].error;
  EXPECT_EQ(f.findings(), "");
  std::vector<Ailment> ailments;
  must(examine_outposts(f.a(), ailments));
  ASSERT_EQ(ailments.size(), 1U);
  EXPECT_NE(ailments[0].what.find("is not used"), std::string::npos);
  must(remove_outpost(f.a(), "xb-cert"));
  EXPECT_EQ(f.refusal(f.wanted("again")), ErrorKind::Conflict);
  // Where XB's node answers, nobody has an outpost.
  auto other = f.wanted("other");
  other.party = "XC";
  other.url = wire.url() + "/taxii2/";
  other.pin = digest_text(must(trust::certificate_digest(f.b().tls().certificate_pem)));
  EXPECT_EQ(f.refusal(other), ErrorKind::NotPermitted);
}

// An operational node with officers 3 and 6, who release.
struct GovernedOutpost : test::Operational {
  DropServer drop;
  GovernedOutpost() { test::enrol(node(), 6, "Second Releaser", "releasing-officer"); }
  NewOutpost wanted(const std::string& name = "xb-cert") const {
    NewOutpost out;
    out.name = name;
    out.party = "XB";
    out.url = drop.url();
    out.collection = "drop";
    out.pin = digest_text(drop.identity.digest);
    return out;
  }
  Approval approval(const NewOutpost& outpost, std::initializer_list<int> keys) {
    return test::approval_of(node(), "outpost-add", must(act_arguments(outpost)), keys);
  }
};

TEST(Outpost, OfAnOperationalNodeIsEnteredByTwoOfficers) {
  GovernedOutpost f;
  const auto wanted = f.wanted();
  const auto refused = [&](const std::optional<Approval>& approval) {
    const auto made = add_outpost(f.node(), wanted, approval);
    return made ? ErrorKind::Corrupt : made.error().kind;
  };
  EXPECT_EQ(refused(std::nullopt), ErrorKind::NotPermitted);
  EXPECT_EQ(refused(f.approval(wanted, {3, 3})), ErrorKind::NotPermitted);
  for (const int wrong : {4, 5}) {
    EXPECT_EQ(refused(f.approval(wanted, {3, wrong})), ErrorKind::NotPermitted) << wrong;
  }
  auto other = wanted;
  other.party = "XC";
  EXPECT_EQ(refused(f.approval(other, {3, 6})), ErrorKind::NotVerified);
  auto exercise = f.wanted("drill");
  exercise.exercise = "drill";
  EXPECT_EQ(add_outpost(f.node(), exercise, f.approval(exercise, {3, 6})).error().kind,
            ErrorKind::NotPermitted);
  must(add_outpost(f.node(), wanted, f.approval(wanted, {1, 6})));
  EXPECT_TRUE(must(verify(f.node())).clean());
  const auto removal = [&](std::initializer_list<int> keys) {
    return test::approval_of(f.node(), "outpost-remove", outpost_remove_arguments("xb-cert"), keys);
  };
  EXPECT_EQ(remove_outpost(f.node(), "xb-cert").error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(remove_outpost(f.node(), "xb-cert", removal({3, 5})).error().kind,
            ErrorKind::NotPermitted);
  must(remove_outpost(f.node(), "xb-cert", removal({3, 4})));
  EXPECT_TRUE(must(verify(f.node())).clean());
}

TEST(Outpost, ThatNobodyOrAnotherActApprovedIsFoundByVerify) {
  GovernedOutpost f;
  must(add_outpost(f.node(), f.wanted(), f.approval(f.wanted(), {3, 6})));
  const auto kept = must(outposts(*must(f.node().store().read()))).at(0);
  const auto found = [&](const char* name, const std::optional<Approval>& approval) {
    const auto change = must(Change::begin(f.node()));
    json::Object terms;
    terms.set("name", name);
    terms.set("party", kept.party);
    terms.set("mode", kept.mode);
    terms.set("url", kept.url);
    terms.set("asked", kept.asked);
    terms.set("collection", kept.collection);
    terms.set("title", kept.title);
    terms.set("pin", digest_text(*kept.pin));
    terms.set("created", format_rfc3339(change->at(), 6));
    json::Object entry;
    entry.set("type", "outpost-added");
    entry.set("outpost", terms);
    if (approval) entry.set("approval", to_json(*approval));
    must(change->enter("outpost", entry));
    must(change->commit());
    return fmt::format("{}", fmt::join(must(verify(f.node())).findings, "\n"));
  };
  EXPECT_NE(found("second", std::nullopt).find("no officer approved"), std::string::npos);
  EXPECT_NE(found("third", f.approval(f.wanted(), {3, 6})).find("approved another outpost"),
            std::string::npos);
}

// Who reads at its server has the statement alone to tell which records it covers.
TEST(Outpost, GetsALongDisclosureThatNamesEveryRecord) {
  WithOutpost f;
  std::vector<std::string> objects, ids;
  for (std::size_t i = 0; i <= listed_rows_max; ++i) {
    objects.push_back(indicator(i));
    ids.push_back(id_of("indicator", i));
  }
  import_objects(f.a(), objects);
  f.disclose(ids);
  const auto sent = f.deliver_by_hand();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].settled() && sent[0].acknowledged) << sent[0].error;
  EXPECT_EQ(sent[0].taken, static_cast<std::int64_t>(objects.size()));
  const auto statement = must(open_disclosure(f.sink.held()[0], f.a().signing_key().public_key()));
  EXPECT_TRUE(statement.named);
  ASSERT_EQ(statement.records.size(), objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto object = must(stix::read_object(f.sink.held().at(i + 1)));
    EXPECT_EQ(hex(statement.records[i].digest), hex(object.digest)) << i;
  }
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, GetsTheStatementThenDefinitionsThenTheRest) {
  WithOutpost f;
  const auto marking = id_of("marking-definition", 5);
  const std::vector<std::string> objects = {statement_marking(5),
                                            indicator(1, marked_twice(marking)), indicator(2),
                                            indicator(3, marked(test::tlp_red))};
  import_objects(f.a(), objects, clear_by_default());
  f.disclose({id_of("indicator", 1), id_of("indicator", 2)});
  const auto sent = f.deliver_by_hand();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].settled() && sent[0].acknowledged) << sent[0].error;
  EXPECT_FALSE(sent[0].receipt);
  EXPECT_EQ(sent[0].records, 3);
  EXPECT_EQ(sent[0].taken, 3);
  EXPECT_EQ(sent[0].outpost, "xb-cert");
  const auto& envelopes = f.sink.envelopes();
  ASSERT_EQ(envelopes.size(), 3U);
  EXPECT_EQ(envelopes[0], std::vector<std::string>{f.first_disclosure()});
  EXPECT_EQ(envelopes[1], std::vector<std::string>{marking});
  EXPECT_EQ(envelopes[2].size(), 2U);
  // Byte for byte, and nothing else.
  std::set<std::string> held(f.sink.held().begin() + 1, f.sink.held().end());
  EXPECT_EQ(held, (std::set<std::string>(objects.begin(), objects.begin() + 3)));
  const auto statement = must(open_disclosure(f.sink.held()[0], f.a().signing_key().public_key()));
  EXPECT_EQ(statement.to, "XB");
  EXPECT_EQ(statement.mode, "exercise");
  EXPECT_EQ(statement.basis.at(0).instrument, "xa-xb-2024");
  // Nothing goes twice, and what was told of it is no receipt.
  EXPECT_TRUE(f.deliver_by_hand().empty());
  EXPECT_EQ(f.sink.envelopes().size(), 3U);
  const auto standing = must(sent_standing(f.a(), "XB")).at(0);
  EXPECT_EQ(standing.state, SentState::Acknowledged);
  EXPECT_EQ(standing.taken, 3);
  const auto found = must(verify(f.a()));
  EXPECT_TRUE(found.clean()) << f.findings();
  EXPECT_EQ(found.receipts, 0);
  EXPECT_EQ(found.receipts_missing, 1);
  ASSERT_FALSE(found.notes.empty());
  EXPECT_NE(found.notes.back().find("signs no receipt"), std::string::npos);
}

TEST(Outpost, IsReachedByARelease) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  const auto sent = must(release(f.a(), {test::first_indicator}, {"XB"})).at(0).sent;
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].acknowledged) << sent[0].error;
  EXPECT_TRUE(f.drop.sink.holds(test::first_indicator));
  EXPECT_EQ(f.findings(), "");
  // And by a rule and the courier.
  import_objects(f.a(), {indicator(2)});
  Rule rule;
  rule.name = "warnings";
  rule.to = {"XB"};
  rule.classes = {"indicator"};
  rule.purpose = "warning";
  rule.area = "threat-information";
  must(add_rule(f.a(), rule));
  while (must(apply_rules(f.a()))) {
  }
  Courier courier(f.a());
  courier.run_due();
  EXPECT_FALSE(f.drop.sink.holds(id_of("indicator", 2))) << "waits for one pause";
  f.xa.clock.set(Instant{courier.next_attempt("XB")->micros});
  courier.run_due();
  EXPECT_TRUE(f.drop.sink.holds(id_of("indicator", 2)));
  EXPECT_EQ(courier.next_attempt("XB"), std::nullopt);
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, TakesWhatItCanAndTheRestIsCounted) {
  for (const int way : {0, 1, 2}) {
    WithOutpost f;
    std::vector<std::string> objects, ids;
    for (std::size_t i = 1; i <= 9; ++i) {
      objects.push_back(indicator(i));
      ids.push_back(id_of("indicator", i));
    }
    import_objects(f.a(), objects);
    f.disclose(ids);
    if (way == 2) {
      f.sink.quirks.faults = {ids[4]};
    } else {
      f.sink.quirks.refused = {ids[4]};
      f.sink.quirks.refuses_whole = way == 1;
    }
    auto sent = f.deliver_by_hand();
    for (int again = 1; way == 2 && again < object_faults_max; ++again) {
      EXPECT_FALSE(sent.at(0).settled());
      EXPECT_EQ(sent.at(0).taken, 8);
      sent = f.deliver_by_hand();
    }
    ASSERT_EQ(sent.size(), 1U) << way;
    EXPECT_TRUE(sent[0].settled()) << way << sent[0].error;
    EXPECT_EQ(sent[0].taken, 8) << way;
    EXPECT_EQ(sent[0].refused, 1) << way;
    EXPECT_EQ(f.known(f.first_disclosure()).refusals.at(0).id, ids[4]);
    EXPECT_TRUE(f.deliver_by_hand().empty());
    EXPECT_EQ(f.sink.held().size(), 9U);
    EXPECT_EQ(f.findings(), "");
    std::vector<Ailment> ailments;
    must(examine_outposts(f.a(), ailments));
    ASSERT_EQ(ailments.size(), 1U);
    EXPECT_NE(ailments[0].what.find("refused 1 objects"), std::string::npos) << ailments[0].what;
    // The server was repaired.
    f.sink.quirks = {};
    EXPECT_EQ(must(retry_outpost(f.a(), "xb-cert")), 1);
    EXPECT_EQ(f.deliver_by_hand().at(0).taken, 9);
    EXPECT_EQ(f.sink.held().size(), 10U);
    EXPECT_EQ(must(retry_outpost(f.a(), "xb-cert")), 0);
    EXPECT_EQ(f.findings(), "");
  }
}

TEST(Outpost, ServerThatFailsHasRefusedNothing) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  f.sink.quirks.failing = true;
  for (int i = 0; i < 2 * object_faults_max; ++i) {
    EXPECT_EQ(f.deliver_by_hand().at(0).refused, 0);
  }
  f.sink.quirks = {};
  f.sink.before_post = [&](const std::vector<std::string>& ids) {
    f.sink.quirks.failing = ids[0] == test::first_indicator;  // after the statement was taken
  };
  f.deliver_by_hand();
  f.sink.before_post = {};
  for (int i = 0; i < 2 * object_faults_max; ++i) {
    f.sink.quirks.failing = false;
    f.sink.before_post = [&](const std::vector<std::string>&) { f.sink.quirks.failing = true; };
    EXPECT_EQ(f.deliver_by_hand().at(0).refused, 0);
  }
  f.sink.before_post = {};
  f.sink.quirks = {};
  EXPECT_EQ(f.deliver_by_hand().at(0).taken, 1);
}

TEST(Outpost, WithoutTheStatementNothingGoes) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  f.sink.quirks.refused = {f.first_disclosure()};
  const auto sent = f.deliver_by_hand().at(0);
  EXPECT_TRUE(sent.settled());
  EXPECT_EQ(sent.taken, 0);
  EXPECT_EQ(sent.refused, 1);
  EXPECT_FALSE(f.sink.holds(test::first_indicator));
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, WhoseServerDoesNotTakeAMarkingGetsNothingThatBearsIt) {
  WithOutpost f;
  const auto marking = id_of("marking-definition", 5);
  import_objects(f.a(),
                 {statement_marking(5), indicator(1, marked_twice(marking)), indicator(2),
                  indicator(3, marked_twice(marking))},
                 clear_by_default());
  f.disclose({id_of("indicator", 1), id_of("indicator", 2)});
  f.sink.quirks.refused = {marking};
  auto sent = f.deliver_by_hand().at(0);
  EXPECT_TRUE(sent.settled());
  EXPECT_EQ(sent.taken, 1);
  EXPECT_EQ(sent.refused, 2);
  EXPECT_FALSE(f.sink.holds(id_of("indicator", 1)));
  EXPECT_TRUE(f.sink.holds(id_of("indicator", 2)));
  // Nor by a later disclosure, which takes the definition for known.
  f.disclose({id_of("indicator", 3)});
  sent = f.deliver_by_hand().at(0);
  EXPECT_EQ(sent.refused, 1) << sent.error;
  EXPECT_FALSE(f.sink.holds(id_of("indicator", 3)));
  f.sink.quirks = {};
  EXPECT_EQ(must(retry_outpost(f.a(), "xb-cert")), 3);
  f.deliver_by_hand();
  EXPECT_TRUE(f.sink.holds(id_of("indicator", 1)) && f.sink.holds(id_of("indicator", 3)));
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, EnvelopesAreNoLargerThanTheServerTakes) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1), indicator(2), indicator(3)});
  f.disclose({id_of("indicator", 1), id_of("indicator", 2), id_of("indicator", 3)});
  const auto statement =
      test::statements(f.a(), disclosure_kind, store::Direction::Sent).at(0).bytes;
  // Exactly the statement in its envelope.
  f.sink.quirks.content_bytes_max = static_cast<std::int64_t>(statement.size()) + 14;
  EXPECT_EQ(f.deliver_by_hand().at(0).taken, 3);

  WithOutpost g;
  import_objects(g.a(), {indicator(1)});
  g.disclose({test::first_indicator});
  const auto size =
      test::statements(g.a(), disclosure_kind, store::Direction::Sent)[0].bytes.size();
  g.sink.quirks.content_bytes_max = static_cast<std::int64_t>(size) + 13;
  const auto sent = g.deliver_by_hand().at(0);
  EXPECT_TRUE(sent.settled());
  EXPECT_EQ(sent.refused, 1);
  EXPECT_TRUE(g.sink.envelopes().empty());
  EXPECT_NE(sent.reasons.at(0).find("the server takes"), std::string::npos);
}

TEST(Outpost, BatchesHaveTheirBound) {
  WithOutpost f;
  std::vector<std::string> objects, ids;
  for (std::size_t i = 1; i <= 9; ++i) {
    objects.push_back(indicator(i));
    ids.push_back(id_of("indicator", i));
  }
  import_objects(f.a(), objects);
  f.disclose(ids);
  f.bounds.batch_objects_max = 4;
  f.deliver_by_hand();
  std::vector<std::size_t> sizes;
  for (const auto& envelope : f.sink.envelopes()) sizes.push_back(envelope.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 4, 4, 1}));
}

TEST(Outpost, ServerThatIsBusyIsLeftAlone) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  f.sink.quirks.busy = 1;
  const auto sent = f.deliver_by_hand().at(0);
  EXPECT_FALSE(sent.settled());
  EXPECT_NE(sent.error.find("503"), std::string::npos);
  ASSERT_TRUE(f.status().not_before.has_value());
  EXPECT_EQ(f.status().not_before->micros - f.a().now().micros, 60'000'000);
  const auto waits = must(deliver_to_outpost(f.a(), f.outpost())).at(0);
  EXPECT_NE(waits.error.find("left alone"), std::string::npos) << waits.error;
  EXPECT_TRUE(f.drop.sink.envelopes().empty());
  f.xa.clock.set(*f.status().not_before);
  EXPECT_TRUE(must(deliver_to_outpost(f.a(), f.outpost())).at(0).acknowledged);
  EXPECT_EQ(f.status().failed, "");
  EXPECT_FALSE(f.status().not_before.has_value());
}

TEST(Outpost, LoginIsShownAndNeverTold) {
  WithOutpost f;
  must(remove_outpost(f.a(), "xb-cert"));
  const auto path = f.directory.file("login.json");
  must(write_file(path, R"({"user":"xa","password":"open sesame"})"));
  f.drop.authorization = "Basic " + base64("xa:open sesame");
  auto wanted = f.wanted("with-login");
  EXPECT_EQ(f.refusal(wanted), ErrorKind::Unauthenticated);
  wanted.credentials = path;
  must(add_outpost(f.a(), wanted));
  import_objects(f.a(), {indicator(1)});
  EXPECT_TRUE(must(release(f.a(), {test::first_indicator}, {"XB"})).at(0).sent[0].acknowledged);
  must(must(f.a().store().read())->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) {
    EXPECT_EQ(row.entry.find("sesame"), std::string::npos);
    return Status();
  }));
  // Its login ends.
  must(write_file(path, R"({"user":"xa","password":"close sesame"})"));
  import_objects(f.a(), {indicator(2)});
  const auto sent = must(release(f.a(), {id_of("indicator", 2)}, {"XB"})).at(0).sent.at(0);
  EXPECT_FALSE(sent.settled());
  EXPECT_EQ(sent.refused, 0);
  EXPECT_EQ(sent.error.find("sesame"), std::string::npos);
  std::vector<Ailment> ailments;
  must(examine_outposts(f.a(), ailments));
  ASSERT_EQ(ailments.size(), 1U);
  EXPECT_NE(ailments[0].why.find("refuses the login"), std::string::npos) << ailments[0].why;
  f.xa.clock.set(Instant::from_seconds(f.a().now().seconds() + outpost_due_s + 1));
  ailments.clear();
  must(examine_outposts(f.a(), ailments));
  EXPECT_EQ(ailments.size(), 2U) << "and something waits";
}

TEST(Outpost, WhatIsPendingIsFollowedToItsEnd) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1), indicator(2)});
  f.disclose({id_of("indicator", 1), id_of("indicator", 2)});
  f.sink.quirks.pending_looks = 3;
  f.sink.quirks.refused = {id_of("indicator", 2)};
  const auto sent = f.deliver_by_hand().at(0);
  EXPECT_TRUE(sent.settled()) << sent.error;
  EXPECT_EQ(sent.taken, 1);
  EXPECT_EQ(sent.refused, 1);
  EXPECT_EQ(f.sink.envelopes().size(), 2U) << "nothing was posted twice";
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, WhatIsPendingIsAskedAboutAtTheNextAttempt) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  f.sink.quirks.pending_looks = 30;
  EXPECT_FALSE(f.deliver_by_hand().at(0).settled());
  f.xa.close();
  f.xa.open();
  f.deliver_by_hand();
  EXPECT_EQ(f.sink.envelopes().size(), 2U) << "the statement is done, and the record is on its way";
  // A server that forgets what it took gets it again.
  f.sink.quirks.pending_looks = 0;
  f.sink.quirks.forgets = true;
  EXPECT_TRUE(f.deliver_by_hand().at(0).acknowledged);
  EXPECT_EQ(f.sink.held().size(), 2U);
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, WhatNeverEndsIsPostedAgain) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  f.sink.quirks.pending_looks = 1'000'000;
  f.deliver_by_hand();
  const auto begun = f.a().now().seconds();
  f.xa.clock.set(Instant::from_seconds(begun + submission_seconds_max));
  f.deliver_by_hand();
  EXPECT_EQ(f.sink.envelopes().size(), 1U);
  f.xa.clock.set(Instant::from_seconds(begun + submission_seconds_max + 1));
  f.deliver_by_hand();
  EXPECT_EQ(f.sink.envelopes().size(), 2U);
}

TEST(Outpost, LostReplyOrKilledProcessCountsNothingTwice) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1), indicator(2)});
  f.disclose({id_of("indicator", 1), id_of("indicator", 2)});
  for (int lost = 0; lost < 2; ++lost) {
    // The server has taken it, and this node has not noted it.
    f.sink.before_post = [&](const std::vector<std::string>& ids) {
      f.sink.quirks.loses_replies = (ids.size() == 2) == (lost == 1) ? 1 : 0;
    };
    EXPECT_FALSE(f.deliver_by_hand().at(0).settled());
    f.xa.close();
    f.xa.open();
  }
  f.sink.before_post = {};
  const auto sent = f.deliver_by_hand().at(0);
  EXPECT_EQ(sent.taken, 2);
  EXPECT_EQ(f.known(f.first_disclosure()).taken, 3);
  EXPECT_EQ(f.sink.envelopes().size(), 4U) << "each was posted twice";
  EXPECT_EQ(f.sink.held().size(), 3U) << "and is there once";
  EXPECT_EQ(f.acknowledgements(), 2);
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, WhatIsNotPermittedAnyMoreIsWithdrawn) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  test::change_law(f.a(), test::lapsed_register());
  const auto sent = f.deliver_by_hand().at(0);
  EXPECT_TRUE(sent.withdrawn && sent.settled() && !sent.served) << sent.error;
  ASSERT_EQ(f.sink.held().size(), 1U);
  const auto said = must(open_withdrawal(f.sink.held()[0], f.a().signing_key().public_key()));
  EXPECT_EQ(said.reason, no_longer_permitted);
  EXPECT_EQ(said.disclosure, f.first_disclosure());
  EXPECT_TRUE(f.deliver_by_hand().empty());
  EXPECT_EQ(f.findings(), "");
  // When it is permitted again, it goes under a number of its own.
  test::change_law(f.a(), test::register_files());
  f.disclose({test::first_indicator});
  const auto later = f.deliver_by_hand().at(0);
  EXPECT_EQ(later.number, 2);
  EXPECT_TRUE(later.acknowledged);
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, LawIsAskedBeforeEachPost) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1), indicator(2)});
  f.disclose({id_of("indicator", 1), id_of("indicator", 2)});
  f.bounds.batch_objects_max = 1;
  int posts = 0;
  f.sink.before_post = [&](const std::vector<std::string>&) {
    if (++posts == 2) test::change_law(f.a(), test::lapsed_register());
  };
  const auto sent = f.deliver_by_hand().at(0);
  EXPECT_TRUE(sent.withdrawn && sent.served) << sent.error;
  EXPECT_EQ(sent.taken, 1) << "that one was on its way";
  ASSERT_EQ(f.sink.held().size(), 3U);
  const auto said = must(open_withdrawal(f.sink.held()[2], f.a().signing_key().public_key()));
  EXPECT_EQ(said.reason, served_before);
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, NothingGoesByAWrongClock) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  f.xa.clock.set(Instant::from_seconds(f.a().now().seconds() - 3600));
  const auto sent = f.deliver_by_hand().at(0);
  EXPECT_FALSE(sent.settled());
  EXPECT_NE(sent.error.find("clock"), std::string::npos) << sent.error;
  EXPECT_TRUE(f.sink.envelopes().empty());
}

TEST(Outpost, RecallIsPostedAndToldByHand) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1), indicator(2)});
  f.disclose({test::first_indicator});
  f.deliver_by_hand();
  RecallOrder order;
  order.ids = {test::first_indicator};
  order.reason = "false-positive";
  const auto said = must(recall(f.a(), order));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(said[0].by_hand);
  EXPECT_EQ(said[0].party, "XB");
  EXPECT_EQ(must(recalls(f.a())).at(0).told, "waiting");
  f.disclose({id_of("indicator", 2)});
  f.sink.forget_envelopes();
  f.deliver_by_hand();
  ASSERT_GE(f.sink.envelopes().size(), 2U);
  EXPECT_EQ(f.sink.envelopes()[0], std::vector<std::string>{said[0].recall}) << "first of all";
  EXPECT_EQ(must(recalls(f.a())).at(0).told, fate_at_outpost);
  EXPECT_TRUE(f.sink.holds(test::first_indicator)) << "nothing is deleted at another's server";
  const auto again = must(release(f.a(), {test::first_indicator}, {"XB"})).at(0);
  EXPECT_EQ(again.held.at(0).verdict.reasons.at(0).code, "recalled");
  EXPECT_EQ(f.findings(), "");
}

TEST(Outpost, AnyChangeOfWhatWasAcknowledgedIsFoundByVerify) {
  WithOutpost f;
  import_objects(f.a(), {indicator(1)});
  f.disclose({test::first_indicator});
  f.sink.quirks.refused = {test::first_indicator};
  f.deliver_by_hand();
  EXPECT_EQ(f.findings(), "");
  const auto altered = [&](const std::string& key, const std::string& text) {
    const auto before = must(must(f.a().store().read())->meta(key));
    const auto put = [&](const std::string& value) {
      const auto change = must(Change::begin(f.a()));
      must(change->store().set_meta(key, value));
      must(change->commit());
    };
    put(text);
    const auto found = f.findings();
    put(before.value_or(""));
    return !found.empty();
  };
  const auto key = post_state_key(f.first_disclosure());
  const auto kept = *must(must(f.a().store().read())->meta(key));
  EXPECT_TRUE(altered(key, test::replaced(kept, "\"ar\"", "\"aa\"")));
  EXPECT_TRUE(altered(key, test::replaced(kept, "not taken", "it took it")));
  EXPECT_TRUE(altered(key, "{}"));
  const auto list = *must(must(f.a().store().read())->meta("outposts"));
  EXPECT_TRUE(altered("outposts", test::replaced(list, "\"XB\"", "\"XC\"")));
  EXPECT_TRUE(altered("outposts", test::replaced(list, drop_box, "other")));
  EXPECT_TRUE(altered("outposts", "[]"));
  EXPECT_TRUE(altered("outposts", "{}"));
  EXPECT_EQ(f.findings(), "");
  // An acknowledgement of what nobody disclosed.
  const auto change = must(Change::begin(f.a()));
  json::Object entry;
  entry.set("type", acknowledged_type);
  entry.set("outpost", "xb-cert");
  entry.set("to", "XB");
  entry.set("disclosure_digest", digest_text(sha256("none")));
  must(change->enter(acknowledgement_kind, entry));
  must(change->commit());
  EXPECT_NE(f.findings().find("not held"), std::string::npos);
}

TEST(Outpost, KeptStateIsReadAsItIsWrittenOrNotAtAll) {
  PostState state;
  state.outpost = "one";
  state.objects = "a.r.";
  state.refusals.push_back({2, "x--1", "why"});
  state.faults[3] = object_faults_max - 1;
  state.submission = PostState::Submission{"s", {1, 3}, test::start_instant()};
  const auto text = write_post_state(state);
  EXPECT_EQ(write_post_state(must(read_post_state(text))), text);
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"a.r.", "a.x."},
                                                        {"a.r.", ""},
                                                        {"\"object\":2", "\"object\":4"},
                                                        {"\"times\":2", "\"times\":3"},
                                                        {"[1,3]", "[1,4]"},
                                                        {"\"outpost\"", "\"other\""}}) {
    EXPECT_FALSE(read_post_state(test::replaced(text, from, to)).has_value()) << from << to;
  }
  EXPECT_FALSE(read_post_state("[]").has_value());
  EXPECT_FALSE(read_post_state("").has_value());
}

// Whatever a server does meanwhile, in the end it has all that may go, once, and the counts say so.
TEST(Outpost, EverythingArrivesOnceWhateverGoesWrong) {
  const int rounds = std::max(2, 400 / static_cast<int>(test::scale()));
  for (int round = 0; round < rounds; ++round) {
    std::mt19937 dice(static_cast<unsigned>(round));
    const auto below = [&](unsigned bound) { return dice() % bound; };
    WithOutpost f;
    std::vector<std::string> objects, ids;
    for (std::size_t i = 1; i <= 12; ++i) {
      objects.push_back(indicator(i));
      ids.push_back(id_of("indicator", i));
    }
    import_objects(f.a(), objects);
    f.disclose({ids.begin(), ids.begin() + 7});
    f.disclose({ids.begin() + 7, ids.end()});
    f.bounds.batch_objects_max = 1 + below(6);
    f.bounds.status_looks_max = static_cast<int>(below(3));
    std::set<std::string> never;
    for (const auto& id : ids) {
      if (below(6) == 0) never.insert(id);
    }
    f.sink.before_post = [&](const std::vector<std::string>& posted) {
      f.sink.quirks = {};
      f.sink.quirks.refused = never;
      f.sink.quirks.refuses_whole = below(2) == 0;
      f.sink.quirks.counts_only = below(3) == 0;
      f.sink.quirks.pending_looks = below(3) == 0 ? 2 : 0;
      f.sink.quirks.forgets = below(5) == 0;
      f.sink.quirks.loses_replies = below(4) == 0 ? 1 : 0;
      f.sink.quirks.busy = below(5) == 0 ? 1 : 0;
      f.sink.quirks.failing = posted.size() > 1 && below(8) == 0;
    };
    bool done = false;
    for (int attempt = 0; attempt < 1000 && !done; ++attempt) {
      f.sink.quirks.failing = false;
      f.sink.quirks.busy = 0;
      done = f.deliver_by_hand().empty();
      if (below(3) == 0) {
        f.xa.close();
        f.xa.open();
      }
    }
    ASSERT_TRUE(done) << round;
    std::int64_t taken = 0, refused = 0;
    for (const auto& standing : must(sent_standing(f.a(), "XB"))) {
      EXPECT_EQ(standing.state, SentState::Acknowledged);
      taken += standing.taken;
      refused += standing.refused;
    }
    EXPECT_EQ(refused, static_cast<std::int64_t>(never.size())) << round;
    EXPECT_EQ(taken + refused, 12) << round;
    for (const auto& id : ids) EXPECT_EQ(f.sink.holds(id), !never.contains(id)) << round << id;
    EXPECT_EQ(f.sink.held().size(), 14 - never.size()) << round;
    EXPECT_EQ(f.findings(), "") << round;
  }
}

}  // namespace
}  // namespace comity::exchange
