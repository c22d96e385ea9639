#include "treaty/overlay_analysis.h"

#include <algorithm>
#include <cstdint>

#include "treaty/request.h"

namespace comity::treaty {
namespace {

// Unstated is all.
bool holds_all(Bits wide, Bits narrow) {
  return wide == 0 || (narrow != 0 && (narrow & ~wide) == 0);
}

// Passing on is sharing, too, when what is shared was received: a rule on sharing acts on it.
bool acts_wherever(Bits wide, Bits narrow) {
  constexpr Bits onward = bit(Action::Onward);
  constexpr Bits passing_on = bit(Action::Share) | onward;
  if ((narrow & onward) != 0 && (wide & passing_on) == 0) return false;
  return (narrow & ~onward & ~wide) == 0;
}

bool lasts_as_long(const OverlayRule& wide, const OverlayRule& narrow) {
  const auto begins = [](const OverlayRule& one) {
    return one.in_force ? one.in_force->earliest.micros : INT64_MIN;
  };
  const auto ends = [](const OverlayRule& one) {
    return one.until ? one.until->latest.micros : INT64_MAX;
  };
  return begins(wide) <= begins(narrow) && ends(wide) >= ends(narrow);
}

bool names_all(const OverlayRule& wide, const OverlayRule& narrow) {
  if (!wide.to) return true;
  return narrow.to && (*narrow.to & ~*wide.to).none();
}

bool meets_all(const OverlayRule& wide, const OverlayRule& narrow) {
  return acts_wherever(wide.actions, narrow.actions) && holds_all(wide.info, narrow.info) &&
         holds_all(wide.areas, narrow.areas) && holds_all(wide.purposes, narrow.purposes) &&
         names_all(wide, narrow) && wide.handling_min <= narrow.handling_min &&
         lasts_as_long(wide, narrow);
}

// What forbids is as strict as anything; what demands, where it demands all of it.
bool as_strict(const OverlayRule& wide, const OverlayRule& narrow) {
  if (wide.forbids) return true;
  return !narrow.forbids &&
         std::all_of(narrow.needs.begin(), narrow.needs.end(), [&](const Need& need) {
           return std::any_of(wide.needs.begin(), wide.needs.end(), [&](const Need& other) {
             return other.kind == need.kind && other.name == need.name;
           });
         });
}

// A request without a class is stopped by no guard, so only what needs one.
bool guarded(const Model& model, const OverlayRule& rule) {
  const auto secret = model.vocabulary.classes.index("state-secret");
  return secret && rule.info == bit(*secret) && (rule.actions & ~transfer_actions) == 0;
}

}  // namespace

std::vector<IdleRule> idle_rules(const Model& model, const Overlay& overlay) {
  std::vector<IdleRule> out;
  const auto& rules = overlay.rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    auto others = rules[i].to.value_or(~PartySet());
    others.reset(static_cast<std::size_t>(overlay.party));
    if (others.none()) {
      out.push_back({IdleRule::Why::NoRecipient, i, i});
      continue;
    }
    if (guarded(model, rules[i])) {
      out.push_back({IdleRule::Why::Guarded, i, i});
      continue;
    }
    for (std::size_t k = 0; k < rules.size(); ++k) {
      if (k == i || !meets_all(rules[k], rules[i]) || !as_strict(rules[k], rules[i])) continue;
      out.push_back({IdleRule::Why::Covered, i, k});
      break;
    }
  }
  return out;
}

}  // namespace comity::treaty
