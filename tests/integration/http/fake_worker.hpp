// A decision path whose answers a test chooses, and the listener around it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/verify_listener.hpp"
#include "verify/worker.hpp"

namespace bearerd::http::testing {

// What the loops' workers share with the test.
struct Desk {
  std::shared_ptr<runtime::Snapshot> snapshot = std::make_shared<runtime::Snapshot>();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::function<void()>> parked;  // resume functions, in order
  std::vector<base::Reason> refused;
  std::atomic<bool> is_open{false};            // parked questions may be answered
  std::chrono::milliseconds patience{10'000};  // until a parked question's deadline
  std::atomic<int> expired{0};
  std::atomic<bool> has_broken_turns{false}, has_broken_refusals{false};  // they throw what is no std::exception

  void wait_for_parked(std::size_t count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return parked.size() >= count; }));
  }
  void resume_all() {
    is_open = true;
    const std::lock_guard lock(mutex);
    for (const auto& resume : parked) resume();
    parked.clear();
  }
};

// "good" is allowed, "park" waits for the desk, no token is no_token, anything else has a bad signature.
class FakeWorker final : public verify::Worker {
 public:
  explicit FakeWorker(Desk& desk) : desk_(desk) {
    auto identity = std::make_shared<verify::Identity>();
    identity->headers = "X-Auth-Request-User: u1\r\nX-Auth-Request-Email: \r\n";
    identity->empty_headers = "X-Auth-Request-Email";
    identity_ = std::move(identity);
  }
  void begin_turn() override {
    if (desk_.has_broken_turns) throw 1;
  }
  [[nodiscard]] const runtime::Snapshot& snapshot() const override { return *desk_.snapshot; }
  [[nodiscard]] bool is_counting_degraded() const override { return false; }
  [[nodiscard]] bool are_revocations_unreadable() const override { return false; }
  void refuse(base::Reason reason, std::string_view, base::SteadyTime) override {
    if (desk_.has_broken_refusals) throw 1;
    const std::lock_guard lock(desk_.mutex);
    desk_.refused.push_back(reason);
  }
  [[nodiscard]] std::optional<verify::Decision> decide(const verify::Request& request,
                                                       verify::Attempt& attempt) override {
    using base::Reason;
    if (request.credential_kind == verify::CredentialKind::kNone)
      return verify::Decision{Reason::kNoToken, nullptr, {}};
    if (request.credential == "good") return verify::Decision{Reason::kOk, identity_, {}};
    if (request.credential == "throw") throw std::runtime_error("a bug");
    if (request.credential != "park") return verify::Decision{Reason::kBadSignature, nullptr, {}};
    if (attempt.is_expired) {
      ++desk_.expired;
      return verify::Decision{Reason::kProviderUnavailable, nullptr, std::chrono::seconds(7)};
    }
    if (desk_.is_open) return verify::Decision{Reason::kOk, identity_, {}};
    attempt.deadline = std::chrono::steady_clock::now() + desk_.patience;
    const std::lock_guard lock(desk_.mutex);
    desk_.parked.push_back(attempt.resume);
    desk_.changed.notify_all();
    return std::nullopt;
  }

 private:
  Desk& desk_;
  std::shared_ptr<const verify::Identity> identity_;
};

}  // namespace bearerd::http::testing
