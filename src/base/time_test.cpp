#include "base/time.h"

#include <gtest/gtest.h>

#include <array>

namespace comity {
namespace {

std::int64_t micros(std::string_view text) {
  const auto instant = parse_rfc3339(text);
  EXPECT_TRUE(instant) << text;
  return instant ? instant->micros : -1;
}

TEST(rfc3339, known_instants) {
  EXPECT_EQ(micros("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(micros("1970-01-01t00:00:01z"), 1'000'000);
  EXPECT_EQ(micros("2001-09-09T01:46:40Z"), 1'000'000'000'000'000);
  EXPECT_EQ(micros("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(micros("2000-02-29T12:00:00Z"), 951'825'600'000'000);
  EXPECT_EQ(micros("0000-01-01T00:00:00Z"), -62'167'219'200'000'000);
  EXPECT_EQ(micros("9999-12-31T23:59:59Z"), 253'402'300'799'000'000);
}

TEST(rfc3339, offsets_are_taken_off) {
  // The example of RFC 3339 section 5.8: both are the same instant.
  EXPECT_EQ(micros("1996-12-19T16:39:57-08:00"), micros("1996-12-20T00:39:57Z"));
  EXPECT_EQ(micros("1937-01-01T12:00:27.87+00:20"), micros("1937-01-01T11:40:27.870Z"));
  EXPECT_EQ(micros("2026-01-01T00:30:00+01:00"), micros("2025-12-31T23:30:00Z"));
  EXPECT_EQ(micros("2026-01-01T00:00:00-00:00"), micros("2026-01-01T00:00:00Z"));
}

TEST(rfc3339, fractions_beyond_microseconds_are_cut) {
  EXPECT_EQ(micros("1970-01-01T00:00:00.1Z"), 100'000);
  EXPECT_EQ(micros("1970-01-01T00:00:00.000001Z"), 1);
  EXPECT_EQ(micros("1970-01-01T00:00:00.0000019Z"), 1);
  EXPECT_EQ(micros("1970-01-01T00:00:00." + std::string(500, '9') + "Z"), 999'999);
}

TEST(rfc3339, a_leap_second_is_the_next_second) {
  EXPECT_EQ(micros("1990-12-31T23:59:60Z"), micros("1991-01-01T00:00:00Z"));
}

TEST(rfc3339, ends_with_the_years_of_four_digits) {
  EXPECT_EQ(micros("0000-01-01T00:01:00+00:01"), micros("0000-01-01T00:00:00Z"));
  EXPECT_EQ(format_rfc3339(Instant{micros("9999-12-31T23:58:59.999999-00:01")}, 6),
            "9999-12-31T23:59:59.999999Z");
}

TEST(rfc3339, refuses_other_text) {
  for (const char* text : {"",
                           "2026-11-23",
                           "2026-11-23T05:00:00",
                           "2026-11-23 05:00:00Z",
                           "2026-11-23T05:00Z",
                           "2026-11-23T05:00:00.Z",
                           "2026-11-23T05:00:00,5Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T05:60:00Z",
                           "2026-11-23T05:00:61Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-04-00T00:00:00Z",
                           "2100-02-29T00:00:00Z",
                           "2026-11-23T05:00:00+1:00",
                           "2026-11-23T05:00:00+24:00",
                           "2026-11-23T05:00:00+01:60",
                           "2026-11-23T05:00:00+0100",
                           "2026-11-23T05:00:00ZZ",
                           "2026-11-23T05:00:00Z ",
                           " 2026-11-23T05:00:00Z",
                           "26-11-23T05:00:00Z",
                           "+026-11-23T05:00:00Z",
                           "2026-1a-23T05:00:00Z",
                           "-2026-11-23T05:00:0Z",
                           "9999-12-31T23:59:60Z",
                           "9999-12-31T23:59:59-00:01",
                           "0000-01-01T00:00:00+00:01"}) {
    const auto instant = parse_rfc3339(text);
    ASSERT_FALSE(instant) << text;
    EXPECT_EQ(instant.error().kind, ErrorKind::InvalidInput);
    EXPECT_FALSE(instant.error().message.empty());
  }
  // A stranger's text is quoted, but not at any length.
  EXPECT_LT(parse_rfc3339(std::string(100'000, 'x')).error().message.size(), 300U);
}

TEST(rfc3339, formats_with_a_fixed_number_of_digits) {
  const Instant instant{1'000'000'000'123'456};
  EXPECT_EQ(format_rfc3339(instant), "2001-09-09T01:46:40Z");
  EXPECT_EQ(format_rfc3339(instant, 3), "2001-09-09T01:46:40.123Z");
  EXPECT_EQ(format_rfc3339(instant, 6), "2001-09-09T01:46:40.123456Z");
  EXPECT_EQ(format_rfc3339({0}, 3), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339({-1}, 6), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_rfc3339({-1}), "1969-12-31T23:59:59Z");
  EXPECT_DEATH(format_rfc3339({0}, 4), "fraction_digits");
}

TEST(rfc3339, goes_both_ways) {
  // A step that is no divisor of a day, so that hours, days and leap years all come by.
  for (std::int64_t value = -62'000'000'000'000'000; value < 250'000'000'000'000'000;
       value += 123'456'789'012'345) {
    const Instant instant{value};
    const auto again = parse_rfc3339(format_rfc3339(instant, 6));
    ASSERT_TRUE(again) << value;
    EXPECT_EQ(*again, instant);
  }
}

TEST(instant, seconds_round_towards_the_past) {
  EXPECT_EQ(Instant{1'999'999}.seconds(), 1);
  EXPECT_EQ(Instant{0}.seconds(), 0);
  EXPECT_EQ(Instant{-1}.seconds(), -1);
  EXPECT_EQ(Instant{-1'000'000}.seconds(), -1);
  EXPECT_EQ(Instant{-1'000'001}.seconds(), -2);
  EXPECT_EQ(Instant::from_seconds(-5).micros, -5'000'000);
  EXPECT_LT(Instant{1}, Instant{2});
}

TEST(duration, of_days_hours_and_minutes) {
  EXPECT_EQ(*parse_duration("P90D"), 90 * seconds_per_day);
  EXPECT_EQ(*parse_duration("PT36H"), 36 * 3600);
  EXPECT_EQ(*parse_duration("PT5M"), 300);
  EXPECT_EQ(*parse_duration("P1DT2H30M"), seconds_per_day + 2 * 3600 + 1800);
  EXPECT_EQ(*parse_duration("P1DT30M"), seconds_per_day + 1800);
  EXPECT_EQ(*parse_duration("P0D"), 0);
  EXPECT_EQ(*parse_duration("P999999DT999999H999999M"), 999'999LL * (seconds_per_day + 3600 + 60));
}

TEST(duration, refuses_other_text) {
  for (const char* text : {"",
                           "P",
                           "PT",
                           "P1DT",
                           "90D",
                           "P90",
                           "P-1D",
                           "P+1D",
                           "P1.5D",
                           "p1d",
                           "P1Y",
                           "P1M",
                           "P1W",
                           "PT1S",
                           "P1H",
                           "PT1D",
                           "PT1M1H",
                           "P1D1D",
                           "PTT1H",
                           "P1DT1H ",
                           " P1D",
                           "P1000000D",
                           "P99999999999999999999D",
                           "PT1HT1M",
                           "P1D2H"}) {
    const auto seconds = parse_duration(text);
    ASSERT_FALSE(seconds) << text;
    EXPECT_EQ(seconds.error().kind, ErrorKind::InvalidInput);
  }
  EXPECT_LT(parse_duration(std::string(100'000, '9')).error().message.size(), 300U);
}

TEST(duration, goes_both_ways) {
  for (std::int64_t minutes = 0; minutes < 2'000'000; minutes += 977) {
    const auto again = parse_duration(format_duration(minutes * 60));
    ASSERT_TRUE(again) << minutes;
    EXPECT_EQ(*again, minutes * 60);
  }
  EXPECT_EQ(format_duration(0), "PT0M");
  EXPECT_EQ(format_duration(90 * seconds_per_day + 59), "P90D");
  EXPECT_EQ(format_duration(26 * 3600 + 60), "P1DT2H1M");
  EXPECT_DEATH(format_duration(-1), "seconds");
}

TEST(days, of_the_calendar) {
  EXPECT_EQ(*days_from_date(1970, 1, 1), 0);
  EXPECT_EQ(*days_from_date(1969, 12, 31), -1);
  EXPECT_EQ(*days_from_date(2000, 3, 1), 11'017);
  EXPECT_EQ(*days_from_date(2024, 2, 29) + 1, *days_from_date(2024, 3, 1));
  EXPECT_EQ(*days_from_date(1900, 2, 28) + 1, *days_from_date(1900, 3, 1));
  for (std::int64_t day = -800'000; day < 2'900'000; day += 997) {
    const auto instant = parse_day_or_instant(format_day(day));
    if (day < *days_from_date(0, 1, 1)) continue;
    ASSERT_TRUE(instant) << day;
    EXPECT_EQ(instant->seconds(), day * seconds_per_day);
  }
}

TEST(days, refuses_dates_that_do_not_exist) {
  for (const auto& [year, month, day] :
       {std::array{2023, 2, 29}, std::array{2023, 0, 1}, std::array{2023, 13, 1},
        std::array{2023, 1, 0}, std::array{2023, 1, 32}, std::array{2023, 6, 31},
        std::array{2023, -1, 1}, std::array{2023, 1, -1}}) {
    EXPECT_FALSE(days_from_date(year, month, day)) << year << " " << month << " " << day;
  }
}

TEST(days, says_which_there_are) {
  const auto said = [](int year, int month, int day) {
    return days_from_date(year, month, day).error().message;
  };
  EXPECT_EQ(said(2026, 99, 1),
            "2026-99-01 is no date of the calendar: expected a month from 01 to 12");
  EXPECT_EQ(said(2026, 2, 30),
            "2026-02-30 is no date of the calendar: expected a day from 01 to 28 of that month");
  EXPECT_EQ(said(2024, 2, 30),
            "2024-02-30 is no date of the calendar: expected a day from 01 to 29 of that month");
  EXPECT_EQ(said(2026, 4, 0),
            "2026-04-00 is no date of the calendar: expected a day from 01 to 30 of that month");
}

TEST(day_or_instant, takes_both) {
  EXPECT_EQ(*parse_day_or_instant("2026-11-23"), *parse_rfc3339("2026-11-23T00:00:00Z"));
  EXPECT_EQ(*parse_day_or_instant("2026-11-23T05:06:07.5Z"),
            *parse_rfc3339("2026-11-23T05:06:07.5Z"));
  for (const char* text :
       {"2026-11-31", "2026/11/23", "2026-11-2x", "23-11-2026", "2026-11-23 ", "2026-1-023", ""}) {
    EXPECT_FALSE(parse_day_or_instant(text)) << text;
  }
}

}  // namespace
TEST(TimeTest, MonthsAndDaysDoNotWrap) {
  EXPECT_FALSE(days_from_date(2023, 257, 1));
  EXPECT_FALSE(days_from_date(2023, 1, 257));
  EXPECT_FALSE(days_from_date(2023, 13, 1));
  EXPECT_FALSE(days_from_date(2023, 0, 1));
}

}  // namespace comity
