#include "sdk/check/apart.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <optional>

#include "base/file.hpp"

namespace bearerd::check {
namespace {

using base::FileDescriptor;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxText = 64 * 1024;

Finding failed(std::string why) { return {Outcome::kFailed, std::move(why)}; }

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

Finding guarded(const std::function<Finding()>& check) noexcept {
  try {
    return check();
  } catch (const std::exception& error) {
    return failed(std::string("the check could not be made: ") + error.what());
  } catch (...) {
    return failed("the check could not be made");
  }
}

[[noreturn]] void run_in_child(const std::function<Finding()>& check, int result, int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  const Finding finding = guarded(check);
  std::cout.flush();
  std::fflush(nullptr);
  write_all(result, static_cast<char>(finding.outcome) + finding.detail.substr(0, kMaxText));
  ::_exit(0);
}

// Everything up to the end of the file; nothing when the deadline passed.
std::optional<std::string> read_until(int fd, Clock::time_point deadline) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::string text_of(int fd) {
  std::string text(kMaxText, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

Finding how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return failed(std::string("the plugin killed the process: SIG") + (name != nullptr ? name : "?"));
  }
  return failed("the plugin ended the process, with status " + std::to_string(WEXITSTATUS(status)));
}

std::optional<Finding> as_finding(const std::string& result) {
  const auto outcome = static_cast<Outcome>(result.empty() ? 0 : result.front());
  const bool is_known = outcome >= Outcome::kPassed && outcome <= Outcome::kSkipped;
  return is_known ? std::optional(Finding{outcome, result.substr(1)}) : std::nullopt;
}

Finding hung(std::chrono::milliseconds limit) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
  return failed("the plugin did not come back within " + std::to_string(seconds.count()) + " s");
}

Apart no_process() {
  return {failed("no process can be made for the check: " + base::system_error_text(errno)), false, {}, {}};
}

}  // namespace

Apart run_apart(const std::function<Finding()>& check, std::chrono::milliseconds limit) {
  std::array<int, 2> ends{};
  const FileDescriptor output(::memfd_create("output", MFD_CLOEXEC));
  const FileDescriptor errors(::memfd_create("errors", MFD_CLOEXEC));
  if (!output.is_open() || !errors.is_open() || ::pipe(ends.data()) != 0) return no_process();
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return no_process();
  if (child == 0) run_in_child(check, writing.get(), output.get(), errors.get());

  writing.reset();
  const auto result = read_until(reading.get(), Clock::now() + limit);
  if (!result) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const auto finding = result ? as_finding(*result) : hung(limit);
  return {finding.value_or(how_it_ended(status)), !result || !finding, text_of(output.get()), text_of(errors.get())};
}

}  // namespace bearerd::check
