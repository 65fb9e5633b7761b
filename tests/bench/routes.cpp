// What a decision costs among 10 routes and among 10,000, and what those take to build.
//   bench_routes [MILLISECONDS]
// Prints a line for each shape of routes, and whether it is within the bounds; ends with 1 where one is not: 10,000
// routes may cost three times as much as 10, two seconds to build, and 64 MiB.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "access/authorizer.hpp"

namespace {

using namespace bearerd;

constexpr double kMaxRatio = 3, kMaxSeconds = 2, kMaxMebibytes = 64;
constexpr int kFew = 10, kMany = 10'000;

struct Shape {
  const char* name;
  std::string (*pattern)(int);
  std::string (*path)(int);
  std::string (*host)(int) = nullptr;  // null: the routes name none
};

std::string number(int i) { return std::to_string(i); }

constexpr Shape kShapes[] = {
    {"fixed", [](int i) { return "/service-" + number(i) + "/status"; },
     [](int i) { return "/service-" + number(i) + "/status"; }},
    {"below", [](int i) { return "/service-" + number(i) + "/.*"; },
     [](int i) { return "/service-" + number(i) + "/a/b/c"; }},
    {"pattern", [](int i) { return "^/teams/" + number(i) + "/v[0-9]+/(reports|files)(/.*)?$"; },
     [](int i) { return "/teams/" + number(i) + "/v2/files/a/b"; }},
    {"hosts", [](int) { return std::string("/v1/.*"); }, [](int) { return std::string("/v1/a"); },
     [](int i) { return "host" + number(i) + ".example.com"; }},
    {"inner", [](int i) { return "/v1/[^/]+/x" + number(i); }, [](int i) { return "/v1/a/x" + number(i); }},
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Large blocks are mapped apart from the heap.
double mebibytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / (1024 * 1024);
}

settings::Settings make_settings(const Shape& shape, int count) {
  settings::Settings settings;
  for (int i = 0; i < count; ++i) {
    settings::Route route;
    route.name = "route" + number(i);
    route.paths = {shape.pattern(i)};
    if (shape.host != nullptr) route.hosts = {shape.host(i)};
    route.methods = {"GET", "POST"};
    route.user_roles = {"reader", "writer"};
    settings.dynamic.routes.push_back(std::move(route));
  }
  return settings;
}

struct Figures {
  double microseconds = 0, build_seconds = 0;
  double built_mebibytes = 0, used_mebibytes = 0;  // RE2 makes its automata at the first use
};

Figures measure(const Shape& shape, int count, double seconds) {
  const settings::Settings settings = make_settings(shape, count);
  struct Asked {
    std::string path, host;
  };
  std::vector<Asked> asked;
  for (int i = 0; i < count; ++i) {
    const int wanted = i * 7919 % count;
    asked.push_back({shape.path(wanted), shape.host != nullptr ? shape.host(wanted) : "h"});
  }
  const std::vector<std::string> roles{"guest", "writer"};
  const std::vector<access::Claim> claims;
  const access::Caller caller{"demo", roles, claims, std::nullopt};

  Figures figures;
  const double memory = mebibytes_in_use();
  double begin = cpu_seconds();
  const access::Authorizer authorizer(settings);
  figures.build_seconds = cpu_seconds() - begin;
  figures.built_mebibytes = mebibytes_in_use() - memory;
  std::size_t decisions = 0;
  double now = begin = cpu_seconds();
  for (bool is_warm = false; !is_warm || now < begin + seconds; is_warm = true) {
    for (const auto& [path, host] : asked) {
      if (authorizer.authorize({{}, "GET", path, host}, &caller).reason != base::Reason::kOk) {
        std::fprintf(stderr, "%s was refused\n", path.c_str());
        std::exit(70);
      }
    }
    now = cpu_seconds();
    decisions += asked.size();
    if (is_warm) continue;
    figures.used_mebibytes = mebibytes_in_use() - memory;
    decisions = 0;
    begin = now;
  }
  figures.microseconds = (now - begin) * 1e6 / static_cast<double>(decisions);
  return figures;
}

bool tell_bounds(double ratio, const Figures& many) {
  const bool is_cheap = ratio <= kMaxRatio, is_fast = many.build_seconds <= kMaxSeconds;
  const bool is_small = many.built_mebibytes <= kMaxMebibytes;
  const auto word = [](bool is_met) { return is_met ? "met" : "MISSED"; };
  std::printf("         at most %.0f times: %s; built in at most %.0f s: %s; at most %.0f MiB: %s\n", kMaxRatio,
              word(is_cheap), kMaxSeconds, word(is_fast), kMaxMebibytes, word(is_small));
  return is_cheap && is_fast && is_small;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = (argc > 1 ? std::strtod(argv[1], nullptr) : 500) / 1000;
  bool is_within = true;
  for (const Shape& shape : kShapes) {
    const Figures few = measure(shape, kFew, seconds);
    const Figures many = measure(shape, kMany, seconds);
    const double ratio = many.microseconds / few.microseconds;
    std::printf("%-8s %5d: %.3f us   %d: %.3f us, %.2f times; built in %.3f s, %.1f MiB, used %.1f MiB\n", shape.name,
                kFew, few.microseconds, kMany, many.microseconds, ratio, many.build_seconds, many.built_mebibytes,
                many.used_mebibytes);
    is_within = tell_bounds(ratio, many) && is_within;
  }
  return is_within ? 0 : 1;
}
