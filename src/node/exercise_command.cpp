#include "node/exercise_command.h"

#include <fmt/format.h>

#include "exchange/exercise_clock.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

Outcome outcome_of(const exchange::Node& node, const exchange::ExerciseClock& clock) {
  Outcome outcome;
  const auto treaty = format_rfc3339(clock.treaty);
  outcome.text =
      watermark(node) + fmt::format(
                            "the law is asked about {}\nthe real time is {}; the "
                            "exercise clock is {} ahead\n",
                            treaty, format_rfc3339(clock.real), format_duration(clock.ahead_s));
  auto data = data_of(node);
  data.set("treaty_time", treaty);
  data.set("real_time", format_rfc3339(clock.real));
  data.set("ahead", format_duration(clock.ahead_s));
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace

Result<Outcome> run_exercise_advance(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto clock, exchange::advance_exercise(node, text_argument(arguments, "duration")));
  return outcome_of(node, clock);
}

Result<Outcome> run_exercise_show(exchange::Node& node, const json::Object&) {
  TRY(const auto clock, exchange::exercise_clock(node));
  return outcome_of(node, clock);
}

}  // namespace comity::node
