// The suite that every backend of the store must pass, as a parameterised GoogleTest suite.
//
// A backend instantiates it in its own folder with INSTANTIATE_TEST_SUITE_P(Name, StoreConformance,
// …) and two functions; the tests themselves are in conformance_test.cpp and durability_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/test_support.h"
#include "store/store.h"

namespace comity::store {

struct Backend {
  std::string name;
  // `place` is an empty directory of the test; a backend without files takes its name as a key.
  Result<std::unique_ptr<Store>> (*create)(const std::string& place);
  Result<std::unique_ptr<Store>> (*open)(const std::string& place);
};

using comity::test::must;
using comity::test::TemporaryDirectory;

// The n-th of a series of different records.
inline Record sample_record(std::int64_t n) {
  Record out;
  out.assertion_id = sha256("assertion " + std::to_string(n));
  out.stix_id = "indicator--" + std::to_string(n);
  out.type = "indicator";
  out.version = Instant{1'000'000 + n};
  out.bytes = "{\"n\":" + std::to_string(n) + "}";
  out.digest = sha256(out.bytes);
  out.originator = "XA";
  out.source = "import-1";
  out.classes = "indicator";
  out.tlp = "green";
  out.chain = "[]";
  out.doubts = "[]";
  out.leaf = sha256("leaf " + std::to_string(n));
  out.arrived = Instant{2'000'000 + n};
  return out;
}

// Disclosure `number` to or from a peer.
inline ProtocolObject sample_disclosure(Direction direction, const std::string& peer,
                                        std::int64_t number) {
  ProtocolObject out;
  out.id = "comity-disclosure--" + std::to_string(static_cast<int>(direction)) + "-" + peer + "-" +
           std::to_string(number);
  out.kind = "comity-disclosure";
  out.direction = direction;
  out.peer = peer;
  out.number = number;
  out.bytes = "{\"id\":\"" + out.id + "\"}";
  out.digest = sha256(out.bytes);
  out.at = Instant{3'000'000 + number};
  return out;
}

inline LedgerEntry sample_entry(std::int64_t n) {
  LedgerEntry out;
  out.kind = "import";
  out.entry = "{\"entry\":" + std::to_string(n) + "}";
  out.random = std::string(view(sha256("random " + std::to_string(n))));
  out.leaf = sha256(out.random + out.entry);
  out.at = Instant{4'000'000 + n};
  return out;
}

class StoreConformance : public testing::TestWithParam<Backend> {
 protected:
  std::unique_ptr<Store> create() { return must(GetParam().create(directory_.path())); }
  std::unique_ptr<Store> open() { return must(GetParam().open(directory_.path())); }

  // Appends records first … last in one transaction.
  static void append(Store& store, std::int64_t first, std::int64_t last) {
    auto transaction = must(store.begin());
    for (auto n = first; n <= last; ++n) must(transaction->append(sample_record(n)));
    must(transaction->commit());
  }

  static std::vector<Record> records(Snapshot& snapshot, std::int64_t after = 0,
                                     std::int64_t count = 1'000'000, bool with_bytes = true) {
    std::vector<Record> out;
    must(snapshot.records_after(after, count, with_bytes, [&](const Record& record) {
      out.push_back(record);
      return Status{};
    }));
    return out;
  }

  TemporaryDirectory directory_;
};

}  // namespace comity::store
