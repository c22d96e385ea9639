#include "stix/searchable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "json/write.h"
#include "stix/test_stix.h"

namespace comity::stix {
namespace {

using comity::test::must;
using Texts = std::vector<std::string>;

constexpr std::string_view searched_uuid = "e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a";

// An object of a type with these members, beside what each must have.
Object object_of(std::string_view type, std::string_view members) {
  return must(read_object(fmt::format(
      R"({{"type":"{0}","id":"{0}--{1}","spec_version":"2.1",)"
      R"("created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z"{2}{3}}})",
      type, searched_uuid, members.empty() ? "" : ",", members)));
}

Texts values(std::string_view type, std::string_view members) {
  Texts out;
  for (const auto& value : values_of(object_of(type, members))) {
    out.push_back(fmt::format("{} {}", name(value.kind), value.value));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Texts in_pattern(const std::string& pattern) {
  return values("indicator",
                R"("pattern_type":"stix","pattern":)" + json::write(json::Value(pattern)));
}

TEST(Searchable, ObservablesOfEveryType) {
  EXPECT_EQ(values("artifact", R"("url":"http://a.example/x","hashes":{"MD5":"AB"})"),
            (Texts{"domain a.example", "md5 ab", "url http://a.example/x"}));
  EXPECT_EQ(values("autonomous-system", R"("number":64500)"), (Texts{"as AS64500"}));
  EXPECT_EQ(values("directory", R"("path":"C:\\Temp")"), (Texts{"directory c:\\temp"}));
  EXPECT_EQ(values("domain-name", R"("value":"A.example.")"), (Texts{"domain a.example"}));
  EXPECT_EQ(values("email-addr", R"("value":"A@B.example")"), (Texts{"email a@b.example"}));
  EXPECT_EQ(values("email-message", R"("is_multipart":false,"message_id":"<1@A>","subject":"x")"),
            (Texts{"message-id <1@a>"}));
  EXPECT_EQ(values("file", R"("name":"A.exe","hashes":{"SHA-256":"AB","whirlpool":"CD"})"),
            (Texts{"file a.exe", "hash cd", "sha-256 ab"}));
  EXPECT_EQ(
      values("file",
             R"("extensions":{"windows-pebinary-ext":{"pe_type":"exe","imphash":"EF",)"
             R"("sections":[{"name":".text","hashes":{"MD5":"01"}},{"hashes":{"MD5":"02"}}],)"
             R"("optional_header":{"hashes":{"SHA-1":"03"}},"file_header_hashes":{"MD5":"04"}}})"),
      (Texts{"imphash ef", "md5 01", "md5 02", "md5 04", "sha-1 03"}));
  EXPECT_EQ(values("ipv4-addr", R"("value":"198.51.100.0/24")"),
            (Texts{"network 198.51.100.0/24"}));
  EXPECT_EQ(values("ipv6-addr", R"("value":"2001:DB8::1")"), (Texts{"address 2001:db8::1"}));
  EXPECT_EQ(values("mac-addr", R"("value":"d2:fb:49:24:37:18")"), (Texts{"mac d2:fb:49:24:37:18"}));
  EXPECT_EQ(values("mutex", R"("name":"Global\\X")"), (Texts{"mutex global\\x"}));
  EXPECT_EQ(values("network-traffic", R"("extensions":{"http-request-ext":{"request_header":)"
                                      R"({"User-Agent":["Mozilla/5.0"],"Host":["a.example"]}}})"),
            (Texts{"user-agent mozilla/5.0"}));
  EXPECT_EQ(values("process", R"("command_line":"a -b","extensions":)"
                              R"({"windows-service-ext":{"service_name":"Svc"}})"),
            (Texts{"command-line a -b", "service svc"}));
  EXPECT_EQ(values("software", R"("name":"x","cpe":"cpe:2.3:a:b:c:1:*:*:*:*:*:*:*")"),
            (Texts{"cpe cpe:2.3:a:b:c:1:*:*:*:*:*:*:*"}));
  EXPECT_EQ(values("url", R"("value":"http://198.51.100.7/x")"),
            (Texts{"address 198.51.100.7", "url http://198.51.100.7/x"}));
  EXPECT_EQ(values("user-account", R"("user_id":"1000","account_login":"Root")"),
            (Texts{"account 1000", "account root"}));
  EXPECT_EQ(values("windows-registry-key", R"("key":"HKLM\\X")"), (Texts{"registry-key hklm\\x"}));
  EXPECT_EQ(values("x509-certificate", R"("serial_number":"36:F7","hashes":{"SHA-1":"AB"})"),
            (Texts{"serial-number 36:f7", "sha-1 ab"}));
}

TEST(Searchable, NamesOfOtherCatalogues) {
  EXPECT_EQ(values("vulnerability", R"("name":"CVE-2024-3094","external_references":)"
                                    R"([{"source_name":"cve","external_id":"cve-2024-3094"}])"),
            (Texts{"vulnerability CVE-2024-3094"}));
  EXPECT_EQ(values("vulnerability", R"("name":"a hole")"), Texts{});
  EXPECT_EQ(
      values("attack-pattern",
             R"("name":"x","external_references":[{"source_name":"mitre-attack",)"
             R"("external_id":"T1059.001"},{"source_name":"capec","external_id":"CAPEC-1"}])"),
      (Texts{"external-id CAPEC-1", "external-id T1059.001"}));
}

TEST(Searchable, ConstantsOfPatterns) {
  EXPECT_EQ(in_pattern("[ipv4-addr:value = '198.51.100.7' OR ipv4-addr:value ISSUBSET "
                       "'203.0.113.0/24']"),
            (Texts{"address 198.51.100.7", "network 203.0.113.0/24"}));
  EXPECT_EQ(in_pattern("[file:hashes.'SHA-256' = 'AB' AND file:name IN ('a.exe', 'B.dll')] "
                       "FOLLOWEDBY ([domain-name:value != 'A.example'] AND "
                       "[url:value = 'http://b.example'])"),
            (Texts{"domain a.example", "domain b.example", "file a.exe", "file b.dll", "sha-256 ab",
                   "url http://b.example/"}));
  EXPECT_EQ(in_pattern("[network-traffic:dst_ref.value = '2001:DB8::1' AND "
                       "network-traffic:src_ref.value = 'C.example']"),
            (Texts{"address 2001:db8::1", "domain c.example"}));
  EXPECT_EQ(in_pattern("[process:image_ref.name = 'X.exe' AND "
                       "email-message:body_multipart[*].body_raw_ref.hashes.MD5 = 'AB']"),
            (Texts{"file x.exe", "md5 ab"}));
  EXPECT_EQ(in_pattern("[file:extensions.'windows-pebinary-ext'.sections[*].hashes.MD5 = 'CD']"),
            (Texts{"md5 cd"}));
  EXPECT_EQ(in_pattern("[autonomous-system:number = 64500]"), (Texts{"as AS64500"}));
  EXPECT_EQ(in_pattern("[network-traffic:extensions.'http-request-ext'.request_header."
                       "'User-Agent' = 'curl']"),
            (Texts{"user-agent curl"}));
  // What these compare with is no value, or of no kind that is one.
  EXPECT_EQ(in_pattern("[file:name LIKE 'a%' OR file:name MATCHES '^a' OR file:size > 5 OR "
                       "x-thing:value = 'a' OR file:magic_number_hex = h'ab']"),
            Texts{});
  EXPECT_EQ(in_pattern("[this is no pattern"), Texts{});
  EXPECT_EQ(values("indicator", R"("pattern_type":"snort","pattern":"[file:name = 'a']")"),
            Texts{});
}

TEST(Searchable, TheOlderFormOfObservedData) {
  EXPECT_EQ(values("observed-data", R"("objects":{"0":{"type":"domain-name","value":"a.example"},)"
                                    R"("1":{"type":"file","name":"x"},"2":7})"),
            (Texts{"domain a.example", "file x"}));
}

TEST(Searchable, AtMostSoManyValues) {
  std::string members = R"("objects":{)";
  for (std::size_t n = 0; n <= values_max; ++n) {
    members += fmt::format(R"({}"{}":{{"type":"file","name":"f{}"}})", n == 0 ? "" : ",", n, n);
  }
  EXPECT_EQ(values_of(object_of("observed-data", members + "}")).size(), values_max);
}

// The smallest object of a type that is an observable has a value, but of those whose values are
// all optional, and of an e-mail message and a process, which have none of their own.
TEST(Searchable, NoTypeOfObservableIsForgotten) {
  const std::set<std::string_view> without = {"email-message", "network-traffic", "process",
                                              "software"};
  for (const std::string_view type :
       {"artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message",
        "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process",
        "software", "url", "user-account", "windows-registry-key", "x509-certificate"}) {
    ASSERT_TRUE(is_observable(type)) << type;
    const auto object = must(read_object(json::write(smallest(type))));
    EXPECT_EQ(values_of(object).empty(), without.contains(type)) << type;
  }
}

TEST(Searchable, TextIsWhatPersonsWrote) {
  const auto text = text_of(object_of(
      "malware",
      R"("name":"Blue Heron","description":"It\nspreads","labels":["worm"],"is_family":false,)"
      R"("created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",)"
      R"("x_note":{"deep":["kept"]},"hashes":{"MD5":"ab"},"payload_bin":"AAAA",)"
      R"("first_seen":"2024-01-01T00:00:00Z","external_references":[{"source_name":"a source"}])"));
  EXPECT_EQ(text, "Blue Heron\nIt spreads\nworm\nkept\na source");
}

TEST(Searchable, TextIsBoundedBetweenCharacters) {
  const auto with = [](const std::string& description) {
    return text_of(object_of("malware", R"("description":")" + description + "\""));
  };
  const std::string at(text_bytes_max, 'a');
  EXPECT_EQ(with(at), at);
  EXPECT_EQ(with(at + "b"), at);
  EXPECT_EQ(with(at.substr(1) + "\xc3\xa9"), at.substr(1));
  std::string deep = "\"x\"", shallow;
  for (std::size_t i = 0; i < text_depth_max; ++i) deep = "[" + deep + "]";
  shallow = deep.substr(1, deep.size() - 2);
  EXPECT_EQ(text_of(object_of("malware", "\"x_a\":" + shallow)), "x");
  EXPECT_EQ(text_of(object_of("malware", "\"x_a\":" + deep)), "");
}

TEST(Searchable, TextHasOneFormInEachScript) {
  EXPECT_EQ(text_form("a\tb\x7f"), "a b ");
  EXPECT_EQ(text_form("e\xcc\x81"), "\xc3\xa9") << "composed";
  EXPECT_EQ(text_form("\xd9\x85\xd9\x8f\xd8\xad"), "\xd9\x85\xd8\xad") << "without its vowel";
  EXPECT_EQ(text_form("\xd9\x80"), "") << "what stretches a word";
  EXPECT_EQ(text_form("\xe6\xbc\xa2\xe5\xad\x97"), " \xe6\xbc\xa2  \xe5\xad\x97 ");
  EXPECT_EQ(text_form("\xe0\xb8\x81x"), " \xe0\xb8\x81 x");
  EXPECT_EQ(text_form(std::string_view("\xff\xe2\x82", 3)).empty(), false) << "no UTF-8: no crash";
}

TEST(Searchable, AQueryIsWordsAndPhrasesAndNothingElse) {
  EXPECT_EQ(must(phrases_of("blue  heron")), (Texts{"blue", "heron"}));
  EXPECT_EQ(must(phrases_of("\"blue heron\" kite")), (Texts{"blue heron", "kite"}));
  EXPECT_EQ(must(phrases_of("a\"b c\"d")), (Texts{"a", "b c", "d"}));
  EXPECT_EQ(must(phrases_of("\"not closed")), (Texts{"not closed"}));
  EXPECT_EQ(must(phrases_of("NOT a* OR NEAR(b) -c text:d")),
            (Texts{"NOT", "a*", "OR", "NEAR(b)", "-c", "text:d"}));
  EXPECT_EQ(must(phrases_of("-- \"\" *")), Texts{});
  EXPECT_EQ(must(phrases_of("")), Texts{});
  EXPECT_EQ(phrases_of("\xff").error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(must(phrases_of(std::string(query_bytes_max, 'a'))).size(), 1U);
  EXPECT_EQ(phrases_of(std::string(query_bytes_max + 1, 'a')).error().kind,
            ErrorKind::InvalidInput);
  std::string words;
  for (std::size_t i = 0; i < phrases_max; ++i) words += "w ";
  EXPECT_EQ(must(phrases_of(words)).size(), phrases_max);
  EXPECT_EQ(phrases_of(words + "w").error().kind, ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace comity::stix
