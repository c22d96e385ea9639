// What is known of a disclosure at an outpost: of each object whether its server has it. Used
// inside this folder.
//
// Kept in `meta` under `outpost-state:DISCLOSURE`; each change of it is entered in the ledger, with
// the digest of its text (docs/formats/outpost.md). Values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "exchange/outpost_delivery.h"

namespace comity::exchange {

constexpr const char* acknowledgement_kind = "acknowledgement";  // of ledger entries
constexpr const char* acknowledged_type = "acknowledged";
constexpr const char* statement_acknowledged_type = "statement-acknowledged";

// In this order they are posted: the disclosure, its marking definitions, the other records.
struct PostState {
  static constexpr char waits = '.', taken = 'a', refused = 'r';

  // With which the server has not finished.
  struct Submission {
    std::string id;
    std::vector<std::size_t> objects;
    Instant since;
  };
  struct Refused {
    std::size_t object = 0;
    std::string id, why;
  };

  std::string outpost;                // by name
  std::string objects;                // one letter for each
  std::vector<Refused> refusals;      // of each that is refused
  std::map<std::size_t, int> faults;  // how often an object alone had no plain answer
  std::optional<Submission> submission;
  bool withdrawn = false;

  std::int64_t count(char letter) const;
  void refuse(std::size_t object, const std::string& id, const std::string& why);
};

std::string post_state_key(std::string_view disclosure);
std::string write_post_state(const PostState& state);
// Corrupt for what is not of this form.
Result<PostState> read_post_state(std::string_view text);
Result<std::optional<PostState>> post_state(store::Snapshot& snapshot, std::string_view disclosure);
// Keeps and enters it. Conflict unless what is kept is `before`, which becomes what is kept now.
Status keep_post_state(Node& node, const Outpost& outpost, const store::ProtocolObject& disclosure,
                       const PostState& state, std::optional<std::string>& before);

}  // namespace comity::exchange
