// Taking instruments, or a whole register, from files into this node's register.
//
// What others publish is a proposal: it is shown, two officers approve exactly the register that
// comes out of it (acts "enter" and "accept"), and then it is this node's law. What this node's
// officers entered themselves stays: verifications always, dated facts unless the proposal has the
// same file, and its national overlay. Another party's overlay is never taken: it binds that party.
// Functions may be called from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/act.h"
#include "exchange/node.h"

namespace comity::exchange {

struct RegisterProposal {
  treaty::RegisterFiles files;  // the whole register as it would be
  Digest digest{};
  std::shared_ptr<const treaty::Model> model;
  std::vector<std::string> added, changed, removed;  // paths
};

// The register with one instrument file added, or replaced where its id is known. Also with this
// party's own national overlay, a file with [overlay]: it has one, so a present one is replaced.
Result<RegisterProposal> propose_instrument(const Node& node, const std::string& text);

// The register with the files of another. With a vocabulary among them it is a whole register:
// instruments and exercises that it does not have go.
Result<RegisterProposal> propose_register(const Node& node, const treaty::RegisterFiles& from);

// The register without this party's national overlay; Conflict when it has none.
Result<RegisterProposal> propose_without_overlay(const Node& node);

// What two officers sign.
json::Object act_arguments(const RegisterProposal& proposal);

// Makes the proposal of these inputs the register, in one change with its ledger entry.
Result<RegisterProposal> enter_instrument(Node& node, const std::string& text,
                                          const std::optional<Approval>& approval = std::nullopt);
// An act "enter", too.
Result<RegisterProposal> drop_overlay(Node& node,
                                      const std::optional<Approval>& approval = std::nullopt);
Result<RegisterProposal> accept_register(Node& node, const treaty::RegisterFiles& from,
                                         const std::optional<Approval>& approval = std::nullopt);

}  // namespace comity::exchange
