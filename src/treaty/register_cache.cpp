#include "treaty/register_cache.h"

#include <string_view>
#include <utility>

namespace comity::treaty {
namespace {

constexpr std::string_view instrument_folder = "instruments/";

template <typename Known>
auto find_in(const Known& known, const Digest& key) {
  const auto it = known.find(key);
  return it == known.end() ? nullptr : it->second;
}

// The files of the root, whatever they are, and the names of all instruments: an instrument may
// name words, parties and other instruments, and is refused where they are not there.
std::string surroundings_of(const RegisterFiles& files) {
  Sha256 sum;
  for (const auto& [path, text] : files) {
    if (path.starts_with(instrument_folder)) {
      sum.add(path).add("\n");
    } else if (path.find('/') == std::string::npos) {
      sum.add(path).add("\n").add(hex(sha256(text))).add("\n");
    }
  }
  return hex(sum.finish());
}

}  // namespace

std::shared_ptr<const RegisterCache::Entries> RegisterCache::entries() const {
  const std::lock_guard guard(mutex_);
  return entries_;
}

void RegisterCache::replace(std::shared_ptr<const Entries> entries) {
  const std::lock_guard guard(mutex_);
  entries_ = std::move(entries);
}

CachedReading::CachedReading(RegisterCache* cache, const RegisterFiles& files)
    : cache_(cache), files_(files) {
  if (cache_ == nullptr) return;
  known_ = cache_->entries();
  surroundings_ = surroundings_of(files);
}

Digest CachedReading::instrument_key(const std::string& path) const {
  Sha256 sum;
  sum.add(surroundings_).add("\n").add(path).add("\n").add(files_.at(path));
  return sum.finish();
}

// A document is what its bytes say; the path stands in messages alone, and what is kept has none.
Digest CachedReading::document_key(const std::string& path) const {
  return sha256(files_.at(path));
}

std::shared_ptr<const Instrument> CachedReading::instrument(const std::string& path) {
  if (cache_ == nullptr) return nullptr;
  const auto key = instrument_key(path);
  auto found = find_in(known_->instruments, key);
  if (found) {
    ++used_.reused;
    used_.instruments[key] = found;
  }
  return found;
}

std::shared_ptr<const TomlNode> CachedReading::document(const std::string& path) {
  if (cache_ == nullptr) return nullptr;
  const auto key = document_key(path);
  auto found = find_in(known_->documents, key);
  if (found) {
    ++used_.reused;
    used_.documents[key] = found;
  }
  return found;
}

void CachedReading::keep_instrument(const std::string& path, const Instrument& instrument) {
  if (cache_ == nullptr) return;
  ++used_.read;
  used_.instruments[instrument_key(path)] = std::make_shared<const Instrument>(instrument);
}

void CachedReading::keep_document(const std::string& path,
                                  std::shared_ptr<const TomlNode> document) {
  if (cache_ == nullptr) return;
  ++used_.read;
  used_.documents[document_key(path)] = std::move(document);
}

void CachedReading::finish() {
  if (cache_ == nullptr) return;
  cache_->replace(std::make_shared<const RegisterCache::Entries>(std::move(used_)));
}

}  // namespace comity::treaty
