#include "api/etag.h"

#include <gtest/gtest.h>

namespace comity::api {
namespace {

TEST(Etag, IsTheDigestOfTheBody) {
  // SHA-256 of nothing, FIPS 180-4.
  EXPECT_EQ(etag_of(""), "\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"");
  EXPECT_NE(etag_of("a"), etag_of("b"));
}

TEST(Etag, IsFoundInAList) {
  const auto tag = etag_of("a");
  for (const auto& list : {tag, "W/" + tag, "\"x\", " + tag, "\"x\"," + tag + " ,\"y\"",
                           std::string("*"), " \t" + tag}) {
    EXPECT_TRUE(names_etag(list, tag)) << list;
  }
  for (const auto& list : {std::string(), std::string("\"x\""), tag.substr(1), tag + "x",
                           std::string(","), etag_of("b"), "w/" + tag}) {
    EXPECT_FALSE(names_etag(list, tag)) << list;
  }
}

}  // namespace
}  // namespace comity::api
