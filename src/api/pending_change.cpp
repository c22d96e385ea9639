#include "api/pending_change.h"

#include <array>

#include "exchange/law.h"
#include "exchange/officer.h"
#include "exchange/rule.h"
#include "exchange/verification.h"
#include "json/texts.h"

namespace comity::api {
namespace {

using exchange::Approval;
using exchange::Node;
using treaty::phrase;
using treaty::Phrase;

std::string text(const json::Object& given, std::string_view name) {
  const auto* value = given.find(name);
  return value == nullptr || value->string() == nullptr ? std::string() : *value->string();
}

json::Value party_word(const json::Object& given, std::string_view name) {
  return treaty::to_json(treaty::word_phrase("party", text(given, name)));
}

// ---- verify ------------------------------------------------------------------------------------

exchange::NewVerification verification_of(const json::Object& given) {
  return {text(given, "instrument"), text(given, "clause"), text(given, "source"),
          text(given, "date")};
}

Result<json::Object> verify_arguments(const Node& node, const json::Object& given) {
  return exchange::act_arguments(node, verification_of(given));
}

Result<std::string> run_verify(Node& node, const json::Object& given, const Approval& approval) {
  TRY(const auto digest, exchange::enter_verification(node, verification_of(given), approval));
  return digest_text(digest);
}

Phrase what_verify(const json::Object& given) {
  return phrase("approval.verify", {{"instrument", text(given, "instrument")},
                                    {"clause", text(given, "clause")},
                                    {"source", text(given, "source")},
                                    {"date", text(given, "date")}});
}

// ---- arrange, designate ------------------------------------------------------------------------

exchange::NewArrangement arrangement_of(const json::Object& given) {
  return {text(given, "instrument"), text(given, "kind"), text(given, "with"), text(given, "from")};
}

Result<json::Object> arrange_arguments(const Node&, const json::Object& given) {
  return exchange::act_arguments(arrangement_of(given));
}

Result<std::string> run_arrange(Node& node, const json::Object& given, const Approval& approval) {
  return exchange::enter_arrangement(node, arrangement_of(given), approval);
}

Phrase what_arrange(const json::Object& given) {
  return phrase("approval.arrange",
                {{"kind", treaty::to_json(treaty::word_phrase("arrangement", text(given, "kind")))},
                 {"party", party_word(given, "with")},
                 {"instrument", text(given, "instrument")}});
}

exchange::NewDesignation designation_of(const json::Object& given) {
  return {text(given, "instrument"),
          text(given, "party"),
          text(given, "body"),
          text(given, "role"),
          json::texts_of(given.find("areas")),
          text(given, "since")};
}

Result<json::Object> designate_arguments(const Node&, const json::Object& given) {
  return exchange::act_arguments(designation_of(given));
}

Result<std::string> run_designate(Node& node, const json::Object& given, const Approval& approval) {
  return exchange::enter_designation(node, designation_of(given), approval);
}

Phrase what_designate(const json::Object& given) {
  return phrase("approval.designate", {{"body", text(given, "body")},
                                       {"party", party_word(given, "party")},
                                       {"instrument", text(given, "instrument")}});
}

// ---- suspend, resume, denounce -----------------------------------------------------------------

exchange::NewSuspension suspension_of(const json::Object& given) {
  return {text(given, "instrument"), text(given, "party")};
}

Result<json::Object> suspension_arguments(const Node&, const json::Object& given) {
  return exchange::act_arguments(suspension_of(given));
}

Result<std::string> run_suspend(Node& node, const json::Object& given, const Approval& approval) {
  return exchange::suspend(node, suspension_of(given), approval);
}

Result<std::string> run_resume(Node& node, const json::Object& given, const Approval& approval) {
  return exchange::resume(node, suspension_of(given), approval);
}

exchange::NewDenunciation denunciation_of(const json::Object& given) {
  return {text(given, "instrument"), text(given, "party"), text(given, "effective")};
}

Result<json::Object> denounce_arguments(const Node&, const json::Object& given) {
  return exchange::act_arguments(denunciation_of(given));
}

Result<std::string> run_denounce(Node& node, const json::Object& given, const Approval& approval) {
  TRY(const auto effective, exchange::denounce(node, denunciation_of(given), approval));
  return format_rfc3339(effective);
}

Phrase of_instrument(std::string_view key, const json::Object& given) {
  return phrase(key,
                {{"instrument", text(given, "instrument")}, {"party", party_word(given, "party")}});
}
Phrase what_suspend(const json::Object& given) { return of_instrument("approval.suspend", given); }
Phrase what_resume(const json::Object& given) { return of_instrument("approval.resume", given); }
Phrase what_denounce(const json::Object& given) {
  return of_instrument("approval.denounce", given);
}

// ---- officers ----------------------------------------------------------------------------------

Result<exchange::NewOfficer> officer_of(const json::Object& given) {
  auto key = from_base64url(text(given, "key"));
  if (!key) return fail(ErrorKind::InvalidInput, "the key is not in base64url", "$.act.arguments");
  return exchange::NewOfficer{text(given, "name"), text(given, "role"), *std::move(key)};
}

Result<json::Object> add_officer_arguments(const Node&, const json::Object& given) {
  TRY(const auto officer, officer_of(given));
  return exchange::act_arguments(officer);
}

Result<std::string> run_add_officer(Node& node, const json::Object& given,
                                    const Approval& approval) {
  TRY(const auto wanted, officer_of(given));
  TRY(const auto officer, exchange::add_officer(node, wanted, approval));
  return officer.name;
}

Phrase what_add_officer(const json::Object& given) {
  return phrase(
      "approval.officer-add",
      {{"name", text(given, "name")},
       {"role", treaty::to_json(treaty::word_phrase("officer-role", text(given, "role")))}});
}

Result<json::Object> end_officer_arguments(const Node& node, const json::Object& given) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, exchange::officers(node, *snapshot));
  for (const auto& officer : all) {
    if (officer.name == text(given, "name") && !officer.until) {
      return exchange::end_arguments(officer);
    }
  }
  return fail(ErrorKind::NotFound, "this node has no such officer", "$.act.arguments.name");
}

Result<std::string> run_end_officer(Node& node, const json::Object& given,
                                    const Approval& approval) {
  TRY(const auto officer, exchange::end_officer(node, text(given, "name"), approval));
  return officer.name;
}

Phrase what_end_officer(const json::Object& given) {
  return phrase("approval.officer-end", {{"name", text(given, "name")}});
}

// ---- standing rules ----------------------------------------------------------------------------

exchange::Rule rule_of(const json::Object& given) {
  exchange::Rule out;
  out.name = text(given, "name");
  out.to = json::texts_of(given.find("to"));
  out.classes = json::texts_of(given.find("classes"));
  out.purpose = text(given, "purpose");
  out.area = text(given, "area");
  return out;
}

Result<json::Object> add_rule_arguments(const Node&, const json::Object& given) {
  return exchange::act_arguments(rule_of(given));
}

Result<std::string> run_add_rule(Node& node, const json::Object& given, const Approval& approval) {
  TRY(const auto rule, exchange::add_rule(node, rule_of(given), approval));
  return rule.name;
}

Phrase what_add_rule(const json::Object& given) {
  json::Array parties;
  for (const auto& code : json::texts_of(given.find("to"))) {
    parties.push_back(treaty::to_json(treaty::word_phrase("party", code)));
  }
  json::Object list;
  list.set("list", "and");
  list.set("items", std::move(parties));
  return phrase("approval.rule-add", {{"name", text(given, "name")}, {"party", std::move(list)}});
}

Result<json::Object> end_rule_arguments(const Node&, const json::Object& given) {
  return exchange::rule_end_arguments(text(given, "name"));
}

Result<std::string> run_end_rule(Node& node, const json::Object& given, const Approval& approval) {
  const auto name = text(given, "name");
  TRY_STATUS(exchange::end_rule(node, name, approval));
  return name;
}

Phrase what_end_rule(const json::Object& given) {
  return phrase("approval.rule-end", {{"name", text(given, "name")}});
}

constexpr std::array<PendingChange, 10> changes = {{
    {"verify", verify_arguments, run_verify, what_verify},
    {"arrange", arrange_arguments, run_arrange, what_arrange},
    {"designate", designate_arguments, run_designate, what_designate},
    {"suspend", suspension_arguments, run_suspend, what_suspend},
    {"resume", suspension_arguments, run_resume, what_resume},
    {"denounce", denounce_arguments, run_denounce, what_denounce},
    {"officer-add", add_officer_arguments, run_add_officer, what_add_officer},
    {"officer-end", end_officer_arguments, run_end_officer, what_end_officer},
    {exchange::rule_add_act, add_rule_arguments, run_add_rule, what_add_rule},
    {exchange::rule_end_act, end_rule_arguments, run_end_rule, what_end_rule},
}};

}  // namespace

const PendingChange* pending_change(std::string_view act) {
  for (const auto& change : changes) {
    if (change.act == act) return &change;
  }
  return nullptr;
}

treaty::Phrase act_phrase(const json::Object& act) {
  const auto name = text(act, "act");
  const auto* arguments = act.find("arguments");
  const auto* change = pending_change(name);
  if (change != nullptr && arguments != nullptr && arguments->object() != nullptr) {
    return change->what(*arguments->object());
  }
  return phrase("approval.other", {{"act", name}});
}

}  // namespace comity::api
