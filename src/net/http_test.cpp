#include "net/http.h"

#include <gtest/gtest.h>

namespace comity::net {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Http, HeaderNamesAreComparedWithoutCase) {
  Request request;
  request.headers = {{"Content-TYPE", "a"}, {"X", "b"}, {"content-type", "c"}};
  EXPECT_EQ(request.header("content-type"), "a");
  EXPECT_EQ(request.header("x"), "b");
  EXPECT_EQ(request.header("content-typ"), std::nullopt);
}

TEST(Http, QueryIsDecoded) {
  EXPECT_EQ(parse_query("").value(), Pairs{});
  EXPECT_EQ(parse_query("match%5Bid%5D=a%2Cb&x=1+2&&flag&=v&y=a=b").value(),
            (Pairs{{"match[id]", "a,b"}, {"x", "1 2"}, {"flag", ""}, {"", "v"}, {"y", "a=b"}}));
  EXPECT_EQ(percent_decode("a+%c3%A4").value(), "a+\xc3\xa4");
}

TEST(Http, MalformedEscapesAreRefused) {
  for (const char* text : {"%", "a%4", "%g0", "%0g", "a=%%", "%-1"}) {
    EXPECT_EQ(percent_decode(text).error().kind, ErrorKind::InvalidInput) << text;
    EXPECT_FALSE(parse_query(text).has_value()) << text;
  }
}

TEST(Http, EncodingIsTheInverseOfDecoding) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(percent_encode(all)).value(), all);
  EXPECT_EQ(percent_encode("a-._~ /+"), "a-._~%20%2F%2B");
}

TEST(Http, ResponseIsFramed) {
  const Response response{200, {{"X", "y"}, {"Content-Length", "9"}, {"connection", "z"}}, "body"};
  EXPECT_EQ(response_bytes(response, {false, true, 784111777}).value(),
            "HTTP/1.1 200 OK\r\nX: y\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Length: 4\r\nConnection: keep-alive\r\n\r\nbody");
  EXPECT_EQ(response_bytes(response, {true, false, 0}).value(),
            "HTTP/1.1 200 OK\r\nX: y\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Content-Length: 4\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response_bytes({204, {}, "ignored"}, {false, true, 0}).value(),
            "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(Http, AStreamIsFramedInChunks) {
  const Response response{200, {{"X", "y"}, {"transfer-encoding", "z"}}, "ignored"};
  EXPECT_EQ(response_bytes(response, {false, false, 0, true}).value(),
            "HTTP/1.1 200 OK\r\nX: y\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(chunk("abc"), "3\r\nabc\r\n");
  EXPECT_EQ(chunk(std::string(17, 'x')).substr(0, 4), "11\r\n");
  EXPECT_EQ(chunk({}), "0\r\n\r\n");
}

TEST(Http, ASharedBodyStandsInPlaceOfTheOwn) {
  Response response{200, {}, ""};
  response.shared = std::make_shared<const std::string>("shared");
  EXPECT_EQ(response.content(), "shared");
  const std::string head =
      "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
      "Content-Length: 6\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(response_bytes(response, {false, false, 0}).value(), head + "shared");
  EXPECT_EQ(response_bytes(response, {true, false, 0}).value(), head);
  EXPECT_EQ(response_bytes(response, {false, false, 0, false, true}).value(), head);
}

TEST(Http, AResponseCannotBeSplit) {
  EXPECT_FALSE(response_bytes({200, {{"X", "a\r\nSet-Cookie: b"}}, ""}, {}).has_value());
  EXPECT_FALSE(response_bytes({200, {{"X: a\r\nY", "b"}}, ""}, {}).has_value());
  EXPECT_FALSE(response_bytes({200, {{"", "b"}}, ""}, {}).has_value());
  EXPECT_FALSE(response_bytes({199, {}, ""}, {}).has_value());
  EXPECT_FALSE(response_bytes({600, {}, ""}, {}).has_value());
  EXPECT_TRUE(response_bytes({599, {{"X", "a\tb \xc3\xa4"}}, ""}, {}).has_value());
}

TEST(Http, ADateIsReadInItsOneFormOnly) {
  EXPECT_EQ(read_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(read_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  for (const auto* wrong : {"", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
                            "Sun, 06 nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                            "Sun Nov  6 08:49:37 1994", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "}) {
    EXPECT_FALSE(read_date(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace comity::net
