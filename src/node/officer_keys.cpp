#include "node/officer_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "node/act_command.h"
#include "trust/officer_key.h"

namespace comity::node {
namespace {

// The terminal of the caller, silent while it lives.
class SilentTerminal {
 public:
  SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    usable_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (usable_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  Result<std::string> ask(const std::string& question) const {
    if (!usable_) {
      return fail(ErrorKind::InvalidInput,
                  "there is no terminal to ask for a passphrase; give --passphrase-file FILE for "
                  "each key");
    }
    say(question + ": ");
    std::string line;
    char c = 0;
    while (::read(descriptor_, &c, 1) == 1 && c != '\n') {
      if (line.size() <= trust::passphrase_bytes_max) line += c;
    }
    say("\n");
    return line;
  }

 private:
  void say(const std::string& text) const {
    // A terminal that takes no text still gives the answer.
    (void)!::write(descriptor_, text.data(), text.size());
  }

  int descriptor_;
  termios before_{};
  bool usable_ = false;
};

}  // namespace

Result<std::string> Passphrases::next(const std::string& what, bool twice) {
  if (used_ < files_.size()) {
    TRY(auto text, read_file(files_[used_++], trust::passphrase_bytes_max + 2));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
  }
  const SilentTerminal terminal;
  TRY(auto first, terminal.ask(fmt::format("Passphrase of {}", what)));
  if (!twice) return first;
  TRY(const auto second, terminal.ask("The same again"));
  if (first != second) return fail(ErrorKind::InvalidInput, "the two passphrases differ");
  return first;
}

Result<trust::SigningKey> open_key_file(const std::string& path, Passphrases& passphrases) {
  TRY(const auto pem, read_file(path, trust::pem_bytes_max));
  TRY(const auto passphrase, passphrases.next(path, false));
  auto key = trust::open_officer_key(pem, passphrase);
  if (!key) return tl::unexpected<Error>(std::move(key.error()).at(path));
  return key;
}

Result<std::string> key_file_for(const std::string& path, Passphrases& passphrases) {
  if (file_exists(path)) {
    TRY(const auto key, open_key_file(path, passphrases));
    return key.public_key();
  }
  const auto key = trust::SigningKey::generate();
  TRY(const auto passphrase, passphrases.next(path + " (new)", true));
  TRY(const auto pem, trust::seal_officer_key(key, passphrase));
  TRY_STATUS(write_file(path, pem, 0600));
  return key.public_key();
}

Result<json::Object> approval_by(const std::string& directory, std::string_view command,
                                 const json::Object& arguments,
                                 const std::vector<std::string>& key_files,
                                 Passphrases& passphrases) {
  const auto* act = find_act(command);
  CHECK(act != nullptr);
  if (key_files.size() != exchange::act_signatures) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} times --officer FILE; an act is signed by {} officers",
                            key_files.size(), exchange::act_signatures));
  }
  TRY(const auto node, exchange::Node::open(directory, exchange::NodeAccess::ReadOnly,
                                            system_clock(), system_random()));
  TRY(auto signed_arguments, act->signed_arguments(*node, arguments));
  exchange::Approval approval;
  approval.act = exchange::to_json(exchange::act_for(*node, act->act, std::move(signed_arguments)));
  for (const auto& path : key_files) {
    TRY(const auto key, open_key_file(path, passphrases));
    exchange::sign_act(approval, key);
  }
  return exchange::to_json(approval);
}

}  // namespace comity::node
