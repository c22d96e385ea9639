#include "stix/object.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::stix {
namespace {

constexpr const char* uuid = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";

// An indicator in which one member is replaced or added (`text` is JSON), or left out (null).
std::string indicator(const std::string& member = "", const char* text = nullptr) {
  json::Object object;
  object.set("type", "indicator");
  object.set("spec_version", "2.1");
  object.set("id", std::string("indicator--") + uuid);
  object.set("created", "2017-05-12T07:00:00.000Z");
  object.set("modified", "2017-05-13T07:00:00Z");
  object.set("pattern", "[file:name = 'a']");
  if (!member.empty()) {
    if (text == nullptr) {
      object.erase(member);
    } else {
      object.set(member, *json::parse(text));
    }
  }
  return json::write(object);
}

struct Bad {
  const char* member;
  const char* text;  // null: left out
  const char* path;
  const char* message;  // a part of it
  const char* section;
  ErrorKind kind = ErrorKind::InvalidInput;
};

TEST(ObjectTest, ReadsWhatEveryObjectHas) {
  const auto bytes = indicator();
  const auto object = read_object(bytes);
  ASSERT_TRUE(object.has_value()) << object.error().text();
  EXPECT_EQ(object->id, std::string("indicator--") + uuid);
  EXPECT_EQ(object->type, "indicator");
  EXPECT_EQ(format_rfc3339(*object->created, 3), "2017-05-12T07:00:00.000Z");
  EXPECT_EQ(format_rfc3339(*object->modified), "2017-05-13T07:00:00Z");
  EXPECT_EQ(object->version(), object->modified);
  EXPECT_TRUE(object->names.empty());
  EXPECT_TRUE(object->marking_refs.empty());
  EXPECT_EQ(object->digest, sha256(json::canonical(*json::parse(bytes))));
}

TEST(ObjectTest, TheDigestIsOfTheCanonicalFormNotOfTheBytes) {
  const auto a =
      read_object(R"({"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",)"
                  R"("value":"198.51.100.3"})");
  const auto b = read_object(
      R"( {"value": "198.51.100.\u0033", "id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",)"
      R"( "type":"ipv4-addr"} )");
  const auto c =
      read_object(R"({"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",)"
                  R"("value":"198.51.100.4"})");
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(a->digest, b->digest);
  EXPECT_NE(a->digest, c->digest);
}

TEST(ObjectTest, EachErrorNamesPathFindingAndSection) {
  const Bad bad[] = {
      {"type", nullptr, "$.type", "is missing", "3.2"},
      {"type", "5", "$.type", "found integer, expected a string", "3.2"},
      {"type", "\"Indicator\"", "$.type", "'Indicator' is no type name", "3.1"},
      {"type", "\"ab\"", "$.type", "3 to 250", "3.1"},
      {"id", nullptr, "$.id", "is missing", "2.9"},
      {"id", "null", "$.id", "found null", "2.9"},
      {"id", "\"indicator--5\"", "$.id", "'indicator--5' is no identifier", "2.9"},
      {"id", "\"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\"", "$.id",
       "begins with 'malware', but the type is 'indicator'", "2.9"},
      {"spec_version", nullptr, "$.spec_version", "is missing", "3.2"},
      {"spec_version", "\"2.0\"", "$.spec_version", "found '2.0', expected \"2.1\"", "3.2",
       ErrorKind::Unsupported},
      {"spec_version", "2.1", "$.spec_version", "found number", "3.2", ErrorKind::Unsupported},
      {"created", nullptr, "$.created", "is missing", "3.2"},
      {"created", "\"yesterday\"", "$.created", "yesterday", "2.16"},
      {"created", "\"2017-02-30T07:00:00Z\"", "$.created", "2017-02-30", "2.16"},
      {"created", "\"2017-05-12T07:00:00+00:00\"", "$.created", "is not in UTC", "2.16"},
      {"created", "1494572400", "$.created", "found integer, expected a timestamp", "2.16"},
      {"modified", nullptr, "$.modified", "is missing", "3.2"},
      {"modified", "\"2017-05-12T06:59:59.999Z\"", "$.modified", "is earlier than created", "3.2"},
      {"created_by_ref", "\"someone\"", "$.created_by_ref", "found 'someone'", "2.9"},
      {"created_by_ref", "\"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\"", "$.created_by_ref",
       "is no identity", "3.2"},
      {"created_by_ref", "5", "$.created_by_ref", "found integer, expected an identifier", "2.9"},
      {"object_marking_refs", "[\"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\"]",
       "$.object_marking_refs[0]", "is no marking-definition", "7.2"},
      {"object_marking_refs", "[]", "$.object_marking_refs", "an empty list", "2.12"},
      {"object_marking_refs", "\"tlp\"", "$.object_marking_refs", "found string, expected a list",
       "2.9"},
      {"granular_markings", "[{\"marking_ref\":\"red\",\"selectors\":[\"pattern\"]}]",
       "$.granular_markings[0].marking_ref", "found 'red'", "2.9"},
      {"sample_refs", "[\"file--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\",7]", "$.sample_refs[1]",
       "found integer", "2.9"},
      {"extensions", "{\"a\":{\"b\":[{\"c_ref\":\"\"}]}}", "$.extensions.a.b[0].c_ref", "found ''",
       "2.9"},
  };
  for (const auto& one : bad) {
    const auto object = read_object(indicator(one.member, one.text));
    ASSERT_FALSE(object.has_value()) << one.path << " " << one.message;
    const auto& error = object.error();
    EXPECT_EQ(error.where, one.path);
    EXPECT_EQ(error.kind, one.kind) << error.text();
    EXPECT_NE(error.message.find(one.message), std::string::npos) << error.text();
    EXPECT_NE(error.message.find(std::string("section ") + one.section), std::string::npos)
        << error.text();
  }
}

TEST(ObjectTest, RefusesWhatIsNoStrictJsonObject) {
  for (const char* text : {"", "[]", "\"indicator\"", "null", "{", "{\"a\":1,\"a\":2}"}) {
    EXPECT_FALSE(read_object(text).has_value()) << text;
  }
  EXPECT_EQ(read_object("[]").error().text(), "$: found array, expected a STIX object");
}

TEST(ObjectTest, ObservablesNeedNeitherVersionNorTimes) {
  const auto file = read_object(
      R"({"type":"file","id":"file--9d6d71f5-770d-5d96-afe9-62aaf1c017f3","name":"a.exe"})");
  ASSERT_TRUE(file.has_value()) << file.error().text();
  EXPECT_FALSE(file->version().has_value());
  EXPECT_FALSE(read_object(R"({"type":"file","id":"file--9d6d71f5-770d-5d96-afe9-62aaf1c017f3",
                               "spec_version":"2.0"})")
                   .has_value());
}

TEST(ObjectTest, AMarkingDefinitionHasNoModified) {
  const auto marking = read_object(
      R"({"type":"marking-definition","spec_version":"2.1","created":"2017-06-01T00:00:00Z",
          "id":"marking-definition--fa42a846-8d90-4e51-bc29-71d5b4802168",
          "definition_type":"statement","definition":{"statement":"ours"}})");
  ASSERT_TRUE(marking.has_value()) << marking.error().text();
  EXPECT_EQ(marking->version(), marking->created);
}

TEST(ObjectTest, CreatedAndModifiedMayBeTheSameInstantInAnySpelling) {
  EXPECT_TRUE(read_object(indicator("modified", "\"2017-05-12T07:00:00.000000Z\"")).has_value());
}

TEST(ObjectTest, CollectsNamesOnceSortedWithoutItself) {
  const std::string file = "file--9d6d71f5-770d-5d96-afe9-62aaf1c017f3";
  const std::string self = std::string("indicator--") + uuid;
  const auto object = read_object(
      R"({"granular_markings":[{
            "marking_ref":"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
            "selectors":["pattern"]},{"lang":"de","selectors":["name"]}],
          "type":"indicator","spec_version":"2.1","id":")" +
      self + R"(","created":"2017-05-12T07:00:00Z","modified":"2017-05-12T07:00:00Z",
          "x_refs":[")" +
      file + R"(",")" + self + R"("],"extensions":{"e":{"deep_ref":")" + file + R"("}},
          "created_by_ref":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
          "object_marking_refs":["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]})");
  ASSERT_TRUE(object.has_value()) << object.error().text();
  EXPECT_EQ(object->names,
            (std::vector<std::string>{file, "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
                                      "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
                                      "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}));
  EXPECT_EQ(object->marking_refs,
            (std::vector<std::string>{"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
                                      "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"}))
      << "object markings come first, wherever they stand";
}

TEST(ObjectTest, KeepsUnknownTypesAndProperties) {
  const auto object = read_object(
      R"({"type":"x-mitre-tactic","spec_version":"2.1","created":"2018-10-17T00:14:20.652Z",
          "id":"x-mitre-tactic--2558fd61-8c75-4730-94c4-11926db2a263","x_anything":[{},[1.5]],
          "modified":"2025-04-25T14:45:36.874Z"})");
  ASSERT_TRUE(object.has_value()) << object.error().text();
  EXPECT_NE(object->value.find("x_anything"), nullptr);
}

TEST(ObjectTest, CustomReferencesCountWhereTheyAreSome) {
  const std::string file = "file--9d6d71f5-770d-5d96-afe9-62aaf1c017f3";
  for (const std::string value : {"\"T1059\"", "7", "[]", "null", "{\"a\":1}"}) {
    for (const char* member : {"x_own_ref", "x_own_refs"}) {
      const auto object = read_object(indicator(member, value.c_str()));
      ASSERT_TRUE(object.has_value()) << member << value << object.error().text();
      EXPECT_TRUE(object->names.empty());
    }
  }
  const auto mixed = read_object(indicator("x_own_refs", ("[\"T1059\",\"" + file + "\"]").c_str()));
  ASSERT_TRUE(mixed.has_value());
  EXPECT_EQ(mixed->names, std::vector<std::string>{file});
}

std::string with_references(std::size_t count) {
  std::string text = indicator();
  text.pop_back();
  text += ",\"sample_refs\":[";
  for (std::size_t i = 0; i < count; ++i) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%s\"file--00000000-0000-4000-8000-%012zx\"",
                  i == 0 ? "" : ",", i);
    text += buffer;
  }
  return text + "]}";
}

TEST(ObjectTest, NamesAtMostSoManyObjects) {
  const auto most = read_object(with_references(references_max));
  ASSERT_TRUE(most.has_value()) << most.error().text();
  EXPECT_EQ(most->names.size(), references_max);
  const auto more = read_object(with_references(references_max + 1));
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(more.error().where, "$.sample_refs[100000]");
}

TEST(ObjectTest, HasAtMostSoManyBytes) {
  auto bytes = indicator();
  bytes.resize(object_bytes_max, ' ');
  EXPECT_TRUE(read_object(bytes).has_value());
  bytes += ' ';
  const auto more = read_object(bytes);
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().kind, ErrorKind::TooLarge);
}

TEST(IdentifierTest, IsATypeAndAUuid) {
  const std::string tail = std::string("--") + uuid;
  EXPECT_TRUE(is_identifier("indicator" + tail));
  EXPECT_TRUE(is_identifier("x-a-1" + tail));
  EXPECT_TRUE(is_identifier("abc" + tail));
  EXPECT_TRUE(is_identifier(std::string(250, 'a') + tail));
  EXPECT_TRUE(is_identifier("file--8E2E2D2B-17D4-4CBF-938F-98EE46B3CD3F"));
  for (const std::string& text :
       {std::string(), std::string("--"), "ab" + tail, std::string(251, 'a') + tail,
        "Indicator" + tail, "in dicator" + tail, "indicator-" + std::string(uuid),
        "indicator" + tail + "0", std::string("indicator--8e2e2d2b17d44cbf938f98ee46b3cd3f"),
        std::string("indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3g"),
        std::string("indicator--8e2e2d2b-17d4-4cbf-938f_98ee46b3cd3f")}) {
    EXPECT_FALSE(is_identifier(text)) << text;
  }
  EXPECT_EQ(type_of("indicator" + tail), "indicator");
  EXPECT_EQ(type_of("nothing"), "nothing");
  EXPECT_TRUE(is_observable("x509-certificate"));
  EXPECT_FALSE(is_observable("indicator"));
  EXPECT_FALSE(is_observable(""));
}

TEST(ObjectTest, ReadsTheIncidentsOfTheExamples) {
  const std::string folder = comity::test::source_path("examples/incidents");
  const auto names = list_files(folder, ".json");
  ASSERT_TRUE(names.has_value());
  ASSERT_FALSE(names->empty());
  for (const auto& name : *names) {
    const auto text = read_file(folder + "/" + name, json::document_bytes_max);
    ASSERT_TRUE(text.has_value());
    std::size_t count = 0;
    const auto rest = json::split(*text, "objects", [&](std::string_view bytes, std::size_t i) {
      const auto object = read_object(bytes);
      EXPECT_TRUE(object.has_value()) << name << " " << i << ": " << object.error().text();
      ++count;
      return Status();
    });
    EXPECT_TRUE(rest.has_value()) << name;
    EXPECT_GT(count, 0U) << name;
  }
}

TEST(ObjectTest, AnObservableOfAnExtensionNeedsNoTimes) {
  const auto read = [](std::string_view kind) {
    return read_object(
        R"({"type":"own-sco","id":"own-sco--4527e5de-8572-546a-a57a-706f15467461","extensions":)"
        R"({"extension-definition--1bba6c39-7ac1-40a2-819a-f33f8ea81a25":{"extension_type":")" +
        std::string(kind) + R"("}}})");
  };
  const auto object = read("new-sco");
  ASSERT_TRUE(object.has_value()) << object.error().text();
  EXPECT_FALSE(object->version());
  EXPECT_FALSE(read("new-sdo").has_value());
  EXPECT_FALSE(read("property-extension").has_value());
}

}  // namespace
}  // namespace comity::stix
