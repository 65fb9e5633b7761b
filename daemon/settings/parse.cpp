#include "settings/parse.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace bearerd::settings {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Byte offsets to lines and columns.
class LineIndex {
 public:
  explicit LineIndex(std::string_view bytes) : bytes_(bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\n') starts_.push_back(i + 1);
    }
  }

  [[nodiscard]] Place place(std::size_t offset, const std::shared_ptr<const std::string>& file) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const std::size_t start = *std::prev(next);
    if (counted_to_ < start || counted_to_ > offset) {
      counted_to_ = start;
      characters_ = 0;
    }
    const std::string_view before = bytes_.substr(counted_to_, offset - counted_to_);
    // Characters, as editors count them: a continuation byte begins none.
    characters_ += std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) != 0x80; });
    counted_to_ = offset;
    return {file, static_cast<std::uint32_t>(next - starts_.begin()), static_cast<std::uint32_t>(characters_ + 1)};
  }

 private:
  // Places are asked for in the order of the file, and a file may be one long line: counting goes on where it stopped.
  mutable std::size_t counted_to_ = 0;
  mutable std::ptrdiff_t characters_ = 0;
  std::string_view bytes_;
  std::vector<std::size_t> starts_{0};
};

// RapidJSON tells where a token ends, not where it began. Between two tokens stand only white space, comments, commas
// and colons; skipping these from the end of the last token finds the beginning of the next.
class TokenStarts {
 public:
  explicit TokenStarts(std::string_view bytes) : bytes_(bytes) {}

  std::size_t next() noexcept {
    while (position_ < bytes_.size() && skip_one()) {
    }
    return position_;
  }
  void advance_to(std::size_t end) noexcept { position_ = std::max(position_, end); }

 private:
  bool skip_one() noexcept {
    constexpr std::string_view kFiller = " \t\r\n,:";
    if (kFiller.find(bytes_[position_]) != std::string_view::npos) {
      ++position_;
      return true;
    }
    const std::string_view rest = bytes_.substr(position_);
    if (rest.substr(0, 2) == "//") return skip_past("\n", 2);
    if (rest.substr(0, 2) == "/*") return skip_past("*/", 2);
    return false;
  }
  bool skip_past(std::string_view end, std::size_t from) noexcept {
    const std::size_t found = bytes_.find(end, position_ + from);
    position_ = found == std::string_view::npos ? bytes_.size() : found + end.size();
    return true;
  }

  std::string_view bytes_;
  std::size_t position_ = 0;
};

// Builds the tree from RapidJSON's events.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view bytes, const rapidjson::MemoryStream& stream, std::shared_ptr<const std::string> file,
              const LineIndex& lines, Problems* problems)
      : stream_(stream), file_(std::move(file)), lines_(lines), problems_(problems), starts_(bytes) {}

  // NOLINTBEGIN(readability-identifier-naming): the names that RapidJSON calls.
  bool Null() { return add_scalar(NodeKind::kNull, {}); }
  bool Bool(bool value) { return add_scalar(NodeKind::kBoolean, {}, value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return add_scalar(NodeKind::kNumber, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) { return add_scalar(NodeKind::kString, {text, size}); }
  // With numbers kept as text these are never called.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool StartObject() { return open(NodeKind::kObject); }
  bool StartArray() { return open(NodeKind::kArray); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const Place where = take_token();
    Level& level = open_.back();
    level.key.assign(text, size);
    level.key_where = where;
    if (!level.seen.insert(level.key).second) tell_duplicate(level);
    return true;
  }
  // NOLINTEND(readability-identifier-naming)

  [[nodiscard]] std::optional<Node> take_root() { return std::move(root_); }
  // Why we stopped the reader; empty when we did not.
  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }

 private:
  struct Level {
    Node node;
    std::string key;
    Place key_where;
    std::unordered_set<std::string> seen;
  };

  Place take_token() {
    const std::size_t start = starts_.next();
    starts_.advance_to(stream_.Tell());
    return lines_.place(start, file_);
  }

  void tell_duplicate(const Level& level) {
    if (problems_ == nullptr) {
      refusal_ = "a key stands twice in one object";
      return;
    }
    problems_->fault(level.key_where, path_here(), "this key is given twice in one object; keep one of the two");
  }

  [[nodiscard]] std::string path_here() const {
    // The names below "keys" in the dynamic settings are API keys.
    if (open_.size() > 1 && open_.front().key == "keys") return "keys.*";
    std::string path;
    for (const Level& each : open_) {
      if (each.node.is_object()) path = join_path(path, each.key);
    }
    return path;
  }

  bool add_scalar(NodeKind kind, std::string_view text, bool boolean = false) {
    Node node;
    node.kind = kind;
    node.text = text;
    node.boolean = boolean;
    node.where = take_token();
    return add(std::move(node));
  }

  bool add(Node node) {
    if (++count_ > kMaxNodes) return refuse("more than " + std::to_string(kMaxNodes) + " values");
    if (open_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Level& level = open_.back();
    if (level.node.is_array()) {
      level.node.elements.push_back(std::move(node));
    } else {
      level.node.members.push_back({level.key, level.key_where, std::move(node)});
    }
    return true;
  }

  bool open(NodeKind kind) {
    if (open_.size() == kMaxDepth) return refuse("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    Level level;
    level.node.kind = kind;
    const std::size_t start = starts_.next();
    level.node.where = lines_.place(start, file_);
    starts_.advance_to(start + 1);
    open_.push_back(std::move(level));
    return true;
  }

  bool close() {
    starts_.advance_to(starts_.next() + 1);
    Node node = std::move(open_.back().node);
    open_.pop_back();
    return add(std::move(node));
  }

  bool refuse(std::string why) {
    refusal_ = std::move(why);
    return false;
  }

  const rapidjson::MemoryStream& stream_;
  std::shared_ptr<const std::string> file_;
  const LineIndex& lines_;
  Problems* problems_;  // null: nobody wants to know
  TokenStarts starts_;
  std::vector<Level> open_;
  std::optional<Node> root_;
  std::size_t count_ = 0;
  std::string refusal_;
};

struct Outcome {
  std::optional<Node> root;
  std::size_t error_offset = 0;
  std::string error;
};

std::size_t first_bad_byte(std::string_view bytes) {
  const std::size_t nul = bytes.find('\0');
  if (nul != std::string_view::npos) return nul;
  if (base::is_utf8(bytes)) return std::string_view::npos;
  // The longest good beginning, by halving; a cut inside a character only moves it by a few bytes.
  std::size_t good = 0, bad = bytes.size();
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    std::size_t cut = middle;
    while (cut > good && (bytes[cut] & 0xC0) == 0x80) --cut;
    if (cut == good || !base::is_utf8(bytes.substr(0, cut))) {
      bad = middle;
    } else {
      good = cut;
    }
  }
  return good;
}

std::string lower_first(std::string text) {
  if (!text.empty()) text[0] = base::to_lower(text[0]);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

Outcome run(std::string_view bytes, const std::shared_ptr<const std::string>& file, const LineIndex& lines,
            Problems* problems) {
  // A NUL would end the text for the reader and hide what follows it.
  if (const std::size_t bad = first_bad_byte(bytes); bad != std::string_view::npos) {
    return {std::nullopt, bad, "the file is not UTF-8 text here"};
  }
  constexpr unsigned kFlags = rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag |
                              rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseFullPrecisionFlag |
                              rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  rapidjson::MemoryStream stream(bytes.data(), bytes.size());
  TreeBuilder builder(bytes, stream, file, lines, problems);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (!builder.refusal().empty()) return {std::nullopt, result.Offset(), builder.refusal()};
  if (result.IsError()) {
    return {std::nullopt, result.Offset(), "not JSON: " + lower_first(rapidjson::GetParseError_En(result.Code()))};
  }
  return {builder.take_root(), 0, {}};
}

std::string_view without_byte_order_mark(std::string_view bytes) {
  if (bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark) bytes.remove_prefix(kByteOrderMark.size());
  return bytes;
}

}  // namespace

std::optional<Node> parse_json(std::string_view bytes, const std::shared_ptr<const std::string>& file,
                               Problems& problems) {
  const std::string_view text = without_byte_order_mark(bytes);
  const LineIndex lines(text);
  if (text.size() > kMaxFileBytes) {
    problems.fault(lines.place(0, file), {}, "larger than " + std::to_string(kMaxFileBytes) + " bytes");
    return std::nullopt;
  }
  Outcome outcome = run(text, file, lines, &problems);
  if (!outcome.error.empty()) {
    problems.fault(lines.place(std::min(outcome.error_offset, text.size()), file), {}, outcome.error);
  }
  return std::move(outcome.root);
}

std::optional<Node> parse_json_quietly(std::string_view bytes) {
  if (bytes.size() > kMaxFileBytes) return std::nullopt;
  const LineIndex lines(bytes);
  return run(bytes, nullptr, lines, nullptr).root;
}

}  // namespace bearerd::settings
