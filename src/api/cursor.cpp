#include "api/cursor.h"

#include "base/bytes.h"

namespace comity::api {

std::string write_cursor(std::string_view list, std::string_view position) {
  std::string text(list);
  text += '\n';
  text += position;
  return base64url(text);
}

Result<std::string> read_cursor(std::string_view list, std::string_view cursor) {
  if (cursor.empty()) return std::string();
  const auto text = cursor.size() <= cursor_bytes_max ? from_base64url(cursor)
                                                      : Result<std::string>(std::string());
  if (text) {
    const auto line = text->find('\n');
    // Written again it must be the same, so that one position has one cursor.
    if (line != std::string::npos && line + 1 < text->size() && text->substr(0, line) == list &&
        write_cursor(list, text->substr(line + 1)) == cursor) {
      return text->substr(line + 1);
    }
  }
  return fail(ErrorKind::InvalidInput,
              "this is no cursor of this list; take `next` of its page before, or none", "cursor");
}

}  // namespace comity::api
