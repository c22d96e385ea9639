#include "api/catalogues.h"

#include <fmt/format.h>

// From message_catalogues.S, where the assembler puts the files.
extern "C" {
extern const char comity_messages_en_begin[];
extern const char comity_messages_en_end[];
extern const char comity_messages_ar_begin[];
extern const char comity_messages_ar_end[];
}

namespace comity::api {
namespace {

treaty::Words words(const char* language, const char* begin, const char* end) {
  auto read = treaty::Words::parse(language, {begin, static_cast<std::size_t>(end - begin)});
  CHECK(read.has_value());  // a file of the sources, which a test reads
  return *std::move(read);
}

}  // namespace

Result<const treaty::Words*> words_in(std::string_view language) {
  if (language == "en") {
    static const auto english = words("en", comity_messages_en_begin, comity_messages_en_end);
    return &english;
  }
  if (language == "ar") {
    static const auto arabic = words("ar", comity_messages_ar_begin, comity_messages_ar_end);
    return &arabic;
  }
  return fail(ErrorKind::InvalidInput, fmt::format("found '{}', expected en or ar", language));
}

}  // namespace comity::api
