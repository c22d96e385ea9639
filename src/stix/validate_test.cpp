#include "stix/validate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/test_support.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/test_stix.h"

namespace comity::stix {
namespace {

using test::must;

constexpr std::string_view malware_ref = "malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b";
constexpr std::string_view file_ref = "file--5a27d487-c542-5f97-a131-a8866b477b46";

std::string told(const Report& report) {
  std::string out;
  for (const auto& finding : report.findings) {
    out += fmt::format("{} {} [{} {}]\n", finding.path, finding.rule, finding.section,
                       check(finding.check).name);
  }
  return out;
}

Report judged(const json::Value& value, ValidateOptions options = {}) {
  return validate_value(value, must(Selection::of(options)));
}

bool has_finding(const Report& report, CheckId id, std::string_view path) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.check == id && finding.path == path;
  });
}

// One change of a good object, and the one finding that it makes.
struct Broken {
  std::string type;
  std::string name;   // of the member that is set
  std::string value;  // JSON; empty: the member is taken out
  CheckId check;
  std::string path;
};

void expect_broken(const std::vector<Broken>& cases) {
  ValidateOptions strict;
  strict.strict = true;
  for (const auto& row : cases) {
    auto object = smallest(row.type);
    ASSERT_TRUE(judged(object, strict).valid) << row.type << "\n" << told(judged(object, strict));
    if (row.value.empty()) {
      object.object()->erase(row.name);
    } else {
      object.object()->set(row.name, must(json::parse(row.value)));
    }
    const auto report = judged(object, strict);
    const auto label = fmt::format("{} {} = {}\n{}", row.type, row.name, row.value, told(report));
    EXPECT_TRUE(has_finding(report, row.check, row.path)) << label;
    EXPECT_FALSE(report.valid) << label;
    EXPECT_EQ(judged(object).valid, check(row.check).level == Level::Should) << label;
  }
}

TEST(Validate, EveryTypeHasASmallestObjectThatIsValidUnderStrict) {
  ValidateOptions strict;
  strict.strict = strict.strict_types = strict.strict_properties = true;
  for (const auto& type : object_types()) {
    const auto report = judged(smallest(type.shape->name), strict);
    EXPECT_TRUE(report.valid) << type.shape->name << "\n" << told(report);
  }
}

TEST(Validate, ARequiredPropertyThatIsMissingIsFound) {
  for (const auto& type : object_types()) {
    for (const auto properties : {type.common, type.shape->properties}) {
      for (const auto& property : properties) {
        if (!property.is_required) continue;
        auto object = smallest(type.shape->name);
        object.object()->erase(property.name);
        const auto report = judged(object);
        EXPECT_TRUE(has_finding(report, CheckId::Required, fmt::format("$.{}", property.name)))
            << type.shape->name << " " << property.name << "\n"
            << told(report);
      }
    }
  }
}

// Every property of every type, given a value of each JSON type: only its own is taken.
TEST(Validate, APropertyOfAnotherJsonTypeIsFound) {
  const std::vector<json::Value> values = {json::Value(true), json::Value(7), json::Value("text"),
                                           json::Value(json::Object()), json::Value(nullptr)};
  for (const auto& type : object_types()) {
    for (const auto& property : type.shape->properties) {
      if (property.kind == Kind::Special) continue;
      for (const auto& value : values) {
        auto object = smallest(type.shape->name);
        object.object()->set(std::string(property.name),
                             property.is_list ? json::Value(json::Array{value}) : value);
        const auto path = fmt::format("$.{}{}", property.name, property.is_list ? "[0]" : "");
        const auto report = judged(object);
        const bool wrong = !is_of_kind(property.kind, value);
        EXPECT_EQ(has_finding(report, CheckId::Type, path), wrong)
            << type.shape->name << " " << property.name << " " << json::write(value) << "\n"
            << told(report);
        if (!property.is_list) continue;
        object.object()->set(std::string(property.name), value);
        EXPECT_TRUE(has_finding(judged(object), CheckId::List, fmt::format("$.{}", property.name)));
      }
      if (!property.is_list) continue;
      auto object = smallest(type.shape->name);
      object.object()->set(std::string(property.name), json::Array());
      EXPECT_TRUE(has_finding(judged(object), CheckId::List, fmt::format("$.{}", property.name)));
    }
  }
}

TEST(Validate, TimesStandInTheirOrder) {
  const std::vector<std::string> times = {"2016-01-01T00:00:00.000Z", "2016-01-01T00:00:00.001Z"};
  for (const auto& type : object_types()) {
    for (const auto& order : type.shape->orders) {
      for (int first = 0; first < 2; ++first) {
        for (int second = 0; second < 2; ++second) {
          auto object = smallest(type.shape->name);
          object.object()->set(std::string(order.first), times[static_cast<std::size_t>(first)]);
          object.object()->set(std::string(order.second), times[static_cast<std::size_t>(second)]);
          const bool wrong = second < first || (order.strictly && second == first);
          EXPECT_EQ(
              has_finding(judged(object), CheckId::TimeOrder, fmt::format("$.{}", order.second)),
              wrong)
              << type.shape->name << " " << first << " " << second;
        }
      }
    }
  }
}

TEST(Validate, VocabulariesAndEnumerations) {
  ValidateOptions strict;
  strict.strict = true;
  for (const auto& type : object_types()) {
    for (const auto& property : type.shape->properties) {
      if (property.words == Vocabulary::None) continue;
      const auto& list = vocabulary(property.words);
      auto object = smallest(type.shape->name);
      const auto set = [&](std::string_view word) {
        object.object()->set(
            std::string(property.name),
            property.is_list ? json::Value(json::Array{json::Value(word)}) : json::Value(word));
        const auto path = fmt::format("$.{}{}", property.name, property.is_list ? "[0]" : "");
        return has_finding(judged(object, strict), list.check, path);
      };
      EXPECT_FALSE(set(list.values.substr(0, list.values.find(' ')))) << list.name;
      EXPECT_TRUE(set("not-in-any-list")) << list.name;
    }
  }
}

TEST(Validate, CommonProperties) {
  expect_broken({
      {"identity", "type", "7", CheckId::Type, "$.type"},
      {"identity", "type", "\"Identity\"", CheckId::TypeName, "$.type"},
      {"identity", "type", "\"action\"", CheckId::Reserved, "$.type"},
      {"identity", "type", "\"tool\"", CheckId::Id, "$.id"},
      {"identity", "id", "", CheckId::Required, "$.id"},
      {"identity", "id", "7", CheckId::Type, "$.id"},
      {"identity", "id", "\"identity--1\"", CheckId::Id, "$.id"},
      {"identity", "id", "\"identity--e3f2a9c4-5f2c-4b43-c1de-0f1d8c3f2c5a\"", CheckId::Id, "$.id"},
      {"identity", "id", "\"identity--e3f2a9c4-5f2c-1b43-91de-0f1d8c3f2c5a\"", CheckId::UuidCheck,
       "$.id"},
      {"url", "id", "\"url--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a\"", CheckId::UuidCheck, "$.id"},
      {"process", "id", "\"process--e3f2a9c4-5f2c-5b43-91de-0f1d8c3f2c5a\"", CheckId::ScoIdV4,
       "$.id"},
      {"identity", "spec_version", "", CheckId::SpecVersion, "$.spec_version"},
      {"identity", "spec_version", "\"2.0\"", CheckId::SpecVersion, "$.spec_version"},
      {"url", "spec_version", "2.1", CheckId::SpecVersion, "$.spec_version"},
      {"identity", "created", "\"2016-04-06T20:03:48+00:00\"", CheckId::Timestamp, "$.created"},
      {"identity", "created", "\"2016-04-06T20:03:48Z\"", CheckId::TimestampMillis, "$.created"},
      {"identity", "modified", "\"2015-04-06T20:03:48.000Z\"", CheckId::TimeOrder, "$.modified"},
      {"identity", "confidence", "101", CheckId::Range, "$.confidence"},
      {"identity", "confidence", "-1", CheckId::Range, "$.confidence"},
      {"identity", "lang", "\"foo\"", CheckId::LanguageTag, "$.lang"},
      {"identity", "severity", "1", CheckId::Reserved, "$.severity"},
      {"identity", "x", "1", CheckId::PropertyName, "$.x"},
      {"identity", "1abc", "1", CheckId::PropertyName, "$.1abc"},
      {"identity", "_abc", "1", CheckId::PropertyName, "$._abc"},
      {"identity", "phone_number", "1", CheckId::Reserved, "$.phone_number"},
      {"identity", "defanged", "true", CheckId::Properties, "$.defanged"},
      {"relationship", "defanged", "true", CheckId::Properties, "$.defanged"},
      {"identity", "x_own", "1", CheckId::ExtensionsUse, "$.x_own"},
      {"identity", "own_ref", "\"a\"", CheckId::Identifier, "$.own_ref"},
      {"identity", "own", "{\"a_refs\":[]}", CheckId::List, "$.own.a_refs"},
      {"url", "defanged", "1", CheckId::Type, "$.defanged"},
      {"identity", "object_marking_refs", fmt::format("[\"{}\"]", malware_ref),
       CheckId::ReferenceType, "$.object_marking_refs[0]"},
      {"identity", "external_references", "[{}]", CheckId::Required,
       "$.external_references[0].source_name"},
      {"identity", "external_references", R"([{"source_name":"a"}])", CheckId::ExternalReference,
       "$.external_references[0]"},
      {"vulnerability", "external_references", R"([{"source_name":"cve","external_id":"CVE-1"}])",
       CheckId::ExternalReference, "$.external_references[0].external_id"},
      {"attack-pattern", "external_references",
       R"([{"source_name":"capec","external_id":"CAPEC-"}])", CheckId::ExternalReference,
       "$.external_references[0].external_id"},
      {"identity", "external_references", R"([{"source_name":"a","url":"www.a"}])", CheckId::Value,
       "$.external_references[0].url"},
      {"identity", "external_references", R"([{"source_name":"a","url":"http://a"}])",
       CheckId::ExtrefHashes, "$.external_references[0]"},
      {"identity", "granular_markings", R"([{"lang":"en","selectors":["nothing"]}])",
       CheckId::Selectors, "$.granular_markings[0].selectors[0]"},
      {"identity", "granular_markings", R"([{"selectors":["name"]}])", CheckId::Properties,
       "$.granular_markings[0]"},
      {"identity", "extensions", "{}", CheckId::DictionaryKeys, "$.extensions"},
      {"identity", "extensions", R"({"x-a-b-ext":{"a":1}})", CheckId::ExtensionsUse,
       "$.extensions.x-a-b-ext"},
      {"identity", "extensions", R"({"extension-definition--1":{"extension_type":"new-sdo"}})",
       CheckId::Extension, "$.extensions.extension-definition--1"},
      {"tool", "kill_chain_phases", R"([{"kill_chain_name":"A","phase_name":"b"}])",
       CheckId::KillChainNames, "$.kill_chain_phases[0].kill_chain_name"},
  });
}

TEST(Validate, ExtensionsSayTheirKind) {
  constexpr std::string_view key = "extension-definition--a932fcc6-e032-476c-826f-cb970a5a1ade";
  const auto path = fmt::format("$.extensions.{}.extension_type", key);
  expect_broken({
      {"identity", "extensions", fmt::format("{{\"{}\":{{}}}}", key), CheckId::Extension, path},
      {"identity", "extensions", fmt::format(R"({{"{}":{{"extension_type":"a"}}}})", key),
       CheckId::Enum, path},
      {"identity", "extensions", R"({"x-a-ext":{"extension_type":"a"}})", CheckId::Enum,
       "$.extensions.x-a-ext.extension_type"},
      {"identity", "extensions", fmt::format(R"({{"{}":{{"extension_type":"new-sdo"}}}})", key),
       CheckId::Extension, path},
      {"identity", "extensions",
       fmt::format(R"({{"{}":{{"extension_type":"property-extension","a":1}}}})", key),
       CheckId::PropertyName, fmt::format("$.extensions.{}.a", key)},
      {"identity", "extensions", R"({"a b":{"c":1}})", CheckId::DictionaryKeys, "$.extensions"},
  });
  auto object = smallest("identity");
  object.object()->set("rank", 5);
  ValidateOptions strict;
  strict.strict = true;
  EXPECT_FALSE(judged(object, strict).valid);
  object.object()->set("extensions",
                       must(json::parse(fmt::format(R"({{"{}":{{"extension_type":"{}"}}}})", key,
                                                    "toplevel-property-extension"))));
  EXPECT_TRUE(judged(object, strict).valid) << told(judged(object, strict));
}

TEST(Validate, CustomTypes) {
  constexpr std::string_view form = R"({{"type":"{0}","spec_version":"2.1",
      "id":"{0}--4527e5de-8572-446a-a57a-706f15467461","created":"2021-02-20T09:16:08.989Z",
      "modified":"2021-02-20T09:16:08.989Z","own":[1]{1}}})";
  constexpr std::string_view extended =
      R"(,"extensions":{"extension-definition--1bba6c39-7ac1-40a2-819a-f33f8ea81a25":)"
      R"({"extension_type":"new-sdo"}})";
  ValidateOptions strict;
  strict.strict = true;
  const auto of = [&](std::string_view type, std::string_view more) {
    return must(json::parse(fmt::format(fmt::runtime(form), type, more)));
  };
  EXPECT_TRUE(judged(of("anything", extended), strict).valid);
  EXPECT_TRUE(judged(of("anything", "")).valid);
  EXPECT_TRUE(has_finding(judged(of("anything", ""), strict), CheckId::ExtensionsUse, "$.type"));
  strict.strict_types = true;
  EXPECT_TRUE(
      has_finding(judged(of("anything", extended), strict), CheckId::StrictTypes, "$.type"));
  strict = {};
  strict.strict = true;
  strict.disabled = {"extensions-use"};
  EXPECT_TRUE(judged(of("x-source-name", ""), strict).valid);
  EXPECT_TRUE(has_finding(judged(of("x-name", ""), strict), CheckId::CustomPrefix, "$.type"));
  strict.disabled.emplace_back("custom-prefix");
  EXPECT_TRUE(judged(of("x-name", ""), strict).valid);
  EXPECT_TRUE(has_finding(judged(of("anything", ""), strict), CheckId::CustomPrefixLax, "$.type"));
}

TEST(Validate, ANewObservableNeedsNoTimes) {
  const auto object = must(json::parse(
      R"({"type":"own-sco","id":"own-sco--4527e5de-8572-546a-a57a-706f15467461","extensions":
      {"extension-definition--1bba6c39-7ac1-40a2-819a-f33f8ea81a25":
       {"extension_type":"new-sco"}}})"));
  ValidateOptions strict;
  strict.strict = true;
  EXPECT_TRUE(judged(object, strict).valid) << told(judged(object, strict));
}

TEST(Validate, DomainObjects) {
  expect_broken({
      {"indicator", "description", "", CheckId::IndicatorProperties, "$"},
      {"location", "region", "", CheckId::Properties, "$"},
      {"location", "latitude", "1.5", CheckId::Properties, "$"},
      {"location", "precision", "1", CheckId::Properties, "$"},
      {"location", "country", "\"xx\"", CheckId::Countries, "$.country"},
      {"malware-analysis", "result", "", CheckId::Properties, "$"},
      {"malware-analysis", "product", "\"A b\"", CheckId::MalwareAnalysisProduct, "$.product"},
      {"malware", "sample_refs", fmt::format("[\"{}\"]", malware_ref), CheckId::ReferenceType,
       "$.sample_refs[0]"},
      {"observed-data", "object_refs", "", CheckId::Properties, "$"},
      {"observed-data", "number_observed", "0", CheckId::Range, "$.number_observed"},
      {"observed-data", "object_refs", fmt::format("[\"{}\"]", malware_ref), CheckId::ReferenceType,
       "$.object_refs[0]"},
      {"observed-data", "object_refs", "[\"relationship--31b940d4-6f7f-459a-80ea-9c1f17b5891b\"]",
       CheckId::ReferenceType, "$.object_refs"},
      {"observed-data", "objects", "[]", CheckId::Type, "$.objects"},
      {"incident", "kill_chain_phases", R"([{"kill_chain_name":"a","phase_name":"b"}])",
       CheckId::ExtensionsUse, "$.kill_chain_phases"},
      {"observed-data", "objects", R"({"0":{"type":"url","value":"a"}})", CheckId::Value,
       "$.objects.0.value"},
      {"observed-data", "objects", R"({"0":{"type":"tool","name":"a"}})", CheckId::ReferenceType,
       "$.objects.0"},
      {"opinion", "opinion", "\"maybe\"", CheckId::Enum, "$.opinion"},
      {"note", "object_refs", "[\"bundle--31b940d4-6f7f-459a-80ea-9c1f17b5891b\"]",
       CheckId::ReferenceType, "$.object_refs[0]"},
  });
  auto family = smallest("malware");
  family.object()->set("is_family", true);
  family.object()->erase("name");
  EXPECT_TRUE(has_finding(judged(family), CheckId::Required, "$.name"));
}

TEST(Validate, PatternsOfIndicatorsAreRead) {
  expect_broken({
      {"indicator", "pattern", "\"[file:size = ]\"", CheckId::Pattern, "$.pattern"},
      {"indicator", "pattern", "\"\"", CheckId::Pattern, "$.pattern"},
      {"indicator", "pattern", R"("[file:hashes.MD5 = 'f00']")", CheckId::Pattern, "$.pattern"},
      {"indicator", "pattern", R"x("([mutex:name = 'a'] REPEATS 2 TIMES REPEATS 3 TIMES)")x",
       CheckId::Pattern, "$.pattern"},
      {"indicator", "pattern", R"("[ab:name = 'a']")", CheckId::TypeName, "$.pattern"},
      {"indicator", "pattern", R"("[file:yz = 'a']")", CheckId::PropertyName, "$.pattern"},
  });
  auto object = smallest("indicator");
  object.object()->set("pattern", "[file:size = ]");
  for (const auto& finding : judged(object).findings) {
    if (finding.check != CheckId::Pattern) continue;
    EXPECT_TRUE(finding.rule.starts_with("1:14: found ']', expected")) << finding.rule;
    EXPECT_EQ(finding.section, "9");
  }
  object.object()->set("pattern", "[file:id = 'a' AND file:defanged = true]");
  EXPECT_TRUE(judged(object).findings.empty()) << told(judged(object));
  object.object()->set("pattern", "alert tcp");
  object.object()->set("pattern_type", "snort");
  EXPECT_TRUE(judged(object).valid);
}

TEST(Validate, CustomNamesInPatterns) {
  auto object = smallest("indicator");
  const auto found = [&](std::string_view pattern, CheckId id, std::vector<std::string> disabled) {
    ValidateOptions options;
    options.strict = options.strict_types = options.strict_properties = true;
    options.disabled = std::move(disabled);
    object.object()->set("pattern", pattern);
    return has_finding(judged(object, options), id, "$.pattern");
  };
  const std::string type = "[x-foo:x_name = 'a']";
  EXPECT_TRUE(found(type, CheckId::StrictTypes, {}));
  EXPECT_FALSE(found(type, CheckId::StrictProperties, {}));
  EXPECT_FALSE(found(type, CheckId::ExtensionsUse, {}));
  EXPECT_FALSE(found(type, CheckId::CustomPrefix, {}));
  EXPECT_TRUE(found(type, CheckId::CustomPrefix, {"extensions-use"}));
  EXPECT_FALSE(found(type, CheckId::CustomPrefixLax, {"extensions-use", "custom-prefix"}));
  EXPECT_TRUE(
      found("[foo:x_name = 'a']", CheckId::CustomPrefixLax, {"extensions-use", "custom-prefix"}));
  const std::string property = "[file:x_foo = 'a']";
  EXPECT_FALSE(found(property, CheckId::StrictTypes, {}));
  EXPECT_TRUE(found(property, CheckId::StrictProperties, {}));
  EXPECT_TRUE(found(property, CheckId::CustomPrefix, {"extensions-use"}));
  EXPECT_FALSE(found(property, CheckId::CustomPrefixLax, {"extensions-use", "custom-prefix"}));
  EXPECT_TRUE(
      found("[file:foo = 'a']", CheckId::CustomPrefixLax, {"extensions-use", "custom-prefix"}));
}

TEST(Validate, EmbeddedObservablesAreDeprecatedAndHaveNumbersAsKeys) {
  auto object = smallest("observed-data");
  object.object()->erase("object_refs");
  object.object()->set("objects", must(json::parse(R"({"a":{"type":"mutex","name":"b"}})")));
  const auto report = judged(object);
  EXPECT_TRUE(report.valid) << told(report);
  EXPECT_TRUE(has_finding(report, CheckId::DeprecatedProperties, "$.objects"));
  EXPECT_TRUE(has_finding(report, CheckId::ObservableObjectKeys, "$.objects.a"));
}

TEST(Validate, ReferencesAmongEmbeddedObservablesAreKeys) {
  auto object = smallest("observed-data");
  object.object()->erase("object_refs");
  const auto with = [&](std::string_view ref) {
    object.object()->set("objects",
                         must(json::parse(fmt::format(
                             R"({{"0":{{"type":"email-addr","value":"a@b","belongs_to_ref":"{}"}},)"
                             R"("1":{{"type":"user-account","user_id":"a"}}}})",
                             ref))));
    return judged(object);
  };
  EXPECT_TRUE(with("1").valid) << told(with("1"));
  EXPECT_TRUE(has_finding(with("0"), CheckId::ReferenceType, "$.objects.0.belongs_to_ref"));
  EXPECT_TRUE(has_finding(with("2"), CheckId::Identifier, "$.objects.0.belongs_to_ref"));
}

TEST(Validate, Relationships) {
  const auto ref = [](std::string_view type) {
    return fmt::format("\"{}--31b940d4-6f7f-459a-80ea-9c1f17b5891b\"", type);
  };
  expect_broken({
      {"relationship", "source_ref", ref("relationship"), CheckId::ReferenceType, "$.source_ref"},
      {"relationship", "target_ref", ref("marking-definition"), CheckId::ReferenceType,
       "$.target_ref"},
      {"relationship", "target_ref", ref("bundle"), CheckId::ReferenceType, "$.target_ref"},
      {"relationship", "target_ref", ref("report"), CheckId::RelationshipTypes,
       "$.relationship_type"},
      {"relationship", "relationship_type", "\"Uses_it\"", CheckId::Value, "$.relationship_type"},
      {"sighting", "sighting_of_ref", ref("url"), CheckId::ReferenceType, "$.sighting_of_ref"},
      {"sighting", "observed_data_refs", fmt::format("[{}]", ref("tool")), CheckId::ReferenceType,
       "$.observed_data_refs[0]"},
      {"sighting", "where_sighted_refs", fmt::format("[{}]", ref("tool")), CheckId::ReferenceType,
       "$.where_sighted_refs[0]"},
      {"sighting", "count", "-1", CheckId::Range, "$.count"},
      {"sighting", "count", "1000000000", CheckId::Range, "$.count"},
  });
}

TEST(Validate, Observables) {
  expect_broken({
      {"artifact", "payload_bin", "\"QQ==\"", CheckId::Properties, "$"},
      {"artifact", "hashes", "", CheckId::Properties, "$"},
      {"artifact", "url", "", CheckId::Properties, "$"},
      {"artifact", "mime_type", "\"foo\"", CheckId::MimeType, "$.mime_type"},
      {"artifact", "decryption_key", "\"a\"", CheckId::Properties, "$"},
      {"artifact", "hashes", R"({"MD5":"a"})", CheckId::Hashes, "$.hashes.MD5"},
      {"artifact", "hashes", R"({"foo":"a"})", CheckId::HashAlgo, "$.hashes.foo"},
      {"artifact", "hashes", R"({"x_45678901234567890123456789012":"a"})", CheckId::HashLength,
       "$.hashes.x_45678901234567890123456789012"},
      {"directory", "path_enc", "\"a b\"", CheckId::Value, "$.path_enc"},
      {"email-message", "body_multipart", R"([{"body":"a"}])", CheckId::Properties, "$"},
      {"email-message", "is_multipart", "true", CheckId::Properties, "$"},
      {"file", "name", "", CheckId::Properties, "$"},
      {"file", "mime_type", "\"foo\"", CheckId::MimeType, "$.mime_type"},
      {"artifact", "name_enc", "\"utf-8\"", CheckId::ExtensionsUse, "$.name_enc"},
      {"file", "magic_number_hex", "\"abc\"", CheckId::Hex, "$.magic_number_hex"},
      {"file", "size", "-1", CheckId::Range, "$.size"},
      {"ipv4-addr", "value", "\"foo\"", CheckId::Value, "$.value"},
      {"ipv6-addr", "value", "\"foo\"", CheckId::Value, "$.value"},
      {"mac-addr", "value", "\"foo\"", CheckId::Value, "$.value"},
      {"network-traffic", "dst_ref", "", CheckId::Properties, "$"},
      {"network-traffic", "dst_ref", fmt::format("\"{}\"", file_ref), CheckId::ReferenceType,
       "$.dst_ref"},
      {"network-traffic", "dst_port", "65536", CheckId::Range, "$.dst_port"},
      {"network-traffic", "dst_port", "", CheckId::NetworkTrafficPorts, "$"},
      {"network-traffic", "protocols", "[\"a_b\"]", CheckId::Protocols, "$.protocols[0]"},
      {"network-traffic", "dst_port", "1.5", CheckId::Type, "$.dst_port"},
      {"network-traffic", "dst_port", "1e5", CheckId::Range, "$.dst_port"},
      {"network-traffic", "dst_port", "1e300", CheckId::Type, "$.dst_port"},
      {"email-message", "additional_header_fields", R"({"abc":null})", CheckId::Type,
       "$.additional_header_fields.abc"},
      {"network-traffic", "ipfix", R"({"Foo":1})", CheckId::Ipfix, "$.ipfix.Foo"},
      {"network-traffic", "ipfix", R"({"foo":[]})", CheckId::Type, "$.ipfix.foo"},
      {"process", "pid", "", CheckId::Properties, "$"},
      {"network-traffic", "extensions",
       R"({"tcp-ext":{"src_flags_hex":"00"},"icmp-ext":)"
       R"({"icmp_type_hex":"08","icmp_code_hex":"00"}})",
       CheckId::Protocols, "$.protocols"},
      {"process", "environment_variables", R"({"abc":1})", CheckId::Type,
       "$.environment_variables.abc"},
      {"process", "environment_variables", R"({"a b":1})", CheckId::DictionaryKeys,
       "$.environment_variables"},
      {"software", "cpe", "\"cpe:/a\"", CheckId::Value, "$.cpe"},
      {"software", "languages", "[\"foo\"]", CheckId::LanguageTag, "$.languages[0]"},
      {"user-account", "user_id", "", CheckId::Properties, "$"},
      {"windows-registry-key", "key", "\"HKLM\\\\a\"", CheckId::Value, "$.key"},
      {"windows-registry-key", "values", "[{}]", CheckId::Properties, "$.values[0]"},
      {"windows-registry-key", "values", R"([{"name":"a","foo":1}])", CheckId::ExtensionsUse,
       "$.values[0].foo"},
      {"x509-certificate", "x509_v3_extensions", "{}", CheckId::Properties, "$.x509_v3_extensions"},
  });
}

TEST(Validate, AWholeNumberMayBeSpelledWithAFraction) {
  auto object = smallest("network-traffic");
  object.object()->set("dst_port", must(json::parse("80.0")));
  EXPECT_TRUE(judged(object).valid) << told(judged(object));
}

TEST(Validate, AnActiveConnectionHasNoEnd) {
  auto object = smallest("network-traffic");
  object.object()->set("is_active", true);
  EXPECT_TRUE(judged(object).valid);
  object.object()->set("end", "2016-01-01T00:00:00Z");
  EXPECT_TRUE(has_finding(judged(object), CheckId::Properties, "$"));
}

TEST(Validate, PredefinedExtensions) {
  const auto set = [](std::string_view key, std::string_view members) {
    return fmt::format("{{\"{}\":{}}}", key, members);
  };
  const auto socket = [](std::string_view more) {
    return fmt::format(R"({{"address_family":"AF_INET",{}}})", more);
  };
  expect_broken({
      {"file", "extensions", set("ntfs-ext", "{}"), CheckId::Properties, "$.extensions.ntfs-ext"},
      {"file", "extensions", set("ntfs-ext", "[]"), CheckId::Type, "$.extensions.ntfs-ext"},
      {"file", "extensions", set("archive-ext", "{}"), CheckId::Required,
       "$.extensions.archive-ext.contains_refs"},
      {"file", "extensions", set("pdf-ext", R"({"document_info_dict":{"Foo":"a"}})"),
       CheckId::PdfDocInfo, "$.extensions.pdf-ext.document_info_dict.Foo"},
      {"file", "extensions", set("raster-image-ext", R"({"image_height":"a"})"), CheckId::Type,
       "$.extensions.raster-image-ext.image_height"},
      {"file", "extensions", set("raster-image-ext", R"({"exif_tags":{"Make":1.5}})"),
       CheckId::Type, "$.extensions.raster-image-ext.exif_tags.Make"},
      {"file", "extensions", set("windows-pebinary-ext", R"({"pe_type":"elf","imphash":"a"})"),
       CheckId::WindowsPebinaryType, "$.extensions.windows-pebinary-ext.pe_type"},
      {"file", "extensions", set("windows-pebinary-ext", R"({"pe_type":"exe"})"),
       CheckId::Properties, "$.extensions.windows-pebinary-ext"},
      {"file", "extensions",
       set("windows-pebinary-ext",
           R"({"pe_type":"exe","optional_header":{"size_of_heap_commit":-1}})"),
       CheckId::Range, "$.extensions.windows-pebinary-ext.optional_header.size_of_heap_commit"},
      {"network-traffic", "extensions", set("http-request-ext", R"({"request_method":"get"})"),
       CheckId::Required, "$.extensions.http-request-ext.request_value"},
      {"network-traffic", "extensions",
       set("http-request-ext",
           R"({"request_method":"get","request_value":"/","request_header":{"A":"b"}})"),
       CheckId::List, "$.extensions.http-request-ext.request_header.A"},
      {"network-traffic", "extensions", set("icmp-ext", R"({"icmp_type_hex":"08"})"),
       CheckId::Required, "$.extensions.icmp-ext.icmp_code_hex"},
      {"network-traffic", "extensions", set("socket-ext", socket(R"("options":{"FOO":1})")),
       CheckId::SocketOptions, "$.extensions.socket-ext.options.FOO"},
      {"network-traffic", "extensions", set("socket-ext", socket(R"("socket_type":"a")")),
       CheckId::Enum, "$.extensions.socket-ext.socket_type"},
      {"network-traffic", "extensions", set("tcp-ext", R"({"src_flags_hex":"0"})"), CheckId::Hex,
       "$.extensions.tcp-ext.src_flags_hex"},
      {"process", "extensions", set("windows-process-ext", R"({"priority":"HIGH"})"),
       CheckId::WindowsProcessPriorityFormat, "$.extensions.windows-process-ext.priority"},
      {"process", "extensions", set("windows-service-ext", R"({"start_type":"a"})"), CheckId::Enum,
       "$.extensions.windows-service-ext.start_type"},
      {"user-account", "extensions", set("unix-account-ext", "{}"), CheckId::Properties,
       "$.extensions.unix-account-ext"},
      {"user-account", "extensions", set("ntfs-ext", R"({"sid":"a"})"), CheckId::ExtensionsUse,
       "$.extensions.ntfs-ext"},
  });
}

TEST(Validate, MetaObjects) {
  const auto itself = fmt::format("\"{}\"", smallest("marking-definition").text("id"));
  expect_broken({
      {"language-content", "object_ref", "\"bundle--31b940d4-6f7f-459a-80ea-9c1f17b5891b\"",
       CheckId::ReferenceType, "$.object_ref"},
      {"language-content", "contents", R"({"foo":{"name":"a"}})", CheckId::LanguageTag,
       "$.contents.foo"},
      {"language-content", "contents", R"({"en":{"a b":"a"}})", CheckId::DictionaryKeys,
       "$.contents.en"},
      {"language-content", "contents", R"({"en":{}})", CheckId::DictionaryKeys, "$.contents.en"},
      {"language-content", "contents", R"({"en":[]})", CheckId::Type, "$.contents.en"},
      {"marking-definition", "definition", "", CheckId::MarkingDefinition, "$"},
      {"marking-definition", "definition", "{}", CheckId::Required, "$.definition.statement"},
      {"marking-definition", "definition_type", "\"tlp\"", CheckId::TlpDefinition, "$"},
      {"marking-definition", "definition_type", "\"own\"", CheckId::MarkingDefinitionType,
       "$.definition_type"},
      {"marking-definition", "modified", "\"2016-04-06T20:03:48.000Z\"", CheckId::ExtensionsUse,
       "$.modified"},
      {"marking-definition", "object_marking_refs", "[" + itself + "]", CheckId::MarkingCircular,
       "$.object_marking_refs"},
      {"marking-definition", "granular_markings",
       fmt::format(R"([{{"marking_ref":{},"selectors":["created"]}}])", itself),
       CheckId::MarkingCircular, "$.granular_markings"},
      {"extension-definition", "extension_types", "[\"a\"]", CheckId::Enum, "$.extension_types[0]"},
      {"extension-definition", "description", "", CheckId::ExtensionDescription, "$.description"},
      {"extension-definition", "extension_properties", "[\"abc\"]", CheckId::Properties,
       "$.extension_properties"},
      {"extension-definition", "extension_types", "[\"toplevel-property-extension\"]",
       CheckId::ExtensionProperties, "$.extension_properties"},
  });
}

TEST(Validate, TheFourTlpDefinitionsAreTakenAsTheyStand) {
  constexpr std::string_view form =
      R"({{"type":"marking-definition","spec_version":"2.1",
      "id":"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
      "created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"{}",
      "definition":{{"tlp":"{}"}}}})";
  const auto of = [&](std::string_view name, std::string_view level) {
    return judged(must(json::parse(fmt::format(fmt::runtime(form), name, level))));
  };
  EXPECT_TRUE(of("TLP:WHITE", "white").valid);
  EXPECT_FALSE(of("TLP:WHITE", "green").valid);
  EXPECT_FALSE(of("TLP:GREEN", "green").valid);
}

TEST(Validate, NotesDecideNothing) {
  auto object = smallest("identity");
  object.object()->set("created_by_ref", "source--f431f809-377b-45e0-aa1c-6a4751cae5ff");
  object.object()->set("object_marking_refs",
                       must(json::parse("[\"marking-definition--34098fce\"]")));
  ValidateOptions strict;
  strict.strict = true;
  const auto report = judged(object, strict);
  EXPECT_TRUE(report.valid);
  EXPECT_TRUE(has_finding(report, CheckId::CreatedByIdentity, "$.created_by_ref"));
  EXPECT_TRUE(has_finding(report, CheckId::ReferenceUuid, "$.object_marking_refs[0]"));
  auto url = smallest("url");
  url.object()->set("id", "url--e3f2a9c4-5f2c-5b43-91de-0f1d8c3f2c5a");
  EXPECT_TRUE(has_finding(judged(url, strict), CheckId::DeterministicId, "$.id"));
  EXPECT_TRUE(judged(url, strict).valid);
}

json::Value bundle_of(json::Array objects) {
  auto out = smallest("bundle");
  out.object()->set("objects", std::move(objects));
  return out;
}

TEST(Validate, Bundles) {
  const auto tool = smallest("tool");
  EXPECT_TRUE(judged(bundle_of({tool, smallest("url")})).valid);
  EXPECT_TRUE(has_finding(judged(bundle_of({})), CheckId::List, "$.objects"));
  EXPECT_TRUE(has_finding(judged(bundle_of({tool, 7})), CheckId::Bundle, "$.objects[1]"));
  EXPECT_TRUE(
      has_finding(judged(bundle_of({smallest("bundle")})), CheckId::Bundle, "$.objects[0]"));
  auto broken = tool;
  broken.object()->erase("name");
  EXPECT_TRUE(
      has_finding(judged(bundle_of({tool, broken})), CheckId::Required, "$.objects[1].name"));
  EXPECT_TRUE(has_finding(judged(bundle_of({tool, tool})), CheckId::DuplicateIds, "$.objects[1]"));
  auto bundle = bundle_of({tool});
  bundle.object()->erase("id");
  EXPECT_TRUE(has_finding(judged(bundle), CheckId::Required, "$.id"));
  bundle = bundle_of({tool});
  bundle.object()->set("objects", 7);
  EXPECT_TRUE(has_finding(judged(bundle), CheckId::List, "$.objects"));
}

TEST(Validate, AnObjectOfStix20InABundleIsJudgedByIdentityAndTimes) {
  auto old = smallest("tool");
  old.object()->erase("spec_version");
  old.object()->erase("name");
  auto report = judged(bundle_of({old, smallest("tool")}));
  EXPECT_TRUE(has_finding(report, CheckId::Stix20Object, "$.objects[0]"));
  EXPECT_TRUE(report.valid) << told(report);
  old.object()->set("spec_version", "2.0");
  EXPECT_TRUE(judged(bundle_of({old})).valid);
  old.object()->set("modified", "yesterday");
  EXPECT_TRUE(has_finding(judged(bundle_of({old})), CheckId::Timestamp, "$.objects[0].modified"));
  old.object()->set("id", "tool--1");
  EXPECT_TRUE(has_finding(judged(bundle_of({old})), CheckId::Id, "$.objects[0].id"));
  EXPECT_FALSE(judged(old).valid);
}

TEST(Validate, AnEncodingIsOfANameThatIsThere) {
  auto file = smallest("file");
  file.object()->set("name_enc", "utf-8");
  EXPECT_TRUE(judged(file).valid) << told(judged(file));
  file.object()->set("hashes", must(json::parse(R"({"MD5":"B4D33B0C7306351B9ED96578465C5579"})")));
  file.object()->erase("name");
  EXPECT_TRUE(has_finding(judged(file), CheckId::Properties, "$"));
}

// Only vulnerabilities and attack patterns say what an id of such a source looks like.
TEST(Validate, IdsOfExternalSourcesHaveTheirFormWhereTheStandardAsksForIt) {
  for (const std::string_view type : {"identity", "vulnerability", "attack-pattern"}) {
    auto object = smallest(type);
    object.object()->set("external_references",
                         must(json::parse(R"([{"source_name":"cve","external_id":"1"},)"
                                          R"({"source_name":"capec","external_id":"2"}])")));
    const auto report = judged(object);
    EXPECT_EQ(
        has_finding(report, CheckId::ExternalReference, "$.external_references[0].external_id"),
        type == "vulnerability");
    EXPECT_EQ(
        has_finding(report, CheckId::ExternalReference, "$.external_references[1].external_id"),
        type == "attack-pattern");
  }
}

TEST(Validate, VersionsOfOneObjectInABundleAgree) {
  const auto version = [](std::string_view modified, std::string_view name,
                          std::string_view value) {
    auto tool = smallest("tool");
    tool.object()->set("modified", modified);
    if (!name.empty()) tool.object()->set(std::string(name), must(json::parse(value)));
    return tool;
  };
  constexpr std::string_view first = "2016-04-06T20:03:48.000Z", later = "2017-01-01T00:00:00.000Z";
  EXPECT_TRUE(judged(bundle_of({version(first, "", ""), version(later, "", "")})).findings.empty());
  EXPECT_TRUE(
      has_finding(judged(bundle_of({version(first, "", ""),
                                    version(later, "created", "\"2016-01-01T00:00:00.000Z\"")})),
                  CheckId::Versions, "$.objects[1].created"));
  const auto revoked = version(first, "revoked", "true");
  EXPECT_TRUE(has_finding(judged(bundle_of({revoked, version(later, "", "")})), CheckId::Versions,
                          "$.objects[1].modified"));
  EXPECT_TRUE(has_finding(judged(bundle_of({version(later, "", ""), revoked})), CheckId::Versions,
                          "$.objects[1].revoked"));
  // One time in two spellings is one version.
  EXPECT_TRUE(has_finding(
      judged(bundle_of({version(first, "", ""), version("2016-04-06T20:03:48.0000Z", "", "")})),
      CheckId::DuplicateIds, "$.objects[1]"));
}

TEST(Validate, ATranslationHasTheFormOfTheOriginalInTheBundle) {
  auto actor = smallest("threat-actor");
  actor.object()->set("goals", json::Array{"a", "b"});
  auto content = smallest("language-content");
  content.object()->set("object_ref", std::string(actor.text("id")));
  const auto report = [&](std::string_view texts) {
    content.object()->set("contents", must(json::parse(fmt::format(R"({{"de":{}}})", texts))));
    return judged(bundle_of({content, actor}));
  };
  EXPECT_TRUE(report(R"({"name":"x","goals":["y",""],"no_such":7})").valid);
  const std::string at = "$.objects[0].contents.de.";
  EXPECT_TRUE(has_finding(report(R"({"name":7})"), CheckId::LanguageContent, at + "name"));
  EXPECT_TRUE(has_finding(report(R"({"goals":["y"]})"), CheckId::LanguageContent, at + "goals"));
  EXPECT_TRUE(has_finding(report(R"({"goals":"y"})"), CheckId::LanguageContent, at + "goals"));
  EXPECT_TRUE(
      has_finding(report(R"({"goals":["y",[]]})"), CheckId::LanguageContent, at + "goals[1]"));
  // Of a version that is not there nothing is known.
  content.object()->set("object_modified", "2020-01-01T00:00:00.000Z");
  EXPECT_TRUE(report(R"({"name":7})").valid);
}

TEST(Validate, EnforceRefsWantsTheEndsInTheBundle) {
  ValidateOptions options;
  options.enforce_refs = true;
  const auto relationship = smallest("relationship");
  auto source = smallest("indicator");
  source.object()->set("id", std::string(relationship.text("source_ref")));
  auto target = smallest("malware");
  target.object()->set("id", std::string(relationship.text("target_ref")));
  EXPECT_TRUE(judged(bundle_of({relationship, source, target}), options).valid);
  const auto report = judged(bundle_of({relationship, source}), options);
  EXPECT_FALSE(report.valid);
  EXPECT_TRUE(has_finding(report, CheckId::EnforceRefs, "$.objects[0].target_ref"));
  EXPECT_TRUE(judged(bundle_of({relationship, source})).valid);
}

TEST(Validate, FindingsAreBoundedAndTheRestIsCounted) {
  for (const std::size_t count : {findings_max, findings_max + 1}) {
    json::Array labels;
    for (std::size_t i = 0; i < count; ++i) labels.emplace_back(7);
    auto object = smallest("tool");
    object.object()->set("labels", std::move(labels));
    const auto report = judged(object);
    EXPECT_EQ(report.findings.size(), findings_max);
    EXPECT_EQ(report.more, count - findings_max);
    EXPECT_FALSE(report.valid);
  }
}

TEST(Validate, AVerdictDoesNotDependOnTheBound) {
  json::Array phases;
  for (std::size_t i = 0; i < findings_max; ++i) {
    phases.push_back(must(json::parse(R"({"kill_chain_name":"A","phase_name":"b"})")));
  }
  auto object = smallest("tool");
  object.object()->set("kill_chain_phases", std::move(phases));
  EXPECT_TRUE(judged(object).valid);
  object.object()->set("tool_version", 7);
  EXPECT_FALSE(judged(object).valid);
}

TEST(Validate, TextThatIsNoObjectIsAFinding) {
  const auto selection = must(Selection::of({}));
  const std::vector<std::string> texts = {"",
                                          "[]",
                                          "7",
                                          "{",
                                          "{\"a\":1,\"a\":1}",
                                          "\xff",
                                          std::string(10'000, '['),
                                          "{\"type\":\"\\ud800\"}"};
  for (const auto& text : texts) {
    const auto report = validate(text, selection);
    ASSERT_EQ(report.findings.size(), 1U) << text.substr(0, 40);
    EXPECT_EQ(report.findings[0].check, CheckId::Json);
    EXPECT_FALSE(report.valid);
  }
}

TEST(Validate, TheDeepestObjectIsJudged) {
  const auto inner = static_cast<std::size_t>(json::depth_max) - 1;
  const auto text =
      R"({"type":"tool","own":)" + std::string(inner, '[') + std::string(inner, ']') + "}";
  EXPECT_FALSE(validate(text, must(Selection::of({}))).valid);
  const auto half = static_cast<std::size_t>(json::depth_max) - 2;
  std::string deep = R"({"own_ref":7})";
  for (std::size_t i = 1; i < half; ++i) deep = R"({"own":)" + deep + "}";
  const auto report = validate(R"({"type":"tool","own":)" + deep + "}", must(Selection::of({})));
  EXPECT_TRUE(std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& found) {
    return found.check == CheckId::Type && found.path.ends_with("own_ref");
  })) << told(report).substr(0, 400);
}

TEST(Validate, ABundleIsJudgedAsItStandsInTheText) {
  const auto selection = must(Selection::of({}));
  const auto good = json::write(smallest("tool"));
  // The type may come behind the objects; what is wrong with the bundle itself is told first.
  auto report =
      validate("{\"objects\":[" + good + ",{\"a\":1,\"a\":1},7],\"type\":\"bundle\"}", selection);
  ASSERT_EQ(report.findings.size(), 3U) << told(report);
  EXPECT_EQ(report.findings[0].path, "$.id");
  EXPECT_EQ(report.findings[1].path, "$.objects[1]");
  EXPECT_EQ(report.findings[1].check, CheckId::Json);
  EXPECT_EQ(report.findings[2].path, "$.objects[2]");
  EXPECT_EQ(report.findings[2].check, CheckId::Bundle);
  // A list of that name in another object is no business of ours.
  report = validate(R"({"type":"x-acme-thing","objects":[{"a":1},7]})", selection);
  for (const auto& finding : report.findings) {
    EXPECT_FALSE(finding.path.starts_with("$.objects")) << told(report);
  }
  report = validate("{\"type\":\"bundle\",\"objects\":[" + good + "}", selection);
  ASSERT_EQ(report.findings.size(), 1U) << told(report);
  EXPECT_EQ(report.findings[0].check, CheckId::Json);
  EXPECT_FALSE(report.valid);
}

TEST(Validate, ABundleHasABoundOfObjects) {
  const auto selection = must(Selection::of({}));
  const auto of = [&](std::size_t count) {
    json::Array objects;
    for (std::size_t i = 0; i < count; ++i) objects.push_back(smallest("url"));
    return validate(json::write(bundle_of(std::move(objects))), selection, {}, 3);
  };
  EXPECT_TRUE(of(3).valid) << told(of(3));
  const auto beyond = of(4);
  EXPECT_FALSE(beyond.valid);
  EXPECT_TRUE(has_finding(beyond, CheckId::Bundle, "$.objects")) << told(beyond);
  EXPECT_FALSE(has_finding(beyond, CheckId::Json, "$"));
}

TEST(Validate, AnObjectBeyondTheBoundIsAFindingAtItsPlaceAndTheNextIsJudged) {
  const auto selection = must(Selection::of({}));
  auto text = json::write(bundle_of({smallest("url"), smallest("tool")}));
  // White space within the first object: what is long is what stands in the text.
  const auto begin = text.find("[{") + 2;
  const auto end = text.find("},{");
  ASSERT_NE(end, std::string::npos);
  const auto more = json::document_bytes_max - (end - begin) - 2;
  text.insert(begin, more, ' ');
  EXPECT_TRUE(validate(text, selection).valid);
  text.insert(begin, 1, ' ');
  const auto beyond = validate(text, selection);
  EXPECT_FALSE(beyond.valid);
  ASSERT_EQ(beyond.findings.size(), 1U) << told(beyond);
  EXPECT_TRUE(has_finding(beyond, CheckId::Json, "$.objects[0]")) << told(beyond);
  EXPECT_NE(beyond.findings[0].rule.find("67108865"), std::string::npos) << told(beyond);
  EXPECT_NE(beyond.findings[0].rule.find("67108864"), std::string::npos) << told(beyond);
  text.replace(text.rfind("\"name\""), 6, "\"nam0\"");
  EXPECT_TRUE(has_finding(validate(text, selection), CheckId::Required, "$.objects[1].name"));
}

TEST(Validate, WhatIsBehindIsToldAndIsNotNeededAgainButForEnds) {
  auto relationship = json::write(smallest("relationship"));
  std::string text =
      "{\"type\":\"bundle\",\"id\":\"bundle--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a\","
      "\"objects\":[" +
      relationship;
  const std::string filler(1024 * 1024, 'a');
  for (int i = 0; i < 40; ++i) {
    auto note = smallest("note");
    note.object()->set("content", filler);
    text += "," + json::write(note);
  }
  text += "]}";
  std::vector<std::size_t> told_of;
  ValidateOptions options;
  options.enforce_refs = true;
  const auto report = validate(text, must(Selection::of(options)),
                               [&](std::size_t offset) { told_of.push_back(offset); });
  EXPECT_TRUE(has_finding(report, CheckId::EnforceRefs, "$.objects[0].target_ref"));
  ASSERT_EQ(told_of.size(), 3U);
  EXPECT_TRUE(std::is_sorted(told_of.begin(), told_of.end()));
  EXPECT_EQ(told_of.back(), text.size());
}

TEST(Validate, OfManyVersionsThatATranslationMayBeForNoneIsCompared) {
  auto content = smallest("language-content");
  content.object()->set("contents", must(json::parse(R"({"de":{"name":7}})")));
  const auto of = [&](int versions) {
    json::Array objects{content};
    for (int i = 0; i < versions; ++i) {
      auto malware = smallest("malware");
      malware.object()->set("id", std::string(malware_ref));
      malware.object()->set("modified", fmt::format("2017-01-01T00:00:00.{:03}Z", i));
      objects.push_back(malware);
    }
    return has_finding(judged(bundle_of(std::move(objects))), CheckId::LanguageContent,
                       "$.objects[0].contents.de.name");
  };
  EXPECT_TRUE(of(1));
  EXPECT_FALSE(of(2));
  content.object()->set("object_modified", "2017-01-01T00:00:00.003Z");
  EXPECT_TRUE(of(64));
  EXPECT_FALSE(of(65));
}

}  // namespace
}  // namespace comity::stix
