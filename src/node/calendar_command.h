// `comity treaty calendar`: the legal dates of a party, on a register or on a node with its own
// register, verifications and clock.
#pragma once

#include "node/command.h"
#include "treaty/compiled.h"

namespace comity::node {

// How far it looks ahead when no end is given.
constexpr std::int64_t calendar_days = 366;

// Arguments: "party" (at a node: its own), "from", "to" (days), "lang", "ics": true for the bytes
// of an iCalendar file as text instead of the list. `today` is the instant about which the law is
// asked, `written` that of the file.
Result<Outcome> calendar(const treaty::CompiledRegister& law, const json::Object& arguments,
                         Instant today, Instant written);

Result<Outcome> run_calendar(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
