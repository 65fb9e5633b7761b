#include "settings/secret_file.hpp"

#include <algorithm>

#include "settings/parse.hpp"

namespace bearerd::settings {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 1024 * 1024;

std::optional<base::FileContent> read_named(const Reader& reader, const std::string& file) {
  auto content = reader.context.read(file, kMaxKeyFileBytes);
  if (!content) {
    reader.fault(content.error().text);
    return std::nullopt;
  }
  if (content->bytes.empty()) {
    reader.fault(file + " is empty");
    return std::nullopt;
  }
  return std::move(*content);
}

// "d" is the private member of RSA, EC and OKP keys, "k" the value of oct ones (RFC 7518 §6).
bool holds_secret(const Node& key) { return key.find("k") != nullptr || key.find("d") != nullptr; }

}  // namespace

bool is_private(const Context& context, const std::string& file, const struct stat& status) {
  const std::string credentials = context.variable("CREDENTIALS_DIRECTORY");
  const bool is_credential = !credentials.empty() && file.find("/../") == std::string::npos &&
                             file.compare(0, credentials.size() + 1, credentials + "/") == 0;
  const mode_t others = is_credential ? S_IRWXO | S_IWGRP : S_IRWXO | S_IRWXG;
  return (status.st_mode & others) == 0;
}

void fault_not_private(const Reader& reader, const std::string& file) {
  reader.fault(file + " holds a secret, but others than its owner may read it: chmod 0600 " + file);
}

std::optional<std::string> read_public_file(const Reader& reader, const std::string& file) {
  auto content = read_named(reader, file);
  if (!content) return std::nullopt;
  return std::move(content->bytes);
}

std::optional<std::string> read_secret_file(const Reader& reader, const std::string& file, LineEnd line_end) {
  auto content = read_named(reader, file);
  if (!content) return std::nullopt;
  if (!is_private(reader.context, file, content->status)) {
    fault_not_private(reader, file);
    return std::nullopt;
  }
  std::string& bytes = content->bytes;
  if (line_end == LineEnd::kDropped && bytes.back() == '\n') bytes.pop_back();
  if (line_end == LineEnd::kDropped && !bytes.empty() && bytes.back() == '\r') bytes.pop_back();
  if (!bytes.empty()) return std::move(bytes);
  reader.fault(file + " is empty");
  return std::nullopt;
}

std::optional<std::string> read_key_set_file(const Reader& reader, const std::string& file) {
  auto content = read_named(reader, file);
  if (!content) return std::nullopt;
  if (is_private(reader.context, file, content->status)) return std::move(content->bytes);
  const auto root = parse_json_quietly(content->bytes);
  const Member* keys = root ? root->find("keys") : nullptr;
  if (keys == nullptr) {
    reader.fault(file + R"( is no JWK Set: that is a JSON object with a list of "keys")");
    return std::nullopt;
  }
  if (std::ranges::any_of(keys->value.elements, holds_secret)) {
    fault_not_private(reader, file);
    return std::nullopt;
  }
  return std::move(content->bytes);
}

}  // namespace bearerd::settings
