#include "ledger/note.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "ledger/merkle.h"

namespace comity::ledger {
namespace {

constexpr std::string_view signature_mark = "\xE2\x80\x94 ";  // U+2014 and a blank
constexpr char ed25519_type = 1;
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t signature_bytes = 64;

tl::unexpected<Error> malformed(std::string message, std::size_t line) {
  return fail(ErrorKind::InvalidInput, std::move(message), fmt::format("checkpoint line {}", line));
}

// The code point at the front of `text`, which is taken away; none when it is no UTF-8 (RFC 3629).
std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const int length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4) return std::nullopt;
  if (text.size() < static_cast<std::size_t>(length)) return std::nullopt;
  char32_t value = length == 1 ? first : first & (0x7FU >> length);
  for (int i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte & 0x3FU);
  }
  const bool too_long = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (too_long || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(length));
  return value;
}

// White_Space of Unicode; the ASCII controls among it are refused in the whole note.
bool is_blank(char32_t c) {
  return c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// UTF-8 without controls other than LF, as a signed note demands.
bool is_note_text(std::string_view text) {
  while (!text.empty()) {
    const auto c = take_code_point(text);
    if (!c || (*c < 0x20 && *c != '\n')) return false;
  }
  return true;
}

// What may name a key: something without blanks and plus signs.
bool is_key_name(std::string_view name) {
  if (name.empty() || !is_note_text(name)) return false;
  while (!name.empty()) {
    const auto c = *take_code_point(name);
    if (is_blank(c) || c == '+' || c == '\n') return false;
  }
  return true;
}

// Takes the next line without its LF; none when no LF is left.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::string text_of(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     base64(view(checkpoint.root)));
}

std::string key_id_text(std::uint32_t id) {
  return {static_cast<char>(id >> 24), static_cast<char>(id >> 16), static_cast<char>(id >> 8),
          static_cast<char>(id)};
}

Result<std::uint64_t> read_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool one_spelling = text == "0" || !text.starts_with('0');
  if (problem != std::errc() || end != text.data() + text.size() || !one_spelling) {
    return malformed(fmt::format("'{}' is no tree size; expected a decimal number below 2^64 "
                                 "without sign and leading zeros",
                                 text.substr(0, 80)),
                     2);
  }
  return size;
}

// The three lines before the blank one, which are taken away with it.
Result<Checkpoint> take_text(std::string_view& rest) {
  const auto origin = take_line(rest);
  if (!origin || !is_key_name(*origin)) {
    return malformed("expected the origin, a name without blanks and plus signs", 1);
  }
  const auto size_line = take_line(rest);
  if (!size_line) return malformed("expected the tree size, found the end", 2);
  TRY(const auto size, read_size(*size_line));
  const auto root_line = take_line(rest);
  const auto root_bytes = from_base64(root_line.value_or(""));
  if (!root_bytes || root_bytes->size() != Digest{}.size()) {
    return malformed("expected the root, 32 bytes in base64 with padding", 3);
  }
  TRY(const auto tree_root, digest_from_bytes(*root_bytes));
  if (size == 0 && tree_root != root({})) {
    return malformed("a tree without leaves has the root of nothing, this is another one", 3);
  }
  const auto blank = take_line(rest);
  if (!blank || !blank->empty()) {
    return malformed(
        "expected an empty line and signatures; Comity's checkpoints have no "
        "extension lines",
        4);
  }
  return Checkpoint{std::string(*origin), size, tree_root};
}

struct SignatureLine {
  std::string_view name;
  std::string bytes;  // key id and signature
};

Result<SignatureLine> read_signature_line(std::string_view line, std::size_t number) {
  const auto wrong = [number] {
    return malformed(
        "expected a signature: em dash, blank, name, blank, base64 of at least five "
        "bytes",
        number);
  };
  if (!line.starts_with(signature_mark)) return wrong();
  line.remove_prefix(signature_mark.size());
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos || !is_key_name(line.substr(0, blank))) return wrong();
  auto bytes = from_base64(line.substr(blank + 1));
  if (!bytes || bytes->size() <= key_id_bytes) return wrong();
  return SignatureLine{line.substr(0, blank), *std::move(bytes)};
}

// The signature that `name` made with the key of this id. All lines must have the form; those of
// other keys are passed over, as a witness may add its own.
Result<std::string> find_signature(std::string_view rest, std::string_view name,
                                   std::string_view key_id) {
  std::optional<std::string> found;
  std::size_t number = 5;
  do {
    const auto line = take_line(rest);
    if (!line) return malformed("expected a signature that ends with LF", number);
    TRY(auto signature, read_signature_line(*line, number));
    if (signature.name == name && signature.bytes.starts_with(key_id)) {
      if (found)
        return malformed(fmt::format("a second signature by {}; expected one", name), number);
      found = signature.bytes.substr(key_id_bytes);
    }
    ++number;
  } while (!rest.empty());
  if (!found) {
    return fail(ErrorKind::NotVerified,
                fmt::format("no signature of {} with key {}; ask for its present key record", name,
                            hex(key_id)));
  }
  return *std::move(found);
}

}  // namespace

std::uint32_t note_key_id(std::string_view name, std::string_view public_key) {
  const auto digest = Sha256().add(name).add("\n").add({&ed25519_type, 1}).add(public_key).finish();
  return (std::uint32_t{digest[0]} << 24) | (std::uint32_t{digest[1]} << 16) |
         (std::uint32_t{digest[2]} << 8) | std::uint32_t{digest[3]};
}

std::string sign_checkpoint(const Checkpoint& checkpoint, std::string_view public_key,
                            const Sign& sign) {
  CHECK(is_key_name(checkpoint.origin));
  const auto text = text_of(checkpoint);
  const auto signature = sign(text);
  CHECK(signature.size() == signature_bytes);
  const auto id = key_id_text(note_key_id(checkpoint.origin, public_key));
  auto note =
      fmt::format("{}\n{}{} {}\n", text, signature_mark, checkpoint.origin, base64(id + signature));
  CHECK(note.size() <= note_bytes_max);
  return note;
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                   std::string_view public_key, const Verify& verify) {
  if (note.size() > note_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a checkpoint of {} bytes; at most {} are read",
                                                 note.size(), note_bytes_max));
  }
  if (!is_note_text(note)) {
    return malformed("expected UTF-8 without control characters other than LF", 1);
  }
  auto rest = note;
  TRY(auto checkpoint, take_text(rest));
  if (checkpoint.origin != origin) {
    return fail(ErrorKind::NotVerified, fmt::format("the checkpoint is of {}, expected one of {}",
                                                    checkpoint.origin.substr(0, 80), origin));
  }
  const auto id = key_id_text(note_key_id(origin, public_key));
  TRY(const auto signature, find_signature(rest, origin, id));
  if (signature.size() != signature_bytes || !verify(text_of(checkpoint), signature)) {
    return fail(ErrorKind::NotVerified,
                fmt::format("the signature of {} with key {} does not hold: the checkpoint was "
                            "changed or is not its own",
                            origin, hex(id)));
  }
  return checkpoint;
}

}  // namespace comity::ledger
