// The routes of signing in and of setting up an account.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/account_json.h"
#include "api/accounts.h"
#include "api/route.h"

namespace comity::api {
namespace {

constexpr std::size_t setup_token_text_bytes_max = 256;
constexpr std::array<std::string_view, 2> languages = {"en", "ar"};

// Never told to scripts of the page, never sent from a page of others. Where the connection is TLS,
// the enforcement point adds that the cookie is sent over TLS only.
std::string cookie_field(std::string_view value) {
  return fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/{}", session_cookie, value,
                     value.empty() ? "; Max-Age=0" : "");
}

Answer answer_of(json::Object body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Answer nothing() {
  Answer answer;
  answer.status = 204;
  return answer;
}

Result<Answer> sign_in(Call& call) {
  TRY_STATUS(members(call, {"account", "password", "code"}));
  Credentials given;
  TRY(given.account, text_member(call, "account", sign_in_text_bytes_max));
  TRY(given.password, text_member(call, "password", trust::password_bytes_max));
  TRY(given.code, text_member(call, "code", sign_in_text_bytes_max));
  TRY(const auto signed_in,
      call.accounts.sign_in(given, call.request.remote_address, call.node.now()));
  // Whoever was signed in with this browser is not any more.
  if (!call.caller.session.empty()) call.accounts.sign_out(call.caller);
  auto answer = answer_of(to_json(signed_in.session));
  answer.headers.emplace_back("Set-Cookie", cookie_field(signed_in.cookie));
  return answer;
}

Result<Answer> read_session(Call& call) {
  TRY(const auto session, call.accounts.session_of(call.caller, call.node.now()));
  return answer_of(to_json(session));
}

Result<Answer> sign_out(Call& call) {
  call.accounts.sign_out(call.caller);
  auto answer = nothing();
  answer.headers.emplace_back("Set-Cookie", cookie_field(""));
  return answer;
}

Result<Answer> set_preferences(Call& call) {
  TRY_STATUS(members(call, {"language"}));
  TRY(const auto language, text_member(call, "language", sign_in_text_bytes_max));
  if (std::find(languages.begin(), languages.end(), language) == languages.end()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no language of the pages; expected one of {}", language,
                            fmt::join(languages, ", ")),
                "$.language");
  }
  TRY_STATUS(call.accounts.set_language(call.caller, language));
  return read_session(call);
}

Result<Answer> open_setup(Call& call) {
  TRY_STATUS(members(call, {"token"}));
  TRY(const auto token, text_member(call, "token", setup_token_text_bytes_max));
  TRY(const auto setup, call.accounts.setup(token, call.node.now()));
  return answer_of(to_json(setup));
}

Result<Answer> complete_setup(Call& call) {
  TRY_STATUS(members(call, {"token", "password", "code"}));
  TRY(const auto token, text_member(call, "token", setup_token_text_bytes_max));
  TRY(const auto password, text_member(call, "password", trust::password_bytes_max));
  TRY(const auto code, text_member(call, "code", sign_in_text_bytes_max));
  TRY_STATUS(call.accounts.complete_setup(token, password, code, call.node.now()));
  return nothing();
}

Route open(std::string_view operation, std::string_view method, std::string_view path, Body body,
           Result<Answer> (*handle)(Call&)) {
  return {.operation = operation,
          .method = method,
          .path = path,
          .access = Access::Open,
          .roles = {},
          .query = {},
          .body = body,
          .fresh_factor = false,
          .handle = handle};
}

Route for_signed_in(std::string_view operation, std::string_view method, std::string_view path,
                    Body body, Result<Answer> (*handle)(Call&)) {
  auto out = open(operation, method, path, body, handle);
  out.access = Access::SignedIn;
  out.roles = RoleSet::all();
  return out;
}

}  // namespace

std::vector<Route> session_routes() {
  return {
      open("signIn", "POST", "/api/v1/session", Body::Json, sign_in),
      open("readSession", "GET", "/api/v1/session", Body::None, read_session),
      for_signed_in("signOut", "DELETE", "/api/v1/session", Body::None, sign_out),
      for_signed_in("setPreferences", "PUT", "/api/v1/session/preferences", Body::Json,
                    set_preferences),
      open("openSetup", "POST", "/api/v1/setup", Body::Json, open_setup),
      open("completeSetup", "POST", "/api/v1/setup/complete", Body::Json, complete_setup),
  };
}

}  // namespace comity::api
