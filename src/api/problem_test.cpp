#include "api/problem.h"

#include <gtest/gtest.h>

#include "api/test_api.h"
#include "api/text.h"

namespace comity::api {
namespace {

TEST(Problem, SaysKindPlaceAndStatus) {
  const auto response = problem({ErrorKind::InvalidInput, "found 1, expected 2", "$.a"});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.header("content-type"), "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"comity:invalid-input","title":"Bad Request","status":400,)"
            R"("detail":"found 1, expected 2","where":"$.a","kind":"invalid-input"})");
}

TEST(Problem, EveryKindHasTheStatusThatItsHeaderNames) {
  const std::vector<std::pair<ErrorKind, int>> expected = {
      {ErrorKind::InvalidInput, 400},    {ErrorKind::TooLarge, 413},
      {ErrorKind::NotFound, 404},        {ErrorKind::Conflict, 409},
      {ErrorKind::NotPermitted, 403},    {ErrorKind::NotVerified, 403},
      {ErrorKind::Unauthenticated, 401}, {ErrorKind::Unsupported, 415},
      {ErrorKind::Unavailable, 503},     {ErrorKind::Corrupt, 500}};
  for (const auto& [kind, status] : expected) {
    const auto response = problem({kind, "text", ""});
    EXPECT_EQ(response.status, status) << name(kind);
    EXPECT_EQ(test::body_of(response).text("kind"), name(kind));
    EXPECT_EQ(test::body_of(response).find("where"), nullptr);
  }
}

TEST(Problem, OfAnotherStatusIsNoKindOfOurs) {
  const auto response = problem({ErrorKind::Unsupported, "text", ""}, 405);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(test::body_of(response).text("type"), "about:blank");
  EXPECT_EQ(test::body_of(response).text("title"), "Method Not Allowed");
}

TEST(Problem, IsJsonWhateverTheTextHolds) {
  const auto response = problem({ErrorKind::NotFound, "\xff\"\n<script>", "\xc3"});
  EXPECT_EQ(test::body_of(response).text("detail"), "?\"\n<script>");
  EXPECT_EQ(test::body_of(response).text("where"), "?");
}

TEST(Text, OfAnAddressHasNoControlCharacters) {
  EXPECT_TRUE(is_address_text("a b\xc3\xa4"));
  EXPECT_FALSE(is_address_text(std::string_view("a\0", 2)));
  EXPECT_FALSE(is_address_text("a\nb"));
  EXPECT_FALSE(is_address_text("\x7f"));
}

}  // namespace
}  // namespace comity::api
