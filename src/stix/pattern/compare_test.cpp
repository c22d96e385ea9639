#include "stix/pattern/compare.h"

#include <gtest/gtest.h>

#include "stix/pattern/test_world.h"

namespace comity::stix::pattern {
namespace {

constexpr const char* every_kind =
    R"("int":5,"float":1.5,"whole":2.0,"yes":true,"text":"hello","null":null,"list":[1,"a",3],)"
    R"("map":{"k-1":7},"time":"2020-01-01T00:00:00.123456789Z","ip":"10.1.2.3","v6":"2001:db8::5",)"
    R"("net":"10.0.0.0/9","a_hex":"616C","b_bin":"YWz/","big":9007199254740991,)"
    R"("nfd":"e\u0301","nfc":"\u00e9","high":"\u0103")";

std::string answer_of(const std::string& test) {
  return test::answer("[" + test + "]", test::one(every_kind));
}

void expect_all(const char* expected, std::initializer_list<const char*> tests) {
  for (const char* test : tests) EXPECT_EQ(answer_of(test), expected) << test;
}

TEST(PatternCompare, Numbers) {
  expect_all("yes", {"x:int = 5", "x:int = 5.0", "x:int != 5.0001", "x:int < 5.5", "x:int >= 5",
                     "x:float > 1", "x:whole = 2", "x:int IN (1, 5.0)", "x:int NOT IN (4, 6)",
                     "x:big = 9007199254740991", "x:big < 9007199254740992", "x:int NOT > 5"});
  expect_all("no", {"x:int = 4", "x:int != 5", "x:int > 5", "x:int NOT = 5", "x:float < 1.5",
                    "x:int IN ()", "x:big = 9007199254740990", "x:big >= 9007199254740992.0"});
}

// A value of another type differs, and no more.
TEST(PatternCompare, TypesThatDoNotFit) {
  for (const char* path : {"x:int", "x:yes", "x:null", "x:list", "x:map"}) {
    for (const char* constant : {"'5'", "h'05'", "t'2020-01-01T00:00:00Z'"}) {
      const auto test = [&](const char* comparison) {
        return answer_of(std::string(path) + " " + comparison + " " + constant);
      };
      for (const char* comparison : {"=", "NOT !=", "<", ">=", "<=", ">"}) {
        EXPECT_EQ(test(comparison), "no") << path << comparison << constant;
      }
      for (const char* comparison : {"!=", "NOT =", "NOT <"}) {
        EXPECT_EQ(test(comparison), "yes") << path << comparison << constant;
      }
    }
  }
  expect_all("yes", {"x:yes != 1", "x:yes NOT IN (1, 2)", "x:int NOT LIKE '5'",
                     "x:int NOT MATCHES '5'", "x:int NOT ISSUBSET '10.0.0.0/8'",
                     "x:null NOT ISSUPERSET '10.0.0.0/8'", "x:text != 5", "x:text != true"});
  expect_all("no", {"x:yes = 1", "x:int = true", "x:int LIKE '5'", "x:int MATCHES '5'",
                    "x:int ISSUBSET '0.0.0.0/0'", "x:text = 5", "x:null IN ('a')"});
}

TEST(PatternCompare, BooleansAreTheSameOrNot) {
  expect_all("yes", {"x:yes = true", "x:yes != false", "x:yes IN (false, true)"});
  expect_all("no", {"x:yes = false", "x:yes != true", "x:yes IN (false)"});
}

TEST(PatternCompare, TextsByCodePointsAndBytes) {
  expect_all("yes", {"x:text = 'hello'", "x:text < 'hellp'", "x:text >= 'Hello'",
                     "x:high > '\xC3\xBF'", "x:a_hex = 'al'", "x:a_hex = h'616c'",
                     "x:a_hex = b'YWw='", "x:b_bin = 'al\xC3\xBF'", "x:b_bin > 'al'",
                     "x:text = h'68656c6c6f'", "x:text < b'aQ=='", "x:a_hex != '\xC4\x83'",
                     "x:high != h'61'", "x:nfd != '\xC3\xA9'", "x:nfc = '\xC3\xA9'"});
  expect_all("no", {"x:text = 'Hello'", "x:a_hex = '616C'", "x:b_bin = '\xC4\x83'",
                    "x:b_bin < '\xC4\x83'", "x:b_bin > '\xC4\x83'", "x:high > h'61'",
                    "x:high = h'61'", "x:nfd = '\xC3\xA9'", "x:nfd IN ('\xC3\xA9')"});
}

TEST(PatternCompare, TimestampsExactlyAndOtherTextIsAnError) {
  expect_all(
      "yes",
      {"x:time = t'2020-01-01T00:00:00.1234567890Z'", "x:time > t'2020-01-01T00:00:00.123456788Z'",
       "x:time < t'2020-01-01T00:00:00.12345679Z'", "x:time = '2020-01-01T00:00:00.123456789Z'",
       "x:time IN (t'2019-01-01T00:00:00Z', t'2020-01-01T00:00:00.123456789Z')"});
  for (const char* test :
       {"x:text = t'2020-01-01T00:00:00Z'", "x:text != t'2020-01-01T00:00:00Z'",
        "x:text IN (t'2020-01-01T00:00:00Z')", "x:int = 5 OR x:text > t'2020-01-01T00:00:00Z'"}) {
    EXPECT_EQ(answer_of(test),
              "o: found 'hello', which is no timestamp, where one is compared with "
              "2020-01-01T00:00:00Z");
  }
}

TEST(PatternCompare, LikeAndMatchesOnNormalForms) {
  expect_all("yes",
             {"x:text LIKE 'h%o'", "x:text LIKE 'hell_'", "x:nfd LIKE '_'", "x:nfd LIKE '\xC3\xA9'",
              "x:nfc LIKE 'e\xCC\x81'", "x:nfd MATCHES '^.$'", "x:text MATCHES 'l+'",
              "x:b_bin LIKE 'al_'", "x:b_bin MATCHES '\\\\xff$'", "x:b_bin NOT LIKE '\xC4\x83'",
              "x:b_bin NOT MATCHES '\xC4\x83'", "x:a_hex MATCHES '^a'"});
  expect_all("no", {"x:text LIKE 'hell'", "x:text LIKE 'H%'", "x:text NOT MATCHES 'l+'",
                    "x:text MATCHES '^l'", "x:b_bin LIKE 'al'"});
  EXPECT_NE(answer_of("x:none MATCHES '('").find("is none for PCRE"), std::string::npos);
}

TEST(PatternCompare, NetworksOfBothFamilies) {
  expect_all("yes", {"x:ip ISSUBSET '10.0.0.0/8'", "x:ip ISSUBSET '10.1.2.3'",
                     "x:ip ISSUBSET '1.2.3.4/0'", "x:net ISSUPERSET '10.5.0.0/16'",
                     "x:net NOT ISSUPERSET '10.128.0.0/16'", "x:v6 ISSUBSET '2001:DB8::/32'",
                     "x:v6 NOT ISSUBSET '0.0.0.0/0'", "x:text NOT ISSUBSET '0.0.0.0/0'"});
  expect_all("no", {"x:ip ISSUBSET '10.1.2.4'", "x:net ISSUBSET '10.0.0.0/10'",
                    "x:text ISSUBSET '0.0.0.0/0'", "x:text ISSUPERSET '::1'"});
  EXPECT_EQ(answer_of("x:none ISSUBSET 'hello'"),
            "found 'hello' in x:none, expected an IPv4 or IPv6 address or block");
}

TEST(PatternCompare, Paths) {
  expect_all("yes", {"x:list[0] = 1", "x:list[*] = 'a'", "x:list[*] != 1", "x:map.'k-1' = 7",
                     "EXISTS x:null", "EXISTS x:list[2]", "NOT EXISTS x:none",
                     "NOT EXISTS x:list[3]", "x:list[2] = 3 AND x:int = 5",
                     "x:none = 1 OR x:int = 5", "x:type = 'x'", "x:id = 'x--1'"});
  expect_all("no", {"x:list[3] = 1", "x:list[-1] = 3", "x:list = 1", "x:none = 1", "x:none != 1",
                    "x:none NOT = 1", "x:map[0] = 7", "x:text[0] = 'h'", "x:text.y = 1",
                    "EXISTS x:none", "NOT EXISTS x:int", "y:int != 5", "NOT EXISTS y:int",
                    "x:a_hex[0] = 97", "x:int = 5 AND y:int = 5"});
}

TEST(PatternCompare, BinaryThatIsNotEncodedSoIsAnError) {
  EXPECT_EQ(test::answer("[x:a_hex = 'a']", test::one(R"("a_hex":"6")")),
            "o: the value of 'a_hex' is no hexadecimal");
  EXPECT_EQ(test::answer("[x:a_bin = 'a']", test::one(R"("a_bin":"?")")),
            "o: the value of 'a_bin' is no base64");
  EXPECT_EQ(test::answer("[x:a_bin = 5]", test::one(R"("a_bin":5)")), "yes");
}

std::string with_neighbours(const std::string& pattern, const std::string& references) {
  return test::answer(
      pattern,
      R"({"type":"bundle","objects":[{"type":"observed-data","id":"o","number_observed":1,)"
      R"("first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z",)"
      R"("object_refs":["x--1","y--1","y--2"]},{"type":"x","id":"x--1",)" +
          references +
          R"(},{"type":"y","id":"y--1","n":1,"back_ref":"x--1"},{"type":"y","id":"y--2","n":2},)"
          R"({"type":"y","id":"y--3","n":3}]})");
}

TEST(PatternCompare, ReferencesWithinTheObservation) {
  const auto* const both = R"("a_ref":"y--1","b_refs":["y--2","y--3","y--1"],"m":9)";
  for (const char* pattern :
       {"[x:a_ref.n = 1]", "[x:a_ref.back_ref.m = 9]", "[x:b_refs[*].n = 1]", "[x:b_refs[0].n = 2]",
        "[x:b_refs[1].n = 1]", "[x:a_ref.type = 'y']", "[EXISTS x:b_refs]"}) {
    EXPECT_EQ(with_neighbours(pattern, both), "yes") << pattern;
  }
  for (const char* pattern : {"[x:b_refs[*].n = 3]", "[x:b_refs[2].n = 1]", "[x:a_ref = 'y--1']",
                              "[x:a_ref.n = 1 AND y:n = 1]"}) {
    EXPECT_EQ(with_neighbours(pattern, both), "no") << pattern;
  }
  EXPECT_EQ(with_neighbours("[EXISTS x:a_ref]", R"("a_ref":"y--3")"), "no");
  EXPECT_EQ(with_neighbours("[EXISTS x:b_refs]", R"("b_refs":["y--3"])"), "no");
  EXPECT_EQ(with_neighbours("[x:a_ref.n = 1]", R"("a_ref":5)"),
            "o: found integer in 'a_ref', expected the id of an object");
  EXPECT_EQ(with_neighbours("[x:b_refs[*].n = 1]", R"("b_refs":"y--1")"),
            "o: found string in 'b_refs', expected an array of ids");
  EXPECT_EQ(with_neighbours("[x:b_refs[*].n = 1]", R"("b_refs":[null])"),
            "o: found null in 'b_refs', expected ids of objects");
}

TEST(PatternCompare, ValuesOfAPathAreBounded) {
  const auto lists = [](std::size_t outer, std::size_t inner) {
    std::string list = "[0";
    for (std::size_t at = 1; at < inner; ++at) list += ",0";
    list += "]";
    std::string all = R"("l":[)" + list;
    for (std::size_t at = 1; at < outer; ++at) all += "," + list;
    return test::answer("[x:l[*][*] = 1]", test::one(all + "]"));
  };
  EXPECT_EQ(lists(100, path_values_max / 100), "no");
  EXPECT_NE(lists(100, path_values_max / 100 + 1), "no");
}

}  // namespace
}  // namespace comity::stix::pattern
