#include "ctl/key_file.hpp"

#include <array>
#include <iostream>

#include "base/file.hpp"

namespace bearerd::ctl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxKeyFileBytes = 1U << 20U;

Result<base::Secret> read_secret(const std::string& path, Output& output) {
  auto content = base::read_file(path, kMaxKeyFileBytes);
  if (!content) return tl::make_unexpected(std::move(content.error()));
  if ((content->status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    output.err << "bearerctl: warning: others than its owner may read " << path << ": chmod 600 " << path << '\n';
  }
  base::Secret secret(content->bytes);
  base::wipe(content->bytes);
  return secret;
}

Result<std::string> read_public(const std::string& path) {
  auto content = base::read_file(path, kMaxKeyFileBytes);
  if (!content) return tl::make_unexpected(std::move(content.error()));
  return std::move(content->bytes);
}

Result<std::string> read_stream(std::istream& in) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxKeyFileBytes)
      return fail(ErrorCode::kTooLarge, "there are more than " + std::to_string(kMaxKeyFileBytes) + " bytes");
  }
  return text;
}

bool is_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

Result<jose::SigningKey> parse_key(const base::Secret& bytes, std::string_view key_id) {
  if (is_json(bytes.as_text())) return jose::SigningKey::from_jwk(bytes, key_id);
  if (bytes.as_text().find("-----BEGIN ") != std::string_view::npos) return jose::SigningKey::from_pem(bytes);
  return fail(ErrorCode::kInvalid, "it is neither PEM nor a JWK; a raw secret is given by --secret-file");
}

}  // namespace

Result<jose::SigningKey> open_signing_key(const CommandLine& line, Output& output) {
  const auto key_path = line.option("key"), secret_path = line.option("secret-file");
  if (key_path.has_value() == secret_path.has_value()) {
    return fail(ErrorCode::kInvalid, "what shall sign? Give --key FILE (PEM or JWK) or --secret-file FILE (for HS*)");
  }
  const std::string path = key_path ? *key_path : *secret_path;
  const auto bytes = read_secret(path, output);
  if (!bytes) return tl::make_unexpected(bytes.error());
  auto key = key_path ? parse_key(*bytes, line.option("kid").value_or("")) : jose::SigningKey::from_secret(*bytes);
  if (!key) return fail(key.error().code, path + ": " + key.error().text);
  return key;
}

Result<jose::KeySet> open_pem_keys(const std::string& path) {
  const auto text = path == "-" ? read_stream(std::cin) : read_public(path);
  if (!text) return tl::make_unexpected(text.error());
  auto keys = jose::parse_pem_keys(*text);
  if (!keys) return fail(keys.error().code, path + ": " + keys.error().text);
  return keys;
}

}  // namespace bearerd::ctl
