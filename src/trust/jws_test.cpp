#include "trust/jws.h"

#include <gtest/gtest.h>
// rapidcheck's header for GoogleTest needs GoogleTest's before it.
#include <fmt/format.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "json/parse.h"
#include "json/write.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

json::Object parsed(const std::string& text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *value->object() : json::Object();
}

json::Object some_object() {
  return parsed(R"({"type":"comity-receipt","z":[1,2.5,null],"a":"é","signer":{"signature":"x"}})");
}

json::Object signed_object() {
  auto object = some_object();
  sign_object(object, key_1());
  return object;
}

std::string signature_of(const json::Object& object) { return *object.find("signature")->string(); }

Status verify(const json::Object& object) { return verify_object(object, key_1().public_key()); }

// A signature under a header of the tester's choice, correct in all else.
json::Object signed_under(const std::string& header_text, json::Object object) {
  object.erase("signature");
  const auto header = base64url(header_text);
  const auto signature = key_1().sign(header + "." + json::canonical(object));
  object.set("signature", header + ".." + base64url(signature));
  return object;
}

std::string right_header() {
  return R"({"alg":"EdDSA","b64":false,"crit":["b64"],"kid":")" + key_id(key_1().public_key()) +
         R"(","typ":"comity-receipt"})";
}

TEST(Jws, SignedObjectVerifies) {
  const auto object = signed_object();
  const auto status = verify(object);
  EXPECT_TRUE(status) << status.error().text();
  EXPECT_EQ(object.size(), some_object().size() + 1);
}

TEST(Jws, FormIsHeaderTwoPointsSignature) {
  // Put together here from the RFCs, without the code under test.
  const auto header = base64url(right_header());
  const auto payload =
      R"({"a":"é","signer":{"signature":"x"},"type":"comity-receipt","z":[1,2.5,null]})";
  const auto signature = key_1().sign(header + "." + payload);
  EXPECT_EQ(signature_of(signed_object()), header + ".." + base64url(signature));
}

TEST(Jws, SigningAgainReplacesTheSignature) {
  auto object = signed_object();
  const auto once = object;
  sign_object(object, key_1());
  EXPECT_EQ(object, once);
  sign_object(object, key_2());
  EXPECT_FALSE(verify(object));
  EXPECT_TRUE(verify_object(object, key_2().public_key()));
}

TEST(Jws, OrderAndSpellingOfMembersDoNotMatter) {
  const auto object = signed_object();
  EXPECT_TRUE(verify(parsed(json::write_pretty(object))));
  EXPECT_TRUE(verify(parsed(json::canonical(object))));
}

TEST(Jws, EveryAlteredByteIsRefused) {
  const auto text = json::canonical(signed_object());
  int parsed_count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int mask : {0x01, 0x04, 0x10, 0x20}) {
      auto bad = text;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      const auto value = json::parse(bad);
      if (!value || value->object() == nullptr) continue;
      if (json::canonical(*value) == text) continue;
      ++parsed_count;
      const auto status = verify(*value->object());
      ASSERT_FALSE(status) << "byte " << i << ": " << bad;
      EXPECT_EQ(status.error().kind, ErrorKind::NotVerified);
    }
  }
  EXPECT_GT(parsed_count, 500);
}

TEST(Jws, AddedAndRemovedMembersAreRefused) {
  for (const auto* name : {"a", "z", "signer", "type"}) {
    auto object = signed_object();
    object.erase(name);
    EXPECT_FALSE(verify(object)) << "without " << name;
  }
  auto object = signed_object();
  object.set("more", nullptr);
  EXPECT_FALSE(verify(object));
}

TEST(Jws, AnotherTypeKeyOrNoSignatureIsRefused) {
  auto other_type = signed_object();
  other_type.set("type", "comity-recall");
  EXPECT_FALSE(verify(other_type));
  EXPECT_FALSE(verify_object(signed_object(), key_2().public_key()));
  EXPECT_FALSE(verify_object(signed_object(), ""));
  EXPECT_FALSE(verify(some_object()));
  EXPECT_FALSE(verify(json::Object()));
  auto no_text = signed_object();
  no_text.set("type", 1);
  EXPECT_FALSE(verify(no_text));
  auto empty = signed_object();
  empty.set("type", "");
  EXPECT_FALSE(verify(empty));
}

// What is signed under, or stands as, something else than the one form; by the name of what
// differs.
using Vectors = std::vector<std::pair<std::string, std::string>>;

// The right header with one of its members written otherwise; an empty text leaves it out.
std::string header_with(const std::string& member, const std::string& text) {
  std::string out;
  for (const auto& [name, value] :
       Vectors{{"alg", R"("alg":"EdDSA")"},
               {"b64", R"("b64":false)"},
               {"crit", R"("crit":["b64"])"},
               {"kid", R"("kid":")" + key_id(key_1().public_key()) + "\""},
               {"typ", R"("typ":"comity-receipt")"}}) {
    const auto& written = name == member ? text : value;
    if (!written.empty()) out += (out.empty() ? "{" : ",") + written;
  }
  return out + "}";
}

Vectors bad_members() {
  Vectors out;
  const auto add = [&out](const std::string& member, const std::string& value) {
    out.emplace_back(fmt::format("{} {}", member, value),
                     header_with(member, fmt::format("\"{}\":{}", member, value)));
  };
  for (const auto* alg : {"none", "None", "NONE", "HS256", "HS384", "HS512", "RS256", "PS256",
                          "ES256", "ES384", "ES512", "ES256K", "Ed448", "Ed25519", "eddsa", ""}) {
    add("alg", fmt::format("\"{}\"", alg));
  }
  for (const auto* other : {"null", "1", R"(["EdDSA"])"}) add("alg", other);
  for (const auto* other : {"true", "null", "0", R"("false")"}) add("b64", other);
  for (const auto* other :
       {"[]", R"(["exp"])", R"(["b64","exp"])", R"(["b64","b64"])", R"("b64")", "null"}) {
    add("crit", other);
  }
  const auto kid = key_id(key_1().public_key());
  add("kid", "\"" + key_id(key_2().public_key()) + "\"");
  add("kid", "\"" + kid.substr(1) + "\"");
  add("kid", "\"" + kid + "0\"");
  for (const auto* other : {R"("")", "null", "1"}) add("kid", other);
  for (const auto* other : {R"("comity-recall")", R"("comity-disclosure")", R"("Comity-Receipt")",
                            R"("comity-receipt ")", R"("JWT")", R"("")", "null"}) {
    add("typ", other);
  }
  for (const auto* member : {"alg", "b64", "crit", "kid", "typ"}) {
    out.emplace_back(fmt::format("without {}", member), header_with(member, ""));
  }
  for (const auto* more : {R"("jwk":{})", R"("jku":"https://x.example")", R"("x5c":[])",
                           R"("x5u":"https://x.example")", R"("cty":"json")", R"("exp":1)",
                           R"("zip":"DEF")", R"("nonce":"1")"}) {
    out.emplace_back(fmt::format("with {}", more),
                     header_with("crit", fmt::format(R"("crit":["b64"],{})", more)));
  }
  return out;
}

Vectors bad_forms() {
  const auto good = right_header();
  const auto inner = good.substr(1, good.size() - 2);
  return {
      {"empty header", ""},
      {"header without members", "{}"},
      {"header that is an array", "[" + good + "]"},
      {"header that is a text", "\"" + good.substr(2, 3) + "\""},
      {"blank before the header", " " + good},
      {"LF behind the header", good + "\n"},
      {"blank within the header", "{ " + inner + "}"},
      {"byte order mark before the header", "\xEF\xBB\xBF" + good},
      {"header twice", good + good},
      {"NUL behind the header", good + std::string(1, '\0')},
      {"a member twice", "{" + inner + R"(,"alg":"EdDSA"})"},
      {"members in another order",
       R"({"b64":false,"alg":"EdDSA",)" + inner.substr(inner.find("\"crit")) + "}"},
      {"comma behind the last member", "{" + inner + ",}"},
      {"header cut short", good.substr(0, good.size() - 1)},
      {"escaped letter in a name", "{\"\\u0061lg" + inner.substr(4) + "}"},
  };
}

TEST(Jws, OnlyTheOneHeaderIsTaken) {
  ASSERT_TRUE(verify(signed_under(right_header(), some_object())));
  ASSERT_EQ(header_with("", ""), right_header());
  std::set<std::string> names;
  for (const auto& vectors : {bad_members(), bad_forms()}) {
    for (const auto& [name, header] : vectors) {
      const auto status = verify(signed_under(header, some_object()));
      ASSERT_FALSE(status) << name;
      EXPECT_EQ(status.error().kind, ErrorKind::NotVerified) << name;
      EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    }
  }
  EXPECT_GE(names.size(), 70U);
}

TEST(Jws, OtherFormsOfTheSignatureAreRefused) {
  const auto good = signature_of(signed_object());
  const auto points = good.find("..");
  const auto header = good.substr(0, points);
  const auto signature = good.substr(points + 2);
  const auto raw = *from_base64url(signature);
  auto flipped = raw;
  flipped[0] = static_cast<char>(flipped[0] ^ 1);
  const Vectors vectors = {
      {"empty", ""},
      {"two points alone", ".."},
      {"header alone", header},
      {"no signature behind the points", header + ".."},
      {"no header before the points", ".." + signature},
      {"one point", header + "." + signature},
      {"three points", header + "..." + signature},
      {"attached payload",
       header + "." + base64url(json::canonical(some_object())) + "." + signature},
      {"point behind", good + "."},
      {"padding behind", good + "="},
      {"padding behind the header", header + "=.." + signature},
      {"blank behind", good + " "},
      {"blank in front", " " + good},
      {"LF behind", good + "\n"},
      {"LF within", header + "..\n" + signature},
      {"twice", good + good},
      {"twice with a comma", good + "," + good},
      {"two signatures", good + ".." + signature},
      {"a letter more", good + "A"},
      {"a letter less", header + ".." + signature.substr(0, signature.size() - 1)},
      {"63 bytes", header + ".." + base64url(raw.substr(0, 63))},
      {"65 bytes", header + ".." + base64url(raw + "x")},
      {"64 zero bytes", header + ".." + base64url(std::string(64, '\0'))},
      {"64 bytes of ones", header + ".." + base64url(std::string(64, '\xFF'))},
      {"a flipped bit", header + ".." + base64url(flipped)},
      {"halves exchanged", header + ".." + base64url(raw.substr(32) + raw.substr(0, 32))},
      {"S of zero", header + ".." + base64url(raw.substr(0, 32) + std::string(32, '\0'))},
      {"base64 of the other alphabet", header + ".." + base64(raw)},
      {"hexadecimal", header + ".." + hex(raw)},
      {"the header unencoded", right_header() + ".." + signature},
  };
  std::set<std::string> names;
  for (const auto& [name, text] : vectors) {
    auto object = some_object();
    object.set("signature", text);
    EXPECT_FALSE(verify(object)) << name;
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
  }
  EXPECT_GE(names.size(), 30U);
  for (std::size_t size = 0; size < good.size(); ++size) {
    auto object = some_object();
    object.set("signature", good.substr(0, size));
    EXPECT_FALSE(verify(object)) << "cut to " << size;
  }
}

TEST(Jws, TwoSignaturesAreRefused) {
  auto object = signed_object();
  const auto good = signature_of(object);
  object.set("signature", json::Array{good, good});
  EXPECT_FALSE(verify(object));
  object.set("signature", json::Array{good});
  EXPECT_FALSE(verify(object));
  json::Object general;
  general.set("signature", good);
  object.set("signature", general);
  EXPECT_FALSE(verify(object));
  object.set("signature", nullptr);
  EXPECT_FALSE(verify(object));
  const auto text = json::canonical(signed_object());
  const auto twice = text.substr(0, text.size() - 1) + R"(,"signature":")" + good + "\"}";
  EXPECT_FALSE(json::parse(twice));
}

TEST(Jws, SaysWhichPartDoesNotHold) {
  EXPECT_NE(verify(some_object()).error().message.find("not signed"), std::string::npos);
  const auto wrong_key = verify_object(signed_object(), key_2().public_key());
  EXPECT_NE(wrong_key.error().message.find(key_id(key_2().public_key())), std::string::npos);
  auto changed = signed_object();
  changed.set("a", "b");
  EXPECT_NE(verify(changed).error().message.find("changed"), std::string::npos);
  EXPECT_EQ(verify(changed).error().where, "$.signature");
}

RC_GTEST_PROP(JwsLaw, AnyObjectVerifiesUntilAMemberChanges, ()) {
  auto object = json::Object();
  const auto word = rc::gen::container<std::string>(rc::gen::inRange('a', '{'));
  object.set("type", "t" + *word);
  const auto members = *rc::gen::container<std::vector<std::pair<std::string, std::int32_t>>>(
      rc::gen::pair(word, rc::gen::arbitrary<std::int32_t>()));
  for (const auto& [name, value] : members) object.set("m" + name, value);
  sign_object(object, key_1());
  RC_ASSERT(verify(object).has_value());
  RC_PRE(!members.empty());
  const auto& [name, value] = *rc::gen::elementOf(members);
  auto changed = object;
  const auto before = *changed.find("m" + name)->integer();
  changed.set("m" + name, before + 1);
  RC_ASSERT(!verify(changed));
}

// What somebody signs elsewhere is what is signed here.
TEST(Jws, TheInputIsWhatIsSigned) {
  auto object = signed_object();
  const std::string signature = *object.find("signature")->string();
  const auto input = signing_input(object, key_1().public_key());
  const auto header = input.substr(0, input.find('.'));
  EXPECT_EQ(header + ".." + base64url(key_1().sign(input)), signature);
  object.erase("signature");
  EXPECT_EQ(signing_input(object, key_1().public_key()), input);
  EXPECT_EQ(input.substr(header.size() + 1), json::canonical(object));
  EXPECT_NE(signing_input(object, key_2().public_key()), input);
}

TEST(JwsDeathTest, AnObjectWithoutTypeCannotBeSigned) {
  json::Object object;
  EXPECT_DEATH(sign_object(object, key_1()), "type != nullptr");
}

}  // namespace
}  // namespace comity::trust
