#include "node/command_line.h"

int main(int argc, char** argv) { return comity::node::command_line(argc, argv); }
