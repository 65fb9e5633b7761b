#include "state/embedded_store.hpp"

#include <exception>
#include <utility>

namespace bearerd::state {
namespace {

constexpr std::size_t kRowsAtOnce = 4096;  // of one transaction
constexpr std::chrono::seconds kOpenAgainAfter{5};
constexpr std::chrono::minutes kTidyEvery{10};

}  // namespace

EmbeddedStore::EmbeddedStore(EmbeddedStoreOptions options) : options_(std::move(options)) {
  next_tidy_ = options_.clock->steady() + kTidyEvery;
  if (!options_.path.empty()) open_file();
  if (options_.write_every.count() > 0) writer_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

EmbeddedStore::~EmbeddedStore() {
  if (writer_.joinable()) {
    writer_.request_stop();
    writer_.join();
  }
  keep();
}

LimitAnswer EmbeddedStore::check(const LimitQuestion& question, const std::function<void()>*) {
  Standing standing = memory_.check(question);
  if (question.counts && !standing.reached) options_.metrics->count_usage(observe::UsageKind::kRequests, 1);
  return standing;
}

base::Result<Recorded> EmbeddedStore::record(const UsageReport& report) {
  if (!report.idempotency_key.empty() && !recent_.admit(report.key.caller, report.idempotency_key, report.now)) {
    return Recorded::kRepeated;
  }
  memory_.record(report);
  count_recorded(*options_.metrics, report);
  return Recorded::kCounted;
}

base::Result<UsagePage> EmbeddedStore::list(const PageWish& wish) { return memory_.list(wish); }

// What goes wrong in here costs counts after a restart, never the daemon.
void EmbeddedStore::keep() noexcept try {
  write();
  tidy();
} catch (const std::exception&) {  // out of memory, most likely; the text fits where a string needs none
  fault_.set("no memory left");
}

void EmbeddedStore::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    keep();
    std::unique_lock lock(wait_mutex_);
    wait_.wait_for(lock, stop, options_.write_every, [] { return false; });
  }
}

void EmbeddedStore::write() {
  if (options_.path.empty()) return;
  if (file_ == nullptr && options_.clock->steady() >= next_open_) open_file();
  if (file_ == nullptr) return;
  for (;;) {
    const std::vector<UsageRow> rows = memory_.take_changed(kRowsAtOnce);
    if (rows.empty()) return;
    const auto written = file_->write(rows);
    options_.metrics->count_state_write(written.has_value());
    if (!written) {
      memory_.give_back(rows);
      if (written.error().code == base::ErrorCode::kInvalid) return start_anew(written.error());
      return set_fault("state_unavailable", "counters are not kept: " + written.error().text);
    }
    set_fault("state_kept", {});
  }
}

void EmbeddedStore::open_file() {
  next_open_ = options_.clock->steady() + kOpenAgainAfter;
  const std::int64_t now = second_of(options_.clock->wall());
  auto opened = UsageFile::open(options_.path, [&](const UsageRow& row) { memory_.restore(row, now); });
  if (opened) {
    file_ = std::move(*opened);
    return set_fault("state_kept", {});
  }
  if (opened.error().code == base::ErrorCode::kInvalid) return start_anew(opened.error());
  set_fault("state_unavailable", "counters are not kept: " + opened.error().text);
}

void EmbeddedStore::start_anew(const base::Error& damage) {
  file_.reset();
  const auto aside = set_aside(options_.path, second_of(options_.clock->wall()));
  if (!aside) return set_fault("state_unavailable", "counters are not kept: " + aside.error().text);
  if (options_.log != nullptr) {
    options_.log->write(observe::Level::kError, "state_damaged",
                        "counting starts anew, with what could be read: " + damage.text,
                        {{"set_aside", std::string_view(*aside)}});
  }
  auto opened = UsageFile::open(options_.path, [](const UsageRow&) {});
  if (!opened) return set_fault("state_unavailable", "counters are not kept: " + opened.error().text);
  file_ = std::move(*opened);
  memory_.mark_all_changed();
  set_fault("state_kept", {});
}

void EmbeddedStore::tidy() {
  if (options_.clock->steady() < next_tidy_) return;
  next_tidy_ = options_.clock->steady() + kTidyEvery;
  const std::int64_t now = second_of(options_.clock->wall());
  memory_.sweep(now);
  if (file_ == nullptr) return;
  if (const auto removed = file_->remove_before(shape_of(Window::kTokensMonth).begin(now)); !removed) {
    set_fault("state_unavailable", "old counters can't be removed: " + removed.error().text);
  }
}

// Told once, not with every try.
void EmbeddedStore::set_fault(const std::string& event, const std::string& text) {
  if (!fault_.set(text) || options_.log == nullptr) return;
  options_.log->write(text.empty() ? observe::Level::kNotice : observe::Level::kError, event,
                      text.empty() ? "counters are kept again" : text);
}

}  // namespace bearerd::state
