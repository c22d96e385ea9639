#include "exchange/statement.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/test_support.h"
#include "exchange/test_earlier_form.h"
#include "json/parse.h"
#include "json/write.h"
#include "ledger/note.h"
#include "trust/jws.h"

namespace comity::exchange {
namespace {

using comity::test::must;

const trust::SigningKey& key() {
  static const auto made = trust::SigningKey::generate();
  return made;
}

constexpr const char* uuid = "0b8c3f5e-7f0e-4c7e-8d3b-2f6f0d1f4a11";

Statement with_body(StatementBody body) {
  Statement out;
  out.body = std::move(body);
  out.id = std::string(statement_type(out.body)) + "--" + uuid;
  out.mode = "exercise";
  out.exercise = "drill";
  out.from = "XA";
  out.to = "XB";
  out.time = {1'795'413'600'123'456};
  return out;
}

std::string id_of(const std::string& type) { return type + "--" + uuid; }

// One of each kind, with everything that it can say.
std::vector<Statement> all_kinds() {
  ConsentRequest request{{sha256("1"), sha256("2")}, "XC", "warning"};
  ConsentAnswer answer;
  answer.request = id_of("comity-consent-request");
  answer.request_digest = sha256("request");
  answer.granted = true;
  answer.records = request.records;
  answer.recipient = "XC";
  answer.purpose = "warning";
  answer.until = Instant{1'895'413'600'000'000};
  answer.once = true;
  auto refusal = answer;
  refusal.granted = false;
  refusal.until.reset();
  refusal.once = false;
  refusal.ground = "political-offence";
  return {
      with_body(request),
      with_body(answer),
      with_body(ConsentWithdrawal{id_of("comity-consent"), sha256("consent")}),
      with_body(Recall{request.records,
                       {id_of("comity-disclosure")},
                       "superseded",
                       sha256("new"),
                       id_of("comity-recall")}),
      with_body(RecallConfirmation{id_of("comity-recall"), sha256("recall"), 2, 1, 1}),
      with_body(CheckpointShown{
          "a note", true, id_of("comity-checkpoint-question"), "an older note", {sha256("node")}}),
      with_body(CheckpointsPassed{{R"({"type":"comity-checkpoint"})"}}),
      with_body(CheckpointQuestion{"a note", "a newer one"}),

      with_body(KeyNotice{{R"({"use":"node"})", R"({"use":"tls"})", R"({"use":"seal"})"},
                          {R"({"number":1})"},
                          {sha256("pending")},
                          {}}),
      with_body(refusal)};
}

Result<Statement> opened(const std::string& bytes) {
  return open_statement(bytes, key().public_key());
}

// The statement with one member of it, or of its body, changed, and signed anew.
std::string changed(const Statement& statement, const std::function<void(json::Object&)>& change) {
  auto tree = must(json::parse(sign(statement, key()).bytes));
  change(*tree.object());
  tree.object()->erase("signature");
  trust::sign_object(*tree.object(), key());
  return json::canonical(tree);
}
std::string changed_body(const Statement& statement,
                         const std::function<void(json::Object&)>& change) {
  return changed(statement, [&](json::Object& o) { change(*o.find("body")->object()); });
}

void refused_at(const std::string& bytes, const std::string& where) {
  const auto status = opened(bytes);
  ASSERT_FALSE(status.has_value()) << where << " was taken: " << bytes;
  EXPECT_EQ(status.error().kind, ErrorKind::InvalidInput) << where;
  EXPECT_EQ(status.error().where, where) << status.error().text();
}

TEST(Statement, EveryKindIsReadAsItWasWritten) {
  std::set<std::string> seen;
  for (const auto& statement : all_kinds()) {
    const auto object = sign(statement, key());
    EXPECT_EQ(object.digest, sha256(object.bytes));
    const auto back = must(opened(object.bytes));
    EXPECT_EQ(back.body, statement.body);
    EXPECT_EQ(back.id, statement.id);
    EXPECT_EQ(back.time, statement.time);
    EXPECT_EQ(back.from + back.to + back.mode + back.exercise, "XAXBexercisedrill");
    EXPECT_EQ(must(read_statement(object.bytes)).body, statement.body);
    seen.insert(statement_type(statement.body));
  }
  const auto types = statement_types();
  EXPECT_EQ(seen, std::set<std::string>(types.begin(), types.end()));
  EXPECT_TRUE(is_statement_type("comity-consent"));
  EXPECT_FALSE(is_statement_type("comity-disclosure"));
}

// Every member of the statement and of its body: missing, of another type, and one too many.
TEST(Statement, EveryMemberIsNeededAndNoOtherIsTaken) {
  const std::set<std::string> optional = {
      "$.body.until",       "$.body.replaced_by", "$.body.passes_on",
      "$.body.answers",     "$.body.ground",      "$.body.disclosures",
      "$.body.revocations", "$.body.vouched",     "$.body.path"};
  for (const auto& statement : all_kinds()) {
    const auto tree = must(json::parse(sign(statement, key()).bytes));
    const auto check = [&](const json::Object& members, const std::string& path, auto change_in) {
      for (const auto& member : members) {
        const auto& name = member.first;
        const auto& value = member.second;
        if (name == "signature" || name == "type") continue;
        const auto where = path + "." + name;
        const auto less = change_in(statement, [&](json::Object& o) { o.erase(name); });
        if (optional.contains(where)) {
          EXPECT_TRUE(opened(less).has_value()) << where;
        } else {
          refused_at(less, where);
        }
        const json::Value other = value.string() == nullptr ? json::Value("text") : json::Value(7);
        const auto status =
            opened(change_in(statement, [&](json::Object& o) { o.set(name, other); }));
        ASSERT_FALSE(status.has_value()) << where << " of another type was taken";
        EXPECT_TRUE(status.error().where.starts_with(where)) << status.error().text();
      }
      refused_at(change_in(statement, [](json::Object& o) { o.set("more", 1); }), path + ".more");
    };
    check(*tree.object(), "$", changed);
    check(*tree.find("body")->object(), "$.body", changed_body);
  }
}

TEST(Statement, RefusesValuesOutOfTheirBounds) {
  const auto kinds = all_kinds();
  const auto& request = kinds[0];
  const auto& answer = kinds[1];
  const auto set = [](const char* name, const json::Value& value) {
    return [name, value](json::Object& o) { o.set(name, value); };
  };
  refused_at(changed(request, set("format", 4)), "$.format");
  refused_at(changed(request, set("format", 2)), "$.to");
  refused_at(changed(request, set("basis", "sco-2009")), "$.basis");
  refused_at(changed(request, set("type", "comity-consent")), "$.id");
  refused_at(changed(request, set("type", "comity-disclosure")), "$.type");
  refused_at(changed(request, set("modified", "2026-11-23T00:00:00Z")), "$.modified");
  refused_at(changed_body(request, set("recipient", "")), "$.body.recipient");
  refused_at(changed_body(request, set("purpose", "")), "$.body.purpose");
  refused_at(changed_body(request, set("records", json::Array())), "$.body.records");
  const auto records = [](std::size_t count) {
    json::Array out;
    for (std::size_t i = 0; i < count; ++i) {
      out.emplace_back(digest_text(sha256(std::to_string(i))));
    }
    return out;
  };
  EXPECT_TRUE(opened(changed_body(request, set("records", records(statement_records_max)))));
  refused_at(changed_body(request, set("records", records(statement_records_max + 1))),
             "$.body.records");
  auto twice = records(2);
  twice[1] = twice[0];
  refused_at(changed_body(request, set("records", twice)), "$.body.records");
  refused_at(changed_body(answer, set("answer", "perhaps")), "$.body.answer");
  // A refusal has no terms.
  refused_at(changed_body(answer, set("answer", "refused")), "$.body.answer");
  refused_at(changed_body(answer, set("ground", "religion")), "$.body.ground");
  const auto& refusal = kinds.back();
  const std::string longest(refusal_ground_bytes_max, 'g');
  EXPECT_TRUE(opened(changed_body(refusal, set("ground", longest))));
  refused_at(changed_body(refusal, set("ground", longest + "g")), "$.body.ground");
  refused_at(changed_body(refusal, set("ground", "")), "$.body.ground");
  refused_at(changed_body(answer, set("request", id_of("comity-consent"))), "$.body.request");
  refused_at(changed_body(answer, set("until", "tomorrow")), "$.body.until");
  refused_at(changed_body(kinds[2], set("consent", id_of("comity-recall"))), "$.body.consent");
  const auto& recall = kinds[3];
  const auto disclosures = [](std::size_t count) {
    json::Array out;
    for (std::size_t i = 0; i < count; ++i) {
      out.emplace_back(fmt::format("comity-disclosure--00000000-0000-4000-8000-{:012x}", i));
    }
    return out;
  };
  EXPECT_TRUE(
      opened(changed_body(recall, set("disclosures", disclosures(statement_disclosures_max)))));
  refused_at(changed_body(recall, set("disclosures", disclosures(statement_disclosures_max + 1))),
             "$.body.disclosures");
  refused_at(changed_body(recall, set("disclosures", json::Array(2, disclosures(1)[0]))),
             "$.body.disclosures");
  refused_at(
      changed_body(recall, set("disclosures", json::Array(1, json::Value("comity-consent")))),
      "$.body.disclosures");
  refused_at(changed_body(recall, set("reason", "because")), "$.body.reason");
  refused_at(changed_body(recall, set("replaced_by", digest_text(sha256("1")))),
             "$.body.replaced_by");
  refused_at(changed_body(kinds[4], set("copies", -1)), "$.body.copies");
  refused_at(changed_body(kinds[4], set("passed_on", -1)), "$.body.passed_on");
  refused_at(changed_body(kinds[4], set("awaiting", 2)), "$.body.awaiting");
}

TEST(Statement, RefusesCheckpointsOutOfTheirBounds) {
  const auto kinds = all_kinds();
  const auto set = [](const char* name, const json::Value& value) {
    return [name, value](json::Object& o) { o.set(name, value); };
  };
  const auto& shown = kinds[5];
  const auto path = [](std::size_t count) {
    return json::Array(count, json::Value(digest_text(sha256("node"))));
  };
  EXPECT_TRUE(opened(changed_body(shown, set("path", path(statement_proof_max)))));
  refused_at(changed_body(shown, set("path", path(0))), "$.body.path");
  refused_at(changed_body(shown, set("path", path(statement_proof_max + 1))), "$.body.path");
  refused_at(changed_body(shown, set("path", json::Array(1, json::Value("7")))), "$.body.path");
  refused_at(changed_body(shown, set("answers", id_of("comity-consent"))), "$.body.answers");
  const auto note = [](std::size_t size) { return json::Value(std::string(size, 'x')); };
  EXPECT_TRUE(opened(changed_body(shown, set("checkpoint", note(ledger::note_bytes_max)))));
  refused_at(changed_body(shown, set("checkpoint", note(ledger::note_bytes_max + 1))),
             "$.body.checkpoint");
  refused_at(changed_body(kinds[7], set("checkpoint", note(0))), "$.body.checkpoint");
  const auto objects = [](std::size_t count) {
    return json::Array(count, json::Value(json::Object()));
  };
  EXPECT_TRUE(
      opened(changed_body(kinds[6], set("statements", objects(statement_checkpoints_max)))));
  refused_at(changed_body(kinds[6], set("statements", objects(statement_checkpoints_max + 1))),
             "$.body.statements");
  refused_at(changed_body(kinds[6], set("statements", objects(0))), "$.body.statements");
  refused_at(changed_body(kinds[6], set("statements", json::Array(1, json::Value("text")))),
             "$.body.statements");
}

TEST(Statement, EarlierFormsAreReadAsWhatTheySay) {
  auto all = all_kinds();
  all.push_back(with_body(KeyNotice{{}, {}, {}, R"({"type":"comity-root-revocation"})"}));
  all.push_back(with_body(Recall{{sha256("1")}, {}, "law", {}, {}}));
  all.push_back(with_body(CheckpointShown{"a note", true, {}, "an older note", {}}));
  for (const auto& statement : all) {
    const auto bytes = sign(statement, key()).bytes;
    const auto* answer = std::get_if<ConsentAnswer>(&statement.body);
    const std::int64_t number = answer != nullptr && !answer->ground.empty() ? 2 : 1;
    const auto earlier = test::in_earlier_form(bytes, number, key());
    const auto back = opened(earlier);
    ASSERT_TRUE(back.has_value()) << back.error().text() << "\n" << earlier;
    EXPECT_EQ(back->body, statement.body);
    EXPECT_EQ(sign(*back, key()).bytes, bytes);
    // The number says whether there is a ground, and how members are named.
    for (const std::int64_t other : {0, 1, 2, 3, 4}) {
      if (other == number) continue;
      EXPECT_FALSE(opened(test::in_earlier_form(bytes, other, key()))) << number << " " << other;
    }
    EXPECT_EQ(test::musts_broken(bytes), std::vector<std::string>()) << bytes;
  }
}

TEST(Statement, IsTakenUpToItsBoundOfBytesAndNotBeyond) {
  auto bytes = sign(all_kinds()[0], key()).bytes;
  bytes.append(statement_bytes_max - bytes.size(), ' ');
  EXPECT_TRUE(opened(bytes).has_value());
  bytes += ' ';
  EXPECT_EQ(opened(bytes).error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(read_statement(bytes).error().kind, ErrorKind::TooLarge);
}

TEST(Statement, OneKindCannotPassForAnotherNorOneKeyForAnother) {
  const auto other = trust::SigningKey::generate();
  for (const auto& statement : all_kinds()) {
    const auto bytes = sign(statement, key()).bytes;
    EXPECT_EQ(open_statement(bytes, other.public_key()).error().kind, ErrorKind::NotVerified);
    for (const auto& type : statement_types()) {
      if (type == statement_type(statement.body)) continue;
      auto tree = must(json::parse(bytes));
      tree.object()->set("type", type);
      tree.object()->set("id", id_of(type));
      EXPECT_EQ(opened(json::write(tree)).error().kind, ErrorKind::NotVerified) << type;
    }
    auto unsigned_one = must(json::parse(bytes));
    unsigned_one.object()->erase("signature");
    EXPECT_EQ(opened(json::write(unsigned_one)).error().kind, ErrorKind::NotVerified);
  }
  for (const auto* text : {"", "[]", "1", "{}", "{", "null"}) {
    EXPECT_FALSE(opened(text).has_value()) << text;
    EXPECT_FALSE(read_statement(text).has_value()) << text;
  }
}

TEST(Statement, NoByteOfOneCanBeAltered) {
  for (const auto& statement : all_kinds()) {
    const auto bytes = sign(statement, key()).bytes;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      auto altered = bytes;
      altered[at] = static_cast<char>(static_cast<unsigned char>(altered[at]) ^ (1 + at % 255));
      ASSERT_FALSE(opened(altered).has_value()) << "byte " << at << ": " << altered;
    }
  }
}

}  // namespace
}  // namespace comity::exchange
