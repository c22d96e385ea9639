#include "treaty/notice.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

std::string end_of(const std::string& notice, const std::string& notified) {
  Instrument instrument;
  instrument.denunciation_notice = notice_from_text(notice);
  EXPECT_TRUE(instrument.denunciation_notice.has_value()) << notice;
  const auto end = notice_end(instrument, test::instant(notified));
  return end ? format_rfc3339(*end, end->micros % 1'000'000 == 0 ? 0 : 6) : "";
}

TEST(Notice, AnUnknownNoticeHasNoEnd) {
  EXPECT_EQ(notice_end(Instrument{}, test::instant("2026-11-24")), std::nullopt);
}

TEST(Notice, DaysAre24Hours) {
  EXPECT_EQ(end_of("P1D", "2024-02-28"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(end_of("P90D", "2026-08-26T12:00:00Z"), "2026-11-24T12:00:00Z");
  EXPECT_EQ(end_of("P36600D", "2026-01-01"), "2126-03-18T00:00:00Z");
}

TEST(Notice, MonthsKeepDayAndTimeOrEndWithTheMonth) {
  EXPECT_EQ(end_of("P6M", "2026-11-24T12:30:01Z"), "2027-05-24T12:30:01Z");
  EXPECT_EQ(end_of("P1M", "2026-12-15"), "2027-01-15T00:00:00Z");
  EXPECT_EQ(end_of("P1M", "2024-01-31T23:59:59.999999Z"), "2024-02-29T23:59:59.999999Z");
  EXPECT_EQ(end_of("P1M", "2023-01-31"), "2023-02-28T00:00:00Z");
  EXPECT_EQ(end_of("P3M", "2026-08-31"), "2026-11-30T00:00:00Z");
  EXPECT_EQ(end_of("P1Y", "2024-02-29"), "2025-02-28T00:00:00Z");
  EXPECT_EQ(end_of("P4Y", "2024-02-29"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(end_of("P1M", "1969-12-31T00:00:00.000001Z"), "1970-01-31T00:00:00.000001Z");
  EXPECT_EQ(end_of("P1M", "1969-11-30T23:59:59Z"), "1969-12-30T23:59:59Z");
}

TEST(Notice, OnlyOneUnitFromOneToAHundredYears) {
  for (const char* text : {"P1D", "P36600D", "P1M", "P1200M", "P1Y", "P100Y"}) {
    const auto notice = notice_from_text(text);
    ASSERT_TRUE(notice) << text;
    EXPECT_EQ(notice->written, text);
  }
  for (const char* text : {"",          "P",
                           "D",         "PD",
                           "P0D",       "P01D",
                           "P-1D",      "P36601D",
                           "P1201M",    "P101Y",
                           "P1W",       "p1d",
                           "P1d",       "P1M1D",
                           "PT1H",      "P1.5Y",
                           "P 1D",      "1D",
                           "P1D ",      "P+1D",
                           "P1",        "P99999999999999D",
                           "90 days",   "P90DD",
                           "P1\xc2\xb2"}) {
    EXPECT_FALSE(notice_from_text(text)) << text;
  }
}

// Twelve months are a year, a longer notice never ends sooner, and no notice ends before it began.
TEST(Notice, LawsOfTheCalendar) {
  const char* seed = std::getenv("COMITY_SEED");
  std::mt19937_64 random(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
  for (int i = 0; i < 2000; ++i) {
    const Instant notified{static_cast<std::int64_t>(random() % 6'000'000'000'000'000)};
    const int months = 1 + static_cast<int>(random() % 1199);
    const auto end = [&](const std::string& text) {
      Instrument instrument;
      instrument.denunciation_notice = notice_from_text(text);
      return *notice_end(instrument, notified);
    };
    const auto now = end("P" + std::to_string(months) + "M");
    ASSERT_GT(now, notified);
    ASSERT_GE(end("P" + std::to_string(months + 1) + "M"), now);
    const auto years = std::to_string(1 + months / 12);
    ASSERT_EQ(end("P" + years + "Y"), end("P" + std::to_string(12 * (1 + months / 12)) + "M"));
    ASSERT_EQ((now.micros - notified.micros) % (seconds_per_day * 1'000'000), 0);
    ASSERT_LE(now.micros - notified.micros, months * 31 * seconds_per_day * 1'000'000);
  }
}

}  // namespace
}  // namespace comity::treaty
