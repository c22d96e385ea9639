// The demonstration federation: real nodes as real processes on loopback, in exercise mode, walking
// through one crossing. Each step says what happened, under which article, what was ASSUMED, and
// whether it was as expected.
#pragma once

#include <string>

namespace comity::node {

struct DemoOptions {
  std::string data;                // one folder per node below it, and nothing else
  std::string register_directory;  // with exercises/demo.toml
  bool once = false;               // end after the transcript
};

// Exit code: 0 when every step went as expected (and, without `once`, after an interrupt), 1 when
// one did not, 2 when the folder is not ours to replace or a demonstration runs in it, 3 when
// processes cannot be started.
int demonstrate(const DemoOptions& options);

}  // namespace comity::node
