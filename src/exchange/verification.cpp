#include "exchange/verification.h"

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

constexpr std::string_view act_name = "verify";

// One file as a verification; nothing when it is none that holds here.
std::optional<ClauseVerification> read_verification(const Node& node,
                                                    const std::vector<Officer>& all,
                                                    const std::string& path,
                                                    const std::string& text) {
  if (text.size() > approval_bytes_max) return std::nullopt;
  const auto value = json::parse(text);
  if (!value) return std::nullopt;
  const auto approval = read_approval(*value);
  if (!approval) return std::nullopt;
  const auto act = read_act(approval->act);
  if (!act || act->name != act_name || act->party != node.party() ||
      act->mode != treaty::name(node.mode()) || act->exercise != node.exercise()) {
    return std::nullopt;
  }
  const json::Value arguments(act->arguments);
  ClauseVerification out;
  out.instrument = arguments.text("instrument");
  out.clause = arguments.text("clause");
  out.source = arguments.text("source");
  out.date = arguments.text("date");
  const auto digest = digest_from_text(arguments.text("digest"));
  if (!digest || path != verification_file(out.instrument, out.clause)) return std::nullopt;
  out.digest = *digest;
  const auto by = signers(*approval, *act, all);
  if (!by) return std::nullopt;
  for (const auto& officer : *by) out.officers.push_back(officer.name);
  return out;
}

}  // namespace

std::string verification_file(std::string_view instrument, std::string_view clause) {
  return fmt::format("{}{}--{}.json", verification_folder, instrument, clause);
}

Result<json::Object> act_arguments(const Node& node, const NewVerification& verification) {
  const auto law = node.law();
  const auto index = law->model().instrument(verification.instrument);
  if (!index) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no instrument of the register", verification.instrument));
  }
  const auto& instrument = law->model().instruments[static_cast<std::size_t>(*index)];
  const auto* clause = instrument.clause(verification.clause);
  if (clause == nullptr) {
    std::string known;
    for (const auto& one : instrument.clauses) known += " " + one.id;
    return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no clause of {}; it has{}",
                                                     verification.clause, instrument.id, known));
  }
  if (!clause->assumed.empty()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} {} is assumed by the exercise; only a row of the instrument can "
                            "be compared with its text",
                            instrument.id, clause->id));
  }
  if (!is_plain_text(verification.source, verification_source_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("--source says in 1 to {} bytes which official text was compared, "
                            "without quotes, backslashes or control characters",
                            verification_source_bytes_max));
  }
  if (verification.date.size() != 10 || !parse_day_or_instant(verification.date)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no day; expected 2026-11-23", verification.date));
  }
  json::Object out;
  out.set("instrument", instrument.id);
  out.set("clause", clause->id);
  out.set("digest", digest_text(clause->digest));
  out.set("source", verification.source);
  out.set("date", verification.date);
  return out;
}

Result<Digest> enter_verification(Node& node, const NewVerification& verification,
                                  const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto arguments, act_arguments(node, verification));
  const auto today = format_day(change->at().seconds() / seconds_per_day);
  if (verification.date > today) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} is a day to come; the text was compared today, {}, at the latest",
                            verification.date, today));
  }
  json::Object entry;
  entry.set("type", "verification");
  entry.set("register_before", digest_text(node.law()->model().digest));
  TRY(const auto ignored,
      approve(node, *change, act_name, arguments, approval, ApprovalNeed::Always, entry));
  TRY(auto files, node.register_files());
  files[verification_file(verification.instrument, verification.clause)] =
      json::write_pretty(to_json(*approval)) + "\n";
  TRY_STATUS(change->set_register(files));
  entry.set("register", digest_text(change->register_digest()));
  TRY_STATUS(change->enter("verification", entry));
  TRY_STATUS(change->commit());
  return digest_from_text(*arguments.find("digest")->string());
}

std::vector<ClauseVerification> clause_verifications(const Node& node, store::Snapshot& snapshot,
                                                     const treaty::RegisterFiles& files) {
  std::vector<ClauseVerification> out;
  const auto all = officers(node, snapshot);
  if (!all || all->empty()) return out;
  for (auto it = files.lower_bound(std::string(verification_folder)); it != files.end(); ++it) {
    if (!it->first.starts_with(verification_folder)) break;
    if (auto one = read_verification(node, *all, it->first, it->second)) {
      out.push_back(*std::move(one));
    }
  }
  return out;
}

treaty::Verifications own_verifications(const Node& node, store::Snapshot& snapshot,
                                        const treaty::RegisterFiles& files) {
  treaty::Verifications out;
  for (const auto& one : clause_verifications(node, snapshot, files)) {
    out.verified.emplace(one.instrument, one.digest);
  }
  return out;
}

}  // namespace comity::exchange
