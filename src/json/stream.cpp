#include "json/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <string>

#include "json/parse.h"
#include "json/place.h"
#include "json/reader.h"

namespace comity::json {
namespace {

// Passes values by their quotes and brackets, in text that nobody has checked.
class Passer {
 public:
  explicit Passer(std::string_view text) : text_(text) {}

  bool at_end() {
    next_ = std::min(text_.find_first_not_of(" \t\n\r", next_), text_.size());
    return next_ == text_.size();
  }

  // Passes the next character that is no white space if it is `c`.
  bool pass(char c) {
    if (at_end() || text_[next_] != c) return false;
    ++next_;
    return true;
  }

  bool is_next(char c) { return !at_end() && text_[next_] == c; }

  // Passes one value that `levels` enclose and gives its bytes: none when it does not end, or lies
  // deeper than a document may.
  std::optional<std::string_view> value(std::size_t levels) {
    if (at_end()) return std::nullopt;
    const auto start = next_;
    const char first = text_[next_];
    bool ends = true;
    if (first == '"') {
      ends = string();
    } else if (first == '{' || first == '[') {
      ends = container(levels);
    } else {
      next_ = std::min(text_.find_first_of(" \t\n\r,:]}[{\"", next_), text_.size());
    }
    if (!ends || next_ == start) return std::nullopt;
    return text_.substr(start, next_ - start);
  }

 private:
  bool string() {
    for (auto from = next_ + 1;;) {
      const auto* quote = from >= text_.size()
                              ? nullptr
                              : static_cast<const char*>(
                                    std::memchr(text_.data() + from, '"', text_.size() - from));
      if (quote == nullptr) return false;
      const auto at = static_cast<std::size_t>(quote - text_.data());
      // The quote ends the string unless an odd number of backslashes stands before it.
      auto before = at;
      while (before > next_ + 1 && text_[before - 1] == '\\') --before;
      if ((at - before) % 2 == 0) {
        next_ = at + 1;
        return true;
      }
      from = at + 1;
    }
  }

  bool container(std::size_t levels) {
    std::size_t depth = 0;
    while (next_ < text_.size()) {
      switch (text_[next_]) {
        case '"':
          if (!string()) return false;
          continue;
        case '{':
        case '[':
          if (++depth + levels > depth_max) return false;
          break;
        case '}':
        case ']':
          --depth;
          break;
        default:
          break;
      }
      ++next_;
      if (depth == 0) return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t next_ = 0;
};

class Stream {
 public:
  Stream(std::string_view text, std::string_view member,
         const std::function<Status(std::string_view, std::size_t)>& each)
      : text_(text), member_(member), each_(each), passer_(text) {}

  Result<Streamed> run() {
    if (!passer_.pass('{')) return broken();
    if (!passer_.pass('}')) {
      do {
        TRY_STATUS(one_member());
      } while (passer_.pass(','));
      if (!passer_.pass('}')) return broken();
    }
    if (!passer_.at_end()) return broken();
    return std::move(out_);
  }

 private:
  // The text is no JSON object. The reader says best where and why, at the price of reading again.
  tl::unexpected<Error> broken() const {
    auto status = validate(text_);
    if (!status) return tl::unexpected<Error>(std::move(status).error());
    return fail(ErrorKind::InvalidInput, "at $: expected an object",
                place_at(text_, text_.find_first_not_of(" \t\n\r")).position);
  }

  std::size_t offset_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - text_.data());
  }

  // One name or value. What the whole text is refused for comes before what it alone is.
  Result<Value> strict(std::string_view part) const {
    auto value = read_part(text_, offset_of(part), part.size());
    if (value) return value;
    TRY_STATUS(validate(text_));
    return value;
  }

  Status one_member() {
    if (!passer_.is_next('"')) return broken();
    const auto name_text = passer_.value(1);
    if (!name_text) return broken();
    TRY(const auto name_value, strict(*name_text));
    const auto& name = *name_value.string();
    if (!names_.insert(name).second) return duplicate_name(text_, offset_of(*name_text), name);
    TRY_STATUS(hold(name_text->size(), offset_of(*name_text)));
    if (!passer_.pass(':')) return broken();
    if (name == member_ && passer_.is_next('[')) return elements();
    const auto value_text = passer_.value(1);
    if (!value_text) return broken();
    TRY_STATUS(hold(value_text->size(), offset_of(*name_text)));
    TRY(auto value, strict(*value_text));
    out_.members.append(name, std::move(value));
    return {};
  }

  // Counts what is kept.
  Status hold(std::size_t bytes, std::size_t offset) {
    held_ += bytes;
    if (held_ <= document_bytes_max) return {};
    return fail(ErrorKind::TooLarge,
                fmt::format("found members beside \"{}\" that are longer than {} bytes in all",
                            member_, document_bytes_max),
                place_at(text_, offset).position);
  }

  Status elements() {
    out_.has_array = true;
    passer_.pass('[');
    if (passer_.pass(']')) return {};
    std::size_t index = 0;
    do {
      const auto element = passer_.value(2);
      if (!element) return broken();
      if (auto done = each_(*element, index); !done) {
        return tl::unexpected<Error>(
            std::move(done).error().at(fmt::format("$.{}[{}]", member_, index)));
      }
      ++index;
    } while (passer_.pass(','));
    if (!passer_.pass(']')) return broken();
    return {};
  }

  std::string_view text_, member_;
  const std::function<Status(std::string_view, std::size_t)>& each_;
  Passer passer_;
  std::set<std::string> names_;  // of all members
  std::size_t held_ = 0;         // bytes of names and of values that are kept
  Streamed out_;
};

}  // namespace

Result<Streamed> stream(
    std::string_view text, std::string_view member,
    const std::function<Status(std::string_view element, std::size_t index)>& each) {
  return Stream(text, member, each).run();
}

}  // namespace comity::json
