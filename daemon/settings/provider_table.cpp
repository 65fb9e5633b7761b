#include "settings/provider_table.hpp"

#include "base/text.hpp"

namespace bearerd::settings {
namespace {

constexpr std::string_view kTokenUses[] = {"access", "id", "any"};
constexpr std::string_view kAuthentications[] = {"basic", "post"};
constexpr std::string_view kIntrospectedTokens[] = {"opaque", "all"};
constexpr std::string_view kGoogleGroups = "fn:getGoogleWorkspaceGroups";

constexpr Traits kUrl{.format = Format::kUrl};
constexpr Traits kFile{.format = Format::kFile};
constexpr Traits kFilled{.needs_element = true};
constexpr Traits between(std::int64_t minimum, std::int64_t maximum) {
  return {.minimum = minimum, .maximum = maximum};
}

using P = ProviderDraft;
constexpr Field<P> kProvider[] = {
    field<P, &P::plugin>("plugin", "Which plugin serves the entry.",
                         {.default_note = "by name, else by host, else `oidc`"}),
    field<P, &P::issuers>(
        "issuer", "The exact issuer; before `issuerPattern`. Without a place for keys, they are found by discovery.",
        {.format = Format::kIssuer, .needs_element = true}),
    field<P, &P::issuer_pattern>("issuerPattern", "Must match the whole `iss`."),
    field<P, &P::jwks_url>("jwksUrl", "Where the key set is.", kUrl),
    field<P, &P::jwks_file>("jwksFile", "A JWK Set on disk; the only set that may hold `oct` keys.", kFile),
    field<P, &P::public_key_file>("publicKeyFile", "A PEM public key or certificate.", kFile),
    field<P, &P::hmac_secret_file>(
        "hmacSecretFile", "A secret for HS256, HS384 or HS512, byte for byte; at least as long as the hash.", kFile),
    field<P, &P::user_info_endpoint>("userInfoEndpoint",
                                     "For opaque tokens: claims come from here, asked with the user's token.", kUrl),
    field<P, &P::introspection_draft>("introspection", "For opaque tokens: RFC 7662.", {}),
    field<P, &P::ca_file>("caFile", "PEM certificates to trust instead of the system's for this entry's URLs.", kFile),
    field<P, &P::algorithms>("algorithms", "What a token may be signed with.",
                             {.default_note = "the asymmetric ones that the key can serve"}),
    field<P, &P::audience>("audience", "The token's audience must have one of these.", kFilled),
    field<P, &P::required_claims>("requiredClaims", "Claims that a token must have.", kFilled),
    field<P, &P::token_use>("tokenUse", "Which kind of token is taken.", {.choices = kTokenUses}),
    field<P, &P::clock_skew>("clockSkewSeconds", "How far clocks may differ.", between(0, 300)),
    field<P, &P::max_token_age>("maxTokenAgeSeconds", "A token that was issued earlier is refused.",
                                between(1, 31'536'000)),
    field<P, &P::is_exp_required>("requireExp", "Refuse a token without `exp`."),
    field<P, &P::is_optional>("optional", "`/readyz` does not wait for this entry."),
    field<P, &P::roles>("rolePath",
                        "Where the roles are; of a list all paths are collected, unless it is one path. Or "
                        "`fn:getGoogleWorkspaceGroups`."),
    field<P, &P::roles_delimiter>("rolesDelimiter", "Pattern that splits a string of roles."),
    field<P, &P::project_path>("projectPath", "Where the project is."),
    field<P, &P::display_name_path>("userDisplayName", "Where the display name is."),
    field<P, &P::email_path>("emailPath", "Where the e-mail address is."),
    field<P, &P::user_id_path>("userIdPath", "Where the user id is."),
    field<P, &P::logging_key>("loggingKey", "The claim that stands, hashed, for the user in logs."),
    field<P, &P::logging_salt>("loggingSalt", "Salt of that hash; required with `loggingKey`.", {.is_secret = true}),
    field<P, &P::logging_salt_file>("loggingSaltFile", "The salt from a file; one line end at its end is dropped.",
                                    kFile),
    field<P, &P::positive_ttl>("positiveCacheExpirationMs", "How long a key set is used before it is fetched again.",
                               between(1000, 604'800'000)),
    field<P, &P::negative_ttl>(
        "negativeCacheExpirationMs",
        "How long a key that was not found, or an opaque token that was refused, is not asked for again.",
        between(100, 86'400'000)),
    field<P, &P::disables_verification>("disableJwtVerification",
                                        "Refused unless `insecure.acceptUnverified` names the entry."),
    field<P, &P::obfuscates_email>("obfuscateUserEmail", "Ignored with a warning: nothing is logged in clear."),
    field<P, &P::claim_paths_to_log>("claimPathsToLog", "Ignored with a warning: claims are not logged."),
};

using I = IntrospectionDraft;
constexpr Field<I> kIntrospection[] = {
    field<I, &I::url>("url", "The introspection endpoint. Required.", kUrl),
    field<I, &I::client_id>("clientId", "Who we are there. Required."),
    field<I, &I::client_secret_file>("clientSecretFile",
                                     "Our secret there; one line end at its end is dropped. Required.", kFile),
    field<I, &I::authentication>("authentication", "How we say who we are: in a header, or in the form.",
                                 {.choices = kAuthentications}),
    field<I, &I::tokens>(
        "tokens",
        "Which tokens are asked about: those that are no JWT, or all of this entry, so that logout and "
        "revocation at the provider are seen at once.",
        {.choices = kIntrospectedTokens}),
};

}  // namespace

template <>
std::span<const Field<ProviderDraft>> fields_of<ProviderDraft>() {
  return kProvider;
}
template <>
std::span<const Field<IntrospectionDraft>> fields_of<IntrospectionDraft>() {
  return kIntrospection;
}

ProviderDraft default_provider() {
  ProviderDraft provider;
  provider.user_id_path = base::ClaimPath::from_text("sub");
  return provider;
}

void Codec<RoleSource>::read(const Reader& reader, const Traits& traits, RoleSource& out) {
  const bool is_function = reader.node.kind == NodeKind::kString && reader.node.text.substr(0, 3) == "fn:";
  if (!is_function) return Codec<std::vector<base::ClaimPath>>::read(reader, traits, out.paths);
  if (reader.node.text != kGoogleGroups)
    return reader.fault("the only function is " + base::json_string(kGoogleGroups));
  out.function = kGoogleGroups;
}

std::string Codec<RoleSource>::show(const Traits&, const RoleSource&) { return {}; }
std::string Codec<RoleSource>::type(const Traits&) { return "claim path, list, or function"; }
std::string Codec<RoleSource>::json(const Traits& traits, const RoleSource& value) {
  return value.function.empty() ? Codec<std::vector<base::ClaimPath>>::json(traits, value.paths)
                                : base::json_string(value.function);
}

}  // namespace bearerd::settings
