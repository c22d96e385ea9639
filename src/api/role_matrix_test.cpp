// Every route × every role × nobody, at the enforcement point, made from the table itself; and the
// page docs/role-matrix.md, which is made from the table, too.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "api/test_api.h"
#include "base/file.h"
#include "base/test_source_dir.h"

namespace comity::api {
namespace {

using test::must;
using test::request_of;

constexpr int passed = 299;  // what the stand-in of every handler answers; no check says it

Result<Answer> pass(Call&) {
  Answer answer;
  answer.status = passed;
  return answer;
}

std::vector<Route> with_stand_ins() {
  auto table = routes();
  for (auto& route : table) route.handle = pass;
  return table;
}

// An address of the route.
std::string target_of(const Route& route) {
  std::string out(route.path);
  for (auto begin = out.find('{'); begin != std::string::npos; begin = out.find('{')) {
    out.replace(begin, out.find('}') - begin + 1, "x");
  }
  return out;
}

net::Request good_request(const Route& route, const std::string& session) {
  std::string body;
  if (route.body == Body::Json) body = fmt::format(R"({{"code":"{}"}})", test::good_code);
  if (route.body == Body::Raw) body = "{}";
  return request_of(session, std::string(route.method), target_of(route), body);
}

TEST(RoleMatrix, EveryRoleReachesItsRoutesAndNoOther) {
  test::TestApi sut(with_stand_ins());
  for (std::size_t i = 0; i < role_count; ++i) {
    const auto role = static_cast<Role>(i);
    const auto session = sut.gate.sign_in({role});
    for (const auto& route : sut.table) {
      const bool may = route.access == Access::Open || route.roles.has(role);
      EXPECT_EQ(sut.api.handle(good_request(route, session)).status, may ? passed : 403)
          << name(role) << ' ' << route.operation;
    }
  }
}

TEST(RoleMatrix, NobodyReachesOnlyWhatIsOpen) {
  test::TestApi sut(with_stand_ins());
  for (const auto& route : sut.table) {
    const int expected = route.access == Access::Open ? passed : 401;
    EXPECT_EQ(sut.api.handle(good_request(route, "ended")).status, expected) << route.operation;
    auto request = good_request(route, "ended");
    std::erase_if(request.headers, [](const auto& field) { return field.first == "Cookie"; });
    EXPECT_EQ(sut.api.handle(request).status, expected) << route.operation;
  }
}

TEST(RoleMatrix, AnAccountWithoutARoleReachesOnlyWhatIsOpen) {
  test::TestApi sut(with_stand_ins());
  const auto session = sut.gate.sign_in({});
  for (const auto& route : sut.table) {
    const int expected = route.access == Access::Open ? passed : 403;
    EXPECT_EQ(sut.api.handle(good_request(route, session)).status, expected) << route.operation;
  }
}

TEST(RoleMatrix, NoWriteWithoutTheTokenFromElsewhereOrWithoutTheSecondFactor) {
  test::TestApi sut(with_stand_ins());
  const auto session = sut.gate.sign_in(RoleSet::all());
  for (const auto& route : sut.table) {
    if (route.method == "GET") continue;
    SCOPED_TRACE(std::string(route.operation));
    auto foreign = good_request(route, session);
    test::set_header(foreign, "Origin", "http://attacker.example");
    EXPECT_EQ(sut.api.handle(foreign).status, 403);
    if (route.access == Access::SignedIn) {
      auto without = good_request(route, session);
      test::set_header(without, "X-Comity-CSRF", "");
      EXPECT_EQ(sut.api.handle(without).status, 403);
    }
    if (route.fresh_factor) {
      auto wrong = good_request(route, session);
      wrong.body = R"({"code":"000000"})";
      EXPECT_EQ(sut.api.handle(wrong).status, 403);
      wrong.body = "{}";
      EXPECT_EQ(sut.api.handle(wrong).status, 400);
    }
  }
}

// The page, as the table says it.
std::string matrix_page() {
  std::string out =
      "# Roles and routes\n\n"
      "Made from the table of routes (`src/api/route.h`) by `RoleMatrix.ThePageIsAsTheTable`, "
      "which "
      "fails when this page is another; `COMITY_UPDATE=1` writes it anew. What each cell says is "
      "held at the enforcement point by the tests of `src/api/role_matrix_test.cpp`.\n\n"
      "D duty-officer, A analyst, L legal-adviser, R releasing-officer, H rights-officer, "
      "M administrator, U auditor, O oversight. ✓: may. *open*: without signing in. "
      "+code: with a fresh code of the second factor.\n\n"
      "| operation | method and path | D | A | L | R | H | M | U | O |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& route : routes()) {
    out += fmt::format("| {} | `{} {}`{}{} |", route.operation, route.method, route.path,
                       route.access == Access::Open ? " *open*" : "",
                       route.fresh_factor ? " +code" : "");
    for (std::size_t i = 0; i < role_count; ++i) {
      const bool may = route.access == Access::Open || route.roles.has(static_cast<Role>(i));
      out += may ? " ✓ |" : " |";
    }
    out += "\n";
  }
  return out;
}

TEST(RoleMatrix, ThePageIsAsTheTable) {
  const auto path = comity::test::source_path("docs/role-matrix.md");
  const auto page = matrix_page();
  if (std::getenv("COMITY_UPDATE") != nullptr) must(write_file(path, page));
  const auto found = read_file(path, 1024 * 1024);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_TRUE(*found == page) << path
                              << " is stale; COMITY_UPDATE=1 api_test "
                                 "--gtest_filter=RoleMatrix.ThePageIsAsTheTable writes it anew";
}

}  // namespace
}  // namespace comity::api
