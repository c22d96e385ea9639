#include "node/key_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "exchange/key_change.h"
#include "exchange/key_notice.h"
#include "exchange/procedure.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

// By which people tell keys apart: for tls the beginning of the certificate's digest.
std::string id_of(const trust::KeyRecord& record) {
  return record.use == "tls" ? hex(record.key).substr(0, 16) : trust::key_id(record.key);
}

json::Object key_data(const std::string& party, const exchange::RingKey& key) {
  json::Object out;
  out.set("party", party);
  out.set("use", key.record.use);
  out.set("number", key.record.number);
  out.set("id", id_of(key.record));
  out.set("from", format_rfc3339(key.record.not_before));
  out.set("until", format_rfc3339(key.record.not_after));
  out.set("state", exchange::key_state(key));
  if (key.until) out.set("replaced", format_rfc3339(*key.until, 6));
  if (key.revoked) out.set("revoked", format_rfc3339(*key.revoked, 6));
  return out;
}

// Sends what waits to these parties, and says who has taken the notice.
void send_notices(exchange::Node& node, const std::vector<std::string>& parties, Outcome& outcome,
                  json::Object& data) {
  json::Array rows;
  for (const auto& party : parties) {
    const auto told = exchange::send_statements(node, party);
    std::string error = told ? std::string() : told.error().text();
    bool taken = false;
    if (told) {
      for (const auto& one : *told) {
        if (one.type != "comity-key-notice") continue;
        taken = one.taken;
        error = one.error;
      }
    }
    outcome.text +=
        taken ? fmt::format("  {}: taken\n", party)
              : fmt::format(
                    "  {0}: waits ({1}); it is sent again, or hand over a file: comity key "
                    "notice {0} --out FILE\n",
                    party, error);
    json::Object row;
    row.set("party", party);
    row.set("taken", taken);
    if (!taken) row.set("error", error);
    rows.push_back(std::move(row));
  }
  data.set("told", std::move(rows));
}

exchange::KeyOrder order_of(const json::Object& arguments) {
  return {text_argument(arguments, "record"), text_argument(arguments, "revocation")};
}

Result<json::Object> change_arguments(const exchange::Node& node, const json::Object& arguments) {
  return exchange::act_arguments(node, order_of(arguments));
}

Result<Outcome> run_change(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto changed, exchange::change_keys(node, order_of(arguments), approval));
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  data.set("use", changed.use);
  if (changed.number != 0) {
    outcome.text +=
        fmt::format("{} key number {} is the present one\n", changed.use, changed.number);
    data.set("number", changed.number);
  }
  if (changed.revoked != 0) {
    outcome.text += fmt::format("{} key number {} is revoked\n", changed.use, changed.revoked);
    data.set("revoked", changed.revoked);
  }
  send_notices(node, changed.told, outcome, data);
  if (!node.keys().newest_tls) TRY_STATUS(exchange::present_newest(node));
  if (!node.keys().newest_tls) {
    outcome.text += fmt::format(
        "the certificate before is presented until every peer has taken the notice, at most {} "
        "days\n",
        exchange::tls_overlap_s / seconds_per_day);
  }
  data.set("presents_newest", node.keys().newest_tls);
  outcome.data = std::move(data);
  return outcome;
}

Result<json::Object> renewal_arguments(const exchange::Node& node, const json::Object&) {
  return exchange::root_act_arguments(node);
}

Result<Outcome> run_renew(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto renewed,
      exchange::renew_root(node, text_argument(arguments, "revocation"), approval));
  Outcome outcome;
  outcome.text =
      watermark(node) + fmt::format(
                            "the root of this node is revoked; its new root is {0}\nkeep it "
                            "offline, with its revocation beside it, and pair anew with every "
                            "peer (comity invite XX, comity pair FILE)\n",
                            renewed.root_file);
  auto data = data_of(node);
  data.set("root_file", renewed.root_file);
  send_notices(node, renewed.told, outcome, data);
  outcome.data = std::move(data);
  return outcome;
}

constexpr std::array<ActCommand, 2> acts_of_keys = {{
    {{"key-change", true, run_change}, "key-change", change_arguments},
    {{"key-renew-root", true, run_renew}, "key-renew-root", renewal_arguments},
}};

}  // namespace

std::span<const ActCommand> key_acts() { return acts_of_keys; }

Result<Outcome> run_key_list(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto peers, snapshot->peers());
  std::vector<std::string> parties = {node.party()};
  for (const auto& peer : peers) parties.push_back(peer.party);
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  json::Array roots, rows;
  for (const auto& party : parties) {
    TRY(const auto ring, exchange::keyring(*snapshot, party));
    const bool revoked = ring.root_revoked.has_value();
    outcome.text += fmt::format("{:<6} root  {}{}\n", party, trust::key_id(ring.root),
                                revoked ? "  REVOKED" : "");
    json::Object root;
    root.set("party", party);
    root.set("id", trust::key_id(ring.root));
    root.set("state", revoked ? "revoked" : "present");
    roots.push_back(std::move(root));
    for (const auto& key : ring.keys) {
      outcome.text +=
          fmt::format("{:<6} {:<5} number {}  {}  from {} until {}  {}\n", party, key.record.use,
                      key.record.number, id_of(key.record), format_rfc3339(key.record.not_before),
                      format_rfc3339(key.record.not_after), exchange::key_state(key));
      rows.push_back(key_data(party, key));
    }
  }
  data.set("roots", std::move(roots));
  data.set("keys", std::move(rows));
  data.set("presents_newest", node.keys().newest_tls);
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_key_draft(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto record, exchange::draft_key(node, text_argument(arguments, "use")));
  Outcome outcome;
  auto data = data_of(node);
  data.set("root", base64url(node.root_public_key()));
  data.set("use", record.use);
  data.set("key", base64url(record.key));
  data.set("number", record.number);
  data.set("not_before", format_rfc3339(record.not_before));
  data.set("not_after", format_rfc3339(record.not_after));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_key_notice(exchange::Node& node, const json::Object& arguments) {
  TRY(auto text, exchange::newest_notice(node, text_argument(arguments, "party")));
  Outcome outcome;
  outcome.text = text + "\n";
  auto data = data_of(node);
  data.set("notice", std::move(text));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_key_take(exchange::Node& node, const json::Object& arguments) {
  const auto file = text_argument(arguments, "file");
  TRY(const auto text, read_file(file, exchange::statement_bytes_max));
  auto taken = exchange::take_key_file(node, text);
  if (!taken) return tl::unexpected<Error>(std::move(taken.error()).at(file));
  Outcome outcome;
  outcome.text =
      watermark(node) +
      (taken->root_revoked
           ? fmt::format("the root of {0} is revoked: nothing is sent to it or taken from it until "
                         "it is paired anew (comity invite {0}, comity pair FILE)\n",
                         taken->party)
           : fmt::format("taken: the keys of {}; comity key list shows them\n", taken->party));
  auto data = data_of(node);
  data.set("party", taken->party);
  data.set("root_revoked", taken->root_revoked);
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
