// The declarations of all metrics but process_* and the three that are asked at each scrape (metrics.cpp): one line
// each. A test compares them with docs/operations.md.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace bearerd::observe {

using Counters = prometheus::Family<prometheus::Counter>;
using Gauges = prometheus::Family<prometheus::Gauge>;
using Histograms = prometheus::Family<prometheus::Histogram>;

// Labels are closed sets (names from the settings, reasons, plugins), so nobody outside can make series.
struct MetricFamilies {
  Counters verify_requests{"bearerd_verify_requests_total", "Decisions, by provider, decision and reason.", {}};
  Histograms verify_duration{"bearerd_verify_duration_seconds", "Time from a whole request to its decision.", {}};
  Counters signature_verifications{
      "bearerd_signature_verifications_total", "Signatures that were computed, good or not; cache hits are not.", {}};

  Counters token_cache_hits{"bearerd_token_cache_hits_total", "Tokens that were remembered as verified.", {}};
  Counters token_cache_misses{"bearerd_token_cache_misses_total", "Tokens that had to be verified.", {}};
  Counters token_cache_evictions{
      "bearerd_token_cache_evictions_total", "Remembered tokens that gave way to others before their time.", {}};

  Counters jwks_fetches{"bearerd_jwks_fetches_total", "Attempts to fetch a key set, by result.", {}};
  Counters jwks_refetches_suppressed{"bearerd_jwks_refetches_suppressed_total",
                                     "Unknown key ids for which no fetch was started, because one ran lately.",
                                     {}};
  Gauges jwks_keys{"bearerd_jwks_keys", "Usable keys of a provider.", {}};
  Gauges jwks_last_success{
      "bearerd_jwks_last_success_timestamp_seconds", "When a provider's keys were last fetched; 0: never.", {}};
  Gauges jwks_stale{"bearerd_jwks_stale", "1 while a provider's keys are used past their freshness.", {}};
  Gauges provider_ready{"bearerd_provider_ready", "1 when a provider can decide.", {}};
  Gauges provider_required{"bearerd_provider_required", "1 when the daemon is not ready without the provider.", {}};
  Gauges provider_unchecked{"bearerd_provider_unchecked", "1 when the settings leave a check of a provider out.", {}};

  Counters idp_requests{"bearerd_idp_requests_total", "Requests to identity providers, by endpoint and result.", {}};
  Histograms idp_request_duration{
      "bearerd_idp_request_duration_seconds", "Time of requests to identity providers, redirects included.", {}};

  Counters config_reloads{"bearerd_config_reloads_total", "Reloads of the settings, by kind and result.", {}};
  Gauges config_last_reload_successful{
      "bearerd_config_last_reload_successful", "1 when the last load of the settings succeeded.", {}};
  Gauges config_last_reload_success{
      "bearerd_config_last_reload_success_timestamp_seconds", "When settings were last loaded successfully.", {}};
  Gauges config_generation{"bearerd_config_generation", "Generation of the settings that are served.", {}};

  Counters usage_recorded{
      "bearerd_usage_recorded_total", "Usage that was counted: tokens, requests, cost in US dollars.", {}};
  Counters state_writes{"bearerd_state_writes_total", "Writes of counters to disk, by result.", {}};
  Gauges state_degraded{
      "bearerd_state_degraded", "1 while counters are not kept, or not shared, as the settings say.", {}};

  Gauges revocations{"bearerd_revocations", "Revocations that were added by calls and are kept.", {}};
  Gauges revocations_unreadable{
      "bearerd_revocations_unreadable", "1 while what was revoked can't be read, and older tokens are refused.", {}};

  Gauges plugin_info{"bearerd_plugin_info", "Loaded plugins; always 1.", {}};
  Gauges connections{"bearerd_connections", "Open connections, by listener.", {}};
  Gauges build_info{"bearerd_build_info", "Version and revision of the running program; always 1.", {}};

  // Calls `visit` with each of them.
  template <class Visit>
  void for_each(Visit visit) const {
    visit(verify_requests), visit(verify_duration), visit(signature_verifications);
    visit(token_cache_hits), visit(token_cache_misses), visit(token_cache_evictions);
    visit(jwks_fetches), visit(jwks_refetches_suppressed), visit(jwks_keys), visit(jwks_last_success),
        visit(jwks_stale);
    visit(provider_ready), visit(provider_required), visit(provider_unchecked), visit(idp_requests),
        visit(idp_request_duration);
    visit(config_reloads), visit(config_last_reload_successful), visit(config_last_reload_success);
    visit(usage_recorded), visit(state_writes), visit(state_degraded), visit(revocations),
        visit(revocations_unreadable);
    visit(config_generation), visit(plugin_info), visit(connections), visit(build_info);
  }
};

}  // namespace bearerd::observe
