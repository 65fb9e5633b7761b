#include "integration/providers/vendor_world.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "base/reason.hpp"

namespace bearerd::test {
namespace {

using base::Algorithm;
using rapidjson::Document;
using rapidjson::Value;

Document parse(const std::string& json) {
  Document document;
  document.Parse(json.c_str());
  if (document.HasParseError()) throw std::runtime_error("not JSON: " + json);
  return document;
}

std::string text_of(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// RSA keys are dear to make: each place of a key set has one for the whole run. The last is nobody's.
constexpr std::size_t kRsaKeys = 4;
const TestKey& rsa_key(std::size_t number) {
  static const std::array<TestKey, kRsaKeys> keys{
      TestKey::generate(Algorithm::kRs256, "1"), TestKey::generate(Algorithm::kRs256, "2"),
      TestKey::generate(Algorithm::kRs256, "3"), TestKey::generate(Algorithm::kRs256, "4")};
  return keys.at(number);
}

bool is_known_type(const std::string& type) { return type == "RSA" || type == "EC" || type == "OKP"; }

TestKey make_key(const Value& jwk, std::size_t number) {
  const std::string key_id = jwk["kid"].GetString();
  const std::string type = jwk["kty"].GetString();
  if (type == "RSA") return rsa_key(number).with_key_id(key_id);
  return TestKey::generate(type == "EC" ? Algorithm::kEs256 : Algorithm::kEdDsa, key_id);
}

std::optional<Algorithm> algorithm_of(const std::string& header) {
  const Document parsed = parse(header);
  const auto found = parsed.FindMember("alg");
  if (found == parsed.MemberEnd() || !found->value.IsString()) return std::nullopt;
  return base::find_algorithm(found->value.GetString());
}

TestKey with_algorithm_of(const TestKey& key, const std::string& header) {
  const auto algorithm = algorithm_of(header);
  const bool is_rsa = algorithm && *algorithm <= Algorithm::kPs512;
  return is_rsa && key.algorithm() <= Algorithm::kPs512 ? key.with_algorithm(*algorithm) : key;
}

// Issued at another second; the signature is of the token before.
std::string tampered(const std::string& token, std::string claims) {
  const std::size_t at = claims.find(R"("iat":)") + sizeof(R"("iat":)") - 1;
  claims.at(at + 9) = claims.at(at + 9) == '1' ? '2' : '1';
  return token.substr(0, token.find('.') + 1) + base64url(claims) + token.substr(token.rfind('.'));
}

// By the member `nonce`, which Microsoft replaces by its hash before it signs.
std::string with_another_nonce(std::string header) {
  constexpr std::string_view kNonce = R"("nonce":")";
  const std::size_t at = header.find(kNonce);
  if (at == std::string::npos) throw std::runtime_error("no nonce in " + header);
  return header.insert(at + kNonce.size(), "hash-of-");
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

void check_loaded(bool is_good, const std::vector<settings::Problem>& problems) {
  if (is_good) return;
  std::string text;
  for (const settings::Problem& problem : problems) text += problem.display() + "\n";
  throw std::runtime_error(text);
}

}  // namespace

SigningKeys::SigningKeys(const std::string& key_set_shape) {
  Document set = parse(key_set_shape);
  std::size_t number = 0;
  for (Value& jwk : set["keys"].GetArray()) {
    if (!is_known_type(jwk["kty"].GetString())) continue;
    const TestKey key = make_key(jwk, number);
    if (std::string(jwk["kty"].GetString()) == "RSA") ++number;
    Document material = parse("{" + key.jwk_material() + "}");
    for (auto& member : material.GetObject()) {
      jwk.RemoveMember(member.name);
      jwk.AddMember(Value(member.name, set.GetAllocator()), Value(member.value, set.GetAllocator()),
                    set.GetAllocator());
    }
    keys_.emplace(key.key_id(), key);
  }
  key_set_ = text_of(set);
}

std::string SigningKeys::key_set(const std::vector<std::string>& key_ids) const {
  const Document all = parse(key_set_);
  Document some = parse(R"({"keys": []})");
  for (const Value& jwk : all["keys"].GetArray()) {
    if (contains(key_ids, jwk["kid"].GetString()))
      some["keys"].PushBack(Value(jwk, some.GetAllocator()), some.GetAllocator());
  }
  return text_of(some);
}

TestKey SigningKeys::key_of(const std::string& key_id, const std::string& header) const {
  const auto [first, last] = keys_.equal_range(key_id);
  if (first == last) throw std::runtime_error("no key is named " + key_id);
  const auto algorithm = algorithm_of(header);
  for (auto key = first; key != last; ++key) {
    TestKey fitting = with_algorithm_of(key->second, header);
    if (fitting.algorithm() == algorithm) return fitting;
  }
  return first->second;
}

std::string SigningKeys::sign(const VendorCase& wanted) const {
  const std::string& header = wanted.header;
  const std::string& claims = wanted.claims;
  if (wanted.signer == "nobody") return compact(header, claims, "");
  if (wanted.signer == "stranger") return with_algorithm_of(rsa_key(kRsaKeys - 1), header).sign(header, claims);
  if (wanted.signer == "encrypted") return base64url(header) + ".a.b.c.d";
  const Document parsed = parse(header);
  if (wanted.signer == "public key") {
    const std::string key_id = parsed["kid"].GetString();
    return TestKey::from_secret(Algorithm::kHs256, key_id, key_of(key_id, header).public_pem()).sign(header, claims);
  }
  const bool is_tampered = wanted.signer == "tampered";
  const bool is_for_graph = wanted.signer == "graph";
  const TestKey key = key_of(is_tampered || is_for_graph ? parsed["kid"].GetString() : wanted.signer, header);
  const std::string token = key.sign(is_for_graph ? with_another_nonce(header) : header, claims);
  if (is_for_graph) return base64url(header) + token.substr(token.find('.'));
  return is_tampered ? tampered(token, claims) : token;
}

base::Result<net::FetchResponse> DocumentTable::fetch(const net::FetchRequest& request) {
  net::FetchResponse response;
  const std::lock_guard lock(mutex_);
  const auto found = bodies_.find(request.url);
  response.status = found == bodies_.end() ? 404 : 200;
  response.max_age = std::chrono::seconds(max_age_);
  if (found != bodies_.end()) {
    response.body = found->second;
  } else {
    strays_.push_back(request.url);
  }
  return response;
}

void DocumentTable::replace(const std::vector<std::string>& urls, const std::string& body) {
  const std::lock_guard lock(mutex_);
  for (const std::string& url : urls) bodies_[url] = body;
}

std::vector<std::string> DocumentTable::strays() const {
  const std::lock_guard lock(mutex_);
  return strays_;
}

VendorWorld::VendorWorld(const std::string& vendor) : vendor_(read_vendor(vendor)), keys_(vendor_.key_set) {
  const std::string secret = folder_.path() + "/secret";
  std::ofstream(secret) << "a secret of ours";
  std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
}

std::shared_ptr<const settings::Settings> VendorWorld::load(std::string entry) {
  constexpr std::string_view kSecret = "@secret@";
  if (const std::size_t at = entry.find(kSecret); at != std::string::npos)
    entry.replace(at, kSecret.size(), folder_.path() + "/secret");
  settings::LoadRequest request;
  request.config_file = folder_.path() + "/settings.json";
  request.plugin_schemas = &loader_;
  std::ofstream(request.config_file) << R"({"config": {"files": []}, "plugins": {"directories": [")"
                                     << BEARERD_PLUGIN_DIRECTORY
                                     << R"("], "allowOwnUser": true}, "identityProviders": {")" << vendor_.name
                                     << "\": " << entry << "}}";
  settings::LoadOutcome loaded = settings::load(request);
  check_loaded(loaded.settings != nullptr, loaded.problems);
  return loaded.settings;
}

// The daemon without its sockets, with one entry.
struct VendorWorld::Running {
  Running(VendorWorld& world, const VendorCase& of)
      : documents(bodies_of(world, of), of.rotation ? of.rotation->max_age : -1) {
    clock.advance(std::chrono::seconds(of.at_seconds));
    runtime::BuildTools tools;
    tools.plugins = &world.loader_;
    tools.metrics = &metrics;
    tools.clock = &clock;
    tools.open_keys = [&](const keys::KeySourceSettings& source) { return store.open(source); };
    tools.caller_secret = base::Secret(std::string_view("0123456789abcdef0123456789abcdef"));
    world.loader_.begin_generation();
    runtime::BuildOutcome built = runtime::build_snapshot(world.load(of.entry), nullptr, tools);
    check_loaded(built.snapshot != nullptr, built.problems);
    snapshot = std::move(built.snapshot);
  }

  static std::map<std::string, std::string> bodies_of(const VendorWorld& world, const VendorCase& of) {
    std::map<std::string, std::string> bodies = world.vendor_.served;
    for (const std::string& url : world.vendor_.key_set_urls)
      bodies[url] = of.rotation ? world.keys_.key_set(of.rotation->before) : world.keys_.key_set();
    return bodies;
  }

  // Waits until each key set was fetched so often; gives up when nobody fetches.
  void await_fetches(std::uint64_t wanted) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const auto are_there = [&] {
      const auto& keys = snapshot->providers[0]->keys;
      return std::all_of(keys.begin(), keys.end(),
                         [&](const auto& bound) { return bound.source->status().fetches >= wanted; });
    };
    while (!are_there() && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  verify::Finding ask(const std::string& token) {
    verify::Authenticator authenticator(nullptr);
    verify::Authenticator::Question question;
    question.token = token;
    question.wall = clock.wall();
    question.steady = clock.steady();
    question.resume = &resume;
    verify::Finding finding = authenticator.authenticate(*snapshot, question);
    while (std::holds_alternative<verify::Waiting>(finding)) {
      if (!fetched.try_acquire_for(std::chrono::seconds(20))) throw std::runtime_error("the keys do not come");
      finding = authenticator.authenticate(*snapshot, question);
    }
    return finding;
  }

  ManualClock clock;
  observe::Metrics metrics;
  DocumentTable documents;
  // As an event loop does it: go on when the keys are there. Outlives the store's threads, which ring.
  std::counting_semaphore<> fetched{0};
  std::function<void()> resume = [this] { fetched.release(); };
  keys::KeyStore store{{"", &clock, &documents, nullptr, &metrics}};
  std::shared_ptr<const runtime::Snapshot> snapshot;
};

VendorWorld::Answer VendorWorld::ask(const VendorCase& wanted) {
  const std::optional<Rotation>& rotation = wanted.rotation;
  Running running(*this, wanted);
  if (rotation) {
    running.await_fetches(1);
    running.documents.replace(vendor_.key_set_urls, keys_.key_set(rotation->after));
    running.clock.advance(std::chrono::seconds(rotation->seconds));
    running.store.wake();
    // Of a key that the vendor withdrew, only a look at the set tells.
    const bool is_withdrawn =
        !std::all_of(rotation->before.begin(), rotation->before.end(),
                     [&](const std::string& key_id) { return contains(rotation->after, key_id); });
    if (is_withdrawn) running.await_fetches(2);
  }
  const verify::Finding finding = running.ask(keys_.sign(wanted));
  if (const auto* refusal = std::get_if<verify::Refusal>(&finding))
    return {std::string(base::name(refusal->reason)), nullptr, running.documents.strays()};
  return {"ok", std::get<verify::Verdict>(finding).identity, running.documents.strays()};
}

std::string VendorWorld::faults(const VendorCase& wanted) {
  try {
    const Running running(*this, wanted);
    return {};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace bearerd::test
