// Clocks that differ by a day, and the instant at which an agreement ends.
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::must;

constexpr std::int64_t day_micros = std::int64_t{24} * 3600 * 1'000'000;

// The register in which the one agreement ends with 23 November 2026, the day of the tests.
treaty::RegisterFiles ending_register() {
  auto files = test::register_files();
  auto& file = files[test::agreement_file];
  file = test::replaced(file, "code = \"XB\"\nin_force = 2024-06-01",
                        "code = \"XB\"\nin_force = 2024-06-01\nuntil = 2026-11-24");
  return files;
}

// Imports one indicator at XA and releases it; how many disclosures there are then.
std::size_t release_one(Federation& federation, std::size_t number) {
  test::import_objects(federation.a(), {test::indicator(number)});
  must(release(federation.a(), {id_of("indicator", number)}, {"XB"}));
  return test::statements(federation.a(), "comity-disclosure", store::Direction::Sent).size();
}

store::Record receive_last(Federation& federation, std::size_t number) {
  const auto sent =
      test::statements(federation.a(), "comity-disclosure", store::Direction::Sent).back();
  must(receive(federation.b(), "XA", test::envelope_of(federation.a(), sent)));
  return test::held(federation.b(), id_of("indicator", number));
}

void set_clock(FixedClock& clock, const char* instant) { clock.set(must(parse_rfc3339(instant))); }

TEST(ClockSkew, ADayOfDifferenceDoesNotKeepBackWhatBothPermit) {
  for (const std::int64_t days : {-1, 0, 1}) {
    Federation federation;
    federation.xb.clock.set(Instant{test::start_instant().micros + days * day_micros});
    ASSERT_EQ(release_one(federation, 1), 1U) << days;
    const auto record = receive_last(federation, 1);
    EXPECT_EQ(record.state, store::RecordState::Live) << days << record.quarantine_reason;
  }
}

TEST(ClockSkew, WhatHasEndedByTheClockOfTheRecipientIsQuarantined) {
  for (const std::int64_t days : {-1, 0, 1}) {
    Federation federation;
    for (auto* node : {&federation.a(), &federation.b()})
      test::change_law(*node, ending_register());
    federation.xb.clock.set(Instant{test::start_instant().micros + days * day_micros});
    ASSERT_EQ(release_one(federation, 1), 1U) << days;
    const auto record = receive_last(federation, 1);
    EXPECT_EQ(record.state, days > 0 ? store::RecordState::Quarantined : store::RecordState::Live)
        << days;
    EXPECT_EQ(record.quarantine_reason.empty(), days <= 0) << record.quarantine_reason;
  }
}

TEST(ClockSkew, NothingIsDisclosedFromTheInstantOfTheEndOn) {
  Federation federation;
  test::change_law(federation.a(), ending_register());
  set_clock(federation.xa.clock, "2026-11-23T23:59:59.999999Z");
  EXPECT_EQ(release_one(federation, 1), 1U);
  set_clock(federation.xa.clock, "2026-11-24T00:00:00Z");
  EXPECT_EQ(release_one(federation, 2), 1U);
  // A clock that goes back does not bring the agreement back: a node is never before its ledger.
  set_clock(federation.xa.clock, "2026-11-23T12:00:00Z");
  EXPECT_EQ(release_one(federation, 3), 1U);
}

}  // namespace
}  // namespace comity::exchange
