#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"
#include "exchange/key_notice.h"
#include "exchange/node.h"
#include "exchange/protocol.h"
#include "json/parse.h"
#include "json/write.h"
#include "node/demo_acts.h"
#include "taxii/client.h"
#include "trust/jws.h"

namespace comity::node {
namespace {

constexpr std::size_t database_bytes_max = std::size_t{64} * 1024 * 1024;

// XB's own keys and statements, in hands that lie. Works on exercise nodes alone.
// It is shipped because the demonstration is, which has to lie by the wire and with keys that the
// owner of its folder has anyway: a hook by which a node could be told to lie would be worse.
class Forger {
 public:
  static Result<Forger> open(const std::string& directory, const std::string& victim) {
    Forger out;
    TRY(out.node_, exchange::Node::open(directory, exchange::NodeAccess::ReadOnly, system_clock(),
                                        system_random()));
    if (out.node_->mode() != treaty::Mode::Exercise) {
      return fail(ErrorKind::NotPermitted, "lies are for exercises", directory);
    }
    TRY(const auto snapshot, out.node_->store().read());
    TRY(const auto last, snapshot->last_disclosure(store::Direction::Sent, victim));
    TRY(const auto peer, snapshot->peer(victim));
    if (!last || !peer) return fail(ErrorKind::NotFound, "nothing was sent yet", directory);
    out.peer_ = *peer;
    out.statement_ = last->bytes;
    TRY(const auto granted, snapshot->grants_by_disclosure(victim, last->id));
    for (const auto& item : granted) out.records_.push_back(item.bytes);
    return out;
  }

  const trust::SigningKey& own_key() const { return node_->signing_key(); }
  const std::string& statement() const { return statement_; }
  const std::vector<std::string>& records() const { return records_; }

  // The same records under a new id, signed by `key`: with the next number, or with the last one.
  enum class Number { Next, Last };
  Result<std::string> forge(const trust::SigningKey& key, Number which) const {
    TRY(auto value, json::parse(statement_));
    auto& object = *value.object();
    const auto digest = exchange::protocol_digest(statement_);
    if (!digest) return tl::unexpected<Error>(digest.error());
    object.set("id", "comity-disclosure--" + uuid4(node_->random()));
    if (which == Number::Next) {
      object.set("number", *object.find("number")->integer() + 1);
      object.set("previous", digest_text(*digest));
    }
    trust::sign_object(object, key);
    return json::canonical(value);
  }

  // What the victim says to it; nothing when it takes it.
  std::string post(const std::string& statement, const std::vector<std::string>& records) const {
    std::string envelope = "{\"objects\":[" + statement;
    for (const auto& record : records) envelope += "," + record;
    auto endpoint = exchange::endpoint_of(*node_, peer_);
    if (!endpoint) return endpoint.error().text();
    taxii::Client client(*std::move(endpoint));
    const auto answer = client.post("inbox", envelope + "]}");
    return answer ? std::string() : answer.error().text();
  }

 private:
  std::unique_ptr<exchange::Node> node_;
  store::Peer peer_;
  std::string statement_;
  std::vector<std::string> records_;
};

Result<std::int64_t> records_of(const Stage& stage, const std::string& party) {
  TRY(const auto held, stage.on(party, {"records"}));
  return static_cast<std::int64_t>(list(held, "records").size());
}

// `text` with its first `from` replaced; the same length, one byte different.
std::string one_byte_changed(std::string text, std::string_view from) {
  const auto at = text.find(from);
  if (at != std::string::npos) ++text[at + from.size() - 1];
  return text;
}

// XB revokes its node key; who has the old one signs with it and sends under XB's own certificate.
Status revoked_key(Stage& stage, const Forger& thief, const std::string& signed_before) {
  TRY(const auto changed, stage.on("XB", {"key", "revoke", "node", "--number", "1"}));
  stage.expect(any(changed, "told", "party", "XA"), "XA to be told of XB's new key");
  const auto words = thief.post(signed_before, thief.records());
  stage.say("one signed by a revoked key: " + words);
  stage.expect(words.find("number 1, which was revoked at") != std::string::npos,
               "a refusal that names the revoked key");
  return {};
}

}  // namespace

Status Liar::lies() {
  stage_.step("XB lies to XA: a changed byte, a foreign key, a replay, a revoked key");
  TRY(const auto incident, stage_.import_example("XB", "log4shell-2021.json"));
  TRY(const auto released, stage_.on("XB", {"release", incident, "--to", "XA"}));
  const auto* row = release_of(released, "XA");
  stage_.expect(row != nullptr && accepted(*row) == stage_.imported(),
                "what XB sends honestly to be accepted");
  TRY(const auto before, records_of(stage_, "XA"));
  TRY(const auto forger, Forger::open(stage_.directory("XB"), "XA"));

  TRY(const auto next, forger.forge(forger.own_key(), Forger::Number::Next));
  auto records = forger.records();
  records.front() = one_byte_changed(records.front(), "20");
  const auto refused = [&](const std::string& lie, const std::string& words) {
    stage_.say(lie + ": " + words);
    stage_.expect(!words.empty(), "a refusal");
  };
  refused("one byte of a record changed", forger.post(next, records));
  refused("one byte of the statement changed",
          forger.post(one_byte_changed(next, "\"purpose\":\"w"), forger.records()));
  TRY(const auto foreign, forger.forge(trust::SigningKey::generate(), Forger::Number::Next));
  refused("signed by a key that is not XB's", forger.post(foreign, forger.records()));
  TRY(const auto replay, forger.forge(forger.own_key(), Forger::Number::Last));
  refused("the number of an old disclosure again", forger.post(replay, forger.records()));
  TRY_STATUS(revoked_key(stage_, forger, next));
  const auto repeated = forger.post(forger.statement(), forger.records());
  stage_.say("the same disclosure again: answered with its first receipt" + repeated);
  stage_.expect(repeated.empty(), "the first receipt");

  TRY(const auto after, records_of(stage_, "XA"));
  stage_.say(fmt::format("XA held {} records before and holds {} after", before, after));
  stage_.expect(before == after, "nothing of it stored");
  stage_.end_step();
  return {};
}

Status Liar::flipped_byte() {
  stage_.step("one byte of XB's ledger is flipped in a copy: verify names the leaf");
  stage_.stop_node("XB");
  const auto copy =
      std::filesystem::temp_directory_path() / ("comity-flipped-" + uuid4(system_random()));
  std::error_code error;
  std::filesystem::copy(stage_.directory("XB"), copy, std::filesystem::copy_options::recursive,
                        error);
  if (error) return fail(ErrorKind::Unavailable, error.message(), copy.string());
  const auto database = copy.string() + "/store.db";
  TRY(auto bytes, read_file(database, database_bytes_max));
  // The first leaf of every node says who made it.
  constexpr std::string_view word = "\"party\":\"XB\",\"register\"";
  const auto at = bytes.find(word);
  stage_.expect(at != std::string::npos, "the first entry of the ledger in the file");
  if (at != std::string::npos) bytes[at + 10] = 'A';
  TRY_STATUS(write_file(database, bytes));
  TRY(const auto found, stage_.ask({"verify", "--data", copy.string()}));
  bool named = false;
  for (const auto& finding : list(found, "findings")) {
    if (finding.string() == nullptr) continue;
    stage_.say("DOES NOT HOLD " + *finding.string());
    named = named || finding.string()->find("ledger leaf 0") != std::string::npos;
  }
  stage_.expect(named && !flag(found, "verified"), "the finding to name ledger leaf 0");
  std::filesystem::remove_all(copy, error);
  TRY_STATUS(stage_.start_node("XB"));
  stage_.end_step();
  return {};
}

Status Liar::run() {
  TRY_STATUS(lies());
  return flipped_byte();
}

}  // namespace comity::node
