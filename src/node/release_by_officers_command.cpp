#include "node/release_by_officers_command.h"

#include <array>

#include "exchange/release.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

using exchange::ByOfficers;

Result<exchange::OfficersOrder> order_of(const json::Object& arguments, ByOfficers how) {
  const auto parties = list_argument(arguments, "to");
  if (parties.size() != 1) {
    return fail(ErrorKind::InvalidInput,
                "what two officers let go is decided for one party at a time (--to XX)", "--to");
  }
  return exchange::OfficersOrder{how, list_argument(arguments, "ids"), parties.front(),
                                 text_argument(arguments, "ground")};
}

const char* why_nothing_went(ByOfficers how) {
  return how == ByOfficers::Discretion
             ? "    nothing went: at national discretion goes only what is this party's own, "
               "unclassified and not about persons, and only where no agreement speaks of it\n"
             : "    nothing went: with four eyes goes only what an agreement permits when two "
               "officers have looked, and nothing else is missing\n";
}

template <ByOfficers how>
Result<json::Object> signed_arguments(const exchange::Node& node, const json::Object& arguments) {
  TRY(const auto order, order_of(arguments, how));
  return exchange::officers_arguments(node, order);
}

template <ByOfficers how>
Result<Outcome> run(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto order, order_of(arguments, how));
  TRY(auto party, exchange::release_by_officers(node, order, approval));
  const bool held = party.held_count > 0;
  auto outcome = release_outcome(node, {std::move(party)});
  if (held) outcome.text += why_nothing_went(how);
  return outcome;
}

constexpr std::array<ActCommand, 2> release_acts = {{
    {{"release-discretion", true, run<ByOfficers::Discretion>},
     exchange::discretion_act,
     signed_arguments<ByOfficers::Discretion>},
    {{"release-four-eyes", true, run<ByOfficers::FourEyes>},
     exchange::four_eyes_act,
     signed_arguments<ByOfficers::FourEyes>},
}};

}  // namespace

std::span<const ActCommand> release_by_officers_acts() { return release_acts; }

}  // namespace comity::node
