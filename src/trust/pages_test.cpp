// The examples of docs/formats are real: what stands there must be what the program reads. They
// were made with the command line of OpenSSL, so they also test against another implementation.
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "json/parse.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "trust/jws.h"
#include "trust/pairing.h"
#include "trust/revocation.h"
#include "trust/test_keys.h"

namespace comity::trust {
namespace {

std::string page(const std::string& name) {
  const auto path = comity::test::source_path("docs/formats/") + name;
  const auto text = read_file(path, std::uint64_t{1} << 20);
  EXPECT_TRUE(text) << path;
  return text.value_or("");
}

// What stands between the first `begin` and the next `end`.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto start = text.find(begin);
  if (start == std::string::npos) return "the page has no " + begin;
  const auto from = start + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

TEST(Pages, SignatureExampleHolds) {
  const auto object = json::parse(between(page("signature.md"), "```json\n", "```"));
  ASSERT_TRUE(object && object->object() != nullptr);
  const auto status = verify_object(*object->object(), key_2().public_key());
  EXPECT_TRUE(status) << status.error().text();
  auto again = *object->object();
  sign_object(again, key_2());
  EXPECT_EQ(again, *object->object());
}

TEST(Pages, KeyRecordExampleHolds) {
  const auto record =
      open_key_record(between(page("keys.md"), "```json\n", "```"), key_1().public_key());
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->key, key_2().public_key());
}

TEST(Pages, RevocationExamplesHold) {
  const auto text = page("keys.md");
  const auto examples = text.substr(text.find("## Revocations"));
  const auto key = open_key_revocation(between(examples, "```json\n", "```"), key_1().public_key());
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(*key, (KeyRevocation{"XA", "exercise", "node", 1}));
  const auto of_root = examples.substr(examples.find("The revocation of a root"));
  const auto root = open_root_revocation(between(of_root, "```json\n", "```"));
  ASSERT_TRUE(root) << root.error().text();
  EXPECT_EQ(root->root, key_1().public_key());
}

TEST(Pages, InvitationExampleHolds) {
  const auto now = *parse_rfc3339("2026-11-23T05:00:00Z");
  const auto invitation = read_invitation(between(page("invitation.md"), "```json\n", "```"), now);
  ASSERT_TRUE(invitation) << invitation.error().text();
  EXPECT_EQ(invitation->root_key, key_1().public_key());
}

TEST(Pages, LedgerExampleHolds) {
  const auto text = page("ledger.md");
  std::string random;
  for (char c = 0; c < 32; ++c) random += c;
  const auto leaf = ledger::leaf_hash(random + between(text, "and the entry `", "`"));
  EXPECT_EQ(hex(leaf), between(text, "give the leaf hash\n`", "`"));

  const auto note = between(text, "```text\n", "```");
  const auto key = key_2();
  const auto public_key = key.public_key();
  const auto checkpoint =
      ledger::open_checkpoint(note, "comity/XA/exercise", public_key,
                              [&public_key](std::string_view bytes, std::string_view signature) {
                                return verify_signature(public_key, bytes, signature);
                              });
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->size, 1U);
  EXPECT_EQ(checkpoint->root, leaf);
  EXPECT_EQ(ledger::sign_checkpoint(*checkpoint, public_key,
                                    [&key](std::string_view bytes) { return key.sign(bytes); }),
            note);
}

}  // namespace
}  // namespace comity::trust
