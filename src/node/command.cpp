#include "node/command.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "base/file.h"
#include "exchange/import.h"
#include "exchange/pairing.h"
#include "exchange/protocol.h"
#include "exchange/release.h"
#include "exchange/verify.h"
#include "json/parse.h"
#include "json/write.h"
#include "node/account_command.h"
#include "node/act_command.h"
#include "node/calendar_command.h"
#include "node/command_parts.h"
#include "node/consent_command.h"
#include "node/coverage_command.h"
#include "node/exercise_command.h"
#include "node/export_command.h"
#include "node/feed_command.h"
#include "node/key_command.h"
#include "node/ledger_command.h"
#include "node/outpost_command.h"
#include "node/recall_command.h"
#include "node/receipt_command.h"
#include "node/rule_command.h"
#include "node/search_command.h"
#include "node/token_command.h"
#include "node/treaty_command.h"
#include "treaty/request.h"

namespace comity::node {
namespace {

json::Value verdict_value(const treaty::Verdict& verdict) {
  auto value = json::parse(treaty::to_json(verdict));
  CHECK(value.has_value());
  return *std::move(value);
}

Result<Outcome> run_import(exchange::Node& node, const json::Object& arguments) {
  exchange::ImportOptions options;
  options.tlp = text_argument(arguments, "tlp");
  options.published = text_argument(arguments, "published");
  if (arguments.find("area") != nullptr) options.area = text_argument(arguments, "area");
  if (arguments.find("purpose") != nullptr) options.purpose = text_argument(arguments, "purpose");
  const bool acknowledge = arguments.find("acknowledge") != nullptr;
  const auto path = text_argument(arguments, "file");
  TRY(const auto report, exchange::import_bundle(node, path, options, [&](std::int64_t count) {
        if (!acknowledge) return;
        fmt::print("{{\"acknowledged\":{}}}\n", count);
        std::fflush(stdout);
      }));
  Outcome outcome;
  outcome.text =
      watermark(node) +
      fmt::format("{}\n{}: {} objects read, {} added, {} held already, {} refused, {} warnings\n",
                  report.import_id, path, report.objects, report.added, report.existed,
                  report.refused, report.warnings);
  auto data = data_of(node);
  data.set("import", report.import_id);
  data.set("objects", report.objects);
  data.set("added", report.added);
  data.set("existed", report.existed);
  data.set("refused", report.refused);
  data.set("warnings", report.warnings);
  add_losses(outcome, data, report.losses, report.refused + report.warnings);
  outcome.data = std::move(data);
  outcome.exit_code = report.refused > 0 ? 1 : 0;
  return outcome;
}

// Why a verdict is what it is, one reason a line: articles, needs, reasons, advice, assumptions.
std::vector<std::string> why(const treaty::Verdict& verdict) {
  std::vector<std::string> out;
  for (const auto& basis : verdict.basis) {
    out.push_back(fmt::format("under {} {} {} ({})", basis.instrument, basis.clause, basis.article,
                              basis.status));
  }
  for (const auto& need : verdict.needs) {
    out.push_back(fmt::format("needs {}: {} (from {})", need.kind, need.what, need.from));
  }
  for (const auto& reason : verdict.reasons) {
    const auto where = reason.instrument.empty()
                           ? std::string()
                           : fmt::format("{} {}: ", reason.instrument, reason.article);
    out.push_back(fmt::format("{}: {}{}", reason.code, where, reason.what));
  }
  if (verdict.kind == treaty::VerdictKind::NoBasis) {
    for (const auto& advice : verdict.advice) {
      out.push_back(
          fmt::format("advice {} {}: {}", advice.instrument, advice.article, advice.text));
    }
  }
  for (const auto& assumed : verdict.assumed) {
    out.push_back(fmt::format("ASSUMED {}: {}", assumed.id, assumed.reason));
  }
  return out;
}

// Parties with the same answer for the same reasons stand together, those that may receive it
// first.
std::string preview_text(const std::vector<exchange::PartyPreview>& parties) {
  std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> groups;
  std::string out;
  for (const auto kind : {treaty::VerdictKind::Permitted, treaty::VerdictKind::Needs,
                          treaty::VerdictKind::Forbidden, treaty::VerdictKind::NoBasis}) {
    groups.clear();
    for (const auto& row : parties) {
      if (row.verdict.kind != kind) continue;
      auto reasons = why(row.verdict);
      const auto same = std::find_if(groups.begin(), groups.end(),
                                     [&](const auto& group) { return group.first == reasons; });
      if (same == groups.end()) {
        groups.emplace_back(std::move(reasons), std::vector<std::string>{row.party});
      } else {
        same->second.push_back(row.party);
      }
    }
    for (const auto& [reasons, codes] : groups) {
      out += fmt::format("{}: {}\n", treaty::name(kind), fmt::join(codes, " "));
      for (const auto& reason : reasons) out += fmt::format("    {}\n", reason);
    }
  }
  return out;
}

Result<Outcome> run_preview(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto parties, exchange::preview(node, list_argument(arguments, "ids")));
  Outcome outcome;
  outcome.text = watermark(node) + preview_text(parties);
  auto data = data_of(node);
  json::Array rows;
  for (const auto& row : parties) {
    json::Object entry;
    entry.set("party", row.party);
    entry.set("record", row.stix_id);
    entry.set("verdict", verdict_value(row.verdict));
    rows.push_back(std::move(entry));
  }
  data.set("parties", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

json::Object sent_data(const exchange::Sent& sent) {
  json::Object entry;
  entry.set("disclosure", sent.disclosure);
  entry.set("number", sent.number);
  json::Array basis, assumed, reasons;
  for (const auto& clause : sent.basis) {
    json::Object row;
    row.set("instrument", clause.instrument);
    row.set("clause", clause.clause);
    row.set("article", clause.article);
    basis.push_back(std::move(row));
  }
  for (const auto& item : sent.assumed) {
    json::Object row;
    row.set("id", item.id);
    row.set("reason", item.reason);
    assumed.push_back(std::move(row));
  }
  for (const auto& reason : sent.reasons) reasons.emplace_back(reason);
  entry.set("basis", std::move(basis));
  entry.set("assumed", std::move(assumed));
  entry.set("records", sent.records);
  entry.set("receipt", sent.receipt);
  entry.set("accepted", sent.accepted);
  entry.set("quarantined", sent.quarantined);
  entry.set("rejected", sent.rejected);
  entry.set("reasons", std::move(reasons));
  if (!sent.error.empty()) entry.set("error", sent.error);
  if (sent.at_discretion) entry.set("at_discretion", true);
  if (sent.four_eyes) entry.set("four_eyes", true);
  if (sent.by_token) entry.set("collected", sent.collected);
  if (!sent.outpost.empty()) {
    entry.set("outpost", sent.outpost);
    entry.set("acknowledged", sent.acknowledged);
    entry.set("taken", sent.taken);
    entry.set("refused", sent.refused);
  }
  if (sent.withdrawn) entry.set("withdrawn", true);
  if (sent.served) entry.set("served", true);
  return entry;
}

// Of what went to a server that signs nothing.
std::string outpost_text(const exchange::Sent& sent) {
  auto out =
      fmt::format("outpost {}: {} taken and {} refused, acknowledged by its server, unsigned",
                  sent.outpost, sent.taken, sent.refused);
  if (sent.withdrawn) {
    out += sent.served ? "; WITHDRAWN: no longer permitted, what is there stays there"
                       : "; WITHDRAWN before it was sent: no longer permitted";
  } else if (!sent.acknowledged) {
    out += fmt::format("; NOT ALL OF IT YET: {}", sent.error);
  }
  return out + "\n";
}

std::string sent_text(const exchange::Sent& sent) {
  std::string basis;
  for (const auto& clause : sent.basis) {
    basis += fmt::format(" {} {} {}", clause.instrument, clause.clause, clause.article);
  }
  auto out = fmt::format("    disclosure number {} {}{}: {} records, ", sent.number,
                         sent.at_discretion ? "at national discretion"
                         : sent.four_eyes   ? "seen by two officers, under"
                                            : "under",
                         basis, sent.records);
  if (sent.by_token) {
    out += fmt::format("read by token, never with a receipt: {} collected\n", sent.collected);
  } else if (!sent.outpost.empty()) {
    out += outpost_text(sent);
  } else if (sent.served) {
    out += "READ from the view before the permission ended; not sent any more\n";
  } else if (sent.withdrawn) {
    out += "WITHDRAWN before it was sent: no longer permitted\n";
  } else if (sent.receipt) {
    out += fmt::format("receipt: {} accepted, {} quarantined, {} rejected\n", sent.accepted,
                       sent.quarantined, sent.rejected);
  } else {
    out += fmt::format("NO RECEIPT YET: {}\n", sent.error);
  }
  for (const auto& reason : sent.reasons) out += fmt::format("      {}\n", reason);
  for (const auto& item : sent.assumed)
    out += fmt::format("      ASSUMED {}: {}\n", item.id, item.reason);
  return out;
}

void add_release(Outcome& outcome, json::Array& rows, const exchange::PartyRelease& party) {
  std::int64_t disclosed = 0;
  json::Array sent, held;
  for (const auto& item : party.sent) disclosed += item.records;
  outcome.text += fmt::format(
      "  {}: {} selected, {} in disclosures sent now, {} disclosed before, {} held back\n",
      party.party, party.selected, disclosed, party.already, party.held_count);
  for (const auto& item : party.sent) {
    outcome.text += sent_text(item);
    sent.push_back(sent_data(item));
    if (!item.settled() && !item.by_token) outcome.exit_code = std::max(outcome.exit_code, 3);
    if (item.refused > 0) outcome.exit_code = std::max(outcome.exit_code, 1);
  }
  std::vector<std::string> said;
  for (const auto& item : party.held) {
    outcome.text += fmt::format(
        "    held back {}: {}\n", item.stix_id,
        item.because.empty() ? treaty::name(item.verdict.kind) : "names " + item.because);
    // The same reasons are not repeated from record to record.
    auto reasons = why(item.verdict);
    if (reasons != said) {
      for (const auto& reason : reasons) outcome.text += fmt::format("        {}\n", reason);
    }
    said = std::move(reasons);
    json::Object entry;
    entry.set("id", item.stix_id);
    if (!item.because.empty()) entry.set("because", item.because);
    entry.set("verdict", verdict_value(item.verdict));
    held.push_back(std::move(entry));
  }
  if (party.held_count > 0) outcome.exit_code = std::max(outcome.exit_code, 1);
  json::Object row;
  row.set("party", party.party);
  row.set("selected", party.selected);
  row.set("disclosed", disclosed);
  row.set("already", party.already);
  row.set("held_back", party.held_count);
  row.set("sent", std::move(sent));
  row.set("held", std::move(held));
  rows.push_back(std::move(row));
}

Result<Outcome> run_release(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto parties,
      exchange::release(node, list_argument(arguments, "ids"), list_argument(arguments, "to")));
  return release_outcome(node, parties);
}

json::Array not_permitted_today(const exchange::Verification& found) {
  json::Array out;
  for (const auto& one : found.not_permitted_today) {
    json::Object row;
    row.set("disclosure", one.disclosure);
    row.set("to", one.to);
    row.set("number", one.number);
    row.set("why", one.why);
    if (one.since) {
      row.set("since", format_rfc3339(one.since->at));
      row.set("change", one.since->what);
      row.set("register", digest_text(one.since->digest));
    }
    out.push_back(std::move(row));
  }
  return out;
}

Result<Outcome> run_verify(exchange::Node& node, const json::Object&) {
  TRY(const auto found, exchange::verify(node));
  Outcome outcome;
  outcome.text =
      watermark(node) + fmt::format(
                            "ledger of {}: {} leaves; {} records held\n{} disclosures sent, {} "
                            "of them at national discretion; {} decided again as permitted; "
                            "{} receipts; {} receipts missing\n{} disclosures received, {} "
                            "of them at national discretion; {} decided again, {} signed, not "
                            "re-decided\n",
                            node.party(), found.leaves, found.records, found.sent,
                            found.sent_at_discretion, found.redecided, found.receipts,
                            found.receipts_missing, found.received, found.received_at_discretion,
                            found.received_redecided, found.received_not_redecided);
  json::Array findings, notes;
  for (const auto& finding : found.findings) {
    outcome.text += fmt::format("  DOES NOT HOLD {}\n", finding);
    findings.emplace_back(finding);
  }
  for (const auto& note : found.notes) {
    outcome.text += fmt::format("  note {}\n", note);
    notes.emplace_back(note);
  }
  outcome.text += found.clean() ? "verified\n"
                                : fmt::format("NOT VERIFIED: {} findings\n", found.finding_count);
  auto data = data_of(node);
  data.set("verified", found.clean());
  data.set("leaves", found.leaves);
  data.set("records", found.records);
  data.set("sent", found.sent);
  data.set("sent_at_discretion", found.sent_at_discretion);
  data.set("redecided", found.redecided);
  data.set("receipts", found.receipts);
  data.set("receipts_missing", found.receipts_missing);
  data.set("statements", found.statements);
  data.set("received", found.received);
  data.set("received_at_discretion", found.received_at_discretion);
  data.set("received_redecided", found.received_redecided);
  data.set("finding_count", found.finding_count);
  data.set("findings", std::move(findings));
  data.set("notes", std::move(notes));
  data.set("not_permitted_today_count", found.not_permitted_today_count);
  data.set("not_permitted_today", not_permitted_today(found));
  outcome.data = std::move(data);
  outcome.exit_code = found.clean() ? 0 : 1;
  return outcome;
}

Result<Outcome> run_invite(exchange::Node& node, const json::Object& arguments) {
  auto endpoint = text_argument(arguments, "endpoint");
  if (endpoint.empty()) endpoint = "https://" + node.listen();
  TRY(const auto text, exchange::invite(node, text_argument(arguments, "party"), endpoint));
  Outcome outcome;
  outcome.text = text;
  TRY(outcome.data, json::parse(text));
  return outcome;
}

std::string digits_text(const exchange::Pairing& pairing) {
  return fmt::format("{}", fmt::join(pairing.digits, " "));
}

// Whoever confirms says which digits were compared: the invitation that is taken in is the one that
// both officers looked at, whichever way the command came. Exercises may leave them out.
Status check_compared(exchange::Node& node, const std::string& invitation,
                      const std::string& compared) {
  if (compared.empty() && node.mode() == treaty::Mode::Exercise) return {};
  TRY(const auto looked, exchange::pair(node, invitation, false));
  if (compared == digits_text(looked)) return {};
  return fail(ErrorKind::NotPermitted,
              compared.empty()
                  ? "the comparison cannot be skipped outside an exercise: confirm with the digits "
                    "that both officers saw"
                  : "the digits that were compared are not those of this invitation; look again");
}

Result<Outcome> run_pair(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto text, read_file(text_argument(arguments, "file"), exchange::invitation_bytes_max));
  const bool confirmed = arguments.find("confirmed") != nullptr;
  if (confirmed) TRY_STATUS(check_compared(node, text, text_argument(arguments, "digits")));
  TRY(const auto pairing, exchange::pair(node, text, confirmed));
  Outcome outcome;
  const auto digits = digits_text(pairing);
  outcome.text = watermark(node) + fmt::format("{} at {}\ncompare by another channel: {}\n",
                                               pairing.party, pairing.endpoint, digits);
  outcome.text +=
      pairing.confirmed ? "paired\n" : "not paired yet: both officers must see the same digits\n";
  auto data = data_of(node);
  data.set("peer", pairing.party);
  data.set("endpoint", pairing.endpoint);
  data.set("digits", digits);
  data.set("paired", pairing.confirmed);
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_peers(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto peers, snapshot->peers());
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  json::Array rows;
  for (const auto& peer : peers) {
    outcome.text += fmt::format("{:<6} {}  certificate {}\n", peer.party, peer.endpoint,
                                digest_text(peer.certificate));
    json::Object row;
    row.set("party", peer.party);
    row.set("endpoint", peer.endpoint);
    row.set("certificate", digest_text(peer.certificate));
    TRY(const auto known, exchange::peer_ledger(*snapshot, peer.party));
    outcome.text += peer_ledger_text(known);
    row.set("ledger", peer_ledger_value(known));
    rows.push_back(std::move(row));
  }
  if (peers.empty()) outcome.text += "no peers yet: comity invite XX, then comity pair FILE\n";
  data.set("peers", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

// What this node holds, for a person and for tests: one line a record, without bytes.
// Under which articles the records of each disclosure came; each disclosure is looked at once.
class Grounds {
 public:
  explicit Grounds(store::Snapshot& snapshot) : snapshot_(snapshot) {}
  Result<std::string> of(const store::Record& record) {
    if (record.received_from.empty()) return std::string();
    const auto known = known_.find(record.source);
    if (known != known_.end()) return known->second;
    TRY(const auto row, snapshot_.protocol(record.source));
    std::string out;
    if (row) {
      TRY(const auto disclosure, exchange::read_disclosure(row->bytes));
      for (const auto& basis : disclosure.basis) {
        out += fmt::format("{}{} {}", out.empty() ? "" : "; ", basis.instrument, basis.article);
      }
      if (disclosure.at_discretion) out = exchange::national_discretion;
    }
    return known_[record.source] = out;
  }

 private:
  store::Snapshot& snapshot_;
  std::map<std::string, std::string> known_;
};

Result<Outcome> run_records(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto details, node.store().read());  // beside the one that walks
  Grounds grounds(*details);
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  json::Array rows;
  TRY_STATUS(
      snapshot->records_after(0, INT64_MAX, false, [&](const store::Record& record) -> Status {
        const bool live = record.state == store::RecordState::Live;
        const auto from = record.received_from.empty() ? node.party() : record.received_from;
        TRY(const auto under, grounds.of(record));
        outcome.text +=
            fmt::format("{} from {} class {} tlp {} {}{}{}\n", record.stix_id, from,
                        record.classes.empty() ? "-" : record.classes,
                        record.tlp.empty() ? "-" : record.tlp, live ? "live" : "quarantined ",
                        record.quarantine_reason, under.empty() ? "" : " under " + under);
        json::Object row;
        row.set("id", record.stix_id);
        row.set("digest", digest_text(record.digest));
        row.set("from", from);
        row.set("originator", record.originator);
        row.set("classes", record.classes);
        row.set("tlp", record.tlp);
        row.set("state", live ? "live" : "quarantined");
        if (!live) row.set("reason", record.quarantine_reason);
        if (!under.empty()) row.set("under", under);
        rows.push_back(std::move(row));
        return Status();
      }));
  data.set("records", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

// A question to this node's own law; sender defaults to its party.
Result<Outcome> run_decide(exchange::Node& node, const json::Object& arguments) {
  auto question = arguments;
  question.erase("lang");
  TRY(auto request, treaty::request_from_json(question, node.treaty_now()));
  TRY(const auto words, words_asked(arguments));
  const auto law = node.law();
  auto outcome =
      verdict_outcome(law->model(), treaty::decide(*law, request), words ? &*words : nullptr);
  outcome.text = watermark(node) + outcome.text;
  return outcome;
}

constexpr auto commands = std::to_array<Command>({
    {"import", true, run_import},
    {"export", true, run_export},
    {"account-new", true, run_account_new},
    {"account-list", false, run_account_list},
    {"account-link", true, run_account_link},
    {"account-end", true, run_account_end},
    {"account-break-glass", true, run_account_break_glass},
    {"preview", false, run_preview},
    {"release", true, run_release},
    {"verify", false, run_verify},
    {"invite", true, run_invite},
    {"pair", true, run_pair},
    {"peers", false, run_peers},
    {"records", false, run_records},
    {"decide", false, run_decide},
    {"analyse", false, run_analyse},
    {"coverage", false, run_coverage},
    {"gaps", false, run_gaps},
    {"whatif", false, run_what_if},
    {"draw", false, run_drawing},
    {"calendar", false, run_calendar},
    {"consent-ask", true, run_consent_ask},
    {"consent-list", false, run_consent_list},
    {"consent-grant", true, run_consent_grant},
    {"consent-refuse", true, run_consent_refuse},
    {"consent-withdraw", true, run_consent_withdraw},
    {"recall", true, run_recall},
    {"recall-list", false, run_recall_list},
    {"statements-send", true, run_send},
    {"ledger-log", false, ledger_log},
    {"ledger-checkpoint", false, ledger_checkpoint},
    {"ledger-publish", true, ledger_publish},
    {"ledger-prove", false, ledger_prove},
    {"ledger-witness", true, ledger_witness},
    {"key-list", false, run_key_list},
    {"key-draft", true, run_key_draft},
    {"key-notice", false, run_key_notice},
    {"key-take", true, run_key_take},
    {"exercise-advance", true, run_exercise_advance},
    {"exercise-show", false, run_exercise_show},
    {"receipt-list", false, run_receipt_list},
    {"rule-list", false, run_rule_list},
    {"search", false, run_search},
    {"search-rebuild", true, run_search_rebuild},
    {"token-new", true, run_token_new},
    {"token-list", false, run_token_list},
    {"token-revoke", true, run_token_revoke},
    {"feed-add", true, run_feed_add},
    {"feed-list", false, run_feed_list},
    {"feed-pull", true, run_feed_pull},
    {"feed-end", true, run_feed_end},
    {"outpost-list", false, run_outpost_list},
    {"outpost-check", false, run_outpost_check},
    {"outpost-retry", true, run_outpost_retry},
});

}  // namespace

Outcome release_outcome(const exchange::Node& node,
                        const std::vector<exchange::PartyRelease>& parties) {
  Outcome outcome;
  outcome.text = watermark(node) + "release\n";
  auto data = data_of(node);
  json::Array rows;
  for (const auto& party : parties) add_release(outcome, rows, party);
  data.set("parties", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

const Command* find_command(std::string_view name) {
  for (const auto& command : commands) {
    if (command.name == name) return &command;
  }
  return find_act_command(name);
}

json::Value to_json(const Outcome& outcome) {
  json::Object out;
  out.set("exit_code", outcome.exit_code);
  out.set("text", outcome.text);
  out.set("data", outcome.data);
  return out;
}

Result<Outcome> outcome_from_json(const json::Value& value) {
  const auto* code = value.find("exit_code");
  const auto* data = value.find("data");
  if (code == nullptr || code->integer() == nullptr || data == nullptr) {
    return fail(ErrorKind::Unavailable, "the serving process gave no outcome");
  }
  return Outcome{static_cast<int>(*code->integer()), std::string(value.text("text")), *data};
}

}  // namespace comity::node
