#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/file.hpp"
#include "http/credential.hpp"
#include "http/endpoint.hpp"
#include "http/protected_request.hpp"
#include "http/request_head.hpp"
#include "http/timer_list.hpp"

namespace bearerd::http {
namespace {

using base::Reason;

// A question as the listener would ask it.
struct Asked {
  RequestParser parser;
  std::string text;
  ProtectedRequest question;
  Reason fault = Reason::kInternal;

  Asked(std::string_view target, std::string_view headers, bool has_api_keys = true, std::string_view method = "GET",
        base::Trace* trace = nullptr) {
    question.request.trace = trace;
    text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
    if (parser.advance(text) != RequestParser::Event::kHead) return;
    fault = question.assign(parser.head(), select_endpoint(parser.head().target()), has_api_keys);
  }
  [[nodiscard]] const verify::Request& request() const { return question.request; }
};

TEST(Endpoint, an_empty_resource_is_no_question_without_one) {
  EXPECT_EQ(Asked("/verify", "X-Bearerd-Resource: \r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify", "").fault, Reason::kOk);
  const Asked named("/verify", "X-Bearerd-Resource: m\r\n");
  EXPECT_EQ(named.fault, Reason::kOk);
  EXPECT_EQ(named.request().resource, "m");
}

TEST(Endpoint, is_chosen_by_exact_match_of_raw_bytes) {
  EXPECT_EQ(select_endpoint("/verify?x").endpoint, Endpoint::kVerify);
  EXPECT_EQ(select_endpoint("/verify/nginx").endpoint, Endpoint::kNginx);
  EXPECT_EQ(select_endpoint("/verify/forward?a=/b").endpoint, Endpoint::kForward);
  EXPECT_EQ(select_endpoint("/verify/").endpoint, Endpoint::kUnknown);
  EXPECT_EQ(select_endpoint("/verify/nginx/").endpoint, Endpoint::kUnknown);
  EXPECT_EQ(select_endpoint("/%76erify").endpoint, Endpoint::kUnknown);
  EXPECT_EQ(select_endpoint("/introspect").endpoint, Endpoint::kIntrospect);
  EXPECT_EQ(select_endpoint("/introspect/").endpoint, Endpoint::kUnknown);
  EXPECT_EQ(select_endpoint("").endpoint, Endpoint::kBadTarget);
  EXPECT_EQ(select_endpoint("http://h/verify").endpoint, Endpoint::kBadTarget);
}

TEST(Endpoint, everything_below_envoy_is_envoys) {
  EXPECT_EQ(select_endpoint("/verify/envoy/../../healthz").rest, "/../../healthz");
  EXPECT_EQ(select_endpoint("/verify/envoy//a?b").rest, "//a?b");
  EXPECT_EQ(select_endpoint("/verify/envoy").rest, "/");
  EXPECT_EQ(select_endpoint("/verify/envoy?x").rest, "/");
  EXPECT_EQ(select_endpoint("/verify/envoyx").endpoint, Endpoint::kUnknown);
}

TEST(Endpoint, query_parameters_are_found_whole) {
  EXPECT_TRUE(has_parameter("all", "all"));
  EXPECT_TRUE(has_parameter("a=1&all=", "all"));
  EXPECT_FALSE(has_parameter("small&allx", "all"));
  EXPECT_FALSE(has_parameter("", "all"));
}

TEST(HeaderField, names_are_matched_in_any_case_and_underscores_show) {
  EXPECT_EQ(match_header("AUTHORIZATION").field, HeaderField::kAuthorization);
  EXPECT_EQ(match_header("x-original-uri").field, HeaderField::kOriginalUri);
  EXPECT_EQ(match_header("X-Forwarded-Uri").field, HeaderField::kForwardedUri);
  EXPECT_EQ(match_header("x-forwarded-for").field, HeaderField::kForwardedFor);
  EXPECT_TRUE(match_header("X_Forwarded_Uri").is_underscored);
  EXPECT_TRUE(match_header("api_key").is_underscored);
  EXPECT_EQ(match_header("x-forwarded-foo").field, HeaderField::kNone);
  EXPECT_EQ(match_header("").field, HeaderField::kNone);
  EXPECT_EQ(match_header(std::string(200, 'a')).field, HeaderField::kNone);
}

TEST(Credential, the_scheme_is_case_insensitive_and_the_token_is_a_b64token) {
  EXPECT_EQ(parse_authorization("Bearer abc").value, "abc");
  EXPECT_EQ(parse_authorization("bEARER   a.b-c_~+/==").value, "a.b-c_~+/==");
  for (const std::string_view bad : {"Bearer", "Bearer ", "Bearer =", "Bearer a b", "Bearer a, Basic b", "Bearer a=b",
                                     "Bearer \"a\"", "Bearer a\tb"}) {
    EXPECT_EQ(parse_authorization(bad).fault, Reason::kMalformed) << bad;
  }
}

TEST(Credential, another_scheme_is_no_token) {
  for (const std::string_view other : {"", "Basic YTpi", "DPoP abc", "Bearerabc", "bearer-x a", "Bearer\tabc"}) {
    EXPECT_EQ(parse_authorization(other).kind, verify::CredentialKind::kNone) << other;
    EXPECT_EQ(parse_authorization(other).fault, Reason::kOk) << other;
  }
}

TEST(ProtectedRequest, api_keys_are_ours_only_when_configured) {
  EXPECT_EQ(Asked("/verify", "Api-Key: k\r\n").request().credential_kind, verify::CredentialKind::kApiKey);
  EXPECT_EQ(Asked("/verify", "Api-Key: k\r\n", false).request().credential_kind, verify::CredentialKind::kNone);
  EXPECT_EQ(Asked("/verify", "Api-Key: k\r\nAuthorization: Bearer t\r\n", false).request().credential, "t");
  EXPECT_EQ(Asked("/verify", "Api-Key: k\r\nApi-Key: k\r\n", false).fault, Reason::kOk);
}

TEST(ProtectedRequest, two_credentials_are_refused_unless_they_are_the_same) {
  EXPECT_EQ(Asked("/verify", "Api-Key: a\r\nAuthorization: Bearer b\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify", "Api-Key: a\r\nAuthorization: Bearer a\r\n").request().credential_kind,
            verify::CredentialKind::kApiKey);
  EXPECT_EQ(Asked("/verify", "Authorization: Bearer a\r\nAuthorization: Bearer a\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify", "Authorization: Basic a\r\nAuthorization: Bearer a\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify", "Api-Key: a\r\nApi-Key: a\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify", "Api_Key: a\r\n").fault, Reason::kBadRequest);
}

TEST(ProtectedRequest, each_endpoint_reads_its_own_family_only) {
  const std::string original =
      "X-Original-Method: PUT\r\nX-Original-URI: /o?q\r\nX-Original-Host: oh\r\nX-Original-Proto: https\r\n";
  const std::string forwarded =
      "X-Forwarded-Method: POST\r\nX-Forwarded-Uri: /f//x\r\nX-Forwarded-Host: fh\r\nX-Forwarded-Proto: http\r\n";
  const Asked nginx("/verify/nginx", original + forwarded);
  EXPECT_EQ(nginx.request().method, "PUT");
  EXPECT_EQ(nginx.request().path, "/o");
  EXPECT_EQ(nginx.request().host, "oh");
  EXPECT_EQ(nginx.request().protocol, "https");
  const Asked forward("/verify/forward?x=/other", original + forwarded);
  EXPECT_EQ(forward.request().method, "POST");
  EXPECT_EQ(forward.request().path, "/f/x");
  EXPECT_EQ(forward.request().host, "fh");
  EXPECT_EQ(Asked("/verify/nginx", forwarded).fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify/forward", original).fault, Reason::kBadRequest);
  const Asked envoy("/verify/envoy/e?q", original + forwarded, true, "DELETE");
  EXPECT_EQ(envoy.request().method, "DELETE");
  EXPECT_EQ(envoy.request().path, "/e");
  EXPECT_EQ(envoy.request().host, "h");
  EXPECT_TRUE(Asked("/verify", original + forwarded).request().path.empty());
}

TEST(ProtectedRequest, doubled_or_underscored_fields_are_refused_where_they_are_read) {
  const std::string source = "X-Original-Method: GET\r\nX-Original-URI: /a\r\n";
  EXPECT_EQ(Asked("/verify/nginx", source).fault, Reason::kOk);
  EXPECT_EQ(Asked("/verify/nginx", source + "X-Original-URI: /b\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify/nginx", source + "X_Original_Host: b\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify/nginx", source + "X-Forwarded-Uri: b\r\nX_Forwarded_Uri: c\r\n").fault, Reason::kOk);
  EXPECT_EQ(Asked("/verify", "X-Bearerd_Resource: b\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify/nginx", "X-Original-Method:\r\nX-Original-URI: /a\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify/nginx", "X-Original-Method: GE T\r\nX-Original-URI: /a\r\n").fault, Reason::kBadRequest);
  EXPECT_EQ(Asked("/verify/nginx", "X-Original-Method: GET\r\nX-Original-URI: /a/%2e%2e/b\r\n").fault,
            Reason::kBadRequest);
}

TEST(ProtectedRequest, whoever_wants_it_explained_is_told_what_is_wrong) {
  const auto why = [](std::string_view target, const std::string& headers) {
    base::Trace trace(false);
    const Asked asked(target, headers, true, "GET", &trace);
    const auto steps = trace.steps();
    return steps.size() == 1 && steps[0].outcome == base::Outcome::kFailed ? steps[0].why : "not told";
  };
  const auto why_path = [&](const std::string& path) {
    return why("/verify/nginx", "X-Original-Method: GET\r\nX-Original-URI: " + path + "\r\n");
  };
  EXPECT_EQ(why_path("/../x"), "path climbs above the root");
  EXPECT_EQ(why_path("/a%5cb"), "path holds an encoded backslash");
  EXPECT_EQ(why_path("/a%00"), "path holds an encoded NUL");
  EXPECT_EQ(why_path("/a/%2e%2e/x"), "path holds an encoded dot");
  EXPECT_EQ(why_path("/%zz"), "path holds a broken percent-encoding");
  EXPECT_EQ(why_path("/admin/x#f"), "path holds a fragment");
  EXPECT_EQ(why_path("x"), "path does not begin with a slash");
  EXPECT_EQ(why("/verify/envoyx", ""), "the path leads to no endpoint; it begins with a slash");
  EXPECT_EQ(why("/verify/nginx", "X-Original-Method: GE T\r\nX-Original-URI: /\r\n"),
            "the method is no token: at most 32 letters, digits, - and _");
  EXPECT_EQ(why("/verify", "X-Bearerd-Resource: \r\n"), "the resource is empty");
  EXPECT_EQ(why("/verify", "Api-Key: a\r\nApi-Key: a\r\n"), "a header that is read came twice, or with _ for -");
  EXPECT_EQ(why("/verify", "Api-Key: a\r\nAuthorization: Bearer b\r\n"),
            "an API key and a token came, and they differ");
  EXPECT_EQ(why("/verify", "Authorization: Bearer a b\r\n"), "it holds bytes that no token has");
}

TEST(RequestIds, fit_ids_are_kept_and_others_made) {
  RequestIds ids;
  std::array<char, 16> storage{};
  EXPECT_EQ(ids.choose("a.B-9_", storage), "a.B-9_");
  for (const std::string& unfit : {std::string{}, std::string("a b"), std::string(65, 'a'), std::string("a\"b")}) {
    EXPECT_EQ(ids.choose(unfit, storage).size(), 16U);
  }
  std::set<std::string> made;
  for (int i = 0; i < 1000; ++i) made.emplace(ids.choose({}, storage));
  EXPECT_EQ(made.size(), 1000U);
}

TEST(TimerList, pops_in_the_order_of_deadlines) {
  const base::SteadyTime start{};
  TimerList list;
  Timer a, b, c;
  list.arm(a, start + std::chrono::seconds(3));
  list.arm(b, start + std::chrono::seconds(1));
  list.arm(c, start + std::chrono::seconds(2));
  list.arm(b, start + std::chrono::seconds(4));
  EXPECT_EQ(list.pop(start + std::chrono::seconds(1)), nullptr);
  EXPECT_EQ(list.pop(start + std::chrono::seconds(9)), &c);
  a.cancel();
  EXPECT_EQ(list.pop(start + std::chrono::seconds(9)), &b);
  EXPECT_EQ(list.pop(start + std::chrono::seconds(9)), nullptr);
  EXPECT_FALSE(list.next());
}

TEST(Reasons, every_reason_is_documented_with_its_status) {
  const auto page = base::read_file(BEARERD_DOCS "/reasons.md", 1U << 20U);
  ASSERT_TRUE(page);
  std::size_t rows = 0;
  for (std::size_t at = page->bytes.find("\n| `"); at != std::string::npos; at = page->bytes.find("\n| `", at + 1))
    ++rows;
  EXPECT_EQ(rows, base::kReasonCount);
  for (const Reason reason : base::all_reasons()) {
    const std::string row =
        "\n| `" + std::string(base::name(reason)) + "` | " + std::to_string(base::http_status(reason)) + " |";
    EXPECT_NE(page->bytes.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace bearerd::http
