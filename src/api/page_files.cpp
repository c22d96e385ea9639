#include "api/page_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/file.h"

// From the assembler file that tools/build_pages writes. Weak: only programs that carry pages link
// it, so that tests of everything else need no build of the pages.
extern "C" {
extern const comity::api::EmbeddedFile comity_pages[] __attribute__((weak));
extern const std::uint64_t comity_pages_count __attribute__((weak));
}

namespace comity::api {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> types = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".map", "application/json"},
    {".wasm", "application/wasm"},
}};

// Only names that a build makes: letters, digits and marks, no part that begins with a point.
bool is_page_path(std::string_view path) {
  if (!path.starts_with('/') || path.find("/.") != std::string_view::npos ||
      path.find("//") != std::string_view::npos) {
    return false;
  }
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string_view media_type_of(std::string_view path) {
  for (const auto& [end, type] : types) {
    if (path.ends_with(end)) return type;
  }
  return "application/octet-stream";
}

PageFiles PageFiles::embedded() {
  PageFiles out;
  if (&comity_pages_count != nullptr) {
    out.files_ = comity_pages;
    out.count_ = comity_pages_count;
  }
  return out;
}

Result<PageFiles> PageFiles::of_directory(const std::string& directory) {
  if (!file_exists(directory + "/index.html")) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} has no index.html; expected a folder with built pages, such as "
                            "web/dist after `npm run build`",
                            directory));
  }
  PageFiles out;
  out.directory_ = directory;
  return out;
}

std::optional<PageFile> PageFiles::find(std::string_view path, bool gzip) const {
  if (!is_page_path(path)) return std::nullopt;
  if (!directory_.empty()) {
    auto bytes = read_file(fmt::format("{}{}", directory_, path), page_file_bytes_max);
    if (!bytes) return std::nullopt;
    return PageFile{std::string(media_type_of(path)), *std::move(bytes), false};
  }
  const auto* end = files_ + count_;
  const auto* found =
      std::find_if(files_, end, [&](const auto& file) { return file.path == path; });
  if (found == end) return std::nullopt;
  if (gzip && found->gzip != nullptr) {
    return PageFile{found->type, std::string(found->gzip, found->gzip_size), true};
  }
  return PageFile{found->type, std::string(found->bytes, found->size), false};
}

}  // namespace comity::api
