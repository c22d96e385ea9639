// What the routes of the exchange have in common: rows of records and disclosures as the pages get
// them, and the ids by which pages name them. Helpers of one request; one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/route.h"
#include "exchange/protocol.h"
#include "exchange/receipts.h"
#include "store/store.h"
#include "treaty/compiled.h"

namespace comity::api {

// Records are named by their assertion id in hexadecimal; their numbers never leave the node.
constexpr std::size_t ids_max = 200;  // that one request names
constexpr std::size_t id_bytes_max = 200;

// Who reads what the exchange did, and who also sees what left the node.
RoleSet exchange_readers();
RoleSet release_readers();
// Who works with records: imports, proposes a release, asks for consent.
RoleSet record_officers();

json::Value text_or_null(std::string_view text);

// NotFound, the same for a text that is no id and for one of nothing that is held.
Result<store::Record> record_named(store::Snapshot& snapshot, std::string_view id);
// The id of the assertion that this node would share of several with one STIX id.
Result<std::optional<std::string>> record_of_stix(store::Snapshot& snapshot,
                                                  const std::string& stix_id);
// Record ids of pages as STIX ids; STIX ids and import ids as they are. With `shared`, Conflict for
// a record of which another copy would be shared.
Result<std::vector<std::string>> stix_ids(store::Snapshot& snapshot,
                                          const std::vector<std::string>& ids, bool shared);

json::Object record_row(const store::Record& record);

// Citations of one register, each made once.
class Citations {
 public:
  explicit Citations(std::shared_ptr<const treaty::CompiledRegister> law) : law_(std::move(law)) {}
  const treaty::Model& model() const { return law_->model(); }
  const json::Object& of(const std::string& instrument, const std::string& clause);
  // Null for what stands in no instrument.
  json::Value or_null(const std::string& instrument, const std::string& clause);

 private:
  std::shared_ptr<const treaty::CompiledRegister> law_;
  std::map<std::pair<std::string, std::string>, json::Object> made_;
};

// What a disclosure says before its records, which are most of it.
Result<json::Object> disclosure_head(const store::ProtocolObject& row);
// The clauses that it names: none at national discretion; null when it names neither.
const json::Array* disclosure_basis(const json::Object& head);
// Its basis as members of a row: `basis`, as citations, and `ground` where it claims no agreement
// ("national-discretion").
Status set_basis(const store::ProtocolObject& row, Citations& citations, json::Object& out);
// How many records it names. Reads all of it.
Result<std::int64_t> disclosure_size(const store::ProtocolObject& row);

// Rows of disclosures that were sent.
class SentRows {
 public:
  SentRows(store::Snapshot& snapshot, Citations& citations)
      : snapshot_(snapshot), citations_(citations), standings_(snapshot, false) {}
  Result<json::Object> of(const store::ProtocolObject& row);
  // "receipt", "missing" … of the contract: how it stands, or "recalled" when something of it is.
  Result<std::string> state_of(const store::ProtocolObject& row);

 private:
  Status load_recalls();
  std::string state(const exchange::SentStanding& standing) const;

  store::Snapshot& snapshot_;
  Citations& citations_;
  exchange::Standings standings_;
  std::optional<std::set<std::string>> recalled_;  // ids of disclosures
};

// A page of protocol objects of one kind, the newest first. `looked_at_max` bounds how many are
// looked at for one page when `shows` leaves some out; the cursor is the id of the last one that
// was looked at.
Result<Answer> protocol_page(
    Call& call, store::Snapshot& snapshot, std::string_view list, std::string_view kind,
    store::Direction direction,
    const std::function<Result<std::optional<json::Object>>(const store::ProtocolObject&)>& row);

// An error that names an option of the command line, as one of a member of the body.
tl::unexpected<Error> in_body(Error error);

// Sends what waits for a party at once; what does not arrive waits for the courier.
void send_now(exchange::Node& node, const std::string& party);

// The rows of each file.
std::vector<Route> record_routes();
std::vector<Route> search_routes();
std::vector<Route> disclosure_routes();
std::vector<Route> release_request_routes();
std::vector<Route> consent_routes();
std::vector<Route> recall_routes();

}  // namespace comity::api
