#include "api/sessions.h"

#include <algorithm>

namespace comity::api {
namespace {

bool lasts(const Session& session, Instant now) {
  return now.micros < session.used.micros + session_idle_s * 1'000'000 && now < session.ends();
}

}  // namespace

std::string Sessions::name_of(std::string_view cookie) { return hex(view(sha256(cookie))); }

void Sessions::make_room(std::string_view account, Instant now) {
  std::erase_if(sessions_, [&](const auto& item) { return !lasts(item.second, now); });
  std::size_t count = 0;
  auto oldest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    if (it->second.account != account) continue;
    ++count;
    if (oldest == sessions_.end() || it->second.used < oldest->second.used) oldest = it;
  }
  if (count >= sessions_of_account_max) sessions_.erase(oldest);
}

std::string Sessions::open(const std::string& account, Instant set_up, Instant now) {
  auto cookie = base64url(random_.bytes(session_key_bytes));
  const std::lock_guard guard(mutex_);
  make_room(account, now);
  sessions_[name_of(cookie)] = {account, set_up, now, now};
  return cookie;
}

std::optional<Session> Sessions::find(const std::string& name, Instant now, bool touch) {
  const std::lock_guard guard(mutex_);
  const auto found = sessions_.find(name);
  if (found == sessions_.end()) return std::nullopt;
  if (!lasts(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  if (touch) found->second.used = std::max(found->second.used, now);
  return found->second;
}

void Sessions::end(const std::string& name) {
  const std::lock_guard guard(mutex_);
  sessions_.erase(name);
}

void Sessions::end_all_of(std::string_view account) {
  const std::lock_guard guard(mutex_);
  std::erase_if(sessions_, [&](const auto& item) { return item.second.account == account; });
}

std::string Sessions::csrf(std::string_view name) const {
  return base64url(view(hmac_sha256(csrf_key_, name)));
}

}  // namespace comity::api
