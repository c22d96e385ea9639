#include "node/ledger_command.h"

#include <fmt/format.h>

#include <optional>

#include "base/file.h"
#include "exchange/checkpoint_exchange.h"
#include "exchange/ledger_proof.h"
#include "json/parse.h"
#include "json/write.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

// A number from 0; none when the argument is absent.
Result<std::optional<std::uint64_t>> number_argument(const json::Object& arguments,
                                                     std::string_view name) {
  const auto* member = arguments.find(name);
  if (member == nullptr) return std::optional<std::uint64_t>();
  if (member->integer() != nullptr && *member->integer() >= 0) {
    return std::optional(static_cast<std::uint64_t>(*member->integer()));
  }
  return fail(ErrorKind::InvalidInput, "expected a number from 0", std::string(name));
}

// One line an entry; padding, which says nothing, one line a run.
class LogText {
 public:
  void add(const store::LedgerEntry& entry) {
    if (entry.kind == "padding") {
      if (padding_ == 0) first_padding_ = entry.index;
      ++padding_;
      return;
    }
    end_padding();
    text_ += fmt::format("{:>8} {} {:<11} {}\n", entry.index, format_rfc3339(entry.at, 6),
                         entry.kind, entry.entry);
  }
  std::string finish() {
    end_padding();
    return std::move(text_);
  }

 private:
  void end_padding() {
    if (padding_ == 0) return;
    text_ += fmt::format("{:>8} to {}: padding\n", first_padding_, first_padding_ + padding_ - 1);
    padding_ = 0;
  }
  std::string text_;
  std::int64_t first_padding_ = 0, padding_ = 0;
};

json::Value entry_value(const store::LedgerEntry& entry) {
  json::Object row;
  row.set("index", entry.index);
  row.set("at", format_rfc3339(entry.at, 6));
  row.set("kind", entry.kind);
  row.set("leaf", digest_text(entry.leaf));
  // An entry that was damaged is shown as the text that it is.
  auto value = json::parse(entry.entry);
  row.set("entry", value ? *std::move(value) : json::Value(entry.entry));
  return row;
}

json::Value checkpoint_value(const ledger::Checkpoint& checkpoint, const std::string& note) {
  json::Object out;
  out.set("size", checkpoint.size);
  out.set("root", digest_text(checkpoint.root));
  out.set("note", note);
  return out;
}

json::Object owner_data(const exchange::Node& node) {
  auto data = data_of(node);
  data.set("origin", exchange::checkpoint_origin(node));
  data.set("key", base64url(node.signing_key().public_key()));
  return data;
}

}  // namespace

Result<Outcome> ledger_log(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto after, number_argument(arguments, "after"));
  const auto first = after ? static_cast<std::int64_t>(*after) + 1 : std::int64_t{0};
  TRY(const auto snapshot, node.store().read());
  TRY(const auto size, snapshot->ledger_size());
  LogText text;
  json::Array rows;
  std::int64_t last = first - 1;
  TRY_STATUS(snapshot->ledger(first, ledger_entries_listed_max,
                              [&](const store::LedgerEntry& entry) -> Status {
                                text.add(entry);
                                rows.push_back(entry_value(entry));
                                last = entry.index;
                                return {};
                              }));
  Outcome outcome;
  outcome.text = watermark(node);
  outcome.text += text.finish();
  const bool more = !rows.empty() && last + 1 < size;
  if (more) {
    outcome.text += fmt::format("… {} more: --after {}\n", size - last - 1, last);
  }
  auto data = data_of(node);
  data.set("size", size);
  data.set("entries", std::move(rows));
  if (more) data.set("next", last);
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> ledger_checkpoint(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto note, snapshot->meta("checkpoint"));
  TRY(const auto newest, exchange::open_own_checkpoint(node, note.value_or("")));
  auto data = owner_data(node);
  data.set("checkpoint", checkpoint_value(newest, *note));
  TRY(const auto published, exchange::published_checkpoint(*snapshot));
  if (published) {
    TRY(const auto opened, exchange::open_own_checkpoint(node, *published));
    data.set("published", checkpoint_value(opened, *published));
  }
  Outcome outcome;
  outcome.text = *note;
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> ledger_publish(exchange::Node& node, const json::Object& arguments) {
  const auto mark = text_argument(arguments, "mark");
  if (!mark.empty()) {
    TRY(const auto change, exchange::Change::begin(node));
    TRY_STATUS(exchange::set_checkpoints_public(*change, mark == "public"));
    TRY_STATUS(change->commit());
  }
  TRY(const auto note, exchange::publish_checkpoint(node));
  TRY(const auto opened, exchange::open_own_checkpoint(node, note));
  if (arguments.find("show") != nullptr) {
    TRY_STATUS(exchange::show_checkpoint(node, false));
    TRY_STATUS(exchange::send_statements(node));  // what does not arrive is sent again later
  }
  auto data = owner_data(node);
  data.set("published", checkpoint_value(opened, note));
  Outcome outcome;
  outcome.text = note;
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> ledger_prove(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto index, number_argument(arguments, "index"));
  TRY(const auto old_size, number_argument(arguments, "old"));
  TRY(const auto size, number_argument(arguments, "size"));
  if (index.has_value() == old_size.has_value()) {
    return fail(
        ErrorKind::InvalidInput,
        "say either the index of a leaf, or --consistency OLD [NEW] with numbers of leaves");
  }
  json::Object proof;
  if (index) {
    const bool with_entry = arguments.find("entry") != nullptr;
    TRY(const auto made, exchange::prove_inclusion(node, *index, size, with_entry));
    proof = exchange::to_json(made);
  } else {
    TRY(const auto made, exchange::prove_consistency(node, *old_size, size));
    proof = exchange::to_json(made);
  }
  Outcome outcome;
  outcome.text = json::write_pretty(proof) + "\n";
  outcome.data = std::move(proof);
  return outcome;
}

Result<Outcome> ledger_witness(exchange::Node& node, const json::Object& arguments) {
  const auto party = text_argument(arguments, "from");
  TRY(const auto shown, read_file(text_argument(arguments, "file"), exchange::proof_bytes_max));
  auto witnessed = exchange::witness(node, party, shown);
  if (!witnessed)
    return tl::unexpected<Error>(std::move(witnessed.error()).at(text_argument(arguments, "file")));
  Outcome outcome;
  outcome.text = watermark(node);
  auto data = data_of(node);
  data.set("peer", party);
  data.set("size", witnessed->size);
  data.set("kept", witnessed->kept);
  if (witnessed->alarm) {
    outcome.text += fmt::format("ALARM {}\n", witnessed->alarm->text);
    outcome.exit_code = 1;
    data.set("alarm", witnessed->alarm->code);
  } else {
    outcome.text +=
        fmt::format("the checkpoint of {} with {} leaves {}\n", party, witnessed->size,
                    witnessed->kept ? "is the newest held of it now" : "is the one that is held");
  }
  outcome.data = std::move(data);
  return outcome;
}

std::string peer_ledger_text(const exchange::PeerLedger& known) {
  std::string out;
  if (known.checkpoint) {
    out += fmt::format("       ledger of {} leaves{}\n", known.size,
                       known.public_statement.empty() ? "" : ", public");
  }
  for (const auto& one : known.open) {
    out += fmt::format("       not proved to be of this ledger: a checkpoint shown by {} at {}\n",
                       one.from, format_rfc3339(one.at));
  }
  for (const auto& alarm : known.alarms) {
    out += fmt::format("       ALARM {} {}\n", format_rfc3339(alarm.at), alarm.text);
  }
  return out;
}

json::Value peer_ledger_value(const exchange::PeerLedger& known) {
  json::Object out;
  out.set("size", known.size);
  if (known.checkpoint) out.set("checkpoint", *known.checkpoint);
  out.set("public", !known.public_statement.empty());
  json::Array open;
  for (const auto& one : known.open) open.emplace_back(one.note);
  out.set("open", std::move(open));
  json::Array alarms;
  for (const auto& alarm : known.alarms) {
    json::Object entry;
    entry.set("code", alarm.code);
    entry.set("at", format_rfc3339(alarm.at, 6));
    entry.set("text", alarm.text);
    entry.set("held", alarm.held);
    entry.set("shown", alarm.shown);
    alarms.push_back(std::move(entry));
  }
  out.set("alarms", std::move(alarms));
  return out;
}

Result<Outcome> check_ledger_proof(const ProofToCheck& what) {
  exchange::LedgerOwner owner;
  owner.origin = what.origin;
  const auto key = from_base64url(what.key);
  if (!key || !trust::is_public_key(*key)) {
    return fail(ErrorKind::InvalidInput,
                "expected the node's public key, 32 bytes in base64url, as comity ledger "
                "checkpoint --json and key records have it",
                "--key");
  }
  owner.public_key = *key;
  std::string held;
  if (!what.held.empty()) {
    TRY(held, read_file(what.held, ledger::note_bytes_max));
  }
  TRY(const auto text, read_file(what.file, exchange::proof_bytes_max));
  auto checked = exchange::check_proof(text, owner, held);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()).at(what.file));
  const auto& proved = *checked;
  json::Object data;
  data.set("holds", true);
  data.set("origin", owner.origin);
  data.set("size", proved.checkpoint.size);
  data.set("root", digest_text(proved.checkpoint.root));
  Outcome outcome;
  if (proved.old) {
    data.set("old_size", proved.old->size);
    data.set("old_root", digest_text(proved.old->root));
    outcome.text = fmt::format(
        "holds: the first {} of the {} leaves in the ledger of {} are those of the older "
        "checkpoint\n",
        proved.old->size, proved.checkpoint.size, owner.origin);
  } else {
    data.set("index", proved.index);
    data.set("leaf", digest_text(proved.leaf));
    outcome.text = fmt::format("holds: leaf {} of the {} in the ledger of {} is {}\n", proved.index,
                               proved.checkpoint.size, owner.origin, digest_text(proved.leaf));
    if (!proved.entry.empty()) {
      data.set("entry", proved.entry);
      outcome.text += fmt::format("its entry: {}\n", proved.entry);
    }
  }
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
