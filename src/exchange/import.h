// Import of a STIX 2.1 bundle: validate, classify, append. Nothing that is imported leaves by
// itself.
//
// The bundle is read from a mapping and stored in transactions of `import_batch_objects`, so memory
// does not grow with its size. An import is identified by the file's bytes, the party and the
// options: importing the same file again adds nothing. Objects that come otherwise than as a file
// (exchange/feed.h) are kept by the same rules.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

constexpr std::int64_t import_batch_objects = 1000;
constexpr std::size_t losses_listed_max = 1000;
constexpr std::size_t bundle_bytes_max = std::size_t{4} * 1024 * 1024 * 1024;

struct ImportOptions {
  std::string tlp;        // handling for objects that state none; empty: none
  std::string published;  // where the material is public; states TLP:CLEAR
  std::string area = "threat-information";
  std::string purpose = "warning";
};

// One entry of the loss report: what was refused or is doubtful, where and why.
struct Loss {
  std::string severity;  // "refused": not stored; "warning": stored
  std::string where;     // JSON path
  std::string id;        // STIX id, where one could be read
  std::string why;
};

struct ImportReport {
  std::string import_id;
  std::int64_t objects = 0, added = 0, existed = 0, refused = 0, warnings = 0;
  std::vector<Loss> losses;  // the first losses_listed_max; the counts are complete
};

// Objects that stand in no file, and how they are named.
struct LooseObjects {
  std::string import_id;
  std::vector<std::string_view> objects;  // one JSON text each
  // The place of one of them, for the loss report.
  std::function<std::string(std::size_t index)> place;
  // Called in the change that keeps the last of them, also when there is none; what it stores is
  // kept together with them. The report is complete.
  std::function<Status(Change& change, const ImportReport& report)> at_last;
};

// Keeps what can be read. An object that names a marking definition which neither stands beside it
// nor is held has no handling: what it allows is not known. Errors as below, and those of
// `at_last`.
Result<ImportReport> import_loose(Node& node, const LooseObjects& loose,
                                  const ImportOptions& options);

// InvalidInput when an option has a value that the register does not know.
Status check_import_options(const Node& node, const ImportOptions& options);

// `acknowledged` is called after each commit with the number of objects of the bundle that are now
// durable. Errors: the file is no strict JSON or no bundle (nothing is stored), or the store fails
// (what was acknowledged stays).
Result<ImportReport> import_bundle(Node& node, const std::string& path,
                                   const ImportOptions& options,
                                   const std::function<void(std::int64_t)>& acknowledged);

}  // namespace comity::exchange
