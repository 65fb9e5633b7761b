// A plugin with one entry's settings, served as the daemon serves it: the daemon's own settings, loader, snapshot and
// authenticator, without sockets and without a network. What is left out: signature, key and algorithm count as good.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "base/temporary_directory.hpp"
#include "net/fetch.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "plugin/instance.hpp"
#include "runtime/snapshot.hpp"
#include "sdk/testing/entry.hpp"
#include "verify/inquiries.hpp"
#include "verify/worker.hpp"

namespace bearerd::testing {

struct Question {
  std::string_view claims;  // JSON
  std::string_view type;    // the header's `typ`; empty: none
  std::string_view algorithm = "RS256";
  std::optional<std::int64_t> now;  // the wall clock in seconds; absent: the system's
  // Otherwise `iss`, `aud`, `iat` and `exp` are added where the claims lack them and the settings say what fits.
  bool is_exact = false;
};

struct Answer {
  base::Reason reason = base::Reason::kInternal;
  std::shared_ptr<const verify::Identity> identity;  // set exactly when the reason is kOk
};

// The endpoints of a provider, as a test wants them.
class CannedFetcher final : public net::Fetcher {
 public:
  void set(std::string url, net::FetchResponse answer) { answers_.insert_or_assign(std::move(url), std::move(answer)); }
  [[nodiscard]] base::Result<net::FetchResponse> fetch(const net::FetchRequest& request) override;

 private:
  std::map<std::string, net::FetchResponse, std::less<>> answers_;
};

class Workbench {
 public:
  // `plugin_file` is NAME.so, of any owner: a copy of it is loaded. The plugin's log lines go to standard error.
  Workbench(const std::string& plugin_file, std::string_view entry_json);

  [[nodiscard]] bool is_open() const noexcept { return snapshot_ != nullptr; }
  // Warnings too. What the daemon would print for this entry.
  [[nodiscard]] const std::vector<Fault>& faults() const noexcept { return faults_; }
  // Any thread, once it is open.
  [[nodiscard]] Answer ask(const Question& question) const;
  // A credential that is no JWT. Any thread, once it is open.
  [[nodiscard]] Answer ask_opaque(std::string_view credential) const;
  // What an endpoint says from now on, whatever the query; all others are down. Not while another thread asks.
  void look_up(std::string url, int status, std::string body);

 private:
  void open(const std::string& plugin_file, std::string_view entry_json);
  void build(std::shared_ptr<const settings::Settings> settings);
  [[nodiscard]] Answer decide(std::string_view token, base::WallTime now) const;
  [[nodiscard]] std::string complete(std::string_view claims, std::int64_t now) const;

  // In this order: what the plugin's code lives on goes last.
  base::TemporaryDirectory directory_{"bearerd-testing"};
  base::SystemClock clock_;
  observe::Metrics metrics_;
  observe::Log log_;
  std::unique_ptr<plugin::Loader> loader_;
  std::string name_;
  std::vector<Fault> faults_;
  CannedFetcher fetcher_;
  std::shared_ptr<const runtime::Snapshot> snapshot_;
  mutable std::unique_ptr<verify::Inquiries> inquiries_;  // made anew when the endpoints say something else
};

}  // namespace bearerd::testing
