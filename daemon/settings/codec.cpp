#include "settings/codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "settings/address.hpp"
#include "settings/address_range.hpp"
#include "settings/identity_headers.hpp"
#include "settings/url.hpp"

namespace bearerd::settings {
namespace {

constexpr std::size_t kMaxTextBytes = 16 * 1024;
constexpr std::size_t kMaxListElements = 10'000;

void check_url(const Reader& reader, const std::string& text) {
  const auto url = parse_url(text);
  if (!url) {
    reader.fault("the URL " + url.error().text);
  } else if (!url->is_https && !base::is_loopback_host(url->host)) {
    reader.fault("the URL must be https: what comes over http can be forged on the way");
  } else if (!url->is_https) {
    reader.warn("the URL is http; that is for tests on this machine only");
  }
}

// Google's scheme-less "accounts.google.com" is an issuer too, so only what looks like a URL is checked as one.
void check_issuer(const Reader& reader, const std::string& text) {
  if (text.find("://") != std::string::npos) check_url(reader, text);
}

void check_identity_header(const Reader& reader, const std::string& text) {
  if (!base::is_http_token(text)) return reader.fault("this can't be the name of a header");
  if (std::string fault = identity_header_fault(text); !fault.empty()) reader.fault(std::move(fault));
}

void check_capture(const Reader& reader, const std::string& text) {
  const auto compiled = Regex::compile(text);
  if (!compiled) return reader.fault(compiled.error().text);
  if ((*compiled)->groups() != 1) {
    reader.fault(
        R"~(a resource rule has exactly one group "(…)", around the deployment's name; write others as "(?:…)")~");
  }
}

// A credential of the unit (LoadCredential= in systemd.exec(5)) lies in a folder whose name only the service is told.
void resolve_file(const Reader& reader, std::string& text) {
  constexpr std::string_view kCredential = "$CREDENTIALS_DIRECTORY/";
  if (!text.starts_with(kCredential)) {
    text = reader.context.resolve(text);
    return;
  }
  const std::string directory = reader.context.variable("CREDENTIALS_DIRECTORY");
  if (directory.empty()) {
    return reader.fault(
        "$CREDENTIALS_DIRECTORY is not set: systemd sets it for a unit with LoadCredential=; by hand, "
        "give CREDENTIALS_DIRECTORY=/run/credentials/bearerd.service");
  }
  text = directory + "/" + text.substr(kCredential.size());
}

void check_format(const Reader& reader, const Traits& traits, std::string& text) {
  switch (traits.format) {
    case Format::kUrl:
      return check_url(reader, text);
    case Format::kIssuer:
      return check_issuer(reader, text);
    case Format::kFile:
      return resolve_file(reader, text);
    case Format::kHeaderName:
      return check_identity_header(reader, text);
    case Format::kMethod:
      if (!base::is_http_token(text)) reader.fault("this can't be an HTTP method");
      return;
    case Format::kCidr:
      if (!AddressRange::parse(text))
        reader.fault(R"(this is no address range, such as "10.0.0.0/8" or "2001:db8::/32")");
      return;
    case Format::kPattern:
      if (const auto compiled = Regex::compile(text); !compiled) reader.fault(compiled.error().text);
      return;
    case Format::kCapture:
      return check_capture(reader, text);
    case Format::kHost:
      if (!is_host_pattern(text)) {
        reader.fault(R"(this is no host, such as "app.example.com" or "*.example.com"; the port stays out)");
      }
      return;
    case Format::kText:
      return;
  }
}

std::string_view noun(Format format) {
  switch (format) {
    case Format::kUrl:
      return "URL";
    case Format::kFile:
      return "file";
    case Format::kHeaderName:
      return "header name";
    case Format::kIssuer:
      return "issuer";
    case Format::kCidr:
      return "address range";
    case Format::kPattern:
    case Format::kCapture:
      return "pattern";
    case Format::kHost:
      return "host";
    case Format::kMethod:
      return "method";
    case Format::kText:
      break;
  }
  return "string";
}

std::optional<std::string> plain_text(const Reader& reader, const Traits& traits) {
  if (reader.node.environment_text) return reader.node.environment_text;
  if (reader.node.kind == NodeKind::kString) return reader.node.text;
  reader.fault_kind("a " + std::string(noun(traits.format)));
  return std::nullopt;
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// DIAL Core's files hold numbers as strings too.
std::optional<std::string_view> number_text(const Reader& reader) {
  if (reader.node.kind == NodeKind::kNumber || reader.node.kind == NodeKind::kString) return reader.node.text;
  reader.fault_kind("a number");
  return std::nullopt;
}

void append_text(const Reader& reader, const Traits& traits, std::vector<std::string>& out) {
  if (auto text = read_text(reader, traits)) out.push_back(std::move(*text));
}

bool check_has_element(const Reader& reader, const Traits& traits) {
  if (!traits.needs_element || !reader.node.is_array() || !reader.node.elements.empty()) return true;
  reader.fault("this list is empty; give a value, or leave the key out");
  return false;
}

std::optional<base::ClaimPath> read_segments(const Reader& reader) {
  std::vector<std::string> segments;
  const std::size_t faults = reader.context.problems.fault_count();
  for (const Node& element : reader.node.elements) append_text(reader.at(element), {}, segments);
  if (reader.context.problems.fault_count() != faults) return std::nullopt;
  if (segments.empty()) {
    reader.fault("an empty list is no claim path");
    return std::nullopt;
  }
  return base::ClaimPath::from_segments(std::move(segments));
}

std::optional<base::ClaimPath> read_claim_path(const Reader& reader) {
  if (reader.node.is_array()) return read_segments(reader);
  const auto text = read_text(reader, {});
  if (!text) return std::nullopt;
  return base::ClaimPath::from_text(*text);
}

std::string json_each(const auto& values, const auto& write) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& value : values) texts.push_back(write(value));
  return json_list(texts);
}

}  // namespace

std::optional<std::string> read_text(const Reader& reader, const Traits& traits) {
  auto text = plain_text(reader, traits);
  if (!text) return std::nullopt;
  const std::size_t faults = reader.context.problems.fault_count();
  // An empty audience out of a template would switch a check off unseen.
  if (text->empty()) reader.fault("this is empty; give a value, or leave the key out");
  if (text->size() > kMaxTextBytes) reader.fault("this is longer than " + std::to_string(kMaxTextBytes) + " bytes");
  if (text->find('\0') != std::string::npos) reader.fault("this holds a NUL");
  const auto placeholder = traits.is_secret ? std::nullopt : find_placeholder(*text);
  if (placeholder) reader.fault("the placeholder " + *placeholder + " was left in; put your own value in its place");
  if (reader.context.problems.fault_count() == faults) check_format(reader, traits, *text);
  if (reader.context.problems.fault_count() != faults) return std::nullopt;
  return text;
}

std::optional<std::int64_t> read_integer(const Reader& reader, const Traits& traits) {
  const auto text = number_text(reader);
  if (!text) return std::nullopt;
  const auto value = whole_number<std::int64_t>(*text);
  if (!value) {
    reader.fault("this is no whole number, or too large a one");
  } else if (*value < traits.minimum || *value > traits.maximum) {
    reader.fault("this is out of range: it takes" + range_of(traits).substr(1));
    return std::nullopt;
  }
  return value;
}

std::optional<std::size_t> read_choice(const Reader& reader, const Traits& traits) {
  const auto text = plain_text(reader, traits);
  if (!text) return std::nullopt;
  const auto found = std::find(traits.choices.begin(), traits.choices.end(), *text);
  if (found != traits.choices.end()) return static_cast<std::size_t>(found - traits.choices.begin());
  reader.fault("this takes " + choices_of(traits));
  return std::nullopt;
}

std::optional<bool> read_boolean(const Reader& reader) {
  if (reader.node.kind == NodeKind::kBoolean) return reader.node.boolean;
  reader.fault_kind("true or false");
  return std::nullopt;
}

std::string range_of(const Traits& traits) {
  const bool has_floor = traits.minimum != std::numeric_limits<std::int64_t>::min();
  const bool has_ceiling = traits.maximum != std::numeric_limits<std::int64_t>::max();
  if (!has_floor && !has_ceiling) return {};
  if (!has_ceiling) return ", at least " + std::to_string(traits.minimum);
  if (!has_floor) return ", at most " + std::to_string(traits.maximum);
  return ", " + std::to_string(traits.minimum) + " to " + std::to_string(traits.maximum);
}

std::string choices_of(const Traits& traits) {
  std::string text;
  for (std::size_t i = 0; i < traits.choices.size(); ++i) {
    if (i != 0) text += i + 1 == traits.choices.size() ? " or " : ", ";
    text += base::json_string(traits.choices[i]);
  }
  return text;
}

std::string join_list(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& each : list) text += (text.empty() ? "" : ", ") + base::json_string(each);
  return text;
}

void Codec<std::string>::read(const Reader& reader, const Traits& traits, std::string& out) {
  if (!traits.choices.empty()) {
    if (const auto index = read_choice(reader, traits)) out = traits.choices[*index];
  } else if (auto text = read_text(reader, traits)) {
    out = std::move(*text);
  }
}

std::string Codec<std::string>::show(const Traits&, const std::string& value) {
  return value.empty() ? std::string() : base::json_string(value);
}

std::string Codec<std::string>::type(const Traits& traits) {
  return traits.choices.empty() ? std::string(noun(traits.format)) : choices_of(traits);
}

void Codec<std::vector<std::string>>::read(const Reader& reader, const Traits& traits, std::vector<std::string>& out) {
  out.clear();
  if (reader.node.elements.size() > kMaxListElements) return reader.fault("this list is too long");
  if (!check_has_element(reader, traits)) return;
  for_each_element(reader, "a string or a list of strings",
                   [&](const Reader& element) { append_text(element, traits, out); });
}

std::string Codec<std::vector<std::string>>::show(const Traits&, const std::vector<std::string>& value) {
  return join_list(value);
}

std::string Codec<std::vector<std::string>>::type(const Traits& traits) {
  return std::string(noun(traits.format)) + " or list";
}

void Codec<std::optional<std::vector<std::string>>>::read(const Reader& reader, const Traits& traits,
                                                          std::optional<std::vector<std::string>>& out) {
  Codec<std::vector<std::string>>::read(reader, traits, out.emplace());
}

std::string Codec<std::optional<std::vector<std::string>>>::show(const Traits&,
                                                                 const std::optional<std::vector<std::string>>& value) {
  return value ? "[" + join_list(*value) + "]" : std::string();
}

std::string Codec<std::optional<std::vector<std::string>>>::type(const Traits& traits) {
  return "list of " + std::string(noun(traits.format)) + "s";
}

void Codec<bool>::read(const Reader& reader, const Traits& traits, bool& out) {
  if (!traits.choices.empty()) {
    if (const auto index = read_choice(reader, traits)) out = *index == 1;
  } else if (const auto value = read_boolean(reader)) {
    out = *value;
  }
}

std::string Codec<bool>::show(const Traits& traits, bool value) {
  if (!traits.choices.empty()) return base::json_string(traits.choices[value ? 1 : 0]);
  return value ? "true" : "false";
}

std::string Codec<bool>::type(const Traits& traits) { return traits.choices.empty() ? "boolean" : choices_of(traits); }

void Codec<double>::read(const Reader& reader, const Traits&, double& out) {
  const auto text = number_text(reader);
  if (!text) return;
  const auto value = whole_number<double>(*text);
  if (!value || !std::isfinite(*value)) return reader.fault("this is no number");
  out = *value;
}

std::string Codec<double>::show(const Traits&, double value) { return std::to_string(value); }
std::string Codec<double>::type(const Traits&) { return "number"; }

void Codec<std::vector<Address>>::read(const Reader& reader, const Traits&, std::vector<Address>& out) {
  out.clear();
  for_each_element(reader, "an address or a list of addresses", [&](const Reader& element) {
    const auto text = read_text(element, {});
    if (!text) return;
    auto address = parse_address(*text);
    if (!address) return element.fault(address.error().text);
    out.push_back(std::move(*address));
  });
}

std::string Codec<std::vector<Address>>::show(const Traits&, const std::vector<Address>& value) {
  std::vector<std::string> texts;
  texts.reserve(value.size());
  for (const Address& address : value) texts.push_back(address.display());
  return join_list(texts);
}

std::string Codec<std::vector<Address>>::type(const Traits&) { return "address or list"; }

void Codec<base::Secret>::read(const Reader& reader, const Traits& traits, base::Secret& out) {
  if (const auto text = read_text(reader, traits)) out = base::Secret(*text);
}

std::string Codec<base::Secret>::show(const Traits&, const base::Secret&) { return {}; }
std::string Codec<base::Secret>::type(const Traits&) { return "string"; }

void Codec<base::ClaimPath>::read(const Reader& reader, const Traits&, base::ClaimPath& out) {
  if (auto path = read_claim_path(reader)) out = std::move(*path);
}

std::string Codec<base::ClaimPath>::show(const Traits&, const base::ClaimPath& value) {
  return value.segments.empty() ? std::string() : base::json_string(value.display());
}

std::string Codec<base::ClaimPath>::type(const Traits&) { return "claim path"; }

// Here a list holds several paths; an element that is a list itself is the exact segments of one.
void Codec<std::vector<base::ClaimPath>>::read(const Reader& reader, const Traits& traits,
                                               std::vector<base::ClaimPath>& out) {
  out.clear();
  if (!check_has_element(reader, traits)) return;
  for_each_element(reader, "a claim path or a list of them", [&](const Reader& element) {
    if (auto path = read_claim_path(element)) out.push_back(std::move(*path));
  });
}

std::string Codec<std::vector<base::ClaimPath>>::show(const Traits&, const std::vector<base::ClaimPath>& value) {
  std::vector<std::string> texts;
  texts.reserve(value.size());
  for (const base::ClaimPath& path : value) texts.push_back(path.display());
  return join_list(texts);
}

std::string Codec<std::vector<base::ClaimPath>>::type(const Traits&) { return "claim path or list"; }

void Codec<std::vector<base::Algorithm>>::read(const Reader& reader, const Traits&, std::vector<base::Algorithm>& out) {
  out.clear();
  if (reader.node.is_array() && reader.node.elements.empty()) reader.fault("an empty list allows no token");
  for_each_element(reader, "an algorithm or a list of them", [&](const Reader& element) {
    const auto name = read_text(element, {});
    if (!name) return;
    if (const auto algorithm = base::find_algorithm(*name)) return out.push_back(*algorithm);
    std::vector<std::string_view> known;
    known.reserve(base::all_algorithms().size());
    for (const base::Algorithm each : base::all_algorithms()) known.push_back(base::name(each));
    element.fault(base::json_string(*name) + " is no algorithm that is taken here" + suggestion(*name, known));
  });
}

std::string Codec<std::vector<base::Algorithm>>::show(const Traits&, const std::vector<base::Algorithm>& value) {
  std::vector<std::string> texts;
  texts.reserve(value.size());
  for (const base::Algorithm algorithm : value) texts.emplace_back(base::name(algorithm));
  return join_list(texts);
}

std::string Codec<std::vector<base::Algorithm>>::type(const Traits&) { return "algorithm or list"; }

void Codec<std::shared_ptr<const Regex>>::read(const Reader& reader, const Traits& traits,
                                               std::shared_ptr<const Regex>& out) {
  const auto text = read_text(reader, traits);
  if (!text) return;
  auto compiled = Regex::compile(*text);
  if (!compiled) return reader.fault(compiled.error().text);
  out = std::move(*compiled);
}

std::string Codec<std::shared_ptr<const Regex>>::show(const Traits&, const std::shared_ptr<const Regex>& value) {
  return value ? base::json_string(value->text()) : std::string();
}

std::string Codec<std::shared_ptr<const Regex>>::type(const Traits&) { return "pattern"; }

std::string json_list(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const std::string& element : elements) out += (out.size() > 1 ? "," : "") + element;
  return out + ']';
}

std::string Codec<std::string>::json(const Traits& traits, const std::string& value) {
  if (value.empty()) return "null";
  return traits.is_secret ? std::string(kMasked) : base::json_string(value);
}

std::string Codec<std::vector<std::string>>::json(const Traits& traits, const std::vector<std::string>& value) {
  return json_each(value, [&](const std::string& each) { return Codec<std::string>::json(traits, each); });
}

std::string Codec<std::optional<std::vector<std::string>>>::json(const Traits& traits,
                                                                 const std::optional<std::vector<std::string>>& value) {
  return value ? Codec<std::vector<std::string>>::json(traits, *value) : std::string("null");
}

std::string Codec<bool>::json(const Traits& traits, bool value) {
  if (!traits.choices.empty()) return base::json_string(traits.choices[value ? 1 : 0]);
  return value ? "true" : "false";
}

std::string Codec<double>::json(const Traits&, double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::string(text.data(), end) : std::string("null");
}

std::string Codec<std::vector<Address>>::json(const Traits&, const std::vector<Address>& value) {
  return json_each(value, [](const Address& each) { return base::json_string(each.display()); });
}

std::string Codec<base::Secret>::json(const Traits&, const base::Secret& value) {
  return std::string(value.empty() ? "null" : kMasked);
}

std::string Codec<base::ClaimPath>::json(const Traits&, const base::ClaimPath& value) {
  return value.segments.empty() ? std::string("null") : base::json_string(value.display());
}

std::string Codec<std::vector<base::ClaimPath>>::json(const Traits&, const std::vector<base::ClaimPath>& value) {
  return json_each(value, [](const base::ClaimPath& each) { return base::json_string(each.display()); });
}

std::string Codec<std::vector<base::Algorithm>>::json(const Traits&, const std::vector<base::Algorithm>& value) {
  return json_each(value, [](base::Algorithm each) { return base::json_string(base::name(each)); });
}

std::string Codec<std::shared_ptr<const Regex>>::json(const Traits&, const std::shared_ptr<const Regex>& value) {
  return value ? base::json_string(value->text()) : std::string("null");
}

}  // namespace bearerd::settings
