#include "api/account_change.h"

#include <gtest/gtest.h>

#include "api/test_accounts.h"

namespace comity::api {
namespace {

using test::must;
using test::Office;
using test::Person;

const std::string by_operator(operator_name);

// An operational node with a chief who administers, and one other of some roles.
struct Staffed : Office {
  Staffed() : Office(treaty::Mode::Operational) { chief = add("chief", {Role::Administrator}); }
  Person chief;

  Result<MadeChange> ask(const WantedChange& wanted, const std::string& by = "chief") {
    return propose(node(), by, wanted);
  }
  void refused(const WantedChange& wanted, ErrorKind kind, const std::string& by = "chief") {
    const auto before = stored();
    const auto made = ask(wanted, by);
    ASSERT_FALSE(made.has_value()) << wanted.change << " " << wanted.account;
    EXPECT_EQ(made.error().kind, kind) << made.error().text();
    EXPECT_EQ(stored(), before);
  }
  // Adds past the second pair of eyes, as the operator can at a node without other persons.
  Person found(const std::string& name, RoleSet roles) {
    const auto made = must(propose(node(), by_operator, adding(name, roles)));
    EXPECT_TRUE(made.done) << name;
    return set_up(name, made.link.value().token);
  }
};

TEST(AccountChange, TheLowerRolesAreAnAdministratorsAlone) {
  Staffed one;
  const auto made = must(one.ask(one.adding("omar", {Role::DutyOfficer, Role::Analyst})));
  EXPECT_TRUE(made.done);
  ASSERT_TRUE(made.link);
  EXPECT_EQ(made.link->expires.micros, one.now().micros + setup_link_s * 1'000'000);
  one.set_up("omar", made.link->token);
  EXPECT_TRUE(must(one.ask(Office::changing("roles", "omar", {Role::Analyst}))).done);
  EXPECT_TRUE(must(one.ask(Office::changing("link", "omar"))).link.has_value());
  EXPECT_TRUE(must(one.ask(Office::changing("end", "omar"))).done);
  EXPECT_TRUE(one.account("omar").ended);
  EXPECT_TRUE(one.account("omar").password.empty());
  EXPECT_TRUE(one.account("omar").totp.empty());
  EXPECT_TRUE(one.verifies());
}

TEST(AccountChange, EveryChangeThatTouchesAHigherRoleWaitsForAnother) {
  const RoleSet all_higher = higher_of(RoleSet::all());
  for (const auto& name : names_of(all_higher)) {
    Staffed one;
    one.found("seer", {Role::Oversight});
    const RoleSet role = must(read_roles({name}));
    const auto made = must(one.ask(one.adding("new-one", role)));
    EXPECT_FALSE(made.done) << name;
    EXPECT_FALSE(made.link) << name;
    EXPECT_EQ(one.list().find("new-one"), nullptr) << name;
    EXPECT_FALSE(confirm(one.node(), "chief", made.change.id).has_value()) << "own proposal";
    const auto done = must(confirm(one.node(), "seer", made.change.id));
    EXPECT_TRUE(done.done) << name;
    EXPECT_EQ(one.account("new-one").roles, std::vector<std::string>{name});
    one.set_up("new-one", done.link.value().token);
    for (const auto* change : {"link", "end"}) {
      const auto waits = must(one.ask(Office::changing(change, "new-one")));
      EXPECT_FALSE(waits.done) << name << " " << change;
      EXPECT_FALSE(one.account("new-one").link) << name << " " << change;
      must(withdraw(one.node(), "chief", waits.change.id));
    }
    if (name != "administrator") {
      // Neither taken nor given beside a lower one.
      const auto less = must(one.ask(Office::changing("roles", "new-one", {Role::Analyst})));
      EXPECT_FALSE(less.done) << name;
    }
    EXPECT_TRUE(one.verifies()) << name;
  }
}

TEST(AccountChange, ALowerRoleThatBecomesAHigherOneWaitsToo) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  one.add("omar", {Role::Analyst});
  const auto made =
      must(one.ask(Office::changing("roles", "omar", {Role::Analyst, Role::ReleasingOfficer})));
  EXPECT_FALSE(made.done);
  EXPECT_EQ(one.account("omar").roles, std::vector<std::string>{"analyst"});
}

TEST(AccountChange, OnlyAnotherWhoHoldsSuchARoleOrOverseesConfirms) {
  Staffed one;
  one.found("lawyer", {Role::LegalAdviser});
  // From now on the operator's own changes of such roles wait as well.
  const auto confirmed_by = [&](const WantedChange& wanted, const std::string& by) {
    const auto made = must(one.ask(wanted));
    auto done = confirm(one.node(), by, made.change.id);
    if (!done) must(withdraw(one.node(), "chief", made.change.id));
    return done;
  };
  one.add("omar", {Role::Analyst, Role::DutyOfficer});
  const auto adviser = one.adding("second", {Role::LegalAdviser, Role::Analyst});
  EXPECT_EQ(confirmed_by(adviser, "omar").error().kind, ErrorKind::NotFound)
      << "holds a role of it, but a lower one";
  EXPECT_EQ(confirmed_by(adviser, "chief").error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(confirmed_by(adviser, "nobody").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(confirmed_by(adviser, by_operator).error().kind, ErrorKind::NotFound);
  EXPECT_TRUE(confirmed_by(adviser, "lawyer").has_value());
  EXPECT_FALSE(confirm(one.node(), "lawyer", "no-such-change").has_value());
  EXPECT_TRUE(one.verifies());
}

TEST(AccountChange, NobodyConfirmsAChangeOfTheirOwnAccount) {
  Staffed one;
  one.found("lawyer", {Role::LegalAdviser});
  one.found("seer", {Role::Oversight});
  const auto made = must(
      one.ask(Office::changing("roles", "lawyer", {Role::LegalAdviser, Role::ReleasingOfficer})));
  const auto own = confirm(one.node(), "lawyer", made.change.id);
  ASSERT_FALSE(own.has_value());
  EXPECT_EQ(own.error().kind, ErrorKind::NotPermitted);
  EXPECT_TRUE(confirm(one.node(), "seer", made.change.id).has_value());
}

TEST(AccountChange, TheBreakGlassAccountIsNoSecondPerson) {
  Office one(treaty::Mode::Operational);
  one.add(std::string(break_glass_name), {Role::Administrator});
  one.add("chief", {Role::Administrator});
  const auto deputy =
      must(propose(one.node(), by_operator, one.adding("deputy", {Role::Administrator})));
  one.set_up("deputy", must(confirm(one.node(), "chief", deputy.change.id)).link.value().token);
  const auto made = must(propose(one.node(), "chief", one.adding("third", {Role::Administrator})));
  EXPECT_FALSE(made.done);
  const auto refused = confirm(one.node(), std::string(break_glass_name), made.change.id);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::NotPermitted);
  EXPECT_TRUE(confirm(one.node(), "deputy", made.change.id).has_value());
}

TEST(AccountChange, AChangeThatNobodyCouldConfirmIsRefusedAtOnce) {
  Staffed one;
  one.refused(one.adding("lawyer", {Role::LegalAdviser}), ErrorKind::NotPermitted);
  // An account that nobody has set up confirms nothing.
  must(propose(one.node(), by_operator, one.adding("lawyer", {Role::LegalAdviser})));
  one.refused(one.adding("second", {Role::LegalAdviser}), ErrorKind::NotPermitted);
}

TEST(AccountChange, TheOperatorFoundsAndThenNeedsASecondPersonToo) {
  Staffed one;
  EXPECT_TRUE(must(propose(one.node(), by_operator, one.adding("seer", {Role::Oversight}))).done);
  one.pass(1);
  EXPECT_TRUE(must(propose(one.node(), by_operator, one.adding("other", {Role::Auditor}))).done)
      << "nobody has set up an account that could confirm";
  const auto link = must(propose(one.node(), by_operator, Office::changing("link", "seer"))).link;
  one.set_up("seer", link.value().token);
  const auto waits = must(propose(one.node(), by_operator, one.adding("more", {Role::Auditor})));
  EXPECT_FALSE(waits.done);
  EXPECT_TRUE(must(confirm(one.node(), "seer", waits.change.id)).done);
  Office exercise;
  exercise.add("seer", {Role::Oversight});
  EXPECT_TRUE(
      must(propose(exercise.node(), by_operator, exercise.adding("more", {Role::Auditor}))).done)
      << "in an exercise nothing waits for the operator";
}

TEST(AccountChange, OnlyAdministratorsPropose) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  one.add("omar", {Role::DutyOfficer, Role::Analyst});
  for (const auto* by : {"seer", "omar", "nobody", ""}) {
    one.refused(one.adding("new-one", {Role::Analyst}), ErrorKind::NotPermitted, by);
  }
  must(propose(one.node(), by_operator, one.adding("deputy", {Role::Administrator})));
  one.refused(one.adding("new-one", {Role::Analyst}), ErrorKind::NotPermitted, "deputy");
}

TEST(AccountChange, AnAdministratorHasNoOtherRoleAndCannotGiveItselfOne) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  one.refused(one.adding("new-one", {Role::Administrator, Role::Analyst}), ErrorKind::NotPermitted);
  one.refused(Office::changing("roles", "chief", {Role::Administrator, Role::ReleasingOfficer}),
              ErrorKind::NotPermitted);
  // Out of the own role only with another person, and while another administrator is there.
  one.refused(Office::changing("roles", "chief", {Role::Analyst}), ErrorKind::NotPermitted);
  one.refused(Office::changing("roles", "chief", {}), ErrorKind::InvalidInput);
  one.refused(one.adding("new-one", {}), ErrorKind::InvalidInput);
}

TEST(AccountChange, FlagsOfTheOperatorAreNotTheAdministrators) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  auto wanted = Office::changing("end", "chief");
  wanted.although_last = true;
  one.refused(wanted, ErrorKind::NotPermitted);
  auto glass = one.adding("glass", {Role::Analyst});
  glass.break_glass = true;
  EXPECT_TRUE(one.ask(glass).has_value());
  EXPECT_FALSE(one.account("glass").break_glass);
}

TEST(AccountChange, ThereIsOneBreakGlassAccountAtMost) {
  Office founded(treaty::Mode::Operational);
  const auto glass = founded.adding(std::string(break_glass_name), {Role::Administrator});
  EXPECT_TRUE(must(propose(founded.node(), by_operator, glass)).done);
  EXPECT_EQ(propose(founded.node(), by_operator, glass).error().kind, ErrorKind::Conflict);
  Staffed one;
  EXPECT_FALSE(must(propose(one.node(), by_operator, glass)).done) << "the chief confirms it";
  EXPECT_EQ(propose(one.node(), by_operator, glass).error().kind, ErrorKind::Conflict);
  auto other = one.adding("glass", {Role::Administrator});
  other.break_glass = true;
  EXPECT_EQ(propose(one.node(), by_operator, other).error().kind, ErrorKind::InvalidInput);
  // By an administrator none, under whatever name.
  one.refused(glass, ErrorKind::InvalidInput);
}

TEST(AccountChange, TheLastWhoCouldHelpIsNotEndedByMistake) {
  Staffed one;
  one.found("lawyer", {Role::LegalAdviser});
  one.found("seer", {Role::Oversight});
  one.refused(Office::changing("end", "chief"), ErrorKind::NotPermitted, by_operator);
  one.refused(Office::changing("end", "seer"), ErrorKind::NotPermitted, by_operator);
  // The break-glass account is no administrator to rely on.
  one.refused(Office::changing("end", "chief"), ErrorKind::NotPermitted);
  // With oversight a new adviser can be confirmed.
  const auto made = must(one.ask(Office::changing("end", "lawyer")));
  EXPECT_TRUE(must(confirm(one.node(), "seer", made.change.id)).done);
  auto forced = Office::changing("end", "seer");
  forced.although_last = true;
  EXPECT_TRUE(must(propose(one.node(), by_operator, forced)).done)
      << "the machine can, and says so";
  EXPECT_TRUE(one.verifies());
}

TEST(AccountChange, TheLastHolderWithoutOversightStays) {
  Staffed one;
  one.found("lawyer", {Role::LegalAdviser});
  one.refused(Office::changing("end", "lawyer"), ErrorKind::NotPermitted, by_operator);
  one.refused(Office::changing("roles", "lawyer", {Role::Analyst}), ErrorKind::NotPermitted,
              by_operator);
  const auto second =
      must(propose(one.node(), by_operator, one.adding("second", {Role::LegalAdviser})));
  one.set_up("second", must(confirm(one.node(), "lawyer", second.change.id)).link.value().token);
  const auto end = must(propose(one.node(), by_operator, Office::changing("end", "lawyer")));
  EXPECT_TRUE(must(confirm(one.node(), "second", end.change.id)).done);
}

TEST(AccountChange, WhatWasFineWhenProposedIsLookedAtAgainWhenConfirmed) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  const auto deputy = must(one.ask(one.adding("deputy", {Role::Administrator})));
  one.set_up("deputy", must(confirm(one.node(), "seer", deputy.change.id)).link.value().token);
  const auto first = must(one.ask(Office::changing("end", "deputy")));
  const auto second = must(one.ask(Office::changing("end", "chief"), "deputy"));
  EXPECT_TRUE(must(confirm(one.node(), "seer", first.change.id)).done);
  // The other proposal fell away with its proposer; nobody is left alone.
  const auto late = confirm(one.node(), "seer", second.change.id);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, ErrorKind::NotFound);
  EXPECT_TRUE(one.account("chief").active());
  EXPECT_TRUE(one.verifies());
}

TEST(AccountChange, AProposalCountsForSevenDaysExactly) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  const auto first = must(one.ask(one.adding("a-one", {Role::Auditor})));
  one.pass(change_wait_s_max - 1);
  EXPECT_TRUE(confirm(one.node(), "seer", first.change.id).has_value());
  const auto second = must(one.ask(one.adding("b-one", {Role::Auditor})));
  one.pass(change_wait_s_max);
  EXPECT_FALSE(confirm(one.node(), "seer", second.change.id).has_value());
  // It makes room for another with the next change, and the ledger agrees.
  EXPECT_FALSE(must(one.ask(one.adding("b-one", {Role::Auditor}))).done);
  EXPECT_EQ(one.list().changes.size(), 1U);
  EXPECT_TRUE(one.verifies());
}

TEST(AccountChange, OneAccountHasOneChangeThatWaits) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  must(one.ask(one.adding("a-one", {Role::Auditor})));
  one.refused(one.adding("a-one", {Role::Analyst}), ErrorKind::Conflict);
}

TEST(AccountChange, NamesAreCheckedAndNeverUsedTwice) {
  Staffed one;
  for (const auto* name :
       {"", "Omar", "o mar", "-omar", "operator", "break-glass", "omár", "a/b", "o\u202Emar"}) {
    one.refused(one.adding(name, {Role::Analyst}), ErrorKind::InvalidInput);
  }
  one.refused(one.adding(std::string(exchange::account_name_bytes_max + 1, 'a'), {Role::Analyst}),
              ErrorKind::InvalidInput);
  EXPECT_TRUE(
      one.ask(one.adding(std::string(exchange::account_name_bytes_max, 'a'), {Role::Analyst}))
          .has_value());
  for (const auto& full :
       {std::string(), std::string(" a"), std::string("a\nb"), std::string("a\"b"),
        std::string("admin \u202Erebmun"), std::string("\u2066x\u2069"), std::string("\xFF"),
        std::string(exchange::account_full_name_bytes_max + 1, 'a')}) {
    auto wanted = one.adding("omar", {Role::Analyst});
    wanted.full_name = full;
    one.refused(wanted, ErrorKind::InvalidInput);
  }
  must(one.ask(one.adding("omar", {Role::Analyst})));
  must(one.ask(Office::changing("end", "omar")));
  one.refused(one.adding("omar", {Role::Analyst}), ErrorKind::Conflict);
  one.refused(Office::changing("end", "omar"), ErrorKind::Conflict);
  one.refused(Office::changing("link", "omar"), ErrorKind::Conflict);
  one.refused(Office::changing("link", "nobody"), ErrorKind::NotFound);
  one.refused(Office::changing("promote", "chief"), ErrorKind::InvalidInput);
}

// Puts so many accounts into the list, past the ledger.
void fill(Office& office, std::size_t count) {
  const auto work = must(exchange::AccountWork::begin(office.node()));
  for (std::size_t i = 0; i < count; ++i) {
    exchange::Account account;
    account.name = fmt::format("a-{}", i);
    account.full_name = "A";
    account.roles = {"analyst"};
    account.created = work->at();
    work->list().accounts.push_back(account);
  }
  must(work->commit());
}

TEST(AccountChange, BoundsHold) {
  Office one;
  fill(one, exchange::accounts_max - 1);
  EXPECT_TRUE(propose(one.node(), by_operator, one.adding("last", {Role::Analyst})).has_value());
  EXPECT_EQ(propose(one.node(), by_operator, one.adding("more", {Role::Analyst})).error().kind,
            ErrorKind::TooLarge);
  must(propose(one.node(), by_operator, Office::changing("end", "last")));
  EXPECT_TRUE(propose(one.node(), by_operator, one.adding("more", {Role::Analyst})).has_value());
}

TEST(AccountChange, ChangesThatWaitAreBounded) {
  Staffed one;
  one.found("seer", {Role::Oversight});
  for (std::size_t i = 0; i < exchange::account_changes_max; ++i) {
    must(one.ask(one.adding(fmt::format("a-{}", i), {Role::Auditor})));
  }
  one.refused(one.adding("more", {Role::Auditor}), ErrorKind::TooLarge);
  must(withdraw(one.node(), "chief", one.list().changes.front().id));
  EXPECT_TRUE(one.ask(one.adding("more", {Role::Auditor})).has_value());
}

TEST(AccountChange, ChangesAreSeenByWhoCouldConfirmThemAndByWhoLooksAfterAll) {
  Staffed one;
  one.found("lawyer", {Role::LegalAdviser});
  one.found("seer", {Role::Oversight});
  one.add("omar", {Role::Analyst});
  const auto made = must(one.ask(one.adding("second", {Role::LegalAdviser})));
  const auto other = must(one.ask(one.adding("deputy", {Role::Administrator})));
  const auto list = one.list();
  const auto seen = [&](const char* name, const MadeChange& change) {
    return sees(list, *list.find(name), change.change);
  };
  EXPECT_TRUE(seen("lawyer", made));
  EXPECT_FALSE(seen("lawyer", other));
  EXPECT_FALSE(seen("omar", made));
  for (const auto* name : {"seer", "chief"}) EXPECT_TRUE(seen(name, made) && seen(name, other));
  EXPECT_EQ(confirm(one.node(), "lawyer", other.change.id).error().message,
            confirm(one.node(), "lawyer", "no-such-change").error().message)
      << "what is not seen is not there";
}

TEST(AccountChange, ALinkIsAUrlWherePagesAreServed) {
  Office one;
  const NewLink link{"token", one.now()};
  EXPECT_EQ(link_text(one.node(), link), "token");
  for (const auto* url : {"https://192.0.2.1:8443", "https://192.0.2.1:8443/"}) {
    one.node().set_pages_url(url);
    EXPECT_EQ(link_text(one.node(), link), "https://192.0.2.1:8443/setup#token");
  }
}

}  // namespace
}  // namespace comity::api
