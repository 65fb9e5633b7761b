#include "observe/process_metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

namespace bearerd::observe {
namespace {

// Fields of /proc/self/stat that follow the command name, by their number in proc(5).
struct Stat {
  double user_ticks = 0, system_ticks = 0, threads = 0, start_ticks = 0, virtual_bytes = 0, resident_pages = 0;
};

std::optional<Stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The name may hold spaces and parentheses: the last ")" ends it.
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(end + 1));
  const std::vector<std::string> words{std::istream_iterator<std::string>(rest), {}};
  constexpr std::size_t kFirst = 3;  // words[0] is field 3
  if (words.size() <= 24 - kFirst) return std::nullopt;
  const auto field = [&words](std::size_t number) { return std::strtod(words[number - kFirst].c_str(), nullptr); };
  return Stat{field(14), field(15), field(20), field(22), field(23), field(24)};
}

std::optional<double> count_open_files() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/fd"), &::closedir);
  if (!directory) return std::nullopt;
  double count = 0;
  while (::readdir(directory.get()) != nullptr) ++count;
  return count - 3;  // ".", ".." and the descriptor of this listing
}

double now(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Collector {
 public:
  void add(std::string name, std::string help, prometheus::MetricType type, double value) {
    prometheus::ClientMetric metric;
    if (type == prometheus::MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    families_.push_back({std::move(name), std::move(help), type, {metric}});
  }
  [[nodiscard]] std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

void add_stat(Collector& collector, const Stat& stat) {
  using enum prometheus::MetricType;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  // Not from btime of /proc/stat: the sandbox hides all of /proc but the processes.
  const double booted_at = now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME);
  collector.add("process_cpu_seconds_total", "CPU time in user and system mode.", Counter,
                (stat.user_ticks + stat.system_ticks) / ticks);
  collector.add("process_resident_memory_bytes", "Resident memory.", Gauge, stat.resident_pages * page);
  collector.add("process_start_time_seconds", "When the process started, since the epoch.", Gauge,
                booted_at + stat.start_ticks / ticks);
  collector.add("process_threads", "Threads.", Gauge, stat.threads);
  collector.add("process_virtual_memory_bytes", "Virtual memory.", Gauge, stat.virtual_bytes);
}

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics() {
  using enum prometheus::MetricType;
  Collector collector;
  if (const auto stat = read_stat()) add_stat(collector, *stat);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    collector.add("process_max_fds", "Most file descriptors that may be open.", Gauge,
                  static_cast<double>(limit.rlim_cur));
  }
  if (const auto open = count_open_files()) {
    collector.add("process_open_fds", "Open file descriptors.", Gauge, *open);
  }
  return collector.take();
}

}  // namespace bearerd::observe
