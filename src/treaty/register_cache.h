// What was read of register files in the last load, so that the next one reads only the files that
// changed (docs/adr/0019-what-changed-is-read-again.md). It holds nothing that files do not say:
// a model that was loaded with it equals one that was loaded without.
//
// Plain data behind a mutex: may be used from any thread. Loads that run at once each go by what
// was there when they began; the last one to end is remembered.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "treaty/register.h"
#include "treaty/toml_reader.h"

namespace comity::treaty {

class RegisterCache {
 public:
  // By a key that stands for all that the reading depends on.
  struct Entries {
    std::map<Digest, std::shared_ptr<const Instrument>> instruments;
    std::map<Digest, std::shared_ptr<const TomlNode>> documents;
    std::size_t read = 0, reused = 0;  // files
  };

  std::shared_ptr<const Entries> entries() const;
  void replace(std::shared_ptr<const Entries> entries);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Entries> entries_ = std::make_shared<const Entries>();
};

// One load: takes from the cache what it can, and in the end leaves there what this load used, so
// that a cache is never larger than one register. On one thread; without a cache it keeps nothing.
class CachedReading {
 public:
  CachedReading(RegisterCache* cache, const RegisterFiles& files);

  // Null when the file has to be read. An instrument is as its file alone makes it: without what an
  // exercise or other files add.
  std::shared_ptr<const Instrument> instrument(const std::string& path);
  std::shared_ptr<const TomlNode> document(const std::string& path);
  void keep_instrument(const std::string& path, const Instrument& instrument);
  void keep_document(const std::string& path, std::shared_ptr<const TomlNode> document);
  void finish();

 private:
  Digest instrument_key(const std::string& path) const;
  Digest document_key(const std::string& path) const;

  RegisterCache* cache_;
  const RegisterFiles& files_;
  std::shared_ptr<const RegisterCache::Entries> known_;
  RegisterCache::Entries used_;
  std::string surroundings_;  // what every instrument is read with
};

}  // namespace comity::treaty
