// Files as values. Errors name the path, what failed and the system's reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace comity {

// The whole file; refused when it is longer than `bytes_max`.
Result<std::string> read_file(const std::string& path, std::uint64_t bytes_max);

// Writes to a neighbour, syncs it and renames it over `path`, so that a reader never sees half.
// `mode` is the permission of a new file (0600 for keys).
Status write_file(const std::string& path, std::string_view bytes, unsigned mode = 0644);

// The paths of all regular files below `directory` that end in `suffix`, relative to it, sorted.
Result<std::vector<std::string>> list_files(const std::string& directory, std::string_view suffix);

Status make_directories(const std::string& path);
// Removes a file; that there is none is no error, a directory with entries is one.
Status remove_file(const std::string& path);
bool file_exists(const std::string& path);
// True for a directory without entries and for a path at which there is nothing.
Result<bool> empty_or_absent(const std::string& directory);
// What of the disk under a directory matters to who keeps something there.
struct DiskState {
  std::uint64_t free_bytes = 0;  // for a user without privileges
  std::string not_writable;      // why a file cannot be made there; empty: it can
};
// Makes a file in the directory and removes it at once.
Result<DiskState> disk_state(const std::string& directory);
// The path from the root, whether or not it exists.
Result<std::string> absolute_path(const std::string& path);

// A file that has no name any more: its bytes are gone with the object, also when the process is
// killed. Functions that take a path can open it as long as it is there.
class NamelessFile {
 public:
  // On the disk of that directory, readable by its owner only.
  static Result<NamelessFile> create(const std::string& directory, std::string_view bytes);
  NamelessFile(NamelessFile&& other) noexcept;
  NamelessFile& operator=(NamelessFile&&) = delete;
  ~NamelessFile();

  std::string path() const;

 private:
  explicit NamelessFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// A new file that has its name only when it is whole: until then nobody sees it, and where the file
// system can keep files without a name nothing is left of it after a kill. Nothing is ever
// overwritten.
class NewFile {
 public:
  // Readable by its owner only. Conflict when there is something at the path.
  static Result<NewFile> create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  // What was not kept is gone.
  ~NewFile();

  Status add(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  // Makes it durable under its name. Conflict when something has come there meanwhile. The object
  // is not used again.
  Status keep();

 private:
  NewFile(std::string path, int descriptor, std::string temporary)
      : path_(std::move(path)), descriptor_(descriptor), temporary_(std::move(temporary)) {}

  std::string path_;
  int descriptor_;
  std::string temporary_;  // its name until it is kept; empty: it has none
  std::uint64_t size_ = 0;
};

// A file mapped read-only; the view lives as long as the object.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  std::string_view text() const { return {data_, size_}; }
  // Lets the kernel take back the bytes before `offset`, to bound what is resident: they are there
  // when they are read again. Who goes over the file again begins with a lower offset.
  void release_before(std::size_t offset);

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}
  const char* data_;
  std::size_t size_;
  std::size_t released_ = 0;  // before this, since the lowest offset
};

}  // namespace comity
