#include "ledger/note.h"

#include <gtest/gtest.h>

#include <set>

#include "ledger/merkle.h"

namespace comity::ledger {
namespace {

constexpr std::string_view origin = "comity/XA/exercise";
constexpr std::string_view public_key = "0123456789abcdef0123456789abcdef";
const std::string dash = "\xE2\x80\x94 ";

// Stands in for Ed25519: 64 bytes that depend on every byte signed.
std::string seal(std::string_view bytes) {
  const auto once = sha256(bytes);
  const auto twice = sha256(view(once));
  return std::string(view(once)) + std::string(view(twice));
}

bool holds(std::string_view bytes, std::string_view signature) { return seal(bytes) == signature; }

Checkpoint some_checkpoint() {
  return {std::string(origin), 256, leaf_hash("a root for this test")};
}

std::string some_note() { return sign_checkpoint(some_checkpoint(), public_key, seal); }

Result<Checkpoint> open(std::string_view note) {
  return open_checkpoint(note, origin, public_key, holds);
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

std::string signature_line(const std::string& name, const std::string& bytes) {
  return dash + name + " " + base64(bytes) + "\n";
}

TEST(Note, KeyIdIsTheOneOfTheFormat) {
  // The verifier key of the example in the Go package that introduced signed notes.
  const auto key = *from_base64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  ASSERT_EQ(key.size(), 33U);
  EXPECT_EQ(note_key_id("PeterNeumann", std::string_view(key).substr(1)), 0xc74f20a3U);
}

TEST(Note, HasTheThreeLinesAndOneSignature) {
  const auto note = some_note();
  const auto text = "comity/XA/exercise\n256\n" + base64(view(some_checkpoint().root)) + "\n";
  const auto id = note_key_id(origin, public_key);
  const std::string id_bytes = {static_cast<char>(id >> 24), static_cast<char>(id >> 16),
                                static_cast<char>(id >> 8), static_cast<char>(id)};
  EXPECT_EQ(note, text + "\n" + signature_line("comity/XA/exercise", id_bytes + seal(text)));
}

TEST(Note, ComesBackAsItWasSigned) {
  const auto last = Checkpoint{"o", UINT64_MAX, leaf_hash("x")};
  const auto empty = Checkpoint{"o", 0, root({})};
  for (const auto& checkpoint : {some_checkpoint(), last, empty}) {
    const auto note = sign_checkpoint(checkpoint, public_key, seal);
    const auto read = open_checkpoint(note, checkpoint.origin, public_key, holds);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->origin, checkpoint.origin);
    EXPECT_EQ(read->size, checkpoint.size);
    EXPECT_EQ(read->root, checkpoint.root);
  }
}

TEST(Note, SignaturesOfOthersAreAllowed) {
  const auto note = some_note();
  for (const auto& name :
       {"witness.example/w1", "comity/XB/exercise", "comity/XA/exercise", "zeuge-\xC3\xA4"}) {
    const auto line = signature_line(name, "\x01\x02\x03\x04" + std::string(72, 's'));
    EXPECT_TRUE(open(note + line)) << name;
    EXPECT_TRUE(open(replaced(note, dash, line + dash))) << name << " in front";
  }
}

TEST(Note, EveryAlteredByteIsRefused) {
  const auto note = some_note();
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (const int mask : {0x01, 0x20, 0x80}) {
      auto bad = note;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      EXPECT_FALSE(open(bad)) << "byte " << i << " mask " << mask;
    }
    EXPECT_FALSE(open(note.substr(0, i))) << "cut at " << i;
    EXPECT_FALSE(open(std::string(note).erase(i, 1))) << "without byte " << i;
    for (const char c : {' ', '\n', '\r', '\t', '0', 'A', '='}) {
      EXPECT_FALSE(open(std::string(note).insert(i, 1, c))) << "byte added at " << i;
    }
  }
}

using Vectors = std::vector<std::pair<std::string, std::string>>;

Vectors mutations_of_the_whole() {
  const auto note = some_note();
  const auto own_line = note.substr(note.find(dash));
  return {
      {"nothing", ""},
      {"only LF", "\n"},
      {"LF in front", "\n" + note},
      {"LF behind", note + "\n"},
      {"blank behind", note + " "},
      {"words behind", note + "garbage"},
      {"a line of words behind", note + "garbage\n"},
      {"byte order mark", "\xEF\xBB\xBF" + note},
      {"the note twice", note + note},
      {"the own signature twice", note + own_line},
      {"no signature", note.substr(0, note.find(dash))},
      {"no blank line", replaced(note, "\n\n", "\n")},
      {"two blank lines", replaced(note, "\n\n", "\n\n\n")},
      {"an extension line", replaced(note, "\n\n", "\nextension\n\n")},
      {"CR LF", replaced(note, "\n256\n", "\r\n256\r\n")},
  };
}

Vectors mutations_of_the_text() {
  const auto note = some_note();
  const auto root_line = base64(view(some_checkpoint().root));
  return {
      {"no origin", note.substr(note.find('\n'))},
      {"origin with a blank", replaced(note, "XA/exercise\n", "XA exercise\n")},
      {"origin with a plus", replaced(note, "XA/exercise\n", "XA+exercise\n")},
      {"origin of another party", replaced(note, "XA/exercise\n", "XB/exercise\n")},
      {"origin of another mode", replaced(note, "XA/exercise\n", "XA/operational\n")},
      {"size with leading zero", replaced(note, "\n256\n", "\n0256\n")},
      {"size with plus", replaced(note, "\n256\n", "\n+256\n")},
      {"negative size", replaced(note, "\n256\n", "\n-256\n")},
      {"size in hexadecimal", replaced(note, "\n256\n", "\n0x100\n")},
      {"size with fraction", replaced(note, "\n256\n", "\n256.0\n")},
      {"size with a blank", replaced(note, "\n256\n", "\n256 \n")},
      {"no size", replaced(note, "\n256\n", "\n\n")},
      {"size of 2^64", replaced(note, "\n256\n", "\n18446744073709551616\n")},
      {"another size", replaced(note, "\n256\n", "\n512\n")},
      {"size 0 with a root", replaced(note, "\n256\n", "\n0\n")},
      {"root without padding", replaced(note, root_line, root_line.substr(0, 43))},
      {"root of 31 bytes", replaced(note, root_line, base64(std::string(31, 'r')))},
      {"root of 33 bytes", replaced(note, root_line, base64(std::string(33, 'r')))},
      {"no root", replaced(note, root_line, "")},
      {"another root", replaced(note, root_line, base64(std::string(32, 'r')))},
      {"origin alone", "comity/XA/exercise\n"},
      {"origin and size alone", "comity/XA/exercise\n256\n"},
      {"origin twice", "comity/XA/exercise\n" + note},
      {"origin in capitals", replaced(note, "comity/", "COMITY/")},
      {"origin without party", replaced(note, "/XA/", "//")},
      {"origin without mode", replaced(note, "XA/exercise\n", "XA\n")},
      {"origin with a blank behind", replaced(note, "exercise\n", "exercise \n")},
      {"origin with a no-break space", replaced(note, "XA/", "XA\xC2\xA0/")},
      {"size in letters", replaced(note, "\n256\n", "\ntwo\n")},
      {"size with a blank in front", replaced(note, "\n256\n", "\n 256\n")},
      {"size with a comma", replaced(note, "\n256\n", "\n2,56\n")},
      {"size with an exponent", replaced(note, "\n256\n", "\n256e0\n")},
      {"size with Arabic digits", replaced(note, "\n256\n", "\n\xD9\xA2\xD9\xA5\xD9\xA6\n")},
      {"size of 30 digits", replaced(note, "\n256\n", "\n" + std::string(30, '9') + "\n")},
      {"size 00", replaced(note, "\n256\n", "\n00\n")},
      {"size one more", replaced(note, "\n256\n", "\n257\n")},
      {"size one less", replaced(note, "\n256\n", "\n255\n")},
      {"root in hexadecimal", replaced(note, root_line, hex(some_checkpoint().root))},
      {"root with a blank behind", replaced(note, root_line, root_line + " ")},
      {"root twice", replaced(note, root_line, root_line + root_line)},
      {"root on two lines", replaced(note, root_line, root_line + "\n" + root_line)},
      {"root of zeros", replaced(note, root_line, base64(std::string(32, '\0')))},
      {"root of nothing", replaced(note, root_line, base64(view(root({}))))},
      {"root with padding more", replaced(note, root_line, root_line + "=")},
      {"size and root exchanged",
       replaced(note, "256\n" + root_line + "\n", root_line + "\n256\n")},
  };
}

Vectors mutations_of_signatures() {
  const auto note = some_note();
  const auto own_line = note.substr(note.find(dash));
  return {
      {"hyphen for the dash", replaced(note, dash, "- ")},
      {"en dash for the dash", replaced(note, dash, "\xE2\x80\x93 ")},
      {"no blank behind the dash", replaced(note, dash, "\xE2\x80\x94")},
      {"two blanks behind the dash", replaced(note, dash, dash + " ")},
      {"signature without name", replaced(note, dash + std::string(origin), dash)},
      {"signature by another name", replaced(note, dash + std::string(origin), dash + "other")},
      {"no last LF", note.substr(0, note.size() - 1)},
      {"foreign base64 without padding", note + dash + "w MTIzNDU2Nzg\n"},
      {"NUL in front", std::string(1, '\0') + note},
      {"NUL behind", note + std::string(1, '\0')},
      {"a signature line with a blank behind", note.substr(0, note.size() - 1) + " \n"},
      {"only an empty line", "\n\n"},
      {"text alone without an empty line", note.substr(0, note.find("\n\n") + 1)},
      {"signature before the text", own_line + "\n" + note.substr(0, note.find(dash))},
      {"signature without an empty line before it", replaced(note, "\n\n" + dash, "\n" + dash)},
      {"empty line between signatures", note + "\n" + own_line},
      {"minus for the dash", replaced(note, dash, "\xE2\x88\x92 ")},
      {"horizontal bar for the dash", replaced(note, dash, "\xE2\x80\x95 ")},
      {"two dashes", replaced(note, dash, dash + dash)},
      {"a no-break space behind the dash", replaced(note, dash, "\xE2\x80\x94\xC2\xA0")},
      {"a blank before the dash", replaced(note, dash, " " + dash)},
      {"signature of nothing", note.substr(0, note.rfind(' ') + 1) + "\n"},
      {"signature without key id",
       note.substr(0, note.find(dash)) +
           signature_line(std::string(origin), seal(note.substr(0, note.find("\n\n") + 1)))},
      {"signature with another key id",
       note.substr(0, note.find(dash)) +
           signature_line(std::string(origin),
                          "abcd" + seal(note.substr(0, note.find("\n\n") + 1)))},
      {"signature of the text with its empty line",
       note.substr(0, note.find(dash)) +
           signature_line(std::string(origin),
                          from_base64(note.substr(note.rfind(' ') + 1, 92))->substr(0, 4) +
                              seal(note.substr(0, note.find(dash))))},
      {"signature of the text without its last LF",
       note.substr(0, note.find(dash)) +
           signature_line(std::string(origin),
                          from_base64(note.substr(note.rfind(' ') + 1, 92))->substr(0, 4) +
                              seal(note.substr(0, note.find("\n\n"))))},
  };
}

Vectors mutations_of_foreign_names() {
  const auto note = some_note();
  return {
      {"a foreign signature of four bytes", note + signature_line("w", "1234")},
      {"a foreign name with no-break space", note + signature_line("a\xC2\xA0z", "12345678")},
      {"a foreign name with line separator", note + signature_line("a\xE2\x80\xA8z", "12345678")},
      {"a foreign name with plus", note + signature_line("a+z", "12345678")},
      {"a foreign name that is no UTF-8", note + signature_line("a\xFFz", "12345678")},
      {"an overlong form in a name", note + signature_line("a\xC0\xAFz", "12345678")},
      {"a longer overlong form", note + signature_line("a\xE0\x80\xAFz", "12345678")},
      {"the longest overlong form", note + signature_line("a\xF0\x80\x80\xAFz", "12345678")},
      {"a surrogate in a name", note + signature_line("a\xED\xA0\x80z", "12345678")},
      {"a point beyond Unicode", note + signature_line("a\xF4\x90\x80\x80z", "12345678")},
      {"half a character", note + signature_line("a\xE2\x80", "12345678")},
      {"a control character", note + signature_line("a\x01z", "12345678")},
      {"a tab in a name", note + signature_line("a\tz", "12345678")},
      {"a vertical tab in a name", note + signature_line("a\vz", "12345678")},
  };
}

TEST(Note, MutationsOfTheFormAreRefused) {
  std::set<std::string> names;
  for (const auto& vectors : {mutations_of_the_whole(), mutations_of_the_text(),
                              mutations_of_signatures(), mutations_of_foreign_names()}) {
    for (const auto& [name, text] : vectors) {
      EXPECT_FALSE(open(text)) << name;
      EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    }
  }
  EXPECT_GE(names.size(), 100U);
}

TEST(Note, AnotherKeyOrOriginIsNotVerified) {
  const auto note = some_note();
  const std::string other_key(32, 'k');
  for (const auto& read :
       {open_checkpoint(note, "comity/XB/exercise", public_key, holds),
        open_checkpoint(note, origin, other_key, holds),
        open_checkpoint(note, origin, public_key,
                        [](std::string_view, std::string_view) { return false; })}) {
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::NotVerified) << read.error().text();
  }
}

TEST(Note, ASignatureOf63Or65BytesIsNeverAskedAbout) {
  const auto note = some_note();
  const auto bytes = *from_base64(note.substr(note.rfind(' ') + 1, 92));
  for (const auto& changed : {bytes.substr(0, 67), bytes + "x"}) {
    const auto bad = note.substr(0, note.find(dash)) + signature_line(std::string(origin), changed);
    const auto read = open_checkpoint(bad, origin, public_key, [](std::string_view, auto) {
      ADD_FAILURE() << "a signature of the wrong length reached the verifier";
      return true;
    });
    EXPECT_FALSE(read);
  }
}

TEST(Note, ErrorsNameTheLine) {
  const auto read = open(replaced(some_note(), "\n256\n", "\n0256\n"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "checkpoint line 2");
  EXPECT_NE(read.error().message.find("0256"), std::string::npos);
}

TEST(Note, IsBoundedInLength) {
  auto note = some_note();
  const auto filler = signature_line("w", std::string(300, 's'));
  while (note.size() + 2 * filler.size() <= note_bytes_max) note += filler;
  // The last name is as long as the room that is left.
  const auto fixed = signature_line("", std::string(300, 's')).size();
  note +=
      signature_line(std::string(note_bytes_max - note.size() - fixed, 'w'), std::string(300, 's'));
  ASSERT_EQ(note.size(), note_bytes_max);
  EXPECT_TRUE(open(note));
  const auto beyond = open(replaced(note, dash + "w ", dash + "ww "));
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);
}

TEST(NoteDeathTest, AnOriginThatIsNoNameIsADefect) {
  const Checkpoint bad{"two words", 1, Digest{}};
  EXPECT_DEATH(sign_checkpoint(bad, public_key, seal), "is_key_name");
}

}  // namespace
}  // namespace comity::ledger
