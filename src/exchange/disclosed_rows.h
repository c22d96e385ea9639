// The rows of a disclosure: one for each record, in the order in which the records follow. Form:
// docs/formats/disclosure.md, "Rows in sum".
//
// A short disclosure lists its rows. A long one says them in sum: what rows say beside their
// digests once for each kind of row, how these follow one another, and the root of the Merkle tree
// (RFC 9162 section 2.1) over all rows. Who has the records has the digests, so that nothing is
// kept twice. Values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "exchange/decision.h"
#include "exchange/frame.h"

namespace comity::exchange {

constexpr std::size_t disclosure_records_max = 1000;
constexpr std::size_t listed_rows_max = 100;  // more are written in sum; both are read

struct DisclosedRecord {
  Digest digest{};
  std::string originator, classes, tlp, published;
  Chain chain;
};

// The root over the rows as the newest form writes them, whatever the form that they were read in.
Digest rows_root(const std::vector<DisclosedRecord>& rows);

// Writes the rows: with a root in sum, else as a list.
void set_rows(json::Object& out, const Form& form, const std::vector<DisclosedRecord>& rows,
              const std::optional<Digest>& root);
// Reads either; of rows in sum all but the digests. An error of the reader waits for its done().
Status read_rows(MemberReader& reader, const Form& form, std::vector<DisclosedRecord>& rows,
                 std::optional<Digest>& root);

}  // namespace comity::exchange
