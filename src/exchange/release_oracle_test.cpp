// What a release delivers, against an oracle that works it out anew: slow, plain, and of its own
// code. It knows what the test put into each object, keeps its own account of classes, references
// and handling, and asks the reference interpreter of the law; it shares nothing with the code that
// selects, decides and releases.
//
// A delivery is one selected record and one recipient, whether it goes or not. Worlds are random:
// registers, objects with references in chains and circles, what carries and is carried, what came
// from others with a chain, handling, instants.
#include <algorithm>
#include <random>
#include <set>

#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "json/write.h"
#include "treaty/reference.h"

namespace comity::exchange {
namespace {

using test::id_of;
using test::must;

constexpr std::size_t deliveries_full = 200'000;
constexpr std::size_t deliveries_min = 20'000;
constexpr std::size_t worlds_on_one_node = 15;  // receipts never come, so statements pile up
constexpr std::size_t objects_max = 24;
const std::vector<std::string> recipients = {"XB", "XC", "XD"};
const std::vector<std::string> areas = {"threat-information", "csirt-response"};
const std::vector<std::string> purposes = {"warning", "incident-response"};
const std::vector<std::string> classes = {"indicator",      "threat-description",
                                          "vulnerability",  "incident-summary",
                                          "malware-sample", "assessment-opinion"};
const std::vector<std::pair<std::string, std::string>> tlps = {{"clear", test::tlp_clear},
                                                               {"green", test::tlp_green},
                                                               {"amber", test::tlp_amber},
                                                               {"red", test::tlp_red}};

std::uint64_t seed() {
  const char* text = std::getenv("COMITY_SEED");
  return text == nullptr ? 20'261'125 : std::strtoull(text, nullptr, 10);
}

// --- what the test puts in -----------------------------------------------------------------------

class Dice {
 public:
  explicit Dice(std::uint64_t start) : random_(start) {}
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename T>
  const T& one_of(const std::vector<T>& list) {
    return list[below(list.size())];
  }
  // Some of a list, at least one, as a TOML array.
  std::string some(const std::vector<std::string>& list) {
    std::vector<std::string> out;
    for (const auto& word : list) {
      if (!one_in(3)) out.push_back(word);
    }
    if (out.empty()) out.push_back(one_of(list));
    return fmt::format("[\"{}\"]", fmt::join(out, "\", \""));
  }

 private:
  std::mt19937_64 random_;
};

std::string day(Instant now, int offset) {
  return format_rfc3339(Instant{now.micros + std::int64_t{offset} * 86'400'000'000}, 0)
      .substr(0, 10);
}

std::string clause_text(Dice& dice, std::size_t number) {
  std::string out = fmt::format(
      "[[clause]]\nid = \"c{}\"\narticle = \"Art. {}\"\nstatus = \"unverified\"\n"
      "provenance = \"X\"\nsays = \"Invented.\"\n",
      number, number);
  if (dice.one_in(4)) {
    out += "verb = \"forbid\"\n";
    if (dice.one_in(2)) {
      out += "action = [\"share\", \"onward\"]\nscope = \"basis\"\n";
      if (dice.one_in(2)) out += "when = \"prejudice-national-interest\"\n";
    } else {
      out += "action = \"onward\"\nscope = \"origin\"\n";
      if (dice.one_in(2)) out += "except = \"consent\"\n";
      if (dice.one_in(3)) out += "to = \"third-parties\"\n";
    }
    if (!dice.one_in(4)) out += fmt::format("info = {}\n", dice.some({dice.one_of(classes)}));
    return out;
  }
  out += fmt::format("verb = \"permit\"\naction = {}\ninfo = {}\narea = {}\npurpose = {}\n",
                     dice.one_in(3) ? "[\"share\", \"onward\"]" : "\"share\"", dice.some(classes),
                     dice.some(areas), dice.some(purposes));
  if (dice.one_in(4)) out += "handling_max = \"green\"\n";
  if (dice.one_in(6)) out += "needs = [\"arrangement:format-and-protection\"]\n";
  return out;
}

std::string instrument_text(Dice& dice, Instant now, const std::string& id) {
  std::string out = fmt::format(
      "[instrument]\nid = \"{}\"\ntitle.en = \"Invented\"\nform = \"agreement\"\n"
      "category = \"intergovernmental\"\nbinding = \"binding\"\n"
      "level_claims = [{{ level = \"bilateral\", by = \"comity\", source = \"X\" }}]\n"
      "signed = 2024-01-01\nsigned_provenance = \"X\"\nprovenance = \"X\"\n"
      "verification = \"unverified\"\n",
      id);
  for (const auto* code : {"XA", "XB", "XC", "XD"}) {
    if (dice.one_in(4)) continue;
    out += fmt::format(
        "[[party]]\ncode = \"{}\"\nprovenance = \"X\"\n"
        "verification = \"unverified\"\n",
        code);
    if (!dice.one_in(8)) {
      const int offset = dice.one_in(6) ? static_cast<int>(dice.below(3)) : -30;
      out += fmt::format("in_force = {}\n", day(now, offset));
      if (dice.one_in(6)) {
        out += fmt::format("until = {}\n", day(now, offset + static_cast<int>(dice.below(40)) + 1));
      }
    }
  }
  const auto count = 1 + dice.below(4);
  for (std::size_t i = 1; i <= count; ++i) out += clause_text(dice, i);
  return out;
}

treaty::RegisterFiles random_register(Dice& dice, Instant now) {
  auto files = test::register_files();
  files.erase(test::agreement_file);
  const auto count = 1 + dice.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = fmt::format("o-{}", i);
    files["instruments/bilateral/" + id + ".toml"] = instrument_text(dice, now, id);
    if (!dice.one_in(2)) continue;
    files["arrangements/" + id + ".toml"] = fmt::format(
        "[[arrangement]]\nid = \"{}-format\"\ninstrument = \"{}\"\n"
        "kind = \"format-and-protection\"\nparties = [\"XA\", \"{}\"]\nin_force = {}\n"
        "provenance = \"X\"\n",
        id, id, dice.one_of(recipients), day(now, dice.one_in(4) ? 5 : -5));
  }
  files["exercises/drill.toml"] =
      "[[assume]]\nid = \"body\"\nreason = \"The body is invented.\"\n"
      "designation = { instrument = \"o-0\", party = \"XB\", body = \"XB-CERT\" }\n";
  return files;
}

// An object as the test knows it.
struct Thing {
  std::string id, type, bytes;
  std::vector<std::string> names;     // what it refers to
  std::vector<std::string> contents;  // of a report or grouping
  std::set<std::string> own;          // classes that it has of itself
  std::vector<std::string> takes;     // objects whose classes it takes
  bool unknown = false, carried = false;
  std::string tlp, area, purpose;
  std::vector<std::pair<std::string, std::string>> chain;
  bool doubtful = false, quarantined = false, received = false;
  Digest digest{};
};

struct Kind {
  const char* type;
  const char* own;   // class; empty: none
  const char* more;  // required members
};
constexpr Kind kinds[] = {
    {"indicator", "indicator",
     R"(,"pattern":"[ipv4-addr:value = '198.51.100.1']","pattern_type":"stix",)"
     R"("valid_from":"2026-01-01T00:00:00Z")"},
    {"malware", "threat-description", R"(,"is_family":false)"},
    {"campaign", "threat-description", R"(,"name":"n")"},
    {"vulnerability", "vulnerability", R"(,"name":"n")"},
    {"threat-actor", "assessment-opinion", R"(,"name":"n")"},
    {"identity", "", R"(,"name":"n","identity_class":"organization")"},
    {"location", "", R"(,"region":"n")"},
    {"x-unheard-of", "?", ""},
};

class World {
 public:
  World(Dice& dice, std::size_t first) : dice_(dice), next_(first) {
    area = dice.one_of(areas);
    purpose = dice.one_of(purposes);
    if (!dice.one_in(4)) tlp = dice.one_of(tlps).first;
    const auto count = 4 + dice.below(objects_max - 3);
    for (std::size_t i = 0; i < count; ++i) things.push_back(leaf());
    for (std::size_t i = 0; i < count / 2; ++i) things.push_back(joint());
    // Names are chosen last, so that they reach forwards, backwards and in circles.
    for (auto& thing : things) finish(thing);
    // A relationship whose ends have no class has none either: it is carried, as they are.
    for (std::size_t before = 0, now = 1; before != now;) {
      before = now;
      for (auto& thing : things) thing.carried = thing.carried || joins_carried(thing);
      now = static_cast<std::size_t>(
          std::count_if(things.begin(), things.end(), [](const Thing& t) { return t.carried; }));
    }
  }

  std::string area, purpose, tlp;  // of the import
  std::vector<Thing> things;
  std::size_t next() const { return next_; }

 private:
  Thing leaf() {
    const auto& kind = kinds[dice_.below(std::size(kinds) - (dice_.one_in(4) ? 0U : 1U))];
    Thing out;
    out.type = kind.type;
    out.id = id_of(out.type, next_++);
    const std::string own = kind.own;
    out.unknown = own == "?";
    out.carried = own.empty();
    if (!out.unknown && !out.carried) out.own = {own};
    out.bytes = kind.more;
    return out;
  }

  bool joins_carried(const Thing& thing) const {
    return thing.type == "relationship" &&
           std::all_of(thing.takes.begin(), thing.takes.end(), [&](const std::string& id) {
             return std::any_of(things.begin(), things.end(),
                                [&](const Thing& t) { return t.id == id && t.carried; });
           });
  }

  Thing joint() {
    Thing out;
    out.type = dice_.one_of<std::string>({"relationship", "report", "grouping"});
    out.id = id_of(out.type, next_++);
    if (out.type != "relationship") out.own = {"incident-summary"};
    return out;
  }

  // Another object of this world, or now and then one that nobody holds.
  std::string other(const Thing& than) {
    const auto& id = things[dice_.below(things.size())].id;
    if (id == than.id || dice_.one_in(12)) return id_of("tool", 900'000'000 + dice_.below(1000));
    return id;
  }
  std::string carried() {
    std::vector<std::string> ids;
    for (const auto& thing : things) {
      if (thing.carried) ids.push_back(thing.id);
    }
    return ids.empty() ? std::string() : dice_.one_of(ids);
  }

  void finish(Thing& thing) {
    auto more = thing.bytes;
    if (thing.type == "relationship") {
      thing.takes = {other(thing), other(thing)};
      thing.names = thing.takes;
      more = fmt::format(R"(,"relationship_type":"related-to","source_ref":"{}","target_ref":"{}")",
                         thing.takes[0], thing.takes[1]);
    } else if (thing.type == "report" || thing.type == "grouping") {
      for (auto count = 1 + dice_.below(4); count > 0; --count) {
        thing.contents.push_back(other(thing));
      }
      thing.takes = thing.names = thing.contents;
      more = thing.type == "report" ? R"(,"name":"n","report_types":["threat-report"],"published":)"
                                      R"("2026-01-01T00:00:00Z")"
                                    : R"(,"context":"suspicious-activity")";
      more += test::refs(thing.contents);
    }
    if (auto author = carried(); !author.empty() && author != thing.id && dice_.one_in(2) &&
                                 author.starts_with("identity")) {
      more += fmt::format(R"(,"created_by_ref":"{}")", author);
      thing.names.push_back(author);
    }
    thing.tlp = tlp;
    if (dice_.one_in(2)) {
      const auto& [name, marking] = dice_.one_of(tlps);
      more += test::marked(marking);
      thing.tlp = name;
      thing.names.push_back(marking);
    }
    if (dice_.one_in(25)) {
      more += fmt::format(R"(,"description":"{}")", std::string(2001, 'x'));
      thing.doubtful = true;
    }
    thing.area = area;
    thing.purpose = purpose;
    const auto number = std::stoull(thing.id.substr(thing.id.size() - 12), nullptr, 16);
    thing.bytes = test::object(thing.type, number, more);
    thing.digest = must(protocol_digest(thing.bytes));
    receive(thing);
  }

  // Some came from another party, under one or two agreements.
  void receive(Thing& thing) {
    if (thing.type == "report" || thing.type == "grouping" || thing.type == "relationship" ||
        !dice_.one_in(6)) {
      return;
    }
    thing.received = true;
    for (auto hops = 1 + dice_.below(2); hops > 0; --hops) {
      thing.chain.emplace_back("o-0", dice_.one_of(recipients));
    }
    thing.quarantined = dice_.one_in(5);
  }

  Dice& dice_;
  std::size_t next_;
};

// --- the oracle ----------------------------------------------------------------------------------

class Oracle {
 public:
  Oracle(const World& world, const treaty::Model& model, Instant at) : model_(model), at_(at) {
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
    std::set<std::string> permitted;
    for (const auto& id : selected) {
      const auto& thing = *things_.at(id);
      if (!thing.carried && permits(thing)) permitted.insert(id);
    }
    for (const auto& id : std::set<std::string>(permitted)) carry(*things_.at(id), permitted);
    auto goes = permitted;
    for (const auto& id : permitted) {
      if (!all_names_permitted(*things_.at(id), permitted, selected)) goes.erase(id);
    }
    // Who names a selected record that does not go does not go, and so on.
    for (std::size_t before = goes.size() + 1; before != goes.size();) {
      before = goes.size();
      for (const auto& id : std::set<std::string>(goes)) {
        for (const auto& name : things_.at(id)->names) {
          if (selected.contains(name) && !goes.contains(name)) goes.erase(id);
        }
      }
    }
    return with_carriers(goes);
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
    const auto resolved = treaty::resolve(model_, request);
    if (!resolved) return treaty::invalid_request(model_, resolved.error());
    return treaty::decide_by_reference(model_, {}, treaty::Mode::Exercise, *resolved);
  }

  bool permits(const Thing& carrier, const Thing& thing) const {
    if (classes_of(carrier).second || thing.quarantined) return false;
    if (carrier.doubtful || thing.doubtful) return false;
    return ask(carrier, thing).kind == treaty::VerdictKind::Permitted;
  }
  bool permits(const Thing& thing) const {
    const auto words = classes_of(thing);
    // What has no class by itself travels with something, or not at all.
    return !words.first.empty() && permits(thing, thing);
  }

  // Adds what a permitted record takes along.
  void carry(const Thing& carrier, std::set<std::string>& permitted) const {
    std::vector<const Thing*> open = {&carrier};
    std::set<const Thing*> seen;
    while (!open.empty()) {
      const auto* from = open.back();
      open.pop_back();
      if (!seen.insert(from).second) continue;
      for (const auto& name : from->names) {
        const auto at = things_.find(name);
        if (at == things_.end() || !at->second->carried || !permits(carrier, *at->second)) continue;
        permitted.insert(name);
        open.push_back(at->second);
      }
    }
  }

  bool all_names_permitted(const Thing& thing, const std::set<std::string>& permitted,
                           const std::set<std::string>& selected) const {
    return std::all_of(thing.names.begin(), thing.names.end(), [&](const std::string& name) {
      const auto at = things_.find(name);
      if (at == things_.end()) return true;  // not held: nothing but its id is told
      if (at->second->carried && !thing.carried) return permits(thing, *at->second);
      return selected.contains(name) ? permitted.contains(name) : permits(*at->second);
    });
  }

  // Without what is carried by nothing that goes.
  std::set<std::string> with_carriers(const std::set<std::string>& goes) const {
    std::set<std::string> out;
    for (const auto& id : goes) {
      if (!things_.at(id)->carried) out.insert(id);
    }
    for (std::size_t before = 0; before != out.size();) {
      before = out.size();
      for (const auto& id : std::set<std::string>(out)) {
        for (const auto& name : things_.at(id)->names) {
          if (goes.contains(name) && things_.at(name)->carried) out.insert(name);
        }
      }
    }
    return out;
  }

  const treaty::Model& model_;
  Instant at_;
  std::string party_;
  std::map<std::string, const Thing*> things_;
};

// --- one against the other -----------------------------------------------------------------------

// XA and its peers, which cannot be reached: what was disclosed is what would be delivered.
class Sender {
 public:
  Sender() {
    for (const auto& code : recipients) {
      test::Party peer(directory_.file(code), code, static_cast<std::uint64_t>(code[1]));
      test::pair_both(party_.node(), peer.node(), test::nowhere, test::nowhere);
    }
  }
  Node& node() { return party_.node(); }
  Instant pass_time(Dice& dice) {
    const auto hours = static_cast<std::int64_t>(1 + dice.below(72));
    party_.clock.set(Instant{party_.clock.now().micros + hours * 3'600'000'000});
    return node().now();
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

  // The ids that disclosures to a party name since number `after`.
  std::vector<std::string> disclosed(const std::string& party, std::int64_t after) {
    std::vector<std::string> out;
    const auto snapshot = must(node().store().read());
    for (const auto& row :
         must(snapshot->protocols("comity-disclosure", store::Direction::Sent, party))) {
      if (row.number <= after) continue;
      for (const auto& item : must(snapshot->grants_by_disclosure(party, row.id))) {
        out.push_back(item.stix_id);
      }
    }
    return out;
  }
  std::int64_t last_number(const std::string& party) {
    const auto snapshot = must(node().store().read());
    const auto last = must(snapshot->last_disclosure(store::Direction::Sent, party));
    return last ? last->number : 0;
  }

 private:
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
    out.originator = thing.chain.front().second;
    out.received_from = thing.chain.back().second;
    out.source = "comity-disclosure--of-the-test";
    out.classes = thing.unknown ? "?" : thing.own.empty() ? "" : *thing.own.begin();
    out.area = thing.area;
    out.purpose = thing.purpose;
    out.tlp = thing.tlp;
    json::Array hops;
    for (const auto& [instrument, originator] : thing.chain) {
      json::Object hop;
      hop.set("instrument", instrument);
      hop.set("originator", originator);
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
};

struct Tally {
  std::size_t deliveries = 0, delivered = 0, carried = 0, onward = 0, worlds = 0;
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
    if (!(ids.empty() || dice.one_in(6)) || asked.contains(thing.id)) continue;
    // A record that came from others and is named may be quarantined: it is asked for all the same.
    ids.push_back(thing.id);
    asked.insert(thing.id);
  }
  return {ids, asked};
}

void compare(Sender& sender, Dice& dice, std::size_t& next, Tally& tally) {
  const auto at = sender.pass_time(dice);
  test::change_law(sender.node(), random_register(dice, at));
  const World world(dice, next);
  next = world.next();
  std::map<std::string, const Thing*> things;
  for (const auto& thing : world.things) things[thing.id] = &thing;
  const auto [ids, asked] = ask_for(dice, world, sender.take(world));
  std::map<std::string, std::int64_t> before;
  for (const auto& party : recipients) before[party] = sender.last_number(party);
  must(release(sender.node(), ids, recipients));

  Oracle oracle(world, sender.node().law()->model(), at);
  const auto selected = oracle.selection(asked);
  for (const auto& party : recipients) {
    const auto expected = oracle.delivered(selected, party);
    const auto found = sender.disclosed(party, before[party]);
    const std::set<std::string> once(found.begin(), found.end());
    ASSERT_EQ(found.size(), once.size()) << "something went twice to " << party;
    ASSERT_EQ(once, expected) << "to " << party << ", world " << tally.worlds;
    tally.deliveries += selected.size();
    tally.delivered += once.size();
    for (const auto& id : once) {
      tally.carried += things.at(id)->carried;
      tally.onward += things.at(id)->received;
    }
  }
  ++tally.worlds;
}

TEST(ReleaseOracle, AgreesWithEveryDelivery) {
  const auto target = std::max(deliveries_min, deliveries_full / test::scale());
  Dice dice(seed());
  Tally tally;
  std::size_t next = 1;
  while (tally.deliveries < target) {
    SCOPED_TRACE(fmt::format("COMITY_SEED={}", seed()));
    Sender sender;
    for (std::size_t i = 0; i < worlds_on_one_node && tally.deliveries < target; ++i) {
      compare(sender, dice, next, tally);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  // Both answers, the carried and the passed on came often, or this would have shown little.
  EXPECT_GT(tally.delivered, target / 20);
  EXPECT_LT(tally.delivered, target * 19 / 20);
  EXPECT_GT(tally.carried, target / 200);
  EXPECT_GT(tally.onward, target / 1000);
}

}  // namespace
}  // namespace comity::exchange
