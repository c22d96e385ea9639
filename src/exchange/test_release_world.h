// Random worlds for the tests of release: registers with laws that end, objects with references in
// chains and circles, what carries and is carried, what came from others with a chain. What stands
// here is what the test put in, not what the program made of it. Header only.
#pragma once

#include <algorithm>
#include <random>
#include <set>

#include "exchange/test_federation.h"

namespace comity::exchange::test {

constexpr std::size_t objects_max = 44;
inline const std::vector<std::string> recipients = {"XB", "XC", "XD"};
inline const std::vector<std::string> areas = {"threat-information", "csirt-response"};
inline const std::vector<std::string> purposes = {"warning", "incident-response"};
inline const std::vector<std::string> classes = {"indicator",      "threat-description",
                                                 "vulnerability",  "incident-summary",
                                                 "malware-sample", "assessment-opinion"};
inline const std::vector<std::pair<std::string, std::string>> tlps = {
    {"clear", tlp_clear}, {"green", tlp_green}, {"amber", tlp_amber}, {"red", tlp_red}};

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

inline std::string day(Instant now, int offset) {
  return format_rfc3339(Instant{now.micros + std::int64_t{offset} * 86'400'000'000}, 0)
      .substr(0, 10);
}

inline std::string clause_text(Dice& dice, std::size_t number) {
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

// Now and then a party of an instrument has suspended or denounced it, or does so at this instant.
inline std::string instant_near(Dice& dice, Instant now) {
  constexpr std::int64_t day_micros = 86'400'000'000;
  const std::vector<std::int64_t> steps = {-day_micros, -1, 0, 1, day_micros};
  return format_rfc3339(Instant{now.micros + dice.one_of(steps)}, 6);
}
inline void end_law(Dice& dice, Instant now, const std::string& id, const std::string& code,
                    treaty::RegisterFiles& files) {
  const auto name = fmt::format("{}-{}", id, static_cast<char>(code[1] - 'A' + 'a'));
  const auto head =
      fmt::format("id = \"{}\"\ninstrument = \"{}\"\nparty = \"{}\"\n", name, id, code);
  const auto began = format_rfc3339(Instant{now.micros - std::int64_t{10} * 86'400'000'000}, 6);
  if (dice.one_in(2)) {
    auto text = "[[suspension]]\n" + head + "provenance = \"X\"\n";
    // One that lasts, one that ends about now, one that begins about now.
    const auto kind = dice.below(3);
    text += fmt::format("from = {}\n", kind == 2 ? instant_near(dice, now) : began);
    if (kind == 1) text += fmt::format("until = {}\n", instant_near(dice, now));
    files[fmt::format("suspensions/{}.toml", name)] = text;
  } else {
    files[fmt::format("denunciations/{}.toml", name)] =
        "[[denunciation]]\n" + head +
        fmt::format("notified = {}\neffective = {}\nprovenance = \"X\"\n", began,
                    instant_near(dice, now));
  }
}

// A permit for all that these worlds hold, so that what else decides is seen to decide.
inline std::string generous_clause() {
  return fmt::format(
      "[[clause]]\nid = \"all\"\narticle = \"Art. 9\"\nstatus = \"unverified\"\n"
      "provenance = \"X\"\nsays = \"Invented.\"\nverb = \"permit\"\n"
      "action = [\"share\", \"onward\"]\ninfo = [\"{}\"]\narea = [\"{}\"]\npurpose = [\"{}\"]\n",
      fmt::join(classes, "\", \""), fmt::join(areas, "\", \""), fmt::join(purposes, "\", \""));
}

inline std::string instrument_text(Dice& dice, Instant now, const std::string& id,
                                   treaty::RegisterFiles& files) {
  const bool generous = dice.one_in(3);
  std::string out = fmt::format(
      "[instrument]\nid = \"{}\"\ntitle.en = \"Invented\"\nform = \"agreement\"\n"
      "category = \"intergovernmental\"\nbinding = \"binding\"\n"
      "level_claims = [{{ level = \"bilateral\", by = \"comity\", source = \"X\" }}]\n"
      "signed = 2024-01-01\nsigned_provenance = \"X\"\nprovenance = \"X\"\n"
      "verification = \"unverified\"\n",
      id);
  for (const auto* code : {"XA", "XB", "XC", "XD"}) {
    if (dice.one_in(generous ? 12 : 4)) continue;
    out += fmt::format(
        "[[party]]\ncode = \"{}\"\nprovenance = \"X\"\n"
        "verification = \"unverified\"\n",
        code);
    if (!dice.one_in(8)) {
      const int offset = dice.one_in(6) ? static_cast<int>(dice.below(3)) : -30;
      out += fmt::format("in_force = {}\n", day(now, offset));
      if (dice.one_in(6)) {
        out += fmt::format("until = {}\n", day(now, offset + static_cast<int>(dice.below(40)) + 1));
      } else if (offset < 0 && dice.one_in(8)) {
        end_law(dice, now, id, code, files);
      }
    }
  }
  const auto count = 1 + dice.below(4);
  for (std::size_t i = 1; i <= count; ++i) out += clause_text(dice, i);
  if (generous) out += generous_clause();
  return out;
}

inline treaty::RegisterFiles random_register(Dice& dice, Instant now) {
  auto files = register_files();
  files.erase(agreement_file);
  const auto count = 1 + dice.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = fmt::format("o-{}", i);
    files["instruments/bilateral/" + id + ".toml"] = instrument_text(dice, now, id, files);
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
  std::vector<treaty::ReceivedUnder> chain;
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
    // A relationship whose ends have no class has none either: it is carried, as they are. Those
    // are taken out that lead to something with a class, or to what nobody holds.
    for (auto& thing : things) thing.carried = thing.carried || thing.type == "relationship";
    for (std::size_t before = 0, now = 1; before != now;) {
      before = now;
      for (auto& thing : things) {
        thing.carried = thing.carried && (thing.type != "relationship" || joins_carried(thing));
      }
      now = 1 + static_cast<std::size_t>(std::count_if(things.begin(), things.end(),
                                                       [](const Thing& t) { return t.carried; }));
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
    return std::all_of(thing.takes.begin(), thing.takes.end(), [&](const std::string& id) {
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
  // One of the two of a relationship, which may be no relationship (STIX 2.1 section 5.1).
  std::string end(const Thing& than) {
    auto id = other(than);
    while (id.starts_with("relationship--")) id = other(than);
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
      thing.takes = {end(thing), end(thing)};
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
      more += refs(thing.contents);
    }
    if (auto author = carried(); !author.empty() && author != thing.id && dice_.one_in(2) &&
                                 author.starts_with("identity")) {
      more += fmt::format(R"(,"created_by_ref":"{}")", author);
      thing.names.push_back(author);
    }
    thing.tlp = tlp;
    if (dice_.one_in(2)) {
      const auto& [name, marking] = dice_.one_of(tlps);
      more += marked(marking);
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
    thing.bytes = object(thing.type, number, more);
    thing.digest = must(protocol_digest(thing.bytes));
    receive(thing);
  }

  // Some came from another party, under one or two agreements.
  void receive(Thing& thing) {
    if (thing.type == "report" || thing.type == "grouping" || thing.type == "relationship" ||
        !dice_.one_in(4)) {
      return;
    }
    thing.received = true;
    for (auto hops = 1 + dice_.below(2); hops > 0; --hops) {
      thing.chain.push_back({"o-0", dice_.one_of(recipients)});
      // A few long before anybody acceded; of the others nobody knows when.
      if (dice_.one_in(8)) thing.chain.back().at = must(parse_rfc3339("2020-06-01T00:00:00Z"));
    }
    thing.quarantined = dice_.one_in(5);
  }

  Dice& dice_;
  std::size_t next_;
};

}  // namespace comity::exchange::test
