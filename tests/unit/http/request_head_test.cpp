#include "http/request_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearerd::http {
namespace {

using Event = RequestParser::Event;

Event head_event(const std::string& text) {
  RequestParser parser;
  return parser.advance(text);
}

std::string with(const std::string& headers, const std::string& version = "1.1") {
  return "POST /verify HTTP/" + version + "\r\nHost: h\r\n" + headers + "\r\n";
}

bool is_kept(const std::string& headers, const std::string& version = "1.1") {
  RequestParser parser;
  const std::string text = with(headers, version);
  EXPECT_EQ(parser.advance(text), Event::kHead) << text;
  return parser.head().is_keep_alive();
}

TEST(RequestHead, a_lone_carriage_return_never_ends_a_line_or_the_head) {
  const std::string start = "GET /verify HTTP/1.1\r\nHost: h\r\n";
  for (const std::string& rest :
       {std::string("A: b\r\n\rGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"), std::string("A: b\r\n\rX"),
        std::string("A: b\rC: d\r\n\r\n"), std::string("A: b\r\r\n\r\n"), std::string("\rA: b\r\n\r\n"),
        std::string("A:\rb\r\n\r\n"), std::string("A: b\r\n\r\r\n\r\n")}) {
    EXPECT_EQ(head_event(start + rest), Event::kFault) << rest;
  }
  EXPECT_EQ(head_event("GET /verify HTTP/1.1\rHost: h\r\n\r\n"), Event::kFault);
  EXPECT_EQ(head_event("\r\n" + start + "\r\n"), Event::kHead);
}

TEST(RequestHead, a_head_that_ends_in_a_lone_carriage_return_is_refused_when_it_comes_in_pieces) {
  RequestParser parser;
  const std::string text = "GET /verify HTTP/1.1\r\nHost: h\r\n\rGET / HTTP/1.1\r\n\r\n";
  Event event = Event::kMore;
  for (std::size_t size = 1; size <= text.size() && event == Event::kMore; ++size)
    event = parser.advance(std::string_view(text).substr(0, size));
  EXPECT_EQ(event, Event::kFault);
}

TEST(RequestHead, chunked_is_the_only_transfer_coding) {
  EXPECT_EQ(head_event(with("Transfer-Encoding: chunked\r\n")), Event::kHead);
  EXPECT_EQ(head_event(with("transfer-encoding:  Chunked \r\n")), Event::kHead);
  for (const std::string coding : {"gzip", "gzip, chunked", "chunked, chunked", "chunked, identity", "identity", "",
                                   "xchunked", "\"chunked\"", "chunked;q=1", ",chunked", "chunked,",
                                   "\x0b"
                                   "chunked"}) {
    EXPECT_EQ(head_event(with("Transfer-Encoding: " + coding + "\r\n")), Event::kFault) << coding;
  }
}

TEST(RequestHead, framing_is_spelled_as_the_standard_spells_it) {
  EXPECT_EQ(head_event(with("Content-Length: 3\r\n")), Event::kHead);
  for (const std::string headers :
       {"Content_Length: 3\r\n", "Content-Length: 3\r\nContent_Length: 3\r\n", "Transfer_Encoding: chunked\r\n",
        "Transfer_Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Content-Length:\r\n", "Content-Length: +3\r\n",
        "Content-Length: 3, 3\r\n", "Content-Length: 0x3\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"}) {
    EXPECT_EQ(head_event(with(headers)), Event::kFault) << headers;
  }
}

TEST(RequestHead, close_wins_over_keep_alive) {
  EXPECT_TRUE(is_kept("Connection: keep-alive\r\n", "1.0"));
  EXPECT_TRUE(is_kept("Connection: closed, te\r\n"));
  for (const std::string headers :
       {"Connection: keep-alive, close\r\n", "Connection: close, keep-alive\r\n",
        "Connection: keep-alive ,\tClose \r\n", "Connection: close\r\nConnection: keep-alive\r\n",
        "Connection: keep-alive\r\nConnection: x,close\r\n"}) {
    EXPECT_FALSE(is_kept(headers, "1.0")) << headers;
    EXPECT_FALSE(is_kept(headers, "1.1")) << headers;
  }
}

TEST(RequestHead, a_header_has_a_token_for_a_name) {
  for (const std::string line : {": b\r\n", "A(: b\r\n", "\"A\": b\r\n", "A/B: c\r\n", "A\x80: b\r\n", "A[: b\r\n",
                                 "A@: b\r\n", "A : b\r\n", "A,B: c\r\n"}) {
    EXPECT_EQ(head_event(with(line)), Event::kFault) << line;
  }
  EXPECT_EQ(head_event(with("a!#$%&'*+-.^_`|~9: b\r\n")), Event::kHead);
}

TEST(RequestHead, its_target_is_known_as_long_as_its_bytes_are_there) {
  RequestParser parser;
  const std::string text = with("Content-Length: 20\r\n");
  ASSERT_EQ(parser.advance(text), Event::kHead);
  EXPECT_EQ(parser.complete_target(text), "/verify");
  parser.drop_parsed();
  EXPECT_EQ(parser.advance("token"), Event::kMore);
  EXPECT_EQ(parser.complete_target("token"), "");
  EXPECT_EQ(parser.complete_target(""), "");
}

}  // namespace
}  // namespace bearerd::http
