// What tests of accounts share: a node with people who sign in, by a clock that stands still and a
// password function that costs little. Header only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/account_change.h"
#include "api/accounts.h"
#include "api/totp.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::api::test {

using comity::test::must;

constexpr const char* good_password = "seven trees and a lake";
constexpr const char* home_address = "192.0.2.7";

inline std::string from_base32(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::size_t bits = 0, count = 0;
  for (const char c : text) {
    bits = (bits << 5U) | alphabet.find(c);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> count) & 0xFFU);
  }
  return out;
}

// An account with what its holder knows and has.
struct Person {
  std::string name, password = good_password, secret;
};

class Office {
 public:
  explicit Office(treaty::Mode mode = treaty::Mode::Exercise)
      : party(directory.file("XA"), "XA", 1, [&](exchange::NewNode& options) {
          options.mode = mode;
          if (mode == treaty::Mode::Operational) options.exercise = "";
        }) {}

  exchange::Node& node() { return party.node(); }
  Instant now() { return node().now(); }
  void pass(std::int64_t seconds) {
    party.clock.set({party.clock.now().micros + seconds * 1'000'000});
  }
  std::string code(const Person& person, std::int64_t steps = 0) {
    return totp_code(person.secret, totp_step_at(now()) + steps);
  }

  WantedChange adding(const std::string& name, RoleSet roles) {
    WantedChange wanted;
    wanted.change = "add";
    wanted.account = name;
    wanted.full_name = "Person " + name;
    wanted.roles = roles;
    wanted.break_glass = name == break_glass_name;
    return wanted;
  }
  static WantedChange changing(const std::string& change, const std::string& name,
                               RoleSet roles = {}) {
    WantedChange wanted;
    wanted.change = change;
    wanted.account = name;
    wanted.roles = roles;
    return wanted;
  }
  // Sets up with the code of the step before, so that the present one can be used to sign in.
  Person set_up(const std::string& name, const std::string& token) {
    Person person{name, good_password, from_base32(must(accounts.setup(token, now())).secret)};
    must(accounts.complete_setup(token, person.password, code(person, -1), now()));
    return person;
  }
  Person add(const std::string& name, RoleSet roles) {
    const auto made = must(propose(node(), std::string(operator_name), adding(name, roles)));
    return set_up(name, made.link.value().token);
  }
  Result<SignedIn> try_sign_in(const Person& person, const std::string& with_code,
                               const std::string& address = home_address) {
    return accounts.sign_in({person.name, person.password, with_code}, address, now());
  }
  // Signs in with the present code, after a time in which nothing else happens.
  Caller sign_in(const Person& person) {
    pass(3 * totp_step_s);
    const auto signed_in = must(try_sign_in(person, code(person)));
    return accounts.caller_of(signed_in.cookie, now()).value();
  }
  exchange::AccountList list() { return *must(accounts.list()); }
  const exchange::Account& account(const std::string& name) {
    kept_ = must(accounts.list());
    return *kept_->find(name);
  }
  // The list and how much is in the ledger.
  std::pair<std::string, std::int64_t> stored() {
    const auto snapshot = must(node().store().read());
    return {must(exchange::account_text(*snapshot)).value_or(""), must(snapshot->ledger_size())};
  }
  bool verifies() { return must(exchange::verify(node())).clean(); }

  comity::test::TemporaryDirectory directory;
  exchange::test::Party party;
  Accounts accounts{party.node(), {{64, 1, 1}, nullptr}};

 private:
  std::shared_ptr<const exchange::AccountList> kept_;
};

}  // namespace comity::api::test
