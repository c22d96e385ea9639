// Legal dates (calendar.h) in the words of a language (words.h): as a list for a terminal, and as
// events of a calendar file. Pure functions, safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "treaty/calendar.h"
#include "treaty/icalendar.h"
#include "treaty/words.h"

namespace comity::treaty {

// What happens, with instrument and article where it follows from a clause.
std::string date_line(const Model& model, const LegalDate& date, const Words& words);

// The list: each date, under it the sentence of its clause and what it rests on.
std::string calendar_text(const Model& model, const CalendarQuestion& question,
                          const std::vector<LegalDate>& dates, const Words& words);

// Those that have days, one event each. A matter keeps its uid; who looks at it, and in which
// exercise, is part of it.
std::vector<CalendarEvent> calendar_events(const Model& model, const CalendarQuestion& question,
                                           const std::vector<LegalDate>& dates, const Words& words);
// The name of that calendar.
std::string calendar_title(const Model& model, const CalendarQuestion& question,
                           const Words& words);

}  // namespace comity::treaty
