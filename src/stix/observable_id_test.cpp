// The expected identifiers were computed with the stix2 library for Python, version 3.0.2, from the
// same objects.
#include "stix/observable_id.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "json/parse.h"
#include "stix/object.h"

namespace comity::stix {
namespace {

struct Known {
  const char* id;
  const char* members;  // JSON, without type and id
};

const Known known[] = {
    {"file--9d6d71f5-770d-5d96-afe9-62aaf1c017f3",
     R"("name":"a.exe","hashes":{"SHA-256":"ed01ebfbc9eb5bbea545af4d01bf5f1071661840480439c6e5ba)"
     R"(be8e080e41aa","MD5":"84c82835a5d21bbcf75a61706d8ab549"})"},
    {"file--08d0711a-9e49-5fc3-b9c4-ae58267f56a8",
     R"("hashes":{"SHA-512":"abababababababababababababababababababababababababababababababababa)"
     R"(babababababababababababababababababababababababababababab",)"
     R"("SHA-256":"ed01ebfbc9eb5bbea545af4d01bf5f1071661840480439c6e5babe8e080e41aa"})"},
    {"file--0fd8a10a-2354-586e-b6b8-bb7f0c1fda37", "\"name\":\"na\\u00efve.exe\""},
    {"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", R"("value":"198.51.100.3")"},
    {"ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26", R"("value":"2001:db8::1")"},
    {"domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7", R"("value":"example.com")"},
    {"url--47c3cf9a-5027-5bf0-997a-017c7edc7c55",
     R"("value":"https://example.com/research/index.html")"},
    {"email-addr--7165e2a9-671f-585d-b1e1-ca59c671d934",
     R"("value":"john@example.com","display_name":"John")"},
    {"mac-addr--757b1725-9903-54f5-a855-1240691d7659", R"("value":"d2:fb:49:24:37:18")"},
    {"mutex--f93fe911-e545-5239-b9b0-597840d0c871", R"("name":"__CLEANSWEEP__")"},
    {"autonomous-system--3aa27478-50b5-5ab8-9da9-cdc12b657fff", R"("number":15139,"name":"Slime")"},
    {"directory--0a58d0c1-59e6-5afd-8252-dcd3f13e5622", R"("path":"C:\\Windows\\System32")"},
    {"software--710b0b41-d4d0-5d6c-a400-fc9254554ffc",
     R"("version":"2002","name":"Word","cpe":"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*",)"
     R"("vendor":"Microsoft")"},
    {"user-account--f94d689e-707d-58c3-b803-c720bb6ed096",
     R"("user_id":"1001","account_login":"jdoe","account_type":"unix","display_name":"John Doe")"},
    {"windows-registry-key--5f15b061-9c3d-5ea8-93b8-72468f206c1a",
     R"("key":"hkey_local_machine\\system\\bar\\foo","values":[{"name":"Foo","data":"qwerty",)"
     R"("data_type":"REG_SZ"}])"},
    {"x509-certificate--8c21b4b7-94fe-55e6-8a39-7ad008e784b2",
     R"("serial_number":"36:f7:d4","issuer":"C=ZA")"},
    {"network-traffic--88521165-292f-5bcb-9f35-38aa7a796626",
     R"("start":"2020-01-01T00:00:00Z",)"
     R"("src_ref":"ipv4-addr--4d22aae0-2bf9-5427-8819-e4f6abf20a53","dst_port":80,)"
     R"("protocols":["ipv4","tcp"])"},
    {"artifact--30db9816-3444-5ab6-8e93-f9262c146d34",
     R"("mime_type":"image/jpeg","payload_bin":"VBORw0KGgoAAAANSUhEUgAAADI==")"},
    {"email-message--6d8af8d6-9442-5256-9b5d-eacec5ad3622",
     R"("is_multipart":false,"subject":"Hi","body":"Hello",)"
     R"("from_ref":"email-addr--89f52ea8-d6ef-51e9-8fce-6a29236436ed")"},
};

json::Value observable(std::string_view type, const std::string& members) {
  auto text = R"({"type":")" + std::string(type) + "\"";
  if (!members.empty()) text += "," + members;
  const auto value = json::parse(text + "}");
  CHECK(value.has_value());
  return *value;
}

TEST(DeterministicIdTest, KnownValues) {
  for (const auto& one : known) {
    EXPECT_EQ(deterministic_id(observable(type_of(one.id), one.members)), one.id);
  }
}

TEST(DeterministicIdTest, OnlyContributingPropertiesCount) {
  const auto plain = deterministic_id(observable("file", R"("name":"a")"));
  EXPECT_EQ(plain, deterministic_id(observable("file", R"("size":5,"name":"a","defanged":true)")));
  EXPECT_NE(plain, deterministic_id(observable("file", R"("name":"A")")));
}

TEST(DeterministicIdTest, OfSeveralHashesTheFirstOfTheListCounts) {
  const auto id = [](const char* hashes) {
    return deterministic_id(observable("file", std::string("\"hashes\":{") + hashes + "}"));
  };
  const auto md5 = id(R"("MD5":"a")");
  EXPECT_EQ(id(R"("SHA-1":"b","MD5":"a")"), md5);
  EXPECT_EQ(id(R"("SHA-512":"d","SHA-256":"c","SHA-1":"b")"), id(R"("SHA-1":"b")"));
  EXPECT_EQ(id(R"("SHA-512":"d","SHA-256":"c","A":"x")"), id(R"("SHA-256":"c")"));
  EXPECT_EQ(id(R"("TLSH":"t","SSDEEP":"s")"), id(R"("SSDEEP":"s")"));
}

TEST(DeterministicIdTest, NothingWithoutContributingProperties) {
  EXPECT_FALSE(deterministic_id(observable("process", R"("pid":1)")).has_value());
  EXPECT_FALSE(deterministic_id(observable("file", R"("size":5)")).has_value());
  EXPECT_FALSE(deterministic_id(observable("indicator", R"("name":"a")")).has_value());
  EXPECT_FALSE(deterministic_id(observable("x-own", R"("value":"a")")).has_value());
  EXPECT_FALSE(deterministic_id(json::Value("file")).has_value());
}

TEST(DeterministicIdTest, TheExamplesUseIt) {
  const std::string folder = comity::test::source_path("examples/incidents");
  const auto names = list_files(folder, ".json");
  ASSERT_TRUE(names.has_value());
  std::size_t compared = 0;
  for (const auto& name : *names) {
    const auto text = read_file(folder + "/" + name, json::document_bytes_max);
    ASSERT_TRUE(text.has_value());
    const auto rest = json::split(*text, "objects", [&](std::string_view bytes, std::size_t) {
      const auto value = json::parse(bytes);
      if (!value || !is_observable(value->text("type"))) return Status();
      if (const auto id = deterministic_id(*value)) {
        EXPECT_EQ(*id, value->text("id")) << name;
        ++compared;
      }
      return Status();
    });
    EXPECT_TRUE(rest.has_value());
  }
  EXPECT_GT(compared, 0U);
}

}  // namespace
}  // namespace comity::stix
