#include "settings/dynamic_table.hpp"

#include "settings/static_table.hpp"

namespace bearerd::settings {
namespace {

constexpr Traits kAnyNumber{.minimum = std::numeric_limits<std::int64_t>::min()};

using D = DeploymentDraft;
constexpr Field<D> kDeployment[] = {
    field<D, &D::user_roles>(
        "userRoles",
        "Who may use it: any role in common. Absent: everyone who is authenticated. An empty list: nobody."),
    field<D, &D::user_roles_alias>("user_roles", "The same, as older files have it."),
};

using K = ApiKeyDraft;
constexpr Field<K> kApiKey[] = {
    field<K, &K::project>("project", "What the key belongs to. Required."),
    field<K, &K::role>("role", "A role of the key. At least one, here or in `roles`."),
    field<K, &K::roles>("roles", "Roles of the key."),
    field<K, &K::is_secured>("secured",
                             "DIAL Core's mark of a key whose traffic it does not record; here it changes nothing."),
    field<K, &K::address_ranges>("allowedIpAddressRanges",
                                 "Where the key may be used from. Absent: anywhere. An empty list: nowhere.",
                                 {.format = Format::kCidr}),
};

constexpr std::string_view kEncodedSlashes[] = {"refuse", "keep"};

using R = RouteDraft;
constexpr Field<R> kRoute[] = {
    field<R, &R::paths>("paths", "Patterns that match the whole path, never the query. Required.",
                        {.format = Format::kPattern, .needs_element = true}),
    field<R, &R::methods>("methods", "HTTP methods. Absent: all.", {.format = Format::kMethod}),
    field<R, &R::hosts>("hosts", "Hosts, without a port; `*.example.com`: any name below. Absent: all.",
                        {.format = Format::kHost, .needs_element = true}),
    field<R, &R::user_roles>("userRoles", "As for a deployment."),
    field<R, &R::user_roles_alias>("user_roles", "The same, as older files have it."),
    field<R, &R::providers>("providers",
                            "Provider entries whose callers may use it; `api_key` stands for API keys. Absent: all."),
    field<R, &R::rules>("rules",
                        "Claims that are needed, as in `access.<right>.rules`; any rule that matches is enough."),
    field<R, &R::max_token_age>("maxTokenAgeSeconds", "How long ago the token may have been issued.",
                                {.minimum = 1, .maximum = 315'360'000}),
    field<R, &R::is_anonymous>("anonymous",
                               "Let everybody in, without a token too. A token that is sent must be good."),
    field<R, &R::keeps_encoded_slashes>("encodedSlashes", "What becomes of a path with `%2F`.",
                                        {.choices = kEncodedSlashes}),
    field<R, &R::order>("order", "Lower comes first; equals in the order of the file.", kAnyNumber),
};

using L = Limit;
constexpr Field<L> kLimit[] = {
    field<L, &L::minute>("minute", "Tokens a minute. 0 or less: nothing is allowed, here and below.", kAnyNumber),
    field<L, &L::day>("day", "Tokens a day.", kAnyNumber),
    field<L, &L::week>("week", "Tokens in 7 days.", kAnyNumber),
    field<L, &L::month>("month", "Tokens in 30 days.", kAnyNumber),
    field<L, &L::request_hour>("requestHour", "Requests an hour.", kAnyNumber),
    field<L, &L::request_day>("requestDay", "Requests a day.", kAnyNumber),
};

using C = CostLimit;
constexpr Field<C> kCostLimit[] = {
    field<C, &C::minute>("minute", "US dollars a minute, over all deployments."),
    field<C, &C::day>("day", "US dollars a day."),
    field<C, &C::week>("week", "US dollars in 7 days."),
    field<C, &C::month>("month", "US dollars in 30 days."),
};

}  // namespace

template <>
std::span<const Field<DeploymentDraft>> fields_of<DeploymentDraft>() {
  return kDeployment;
}
template <>
std::span<const Field<ApiKeyDraft>> fields_of<ApiKeyDraft>() {
  return kApiKey;
}
template <>
std::span<const Field<RouteDraft>> fields_of<RouteDraft>() {
  return kRoute;
}
template <>
std::span<const Field<Limit>> fields_of<Limit>() {
  return kLimit;
}
template <>
std::span<const Field<CostLimit>> fields_of<CostLimit>() {
  return kCostLimit;
}

}  // namespace bearerd::settings
