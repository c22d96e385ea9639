// Bytes as a STIX pattern: what is read prints in one spelling that is read as the same tree, every
// problem has a place in the text, and matching ends, with a yes, a no or an error.
#include <cstddef>
#include <cstdint>

#include "json/parse.h"
#include "stix/pattern/check.h"
#include "stix/pattern/match.h"
#include "stix/pattern/parse.h"
#include "stix/pattern/print.h"

using namespace comity;

namespace {

// Three observations with values of every kind, neighbours and more than one instance.
constexpr const char* world = R"([{"type":"observed-data","id":"1","number_observed":2,
"first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:05.5Z",
"object_refs":["f","i"]},{"type":"observed-data","id":"2","number_observed":1,
"first_observed":"2020-01-01T00:00:03Z","last_observed":"2020-01-01T00:00:03Z",
"object_refs":["i","n"]},{"type":"observed-data","id":"3","number_observed":1,
"first_observed":"2020-01-01T00:00:09Z","last_observed":"2020-01-01T00:00:10Z",
"object_refs":["f"]},
{"type":"file","id":"f","name":"a.exe","size":5,"hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"},
"created":"2020-01-01T00:00:00Z","payload_bin":"YWJj","magic_hex":"4d5a","hidden":true,"x":null,
"sections":[{"entropy":1.5},{"entropy":7.5}]},{"type":"ipv4-addr","id":"i","value":"10.0.0.1"},
{"type":"network-traffic","id":"n","src_ref":"i","dst_refs":["i","f"]}])";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto value = json::parse(world);
  static const auto observations = stix::pattern::read_observations(*value);
  CHECK(observations.has_value());

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto found = stix::pattern::problems(text);
  for (const auto& problem : found) {
    CHECK(problem.line > 0 && problem.column > 0 && !problem.message.empty());
    CHECK(!stix::pattern::show(text, problem).empty());
  }
  const auto tree = stix::pattern::parse(text);
  if (!tree) {
    CHECK(found.size() == 1 && found.front() == tree.error());
    return 0;
  }
  const auto printed = stix::pattern::print(*tree);
  const auto again = stix::pattern::parse(printed);
  // One spelling may be longer than what was read, and so too long.
  CHECK(again.has_value() || printed.size() > stix::pattern::pattern_bytes_max);
  if (again) CHECK(*again == *tree && stix::pattern::print(*again) == printed);

  const auto matched = stix::pattern::match(*tree, *observations);
  CHECK(matched.has_value() || !matched.error().message.empty());
  if (again) {
    const auto same = stix::pattern::match(*again, *observations);
    CHECK(same.has_value() == matched.has_value() && (!same || *same == *matched));
  }
  return 0;
}
