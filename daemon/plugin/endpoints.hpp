// Where one entry's plugin may ask, and how we make ourselves known there.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/fetch.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"

namespace bearerd::plugin {

enum class Attachment : std::uint8_t { kNothing = 1, kBearer, kFormToken };

struct EndpointQuestion {
  std::string_view url, method, body;
  std::vector<std::pair<std::string, std::string>> headers;
  Attachment attachment = Attachment::kNothing;
  std::string_view credential;  // of the token that is asked about; goes where `attachment` says, and nowhere else
  base::SteadyTime deadline{};
};

struct EndpointTools {
  net::Fetcher* fetcher = nullptr;
  const base::Clock* clock = nullptr;
  observe::Log* log = nullptr;  // may be null
  std::shared_ptr<observe::ProviderMetrics> metrics;
};

// Immutable but for what it counts; any worker. A URL that the settings did not name is never asked: whatever a plugin
// is talked into, a user's token goes to the operator's endpoints only. Redirects are not followed.
class Endpoints {
 public:
  Endpoints(const settings::Provider& settings, EndpointTools tools);

  // Waits, up to the deadline. Errors: kDenied (not one of ours), kInvalid, kTimeout, kTooLarge, kUnavailable; told in
  // the log, each kind of trouble at most once a minute. A status other than 200 is an answer.
  [[nodiscard]] base::Result<net::FetchResponse> ask(const EndpointQuestion& question) const;
  // An answer by which the plugin could not decide. 400, 401 and 403 can be about the token or about us; only the
  // plugin knows.
  void tell_undecided(std::string_view url, int status) const;
  [[nodiscard]] base::SteadyTime now() const noexcept { return tools_.clock->steady(); }

 private:
  struct Known {
    std::string url;
    observe::Endpoint name;
  };
  [[nodiscard]] const Known* find(std::string_view url) const noexcept;
  [[nodiscard]] net::FetchRequest make_request(const EndpointQuestion& question, bool is_introspection) const;
  void add_client(net::FetchRequest& request) const;
  void tell(const Known& endpoint, const base::Result<net::FetchResponse>& answer) const;
  void tell_unavailable(const Known& endpoint, const std::string& text) const;
  [[nodiscard]] bool may_tell() const noexcept;

  std::string provider_, ca_file_;
  std::vector<Known> known_;
  std::optional<settings::Introspection> introspection_;
  EndpointTools tools_;
  mutable std::atomic<base::SteadyTime::rep> next_line_{0};
};

}  // namespace bearerd::plugin
