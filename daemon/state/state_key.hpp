// The secret under which callers are named outside the logs: in X-Bearerd-Caller, in counters and in revocations.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "state/caller_id.hpp"

namespace bearerd::state {

// Reads the key file; makes it (32 random bytes, 0600) when it is not there yet. Refuses one that others can read, that
// is not ours, or that holds fewer than 32 bytes. Control thread, at start.
[[nodiscard]] base::Result<base::Secret> open_state_key(const std::string& path);

// For a daemon that can't keep one: good until it ends.
[[nodiscard]] base::Result<base::Secret> make_ephemeral_key();

// HMAC-SHA-256(key, each of the parts with its length before it): opaque, and no other list of parts has the same. Any
// thread.
[[nodiscard]] CallerId keyed_handle(const base::Secret& key, std::span<const std::string_view> parts);

// base64url(keyed_handle(key, provider and user id)): opaque, stable while the key file is, and
// the same on all daemons that share the file. Any thread.
[[nodiscard]] std::string caller_key(const base::Secret& key, std::string_view provider, std::string_view user_id);

}  // namespace bearerd::state
