#include "exchange/token_view.h"

#include <algorithm>

#include "exchange/protocol.h"
#include "exchange/signers.h"

namespace comity::exchange {

TokenView::TokenView(const Node& node, Token token, Instant at)
    : node_(node), token_(std::move(token)), law_(node.law()), at_(at) {}

// The party's own decision was made with no role named; with the role it must be permitted as well.
bool TokenView::permits(const RecordQuestion& question) {
  const auto& purposes = token_.purposes;
  if (!purposes.empty() &&
      std::find(purposes.begin(), purposes.end(), question.purpose) == purposes.end()) {
    return false;
  }
  if (token_.role.empty()) return true;
  const auto known = known_.find(question);
  if (known != known_.end()) return known->second;
  auto request = request_of(question, node_.party(), token_.party, at_);
  request.to_roles = {token_.role};
  return known_[question] = treaty::decide(*law_, request).kind == treaty::VerdictKind::Permitted;
}

Result<bool> TokenView::shows_carried(store::Snapshot& snapshot, const std::string& id) {
  const auto known = known_disclosures_.find(id);
  if (known != known_disclosures_.end()) return known->second;
  TRY(const auto row, snapshot.protocol(id));
  if (!row) return false;
  TRY(const auto disclosure, open_by(own_signers(node_), row->bytes, open_disclosure));
  bool all = true;
  for (const auto& record : disclosure.records) {
    if (record.classes.empty()) continue;
    RecordQuestion question;
    question.classes = record.classes;
    question.area = disclosure.area;
    question.purpose = disclosure.purpose;
    question.tlp = record.tlp;
    question.chain = write_chain(record.chain);
    all = all && permits(question);
  }
  return known_disclosures_[id] = all;
}

}  // namespace comity::exchange
