#include "keys/key_fetch.hpp"

#include <utility>

#include "keys/discovery.hpp"
#include "observe/fetch_result.hpp"

namespace bearerd::keys {
namespace {

using base::ErrorCode;
using observe::Endpoint;
using observe::FetchResult;

template <class T>
using Attempt = tl::expected<T, FetchTrouble>;

constexpr std::chrono::milliseconds kDeadline{5'000};

tl::unexpected<FetchTrouble> trouble(base::Error error) {
  const FetchResult result = observe::fetch_result(error.code);
  return tl::make_unexpected(FetchTrouble{result, std::move(error)});
}

class KeyFetch {
 public:
  KeyFetch(const KeySourceSettings& settings, const SourceEnvironment& environment)
      : settings_(settings), environment_(environment), started_(environment.clock->steady()) {}

  Attempt<FetchedKeys> run(const std::string& known_discovery) {
    FetchedKeys fetched;
    std::string url = settings_.jwks_url;
    if (url.empty()) {
      auto found = discover(known_discovery, fetched);
      if (!found) return tl::make_unexpected(found.error());
      url = std::move(*found);
    }
    auto answer = get(url, Endpoint::kJwks, jose::kMaxKeySetBytes);
    if (!answer) return tl::make_unexpected(answer.error());
    auto parsed = jose::parse_key_set(answer->body, jose::KeySetOrigin::kUrl);
    if (!parsed)
      return trouble({ErrorCode::kInvalid, "what the key set's URL serves is not usable: " + parsed.error().text});
    fetched.key_set = std::move(answer->body);
    fetched.parsed = std::move(*parsed);
    fetched.max_age = answer->max_age;
    return fetched;
  }

 private:
  // The key set's URL.
  Attempt<std::string> discover(const std::string& known, FetchedKeys& fetched) {
    if (settings_.discovery_url.empty())
      return trouble({ErrorCode::kInvalid, "neither a key set's URL nor a discovery URL is configured"});
    fetched.discovery = known;
    if (known.empty()) {
      auto answer = get(settings_.discovery_url, Endpoint::kDiscovery, kMaxDiscoveryBytes);
      if (!answer) return tl::make_unexpected(answer.error());
      fetched.discovery = std::move(answer->body);
      fetched.is_newly_discovered = true;
    }
    auto discovery = parse_discovery(fetched.discovery);
    if (!discovery) return trouble(discovery.error());
    if (auto checked = check_discovery(*discovery, settings_); !checked) return trouble(checked.error());
    return std::move(discovery->jwks_uri);
  }

  Attempt<net::FetchResponse> get(const std::string& url, Endpoint endpoint, std::size_t max_bytes) {
    const base::SteadyTime start = environment_.clock->steady();
    auto answer = ask(url, max_bytes, start);
    if (environment_.metrics) {
      environment_.metrics->count_request(endpoint, answer ? FetchResult::kOk : answer.error().result,
                                          environment_.clock->steady() - start);
    }
    return answer;
  }

  Attempt<net::FetchResponse> ask(const std::string& url, std::size_t max_bytes, base::SteadyTime now) {
    net::FetchRequest request;
    request.url = url;
    request.headers = {{"Accept", "application/json"}};
    request.ca_file = settings_.ca_file;
    request.max_body_bytes = max_bytes;
    request.deadline = std::chrono::ceil<std::chrono::milliseconds>(started_ + kDeadline - now);
    if (request.deadline <= std::chrono::milliseconds{0})
      return trouble({ErrorCode::kTimeout, "no time was left after discovery"});
    auto answer = environment_.fetcher->fetch(request);
    if (!answer) return trouble(answer.error());
    if (answer->status != 200) {
      return tl::make_unexpected(FetchTrouble{
          FetchResult::kHttpStatus,
          {ErrorCode::kUnavailable, "the provider answered with status " + std::to_string(answer->status)}});
    }
    return std::move(*answer);
  }

  const KeySourceSettings& settings_;
  const SourceEnvironment& environment_;
  base::SteadyTime started_;
};

}  // namespace

tl::expected<FetchedKeys, FetchTrouble> fetch_keys(const KeySourceSettings& settings,
                                                   const SourceEnvironment& environment,
                                                   const std::string& known_discovery) {
  return KeyFetch(settings, environment).run(known_discovery);
}

}  // namespace bearerd::keys
