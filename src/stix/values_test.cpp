#include "stix/values.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace comity::stix {
namespace {

using Test = bool (*)(std::string_view);

void expect_forms(Test test, const std::vector<std::string>& good,
                  const std::vector<std::string>& bad) {
  for (const auto& text : good) EXPECT_TRUE(test(text)) << text;
  for (const auto& text : bad) EXPECT_FALSE(test(text)) << text;
}

TEST(Values, TypeNames) {
  expect_forms(is_stix_type_name, {"abc", "x-a", "ipv4-addr", "a1-2b", "a" + std::string(249, 'b')},
               {"", "ab", "-ab", "ab-", "a--b", "1ab", "Abc", "a_b", "a b", "corpor@tion",
                "a" + std::string(250, 'b')});
}

TEST(Values, PropertyNames) {
  expect_forms(is_property_name, {"abc", "x_a", "a1_", std::string(250, 'a')},
               {"", "ab", "1ab", "_ab", "aB_", "a-b", "a b", std::string(251, 'a')});
}

TEST(Values, Timestamps) {
  expect_forms(is_stix_timestamp,
               {"2016-04-06T20:03:48Z", "2016-04-06T20:03:48.1Z", "2016-04-06T20:03:48.123456789Z",
                "2016-02-29T00:00:00Z", "2016-12-31T23:59:60Z"},
               {"", "2016-04-06", "2016-04-06T20:03:48", "2016-04-06t20:03:48Z",
                "2016-04-06T20:03:48z", "2016-04-06 20:03:48Z", "2016-04-06T20:03:48+00:00",
                "2016-04-06T20:03:48.Z", "2016-04-06T20:03:48,1Z", "2015-02-29T00:00:00Z",
                "2016-13-01T00:00:00Z", "2016-01-01T24:00:00Z", "2016-01-01T00:60:00Z",
                "2016-01-01T00:00:61Z", "2016-04-06T20:03:48.1xZ"});
  EXPECT_TRUE(has_milliseconds("2016-04-06T20:03:48.123Z"));
  EXPECT_FALSE(has_milliseconds("2016-04-06T20:03:48.12Z"));
  EXPECT_FALSE(has_milliseconds("2016-04-06T20:03:48Z"));
}

TEST(Values, Uuids) {
  expect_forms(is_uuid_text, {"8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"},
               {"", "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3", "8e2e2d2b17d4-4cbf-938f-98ee46b3cd3ff",
                "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3g", "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f0"});
  EXPECT_EQ(uuid_version("8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"), 4);
  EXPECT_EQ(uuid_version("8e2e2d2b-17d4-Fcbf-938f-98ee46b3cd3f"), 15);
  EXPECT_TRUE(is_rfc4122_variant("8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"));
  EXPECT_FALSE(is_rfc4122_variant("8e2e2d2b-17d4-4cbf-c38f-98ee46b3cd3f"));
}

TEST(Values, CodedBytes) {
  expect_forms(is_base64, {"", "QQ==", "QUI=", "QUJD", "+/+/"},
               {"Q", "QQ", "QQ=", "QUJDQ", "=QQ=", "QQ==QQ==", "Q-==", "QQ\n="});
  expect_forms(is_hex_text, {"00", "Ff"}, {"", "0", "000", "0g", "0x"});
}

TEST(Values, Ipv4) {
  expect_forms(is_ipv4, {"0.0.0.0", "255.255.255.255", "192.168.0.1/5", "10.0.0.0/0", "1.2.3.4/32"},
               {"", "foo", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/a",
                "1.2.3.4/", "1.2.3.4/05", "1.2.3.4/-1", " 1.2.3.4", "1.2.3.4 ", "1..2.3"});
}

TEST(Values, Ipv6) {
  expect_forms(
      is_ipv6,
      {"::", "::1", "1::", "2001:db8::1", "fe80:0000:0000:0000:0204:61ff:fe9d:f156/128",
       "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "::/0", "1:2:3:4:5:6:7::"},
      {"", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "fe80::/",
       "fe80::/03", "fe80::/129", "1.2.3.4", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4",
       "1.2.3.4::", "1:2:3:4:5:6:7::8"});
}

TEST(Values, OtherAddresses) {
  expect_forms(
      is_mac, {"d2:fb:49:24:37:18"},
      {"", "D2:fb:49:24:37:18", "d2-fb-49-24-37-18", "d2:fb:49:24:37", "d2:fb:49:24:37:1g"});
  expect_forms(is_email, {"a@b", "john@example.com", "\"a b\"@example.com", "ü@example.com"},
               {"", "a", "@b", "a@", "a b@c", "a@b@c", "a@b c"});
  expect_forms(
      is_domain,
      {"example.com", "a", "xn--bcher-kva.example", "bücher.example", "a.", "_dmarc.example.com"},
      {"", ".", "a..b", "-a.com", "a-.com", "a b", std::string(64, 'a') + ".com"});
  expect_forms(is_url, {"http://example.com/", "https://example.com/a?b=c#d", "mailto:a@b", "x:y"},
               {"", "www.g.com", ":a", "http:", "1http://a", "http://a b", "http://<a>"});
}

TEST(Values, Names) {
  expect_forms(is_media_type, {"application/zip", "image/svg+xml", "application/vnd.a-b.c"},
               {"", "zip", "application/", "/zip", "foo/bar", "application/zip; a=b", "text/ x"});
  expect_forms(is_charset_name, {"US-ASCII", "UTF-8", "ISO_8859-1:1987"},
               {"", "a b", std::string(41, 'a')});
  expect_forms(is_cpe23,
               {"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*", "cpe:2.3:o:a:b\\:c:-:*:*:*:*:*:*:*"},
               {"", "cpe:/a:microsoft:word", "cpe:2.3:a:b:c", "cpe:2.3:x:a:b:1:*:*:*:*:*:*:*",
                "cpe:2.3:a:a:b:1:*:*:*:*:*:*:*:*", "cpe:2.3:a:a::1:*:*:*:*:*:*:*",
                "cpe:2.3:a:a:b:1:*:*:*:*:*:*:\\"});
  expect_forms(is_service_name, {"tcp", "ipv4", "http", "iso-tsap", "3com-tsmux"},
               {"", "-a", "a-", "a--b", "123", "a_b", "abcdefghijklmnop"});
  expect_forms(is_field_name, {"Accept", "X-A", "a!"}, {"", "a b", "a:", "ü"});
}

TEST(Values, Digests) {
  EXPECT_TRUE(is_digest_of("MD5", "B365B9A80A06906FC9B400C06C33FF43"));
  EXPECT_FALSE(is_digest_of("MD5", "B365B9A80A06906FC9B400C06C33FF4"));
  EXPECT_FALSE(is_digest_of("MD5", "B365B9A80A06906FC9B400C06C33FF4G"));
  EXPECT_TRUE(is_digest_of("SHA-256", std::string(64, 'a')));
  EXPECT_FALSE(is_digest_of("SHA-512", std::string(64, 'a')));
  EXPECT_TRUE(is_digest_of("SSDEEP", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"));
  EXPECT_FALSE(is_digest_of("SSDEEP", "AXGBicFlgVNhBGcL6wCrFQEv"));
  EXPECT_TRUE(is_digest_of("TLSH", "T1" + std::string(70, 'A')));
  EXPECT_FALSE(is_digest_of("TLSH", std::string(69, 'A')));
  EXPECT_TRUE(is_digest_of("x_own", "anything"));
}

TEST(Values, Languages) {
  expect_forms(is_language_tag,
               {"en", "EN", "ar", "eng", "zh-Hant", "en-GB", "de-CH-1996", "es-419", "x-own", "qaa",
                "en-a-abc", "sl-rozaj-biske"},
               {"", "e", "foo", "xx", "en-", "en--GB", "en_GB", "english", "x", "en-toolongtag1",
                "en-a", "12"});
}

TEST(Values, Countries) {
  expect_forms(is_country_code, {"th", "TH", "De", "ZW"}, {"", "xx", "T", "THA", "t1", "UK"});
}

TEST(Values, LowerCaseAndHyphens) {
  expect_forms(is_lower_hyphenated, {"a-b", "c++", "é"}, {"A", "a b", "a_b"});
}

}  // namespace
}  // namespace comity::stix
