#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "exchange/outpost.h"
#include "exchange/outpost_access.h"
#include "exchange/outpost_delivery.h"
#include "exchange/outpost_state.h"
#include "exchange/protocol.h"
#include "exchange/served.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

// What the ledger said last of a disclosure at an outpost.
struct EnteredWord {
  std::int64_t leaf = 0;
  std::string outpost, to, state;
  std::int64_t taken = 0, refused = 0;
};

struct EnteredWords {
  std::map<std::string, EnteredWord> disclosures;  // by digest
  std::map<std::string, std::int64_t> statements;  // leaf by digest
};

std::int64_t number_in(const json::Value& entry, const char* name) {
  const auto* value = entry.find(name);
  return value == nullptr || value->integer() == nullptr ? -1 : *value->integer();
}

Result<EnteredWords> entered_acknowledgements(store::Snapshot& snapshot) {
  EnteredWords out;
  TRY_STATUS(snapshot.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    if (row.kind != acknowledgement_kind) return {};
    const auto entry = json::parse(row.entry);
    if (!entry) return {};  // a finding about its leaf already
    if (entry->text("type") == statement_acknowledged_type) {
      out.statements[std::string(entry->text("statement_digest"))] = row.index;
      return {};
    }
    out.disclosures[std::string(entry->text("disclosure_digest"))] = {
        row.index,
        std::string(entry->text("outpost")),
        std::string(entry->text("to")),
        std::string(entry->text("state")),
        number_in(*entry, "taken"),
        number_in(*entry, "refused")};
    return {};
  }));
  return out;
}

// What is not right about one disclosure; empty: nothing. `entered` is null when the ledger has no
// acknowledgement of it.
Result<std::string> contradiction_of(store::Snapshot& snapshot, const store::ProtocolObject& row,
                                     const EnteredWord* entered, const std::vector<Outpost>& all) {
  TRY(const auto kept, snapshot.meta(post_state_key(row.id)));
  if (!kept && entered == nullptr) return std::string();
  if (!kept || entered == nullptr || digest_text(sha256(*kept)) != entered->state) {
    return fmt::format("{}: what is kept of its acknowledgement is not what was entered", row.id);
  }
  const auto state = read_post_state(*kept);
  if (!state) return fmt::format("{}: {}", row.id, state.error().text());
  const auto taken = state->count(PostState::taken);
  const bool known = std::any_of(all.begin(), all.end(), [&](const Outpost& outpost) {
    return outpost.name == entered->outpost && outpost.party == row.peer;
  });
  if (entered->to != row.peer || !known || state->outpost != entered->outpost ||
      taken != entered->taken || state->count(PostState::refused) != entered->refused) {
    return fmt::format("{}: ledger leaf {} acknowledges it otherwise than it went", row.id,
                       entered->leaf);
  }
  TRY(const bool gone_out, served(snapshot, row.id));
  if (taken > 0 && !gone_out) {
    return fmt::format("{}: is acknowledged, and the ledger does not say that it went out", row.id);
  }
  return std::string();
}

Ailment not_reached(const Outpost& outpost, const Error& error) {
  Ailment out{"outpost",
              fmt::format("the outpost {} of {}: {}", outpost.name, outpost.party, error.text()),
              "", ""};
  switch (error.kind) {
    case ErrorKind::Unauthenticated:
      out.why = "its server refuses the login of this node";
      out.remedy = fmt::format("ask {} for new credentials and write them into the file {}",
                               outpost.party, outpost.credentials);
      break;
    case ErrorKind::NotVerified:
      out.why = "who answers there is not the server that was entered, or it does not let us in";
      out.remedy = fmt::format(
          "ask the officers of {} by another channel; if the certificate is theirs, remove the "
          "outpost and enter it again",
          outpost.party);
      break;
    case ErrorKind::NotPermitted:
      out.why = "the address is one that this node may not call, or that of a paired node";
      out.remedy = "see where the outpost is; a paired party needs none (comity outpost remove)";
      break;
    case ErrorKind::InvalidInput:
    case ErrorKind::NotFound:
      out.why = "the collection, or the credentials file, is not what it was";
      out.remedy = fmt::format("compare with comity outpost list; ask {} where its collection is",
                               outpost.party);
      break;
    default:
      out.why = "nothing can be delivered there until it answers";
      out.remedy =
          fmt::format("see that the network leads to {} and that it serves", outpost.collection);
  }
  return out;
}

Status examine_server(const Node& node, const Outpost& outpost, std::vector<Ailment>& out) {
  const auto look = look_at_outpost(node, outpost);
  if (!look) {
    out.push_back(not_reached(outpost, look.error()));
  } else if (!look->can_write) {
    out.push_back(
        {"outpost",
         fmt::format("the outpost {} of {} does not let us write", outpost.name, outpost.party),
         "its collection says can_write: false",
         fmt::format("ask {} to let this node write to {}", outpost.party, outpost.collection)});
  }
  return {};
}

// What waits for it, and what it refused.
Status examine_delivery(const Node& node, store::Snapshot& snapshot, const Outpost& outpost,
                        std::vector<Ailment>& out) {
  TRY(const auto status, outpost_status(snapshot, outpost.name));
  TRY(const auto rows, snapshot.protocols(disclosure_kind, store::Direction::Sent, outpost.party));
  std::int64_t waiting = 0, refused = 0;
  std::optional<Instant> since;
  std::string words;
  for (const auto& row : rows) {
    TRY(const auto known, acknowledged(snapshot, row.id));
    TRY(const bool settled, is_settled_at_outpost(snapshot, row.id));
    if (known.outpost == outpost.name && known.refused > 0) {
      refused += known.refused;
      words = known.refusals.front().why;
    }
    if (settled || node.now().seconds() - row.at.seconds() <= outpost_due_s) continue;
    ++waiting;
    since = since ? std::min(*since, row.at) : row.at;
  }
  if (waiting > 0) {
    out.push_back({"outpost",
                   fmt::format("{} disclosures to {} wait since {} for the outpost {}{}", waiting,
                               outpost.party, format_rfc3339(*since), outpost.name,
                               status.failed.empty() ? "" : ": " + status.failed),
                   "whether they arrived is not known, and later ones wait behind them",
                   fmt::format("comity outpost check {}; release anything to {} to try again",
                               outpost.name, outpost.party)});
  }
  if (refused > 0) {
    out.push_back({"outpost",
                   fmt::format("the server of the outpost {} refused {} objects: {}", outpost.name,
                               refused, words),
                   fmt::format("{} does not have them", outpost.party),
                   fmt::format("tell who runs {}; then let them be posted again (comity outpost "
                               "retry {})",
                               outpost.collection, outpost.name)});
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> outpost_findings(store::Snapshot& snapshot) {
  TRY(auto out, kept_outpost_findings(snapshot));
  const auto all = outposts(snapshot).value_or(std::vector<Outpost>());
  TRY(auto entered, entered_acknowledgements(snapshot));
  TRY(const auto rows, snapshot.protocols(disclosure_kind, store::Direction::Sent, ""));
  for (const auto& row : rows) {
    const auto found = entered.disclosures.find(digest_text(row.digest));
    TRY(auto text,
        contradiction_of(snapshot, row,
                         found == entered.disclosures.end() ? nullptr : &found->second, all));
    if (!text.empty()) out.push_back(std::move(text));
    if (found != entered.disclosures.end()) entered.disclosures.erase(found);
  }
  for (const auto& [digest, one] : entered.disclosures) {
    out.push_back(
        fmt::format("ledger leaf {}: acknowledges a disclosure that is not held", one.leaf));
  }
  if (entered.statements.empty()) return out;
  TRY(const auto said, snapshot.protocols("comity-recall", store::Direction::Sent, ""));
  for (const auto& row : said) entered.statements.erase(digest_text(row.digest));
  for (const auto& [digest, leaf] : entered.statements) {
    out.push_back(fmt::format("ledger leaf {}: acknowledges a statement that is not held", leaf));
  }
  return out;
}

Status examine_outposts(const Node& node, std::vector<Ailment>& out) {
  std::vector<Outpost> live;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto all, outposts(*snapshot));
    for (const auto& outpost : all) {
      if (outpost.removed) continue;
      TRY(const auto peer, snapshot->peer(outpost.party));
      if (peer && peer->confirmed) {
        out.push_back({"outpost",
                       fmt::format("{} is paired by now, and the outpost {} is not used",
                                   outpost.party, outpost.name),
                       "what is released to it goes to its node, which answers with a receipt",
                       fmt::format("comity outpost remove {}", outpost.name)});
        continue;
      }
      TRY_STATUS(examine_delivery(node, *snapshot, outpost, out));
      live.push_back(outpost);
    }
  }
  for (const auto& outpost : live) TRY_STATUS(examine_server(node, outpost, out));
  return {};
}

}  // namespace comity::exchange
