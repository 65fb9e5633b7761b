#include "sdk/testing/workbench.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <semaphore>
#include <utility>
#include <variant>

#include "base/base64url.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "jose/claims.hpp"
#include "runtime/builder.hpp"
#include "verify/authenticator.hpp"

namespace bearerd::testing {
namespace {

constexpr std::size_t kMaxLibraryBytes = 64U << 20U;  // the daemon's own limit
constexpr std::int64_t kLife = 600;                   // seconds, of a token whose claims do not say
constexpr std::int64_t kLatest = 9'000'000'000;       // the year 2255; nanoseconds of it fit a wall clock

observe::Log::Options log_options(const base::Clock& clock) {
  observe::Log::Options options;
  options.format = observe::Format::kText;
  options.level = observe::Level::kDebug;
  options.clock = &clock;
  return options;
}

std::string encode(std::string_view text) {
  return base::encode_base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string header_json(const Question& question) {
  std::string header = R"({"alg":)" + base::json_string(question.algorithm);
  if (!question.type.empty()) header += R"(,"typ":)" + base::json_string(question.type);
  return header + "}";
}

// An issuer that this provider vouches for; empty when only a pattern says which.
std::string issuer_of(const runtime::Provider& provider) {
  const plugin::Trust& trust = provider.plugin->trust();
  if (!provider.settings.issuers.empty()) return provider.settings.issuers.front();
  return trust.issuers.empty() ? std::string() : trust.issuers.front();
}

}  // namespace

Workbench::Workbench(const std::string& plugin_file, std::string_view entry_json) : log_(log_options(clock_)) {
  open(plugin_file, entry_json);
  if (has_fault(faults_)) snapshot_ = nullptr;
}

void Workbench::open(const std::string& plugin_file, std::string_view entry_json) {
  const auto refuse = [&](std::string text) { faults_.push_back({"", std::move(text)}); };
  if (directory_.path().empty()) return refuse("no temporary directory can be made: is TMPDIR a directory of yours?");
  const auto file = base::read_file(plugin_file, kMaxLibraryBytes);
  if (!file) return refuse(file.error().text);
  name_ = std::filesystem::path(plugin_file).stem().string();

  const std::string folder = directory_.path() + "/plugins", cache = directory_.path() + "/cache";
  // The daemon insists on these modes, whatever our umask is.
  if (::mkdir(folder.c_str(), 0700) != 0 || ::mkdir(cache.c_str(), 0700) != 0)
    return refuse(folder + ": can't be made");
  if (const auto copied = base::replace_file(folder + "/" + name_ + ".so", file->bytes, 0600); !copied)
    return refuse(copied.error().text);

  loader_ = std::make_unique<plugin::Loader>(plugin::LoaderOptions{cache, &log_});
  loader_->begin_generation();
  Entry entry = read_entry(directory_.path(), name_, entry_json, *loader_);
  faults_ = std::move(entry.faults);
  if (entry.settings != nullptr) build(std::move(entry.settings));
}

void Workbench::build(std::shared_ptr<const settings::Settings> settings) {
  runtime::BuildTools tools;
  tools.plugins = loader_.get();
  tools.metrics = &metrics_;
  tools.clock = &clock_;
  tools.open_keys = [](const keys::KeySourceSettings& source) {
    return keys::make_fixed_source(source.provider, jose::KeySet());
  };
  tools.fetcher = &fetcher_;
  tools.log = &log_;
  tools.caller_secret = base::Secret(std::string_view("a testing host has no callers to tell apart"));
  const runtime::BuildOutcome built = runtime::build_snapshot(std::move(settings), nullptr, tools);
  for (const settings::Problem& problem : built.problems) faults_.push_back(as_fault(problem, name_));
  if (built.snapshot == nullptr) return;

  // Nobody can sign for the provider here; all that the daemon decides after the signature is decided as ever.
  auto provider = std::make_shared<runtime::Provider>(*built.snapshot->providers.front());
  provider->settings.is_unverified = true;
  built.snapshot->providers.front() = std::move(provider);
  snapshot_ = built.snapshot;
  inquiries_ = std::make_unique<verify::Inquiries>(clock_);
}

base::Result<net::FetchResponse> CannedFetcher::fetch(const net::FetchRequest& request) {
  const std::string_view url(request.url);
  const auto found = answers_.find(url.substr(0, url.find('?')));
  if (found == answers_.end()) return base::fail(base::ErrorCode::kUnavailable, "nothing was said about this endpoint");
  return found->second;
}

void Workbench::look_up(std::string url, int status, std::string body) {
  net::FetchResponse answer;
  answer.status = status;
  answer.body = std::move(body);
  fetcher_.set(std::move(url), std::move(answer));
  inquiries_ = std::make_unique<verify::Inquiries>(clock_);
}

std::string Workbench::complete(std::string_view claims, std::int64_t now) const {
  const auto document = jose::ClaimsDocument::parse(claims);
  if (!document) return std::string(claims);  // to be refused as it is
  const jose::Claims given = document->claims();
  const runtime::Provider& provider = *snapshot_->providers.front();
  std::string added;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (given.kind_of(name) != jose::ClaimKind::kMissing) return;
    added += base::json_string(name) + ":" + value + ",";
  };
  if (const std::string issuer = issuer_of(provider); !issuer.empty()) add("iss", base::json_string(issuer));
  const bool is_usual_audience = provider.plugin->trust().audience_claim.display() == "aud";
  if (is_usual_audience && !provider.audiences.empty()) add("aud", base::json_string(provider.audiences.front()));
  add("iat", std::to_string(now));
  add("exp", std::to_string(now + kLife));

  const std::size_t start = claims.find('{') + 1;
  bool is_empty = true;
  given.for_each_member({}, [&](std::string_view, jose::ClaimKind) { return is_empty = false; });
  if (is_empty && !added.empty()) added.pop_back();
  return "{" + added + std::string(claims.substr(start));
}

Answer Workbench::ask(const Question& question) const {
  const auto system_now = std::chrono::floor<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
  const std::int64_t now = std::clamp(question.now.value_or(system_now), std::int64_t{0}, kLatest);
  const std::string claims = question.is_exact ? std::string(question.claims) : complete(question.claims, now);
  const std::string token = encode(header_json(question)) + '.' + encode(claims) + '.' + encode("unsigned");

  return decide(token, base::WallTime(std::chrono::seconds(now)));
}

Answer Workbench::ask_opaque(std::string_view credential) const { return decide(credential, clock_.wall()); }

// As a connection does it: asks, and asks again when it is told that the answer is there.
Answer Workbench::decide(std::string_view token, base::WallTime now) const {
  verify::Authenticator authenticator(nullptr, inquiries_.get());
  verify::Authenticator::Question asked;
  asked.token = token;
  asked.wall = now;
  asked.steady = clock_.steady();
  const auto told = std::make_shared<std::counting_semaphore<>>(0);
  const std::function<void()> resume = [told] { told->release(); };
  asked.resume = &resume;
  verify::Finding finding = authenticator.authenticate(*snapshot_, asked);
  while (std::holds_alternative<verify::Waiting>(finding)) {
    told->acquire();
    finding = authenticator.authenticate(*snapshot_, asked);
  }
  if (auto* verdict = std::get_if<verify::Verdict>(&finding)) return {base::Reason::kOk, std::move(verdict->identity)};
  const auto* refusal = std::get_if<verify::Refusal>(&finding);
  return {refusal != nullptr ? refusal->reason : base::Reason::kInternal, nullptr};
}

}  // namespace bearerd::testing
