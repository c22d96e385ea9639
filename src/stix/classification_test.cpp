// The table is built by hand, as the design has it; register/classification.toml is not read.
#include "stix/classification.h"

#include <gtest/gtest.h>

#include <map>

#include "json/parse.h"

namespace comity::stix {
namespace {

using Names = std::set<std::string>;

const Classification& table() {
  static const Classification value = [] {
    Classification out;
    const std::pair<const char*, std::vector<const char*>> rows[] = {
        {"indicator",
         {"indicator", "observed-data", "infrastructure", "malware-analysis", "ipv4-addr", "url",
          "domain-name", "file", "network-traffic"}},
        {"threat-description",
         {"malware", "tool", "attack-pattern", "campaign", "intrusion-set", "course-of-action",
          "x-mitre-tactic"}},
        {"vulnerability", {"vulnerability", "software"}},
        {"incident-summary", {"report", "grouping", "incident", "sighting"}},
        {"malware-sample", {"artifact"}},
        {"assessment-opinion", {"note", "opinion", "threat-actor"}},
        {"log-personal", {"email-message", "email-addr", "user-account"}},
    };
    for (const auto& [name, types] : rows) {
      for (const char* type : types) out.class_of_type[type] = name;
    }
    out.none = {"identity", "location", "marking-definition", "extension-definition",
                "language-content"};
    return out;
  }();
  return value;
}

std::string id_of(const std::string& type) {
  return type + "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
}

Object object(const std::string& type, const std::string& members = "") {
  const auto read = read_object(R"({"type":")" + type + R"(","id":")" + id_of(type) +
                                R"(","spec_version":"2.1","created":"2020-01-01T00:00:00Z",)" +
                                R"("modified":"2020-01-01T00:00:00Z")" +
                                (members.empty() ? "" : "," + members) + "}");
  if (!read) ADD_FAILURE() << read.error().text();
  return read.value();
}

using Held = std::map<std::string, Classes>;

Classes classes(const Object& one, const Held& held = {}) {
  return classify(one, table(), [&](const std::string& id) -> std::optional<Classes> {
    const auto found = held.find(id);
    if (found == held.end()) return std::nullopt;
    return found->second;
  });
}

void expect_class(const Object& one, const Names& names, bool unknown = false) {
  const auto found = classes(one);
  EXPECT_EQ(found.names, names) << one.type;
  EXPECT_EQ(found.unknown, unknown) << one.type;
}

TEST(ClassifyTest, ByTypeRowByRow) {
  for (const auto& [type, name] : table().class_of_type) {
    if (type == "observed-data" || type == "report" || type == "grouping") continue;
    expect_class(object(type), {name});
  }
}

TEST(ClassifyTest, AnIncidentWithImpactsOrTasksIsDetailed) {
  const std::string open =
      R"("extensions":{"extension-definition--ef765651-680c-498d-9894-99799f2fa126":{)";
  expect_class(object("incident"), {"incident-summary"});
  expect_class(object("incident", open + R"("determination":"confirmed"}})"), {"incident-summary"});
  const auto impact = id_of("impact"), task = id_of("task");
  expect_class(object("incident", open + R"("impact_refs":[")" + impact + R"("]}})"),
               {"incident-detail"});
  expect_class(object("incident", open + R"("task_refs":[")" + task + R"("]}})"),
               {"incident-detail"});
  expect_class(object("incident", R"("extensions":{"extension-definition--other":{"tasks":[]}})"),
               {"incident-summary"});
}

TEST(ClassifyTest, AnArtifactOfTextImageAudioOrVideoIsContent) {
  const auto media = [](const std::string& type) {
    return object("artifact", R"("mime_type":")" + type + "\"");
  };
  for (const char* type : {"text/plain", "text/html; charset=utf-8", "image/png", "audio/ogg",
                           "video/mp4", "Text/HTML", "IMAGE/PNG", " text/plain"}) {
    expect_class(media(type), {"content-data"});
  }
  for (const char* type : {"application/x-dosexec", "application/zip", "textile", ""}) {
    expect_class(media(type), {"malware-sample"});
  }
  expect_class(object("artifact"), {"malware-sample"});
}

TEST(ClassifyTest, AnIndividualIsPersonalAndOtherIdentitiesHaveNoClass) {
  expect_class(object("identity", R"("identity_class":"individual")"), {"log-personal"});
  expect_class(object("identity", R"("identity_class":"organization")"), {});
  for (const char* type :
       {"identity", "location", "marking-definition", "extension-definition", "language-content"}) {
    expect_class(object(type), {});
  }
}

TEST(ClassifyTest, AnUnknownTypeIsUnknown) {
  expect_class(object("x-own"), {}, true);
  expect_class(object("process"), {}, true);  // stands in no row of this table
}

std::string link(const std::string& type, const std::string& source, const std::string& target) {
  return R"("relationship_type":")" + type + R"(","source_ref":")" + source +
         R"(","target_ref":")" + target + "\"";
}

TEST(ClassifyTest, ARelationshipHasTheClassesOfBothEnds) {
  expect_class(object("relationship", link("indicates", id_of("indicator"), id_of("malware"))),
               {"indicator", "threat-description"});
  expect_class(object("relationship", link("targets", id_of("malware"), id_of("location"))),
               {"threat-description"});
  // The type of an artifact or identity alone does not tell its class: it must be held.
  const auto to_artifact =
      object("relationship", link("related-to", id_of("malware"), id_of("artifact")));
  expect_class(to_artifact, {"threat-description"}, true);
  const auto held = classes(to_artifact, {{id_of("artifact"), {{"content-data"}, false}}});
  EXPECT_EQ(held.names, (Names{"content-data", "threat-description"}));
  EXPECT_FALSE(held.unknown);
  // What is held tells more than its type.
  const auto raised =
      classes(object("relationship", link("indicates", id_of("indicator"), id_of("malware"))),
              {{id_of("malware"), {{"threat-description", "state-secret"}, false}}});
  EXPECT_EQ(raised.names, (Names{"indicator", "state-secret", "threat-description"}));
  expect_class(object("relationship"), {}, true);
}

TEST(ClassifyTest, ToAttributeIsAnOpinion) {
  expect_class(
      object("relationship", link("attributed-to", id_of("intrusion-set"), id_of("threat-actor"))),
      {"assessment-opinion", "threat-description"});
  const auto whom =
      object("relationship", link("attributed-to", id_of("campaign"), id_of("identity")));
  EXPECT_EQ(classes(whom, {{id_of("identity"), {}}}).names,
            (Names{"assessment-opinion", "threat-description"}));
  expect_class(
      object("relationship", link("attributed-to", id_of("campaign"), id_of("intrusion-set"))),
      {"threat-description"});
  expect_class(object("relationship", link("uses", id_of("campaign"), id_of("threat-actor"))),
               {"assessment-opinion", "threat-description"});
}

TEST(ClassifyTest, AttributesWhoeverNamesAnActorOrAnIdentity) {
  const auto with = [](const char* type, const char* kind, const char* target) {
    return attributes(object(type, link(kind, id_of("campaign"), id_of(target))));
  };
  EXPECT_TRUE(with("relationship", "attributed-to", "threat-actor"));
  EXPECT_TRUE(with("relationship", "attributed-to", "identity"));
  EXPECT_FALSE(with("relationship", "attributed-to", "intrusion-set"));
  EXPECT_FALSE(with("relationship", "uses", "threat-actor"));
  EXPECT_FALSE(with("note", "attributed-to", "threat-actor"));
  EXPECT_FALSE(attributes(object("threat-actor")));
}

TEST(ClassifyTest, AContainerHasTheClassesOfWhatItHolds) {
  const auto report = object(
      "report", R"("object_refs":[")" + id_of("indicator") + R"(",")" + id_of("note") + R"("])");
  const auto unheld = classes(report);
  EXPECT_EQ(unheld.names, (Names{"incident-summary", "indicator"}));
  EXPECT_TRUE(unheld.unknown) << "a note may hold anything";
  const auto held = classes(report, {{id_of("note"), {{"assessment-opinion"}, false}}});
  EXPECT_EQ(held.names, (Names{"assessment-opinion", "incident-summary", "indicator"}));
  EXPECT_FALSE(held.unknown);
  EXPECT_TRUE(classes(report, {{id_of("note"), {{}, true}}}).unknown);
  for (const char* type : {"grouping", "observed-data", "note", "opinion"}) {
    const auto found =
        classes(object(type, R"("object_refs":[")" + id_of("email-message") + R"("])"));
    EXPECT_TRUE(found.names.contains("log-personal")) << type;
  }
}

TEST(ClassifyTest, ObservablesInsideObservedDataCount) {
  const auto found = classes(
      object("observed-data",
             R"("objects":{"0":{"type":"email-message","body":"hi"},"1":{"type":"artifact",)"
             R"("mime_type":"text/plain"}})"));
  EXPECT_EQ(found.names, (Names{"content-data", "indicator", "log-personal"}));
  EXPECT_FALSE(found.unknown);
  EXPECT_TRUE(classes(object("observed-data", R"("objects":{"0":{"type":"x-own"}})")).unknown);
  EXPECT_TRUE(classes(object("observed-data", R"("objects":{"0":5})")).unknown);
}

TEST(ClassesOfIdTest, OnlyWhereTheTypeDecides) {
  EXPECT_EQ(classes_of_id(id_of("indicator"), table())->names, Names{"indicator"});
  EXPECT_TRUE(classes_of_id(id_of("location"), table())->names.empty());
  for (const char* type : {"artifact", "identity", "incident", "relationship", "report", "grouping",
                           "observed-data", "note", "opinion", "x-own"}) {
    EXPECT_FALSE(classes_of_id(id_of(type), table()).has_value()) << type;
  }
  EXPECT_FALSE(classes_of_id("", table()).has_value());
}

std::string text_of(std::size_t characters, const std::string& character = "a") {
  std::string out;
  for (std::size_t i = 0; i < characters; ++i) out += character;
  return out;
}

TEST(DoubtsTest, FreeTextOfMoreThanSoManyCharacters) {
  const auto note = [](const std::string& text) {
    return object("note", R"("content":")" + text + "\"");
  };
  EXPECT_TRUE(doubts(note(text_of(free_text_characters_max))).empty());
  EXPECT_EQ(doubts(note(text_of(free_text_characters_max + 1))),
            (std::vector<std::string>{"$.content: free text of more than 2000 characters"}));
  // Characters count, not bytes.
  EXPECT_TRUE(doubts(note(text_of(free_text_characters_max, "щ"))).empty());
  EXPECT_EQ(doubts(note(text_of(free_text_characters_max + 1, "щ"))).size(), 1U);
  EXPECT_EQ(doubts(object("malware", R"("x_deep":[{"a":["b",")" +
                                         text_of(free_text_characters_max + 1) + R"("]}])")),
            (std::vector<std::string>{"$.x_deep[0].a[1]: free text of more than 2000 characters"}));
}

TEST(DoubtsTest, EncodedBytesAndPatternsAreNoFreeText) {
  const auto lengthy = text_of(free_text_characters_max + 1);
  EXPECT_TRUE(doubts(object("artifact", R"("payload_bin":")" + lengthy + "\"")).empty());
  EXPECT_TRUE(doubts(object("indicator", R"("pattern":")" + lengthy + "\"")).empty());
  // The same names elsewhere hold text.
  EXPECT_EQ(doubts(object("note", R"("pattern":")" + lengthy + "\"")).size(), 1U);
  EXPECT_EQ(
      doubts(object("indicator", R"("extensions":{"x":{"pattern":")" + lengthy + "\"}}")).size(),
      1U);
  EXPECT_EQ(doubts(object("indicator", R"("payload_bin":")" + lengthy + "\"")).size(), 1U);
}

TEST(DoubtsTest, TextAndMediaArtifacts) {
  EXPECT_EQ(doubts(object("artifact", R"("mime_type":"image/png")")),
            (std::vector<std::string>{"$.mime_type: a text or media artifact"}));
  EXPECT_EQ(doubts(object("artifact", R"("mime_type":"Text/plain")")).size(), 1U);
  EXPECT_TRUE(doubts(object("artifact", R"("mime_type":"application/zip")")).empty());
  EXPECT_TRUE(doubts(object("file", R"("mime_type":"text/plain")")).empty());
}

TEST(DoubtsTest, PatternsOverMessageBodies) {
  const auto pattern = [](const std::string& text) {
    return doubts(object("indicator", R"("pattern":")" + text + "\""));
  };
  EXPECT_EQ(pattern("[email-message:body LIKE '%x%']"),
            (std::vector<std::string>{"$.pattern: looks at email-message:body"}));
  EXPECT_EQ(pattern("[email-message:body_multipart[*].body = 'x']").size(), 1U);
  EXPECT_EQ(pattern("[email-message:subject = 'x'] AND [email-message:body = 'y']").size(), 2U);
  EXPECT_EQ(pattern("[email-message : body = 'x']").size(), 1U);
  EXPECT_EQ(pattern("[email-message:'body' = 'x']").size(), 1U);
  EXPECT_EQ(pattern("[a:b = 1 OR NOT EXISTS email-message:body AND a:c = 2]").size(), 1U);
  EXPECT_EQ(pattern("[a:b = 1] FOLLOWEDBY [email-message:/* x */body IN ('x')]").size(), 1U);
  EXPECT_TRUE(pattern("[email-message:from_ref.value = 'a@example.com']").empty());
  EXPECT_TRUE(pattern("[a:b = 'email-message:body']").empty());
  // What cannot be read as a tree is looked through as text.
  EXPECT_EQ(pattern("email-message:body contains x").size(), 1U);
  EXPECT_TRUE(pattern("[file:name = 'body']").empty());
}

}  // namespace
}  // namespace comity::stix
