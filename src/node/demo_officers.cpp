#include <fmt/format.h>

#include "node/demo_acts.h"

namespace comity::node {

Status Officers::make(const std::string& party, const std::string& name, const std::string& title,
                      const std::string& role) {
  TRY(const auto made, stage_.on(party, {"account", "new", name, "--name",
                                         fmt::format("{} of {}", title, party), "--role", role}));
  const auto* change = made.find("change");
  const auto link = std::string(change == nullptr ? "" : change->text("link"));
  stage_.expect(link.starts_with(stage_.pages_url(party)), "a set-up link of " + party);
  accounts_.push_back({party, name, role, link});
  return {};
}

void Officers::say_accounts() const {
  std::string party;
  for (const auto& account : accounts_) {
    if (account.party != party) {
      stage_.say(fmt::format("{}  {}", account.party, stage_.pages_url(account.party)));
    }
    party = account.party;
    stage_.say(fmt::format("    {} ({})  {}", account.name, account.role, account.link));
  }
}

Status Officers::run(const std::vector<std::string>& parties) {
  stage_.step("each party gives its officers accounts for the pages of its node");
  for (const auto& party : parties) {
    TRY_STATUS(make(party, "duty", "Duty officer", "duty-officer"));
    // What one proposes to release, the other approves: never one alone.
    TRY_STATUS(make(party, "release", "Releasing officer", "releasing-officer"));
    if (party == parties.front())
      TRY_STATUS(make(party, "admin", "Administrator", "administrator"));
  }
  say_accounts();
  stage_.end_step();
  return {};
}

void Officers::say_pages() const {
  fmt::print("The pages, and for each officer a link that works once, for 15 minutes:\n");
  say_accounts();
  const auto& first = accounts_.front();
  stage_.say(fmt::format("another link: comity account link {} --data {}", first.name,
                         stage_.directory(first.party)));
  fmt::print(
      "Take the tour: open the link of {0} at {1}, choose a password, give the secret to an "
      "authenticator app\n(or to oathtool --totp -b SECRET), sign in, and start the tour on the "
      "page Today. Five minutes.\n",
      first.name, first.party);
}

}  // namespace comity::node
