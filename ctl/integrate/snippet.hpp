// A proxy's configuration for this daemon: the shipped snippets, with its addresses and its headers' names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ctl/integrate/header_names.hpp"

namespace bearerd::ctl {

// "unix:/path" or "host:port", as the daemon's settings write it.
struct ProxyAddress {
  std::string path;  // of a UNIX socket; empty: TCP
  std::string host, port;

  [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
};

// Only letters, digits and what paths and hosts need: it becomes a part of another program's configuration.
[[nodiscard]] base::Result<ProxyAddress> parse_proxy_address(std::string_view text);

struct SnippetPlace {
  std::optional<ProxyAddress> verify;       // absent: where the shipped units put it
  std::optional<ProxyAddress> application;  // what is protected; TCP
  std::string port;                         // that the proxy listens on; empty: 80
  std::vector<RenamedHeader> renamed;       // identity headers
};

struct SnippetFile {
  std::string path, text;
};

// "nginx", "caddy", …, as the command takes them.
[[nodiscard]] std::vector<std::string_view> proxy_names();
// Whether it can ask over a UNIX socket. False for a name that is none.
[[nodiscard]] bool can_ask_over_unix(std::string_view proxy) noexcept;

// The files, the main one last. `directory` is where they will stand; empty: what the main file includes is written
// into it, and files that it can't hold stand where the package puts them.
[[nodiscard]] base::Result<std::vector<SnippetFile>> build_snippet(std::string_view proxy, const SnippetPlace& place,
                                                                   const std::string& directory);

}  // namespace bearerd::ctl
