#include "ctl/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"

namespace bearerd::ctl {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kUsualWidth = 80;
constexpr std::size_t kLeastRoom = 24;  // narrower, a column of sentences is hard to read
constexpr std::size_t kBelow = 4;       // where a last cell begins that stands below its row
constexpr std::size_t kLeastName = 8;   // shorter, names are hard to tell apart

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t columns(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

std::string_view code(Colour colour) noexcept {
  switch (colour) {
    case Colour::kGood:
      return "\x1b[32m";
    case Colour::kBad:
      return "\x1b[31m";
    case Colour::kOdd:
      return "\x1b[33m";
    case Colour::kDim:
      return "\x1b[2m";
    case Colour::kNone:
      break;
  }
  return {};
}

std::size_t width_of(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kUsualWidth;
}

std::vector<std::size_t> column_widths(const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i].text));
  }
  return widths;
}

// The widest first.
void make_room(const Look& look, const std::vector<Cell>& heading, std::vector<std::size_t>& widths) {
  const auto widest_that_gives_way = [&]() -> std::size_t* {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < heading.size(); ++i) {
      if (heading[i].gives_way && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    return widest;
  };
  std::size_t total = widths.empty() ? 0 : (widths.size() - 1) * kGap;
  for (const std::size_t width : widths) total += width;
  for (; look.width != 0 && total > look.width; --total) {
    std::size_t* const widest = widest_that_gives_way();
    if (widest == nullptr || *widest <= kLeastName) return;
    --*widest;
  }
}

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    longest = std::max(longest, columns(word));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return longest;
}

// The last cell of a row, of which `written` columns are out. What has no room beside the others stands below them, and
// so does what would be broken within a word there: a file's place is copied whole.
void append_last(std::string& out, const Look& look, const Cell& cell, std::size_t column, std::size_t written) {
  const bool fits = look.width == 0 || column + columns(cell.text) <= look.width;
  const bool is_beside = fits || column + std::max(kLeastRoom, longest_word(cell.text)) <= look.width;
  const std::size_t begin = is_beside ? column : std::min(kBelow, look.width / 2);
  if (!is_beside) out += '\n';
  std::size_t behind = is_beside ? written : 0;
  for (const std::string_view line : lines_of(cell.text, look.width == 0 ? 0 : look.width - begin)) {
    if (behind > begin) {
      out += '\n';
      behind = 0;
    }
    out.append(begin - behind, ' ');
    out += paint(look, cell.colour, line);
    behind = begin + 1;
  }
}

void append_row(std::string& out, const Look& look, const std::vector<std::size_t>& widths,
                const std::vector<Cell>& row, bool is_heading) {
  std::size_t column = 0, written = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Cell cell{row[i].text, is_heading ? Colour::kDim : row[i].colour};
    const bool is_last = i + 1 == widths.size();
    // A heading that has no room names nothing.
    const bool is_out = look.width != 0 && column >= look.width && (!is_last || is_heading);
    if (!cell.text.empty() && !is_out && is_last) append_last(out, look, cell, column, written);
    if (!cell.text.empty() && !is_out && !is_last) {
      const std::string shown = look.width == 0 ? cell.text : fit(cell.text, std::min(widths[i], look.width - column));
      out.append(column - written, ' ');
      out += paint(look, cell.colour, shown);
      written = column + columns(shown);
    }
    column += widths[i] + kGap;
  }
  out += '\n';
}

}  // namespace

Look look_of(int fd) {
  if (::isatty(fd) != 1) return {};
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_refused = no_colour != nullptr && *no_colour != '\0';
  const bool is_able = terminal != nullptr && std::string_view(terminal) != "dumb";
  return {is_able && !is_refused, width_of(fd)};
}

std::string paint(const Look& look, Colour colour, std::string_view text) {
  const std::string_view start = look.has_colours ? code(colour) : std::string_view{};
  if (start.empty()) return std::string(text);
  return std::string(start) + std::string(text) + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080–U+009F: some terminals obey these as well.
    const bool is_c1 = byte == 0xC2U && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0U;
    if (is_c1) ++i;
    const bool is_control = is_c1 || byte < 0x20U || byte == 0x7FU;
    out += is_control ? ' ' : text[i];
  }
  return base::is_utf8(out) ? out : "(no text)";
}

std::string fit(std::string_view text, std::size_t width) {
  if (width == 0 || columns(text) <= width) return std::string(text);
  std::string out;
  std::size_t used = 0;
  for (const char c : text) {
    if (!is_continuation(c) && ++used >= width) break;
    out += c;
  }
  return out + "…";
}

std::vector<std::string_view> lines_of(std::string_view text, std::size_t width) {
  std::vector<std::string_view> lines;
  while (width != 0 && columns(text) > width) {
    std::size_t end = 0;  // of as much as fits
    for (std::size_t used = 0; used < width; ++used) {
      do ++end;
      while (is_continuation(text[end]));
    }
    const std::size_t last = text.find_last_not_of(' ', text.rfind(' ', end));
    const bool is_between_words = last != std::string_view::npos && last + 1 <= end;
    if (is_between_words) end = last + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  }
  lines.push_back(text);
  return lines;
}

std::string table(const Look& look, const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths = column_widths(rows);
  if (!rows.empty()) make_room(look, rows.front(), widths);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) append_row(out, look, widths, rows[i], i == 0);
  return out;
}

std::string labelled(const Look& look, std::string_view label, std::size_t label_width, std::string_view text,
                     Colour colour) {
  std::string out, before(label);
  const std::size_t room = look.width > label_width ? look.width - label_width : 0;
  for (const std::string_view line : lines_of(text, room)) {
    before.resize(label_width, ' ');
    out += before + paint(look, colour, line) + '\n';
    before.clear();
  }
  return out;
}

std::string duration_text(long long seconds) {
  constexpr long long kMinute = 60, kHour = 3600, kDay = 86'400;
  if (seconds < kMinute) return std::to_string(std::max(seconds, 0LL)) + " s";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + " min";
  if (seconds < kDay)
    return std::to_string(seconds / kHour) + " h " + std::to_string(seconds % kHour / kMinute) + " min";
  return std::to_string(seconds / kDay) + " d " + std::to_string(seconds % kDay / kHour) + " h";
}

}  // namespace bearerd::ctl
