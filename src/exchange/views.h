// What callers see over TAXII: `records` (what was granted to them and still is permitted),
// `protocol` (signed statements for them), `inbox` (where they disclose to us). Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "taxii/server.h"

namespace comity::exchange {

class Views : public taxii::Collections {
 public:
  explicit Views(Node& node) : node_(node) {}

  std::string title() const override;
  Result<std::vector<taxii::CollectionInfo>> collections(const taxii::Caller& caller) override;
  Result<taxii::Page> objects(const taxii::Caller& caller, std::string_view collection,
                              const taxii::Query& query) override;
  Result<taxii::SubmissionStatus> add(const taxii::Caller& caller, std::string_view collection,
                                      std::string_view envelope) override;
  Result<taxii::SubmissionStatus> status(const taxii::Caller& caller, std::string_view id) override;

 private:
  Result<taxii::Page> records(const taxii::Caller& caller, const taxii::Query& query);
  Result<taxii::Page> protocol(const taxii::Caller& caller, const taxii::Query& query);
  Result<Instant> resume(const taxii::Caller& caller, const taxii::Query& query) const;
  std::string next_token(const taxii::Caller& caller, const taxii::Query& query,
                         Instant after) const;

  Node& node_;
};

}  // namespace comity::exchange
