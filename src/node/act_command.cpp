#include "node/act_command.h"

#include <fmt/format.h>

#include <array>

#include "exchange/officer.h"
#include "exchange/verification.h"
#include "node/command_parts.h"
#include "node/key_command.h"
#include "node/law_command.h"
#include "node/outpost_command.h"
#include "node/release_by_officers_command.h"
#include "node/rule_command.h"
#include "node/treaty_command.h"
#include "treaty/article_sheet.h"
#include "treaty/sheet_in_words.h"

namespace comity::node {
namespace {

// ---- officers ----------------------------------------------------------------------------------

Result<exchange::NewOfficer> officer_of(const json::Object& arguments) {
  auto key = from_base64url(text_argument(arguments, "key"));
  if (!key) return fail(ErrorKind::InvalidInput, "the key is not in base64url", "key");
  return exchange::NewOfficer{text_argument(arguments, "name"), text_argument(arguments, "role"),
                              *std::move(key)};
}

json::Object officer_data(const exchange::Officer& officer) {
  json::Object out;
  out.set("name", officer.name);
  out.set("role", officer.role);
  out.set("key", base64url(officer.key));
  out.set("from", format_rfc3339(officer.from));
  if (officer.until) out.set("until", format_rfc3339(*officer.until));
  return out;
}

Result<json::Object> add_arguments(const exchange::Node&, const json::Object& arguments) {
  TRY(const auto officer, officer_of(arguments));
  return exchange::act_arguments(officer);
}

Result<Outcome> run_add(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto asked, officer_of(arguments));
  TRY(const auto officer, exchange::add_officer(node, asked, approval));
  Outcome outcome;
  outcome.text =
      watermark(node) + fmt::format("{} is {} of the node of {} (key {})\n", officer.name,
                                    officer.role, node.party(), trust::key_id(officer.key));
  auto data = data_of(node);
  data.set("officer", officer_data(officer));
  outcome.data = std::move(data);
  return outcome;
}

Result<json::Object> ending_arguments(const exchange::Node& node, const json::Object& arguments) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, exchange::officers(node, *snapshot));
  const auto name = text_argument(arguments, "name");
  for (const auto& officer : all) {
    if (officer.name == name && !officer.until) return exchange::end_arguments(officer);
  }
  return fail(ErrorKind::NotFound,
              fmt::format("'{}' is no officer of this node; comity officer list shows them", name));
}

Result<Outcome> run_end(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto officer, exchange::end_officer(node, text_argument(arguments, "name"), approval));
  Outcome outcome;
  outcome.text = watermark(node) +
                 fmt::format("{} is no officer any more; what {} signed until now stays signed\n",
                             officer.name, officer.name);
  auto data = data_of(node);
  data.set("officer", officer_data(officer));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_officers(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, exchange::officers(node, *snapshot));
  Outcome outcome;
  outcome.text = watermark(node);
  json::Array rows;
  for (const auto& officer : all) {
    outcome.text +=
        fmt::format("{}  {}  key {}  from {}{}\n", officer.name, officer.role,
                    trust::key_id(officer.key), format_rfc3339(officer.from),
                    officer.until ? fmt::format("  until {}", format_rfc3339(*officer.until)) : "");
    rows.push_back(officer_data(officer));
  }
  if (all.empty()) {
    outcome.text += "no officers yet: comity officer add NAME --role ROLE --key FILE\n";
  }
  auto data = data_of(node);
  data.set("officers", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

// ---- verification ------------------------------------------------------------------------------

exchange::NewVerification verification_of(const json::Object& arguments) {
  return {text_argument(arguments, "instrument"), text_argument(arguments, "clause"),
          text_argument(arguments, "source"), text_argument(arguments, "date")};
}

Result<json::Object> verification_arguments(const exchange::Node& node,
                                            const json::Object& arguments) {
  return exchange::act_arguments(node, verification_of(arguments));
}

Result<Outcome> run_verify_clause(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  const auto asked = verification_of(arguments);
  TRY(const auto digest, exchange::enter_verification(node, asked, approval));
  const auto now = digest_text(node.law()->model().digest);
  Outcome outcome;
  outcome.text =
      watermark(node) + fmt::format("verified {} {} ({})\nregister is now {}\n", asked.instrument,
                                    asked.clause, digest_text(digest), now);
  auto data = data_of(node);
  data.set("instrument", asked.instrument);
  data.set("clause", asked.clause);
  data.set("digest", digest_text(digest));
  data.set("register", now);
  outcome.data = std::move(data);
  return outcome;
}

// An instrument as this node has it, with what its own advisers have verified.
Result<Outcome> run_show(exchange::Node& node, const json::Object& arguments) {
  const auto law = node.law();
  const auto id = text_argument(arguments, "id");
  TRY(const auto words, words_asked(arguments));
  if (auto overlay = show_overlay(*law, id, words ? &*words : nullptr)) return *std::move(overlay);
  TRY(const auto* instrument, instrument_named(*law, id));
  TRY(const auto snapshot, node.store().read());
  TRY(const auto files, node.register_files());
  const auto& model = law->model();
  Outcome outcome;
  outcome.text = watermark(node) +
                 (words ? treaty::article_sheet(model, *instrument, *words)
                        : treaty::article_sheet(model, *instrument)) +
                 fmt::format("\nVerified by {}\n", node.party());
  auto data = words ? treaty::article_sheet_json(model, *instrument, *words)
                    : treaty::article_sheet_json(model, *instrument);
  json::Array rows;
  for (const auto& one : exchange::clause_verifications(node, *snapshot, files)) {
    if (one.instrument != id) continue;
    const auto* clause = instrument->clause(one.clause);
    const bool holds = clause != nullptr && clause->digest == one.digest;
    outcome.text += fmt::format("  {}  by {} on {}, against {}{}\n", one.clause,
                                fmt::join(one.officers, " and "), one.date, one.source,
                                holds ? "" : "  VOID: the row has changed since");
    json::Object row;
    row.set("clause", one.clause);
    row.set("digest", digest_text(one.digest));
    row.set("date", one.date);
    row.set("source", one.source);
    json::Array names;
    for (const auto& name : one.officers) names.emplace_back(name);
    row.set("officers", std::move(names));
    row.set("holds", holds);
    rows.push_back(std::move(row));
  }
  if (rows.empty()) outcome.text += "  nothing yet: comity treaty verify\n";
  data.set("verifications", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

constexpr std::array<ActCommand, 3> acts = {{
    {{"officer-add", true, run_add}, "officer-add", add_arguments},
    {{"officer-end", true, run_end}, "officer-end", ending_arguments},
    {{"verify-clause", true, run_verify_clause}, "verify", verification_arguments},
}};

constexpr std::array<Command, 3> others = {{
    {"officers", false, run_officers},
    {"show", false, run_show},
    {"propose", false, propose},
}};

}  // namespace

const ActCommand* find_act(std::string_view name) {
  for (const auto& act : acts) {
    if (act.command.name == name) return &act;
  }
  for (const auto& more : {law_acts(), rule_acts(), outpost_acts(), release_by_officers_acts()}) {
    for (const auto& act : more) {
      if (act.command.name == name) return &act;
    }
  }
  for (const auto& act : key_acts()) {
    if (act.command.name == name) return &act;
  }
  return nullptr;
}

const Command* find_act_command(std::string_view name) {
  if (const auto* act = find_act(name)) return &act->command;
  for (const auto& command : others) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

Result<std::optional<exchange::Approval>> approval_argument(const json::Object& arguments) {
  const auto* given = arguments.find("approval");
  if (given == nullptr) return std::optional<exchange::Approval>();
  TRY(auto approval, exchange::read_approval(*given));
  return std::optional(std::move(approval));
}

}  // namespace comity::node
