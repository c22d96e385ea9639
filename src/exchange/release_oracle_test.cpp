// What a release delivers, against an oracle that works it out anew: slow, plain, and of its own
// code. It knows what the test put into each object, keeps its own account of classes, references,
// handling, consents and recalls, and asks the reference interpreter of the law; it shares nothing
// with the code that selects, decides and releases.
//
// A delivery is one selected record and one recipient, whether it goes or not. Worlds are random:
// registers with laws that end, objects with references in chains and circles, what carries and is
// carried, what came from others with a chain of one or two, consents, handling, instants. Each
// world is released several times; in between consents come and go, parties suspend, resume and
// denounce, records are recalled, and time passes.
#include <algorithm>
#include <set>

#include "base/test_support.h"
#include "exchange/kept_rows.h"
#include "exchange/law.h"
#include "exchange/recall.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/selection.h"
#include "exchange/statement.h"
#include "exchange/test_release_world.h"
#include "exchange/views.h"
#include "json/parse.h"
#include "json/write.h"
#include "treaty/reference.h"

namespace comity::exchange {
namespace {

using test::Dice;
using test::id_of;
using test::must;
using test::recipients;
using test::Thing;
using test::World;

constexpr std::size_t shards = 10;                  // that run beside each other
constexpr std::size_t deliveries_full = 100'000;    // of each
constexpr std::size_t deliveries_telling = 50'000;  // from which shares of outcomes tell something
constexpr std::size_t worlds_without_max = 100;     // before one thing is delivered
constexpr std::size_t rounds_max = 6;               // releases of one world
constexpr std::size_t worlds_on_one_node = 6;  // each question reads all consents that a node holds
constexpr std::int64_t hour_micros = 3'600'000'000;

// --- what was said -------------------------------------------------------------------------------

// An answer about consent as the test gave it.
struct Answer {
  std::string id;
  Digest digest{};
  std::string originator, recipient, purpose;
  std::set<std::string> things;  // ids
  bool granted = false, once = false, withdrawn = false;
  std::optional<Instant> until;
  std::set<std::string> spent;  // ids of things that went on it
};

// What else than objects and law decides, in the order in which it came.
struct Sayings {
  std::vector<Answer> answers;
  std::set<std::pair<std::string, std::string>> recalled;  // recipient, thing

  // The newest answer that counts for a thing that goes from hand to hand; null: none.
  const Answer* deciding(const Thing& thing, const std::string& originator,
                         const std::string& recipient, Instant at, bool spent_counts) const {
    for (auto answer = answers.rbegin(); answer != answers.rend(); ++answer) {
      if (answer->originator != originator || answer->recipient != recipient) continue;
      if (answer->purpose != thing.purpose || !answer->things.contains(thing.id)) continue;
      if (!answer->granted) return &*answer;
      if (answer->withdrawn || (answer->until && *answer->until <= at)) continue;
      if (spent_counts && answer->spent.contains(thing.id)) continue;
      return &*answer;
    }
    return nullptr;
  }
  // What goes to a recipient uses up every consent for once that it could go on.
  void spend(const Thing& thing, const std::string& recipient, Instant at) {
    std::set<const Answer*> used;
    for (const auto& [instrument, originator, at_hop] : thing.chain) {
      used.insert(deciding(thing, originator, recipient, at, true));
    }
    for (auto& answer : answers) {
      if (used.contains(&answer) && answer.granted && answer.once) answer.spent.insert(thing.id);
    }
  }
};

// --- the oracle ----------------------------------------------------------------------------------

class Oracle {
 public:
  Oracle(const World& world, const Sayings& sayings, const treaty::Model& model, Instant at)
      : sayings_(sayings), model_(model), at_(at) {
    for (const auto& thing : world.things) things_[thing.id] = &thing;
  }

  // The ids that belong to what was asked for.
  std::set<std::string> selection(const std::set<std::string>& asked) const {
    auto out = asked;
    for (std::size_t before = 0; before != out.size();) {
      before = out.size();
      for (const auto& id : std::set<std::string>(out)) {
        const auto& thing = *things_.at(id);
        for (const auto& name : thing.contents) {
          if (things_.contains(name)) out.insert(name);
        }
        for (const auto& name : thing.names) {
          if (things_.contains(name) && things_.at(name)->carried) out.insert(name);
        }
      }
    }
    return out;
  }

  // What of a selection may go to a party.
  std::set<std::string> delivered(const std::set<std::string>& selected, const std::string& party) {
    party_ = party;
    std::set<std::string> goes;
    for (const auto& id : selected) {
      if (!things_.at(id)->carried && permits(*things_.at(id))) goes.insert(id);
    }
    // Who names what does not go does not go, and so on; also by what it takes along.
    for (std::size_t before = goes.size() + 1; before != goes.size();) {
      before = goes.size();
      for (const auto& id : std::set<std::string>(goes)) {
        if (!all_names_go(*things_.at(id), goes, selected)) goes.erase(id);
      }
    }
    auto out = goes;
    for (const auto& id : goes) {
      for (const auto* thing : taken_along(*things_.at(id))) {
        if (thing->carried) out.insert(thing->id);
      }
    }
    return out;
  }

  // Whether the view of a party still shows a thing with a class that it was given.
  bool shown(const Thing& thing, const std::string& party) {
    party_ = party;
    spent_counts_ = false;  // what a consent was used up for may still be read on it
    const bool out = permits(thing, thing);
    spent_counts_ = true;
    return out;
  }

 private:
  using Words = std::pair<std::set<std::string>, bool>;

  // All classes that can be reached, and whether one is not known.
  Words classes_of(const Thing& start) const {
    Words out;
    std::set<std::string> seen;
    std::vector<std::string> open = {start.id};
    while (!open.empty()) {
      const auto id = open.back();
      open.pop_back();
      if (!seen.insert(id).second) continue;
      const auto at = things_.find(id);
      if (at == things_.end()) {
        out.first.insert("threat-description");  // a tool that is not held: its type tells
        continue;
      }
      out.first.insert(at->second->own.begin(), at->second->own.end());
      out.second = out.second || at->second->unknown;
      open.insert(open.end(), at->second->takes.begin(), at->second->takes.end());
    }
    return out;
  }

  // About `thing` under the classes, area and purpose of `carrier`, which may be itself.
  treaty::Verdict ask(const Thing& carrier, const Thing& thing) const {
    treaty::Request request;
    request.from = "XA";
    request.to = party_;
    const auto words = classes_of(carrier);
    request.info.assign(words.first.begin(), words.first.end());
    request.area = carrier.area;
    request.purpose = carrier.purpose;
    request.tlp = thing.tlp;
    request.received_under = thing.chain;
    request.at = at_;
    std::set<std::string> originators;
    for (const auto& hop : thing.chain) originators.insert(hop.originator);
    for (const auto& originator : originators) {
      const auto* answer = sayings_.deciding(thing, originator, party_, at_, spent_counts_);
      if (answer == nullptr) continue;
      request.facts.emplace_back(fmt::format("consent:{}:{}", originator, party_),
                                 answer->granted ? "granted" : "refused");
    }
    const auto resolved = treaty::resolve(model_, request);
    if (!resolved) return treaty::invalid_request(model_, resolved.error());
    return treaty::decide_by_reference(model_, {}, treaty::Mode::Exercise, *resolved);
  }

  bool permits(const Thing& carrier, const Thing& thing) const {
    if (classes_of(carrier).second || thing.quarantined) return false;
    if (carrier.doubtful || thing.doubtful) return false;
    if (sayings_.recalled.contains({party_, thing.id})) return false;
    return ask(carrier, thing).kind == treaty::VerdictKind::Permitted;
  }
  bool permits(const Thing& thing) const {
    const auto words = classes_of(thing);
    // What has no class by itself travels with something, or not at all.
    return !words.first.empty() && permits(thing, thing);
  }

  // A thing and the held ones without class that it names, directly or through one another.
  std::set<const Thing*> taken_along(const Thing& carrier) const {
    std::set<const Thing*> out = {&carrier};
    for (std::size_t before = 0; before != out.size();) {
      before = out.size();
      for (const auto* thing : std::set<const Thing*>(out)) {
        for (const auto& name : thing->names) {
          const auto at = things_.find(name);
          if (at != things_.end() && at->second->carried) out.insert(at->second);
        }
      }
    }
    return out;
  }

  // Whether all that a thing takes along may go with it, and all else that these name.
  bool all_names_go(const Thing& carrier, const std::set<std::string>& goes,
                    const std::set<std::string>& selected) const {
    for (const auto* thing : taken_along(carrier)) {
      if (thing->carried && !permits(carrier, *thing)) return false;
      for (const auto& name : thing->names) {
        const auto at = things_.find(name);
        // Of what is not held nothing but its id is told.
        if (at == things_.end() || at->second->carried) continue;
        if (!(selected.contains(name) ? goes.contains(name) : permits(*at->second))) return false;
      }
    }
    return true;
  }

  const Sayings& sayings_;
  const treaty::Model& model_;
  Instant at_;
  std::string party_;
  bool spent_counts_ = true;
  std::map<std::string, const Thing*> things_;
};

// --- one against the other -----------------------------------------------------------------------

// XA and its peers, which cannot be reached: what was disclosed is what would be delivered.
class Sender {
 public:
  Sender() {
    for (const auto& code : recipients) {
      auto& peer = peers_[code];
      peer = std::make_unique<test::Party>(directory_.file(code), code,
                                           static_cast<std::uint64_t>(code[1]));
      test::pair_both(node(), peer->node(), test::nowhere, test::nowhere);
    }
  }
  Node& node() { return party_.node(); }
  Instant pass_time(Dice& dice) {
    const auto hours = static_cast<std::int64_t>(1 + dice.below(72));
    party_.clock.set(Instant{party_.clock.now().micros + hours * hour_micros});
    return node().now();
  }

  // Lets a party answer a request about these things, by the way of every answer but the post; the
  // request itself is put where one that was sent lies.
  void answer(Answer& answer, const std::vector<Digest>& records) {
    ConsentAnswer body;
    body.granted = answer.granted;
    body.records = records;
    body.recipient = answer.recipient;
    body.purpose = answer.purpose;
    body.until = answer.until;
    body.once = answer.once;
    std::tie(body.request, body.request_digest) =
        requested(answer.originator, {records, answer.recipient, answer.purpose});
    std::tie(answer.id, answer.digest) = heard(answer.originator, body);
  }
  void withdraw(Answer& answer) {
    heard(answer.originator, ConsentWithdrawal{answer.id, answer.digest});
    answer.withdrawn = true;
  }

  // Puts a world into the store; the import's id.
  std::string take(const World& world) {
    std::vector<std::string> own;
    for (const auto& thing : world.things) {
      if (!thing.received) own.push_back(thing.bytes);
    }
    // What others sent is there before, so that our own can take its classes from it.
    keep_received(world);
    ImportOptions options;
    options.tlp = world.tlp;
    options.area = world.area;
    options.purpose = world.purpose;
    const auto report = test::import_objects(node(), own, options);
    EXPECT_EQ(report.added, static_cast<std::int64_t>(own.size()));
    return report.import_id;
  }

  // The ids that were disclosed to a party since it was last asked. They count as received from
  // then on: a receipt is put where it would lie, so that nothing is sent again.
  std::vector<std::string> disclosed(const std::string& party) {
    std::vector<std::string> out;
    const auto change = must(Change::begin(node()));
    const auto last = must(change->store().last_disclosure(store::Direction::Sent, party));
    auto& seen = seen_[party];
    if (!last || last->number == seen) return out;
    for (const auto& row :
         must(change->store().protocols("comity-disclosure", store::Direction::Sent, party))) {
      if (row.number <= seen) continue;
      for (const auto& item : must(change->store().grants_by_disclosure(party, row.id))) {
        out.push_back(item.stix_id);
      }
      expect_both_forms(change->store(), row);
      must(change->store().append(statement(receipt_id(row.id), "comity-receipt", "{}",
                                            store::Direction::Received, party, row.id)));
    }
    seen = last->number;
    must(change->commit());
    return out;
  }

  // The same rows in sum: what is derived from the store is what is listed.
  void expect_both_forms(store::Snapshot& snapshot, const store::ProtocolObject& row) {
    auto listed = must(read_disclosure(row.bytes));
    must(name_kept_records(snapshot, row, listed));
    auto summed = listed;
    summed.root = rows_root(listed.records);
    auto back = must(read_disclosure(sign(summed, node().signing_key()).bytes));
    EXPECT_FALSE(back.named);
    must(name_kept_records(snapshot, row, back));
    ASSERT_EQ(back.records.size(), listed.records.size());
    for (std::size_t i = 0; i < back.records.size(); ++i) {
      EXPECT_EQ(back.records[i].digest, listed.records[i].digest);
      EXPECT_EQ(back.records[i].classes, listed.records[i].classes);
      EXPECT_EQ(back.records[i].originator, listed.records[i].originator);
      EXPECT_EQ(back.records[i].chain, listed.records[i].chain);
    }
    EXPECT_EQ(rows_root(back.records), *back.root);
  }

  // What the view of a party shows of what was granted after an instant; without one, all of it.
  std::set<std::string> shown(const std::string& party, std::optional<Instant> after = {}) {
    taxii::Query query;
    query.added_after = after;
    std::set<std::string> out;
    for (bool more = true; more;) {
      const auto page = must(views_.objects({party}, "records", query));
      for (const auto& item : page.items) out.emplace(must(json::parse(item.bytes)).text("id"));
      more = page.more;
      query.next = page.next;
    }
    return out;
  }

 private:
  static store::ProtocolObject statement(const std::string& id, const std::string& kind,
                                         const std::string& bytes, store::Direction direction,
                                         const std::string& peer, const std::string& about) {
    store::ProtocolObject row;
    row.id = id;
    row.kind = kind;
    row.direction = direction;
    row.peer = peer;
    row.bytes = bytes;
    row.digest = sha256(id + bytes);
    row.about = about;
    return row;
  }

  SignedObject signed_by(Node& from, const std::string& to, StatementBody body, std::string& id) {
    Statement out;
    out.body = std::move(body);
    id = out.id = id_of(statement_type(out.body), ++said_);
    out.mode = "exercise";
    out.exercise = "drill";
    out.from = from.party();
    out.to = to;
    out.time = node().now();
    return sign(out, from.signing_key());
  }
  std::pair<std::string, Digest> requested(const std::string& originator, ConsentRequest body) {
    std::string id;
    const auto object = signed_by(node(), originator, std::move(body), id);
    auto row = statement(id, "comity-consent-request", object.bytes, store::Direction::Sent,
                         originator, "");
    row.digest = object.digest;
    const auto change = must(Change::begin(node()));
    must(change->store().append(row));
    must(change->commit());
    return {id, object.digest};
  }
  std::pair<std::string, Digest> heard(const std::string& from, StatementBody body) {
    std::string id;
    const auto object = signed_by(peers_.at(from)->node(), "XA", std::move(body), id);
    must(receive(node(), from, "{\"objects\":[" + object.bytes + "]}"));
    return {id, object.digest};
  }

  void keep_received(const World& world) {
    const auto change = must(Change::begin(node()));
    for (const auto& thing : world.things) {
      if (thing.received) must(change->store().append(received_record(thing)));
    }
    must(change->commit());
  }

  static store::Record received_record(const Thing& thing) {
    store::Record out;
    out.assertion_id = sha256("received " + thing.id);
    out.stix_id = thing.id;
    out.type = thing.type;
    out.version = must(parse_rfc3339("2026-01-01T00:00:00Z"));
    out.bytes = thing.bytes;
    out.digest = thing.digest;
    out.originator = thing.chain.front().originator;
    out.received_from = thing.chain.back().originator;
    out.source = "comity-disclosure--of-the-test";
    out.classes = thing.unknown ? "?" : thing.own.empty() ? "" : *thing.own.begin();
    out.area = thing.area;
    out.purpose = thing.purpose;
    out.tlp = thing.tlp;
    json::Array hops;
    for (const auto& [instrument, originator, received] : thing.chain) {
      json::Object hop;
      hop.set("instrument", instrument);
      hop.set("originator", originator);
      if (received) hop.set("received", format_rfc3339(*received, 6));
      hops.push_back(std::move(hop));
    }
    out.chain = json::write(hops);
    out.doubts = thing.doubtful ? R"(["long"])" : "[]";
    if (thing.quarantined) {
      out.state = store::RecordState::Quarantined;
      out.quarantine_reason = "of the test";
    }
    out.names = thing.names;
    return out;
  }

  test::TemporaryDirectory directory_;
  test::Party party_{directory_.file("XA"), "XA", 1};
  std::map<std::string, std::unique_ptr<test::Party>> peers_;
  std::map<std::string, std::int64_t> seen_;  // number of the last disclosure looked at
  std::size_t said_ = 0;
  Views views_{node()};
};

struct Tally {
  std::size_t deliveries = 0, delivered = 0, carried = 0, onward = 0, worlds = 0;
  std::size_t on_consent = 0;  // went on, and a consent counted
  std::size_t ended = 0;       // had gone, and is shown no more
  std::size_t recalled = 0, returned = 0, consents = 0, law_acts = 0;
  std::size_t pages = 0, pages_permitted = 0;  // looked at, for one party each
  // Records of earlier worlds that were looked at in a view, and were in it.
  std::size_t earlier = 0, earlier_shown = 0;
};

// What is asked for: the whole import, or some of it by name.
std::pair<std::vector<std::string>, std::set<std::string>> ask_for(Dice& dice, const World& world,
                                                                   const std::string& import_id) {
  std::vector<std::string> ids;
  std::set<std::string> asked;
  if (dice.one_in(2)) {
    ids.push_back(import_id);
    for (const auto& thing : world.things) {
      if (!thing.received) asked.insert(thing.id);
    }
  }
  for (const auto& thing : world.things) {
    if (!(ids.empty() || dice.one_in(3)) || asked.contains(thing.id)) continue;
    // A record that came from others and is named may be quarantined: it is asked for all the same.
    ids.push_back(thing.id);
    asked.insert(thing.id);
  }
  return {ids, asked};
}

// One world at one node, over several releases. `earlier`: those that the node had before.
class Comparison {
 public:
  using Worlds = std::vector<std::unique_ptr<Comparison>>;
  Comparison(Sender& sender, Dice& dice, std::size_t& next, Tally& tally, const Worlds& earlier)
      : sender_(sender),
        dice_(dice),
        tally_(tally),
        earlier_(earlier),
        begin_(sender.pass_time(dice)),
        world_(changed(dice), next) {
    next = world_.next();
    for (const auto& thing : world_.things) things_[thing.id] = &thing;
    std::tie(ids_, asked_) = ask_for(dice, world_, sender.take(world_));
    for (std::size_t i = dice.below(6); i > 0; --i) answer();
  }

  void run() {
    ++tally_.worlds;
    for (auto rounds = 1 + dice_.below(rounds_max); rounds > 0; --rounds) {
      ASSERT_NO_FATAL_FAILURE(compare());
      if (rounds > 1) happen();
    }
    // By now the law is another, and what was given under the one before may not be shown, or
    // again.
    ASSERT_NO_FATAL_FAILURE(compare_earlier(dice_.one_of(recipients)));
  }

 private:
  Dice& changed(Dice& dice) {
    test::change_law(sender_.node(), test::random_register(dice, sender_.node().treaty_now()));
    suspended_.clear();
    return dice;
  }

  void compare() {
    const auto at = sender_.node().treaty_now();
    must(release(sender_.node(), ids_, recipients));
    const auto law = sender_.node().law();
    Oracle oracle(world_, sayings_, law->model(), at);
    const auto selected = oracle.selection(asked_);
    for (const auto& party : recipients) {
      auto& given = given_[party];
      auto expected = oracle.delivered(selected, party);
      std::erase_if(expected, [&](const auto& id) { return given.contains(id); });
      const auto found = sender_.disclosed(party);
      const std::set<std::string> once(found.begin(), found.end());
      ASSERT_EQ(found.size(), once.size()) << "something went twice to " << party;
      ASSERT_EQ(once, expected) << "to " << party << ", world " << tally_.worlds;
      tally_.deliveries += selected.size();
      count(once, party, at);
      for (const auto& id : once) sayings_.spend(*things_.at(id), party, at);
      given.insert(once.begin(), once.end());
      if (dice_.one_in(2)) continue;
      ASSERT_NO_FATAL_FAILURE(compare_view(oracle, party));
    }
    for (auto looks = dice_.below(3); looks > 0; --looks) {
      ASSERT_NO_FATAL_FAILURE(compare_page(law->model()));
    }
  }

  // What the page of one record says of every party: now as `preview` does, and at another instant
  // as the oracle does, which also knows what has gone by and what is still to come.
  void compare_page(const treaty::Model& model) {
    auto& node = sender_.node();
    const auto& thing = dice_.one_of(world_.things);
    const auto snapshot = must(node.store().read());
    const auto record = preferred(must(snapshot->records_by_stix_id(thing.id, false)));
    ASSERT_TRUE(record.has_value()) << thing.id;
    const auto now = must(preview_record(node, *snapshot, *record, std::nullopt, node.law()));
    const auto by_id = must(preview(node, {thing.id}));
    ASSERT_EQ(now.size(), by_id.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      ASSERT_EQ(now[i].party, by_id[i].party);
      ASSERT_EQ(now[i].verdict, by_id[i].verdict) << thing.id << " to " << now[i].party;
      ASSERT_EQ(now[i].record, by_id[i].record);
      ASSERT_EQ(now[i].because, by_id[i].because);
    }
    const auto hours = static_cast<std::int64_t>(dice_.below(121)) - 60;
    const Instant at{node.treaty_now().micros + hours * hour_micros};
    Oracle oracle(world_, sayings_, model, at);
    const auto selected = oracle.selection({thing.id});
    for (const auto& row : must(preview_record(node, *snapshot, *record, at, node.law()))) {
      if (std::find(recipients.begin(), recipients.end(), row.party) == recipients.end()) continue;
      const auto delivered = oracle.delivered(selected, row.party);
      bool all = false, none_left = true;
      for (const auto& id : selected) {
        if (things_.at(id)->carried) continue;
        all = true;
        none_left = none_left && delivered.contains(id);
      }
      ASSERT_EQ(row.verdict.kind == treaty::VerdictKind::Permitted, all && none_left)
          << thing.id << " to " << row.party << " at " << format_rfc3339(at, 6) << ", world "
          << tally_.worlds;
      tally_.pages_permitted += all && none_left;
      ++tally_.pages;
    }
  }

  void count(const std::set<std::string>& once, const std::string& party, Instant at) {
    tally_.delivered += once.size();
    for (const auto& id : once) {
      const auto& thing = *things_.at(id);
      tally_.carried += thing.carried;
      tally_.onward += thing.received;
      for (const auto& [instrument, originator, received] : thing.chain) {
        const auto* answer = sayings_.deciding(thing, originator, party, at, true);
        tally_.on_consent += answer != nullptr && answer->granted;
      }
    }
  }

  // What a party had is shown as long as it may have it, and nothing else is.
  void compare_view(Oracle& oracle, const std::string& party) {
    const auto shown = sender_.shown(party, Instant{begin_.micros - 1});
    // What an earlier world had given, and may be shown again by now, has a new date, too.
    for (const auto& id : shown) ASSERT_TRUE(was_given(party, id)) << party << ": " << id;
    ASSERT_NO_FATAL_FAILURE(expect_shown(oracle, party, shown));
  }

  // The whole view of a party, and in it what earlier worlds had given.
  void compare_earlier(const std::string& party) {
    const auto at = sender_.node().treaty_now();
    const auto law = sender_.node().law();
    const auto shown = sender_.shown(party);
    for (const auto& id : shown) ASSERT_TRUE(was_given(party, id)) << party << ": " << id;
    for (const auto& one : earlier_) {
      Oracle oracle(one->world_, one->sayings_, law->model(), at);
      ASSERT_NO_FATAL_FAILURE(one->expect_shown(oracle, party, shown));
      for (const auto& id : one->given_[party]) tally_.earlier_shown += shown.contains(id);
      tally_.earlier += one->given_[party].size();
    }
  }

  bool was_given(const std::string& party, const std::string& id) {
    return given_[party].contains(id) ||
           std::any_of(earlier_.begin(), earlier_.end(),
                       [&](const auto& one) { return one->given_[party].contains(id); });
  }

  // Of what this world has given to a party.
  void expect_shown(Oracle& oracle, const std::string& party, const std::set<std::string>& shown) {
    for (const auto& id : given_[party]) {
      const auto& thing = *things_.at(id);
      if (thing.carried) {
        // It is shown with what it came with; what was called back is not, whoever carries it.
        ASSERT_FALSE(shown.contains(id) && sayings_.recalled.contains({party, id})) << id;
        continue;
      }
      const bool expected = oracle.shown(thing, party);
      ASSERT_EQ(shown.contains(id), expected)
          << id << " in the view of " << party << ", world " << tally_.worlds;
      tally_.returned += expected && hidden_.erase({party, id}) > 0;
      if (!expected) tally_.ended += hidden_.insert({party, id}).second;
    }
  }

  // What may happen between two releases.
  void happen() {
    if (dice_.one_in(2)) sender_.pass_time(dice_);
    if (dice_.one_in(4)) changed(dice_);
    for (auto acts = dice_.below(3); acts > 0; --acts) act_of_law();
    if (dice_.one_in(2)) answer();
    if (dice_.one_in(2)) withdraw();
    if (dice_.one_in(3)) call_back();
  }

  void act_of_law() {
    auto& node = sender_.node();
    bool done = false;
    if (!suspended_.empty() && dice_.one_in(2)) {
      const auto suspension = *suspended_.begin();
      suspended_.erase(suspended_.begin());
      done = resume(node, {suspension.first, suspension.second}).has_value();
    } else {
      const auto law = node.law();
      const auto& instruments = law->model().instruments;
      const auto& instrument = instruments[dice_.below(instruments.size())].id;
      const auto party = dice_.one_in(3) ? std::string("XA") : dice_.one_of(recipients);
      if (dice_.one_in(4)) {
        const auto effective = test::instant_near(dice_, node.treaty_now());
        done = denounce(node, {instrument, party, effective}).has_value();
      } else if (suspend(node, {instrument, party}).has_value()) {
        suspended_.emplace(instrument, party);
        done = true;
      }
    }
    // A party that is none, or has said so already, changes nothing, for the oracle neither.
    tally_.law_acts += done;
  }

  // A party of some chain answers for some recipient about some things.
  void answer() {
    std::vector<const Thing*> received;
    for (const auto& thing : world_.things) {
      if (thing.received) received.push_back(&thing);
    }
    if (received.empty()) return;
    Answer out;
    out.originator = dice_.one_of(dice_.one_of(received)->chain).originator;
    do out.recipient = dice_.one_of(recipients);
    while (out.recipient == out.originator);
    out.purpose = dice_.one_in(8) ? dice_.one_of(test::purposes) : world_.purpose;
    out.granted = !dice_.one_in(4);
    if (out.granted && dice_.one_in(4)) out.until = soon();
    out.once = out.granted && dice_.one_in(3);
    std::vector<Digest> records;
    for (const auto* thing : received) {
      if (dice_.one_in(4)) continue;
      out.things.insert(thing->id);
      records.push_back(thing->digest);
    }
    if (records.empty()) records.push_back(sha256("another version"));
    sender_.answer(out, records);
    sayings_.answers.push_back(std::move(out));
    ++tally_.consents;
  }
  Instant soon() {
    const auto hours = static_cast<std::int64_t>(dice_.below(96));
    return Instant{sender_.node().now().micros + hours * hour_micros + 1 -
                   static_cast<std::int64_t>(dice_.below(2))};
  }

  void withdraw() {
    std::vector<Answer*> standing;
    for (auto& answer : sayings_.answers) {
      if (answer.granted && !answer.withdrawn) standing.push_back(&answer);
    }
    if (!standing.empty()) sender_.withdraw(*dice_.one_of(standing));
  }

  void call_back() {
    const auto& party = dice_.one_of(recipients);
    std::vector<std::string> had;
    for (const auto& id : given_[party]) {
      if (!sayings_.recalled.contains({party, id})) had.push_back(id);
    }
    if (had.empty()) return;
    const auto& id = dice_.one_of(had);
    must(recall(sender_.node(), {{id}, {party}, "other", {}}));
    sayings_.recalled.insert({party, id});
    ++tally_.recalled;
  }

  Sender& sender_;
  Dice& dice_;
  Tally& tally_;
  const Worlds& earlier_;
  Instant begin_;
  std::set<std::pair<std::string, std::string>> suspended_;  // instrument, party; not resumed yet
  World world_;
  Sayings sayings_;
  std::map<std::string, const Thing*> things_;
  std::vector<std::string> ids_;
  std::set<std::string> asked_;
  std::map<std::string, std::set<std::string>> given_;    // party → what it was given
  std::set<std::pair<std::string, std::string>> hidden_;  // given, and shown no more
};

class ReleaseOracle : public testing::TestWithParam<std::size_t> {};

// Every outcome came often, or this would have shown little.
void expect_telling(const Tally& tally) {
  EXPECT_GT(tally.delivered, tally.deliveries / 40);
  EXPECT_GT(tally.carried, tally.deliveries / 400);
  EXPECT_GT(tally.onward, tally.deliveries / 1000);
  EXPECT_GT(tally.on_consent, tally.deliveries / 2000);
  EXPECT_GT(tally.ended, tally.deliveries / 200);
  EXPECT_GT(tally.returned, tally.deliveries / 20'000);
  EXPECT_GT(tally.consents, tally.worlds);
  EXPECT_GT(tally.law_acts, tally.worlds / 10);
  EXPECT_GT(tally.recalled, tally.worlds / 50);
  EXPECT_GT(tally.pages, tally.worlds);
  EXPECT_GT(tally.pages_permitted, tally.pages / 50);
  EXPECT_GT(tally.earlier, tally.worlds);
  EXPECT_GT(tally.earlier_shown, tally.earlier / 200);
  EXPECT_GT(tally.earlier - tally.earlier_shown, tally.earlier / 200);
}

TEST_P(ReleaseOracle, AgreesWithEveryDelivery) {
  const auto target = deliveries_full / test::scale();
  SCOPED_TRACE(fmt::format("COMITY_SEED={}, shard {}", comity::test::seed(), GetParam()));
  Dice dice(comity::test::seed() + GetParam());
  Tally tally;
  std::size_t next = 1;
  // In some worlds nobody may be given anything: short counts go on until they have met another.
  const auto unfinished = [&] {
    return tally.deliveries < target || (tally.delivered == 0 && tally.worlds < worlds_without_max);
  };
  while (unfinished()) {
    Sender sender;
    Comparison::Worlds worlds;
    while (worlds.size() < worlds_on_one_node && unfinished()) {
      auto world = std::make_unique<Comparison>(sender, dice, next, tally, worlds);
      world->run();
      if (HasFatalFailure()) return;
      worlds.push_back(std::move(world));
    }
  }
  EXPECT_GT(tally.delivered, 0U);
  if (target >= deliveries_telling) expect_telling(tally);
  fmt::print(
      "{} deliveries, {} worlds; {} delivered, {} of them carried, {} received, {} on consent; "
      "{} ended, {} returned; {} answers, {} acts of law, {} recalls; {} of earlier worlds, {} of "
      "them shown\n",
      tally.deliveries, tally.worlds, tally.delivered, tally.carried, tally.onward,
      tally.on_consent, tally.ended, tally.returned, tally.consents, tally.law_acts, tally.recalled,
      tally.earlier, tally.earlier_shown);
}

INSTANTIATE_TEST_SUITE_P(Shard, ReleaseOracle, testing::Range(std::size_t{0}, shards));

}  // namespace
}  // namespace comity::exchange
