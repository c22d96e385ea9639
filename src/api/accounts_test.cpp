#include "api/accounts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "api/test_accounts.h"
#include "json/write.h"

namespace comity::api {
namespace {

using test::good_password;
using test::home_address;
using test::must;
using test::Office;
using test::Person;

// One person who signs in, one who watches.
struct Manned : Office {
  Manned() { omar = add("omar", {Role::DutyOfficer, Role::Analyst}); }
  Person omar;

  // Why a sign-in is refused: kind and text, which say the same of everything.
  void refused(const Result<SignedIn>& result, const std::string& why) {
    ASSERT_FALSE(result.has_value()) << why;
    EXPECT_EQ(result.error().kind, ErrorKind::Unauthenticated) << why;
    EXPECT_EQ(result.error().text(), must_fail_text()) << why;
  }
  const std::string& must_fail_text() {
    static const std::string text =
        Office().accounts.sign_in({"x", "y", "z"}, home_address, now()).error().text();
    return text;
  }
};

TEST(Accounts, SignInNeedsAllThreeAndGivesASession) {
  Manned one;
  one.refused(one.accounts.sign_in({"omar", good_password, ""}, home_address, one.now()), "code");
  one.refused(one.accounts.sign_in({"omar", "another password", one.code(one.omar)}, home_address,
                                   one.now()),
              "password");
  one.refused(
      one.accounts.sign_in({"olga", good_password, one.code(one.omar)}, home_address, one.now()),
      "account");
  const auto signed_in = must(one.try_sign_in(one.omar, one.code(one.omar)));
  EXPECT_EQ(signed_in.session.account, "omar");
  EXPECT_EQ(signed_in.session.full_name, "Person omar");
  EXPECT_EQ(signed_in.session.roles, (RoleSet{Role::DutyOfficer, Role::Analyst}));
  EXPECT_EQ(signed_in.session.language, "en");
  EXPECT_FALSE(signed_in.session.break_glass);
  const auto caller = one.accounts.caller_of(signed_in.cookie, one.now());
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->account, "omar");
  EXPECT_EQ(caller->session.find(signed_in.cookie), std::string::npos);
  EXPECT_TRUE(one.accounts.csrf_matches(*caller, signed_in.session.csrf));
  EXPECT_EQ(one.account("omar").last_sign_in, one.now());
  for (const auto& cookie : {std::string(), signed_in.cookie + "x", caller->session,
                             std::string(43, 'A'), std::string(100'000, 'A')}) {
    EXPECT_FALSE(one.accounts.caller_of(cookie, one.now())) << cookie.size();
  }
  EXPECT_TRUE(one.verifies());
}

TEST(Accounts, ANodeHasNoAccountOfItself) {
  Office one;
  EXPECT_TRUE(one.list().accounts.empty());
  for (const auto* name : {"admin", "administrator", "root", "operator", "break-glass", "comity"}) {
    for (const auto* password : {"admin", "password", "", "comity", "changeme"}) {
      EXPECT_FALSE(
          one.accounts.sign_in({name, password, "000000"}, home_address, one.now()).has_value());
    }
    one.pass(exchange::address_window_s);
  }
}

// A store that counts how often the list is read.
struct CountingStore : store::Store {
  explicit CountingStore(store::Store& of) : inner(of) {}
  Result<std::unique_ptr<store::Transaction>> begin() override { return inner.begin(); }
  Result<std::unique_ptr<store::Snapshot>> read() override {
    ++reads;
    return inner.read();
  }
  std::optional<std::uint64_t> epoch() const override { return inner.epoch(); }
  store::Store& inner;
  int reads = 0;
};

TEST(Accounts, NothingTellsWhetherAnAccountIsThere) {
  Manned one;
  CountingStore counted(one.node().store());
  must(propose(one.node(), std::string(operator_name), one.adding("new-one", {Role::Analyst})));
  one.add("gone", {Role::Analyst});
  must(propose(one.node(), std::string(operator_name), Office::changing("end", "gone")));
  Accounts accounts(one.node(), {{64, 1, 1}, &counted});
  const auto before = one.stored();
  int address = 0;
  for (const auto* name : {"omar", "nobody", "new-one", "gone", "", "operator"}) {
    // As often as it takes to wait, and then some.
    for (int i = 0; i < 2 * account_failures_max; ++i) {
      counted.reads = 0;
      const auto from = fmt::format("198.51.100.{}", ++address);
      one.refused(accounts.sign_in({name, "another password", "123456"}, from, one.now()), name);
      EXPECT_EQ(counted.reads, 1) << name << " " << i;
      EXPECT_EQ(one.stored(), before) << name;
    }
  }
}

TEST(Accounts, EveryCodeCountsOnceAtSignInAndAfterwards) {
  Manned one;
  const auto code = one.code(one.omar);
  const auto signed_in = must(one.try_sign_in(one.omar, code));
  one.refused(one.try_sign_in(one.omar, code), "again");
  const auto caller = one.accounts.caller_of(signed_in.cookie, one.now()).value();
  EXPECT_EQ(one.accounts.check_fresh_factor(caller, code, one.now()).error().kind,
            ErrorKind::NotPermitted);
  EXPECT_FALSE(one.accounts.check_fresh_factor(caller, one.code(one.omar, -1), one.now()))
      << "of a step before one that was used";
  const auto next = one.code(one.omar, 1);
  EXPECT_TRUE(one.accounts.check_fresh_factor(caller, next, one.now()).has_value());
  EXPECT_FALSE(one.accounts.check_fresh_factor(caller, next, one.now()).has_value());
  one.refused(one.try_sign_in(one.omar, next), "used as fresh factor");
  // Another process that serves the same node knows it too.
  Accounts later(one.node(), {{64, 1, 1}, nullptr});
  EXPECT_FALSE(later.sign_in({"omar", good_password, next}, home_address, one.now()).has_value());
}

TEST(Accounts, TheCodeOfSetUpIsUsed) {
  Office one;
  const auto made =
      must(propose(one.node(), std::string(operator_name), one.adding("omar", {Role::Analyst})));
  const auto token = made.link.value().token;
  const Person omar{"omar", good_password,
                    test::from_base32(must(one.accounts.setup(token, one.now())).secret)};
  must(one.accounts.complete_setup(token, omar.password, one.code(omar), one.now()));
  EXPECT_FALSE(one.try_sign_in(omar, one.code(omar)).has_value());
  EXPECT_TRUE(one.try_sign_in(omar, one.code(omar, 1)).has_value());
}

TEST(Accounts, TenThousandCodesByOneWhoKnowsThePasswordOpenNothing) {
  Manned one;
  const auto good = one.code(one.omar);
  int tried = 0;
  // From ever other addresses, so that only the bound of the account holds.
  for (int i = 0; i < 10'000; ++i) {
    const auto code = fmt::format("{:06}", i);
    if (code == good) continue;
    const auto from = fmt::format("10.{}.{}.7", i / 250, i % 250);
    one.refused(one.accounts.sign_in({"omar", good_password, code}, from, one.now()), code);
    ++tried;
  }
  EXPECT_GE(tried, 9'999);
  one.refused(one.try_sign_in(one.omar, good, "203.0.113.9"), "the right one, while it waits");
  EXPECT_EQ(one.accounts.state_of(one.account("omar"), one.now()), AccountState::Locked);
  one.pass(account_wait_s_min);
  EXPECT_EQ(one.accounts.state_of(one.account("omar"), one.now()), AccountState::Active);
  EXPECT_TRUE(one.try_sign_in(one.omar, one.code(one.omar), "203.0.113.9").has_value());
}

TEST(Accounts, OverADayFewCodesAreLookedAt) {
  Manned one;
  // The right code of each moment is given: it opens as soon as one is looked at. So a wrong one
  // stands for it, and what was looked at is counted by how long the account has to wait after it.
  int looked_at = 0;
  for (std::int64_t second = 0; second < 86'400; second += 10) {
    one.pass(10);
    const auto from = fmt::format("10.{}.{}.7", second / 2500, second / 10 % 250);
    const bool waits =
        one.accounts.state_of(one.account("omar"), one.now()) == AccountState::Locked;
    looked_at += waits ? 0 : 1;
    ASSERT_FALSE(one.accounts.sign_in({"omar", good_password, "x"}, from, one.now()).has_value());
  }
  // Five, then after 30, 60, 120, 240, 480 s, then one in 900 s.
  EXPECT_LE(looked_at, account_failures_max + 5 + 86'400 / account_wait_s_max);
  EXPECT_GE(looked_at, 86'400 / account_wait_s_max / 2);
}

TEST(Accounts, OneAddressIsBoundedWhateverItNames) {
  Manned one;
  for (int i = 0; i < exchange::address_failures_max; ++i) {
    one.refused(one.accounts.sign_in({fmt::format("n-{}", i), "p", "c"}, home_address, one.now()),
                "unknown");
  }
  one.refused(one.try_sign_in(one.omar, one.code(one.omar)), "at the bound of the address");
  EXPECT_TRUE(one.try_sign_in(one.omar, one.code(one.omar), "192.0.2.8").has_value());
  one.pass(exchange::address_window_s);
  EXPECT_TRUE(one.try_sign_in(one.omar, one.code(one.omar)).has_value());
}

TEST(Accounts, SessionsEndExactlyAndWithTheirAccount) {
  Manned one;
  auto caller = one.sign_in(one.omar);
  EXPECT_TRUE(one.accounts.is_signed_in(caller, one.now()));
  one.pass(session_idle_s - 1);
  EXPECT_TRUE(one.accounts.is_signed_in(caller, one.now()));
  one.pass(1);
  EXPECT_FALSE(one.accounts.is_signed_in(caller, one.now()));
  EXPECT_EQ(one.accounts.session_of(caller, one.now()).error().kind, ErrorKind::Unauthenticated);

  caller = one.sign_in(one.omar);
  one.accounts.sign_out(caller);
  EXPECT_FALSE(one.accounts.is_signed_in(caller, one.now()));

  // Reading without use does not make it longer, use does.
  one.pass(3 * totp_step_s);
  auto opened = must(one.try_sign_in(one.omar, one.code(one.omar))).cookie;
  one.pass(session_idle_s - 1);
  EXPECT_TRUE(one.accounts.caller_of(opened, one.now(), false));
  one.pass(1);
  EXPECT_FALSE(one.accounts.caller_of(opened, one.now(), false));
  opened = must(one.try_sign_in(one.omar, one.code(one.omar))).cookie;
  one.pass(session_idle_s - 1);
  EXPECT_TRUE(one.accounts.caller_of(opened, one.now()));
  one.pass(session_idle_s - 1);
  EXPECT_TRUE(one.accounts.caller_of(opened, one.now(), false));

  // Roles count as they are now; an ended account has no session.
  one.pass(3 * totp_step_s);
  const auto cookie = must(one.try_sign_in(one.omar, one.code(one.omar))).cookie;
  must(propose(one.node(), std::string(operator_name),
               Office::changing("roles", "omar", {Role::Analyst})));
  EXPECT_EQ(one.accounts.caller_of(cookie, one.now()).value().roles, RoleSet{Role::Analyst});
  must(propose(one.node(), std::string(operator_name), Office::changing("end", "omar")));
  EXPECT_FALSE(one.accounts.caller_of(cookie, one.now()));
}

TEST(Accounts, TheTokenOfPagesIsOfOneSession) {
  Manned one;
  const auto first = one.sign_in(one.omar);
  const auto second = one.sign_in(one.omar);
  const auto csrf = must(one.accounts.session_of(first, one.now())).csrf;
  EXPECT_TRUE(one.accounts.csrf_matches(first, csrf));
  EXPECT_FALSE(one.accounts.csrf_matches(second, csrf));
  EXPECT_FALSE(one.accounts.csrf_matches(first, ""));
  EXPECT_FALSE(one.accounts.csrf_matches(first, csrf + "x"));
  EXPECT_FALSE(one.accounts.csrf_matches({}, csrf));
  EXPECT_FALSE(one.accounts.csrf_matches({}, ""));
}

TEST(Accounts, WhoSitsAtAnOpenSessionCannotGoOnTryingCodes) {
  Manned one;
  const auto caller = one.sign_in(one.omar);
  const auto other = one.sign_in(one.omar);
  for (int i = 1; i < factor_failures_max; ++i) {
    EXPECT_EQ(one.accounts.check_fresh_factor(caller, "000000", one.now()).error().kind,
              ErrorKind::NotPermitted);
    EXPECT_TRUE(one.accounts.is_signed_in(caller, one.now())) << i;
  }
  EXPECT_FALSE(one.accounts.check_fresh_factor(caller, "000000", one.now()).has_value());
  EXPECT_FALSE(one.accounts.is_signed_in(caller, one.now()));
  EXPECT_FALSE(one.accounts.is_signed_in(other, one.now())) << "all of the account";
  EXPECT_EQ(one.accounts.check_fresh_factor(caller, one.code(one.omar, 1), one.now()).error().kind,
            ErrorKind::Unauthenticated);
}

TEST(Accounts, WhoFailsToSignInAsSomebodyDoesNotDisturbTheirSession) {
  Manned one;
  const auto caller = one.sign_in(one.omar);
  for (int i = 0; i < 2 * account_failures_max; ++i) {
    const auto from = fmt::format("198.51.100.{}", i);
    one.refused(one.accounts.sign_in({"omar", "another password", "0"}, from, one.now()), from);
  }
  EXPECT_EQ(one.accounts.state_of(one.account("omar"), one.now()), AccountState::Locked);
  EXPECT_TRUE(one.accounts.is_signed_in(caller, one.now()));
  EXPECT_TRUE(
      one.accounts.check_fresh_factor(caller, one.code(one.omar, 1), one.now()).has_value());
  EXPECT_TRUE(one.accounts.is_signed_in(caller, one.now()));
}

TEST(Accounts, ASetUpLinkIsValidForFifteenMinutesExactly) {
  for (const bool in_time : {true, false}) {
    Office one;
    const auto token =
        must(propose(one.node(), std::string(operator_name), one.adding("omar", {Role::Analyst})))
            .link.value()
            .token;
    const auto secret = test::from_base32(must(one.accounts.setup(token, one.now())).secret);
    one.pass(setup_link_s - (in_time ? 1 : 0));
    const Person omar{"omar", good_password, secret};
    const auto looked = one.accounts.setup(token, one.now());
    const auto done = one.accounts.complete_setup(token, good_password, one.code(omar), one.now());
    EXPECT_EQ(looked.has_value(), in_time);
    EXPECT_EQ(done.has_value(), in_time);
    if (in_time) continue;
    EXPECT_EQ(looked.error().kind, ErrorKind::NotFound);
    EXPECT_EQ(done.error().kind, ErrorKind::NotFound);
    EXPECT_EQ(looked.error().text(), one.accounts.setup("x", one.now()).error().text());
    EXPECT_FALSE(one.account("omar").active());
  }
}

TEST(Accounts, ASetUpLinkIsUsedOnceAndReplacedByTheNext) {
  Office one;
  const auto first =
      must(propose(one.node(), std::string(operator_name), one.adding("omar", {Role::Analyst})))
          .link.value()
          .token;
  const auto second =
      must(propose(one.node(), std::string(operator_name), Office::changing("link", "omar")))
          .link.value()
          .token;
  EXPECT_FALSE(one.accounts.setup(first, one.now()).has_value());
  const auto shown = must(one.accounts.setup(second, one.now()));
  EXPECT_EQ(must(one.accounts.setup(second, one.now())).secret, shown.secret)
      << "looking again changes nothing";
  one.set_up("omar", second);
  EXPECT_FALSE(one.accounts.setup(second, one.now()).has_value());
  EXPECT_FALSE(one.accounts.complete_setup(second, good_password, "000000", one.now()).has_value());
  EXPECT_FALSE(one.account("omar").link);
  // Neither token nor what is derived from it alone is kept.
  EXPECT_EQ(one.stored().first.find(second), std::string::npos);
  EXPECT_TRUE(one.verifies());
}

TEST(Accounts, SetUpTakesNoBadPasswordAndNoWrongCode) {
  Office one;
  const auto token =
      must(propose(one.node(), std::string(operator_name), one.adding("omar", {Role::Analyst})))
          .link.value()
          .token;
  const auto setup = must(one.accounts.setup(token, one.now()));
  const Person omar{"omar", good_password, test::from_base32(setup.secret)};
  EXPECT_EQ(omar.secret.size(), totp_secret_bytes);
  EXPECT_NE(setup.otpauth.find(setup.secret), std::string::npos);
  EXPECT_TRUE(setup.qr_svg.starts_with("<svg "));
  const auto before = one.stored();
  const auto refused = [&](const std::string& password, const std::string& code,
                           const char* where) {
    const auto done = one.accounts.complete_setup(token, password, code, one.now());
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().kind, ErrorKind::InvalidInput);
    EXPECT_EQ(done.error().where, where);
    EXPECT_EQ(one.stored(), before);
  };
  refused("short", one.code(omar), "$.password");
  refused("password1234", one.code(omar), "$.password");
  refused(std::string(trust::password_bytes_max + 1, 'a') + "b", one.code(omar), "$.password");
  refused(good_password, "000000", "$.code");
  refused(good_password, one.code(omar, 2), "$.code");
  EXPECT_TRUE(
      one.accounts.complete_setup(token, good_password, one.code(omar), one.now()).has_value());
}

TEST(Accounts, ANewLinkLeavesTheOldPasswordUntilItIsUsed) {
  Manned one;
  const auto caller = one.sign_in(one.omar);
  const auto token =
      must(propose(one.node(), std::string(operator_name), Office::changing("link", "omar")))
          .link.value()
          .token;
  EXPECT_TRUE(one.accounts.is_signed_in(caller, one.now()));
  one.sign_in(one.omar);
  const auto again = one.set_up("omar", token);
  EXPECT_FALSE(one.accounts.is_signed_in(caller, one.now())) << "sessions of before end";
  EXPECT_NE(again.secret, one.omar.secret);
  one.pass(3 * totp_step_s);
  one.refused(one.try_sign_in(one.omar, one.code(one.omar)), "the old device");
  EXPECT_TRUE(one.try_sign_in(again, one.code(again)).has_value());
}

TEST(Accounts, BreakGlassRaisesAnAlarmThatOthersAcknowledge) {
  Office one;
  const auto glass = one.add(std::string(break_glass_name), {Role::Administrator});
  const auto seer = one.add("seer", {Role::Oversight});
  const auto chief = one.add("chief", {Role::Administrator});
  testing::internal::CaptureStderr();
  const auto by_glass = one.sign_in(glass);
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("comity: ALARM"), std::string::npos) << said;
  EXPECT_NE(said.find("break-glass"), std::string::npos) << said;
  EXPECT_TRUE(must(one.accounts.session_of(by_glass, one.now())).break_glass);
  const auto alarms = one.accounts.alarms();
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].account, break_glass_name);
  std::string last;
  {
    const auto snapshot = must(one.node().store().read());
    must(snapshot->ledger(must(snapshot->ledger_size()) - 1, 1,
                          [&](const store::LedgerEntry& row) -> Status {
                            last = row.entry;
                            return {};
                          }));
  }
  EXPECT_NE(last.find("break-glass-sign-in"), std::string::npos) << last;
  for (const auto& caller : {by_glass, one.sign_in(chief)}) {
    EXPECT_EQ(one.accounts.acknowledge(caller, alarms[0].id).error().kind, ErrorKind::NotPermitted);
  }
  const auto by_seer = one.sign_in(seer);
  EXPECT_EQ(one.accounts.acknowledge(by_seer, "other").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(one.accounts.alarms().size(), 1U);
  EXPECT_TRUE(one.accounts.acknowledge(by_seer, alarms[0].id).has_value());
  EXPECT_TRUE(one.accounts.alarms().empty());
  EXPECT_TRUE(one.verifies());
}

TEST(Accounts, AlarmsAreBoundedAndNoneIsLost) {
  Office one;
  const auto glass = one.add(std::string(break_glass_name), {Role::Administrator});
  testing::internal::CaptureStderr();
  for (std::size_t i = 0; i < exchange::account_alarms_max; ++i) one.sign_in(glass);
  const auto before = one.accounts.alarms();
  EXPECT_EQ(before.size(), exchange::account_alarms_max);
  one.sign_in(glass);
  one.sign_in(glass);
  testing::internal::GetCapturedStderr();
  const auto after = one.accounts.alarms();
  EXPECT_EQ(after.size(), exchange::account_alarms_max);
  EXPECT_EQ(after.back().times, 3);
  EXPECT_NE(after.back().id, before.back().id);
  EXPECT_TRUE(one.verifies());
}

TEST(Accounts, TheLanguageIsKept) {
  Manned one;
  const auto caller = one.sign_in(one.omar);
  must(one.accounts.set_language(caller, "ar"));
  EXPECT_EQ(must(one.accounts.session_of(caller, one.now())).language, "ar");
  EXPECT_EQ(must(one.accounts.session_of(one.sign_in(one.omar), one.now())).language, "ar");
  EXPECT_TRUE(one.verifies());
}

TEST(Accounts, AListThatCannotBeReadOpensNothing) {
  Manned one;
  one.pass(3 * totp_step_s);
  const auto cookie = must(one.try_sign_in(one.omar, one.code(one.omar))).cookie;
  {
    const auto change = must(exchange::Change::begin(one.node()));
    must(change->store().set_meta("accounts", "{}"));
    must(change->commit());
  }
  EXPECT_FALSE(one.accounts.caller_of(cookie, one.now()));
  EXPECT_EQ(one.try_sign_in(one.omar, one.code(one.omar, 1)).error().kind, ErrorKind::Corrupt);
}

// A node by the clock of the machine, whose randomness many threads may use.
struct Busy {
  comity::test::TemporaryDirectory directory;
  FixedClock clock{exchange::test::start_instant()};
  std::unique_ptr<exchange::Node> node = [this] {
    exchange::NewNode options;
    options.party = "XA";
    options.mode = treaty::Mode::Exercise;
    options.exercise = "drill";
    options.register_files = exchange::test::register_files();
    must(exchange::Node::create(directory.file("XA"), options, clock, system_random()));
    return must(exchange::Node::open(directory.file("XA"), exchange::NodeAccess::ReadWrite, clock,
                                     system_random()));
  }();
  Accounts accounts{*node, {{64, 1, 1}, nullptr}};

  Person add(const std::string& name) {
    WantedChange wanted;
    wanted.change = "add";
    wanted.account = name;
    wanted.full_name = name;
    wanted.roles = {Role::Analyst};
    const auto made = must(propose(*node, std::string(operator_name), wanted));
    const auto& token = made.link.value().token;
    Person out{name, good_password,
               test::from_base32(must(accounts.setup(token, node->now())).secret)};
    const auto code = totp_code(out.secret, totp_step_at(node->now()) - 1);
    must(accounts.complete_setup(token, out.password, code, node->now()));
    return out;
  }
};

TEST(Accounts, OfManyWithTheSameCodeOneIsSignedIn) {
  Busy one;
  const auto omar = one.add("omar");
  const auto code = totp_code(omar.secret, totp_step_at(one.node->now()));
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < account_failures_max; ++i) {
    threads.emplace_back([&, i] {
      const auto from = fmt::format("192.0.2.{}", i + 1);
      opened += one.accounts.sign_in({"omar", good_password, code}, from, one.node->now()) ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 1);
}

TEST(Accounts, ManyThreadsDoEverythingAtOnce) {
  Busy one;
  std::vector<Person> people;
  for (int i = 0; i < 4; ++i) people.push_back(one.add(fmt::format("p-{}", i)));
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto& person = people[static_cast<std::size_t>(i)];
      const auto step = totp_step_at(one.node->now());
      const auto from = fmt::format("192.0.2.{}", i + 1);
      const auto signed_in = one.accounts.sign_in(
          {person.name, person.password, totp_code(person.secret, step)}, from, one.node->now());
      if (!signed_in) return;
      const auto caller = one.accounts.caller_of(signed_in->cookie, one.node->now());
      if (!caller || caller->account != person.name) return;
      if (!one.accounts.check_fresh_factor(*caller, totp_code(person.secret, step + 1),
                                           one.node->now())) {
        return;
      }
      if (!one.accounts.set_language(*caller, "ar")) return;
      if (!one.accounts.session_of(*caller, one.node->now())) return;
      one.accounts.sign_out(*caller);
      opened += one.accounts.is_signed_in(*caller, one.node->now()) ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 4);
  EXPECT_TRUE(must(exchange::verify(*one.node)).clean());
}

}  // namespace
}  // namespace comity::api
