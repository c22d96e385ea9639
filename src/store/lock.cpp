#include "store/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/file.h"

namespace comity::store {
namespace {

// What the holder wrote into the file: its process number. It is only told to people; the lock
// itself is the kernel's.
std::string holder(int descriptor) {
  char buffer[32];
  const auto count = ::pread(descriptor, buffer, sizeof buffer, 0);
  std::string digits;
  for (ssize_t i = 0; i < count && buffer[i] >= '0' && buffer[i] <= '9'; ++i) digits += buffer[i];
  if (digits.empty()) return "another process";
  constexpr std::uint64_t name_bytes_max = 256;
  auto name = read_file("/proc/" + digits + "/comm", name_bytes_max);
  if (!name || name->empty()) return "process " + digits;
  if (name->back() == '\n') name->pop_back();
  return fmt::format("process {} ({})", digits, *name);
}

}  // namespace

Result<DataLock> DataLock::take(const std::string& directory) {
  const auto path = directory + "/lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Unavailable,
                fmt::format("cannot open the lock of the data directory: {}", std::strerror(errno)),
                path);
  }
  DataLock lock(descriptor);
  int outcome;
  do {
    outcome = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (outcome != 0 && errno == EINTR);
  if (outcome != 0 && errno == EWOULDBLOCK) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} is using this data directory; stop it first, or give another "
                            "directory",
                            holder(descriptor)),
                path);
  }
  if (outcome != 0) {
    return fail(ErrorKind::Unavailable, fmt::format("cannot lock: {}", std::strerror(errno)), path);
  }
  const auto text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return fail(ErrorKind::Unavailable,
                fmt::format("cannot write the process number: {}", std::strerror(errno)), path);
  }
  return lock;
}

DataLock::DataLock(DataLock&& other) noexcept : descriptor_(other.descriptor_) {
  other.descriptor_ = -1;
}

// The file stays: were it removed, a process that has it open and one that makes it anew would both
// hold a lock.
DataLock::~DataLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace comity::store
