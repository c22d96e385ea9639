// Child processes of this program: run to the end, or kept running until they are stopped.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace comity::node {

constexpr std::size_t child_output_bytes_max = 64 * 1024 * 1024;
constexpr int child_ready_seconds_max = 60;

struct Finished {
  int exit_code = 0;
  std::string out, err;
};

// Runs this program with these arguments to its end.
Result<Finished> run_self(const std::vector<std::string>& arguments);

// This program kept running; ended by SIGTERM when the object is destroyed.
class Running {
 public:
  // Returns once the child has printed a line that contains `ready`.
  static Result<std::unique_ptr<Running>> start(const std::vector<std::string>& arguments,
                                                const std::string& ready);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // The line that said so.
  const std::string& ready_line() const { return ready_line_; }

 private:
  Running(pid_t process, int output) : process_(process), output_(output) {}
  pid_t process_;
  int output_;
  std::string ready_line_;
};

}  // namespace comity::node
