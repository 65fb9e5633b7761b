#include "ctl/integrate/snippet.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "ctl/integrate/embedded_files.hpp"

namespace bearerd::ctl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

// What stands in a shipped snippet, and what takes its place: {path}, {host}, {port}.
struct Spot {
  std::string_view shipped, over_unix, over_tcp;
};

struct ProxyRow {
  std::string_view name;
  std::array<std::string_view, 4> files;  // the main one last; empty names are none
  Spot verify;                            // without `over_unix`: the proxy can't
  Spot application;
  std::string_view listen;  // before the port, "80" behind it; empty: the snippet says nothing about ports
  // The last line that deletes identity headers by what their names begin with; empty: each is deleted by its name.
  std::string_view deletes = {};
};

constexpr std::array<ProxyRow, 6> kProxies{{
    {"apache",
     {"bearerd.lua", "bearerd.conf"},
     {"127.0.0.1:9180", "", "{host}:{port}"},
     {"127.0.0.1:8080", "", "{host}:{port}"},
     ""},
    {"caddy",
     {"bearerd.caddy", "Caddyfile"},
     {"unix//run/bearerd/verify.sock", "unix/{path}", "{host}:{port}"},
     {"127.0.0.1:8080", "", "{host}:{port}"},
     "\n:",
     "\t\trequest_header -X_Bearerd*\n"},
    {"envoy",
     {"envoy.yaml"},
     {"{pipe: {path: /run/bearerd/verify.sock}}", "{pipe: {path: {path}}}",
      "{socket_address: {address: {host}, port_value: {port}}}"},
     {"{address: 127.0.0.1, port_value: 8080}", "", "{address: {host}, port_value: {port}}"},
     "port_value: "},
    {"haproxy",
     {"bearerd.lua", "haproxy.cfg"},
     {"127.0.0.1:9180", "", "{host}:{port}"},
     {"127.0.0.1:8080", "", "{host}:{port}"},
     "bind :"},
    {"nginx",
     {"bearerd-upstream.conf", "bearerd-server.conf", "bearerd-location.conf", "example.conf"},
     {"unix:/run/bearerd/verify.sock", "unix:{path}", "{host}:{port}"},
     {"127.0.0.1:8080", "", "{host}:{port}"},
     "listen "},
    {"traefik", {"bearerd.yaml"}, {"127.0.0.1:9180", "", "{host}:{port}"}, {}, ""},
}};

const ProxyRow* find_proxy(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kProxies, name, &ProxyRow::name);
  return found == kProxies.end() ? nullptr : found;
}

std::string_view shipped_text(std::string_view name) noexcept {
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
  return found == files.end() ? std::string_view() : found->text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

void set_address(std::string& text, const Spot& spot, const ProxyAddress& address) {
  std::string with(address.is_unix() ? spot.over_unix : spot.over_tcp);
  replace_all(with, "{path}", address.path);
  replace_all(with, "{host}", address.host);
  replace_all(with, "{port}", address.port);
  replace_all(text, spot.shipped, with);
}

std::string installed_folder(const ProxyRow& proxy) { return "/etc/bearerd/" + std::string(proxy.name) + '/'; }

// Each line of `text` behind `indent`.
std::string indented_lines(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (text.front() != '\n') out += indent;
    out += text.substr(0, end);
    text.remove_prefix(end);
  }
  return out;
}

// The line that includes `path` gives way to what stands there. False: there is no such line.
bool write_in(std::string& main, const std::string& path, std::string_view text) {
  for (const std::string_view keyword : {"include ", "import "}) {
    const std::size_t at = main.find(std::string(keyword) + path);
    if (at == std::string::npos) continue;
    const std::size_t line = main.rfind('\n', at) + 1;
    const std::size_t end = std::min(main.find('\n', at), main.size() - 1) + 1;
    const std::string indent = main.substr(line, at - line);
    main.replace(line, end - line, indented_lines(text, indent));
    return true;
  }
  return false;
}

// Names that no longer begin as the shipped ones do are deleted one by one, in every spelling.
void delete_renamed(std::string& text, const ProxyRow& proxy, const std::vector<RenamedHeader>& renamed) {
  if (proxy.deletes.empty() || text.find(proxy.deletes) == std::string::npos) return;
  const std::string_view before = proxy.deletes.substr(0, proxy.deletes.find('-') + 1);
  std::string lines(proxy.deletes);
  for (const RenamedHeader& header : renamed) {
    for (const std::string& name : spellings(header.now)) lines.append(before).append(name).append("\n");
  }
  replace_all(text, proxy.deletes, lines);
}

std::vector<SnippetFile> shipped_files(const ProxyRow& proxy, const SnippetPlace& place) {
  std::vector<SnippetFile> files;
  files.reserve(proxy.files.size());
  for (const std::string_view name : proxy.files) {
    if (name.empty()) continue;
    std::string text(shipped_text(std::string(proxy.name) + '/' + std::string(name)));
    if (place.verify) set_address(text, proxy.verify, *place.verify);
    if (place.application) set_address(text, proxy.application, *place.application);
    if (!place.port.empty() && !proxy.listen.empty())
      replace_all(text, std::string(proxy.listen) + "80", std::string(proxy.listen) + place.port);
    rename_headers(text, place.renamed);
    delete_renamed(text, proxy, place.renamed);
    files.push_back({installed_folder(proxy) + std::string(name), std::move(text)});
  }
  return files;
}

void move_to(const std::string& directory, const ProxyRow& proxy, std::vector<SnippetFile>& files) {
  const std::string before = installed_folder(proxy), now = directory + '/';
  for (SnippetFile& file : files) {
    replace_all(file.text, before, now);
    file.path.replace(0, before.size(), now);
  }
}

// All in the main file, but for what it can't hold.
void join(std::vector<SnippetFile>& files) {
  SnippetFile main = std::move(files.back());
  files.pop_back();
  std::erase_if(files, [&](const SnippetFile& file) { return write_in(main.text, file.path, file.text); });
  files.push_back(std::move(main));
}

}  // namespace

Result<ProxyAddress> parse_proxy_address(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) {
    const std::string_view path = text.substr(kUnix.size());
    if (path.starts_with('/') && base::is_made_of(path, "/._-")) return ProxyAddress{std::string(path), {}, {}};
    return fail(ErrorCode::kInvalid, "a socket is unix:/path, of letters, digits and / . _ -");
  }
  const std::size_t colon = text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  const auto port = colon == std::string_view::npos ? 0 : base::parse_decimal(text.substr(colon + 1)).value_or(0);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const bool is_host =
      is_bracketed ? base::is_made_of(host.substr(1, host.size() - 2), ":.") : base::is_made_of(host, ".-");
  if (port == 0 || port > 65535 || !is_host)
    return fail(ErrorCode::kInvalid, "an address is unix:/path or host:port, and an IPv6 host stands in [ ]");
  return ProxyAddress{{}, std::string(host), std::to_string(port)};
}

std::vector<std::string_view> proxy_names() {
  std::vector<std::string_view> names;
  names.reserve(kProxies.size());
  for (const ProxyRow& row : kProxies) names.push_back(row.name);
  return names;
}

bool can_ask_over_unix(std::string_view proxy) noexcept {
  const ProxyRow* row = find_proxy(proxy);
  return row != nullptr && !row->verify.over_unix.empty();
}

Result<std::vector<SnippetFile>> build_snippet(std::string_view proxy, const SnippetPlace& place,
                                               const std::string& directory) {
  const ProxyRow* row = find_proxy(proxy);
  if (row == nullptr) return fail(ErrorCode::kNotFound, "there is no snippet for this proxy");
  if (place.verify && place.verify->is_unix() && row->verify.over_unix.empty()) {
    return fail(ErrorCode::kInvalid, std::string(proxy) +
                                         " can't ask over a UNIX socket: let bearerd listen on loopback "
                                         "too (listen.verify), and give that address: --verify 127.0.0.1:9180");
  }
  if (place.application && place.application->is_unix())
    return fail(ErrorCode::kInvalid, "--application is a host:port");
  auto files = shipped_files(*row, place);
  if (directory.empty()) {
    join(files);
  } else {
    move_to(directory, *row, files);
  }
  return files;
}

}  // namespace bearerd::ctl
