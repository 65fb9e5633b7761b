#include "plugin/loaded_instance.hpp"

#include <utility>

#include "base/text.hpp"
#include "plugin/call.hpp"
#include "plugin/lookups.hpp"
#include "plugin/trust_collector.hpp"

namespace bearerd::plugin {
namespace {

using base::Reason;

constexpr std::size_t kMaxRefusalBytes = 1024;
// A token is at most 16 KiB, so nothing that a plugin finds in it can be larger.
constexpr std::size_t kMaxIdentityTextBytes = 16 * 1024;
constexpr std::size_t kMaxRoles = 8192;

// A plugin's word is one of the list; everything else, zero above all, is a fault of the plugin.
Reason as_reason(bearerd_verdict verdict) noexcept {
  switch (verdict) {
    case BEARERD_ACCEPT:
      return Reason::kOk;
    case BEARERD_UNKNOWN_ISSUER:
      return Reason::kUnknownIssuer;
    case BEARERD_WRONG_TENANT:
      return Reason::kWrongTenant;
    case BEARERD_WRONG_AUDIENCE:
      return Reason::kWrongAudience;
    case BEARERD_WRONG_TOKEN_USE:
      return Reason::kWrongTokenUse;
    case BEARERD_MISSING_CLAIM:
      return Reason::kMissingClaim;
    case BEARERD_CLAIM_REJECTED:
      return Reason::kClaimRejected;
    case BEARERD_TOO_OLD:
      return Reason::kTooOld;
    case BEARERD_SENDER_CONSTRAINED:
      return Reason::kSenderConstrained;
    case BEARERD_REVOKED:
      return Reason::kRevoked;
    case BEARERD_OPAQUE_INACTIVE:
      return Reason::kOpaqueInactive;
    case BEARERD_PROVIDER_UNAVAILABLE:
      return Reason::kProviderUnavailable;
    default:
      return Reason::kInternal;
  }
}

// Fills an Identity from the sink's calls; a faulty call makes the whole answer faulty.
class IdentityCollector {
 public:
  explicit IdentityCollector(Identity& identity) noexcept
      : identity_(identity), sink_{sizeof(bearerd_identity_sink), this, &text, &roles} {}
  IdentityCollector(const IdentityCollector&) = delete;
  IdentityCollector& operator=(const IdentityCollector&) = delete;
  [[nodiscard]] const bearerd_identity_sink* sink() const noexcept { return &sink_; }
  [[nodiscard]] bool is_good() const noexcept { return is_good_; }

 private:
  struct Slot {
    std::string* text;
    bool* is_there;
  };

  static void text(void* context, bearerd_identity_field field, bearerd_text value) noexcept {
    auto& self = *static_cast<IdentityCollector*>(context);
    try {
      const Slot slot = self.slot_of(field);
      const bool is_fit = slot.text != nullptr && value.size <= kMaxIdentityTextBytes && base::is_utf8(view(value));
      self.is_good_ = self.is_good_ && is_fit;
      if (!is_fit) return;
      slot.text->assign(view(value));
      *slot.is_there = true;
    } catch (...) {
      self.is_good_ = false;
    }
  }

  static void roles(void* context, const bearerd_text* roles, std::size_t count) noexcept {
    auto& self = *static_cast<IdentityCollector*>(context);
    try {
      self.is_good_ =
          self.is_good_ && (roles != nullptr || count == 0) && count <= kMaxRoles - self.identity_.roles.size();
      if (!self.is_good_) return;
      for (std::size_t i = 0; i < count; ++i) {
        if (roles[i].size > kMaxIdentityTextBytes) self.is_good_ = false;
        if (self.is_good_) self.identity_.roles.emplace_back(view(roles[i]));
      }
      self.identity_.has_roles = true;
    } catch (...) {
      self.is_good_ = false;
    }
  }

  Slot slot_of(bearerd_identity_field field) noexcept {
    switch (field) {
      case BEARERD_USER_ID:
        return {&identity_.user_id, &identity_.has_user_id};
      case BEARERD_NAME:
        return {&identity_.name, &identity_.has_name};
      case BEARERD_EMAIL:
        return {&identity_.email, &identity_.has_email};
      case BEARERD_PROJECT:
        return {&identity_.project, &identity_.has_project};
      case BEARERD_SESSION:
        return {&identity_.session, &identity_.has_session};
      default:
        return {nullptr, nullptr};
    }
  }

  Identity& identity_;
  bearerd_identity_sink sink_;
  bool is_good_ = true;
};

bearerd_token as_abi(const jose::Header& header, const jose::Claims& claims) noexcept {
  const std::string_view algorithm = header.algorithm ? base::name(*header.algorithm) : std::string_view{};
  return {sizeof(bearerd_token), as_object(claims), lend(algorithm), header.type ? lend(*header.type) : bearerd_text{}};
}

class LoadedInstance final : public Instance {
 public:
  LoadedInstance(std::shared_ptr<const Library> library, std::shared_ptr<const PluginDescription> description,
                 std::shared_ptr<const bearerd_host> host, bearerd_instance* instance) noexcept
      : library_(std::move(library)),
        host_(std::move(host)),
        description_(std::move(description)),
        instance_(instance) {}
  ~LoadedInstance() override {
    try {
      library_->entry().destroy(instance_);
    } catch (...) {  // what a plugin could not clean up is lost; the daemon goes on
    }
  }
  LoadedInstance(const LoadedInstance&) = delete;
  LoadedInstance& operator=(const LoadedInstance&) = delete;

  base::Result<void> read_trust() {
    TrustCollector collector;
    if (library_->entry().trust(instance_, collector.sink()) != BEARERD_DONE) {
      return base::fail(base::ErrorCode::kInvalid, "the plugin failed in trust()");
    }
    auto trust = std::move(collector).result();
    if (!trust) return tl::make_unexpected(trust.error());
    trust_ = std::move(*trust);
    return {};
  }

  const Trust& trust() const noexcept override { return trust_; }
  const PluginDescription& description() const noexcept override { return *description_; }
  bool can_resolve() const noexcept override { return library_->entry().resolve != nullptr; }
  bool can_enrich() const noexcept override { return library_->entry().enrich != nullptr; }

  Checked check(const jose::Header& header, const jose::Claims& claims) const noexcept override {
    try {
      const bearerd_token token = as_abi(header, claims);
      const LookupWatch watch;
      const bearerd_verdict verdict = library_->entry().check(instance_, &token);
      if (watch.is_sound()) return as_checked(verdict);
    } catch (...) {  // falls through
    }
    return {};
  }

  Resolved resolve(const Inquiry& inquiry) const noexcept override {
    Resolved resolved;
    try {
      Call call(inquiry);
      const bearerd_object* claims = nullptr;
      const LookupWatch watch;
      const Reason reason = as_reason(library_->entry().resolve(instance_, call.abi(), &claims));
      if (!watch.is_sound()) return resolved;
      if (reason == Reason::kProviderUnavailable) call.tell_undecided();
      if (reason == Reason::kOk) {
        // Nothing but an answer may vouch for a token, and it is ours to keep.
        resolved.claims = call.take(claims);
        if (!resolved.claims) return resolved;
      }
      resolved.valid_until = call.valid_until();
      resolved.reason = reason;
    } catch (...) {  // half an answer is none
      resolved = Resolved{};
    }
    return resolved;
  }

  Enriched enrich(const jose::Header& header, const jose::Claims& claims,
                  const Inquiry& inquiry) const noexcept override {
    Enriched enriched;
    try {
      const bearerd_token token = as_abi(header, claims);
      Call call(inquiry);
      IdentityCollector collector(enriched.identity);
      const LookupWatch watch;
      const Reason reason = as_reason(library_->entry().enrich(instance_, &token, call.abi(), collector.sink()));
      if (reason == Reason::kProviderUnavailable) call.tell_undecided();
      if (!collector.is_good() || !watch.is_sound()) return {};
      enriched.valid_until = call.valid_until();
      enriched.reason = reason;
    } catch (...) {
      return {};
    }
    return enriched;
  }

  bool identify(const jose::Header& header, const jose::Claims& claims, Identity& identity) const noexcept override {
    identity = Identity{};
    try {
      const bearerd_token token = as_abi(header, claims);
      IdentityCollector collector(identity);
      const LookupWatch watch;
      const bool is_done = library_->entry().identify(instance_, &token, collector.sink()) == BEARERD_DONE;
      if (is_done && collector.is_good() && watch.is_sound()) return true;
    } catch (...) {  // falls through: half an answer is none
    }
    identity = Identity{};
    return false;
  }

 private:
  [[nodiscard]] Checked as_checked(bearerd_verdict verdict) const noexcept {
    if (verdict == BEARERD_ACCEPT_ENRICHED) return {can_enrich() ? Reason::kOk : Reason::kInternal, true};
    // 1.0 had no word for it: who has enrich() is asked.
    const bool is_always_enriched = verdict == BEARERD_ACCEPT && library_->entry().minor == 0 && can_enrich();
    return {as_reason(verdict), is_always_enriched};
  }

  std::shared_ptr<const Library> library_;  // first, so that the code dies last
  std::shared_ptr<const bearerd_host> host_;
  std::shared_ptr<const PluginDescription> description_;
  bearerd_instance* instance_;
  Trust trust_;
};

struct Refusing {
  Loader::Refusal refusal;
  bool is_refused = false;
};

void refuse(void* context, bearerd_text setting, bearerd_text why) noexcept {
  auto& to = *static_cast<Refusing*>(context);
  to.is_refused = true;
  try {
    to.refusal.setting = view(setting).substr(0, kMaxRefusalBytes);
    to.refusal.text = view(why).substr(0, kMaxRefusalBytes);
  } catch (...) {  // refused without words is still refused
  }
}

bearerd_instance* create(const Library& library, const bearerd_host& host, const jose::Claims& settings,
                         Refusing& refusing) {
  const bearerd_refusal refusal{sizeof refusal, &refusing, &refuse};
  bearerd_instance* instance = nullptr;
  bearerd_status status = BEARERD_FAILED;
  const LookupWatch watch;
  try {
    status = library.entry().create(&host, as_object(settings), &refusal, &instance);
  } catch (...) {
    refuse(&refusing, {}, lend("the plugin threw out of create()"));
  }
  if (!watch.is_sound()) refuse(&refusing, {}, lend("a look-up of the plugin's in create() could not be answered"));
  if (status == BEARERD_DONE && instance != nullptr && !refusing.is_refused) return instance;
  if (status == BEARERD_DONE && instance != nullptr) library.entry().destroy(instance);
  if (refusing.refusal.text.empty()) refusing.refusal.text = "the plugin refuses, and does not say why";
  return nullptr;
}

}  // namespace

tl::expected<std::shared_ptr<const Instance>, Loader::Refusal> make_instance(
    std::shared_ptr<const Library> library, std::shared_ptr<const PluginDescription> description,
    std::shared_ptr<const bearerd_host> host, std::string_view settings_json) {
  const auto document = jose::ClaimsDocument::parse(settings_json);
  if (!document)
    return tl::make_unexpected(
        Loader::Refusal{"", "the settings can't be handed to the plugin: " + document.error().text});
  const jose::Claims settings = document->claims();
  Refusing refusing;
  bearerd_instance* made = create(*library, *host, settings, refusing);
  if (made == nullptr) return tl::make_unexpected(std::move(refusing.refusal));
  auto instance = std::make_shared<LoadedInstance>(std::move(library), std::move(description), std::move(host), made);
  try {
    if (const auto read = instance->read_trust(); !read)
      return tl::make_unexpected(Loader::Refusal{"", read.error().text});
  } catch (...) {
    return tl::make_unexpected(Loader::Refusal{"", "the plugin threw out of trust()"});
  }
  return instance;
}

}  // namespace bearerd::plugin
