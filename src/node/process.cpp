#include "node/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

extern char** environ;

namespace comity::node {
namespace {

tl::unexpected<Error> cannot(const char* action) {
  return fail(ErrorKind::Unavailable, fmt::format("cannot {}: {}", action, std::strerror(errno)));
}

struct Pipe {
  int read = -1, write = -1;
  ~Pipe() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  int release_read() { return std::exchange(read, -1); }
};

Result<pid_t> spawn(const std::vector<std::string>& arguments, int out, int err) {
  std::vector<std::string> words = {"comity"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  // The child must be stoppable whatever its parent has blocked.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t process = 0;
  const int failed =
      ::posix_spawn(&process, "/proc/self/exe", &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    errno = failed;
    return cannot("start a process");
  }
  return process;
}

// Reads from both pipes until both are closed by the child.
void drain(Pipe& out, Pipe& err, Finished& finished) {
  std::array<pollfd, 2> wait = {{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&finished.out, &finished.err};
  std::array<char, 65536> buffer{};
  while (wait[0].fd >= 0 || wait[1].fd >= 0) {
    if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = 0; i < wait.size(); ++i) {
      if (wait[i].fd < 0 || wait[i].revents == 0) continue;
      const auto count = ::read(wait[i].fd, buffer.data(), buffer.size());
      if (count <= 0) {
        wait[i].fd = -1;
      } else if (texts[i]->size() < child_output_bytes_max) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      }
    }
  }
}

}  // namespace

Result<Finished> run_self(const std::vector<std::string>& arguments) {
  Pipe out, err;
  if (!out.open() || !err.open()) return cannot("make a pipe");
  TRY(const auto process, spawn(arguments, out.write, err.write));
  ::close(std::exchange(out.write, -1));
  ::close(std::exchange(err.write, -1));
  Finished finished;
  drain(out, err, finished);
  int status = 0;
  if (::waitpid(process, &status, 0) < 0) return cannot("wait for a process");
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

Result<std::unique_ptr<Running>> Running::start(const std::vector<std::string>& arguments,
                                                const std::string& ready) {
  Pipe out;
  if (!out.open()) return cannot("make a pipe");
  TRY(const auto process, spawn(arguments, out.write, -1));
  ::close(std::exchange(out.write, -1));
  std::unique_ptr<Running> running(new Running(process, out.release_read()));
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd wait = {running->output_, POLLIN, 0};
    if (::poll(&wait, 1, child_ready_seconds_max * 1000) <= 0) {
      return fail(ErrorKind::Unavailable, "a node did not get ready in time");
    }
    const auto count = ::read(running->output_, buffer.data(), buffer.size());
    if (count <= 0) return fail(ErrorKind::Unavailable, "a node ended before it was ready");
    text.append(buffer.data(), static_cast<std::size_t>(count));
    const auto at = text.find(ready);
    const auto end = at == std::string::npos ? at : text.find('\n', at);
    if (end == std::string::npos) continue;
    const auto start = text.rfind('\n', at);
    const auto from = start == std::string::npos ? 0 : start + 1;
    running->ready_line_ = text.substr(from, end - from);
    return running;
  }
}

Running::~Running() {
  ::kill(process_, SIGTERM);
  int status = 0;
  ::waitpid(process_, &status, 0);
  ::close(output_);
}

}  // namespace comity::node
