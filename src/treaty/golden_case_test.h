// Reads and runs the golden cases of tests/golden/treaty; the README.md there defines the form.
// Only tests include this.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "treaty/compiled.h"
#include "treaty/overlay_file.h"
#include "treaty/reference.h"
#include "treaty/register.h"
#include "treaty/request.h"
#include "treaty/verdict.h"

namespace comity::treaty::test {

constexpr std::uint64_t golden_bytes_max = 1024 * 1024;  // of one case, register or exercise file

// One expectation. `none`: the list is empty. Which of the other members count is up to `key`.
struct Expectation {
  int line = 0;
  std::string written;  // as the file has it
  std::string key;
  bool none = false;
  std::vector<std::string> words;
  std::string text;  // what stood in quotation marks
  std::string from, due;
  bool overdue = false;
};

// One fact that a case adds to the register: its kind and its keys.
struct Given {
  std::string kind;
  std::map<std::string, std::string> keys;
};

struct GoldenCase {
  int line = 0;
  std::string number, title;
  std::vector<Given> given;
  std::optional<Request> ask;
  std::string verdict;
  std::vector<Expectation> expectations;
};

struct GoldenFile {
  std::string name, title;
  std::vector<std::string> instruments, extra;
  std::string exercise;  // as written; empty: operational mode
  std::map<std::string, std::string> defaults;
  std::vector<GoldenCase> cases;
};

namespace golden {

using Keys = std::map<std::string, std::string>;

inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while ((start = text.find_first_not_of(' ', start)) != std::string::npos) {
    const auto end = std::min(text.find(' ', start), text.size());
    out.push_back(text.substr(start, end - start));
    start = end;
  }
  return out;
}

inline bool one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Reads one file, line by line. Errors name file:line.
class Reader {
 public:
  explicit Reader(std::string name) { file_.name = std::move(name); }

  Result<GoldenFile> read(const std::string& text) {
    std::size_t start = 0;
    while (start < text.size()) {
      const auto end = std::min(text.find('\n', start), text.size());
      ++line_;
      TRY_STATUS(line(without_comment(text.substr(start, end - start))));
      start = end + 1;
    }
    TRY_STATUS(end_case());
    if (file_.title.empty()) return wrong("the file has no title");
    if (file_.instruments.empty()) return wrong("the file names no instruments");
    if (file_.cases.empty()) return wrong("the file has no case");
    return std::move(file_);
  }

 private:
  tl::unexpected<Error> wrong(const std::string& message) const {
    return fail(ErrorKind::InvalidInput, message, fmt::format("{}:{}", file_.name, line_));
  }

  static std::string without_comment(std::string text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '#' && (i == 0 || text[i - 1] == ' ')) text.resize(i);
    }
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
  }

  Status line(const std::string& text) {
    if (text.empty()) return {};
    if (text.starts_with("case ")) return begin_case(text);
    const auto colon = text.find(':');
    if (colon == std::string::npos) return wrong("expected 'key: …', found: " + text);
    const auto begin = text.find_first_not_of(' ');
    const auto name = text.substr(begin, colon - begin);
    const auto first = text.find_first_not_of(' ', colon + 1);
    if (first == std::string::npos) return wrong("nothing follows " + name);
    const auto rest = text.substr(first);
    return file_.cases.empty() ? head(name, rest) : body(name, rest);
  }

  Status head(const std::string& key, const std::string& rest) {
    if (!head_.insert(key).second) return wrong("a second line " + key);
    if (key == "title") {
      file_.title = rest;
    } else if (key == "instruments") {
      file_.instruments = words(rest);
    } else if (key == "extra") {
      file_.extra = words(rest);
    } else if (key == "exercise") {
      file_.exercise = rest;
    } else if (key == "defaults") {
      for (const auto& word : words(rest)) {
        TRY(auto pair, pair_of(word));
        if (pair.first == "under") return wrong("a chain cannot be a default");
        file_.defaults[pair.first] = pair.second;
      }
    } else {
      return wrong("unknown key before the first case: " + key);
    }
    return {};
  }

  Status begin_case(const std::string& text) {
    TRY_STATUS(end_case());
    const auto begin = std::string_view("case ").size();
    const auto colon = std::min(text.find(": "), text.size());
    const auto number = text.substr(begin, std::max(colon, begin) - begin);
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos ||
        colon + 2 >= text.size()) {
      return wrong("expected 'case NUMBER: title'");
    }
    if (!numbers_.insert(number).second) return wrong("a second case " + number);
    auto& added = file_.cases.emplace_back();
    added.line = line_;
    added.number = number;
    added.title = text.substr(colon + 2);
    return {};
  }

  Status end_case() {
    if (file_.cases.empty()) return {};
    const auto& last = file_.cases.back();
    if (!last.ask) return wrong(fmt::format("case {} asks nothing", last.number));
    if (last.verdict.empty()) return wrong(fmt::format("case {} has no verdict", last.number));
    return {};
  }

  Status body(const std::string& key, const std::string& rest) {
    auto& now = file_.cases.back();
    if (key == "given") {
      if (now.ask) return wrong("given stands before ask");
      return given(rest, now);
    }
    if (key == "ask") {
      if (now.ask) return wrong("a second ask in one case");
      return ask(rest, now);
    }
    if (!now.ask) return wrong(key + " stands before ask");
    if (key == "verdict") {
      if (!now.verdict.empty()) return wrong("a second verdict in one case");
      if (!one_of(rest, {"permitted", "needs", "forbidden", "no-basis", "invalid-request"})) {
        return wrong("no verdict: " + rest);
      }
      now.verdict = rest;
      return {};
    }
    if (now.verdict.empty()) return wrong(key + " stands before verdict");
    TRY(auto read, expectation(key, rest));
    now.expectations.push_back(std::move(read));
    return {};
  }

  Result<std::pair<std::string, std::string>> pair_of(const std::string& word) const {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
      return wrong("expected KEY=VALUE, found " + word);
    }
    return std::pair{word.substr(0, equals), word.substr(equals + 1)};
  }

  Status given(const std::string& rest, GoldenCase& into) const {
    static const std::map<std::string, std::pair<std::set<std::string>, std::set<std::string>>>
        kinds = {
            {"arrangement", {{"instrument", "kind", "parties"}, {"in_force"}}},
            {"designation", {{"instrument", "party"}, {"role", "area", "since"}}},
            {"suspension", {{"instrument", "party", "from"}, {"until"}}},
            {"denunciation", {{"instrument", "party", "notified", "effective"}, {}}},
            {"overlay",
             {{"party", "verb", "action"},
              {"info", "area", "purpose", "to", "handling_min", "needs", "in_force", "until"}}},
            {"verified", {{"instrument", "clause"}, {}}}};
    const auto all = words(rest);
    const auto kind = kinds.find(all.front());
    if (kind == kinds.end()) return wrong("unknown given: " + all.front());
    Given read;
    read.kind = all.front();
    for (std::size_t i = 1; i < all.size(); ++i) {
      TRY(auto pair, pair_of(all[i]));
      const auto& [required, optional] = kind->second;
      if (!required.contains(pair.first) && !optional.contains(pair.first)) {
        return wrong(fmt::format("unknown key {} of given {}", pair.first, read.kind));
      }
      if (!read.keys.insert(pair).second) return wrong("a second " + pair.first);
    }
    for (const auto& key : kind->second.first) {
      if (!read.keys.contains(key)) return wrong(fmt::format("given {} lacks {}", read.kind, key));
    }
    into.given.push_back(std::move(read));
    return {};
  }

  Status ask(const std::string& rest, GoldenCase& into) const {
    auto keys = file_.defaults;
    std::set<std::string> own;
    Request request;
    for (const auto& word : words(rest)) {
      TRY(auto pair, pair_of(word));
      if (pair.first == "under") {
        TRY(auto hop, placed(hop_from_text(pair.second, "under")));
        request.received_under.push_back(std::move(hop));
      } else {
        if (!own.insert(pair.first).second) return wrong("a second " + pair.first);
        keys[pair.first] = pair.second;
      }
    }
    for (const char* required : {"from", "to", "at"}) {
      if (!keys.contains(required)) return wrong(fmt::format("the question lacks {}", required));
    }
    for (const auto& [key, value] : keys) {
      if (value != "-") TRY_STATUS(ask_key(key, value, request));
    }
    into.ask = std::move(request);
    return {};
  }

  Status ask_key(const std::string& key, const std::string& value, Request& request) const {
    if (key == "from" || key == "to") {
      TRY(auto side, placed(side_from_text(value, key)));
      (key == "from" ? request.from : request.to) = side.code;
      (key == "from" ? request.from_roles : request.to_roles) = side.roles;
    } else if (key == "info") {
      TRY(request.info, placed(words_from_text(value, key)));
    } else if (key == "at") {
      TRY(request.at, placed(parse_day_or_instant(value)));
    } else if (key.starts_with("fact.")) {
      request.facts.emplace_back(key.substr(5), value);
    } else if (one_of(key, {"action", "area", "purpose", "tlp"})) {
      (key == "action"    ? request.action
       : key == "area"    ? request.area
       : key == "purpose" ? request.purpose
                          : request.tlp) = value;
    } else {
      return wrong("unknown key of ask: " + key);
    }
    return {};
  }

  template <typename T>
  Result<T> placed(Result<T> result) const {
    if (!result) return wrong(result.error().text());
    return result;
  }

  // How many words each kind of expectation has, and whether it may have a text.
  Result<Expectation> expectation(const std::string& key, const std::string& rest) const {
    struct Shape {
      std::size_t words;
      bool text;
    };
    static const std::map<std::string, Shape> shapes = {
        {"basis", {2, false}},   {"needs", {1, true}},   {"not-needs", {1, true}},
        {"reasons", {1, true}},  {"duties", {1, false}}, {"advice", {2, true}},
        {"asserts", {1, false}}, {"assumed", {1, true}},
    };
    const auto shape = shapes.find(key);
    if (shape == shapes.end()) return wrong("unknown key of a case: " + key);
    Expectation read;
    read.line = line_;
    read.key = key;
    read.written = key + ": " + rest;
    auto plain = rest;
    if (const auto open = plain.find('"'); open != std::string::npos) {
      const auto close = plain.find('"', open + 1);
      if (close == std::string::npos || close == open + 1 || !shape->second.text) {
        return wrong("no text in quotation marks is expected here: " + rest);
      }
      read.text = plain.substr(open + 1, close - open - 1);
      plain.erase(open, close + 1 - open);
    }
    if (plain.find('"') != std::string::npos) return wrong("more than one text: " + rest);
    read.none = plain == "none";
    for (const auto& word : words(plain)) {
      if (read.key.ends_with("needs") && word.starts_with("from=")) {
        read.from = word.substr(5);
      } else {
        read.words.push_back(word);
      }
    }
    if (key == "duties") duty_words(read);
    const bool sound = read.none ? key != "not-needs" : read.words.size() == shape->second.words;
    if (!sound) return wrong(fmt::format("{} words do not fit '{}'", read.words.size(), key));
    return read;
  }

  static void duty_words(Expectation& read) {
    auto& list = read.words;
    if (list.size() > 1 && list.back() == "overdue") {
      read.overdue = true;
      list.pop_back();
    }
    if (list.size() == 3 && list[1] == "due") {
      read.due = list[2];
      list.resize(1);
    }
  }

  GoldenFile file_;
  int line_ = 0;
  std::set<std::string> head_, numbers_;
};

// --- The register of one case -------------------------------------------------------------------

class Register {
 public:
  Register(std::string shipped, std::string beside)
      : shipped_(std::move(shipped)), beside_(std::move(beside)) {}

  Result<RegisterFiles> build(const GoldenFile& file, const GoldenCase& one) {
    for (const char* name :
         {"vocabulary.toml", "parties.toml", "classification.toml", "families.toml"}) {
      TRY(files_[name], read_file(shipped_ + "/" + name, golden_bytes_max));
    }
    TRY(const auto paths, list_files(shipped_ + "/instruments", ".toml"));
    for (const auto& path : paths) shipped_paths_[stem(path)] = path;
    for (const auto& name : file.extra) TRY_STATUS(extra(name));
    for (const auto& id : file.instruments) {
      if (id != "all") {
        TRY_STATUS(instrument(id));
        continue;
      }
      for (const auto& [each, path] : shipped_paths_) TRY_STATUS(instrument(each));
    }
    if (!file.exercise.empty()) TRY_STATUS(exercise(file.exercise));
    add_given(one);
    return std::move(files_);
  }

 private:
  static std::string stem(const std::string& path) {
    const auto name = path.substr(path.rfind('/') + 1);
    return name.substr(0, name.size() - 5);
  }

  // Instruments that a clause points to are loaded with it, as the loader demands.
  Status see(const std::string& text) {
    const std::string key = "\nsee = [";
    for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
      at += key.size();
      const auto end = text.find(']', at);
      while (true) {
        const auto open = text.find('"', at);
        if (open >= end) break;
        const auto close = text.find('"', open + 1);
        TRY_STATUS(instrument(text.substr(open + 1, close - open - 1)));
        at = close + 1;
      }
    }
    return {};
  }

  // What an instrument follows or implements plays no part in a verdict, so a case goes without.
  static std::string without_relations(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
      const auto line = std::string_view(text).substr(at, end - at);
      if (!line.starts_with("parent = ") && !line.starts_with("predecessors = ")) out += line;
      at = end;
    }
    return out;
  }

  Status instrument(const std::string& id) {
    if (!loaded_.insert(id).second) return {};
    const auto found = shipped_paths_.find(id);
    if (found == shipped_paths_.end()) {
      return fail(ErrorKind::NotFound, "the register has no instrument " + id);
    }
    TRY(auto text, read_file(shipped_ + "/instruments/" + found->second, golden_bytes_max));
    TRY_STATUS(see(text));
    files_["instruments/" + found->second] = without_relations(text);
    return {};
  }

  Status extra(const std::string& name) {
    TRY(auto text, read_file(beside_ + "/" + name, golden_bytes_max));
    const std::string key = "level_claims = [{ level = \"";
    const auto at = text.find(key);
    if (at == std::string::npos) return fail(ErrorKind::InvalidInput, name + " claims no level");
    const auto begin = at + key.size();
    const auto level = text.substr(begin, text.find('"', begin) - begin);
    loaded_.insert(stem(name));
    TRY_STATUS(see(text));
    files_["instruments/" + level + "/" + name] = std::move(text);
    return {};
  }

  Status exercise(const std::string& name) {
    const bool own = name.ends_with(".toml");
    const auto path = own ? beside_ + "/" + name : shipped_ + "/exercises/" + name + ".toml";
    TRY(files_["exercises/" + (own ? name : name + ".toml")], read_file(path, golden_bytes_max));
    return {};
  }

  static std::string list(const std::string& commas) {
    auto out = "[\"" + commas + "\"]";
    for (std::size_t at = 0; (at = out.find(',', at)) != std::string::npos; at += 3) {
      out.replace(at, 1, "\",\"");
    }
    return out;
  }

  // A whole day is a date of TOML, a year or a month is a text (register.md).
  static std::string date(const std::string& written) {
    return written.size() == 10 ? written : "\"" + written + "\"";
  }

  // A day stands for its first instant.
  static std::string instant(const std::string& written) {
    return written.size() == 10 ? written + "T00:00:00Z" : written;
  }

  void add_law_changes(const GoldenCase& one) {
    std::string suspensions, denunciations;
    int number = 0;
    for (const auto& given : one.given) {
      const bool suspension = given.kind == "suspension";
      if (!suspension && given.kind != "denunciation") continue;
      auto& text = suspension ? suspensions : denunciations;
      text += fmt::format("[[{}]]\nid = \"given-{}\"\nprovenance = \"X\"\n", given.kind, ++number);
      for (const auto& [key, value] : given.keys) {
        const bool name = key == "instrument" || key == "party";
        text += key + " = " + (name ? "\"" + value + "\"" : instant(value)) + "\n";
      }
    }
    if (!suspensions.empty()) files_["suspensions/given.toml"] = suspensions;
    if (!denunciations.empty()) files_["denunciations/given.toml"] = denunciations;
  }

  // Rules of national overlays, numbered through the case.
  void add_overlays(const GoldenCase& one) {
    static const std::set<std::string> lists = {"action", "info", "area", "purpose", "to", "needs"};
    int number = 0;
    for (const auto& given : one.given) {
      if (given.kind != "overlay") continue;
      const auto& party = given.keys.at("party");
      auto& text = files_[overlay_path(party)];
      if (text.empty()) {
        text =
            fmt::format("[overlay]\nparty = \"{}\"\ntitle.en = \"Law of {}\"\nprovenance = \"X\"\n",
                        party, party);
      }
      ++number;
      text += fmt::format("[[rule]]\nid = \"r{}\"\narticle = \"s. {}\"\nprovenance = \"X\"\n",
                          number, number);
      for (const auto& [key, value] : given.keys) {
        if (key == "party") continue;
        const bool dated = key == "in_force" || key == "until";
        text += key + " = " +
                (lists.contains(key) ? list(value)
                 : dated             ? date(value)
                                     : "\"" + value + "\"") +
                "\n";
      }
    }
  }

  void add_given(const GoldenCase& one) {
    add_law_changes(one);
    add_overlays(one);
    std::string arrangements, designations;
    int number = 0;
    for (const auto& given : one.given) {
      const auto& keys = given.keys;
      const auto has = [&](const char* key) { return keys.contains(key); };
      if (given.kind == "arrangement") {
        arrangements += fmt::format(
            "[[arrangement]]\nid = \"given-{}\"\ninstrument = \"{}\"\nkind = \"{}\"\nparties = {}\n"
            "provenance = \"X\"\n",
            ++number, keys.at("instrument"), keys.at("kind"), list(keys.at("parties")));
        if (has("in_force")) arrangements += "in_force = " + date(keys.at("in_force")) + "\n";
      } else if (given.kind == "designation") {
        designations += fmt::format(
            "[[designation]]\ninstrument = \"{}\"\nparty = \"{}\"\nbody = \"body\"\n"
            "provenance = \"X\"\n",
            keys.at("instrument"), keys.at("party"));
        if (has("role")) designations += "role = \"" + keys.at("role") + "\"\n";
        if (has("area")) designations += "areas = " + list(keys.at("area")) + "\n";
        if (has("since")) designations += "since = " + date(keys.at("since")) + "\n";
      }
    }
    if (!arrangements.empty()) files_["arrangements/given.toml"] = arrangements;
    if (!designations.empty()) files_["designations/given.toml"] = designations;
  }

  std::string shipped_, beside_;
  std::map<std::string, std::string> shipped_paths_;
  std::set<std::string> loaded_;
  RegisterFiles files_;
};

// --- Comparing ----------------------------------------------------------------------------------

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <typename Entry, typename Test>
bool any(const std::vector<Entry>& entries, Test test) {
  return std::any_of(entries.begin(), entries.end(), test);
}

inline bool need_met(const Expectation& want, const std::vector<NeedEntry>& needs) {
  return any(needs, [&](const NeedEntry& need) {
    return need.kind == want.words[0] && holds(need.what, want.text) &&
           (want.from.empty() || need.from == want.from);
  });
}

// Whether one expectation other than basis holds.
inline bool met(const Expectation& want, const Verdict& got) {
  const auto& words = want.words;
  if (want.key == "needs") return want.none ? got.needs.empty() : need_met(want, got.needs);
  if (want.key == "not-needs") return !need_met(want, got.needs);
  if (want.key == "reasons") {
    if (want.none) return got.reasons.empty();
    return any(got.reasons, [&](const Reason& one) {
      const auto text = one.instrument + " " + one.clause + " " + one.article + " " + one.what;
      return one.code == words[0] && holds(text, want.text);
    });
  }
  if (want.key == "duties") {
    if (want.none) return got.duties.empty();
    return any(got.duties, [&](const Duty& one) {
      return one.clause == words[0] && (want.due.empty() || one.due == want.due) &&
             one.overdue == want.overdue;
    });
  }
  if (want.key == "advice") {
    if (want.none) return got.advice.empty();
    return any(got.advice, [&](const Advice& one) {
      return one.instrument == words[0] && one.clause == words[1] && holds(one.text, want.text);
    });
  }
  if (want.key == "asserts") {
    if (want.none) return got.asserts.empty();
    return any(got.asserts, [&](const Assertion& one) { return holds(one.what, words[0]); });
  }
  CHECK(want.key == "assumed");
  if (want.none) return got.assumed.empty();
  return any(got.assumed, [&](const Assumed& one) {
    return one.id == words[0] && holds(one.reason, want.text);
  });
}

// The expectations of a case that do not hold, as written.
inline std::vector<std::string> unmet(const std::string& file, const GoldenCase& one,
                                      const Verdict& got) {
  std::vector<std::string> out;
  const auto add = [&](int line, const std::string& written) {
    out.push_back(fmt::format("{}:{}: {}", file, line, written));
  };
  if (name(got.kind) != one.verdict) add(one.line, "verdict: " + one.verdict);
  auto from = got.basis.begin();  // several lines `basis` follow the order of the entries
  for (const auto& want : one.expectations) {
    if (want.key != "basis") {
      if (!met(want, got)) add(want.line, want.written);
      continue;
    }
    if (want.none) {
      if (!got.basis.empty()) add(want.line, want.written);
      continue;
    }
    const auto found = std::find_if(from, got.basis.end(), [&](const BasisEntry& entry) {
      return entry.instrument == want.words[0] && entry.clause == want.words[1];
    });
    if (found == got.basis.end()) {
      add(want.line, want.written);
    } else {
      from = found + 1;
    }
  }
  return out;
}

}  // namespace golden

inline Result<GoldenFile> read_golden_file(const std::string& name, const std::string& text) {
  return golden::Reader(name).read(text);
}

// Where the register as shipped and the case files lie.
struct GoldenPlace {
  std::string register_directory, case_directory;
};

// Runs one case on both engines. What is wrong, one entry each: file:line, what was expected and
// what the verdict is; empty when everything holds.
inline std::vector<std::string> run_golden_case(const GoldenPlace& place, const GoldenFile& file,
                                                const GoldenCase& one) {
  const auto broken = [&](const std::string& what) {
    return std::vector{fmt::format("{}:{}: {}", file.name, one.line, what)};
  };
  const auto files =
      golden::Register(place.register_directory, place.case_directory).build(file, one);
  if (!files) return broken(files.error().text());
  std::optional<std::string> exercise;
  if (!file.exercise.empty()) exercise = file.exercise.substr(0, file.exercise.find(".toml"));
  const auto model = load_register(*files, exercise);
  if (!model) return broken("the register does not load:\n" + as_error(model.error()).message);

  Verifications own;
  for (const auto& given : one.given) {
    if (given.kind != "verified") continue;
    const auto index = (*model)->instrument(given.keys.at("instrument"));
    const auto* clause = index ? (*model)->instruments[static_cast<std::size_t>(*index)].clause(
                                     given.keys.at("clause"))
                               : nullptr;
    if (clause == nullptr) return broken("given verified names a clause that is not loaded");
    own.verified.emplace(given.keys.at("instrument"), clause->digest);
  }
  const auto mode = exercise ? Mode::Exercise : Mode::Operational;
  const auto resolved = resolve(**model, *one.ask);
  const auto reference = resolved ? decide_by_reference(**model, own, mode, *resolved)
                                  : invalid_request(**model, resolved.error());
  const auto compiled = decide(CompiledRegister(*model, own, mode), *one.ask);
  const auto json = to_json(reference);
  std::vector<std::string> out;
  if (to_json(compiled) != json) {
    out = broken("the engines differ\n  reference " + json + "\n  compiled  " + to_json(compiled));
  }
  for (const auto& unmet : golden::unmet(file.name, one, reference)) {
    out.push_back(unmet + "\n  got " + json);
  }
  return out;
}

}  // namespace comity::treaty::test
