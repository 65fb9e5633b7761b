// The Fetcher of the running daemon: POCO's HTTP over connections that we open and watch ourselves.
#pragma once

#include <memory>

#include "net/deadline_watch.hpp"
#include "net/fetch.hpp"
#include "net/resolver.hpp"
#include "net/tls_contexts.hpp"

namespace bearerd::net {

// One connection per request, no proxy, no cookies, no compression. TLS 1.2 or newer, with the host's name checked. A
// redirect is followed only to the same host and port (http to https on the same host too), and its address is checked
// anew.
class HttpsFetcher final : public Fetcher {
 public:
  // `resolver` null: the system's.
  explicit HttpsFetcher(std::shared_ptr<Resolver> resolver = nullptr);
  [[nodiscard]] base::Result<FetchResponse> fetch(const FetchRequest& request) override;

 private:
  std::shared_ptr<Resolver> resolver_;
  TlsContexts contexts_;
  DeadlineWatch watch_;
};

}  // namespace bearerd::net
