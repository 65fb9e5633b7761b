#include "observe/provider_series.hpp"

namespace bearerd::observe {
namespace {

constexpr std::array<std::string_view, kFetchResultCount> kResultNames{"ok",          "network", "timeout",
                                                                       "http_status", "invalid", "refused"};
constexpr std::array<std::string_view, kEndpointCount> kEndpointNames{
    "discovery", "jwks", "introspection", "userinfo", "token_info", "groups", "other"};

// A remembered token takes a few microseconds, a signature tens to thousands, a wait for keys up to 150 ms.
const prometheus::Histogram::BucketBoundaries& decision_buckets() {
  static const prometheus::Histogram::BucketBoundaries buckets{
      10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1};
  return buckets;
}

const prometheus::Histogram::BucketBoundaries& request_buckets() {
  static const prometheus::Histogram::BucketBoundaries buckets{5e-3,   10e-3, 25e-3, 50e-3, 100e-3, 250e-3,
                                                               500e-3, 1,     2.5,   5,     10};
  return buckets;
}

double seconds(std::chrono::nanoseconds duration) noexcept { return std::chrono::duration<double>(duration).count(); }

// The index of an enumerator that starts at 1; `count` for one that is not in the list.
template <class Enum>
std::size_t index_of(Enum value, std::size_t count) noexcept {
  const auto index = static_cast<std::size_t>(value) - 1;
  return index < count ? index : count;
}

void increment(prometheus::Counter* counter) noexcept {
  if (counter != nullptr) counter->Increment();
}

template <class Metric>
void remove(prometheus::Family<Metric>& family, Metric* metric) {
  if (metric != nullptr) family.Remove(metric);
}

}  // namespace

std::string_view name(FetchResult result) noexcept {
  const std::size_t index = index_of(result, kFetchResultCount);
  return kResultNames[index < kFetchResultCount ? index : 0];
}

std::string_view name(Endpoint endpoint) noexcept {
  const std::size_t index = index_of(endpoint, kEndpointCount);
  return kEndpointNames[index < kEndpointCount ? index : 0];
}

ProviderSeries::ProviderSeries(MetricFamilies& families, std::string_view name) : families_(families), name_(name) {
  bind_decisions();
  if (name != "none" && name != "api_key") bind_identity_provider();
}

ProviderSeries::~ProviderSeries() {
  for (auto* counter : decisions_) remove(families_.verify_requests, counter);
  remove(families_.verify_duration, duration_);
  for (auto* counter : signatures_) remove(families_.signature_verifications, counter);
  for (auto* counter : jwks_fetches_) remove(families_.jwks_fetches, counter);
  remove(families_.jwks_refetches_suppressed, suppressed_);
  remove(families_.provider_ready, ready_);
  remove(families_.provider_required, required_);
  for (const EndpointSeries& endpoint : endpoints_) {
    for (auto* counter : endpoint.results) remove(families_.idp_requests, counter);
    remove(families_.idp_request_duration, endpoint.duration);
  }
  remove(families_.jwks_keys, keys_.count);
  remove(families_.jwks_stale, keys_.is_stale);
  remove(families_.jwks_last_success, keys_.last_success);
  for (const auto& [check, gauge] : unchecked_) remove(families_.provider_unchecked, gauge);
}

prometheus::Labels ProviderSeries::labels(std::string_view key, std::string_view value) const {
  prometheus::Labels labels{{"provider", name_}};
  if (!key.empty()) labels.emplace(key, value);
  return labels;
}

void ProviderSeries::bind_decisions() {
  for (const base::Reason reason : base::all_reasons()) {
    prometheus::Labels series = labels("reason", base::name(reason));
    series.emplace("decision", base::name(base::kind_of(reason)));
    decisions_[index_of(reason, base::kReasonCount)] = &families_.verify_requests.Add(series);
  }
  duration_ = &families_.verify_duration.Add(labels(), decision_buckets());
}

void ProviderSeries::bind_identity_provider() {
  for (const base::Algorithm algorithm : base::all_algorithms()) {
    signatures_[index_of(algorithm, base::kAlgorithmCount)] =
        &families_.signature_verifications.Add(labels("alg", base::name(algorithm)));
  }
  for (std::size_t i = 0; i < kFetchResultCount; ++i) {
    jwks_fetches_[i] = &families_.jwks_fetches.Add(labels("result", kResultNames[i]));
  }
  suppressed_ = &families_.jwks_refetches_suppressed.Add(labels());
  ready_ = &families_.provider_ready.Add(labels());
  required_ = &families_.provider_required.Add(labels());
}

void ProviderSeries::count_decision(base::Reason reason, std::chrono::nanoseconds duration) noexcept {
  const std::size_t index = index_of(reason, base::kReasonCount);
  decisions_[index < base::kReasonCount ? index : index_of(base::Reason::kInternal, base::kReasonCount)]->Increment();
  duration_->Observe(seconds(duration));
}

void ProviderSeries::count_signature(base::Algorithm algorithm) noexcept {
  const std::size_t index = index_of(algorithm, base::kAlgorithmCount);
  if (index < base::kAlgorithmCount) increment(signatures_[index]);
}

void ProviderSeries::count_jwks_fetch(FetchResult result) noexcept {
  const std::size_t index = index_of(result, kFetchResultCount);
  if (index < kFetchResultCount) increment(jwks_fetches_[index]);
}

void ProviderSeries::count_suppressed_refetch() noexcept { increment(suppressed_); }

ProviderSeries::EndpointSeries& ProviderSeries::endpoint_series(std::size_t endpoint) {
  EndpointSeries& series = endpoints_[endpoint];
  if (series.duration != nullptr) return series;
  prometheus::Labels common = labels("endpoint", kEndpointNames[endpoint]);
  for (std::size_t i = 0; i < kFetchResultCount; ++i) {
    prometheus::Labels result = common;
    result.emplace("result", kResultNames[i]);
    series.results[i] = &families_.idp_requests.Add(result);
  }
  series.duration = &families_.idp_request_duration.Add(common, request_buckets());
  return series;
}

void ProviderSeries::count_request(Endpoint endpoint, FetchResult result, std::chrono::nanoseconds duration) noexcept {
  const std::size_t where = index_of(endpoint, kEndpointCount);
  const std::size_t what = index_of(result, kFetchResultCount);
  if (where == kEndpointCount || what == kFetchResultCount) return;
  const std::lock_guard lock(mutex_);
  EndpointSeries& series = endpoint_series(where);
  series.results[what]->Increment();
  series.duration->Observe(seconds(duration));
}

void ProviderSeries::set_keys(std::size_t count, bool is_stale, base::WallTime last_success) noexcept {
  const std::lock_guard lock(mutex_);
  if (keys_.count == nullptr) {
    keys_ = {&families_.jwks_keys.Add(labels()), &families_.jwks_stale.Add(labels()),
             &families_.jwks_last_success.Add(labels())};
  }
  keys_.count->Set(static_cast<double>(count));
  keys_.is_stale->Set(is_stale ? 1 : 0);
  keys_.last_success->Set(seconds(last_success.time_since_epoch()));
}

void ProviderSeries::set_ready(bool is_ready, bool is_required) noexcept {
  if (ready_ == nullptr) return;
  ready_->Set(is_ready ? 1 : 0);
  required_->Set(is_required ? 1 : 0);
}

void ProviderSeries::set_unchecked(std::string_view check, bool is_unchecked) noexcept {
  const std::lock_guard lock(mutex_);
  auto found = unchecked_.find(check);
  if (found == unchecked_.end()) {
    found = unchecked_.emplace(check, &families_.provider_unchecked.Add(labels("check", check))).first;
  }
  found->second->Set(is_unchecked ? 1 : 0);
}

}  // namespace bearerd::observe
