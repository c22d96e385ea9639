#include "atlas/coverage.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "treaty/phrase.h"
#include "treaty/request.h"

namespace comity::atlas {
namespace {

using treaty::Bits;
using treaty::VerdictKind;

// The first found counts, as between instruments.
int rank(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::Permitted:
      return 0;
    case VerdictKind::Needs:
      return 1;
    case VerdictKind::Forbidden:
      return 2;
    case VerdictKind::NoBasis:
    case VerdictKind::InvalidRequest:
      return 3;
  }
  return 3;
}

BasisLevel level_of(const treaty::Instrument& instrument) {
  switch (instrument.level_rank()) {
    case 0:
      return BasisLevel::Bilateral;
    case 1:
      return BasisLevel::Multilateral;
    case 2:
    case 3:
      return BasisLevel::Regional;
    default:
      return BasisLevel::Global;
  }
}

const treaty::Instrument* instrument_of(const treaty::Model& model, const std::string& id) {
  const auto index = model.instrument(id);
  return index ? &model.instruments[static_cast<std::size_t>(*index)] : nullptr;
}

Result<treaty::ResolvedRequest> standard_question(const treaty::Model& model,
                                                  const CoverageQuestion& question) {
  treaty::Request words;
  words.from = model.parties[static_cast<std::size_t>(question.party)].code;
  words.info = {"indicator"};
  words.purpose = "warning";
  words.tlp = "amber";
  words.at = question.at;
  auto resolved = treaty::resolve(model, words, true);
  if (!resolved) {
    return fail(ErrorKind::InvalidInput,
                "the register cannot be asked about indicators for warning: " +
                    resolved.error().front().what);
  }
  resolved->area = question.area;
  return *std::move(resolved);
}

// Whether a clause can have a part in the answer.
bool concerns(const treaty::Clause& clause, const treaty::ResolvedRequest& request) {
  const bool decides = clause.verb != treaty::Verb::Advise && clause.verb != treaty::Verb::Define;
  return decides && ((clause.actions | clause.on) & treaty::bit(request.action)) != 0 &&
         (clause.info == 0 || (clause.info & request.info) != 0) &&
         (clause.purposes == 0 || (clause.purposes & treaty::bit(*request.purpose)) != 0);
}

// The areas to ask about. Areas that stand in the same clauses and designations have the same
// answers; only "content" is looked at by the engine itself.
std::vector<std::optional<int>> areas_of(const treaty::Model& model,
                                         const treaty::ResolvedRequest& request) {
  if (request.area) return {request.area};
  std::set<Bits> masks;
  for (const auto& instrument : model.instruments) {
    if (instrument.binding != treaty::Binding::Binding) continue;
    for (const auto& clause : instrument.clauses) {
      if (clause.areas != 0 && concerns(clause, request)) masks.insert(clause.areas);
    }
  }
  for (const auto& one : model.designations) {
    if (one.areas != 0) masks.insert(one.areas);
  }
  std::vector<std::optional<int>> out;
  std::set<std::vector<bool>> seen;
  const auto content = model.vocabulary.areas.index("content");
  for (int area = 0; area < static_cast<int>(model.vocabulary.areas.values.size()); ++area) {
    std::vector<bool> stands_in{area == content};
    for (const auto mask : masks) stands_in.push_back((mask & treaty::bit(area)) != 0);
    if (seen.insert(std::move(stands_in)).second) out.emplace_back(area);
  }
  return out;
}

// Which instruments an assumption of the exercise is about.
std::multimap<std::string_view, std::string_view> assumed_in(const treaty::Model& model) {
  std::multimap<std::string_view, std::string_view> out;
  const auto add = [&](const std::string& id, const treaty::Instrument& instrument) {
    if (!id.empty()) out.emplace(id, instrument.id);
  };
  for (const auto& instrument : model.instruments) {
    for (const auto& entry : instrument.parties) {
      add(entry.assumed, instrument);
      if (entry.in_force) add(entry.in_force->assumed, instrument);
    }
    for (const auto& clause : instrument.clauses) add(clause.assumed, instrument);
  }
  for (const auto& one : model.arrangements) {
    add(one.assumed, model.instruments[static_cast<std::size_t>(one.instrument)]);
  }
  for (const auto& one : model.designations) {
    add(one.assumed, model.instruments[static_cast<std::size_t>(one.instrument)]);
  }
  return out;
}

class Cover {
 public:
  Cover(const treaty::CompiledRegister& law, treaty::ResolvedRequest request)
      : law_(law),
        model_(law.model()),
        request_(std::move(request)),
        areas_(areas_of(model_, request_)),
        assumed_in_(assumed_in(model_)) {}

  std::vector<CoverageRow> run() {
    for (const auto& area : areas_) {
      request_.area = area;
      audiences_.push_back(law_.decide_all(request_));
    }
    const auto& own = model_.parties[static_cast<std::size_t>(request_.from)];
    std::vector<CoverageRow> out;
    for (int i = 0; i < static_cast<int>(model_.parties.size()); ++i) {
      const auto& party = model_.parties[static_cast<std::size_t>(i)];
      const bool invented = party.kind == treaty::PartyKind::Invented;
      if (i == request_.from) {
        CoverageRow row;
        row.party = i;
        row.basis = BasisLevel::Own;
        out.push_back(std::move(row));
      } else if (party.is_state() && (!invented || own.kind == treaty::PartyKind::Invented)) {
        out.push_back(row_for(i));
      }
    }
    return out;
  }

 private:
  static VerdictKind kind_in(const treaty::Audience& audience, int party) {
    const auto at = static_cast<std::size_t>(party);
    if (audience.permitted.test(at)) return VerdictKind::Permitted;
    if (audience.needs.test(at)) return VerdictKind::Needs;
    if (audience.forbidden.test(at)) return VerdictKind::Forbidden;
    return VerdictKind::NoBasis;
  }

  // What has content is refused to every state alike: beside other areas, where nothing was agreed,
  // that would say "forbidden" of a state with which there simply is no basis.
  bool refused_to_all(std::optional<int> area) const {
    return areas_.size() > 1 && area == model_.vocabulary.areas.index("content");
  }

  CoverageRow row_for(int party) {
    CoverageRow best;
    best.party = party;
    for (std::size_t i = 0; i < areas_.size(); ++i) {
      const auto kind = kind_in(audiences_[i], party);
      if (kind == VerdictKind::Forbidden && refused_to_all(areas_[i])) continue;
      if (rank(kind) < rank(best.verdict)) best.verdict = kind;
    }
    if (rank(best.verdict) > rank(VerdictKind::Needs)) return best;
    request_.to = party;
    for (std::size_t i = 0; i < areas_.size(); ++i) {
      if (kind_in(audiences_[i], party) != best.verdict) continue;
      request_.area = areas_[i];
      auto row = row_of(law_.decide(request_), party);
      if (better(row, best)) best = std::move(row);
      if (best.basis == BasisLevel::Bilateral && best.state == BasisState::Verified) break;
    }
    return best;
  }

  // By level, then by how sure it is; else the earlier area stays.
  static bool better(const CoverageRow& row, const CoverageRow& than) {
    if (row.basis != than.basis) return row.basis < than.basis;
    return row.state < than.state;
  }

  CoverageRow row_of(treaty::Verdict verdict, int party) const {
    CoverageRow row;
    row.party = party;
    row.verdict = verdict.kind;
    for (const auto& entry : verdict.basis) {
      row.basis = std::min(row.basis, level_of(*instrument_of(model_, entry.instrument)));
    }
    std::stable_partition(verdict.basis.begin(), verdict.basis.end(), [&](const auto& entry) {
      return level_of(*instrument_of(model_, entry.instrument)) == row.basis;
    });
    // The surest of the instruments of that level.
    for (const auto& entry : verdict.basis) {
      if (level_of(*instrument_of(model_, entry.instrument)) != row.basis) break;
      row.state = std::min(row.state, state_of(verdict, entry.instrument));
    }
    row.instruments = std::move(verdict.basis);
    return row;
  }

  // How sure the answer of one instrument is, from what the verdict says of it.
  BasisState state_of(const treaty::Verdict& verdict, const std::string& instrument) const {
    auto state = BasisState::Verified;
    for (const auto& assumed : verdict.assumed) {
      const auto range = assumed_in_.equal_range(assumed.id);
      const bool of_exercise = std::any_of(
          range.first, range.second, [&](const auto& one) { return one.second == instrument; });
      if (of_exercise) return BasisState::Assumed;
      const auto said = treaty::assumed_phrase(model_, assumed);
      if (!names(said, instrument)) continue;
      if (said.key == "assumed.designation") return BasisState::Assumed;
      state = BasisState::Unverified;
    }
    for (const auto& need : verdict.needs) {
      if (need.kind != "verification" && need.kind != "fact") continue;
      if (names(treaty::need_phrase(need), instrument)) state = BasisState::Unverified;
    }
    return state;
  }

  static bool names(const treaty::Phrase& said, const std::string& instrument) {
    const auto* named = said.args.find("instrument");
    return named != nullptr && named->string() != nullptr && *named->string() == instrument;
  }

  const treaty::CompiledRegister& law_;
  const treaty::Model& model_;
  treaty::ResolvedRequest request_;
  std::vector<std::optional<int>> areas_;
  std::multimap<std::string_view, std::string_view> assumed_in_;
  std::vector<treaty::Audience> audiences_;  // by area
};

}  // namespace

const char* name(BasisLevel level) {
  constexpr std::array<const char*, basis_level_count> names = {
      "own", "bilateral", "multilateral", "regional", "global", "none"};
  return names[static_cast<std::size_t>(level)];
}

const char* name(BasisState state) {
  constexpr std::array<const char*, 4> names = {"verified", "unverified", "assumed", "none"};
  return names[static_cast<std::size_t>(state)];
}

Result<std::vector<CoverageRow>> coverage(const treaty::CompiledRegister& law,
                                          const CoverageQuestion& question) {
  TRY(auto request, standard_question(law.model(), question));
  return Cover(law, std::move(request)).run();
}

}  // namespace comity::atlas
