#include "exchange/submission_check.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "exchange/decision.h"
#include "exchange/waiting_submissions.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

class SubmissionCheck {
 public:
  SubmissionCheck(const Node& node, store::Snapshot& snapshot) : node_(node), snapshot_(snapshot) {}

  Result<std::vector<std::string>> run() {
    TRY_STATUS(snapshot_.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
      const auto entry = json::parse(row.entry);
      // One that cannot be read is a finding about its leaf already.
      if (entry) look_at(row, *entry);
      return {};
    }));
    for (const auto& [source, originator] : sources_) TRY_STATUS(records_of(source, originator));
    TRY_STATUS(waiting());
    return std::move(out_);
  }

 private:
  // A token as the ledger has had it so far.
  struct KnownToken {
    std::string originator;  // empty: it reads
    std::optional<Instant> until;
    bool revoked = false;
  };

  void look_at(const store::LedgerEntry& row, const json::Value& entry) {
    if (row.kind == "token") return token(entry);
    if (row.kind == submission_kind) return submission(row, entry);
    const bool by_token = entry.find("token") != nullptr;
    if (by_token && (row.kind == "import" || row.kind == "state")) acts(row, entry);
  }

  void token(const json::Value& entry) {
    if (const auto* terms = entry.find("token")) {
      KnownToken known;
      known.originator = terms->text("originator");
      if (const auto until = parse_rfc3339(terms->text("until"))) known.until = *until;
      tokens_[std::string(terms->text("name"))] = known;
    } else if (const auto found = tokens_.find(std::string(entry.text("name")));
               found != tokens_.end()) {
      found->second.revoked = true;
    }
  }

  // What a token did: it must have been one that writes, and have held then.
  void acts(const store::LedgerEntry& row, const json::Value& entry) {
    const std::string name(entry.text("token"));
    const auto known = tokens_.find(name);
    if (known == tokens_.end() || known->second.originator.empty()) {
      return finding("ledger leaf {}: by {}, which is no token that writes", row.index, name);
    }
    const auto& token = known->second;
    if (token.revoked || !token.until || *token.until <= row.at) {
      finding("ledger leaf {}: by the token {}, which had ended", row.index, name);
    }
    if (row.kind != "import") return;
    if (entry.text("originator") != token.originator) {
      finding("ledger leaf {}: in the name of {}, which the token {} may not assert", row.index,
              entry.text("originator"), name);
    }
    sources_[std::string(entry.text("import"))] = token.originator;
  }

  void submission(const store::LedgerEntry& row, const json::Value& entry) {
    const std::string id(entry.text("submission"));
    if (entry.text("type") == submission_kept_type) {
      const auto digest = digest_from_text(entry.text("envelope"));
      kept_[id] = {id, std::string(entry.text("party")), std::string(entry.text("token")),
                   digest.value_or(Digest{})};
    } else if (kept_.erase(id) == 0) {
      finding("ledger leaf {}: ends a submission that did not wait", row.index);
    }
  }

  // All that came by one submission is asserted by its originator, and kept apart unless that is
  // this node's own party.
  Status records_of(const std::string& source, const std::string& originator) {
    const bool own = originator == node_.party();
    return snapshot_.records_by_source(source, [&](const store::Record& record) -> Status {
      const bool right = record.originator == originator &&
                         (own ? record.received_from.empty()
                              : record.received_from == originator &&
                                    record.state == store::RecordState::Quarantined &&
                                    record.chain.find(unsigned_submission) != std::string::npos);
      if (!right) {
        finding("record {} ({}): is not what a submission in the name of {} brings",
                record.sequence, record.stix_id, originator);
      }
      return {};
    });
  }

  Status waiting() {
    const auto listed = waiting_submissions(snapshot_);
    if (!listed) {
      finding("submissions that wait: {}", listed.error().text());
      return {};
    }
    for (const auto& one : *listed) {
      const auto entered = kept_.find(one.id);
      TRY(const auto envelope, snapshot_.meta(kept_envelope_key(one.id)));
      const bool right = entered != kept_.end() && entered->second.party == one.party &&
                         entered->second.token == one.token &&
                         entered->second.envelope == one.envelope && envelope &&
                         sha256(*envelope) == one.envelope;
      if (!right) finding("submission {}: what waits is not what the ledger has", one.id);
      if (entered != kept_.end()) kept_.erase(entered);
    }
    for (const auto& [id, one] : kept_) {
      finding("submission {}: was kept to be taken in and is gone", id);
    }
    return {};
  }

  template <typename... Arguments>
  void finding(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    out_.push_back(fmt::format(text, std::forward<Arguments>(arguments)...));
  }

  const Node& node_;
  store::Snapshot& snapshot_;
  std::map<std::string, KnownToken> tokens_;
  std::map<std::string, std::string> sources_;     // import → originator
  std::map<std::string, WaitingSubmission> kept_;  // and not done
  std::vector<std::string> out_;
};

}  // namespace

Result<std::vector<std::string>> submission_findings(const Node& node, store::Snapshot& snapshot) {
  return SubmissionCheck(node, snapshot).run();
}

}  // namespace comity::exchange
