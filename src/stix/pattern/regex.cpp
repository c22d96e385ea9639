#define PCRE2_CODE_UNIT_WIDTH 8
#include "stix/pattern/regex.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <array>

namespace comity::stix::pattern {
namespace {

template <auto Free>
struct FreedBy {
  template <typename T>
  void operator()(T* held) const {
    Free(held);
  }
};
using Code = std::unique_ptr<pcre2_code, FreedBy<pcre2_code_free>>;
using Context = std::unique_ptr<pcre2_match_context, FreedBy<pcre2_match_context_free>>;
using Found = std::unique_ptr<pcre2_match_data, FreedBy<pcre2_match_data_free>>;

std::string message_of(int error) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(error, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct Regex::Compiled {
  Code code;
  Context context;
  Found found;
};

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view expression, bool of_characters) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  // \C would cut a character in two.
  const std::uint32_t options =
      PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C | (of_characters ? PCRE2_UTF : PCRE2_NEVER_UTF);
  auto compiled = std::make_unique<Compiled>();
  compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()),
                                     expression.size(), options, &error, &offset, nullptr));
  if (compiled->code == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the regular expression of MATCHES is none for PCRE: {}, behind {} of "
                            "its bytes",
                            message_of(error), offset));
  }
  compiled->context.reset(pcre2_match_context_create(nullptr));
  compiled->found.reset(pcre2_match_data_create(1, nullptr));
  if (compiled->context == nullptr || compiled->found == nullptr) {
    return fail(ErrorKind::Unavailable, "no memory for a regular expression");
  }
  // Each bound is on what one search does; JIT is not used, which would count otherwise.
  pcre2_set_match_limit(compiled->context.get(), regex_steps_max);
  pcre2_set_depth_limit(compiled->context.get(), regex_steps_max);
  pcre2_set_heap_limit(compiled->context.get(), regex_memory_kib_max);
  return Regex(std::move(compiled));
}

Result<bool> Regex::found_in(std::string_view subject) const {
  const int result =
      pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()),
                  subject.size(), 0, 0, compiled_->found.get(), compiled_->context.get());
  if (result >= 0) return true;
  if (result == PCRE2_ERROR_NOMATCH) return false;
  const bool bound = result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
                     result == PCRE2_ERROR_HEAPLIMIT;
  return fail(bound ? ErrorKind::TooLarge : ErrorKind::InvalidInput,
              fmt::format("the regular expression of MATCHES {}: {}",
                          bound ? "is too costly for this value" : "cannot be searched for",
                          message_of(result)));
}

}  // namespace comity::stix::pattern
