// What the tests of exchange share: parties with real stores in a directory of their own, a small
// register, STIX objects, forged disclosures, and the wire. Header only.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "exchange/import.h"
#include "exchange/kept_rows.h"
#include "exchange/node.h"
#include "exchange/pairing.h"
#include "exchange/protocol.h"
#include "exchange/signers.h"
#include "exchange/views.h"
#include "net/server.h"
#include "stix/object.h"
#include "taxii/server.h"

namespace comity::exchange::test {

using comity::test::must;
using comity::test::scale;
using comity::test::TemporaryDirectory;

constexpr const char* agreement_file = "instruments/bilateral/xa-xb-2024.toml";

// The shipped vocabulary, parties, classes and the agreement of XA and XB, with an exercise.
inline const treaty::RegisterFiles& register_files() {
  static const treaty::RegisterFiles files = [] {
    const auto shipped = must(treaty::read_register(comity::test::source_path("register")));
    treaty::RegisterFiles out;
    for (const auto* path : {"vocabulary.toml", "parties.toml", "classification.toml",
                             "families.toml", agreement_file}) {
      out[path] = shipped.at(path);
    }
    out["exercises/drill.toml"] =
        "[[assume]]\nid = \"body\"\nreason = \"The body is invented.\"\n"
        "designation = { instrument = \"xa-xb-2024\", party = \"XB\", body = \"XB-CERT\" }\n";
    return out;
  }();
  return files;
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("the text has no " + from);
  return text.replace(at, from.size(), to);
}

// The register in which the one agreement ended in 2025.
inline treaty::RegisterFiles lapsed_register() {
  auto files = register_files();
  files[agreement_file] = replaced(files[agreement_file], "code = \"XB\"\nin_force = 2024-06-01",
                                   "code = \"XB\"\nin_force = 2024-06-01\nuntil = 2025-01-01");
  return files;
}

inline Instant start_instant() { return must(parse_rfc3339("2026-11-23T06:00:00Z")); }

// A party's node with a clock that stands still and reproducible randomness.
class Party {
 public:
  Party(const std::string& directory, const std::string& code, std::uint64_t seed,
        const std::function<void(NewNode&)>& change = {})
      : clock(start_instant()), random(seed), directory_(directory) {
    NewNode options;
    options.party = code;
    options.mode = treaty::Mode::Exercise;
    options.exercise = "drill";
    options.register_files = register_files();
    options.allowed_networks = {"127.0.0.0/8"};
    if (change) change(options);
    must(Node::create(directory, options, clock, random));
    open();
  }
  void open() { node_ = must(Node::open(directory_, NodeAccess::ReadWrite, clock, random)); }
  void close() { node_.reset(); }
  Node& node() { return *node_; }
  const std::string& directory() const { return directory_; }

  FixedClock clock;
  SeededRandom random;

 private:
  std::string directory_;
  std::unique_ptr<Node> node_;
};

inline void change_law(Node& node, const treaty::RegisterFiles& files) {
  const auto change = must(Change::begin(node));
  must(change->set_register(files));
  json::Object entry;
  entry.set("type", "test");
  must(change->enter("register", entry));
  must(change->commit());
}

// Nobody listens on port 1: a peer that cannot be reached.
constexpr const char* nowhere = "https://127.0.0.1:1";

inline void pair_both(Node& a, Node& b, const std::string& endpoint_a,
                      const std::string& endpoint_b) {
  const auto from_a = must(invite(a, b.party(), endpoint_a));
  const auto from_b = must(invite(b, a.party(), endpoint_b));
  must(pair(a, from_b, true));
  must(pair(b, from_a, true));
}

// Two paired parties without a wire.
struct Federation {
  TemporaryDirectory directory;
  Party xa{directory.file("XA"), "XA", 1};
  Party xb{directory.file("XB"), "XB", 2};
  explicit Federation(bool paired = true) {
    if (paired) pair_both(xa.node(), xb.node(), nowhere, nowhere);
  }
  Node& a() { return xa.node(); }
  Node& b() { return xb.node(); }
};

// A node's views served over mutual TLS on loopback; `hook` may answer in their stead.
class Wire {
 public:
  using Hook = std::function<std::optional<net::Response>(const net::Request&)>;
  explicit Wire(Node& node, Hook hook = {})
      : node_(node), hook_(std::move(hook)), views_(node), taxii_(views_) {
    net::ServerOptions options;
    options.certificate_pem = node.tls().certificate_pem;
    options.key_pem = node.tls().key_pem;
    options.clock = &clock_;
    server_ = must(net::Server::start(std::move(options), [this](const net::Request& request) {
      if (hook_) {
        if (auto answer = hook_(request)) return *std::move(answer);
      }
      return taxii_.handle(request, {party_of(request.peer_certificate_der)});
    }));
  }
  ~Wire() { server_->stop(); }
  std::string url() const { return fmt::format("https://127.0.0.1:{}", server_->port()); }

 private:
  std::string party_of(const std::string& der) {
    const auto snapshot = must(node_.store().read());
    return must(party_of_certificate(*snapshot, sha256(der), node_.now()));
  }
  // The clock of the node, for those who ask what time it is there.
  struct NodeClock : Clock {
    explicit NodeClock(Node& of) : node(of) {}
    Instant now() const override { return node.machine_time(); }
    Node& node;
  };

  Node& node_;
  NodeClock clock_{node_};
  Hook hook_;
  Views views_;
  taxii::Server taxii_;
  std::unique_ptr<net::Server> server_;
};

// STIX objects.

constexpr const char* tlp_clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
constexpr const char* tlp_green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
constexpr const char* tlp_amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
constexpr const char* tlp_red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";

inline std::string id_of(const std::string& type, std::size_t number) {
  return fmt::format("{}--00000000-0000-4000-8000-{:012x}", type, number);
}
inline const std::string first_indicator = id_of("indicator", 1);

// `more` is the text of further members, beginning with a comma.
inline std::string object(const std::string& type, std::size_t number, const std::string& more = "",
                          int version = 1) {
  return fmt::format(
      R"({{"type":"{}","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z",)"
      R"("modified":"2026-01-{:02}T00:00:00.000Z"{}}})",
      type, id_of(type, number), version, more);
}
inline std::string marked(const std::string& marking) {
  return fmt::format(R"(,"object_marking_refs":["{}"])", marking);
}
inline std::string indicator(std::size_t number, const std::string& more = marked(tlp_clear),
                             int version = 1) {
  return object("indicator", number,
                R"(,"pattern":"[ipv4-addr:value = '198.51.100.1']","pattern_type":"stix",)"
                R"("valid_from":"2026-01-01T00:00:00Z")" +
                    more,
                version);
}
inline std::string refs(const std::vector<std::string>& ids) {
  return fmt::format(R"(,"object_refs":["{}"])", fmt::join(ids, "\",\""));
}
inline std::string relationship(std::size_t number, const std::string& source,
                                const std::string& target,
                                const std::string& more = marked(tlp_clear)) {
  return object("relationship", number,
                fmt::format(R"(,"relationship_type":"related-to","source_ref":"{}",)"
                            R"("target_ref":"{}"{})",
                            source, target, more));
}
inline std::string bundle(const std::vector<std::string>& objects) {
  return fmt::format(R"({{"type":"bundle","id":"{}","objects":[{}]}})", id_of("bundle", 1),
                     fmt::join(objects, ","));
}

inline Result<ImportReport> try_import(Node& node, const std::string& text,
                                       const ImportOptions& options = {}) {
  const auto path = node.directory() + "/bundle.json";
  must(write_file(path, text));
  return import_bundle(node, path, options, {});
}
inline ImportReport import_objects(Node& node, const std::vector<std::string>& objects,
                                   const ImportOptions& options = {}) {
  return must(try_import(node, bundle(objects), options));
}

// The newest held assertion of an id.
inline store::Record held(Node& node, const std::string& id) {
  const auto snapshot = must(node.store().read());
  auto records = must(snapshot->records_by_stix_id(id, true));
  if (records.empty()) throw std::runtime_error("not held: " + id);
  return records.back();
}

inline std::vector<store::ProtocolObject> statements(Node& node, const char* kind,
                                                     store::Direction direction) {
  const auto snapshot = must(node.store().read());
  return must(snapshot->protocols(kind, direction, ""));
}

inline std::vector<Disclosure> disclosures_sent(Node& node) {
  std::vector<Disclosure> out;
  const auto snapshot = must(node.store().read());
  for (const auto& row : statements(node, "comity-disclosure", store::Direction::Sent)) {
    out.push_back(must(open_disclosure(row.bytes, node.signing_key().public_key())));
    must(name_kept_records(*snapshot, row, out.back()));
  }
  return out;
}

// What a refusal must leave as it was.
struct Stored {
  std::int64_t records = 0, leaves = 0;
  std::size_t statements = 0;
  bool operator==(const Stored&) const = default;
};
inline Stored stored(Node& node) {
  const auto snapshot = must(node.store().read());
  Stored out{must(snapshot->record_count()), must(snapshot->ledger_size()), 0};
  for (const auto* kind : {"comity-disclosure", "comity-receipt"}) {
    for (const auto direction : {store::Direction::Sent, store::Direction::Received}) {
      out.statements += must(snapshot->protocols(kind, direction, "")).size();
    }
  }
  return out;
}

// The envelope of a disclosure that a node has made, as delivery sends it.
inline std::string envelope_of(Node& node, const store::ProtocolObject& row) {
  const auto snapshot = must(node.store().read());
  auto out = "{\"objects\":[" + row.bytes;
  for (const auto& item : must(snapshot->grants_by_disclosure(row.peer, row.id))) {
    out += "," + item.bytes;
  }
  return out + "]}";
}

// Disclosures that a test writes itself.
inline DisclosedRecord disclosed(const std::string& bytes, const std::string& classes = "indicator",
                                 const std::string& tlp = "clear") {
  DisclosedRecord record;
  record.digest = must(protocol_digest(bytes));
  record.originator = "XA";
  record.classes = classes;
  record.tlp = tlp;
  return record;
}
inline Disclosure disclosure_by(Node& from, const std::string& to,
                                std::vector<DisclosedRecord> records, std::int64_t number = 1,
                                std::optional<Digest> previous = {}) {
  Disclosure out;
  out.id = fmt::format("comity-disclosure--00000000-0000-4000-8000-{:012x}", number);
  out.mode = "exercise";
  out.exercise = from.exercise();
  out.from = from.party();
  out.to = to;
  out.number = number;
  out.previous = previous;
  out.time = from.now();
  const auto law = from.law();
  out.register_digest = law->model().digest;
  out.area = "threat-information";
  out.purpose = "warning";
  const auto& agreement =
      law->model().instruments[static_cast<std::size_t>(*law->model().instrument("xa-xb-2024"))];
  out.basis.push_back({"xa-xb-2024", "a3", "Art. 3", agreement.clause("a3")->digest});
  out.records = std::move(records);
  return out;
}
inline std::string envelope_with(const std::string& disclosure,
                                 const std::vector<std::string>& records) {
  auto out = "{\"objects\":[" + disclosure;
  for (const auto& record : records) out += "," + record;
  return out + "]}";
}
inline std::string envelope_with(Node& from, const Disclosure& disclosure,
                                 const std::vector<std::string>& records) {
  return envelope_with(sign(disclosure, from.signing_key()).bytes, records);
}

}  // namespace comity::exchange::test
