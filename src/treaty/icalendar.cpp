#include "treaty/icalendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace comity::treaty {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// TEXT, section 3.3.11: a comma, a semicolon, a backslash and the end of a line are escaped;
// control characters have no form.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' || c == ';' || c == ',') {
      out += '\\';
      out += c;
    } else if (c == '\n' || c == '\r') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      out += "\\n";
    } else if (c == '\t' || (static_cast<unsigned char>(c) >= 0x20U && c != '\x7f')) {
      out += c;
    }
  }
  return out;
}

// Section 3.1: a long line goes on after CRLF and one blank. No character is cut.
void add_line(std::string& out, std::string_view line) {
  auto room = ical_line_bytes_max;
  while (line.size() > room) {
    auto cut = room;
    while (continues_character(line[cut])) --cut;
    out += line.substr(0, cut);
    out += "\r\n ";
    line.remove_prefix(cut);
    room = ical_line_bytes_max - 1;  // the blank counts
  }
  out += line;
  out += "\r\n";
}

void add_text(std::string& out, std::string_view property, std::string_view text) {
  add_line(out, fmt::format("{}:{}", property, escaped(text)));
}

// 2026-11-23 → 20261123
std::string date_of(std::int64_t day) {
  auto out = format_day(day);
  out.erase(std::remove(out.begin(), out.end(), '-'), out.end());
  return out;
}

std::string stamp_of(Instant at) {
  auto out = format_rfc3339(at);
  const auto is_sign = [](char c) { return c == '-' || c == ':'; };
  out.erase(std::remove_if(out.begin(), out.end(), is_sign), out.end());
  return out;
}

// Section 3.6: a calendar has one component at least. One without events has the time zone by which
// its days are meant, for which no program shows anything.
void add_zone(std::string& out) {
  add_line(out, "BEGIN:VTIMEZONE");
  add_line(out, "TZID:Etc/UTC");
  add_line(out, "BEGIN:STANDARD");
  add_line(out, "DTSTART:19700101T000000");
  add_line(out, "TZOFFSETFROM:+0000");
  add_line(out, "TZOFFSETTO:+0000");
  add_line(out, "END:STANDARD");
  add_line(out, "END:VTIMEZONE");
}

void add_event(std::string& out, const std::string& stamp, const CalendarEvent& event) {
  add_line(out, "BEGIN:VEVENT");
  add_text(out, "UID", event.uid);
  add_line(out, "DTSTAMP:" + stamp);
  add_line(out, "DTSTART;VALUE=DATE:" + date_of(event.first));
  // The first day that does not belong to it.
  add_line(out, "DTEND;VALUE=DATE:" + date_of(event.last + 1));
  add_text(out, "SUMMARY", event.summary);
  if (!event.description.empty()) add_text(out, "DESCRIPTION", event.description);
  if (!event.categories.empty()) {
    std::string list;
    for (const auto& one : event.categories) list += (list.empty() ? "" : ",") + escaped(one);
    add_line(out, "CATEGORIES:" + list);
  }
  add_line(out, event.tentative ? "STATUS:TENTATIVE" : "STATUS:CONFIRMED");
  // It takes nobody's time.
  add_line(out, "TRANSP:TRANSPARENT");
  add_line(out, "END:VEVENT");
}

}  // namespace

std::string icalendar(const std::string& name, Instant written,
                      const std::vector<CalendarEvent>& events) {
  const auto stamp = stamp_of(written);
  std::string out;
  add_line(out, "BEGIN:VCALENDAR");
  add_line(out, "VERSION:2.0");
  add_line(out, "PRODID:-//Comity//Legal clock//EN");
  add_line(out, "CALSCALE:GREGORIAN");
  add_text(out, "X-WR-CALNAME", name);
  if (events.empty()) add_zone(out);
  for (const auto& event : events) add_event(out, stamp, event);
  add_line(out, "END:VCALENDAR");
  return out;
}

}  // namespace comity::treaty
