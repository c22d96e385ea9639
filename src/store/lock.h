// The exclusive claim of one process on a data directory (flock on DATA/lock). Held until
// destroyed; the kernel frees it when the process dies.
#pragma once

#include <string>

#include "base/result.h"

namespace comity::store {

class DataLock {
 public:
  // Conflict, naming the process that holds it, when another has it.
  static Result<DataLock> take(const std::string& directory);
  DataLock(DataLock&& other) noexcept;
  DataLock& operator=(DataLock&&) = delete;
  ~DataLock();

 private:
  explicit DataLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace comity::store
