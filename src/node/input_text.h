// The text that a command reads: a file where it lies, mapped, or what comes through a pipe, held.
// Owns either; one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/file.h"

namespace comity::node {

constexpr std::size_t piped_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t mapped_bytes_max = std::size_t{16} * 1024 * 1024 * 1024;

class InputText {
 public:
  // Of the file; "-" and the empty path are standard input, which may be a file, too.
  static Result<InputText> open(const std::string& path);

  std::string_view text() const;
  // See MappedFile; of what is held nothing happens.
  void release_before(std::size_t offset);

 private:
  explicit InputText(std::variant<MappedFile, std::string> text) : text_(std::move(text)) {}
  std::variant<MappedFile, std::string> text_;
};

}  // namespace comity::node
