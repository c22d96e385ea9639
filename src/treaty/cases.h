// The cases that one or two instruments can be asked about: requests that stand for all others.
//
// Two values of a dimension that every clause in play treats alike give the same answer, so one of
// them stands for both. What is alike follows from the sets of the clauses, and from what the
// guards, the handling and the dated facts of docs/formats/semantics-1.md look at. The engines are
// asked, and none of their rules is repeated here. Immutable once built.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "treaty/compiled.h"
#include "treaty/model.h"
#include "treaty/request.h"

namespace comity::treaty {

// So many groups of roles are tried in every combination; of more only each alone and all together.
constexpr std::size_t role_groups_max = 6;

// The instruments of a register looked at alone: with the dated facts that belong to them, every
// party of the register, and one more instrument, of all parties and without clauses, under which
// records may have been received.
class Scene {
 public:
  // With `national`, what that party may do is narrowed by its overlay, too.
  Scene(const Model& whole, const std::vector<int>& instruments, const Overlay* national = nullptr);

  const Model& model() const { return *model_; }
  // Index in the scene's model.
  int elsewhere() const { return elsewhere_; }
  // Without the clauses that `out` names by instrument index of the scene and clause id.
  CompiledRegister law(const std::function<bool(int instrument, const Clause&)>& out) const;
  // All clauses, and no overlay.
  CompiledRegister law_without_overlay() const;

  // Two parties at an instant.
  struct Encounter {
    int from = 0, to = 0;
    Instant at;
  };
  // One of every kind; those in which all are bound come first.
  const std::vector<Encounter>& encounters() const { return encounters_; }
  // The instants up to `at` at which a record may have been received that tell about the party
  // apart, one of each kind.
  std::vector<Instant> receptions(int party, Instant at) const;

 private:
  void add_facts(const Model& whole, const std::vector<int>& instruments);
  void collect_instants();
  std::string kind_of(int party, Instant at) const;
  std::string overlay_kind_of(int party, Instant at) const;
  CompiledRegister compiled(std::shared_ptr<const Model> model) const;
  void meet();

  std::shared_ptr<Model> model_;
  int elsewhere_ = 0;
  std::vector<Instant> instants_;
  std::vector<Encounter> encounters_;
};

// A part of the cases: those about which the clauses of `focus` might have a say. They are clauses
// of the scene; one that is not stands for a rule of its overlay (rule_as_clause). The scene and
// they must outlive it.
class Region {
 public:
  // `actions`: only these; 0 for those of the clauses of `focus`.
  Region(const Scene& scene, const std::vector<const Clause*>& focus, Bits actions = 0);

  // Whether one of them `holds`, at most `questions` of them asked; counts them down.
  bool any(std::uint64_t& questions,
           const std::function<bool(const ResolvedRequest&)>& holds) const;
  // Whether every case is among them: not if there were too many roles.
  bool complete() const { return complete_; }

 private:
  struct Act {
    int action = 0;
    // Of each hop: under which instrument, and who passed it on: 0 the recipient, 1 and 2 others.
    std::vector<std::pair<int, int>> hops;
  };

  bool in_play(const Clause& clause) const;
  void choose_acts(const Scene& scene);
  void choose_matters(const Scene& scene);
  void choose_limits(const Scene& scene);
  void choose_refusals(const Scene& scene);
  std::vector<Bits> role_sets(const Scene& scene, bool sender);

  template <typename F>
  bool each_matter(ResolvedRequest& request, const F& next) const;
  template <typename F>
  bool each_fact(ResolvedRequest& request, const F& next) const;
  template <typename F>
  bool each_consent(ResolvedRequest& request, const Act& act, const F& next) const;
  template <typename F>
  bool each_reception(ResolvedRequest& request, const F& next) const;
  bool apply(ResolvedRequest& request, const Act& act) const;

  const Scene& scene_;
  std::vector<const Clause*> focus_, in_play_;
  Bits acting_ = 0;  // actions of the focus
  std::size_t parties_ = 0;
  int facts_in_all_ = 0;
  std::vector<Scene::Encounter> encounters_;
  std::vector<Act> acts_;
  std::vector<Bits> infos_;
  std::vector<std::optional<int>> areas_, purposes_;
  std::vector<Tlp> handlings_;
  std::vector<Bits> from_roles_, to_roles_;
  std::vector<int> facts_;
  std::vector<RightsRecord> records_;
  std::vector<std::optional<int>> refusals_;  // grounds of a refusal
  bool consents_ = false, histories_ = false, complete_ = true;
};

// What a rule that forbids has in common with a clause: by whom to whom, and about what. A
// strictness from which it acts stands as a ceiling, for what is asked then has every handling.
Clause rule_as_clause(const Model& model, const Overlay& overlay, const OverlayRule& rule);

// Whether some request could meet the words of both: actions, classes, areas and purposes.
bool overlap(const Clause& a, const Clause& b);

}  // namespace comity::treaty
