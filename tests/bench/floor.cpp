// The floor that bearerd is measured against: the same listener with a decision path that allows everything, at once.
// bench_floor [PORT [THREADS]]; prints its address, serves until SIGINT or SIGTERM.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "http/verify_listener.hpp"

namespace {

using namespace bearerd;

class ConstantWorker final : public verify::Worker {
 public:
  ConstantWorker() {
    auto snapshot = std::make_shared<runtime::Snapshot>();
    snapshot->settings = std::make_shared<settings::Settings>();
    snapshot_ = std::move(snapshot);
    auto identity = std::make_shared<verify::Identity>();
    const settings::IdentityHeaderNames names;
    for (const std::string& name : {names.user, names.name, names.email, names.groups, names.provider, names.project,
                                    names.user_key, names.caller}) {
      identity->headers += name + ": 0123456789abcdef\r\n";
    }
    decision_ = {base::Reason::kOk, std::move(identity), {}};
  }
  void begin_turn() override {}
  [[nodiscard]] std::optional<verify::Decision> decide(const verify::Request&, verify::Attempt&) override {
    return decision_;
  }
  void refuse(base::Reason, std::string_view, base::SteadyTime) override {}
  [[nodiscard]] const runtime::Snapshot& snapshot() const override { return *snapshot_; }
  [[nodiscard]] bool is_counting_degraded() const override { return false; }
  [[nodiscard]] bool are_revocations_unreadable() const override { return false; }

 private:
  std::shared_ptr<const runtime::Snapshot> snapshot_;
  verify::Decision decision_;
};

}  // namespace

int main(int argc, char** argv) {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  http::VerifyListenerOptions options;
  options.listen.verify = {{false, "127.0.0.1", static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0), {}}};
  options.listen.threads = static_cast<unsigned>(argc > 2 ? std::atoi(argv[2]) : 1);
  options.make_worker = [](unsigned) { return std::make_unique<ConstantWorker>(); };
  auto listener = http::VerifyListener::open(std::move(options));
  if (!listener) {
    std::fprintf(stderr, "%s\n", listener.error().text.c_str());
    return 69;
  }
  (*listener)->start();
  std::printf("%s\n", (*listener)->addresses().front().display().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
  (*listener)->stop();
  return 0;
}
