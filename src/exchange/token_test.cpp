#include "exchange/token.h"

#include <gtest/gtest.h>

#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::import_objects;
using test::indicator;
using test::must;

NewToken wanted(const std::string& name = "siem", const std::string& party = "XB") {
  NewToken out;
  out.name = name;
  out.party = party;
  out.collections = {"records"};
  return out;
}

std::string basic(const std::string& name, const std::string& secret) {
  return "Basic " + base64(name + ":" + secret);
}

struct WithToken : Federation {
  MadeToken made;
  explicit WithToken(const NewToken& terms = wanted()) : made(must(make_token(a(), terms))) {}
  std::string login(const std::string& authorization, const std::string& from = "198.51.100.7") {
    const auto snapshot = must(a().store().read());
    const auto token = must(token_of(*snapshot, authorization, from, a().now()));
    return token ? token->party + "/" + token->name : "";
  }
  std::string bearer(const std::string& from = "198.51.100.7") {
    return login("Bearer " + made.secret, from);
  }
};

Instant later(std::int64_t seconds) {
  return Instant::from_seconds(test::start_instant().seconds() + seconds);
}

TEST(Token, OpensByBearerAndByBasicAndByNothingElse) {
  WithToken node;
  const auto& secret = node.made.secret;
  EXPECT_EQ(node.login("Bearer " + secret), "XB/siem");
  EXPECT_EQ(node.login("bearer   " + secret + " "), "XB/siem");
  EXPECT_EQ(node.login(basic("siem", secret)), "XB/siem");
  EXPECT_EQ(node.login("BASIC " + base64("siem:" + secret)), "XB/siem");
  const std::string wrong = "comity_" + base64url(std::string(32, 'x'));
  const std::vector<std::string> fields = {std::string(),
                                           std::string("Bearer"),
                                           std::string("Bearer "),
                                           secret,
                                           "Bearer " + secret + "x",
                                           "Bearer " + secret.substr(0, secret.size() - 1),
                                           "Bearer " + wrong,
                                           "Token " + secret,
                                           "Digest " + secret,
                                           basic("siem", wrong),
                                           basic("other", secret),
                                           basic("", secret),
                                           basic("siem", secret + "\n"),
                                           "Basic " + base64(secret),
                                           std::string("Basic ???"),
                                           "Basic siem:" + secret,
                                           "Bearer " + base64("siem:" + secret),
                                           "Bearer siem",
                                           "Bearer " + digest_text(node.made.token.secret),
                                           "Bearer " + std::string(600, 'x')};
  for (const auto& field : fields) {
    EXPECT_EQ(node.login(field), "") << field;
  }
}

TEST(Token, TheSecretIsLongAndKeptNowhere) {
  WithToken node;
  const auto& secret = node.made.secret;
  EXPECT_EQ(must(from_base64url(secret.substr(secret.find('_') + 1))).size(), token_secret_bytes);
  const auto other = must(make_token(node.a(), wanted("other")));
  EXPECT_NE(other.secret, secret);
  const auto snapshot = must(node.a().store().read());
  EXPECT_EQ(must(snapshot->meta("tokens"))->find(secret), std::string::npos);
  must(snapshot->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    EXPECT_EQ(row.entry.find(secret), std::string::npos);
    return {};
  }));
}

TEST(Token, EndsWithItsDayAndWithItsRevocation) {
  auto terms = wanted();
  terms.until = "2026-11-24";
  WithToken node(terms);
  node.xa.clock.set(Instant{must(parse_rfc3339("2026-11-24T00:00:00Z")).micros - 1});
  EXPECT_EQ(node.bearer(), "XB/siem");
  node.xa.clock.set(must(parse_rfc3339("2026-11-24T00:00:00Z")));
  EXPECT_EQ(node.bearer(), "");

  WithToken second;
  must(make_token(second.a(), wanted("stays")));
  must(revoke_token(second.a(), "siem"));
  EXPECT_EQ(second.bearer(), "");
  const auto again = revoke_token(second.a(), "siem");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(revoke_token(second.a(), "none").error().kind, ErrorKind::NotFound);
  const auto snapshot = must(second.a().store().read());
  const auto all = must(tokens(*snapshot));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].revoked.has_value());
  EXPECT_TRUE(all[1].live(second.a().now()));
  EXPECT_TRUE(must(has_token(*snapshot, "XB", second.a().now())));
  EXPECT_FALSE(must(has_token(*snapshot, "XC", second.a().now())));
  EXPECT_FALSE(must(live_token(*snapshot, "siem", second.a().now())).has_value());
}

TEST(Token, HoldsItsNetworks) {
  auto terms = wanted();
  terms.networks = {"198.51.100.0/24", "2001:db8::/32"};
  WithToken node(terms);
  for (const auto* from : {"198.51.100.0", "198.51.100.255", "2001:db8::1"}) {
    EXPECT_EQ(node.bearer(from), "XB/siem") << from;
  }
  for (const auto* from : {"198.51.99.255", "198.51.101.0", "2001:db9::1", "", "local", "x"}) {
    EXPECT_EQ(node.bearer(from), "") << from;
  }
}

TEST(Token, IsRefusedWithTermsThatDoNotFit) {
  Federation node;
  const auto refused = [&](const char* what, ErrorKind kind,
                           const std::function<void(NewToken&)>& change) {
    auto terms = wanted();
    change(terms);
    const auto before = test::stored(node.a());
    const auto made = make_token(node.a(), terms);
    ASSERT_FALSE(made.has_value()) << what;
    EXPECT_EQ(made.error().kind, kind) << what << ": " << made.error().text();
    EXPECT_EQ(test::stored(node.a()), before) << what;
  };
  for (const auto* name : {"", "-x", "X", "a b", "a:b", "ä"}) {
    refused(name, ErrorKind::InvalidInput, [&](NewToken& t) { t.name = name; });
  }
  refused("long name", ErrorKind::InvalidInput,
          [](NewToken& t) { t.name.assign(token_name_bytes_max + 1, 'a'); });
  refused("no party", ErrorKind::InvalidInput, [](NewToken& t) { t.party = "QQ"; });
  refused("ourselves", ErrorKind::InvalidInput, [](NewToken& t) { t.party = "XA"; });
  refused("role", ErrorKind::InvalidInput, [](NewToken& t) { t.role = "king"; });
  refused("purpose", ErrorKind::InvalidInput, [](NewToken& t) { t.purposes = {"fun"}; });
  refused("network", ErrorKind::InvalidInput, [](NewToken& t) { t.networks = {"10.0.0.1/8"}; });
  refused("networks", ErrorKind::TooLarge,
          [](NewToken& t) { t.networks.assign(token_networks_max + 1, "10.0.0.0/8"); });
  refused("writes to records", ErrorKind::NotPermitted, [](NewToken& t) { t.write = true; });
  refused("reads with originator", ErrorKind::InvalidInput,
          [](NewToken& t) { t.originator = "XB"; });
  const auto refused_writing = [&](const char* what, ErrorKind kind,
                                   const std::function<void(NewToken&)>& change) {
    refused(what, kind, [&](NewToken& t) {
      t.write = true;
      t.party = t.originator = "XC";
      t.collections = {"inbox"};
      change(t);
    });
  };
  refused_writing("no originator", ErrorKind::InvalidInput,
                  [](NewToken& t) { t.originator.clear(); });
  refused_writing("another's", ErrorKind::NotPermitted, [](NewToken& t) { t.party = "XA"; });
  refused_writing("unknown", ErrorKind::InvalidInput,
                  [](NewToken& t) { t.party = t.originator = "QQ"; });
  refused_writing("role", ErrorKind::InvalidInput, [](NewToken& t) { t.role = "research"; });
  refused_writing("two purposes", ErrorKind::InvalidInput, [](NewToken& t) {
    t.purposes = {"warning", "incident-response"};
  });
  refused_writing("paired", ErrorKind::Conflict,
                  [](NewToken& t) { t.party = t.originator = "XB"; });
  for (const std::vector<std::string>& list :
       {std::vector<std::string>{}, {"protocol"}, {"inbox"}, {"records", "protocol"}}) {
    refused("collections", ErrorKind::NotPermitted, [&](NewToken& t) { t.collections = list; });
  }
  for (const auto* until : {"2026-11-23", "2020-01-01", "soon", "2099-01-01"}) {
    refused(until, ErrorKind::InvalidInput, [&](NewToken& t) { t.until = until; });
  }
  auto longest = wanted(std::string(token_name_bytes_max, 'a'));
  longest.networks.assign(token_networks_max, "10.0.0.0/8");
  EXPECT_TRUE(make_token(node.a(), longest).has_value());
  refused("used name", ErrorKind::Conflict, [&](NewToken& t) { t.name = longest.name; });
}

TEST(Token, AreBoundedInNumber) {
  Federation node;
  for (std::size_t i = 0; i < tokens_max; ++i) {
    must(make_token(node.a(), wanted(fmt::format("token-{}", i))));
  }
  const auto beyond = make_token(node.a(), wanted("beyond"));
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);
}

TEST(Token, AnyChangeOfTheListIsFoundByVerify) {
  auto terms = wanted();
  terms.networks = {"198.51.100.0/24"};
  WithToken node(terms);
  must(make_token(node.a(), wanted("second", "XC")));
  must(revoke_token(node.a(), "second"));
  NewToken writing;
  writing.name = "writer";
  writing.write = true;
  writing.originator = "XC";
  must(make_token(node.a(), writing));
  EXPECT_TRUE(must(verify(node.a())).clean());
  const auto kept = *must(must(node.a().store().read())->meta("tokens"));
  const auto put = [&](const std::string& text) {
    const auto change = must(Change::begin(node.a()));
    must(change->store().set_meta("tokens", text));
    must(change->commit());
  };
  auto other_secret = node.made.token.secret;
  other_secret[0] ^= 1;
  for (const auto& altered :
       {test::replaced(kept, "\"XB\"", "\"XC\""), test::replaced(kept, "\"siem\"", "\"seam\""),
        test::replaced(kept, "198.51.100.0/24", "0.0.0.0/0"),
        test::replaced(kept, digest_text(node.made.token.secret), digest_text(other_secret)),
        test::replaced(kept, ",\"revoked\":", ",\"remarks\":"),
        test::replaced(kept, "\"originator\":\"XC\"", "\"originator\":\"XA\""),
        test::replaced(kept, "\"access\":\"write\",\"originator\":\"XC\"", "\"access\":\"read\""),
        std::string("[]"), std::string("{}"), std::string("not json")}) {
    put(altered);
    EXPECT_FALSE(must(verify(node.a())).clean()) << altered;
  }
  put(kept);
  EXPECT_TRUE(must(verify(node.a())).clean());
}

// What a token sees.

struct TokenShown : WithToken {
  explicit TokenShown(const NewToken& terms = wanted()) : WithToken(terms) {
    import_objects(a(), {indicator(1), indicator(2), indicator(3)});
  }
  Views views{a()};
  taxii::Caller caller{"XB", "siem"};
  taxii::Page page(const taxii::Query& query = {}) {
    return must(views.objects(caller, "records", query));
  }
  std::size_t count() { return page().items.size(); }
  void release_one(std::size_t number) { must(release(a(), {id_of("indicator", number)}, {"XB"})); }
};

TEST(Token, SeesWhatItsPartyWasGrantedAndNoOtherCollection) {
  TokenShown shown;
  EXPECT_EQ(shown.count(), 0U);
  shown.release_one(1);
  ASSERT_EQ(shown.count(), 1U);
  EXPECT_EQ(shown.page().items[0].bytes, indicator(1));
  const auto list = must(shown.views.collections(shown.caller));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].alias, "records");
  EXPECT_FALSE(list[0].can_write);
  const auto all = must(shown.views.collections({"XB"}));
  for (const auto& other : {all[1].id, all[2].id, std::string("protocol"), std::string("inbox")}) {
    const auto unknown = shown.views.objects(shown.caller, "nothing", {});
    const auto read = shown.views.objects(shown.caller, other, {});
    ASSERT_FALSE(read.has_value()) << other;
    EXPECT_EQ(read.error().kind, ErrorKind::NotFound);
    EXPECT_EQ(read.error().text(), unknown.error().text());
    const auto written = shown.views.add(shown.caller, other, "{}");
    ASSERT_FALSE(written.has_value()) << other;
    EXPECT_EQ(written.error().kind, ErrorKind::NotFound);
  }
  EXPECT_EQ(shown.views.add(shown.caller, "records", "{}").error().kind, ErrorKind::NotPermitted);
}

TEST(Token, APageOfAnEndedTokenIsRefused) {
  TokenShown shown;
  shown.release_one(1);
  must(revoke_token(shown.a(), "siem"));
  const auto page = shown.views.objects(shown.caller, "records", {});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().kind, ErrorKind::Unauthenticated);
  const auto forged = shown.views.objects({"XC", "siem"}, "records", {});
  EXPECT_EQ(forged.error().kind, ErrorKind::Unauthenticated);
}

TEST(Token, NarrowsByPurposeAndByRole) {
  auto by_purpose = wanted();
  by_purpose.purposes = {"incident-response"};
  TokenShown other_purpose(by_purpose);
  other_purpose.release_one(1);
  EXPECT_EQ(other_purpose.count(), 0U) << "the record is for warning";
  auto warning = wanted();
  warning.purposes = {"incident-response", "warning"};
  TokenShown same_purpose(warning);
  same_purpose.release_one(1);
  EXPECT_EQ(same_purpose.count(), 1U);
  // TLP:AMBER goes to XB, but not to research in it.
  auto research = wanted();
  research.role = "research";
  TokenShown by_role(research);
  import_objects(by_role.a(), {indicator(6, test::marked(test::tlp_amber))});
  by_role.release_one(1);
  by_role.release_one(6);
  EXPECT_EQ(must(by_role.views.objects({"XB"}, "records", {})).items.size(), 2U);
  ASSERT_EQ(by_role.count(), 1U);
  EXPECT_EQ(by_role.page().items[0].bytes, indicator(1));
}

TEST(Token, WhatItDoesNotSeeIsNotInMoreOrNext) {
  auto terms = wanted();
  terms.purposes = {"warning"};
  TokenShown shown(terms);
  ImportOptions response;
  response.purpose = "incident-response";
  import_objects(shown.a(), {indicator(4), indicator(5)}, response);
  shown.release_one(1);
  taxii::Query one;
  one.limit = 1;
  const auto alone = shown.page(one);
  EXPECT_FALSE(alone.more);
  shown.release_one(4);
  shown.release_one(5);
  const auto with_hidden = shown.page(one);
  EXPECT_FALSE(with_hidden.more) << "the hidden ones behind it are nobody's business";
  EXPECT_TRUE(with_hidden.next.empty());
  shown.release_one(2);
  const auto first = shown.page(one);
  ASSERT_TRUE(first.more);
  EXPECT_EQ(must(from_base64url(first.next.substr(0, first.next.find('.')))),
            std::to_string(first.items[0].date_added.micros));
  one.next = first.next;
  EXPECT_EQ(shown.page(one).items.at(0).bytes, indicator(2));
  // The page token is bound to the credential.
  EXPECT_FALSE(shown.views.objects({"XB"}, "records", one).has_value());
}

// What was read.

struct Reads : TokenShown {
  std::vector<json::Value> entries() {
    std::vector<json::Value> out;
    must(must(a().store().read())
             ->ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
               if (row.kind == "read") out.push_back(must(json::parse(row.entry)));
               return {};
             }));
    return out;
  }
  Sent state(const std::string& party = "XB") {
    const auto snapshot = must(a().store().read());
    Sent out;
    const auto reads = must(reads_of(*snapshot, party));
    for (const auto& disclosure : test::disclosures_sent(a())) {
      const auto grants = must(snapshot->grants_by_disclosure(party, disclosure.id));
      out.collected += collected(reads, grants);
    }
    return out;
  }
};

TEST(ReadLog, PagesThatFollowEachOtherBecomeOneEntry) {
  Reads reads;
  for (const std::size_t number : {1U, 2U, 3U}) reads.release_one(number);
  taxii::Query query;
  query.limit = 1;
  auto page = reads.page(query);
  const auto first = page.items[0].date_added;
  while (page.more) {
    query.next = page.next;
    page = reads.page(query);
  }
  must(reads.views.flush_reads(false));
  EXPECT_TRUE(reads.entries().empty()) << "nothing before its time";
  reads.xa.clock.set(later(reads_joined_seconds));
  must(reads.views.flush_reads(false));
  const auto entries = reads.entries();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].text("token"), "siem");
  EXPECT_EQ(entries[0].text("party"), "XB");
  EXPECT_EQ(entries[0].text("first"), format_rfc3339(first, 6));
  EXPECT_EQ(entries[0].text("last"), format_rfc3339(page.items[0].date_added, 6));
  EXPECT_EQ(*entries[0].find("count")->integer(), 3);
  EXPECT_EQ(reads.state().collected, 3);
  must(reads.views.flush_reads(true));
  EXPECT_EQ(reads.entries().size(), 1U) << "entered once";
  EXPECT_TRUE(must(verify(reads.a())).clean());
}

TEST(ReadLog, AGapOrAFilterClaimsNothingThatWasNotRead) {
  Reads reads;
  for (const std::size_t number : {1U, 2U, 3U}) reads.release_one(number);
  taxii::Query query;
  query.limit = 1;
  const auto first = reads.page(query).items[0].date_added;
  taxii::Query third;
  third.added_after = Instant{first.micros + 1};
  ASSERT_EQ(reads.page(third).items.size(), 1U);
  must(reads.views.flush_reads(true));
  EXPECT_EQ(reads.entries().size(), 2U);
  EXPECT_EQ(reads.state().collected, 2);
  taxii::Query by_id;
  by_id.ids = {id_of("indicator", 1), id_of("indicator", 3)};
  Reads filtered;
  for (const std::size_t number : {1U, 2U, 3U}) filtered.release_one(number);
  EXPECT_EQ(filtered.page(by_id).items.size(), 2U);
  must(filtered.views.flush_reads(true));
  ASSERT_EQ(filtered.entries().size(), 1U);
  EXPECT_EQ(*filtered.entries()[0].find("count")->integer(), 2);
  EXPECT_EQ(filtered.state().collected, 0) << "which of the three it was is not known";
}

TEST(ReadLog, WhatWaitsIsBounded) {
  Federation node;
  ReadLog log(node.a());
  const auto range = [](std::int64_t start, std::int64_t count) {
    return ReadRange{"XB", "siem", true, {start}, {start + 1}, {start + count}, count};
  };
  const auto leaves = [&] { return must(must(node.a().store().read())->ledger_size()); };
  const auto before = leaves();
  for (std::size_t i = 0; i < reads_joined_ranges_max; ++i) {
    must(log.note(range(static_cast<std::int64_t>(i) * 100, 10)));
  }
  EXPECT_EQ(leaves(), before) << "at the bound all wait";
  must(log.note(range(-1000, 10)));
  EXPECT_EQ(leaves(), before + static_cast<std::int64_t>(reads_joined_ranges_max));
  must(log.note(range(-500, reads_joined_records_max - 10)));
  EXPECT_EQ(leaves(), before + static_cast<std::int64_t>(reads_joined_ranges_max));
  must(log.note(range(900'000'000, 1)));
  EXPECT_EQ(leaves(), before + static_cast<std::int64_t>(reads_joined_ranges_max) + 2);
  must(log.note({"XB", "siem", true, {}, {}, {}, 0}));
  must(log.flush(true));
  EXPECT_EQ(leaves(), before + static_cast<std::int64_t>(reads_joined_ranges_max) + 3);
}

TEST(Token, APartyWithoutNodeCollectsByToken) {
  Federation node(false);
  import_objects(node.a(), {indicator(1), indicator(2)});
  const auto nobody = release(node.a(), {id_of("indicator", 1)}, {"XB"});
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().kind, ErrorKind::Conflict);
  must(make_token(node.a(), wanted()));
  const auto released = must(release(node.a(), {id_of("indicator", 1)}, {"XB"})).at(0);
  ASSERT_EQ(released.sent.size(), 1U);
  EXPECT_TRUE(released.sent[0].by_token);
  EXPECT_FALSE(released.sent[0].receipt);
  EXPECT_EQ(released.sent[0].collected, 0);
  Views views(node.a());
  EXPECT_EQ(must(views.objects({"XB", "siem"}, "records", {})).items.size(), 1U);
  must(views.flush_reads(true));
  const auto second = must(release(node.a(), {id_of("indicator", 2)}, {"XB"})).at(0);
  ASSERT_EQ(second.sent.size(), 1U) << "what was collected whole is not listed again";
  EXPECT_EQ(second.sent[0].number, 2);
  EXPECT_TRUE(must(verify(node.a())).clean());
}

}  // namespace
}  // namespace comity::exchange
