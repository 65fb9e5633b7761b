#include "observe/log_line.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "base/text.hpp"
#include "observe/journal.hpp"

namespace bearerd::observe {
namespace {

// A value longer than this is cut: the queue is bounded in lines, so a line must be bounded in bytes.
constexpr std::size_t kMaxValueBytes = 4096;

struct LevelRow {
  std::string_view name, prefix, colour;
};

// Prefixes are syslog priorities as sd-daemon(3) spells them.
constexpr std::array<LevelRow, 5> kLevels{{{"debug", "<7>", "\x1b[2m"},
                                           {"info", "<6>", ""},
                                           {"notice", "<5>", "\x1b[1m"},
                                           {"warning", "<4>", "\x1b[33m"},
                                           {"error", "<3>", "\x1b[31m"}}};

const LevelRow& row(Level level) noexcept {
  const auto index = static_cast<std::size_t>(level) - 1;
  return kLevels[index < kLevels.size() ? index : kLevels.size() - 1];
}

// RFC 3339 in UTC with microseconds.
std::string time_text(base::WallTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(micros);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 40> date{};
  const std::size_t length = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>((micros - seconds).count()));
  return std::string(date.data(), length) + fraction.data();
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  base::append_json_escaped(out, text.substr(0, kMaxValueBytes));
  out += '"';
}

struct AppendJson {
  std::string& out;
  void operator()(std::string_view text) const { append_quoted(out, text); }
  void operator()(std::int64_t number) const { append_number(out, number); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      append_number(out, number);
    } else {
      out += "null";
    }
  }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
};

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_quoted(out, text);
}

std::string json_line(base::WallTime time, Level level, std::string_view event, std::string_view text,
                      std::span<const Field> fields) {
  std::string line = "{\"time\":\"" + time_text(time) + "\",\"level\":\"";
  line += name(level);
  line += '"';
  append_member(line, "event", event);
  if (!text.empty()) append_member(line, "message", text);
  for (const Field& field : fields) {
    line += ",\"";
    line += field.name;
    line += "\":";
    std::visit(AppendJson{line}, field.value);
  }
  line += '}';
  return line;
}

// U+0080–U+009F are control characters too: some terminals take U+009B for the start of an escape sequence.
void append_terminal_safe(std::string& out, std::string_view text) {
  std::string escaped;
  base::append_json_escaped(escaped, text.substr(0, kMaxValueBytes));
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const bool is_c1 =
        escaped[i] == '\xC2' && i + 1 < escaped.size() && static_cast<unsigned char>(escaped[i + 1]) < 0xA0;
    if (!is_c1) {
      out += escaped[i];
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(escaped[++i]);
    out += "\\u00" + base::hex(std::span(&byte, 1));
  }
}

bool is_plain(std::string_view text) noexcept {
  if (text.empty()) return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@+,[]") ==
         std::string_view::npos;
}

void append_text_value(std::string& out, const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  if (text == nullptr) {
    std::visit(AppendJson{out}, field.value);
  } else if (is_plain(*text)) {
    out += text->substr(0, kMaxValueBytes);
  } else {
    out += '"';
    append_terminal_safe(out, *text);
    out += '"';
  }
}

bool is_empty_text(const Field& field) noexcept {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

std::string text_line(const LineStyle& style, base::WallTime time, Level level, std::string_view event,
                      std::string_view text, std::span<const Field> fields) {
  std::string line = time_text(time) + ' ';
  const std::string_view colour = style.has_colours ? row(level).colour : std::string_view{};
  line += colour;
  line += name(level);
  if (!colour.empty()) line += "\x1b[0m";
  line += ' ';
  line += event;
  if (!text.empty()) {
    line += ": ";
    append_terminal_safe(line, text);
  }
  for (const Field& field : fields) {
    if (is_empty_text(field)) continue;
    line += ' ';
    line += field.name;
    line += '=';
    append_text_value(line, field);
  }
  return line;
}

std::string plain_line(const LineStyle& style, base::WallTime time, Level level, std::string_view event,
                       std::string_view text, std::span<const Field> fields) {
  return style.format == Format::kJson ? json_line(time, level, event, text, fields)
                                       : text_line(style, time, level, event, text, fields);
}

std::string journal_name(std::string_view name) {
  std::string upper = "BEARERD_";
  for (const char c : name) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

std::string journal_value(const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value))
    return std::string(text->substr(0, kMaxValueBytes));
  std::string value;
  std::visit(AppendJson{value}, field.value);
  return value;
}

}  // namespace

std::string_view name(Level level) noexcept { return row(level).name; }

std::string format_line(const LineStyle& style, base::WallTime time, Level level, std::string_view event,
                        std::string_view text, std::span<const Field> fields) {
  std::string line(style.has_priority_prefix ? row(level).prefix : std::string_view{});
  line += plain_line(style, time, level, event, text, fields);
  line += '\n';
  return line;
}

std::string format_record(const LineStyle& style, base::WallTime time, Level level, std::string_view event,
                          std::string_view text, std::span<const Field> fields) {
  std::string record;
  append_journal_field(record, "MESSAGE", plain_line(style, time, level, event, text, fields));
  append_journal_field(record, "PRIORITY", row(level).prefix.substr(1, 1));
  append_journal_field(record, "SYSLOG_IDENTIFIER", "bearerd");
  append_journal_field(record, "BEARERD_EVENT", event);
  for (const Field& field : fields) {
    if (!is_empty_text(field)) append_journal_field(record, journal_name(field.name), journal_value(field));
  }
  return record;
}

}  // namespace bearerd::observe
