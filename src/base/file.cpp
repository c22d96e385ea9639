#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace comity {
namespace {

tl::unexpected<Error> system_error(const std::string& path, const char* action) {
  const auto kind = errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Unavailable;
  return fail(kind, fmt::format("cannot {}: {}", action, std::strerror(errno)), path);
}

// A file descriptor that is closed on every path out.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

Status write_all(int descriptor, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0) return system_error(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

std::string directory_of(const std::string& path) {
  auto directory = std::filesystem::path(path).parent_path().string();
  return directory.empty() ? "." : directory;
}

// A new name is durable only when its directory is.
Status sync_directory_of(const std::string& path) {
  const auto directory = directory_of(path);
  const Descriptor parent{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (parent.value < 0 || ::fsync(parent.value) != 0) return system_error(directory, "sync");
  return {};
}

tl::unexpected<Error> is_there(const std::string& path) {
  return fail(ErrorKind::Conflict, "there is something already; nothing is overwritten", path);
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::uint64_t bytes_max) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0) return system_error(path, "open for reading");
  std::string out;
  char buffer[65536];
  for (;;) {
    const auto count = ::read(file.value, buffer, sizeof buffer);
    if (count < 0) return system_error(path, "read");
    if (count == 0) return out;
    if (out.size() + static_cast<std::uint64_t>(count) > bytes_max) {
      return fail(ErrorKind::TooLarge, fmt::format("longer than {} bytes", bytes_max), path);
    }
    out.append(buffer, static_cast<std::size_t>(count));
  }
}

Status write_file(const std::string& path, std::string_view bytes, unsigned mode) {
  const auto temporary = fmt::format("{}.new-{}", path, ::getpid());
  {
    const Descriptor file{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)};
    if (file.value < 0) return system_error(temporary, "open for writing");
    TRY_STATUS(write_all(file.value, temporary, bytes));
    if (::fsync(file.value) != 0) return system_error(temporary, "sync");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error(path, "replace");
  return sync_directory_of(path);
}

Result<std::vector<std::string>> list_files(const std::string& directory, std::string_view suffix) {
  std::error_code error;
  std::vector<std::string> out;
  std::filesystem::recursive_directory_iterator it(directory, error);
  if (error) {
    return fail(ErrorKind::NotFound, fmt::format("cannot list: {}", error.message()), directory);
  }
  for (const auto end = std::filesystem::recursive_directory_iterator(); it != end;
       it.increment(error)) {
    auto relative = std::filesystem::relative(it->path(), directory, error).string();
    if (error) break;
    if (it->is_regular_file(error) && relative.ends_with(suffix)) out.push_back(relative);
  }
  // An iterator that fails is at its end: what it could not read must not pass for absent.
  if (error) {
    return fail(ErrorKind::Unavailable, fmt::format("cannot list: {}", error.message()), directory);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Status make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return fail(ErrorKind::Unavailable, fmt::format("cannot create: {}", error.message()), path);
  }
  return {};
}

Status remove_file(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) {
    return fail(ErrorKind::Unavailable, fmt::format("cannot remove: {}", error.message()), path);
  }
  return {};
}

bool file_exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Result<bool> empty_or_absent(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) return true;
  const bool empty = std::filesystem::is_empty(directory, error);
  if (error) return fail(ErrorKind::Unavailable, error.message(), directory);
  return empty && std::filesystem::is_directory(directory, error);
}

Result<DiskState> disk_state(const std::string& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0) return system_error(directory, "ask the disk of");
  DiskState out;
  out.free_bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  const auto path = fmt::format("{}/.write-test-{}", directory, ::getpid());
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (file.value < 0) {
    out.not_writable = std::strerror(errno);
  } else {
    ::unlink(path.c_str());
  }
  return out;
}

Result<std::string> absolute_path(const std::string& path) {
  std::error_code error;
  auto out = std::filesystem::absolute(path, error).string();
  if (error) return fail(ErrorKind::Unavailable, error.message(), path);
  return out;
}

Result<NamelessFile> NamelessFile::create(const std::string& directory, std::string_view bytes) {
  auto path = directory + "/nameless-XXXXXX";
  NamelessFile file(::mkostemp(path.data(), O_CLOEXEC));
  if (file.descriptor_ < 0) return system_error(directory, "make a file in");
  if (::unlink(path.c_str()) != 0) return system_error(path, "remove");
  while (!bytes.empty()) {
    const auto count = ::write(file.descriptor_, bytes.data(), bytes.size());
    if (count < 0) return system_error(directory, "write a file in");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

NamelessFile::NamelessFile(NamelessFile&& other) noexcept : descriptor_(other.descriptor_) {
  other.descriptor_ = -1;
}

NamelessFile::~NamelessFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string NamelessFile::path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

Result<NewFile> NewFile::create(const std::string& path) {
  std::error_code error;
  // Also a link that leads nowhere is something.
  const auto there = std::filesystem::symlink_status(path, error).type();
  if (there == std::filesystem::file_type::none) {
    return fail(ErrorKind::Unavailable, fmt::format("cannot look at: {}", error.message()), path);
  }
  if (there != std::filesystem::file_type::not_found) return is_there(path);
  const auto directory = directory_of(path);
  const int nameless = ::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (nameless >= 0) return NewFile(path, nameless, "");
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
    return system_error(directory, "make a file in");
  }
  auto temporary = path + ".new-XXXXXX";
  const int named = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (named < 0) return system_error(directory, "make a file in");
  return NewFile(path, named, std::move(temporary));
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(other.descriptor_),
      temporary_(std::move(other.temporary_)),
      size_(other.size_) {
  other.descriptor_ = -1;
  other.temporary_.clear();
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status NewFile::add(std::string_view bytes) {
  TRY_STATUS(write_all(descriptor_, path_, bytes));
  size_ += bytes.size();
  return {};
}

Status NewFile::keep() {
  if (::fsync(descriptor_) != 0) return system_error(path_, "sync");
  int done = 0;
  if (temporary_.empty()) {
    const auto open_file = fmt::format("/proc/self/fd/{}", descriptor_);
    done = ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW);
  } else {
    done = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (done == 0) temporary_.clear();
  }
  if (done != 0) return errno == EEXIST ? is_there(path_) : system_error(path_, "name");
  return sync_directory_of(path_);
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0) return system_error(path, "open for reading");
  struct stat info {};
  if (::fstat(file.value, &info) != 0) return system_error(path, "read the size of");
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorKind::InvalidInput, "not a regular file", path);
  }
  if (info.st_size == 0) return MappedFile(nullptr, 0);
  const auto size = static_cast<std::size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value, 0);
  if (data == MAP_FAILED) return system_error(path, "map");
  return MappedFile(static_cast<const char*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept : data_(other.data_), size_(other.size_) {
  other.data_ = nullptr;
  other.size_ = 0;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

void MappedFile::release_before(std::size_t offset) {
  constexpr std::size_t page_bytes = 4096;
  // Reading a page brings some before it, too.
  constexpr std::size_t read_around_bytes = 64 * 1024;
  const auto whole = std::min(offset, size_) / page_bytes * page_bytes;
  if (whole < released_) released_ = 0;
  const auto from = released_ - std::min(released_, read_around_bytes);
  if (whole > from) ::madvise(const_cast<char*>(data_) + from, whole - from, MADV_DONTNEED);
  released_ = whole;
}

}  // namespace comity
