#include "settings/address_range.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearerd::settings {
namespace {

using namespace std::string_view_literals;

TEST(ClientAddress, is_an_address_alone) {
  for (const std::string_view good : {"10.0.0.1", "255.255.255.255", "::1", "2001:DB8::5", "::ffff:10.0.0.1"})
    EXPECT_TRUE(ClientAddress::parse(good)) << good;
  for (const std::string_view bad :
       {""sv, "10.0.0"sv, "10.0.0.256"sv, "10.0.0.1:80"sv, "[::1]"sv, "[::1]:80"sv, "fe80::1%eth0"sv, "010.0.0.1"sv,
        "10.0.0.1 "sv, " 10.0.0.1"sv, "0x0a000001"sv, "localhost"sv, "10.0.0.1/8"sv, "unknown"sv, "1::2::3"sv,
        "10.0.0.1\0"sv, "1:2:3:4:5:6:7:8:9"sv})
    EXPECT_FALSE(ClientAddress::parse(bad)) << bad;
  EXPECT_FALSE(ClientAddress::parse(std::string(1000, '1')));
}

struct RangeCase {
  std::string_view range, address;
  bool is_within;
};

TEST(AddressRange, holds_what_shares_its_first_bits) {
  for (const RangeCase& each : {
           RangeCase{"10.0.0.0/8", "10.255.255.255", true},
           {"10.0.0.0/8", "11.0.0.0", false},
           {"10.1.2.3/8", "10.200.0.1", true},  // what stands behind the prefix does not count
           {"192.168.4.0/22", "192.168.7.255", true},
           {"192.168.4.0/22", "192.168.8.0", false},
           {"192.168.0.7", "192.168.0.7", true},
           {"192.168.0.7", "192.168.0.6", false},
           {"0.0.0.0/0", "8.8.8.8", true},
           {"0.0.0.0/0", "2001:db8::1", false},
           {"::/0", "2001:db8::1", true},
           {"::/0", "8.8.8.8", false},
           {"10.0.0.0/8", "::ffff:10.0.0.1", true},  // what a socket for both families says of an IPv4 client
           {"::ffff:10.0.0.0/104", "10.9.9.9", true},
           {"2001:db8::/33", "2001:db8:7fff::1", true},
           {"2001:db8::/33", "2001:db8:8000::1", false},
           {"2001:db8::1", "2001:db8::1", true},
           {"2001:db8::1/128", "2001:db8::2", false},
       }) {
    const auto range = AddressRange::parse(each.range);
    const auto address = ClientAddress::parse(each.address);
    ASSERT_TRUE(range && address) << each.range << ' ' << each.address;
    EXPECT_EQ(range->contains(*address), each.is_within) << each.range << ' ' << each.address;
  }
}

TEST(AddressRange, is_told_as_it_is_written) {
  for (const auto& [range, text] : {std::pair{"10.0.0.0/8", "10.0.0.0/8"},
                                    {"192.168.0.7", "192.168.0.7/32"},
                                    {"2001:DB8::/33", "2001:db8::/33"},
                                    {"::ffff:10.0.0.0/104", "10.0.0.0/8"}})
    EXPECT_EQ(AddressRange::parse(range)->to_text(), text);
}

TEST(AddressRange, what_is_none_is_refused) {
  for (const std::string_view bad : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
                                     "10.0.0.0/8/8", "::/129", "10/8", "10.0.0.0/8 ", "::ffff:10.0.0.0/95", "any"})
    EXPECT_FALSE(AddressRange::parse(bad)) << bad;
}

}  // namespace
}  // namespace bearerd::settings
