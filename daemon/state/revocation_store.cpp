#include "state/revocation_store.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <utility>

#include "state/usage_store.hpp"

namespace bearerd::state {
namespace {

using base::ErrorCode;

constexpr std::chrono::seconds kTryAgainAfter{5};
constexpr std::chrono::minutes kTidyEvery{10};
// A clock that runs ahead for a while must not make us forget.
constexpr std::int64_t kForgetAfter = 24 * 60 * 60;
// Tokens are good for clockSkewSeconds longer than they say, 300 at most.
constexpr std::int64_t kLongestSkew = 300;

// What can't be looked at may be there.
bool may_be_there(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool is_same_file(const base::FileStamp& a, const base::FileStamp& b) {
  return a.device == b.device && a.inode == b.inode;
}

}  // namespace

RevocationStore::RevocationStore(RevocationStoreOptions options)
    : options_(std::move(options)),
      path_(options_.directory + "/revocations.db"),
      marker_(options_.directory + "/revocations.made") {
  const std::lock_guard lock(mutex_);
  next_tidy_ = options_.clock->steady() + kTidyEvery;
  open_file(true);
  if (options_.tick_every.count() > 0) keeper_ = std::jthread([this](const std::stop_token& stop) { keep_on(stop); });
}

void RevocationStore::keep_on(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, options_.tick_every, [&] { return stop.stop_requested(); })) tick();
}

bool RevocationStore::was_made() const { return may_be_there(marker_); }

base::Result<void> RevocationStore::mark_made() {
  if (was_made()) return {};
  return base::replace_file(marker_, "revocations.db was made here; while this file is there, its absence is a loss\n",
                            0600);
}

// From now on there is a whole list here, whose absence is a loss.
void RevocationStore::remember_made() {
  fault_.clear();
  if (const auto marked = mark_made(); !marked)
    fault_ = "a loss of revocations would not be seen: " + marked.error().text;
}

void RevocationStore::open_file(bool is_start) {
  next_try_ = options_.clock->steady() + kTryAgainAfter;
  stamp_ = base::stamp_of_path(path_);
  if (options_.key.empty()) {
    fault_ = "revocations can't be kept: there is no state key";
    if (was_made() || may_be_there(path_)) set_unreadable("there is no state key to read " + path_ + " with");
    return publish();
  }
  const bool is_first = is_start && !was_made();
  std::vector<RevocationEntry> entries;
  auto opened = RevocationFile::open(path_, options_.key, is_first, entries);
  if (opened) {
    file_ = std::move(*opened);
    return take_in(entries);
  }
  // Without a place, and without a sign that there ever was one, nothing is lost.
  if (is_first && !may_be_there(path_)) {
    fault_ = "revocations can't be kept: " + opened.error().text;
    return publish();
  }
  set_unreadable(opened.error().text);
  publish();
}

void RevocationStore::take_in(const std::vector<RevocationEntry>& entries) {
  stamp_ = base::stamp_of_path(path_);
  // What was revoked while the file was not there holds as well.
  for (const RevocationEntry& entry : entries) {
    const auto [place, is_new] = entries_.emplace(entry.mark, entry);
    if (!is_new) place->second = join(place->second, entry);
  }
  if (options_.is_shared && !was_made()) return wait_for_peers();
  remember_made();
  if (!behind_fault_.empty()) static_cast<void>(keep_all());
  if (unreadable_since_ && options_.log != nullptr) {
    options_.log->write(observe::Level::kNotice, "revocations_restored",
                        "what was revoked is known again; older tokens are taken again",
                        {{"entries", static_cast<std::int64_t>(entries_.size())}});
  }
  unreadable_since_.reset();
  publish();
}

void RevocationStore::set_unreadable(const std::string& text) {
  const std::string fault =
      "what was revoked can't be read, so every token issued before now is refused as revoked: " + text +
      "; restore the file, or accept the loss: bearerctl revoke --accept-loss";
  // A token of this very second may have been issued before us.
  if (!unreadable_since_) unreadable_since_ = second_of(options_.clock->wall()) + 1;
  if (fault == fault_) return;
  fault_ = fault;
  if (options_.log != nullptr) options_.log->write(observe::Level::kError, "revocations_unreadable", fault_);
}

// Its own list is whole when it was once made from theirs.
void RevocationStore::wait_for_peers() {
  is_waiting_for_peers_ = true;
  unreadable_since_ = second_of(options_.clock->wall()) + 1;
  fault_ =
      "every token issued before now is refused as revoked, until Redis has told what the other daemons revoked; or "
      "accept the loss: bearerctl revoke --accept-loss";
  publish();
}

void RevocationStore::end_waiting() {
  is_waiting_for_peers_ = false;
  unreadable_since_.reset();
  remember_made();
  publish();
}

void RevocationStore::publish() {
  std::vector<RevocationEntry> all;
  all.reserve(entries_.size());
  for (const auto& [mark, entry] : entries_) all.push_back(entry);
  box_.publish(std::make_shared<const RevocationSet>(all, unreadable_since_));
  options_.metrics->set_revocations(entries_.size(), unreadable_since_.has_value());
}

base::Result<void> RevocationStore::check_kept() const {
  if (file_ == nullptr) return base::fail(ErrorCode::kUnavailable, fault_);
  // What is written to a file that was removed or replaced is gone at the next start.
  if (is_same_file(base::stamp_of_path(path_), stamp_)) return {};
  return base::fail(ErrorCode::kUnavailable,
                    path_ + " was removed or replaced while in use; put the right one there and restart");
}

base::Result<void> RevocationStore::keep_all() {
  auto kept = check_kept();
  if (kept) kept = file_->replace_all(entries_);
  set_behind(kept ? std::string() : kept.error().text);
  return kept;
}

void RevocationStore::set_behind(const std::string& text) {
  if (!text.empty()) next_try_ = options_.clock->steady() + kTryAgainAfter;
  if (text.empty() == behind_fault_.empty()) return;
  behind_fault_ = text.empty() ? text
                               : "what was revoked is in force and not all on disk, so that a restart would lose some; "
                                 "it is tried again every few seconds: " +
                                     text;
  if (options_.log == nullptr) return;
  if (text.empty()) {
    options_.log->write(observe::Level::kNotice, "revocations_kept", "all that was revoked is on disk again");
  } else {
    options_.log->write(observe::Level::kError, "revocations_not_kept", behind_fault_);
  }
}

base::Result<RevocationEntry> RevocationStore::add(const settings::Revocation& revocation) {
  const std::lock_guard lock(mutex_);
  if (options_.key.empty()) return base::fail(ErrorCode::kUnavailable, "not revoked: " + fault_);
  RevocationEntry entry = make_entry(options_.key, revocation);
  const std::int64_t now = second_of(options_.clock->wall());
  entry.added_at = now;
  // Who has stolen a key makes tokens of any life with it, so its revocation does not end by itself.
  if (!entry.until && entry.mark.kind != RevocationKind::kKey) {
    entry.until = std::max(now, entry.issued_before.value_or(now)) + options_.longest_token_life.count() + kLongestSkew;
  }
  const auto before = entries_.find(entry.mark);
  if (before == entries_.end() && entries_.size() >= options_.max_entries) {
    return base::fail(ErrorCode::kTooLarge, "there are " + std::to_string(options_.max_entries) +
                                                " revocations already; revoke by user or by time of issue instead");
  }
  if (before != entries_.end() && !has_ended(before->second, now)) {
    // Never shorter than what is in force: that is for remove().
    entry = join(entry, before->second);
  }
  entries_.insert_or_assign(entry.mark, entry);
  publish();
  if (options_.is_shared) unshared_.insert(entry.mark);
  if (peers_ != nullptr) peers_->announce();
  if (auto kept = keep(entry); !kept) {
    return base::fail(ErrorCode::kUnavailable,
                      "revoked and in force, but not on disk, so that a restart may lose it; "
                      "mend this, and it is written: " +
                          kept.error().text);
  }
  return entry;
}

base::Result<void> RevocationStore::keep(const RevocationEntry& entry) {
  if (!behind_fault_.empty()) return keep_all();
  auto kept = check_kept();
  if (kept) kept = file_->put(entry);
  if (!kept) set_behind(kept.error().text);
  return kept;
}

base::Result<void> RevocationStore::remove(const RevocationMark& mark) {
  const std::lock_guard lock(mutex_);
  if (auto kept = check_kept(); !kept) return kept;
  const auto found = entries_.find(mark);
  if (found == entries_.end()) return base::fail(ErrorCode::kNotFound, "there is no such revocation");
  if (auto told = end_everywhere(found->second); !told) {
    return base::fail(ErrorCode::kUnavailable, "not removed, the other daemons can't be told: " + told.error().text);
  }
  if (auto removed = file_->remove(mark); !removed) {
    return base::fail(ErrorCode::kUnavailable, "not removed, it can't be kept: " + removed.error().text);
  }
  entries_.erase(found);
  unshared_.erase(mark);
  publish();
  return {};
}

base::Result<void> RevocationStore::end_everywhere(const RevocationEntry& entry) {
  if (!options_.is_shared) return {};
  if (peers_ == nullptr) return base::fail(ErrorCode::kUnavailable, "nothing is shared at present");
  SharedRevocation ended{entry, true};
  ended.entry.added_at = std::max(second_of(options_.clock->wall()), entry.added_at + 1);
  return peers_->end(ended);
}

void RevocationStore::share_with(RevocationPeers* peers) {
  const std::lock_guard lock(mutex_);
  peers_ = peers;
}

// What is left of one that is ours, theirs or both; nothing: it is over.
std::optional<RevocationEntry> RevocationStore::reconcile(const RevocationEntry* ours,
                                                          const SharedRevocation& theirs) const {
  if (!theirs.is_ended) return ours != nullptr ? join(*ours, theirs.entry) : theirs.entry;
  if (ours == nullptr || (ours->added_at < theirs.entry.added_at && !unshared_.contains(ours->mark)))
    return std::nullopt;
  // Added again; who ended it did not know of that, whatever the two clocks say.
  RevocationEntry left = *ours;
  left.added_at = std::max(left.added_at, theirs.entry.added_at + 1);
  return left;
}

RevocationStore::Merged RevocationStore::merge(std::span<const SharedRevocation> theirs, bool is_whole) {
  const std::lock_guard lock(mutex_);
  auto joined = entries_;
  std::set<RevocationMark> known;
  Merged merged;
  for (const SharedRevocation& their : theirs) {
    const RevocationMark& mark = their.entry.mark;
    known.insert(mark);
    const auto ours = joined.find(mark);
    const auto left = reconcile(ours == joined.end() ? nullptr : &ours->second, their);
    if (left && (their.is_ended || *left != their.entry)) merged.lacking.push_back(*left);
    if (left) {
      joined.insert_or_assign(mark, *left);
    } else if (ours != joined.end()) {
      joined.erase(ours);
    }
  }
  const std::int64_t now = second_of(options_.clock->wall());
  for (const auto& [mark, entry] : joined) {
    if (!known.contains(mark) && !has_ended(entry, now)) merged.lacking.push_back(entry);
  }
  if (auto kept = replace(std::move(joined)); !kept) merged.fault = kept.error().text;
  if (is_waiting_for_peers_ && is_whole && merged.fault.empty()) end_waiting();
  return merged;
}

// In force at once, also when the disk does not take it.
base::Result<void> RevocationStore::replace(std::map<RevocationMark, RevocationEntry> joined) {
  const bool is_other = joined != entries_;
  if (is_other) {
    entries_ = std::move(joined);
    publish();
  }
  return is_other || !behind_fault_.empty() ? keep_all() : check_kept();
}

void RevocationStore::were_shared(std::span<const RevocationEntry> entries) {
  const std::lock_guard lock(mutex_);
  for (const RevocationEntry& entry : entries) {
    const auto now = entries_.find(entry.mark);
    if (now == entries_.end() || now->second == entry) unshared_.erase(entry.mark);
  }
}

bool RevocationStore::has_unshared() const {
  const std::lock_guard lock(mutex_);
  return !unshared_.empty() || !behind_fault_.empty();
}

void RevocationStore::set_share_fault(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (share_fault_ == text) return;
  share_fault_ = text;
  if (options_.log == nullptr) return;
  if (text.empty()) {
    options_.log->write(observe::Level::kNotice, "revocations_shared", "revocations are shared through Redis");
  } else {
    options_.log->write(observe::Level::kError, "revocations_not_shared", text);
  }
}

RevocationPage RevocationStore::list(const std::optional<RevocationMark>& after, std::size_t max_entries) const {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = second_of(options_.clock->wall());
  RevocationPage page;
  for (auto at = after ? entries_.upper_bound(*after) : entries_.begin(); at != entries_.end(); ++at) {
    if (has_ended(at->second, now)) continue;
    if (page.entries.size() == max_entries) {
      page.has_more = true;
      break;
    }
    page.entries.push_back(at->second);
  }
  return page;
}

base::Result<std::string> RevocationStore::accept_loss() {
  const std::lock_guard lock(mutex_);
  if (!unreadable_since_)
    return base::fail(ErrorCode::kNotFound, "revocations are readable: there is no loss to accept");
  if (options_.key.empty()) {
    return base::fail(ErrorCode::kUnavailable, "there is no state key, so nothing could be kept: mend that first");
  }
  const std::int64_t now = second_of(options_.clock->wall());
  if (is_waiting_for_peers_) {
    end_waiting();
    return std::string();
  }
  std::string aside;
  if (may_be_there(path_)) {
    auto renamed = set_aside(path_, now);
    if (!renamed) return base::fail(ErrorCode::kUnavailable, renamed.error().text);
    aside = std::move(*renamed);
  }
  std::vector<RevocationEntry> entries;
  auto opened = RevocationFile::open(path_, options_.key, true, entries);
  if (!opened) return base::fail(ErrorCode::kUnavailable, opened.error().text);
  file_ = std::move(*opened);
  if (options_.log != nullptr) {
    options_.log->write(observe::Level::kWarning, "revocations_lost",
                        "the loss was accepted; only what was revoked since, and state.revocationsFile, is in force",
                        {{"set_aside", std::string_view(aside)}});
  }
  unreadable_since_.reset();
  if (const auto marked = mark_made(); !marked) return base::fail(ErrorCode::kUnavailable, marked.error().text);
  take_in(entries);
  return aside;
}

void RevocationStore::tick() {
  const std::lock_guard lock(mutex_);
  const base::SteadyTime now = options_.clock->steady();
  if (unreadable_since_ && !is_waiting_for_peers_) return look_at_restored(now);
  if (now >= next_try_) try_again(now);
  if (now < next_tidy_) return;
  next_tidy_ = now + kTidyEvery;
  remove_ended();
}

void RevocationStore::look_at_restored(base::SteadyTime now) {
  const bool is_other = base::stamp_of_path(path_) != stamp_;
  if (options_.key.empty() || (!is_other && now < next_try_)) return;
  open_file(false);
}

void RevocationStore::try_again(base::SteadyTime now) {
  next_try_ = now + kTryAgainAfter;
  if (file_ == nullptr && !options_.key.empty()) return open_file(true);
  if (!behind_fault_.empty()) static_cast<void>(keep_all());
}

void RevocationStore::remove_ended() {
  const std::int64_t end = second_of(options_.clock->wall()) - kForgetAfter;
  const std::size_t before = entries_.size();
  std::erase_if(entries_, [&](const auto& each) { return has_ended(each.second, end); });
  if (entries_.size() == before) return;
  publish();
  if (file_ == nullptr) return;
  if (const auto removed = file_->remove_ended(end); !removed && options_.log != nullptr) {
    options_.log->write(observe::Level::kWarning, "revocations_not_tidied", removed.error().text);
  }
}

std::string RevocationStore::fault() const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  const std::lock_guard told_lock(told_mutex_);
  if (!lock.owns_lock()) return told_fault_;
  std::string all = fault_;
  for (const std::string* each : {&behind_fault_, &share_fault_}) {
    if (!all.empty() && !each->empty()) all += "; ";
    all += *each;
  }
  told_fault_ = all;
  return all;
}

}  // namespace bearerd::state
