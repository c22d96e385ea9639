#include "treaty/provenance_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace comity::treaty {
namespace {

class Check {
 public:
  explicit Check(const Model& model) : model_(model) {}

  std::vector<ProvenanceGap> run() {
    for (const auto& instrument : model_.instruments) paper(instrument);
    for (const auto& one : model_.arrangements) {
      fact(of(one.instrument), fmt::format("arrangement {}", one.id), one.provenance, one.assumed);
    }
    for (const auto& one : model_.designations) {
      fact(of(one.instrument), fmt::format("designation {} of {}", one.body, code(one.party)),
           one.provenance, one.assumed);
    }
    for (const auto& one : model_.suspensions) {
      fact(of(one.instrument), fmt::format("suspension {}", one.id), one.provenance);
    }
    for (const auto& one : model_.denunciations) {
      fact(of(one.instrument), fmt::format("denunciation {}", one.id), one.provenance);
    }
    for (const auto& overlay : model_.overlays) {
      fact({overlay.id, "", overlay.id, "", overlay.place}, overlay.provenance);
      for (const auto& rule : overlay.rules) {
        fact({overlay.id, rule.id, fmt::format("{} rule {}", overlay.id, rule.id), "", rule.place},
             rule.provenance);
      }
    }
    return std::move(out_);
  }

 private:
  const Instrument& of(int index) const {
    return model_.instruments[static_cast<std::size_t>(index)];
  }
  const std::string& code(int party) const {
    return model_.parties[static_cast<std::size_t>(party)].code;
  }

  void paper(const Instrument& instrument) {
    fact(instrument, "instrument", instrument.provenance);
    const auto dated = [&](const std::string& what, const std::optional<DateFact>& date) {
      if (date) fact(instrument, what, date->provenance, date->assumed);
    };
    dated("signed", instrument.signed_on);
    dated("adopted", instrument.adopted_on);
    dated("in_force", instrument.in_force_on);
    if (instrument.entry_rule) fact(instrument, "entry", instrument.entry_rule->provenance);
    if (instrument.denunciation_notice) {
      fact(instrument, "denunciation_notice", instrument.denunciation_notice->provenance);
    }
    for (const auto& claim : instrument.levels) {
      fact(instrument, fmt::format("level_claims {}", claim.level), claim.source);
    }
    for (const auto& claim : instrument.area_claims) {
      fact(instrument, fmt::format("area_claims of {}", claim.by), claim.provenance);
    }
    for (const auto& reading : instrument.readings) {
      fact(instrument, fmt::format("readings of {}", reading.of), reading.provenance);
    }
    for (const auto& error : instrument.source_errors) {
      const auto what = fmt::format("source_errors at {}", error.place);
      fact(instrument, what, error.provenance);
      if (error.source != error.provenance) fact(instrument, what, error.source);
    }
    for (const auto& review : instrument.reviews) {
      fact(instrument, fmt::format("reviews of {}", review.article), review.provenance);
    }
    for (const auto& entry : instrument.parties) {
      const auto party = fmt::format("party {}", code(entry.party));
      fact(instrument, party, entry.provenance, entry.assumed);
      if (entry.in_force) {
        fact(instrument, party + " in_force", entry.in_force->provenance,
             entry.assumed + entry.in_force->assumed);
      }
      if (entry.until) {
        fact(instrument, party + " until", entry.until->provenance,
             entry.assumed + entry.until->assumed);
      }
      dated(party + " signed", entry.signed_on);
      dated(party + " consented", entry.consented_on);
    }
    for (const auto& clause : instrument.clauses) {
      fact(instrument, "clause " + clause.id, clause.provenance, clause.assumed, &clause);
      if (clause.survives) {
        fact(instrument, "clause " + clause.id + " survives", clause.survives_provenance,
             clause.assumed, &clause);
      }
    }
  }

  void fact(const Instrument& instrument, const std::string& what, const std::string& provenance,
            const std::string& assumed = {}, const Clause* clause = nullptr) {
    fact({instrument.id, clause == nullptr ? "" : clause->id,
          fmt::format("{} {}", instrument.id, what), "",
          clause == nullptr ? instrument.place : clause->place},
         provenance, assumed);
  }

  // A fact with its marks, several of them separated by blanks.
  void fact(ProvenanceGap gap, const std::string& provenance, const std::string& assumed = {}) {
    std::istringstream marks(provenance);
    bool any = false;
    for (std::string mark; marks >> mark;) {
      any = true;
      const auto& sources = model_.context.sources;
      const bool known = std::any_of(sources.begin(), sources.end(),
                                     [&](const Source& one) { return one.id == mark; });
      if (known || sources.empty()) continue;
      gap.mark = mark;
      out_.push_back(gap);
    }
    gap.mark.clear();
    if (!any && assumed.empty()) out_.push_back(std::move(gap));
  }

  const Model& model_;
  std::vector<ProvenanceGap> out_;
};

}  // namespace

std::vector<ProvenanceGap> provenance_gaps(const Model& model) { return Check(model).run(); }

}  // namespace comity::treaty
