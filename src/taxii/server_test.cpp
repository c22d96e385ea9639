#include "taxii/server.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace comity::taxii {
namespace {

constexpr const char* inbox = "365fed99-08fa-4fc1-9a80-8d4bbf8d6d28";

// Two collections and one object; remembers what it was asked.
class FakeCollections : public Collections {
 public:
  std::string title() const override { return "Node of XA"; }

  Result<std::vector<CollectionInfo>> collections(const Caller& caller) override {
    party = caller.party;
    if (broken) return fail(ErrorKind::Unavailable, "the store is closed");
    if (caller.party == "XC") return std::vector<CollectionInfo>{};
    return std::vector<CollectionInfo>{
        {inbox, "inbox", "Inbox", "To us", false, true, can_delete},
        {"other-id", "released", "Released", "For you", true, false}};
  }

  Result<Page> objects(const Caller& caller, std::string_view collection,
                       const Query& query) override {
    party = caller.party;
    asked = collection;
    last = query;
    if (collection == "hidden") return fail(ErrorKind::NotFound, "no such collection");
    ++pages;
    Page page;
    if (query.added_after && *query.added_after > Instant{1}) return page;
    if (query.ids.empty() || query.ids[0] == "file--1") {
      page.items.push_back({R"({"id" : "file--1"})", Instant{1}});
    }
    return page;
  }

  Result<SubmissionStatus> add(const Caller& caller, std::string_view collection,
                               std::string_view envelope) override {
    party = caller.party;
    asked = collection;
    body = envelope;
    if (collection != "inbox") return fail(ErrorKind::NotPermitted, "not writable");
    return SubmissionStatus{"status-1", Instant{0}, {{"file--1", "", "", false}}};
  }

  Result<SubmissionStatus> status(const Caller& caller, std::string_view id) override {
    party = caller.party;
    if (id != "status-1") return fail(ErrorKind::NotFound, "no such status");
    return SubmissionStatus{"status-1", Instant{0}, {}};
  }

  Status remove(const Caller& caller, std::string_view collection, std::string_view id,
                const Query& query) override {
    party = caller.party;
    asked = collection;
    last = query;
    removed = id;
    if (id == "file--2") return fail(ErrorKind::Unauthenticated, "no more");
    if (id != "file--1") return fail(ErrorKind::NotFound, "whatever");
    return {};
  }

  bool broken = false, can_delete = false;
  int pages = 0;
  std::string party, asked, body, removed;
  Query last;
};

class ServerTest : public testing::Test {
 protected:
  net::Response ask(const std::string& method, const std::string& target,
                    const net::Headers& headers = {}, const std::string& body = "",
                    const std::string& party = "XB") {
    net::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (target.find('?') != std::string::npos) request.query = target.substr(target.find('?') + 1);
    request.headers = headers;
    request.body = body;
    auto response = Server(fake_).handle(request, Caller{party});
    EXPECT_EQ(response.header("Content-Type"), media_type) << method << " " << target;
    if (method == "DELETE" && response.status == 200) return response;  // has no body
    const auto parsed = json::parse(response.body);
    EXPECT_TRUE(parsed.has_value() && parsed->object() != nullptr) << response.body;
    if (response.status >= 400 && parsed) {
      EXPECT_FALSE(parsed->text("title").empty()) << response.body;
      EXPECT_EQ(parsed->text("http_status"), std::to_string(response.status));
    }
    return response;
  }
  int status(const std::string& method, const std::string& target,
             const net::Headers& headers = {}) {
    return ask(method, target, headers).status;
  }

  FakeCollections fake_;
  const net::Headers taxii_{{"Content-Type", std::string(media_type)}};
};

TEST_F(ServerTest, ServesEveryPathWithAndWithoutSlash) {
  const std::pair<std::string, std::string> rows[] = {
      {"/taxii2", R"({"title":"Node of XA","default":"/comity/","api_roots":["/comity/"]})"},
      {"/comity", R"({"title":"Node of XA","versions":["application/taxii+json;version=2.1"],)"
                  R"("max_content_length":33554432})"},
      {"/comity/collections/inbox",
       R"({"id":"365fed99-08fa-4fc1-9a80-8d4bbf8d6d28","title":"Inbox","description":"To us",)"
       R"("alias":"inbox","can_read":false,"can_write":true,)"
       R"("media_types":["application/stix+json;version=2.1"]})"},
      {"/comity/collections/inbox/objects", R"({"objects":[{"id" : "file--1"}]})"},
      {"/comity/collections/inbox/objects/file--1", R"({"objects":[{"id" : "file--1"}]})"},
      {"/comity/collections/inbox/objects/file--1/versions",
       R"({"versions":["1970-01-01T00:00:00.000001Z"]})"},
      {"/comity/collections/inbox/manifest",
       R"({"objects":[{"id":"file--1","date_added":"1970-01-01T00:00:00.000001Z",)"
       R"("version":"1970-01-01T00:00:00.000001Z",)"
       R"("media_type":"application/stix+json;version=2.1"}]})"},
      {"/comity/status/status-1",
       R"({"id":"status-1","status":"complete",)"
       R"("request_timestamp":"1970-01-01T00:00:00.000000Z","total_count":0,"success_count":0,)"
       R"("failure_count":0,"pending_count":0})"}};
  for (const auto& [path, body] : rows) {
    for (const std::string slash : {"", "/"}) {
      for (const std::string method : {"GET", "HEAD"}) {
        const auto response = ask(method, path + slash);
        EXPECT_EQ(response.status, 200) << path;
        EXPECT_EQ(response.body, body) << path;
      }
    }
  }
  EXPECT_EQ(ask("GET", std::string("/comity/collections/") + inbox).body,
            ask("GET", "/comity/collections/inbox").body)
      << "by id as by alias";
}

TEST_F(ServerTest, ListsTheCollectionsOfTheCaller) {
  const auto body = json::parse(ask("GET", "/comity/collections/").body);
  ASSERT_TRUE(body && body->find("collections"));
  EXPECT_EQ(body->find("collections")->array()->size(), 2U);
  EXPECT_EQ(fake_.party, "XB");
  EXPECT_EQ(ask("GET", "/comity/collections/", {}, "", "XC").body, "{}");
  EXPECT_EQ(ask("GET", "/comity/collections/inbox/", {}, "", "XC").status, 404);
}

TEST_F(ServerTest, UnknownResourcesAreNotFound) {
  for (const char* path : {"/",
                           "",
                           "/taxii2/x/",
                           "/taxii",
                           "/other/",
                           "/comity/x/",
                           "/comity/status/",
                           "/comity/status/status-2/",
                           "/comity/status/status-1/x/",
                           "/comity/collections/nobody/",
                           "/comity/collections/inbox/x/",
                           "/comity/collections/inbox/objects/file--2/",
                           "/comity/collections/inbox/objects/file--1/x/",
                           "/comity/collections/hidden/objects/",
                           "/comity/collections/inbox/objects/file--2/versions/",
                           "/comity/collections/inbox/objects/file--1/versions/x/",
                           "/comity/collections/inbox/manifest/file--1/",
                           "/comity/collections/hidden/manifest/",
                           "/comity/collections/hidden/objects/file--1/versions/",
                           "/comity/manifest/",
                           "/comity//collections/",
                           "/taxii2//"}) {
    EXPECT_EQ(status("GET", path), 404) << path;
  }
}

TEST_F(ServerTest, NobodyIsServedWithoutParty) {
  for (const char* path : {"/taxii2/", "/comity/", "/comity/collections/", "/nowhere/"}) {
    const auto response = ask("GET", path, {}, "", "");
    EXPECT_EQ(response.status, 401) << path;
  }
  EXPECT_EQ(ask("POST", "/comity/collections/inbox/objects/", taxii_, "{}", "").status, 401);
  EXPECT_TRUE(fake_.body.empty() && fake_.party.empty()) << "nothing was asked of the node";
}

TEST_F(ServerTest, WrongMethodsNameTheRightOnes) {
  const std::pair<const char*, const char*> rows[] = {
      {"/taxii2/", "GET, HEAD"},
      {"/comity/", "GET, HEAD"},
      {"/comity/collections/", "GET, HEAD"},
      {"/comity/collections/inbox/", "GET, HEAD"},
      {"/comity/collections/inbox/objects/", "GET, HEAD, POST"},
      {"/comity/collections/inbox/objects/file--1/", "GET, HEAD"},
      {"/comity/collections/inbox/objects/file--1/versions/", "GET, HEAD"},
      {"/comity/collections/inbox/manifest/", "GET, HEAD"},
      {"/comity/status/status-1/", "GET, HEAD"}};
  for (const auto& [path, allowed] : rows) {
    for (const std::string method : {"PUT", "DELETE", "PATCH", "get"}) {
      const auto response = ask(method, path);
      EXPECT_EQ(response.status, 405) << method << " " << path;
      EXPECT_EQ(response.header("Allow"), allowed) << path;
    }
    if (std::string(allowed).find("POST") == std::string::npos) {
      EXPECT_EQ(ask("POST", path, taxii_, "{}").status, 405) << path;
    }
  }
}

TEST_F(ServerTest, DeletesWhereTheCallerMay) {
  fake_.can_delete = true;
  const std::string objects = "/comity/collections/inbox/objects/";
  for (const std::string slash : {"", "/"}) {
    fake_.removed.clear();
    const auto response = ask("DELETE", objects + "file--1" + slash + "?match[version]=all");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(fake_.removed, "file--1");
    EXPECT_EQ(fake_.asked, "inbox");
    EXPECT_EQ(fake_.last.versions, std::vector<std::string>{"all"});
  }
  // Whatever the reason, what is not there is answered as any other resource that is not there.
  const auto missing = ask("DELETE", objects + "file--3/");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, ask("DELETE", "/comity/collections/nobody/objects/file--1/").body);
  EXPECT_EQ(missing.body, ask("GET", "/nowhere/").body);
  EXPECT_EQ(ask("DELETE", objects + "file--2/").status, 401);
  fake_.removed.clear();
  EXPECT_EQ(ask("DELETE", objects + "file--1/?match[version]=x").status, 400);
  EXPECT_EQ(ask("PUT", objects + "file--1/").header("Allow"), "DELETE, GET, HEAD");
  for (const auto* elsewhere :
       {"/comity/collections/released/objects/file--1/", "/comity/collections/inbox/objects/",
        "/comity/collections/inbox/objects/file--1/versions/", "/comity/collections/inbox/"}) {
    EXPECT_EQ(ask("DELETE", elsewhere).status, 405) << elsewhere;
  }
  EXPECT_EQ(fake_.removed, "");
}

TEST_F(ServerTest, NegotiatesBeforeItAnswers) {
  EXPECT_EQ(status("GET", "/taxii2/", {{"accept", "text/html"}}), 406);
  EXPECT_EQ(status("GET", "/nowhere/", {{"Accept", "application/json"}}), 406);
  EXPECT_EQ(status("GET", "/taxii2/", {{"Accept", "application/taxii+json"}}), 200);
  EXPECT_EQ(status("GET", "/taxii2/", {{"Accept", "*/*"}}), 200);
  EXPECT_EQ(
      ask("POST", "/comity/collections/inbox/objects/", {taxii_[0], {"Accept", "text/html"}}, "{}")
          .status,
      406);
  EXPECT_TRUE(fake_.body.empty()) << "what cannot be answered is not taken in";
}

TEST_F(ServerTest, TakesEnvelopesOfTheRightType) {
  const std::string path = "/comity/collections/inbox/objects";
  for (const std::string slash : {"", "/"}) {
    const auto response = ask("POST", path + slash, taxii_, R"({"objects":[]})");
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(json::parse(response.body)->text("id"), "status-1");
    EXPECT_EQ(fake_.body, R"({"objects":[]})");
    EXPECT_EQ(fake_.asked, "inbox");
    EXPECT_EQ(fake_.party, "XB");
  }
  fake_.body.clear();
  EXPECT_EQ(ask("POST", path, {}, "{}").status, 415);
  EXPECT_EQ(ask("POST", path, {{"Content-Type", "application/json"}}, "{}").status, 415);
  EXPECT_TRUE(fake_.body.empty());
  EXPECT_EQ(
      ask("POST", path, {{"content-type", "application/taxii+json; version=2.1"}}, "{}").status,
      202);
  EXPECT_EQ(ask("POST", "/comity/collections/released/objects/", taxii_, "{}").status, 403);
}

TEST_F(ServerTest, PassesTheQueryOn) {
  ask("GET", "/comity/collections/released/objects/?limit=5&match[type]=file&next=abc");
  EXPECT_EQ(fake_.asked, "released");
  EXPECT_EQ(fake_.last.limit, 5);
  EXPECT_EQ(fake_.last.next, "abc");
  EXPECT_EQ(fake_.last.types, std::vector<std::string>{"file"});
  ask("GET",
      "/comity/collections/re%6Ceased/objects/file%2D%2D1/?match[id]=file--2&match[type]=url");
  EXPECT_EQ(fake_.asked, "released");
  EXPECT_EQ(fake_.last.ids, std::vector<std::string>{"file--1"}) << "the path names the object";
  EXPECT_TRUE(fake_.last.types.empty()) << "no parameter of one object (section 5.6)";
  EXPECT_EQ(status("GET", "/comity/collections/released/objects/?limit=0"), 400);
  EXPECT_EQ(status("GET", "/comity/collections/released/objects/?added_after=x"), 400);
  EXPECT_EQ(status("GET", "/comity/collections/%zz/objects/"), 400);
  EXPECT_EQ(status("GET", "/comity/collections/released/objects/?colour=red"), 200);
}

TEST_F(ServerTest, ManifestAndVersionsAskForWhatTheyAre) {
  ask("GET",
      "/comity/collections/released/manifest/?limit=5&match[type]=file&next=abc&"
      "match[version]=first&added_after=1970-01-01T00:00:00Z");
  EXPECT_EQ(fake_.asked, "released");
  EXPECT_EQ(fake_.last.resource, Resource::Manifest);
  EXPECT_EQ(fake_.last.limit, 5);
  EXPECT_EQ(fake_.last.next, "abc");
  EXPECT_EQ(fake_.last.types, std::vector<std::string>{"file"});
  EXPECT_EQ(fake_.last.versions, std::vector<std::string>{"first"});
  EXPECT_EQ(fake_.last.added_after, Instant{0});
  ask("GET",
      "/comity/collections/released/objects/file--1/versions/?match[version]=first&"
      "match[type]=url&match[id]=file--2&limit=7");
  EXPECT_EQ(fake_.last.resource, Resource::Versions);
  EXPECT_EQ(fake_.last.ids, std::vector<std::string>{"file--1"});
  EXPECT_EQ(fake_.last.versions, std::vector<std::string>{"all"}) << "every one of them";
  EXPECT_TRUE(fake_.last.types.empty());
  EXPECT_EQ(fake_.last.limit, 7);
  ask("GET", "/comity/collections/released/objects/");
  EXPECT_EQ(fake_.last.resource, Resource::Objects);
  for (const std::string path : {"manifest/", "objects/file--1/versions/"}) {
    EXPECT_EQ(status("GET", "/comity/collections/released/" + path + "?limit=0"), 400);
    EXPECT_EQ(status("GET", "/comity/collections/released/" + path + "?match[version]=x"), 400);
    EXPECT_EQ(status("GET", "/comity/collections/released/" + path + "?added_after=x"), 400);
  }
}

TEST_F(ServerTest, NothingNewOfAnObjectIsAnEmptyPageAndNoObjectIsNotFound) {
  for (const std::string rest : {"", "versions/"}) {
    const auto of = [&](const std::string& id, const std::string& query) {
      return ask("GET", "/comity/collections/released/objects/" + id + "/" + rest + query);
    };
    const auto nothing_new = of("file--1", "?added_after=2020-01-01T00:00:00Z");
    EXPECT_EQ(nothing_new.status, 200);
    EXPECT_EQ(nothing_new.body, "{}");
    EXPECT_EQ(fake_.last.resource, Resource::Versions) << "no object is read to find that out";
    EXPECT_EQ(of("file--2", "?added_after=2020-01-01T00:00:00Z").status, 404);
    fake_.pages = 0;
    EXPECT_EQ(of("file--2", "").status, 404);
    EXPECT_EQ(fake_.pages, 1);
  }
}

TEST_F(ServerTest, FailuresOfTheNodeAreErrorResources) {
  fake_.broken = true;
  EXPECT_EQ(status("GET", "/comity/collections/"), 503);
  EXPECT_EQ(ask("GET", "/comity/collections/").header("Retry-After"), "5");
  EXPECT_EQ(status("GET", "/comity/collections/inbox/"), 503);
}

}  // namespace
}  // namespace comity::taxii
