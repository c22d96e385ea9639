#include "api/account_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/world.h"
#include "exchange/kept_terms.h"
#include "exchange/officer.h"
#include "json/texts.h"

namespace comity::api {
namespace {

using exchange::Account;
using exchange::AccountChange;
using exchange::AccountList;
using exchange::AccountWork;

Instant after(Instant at, std::int64_t seconds) { return {at.micros + seconds * 1'000'000}; }

RoleSet joined(RoleSet a, RoleSet b) {
  for (const auto name : role_names) {
    if (b.has(*role_of(name))) a.add(*role_of(name));
  }
  return a;
}

std::string text_of(RoleSet roles) { return fmt::format("{}", fmt::join(names_of(roles), ", ")); }

// Every role that the account has now or shall have: all of them are touched by the change.
RoleSet touched(const AccountList& list, const AccountChange& change) {
  const auto* account = list.find(change.account);
  return joined(account == nullptr ? RoleSet() : roles_of(*account), roles_of(change.roles));
}

// Whether this person may be the second one for such a change.
bool may_confirm(const Account& person, const AccountChange& change, RoleSet roles) {
  // Who can open the break-glass account is often an administrator as well: it never is the second
  // person.
  return person.active() && !person.break_glass && person.name != change.proposed_by &&
         person.name != change.account &&
         roles_of(person).meets(joined(higher_of(roles), {Role::Oversight}));
}

bool somebody_could_confirm(const AccountList& list, const AccountChange& change) {
  const auto roles = touched(list, change);
  return std::any_of(list.accounts.begin(), list.accounts.end(),
                     [&](const Account& person) { return may_confirm(person, change, roles); });
}

bool has_holder_beside(const AccountList& list, const Account& subject, Role role) {
  return std::any_of(list.accounts.begin(), list.accounts.end(), [&](const Account& other) {
    return other.active() && !other.break_glass && other.name != subject.name &&
           roles_of(other).has(role);
  });
}

// A role that nobody holds any more could not be given again by two persons, and without an
// administrator nothing could be changed at all.
Status check_not_last(const AccountList& list, const AccountChange& change) {
  const auto* subject = list.find(change.account);
  if (subject == nullptr || !subject->active() || subject->break_glass || change.although_last) {
    return {};
  }
  const auto keeps = change.change == "end" ? RoleSet() : roles_of(change.roles);
  const bool overseen = has_holder_beside(list, *subject, Role::Oversight);
  for (const auto name : role_names) {
    const auto role = *role_of(name);
    if (lower_roles.has(role) || !roles_of(*subject).has(role) || keeps.has(role)) continue;
    if (has_holder_beside(list, *subject, role)) continue;
    // Oversight can confirm a new holder of any role, but an administrator has to propose it.
    if (overseen && role != Role::Administrator) continue;
    return fail(
        ErrorKind::NotPermitted,
        fmt::format("{} is the last {} who can sign in, and {}; add another first, who must have "
                    "set up the account, or on the machine itself say comity account end {} "
                    "--although-last",
                    subject->name, name,
                    role == Role::Administrator
                        ? "without one no account could be changed any more"
                        : "without one, and without oversight, nobody could confirm a new one",
                    subject->name));
  }
  return {};
}

Status check_roles(RoleSet roles, bool break_glass) {
  if (roles.empty()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("an account has at least one role; the roles are {}",
                            fmt::join(role_names, ", ")),
                "$.roles");
  }
  if (roles.has(Role::Administrator) && roles != RoleSet{Role::Administrator}) {
    return fail(ErrorKind::NotPermitted,
                "an administrator has no other role: who gives the roles out does not use them; "
                "make a second account, for another person",
                "$.roles");
  }
  if (break_glass && roles != RoleSet{Role::Administrator}) {
    return fail(ErrorKind::InvalidInput, "the break-glass account is an administrator", "$.roles");
  }
  return {};
}

// Characters that change the direction of what stands beside them could make one name look like
// another (U+061C, U+200E, U+200F, U+202A–E, U+2066–9).
bool turns_direction(std::string_view text) {
  constexpr std::string_view marks[] = {"\xD8\x9C",     "\xE2\x80\x8E", "\xE2\x80\x8F",
                                        "\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC",
                                        "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6",
                                        "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9"};
  return std::any_of(std::begin(marks), std::end(marks), [&](std::string_view mark) {
    return text.find(mark) != std::string_view::npos;
  });
}

Status check_names(const AccountChange& change) {
  const bool reserved =
      change.account == operator_name || (change.account == break_glass_name) != change.break_glass;
  if (reserved || !exchange::is_terms_name(change.account, exchange::account_name_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no name for an account; expected 1 to {} small letters, "
                            "digits and hyphens, the first no hyphen, and neither {} nor {}",
                            change.account, exchange::account_name_bytes_max, operator_name,
                            break_glass_name),
                "$.account");
  }
  if (!exchange::is_plain_text(change.full_name, exchange::account_full_name_bytes_max) ||
      turns_direction(change.full_name)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the name of a person has 1 to {} bytes of UTF-8, without double "
                            "quotes, backslashes, control characters, marks of direction or blanks "
                            "at its ends",
                            exchange::account_full_name_bytes_max),
                "$.name");
  }
  return {};
}

Status check_add(const AccountList& list, const AccountChange& change) {
  TRY_STATUS(check_names(change));
  TRY_STATUS(check_roles(roles_of(change.roles), change.break_glass));
  if (list.find(change.account) != nullptr) {
    return fail(ErrorKind::Conflict,
                fmt::format("there is or was an account {}; choose another name, because the "
                            "ledger tells accounts by their names",
                            change.account),
                "$.account");
  }
  const auto live = std::count_if(list.accounts.begin(), list.accounts.end(),
                                  [](const Account& account) { return !account.ended; });
  if (static_cast<std::size_t>(live) >= exchange::accounts_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("this node has {} accounts, which is the limit; end one first", live));
  }
  if (list.accounts.size() >= exchange::accounts_kept_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("this node has had {} accounts, which is the limit: names are not used "
                            "again",
                            list.accounts.size()));
  }
  return {};
}

// Whether the change can be made of the list as it is.
Status check_change(const AccountList& list, const AccountChange& change) {
  if (change.change == "add") return check_add(list, change);
  const auto* account = list.find(change.account);
  if (account == nullptr) {
    return fail(ErrorKind::NotFound, fmt::format("there is no account {}", change.account),
                "$.account");
  }
  if (account->ended) {
    return fail(ErrorKind::Conflict, fmt::format("the account {} ended at {}", change.account,
                                                 format_rfc3339(*account->ended)));
  }
  if (change.change == "link") return {};
  if (change.change == "end") return check_not_last(list, change);
  if (change.change != "roles") {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no change; expected add, roles, link or end", change.change),
                "$.change");
  }
  if (account->break_glass) {
    return fail(ErrorKind::NotPermitted, "the roles of the break-glass account are fixed");
  }
  TRY_STATUS(check_roles(roles_of(change.roles), false));
  if (account->roles == change.roles) {
    return fail(ErrorKind::Conflict, fmt::format("the account {} has these roles", account->name));
  }
  return check_not_last(list, change);
}

Status check_by(const AccountList& list, const std::string& by) {
  if (by == operator_name) return {};
  const auto* account = list.find(by);
  if (account != nullptr && account->active() && roles_of(*account).has(Role::Administrator)) {
    return {};
  }
  return fail(ErrorKind::NotPermitted, "accounts are changed by an administrator");
}

// Takes changes out of the list and returns their ids, for the member `done` of an entry.
template <typename Which>
std::vector<std::string> take_out(AccountList& list, Which which) {
  std::vector<std::string> out;
  std::erase_if(list.changes, [&](const AccountChange& change) {
    if (!which(change)) return false;
    out.push_back(change.id);
    return true;
  });
  return out;
}

// Proposals that waited too long are withdrawn with the next change, and the ledger says so.
Status withdraw_old(AccountWork& work) {
  const auto ids =
      take_out(work.list(), [&](const AccountChange& one) { return !counts(one, work.at()); });
  if (ids.empty()) return {};
  json::Object entry;
  entry.set("done", json::array_of(ids));
  return work.enter("changes-expired", std::move(entry));
}

NewLink make_link(exchange::Node& node, Account& account, Instant now) {
  NewLink out;
  out.token = base64url(node.random().bytes(setup_token_bytes));
  out.expires = after(now, setup_link_s);
  account.link = exchange::SetupLink{sha256(out.token), node.random().bytes(32), out.expires};
  return out;
}

// The account that the change is about, as it is afterwards, and the link that comes of it.
Account& change_list(exchange::Node& node, AccountWork& work, const AccountChange& change,
                     std::optional<NewLink>& link) {
  auto& list = work.list();
  if (change.change == "add") {
    Account account;
    account.name = change.account;
    account.full_name = change.full_name;
    account.roles = change.roles;
    account.break_glass = change.break_glass;
    account.created = work.at();
    list.accounts.push_back(std::move(account));
  }
  auto& account = *list.find(change.account);
  if (change.change == "roles") account.roles = change.roles;
  if (change.change == "add" || change.change == "link") {
    link = make_link(node, account, work.at());
  }
  if (change.change == "end") {
    account.ended = work.at();
    // What opened it is of no use any more and is not kept.
    account.link.reset();
    account.password.clear();
    account.totp.clear();
  }
  return account;
}

// Makes the change and enters it.
Status apply(exchange::Node& node, AccountWork& work, MadeChange& made,
             const std::string& confirmed_by) {
  const auto& change = made.change;
  const auto& account = change_list(node, work, change, made.link);
  // What somebody proposed who may not any more, or about who is not there any more, falls away.
  const bool administers = account.active() && roles_of(account).has(Role::Administrator);
  const auto ended = take_out(work.list(), [&](const AccountChange& one) {
    return one.id == change.id || (one.proposed_by == account.name && !administers) ||
           (one.account == account.name && account.ended);
  });
  json::Object entry;
  entry.set("account", exchange::terms_of(account));
  entry.set("by", change.proposed_by);
  if (!confirmed_by.empty()) entry.set("confirmed_by", confirmed_by);
  if (change.although_last) entry.set("although_last", true);
  if (made.link) entry.set("link_expires", format_rfc3339(made.link->expires, 6));
  if (!ended.empty()) entry.set("done", json::array_of(ended));
  made.done = true;
  return work.enter("account-" + change.change, std::move(entry));
}

// Whether a second person is needed; NotPermitted when there is none who could be it.
Result<bool> has_to_wait(const exchange::Node& node, const AccountList& list,
                         const AccountChange& change) {
  const auto higher = higher_of(touched(list, change));
  if (higher.empty()) return false;
  const bool somebody = somebody_could_confirm(list, change);
  if (change.proposed_by == operator_name) {
    // Founding: as long as nobody could confirm, the machine decides. In an exercise it always
    // does, as with all that officers approve.
    return somebody && node.mode() != treaty::Mode::Exercise;
  }
  if (somebody) return true;
  return fail(ErrorKind::NotPermitted,
              fmt::format("nobody could confirm this: beside you and {} there is no account, set "
                          "up, with one of the roles {}, oversight; on the machine itself say "
                          "comity account",
                          change.account, text_of(higher)));
}

Status check_room(const AccountList& list, const AccountChange& change) {
  for (const auto& other : list.changes) {
    if (other.account == change.account) {
      return fail(ErrorKind::Conflict,
                  fmt::format("a change of {} waits already, proposed by {}; confirm or withdraw "
                              "it first",
                              change.account, other.proposed_by));
    }
  }
  if (list.changes.size() >= exchange::account_changes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("{} changes of accounts wait, which is the limit",
                                                 list.changes.size()));
  }
  return {};
}

AccountChange change_from(exchange::Node& node, const std::string& by, const WantedChange& wanted,
                          Instant at) {
  AccountChange out;
  out.id = uuid4(node.random());
  out.change = wanted.change;
  out.account = wanted.account;
  if (wanted.change == "add") out.full_name = wanted.full_name;
  if (wanted.change == "add" || wanted.change == "roles") out.roles = names_of(wanted.roles);
  out.break_glass = wanted.break_glass && by == operator_name;
  out.although_last = wanted.although_last && by == operator_name;
  out.proposed_by = by;
  out.proposed = at;
  return out;
}

const AccountChange* find_change(const AccountList& list, std::string_view id) {
  const auto found = std::find_if(list.changes.begin(), list.changes.end(),
                                  [&](const AccountChange& change) { return change.id == id; });
  return found == list.changes.end() ? nullptr : &*found;
}

tl::unexpected<Error> no_such_change() {
  return fail(ErrorKind::NotFound, "there is no such change that waits");
}

}  // namespace

RoleSet higher_of(RoleSet roles) {
  RoleSet out;
  for (const auto name : role_names) {
    const auto role = *role_of(name);
    if (roles.has(role) && !lower_roles.has(role)) out.add(role);
  }
  return out;
}

RoleSet roles_of(const std::vector<std::string>& names) {
  RoleSet out;
  for (const auto& name : names) {
    if (const auto role = role_of(name)) out.add(*role);
  }
  return out;
}

RoleSet roles_of(const Account& account) { return roles_of(account.roles); }

std::vector<std::string> names_of(RoleSet roles) {
  std::vector<std::string> out;
  for (const auto name : role_names) {
    if (roles.has(*role_of(name))) out.emplace_back(name);
  }
  return out;
}

Result<RoleSet> read_roles(const std::vector<std::string>& names) {
  RoleSet out;
  for (const auto& name : names) {
    const auto role = role_of(name);
    if (!role) {
      return fail(
          ErrorKind::InvalidInput,
          fmt::format("'{}' is no role; the roles are {}", name, fmt::join(role_names, ", ")),
          "$.roles");
    }
    out.add(*role);
  }
  return out;
}

bool counts(const AccountChange& change, Instant now) {
  return now < after(change.proposed, change_wait_s_max);
}

bool sees(const AccountList& list, const Account& account, const AccountChange& change) {
  constexpr RoleSet all_seeing = {Role::Administrator, Role::Auditor, Role::Oversight};
  return roles_of(account).meets(all_seeing) || may_confirm(account, change, touched(list, change));
}

Result<MadeChange> propose(exchange::Node& node, const std::string& by,
                           const WantedChange& wanted) {
  TRY(const auto work, AccountWork::begin(node));
  TRY_STATUS(check_by(work->list(), by));
  MadeChange made;
  made.change = change_from(node, by, wanted, work->at());
  TRY_STATUS(withdraw_old(*work));
  TRY_STATUS(check_change(work->list(), made.change));
  TRY_STATUS(check_room(work->list(), made.change));
  TRY(const bool waits, has_to_wait(node, work->list(), made.change));
  if (waits) {
    work->list().changes.push_back(made.change);
    json::Object entry;
    entry.set("change", exchange::terms_of(made.change));
    TRY_STATUS(work->enter("change-proposed", std::move(entry)));
  } else {
    TRY_STATUS(apply(node, *work, made, ""));
  }
  TRY_STATUS(work->commit());
  return made;
}

Result<MadeChange> confirm(exchange::Node& node, const std::string& by, std::string_view id) {
  TRY(const auto work, AccountWork::begin(node));
  const auto& list = work->list();
  const auto* person = list.find(by);
  const auto* change = find_change(list, id);
  if (person == nullptr || !person->active() || change == nullptr || !counts(*change, work->at())) {
    return no_such_change();
  }
  if (by == change->proposed_by || by == change->account || person->break_glass) {
    return fail(ErrorKind::NotPermitted,
                by == change->proposed_by ? "who proposed a change does not confirm it: another "
                                            "person must"
                : by == change->account   ? "nobody confirms a change of their own account"
                                          : "the break-glass account confirms nothing");
  }
  const auto roles = touched(list, *change);
  if (!may_confirm(*person, *change, roles)) {
    if (!sees(list, *person, *change)) return no_such_change();
    return fail(ErrorKind::NotPermitted,
                fmt::format("this change is confirmed by an account with one of the roles {}",
                            text_of(joined(higher_of(roles), {Role::Oversight}))));
  }
  MadeChange made;
  made.change = *change;
  TRY_STATUS(check_change(list, made.change));
  TRY_STATUS(apply(node, *work, made, by));
  TRY_STATUS(work->commit());
  return made;
}

Status withdraw(exchange::Node& node, const std::string& by, std::string_view id) {
  TRY(const auto work, AccountWork::begin(node));
  TRY_STATUS(check_by(work->list(), by));
  const auto ids =
      take_out(work->list(), [&](const AccountChange& change) { return change.id == id; });
  if (ids.empty()) return no_such_change();
  json::Object entry;
  entry.set("done", json::array_of(ids));
  entry.set("by", by);
  TRY_STATUS(work->enter("change-withdrawn", std::move(entry)));
  return work->commit();
}

std::string link_text(const exchange::Node& node, const NewLink& link) {
  const auto url = node.pages_url();
  if (url.empty()) return link.token;
  return fmt::format("{}{}setup#{}", url, url.ends_with('/') ? "" : "/", link.token);
}

}  // namespace comity::api
