#include "exchange/exercise_clock.h"

#include <fmt/format.h>

namespace comity::exchange {

Result<ExerciseClock> exercise_clock(const Node& node) {
  if (node.mode() == treaty::Mode::Operational) {
    return fail(ErrorKind::NotPermitted,
                "this node is operational: there the law is asked about the real time only; an "
                "exercise clock needs a node made with comity init --exercise");
  }
  ExerciseClock out;
  out.ahead_s = node.exercise_ahead_s();
  out.real = node.now();
  out.treaty = node.treaty_now();
  return out;
}

Result<ExerciseClock> advance_exercise(Node& node, const std::string& duration) {
  TRY_STATUS(exercise_clock(node));
  TRY(const auto seconds, parse_duration(duration));
  if (seconds == 0) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no step forward; expected a form like P90D", duration));
  }
  {
    TRY(const auto change, Change::begin(node));
    const auto ahead_s = node.exercise_ahead_s() + seconds;
    if (ahead_s > exercise_ahead_s_max) {
      return fail(ErrorKind::TooLarge,
                  fmt::format("the exercise clock would be {} ahead; at most {} are possible",
                              format_duration(ahead_s), format_duration(exercise_ahead_s_max)));
    }
    TRY_STATUS(change->set_exercise_ahead(ahead_s));
    TRY_STATUS(change->commit());
  }
  return exercise_clock(node);
}

}  // namespace comity::exchange
