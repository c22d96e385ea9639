// What of its party's view the holder of a token sees: never more, by role and purpose less.
// One thread at a time.
#pragma once

#include <map>
#include <string>

#include "exchange/decision.h"
#include "exchange/node.h"
#include "exchange/token.h"

namespace comity::exchange {

class TokenView {
 public:
  TokenView(const Node& node, Token token, Instant at);

  // Whether it leaves anything of the party's view out.
  bool narrows() const { return !token_.role.empty() || !token_.purposes.empty(); }
  Instant until() const { return token_.until; }
  // Of a record that the party may have now: whether this token shows it, too.
  bool shows(const RecordQuestion& question) { return permits(question); }
  // The same of what has no class of its own: when the token shows all that the disclosure with
  // which it was granted names.
  Result<bool> shows_carried(store::Snapshot& snapshot, const std::string& disclosure);

 private:
  bool permits(const RecordQuestion& question);

  const Node& node_;
  Token token_;
  std::shared_ptr<const treaty::CompiledRegister> law_;
  Instant at_;
  std::map<RecordQuestion, bool> known_;
  std::map<std::string, bool> known_disclosures_;
};

}  // namespace comity::exchange
