#include "taxii/message.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"

namespace comity::taxii {
namespace {

using Texts = std::vector<std::string>;

TEST(AcceptTest, AdmitsEveryFormThatIncludesTaxii21) {
  EXPECT_TRUE(accepts_taxii(std::nullopt));
  for (const char* accept :
       {"",
        "  ",
        "application/taxii+json;version=2.1",
        "application/taxii+json; version=2.1",
        "application/taxii+json ;\tversion=2.1",
        "application/taxii+json;version=\"2.1\"",
        "application/taxii+json",
        "APPLICATION/TAXII+JSON;VERSION=2.1",
        "application/taxii+json;version=2.1;charset=utf-8",
        "application/taxii+json;version=2.1;q=0.5",
        "application/taxii+json;q=0.001",
        "*/*",
        "application/*",
        "text/html, */*;q=0.1",
        "text/html,application/taxii+json;version=2.1",
        "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
        "application/taxii+json;version=2.0, */*",
        "*/*;q=0, application/taxii+json",
        "application/taxii+json;q=0, application/taxii+json;version=2.1",
        "text/plain;note=\"a, b;\", */*"}) {
    EXPECT_TRUE(accepts_taxii(accept)) << accept;
  }
}

TEST(AcceptTest, RefusesTheRest) {
  for (const char* accept :
       {"text/html", "application/json", "application/taxii+json;version=2.0",
        "application/taxii+json;version=2.2", "application/vnd.oasis.taxii+json", "text/*",
        "*/*;q=0", "application/taxii+json;q=0", "application/taxii+json;version=2.1;q=0.000",
        "application/taxii+json;q=0, */*", "*/*, application/taxii+json;version=2.1;q=0",
        "application/*;q=0, */*", "*/*, application/*;q=0",
        "application/taxii+json, application/taxii+json;version=2.1;q=0",
        "text/plain;note=\", */*\"", ",", "taxii"}) {
    EXPECT_FALSE(accepts_taxii(accept)) << accept;
  }
}

TEST(ContentTypeTest, IsParsedNotCompared) {
  for (const char* type : {"application/taxii+json;version=2.1", "application/taxii+json",
                           "application/taxii+json; version=2.1",
                           "Application/Taxii+Json; Charset=utf-8; Version=\"2.1\""}) {
    EXPECT_TRUE(is_taxii(type)) << type;
  }
  EXPECT_FALSE(is_taxii(std::nullopt));
  for (const char* type : {"", "application/json", "application/taxii+json;version=2.0", "*/*",
                           "application/stix+json;version=2.1"}) {
    EXPECT_FALSE(is_taxii(type)) << type;
  }
}

TEST(QueryTest, ReadsEveryParameter) {
  const auto query = read_query(
      "added_after=2020-01-01T00:00:00.5Z&limit=7&next=a%2Fb&match%5Bid%5D=file--1,file--2&"
      "match[id]=file--3&match[type]=file,%20url&match[version]=first,2020-01-01T00:00:00Z&"
      "match[spec_version]=2.1&colour=red&&limit=8");
  ASSERT_TRUE(query.has_value()) << query.error().text();
  EXPECT_EQ(format_rfc3339(*query->added_after, 3), "2020-01-01T00:00:00.500Z");
  EXPECT_EQ(query->limit, 8);
  EXPECT_EQ(query->next, "a/b");
  EXPECT_EQ(query->ids, (Texts{"file--1", "file--2", "file--3"}));
  EXPECT_EQ(query->types, (Texts{"file", "url"}));
  EXPECT_EQ(query->versions, (Texts{"first", "2020-01-01T00:00:00Z"}));
  EXPECT_EQ(query->spec_versions, (Texts{"2.1"}));
}

TEST(QueryTest, NothingAskedIsNothingStated) {
  const auto query = read_query("");
  ASSERT_TRUE(query.has_value());
  EXPECT_FALSE(query->added_after.has_value());
  EXPECT_FALSE(query->limit.has_value());
  EXPECT_TRUE(query->next.empty() && query->ids.empty() && query->types.empty() &&
              query->versions.empty() && query->spec_versions.empty());
}

TEST(QueryTest, AddedAfterTakesEveryRfc3339Form) {
  for (const char* text :
       {"2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000000000Z", "2020-01-01T00:00:00%2B00:00",
        "2020-01-01T00:00:00+00:00", "2020-01-01T03:00:00+03:00", "2019-12-31T23:00:00-01:00"}) {
    const auto query = read_query(std::string("added_after=") + text);
    ASSERT_TRUE(query.has_value()) << text << ": " << query.error().text();
    EXPECT_EQ(query->added_after, Instant::from_seconds(1577836800)) << text;
  }
}

TEST(QueryTest, AVersionWithABlankInThePlaceOfItsPlusIsThatInstant) {
  const auto query = read_query("match[version]=2020-01-01T03:00:00+03:00,all");
  ASSERT_TRUE(query.has_value());
  ASSERT_EQ(query->versions.size(), 2U);
  const auto instant = parse_rfc3339(query->versions[0]);
  ASSERT_TRUE(instant.has_value()) << query->versions[0];
  EXPECT_EQ(*instant, Instant::from_seconds(1577836800));
  EXPECT_EQ(query->versions[1], "all");
}

TEST(QueryTest, MalformedValuesNameTheParameter) {
  const std::pair<const char*, const char*> rows[] = {
      {"added_after=yesterday", "added_after"},
      {"added_after=", "added_after"},
      {"limit=0", "limit"},
      {"limit=-1", "limit"},
      {"limit=", "limit"},
      {"limit=1.5", "limit"},
      {"limit=ten", "limit"},
      {"limit=99999999999999999999", "limit"},
      {"match[version]=newest", "match[version]"},
      {"match[version]=all,2020", "match[version]"}};
  for (const auto& [text, parameter] : rows) {
    const auto query = read_query(text);
    ASSERT_FALSE(query.has_value()) << text;
    EXPECT_EQ(query.error().kind, ErrorKind::InvalidInput);
    EXPECT_NE(query.error().text().find(parameter), std::string::npos) << query.error().text();
  }
  EXPECT_FALSE(read_query("next=%zz").has_value());
}

TEST(AnswerTest, TheErrorResource) {
  const auto answer = answer_error(406, "not-acceptable", "speak TAXII");
  EXPECT_EQ(answer.status, 406);
  EXPECT_EQ(answer.header("content-type"), media_type);
  EXPECT_EQ(answer.body,
            R"({"title":"not-acceptable","description":"speak TAXII","http_status":"406"})");
  EXPECT_EQ(answer_error(404, "not-found", "").body,
            R"({"title":"not-found","http_status":"404"})");
  // What it quotes of a request may be no UTF-8.
  EXPECT_EQ(json::parse(answer_error(400, "bad", "\xe1 is no date").body)->text("description"),
            "? is no date");
}

TEST(AnswerTest, EveryKindOfErrorHasItsStatus) {
  const std::pair<ErrorKind, int> rows[] = {
      {ErrorKind::InvalidInput, 400},    {ErrorKind::TooLarge, 413},
      {ErrorKind::NotFound, 404},        {ErrorKind::Conflict, 409},
      {ErrorKind::NotPermitted, 403},    {ErrorKind::NotVerified, 403},
      {ErrorKind::Unauthenticated, 401}, {ErrorKind::Unsupported, 415},
      {ErrorKind::Unavailable, 503},     {ErrorKind::Corrupt, 500}};
  for (const auto& [kind, status] : rows) {
    const auto answer = answer_error(Error{kind, "words", "place"});
    EXPECT_EQ(answer.status, status);
    const auto body = json::parse(answer.body);
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->text("title"), name(kind));
    EXPECT_EQ(body->text("description"), "place: words");
    EXPECT_EQ(body->text("http_status"), std::to_string(status));
  }
}

TEST(AnswerTest, WhatTheHttpServerRefusesIsAnErrorResource) {
  const std::pair<int, const char*> rows[] = {{400, "invalid-input"}, {413, "too-large"},
                                              {431, "too-large"},     {500, "defect"},
                                              {503, "unavailable"},   {418, "invalid-input"}};
  for (const auto& [status, title] : rows) {
    const auto answer = refusal(status, "because");
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("Content-Type"), media_type);
    const auto body = json::parse(answer.body);
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->text("title"), title);
    EXPECT_EQ(body->text("description"), "because");
    EXPECT_EQ(body->text("http_status"), std::to_string(status));
  }
}

TEST(PageTest, ObjectsGoOutByteForByte) {
  const std::string odd = "{ \"id\" :\"a\\u0062\",\n\"n\": 1.50e1 }";
  Page page;
  page.items = {{odd, Instant{1'577'836'800'000'001}}, {"{}", Instant{1'577'836'800'500'000}}};
  const auto answer = answer_page(page);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"objects\":[" + odd + ",{}]}");
  EXPECT_EQ(answer.header("Content-Type"), media_type);
  EXPECT_EQ(answer.header("X-TAXII-Date-Added-First"), "2020-01-01T00:00:00.000001Z");
  EXPECT_EQ(answer.header("X-TAXII-Date-Added-Last"), "2020-01-01T00:00:00.500000Z");

  page.more = true;
  page.next = "a\"b";
  const auto whole = "{\"objects\":[" + odd + ",{}],\"more\":true,\"next\":\"a\\\"b\"}";
  EXPECT_EQ(answer_page(page).body, whole);

  PageWriter writer(2);
  for (const auto& item : page.items) writer.add(item.bytes, item.date_added);
  EXPECT_EQ(writer.size(), 2U);
  EXPECT_EQ(writer.object_bytes(), odd.size() + 2);
  const auto written = std::move(writer).finish("a\"b");
  EXPECT_EQ(written.items.at(0).bytes, odd);
  EXPECT_EQ(written.items.at(1).bytes, "{}");
  EXPECT_TRUE(written.more);
  const auto copied = answer_page(Page(written));
  EXPECT_EQ(copied.content(), whole);
  EXPECT_EQ(copied.shared, written.body) << "a copy of a page copies no objects";
  EXPECT_EQ(copied.headers, answer_page(page).headers);
}

// Whatever is on it, a page that is written as it is made is the one that is written afterwards.
TEST(PageTest, WrittenOnceItIsTheSame) {
  for (const std::size_t count : {0U, 1U, 2U, 100U}) {
    for (const auto expected : {std::int64_t{0}, std::int64_t{1}, page_objects_max}) {
      for (const bool more : {false, true}) {
        std::vector<std::string> objects;
        for (std::size_t i = 0; i < count; ++i) objects.emplace_back(i * 977 % 5000, 'x');
        Page page;
        PageWriter writer(expected);
        for (const auto& object : objects) {
          const Instant date{static_cast<std::int64_t>(page.items.size())};
          page.items.push_back({object, date});
          writer.add(object, date);
          EXPECT_EQ(writer.last_date(), date);
        }
        page.more = more;
        if (more) page.next = "n";
        const auto written =
            std::move(writer).finish(more ? std::optional<std::string>("n") : std::nullopt);
        EXPECT_EQ(*written.body, page_text(page, Resource::Objects).value());
        ASSERT_EQ(written.items.size(), count);
        for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(written.items[i].bytes, objects[i]);
      }
    }
  }
}

TEST(PageTest, AnEmptyPageHasNoListAndNoDates) {
  for (const auto resource : {Resource::Objects, Resource::Manifest, Resource::Versions}) {
    const auto answer = answer_page({}, resource);
    EXPECT_EQ(answer.body, "{}");
    EXPECT_EQ(answer.header("Content-Type"), media_type);
    EXPECT_FALSE(answer.header("X-TAXII-Date-Added-First").has_value());
    EXPECT_FALSE(answer.header("X-TAXII-Date-Added-Last").has_value());
  }
}

// Versions stand there in the words of the originator; what has none has its date.
TEST(PageTest, TheManifestAndTheVersionsTellOfTheSameObjects) {
  Page page;
  page.items = {{R"({"id":"tool--1","created":"2020-01-01T00:00:00Z",)"
                 R"("modified" : "2020-01-02T00:00:00.000000Z"})",
                 Instant{1'577'836'800'000'001}},
                {R"({"id":"marking-definition--2","created":"2017-06-01T00:00:00Z"})",
                 Instant{1'577'836'800'000'002}},
                {R"({"id":"url--3","value":"\u0061"})", Instant{1'577'836'800'000'003}}};
  const auto manifest = answer_page(page, Resource::Manifest);
  EXPECT_EQ(manifest.status, 200);
  EXPECT_EQ(manifest.body,
            R"({"objects":[{"id":"tool--1","date_added":"2020-01-01T00:00:00.000001Z",)"
            R"("version":"2020-01-02T00:00:00.000000Z",)"
            R"("media_type":"application/stix+json;version=2.1"},)"
            R"({"id":"marking-definition--2","date_added":"2020-01-01T00:00:00.000002Z",)"
            R"("version":"2017-06-01T00:00:00Z",)"
            R"("media_type":"application/stix+json;version=2.1"},)"
            R"({"id":"url--3","date_added":"2020-01-01T00:00:00.000003Z",)"
            R"("version":"2020-01-01T00:00:00.000003Z",)"
            R"("media_type":"application/stix+json;version=2.1"}]})");
  page.more = true;
  page.next = "abc";
  const auto versions = answer_page(page, Resource::Versions);
  EXPECT_EQ(versions.body, R"({"versions":["2020-01-02T00:00:00.000000Z",)"
                           R"("2017-06-01T00:00:00Z","2020-01-01T00:00:00.000003Z"],)"
                           R"("more":true,"next":"abc"})");
  for (const auto& answer : {manifest, versions}) {
    EXPECT_EQ(answer.header("Content-Type"), media_type);
    EXPECT_EQ(answer.header("X-TAXII-Date-Added-First"), "2020-01-01T00:00:00.000001Z");
    EXPECT_EQ(answer.header("X-TAXII-Date-Added-Last"), "2020-01-01T00:00:00.000003Z");
  }
  page.items[0].bytes = "no json";
  EXPECT_EQ(answer_page(page, Resource::Manifest).status, 500);
}

SubmissionStatus sample() {
  SubmissionStatus status;
  status.id = "2d086da7-4bdc-4f91-900e-d77486753710";
  status.requested = Instant{1'577'836'800'000'001};
  status.fates = {{"file--1", "2020-01-01T00:00:00Z", "", false},
                  {"file--2", "", "", false},
                  {"file--3", "2020-01-01T00:00:00Z", "no good", true}};
  return status;
}

TEST(StatusTest, HasTheMembersThatClientsCount) {
  EXPECT_EQ(json::write(to_json(sample())),
            R"({"id":"2d086da7-4bdc-4f91-900e-d77486753710","status":"complete",)"
            R"("request_timestamp":"2020-01-01T00:00:00.000001Z","total_count":3,)"
            R"("success_count":2,"successes":[{"id":"file--1","version":"2020-01-01T00:00:00Z"},)"
            R"({"id":"file--2"}],"failure_count":1,"failures":[{"id":"file--3",)"
            R"("version":"2020-01-01T00:00:00Z","message":"no good"}],"pending_count":0})");
  const auto none = to_json(SubmissionStatus{"s", {}, {}});
  EXPECT_EQ(none.find("successes"), nullptr) << "TAXII knows no empty lists";
  EXPECT_EQ(none.find("failures"), nullptr);
}

TEST(StatusTest, ComesBackAsItWas) {
  const auto back = status_from_json(to_json(sample()));
  ASSERT_TRUE(back.has_value()) << back.error().text();
  EXPECT_EQ(back->id, sample().id);
  EXPECT_EQ(back->requested, sample().requested);
  ASSERT_EQ(back->fates.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto want = sample().fates[i];
    EXPECT_EQ(back->fates[i].id, want.id);
    EXPECT_EQ(back->fates[i].version, want.version);
    EXPECT_EQ(back->fates[i].message, want.message);
    EXPECT_EQ(back->fates[i].failed, want.failed);
  }
}

TEST(StatusTest, IsPendingAsLongAsSomethingIs) {
  auto status = sample();
  status.pending = {{"file--4", "", "", false}, {"", "", "", false}};
  const auto text = json::write(to_json(status));
  EXPECT_NE(text.find(R"("status":"pending")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("total_count":5,)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("pending_count":2,"pendings":[{"id":"file--4"},{"id":""}])"),
            std::string::npos)
      << text;
  const auto back = status_from_json(to_json(status));
  ASSERT_TRUE(back.has_value()) << back.error().text();
  EXPECT_FALSE(back->complete());
  EXPECT_EQ(back->pending_count, 2);
  ASSERT_EQ(back->pending.size(), 2U);
  EXPECT_EQ(back->pending[0].id, "file--4");
  EXPECT_EQ(back->fates.size(), 3U);
  EXPECT_TRUE(status_from_json(to_json(sample()))->complete());
  // A server need not list them.
  const auto counted =
      status_from_json(*json::parse(R"({"id":"a","status":"pending","pending_count":7})"));
  ASSERT_TRUE(counted.has_value());
  EXPECT_FALSE(counted->complete());
  EXPECT_TRUE(status_from_json(*json::parse(R"({"id":"a","status":"complete","pending_count":7})"))
                  ->complete());
}

TEST(StatusTest, RefusesWhatIsNone) {
  for (const char* text :
       {"[]", "{}", R"({"id":"a"})", R"({"status":"complete"})", R"({"id":"a","status":"pending"})",
        R"({"id":"a","status":"pending","pending_count":0})", R"({"id":5,"status":"complete"})",
        R"({"id":"a","status":"complete","request_timestamp":"soon"})"}) {
    EXPECT_FALSE(status_from_json(*json::parse(text)).has_value()) << text;
  }
  const auto bare = status_from_json(
      *json::parse(R"({"id":"a","status":"complete","successes":5,"failures":[7]})"));
  ASSERT_TRUE(bare.has_value());
  ASSERT_EQ(bare->fates.size(), 1U);
  EXPECT_TRUE(bare->fates[0].failed && bare->fates[0].id.empty());
}

}  // namespace
}  // namespace comity::taxii
