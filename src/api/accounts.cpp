#include "api/accounts.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/account_change.h"
#include "api/qr.h"
#include "api/totp.h"
#include "base/complaint.h"
#include "json/texts.h"

namespace comity::api {
namespace {

using exchange::Account;
using exchange::AccountAlarm;
using exchange::AccountList;
using exchange::AccountWork;

// One text for every reason, so that an answer says nothing about an account.
tl::unexpected<Error> not_signed_in() {
  return fail(ErrorKind::Unauthenticated,
              "not signed in: account, password and code do not go together, or too many were "
              "tried. Wait for the next code and try again; after many failures wait up to 15 "
              "minutes");
}

tl::unexpected<Error> no_such_link() {
  return fail(ErrorKind::NotFound,
              "this link opens nothing: it was used, has ended after 15 minutes, or was replaced; "
              "ask an administrator for another");
}

tl::unexpected<Error> session_has_ended() {
  return fail(ErrorKind::Unauthenticated, "the session has ended; sign in again");
}

// The secret of a second factor that is being set up. It needs what only the person has (the token)
// and what only the node has (the seed), so a link that was seen later gives nothing away, and
// nothing has to be kept until the set-up is complete.
std::string setup_secret(const exchange::SetupLink& link, std::string_view token) {
  const auto mark = hmac_sha256(link.seed, token);
  return std::string(view(mark).substr(0, totp_secret_bytes));
}

// The account that this token sets up; null: it opens nothing.
template <typename List>
auto account_of_link(List& list, std::string_view token, Instant now)
    -> decltype(list.find(token)) {
  const auto digest = sha256(token);
  decltype(list.find(token)) out = nullptr;
  for (auto& account : list.accounts) {
    if (!account.link || account.ended || now >= account.link->expires) continue;
    if (equal_in_constant_time(view(account.link->token), view(digest))) out = &account;
  }
  return out;
}

// An alarm that must not be lost: at the bound it is joined to the newest one, under a new id, so
// that nobody acknowledges what they have not seen.
Status raise_alarm(exchange::Node& node, AccountWork& work, const Account& account) {
  auto& alarms = work.list().alarms;
  AccountAlarm alarm{uuid4(node.random()), account.name, work.at(), 1};
  json::Object entry;
  if (alarms.size() >= exchange::account_alarms_max) {
    alarm.times += alarms.back().times;
    entry.set("done", json::array_of({alarms.back().id}));
    alarms.pop_back();
  }
  alarms.push_back(alarm);
  entry.set("alarm", exchange::terms_of(alarm));
  return work.enter("break-glass-sign-in", std::move(entry));
}

}  // namespace

std::string_view name(AccountState state) {
  switch (state) {
    case AccountState::Invited:
      return "invited";
    case AccountState::Active:
      return "active";
    case AccountState::Locked:
      return "locked";
    case AccountState::Ended:
      return "ended";
  }
  return "";
}

Accounts::Accounts(exchange::Node& node, AccountsOptions options)
    : node_(node),
      options_(options),
      sessions_(node.random()),
      account_limit_(node.random()),
      factor_limit_(node.random()),
      nobody_password_(trust::hash_of_nothing(node.random(), options.cost)),
      nobody_totp_(node.random().bytes(totp_secret_bytes)) {}

Result<std::shared_ptr<const AccountList>> Accounts::list() {
  auto& store = options_.store == nullptr ? node_.store() : *options_.store;
  TRY(const auto snapshot, store.read());
  TRY(auto text, exchange::account_text(*snapshot));
  const std::lock_guard guard(list_mutex_);
  if (!list_ || text != text_) {
    TRY(auto read, exchange::read_accounts(text));
    list_ = std::make_shared<const AccountList>(std::move(read));
    text_ = std::move(text);
  }
  return list_;
}

AccountState Accounts::state_of(const Account& account, Instant now) const {
  if (account.ended) return AccountState::Ended;
  if (!account.set_up) return AccountState::Invited;
  return account_limit_.waits(account.name, now) ? AccountState::Locked : AccountState::Active;
}

const Account* Accounts::match(const AccountList& list, const Credentials& given, bool may_try,
                               Instant now, std::int64_t& step) const {
  const auto* account = list.find(given.account);
  const bool usable = account != nullptr && account->active() && !account->password.empty();
  const auto& password = usable ? account->password : nobody_password_;
  const auto& totp = usable ? account->totp : nobody_totp_;
  const bool knows = trust::password_matches(password, given.password);
  const auto used = totp_match(totp, given.code, now, usable ? account->step : 0);
  if (!usable || !may_try || !knows || !used) return nullptr;
  step = *used;
  return account;
}

Status Accounts::use_step(const Account& account, std::int64_t step, bool sign_in) {
  TRY(const auto work, AccountWork::begin(node_));
  auto* kept = work->list().find(account.name);
  // It may have ended, or its code been used, since it was looked at.
  if (kept == nullptr || !kept->active() || kept->set_up != account.set_up || kept->step >= step) {
    return not_signed_in();
  }
  kept->step = step;
  if (sign_in) {
    kept->last_sign_in = work->at();
    if (kept->break_glass) TRY_STATUS(raise_alarm(node_, *work, *kept));
  }
  return work->commit();
}

Result<SignedIn> Accounts::sign_in(const Credentials& given, std::string_view address,
                                   Instant now) {
  if (!address_limit_.begin(address, now)) return not_signed_in();
  const auto pass = gate_.enter();
  if (!pass) {
    address_limit_.succeeded(address);  // nothing was tried
    return tl::unexpected<Error>(pass.error());
  }
  TRY(const auto known, list());
  const bool may_try =
      account_limit_.begin(given.account, known->find(given.account) != nullptr, now);
  std::int64_t step = 0;
  const auto* account = match(*known, given, may_try, now, step);
  if (account == nullptr) return not_signed_in();
  const auto used = use_step(*account, step, true);
  // A store that cannot be written is no failure of who knows password and code.
  if (used || used.error().kind != ErrorKind::Unauthenticated) {
    account_limit_.succeeded(account->name);
    address_limit_.succeeded(address);
  }
  TRY_STATUS(used);
  if (account->break_glass) {
    complain(
        fmt::format("ALARM: somebody signed in with the account {} from {} at {}; an auditor "
                    "or oversight has to acknowledge it",
                    account->name, address, format_rfc3339(now)));
  }
  SignedIn out;
  out.cookie = sessions_.open(account->name, *account->set_up, now);
  TRY(out.session,
      session_of({account->name, roles_of(*account), Sessions::name_of(out.cookie)}, now));
  return out;
}

std::optional<Session> Accounts::session(const std::string& name, Instant now, bool touch,
                                         const AccountList& list) {
  auto out = sessions_.find(name, now, touch);
  if (!out) return std::nullopt;
  const auto* account = list.find(out->account);
  if (account != nullptr && account->active() && account->set_up == out->set_up) return out;
  sessions_.end(name);
  return std::nullopt;
}

std::optional<Caller> Accounts::caller_of(std::string_view cookie, Instant now, bool use) {
  if (cookie.size() != session_cookie_bytes) return std::nullopt;
  const auto known = list();
  if (!known) return std::nullopt;
  const auto name = Sessions::name_of(cookie);
  const auto found = session(name, now, use, **known);
  if (!found) return std::nullopt;
  return Caller{found->account, roles_of(*(*known)->find(found->account)), name};
}

bool Accounts::is_signed_in(const Caller& caller, Instant now) {
  const auto known = list();
  return known && session(caller.session, now, false, **known).has_value();
}

bool Accounts::csrf_matches(const Caller& caller, std::string_view token) const {
  return !caller.session.empty() && equal_in_constant_time(sessions_.csrf(caller.session), token);
}

Status Accounts::check_fresh_factor(const Caller& caller, std::string_view code, Instant now) {
  TRY(const auto known, list());
  if (!session(caller.session, now, false, *known)) return session_has_ended();
  const auto& account = *known->find(caller.account);
  if (!factor_limit_.begin(account.name, true, now)) {
    return fail(ErrorKind::NotPermitted, "too many codes were wrong; wait up to 15 minutes",
                "$.code");
  }
  if (const auto step = totp_match(account.totp, code, now, account.step)) {
    auto used = use_step(account, *step, false);
    // A store that cannot be written is no failure of who has the code.
    const bool right = used || used.error().kind != ErrorKind::Unauthenticated;
    if (right) factor_limit_.succeeded(account.name);
    if (right) return used;
  }
  // Whoever sits at an open session of another person may not go on trying codes.
  if (factor_limit_.failures(account.name) >= factor_failures_max) {
    sessions_.end_all_of(account.name);
  }
  return fail(ErrorKind::NotPermitted,
              "the code is not right, or was used before: each code counts once. Wait for the next "
              "one; after several wrong codes the session ends",
              "$.code");
}

Result<SessionView> Accounts::session_of(const Caller& caller, Instant now) {
  TRY(const auto known, list());
  const auto found = session(caller.session, now, false, *known);
  if (!found) return session_has_ended();
  const auto& account = *known->find(found->account);
  return SessionView{
      account.name,  account.full_name, roles_of(account),  sessions_.csrf(caller.session),
      found->ends(), account.language,  account.break_glass};
}

void Accounts::sign_out(const Caller& caller) { sessions_.end(caller.session); }

Status Accounts::set_language(const Caller& caller, const std::string& language) {
  TRY(const auto work, AccountWork::begin(node_));
  auto* account = work->list().find(caller.account);
  if (account == nullptr || !account->active()) return session_has_ended();
  account->language = language;
  return work->commit();
}

Result<Setup> Accounts::setup(std::string_view token, Instant now) {
  TRY(const auto known, list());
  const auto* account = account_of_link(*known, token, now);
  if (account == nullptr) return no_such_link();
  const auto secret = setup_secret(*account->link, token);
  Setup out;
  out.account = account->name;
  out.full_name = account->full_name;
  out.roles = roles_of(*account);
  out.otpauth = otpauth_uri("Comity " + node_.party(), account->name, secret);
  out.secret = base32(secret);
  TRY(out.qr_svg, qr_svg(out.otpauth));
  out.expires = account->link->expires;
  return out;
}

Status Accounts::complete_setup(std::string_view token, std::string_view password,
                                std::string_view code, Instant now) {
  std::string secret;
  std::optional<std::int64_t> step;
  {
    TRY(const auto known, list());
    const auto* account = account_of_link(*known, token, now);
    if (account == nullptr) return no_such_link();
    secret = setup_secret(*account->link, token);
    if (auto taken = trust::check_password(password, account->name); !taken) {
      return tl::unexpected<Error>(std::move(taken.error()).at("$.password"));
    }
    step = totp_match(secret, code, now, 0);
  }
  if (!step) {
    return fail(ErrorKind::InvalidInput,
                "this code is not of the secret that was shown; is the clock of the device right?",
                "$.code");
  }
  TRY(const auto pass, gate_.enter());
  TRY(auto hash, trust::hash_password(password, node_.random(), options_.cost));
  TRY(const auto work, AccountWork::begin(node_));
  // The link may have been used or replaced meanwhile, or have run out.
  auto* account = account_of_link(work->list(), token, std::max(now, work->at()));
  if (account == nullptr) return no_such_link();
  account->link.reset();
  account->password = std::move(hash);
  account->totp = secret;
  account->step = *step;
  account->set_up = work->at();
  json::Object entry;
  entry.set("account", exchange::terms_of(*account));
  TRY_STATUS(work->enter("account-set-up", std::move(entry)));
  const auto name = account->name;
  TRY_STATUS(work->commit());
  // Who forgot a password starts anew; sessions under the old one end.
  account_limit_.succeeded(name);
  sessions_.end_all_of(name);
  return {};
}

std::vector<AccountAlarm> Accounts::alarms() {
  const auto known = list();
  return known ? (*known)->alarms : std::vector<AccountAlarm>();
}

Status Accounts::acknowledge(const Caller& caller, std::string_view alarm) {
  TRY(const auto work, AccountWork::begin(node_));
  const auto* account = work->list().find(caller.account);
  constexpr RoleSet may = {Role::Auditor, Role::Oversight};
  if (account == nullptr || !account->active() || !roles_of(*account).meets(may)) {
    return fail(ErrorKind::NotPermitted, "an alarm is acknowledged by an auditor or oversight");
  }
  const auto count =
      std::erase_if(work->list().alarms, [&](const AccountAlarm& one) { return one.id == alarm; });
  if (count == 0) return fail(ErrorKind::NotFound, "there is no such alarm that is open");
  json::Object entry;
  entry.set("done", json::array_of({std::string(alarm)}));
  entry.set("by", caller.account);
  TRY_STATUS(work->enter("alarm-acknowledged", std::move(entry)));
  return work->commit();
}

}  // namespace comity::api
