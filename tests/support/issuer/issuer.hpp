// The demo issuer's HTTP face.
//   GET  /.well-known/openid-configuration   discovery
//   GET  /jwks                               the key set
//   POST /token                              a token, see Minter::mint for the body
//   POST /rotate?alg=RS256&keep=1            a new signing key; keep=0 drops the old ones
//   POST /set?delay=MS&down=1&max_age=S      slow, failing (503), or with a Cache-Control of its own: discovery and key
//   set only GET  /state                              how often each was fetched, and the published kids
#pragma once

#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include <memory>
#include <string>

namespace bearerd::test {

[[nodiscard]] Poco::Net::HTTPRequestHandlerFactory::Ptr make_issuer(std::string issuer_url);

// Answers every request with 200 and a JSON object of what arrived: method, target, headers (list of pairs),
// body_bytes.
[[nodiscard]] Poco::Net::HTTPRequestHandlerFactory::Ptr make_echo();

}  // namespace bearerd::test
