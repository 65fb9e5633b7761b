// What must hold of an entry beyond each key by itself.
#pragma once

#include "settings/provider.hpp"

namespace bearerd::settings {

// Where keys and claims come from, and that there is exactly one way that makes sense.
void check_sources(const Reader& entry, const ProviderDraft& provider);
// Google and Entra sign for all their customers with the same keys.
void check_bound(const Reader& entry, const ProviderDraft& provider, const Insecure& insecure);
// What DIAL Core accepts and we accept with a warning.
void warn_about_unchecked(const Reader& entry, const ProviderDraft& provider, bool has_others);
void warn_about_ignored(const Reader& entry, const ProviderDraft& provider);
void check_issuer_pattern(const Reader& entry, const ProviderDraft& provider);
void check_algorithms(const Reader& entry, const ProviderDraft& provider);
// disableJwtVerification; sets is_unverified.
void check_unverified(const Reader& entry, ProviderDraft& provider, const Insecure& insecure);

}  // namespace bearerd::settings
