// How long something runs after an event, as an ISO 8601 duration of one unit, and when it ends:
// the notice of a denunciation, and the wait before an instrument enters into force. Pure
// functions, for any thread.
#pragma once

#include <optional>
#include <string_view>

#include "treaty/model.h"

namespace comity::treaty {

constexpr int notice_years_max = 100;

// "P90D", "P6M" or "P1Y": a number from 1, without leading zero, of days, months or years, in all
// at most `notice_years_max` years. Nothing for any other text. The provenance is left empty.
std::optional<Notice> notice_from_text(std::string_view text);

// The earliest instant at which a denunciation takes effect that was notified at `notified` (within
// the years 0 to 9999). A day is 24 hours. Months are those of the calendar: the same day and time
// of day, or the last day of a month that is too short. Nothing when the notice is not known.
std::optional<Instant> notice_end(const Instrument& instrument, Instant notified);

// The end of a wait that begins with an event (within the years 0 to 9999), by the same rules.
// Where the wait asks for the first of a month, it is the first day of the month that follows its
// end.
Instant after_wait(Instant event, const Wait& wait);

// The first day of the month that follows the end of `months` months after a day: the way in which
// conventions of the Council of Europe enter into force.
Instant first_of_month_after(Instant day, int months);

}  // namespace comity::treaty
