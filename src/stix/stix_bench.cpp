// How long it takes to read and to judge STIX objects: stix_bench BUNDLE prints lines
// `name value unit` (bench/README.md). Exit 1 with a line stix_WRONG when an object of the bundle
// is not admitted, or when judging one that is asks for memory; patterns are read to trees, so
// indicators are left out of that count.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "base/file.h"
#include "json/parse.h"
#include "stix/admission.h"
#include "stix/validate.h"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const made = std::malloc(size == 0 ? 1 : size)) return made;
  std::abort();
}
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }

namespace comity::stix {
namespace {

constexpr int rounds = 5;

void figure(const std::string& name, double value, const char* unit) {
  fmt::print("{} {:.4g} {}\n", name, value, unit);
}

struct Sample {
  std::vector<std::string> texts;
  std::vector<json::Value> values;
};

Result<Sample> read_sample(const std::string& path) {
  TRY(const auto file, MappedFile::open(path));
  Sample out;
  TRY(const auto envelope,
      json::split(file.text(), "objects", [&](std::string_view element, std::size_t) -> Status {
        TRY(auto value, json::parse(element));
        out.texts.emplace_back(element);
        out.values.push_back(std::move(value));
        return {};
      }));
  if (envelope.find("id") == nullptr || out.texts.empty()) {
    return fail(ErrorKind::InvalidInput, "expected a bundle with objects", path);
  }
  return out;
}

// The least and the middle of the rounds, in microseconds an object.
void measure(const std::string& name, std::size_t objects, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const auto spent = std::chrono::steady_clock::now() - begin;
    times.push_back(std::chrono::duration<double, std::micro>(spent).count() /
                    static_cast<double>(objects));
  }
  std::sort(times.begin(), times.end());
  figure(name + "_min", times.front(), "us/object");
  figure(name + "_median", times[times.size() / 2], "us/object");
}

// How many objects are refused, and the first of each check that refuses.
std::size_t refused(const Sample& sample) {
  std::map<std::string_view, std::pair<std::size_t, std::string>> by_check;
  std::size_t out = 0;
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    const auto report = validate_value(sample.values[i], admission());
    for (const auto& finding : report.findings) {
      auto& row = by_check[check(finding.check).name];
      if (row.first++ == 0) {
        row.second =
            fmt::format("{} {}: {}", sample.values[i].text("id"), finding.path, finding.rule);
      }
    }
    if (const auto read = admit_object(sample.texts[i]); !read) {
      if (out++ == 0) fmt::print("# first refused: {}\n", read.error().text());
    }
  }
  for (const auto& [name, row] : by_check) {
    fmt::print("# {} findings of {}: {}\n", row.first, name, row.second);
  }
  return out;
}

std::uint64_t asked_for(const Sample& sample) {
  std::uint64_t out = 0;
  for (const auto& value : sample.values) {
    if (value.text("type") == "indicator") continue;
    const auto before = allocations.load();
    const auto status = admit(value);
    if (status) out += allocations.load() - before;
  }
  return out;
}

Result<int> bench(const std::string& path) {
  TRY(const auto sample, read_sample(path));
  const auto count = sample.values.size();
  std::size_t bytes = 0;
  for (const auto& text : sample.texts) bytes += text.size();
  figure("stix_objects", static_cast<double>(count), "objects");
  figure("stix_object_bytes", static_cast<double>(bytes) / static_cast<double>(count), "B/object");
  const auto bad = refused(sample);
  const auto asked = asked_for(sample);
  figure("stix_refused", static_cast<double>(bad), "objects");
  figure("stix_admit_allocations", static_cast<double>(asked), "allocations");
  measure("stix_parse", count, [&] {
    for (const auto& text : sample.texts) CHECK(json::parse(text).has_value());
  });
  measure("stix_read", count, [&] {
    for (const auto& text : sample.texts) (void)read_object(text);
  });
  measure("stix_admit", count, [&] {
    for (const auto& value : sample.values) (void)admit(value);
  });
  TRY(const auto everything, Selection::of({}));
  measure("stix_validate", count, [&] {
    for (const auto& value : sample.values) (void)validate_value(value, everything);
  });
  if (bad == 0 && asked == 0) return 0;
  fmt::print("stix_WRONG 1 \"{} objects are refused, {} allocations for those that are not\"\n",
             bad, asked);
  return 1;
}

}  // namespace
}  // namespace comity::stix

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: stix_bench BUNDLE\n");
    return 2;
  }
  const auto done = comity::stix::bench(argv[1]);
  if (done) return *done;
  fmt::print(stderr, "{}\n", done.error().text());
  return comity::exit_code(done.error().kind);
}
