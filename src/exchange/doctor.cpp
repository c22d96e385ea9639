#include "exchange/doctor.h"

#include <fmt/format.h>

#include "exchange/clock_guard.h"
#include "exchange/feed.h"
#include "exchange/key_notice.h"
#include "exchange/keyring.h"
#include "exchange/outpost.h"
#include "exchange/peer_ledger.h"
#include "exchange/procedure.h"
#include "exchange/protocol.h"
#include "taxii/client.h"

namespace comity::exchange {
namespace {

// A directory in which the node cannot even be opened.
Ailment not_opened(const Error& error) {
  if (error.where.find("/keys/") != std::string::npos) {
    return {"key", error.text(), "without its keys the node can sign nothing and talks to nobody",
            "restore the keys folder from a backup"};
  }
  if (error.kind == ErrorKind::Unsupported) {
    return {"store", error.text(), "this program does not know that form of the store",
            "do what it says, or run the version of comity that wrote it"};
  }
  return {"store", error.text(), "what cannot be read whole is not worked on",
          "restore the data directory from a backup, then run comity verify"};
}

// `renewal`: what brings another key.
void examine_validity(const std::string& whose, const trust::KeyRecord& record,
                      const std::string& renewal, Instant now, std::vector<Ailment>& out) {
  const auto name = fmt::format("the {} key of {}", record.use, whose);
  const auto end = format_rfc3339(record.not_after);
  const auto warning = Instant::from_seconds(now.seconds() + key_warning_days * seconds_per_day);
  if (now >= record.not_after) {
    out.push_back({"key", fmt::format("{} expired at {}", name, end),
                   "an invitation with it is refused", renewal});
  } else if (now < record.not_before) {
    out.push_back(
        {"key", fmt::format("{} holds from {} only", name, format_rfc3339(record.not_before)),
         "an invitation with it is refused", "compare this machine's clock with another one"});
  } else if (warning >= record.not_after) {
    out.push_back({"key", fmt::format("{} expires at {}", name, end),
                   fmt::format("that is in less than {} days", key_warning_days), renewal});
  }
}

// The keys of a peer, and whether it knows ours.
Status examine_peer_keys(const Node& node, store::Snapshot& snapshot, const store::Peer& peer,
                         std::vector<Ailment>& out) {
  const auto& party = peer.party;
  TRY(const auto ring, keyring(snapshot, party));
  if (ring.root_revoked) {
    out.push_back(
        {"key",
         fmt::format("the root key of {} was revoked at {}", party,
                     format_rfc3339(*ring.root_revoked)),
         "nothing is sent to it or taken from it",
         fmt::format("pair anew with its new root (comity invite {}, comity pair FILE)", party)});
    return {};
  }
  for (const auto* use : {"node", "tls", "seal"}) {
    const auto* key = ring.present(use);
    if (key == nullptr) continue;
    examine_validity(party, key->record, fmt::format("ask {} for a new {} key", party, use),
                     node.now(), out);
  }
  TRY(const auto waiting, waiting_statements(snapshot, party));
  if (!waiting.empty() && waiting.front().starts_with("comity-key-notice--")) {
    out.push_back({"key", fmt::format("{} has not taken the notice of this node's keys", party),
                   "until then it refuses what only the new keys can show",
                   fmt::format("see what is said of the link, or hand over a file (comity key "
                               "notice {} --out FILE)",
                               party)});
  }
  return {};
}

// What a failed request says about the link.
Ailment broken_link(const store::Peer& peer, const Error& error) {
  Ailment out{"link", fmt::format("{}: {}", peer.party, error.text()), "", ""};
  if (error.kind == ErrorKind::NotVerified) {
    out.why = "who answers there is not the node that was paired, or it has a new certificate";
    out.remedy = fmt::format(
        "ask the officers of {} by another channel; if the certificate is theirs, pair again",
        peer.party);
  } else if (error.kind == ErrorKind::Unauthenticated) {
    out.why = fmt::format("{} does not know the certificate of this node", peer.party);
    out.remedy = fmt::format("hand {} a new invitation (comity invite {}); it has to pair with it",
                             peer.party, peer.party);
  } else if (error.kind == ErrorKind::NotPermitted) {
    out.why = "the address is in a private network that this node may not call";
    out.remedy = "if peers are there, make the node with that network (--allow-network)";
  } else {
    out.why = "nothing can be delivered to it until it answers";
    out.remedy = fmt::format("see that the network leads to {} and that {} serves", peer.endpoint,
                             peer.party);
  }
  return out;
}

}  // namespace

void examine_disk(const std::string& directory, const DiskState& disk, std::vector<Ailment>& out) {
  if (!disk.not_writable.empty()) {
    out.push_back(
        {"disk", fmt::format("{} cannot be written: {}", directory, disk.not_writable),
         "nothing can be imported, released or received",
         "mount the disk for writing, or give the directory to the user of this program"});
  }
  if (disk.free_bytes < free_bytes_min) {
    out.push_back({"disk",
                   fmt::format("{} has {} MiB free, less than {}", directory, disk.free_bytes >> 20,
                               free_bytes_min >> 20),
                   "when the disk is full, every change is refused",
                   "make room, or move the data directory to a larger disk"});
  }
}

Status examine_clock(const Node& node, std::vector<Ailment>& out) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto problem, clock_problem(node, *snapshot));
  TRY(const auto apart, clocks_apart(*snapshot));
  if (!problem.empty()) {
    out.push_back({"clock", problem,
                   "nothing is released until the clock is right: within a wrong day agreements "
                   "begin and end at the wrong time",
                   "set the clock by a source that can be trusted; release goes on by itself. If "
                   "it is right, and the last ledger entry is not, an entry was made while the "
                   "clock was ahead: wait until its instant has come, or restore a backup from "
                   "before. If the peers are wrong, tell their officers"});
  } else if (!apart.empty()) {
    out.push_back({"clock",
                   "the clock of one peer differs from this machine's by more than an hour: " +
                       clocks_text(apart),
                   "one alone may itself be wrong, so release goes on; with a second one it stops",
                   "compare this machine's clock with a source that can be trusted"});
  }
  return {};
}

void examine_keys(const Node& node, std::vector<Ailment>& out) {
  const auto now = node.now();
  const auto& keys = node.keys();
  for (const auto* text : {&keys.node_record, &keys.tls_record, &keys.seal_record}) {
    const auto record = trust::open_key_record(*text, keys.root);
    if (!record) {
      out.push_back({"key", fmt::format("{}: {}", node.party(), record.error().text()),
                     "a peer will refuse this key record", "restore the store from a backup"});
      continue;
    }
    examine_validity(node.party(), *record,
                     fmt::format("make another (comity key rotate {})", record->use), now, out);
  }
  if (node.mode() != treaty::Mode::Operational) return;
  const auto folder = node.directory() + "/keys";
  const auto files = list_files(folder, ".pem");
  if (!files) return;
  for (const auto& name : *files) {
    if (!name.starts_with("root")) continue;
    out.push_back({"key", fmt::format("the root key lies on the node: {}/{}", folder, name),
                   "who takes the node can then make keys in this party's name",
                   "move it to a medium that is kept offline"});
  }
}

Status examine_known_keys(const Node& node, std::vector<Ailment>& out) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto peers, snapshot->peers());
  for (const auto& peer : peers) TRY_STATUS(examine_peer_keys(node, *snapshot, peer, out));
  return {};
}

Status examine_peers(const Node& node, std::vector<Ailment>& out) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto peers, snapshot->peers());
  for (const auto& peer : peers) {
    TRY(const auto sent, snapshot->protocols(disclosure_kind, store::Direction::Sent, peer.party));
    std::int64_t waiting = 0;
    std::optional<Instant> since;
    for (const auto& row : sent) {
      if (node.now().seconds() - row.at.seconds() <= receipt_due_s) continue;
      TRY(const auto answers, snapshot->protocols_about(row.id));
      if (!answers.empty()) continue;
      ++waiting;
      since = since ? std::min(*since, row.at) : row.at;
    }
    if (waiting == 0) continue;
    out.push_back({"peer",
                   fmt::format("{} is behind: {} disclosures without receipt since {}", peer.party,
                               waiting, format_rfc3339(*since)),
                   "whether the records arrived is not known, and later ones wait behind them",
                   fmt::format("release anything to {} to try again; see what is said of the link",
                               peer.party)});
  }
  return {};
}

Status examine_ledgers(const Node& node, std::vector<Ailment>& out) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto own, peer_ledger(*snapshot, node.party()));
  for (const auto& alarm : own.alarms) {
    out.push_back({"ledger", alarm.text,
                   "what this node has signed and cannot prove is held against its party",
                   "find out whether a backup was put back or the keys folder is used twice; tell "
                   "the officers of the peers, and pair anew when it is settled"});
  }
  TRY(const auto peers, snapshot->peers());
  for (const auto& peer : peers) {
    TRY(const auto known, peer_ledger(*snapshot, peer.party));
    for (const auto& alarm : known.alarms) {
      out.push_back({"ledger", alarm.text,
                     "what it disclosed or received may stand in one of its ledgers only; both "
                     "checkpoints are kept as evidence (comity peers --json)",
                     fmt::format("ask the officers of {} by another channel", peer.party)});
    }
    if (known.question.empty() ||
        node.machine_time().seconds() - known.asked_at.seconds() <= question_due_s) {
      continue;
    }
    out.push_back({"ledger",
                   fmt::format("{} was asked at {} to prove that its ledger continues a checkpoint "
                               "that it has signed, and has not answered",
                               peer.party, format_rfc3339(known.asked_at)),
                   "whether it shows everybody the same ledger is not known",
                   fmt::format("see that {} serves and can reach this node", peer.party)});
  }
  return {};
}

Status examine_links(const Node& node, std::vector<Ailment>& out) {
  std::vector<store::Peer> peers;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(peers, snapshot->peers());
  }
  for (const auto& peer : peers) {
    if (!peer.confirmed) continue;
    TRY(auto endpoint, endpoint_of(node, peer));
    taxii::Client client(std::move(endpoint));
    const auto reached = client.reach();
    if (!reached) out.push_back(broken_link(peer, reached.error()));
  }
  return {};
}

Result<std::vector<Ailment>> examine(const std::string& directory, const Clock& clock,
                                     Random& random) {
  const auto node = Node::open(directory, NodeAccess::ReadOnly, clock, random);
  if (node) return examine(**node);
  if (node.error().kind == ErrorKind::NotFound && node.error().where == directory) {
    return tl::unexpected<Error>(node.error());
  }
  std::vector<Ailment> out;
  TRY(const auto disk, disk_state(directory));
  examine_disk(directory, disk, out);
  out.push_back(not_opened(node.error()));
  return out;
}

Result<std::vector<Ailment>> examine(const Node& node) {
  std::vector<Ailment> out;
  TRY(const auto disk, disk_state(node.directory()));
  examine_disk(node.directory(), disk, out);
  TRY_STATUS(examine_clock(node, out));
  examine_keys(node, out);
  TRY_STATUS(examine_known_keys(node, out));
  TRY_STATUS(examine_peers(node, out));
  TRY_STATUS(examine_ledgers(node, out));
  TRY_STATUS(examine_feeds(node, out));
  TRY_STATUS(examine_links(node, out));
  TRY_STATUS(examine_outposts(node, out));
  return out;
}

}  // namespace comity::exchange
