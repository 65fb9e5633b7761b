#include "net/address.hpp"

#include <gtest/gtest.h>
#include <netdb.h>

#include <array>
#include <string>

namespace bearerd::net {
namespace {

TEST(Address, places_where_no_issuer_can_be_are_refused) {
  for (const char* text : {"169.254.169.254", "169.254.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255",
                           "fe80::1", "febf::1", "::", "ff02::1", "::ffff:169.254.169.254", "::ffff:0.0.0.0",
                           "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"}) {
    const auto address = Address::from_literal(text, 443);
    ASSERT_TRUE(address) << text;
    EXPECT_TRUE(address->is_refused()) << text;
  }
}

TEST(Address, public_private_and_loopback_addresses_are_allowed) {
  for (const char* text : {"127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "fd00::1", "93.184.216.34",
                           "2606:2800:220:1::1", "::ffff:10.0.0.1", "169.253.255.255", "169.255.0.1", "fec0::1"}) {
    const auto address = Address::from_literal(text, 443);
    ASSERT_TRUE(address) << text;
    EXPECT_FALSE(address->is_refused()) << text;
  }
}

TEST(Address, only_plain_literals_are_literals) {
  for (const char* text : {"", "localhost", "1.2.3", "0x7f.0.0.1", "fe80::1%eth0", "[::1]", "1.2.3.4 "}) {
    EXPECT_FALSE(Address::from_literal(text, 443)) << text;
  }
}

// What connect() is given.
std::string shown(const Address& address) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const int code = ::getnameinfo(address.data(), address.size(), host.data(), host.size(), port.data(), port.size(),
                                 NI_NUMERICHOST | NI_NUMERICSERV);
  return code == 0 ? std::string(host.data()) + " " + port.data() : std::string(::gai_strerror(code));
}

TEST(Address, bytes_and_port_are_kept) {
  EXPECT_EQ(shown(*Address::from_literal("192.0.2.7", 8443)), "192.0.2.7 8443");
  EXPECT_EQ(shown(*Address::from_literal("2001:db8::7", 8443)), "2001:db8::7 8443");
}

}  // namespace
}  // namespace bearerd::net
