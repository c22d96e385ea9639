// The command line of comity: words to commands, outcomes to output and exit codes (README,
// "Commands").
#pragma once

namespace comity::node {

// Returns the exit code: 0 done, 1 the answer is no, 2 usage or bad input, 3 environment.
int command_line(int argc, char** argv);

}  // namespace comity::node
