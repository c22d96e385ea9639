#include "taxii/remote.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "net/test_server.h"

namespace comity::taxii {
namespace {

constexpr const char* indicators = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";

// A server by paths; remembers the last request.
class RemoteTest : public testing::Test {
 protected:
  RemoteTest() {
    answers_["/taxii2/"] = R"({"title":"T","default":"/api1/","api_roots":["/api1/","api2/"]})";
    answers_["/api1/"] = R"({"title":"One","versions":["application/taxii+json;version=2.1"],)"
                         R"("max_content_length":1000})";
    answers_["/api1/collections/"] =
        R"({"collections":[{"id":"91a7b528-80eb-42ed-a74d-c6fbd5a26116","alias":"indicators",)"
        R"("title":"All indicators","can_read":true,"can_write":false},)"
        R"({"id":"52892447-4d7e-4f70-b94d-d7f22742ff63","title":"Drop","can_read":false,)"
        R"("can_write":true}]})";
    auto options = net::tls_options();
    options.client_certificate = net::ClientCertificate::Optional;
    server_ = net::start_or_die(std::move(options), [this](const net::Request& request) {
      asked_ = request;
      net::Response response;
      const auto known = answers_.find(request.path);
      response.status = known == answers_.end() ? 404 : status_;
      response.body =
          known == answers_.end() ? R"({"title":"none","description":"here"})" : known->second;
      if (!content_type_.empty()) response.headers.emplace_back("Content-Type", content_type_);
      for (const auto& header : headers_) response.headers.push_back(header);
      return response;
    });
  }
  std::string url(const std::string& path) const {
    return fmt::format("https://127.0.0.1:{}{}", server_->port(), path);
  }
  RemoteAccess access() const {
    RemoteAccess out;
    out.pinned_certificate = net::server_certificate().digest;
    out.allowed_networks = {"127.0.0.0/8"};
    return out;
  }
  ErrorKind kind_at(const std::string& path) {
    Remote remote(access());
    const auto found = remote.find(url(path), "indicators");
    EXPECT_FALSE(found.has_value());
    return found ? ErrorKind::Conflict : found.error().kind;
  }

  std::map<std::string, std::string> answers_;
  std::string content_type_ = "application/taxii+json;version=2.1";
  net::Headers headers_;
  int status_ = 200;
  net::Request asked_;
  std::unique_ptr<net::Server> server_;
};

TEST_F(RemoteTest, FindsACollectionByIdOrAliasFromDiscoveryAndFromItsRoot) {
  for (const auto* path : {"/taxii2/", "/taxii2", "/api1/", "/api1"}) {
    for (const auto* name : {"indicators", indicators}) {
      Remote remote(access());
      const auto found = remote.find(url(path), name);
      ASSERT_TRUE(found.has_value()) << path << found.error().text();
      EXPECT_EQ(found->url(), url(fmt::format("/api1/collections/{}/", indicators)));
      EXPECT_EQ(found->info.title, "All indicators");
      EXPECT_EQ(asked_.header("Accept"), media_type);
    }
  }
  // The second root, beside the discovery resource, has no collections and hides nothing.
  Remote remote(access());
  EXPECT_EQ(remote.collections(url("/taxii2/"))->size(), 2U);
}

TEST_F(RemoteTest, WhatCannotBeReadIsNamed) {
  Remote remote(access());
  const auto none = remote.find(url("/taxii2/"), "other");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().kind, ErrorKind::NotFound);
  EXPECT_NE(none.error().message.find("indicators (All indicators)"), std::string::npos);
  EXPECT_EQ(none.error().message.find("Drop"), std::string::npos);
  const auto drop = remote.find(url("/taxii2/"), "52892447-4d7e-4f70-b94d-d7f22742ff63");
  EXPECT_EQ(drop.error().kind, ErrorKind::NotPermitted);
  EXPECT_FALSE(remote.find(url("/taxii2/"), "").has_value());

  answers_["/taxii2/api2/collections/"] = answers_["/api1/collections/"];
  EXPECT_EQ(kind_at("/taxii2/"), ErrorKind::Conflict);
}

TEST_F(RemoteTest, ARootOnAnotherHostGetsNoCredentials) {
  answers_["/taxii2/"] = R"({"title":"T","api_roots":["https://192.0.2.1/api1/"]})";
  EXPECT_EQ(kind_at("/taxii2/"), ErrorKind::NotPermitted);
  answers_["/taxii2/"] = fmt::format(R"({{"title":"T","api_roots":["{}"]}})", url("/api1/"));
  Remote remote(access());
  EXPECT_TRUE(remote.find(url("/taxii2/"), "indicators").has_value());
}

TEST_F(RemoteTest, OnlyAllowedNetworksAndTheExpectedServerAreCalled) {
  auto with = access();
  with.allowed_networks = {};
  EXPECT_EQ(Remote(with).find(url("/taxii2/"), "indicators").error().kind, ErrorKind::NotPermitted);
  with = access();
  with.pinned_certificate = net::client_certificate().digest;
  EXPECT_EQ(Remote(with).find(url("/taxii2/"), "indicators").error().kind, ErrorKind::NotVerified);
  with.pinned_certificate.reset();
  EXPECT_EQ(Remote(with).find(url("/taxii2/"), "indicators").error().kind, ErrorKind::NotVerified);
  EXPECT_EQ(asked_.path, "");
}

TEST_F(RemoteTest, ShowsWhatItWasGivenAndNothingElse) {
  const auto authorization = [&](const RemoteAccess& with) {
    Remote remote(with);
    EXPECT_TRUE(remote.find(url("/api1/"), "indicators").has_value());
    const auto field = asked_.header("Authorization");
    return field ? std::string(*field) : std::string();
  };
  auto with = access();
  EXPECT_EQ(authorization(with), "");
  with.bearer = "abc";
  EXPECT_EQ(authorization(with), "Bearer abc");
  with.user = "u";
  with.password = "p:q";
  EXPECT_EQ(authorization(with), "Basic " + base64("u:p:q"));
  EXPECT_EQ(asked_.peer_certificate_der, "");
  with.certificate_pem = net::client_certificate().certificate_pem;
  with.key_pem = net::client_certificate().key_pem;
  authorization(with);
  EXPECT_EQ(asked_.peer_certificate_der, net::client_certificate().der);
}

TEST_F(RemoteTest, TakesTheMediaTypeAsServersWriteIt) {
  for (const auto* type :
       {"application/taxii+json;version=2.1", "application/taxii+json; version=2.1",
        "Application/TAXII+JSON; version=\"2.1\"; charset=utf-8", "application/taxii+json",
        "application/json", "application/json; charset=utf-8", "application/stix+json;version=2.1",
        ""}) {
    content_type_ = type;
    Remote remote(access());
    EXPECT_TRUE(remote.find(url("/api1/"), "indicators").has_value()) << type;
  }
  for (const auto* type : {"text/html", "application/taxii+json;version=2.0",
                           "application/vnd.oasis.taxii+json; version=2.0"}) {
    content_type_ = type;
    EXPECT_EQ(kind_at("/api1/"), ErrorKind::Unsupported) << type;
  }
}

TEST_F(RemoteTest, AnswersThatAreNoSuccessAreTold) {
  const std::vector<std::pair<int, ErrorKind>> kinds = {
      {302, ErrorKind::InvalidInput},    {400, ErrorKind::InvalidInput},
      {401, ErrorKind::Unauthenticated}, {403, ErrorKind::NotVerified},
      {404, ErrorKind::NotFound},        {406, ErrorKind::Unsupported},
      {429, ErrorKind::Unavailable},     {500, ErrorKind::Unavailable},
      {503, ErrorKind::Unavailable}};
  for (const auto& [status, kind] : kinds) {
    status_ = status;
    EXPECT_EQ(kind_at("/api1/"), kind) << status;
  }
  status_ = 302;
  headers_ = {{"Location", "https://192.0.2.1/"}};
  const auto moved = Remote(access()).find(url("/api1/"), "indicators");
  EXPECT_NE(moved.error().message.find("https://192.0.2.1/"), std::string::npos);
}

TEST_F(RemoteTest, ReadsPagesWithTheirDatesAndObjectsAsTheyStand) {
  const auto path = fmt::format("/api1/collections/{}/", indicators);
  answers_[path + "objects/"] = R"({"more":true,"next":"a b&c","objects":[{"id" : "x--1"},)"
                                R"({"id":"x--1","n":1.0}]})";
  headers_ = {{"X-TAXII-Date-Added-First", "2026-01-02T03:04:05.000001Z"},
              {"x-taxii-date-added-last", "2026-01-02T05:04:05+02:00"}};
  Remote remote(access());
  remote.read_from(url(path));
  const PageQuery query{Instant{1'000'001}, 7, "a b&c"};
  const auto page = remote.objects(query);
  ASSERT_TRUE(page.has_value()) << page.error().text();
  EXPECT_EQ(page->objects,
            (std::vector<std::string>{R"({"id" : "x--1"})", R"({"id":"x--1","n":1.0})"}));
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->next, "a b&c");
  EXPECT_EQ(page->first, *parse_rfc3339("2026-01-02T03:04:05.000001Z"));
  EXPECT_EQ(page->last, *parse_rfc3339("2026-01-02T03:04:05Z"));
  const auto asked = *net::parse_query(asked_.query);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"limit", "7"},
      {"match[version]", "all"},
      {"added_after", "1970-01-01T00:00:01.000001Z"},
      {"next", "a b&c"}};
  EXPECT_EQ(asked, expected);

  // An envelope without objects has no such member.
  for (const auto* text : {"{}", R"({"more":false})"}) {
    answers_[path + "objects/"] = text;
    const auto empty = remote.objects(query);
    ASSERT_TRUE(empty.has_value()) << text;
    EXPECT_TRUE(empty->objects.empty());
    EXPECT_FALSE(empty->more);
  }
  const std::string deep = "{\"objects\":[" + std::string(10'000, '[');
  for (const auto& text :
       {std::string(), std::string("[]"), std::string("<html>"), std::string(R"({"objects":[)"),
        std::string(R"({"objects":{}})"), std::string("{\"objects\":[\"\xff\"]}"), deep}) {
    answers_[path + "objects/"] = text;
    EXPECT_EQ(remote.objects(query).error().kind, ErrorKind::Corrupt) << text.substr(0, 40);
  }
}

TEST_F(RemoteTest, ReadsManifestsAndSingleObjects) {
  const auto path = fmt::format("/api1/collections/{}/", indicators);
  answers_[path + "manifest/"] =
      R"({"more":false,"objects":[{"id":"x--1","date_added":"2026-01-02T03:04:05Z",)"
      R"("version":"2026-01-01T00:00:00Z","media_type":"application/stix+json;version=2.1"},)"
      R"({"id":"x--2","date_added":"soon"}]})";
  answers_[path + "objects/x--1/"] = R"({"objects":[{"id":"x--1"}]})";
  Remote remote(access());
  remote.read_from(url(path));
  const auto manifest = *remote.manifest({});
  ASSERT_EQ(manifest.entries.size(), 2U);
  EXPECT_EQ(manifest.entries[0].id, "x--1");
  EXPECT_EQ(manifest.entries[0].version, "2026-01-01T00:00:00Z");
  EXPECT_EQ(manifest.entries[0].date_added, *parse_rfc3339("2026-01-02T03:04:05Z"));
  EXPECT_EQ(manifest.entries[1].date_added, std::nullopt);
  EXPECT_FALSE(manifest.more);
  EXPECT_EQ(remote.object("x--1")->objects.size(), 1U);
  EXPECT_EQ(asked_.query, "match%5Bversion%5D=all");
  EXPECT_EQ(remote.object("x--3").error().kind, ErrorKind::NotFound);
  // It will fail at this object again: that is an answer.
  status_ = 500;
  EXPECT_EQ(remote.object("x--1").error().kind, ErrorKind::Corrupt);
  status_ = 503;
  EXPECT_EQ(remote.object("x--1").error().kind, ErrorKind::Unavailable);
}

TEST_F(RemoteTest, AnAnswerHasItsBound) {
  auto with = access();
  with.response_bytes_max = answers_["/api1/collections/"].size();
  EXPECT_TRUE(Remote(with).find(url("/api1/"), "indicators").has_value());
  --with.response_bytes_max;
  EXPECT_EQ(Remote(with).find(url("/api1/"), "indicators").error().kind, ErrorKind::TooLarge);
}

TEST_F(RemoteTest, WritesToACollectionAndAsksForItsStatus) {
  Remote remote(access());
  EXPECT_EQ(remote.find(url("/api1/"), "indicators", CollectionUse::Write).error().kind,
            ErrorKind::NotPermitted);
  const auto drop =
      remote.find(url("/api1/"), "52892447-4d7e-4f70-b94d-d7f22742ff63", CollectionUse::Write);
  ASSERT_TRUE(drop.has_value()) << drop.error().text();
  remote.write_to(drop->url());
  const auto place = "/api1/collections/52892447-4d7e-4f70-b94d-d7f22742ff63/";
  answers_[place] = R"({"id":"52892447-4d7e-4f70-b94d-d7f22742ff63","can_write":true})";
  auto terms = remote.write_terms();
  ASSERT_TRUE(terms.has_value()) << terms.error().text();
  EXPECT_TRUE(terms->can_write);
  EXPECT_EQ(terms->content_bytes_max, 1000);
  answers_["/api1/"] = R"({"title":"One","versions":[],"max_content_length":0})";
  answers_[place] = R"({"can_write":false})";
  terms = remote.write_terms();
  EXPECT_FALSE(terms->can_write);
  EXPECT_EQ(terms->content_bytes_max, std::nullopt);

  answers_[std::string(place) + "objects/"] =
      R"({"id":"s 1","status":"pending","total_count":2,"success_count":0,"failure_count":1,)"
      R"("failures":[{"id":"a--1","version":"v","message":"m"}],"pending_count":1})";
  const std::string envelope = R"({"objects":[{"id":"a--1"},{"id":"b--2"}]})";
  const auto status = remote.post(envelope);
  ASSERT_TRUE(status.has_value()) << status.error().text();
  EXPECT_EQ(asked_.method, "POST");
  EXPECT_EQ(asked_.body, envelope);
  EXPECT_EQ(asked_.header("Content-Type"), media_type);
  EXPECT_FALSE(status->complete());
  EXPECT_EQ(status->success_count, 0);
  EXPECT_EQ(status->failure_count, 1);
  EXPECT_EQ(status->fates.size(), 1U);
  EXPECT_EQ(remote.status("none").error().kind, ErrorKind::NotFound);
  answers_["/api1/status/s%201/"] = R"({"id":"s 1","status":"complete","success_count":2})";
  const auto done = remote.status(status->id);
  ASSERT_TRUE(done.has_value()) << done.error().text();
  EXPECT_TRUE(done->complete());
}

TEST_F(RemoteTest, TellsHowLongTheServerAsksToBeLeftAlone) {
  Remote remote(access());
  remote.write_to(url("/api1/collections/drop/"));
  answers_["/api1/collections/drop/objects/"] = "{}";
  status_ = 503;
  const auto asked_for = [&](net::Headers headers) {
    headers_ = std::move(headers);
    EXPECT_EQ(remote.post("{}").error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(remote.last_status(), 503);
    return remote.retry_after_s();
  };
  EXPECT_EQ(asked_for({}), std::nullopt);
  EXPECT_EQ(asked_for({{"Retry-After", "7"}}), 7);
  EXPECT_EQ(asked_for({{"Retry-After", std::to_string(retry_after_s_max)}}), retry_after_s_max);
  EXPECT_EQ(asked_for({{"Retry-After", std::to_string(retry_after_s_max + 1)}}), retry_after_s_max);
  EXPECT_EQ(asked_for({{"Retry-After", "-7"}}), 0);
  EXPECT_EQ(asked_for({{"Retry-After", "soon"}}), std::nullopt);
}

TEST(Remote, AddressesAreCheckedBeforeAnythingIsCalled) {
  for (const auto* good : {"https://a", "https://a/", "https://a:8443/x/y/", "https://[::1]/"}) {
    EXPECT_TRUE(check_remote_url(good).has_value()) << good;
  }
  for (const std::string bad :
       {"", "https://", "http://a/", "https:///x", "https://u:p@a/", "https://a/?x=1",
        "https://a/#x", "https://a/\r\nX: y", "https://a b/"}) {
    EXPECT_EQ(check_remote_url(bad).error().kind, ErrorKind::InvalidInput) << bad;
  }
  const auto longest = "https://a/" + std::string(remote_url_bytes_max - 10, 'x');
  EXPECT_TRUE(check_remote_url(longest).has_value());
  EXPECT_FALSE(check_remote_url(longest + "x").has_value());
}

TEST(Remote, NamesAreResolvedOnOneHost) {
  const std::string base = "https://Host.example/a/taxii2/";
  const std::vector<std::pair<std::string, std::string>> good = {
      {"/api1/", "https://host.example/api1/"},
      {"/api1", "https://host.example/api1/"},
      {"api1/", "https://Host.example/a/taxii2/api1/"},
      {"https://host.example:443/x", "https://host.example:443/x/"},
      {"//HOST.example/x/", "https://HOST.example/x/"}};
  for (const auto& [reference, expected] : good) {
    EXPECT_EQ(resolve_on_host(base, reference).value_or("refused"), expected) << reference;
  }
  for (const auto* bad :
       {"https://other.example/", "//other.example/", "http://host.example/", "file:///etc/",
        "https://host.example:444/", "https://host.example.other/", "/x?y=1", "/x y",
        "https://host.example@other.example/"}) {
    EXPECT_FALSE(resolve_on_host(base, bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace comity::taxii
