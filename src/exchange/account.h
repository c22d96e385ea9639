// The accounts of the people who use the pages of a node: who may sign in, in which roles, which
// changes wait for a second pair of eyes, and which alarms nobody has acknowledged.
//
// The store keeps one list; the ledger binds every change of it: names, roles and instants, never a
// password, a second factor, a link or a digest of one. What a role may do is not said here (folder
// api). Form: docs/formats/accounts.md. Functions are thread-safe as far as their node or snapshot
// is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "json/value.h"

namespace comity::exchange {

constexpr std::size_t accounts_max = 200;  // of one node at one time, without those that ended
constexpr std::size_t accounts_kept_max = 2000;  // with those that ended: names are not used again
constexpr std::size_t account_name_bytes_max = 64;
constexpr std::size_t account_full_name_bytes_max = 128;
constexpr std::size_t account_changes_max = 50;  // that wait at one time
constexpr std::size_t account_alarms_max = 100;  // that nobody has acknowledged

// The one way to set up an account: a token that was shown once and of which the digest is kept.
struct SetupLink {
  Digest token{};    // SHA-256 of the token as text
  std::string seed;  // 32 random bytes; with the token they give the secret of the second factor
  Instant expires;   // valid before this instant
};

struct Account {
  std::string name;                // by which its holder signs in; never used twice in a node
  std::string full_name;           // of the person
  std::vector<std::string> roles;  // in the order of the table of roles
  bool break_glass = false;        // for an emergency: signing in with it raises an alarm
  Instant created;
  std::optional<Instant> set_up;  // when password and second factor were last set; nothing: invited
  std::optional<Instant> ended;

  // What follows is not in the ledger.
  std::string password;   // argon2id in its own text form; empty: none
  std::string totp;       // secret of the second factor, raw
  std::int64_t step = 0;  // newest time step whose code was taken; none up to it is taken again
  std::optional<SetupLink> link;
  std::optional<Instant> last_sign_in;
  std::string language = "en";

  // Whether its holder can sign in.
  bool active() const { return set_up && !ended; }
};

// A change that was proposed and waits to be confirmed by another person.
struct AccountChange {
  std::string id;                  // UUID
  std::string change;              // "add", "roles", "link", "end"
  std::string account;             // its name
  std::string full_name;           // of an account that is added
  std::vector<std::string> roles;  // that it shall have; of "add" and "roles"
  bool break_glass = false;
  bool although_last = false;  // may leave a role without a holder
  std::string proposed_by;
  Instant proposed;
};

struct AccountAlarm {
  std::string id;       // UUID
  std::string account;  // that was signed in with
  Instant at;
  std::int64_t times = 1;  // more than once only beyond account_alarms_max
};

struct AccountList {
  std::vector<Account> accounts;  // in the order in which they were added
  std::vector<AccountChange> changes;
  std::vector<AccountAlarm> alarms;

  const Account* find(std::string_view name) const;
  Account* find(std::string_view name);
};

// What the ledger binds of each.
json::Object terms_of(const Account& account);
json::Object terms_of(const AccountChange& change);
json::Object terms_of(const AccountAlarm& alarm);

// The text that the store keeps, and the list that it is; no text is an empty list. Corrupt when it
// is not exactly of the form that is written.
Result<std::optional<std::string>> account_text(store::Snapshot& snapshot);
Result<AccountList> read_accounts(const std::optional<std::string>& text);

// One change of the list with its ledger entries. Nothing is kept unless commit succeeds; others
// wait meanwhile.
class AccountWork {
 public:
  static Result<std::unique_ptr<AccountWork>> begin(Node& node);

  AccountList& list() { return list_; }
  Instant at() const { return change_->at(); }
  // Enters what was done. Its member `account`, `change` or `alarm` holds the new terms of one;
  // `done` the ids of changes and alarms that are in the list no longer. Whatever of the list's
  // terms differs after a commit must have been entered, or verification finds it.
  Status enter(std::string_view type, json::Object entry);
  Status commit();

 private:
  explicit AccountWork(std::unique_ptr<Change> change) : change_(std::move(change)) {}
  std::unique_ptr<Change> change_;
  AccountList list_;
};

// What does not agree between the list of accounts and the ledger; empty: nothing.
Result<std::vector<std::string>> account_findings(store::Snapshot& snapshot);

}  // namespace comity::exchange
