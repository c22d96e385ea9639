// What a handler goes on saying after its response began: server-sent events (WHATWG HTML, section
// "Server-sent events"), given from any thread and written by the connection.
//
// The handler puts it into its Response and keeps a pointer to it; the connection keeps another.
// What waits is bounded: a client that does not read loses its stream, and connects again.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "net/limits.h"

namespace comity::net {

class EventStream {
 public:
  explicit EventStream(std::size_t bytes_max = limits::stream_bytes_max) : bytes_max_(bytes_max) {}
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // Queues whole events ("event: changed\ndata: {}\n\n"). False when the stream has ended; it ends
  // here when more than `bytes_max` would wait.
  bool send(std::string_view events);
  // What is queued still leaves, then the response ends.
  void end();
  // Whether the client is gone, or somebody has ended it.
  bool ended() const;

  // For the connection. `wake` is called, from any thread and not under a lock, when something is
  // to be taken; it replaces an earlier one.
  void attach(std::function<void()> wake);
  // What waits, and whether more may come.
  struct Taken {
    std::string bytes;
    bool ended = false;
  };
  Taken take();

 private:
  void wake_up(std::unique_lock<std::mutex> lock);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::string waiting_;
  bool ended_ = false;
  std::function<void()> wake_;
};

}  // namespace comity::net
