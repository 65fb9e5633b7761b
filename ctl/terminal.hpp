// How answers look: plain when piped, fitted and coloured on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bearerd::ctl {

struct Look {
  bool has_colours = false;
  std::size_t width = 0;  // columns; 0: not limited
};

// Colours only on a terminal that can, and never with NO_COLOR (no-color.org).
[[nodiscard]] Look look_of(int fd);

enum class Colour : unsigned char { kNone = 1, kGood, kBad, kOdd, kDim };
[[nodiscard]] std::string paint(const Look& look, Colour colour, std::string_view text);

// Without what could steer a terminal; line ends become spaces.
[[nodiscard]] std::string printable(std::string_view text);

// Cut to `width` columns with "…"; a code point counts as one column.
[[nodiscard]] std::string fit(std::string_view text, std::size_t width);

// `text` on lines of at most `width` columns, broken between words where there are any. 0: one line.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text, std::size_t width);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
  bool gives_way = false;  // of a heading: its column is cut where the others would have no room
};

// Columns as wide as their widest cell. The last one is never cut: it takes what is left of the line and goes on below,
// or stands below where too little is left. The first row is the heading.
[[nodiscard]] std::string table(const Look& look, const std::vector<std::vector<Cell>>& rows);

// A label of `label_width` columns and its text, which goes on below itself. With a line end.
[[nodiscard]] std::string labelled(const Look& look, std::string_view label, std::size_t label_width,
                                   std::string_view text, Colour colour = Colour::kNone);

// "12 s", "5 min", "3 h 12 min", "4 d 3 h".
[[nodiscard]] std::string duration_text(long long seconds);

}  // namespace bearerd::ctl
