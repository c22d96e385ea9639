#include "exchange/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "json/parse.h"
#include "json/texts.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

constexpr std::string_view accounts_key = "accounts";  // in meta
constexpr std::string_view account_kind = "account";   // of ledger entries
constexpr std::int64_t accounts_format = 1;

void set_instant(json::Object& out, const char* name, const std::optional<Instant>& at) {
  if (at) out.set(name, format_rfc3339(*at, 6));
}

Status read_instant(const json::Value& value, const char* name, std::optional<Instant>& out) {
  if (value.find(name) == nullptr) return {};
  TRY(out, parse_rfc3339(value.text(name)));
  return {};
}

bool flag(const json::Value& value, const char* name) {
  const auto* member = value.find(name);
  return member != nullptr && member->boolean() != nullptr && *member->boolean();
}

std::int64_t whole(const json::Value& value, const char* name) {
  const auto* member = value.find(name);
  return member == nullptr || member->integer() == nullptr ? 0 : *member->integer();
}

json::Object to_json(const SetupLink& link) {
  json::Object out;
  out.set("token", digest_text(link.token));
  out.set("seed", base64url(link.seed));
  out.set("expires", format_rfc3339(link.expires, 6));
  return out;
}

Result<SetupLink> link_from(const json::Value& value) {
  SetupLink out;
  TRY(out.token, digest_from_text(value.text("token")));
  TRY(out.seed, from_base64url(value.text("seed")));
  TRY(out.expires, parse_rfc3339(value.text("expires")));
  return out;
}

json::Object to_json(const Account& account) {
  auto out = terms_of(account);
  if (!account.password.empty()) out.set("password", account.password);
  if (!account.totp.empty()) out.set("totp", base64url(account.totp));
  out.set("step", account.step);
  if (account.link) out.set("link", to_json(*account.link));
  set_instant(out, "last_sign_in", account.last_sign_in);
  out.set("language", account.language);
  return out;
}

Result<Account> account_from(const json::Value& value) {
  Account out;
  out.name = value.text("name");
  out.full_name = value.text("full_name");
  out.roles = json::texts_of(value.find("roles"));
  out.break_glass = flag(value, "break_glass");
  TRY(out.created, parse_rfc3339(value.text("created")));
  TRY_STATUS(read_instant(value, "set_up", out.set_up));
  TRY_STATUS(read_instant(value, "ended", out.ended));
  out.password = value.text("password");
  TRY(out.totp, from_base64url(value.text("totp")));
  out.step = whole(value, "step");
  if (const auto* link = value.find("link"); link != nullptr) {
    TRY(out.link, link_from(*link));
  }
  TRY_STATUS(read_instant(value, "last_sign_in", out.last_sign_in));
  out.language = value.text("language");
  return out;
}

Result<AccountChange> change_from(const json::Value& value) {
  AccountChange out;
  out.id = value.text("id");
  out.change = value.text("change");
  out.account = value.text("account");
  out.full_name = value.text("full_name");
  out.roles = json::texts_of(value.find("roles"));
  out.break_glass = flag(value, "break_glass");
  out.although_last = flag(value, "although_last");
  out.proposed_by = value.text("proposed_by");
  TRY(out.proposed, parse_rfc3339(value.text("proposed")));
  return out;
}

Result<AccountAlarm> alarm_from(const json::Value& value) {
  AccountAlarm out;
  out.id = value.text("id");
  out.account = value.text("account");
  TRY(out.at, parse_rfc3339(value.text("at")));
  out.times = whole(value, "times");
  return out;
}

template <typename Item, typename Form>
json::Array array_from(const std::vector<Item>& items, Form form) {
  json::Array out;
  for (const auto& item : items) out.push_back(form(item));
  return out;
}

json::Object to_json(const AccountList& list) {
  json::Object out;
  out.set("format", accounts_format);
  out.set("accounts",
          array_from(list.accounts, [](const Account& account) { return to_json(account); }));
  out.set("changes",
          array_from(list.changes, [](const AccountChange& change) { return terms_of(change); }));
  out.set("alarms",
          array_from(list.alarms, [](const AccountAlarm& alarm) { return terms_of(alarm); }));
  return out;
}

template <typename Item, typename Read>
Status read_items(const json::Value& value, const char* name, Read read, std::vector<Item>& out) {
  const auto* items = value.find(name);
  if (items == nullptr || items->array() == nullptr) {
    return fail(ErrorKind::Corrupt, "the list of accounts is not of this form", name);
  }
  for (const auto& item : *items->array()) {
    TRY(auto one, read(item));
    out.push_back(std::move(one));
  }
  return {};
}

// What the ledger says is in the list: terms by account name, change id and alarm id.
struct Entered {
  std::map<std::string, json::Value, std::less<>> accounts, changes, alarms;

  void take(const json::Value& entry) {
    for (const auto& id : json::texts_of(entry.find("done"))) {
      changes.erase(id);
      alarms.erase(id);
    }
    const auto add = [&](const char* member, const char* key, auto& into) {
      const auto* terms = entry.find(member);
      if (terms != nullptr) into[std::string(terms->text(key))] = *terms;
    };
    add("account", "name", accounts);
    add("change", "id", changes);
    add("alarm", "id", alarms);
  }
};

// Compares one kind of what is kept with what was entered; takes out what agrees.
template <typename Item, typename Key>
void compare(const char* what, const std::vector<Item>& kept, Key key,
             std::map<std::string, json::Value, std::less<>>& entered,
             std::vector<std::string>& findings) {
  for (const auto& item : kept) {
    const auto found = entered.find(key(item));
    if (found == entered.end()) {
      findings.push_back(
          fmt::format("{} {}: stands in no ledger leaf, or twice in the list", what, key(item)));
      continue;
    }
    if (found->second != json::Value(terms_of(item))) {
      findings.push_back(fmt::format("{} {}: is not as the ledger has it", what, key(item)));
    }
    entered.erase(found);
  }
  for (const auto& [name, terms] : entered) {
    findings.push_back(fmt::format("{} {}: was entered in the ledger and is gone", what, name));
  }
}

}  // namespace

const Account* AccountList::find(std::string_view name) const {
  const auto found = std::find_if(accounts.begin(), accounts.end(),
                                  [&](const Account& account) { return account.name == name; });
  return found == accounts.end() ? nullptr : &*found;
}

Account* AccountList::find(std::string_view name) {
  const auto found = std::find_if(accounts.begin(), accounts.end(),
                                  [&](const Account& account) { return account.name == name; });
  return found == accounts.end() ? nullptr : &*found;
}

json::Object terms_of(const Account& account) {
  json::Object out;
  out.set("name", account.name);
  out.set("full_name", account.full_name);
  out.set("roles", json::array_of(account.roles));
  if (account.break_glass) out.set("break_glass", true);
  out.set("created", format_rfc3339(account.created, 6));
  set_instant(out, "set_up", account.set_up);
  set_instant(out, "ended", account.ended);
  return out;
}

json::Object terms_of(const AccountChange& change) {
  json::Object out;
  out.set("id", change.id);
  out.set("change", change.change);
  out.set("account", change.account);
  out.set("full_name", change.full_name);
  out.set("roles", json::array_of(change.roles));
  if (change.break_glass) out.set("break_glass", true);
  if (change.although_last) out.set("although_last", true);
  out.set("proposed_by", change.proposed_by);
  out.set("proposed", format_rfc3339(change.proposed, 6));
  return out;
}

json::Object terms_of(const AccountAlarm& alarm) {
  json::Object out;
  out.set("id", alarm.id);
  out.set("account", alarm.account);
  out.set("at", format_rfc3339(alarm.at, 6));
  out.set("times", alarm.times);
  return out;
}

Result<std::optional<std::string>> account_text(store::Snapshot& snapshot) {
  return snapshot.meta(accounts_key);
}

Result<AccountList> read_accounts(const std::optional<std::string>& text) {
  AccountList out;
  if (!text) return out;
  TRY(const auto value, json::parse(*text));
  TRY_STATUS(read_items(value, "accounts", account_from, out.accounts));
  TRY_STATUS(read_items(value, "changes", change_from, out.changes));
  TRY_STATUS(read_items(value, "alarms", alarm_from, out.alarms));
  // A list that reads otherwise than it was written could hide a role or an end.
  if (json::Value(to_json(out)) != value) {
    return fail(ErrorKind::Corrupt,
                "the kept list of accounts is not of this form; comity verify says what differs, "
                "then restore a backup");
  }
  return out;
}

Result<std::unique_ptr<AccountWork>> AccountWork::begin(Node& node) {
  TRY(auto change, Change::begin(node));
  TRY(const auto text, account_text(change->store()));
  std::unique_ptr<AccountWork> out(new AccountWork(std::move(change)));
  TRY(out->list_, read_accounts(text));
  return out;
}

Status AccountWork::enter(std::string_view type, json::Object entry) {
  entry.set("type", type);
  return change_->enter(account_kind, entry);
}

Status AccountWork::commit() {
  TRY_STATUS(change_->store().set_meta(accounts_key, json::write(to_json(list_))));
  return change_->commit();
}

Result<std::vector<std::string>> account_findings(store::Snapshot& snapshot) {
  Entered entered;
  TRY_STATUS(snapshot.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    if (row.kind != account_kind) return {};
    // An entry that cannot be read is a finding about its leaf already.
    if (const auto entry = json::parse(row.entry)) entered.take(*entry);
    return {};
  }));
  std::vector<std::string> out;
  TRY(const auto text, account_text(snapshot));
  const auto kept = read_accounts(text);
  if (!kept) {
    out.push_back(fmt::format("accounts: {}", kept.error().text()));
    return out;
  }
  compare(
      "account", kept->accounts, [](const Account& a) { return a.name; }, entered.accounts, out);
  compare(
      "account change", kept->changes, [](const AccountChange& c) { return c.id; }, entered.changes,
      out);
  compare(
      "alarm", kept->alarms, [](const AccountAlarm& a) { return a.id; }, entered.alarms, out);
  return out;
}

}  // namespace comity::exchange
