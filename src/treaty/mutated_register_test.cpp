// The shipped register with mistakes put in: every table of every kind of file refuses a key that
// does not exist and a fact without provenance, and no change of bytes, lines, keys or values makes
// the reader crash, accept an unknown key, or complain without a place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/register.h"
#include "treaty/test_toml.h"

namespace comity::treaty {
namespace {

constexpr std::size_t mutated_files = 10'000;

// The shipped register, and a file or a table of each kind that it has none of.
const RegisterFiles& corpus() {
  static const auto files = [] {
    auto out = comity::test::must(read_register(comity::test::source_path("register")));
    out["arrangements/x.toml"] =
        "[[arrangement]]\nid = \"x\"\ninstrument = \"xa-xb-2024\"\nkind = \"format\"\n"
        "parties = [\"XA\", \"XB\"]\nin_force = 2024-07-01\nprovenance = \"X\"\n";
    out["designations/x.toml"] =
        "[[designation]]\ninstrument = \"xa-xb-2024\"\nparty = \"XA\"\nbody = \"XA-CERT\"\n"
        "role = \"national-csirt\"\nareas = [\"threat-information\"]\nsince = 2024-06-15\n"
        "provenance = \"X\"\n";
    out["suspensions/x.toml"] =
        "[[suspension]]\nid = \"x\"\ninstrument = \"xa-xb-2024\"\nparty = \"XA\"\n"
        "from = 2025-01-01T00:00:00Z\nuntil = 2025-02-01T00:00:00Z\nprovenance = \"X\"\n";
    out["denunciations/x.toml"] =
        "[[denunciation]]\nid = \"x\"\ninstrument = \"xa-xb-2024\"\nparty = \"XB\"\n"
        "notified = 2026-01-01T00:00:00Z\neffective = 2026-06-01T00:00:00Z\nprovenance = \"X\"\n";
    out["overlays/xa.toml"] =
        "[overlay]\nparty = \"XA\"\ntitle.en = \"Law of Alpha\"\nprovenance = \"X\"\n"
        "[[rule]]\nid = \"r1\"\narticle = \"s. 4\"\nprovenance = \"X\"\nverb = \"forbid\"\n"
        "action = [\"share\"]\ninfo = [\"log-personal\"]\nto = [\"XB\"]\n"
        "handling_min = \"amber\"\nin_force = 2026-01-01\nuntil = \"2028\"\n";
    out["classification.toml"] += "\n[[rule]]\ntype = \"relationship\"\nends = true\n";
    return out;
  }();
  return files;
}

// An exercise is read only when it is asked for.
std::optional<std::string> exercise_for(const std::string& path) {
  if (!path.starts_with("exercises/")) return std::nullopt;
  return path.substr(10, path.size() - 15);
}

// A table of a kind: where the first of them stands.
struct Place {
  std::string path;
  std::size_t number = 0;  // in the order of each_table
};

template <typename Choose>
std::map<std::string, Place> places(Choose choose) {
  std::map<std::string, Place> out;
  for (const auto& file : corpus()) {
    const auto& path = file.first;
    if (!path.ends_with(".toml")) continue;
    auto document = test::document_of(corpus(), path);
    std::size_t number = 0;
    test::each_table(test::file_kind(path), document, [&](const auto& kind, TomlNode& table) {
      for (const auto& name : choose(kind, table)) out.try_emplace(name, Place{path, number});
      ++number;
    });
  }
  return out;
}

// The corpus with one table changed.
RegisterFiles changed(const Place& place, const std::function<void(TomlNode&)>& change) {
  auto files = corpus();
  auto document = test::document_of(files, place.path);
  std::size_t number = 0;
  test::each_table("", document, [&](const auto&, TomlNode& table) {
    if (number++ == place.number) change(table);
  });
  files[place.path] = test::file_text(document);
  return files;
}

TEST(MutatedRegister, TheCorpusIsGoodAlsoWrittenAnew) {
  auto files = corpus();
  const auto model = load_register(files, "demo");
  ASSERT_TRUE(model) << as_error(model.error()).message;
  for (auto& [path, text] : files) {
    if (path.ends_with(".toml")) text = test::file_text(test::document_of(files, path));
  }
  const auto again = load_register(files, "demo");
  ASSERT_TRUE(again) << as_error(again.error()).message;
  EXPECT_EQ((*again)->instruments.size(), (*model)->instruments.size());
}

TEST(MutatedRegister, NoTableOfAnyKindTakesAnUnknownKey) {
  const std::string key = "zz_unknown";
  const auto kinds = places(
      [](const std::string& kind, const TomlNode&) { return std::vector<std::string>{kind}; });
  EXPECT_GT(kinds.size(), 40U);
  for (const auto& one_kind : kinds) {
    const auto& place = one_kind.second;
    SCOPED_TRACE(one_kind.first + " in " + place.path);
    const auto files = changed(place, [&](TomlNode& table) {
      TomlEntry entry{key, {}, {}};
      entry.value.kind = TomlNode::Kind::Integer;
      entry.value.integer = 1;
      table.entries.push_back(std::move(entry));
    });
    const auto model = load_register(files, exercise_for(place.path));
    ASSERT_FALSE(model) << "accepted in silence";
    EXPECT_TRUE(std::any_of(model.error().begin(), model.error().end(), [&](const Problem& one) {
      return one.file == place.path && one.line > 0 && one.found.find(key) != std::string::npos;
    })) << as_error(model.error()).message;
  }
}

// Whether a key says where the facts of its table are from.
bool tells_source(const std::string& kind, const std::string& key) {
  return key == "provenance" || key.ends_with("_provenance") ||
         (key == "source" && (kind.ends_with("level_claims[]") || kind.ends_with("errors[]")));
}

// Tables that state no fact of the world, or whose facts the table around them accounts for.
const std::set<std::string> without_provenance = {
    "arrangements",
    "bodies.toml",
    "classification.toml",
    "classification.toml/none",
    "classification.toml/rule[]",
    "classification.toml/types",
    "denunciations",
    "designations",
    "exercises",  // an assumption has its reason
    "exercises/assume[]",
    "families.toml",
    "families.toml/family[]",
    "families.toml/family[]/fixes",
    "instruments",
    "instruments/instrument/denunciation_notice",
    "instruments/instrument/title",
    "measures.toml",
    "norms.toml",
    "overlays",
    "overlays/overlay/title",
    "parties.toml",
    "parties.toml/party[]",  // the list of the United Nations and of ISO 3166-1
    "sources.toml",
    "sources.toml/source[]",
    "suspensions",
    "threats.toml",
    "threats.toml/rsit/classes",
    "vocabulary.toml",
    "vocabulary.toml/fact[]",
    "vocabulary.toml/refusal"};

// What belongs to an area is a choice of the register, and no fact of the world.
bool states_no_fact(const std::string& kind) {
  return without_provenance.contains(kind) || kind.starts_with("vocabulary.toml/area_purposes");
}

TEST(MutatedRegister, AFactWithoutProvenanceIsReported) {
  std::set<std::string> silent;
  const auto keys = places([&](const std::string& kind, const TomlNode& table) {
    std::vector<std::string> out;
    for (const auto& entry : table.entries) {
      if (tells_source(kind, entry.key)) out.push_back(kind + " " + entry.key);
    }
    const bool assumed = kind.starts_with("exercises/assume[]");
    if (out.empty() && !assumed && !states_no_fact(kind)) silent.insert(kind);
    return assumed ? std::vector<std::string>() : out;
  });
  EXPECT_TRUE(silent.empty()) << "no provenance in " << *silent.begin();
  EXPECT_GT(keys.size(), 20U);
  for (const auto& one_key : keys) {
    const auto& name = one_key.first;
    const auto& place = one_key.second;
    const auto key = name.substr(name.find(' ') + 1);
    SCOPED_TRACE(name + " in " + place.path);
    const auto expect_unsourced = [&](const RegisterFiles& files) {
      const auto model = load_register(files, exercise_for(place.path));
      ASSERT_FALSE(model) << "accepted in silence";
      EXPECT_TRUE(std::any_of(model.error().begin(), model.error().end(), [&](const Problem& one) {
        return one.unsourced && one.file == place.path && one.line > 0 &&
               one.found.find(key) != std::string::npos;
      })) << as_error(model.error()).message;
    };
    if (!states_no_fact(name.substr(0, name.find(' ')))) {
      expect_unsourced(changed(place, [&](TomlNode& table) {
        std::erase_if(table.entries, [&](const TomlEntry& one) { return one.key == key; });
      }));
    }
    expect_unsourced(changed(place, [&](TomlNode& table) {
      for (auto& entry : table.entries) {
        if (entry.key == key) entry.value.text = "hearsay";
      }
    }));
  }
}

// ---- random changes of the text ------------------------------------------------------------

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size() - 1);
    out.push_back(text.substr(at, end + 1 - at));
    at = end + 1;
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line;
  return out;
}

std::string key_of(const std::string& line) {
  const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  return end == std::string::npos || !line.substr(end).starts_with(" = ") ? std::string()
                                                                          : line.substr(0, end);
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {
    for (const auto& [path, text] : corpus()) {
      if (!path.ends_with(".toml")) continue;
      paths_.push_back(path);
      for (auto& line : lines_of(text)) {
        if (!key_of(line).empty()) pool_.push_back(std::move(line));
      }
    }
  }

  const std::string& path() { return paths_[number(paths_.size())]; }

  std::string mutated(const std::string& text) {
    switch (number(10)) {
      case 0:
      case 1:
        return bytes(text);
      case 2:
        return text.substr(0, number(text.size()));
      default:
        break;
    }
    auto lines = lines_of(text);
    for (auto changes = number(3) + 1; changes > 0 && !lines.empty(); --changes) change(lines);
    return joined(lines);
  }

 private:
  std::size_t number(std::size_t below) { return random_() % below; }

  std::string bytes(std::string text) {
    for (auto changes = number(3) + 1; changes > 0 && !text.empty(); --changes) {
      const auto place = number(text.size());
      switch (number(3)) {
        case 0:
          text[place] = static_cast<char>(random_());
          break;
        case 1:
          text.erase(place, number(9) + 1);
          break;
        default:
          text.insert(place, 1, "[]{}\"'=.,#\n-0aX\\"[number(16)]);
      }
    }
    return text;
  }

  void change(std::vector<std::string>& lines) {
    const auto place = static_cast<std::ptrdiff_t>(number(lines.size()));
    auto& line = lines[static_cast<std::size_t>(place)];
    const auto key = key_of(line);
    const auto& other = pool_[number(pool_.size())];
    switch (number(8)) {
      case 0:
        lines.erase(lines.begin() + place);
        return;
      case 1:
        lines.insert(lines.begin() + place, std::string(line));
        return;
      case 2:
        std::swap(line, lines[number(lines.size())]);
        return;
      case 3:  // a key that is nearly right
        if (key.size() > 1) line.erase(number(key.size()), 1);
        return;
      case 4:  // a key of elsewhere
        if (!key.empty()) line = key_of(other) + line.substr(key.size());
        return;
      case 5:  // a value of elsewhere
        if (!key.empty()) line = key + other.substr(key_of(other).size());
        return;
      case 6:
        lines.insert(lines.begin() + place, other);
        return;
      default: {  // a table, or what is left of it, once more
        const std::vector<std::string> again(
            lines.begin() + place,
            lines.begin() + std::min(place + 8, static_cast<std::ptrdiff_t>(lines.size())));
        lines.insert(lines.end(), again.begin(), again.end());
      }
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> paths_, pool_;
};

// The words that the description of the form has as keys: another witness than the reader.
std::set<std::string> documented_keys() {
  const auto text = comity::test::must(
      read_file(comity::test::source_path("docs/formats/register.md"), 1024 * 1024));
  std::set<std::string> out;
  std::string word;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9')) {
      word += c;
      continue;
    }
    if (!word.empty()) out.insert(std::exchange(word, {}));
  }
  return out;
}

TEST(MutatedRegister, NeitherCrashesNorTakesUnknownKeysNorLosesThePlace) {
  const char* seed_text = std::getenv("COMITY_SEED");
  const auto seed = seed_text == nullptr ? 1UL : std::strtoul(seed_text, nullptr, 10);
  const std::set<std::string> names_are_data = {
      "instruments/instrument/title", "overlays/overlay/title", "classification.toml/types",
      "threats.toml/rsit/classes", "vocabulary.toml/area_purposes"};
  const auto known = documented_keys();
  Mutator mutator(seed);
  std::size_t accepted = 0, refused = 0;
  const auto rounds = std::max<std::size_t>(100, mutated_files / comity::test::scale());
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto path = mutator.path();
    SCOPED_TRACE(fmt::format("seed {}, round {}, {}", seed, round, path));
    auto files = corpus();
    files[path] = mutator.mutated(files[path]);
    const auto model = load_register(files, exercise_for(path));
    if (!model) {
      ++refused;
      ASSERT_FALSE(model.error().empty());
      for (const auto& one : model.error()) {
        if (one.found.ends_with("more problems are not shown")) continue;
        ASSERT_FALSE(one.file.empty()) << one.text();
        ASSERT_GT(one.line, 0) << one.text();
        ASSERT_GT(one.column, 0) << one.text();
      }
      continue;
    }
    ++accepted;
    auto document = test::document_of(files, path);
    test::each_table(test::file_kind(path), document, [&](const auto& kind, TomlNode& table) {
      if (names_are_data.contains(kind)) return;
      for (const auto& entry : table.entries) {
        EXPECT_TRUE(known.contains(entry.key)) << entry.key << " in " << kind;
      }
    });
  }
  EXPECT_GT(accepted, rounds / 50) << "changed comments and texts are good registers, too";
  EXPECT_GT(refused, rounds / 5);
}

}  // namespace
}  // namespace comity::treaty
