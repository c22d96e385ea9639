#include "net/networks.h"

#include <gtest/gtest.h>

namespace comity::net {
namespace {

Address address(const char* text) { return parse_address(text).value(); }

TEST(Networks, AddressesAreReadAndWritten) {
  EXPECT_EQ(address_text(address("192.0.2.7")), "192.0.2.7");
  EXPECT_EQ(address_text(address("::ffff:192.0.2.7")), "192.0.2.7");
  EXPECT_EQ(address_text(address("2001:DB8:0::7")), "2001:db8::7");
  for (const char* text :
       {"", "192.0.2", "0x7f.1", "127.0.0.01", "1.2.3.4 ", "[::1]", "fe80::1%1"}) {
    EXPECT_EQ(parse_address(text).error().kind, ErrorKind::InvalidInput) << text;
  }
}

TEST(Networks, NothingStandsBehindAnAddress) {
  using namespace std::string_view_literals;
  for (const auto text : {"127.0.0.1\0"sv, "127.0.0.1\0.example"sv, "::1\0"sv, "127.0.0.1 "sv}) {
    EXPECT_FALSE(parse_address(text).has_value());
  }
}

TEST(Networks, WrongNetworksAreRefused) {
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.1/8",
                           "fd00::/129", "fd00::1/64", "name/8", "/8"}) {
    EXPECT_EQ(parse_network(text).error().kind, ErrorKind::InvalidInput) << text;
  }
}

TEST(Networks, PrefixesAreComparedBitByBit) {
  const Network network = parse_network("172.16.0.0/12").value();
  EXPECT_TRUE(contains(network, address("172.16.0.0")));
  EXPECT_TRUE(contains(network, address("172.31.255.255")));
  EXPECT_FALSE(contains(network, address("172.32.0.0")));
  EXPECT_FALSE(contains(network, address("172.15.255.255")));
  EXPECT_TRUE(contains(parse_network("0.0.0.0/0").value(), address("203.0.113.1")));
  EXPECT_FALSE(contains(parse_network("0.0.0.0/0").value(), address("2001:db8::1")));
  EXPECT_FALSE(contains(parse_network("::/0").value(), address("10.0.0.1")));
  EXPECT_TRUE(contains(parse_network("::/0").value(), address("2001:db8::1")));
}

TEST(Networks, OnlyPublicAddressesAreCalledUnlessListed) {
  for (const char* text : {"127.0.0.1",
                           "127.255.255.255",
                           "0.0.0.0",
                           "10.1.2.3",
                           "172.20.0.1",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::1",
                           "::",
                           "fe80::1",
                           "fd12::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::7f00:1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2002:a00:1::1"}) {
    EXPECT_EQ(check_callable(address(text), {}).error().kind, ErrorKind::NotPermitted) << text;
  }
  for (const char* text : {"8.8.8.8", "126.255.255.255", "128.0.0.0", "172.32.0.1", "11.0.0.0",
                           "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_TRUE(check_callable(address(text), {}).has_value()) << text;
  }
  const auto allowed = parse_networks({"10.1.0.0/16", "fd00::/8"}).value();
  EXPECT_TRUE(check_callable(address("10.1.255.255"), allowed).has_value());
  EXPECT_TRUE(check_callable(address("64:ff9b::a01:1"), allowed).has_value());
  EXPECT_TRUE(check_callable(address("fd12::1"), allowed).has_value());
  EXPECT_FALSE(check_callable(address("10.2.0.0"), allowed).has_value());
  EXPECT_FALSE(check_callable(address("127.0.0.1"), allowed).has_value());
}

TEST(Networks, ASubscriberIsAnAddressOrANetworkOfIpv6) {
  EXPECT_EQ(subscriber_of("2001:db8:0:1::1"), subscriber_of("2001:db8:0:1:ffff::9"));
  EXPECT_NE(subscriber_of("2001:db8:0:1::1"), subscriber_of("2001:db8:0:2::1"));
  EXPECT_NE(subscriber_of("192.0.2.1"), subscriber_of("192.0.2.2"));
  EXPECT_EQ(subscriber_of("192.0.2.1"), subscriber_of("::ffff:192.0.2.1"));
  EXPECT_EQ(subscriber_of("local"), "local");
}

TEST(Networks, LoopbackIsTheMachineItself) {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(parse_address(text).value())) << text;
  }
  for (const char* text : {"126.255.255.255", "128.0.0.1", "0.0.0.0", "10.0.0.1", "::", "::2",
                           "fe80::1", "::ffff:10.0.0.1", "1::1"}) {
    EXPECT_FALSE(is_loopback(parse_address(text).value())) << text;
  }
}

}  // namespace
}  // namespace comity::net
