#include "stix/search_value.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "stix/folding.h"

namespace comity::stix {
namespace {

std::string form(ValueKind kind, std::string_view text) {
  const auto value = canonical_value(kind, text);
  if (!value) return "";
  return std::string(name(value->kind)) + " " + value->value;
}

TEST(SearchValue, EachKindHasItsForm) {
  using enum ValueKind;
  EXPECT_EQ(form(Address, "198.51.100.7"), "address 198.51.100.7");
  EXPECT_EQ(form(Address, " 198.51.100.7/32 "), "address 198.51.100.7");
  EXPECT_EQ(form(Address, "198.51.100.7/24"), "network 198.51.100.0/24");
  EXPECT_EQ(form(Address, "0.0.0.0/0"), "network 0.0.0.0/0");
  EXPECT_EQ(form(Address, "198.51.100.007"), "address 198.51.100.007") << "no address: the text";
  EXPECT_EQ(form(Address, "2001:DB8:0:0:1:0:0:1"), "address 2001:db8::1:0:0:1");
  EXPECT_EQ(form(Address, "2001:db8::1/128"), "address 2001:db8::1");
  EXPECT_EQ(form(Address, "2001:db8:ffff::/33"), "network 2001:db8:8000::/33");
  EXPECT_EQ(form(Address, "::ffff:198.51.100.7"), "address ::ffff:c633:6407");
  EXPECT_EQ(form(Address, "::"), "address ::");
  EXPECT_EQ(form(Address, "1:0:2:0:3:0:4:0"), "address 1:0:2:0:3:0:4:0") << "one group is no run";
  EXPECT_EQ(form(Domain, "WWW.Example.COM."), "domain www.example.com");
  EXPECT_EQ(form(Domain,
                 "B\xc3\x9c"
                 "CHER.example"),
            "domain xn--bcher-kva.example");
  EXPECT_EQ(form(Domain, "not a name"), "domain not a name");
  EXPECT_EQ(form(Url, "HTTP://User@Example.COM:80"), "url http://User@example.com/");
  EXPECT_EQ(form(Url, "https://example.com:8443/A?b=C#D"), "url https://example.com:8443/A?b=C#D");
  EXPECT_EQ(form(Url, "http://[2001:DB8::1]:80/x"), "url http://[2001:db8::1]/x");
  EXPECT_EQ(form(Url, "http://example.com?q"), "url http://example.com/?q");
  EXPECT_EQ(form(Url, "mailto:A@b.example"), "url mailto:a@b.example");
  EXPECT_EQ(form(Email, "Some.One@Example.COM"), "email some.one@example.com");
  EXPECT_EQ(form(Mac, "D2-FB-49-24-37-18"), "mac d2:fb:49:24:37:18");
  EXPECT_EQ(form(As, "64500"), "as AS64500");
  EXPECT_EQ(form(As, "as 064500"), "as AS64500");
  EXPECT_EQ(form(Md5, "ABCDEF"), "md5 abcdef");
  EXPECT_EQ(form(Ssdeep, "3:AbC"), "ssdeep 3:AbC");
  EXPECT_EQ(form(Vulnerability, "cve-2024-3094"), "vulnerability CVE-2024-3094");
  EXPECT_EQ(form(ExternalId, "t1059.001"), "external-id T1059.001");
  EXPECT_EQ(form(File, "\xef\xbc\xa1.EXE"), "file a.exe") << "a full-width letter";
  EXPECT_EQ(form(File, "  "), "");
  EXPECT_EQ(form(File, "\xe2\x80\x8b"), "") << "nothing that is seen";
}

TEST(SearchValue, AFormIsItsOwnForm) {
  for (std::size_t i = 0; i < value_kind_count; ++i) {
    const auto kind = static_cast<ValueKind>(i);
    for (const std::string text :
         {"198.51.100.7", "198.51.100.9/24", "2001:DB8::/32", "Example.COM.", "http://A.example:80",
          "a@B.example", "AS64500", "D2-FB-49-24-37-18", "\xc3\x89t\xc3\xa9", "cve-2024-3094",
          "HKLM\\Software\\X", "[x] '\"\\"}) {
      const auto once = canonical_value(kind, text);
      ASSERT_TRUE(once) << name(kind) << ' ' << text;
      EXPECT_EQ(canonical_value(once->kind, once->value), once) << name(kind) << ' ' << text;
      // Who searches for the text as it was written finds it.
      const auto asked = values_asked(text);
      const bool is_alike = kind == kind_by_form(text) || kind == ValueKind::File;
      if (is_alike) {
        EXPECT_NE(std::find(asked.begin(), asked.end(), once->value), asked.end())
            << name(kind) << ' ' << text;
      }
    }
  }
}

TEST(SearchValue, KindsAreNamedOnce) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < value_kind_count; ++i) {
    names.push_back(name(static_cast<ValueKind>(i)));
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
  EXPECT_EQ(kind_of_hash("SHA-256"), ValueKind::Sha256);
  EXPECT_EQ(kind_of_hash("SHA3-512"), ValueKind::Sha3_512);
  EXPECT_EQ(kind_of_hash("whirlpool"), ValueKind::Hash);
}

TEST(SearchValue, AFormOfTheBoundIsKeptAndALongerOneIsItsDigest) {
  const std::string at(value_bytes_max, 'a');
  EXPECT_EQ(canonical_value(ValueKind::File, at)->value, at);
  const auto beyond = canonical_value(ValueKind::File, at + "A")->value;
  EXPECT_EQ(beyond, "sha256:" + hex(sha256(at + "a")));
  const auto asked = values_asked(at + "A");
  EXPECT_NE(std::find(asked.begin(), asked.end(), beyond), asked.end());
}

TEST(SearchValue, KindsShowInTheirForm) {
  EXPECT_EQ(kind_by_form("198.51.100.7"), ValueKind::Address);
  EXPECT_EQ(kind_by_form("198.51.100.7/31"), ValueKind::Network);
  EXPECT_EQ(kind_by_form("http://example.com/"), ValueKind::Url);
  EXPECT_EQ(kind_by_form("a@example.com"), ValueKind::Email);
  EXPECT_EQ(kind_by_form("d2:fb:49:24:37:18"), ValueKind::Mac);
  EXPECT_EQ(kind_by_form("example.com"), ValueKind::Domain);
  EXPECT_EQ(kind_by_form("example"), std::nullopt);
  EXPECT_EQ(kind_by_form("two words.here"), std::nullopt);
  EXPECT_TRUE(is_cve("CVE-2024-3094") && is_cve("cve-2021-44228"));
  EXPECT_FALSE(is_cve("CVE-2024-309") || is_cve("CVE-20243-094") || is_cve("CVE-2024-3094x"));
}

TEST(SearchValue, WhatIsAskedHasFewForms) {
  EXPECT_TRUE(values_asked("").empty());
  EXPECT_TRUE(values_asked(" \t ").empty());
  for (const auto* text : {"198.51.100.7", "A@B.example", "http://A.example", "AS1", "x"}) {
    EXPECT_LE(values_asked(text).size(), looked_up_max);
    EXPECT_FALSE(values_asked(text).empty());
  }
}

TEST(Folding, NamesOfHosts) {
  EXPECT_EQ(ascii_domain("Example.COM."), "example.com");
  EXPECT_EQ(ascii_domain("fa\xc3\x9f.example"), "xn--fa-hia.example") << "IDNA 2008";
  EXPECT_EQ(ascii_domain(""), std::nullopt);
  EXPECT_EQ(ascii_domain("."), std::nullopt);
  EXPECT_TRUE(ascii_domain(std::string(unicode_domain_bytes_max, 'a')));
  EXPECT_FALSE(ascii_domain(std::string(unicode_domain_bytes_max + 1, 'a')));
  EXPECT_EQ(ascii_domain("\xd7\x90"
                         "1a.example"),
            std::nullopt)
      << "mixes directions";
}

TEST(Folding, TextsThatLookAlike) {
  EXPECT_EQ(*folded("STRASSE"), *folded("stra\xc3\x9f"
                                        "e"));
  EXPECT_EQ(*folded("\xef\xac\x81le"), "file");
  EXPECT_EQ(*folded("A\xcc\x8a"), *folded("\xc3\xa5"));
}

}  // namespace
}  // namespace comity::stix
