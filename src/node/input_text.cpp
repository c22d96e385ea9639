#include "node/input_text.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace comity::node {

Result<InputText> InputText::open(const std::string& path) {
  const std::string at = path.empty() || path == "-" ? "/dev/stdin" : path;
  std::error_code error;
  const auto status = std::filesystem::status(at, error);
  // What is not there, and what is neither file nor pipe, is named by whoever opens it.
  if (error || !std::filesystem::is_regular_file(status)) {
    TRY(auto text, read_file(at, piped_bytes_max));
    return InputText(std::move(text));
  }
  const auto size = std::filesystem::file_size(at, error);
  if (!error && size > mapped_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("longer than {} bytes", mapped_bytes_max), at);
  }
  TRY(auto file, MappedFile::open(at));
  return InputText(std::move(file));
}

std::string_view InputText::text() const {
  if (const auto* file = std::get_if<MappedFile>(&text_)) return file->text();
  return std::get<std::string>(text_);
}

void InputText::release_before(std::size_t offset) {
  if (auto* file = std::get_if<MappedFile>(&text_)) file->release_before(offset);
}

}  // namespace comity::node
