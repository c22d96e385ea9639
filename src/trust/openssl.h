// Owners for the objects of OpenSSL, for the .cpp files of this folder only. Not to be included by
// other folders.
#pragma once

#include <memory>

namespace comity::trust {

// Frees with the function that OpenSSL gives for the type.
template <auto release>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

template <typename T, auto release>
using Owned = std::unique_ptr<T, Freer<release>>;

// Stands in for OpenSSL's own question on the terminal when a key is encrypted.
inline int no_passphrase(char*, int, int, void*) { return -1; }

// Takes back what OpenSSL put into the error queue of the thread while this lived: what stays there
// would be read as the failure of the next TLS connection of the same thread.
class QuietErrors {
 public:
  QuietErrors();
  ~QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

}  // namespace comity::trust
