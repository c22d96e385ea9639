// The files of the pages (web/dist): built into the program, or read from a folder while somebody
// works on them. Any thread may read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::api {

// One file as the program carries it. Laid out in assembler by tools/build_pages; keep the order.
struct EmbeddedFile {
  const char* path;  // from the root of the pages: "/index.html"
  const char* type;  // media type
  const char* bytes;
  std::uint64_t size;
  const char* gzip;  // null when that would be larger
  std::uint64_t gzip_size;
};

struct PageFile {
  std::string type;
  std::string bytes;
  bool gzip = false;  // `bytes` are compressed
};

constexpr std::size_t page_file_bytes_max = std::size_t{32} * 1024 * 1024;  // read from a folder

class PageFiles {
 public:
  // Those built into the program; none in a build without pages.
  static PageFiles embedded();
  // Those of a folder, read again for each request. InvalidInput when it has no index.html.
  static Result<PageFiles> of_directory(const std::string& directory);

  bool empty() const { return directory_.empty() && count_ == 0; }

  // The file at this path of a request, decoded; compressed when `gzip` and that is smaller.
  // Nothing for what is none, and for paths that lead out of the pages.
  std::optional<PageFile> find(std::string_view path, bool gzip) const;

 private:
  const EmbeddedFile* files_ = nullptr;
  std::size_t count_ = 0;
  std::string directory_;
};

// The media type of a file by the end of its name.
std::string_view media_type_of(std::string_view path);

}  // namespace comity::api
