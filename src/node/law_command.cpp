#include "node/law_command.h"

#include <fmt/format.h>

#include <array>

#include "base/file.h"
#include "exchange/law.h"
#include "exchange/register_change.h"
#include "exchange/verification.h"
#include "json/texts.h"
#include "node/command_parts.h"
#include "treaty/difference.h"

namespace comity::node {
namespace {

constexpr std::uint64_t instrument_bytes_max = 1024 * 1024;

// What a change of the law answers: `text`, `name` with `value`, and the register that came out.
Outcome changed(const exchange::Node& node, const std::string& text, const char* name,
                json::Value value) {
  const auto digest = digest_text(node.law()->model().digest);
  Outcome outcome;
  outcome.text = watermark(node) + fmt::format("{}\nregister is now {}\n", text, digest);
  auto data = data_of(node);
  data.set(name, std::move(value));
  data.set("register", digest);
  outcome.data = std::move(data);
  return outcome;
}

// ---- arrange, designate ------------------------------------------------------------------------

exchange::NewArrangement arrangement_of(const json::Object& arguments) {
  return {text_argument(arguments, "instrument"), text_argument(arguments, "kind"),
          text_argument(arguments, "with"), text_argument(arguments, "from")};
}

Result<json::Object> arrangement_arguments(const exchange::Node&, const json::Object& arguments) {
  return exchange::act_arguments(arrangement_of(arguments));
}

Result<Outcome> run_arrange(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto id, exchange::enter_arrangement(node, arrangement_of(arguments), approval));
  return changed(node, "entered arrangement " + id, "arrangement", id);
}

exchange::NewDesignation designation_of(const json::Object& arguments) {
  return {text_argument(arguments, "instrument"), text_argument(arguments, "party"),
          text_argument(arguments, "body"),       text_argument(arguments, "role"),
          list_argument(arguments, "areas"),      text_argument(arguments, "since")};
}

Result<json::Object> designation_arguments(const exchange::Node&, const json::Object& arguments) {
  return exchange::act_arguments(designation_of(arguments));
}

Result<Outcome> run_designate(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  const auto asked = designation_of(arguments);
  TRY(const auto name, exchange::enter_designation(node, asked, approval));
  return changed(node,
                 fmt::format("entered {} as a designated body of {} under {} ({})", asked.body,
                             asked.party, asked.instrument, name),
                 "designation", name);
}

// ---- suspend, resume, denounce -----------------------------------------------------------------

// Without --party it is this node's own.
std::string acting_party(const exchange::Node& node, const json::Object& arguments) {
  const auto given = text_argument(arguments, "party");
  return given.empty() ? node.party() : given;
}

exchange::NewSuspension suspension_of(const exchange::Node& node, const json::Object& arguments) {
  return {text_argument(arguments, "instrument"), acting_party(node, arguments)};
}

Result<json::Object> suspension_arguments(const exchange::Node& node,
                                          const json::Object& arguments) {
  return exchange::act_arguments(suspension_of(node, arguments));
}

Result<Outcome> run_suspend(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  const auto asked = suspension_of(node, arguments);
  TRY(const auto id, exchange::suspend(node, asked, approval));
  return changed(node,
                 fmt::format("{} has suspended {} ({}): nothing goes under it from now on",
                             asked.party, asked.instrument, id),
                 "suspension", id);
}

Result<Outcome> run_resume(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  const auto asked = suspension_of(node, arguments);
  TRY(const auto id, exchange::resume(node, asked, approval));
  return changed(node, fmt::format("{} has resumed {} ({})", asked.party, asked.instrument, id),
                 "suspension", id);
}

exchange::NewDenunciation denunciation_of(const exchange::Node& node,
                                          const json::Object& arguments) {
  return {text_argument(arguments, "instrument"), acting_party(node, arguments),
          text_argument(arguments, "effective")};
}

Result<json::Object> denunciation_arguments(const exchange::Node& node,
                                            const json::Object& arguments) {
  return exchange::act_arguments(denunciation_of(node, arguments));
}

Result<Outcome> run_denounce(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  const auto asked = denunciation_of(node, arguments);
  TRY(const auto effective, exchange::denounce(node, asked, approval));
  const auto when = format_rfc3339(effective);
  return changed(node,
                 fmt::format("{} has denounced {}: it stays bound until {}", asked.party,
                             asked.instrument, when),
                 "effective", when);
}

// ---- enter, accept -----------------------------------------------------------------------------

bool drops_overlay(const json::Object& arguments) {
  return arguments.find("drop_overlay") != nullptr;
}

Result<exchange::RegisterProposal> instrument_of(const exchange::Node& node,
                                                 const json::Object& arguments) {
  if (drops_overlay(arguments)) return exchange::propose_without_overlay(node);
  const auto path = text_argument(arguments, "file");
  TRY(const auto text, read_file(path, instrument_bytes_max));
  return exchange::propose_instrument(node, text);
}

Result<exchange::RegisterProposal> register_of(const exchange::Node& node,
                                               const json::Object& arguments) {
  TRY(const auto from, treaty::read_register(text_argument(arguments, "file")));
  if (from.empty()) {
    return fail(ErrorKind::InvalidInput, "the folder has no register files",
                text_argument(arguments, "file"));
  }
  return exchange::propose_register(node, from);
}

Result<json::Object> enter_arguments(const exchange::Node& node, const json::Object& arguments) {
  TRY(const auto proposal, instrument_of(node, arguments));
  return exchange::act_arguments(proposal);
}

Result<json::Object> accept_arguments(const exchange::Node& node, const json::Object& arguments) {
  TRY(const auto proposal, register_of(node, arguments));
  return exchange::act_arguments(proposal);
}

// The files that differ.
std::string files_text(const exchange::RegisterProposal& proposal) {
  std::string out;
  for (const auto& path : proposal.added) out += fmt::format("  added    {}\n", path);
  for (const auto& path : proposal.changed) out += fmt::format("  changed  {}\n", path);
  for (const auto& path : proposal.removed) out += fmt::format("  removed  {}\n", path);
  return out;
}

void add_files(json::Object& data, const exchange::RegisterProposal& proposal) {
  data.set("added", json::array_of(proposal.added));
  data.set("changed", json::array_of(proposal.changed));
  data.set("removed", json::array_of(proposal.removed));
}

Outcome taken(const exchange::Node& node, const exchange::RegisterProposal& proposal) {
  auto outcome = changed(node, files_text(proposal) + "taken into the register", "taken", true);
  add_files(*outcome.data.object(), proposal);
  return outcome;
}

Result<Outcome> run_enter(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  if (drops_overlay(arguments)) {
    TRY(const auto proposal, exchange::drop_overlay(node, approval));
    return taken(node, proposal);
  }
  TRY(const auto text, read_file(text_argument(arguments, "file"), instrument_bytes_max));
  TRY(const auto proposal, exchange::enter_instrument(node, text, approval));
  return taken(node, proposal);
}

Result<Outcome> run_accept(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto from, treaty::read_register(text_argument(arguments, "file")));
  TRY(const auto proposal, exchange::accept_register(node, from, approval));
  return taken(node, proposal);
}

constexpr std::array<ActCommand, 7> acts_of_law = {{
    {{"enter", true, run_enter}, "enter", enter_arguments},
    {{"accept", true, run_accept}, "accept", accept_arguments},
    {{"arrange", true, run_arrange}, "arrange", arrangement_arguments},
    {{"designate", true, run_designate}, "designate", designation_arguments},
    {{"suspend", true, run_suspend}, "suspend", suspension_arguments},
    {{"resume", true, run_resume}, "resume", suspension_arguments},
    {{"denounce", true, run_denounce}, "denounce", denunciation_arguments},
}};

}  // namespace

std::span<const ActCommand> law_acts() { return acts_of_law; }

Result<Outcome> propose(exchange::Node& node, const json::Object& arguments) {
  const bool whole = text_argument(arguments, "command") == "accept";
  TRY(const auto proposal, whole ? register_of(node, arguments) : instrument_of(node, arguments));
  TRY(const auto snapshot, node.store().read());
  const treaty::CompiledRegister after(
      proposal.model, exchange::own_verifications(node, *snapshot, proposal.files), node.mode());
  const auto cells = treaty::difference(*node.law(), after, node.treaty_now(), 0);
  Outcome outcome;
  outcome.text = watermark(node) + files_text(proposal) +
                 fmt::format(
                     "{} cells of sender, recipient, action, class, area and purpose would be "
                     "gained, {} lost\nthe register would be {}\n",
                     cells.gained, cells.lost, digest_text(proposal.digest));
  auto data = data_of(node);
  data.set("taken", false);
  add_files(data, proposal);
  data.set("gained", static_cast<std::int64_t>(cells.gained));
  data.set("lost", static_cast<std::int64_t>(cells.lost));
  data.set("register", digest_text(proposal.digest));
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
