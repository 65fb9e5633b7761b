#include "integration/providers/vendor_world.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <chrono>
#include <fstream>
#include <semaphore>
#include <stdexcept>

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

TestKey with_algorithm_of(const TestKey& key, const std::string& header) {
  const Document parsed = parse(header);
  const auto found = parsed.FindMember("alg");
  if (found == parsed.MemberEnd() || !found->value.IsString()) return key;
  const auto algorithm = base::find_algorithm(found->value.GetString());
  const bool is_rsa = algorithm && *algorithm <= Algorithm::kPs512;
  return is_rsa && key.algorithm() <= Algorithm::kPs512 ? key.with_algorithm(*algorithm) : key;
}

// Issued at another second; the signature is of the token before.
std::string tampered(const std::string& token, std::string claims) {
  const std::size_t at = claims.find(R"("iat":)") + sizeof(R"("iat":)") - 1;
  claims.at(at + 9) = claims.at(at + 9) == '1' ? '2' : '1';
  return token.substr(0, token.find('.') + 1) + base64url(claims) + token.substr(token.rfind('.'));
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
    keys_.try_emplace(key.key_id(), key);
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  set.Accept(writer);
  key_set_ = buffer.GetString();
}

const TestKey& SigningKeys::key_of(const std::string& key_id) const {
  const auto found = keys_.find(key_id);
  if (found == keys_.end()) throw std::runtime_error("no key is named " + key_id);
  return found->second;
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
    return TestKey::from_secret(Algorithm::kHs256, key_id, key_of(key_id).public_pem()).sign(header, claims);
  }
  const bool is_tampered = wanted.signer == "tampered";
  const TestKey& key = key_of(is_tampered ? parsed["kid"].GetString() : wanted.signer);
  const std::string token = with_algorithm_of(key, header).sign(header, claims);
  return is_tampered ? tampered(token, claims) : token;
}

base::Result<net::FetchResponse> DocumentTable::fetch(const net::FetchRequest& request) {
  net::FetchResponse response;
  const auto found = bodies_.find(request.url);
  response.status = found == bodies_.end() ? 404 : 200;
  if (found != bodies_.end()) {
    response.body = found->second;
  } else {
    const std::lock_guard lock(mutex_);
    strays_.push_back(request.url);
  }
  return response;
}

std::vector<std::string> DocumentTable::strays() const {
  const std::lock_guard lock(mutex_);
  return strays_;
}

VendorWorld::VendorWorld(const std::string& vendor) : vendor_(read_vendor(vendor)), keys_(vendor_.key_set) {}

std::shared_ptr<const settings::Settings> VendorWorld::load(const std::string& entry) {
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

VendorWorld::Answer VendorWorld::ask(const VendorCase& wanted) {
  ManualClock clock;
  clock.advance(std::chrono::seconds(wanted.at_seconds));
  observe::Metrics metrics;
  std::map<std::string, std::string> bodies = vendor_.served;
  for (const std::string& url : vendor_.key_set_urls) bodies[url] = keys_.key_set();
  DocumentTable documents(bodies);
  // As an event loop does it: go on when the keys are there. Outlives the store's threads, which ring.
  std::counting_semaphore<> fetched{0};
  const std::function<void()> resume = [&] { fetched.release(); };
  keys::KeyStore store({"", &clock, &documents, nullptr, &metrics});
  runtime::BuildTools tools;
  tools.plugins = &loader_;
  tools.metrics = &metrics;
  tools.clock = &clock;
  tools.open_keys = [&](const keys::KeySourceSettings& source) { return store.open(source); };
  tools.caller_secret = base::Secret(std::string_view("0123456789abcdef0123456789abcdef"));
  loader_.begin_generation();
  const auto settings = load(wanted.entry);
  const runtime::BuildOutcome built = runtime::build_snapshot(settings, nullptr, tools);
  check_loaded(built.snapshot != nullptr, built.problems);

  verify::Authenticator authenticator(nullptr);
  const std::string token = keys_.sign(wanted);
  verify::Authenticator::Question question;
  question.token = token;
  question.wall = clock.wall();
  question.steady = clock.steady();
  question.resume = &resume;
  verify::Finding finding = authenticator.authenticate(*built.snapshot, question);
  while (std::holds_alternative<verify::Waiting>(finding)) {
    if (!fetched.try_acquire_for(std::chrono::seconds(20))) throw std::runtime_error("the keys do not come");
    finding = authenticator.authenticate(*built.snapshot, question);
  }
  if (const auto* refusal = std::get_if<verify::Refusal>(&finding))
    return {std::string(base::name(refusal->reason)), nullptr, documents.strays()};
  return {"ok", std::get<verify::Verdict>(finding).identity, documents.strays()};
}

}  // namespace bearerd::test
