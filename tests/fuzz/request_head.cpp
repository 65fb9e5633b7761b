// A stream of requests: it is read the same whole and byte by byte, and what is accepted is strict HTTP.
#include "http/request_head.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/endpoint.hpp"
#include "http/protected_request.hpp"

namespace {

using bearerd::http::HeaderField;
using bearerd::http::RequestParser;

// What was understood, as text to compare.
std::string read_stream(std::string_view stream, std::size_t piece) {
  RequestParser parser;
  std::string unread, understood;
  while (true) {
    const bool needs_bytes = unread.size() <= parser.parsed() && parser.is_in_head();
    auto event = needs_bytes ? RequestParser::Event::kMore : parser.advance(unread);
    if (event == RequestParser::Event::kFault) return understood + "fault";
    if (event == RequestParser::Event::kHead) {
      const auto& head = parser.head();
      bearerd::http::ProtectedRequest question;
      const auto reason = question.assign(head, bearerd::http::select_endpoint(head.target()), true);
      if (reason == bearerd::base::Reason::kOk && question.request.path.find("/../") != std::string_view::npos)
        std::abort();
      understood.append(head.target()).append("|").append(head.value(HeaderField::kAuthorization));
      understood.append("|").append(bearerd::base::name(reason)).append("\n");
    }
    if (event != RequestParser::Event::kMore || !parser.is_in_head()) {
      unread.erase(0, parser.parsed());
      parser.drop_parsed();
    }
    if (event == RequestParser::Event::kEnd) parser.restart();
    if (event != RequestParser::Event::kMore) continue;
    if (stream.empty()) return understood;
    unread.append(stream.substr(0, piece));
    stream.remove_prefix(std::min(piece, stream.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(bytes), size);
  const std::string whole = read_stream(stream, stream.size() + 1);
  const std::string pieces = read_stream(stream, 1);
  if (whole != pieces) std::abort();
  return 0;
}
