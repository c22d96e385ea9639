// Who is signed in: sessions in memory, opened by a random key that only the browser has.
//
// Of the key only its SHA-256 is kept, so that what is in memory opens nothing. A session ends
// after a time without use, after a time in all, when its account signs in too often, when the
// account is set up anew or ended, or when the process ends. Owned by Accounts; thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "base/world.h"

namespace comity::api {

constexpr std::int64_t session_idle_s = 30 * 60;
constexpr std::int64_t session_s_max = 12 * 3600;
constexpr std::size_t session_key_bytes = 32;
constexpr std::size_t session_cookie_bytes = 43;  // base64url of the key
// One more ends the one that was used longest ago. All together are bounded by the accounts.
constexpr std::size_t sessions_of_account_max = 5;

struct Session {
  std::string account;
  Instant set_up;  // of the account at sign-in: another password or second factor ends the session
  Instant began, used;

  Instant ends() const { return {began.micros + session_s_max * 1'000'000}; }
};

class Sessions {
 public:
  explicit Sessions(Random& random) : random_(random), csrf_key_(random.bytes(32)) {}

  // The cookie of a new session.
  std::string open(const std::string& account, Instant set_up, Instant now);
  // By what a session is called in the process (`Caller::session`): it opens nothing.
  static std::string name_of(std::string_view cookie);
  // The session of this name if it lasts still; `touch`: it is used now.
  std::optional<Session> find(const std::string& name, Instant now, bool touch);
  void end(const std::string& name);
  void end_all_of(std::string_view account);
  // The token that pages send back with every change. Bound to the session by a key of the process.
  std::string csrf(std::string_view name) const;

 private:
  void make_room(std::string_view account, Instant now);

  Random& random_;
  const std::string csrf_key_;
  std::mutex mutex_;
  std::map<std::string, Session, std::less<>> sessions_;  // by name
};

}  // namespace comity::api
