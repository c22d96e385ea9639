#include "node/outpost_command.h"

#include <fmt/format.h>

#include <array>

#include "exchange/delivery.h"
#include "exchange/outpost.h"
#include "exchange/outpost_delivery.h"
#include "exchange/protocol.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

// An outpost and how it stands with what was disclosed to its party.
struct OutpostRow {
  exchange::Outpost outpost;
  exchange::OutpostStatus status;
  std::int64_t disclosures = 0, settled = 0;  // to its party, of those that are this outpost's
  std::int64_t taken = 0, refused = 0;        // objects, in the words of its server
};

Result<OutpostRow> outpost_row(store::Snapshot& snapshot, const exchange::Outpost& outpost) {
  OutpostRow out;
  out.outpost = outpost;
  TRY(out.status, exchange::outpost_status(snapshot, outpost.name));
  TRY(const auto rows,
      snapshot.protocols(exchange::disclosure_kind, store::Direction::Sent, outpost.party));
  for (const auto& row : rows) {
    TRY(const auto known, exchange::acknowledged(snapshot, row.id));
    if (known.outpost != outpost.name) continue;
    ++out.disclosures;
    if (known.settled()) ++out.settled;
    out.taken += known.taken;
    out.refused += known.refused;
  }
  return out;
}

const char* outpost_state(const OutpostRow& row) {
  if (row.outpost.removed) return "removed";
  return row.status.failed_at ? "failed" : row.status.acknowledged_at ? "reached" : "not used yet";
}

json::Object outpost_data(const OutpostRow& row) {
  const auto& [outpost, status, disclosures, settled, taken, refused] = row;
  json::Object out;
  out.set("name", outpost.name);
  out.set("party", outpost.party);
  out.set("mode", outpost.mode);
  if (!outpost.exercise.empty()) out.set("exercise", outpost.exercise);
  out.set("url", outpost.url);
  out.set("collection", outpost.collection);
  out.set("title", outpost.title);
  out.set("credentials", outpost.credentials);
  if (outpost.pin) out.set("pin", digest_text(*outpost.pin));
  if (outpost.authorities) out.set("authorities", digest_text(*outpost.authorities));
  out.set("created", format_rfc3339(outpost.created));
  if (outpost.removed) out.set("removed", format_rfc3339(*outpost.removed));
  out.set("state", outpost_state(row));
  out.set("disclosures", disclosures);
  out.set("settled", settled);
  out.set("taken", taken);
  out.set("refused", refused);
  if (status.acknowledged_at) {
    out.set("acknowledged_at", format_rfc3339(*status.acknowledged_at));
  }
  if (status.not_before) out.set("not_before", format_rfc3339(*status.not_before));
  if (status.failed_at) {
    out.set("failed_at", format_rfc3339(*status.failed_at));
    out.set("error", status.failed);
  }
  return out;
}

std::string outpost_line(const OutpostRow& row) {
  auto out = fmt::format(
      "{}  {}  {}  {}\n    {} disclosures, {} of them settled; {} objects taken and {} refused, "
      "acknowledged by its server, unsigned\n",
      row.outpost.name, row.outpost.party, outpost_state(row), row.outpost.collection,
      row.disclosures, row.settled, row.taken, row.refused);
  if (row.status.failed_at) out += fmt::format("    {}\n", row.status.failed);
  return out;
}

exchange::NewOutpost new_outpost(const json::Object& arguments) {
  exchange::NewOutpost out;
  out.name = text_argument(arguments, "name");
  out.party = text_argument(arguments, "party");
  out.url = text_argument(arguments, "url");
  out.collection = text_argument(arguments, "collection");
  out.exercise = text_argument(arguments, "exercise");
  out.credentials = text_argument(arguments, "credentials");
  out.authorities = text_argument(arguments, "authorities");
  out.pin = text_argument(arguments, "pin");
  return out;
}

Result<json::Object> outpost_add_arguments(const exchange::Node&, const json::Object& arguments) {
  return exchange::act_arguments(new_outpost(arguments));
}

Result<Outcome> run_outpost_add(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(auto outpost, exchange::add_outpost(node, new_outpost(arguments), approval));
  OutpostRow row;
  row.outpost = std::move(outpost);
  Outcome outcome;
  outcome.text =
      watermark(node) + outpost_line(row) +
      fmt::format("what is released to {} is posted there; its server signs no receipt\n",
                  row.outpost.party);
  auto data = data_of(node);
  data.set("outpost", outpost_data(row));
  outcome.data = std::move(data);
  return outcome;
}

Result<json::Object> outpost_end_arguments(const exchange::Node&, const json::Object& arguments) {
  return exchange::outpost_remove_arguments(text_argument(arguments, "name"));
}

Result<Outcome> run_outpost_remove(exchange::Node& node, const json::Object& arguments) {
  const auto name = text_argument(arguments, "name");
  TRY(const auto approval, approval_argument(arguments));
  TRY_STATUS(exchange::remove_outpost(node, name, approval));
  Outcome outcome;
  outcome.text =
      watermark(node) +
      fmt::format("removed {}: nothing is posted there any more; what is there stays there\n",
                  name);
  auto data = data_of(node);
  data.set("removed", name);
  outcome.data = std::move(data);
  return outcome;
}

constexpr std::array<ActCommand, 2> acts_of_outposts = {{
    {{"outpost-add", true, run_outpost_add}, exchange::outpost_add_act, outpost_add_arguments},
    {{"outpost-remove", true, run_outpost_remove},
     exchange::outpost_remove_act,
     outpost_end_arguments},
}};

Result<exchange::Outpost> outpost_named(store::Snapshot& snapshot, const std::string& name) {
  TRY(auto all, exchange::outposts(snapshot));
  for (auto& outpost : all) {
    if (outpost.name == name) return std::move(outpost);
  }
  return fail(ErrorKind::NotFound,
              fmt::format("there is no outpost {}; comity outpost list names them", name));
}

}  // namespace

std::span<const ActCommand> outpost_acts() { return acts_of_outposts; }

Result<Outcome> run_outpost_list(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, exchange::outposts(*snapshot));
  std::vector<OutpostRow> rows;
  for (const auto& outpost : all) {
    TRY(auto row, outpost_row(*snapshot, outpost));
    rows.push_back(std::move(row));
  }
  return listed(node, "outposts", rows, outpost_line, outpost_data,
                "no outposts: comity outpost add --help\n");
}

Result<Outcome> run_outpost_check(exchange::Node& node, const json::Object& arguments) {
  OutpostRow row;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto outpost, outpost_named(*snapshot, text_argument(arguments, "name")));
    TRY(row, outpost_row(*snapshot, outpost));
  }
  TRY(const auto look, exchange::look_at_outpost(node, row.outpost));
  Outcome outcome;
  outcome.text = watermark(node) + outpost_line(row) +
                 (look.can_write ? "the server answers and lets us write"
                                 : "the server answers and DOES NOT LET US WRITE");
  if (look.content_bytes_max) {
    outcome.text += fmt::format(", at most {} bytes at a time", *look.content_bytes_max);
  }
  outcome.text += '\n';
  auto data = data_of(node);
  data.set("outpost", outpost_data(row));
  data.set("can_write", look.can_write);
  if (look.content_bytes_max) data.set("max_content_length", *look.content_bytes_max);
  outcome.data = std::move(data);
  outcome.exit_code = look.can_write ? 0 : 1;
  return outcome;
}

Result<Outcome> run_outpost_retry(exchange::Node& node, const json::Object& arguments) {
  const auto name = text_argument(arguments, "name");
  std::string party;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto outpost, outpost_named(*snapshot, name));
    party = outpost.party;
  }
  TRY(const auto again, exchange::retry_outpost(node, name));
  exchange::PartyRelease row;
  row.party = party;
  TRY(row.sent, exchange::deliver(node, party));
  auto outcome = release_outcome(node, {row});
  outcome.text += fmt::format("{} objects that {} had refused were to go again\n", again, name);
  if (auto* data = outcome.data.object(); data != nullptr) data->set("again", again);
  return outcome;
}

}  // namespace comity::node
