// Counts the statements that SQLite begins, on every connection that is opened while it exists, for
// tests of what a read costs. Made before the store that is looked at.
//
// At most one exists; connections may be used by any thread.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>

namespace comity::store {

class TestStatements {
 public:
  TestStatements() {
    count_ = 0;
    if (sqlite3_auto_extension(entry_point()) != SQLITE_OK) throw std::runtime_error("no count");
  }
  ~TestStatements() { sqlite3_cancel_auto_extension(entry_point()); }
  TestStatements(const TestStatements&) = delete;
  TestStatements& operator=(const TestStatements&) = delete;

  // Since it was made.
  std::int64_t count() const { return count_; }

 private:
  using EntryPoint = void (*)();
  static EntryPoint entry_point() { return reinterpret_cast<EntryPoint>(&opened); }
  static int opened(sqlite3* database, const char**, const sqlite3_api_routines*) {
    return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, &begun, nullptr);
  }
  static int begun(unsigned, void*, void*, void*) {
    ++count_;
    return 0;
  }

  inline static std::atomic<std::int64_t> count_ = 0;
};

}  // namespace comity::store
