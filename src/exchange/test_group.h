// What several threads bring in at once, so that it shares one commit. Header only.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "exchange/group_commit.h"
#include "exchange/node.h"

namespace comity::exchange::test {

// Runs each work in a thread of its own. They come to the node's admissions in this order, one
// after the other, and find another change at work there, which ends when all of them wait. A work
// that ends before it has come there holds up nothing.
inline void run_in_one_group(Node& node, const std::vector<std::function<void()>>& works) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::vector<std::atomic<bool>> ended(works.size());
  std::vector<std::thread> threads;
  bool late = false;
  {
    const auto change = Change::begin(node);  // where it fails, none of them gets further either
    for (std::size_t i = 0; i < works.size(); ++i) {
      const auto before = node.admissions().waiting();
      threads.emplace_back([&work = works[i], &done = ended[i]] {
        work();
        done = true;
      });
      while (!ended[i] && node.admissions().waiting() == before && !late) {
        late = std::chrono::steady_clock::now() > deadline;
        std::this_thread::yield();
      }
    }
  }
  for (auto& thread : threads) thread.join();
  if (late) throw std::runtime_error("something never came to the admissions of the node");
}

}  // namespace comity::exchange::test
