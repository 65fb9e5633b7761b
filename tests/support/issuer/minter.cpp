#include "support/issuer/minter.hpp"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>
#include <stdexcept>

namespace bearerd::test {
namespace {

using base::Algorithm;
using Poco::JSON::Object;

std::string text_of(const Object& object) {
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

void lay_over(Object& target, const Object::Ptr& changes) {
  if (changes.isNull()) return;
  for (const auto& [name, value] : *changes) {
    if (value.isEmpty()) {
      target.remove(name);
    } else {
      target.set(name, value);
    }
  }
}

Object default_claims(const std::string& issuer) {
  using std::chrono::duration_cast, std::chrono::seconds, std::chrono::system_clock;
  const auto now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  Object claims;
  claims.set("iss", issuer);
  claims.set("sub", "alice");
  claims.set("aud", "demo-api");
  claims.set("iat", now);
  claims.set("exp", now + 300);
  Poco::JSON::Array roles;
  roles.add("reader");
  roles.add("writer");
  claims.set("roles", roles);
  return claims;
}

Algorithm algorithm_of(const Object& request) {
  const std::string wanted = request.optValue<std::string>("alg", "RS256");
  const auto algorithm = base::find_algorithm(wanted);
  if (!algorithm || base::is_symmetric(*algorithm)) throw std::invalid_argument("no key can be made for alg " + wanted);
  return *algorithm;
}

// Changes a character in the middle of a part: the last one may hold only padding bits.
std::string tampered(std::string token, const std::string& part) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  std::size_t at = 0;
  if (part == "payload") {
    at = (first + second) / 2;
  } else if (part == "signature") {
    at = (second + token.size()) / 2;
  } else {
    throw std::invalid_argument("tamper is payload or signature");
  }
  token[at] = token[at] == 'A' ? 'B' : 'A';
  return token;
}

}  // namespace

Minter::Minter(std::string issuer) : issuer_(std::move(issuer)) { rotate(Algorithm::kRs256, false); }

std::string Minter::mint(std::string_view request) {
  Object::Ptr wanted = new Object;
  if (!request.empty()) wanted = Poco::JSON::Parser().parse(std::string(request)).extract<Object::Ptr>();

  const TestKey published = signing_key(algorithm_of(*wanted));
  const TestKey key = wanted->optValue("stranger", false) ? stranger_of(published) : published;

  Object header;
  header.set("alg", std::string(base::name(key.algorithm())));
  header.set("kid", key.key_id());
  header.set("typ", "JWT");
  lay_over(header, wanted->getObject("header"));

  Object claims = default_claims(issuer_);
  lay_over(claims, wanted->getObject("claims"));
  const std::string payload = wanted->optValue<std::string>("payload", text_of(claims));

  std::string token = key.sign(text_of(header), payload);
  if (wanted->has("tamper")) token = tampered(std::move(token), wanted->getValue<std::string>("tamper"));
  return token;
}

std::string Minter::rotate(Algorithm algorithm, bool keeps_others) {
  const std::lock_guard lock(mutex_);
  TestKey fresh = TestKey::generate(algorithm, fresh_key_id());
  if (!keeps_others) published_.clear();
  published_.insert(published_.begin(), fresh);
  return fresh.key_id();
}

std::string Minter::key_set() const {
  const std::lock_guard lock(mutex_);
  return key_set_json(published_);
}

std::vector<std::string> Minter::key_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const TestKey& key : published_) ids.push_back(key.key_id());
  return ids;
}

TestKey Minter::signing_key(Algorithm algorithm) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(published_, algorithm, &TestKey::algorithm);
  if (found != published_.end()) return *found;
  published_.push_back(TestKey::generate(algorithm, fresh_key_id()));
  return published_.back();
}

TestKey Minter::stranger_of(const TestKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(strangers_, key.algorithm(), &TestKey::algorithm);
  if (found != strangers_.end()) return found->with_key_id(key.key_id());
  strangers_.push_back(TestKey::generate(key.algorithm(), key.key_id()));
  return strangers_.back();
}

// Unique over restarts, as a real issuer's are: a reused name would make a restart look like a forgery.
std::string Minter::fresh_key_id() {
  static const unsigned session = std::random_device{}();
  return "demo-" + std::to_string(session) + "-" + std::to_string(++made_);
}

}  // namespace bearerd::test
