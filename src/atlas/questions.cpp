#include "atlas/questions.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace comity::atlas {
namespace {

using treaty::bit;
using treaty::Bits;
using treaty::ResolvedRequest;

bool decides(const treaty::Clause& clause) {
  return clause.verb != treaty::Verb::Advise && clause.verb != treaty::Verb::Define;
}

bool meets(Bits stated, Bits asked) { return stated == 0 || (stated & asked) != 0; }

// A question in words as the engine takes it, but for who asks whom and when.
Result<ResolvedRequest> resolved(const treaty::Model& model, treaty::Request words) {
  words.from = model.parties.front().code;
  words.tlp = "amber";
  auto out = treaty::resolve(model, words, true);
  if (out) return *std::move(out);
  return fail(ErrorKind::InvalidInput, "the register cannot be asked what was agreed in an area: " +
                                           out.error().front().what);
}

// The standard question, as an area has it of which the register says nothing.
Result<treaty::AreaPurposes> standard(const treaty::Model& model) {
  treaty::Request words;
  words.info = {"indicator"};
  words.purpose = "warning";
  TRY(const auto question, resolved(model, std::move(words)));
  return treaty::AreaPurposes{bit(question.action), bit(*question.purpose), question.info};
}

// Everything on which the answer can depend, as bytes: which clauses and rules of overlays match,
// which designations count, and what the guards of the engine look at.
class Signature {
 public:
  explicit Signature(const treaty::Model& model) : model_(model) {
    const auto& words = model.vocabulary;
    for (const char* guarded :
         {"content-data", "state-secret", "traffic-data", "subscriber-data"}) {
      if (const auto index = words.classes.index(guarded)) guarded_ |= bit(*index);
    }
    content_ = words.areas.index("content");
    evidence_ = words.areas.index("evidence");
  }

  std::string of(const ResolvedRequest& request) const {
    const Bits action = bit(request.action);
    std::string out;
    out += (action & treaty::transfer_actions) != 0 ? 't' : '-';
    out += request.area == content_ ? 'c' : request.area == evidence_ ? 'e' : '-';
    out += std::to_string(request.info & guarded_) + " ";
    for (const auto& instrument : model_.instruments) {
      if (instrument.binding != treaty::Binding::Binding) continue;
      for (const auto& clause : instrument.clauses) {
        if (decides(clause)) out += match(clause, request, action);
      }
    }
    for (const auto& one : model_.designations) {
      out += meets(one.areas, bit(*request.area)) ? '1' : '0';
    }
    for (const auto& overlay : model_.overlays) {
      for (const auto& rule : overlay.rules) out += narrows(rule, request, action) ? '1' : '0';
    }
    return out;
  }

 private:
  static bool narrows(const treaty::OverlayRule& rule, const ResolvedRequest& request,
                      Bits action) {
    return (rule.actions & action) != 0 && meets(rule.areas, bit(*request.area)) &&
           meets(rule.purposes, bit(*request.purpose)) &&
           (request.info == 0 || meets(rule.info, request.info));
  }

  static char match(const treaty::Clause& clause, const ResolvedRequest& request, Bits action) {
    const bool topic = meets(clause.areas, bit(*request.area)) &&
                       meets(clause.purposes, bit(*request.purpose)) &&
                       (request.info == 0 || meets(clause.info, request.info));
    if (!topic) return '0';
    const int acts = (clause.actions & action) != 0 ? 1 : 0;
    const int triggers = (clause.on & action) != 0 ? 2 : 0;
    return static_cast<char>('0' + acts + triggers);
  }

  const treaty::Model& model_;
  Bits guarded_ = 0;
  std::optional<int> content_, evidence_;
};

std::vector<std::string> words_of(const treaty::Names& names, Bits bits) {
  std::vector<std::string> out;
  for (int i = 0; i < static_cast<int>(names.values.size()); ++i) {
    if ((bits & bit(i)) != 0) out.push_back(names.values[static_cast<std::size_t>(i)]);
  }
  return out;
}

// Each action for each purpose with each class, in the order of the vocabulary.
std::vector<treaty::Request> in_words(const treaty::Vocabulary& words,
                                      const treaty::AreaPurposes& of, int area) {
  std::vector<treaty::Request> out;
  treaty::Request request;
  request.area = words.areas.values[static_cast<std::size_t>(area)];
  for (const auto& purpose : words_of(words.purposes, of.purposes)) {
    request.purpose = purpose;
    request.info.clear();
    for (const auto& action : words_of(words.actions, of.actions & ~treaty::transfer_actions)) {
      request.action = action;
      out.push_back(request);
    }
    for (const auto& action : words_of(words.actions, of.actions & treaty::transfer_actions)) {
      request.action = action;
      for (const auto& info : words_of(words.classes, of.classes)) {
        request.info = {info};
        out.push_back(request);
      }
    }
  }
  return out;
}

}  // namespace

Result<Questions> Questions::of(const treaty::Model& model) {
  Questions out;
  const auto& words = model.vocabulary;
  if (model.parties.empty()) return out;
  out.asked_ = words.area_purposes;
  out.asked_.resize(words.areas.values.size());
  const Signature signature(model);
  std::map<std::string, int> known;
  for (int area = 0; area < static_cast<int>(words.areas.values.size()); ++area) {
    auto& asked = out.asked_[static_cast<std::size_t>(area)];
    if (asked.purposes == 0) {
      TRY(asked, standard(model));
    }
    auto& list = out.of_area_.emplace_back();
    for (auto& question : in_words(words, asked, area)) {
      TRY(auto request, resolved(model, std::move(question)));
      const auto [found, added] = known.emplace(signature.of(request), out.count());
      if (added) out.distinct_.push_back(std::move(request));
      if (std::find(list.begin(), list.end(), found->second) == list.end()) {
        list.push_back(found->second);
      }
    }
  }
  return out;
}

ResolvedRequest Questions::request(int question, int from, Instant at) const {
  auto out = distinct_[static_cast<std::size_t>(question)];
  out.from = from;
  out.at = at;
  return out;
}

bool Questions::speaks_to(const treaty::Clause& clause, int area) const {
  const auto& asked = asked_[static_cast<std::size_t>(area)];
  const Bits acts = clause.actions & asked.actions;
  const bool of_classes =
      (acts & ~treaty::transfer_actions) != 0 || meets(clause.info, asked.classes);
  return decides(clause) && acts != 0 && of_classes && meets(clause.areas, bit(area)) &&
         meets(clause.purposes, asked.purposes);
}

Bits Questions::areas_of(const treaty::Instrument& instrument) const {
  Bits out = 0;
  for (const auto& clause : instrument.clauses) {
    for (int area = 0; area < areas(); ++area) {
      if (speaks_to(clause, area)) out |= bit(area);
    }
  }
  return out;
}

}  // namespace comity::atlas
