// Sign-in to the pages of a node: accounts, sessions, second factors, set-up links, alarms.
//
// One object is owned by the process that serves the pages; every function may be called from any
// thread. The list of accounts stands in the store (exchange/account.h) and is looked at for each
// request, so a change by a command of the operator or of another request counts at once. Sessions
// and counts of failures are in memory. Who may change accounts: account_change.h. Form and
// reasons: docs/formats/accounts.md.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/rate_limit.h"
#include "api/route.h"
#include "api/sessions.h"
#include "exchange/account.h"
#include "exchange/attempt_limit.h"
#include "exchange/node.h"
#include "json/value.h"
#include "trust/password.h"

namespace comity::api {

constexpr std::string_view session_cookie = "comity_session";
// The longest account name and code that a sign-in looks at; longer ones are refused as input.
constexpr std::size_t sign_in_text_bytes_max = 64;
// Wrong codes in a row, of somebody who is signed in, after which all sessions of the account end.
constexpr int factor_failures_max = account_failures_max;

// What tests change.
struct AccountsOptions {
  trust::PasswordCost cost;
  store::Store* store = nullptr;  // where the list is read; null: the node's
};

struct Credentials {
  std::string account, password, code;
};

// What a page learns of its session.
struct SessionView {
  std::string account, full_name;
  RoleSet roles;
  std::string csrf;
  Instant ends;  // whatever is done until then
  std::string language;
  bool break_glass = false;
};

struct SignedIn {
  std::string cookie;  // shown to the browser alone
  SessionView session;
};

// What a set-up link shows to who has it.
struct Setup {
  std::string account, full_name;
  RoleSet roles;
  std::string otpauth, secret;  // the second factor as URI, and as base32 to be typed
  std::string qr_svg;           // the URI as a QR code
  Instant expires;
};

enum class AccountState { Invited, Active, Locked, Ended };
std::string_view name(AccountState state);

class Accounts {
 public:
  explicit Accounts(exchange::Node& node, AccountsOptions options = {});
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  // One answer, and the same work, for an account that is not there, is not set up, has ended or
  // has to wait, for a wrong password and for a wrong or used code: Unauthenticated. Unavailable
  // when too many sign in at once or the store cannot be written. `address` is that of the caller.
  Result<SignedIn> sign_in(const Credentials& given, std::string_view address, Instant now);

  // Whose session this is, as the account is now; nothing when it has ended. The session is used by
  // it unless the caller says otherwise. The second form is for connections that stay open: it asks
  // without using the session.
  std::optional<Caller> caller_of(std::string_view cookie, Instant now, bool use = true);
  bool is_signed_in(const Caller& caller, Instant now);
  bool csrf_matches(const Caller& caller, std::string_view token) const;
  // NotPermitted unless this is a code of the caller's second factor that was not used before, at
  // sign-in or here. Too many wrong ones end every session of the account.
  Status check_fresh_factor(const Caller& caller, std::string_view code, Instant now);
  // Unauthenticated when the session has ended.
  Result<SessionView> session_of(const Caller& caller, Instant now);
  void sign_out(const Caller& caller);
  Status set_language(const Caller& caller, const std::string& language);

  // NotFound, for whatever reason, when the token opens nothing.
  Result<Setup> setup(std::string_view token, Instant now);
  // Ends the link and every session of the account. NotFound as above; InvalidInput for a password
  // that is not taken or a code that is not of the secret that was shown.
  Status complete_setup(std::string_view token, std::string_view password, std::string_view code,
                        Instant now);

  // The list as it is. It is never changed; the next call may give another one.
  Result<std::shared_ptr<const exchange::AccountList>> list();
  AccountState state_of(const exchange::Account& account, Instant now) const;
  // Alarms that nobody has acknowledged, oldest first; empty when the store cannot be read.
  std::vector<exchange::AccountAlarm> alarms();
  // NotFound when there is no such alarm.
  Status acknowledge(const Caller& caller, std::string_view alarm);

 private:
  // The account that the sign-in proves; null: none. The same work for every sign-in.
  const exchange::Account* match(const exchange::AccountList& list, const Credentials& given,
                                 bool may_try, Instant now, std::int64_t& step) const;
  // Keeps that the code of this step was used; Unauthenticated when it was used meanwhile.
  Status use_step(const exchange::Account& account, std::int64_t step, bool sign_in);
  std::optional<Session> session(const std::string& name, Instant now, bool touch,
                                 const exchange::AccountList& list);

  exchange::Node& node_;
  const AccountsOptions options_;
  Sessions sessions_;
  // Apart from each other: whoever fails to sign in as somebody does not disturb who has done so.
  AccountLimit account_limit_, factor_limit_;
  exchange::AddressLimit address_limit_;
  exchange::WorkGate gate_;
  const std::string nobody_password_, nobody_totp_;  // for work in place of an account

  std::mutex list_mutex_;
  std::optional<std::string> text_;  // of which list_ was read
  std::shared_ptr<const exchange::AccountList> list_;
};

}  // namespace comity::api
