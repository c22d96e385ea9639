// How long the engine takes to say for every party of a register whether a record may go to it.
// Writes the register, the questions and its answers as plain files, so that other engines can be
// asked the same (bench/treaty). Usage: audience_bench FOLDER ROUNDS. Prints `name value unit`.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "treaty/compiled.h"
#include "treaty/reference.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

constexpr std::size_t parties = 1000;
constexpr std::size_t instruments = 40;
constexpr std::size_t clauses_each = 5;  // 200 together, all in force, in all of them the sender
constexpr std::size_t questions_asked = 4096;
constexpr std::size_t questions_checked = 64;  // against the reference interpreter, for each party
constexpr std::size_t questions_kept = 256;
constexpr int kept_repeats = 200;
constexpr std::uint64_t seed = 20'261'130;

// Of these the engine alone knows a rule; the comparison is about the law of agreements.
constexpr const char* guarded[] = {"content-data", "state-secret", "traffic-data",
                                   "subscriber-data", "assessment-opinion"};

// The vocabulary without what is guarded.
std::vector<std::string> plain(const Names& names) {
  std::vector<std::string> out;
  for (const auto& name : names.values) {
    const bool kept_out = name == "content" || std::find(std::begin(guarded), std::end(guarded),
                                                         name) != std::end(guarded);
    if (!kept_out) out.push_back(name);
  }
  return out;
}

std::string code_of(std::size_t number) { return fmt::format("P{:03}", number); }

// Most agreements are of two, some of a dozen, a few of a region, two of nearly everybody.
std::size_t size_of(std::size_t instrument) {
  if (instrument < 24) return 1;
  if (instrument < 34) return 12;
  if (instrument < 38) return 50;
  return 900;
}

class Questions {
 public:
  explicit Questions(const Vocabulary& words)
      : classes_(plain(words.classes)),
        areas_(plain(words.areas)),
        purposes_(words.purposes.values) {}

  Model model(test::Dice& dice) const {
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < parties; ++i) codes.push_back(code_of(i));
    test::TestRegister build(codes);
    for (std::size_t i = 0; i < instruments; ++i) {
      auto& instrument = build.instrument(fmt::format("i{:02}", i));
      add_members(dice, build, instrument, size_of(i));
      for (std::size_t n = 1; n <= clauses_each; ++n) add_clause(dice, build, instrument, n);
    }
    return std::move(build.model());
  }

  // Each another one, in an order of chance.
  std::vector<ResolvedRequest> ask(const Vocabulary& words) const {
    std::vector<ResolvedRequest> all;
    for (const auto& info : classes_) {
      for (const auto& area : areas_) {
        for (const auto& purpose : purposes_) {
          for (const auto tlp : {Tlp::Clear, Tlp::Green, Tlp::Amber}) {
            ResolvedRequest one;
            one.info = test::bits(words.classes, info);
            one.area = words.areas.index(area);
            one.purpose = words.purposes.index(purpose);
            one.tlp = tlp;
            one.at = test::instant("2024-06-01");
            one.facts.assign(words.facts.size(), FactValue::Unknown);
            one.stated.assign(words.facts.size(), false);
            all.push_back(one);
          }
        }
      }
    }
    std::shuffle(all.begin(), all.end(), std::mt19937_64(seed));
    all.resize(questions_asked);
    return all;
  }

 private:
  static void add_members(test::Dice& dice, test::TestRegister& build, Instrument& instrument,
                          std::size_t size) {
    build.entry(instrument, code_of(0));
    std::vector<std::size_t> others;
    for (std::size_t i = 1; i < parties; ++i) others.push_back(i);
    for (std::size_t i = 0; i < size; ++i) {
      std::swap(others[i], others[i + dice.below(others.size() - i)]);
      build.entry(instrument, code_of(others[i]));
    }
  }

  void add_clause(test::Dice& dice, test::TestRegister& build, Instrument& instrument,
                  std::size_t number) const {
    const bool forbid = number == clauses_each;
    auto& clause =
        build.clause(instrument, "c" + std::to_string(number), forbid ? Verb::Forbid : Verb::Permit,
                     "share", dice.some(classes_, forbid ? 10 : 30),
                     dice.some(areas_, forbid ? 20 : 30), dice.some(purposes_, 50));
    if (forbid) return;
    clause.handling_max = dice.one<Tlp>({Tlp::None, Tlp::Green, Tlp::Amber, Tlp::AmberStrict});
    if (number == 4) clause.needs.push_back(build.need("human"));
  }

  std::vector<std::string> classes_, areas_, purposes_;
};

std::string texts(const Names& names, Bits set) {
  std::string out;
  for (std::size_t i = 0; i < names.values.size(); ++i) {
    if ((set & bit(static_cast<int>(i))) == 0) continue;
    out += fmt::format("{}\"{}\"", out.empty() ? "" : ",", names.values[i]);
  }
  return "[" + out + "]";
}

std::string numbers(const PartySet& set) {
  std::string out;
  for (auto i = set._Find_first(); i < set.size(); i = set._Find_next(i)) {
    out += fmt::format("{}{}", out.empty() ? "" : ",", i);
  }
  return "[" + out + "]";
}

std::string register_json(const Model& model) {
  const auto& words = model.vocabulary;
  std::string out = fmt::format("{{\"parties\":{},\"sender\":0,\"instruments\":[", parties);
  const char* between = "";
  for (const auto& instrument : model.instruments) {
    PartySet members;
    for (const auto& entry : instrument.parties) members.set(static_cast<std::size_t>(entry.party));
    out += fmt::format("{}\n{{\"id\":\"{}\",\"members\":{},\"clauses\":[", between, instrument.id,
                       numbers(members));
    between = "";
    for (const auto& clause : instrument.clauses) {
      const auto ceiling = clause.handling_max == Tlp::None ? Tlp::Red : clause.handling_max;
      out += fmt::format(
          "{}\n {{\"verb\":\"{}\",\"info\":{},\"area\":{},\"purpose\":{},\"tlp_max\":{},"
          "\"human\":{}}}",
          between, name(clause.verb), texts(words.classes, clause.info),
          texts(words.areas, clause.areas), texts(words.purposes, clause.purposes),
          static_cast<int>(ceiling), clause.needs.empty() ? "false" : "true");
      between = ",";
    }
    out += "]}";
    between = ",";
  }
  return out + "]}\n";
}

// One line a question, and its answer: who may receive it.
std::string question_json(const Vocabulary& words, const ResolvedRequest& asked,
                          const Audience& answer) {
  auto info = texts(words.classes, asked.info);
  return fmt::format(
      "{{\"info\":{},\"area\":\"{}\",\"purpose\":\"{}\",\"tlp\":{},\"permitted\":{}}}\n",
      info.substr(1, info.size() - 2), words.areas.values[static_cast<std::size_t>(*asked.area)],
      words.purposes.values[static_cast<std::size_t>(*asked.purpose)], static_cast<int>(asked.tlp),
      numbers(answer.permitted));
}

double nanoseconds(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
}

void figure(const char* what, double value, const char* unit) {
  fmt::print("{} {:.4g} {}\n", what, value, unit);
}

void figures(const std::string& what, std::vector<double> values, const char* unit) {
  std::sort(values.begin(), values.end());
  figure((what + "_min").c_str(), values.front(), unit);
  figure((what + "_median").c_str(), values[values.size() / 2], unit);
}

class Bench {
 public:
  Bench(std::shared_ptr<const Model> model, std::vector<ResolvedRequest> asked)
      : model_(std::move(model)), own_(test::verify_all(*model_)), asked_(std::move(asked)) {}

  // Every question once, to a register that has kept no answer.
  void cold() {
    const CompiledRegister law(model_, own_, Mode::Operational);
    auto first = asked_.front();
    first.info = 0;
    first.action = static_cast<int>(Action::Consult);
    const auto before = std::chrono::steady_clock::now();
    (void)law.decide_all(first);  // makes the epoch
    epoch_.push_back(nanoseconds(before) / 1000);
    std::vector<Audience> answers(asked_.size());
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < asked_.size(); ++i) answers[i] = law.decide_all(asked_[i]);
    cold_.push_back(nanoseconds(begin) / static_cast<double>(asked_.size()));
    if (!answers_.empty() && !same(answers, answers_)) wrong_ = true;
    answers_ = std::move(answers);
  }

  // The same few questions again and again.
  void kept() {
    const CompiledRegister law(model_, own_, Mode::Operational);
    for (std::size_t i = 0; i < questions_kept; ++i) (void)law.decide_all(asked_[i]);
    std::size_t sum = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (int repeat = 0; repeat < kept_repeats; ++repeat) {
      for (std::size_t i = 0; i < questions_kept; ++i) {
        sum += law.decide_all(asked_[i]).permitted.test(1) ? 1 : 0;
      }
    }
    kept_.push_back(nanoseconds(begin) / (questions_kept * kept_repeats));
    if (sum > questions_kept * kept_repeats) wrong_ = true;
  }

  // The definition, party by party.
  void check() {
    for (std::size_t i = 0; i < questions_checked; ++i) {
      auto request = asked_[i];
      for (std::size_t to = 1; to < parties; ++to) {
        request.to = static_cast<int>(to);
        const auto kind = decide_by_reference(*model_, own_, Mode::Operational, request).kind;
        if ((kind == VerdictKind::Permitted) != answers_[i].permitted.test(to) ||
            (kind == VerdictKind::Needs) != answers_[i].needs.test(to) ||
            (kind == VerdictKind::Forbidden) != answers_[i].forbidden.test(to)) {
          wrong_ = true;
        }
      }
    }
  }

  void write(const std::string& folder) const {
    std::ofstream(folder + "/register.json") << register_json(*model_);
    std::ofstream questions(folder + "/questions.jsonl");
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      questions << question_json(model_->vocabulary, asked_[i], answers_[i]);
    }
  }

  bool print() const {
    std::size_t permitted = 0;
    for (const auto& answer : answers_) permitted += answer.permitted.count();
    figure("treaty_parties", parties, "parties");
    figure("treaty_clauses", instruments * clauses_each, "clauses");
    figure("treaty_permitted",
           static_cast<double>(permitted) / static_cast<double>(answers_.size()),
           "parties/question");
    figures("treaty_comity_epoch", epoch_, "us");
    figures("treaty_comity_cold", cold_, "ns");
    figures("treaty_comity_kept", kept_, "ns");
    return !wrong_;
  }

 private:
  static bool same(const std::vector<Audience>& a, const std::vector<Audience>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return x.permitted == y.permitted && x.needs == y.needs && x.forbidden == y.forbidden;
    });
  }

  std::shared_ptr<const Model> model_;
  Verifications own_;
  std::vector<ResolvedRequest> asked_;
  std::vector<Audience> answers_;
  std::vector<double> epoch_, cold_, kept_;
  bool wrong_ = false;
};

int run(const std::string& folder, int rounds) {
  test::Dice dice(seed);
  const Questions questions(test::vocabulary());
  auto model = std::make_shared<const Model>(questions.model(dice));
  Bench bench(model, questions.ask(model->vocabulary));
  for (int round = 0; round < rounds; ++round) {
    bench.cold();
    bench.kept();
  }
  bench.check();
  bench.write(folder);
  if (bench.print()) return 0;
  fmt::print("treaty_WRONG 1 \"the engines of Comity differ\"\n");
  return 1;
}

}  // namespace
}  // namespace comity::treaty

int main(int count, char** arguments) {
  const int rounds = count == 3 ? std::atoi(arguments[2]) : 0;
  if (rounds < 1) {
    fmt::print(stderr, "usage: audience_bench FOLDER ROUNDS\n");
    return 2;
  }
  return comity::treaty::run(arguments[1], rounds);
}
