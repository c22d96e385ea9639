#include "node/discretion_command.h"

#include <array>

#include "exchange/release.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

Result<exchange::DiscretionOrder> order_of(const json::Object& arguments) {
  const auto parties = list_argument(arguments, "to");
  if (parties.size() != 1) {
    return fail(ErrorKind::InvalidInput,
                "national discretion is decided for one party at a time (--to XX)", "--to");
  }
  return exchange::DiscretionOrder{list_argument(arguments, "ids"), parties.front(),
                                   text_argument(arguments, "ground")};
}

Result<json::Object> signed_arguments(const exchange::Node& node, const json::Object& arguments) {
  TRY(const auto order, order_of(arguments));
  return exchange::discretion_arguments(node, order);
}

Result<Outcome> run(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto order, order_of(arguments));
  TRY(auto party, exchange::release_at_discretion(node, order, approval));
  const bool held = party.held_count > 0;
  auto outcome = release_outcome(node, {std::move(party)});
  if (held) {
    outcome.text +=
        "    nothing went: at national discretion goes only what is this party's own, unclassified "
        "and not about persons, and only where no agreement speaks of it\n";
  }
  return outcome;
}

constexpr std::array<ActCommand, 1> acts = {{
    {{"release-discretion", true, run}, exchange::discretion_act, signed_arguments},
}};

}  // namespace

std::span<const ActCommand> discretion_acts() { return acts; }

}  // namespace comity::node
