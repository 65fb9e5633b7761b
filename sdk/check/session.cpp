#include "sdk/check/session.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "plugin/lookups.hpp"
#include "plugin/trust_collector.hpp"

namespace bearerd::check {
namespace {

using plugin::lend;
using plugin::view;

// The daemon's own limits.
constexpr std::size_t kMaxIdentityTextBytes = 16 * 1024;
constexpr std::size_t kMaxRoles = 8192;

struct Refusing {
  std::string text;
  bool is_refused = false;
};

void refuse(void* context, bearerd_text setting, bearerd_text why) {
  auto& to = *static_cast<Refusing*>(context);
  to.is_refused = true;
  to.text = std::string(view(setting)) + (setting.size > 0 ? ": " : "") + std::string(view(why));
}

}  // namespace

IdentityListener::IdentityListener(Said& said, Faults& faults, Claimed claimed) noexcept
    : said_(said), faults_(faults), claimed_(claimed), sink_{sizeof sink_, this, &text, &roles} {}

void IdentityListener::text(void* context, bearerd_identity_field field, bearerd_text value) {
  auto& self = *static_cast<IdentityListener*>(context);
  if (field < BEARERD_USER_ID || field > BEARERD_SESSION) {
    self.faults_.add("identify() named a field that there is not (" + std::to_string(field) + ")");
    return;
  }
  self.look_at(value, "a text");
  self.said_.texts.emplace_back(field, view(value));
}

void IdentityListener::roles(void* context, const bearerd_text* roles, std::size_t count) {
  auto& self = *static_cast<IdentityListener*>(context);
  self.said_.has_roles = true;
  if (roles == nullptr && count > 0) {
    self.faults_.add("identify() said that there are roles, and gave none");
    return;
  }
  if (count > kMaxRoles - std::min(kMaxRoles, self.said_.roles.size())) return;  // the daemon takes no more either
  for (std::size_t i = 0; i < count; ++i) {
    self.look_at(roles[i], "a role");
    self.said_.roles.emplace_back(view(roles[i]));
  }
}

void IdentityListener::look_at(bearerd_text value, const char* what) {
  if (value.data == nullptr && value.size > 0) {
    faults_.add(std::string("identify() gave ") + what + " of a size and without bytes");
  } else if (claimed_ == Claimed::kText && value.size <= kMaxIdentityTextBytes && !base::is_utf8(view(value))) {
    faults_.add(std::string("identify() gave ") + what + " that is no UTF-8");
  }
}

bool is_verdict(bearerd_verdict verdict) noexcept {
  return verdict == BEARERD_ACCEPT || verdict == BEARERD_ACCEPT_ENRICHED ||
         (verdict >= BEARERD_UNKNOWN_ISSUER && verdict <= BEARERD_PROVIDER_UNAVAILABLE);
}

Session::Session(std::shared_ptr<const plugin::Library> library, std::string_view settings_json, Record& record,
                 Faults& faults)
    : library_(std::move(library)), record_(record), faults_(faults) {
  const auto document = jose::ClaimsDocument::parse(settings_json);
  if (!document) {
    refusal_ = "the settings can't be handed to the plugin: " + document.error().text;
    return;
  }
  const jose::Claims claims = document->claims();
  settings_ = std::make_unique<Probe>(record, claims);
  create(faults);
  settings_->take_back();
  if (instance_ != nullptr) trust(faults);
}

Session::~Session() {
  if (instance_ == nullptr) return;
  static_cast<void>(call_guarded("destroy", faults_, [&] {
    entry().destroy(instance_);
    return true;
  }));
}

void Session::create(Faults& faults) {
  Refusing refusing;
  const bearerd_refusal refusal{sizeof refusal, &refusing, &refuse};
  bearerd_instance* made = nullptr;
  const auto status = call_guarded(
      "create", faults, [&] { return entry().create(record_.host(), settings_->object(), &refusal, &made); });
  refusal_ = refusing.text;
  if (!status) return;
  if (*status != BEARERD_DONE) {
    if (*status != BEARERD_FAILED) faults.add("create() answered " + std::to_string(*status) + ", which is no status");
    if (refusal_.empty()) faults.add("create() refuses and does not say why");
    return;
  }
  if (refusing.is_refused) faults.add("create() refuses (" + refusal_ + ") and says that it is done");
  if (made == nullptr) faults.add("create() says that it is done and gives no instance");
  instance_ = made;
}

void Session::trust(Faults& faults) {
  plugin::TrustCollector collector;
  const auto status = call_guarded("trust", faults, [&] { return entry().trust(instance_, collector.sink()); });
  if (!status) return;
  if (*status != BEARERD_DONE) faults.add("trust() failed");
  if (const auto trust = std::move(collector).result(); !trust) faults.add("trust(): " + trust.error().text);
}

Judgement Session::judge(Probe& claims, std::string_view type, Claimed claimed, Faults& faults) const {
  const bearerd_token token{sizeof token, claims.object(), lend("RS256"), type.empty() ? bearerd_text{} : lend(type)};
  Judgement judgement;
  const auto verdict = call_guarded("check", faults, [&] { return entry().check(instance_, &token); });
  if (!verdict) return judgement;
  judgement.verdict = *verdict;
  if (!is_verdict(*verdict)) faults.add("check() answered " + std::to_string(*verdict) + ", which is no verdict");
  if (*verdict != BEARERD_ACCEPT) return judgement;

  Said said;
  const IdentityListener listener(said, faults, claimed);
  const auto status =
      call_guarded("identify", faults, [&] { return entry().identify(instance_, &token, listener.sink()); });
  if (status && *status != BEARERD_DONE && *status != BEARERD_FAILED)
    faults.add("identify() answered " + std::to_string(*status) + ", which is no status");
  judgement.said = std::move(said);
  return judgement;
}

}  // namespace bearerd::check
