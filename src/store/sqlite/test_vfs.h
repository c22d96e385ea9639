// A SQLite VFS for tests that loses what was not synced, as a disk does when power fails.
//
// It stands before the VFS of the system and is the default one as long as it exists, so a store is
// opened as always. Reads see every write at once. Beside the files it keeps what a disk would hold
// for certain: the content at the last sync, and the writes since. When power is cut nothing is
// written any more; `restore_power` then leaves of each 512 bytes written since the last sync the
// new bytes, the old ones, or a mixture. The rules are those that SQLite states for a disk
// (sqlite.org/atomiccommit.html): a write may be torn or be lost, in any order, until a sync
// returned, and bytes that were not written do not change. A file that is new and was never synced
// may be gone; a deletion is taken as durable.
//
// A sync that fails is one after which the system forgets: what was to be written may be on the
// disk or not, and the next sync does not write it again.
//
// One thread at a time; at most one exists.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace comity::store {

class TestVfs {
 public:
  enum class Syncs { AsAsked, Never };  // Never: every `PRAGMA synchronous` reads as OFF

  TestVfs(std::uint64_t seed, Syncs syncs) : random_(seed), syncs_(syncs) {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = "comity-test";
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error("no VFS");
  }
  ~TestVfs() { sqlite3_vfs_unregister(&vfs_); }
  TestVfs(const TestVfs&) = delete;
  TestVfs& operator=(const TestVfs&) = delete;

  // After `count` more writes, syncs, truncations and deletions power is cut, within the next.
  void cut_power_after(std::int64_t count) { until_cut_ = count; }
  void cut_power() { dead_ = true; }
  bool dead() const { return dead_; }
  // What was being written when power was cut.
  enum class CutAt { Nothing, Log, Database };
  CutAt cut_at() const { return cut_at_; }
  // Takes everything as durable: the machine was shut down in order. Every connection is closed.
  void shut_down() { disks_.clear(); }

  // The sync after `count` more fails, once.
  void fail_sync_after(std::int64_t count) { until_failure_ = count; }
  std::int64_t syncs() const { return sync_count_; }
  std::int64_t failed_syncs() const { return failed_count_; }

  // Puts the files into a state that the loss of power may have left. Every connection is closed.
  void restore_power() {
    constexpr double chances[] = {0, 0.2, 0.5, 0.8, 1};
    for (auto& [path, disk] : disks_) {
      const double chance = chances[random_() % std::size(chances)];
      settle(disk, chance);
      if (disk.exists) {
        std::ofstream(path, std::ios::binary) << disk.durable;
      } else {
        std::filesystem::remove(path);
      }
      // The shared memory of the processes is lost with them.
      std::filesystem::remove(path + "-shm");
    }
    disks_.clear();
    dead_ = false;
    until_cut_ = until_failure_ = -1;
    cut_at_ = CutAt::Nothing;
  }

 private:
  struct Change {
    bool truncate = false;
    std::size_t at = 0;  // of a truncation: the new size
    std::string bytes;
  };
  // What is on the disk for certain, and what may be there.
  struct Disk {
    bool exists = false;
    std::string durable;
    std::vector<Change> pending;
  };
  struct File {
    sqlite3_file base{};
    TestVfs* vfs = nullptr;
    std::string* path = nullptr;  // null for a temporary file
    sqlite3_file* real = nullptr;
  };
  static constexpr std::size_t sector_bytes = 512;

  static File& file(sqlite3_file* base) { return *reinterpret_cast<File*>(base); }

  static void apply(std::string& content, std::size_t at, std::string_view bytes) {
    if (content.size() < at + bytes.size()) content.resize(at + bytes.size(), '\0');
    content.replace(at, bytes.size(), bytes);
  }
  static void apply_whole(Disk& disk) {
    disk.exists = true;
    for (const auto& change : disk.pending) {
      if (change.truncate) {
        disk.durable.resize(change.at);
      } else {
        apply(disk.durable, change.at, change.bytes);
      }
    }
    disk.pending.clear();
  }

  // Each sector that was written is kept with this chance; of the others some are torn.
  void settle(Disk& disk, double chance) {
    std::uniform_real_distribution<double> draw(0, 1);
    for (const auto& change : disk.pending) {
      if (change.truncate) {
        if (draw(random_) < chance) disk.durable.resize(change.at);
        continue;
      }
      std::size_t done = 0;
      while (done < change.bytes.size()) {
        const auto at = change.at + done;
        auto size = std::min(sector_bytes - at % sector_bytes, change.bytes.size() - done);
        const std::string_view piece(change.bytes.data() + done, size);
        done += size;
        if (draw(random_) >= chance) {
          if (chance == 0 || draw(random_) < 0.8) continue;
          size = random_() % size;  // torn: only its beginning was written
        }
        apply(disk.durable, at, piece.substr(0, size));
        disk.exists = true;
      }
    }
    disk.pending.clear();
  }

  // Whether power is there for one more step of this file.
  bool step(const std::string& path) {
    if (dead_) return false;
    if (until_cut_ < 0 || until_cut_-- > 0) return true;
    dead_ = true;
    cut_at_ = path.ends_with("-wal") ? CutAt::Log : CutAt::Database;
    return false;
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out) {
    auto& self = *static_cast<TestVfs*>(vfs->pAppData);
    auto* opened = new (base) File;
    opened->vfs = &self;
    opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
    const bool existed = name != nullptr && std::filesystem::exists(name);
    const int code = self.real_->xOpen(self.real_, name, opened->real, flags, out);
    if (opened->real->pMethods == nullptr) return code;
    opened->base.pMethods = &methods();
    if (name == nullptr) return code;
    opened->path = new std::string(name);
    if (!self.disks_.contains(name)) {
      auto& disk = self.disks_[name];
      disk.exists = existed;
      if (existed) {
        std::ifstream in(name, std::ios::binary);
        disk.durable.assign(std::istreambuf_iterator<char>(in), {});
      }
    }
    return code;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto& self = *static_cast<TestVfs*>(vfs->pAppData);
    if (!self.step(name)) return SQLITE_IOERR_DELETE;
    self.disks_.erase(name);
    return self.real_->xDelete(self.real_, name, sync_directory);
  }

  static int close(sqlite3_file* base) {
    auto& closed = file(base);
    const int code = closed.real->pMethods->xClose(closed.real);
    delete closed.path;
    return code;
  }

  static int write(sqlite3_file* base, const void* data, int size, sqlite3_int64 offset) {
    auto& to = file(base);
    const std::string_view bytes(static_cast<const char*>(data), static_cast<std::size_t>(size));
    if (to.path != nullptr) {
      auto& pending = to.vfs->disks_[*to.path].pending;
      const Change change{false, static_cast<std::size_t>(offset), std::string(bytes)};
      const bool was_dead = to.vfs->dead_;
      const bool lives = to.vfs->step(*to.path);
      // What was being written when power went may be there like anything else.
      if (!was_dead) pending.push_back(change);
      if (!lives) return SQLITE_IOERR_WRITE;
    }
    return to.real->pMethods->xWrite(to.real, data, size, offset);
  }

  static int truncate(sqlite3_file* base, sqlite3_int64 size) {
    auto& to = file(base);
    if (to.path != nullptr) {
      if (!to.vfs->step(*to.path)) return SQLITE_IOERR_TRUNCATE;
      to.vfs->disks_[*to.path].pending.push_back({true, static_cast<std::size_t>(size), {}});
    }
    return to.real->pMethods->xTruncate(to.real, size);
  }

  static int sync(sqlite3_file* base, int) {
    auto& of = file(base);
    auto& self = *of.vfs;
    if (of.path == nullptr) return SQLITE_OK;
    if (!self.step(*of.path)) return SQLITE_IOERR_FSYNC;
    auto& disk = self.disks_[*of.path];
    ++self.sync_count_;
    if (self.until_failure_ >= 0 && self.until_failure_-- == 0) {
      ++self.failed_count_;
      self.settle(disk, 0.5);
      return SQLITE_IOERR_FSYNC;
    }
    apply_whole(disk);
    return SQLITE_OK;  // the files themselves need no real sync
  }

  static int control(sqlite3_file* base, int operation, void* argument) {
    auto& of = file(base);
    if (operation == SQLITE_FCNTL_SIZE_HINT) return SQLITE_OK;
    if (operation == SQLITE_FCNTL_PRAGMA && of.vfs->syncs_ == Syncs::Never) {
      // The second text is the name of the pragma, the third its value, which SQLite reads
      // afterwards.
      auto** texts = static_cast<char**>(argument);
      constexpr std::string_view off = "OFF";
      if (std::strcmp(texts[1], "synchronous") == 0 && texts[2] != nullptr &&
          std::strlen(texts[2]) >= off.size()) {
        std::memcpy(texts[2], off.data(), off.size());
        texts[2][off.size()] = '\0';
      }
    }
    return of.real->pMethods->xFileControl(of.real, operation, argument);
  }

  // What is only passed on.
  template <auto method>
  struct Pass;
  template <typename Out, typename... In, Out (*sqlite3_io_methods::*method)(sqlite3_file*, In...)>
  struct Pass<method> {
    static Out call(sqlite3_file* base, In... in) {
      auto* real = file(base).real;
      return (real->pMethods->*method)(real, in...);
    }
  };

  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods out = [] {
      using M = sqlite3_io_methods;
      sqlite3_io_methods made{};
      made.iVersion = 2;  // with shared memory, without mapped files
      made.xClose = close;
      made.xRead = Pass<&M::xRead>::call;
      made.xWrite = write;
      made.xTruncate = truncate;
      made.xSync = sync;
      made.xFileSize = Pass<&M::xFileSize>::call;
      made.xLock = Pass<&M::xLock>::call;
      made.xUnlock = Pass<&M::xUnlock>::call;
      made.xCheckReservedLock = Pass<&M::xCheckReservedLock>::call;
      made.xFileControl = control;
      made.xSectorSize = Pass<&M::xSectorSize>::call;
      made.xDeviceCharacteristics = Pass<&M::xDeviceCharacteristics>::call;
      made.xShmMap = Pass<&M::xShmMap>::call;
      made.xShmLock = Pass<&M::xShmLock>::call;
      made.xShmBarrier = Pass<&M::xShmBarrier>::call;
      made.xShmUnmap = Pass<&M::xShmUnmap>::call;
      return made;
    }();
    return out;
  }

  std::mt19937_64 random_;
  const Syncs syncs_;
  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  std::map<std::string, Disk, std::less<>> disks_;
  bool dead_ = false;
  std::int64_t until_cut_ = -1, until_failure_ = -1;
  std::int64_t sync_count_ = 0, failed_count_ = 0;
  CutAt cut_at_ = CutAt::Nothing;
};

}  // namespace comity::store
