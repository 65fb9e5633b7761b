#include "verify/standing_identities.hpp"

#include "state/state_key.hpp"
#include "verify/identity.hpp"

namespace bearerd::verify {

void StandingIdentities::turn_to(const runtime::Snapshot& snapshot) {
  if (snapshot_ == snapshot.serial) return;
  nobody_.reset();
  of_keys_.assign(snapshot.authorizer->api_keys().size(), nullptr);
  snapshot_ = snapshot.serial;
}

std::shared_ptr<const Identity> StandingIdentities::nobody(const runtime::Snapshot& snapshot) {
  turn_to(snapshot);
  if (nobody_ == nullptr) {
    auto identity = std::make_shared<Identity>();
    if (render_headers(*identity, snapshot.settings->verify)) nobody_ = std::move(identity);
  }
  return nobody_;
}

std::shared_ptr<const Identity> StandingIdentities::of(const runtime::Snapshot& snapshot, const access::ApiKey& key) {
  turn_to(snapshot);
  std::shared_ptr<const Identity>& place = of_keys_.at(key.number);
  if (place != nullptr) return place;
  auto identity = std::make_shared<Identity>();
  identity->provider = kApiKeyProvider;
  identity->project = key.project;
  identity->roles = key.roles;
  identity->caller = state::caller_key(snapshot.caller_secret, kApiKeyProvider, key.project);
  const std::string& header = snapshot.settings->verify.identity_headers.project;
  const bool is_named = render_headers(*identity, snapshot.settings->verify) &&
                        identity->headers.find(header + ": \r\n") == std::string::npos;
  if (is_named) place = std::move(identity);
  return place;
}

}  // namespace bearerd::verify
