// A calendar as other programs read it: iCalendar, RFC 5545. Only what days need: events that take
// whole days and no time (section 3.6.1 with VALUE=DATE), nothing that repeats, no alarm; without
// any, a time zone (section 3.6.5), for the standard asks for a component.
//
// Pure: the instant of writing is given. The same events give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace comity::treaty {

constexpr std::size_t ical_line_bytes_max = 75;  // of a line without its end, RFC 5545 section 3.1

struct CalendarEvent {
  std::string uid;                   // the same whenever the event is written again
  std::int64_t first = 0, last = 0;  // days since 1970-01-01, both included
  std::string summary, description;  // any text
  std::vector<std::string> categories;
  bool tentative = false;  // the days are not certain (STATUS)
};

// `name` is that of the calendar; `written` is DTSTAMP. Signs that no text may hold are left out;
// bytes that are not UTF-8 must not be given.
std::string icalendar(const std::string& name, Instant written,
                      const std::vector<CalendarEvent>& events);

}  // namespace comity::treaty
