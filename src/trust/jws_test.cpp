#include "trust/jws.h"

#include <gtest/gtest.h>
// rapidcheck's header for GoogleTest needs GoogleTest's before it.
#include <rapidcheck/gtest.h>

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

TEST(Jws, OnlyTheOneHeaderIsTaken) {
  const auto good = right_header();
  ASSERT_TRUE(verify(signed_under(good, some_object())));
  const auto kid = key_id(key_1().public_key());
  const std::string typ = R"(,"typ":"comity-receipt"})";
  const std::string front = R"({"alg":"EdDSA","b64":false,"crit":["b64"],"kid":")";
  const std::vector<std::string> headers = {
      "",
      "{}",
      " " + good,
      good + "\n",
      R"({"alg":"none","b64":false,"crit":["b64"],"kid":")" + kid + "\"" + typ,
      R"({"alg":"HS256","b64":false,"crit":["b64"],"kid":")" + kid + "\"" + typ,
      R"({"alg":"ES256","b64":false,"crit":["b64"],"kid":")" + kid + "\"" + typ,
      R"({"alg":"Ed25519","b64":false,"crit":["b64"],"kid":")" + kid + "\"" + typ,
      R"({"alg":"EdDSA","b64":true,"crit":["b64"],"kid":")" + kid + "\"" + typ,
      R"({"alg":"EdDSA","b64":false,"crit":[],"kid":")" + kid + "\"" + typ,
      R"({"alg":"EdDSA","b64":false,"kid":")" + kid + "\"" + typ,
      R"({"alg":"EdDSA","crit":["b64"],"kid":")" + kid + "\"" + typ,
      R"({"alg":"EdDSA","kid":")" + kid + "\"" + typ,
      R"({"b64":false,"alg":"EdDSA","crit":["b64"],"kid":")" + kid + "\"" + typ,
      R"({"alg":"EdDSA","b64":false,"crit":["b64"],"jwk":{},"kid":")" + kid + "\"" + typ,
      front + key_id(key_2().public_key()) + "\"" + typ,
      front + "\"" + typ,
      front + kid + R"(","typ":"comity-recall"})",
      front + kid + "\"}",
  };
  for (const auto& header : headers) {
    const auto status = verify(signed_under(header, some_object()));
    ASSERT_FALSE(status) << header;
    EXPECT_EQ(status.error().kind, ErrorKind::NotVerified);
  }
}

TEST(Jws, OtherFormsOfTheSignatureAreRefused) {
  const auto good = signature_of(signed_object());
  const auto points = good.find("..");
  const auto header = good.substr(0, points);
  const auto signature = good.substr(points + 2);
  auto payload = some_object();
  const std::vector<std::string> texts = {
      "",
      "..",
      header,
      header + "..",
      ".." + signature,
      header + "." + signature,
      header + "..." + signature,
      header + "." + base64url(json::canonical(payload)) + "." + signature,
      good + ".",
      good + "=",
      good + " ",
      " " + good,
      good + good,
      good + "," + good,
      good + ".." + signature,
      good + "A",
      header + ".." + signature.substr(0, signature.size() - 1),
      header + ".." + base64url(from_base64url(signature)->substr(0, 63)),
      header + ".." + base64url(*from_base64url(signature) + "x"),
      header + ".." + base64url(std::string(64, '\0')),
  };
  for (const auto& text : texts) {
    auto object = some_object();
    object.set("signature", text);
    EXPECT_FALSE(verify(object)) << text;
  }
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

TEST(JwsDeathTest, AnObjectWithoutTypeCannotBeSigned) {
  json::Object object;
  EXPECT_DEATH(sign_object(object, key_1()), "type != nullptr");
}

}  // namespace
}  // namespace comity::trust
