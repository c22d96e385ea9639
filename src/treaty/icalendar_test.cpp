// What is written is read back by a reader of its own that takes exactly RFC 5545 and nothing else.
#include "treaty/icalendar.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/test_support.h"

namespace comity::treaty {
namespace {

constexpr std::uint64_t calendars_in_full = 20'000;

struct Unreadable : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void demand(bool holds, const std::string& what) {
  if (!holds) throw Unreadable(what);
}

// ---- lines (section 3.1) -----------------------------------------------------------------------

// RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF.
bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t more = byte < 0x80   ? 0
                             : byte < 0xC2 ? 9
                             : byte < 0xE0 ? 1
                             : byte < 0xF0 ? 2
                             : byte < 0xF5 ? 3
                                           : 9;
    if (more == 9 || i + more >= text.size()) return false;
    unsigned long code = more == 0 ? byte : byte & (0x3FU >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      code = code << 6U | (next & 0x3FU);
    }
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10FFFF)) ||
        (code >= 0xD800 && code <= 0xDFFF)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

std::vector<std::string> unfolded(const std::string& bytes) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto end = bytes.find("\r\n", at);
    demand(end != std::string::npos, "a line without CRLF");
    const auto line = bytes.substr(at, end - at);
    demand(line.find_first_of("\r\n") == std::string::npos, "half an end of a line");
    demand(line.size() <= 75, "a line of " + std::to_string(line.size()) + " bytes");
    demand(!line.empty(), "an empty line");
    demand(is_utf8(line), "a line that is cut within a character");
    if (line[0] == ' ' || line[0] == '\t') {
      demand(!out.empty(), "the first line continues nothing");
      demand(line.size() > 1, "a continuation of nothing");
      out.back() += line.substr(1);
    } else {
      out.push_back(line);
    }
    at = end + 2;
  }
  return out;
}

struct Property {
  std::string name, parameters, value;
};

Property property_of(const std::string& line) {
  const auto sign = line.find_first_of(":;");
  demand(sign != std::string::npos && sign > 0, "no property: " + line);
  Property out;
  out.name = line.substr(0, sign);
  for (const char c : out.name) {
    demand((c >= 'A' && c <= 'Z') || c == '-', "the name of a property: " + out.name);
  }
  const auto colon = line.find(':');
  demand(colon != std::string::npos, "no value: " + line);
  out.parameters = line.substr(sign, colon - sign);
  out.value = line.substr(colon + 1);
  for (const char c : out.value) {
    const auto byte = static_cast<unsigned char>(c);
    demand(byte >= 0x20 || byte == '\t', "a control character");
    demand(byte != 0x7F, "a control character");
  }
  return out;
}

// ---- values (section 3.3) ----------------------------------------------------------------------

// TEXT up to the end, or up to a comma where it is one of a list.
std::vector<std::string> texts_of(const std::string& value, bool list) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    demand(c != ';', "a bare semicolon");
    if (c == ',') {
      demand(list, "a bare comma");
      out.emplace_back();
    } else if (c == '\\') {
      demand(++i < value.size(), "an escape of nothing");
      const char next = value[i];
      demand(next == '\\' || next == ';' || next == ',' || next == 'n' || next == 'N',
             "an escape that there is not");
      out.back() += next == 'n' || next == 'N' ? '\n' : next;
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::int64_t day_of(const Property& one) {
  demand(one.parameters == ";VALUE=DATE", one.name + one.parameters);
  demand(one.value.size() == 8, "a date: " + one.value);
  for (const char c : one.value) demand(c >= '0' && c <= '9', "a date: " + one.value);
  const auto day =
      days_from_date(std::stoi(one.value.substr(0, 4)), std::stoi(one.value.substr(4, 2)),
                     std::stoi(one.value.substr(6, 2)));
  demand(day.has_value(), "no day of the calendar: " + one.value);
  return *day;
}

std::string utc_of(const Property& one) {
  const auto& text = one.value;
  demand(one.parameters.empty() && text.size() == 16 && text[8] == 'T' && text[15] == 'Z',
         one.name + ":" + text);
  auto whole = text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 5) + ":" +
               text.substr(11, 2) + ":" + text.substr(13);
  demand(parse_rfc3339(whole).has_value(), "no instant: " + text);
  return whole;
}

// ---- the whole (sections 3.4 and 3.6.1) --------------------------------------------------------

struct Read {
  std::string name;
  std::set<std::string> stamps;
  std::vector<CalendarEvent> events;
};

using Properties = std::map<std::string, Property>;

std::string only_text(const Properties& all, const std::string& name) {
  const auto found = all.find(name);
  if (found == all.end()) return {};
  demand(found->second.parameters.empty(), "parameters of " + name);
  return texts_of(found->second.value, false).at(0);
}

CalendarEvent event_of(const Properties& all, Read& out) {
  static const std::set<std::string> known = {"UID",    "DTSTAMP",    "DTSTART",
                                              "DTEND",  "SUMMARY",    "DESCRIPTION",
                                              "STATUS", "CATEGORIES", "TRANSP"};
  for (const auto& [name, value] : all) demand(known.contains(name), "the property " + name);
  for (const auto* name : {"UID", "DTSTAMP", "DTSTART", "SUMMARY"}) {
    demand(all.contains(name), std::string("no ") + name);
  }
  CalendarEvent event;
  event.uid = only_text(all, "UID");
  demand(!event.uid.empty(), "an empty UID");
  out.stamps.insert(utc_of(all.at("DTSTAMP")));
  event.first = day_of(all.at("DTSTART"));
  event.last = all.contains("DTEND") ? day_of(all.at("DTEND")) - 1 : event.first;
  demand(event.last >= event.first, "it ends before it begins");
  event.summary = only_text(all, "SUMMARY");
  event.description = only_text(all, "DESCRIPTION");
  if (all.contains("CATEGORIES")) event.categories = texts_of(all.at("CATEGORIES").value, true);
  const auto status = only_text(all, "STATUS");
  demand(status == "TENTATIVE" || status == "CONFIRMED", "STATUS:" + status);
  event.tentative = status == "TENTATIVE";
  const auto transparency = only_text(all, "TRANSP");
  demand(transparency == "TRANSPARENT" || transparency == "OPAQUE", "TRANSP:" + transparency);
  return event;
}

// Section 3.6.5: a zone has an identifier and a standard time.
void check_zone(const Properties& zone, const Properties& standard) {
  demand(zone.contains("TZID") && zone.size() == 1, "what a zone has");
  for (const auto* name : {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"}) {
    demand(standard.contains(name), std::string("a zone without ") + name);
  }
}

Read read(const std::string& bytes) {
  Read out;
  std::vector<std::string> open;
  std::map<std::string, Properties> all;  // of the calendar, and of the component that is open
  std::size_t components = 0;
  bool ended = false;
  for (const auto& line : unfolded(bytes)) {
    const auto one = property_of(line);
    demand(!ended, "something after the end");
    if (one.name == "BEGIN") {
      const auto within = open.empty() ? std::string() : open.back();
      static const std::set<std::pair<std::string, std::string>> places = {
          {"", "VCALENDAR"},
          {"VCALENDAR", "VEVENT"},
          {"VCALENDAR", "VTIMEZONE"},
          {"VTIMEZONE", "STANDARD"}};
      demand(places.contains({within, one.value}), line);
      open.push_back(one.value);
      all[one.value].clear();
    } else if (one.name == "END") {
      demand(!open.empty() && open.back() == one.value, line);
      open.pop_back();
      ended = open.empty();
      components += open.size() == 1 ? 1 : 0;
      if (one.value == "VEVENT") out.events.push_back(event_of(all[one.value], out));
      if (one.value == "VTIMEZONE") check_zone(all[one.value], all["STANDARD"]);
    } else {
      demand(!open.empty(), "a property outside of all: " + line);
      demand(all[open.back()].emplace(one.name, one).second, one.name + " stands twice");
    }
  }
  demand(ended, "it does not end");
  demand(components > 0, "a calendar of nothing");
  const auto& of_calendar = all["VCALENDAR"];
  demand(of_calendar.contains("VERSION") && of_calendar.at("VERSION").value == "2.0", "VERSION");
  demand(of_calendar.contains("PRODID") && !of_calendar.at("PRODID").value.empty(), "PRODID");
  demand(!of_calendar.contains("METHOD"), "METHOD asks for an organizer");
  out.name = only_text(of_calendar, "X-WR-CALNAME");
  std::set<std::string> uids;
  for (const auto& event : out.events) demand(uids.insert(event.uid).second, "the same UID twice");
  return out;
}

// ---- tests -------------------------------------------------------------------------------------

const Instant stamp = Instant::from_seconds(1'795'000'000);

CalendarEvent event(const std::string& uid = "a.b@comity") {
  return {uid, 20'000, 20'000, "a day", "", {}, false};
}

TEST(Icalendar, ACalendarWithoutEventsIsOne) {
  const auto found = read(icalendar("Legal dates of XA", stamp, {}));
  EXPECT_EQ(found.name, "Legal dates of XA");
  EXPECT_TRUE(found.events.empty());
  EXPECT_EQ(icalendar("X", stamp, {event()}).find("VTIMEZONE"), std::string::npos);
}

TEST(Icalendar, TheBytesOfAnEvent) {
  auto one = event();
  one.description = "first; second, third\\\nnext";
  one.categories = {"duty", "a,b"};
  EXPECT_EQ(icalendar("X", Instant::from_seconds(0), {one}),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Comity//Legal clock//EN\r\n"
            "CALSCALE:GREGORIAN\r\nX-WR-CALNAME:X\r\n"
            "BEGIN:VEVENT\r\nUID:a.b@comity\r\nDTSTAMP:19700101T000000Z\r\n"
            "DTSTART;VALUE=DATE:20241004\r\nDTEND;VALUE=DATE:20241005\r\nSUMMARY:a day\r\n"
            "DESCRIPTION:first\\; second\\, third\\\\\\nnext\r\nCATEGORIES:duty,a\\,b\r\n"
            "STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

// "SUMMARY:" has 8 bytes, so 67 more are a full line.
TEST(Icalendar, ALineOf75BytesStandsAndALongerOneIsFolded) {
  auto one = event();
  one.summary = std::string(67, 'x');
  const auto whole = "SUMMARY:" + one.summary + "\r\n";
  EXPECT_NE(icalendar("X", stamp, {one}).find(whole), std::string::npos);
  one.summary += 'y';
  const auto folded = "SUMMARY:" + std::string(67, 'x') + "\r\n y\r\n";
  EXPECT_NE(icalendar("X", stamp, {one}).find(folded), std::string::npos);
  // 74 more after the blank, and the next goes on.
  one.summary = std::string(67 + 75, 'x');
  const auto twice = "\r\n " + std::string(74, 'x') + "\r\n x\r\n";
  EXPECT_NE(icalendar("X", stamp, {one}).find(twice), std::string::npos);
  EXPECT_EQ(read(icalendar("X", stamp, {one})).events.at(0).summary, one.summary);
}

TEST(Icalendar, NoCharacterIsCut) {
  for (const std::string sign : {"é", "م", "中", "𝄞"}) {
    for (std::size_t before = 55; before < 80; ++before) {
      auto one = event();
      one.summary = std::string(before, 'x');
      for (int i = 0; i < 60; ++i) one.summary += sign;
      EXPECT_EQ(read(icalendar("X", stamp, {one})).events.at(0).summary, one.summary) << before;
    }
  }
}

TEST(Icalendar, SignsWithoutAFormAreLeftOutAndEveryEndOfALineIsOne) {
  auto one = event();
  one.summary = std::string("a\x01") + '\0' + "b\x7f\tc\r\nd\re\nf";
  EXPECT_EQ(read(icalendar("X", stamp, {one})).events.at(0).summary, "ab\tc\nd\ne\nf");
}

TEST(Icalendar, TheReaderRefusesWhatIsNotOfTheStandard) {
  const auto good = icalendar("X", stamp, {event()});
  read(good);
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"\r\nSUMMARY", "\nSUMMARY"},
      {"SUMMARY:a day", "SUMMARY:a day; and"},
      {"SUMMARY:a day", "SUMMARY:" + std::string(70, 'x')},
      {"SUMMARY:a day", "SUMMARY:\xC3\r\n \xA9"},
      {"SUMMARY:a day", "SUMMARY:\\x"},
      {"UID:a.b@comity\r\n", ""},
      {"DTSTART;VALUE=DATE:20241004", "DTSTART;VALUE=DATE:20241304"},
      {"DTEND;VALUE=DATE:20241005", "DTEND;VALUE=DATE:20241004"},
      {"DTSTART;VALUE=DATE", "DTSTART"},
      {"END:VEVENT\r\n", ""},
      {"VERSION:2.0\r\n", ""},
      {"STATUS:CONFIRMED\r\n", "STATUS:CONFIRMED\r\nSTATUS:CONFIRMED\r\n"},
  };
  for (const auto& [from, to] : changes) {
    auto bad = good;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_THROW(read(bad), Unreadable) << from << " → " << to;
  }
  auto nothing = icalendar("X", stamp, {});
  const auto begin = nothing.find("BEGIN:VTIMEZONE");
  nothing.erase(begin, nothing.find("END:VCALENDAR") - begin);
  EXPECT_THROW(read(nothing), Unreadable) << "no component at all";
}

std::string random_text(std::mt19937_64& dice) {
  static const std::vector<std::string> pieces = {
      "a",  "Art. 5(1)", ",",    ";",    "\\", "\n",  ":", "\"", " ",
      "\t", "é",         "يُبلغ", "中国", "𝄞",  "\\n", "x", "=",  "a longer piece of a sentence"};
  std::string out;
  const auto count = dice() % 40;
  for (std::uint64_t i = 0; i < count; ++i) out += pieces[dice() % pieces.size()];
  return out;
}

TEST(Icalendar, WhatIsWrittenIsReadBack) {
  std::mt19937_64 dice(20'261'130);
  for (std::uint64_t i = 0; i < calendars_in_full / comity::test::scale() + 1; ++i) {
    std::vector<CalendarEvent> events;
    const auto count = dice() % 4;
    for (std::uint64_t n = 0; n < count; ++n) {
      auto one = event("matter-" + std::to_string(n) + random_text(dice));
      one.first = static_cast<std::int64_t>(dice() % 90'000) - 40'000;
      one.last = one.first + static_cast<std::int64_t>(dice() % 400);
      one.summary = random_text(dice);
      one.description = random_text(dice);
      for (auto k = dice() % 3; k > 0; --k) one.categories.push_back("c" + random_text(dice));
      one.tentative = dice() % 2 == 0;
      events.push_back(one);
    }
    const auto name = random_text(dice);
    const auto bytes = icalendar(name, stamp, events);
    const auto found = read(bytes);
    ASSERT_EQ(found.name, name);
    ASSERT_EQ(found.events.size(), events.size());
    for (std::size_t n = 0; n < events.size(); ++n) {
      const auto &is = found.events[n], &was = events[n];
      EXPECT_EQ(is.uid, was.uid);
      EXPECT_EQ(is.first, was.first);
      EXPECT_EQ(is.last, was.last);
      EXPECT_EQ(is.summary, was.summary);
      EXPECT_EQ(is.description, was.description);
      EXPECT_EQ(is.categories, was.categories);
      EXPECT_EQ(is.tentative, was.tentative);
    }
    EXPECT_EQ(found.stamps.size(), events.empty() ? 0U : 1U);
    for (const auto& one : found.stamps) EXPECT_EQ(one, format_rfc3339(stamp));
    EXPECT_EQ(bytes, icalendar(name, stamp, events));
  }
}

}  // namespace
}  // namespace comity::treaty
