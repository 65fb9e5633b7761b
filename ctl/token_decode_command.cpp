#include <algorithm>
#include <array>
#include <chrono>
#include <ostream>

#include "base/base64url.hpp"
#include "base/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"
#include "ctl/token_input.hpp"
#include "jose/token.hpp"
#include "jose/token_type.hpp"
#include "jose/validity.hpp"

namespace bearerd::ctl {
namespace {

using base::Reason;

constexpr std::array<const char*, 4> kDates{"iat", "nbf", "exp", "auth_time"};

// Why bearerd would refuse the token, whoever signed it.
struct Fault {
  Reason reason;
  std::string text;
};

// A part of the token: what it decodes to, and whether that is JSON as bearerd takes it.
struct Part {
  std::string text;  // empty: not even base64url
  std::string fault;

  [[nodiscard]] bool is_json() const noexcept { return fault.empty(); }
};

struct Decoded {
  Part header, claims;
  std::size_t signature_bytes = 0;
  std::vector<Fault> faults;
};

Part decode_part(std::string_view encoded) {
  const auto bytes = base::decode_base64url(encoded);
  if (!bytes || bytes->empty()) return {{}, "it is not base64url without padding"};
  std::string text(bytes->begin(), bytes->end());
  const auto parsed = jose::ClaimsDocument::parse(text);
  return {std::move(text), parsed ? std::string() : parsed.error().text};
}

std::vector<std::string_view> split(std::string_view token) {
  std::vector<std::string_view> parts;
  while (parts.size() < 6) {
    const std::size_t dot = token.find('.');
    parts.push_back(token.substr(0, dot));
    if (dot == std::string_view::npos) break;
    token.remove_prefix(dot + 1);
  }
  return parts;
}

std::string malformed_text(const Decoded& decoded, std::size_t parts) {
  if (parts != 3) return "it has " + (parts > 5 ? "more than 5" : std::to_string(parts)) + " parts, and a JWT has 3";
  if (!decoded.header.is_json()) return "its header: " + decoded.header.fault;
  if (!decoded.claims.is_json()) return "its claims: " + decoded.claims.fault;
  return "its signature is missing or not base64url, or its header has no `alg`, or a member of another type than it "
         "must "
         "have";
}

std::string text_of(Reason reason, const Decoded& decoded, std::size_t parts) {
  switch (reason) {
    case Reason::kTooLarge:
      return "it is larger than bearerd reads: 16 KiB, its header 4 KiB";
    case Reason::kEncryptedToken:
      return "it is encrypted";
    case Reason::kCriticalHeader:
      return "its header demands an extension (crit, b64), and bearerd knows none";
    case Reason::kAlgNotAllowed:
      return "its alg is none: nobody signed it";
    default:
      return malformed_text(decoded, parts);
  }
}

void judge_content(const jose::UnverifiedToken& token, std::vector<Fault>& faults) {
  if (!token.header.algorithm) faults.push_back({Reason::kAlgNotAllowed, "its alg is none that bearerd knows"});
  if (token.header.type && jose::is_foreign_token_type(*token.header.type))
    faults.push_back({Reason::kWrongTokenUse, "its typ names something other than an access token"});
  if (token.claims.kind_of("cnf") != jose::ClaimKind::kMissing)
    faults.push_back(
        {Reason::kSenderConstrained, "it is bound to a key (cnf), unless its provider's plugin checks that"});
  if (!token.claims.string_of("iss")) faults.push_back({Reason::kUnknownIssuer, "it names no issuer (iss)"});
  if (const auto lifetime = jose::read_lifetime(token.claims, {}); !lifetime) {
    const bool is_missing = lifetime.error() == Reason::kMissingClaim;
    faults.push_back({lifetime.error(), is_missing ? "it never expires (exp is missing); see requireExp"
                                                   : "exp, nbf or iat is no number of seconds"});
  }
}

Decoded decode(std::string_view token) {
  const auto parts = split(token);
  Decoded decoded;
  decoded.header = decode_part(parts.front());
  if (parts.size() == 3) {
    decoded.claims = decode_part(parts[1]);
    decoded.signature_bytes = base::decode_base64url(parts[2]).value_or(std::vector<std::uint8_t>()).size();
  }
  if (jose::shape_of(token) == jose::Shape::kOpaque) {
    decoded.faults.push_back({Reason::kOpaqueUnsupported, "it is opaque: only its issuer can say what it means"});
    return decoded;
  }
  jose::TokenParser parser;
  const auto parsed = parser.parse(token);
  if (!parsed) {
    decoded.faults.push_back({parsed.error(), text_of(parsed.error(), decoded, parts.size())});
  } else {
    judge_content(*parsed, decoded.faults);
  }
  return decoded;
}

void print_part(const char* title, const Part& part, Output& output) {
  if (part.text.empty()) return;
  output.out << '\n' << paint(output.look, Colour::kDim, title) << '\n';
  output.out << (part.is_json() ? indented(part.text) : printable(part.text)) << '\n';
}

std::string distance(std::int64_t seconds) {
  if (seconds == 0) return "now";
  return seconds > 0 ? "in " + duration_text(seconds) : duration_text(-seconds) + " ago";
}

void print_dates(const Part& claims, base::Timestamp now, Output& output) {
  constexpr std::int64_t kLastSecond = 253402300799;
  const auto document = jose::ClaimsDocument::parse(claims.text);
  if (!document) return;
  std::vector<std::vector<Cell>> rows{{{"DATE"}, {"TIME"}, {"FROM NOW"}}};
  for (const char* name : kDates) {
    const auto date = document->claims().date_of(name);
    if (!date || !*date || (*date)->seconds > kLastSecond) continue;
    const std::int64_t from_now = (*date)->seconds - now.seconds;
    const bool is_bad = std::string_view(name) == "exp" ? from_now <= 0 : from_now > 0;
    rows.push_back(
        {{name}, {base::to_text({(*date)->seconds})}, {distance(from_now), is_bad ? Colour::kBad : Colour::kNone}});
  }
  if (rows.size() > 1) output.out << '\n' << table(output.look, rows);
}

void print_text(const Decoded& decoded, base::Timestamp now, Output& output) {
  output.out << paint(output.look, Colour::kOdd, "not verified: anybody can have written this") << '\n';
  print_part("header", decoded.header, output);
  print_part("claims", decoded.claims, output);
  print_dates(decoded.claims, now, output);
  if (decoded.faults.empty()) return;
  output.out << '\n' << paint(output.look, Colour::kBad, "bearerd would refuse it, whoever signed it:") << '\n';
  for (const Fault& fault : decoded.faults) output.out << "  " << name(fault.reason) << ": " << fault.text << '\n';
}

std::string json_of(const Part& part) { return part.is_json() && !part.text.empty() ? harmless(part.text) : "null"; }

void print_json(const Decoded& decoded, Output& output) {
  std::string faults;
  for (const Fault& fault : decoded.faults) {
    faults += std::string(faults.empty() ? "" : ",") + R"({"reason":)" + base::json_string(name(fault.reason)) +
              R"(,"text":)" + base::json_string(fault.text) + '}';
  }
  output.out << R"({"verified":false,"header":)" << json_of(decoded.header) << R"(,"claims":)"
             << json_of(decoded.claims) << R"(,"signature_bytes":)" << decoded.signature_bytes << R"(,"refusals":[)"
             << faults << "]}\n";
}

}  // namespace

int decode_token(std::string_view token, const CommandLine& line, base::Timestamp now, Output& output) {
  token = bare_token(token);
  if (token.empty()) return report_trouble("there is no token to decode", output);
  const Decoded decoded = decode(token);
  line.wants_json ? print_json(decoded, output) : print_text(decoded, now, output);
  return decoded.faults.empty() ? kYes : kNo;
}

int run_token_decode(const CommandLine& line, Output& output) {
  const auto token = read_token(line, output);
  if (!token) return report_trouble(token.error().text, output);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  return decode_token(token->as_text(), line, base::Timestamp{now.count()}, output);
}

}  // namespace bearerd::ctl
