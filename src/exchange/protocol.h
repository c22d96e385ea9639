// Disclosures and receipts: the two signed statements of a crossing. Form:
// docs/formats/disclosure.md, receipt.md.
//
// A disclosure says who gets which records from whom under which clauses; a receipt answers it,
// record by record. Both name records by digest only, many of them by a root over all. Reading is
// strict: an unknown or missing member is an error.
#pragma once

#include <string>
#include <vector>

#include "exchange/decision.h"
#include "exchange/disclosed_rows.h"
#include "exchange/frame.h"
#include "exchange/node.h"
#include "exchange/record_fates.h"
#include "json/value.h"

namespace comity::exchange {

// The `type` of each; rows of the store and lists of the API name them so, too.
constexpr const char* disclosure_kind = "comity-disclosure";
constexpr const char* receipt_kind = "comity-receipt";

constexpr std::size_t disclosure_consents_max = disclosure_records_max * treaty::request_hops_max;
// Of the records of one disclosure together, so that an envelope stays below what a peer takes.
constexpr std::size_t disclosure_bytes_max = std::size_t{16} * 1024 * 1024;
// What is written. Earlier ones are read: of disclosures 2, and 3 with `ground`, `four_eyes` or
// `received`; of receipts 1.
constexpr std::int64_t disclosure_format = 4;
constexpr std::int64_t receipt_format = 2;

struct BasisClause {
  std::string instrument, clause, article;
  Digest digest{};
};

// A consent on which a disclosure rests.
struct ConsentUsed {
  std::string id, originator;
  Digest digest{};
  bool once = false;
  bool operator==(const ConsentUsed&) const = default;
};

struct Disclosure {
  std::string id;  // "comity-disclosure--" and a UUID
  std::string mode, exercise;
  std::string from, to;
  std::int64_t number = 0;         // per recipient, from 1
  std::optional<Digest> previous;  // digest of the disclosure before it; none for the first
  Instant time;
  // About which instant the law was asked, where the exercise clock is ahead of `time`.
  std::optional<Instant> treaty_time;
  Digest register_digest{};
  std::string area, purpose;
  // It claims no agreement: two officers of the sender let it go (release.h). Then `basis` is
  // empty, and only then.
  bool at_discretion = false;
  // Its clauses permit it when two officers of the sender have looked at it: they have (release.h).
  bool four_eyes = false;
  std::vector<BasisClause> basis;
  std::vector<treaty::Duty> duties;
  std::vector<treaty::Assertion> asserts;
  std::vector<treaty::Assumed> assumed;
  std::vector<ConsentUsed> consents;
  std::vector<DisclosedRecord> records;
  // Its rows are listed, whatever their number: who reads it where no node answers has the
  // statement alone to tell which records it covers.
  bool listed = false;
  // What a disclosure in sum has signed of its rows. Until name_records() the digests in `records`
  // are not known, and `named` is false.
  std::optional<Digest> root;
  bool named = true;

  Instant decided_at() const { return treaty_time.value_or(time); }
  // It goes by the signatures of two officers.
  bool by_officers() const { return at_discretion || four_eyes; }
};

// Whether a stored disclosure can be one that two officers let go, without reading it.
bool may_be_by_officers(std::string_view bytes);

struct Receipt {
  std::string id;  // "comity-receipt--" and the UUID of the disclosure
  std::string mode, from, to;
  std::string disclosure;
  Digest disclosure_digest{};
  std::int64_t number = 0;
  Instant time;
  Digest register_digest{};
  std::vector<RecordFate> results;
  std::optional<Digest> root;  // of the rows of the disclosure, when it answers in sum
};

// More than listed_rows_max records are named in sum.
SignedObject sign(const Disclosure& disclosure, const trust::SigningKey& key);
SignedObject sign(const Receipt& receipt, const trust::SigningKey& key);

// Gives the records of a disclosure their digests, in their order; of one that has them, compares.
// NotVerified unless they are as many, none twice, and the root is the one that was signed.
Status name_records(Disclosure& disclosure, const std::vector<Digest>& digests);
// NotVerified unless the results are those of exactly these records, which are named.
Status check_results(const Receipt& receipt, const Disclosure& disclosure);

// Verifies the signature by `public_key` first, then reads. NotVerified or InvalidInput.
Result<Disclosure> open_disclosure(std::string_view bytes, std::string_view public_key);
// Reads one that this node has verified and kept.
Result<Disclosure> read_disclosure(std::string_view bytes);
Result<Receipt> open_receipt(std::string_view bytes, std::string_view public_key);
// Reads one that this node has made or verified, and kept.
Result<Receipt> read_receipt(std::string_view bytes);

// SHA-256 of the RFC 8785 form of a protocol object, its signature included.
Result<Digest> protocol_digest(std::string_view bytes);

// "comity-receipt--X" for "comity-disclosure--X".
std::string receipt_id(std::string_view disclosure_id);

}  // namespace comity::exchange
