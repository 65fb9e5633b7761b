// Where a client is, as the proxies say. Every byte of it may be hostile. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace bearerd::access {

// The entry of X-Forwarded-For that the outermost trusted proxy wrote: the last one, `proxy_count` further left behind
// more proxies. Without outer white space; absent when there are not as many entries, or the entry is empty. What
// stands further left was sent by the client.
[[nodiscard]] std::optional<std::string_view> find_client(std::string_view forwarded_for,
                                                          unsigned proxy_count) noexcept;

}  // namespace bearerd::access
