// The words in which both engines say the same thing. No evaluation happens here: each function
// only turns what an engine has found into the entry of a verdict.
#pragma once

#include <string>

#include "treaty/model.h"
#include "treaty/request.h"
#include "treaty/verdict.h"

namespace comity::treaty {

// An instant to the second, or to the microsecond where it lies between seconds.
std::string instant_text(Instant instant);

NeedEntry need_membership(const Model&, const Instrument&, int party,
                          const char* fact);  // "party-status" | "in-force"
NeedEntry need_verification(const Model&, const Instrument&, const Clause&, int from);
NeedEntry need_designation(const Model&, const Instrument&, int party);
NeedEntry need_role(const Model&, const Instrument&, int party);
NeedEntry need_arrangement(const Model&, const Instrument&, const Clause&, const std::string& kind,
                           int from, int to);
NeedEntry need_human(const Model&, const std::string& why, int from);
NeedEntry need_rights_record(const Model&, int from);
// When what came from `originator` under the instrument was received.
NeedEntry need_received_at(const Model&, const Instrument&, int originator, int from);
NeedEntry need_fact(const Model&, const std::string& fact, int from);
NeedEntry need_consent(const Model&, int originator, int recipient, const std::string& why);

// What follows `need_human` and `need_consent` as `why`, and `reason_tlp`.
std::string why_clause(const Instrument&, const Clause&);  // "ru-cn-2015 c6-1 (Art. 6)"
std::string why_tlp(Tlp tlp);                              // "tlp amber, passed on"
std::string why_human(const Instrument&, const Clause&,
                      const std::string& word);  // word as in `needs`
std::string why_human(const Overlay&, const OverlayRule&, const std::string& word);
std::string why_human_red();
std::string why_human_content();
std::string why_human_attribution();
std::string why_tlp_role();
std::string why_tlp_onward();

BasisEntry basis_entry(const Instrument&, const Clause&, bool verified);
// A forbid that counts; code "forbidden", "origin-forbids" or "refused".
Reason reason_forbid(const Model&, const Instrument&, const Clause&, const char* code);
Reason reason_need(const Instrument&, const NeedEntry&);  // code "needs-<kind>"
Reason reason_not_covered(const Model&, const Instrument&,
                          int info_class);  // code "class-not-covered"
// A reading by which a class has no ground that another reading gives it; code "reading".
Reason reason_reading(const Instrument&, const Clause&);
Reason reason_tlp(Tlp tlp, const std::string& why);                           // code "tlp"
Reason reason_tlp_refused(const Model&, int originator, int recipient);       // code "refused"
Reason reason_suspended(const Model&, const Instrument&, const Suspension&);  // code "suspended"
Reason reason_guard(const char* code);  // "secrecy-guard" | "evidence-guard" | "content-gate"
// What the sender's own overlay forbids, or demands of facts in vain; code "overlay-forbids".
Reason reason_overlay(const Model&, const Overlay&, const OverlayRule&);
Reason reason_overlay_lacks(const Model&, const Overlay&, const OverlayRule&,
                            const std::string& fact);

// `due_day` in days since 1970, or empty.
Duty duty_entry(const Model&, const Instrument&, const Clause&, std::optional<std::int64_t> due_day,
                bool overdue);
Advice advice_entry(const Instrument&, const Clause&);
Advice advice_see(const Instrument&, const Clause&, const std::string& other);
Assertion assertion_entry(const Model&, const Instrument&, const Clause&, int fact);

Assumed assumed_entry(const Model&, const std::string& assumption_id);
Assumed assumed_weak_date(const Model&, const Instrument&, int party);
Assumed assumed_unverified(const Instrument&, const Clause&);
Assumed assumed_designation(const Model&, const Instrument&, int party);

}  // namespace comity::treaty
