#include "atlas/suppose.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "atlas/cell.h"
#include "treaty/clause_rows.h"
#include "treaty/instrument_place.h"
#include "treaty/party_names.h"
#include "treaty/toml_reader.h"

namespace comity::atlas {
namespace {

using treaty::Instrument;
using treaty::Model;
using treaty::Standing;

// No id of a register file has a colon.
constexpr std::string_view supposed_prefix = "supposed:";

tl::unexpected<Error> bad(std::string message, const std::string& where) {
  return fail(ErrorKind::InvalidInput, std::move(message), where);
}

// Changes a copy of a model, step by step.
class Supposer {
 public:
  Supposer(Model model, Instant at) : model_(std::move(model)), at_(at) {}

  // Everything that the instrument holds is supposed.
  void add(const std::string& id) {
    const auto index = model_.instrument(id);
    CHECK(index.has_value());
    const auto mark = assumption(fmt::format("The text of {} as supposed.", id));
    auto& paper = model_.instruments[static_cast<std::size_t>(*index)];
    for (auto& entry : paper.parties) entry.assumed = mark;
    for (auto& clause : paper.clauses) clause.assumed = mark;
  }

  Status accede(const Membership& who, const std::string& where) {
    TRY(const auto named, names(who, where));
    auto& paper = *named.paper;
    const auto standing = treaty::standing_of(model_, named.instrument, named.party, at_);
    if (standing == Standing::Live || standing == Standing::Suspended) {
      return bad(fmt::format("{} is bound by {} already{}", who.party, who.instrument,
                             standing == Standing::Live ? "" : ", and has suspended it"),
                 where);
    }
    if (level_of(paper) == BasisLevel::Bilateral && paper.entry(named.party) == nullptr) {
      return bad(fmt::format("{} is bilateral: no third party joins it", who.instrument), where);
    }
    // Who accedes again is bound by no earlier denunciation, nor has it suspended anything.
    const auto earlier = [&](const auto& one) {
      return one.instrument == named.instrument && one.party == named.party;
    };
    std::erase_if(model_.denunciations, earlier);
    std::erase_if(model_.suspensions, earlier);
    const auto mark = assumption(fmt::format("{} accedes to {}.", who.party, who.instrument));
    treaty::PartyEntry entry;
    entry.party = named.party;
    entry.provenance = std::string("X");  // "X" alone is warned of by g++ 12 (-Wrestrict), wrongly
    entry.in_force = treaty::DateFact{at_, at_, format_rfc3339(at_), true, entry.provenance, mark};
    entry.assumed = mark;
    set(paper, std::move(entry));
    return {};
  }

  Status withdraw(const Membership& who, const std::string& where) {
    TRY(const auto named, names(who, where));
    if (treaty::standing_of(model_, named.instrument, named.party, at_) == Standing::Not) {
      return bad(fmt::format("{} is not bound by {} on that day", who.party, who.instrument),
                 where);
    }
    // It was bound until now, so what outlives the instrument stays.
    auto entry = *named.paper->entry(named.party);
    entry.until = treaty::DateFact{at_, at_, format_rfc3339(at_), true, "X", ""};
    set(*named.paper, std::move(entry));
    return {};
  }

  Model take() { return std::move(model_); }

 private:
  struct Named {
    Instrument* paper;
    int instrument, party;
  };

  Result<Named> names(const Membership& who, const std::string& where) {
    const auto party = model_.party(who.party);
    if (!party || !model_.parties[static_cast<std::size_t>(*party)].is_state()) {
      return bad(fmt::format("'{}' is no state of the register{}", who.party,
                             treaty::party_suggestion(model_, who.party)),
                 where);
    }
    const auto instrument = model_.instrument(who.instrument);
    if (!instrument) {
      std::vector<std::string> ids;
      for (const auto& one : model_.instruments) ids.push_back(one.id);
      const auto near = treaty::nearest(who.instrument, ids);
      return bad(fmt::format("'{}' is no instrument of the register{}", who.instrument,
                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
                 where);
    }
    auto& paper = model_.instruments[static_cast<std::size_t>(*instrument)];
    if (paper.binding != treaty::Binding::Binding) {
      return bad(fmt::format("{} is {}: only what is binding can be a basis", who.instrument,
                             treaty::name(paper.binding)),
                 where);
    }
    return Named{&paper, *instrument, *party};
  }

  std::string assumption(std::string reason) {
    auto id = fmt::format("{}{}", supposed_prefix, ++count_);
    model_.assumptions.push_back({id, std::move(reason)});
    return id;
  }

  static void set(Instrument& paper, treaty::PartyEntry entry) {
    const auto at = std::lower_bound(
        paper.parties.begin(), paper.parties.end(), entry.party,
        [](const treaty::PartyEntry& one, int party) { return one.party < party; });
    if (at != paper.parties.end() && at->party == entry.party) {
      *at = std::move(entry);
    } else {
      paper.parties.insert(at, std::move(entry));
    }
  }

  Model model_;
  const Instant at_;
  int count_ = 0;
};

Status check_bounds(const Supposition& of) {
  if (of.file.size() > supposed_file_bytes_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("found {} bytes, at most {} are taken", of.file.size(),
                            supposed_file_bytes_max),
                "file");
  }
  for (const auto& [name, count] :
       {std::pair("accede", of.accede.size()), std::pair("withdraw", of.withdraw.size())}) {
    if (count <= supposed_steps_max) continue;
    return fail(ErrorKind::TooLarge,
                fmt::format("found {} entries, at most {} are taken", count, supposed_steps_max),
                name);
  }
  if (!of.empty()) return {};
  return fail(ErrorKind::InvalidInput,
              "nothing is supposed: say who accedes, who withdraws, or give a file");
}

std::string id_of_path(const std::string& path) {
  const auto slash = path.rfind('/');
  return path.substr(slash + 1, path.size() - slash - 1 - std::string_view(".toml").size());
}

}  // namespace

const char* name(SupposedStep::Kind kind) {
  constexpr std::array<const char*, 3> names = {"add", "accede", "withdraw"};
  return names[static_cast<std::size_t>(kind)];
}

bool is_supposed(std::string_view assumption) { return assumption.starts_with(supposed_prefix); }

Result<Membership> membership_from_text(std::string_view text, const std::string& where) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return bad(fmt::format("found {}, expected a form like KZ:coe-185 (party and instrument)",
                           treaty::quoted(text)),
               where);
  }
  return Membership{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<Supposed> suppose(const treaty::RegisterFiles& files,
                         const std::optional<std::string>& exercise, const Supposition& supposition,
                         Instant at) {
  TRY_STATUS(check_bounds(supposition));
  Supposed out;
  auto with_file = files;
  std::string path;
  if (!supposition.file.empty()) {
    auto found = treaty::instrument_path(files, supposition.file);
    if (!found) return tl::unexpected<Error>(std::move(found.error()).at("file"));
    path = *std::move(found);
    with_file[path] = supposition.file;
  }
  auto model = treaty::load_register(with_file, exercise);
  if (!model) {
    out.problems = std::move(model.error());
    for (auto& problem : out.problems) {
      if (problem.file == path) problem.file = supposition.file_name;
    }
    return out;
  }
  Supposer supposer(**model, at);
  if (!path.empty()) {
    supposer.add(id_of_path(path));
    out.steps.push_back({SupposedStep::Kind::Add, {}, id_of_path(path)});
  }
  for (std::size_t i = 0; i < supposition.accede.size(); ++i) {
    const auto& who = supposition.accede[i];
    TRY_STATUS(supposer.accede(who, fmt::format("accede[{}]", i)));
    out.steps.push_back({SupposedStep::Kind::Accede, who.party, who.instrument});
  }
  for (std::size_t i = 0; i < supposition.withdraw.size(); ++i) {
    const auto& who = supposition.withdraw[i];
    TRY_STATUS(supposer.withdraw(who, fmt::format("withdraw[{}]", i)));
    out.steps.push_back({SupposedStep::Kind::Withdraw, who.party, who.instrument});
  }
  out.model = std::make_shared<const Model>(supposer.take());
  return out;
}

}  // namespace comity::atlas
