#include "ctl/integrate/integrate_command.hpp"

#include <Poco/JSON/Array.h>
#include <sys/stat.h>

#include <algorithm>
#include <ostream>

#include "base/file.hpp"
#include "base/text.hpp"
#include "ctl/api_client.hpp"
#include "ctl/integrate/snippet.hpp"

namespace bearerd::ctl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr mode_t kReadableByAll = 0644;

// The first verify listener that the proxy can use; a UNIX socket, which costs half, before TCP.
std::optional<ProxyAddress> choose_listener(const Poco::JSON::Object& status, bool can_unix) {
  constexpr std::string_view kVerify = "verify ";
  std::optional<ProxyAddress> chosen;
  const Poco::JSON::Array::Ptr listeners = status.getArray("listeners");
  for (std::size_t i = 0; listeners && i < listeners->size(); ++i) {
    const auto text = listeners->getElement<std::string>(static_cast<unsigned>(i));
    if (!text.starts_with(kVerify)) continue;
    auto address = parse_proxy_address(std::string_view(text).substr(kVerify.size()));
    if (!address || (address->is_unix() && !can_unix)) continue;
    if (!chosen || (address->is_unix() && !chosen->is_unix())) chosen = std::move(*address);
  }
  return chosen;
}

bool is_good(const Result<ApiAnswer>& answer) { return answer && answer->object && answer->status == 200; }

// What stands in the snippet and the daemon decides: where it listens, and how it names its headers.
Result<void> ask_daemon(const CommandLine& line, const std::string& proxy, SnippetPlace& place, Output& output) {
  const auto status = call_api(line.socket, "GET", "/v1/status");
  const auto settings = call_api(line.socket, "GET", "/v1/settings");
  if (!is_good(status) || !is_good(settings)) {
    output.err << "bearerctl: no daemon answers at " << line.socket
               << ": the addresses are those of the shipped units (--verify names others), the identity headers have "
                  "the names that verify.identityHeaders has by default\n";
    return {};
  }
  auto renamed = renamed_headers(*settings->object);
  if (!renamed) return tl::make_unexpected(std::move(renamed.error()));
  place.renamed = std::move(*renamed);
  if (place.verify) return {};
  place.verify = choose_listener(*status->object, can_ask_over_unix(proxy));
  if (place.verify) return {};
  return fail(ErrorCode::kNotFound,
              proxy +
                  " can't ask over a UNIX socket, and this daemon listens on nothing else: add an address such as "
                  "127.0.0.1:9180 to listen.verify");
}

Result<SnippetPlace> read_place(const CommandLine& line, const std::string& proxy, Output& output) {
  SnippetPlace place;
  if (const auto application = line.option("application")) {
    auto address = parse_proxy_address(*application);
    if (!address) return fail(ErrorCode::kInvalid, "--application: " + address.error().text);
    place.application = std::move(*address);
  }
  if (const auto port = line.option("port")) {
    const auto number = base::parse_decimal(*port);
    if (!number || *number == 0 || *number > 65535) return fail(ErrorCode::kInvalid, "--port is a number up to 65535");
    place.port = std::to_string(*number);
  }
  if (const auto given = line.option("verify")) {
    auto address = parse_proxy_address(*given);
    if (!address) return fail(ErrorCode::kInvalid, "--verify: " + address.error().text);
    place.verify = std::move(*address);
  }
  if (auto asked = ask_daemon(line, proxy, place, output); !asked) return tl::make_unexpected(std::move(asked.error()));
  return place;
}

void print(const std::vector<SnippetFile>& files, Output& output) {
  for (const SnippetFile& file : files) {
    // Both Lua and the rest have comments of their own; a lone file needs no name.
    const bool is_lua = file.path.ends_with(".lua");
    if (files.size() > 1) output.out << (is_lua ? "-- " : "# ") << "the file " << file.path << ":\n";
    output.out << file.text;
    if (&file != &files.back()) output.out << '\n';
  }
}

Result<void> write(const std::vector<SnippetFile>& files, const std::string& directory, Output& output) {
  struct stat status = {};
  if (::stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return fail(ErrorCode::kNotFound, directory + " is no directory: make it first");
  for (const SnippetFile& file : files) {
    if (auto written = base::replace_file(file.path, file.text, kReadableByAll); !written) return written;
    output.out << file.path << '\n';
  }
  return {};
}

std::string choices() {
  std::string text;
  for (const std::string_view name : proxy_names()) text += (text.empty() ? "" : "|") + std::string(name);
  return text;
}

Result<void> integrate(const CommandLine& line, Output& output) {
  const std::string proxy = line.arguments.empty() ? std::string() : line.arguments.front();
  const auto names = proxy_names();
  if (std::ranges::find(names, proxy) == names.end())
    return fail(ErrorCode::kInvalid, "for which proxy? Write: bearerctl integrate " + choices());
  const auto place = read_place(line, proxy, output);
  if (!place) return tl::make_unexpected(place.error());
  std::string directory = line.option("directory").value_or("");
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  // It becomes a part of what the proxy reads.
  if (line.has("directory") && !parse_proxy_address("unix:" + directory))
    return fail(ErrorCode::kInvalid, "--directory is an absolute path, of letters, digits and / . _ -");
  const auto files = build_snippet(proxy, *place, directory);
  if (!files) return tl::make_unexpected(files.error());
  if (!directory.empty()) return write(*files, directory, output);
  print(*files, output);
  return {};
}

}  // namespace

int run_integrate(const CommandLine& line, Output& output) {
  const auto done = integrate(line, output);
  return done ? kYes : report_trouble(done.error().text, output);
}

}  // namespace bearerd::ctl
