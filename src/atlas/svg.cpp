#include "atlas/svg.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/result.h"

namespace comity::atlas {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
          out += "\uFFFD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string Svg::number(double value) {
  const auto tenths = std::llround(value * 10);
  const auto whole = std::llabs(tenths) / 10, rest = std::llabs(tenths) % 10;
  auto out = fmt::format("{}{}", tenths < 0 ? "-" : "", whole);
  if (rest != 0) out += fmt::format(".{}", rest);
  return out;
}

Svg::Svg(const Head& head) {
  begin("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                {"viewBox", fmt::format("0 0 {} {}", head.width, head.height)},
                {"width", fmt::format("{}", head.width)},
                {"height", fmt::format("{}", head.height)},
                {"role", "img"},
                {"aria-labelledby", "title description"},
                {"lang", head.language},
                {"xml:lang", head.language},
                {"direction", head.right_to_left ? "rtl" : "ltr"},
                {"font-family", "sans-serif"},
                {"font-size", "12"},
                {"fill", "#111"}});
  out_ += ">\n";
  open_.emplace_back("svg");
  out_ += fmt::format("<title id=\"title\">{}</title>\n", escaped(head.title));
  out_ += fmt::format("<desc id=\"description\">{}</desc>\n", escaped(head.description));
  shape("rect", {{"width", "100%"}, {"height", "100%"}, {"fill", "#fff"}});
}

void Svg::begin(std::string_view element, Attributes attributes) {
  out_ += fmt::format("<{}", element);
  for (const auto& [name, value] : attributes) {
    out_ += fmt::format(" {}=\"{}\"", name, escaped(value));
  }
}

void Svg::open(std::string_view element, Attributes attributes) {
  begin(element, attributes);
  out_ += ">\n";
  open_.emplace_back(element);
}

void Svg::close() {
  CHECK(!open_.empty());
  out_ += fmt::format("</{}>\n", open_.back());
  open_.pop_back();
}

void Svg::title(std::string_view text) {
  out_ += fmt::format("<title>{}</title>\n", escaped(text));
}

void Svg::shape(std::string_view element, Attributes attributes) {
  begin(element, attributes);
  out_ += "/>\n";
}

void Svg::text(double x, double y, std::string_view text, Attributes attributes) {
  out_ += fmt::format("<text x=\"{}\" y=\"{}\"", number(x), number(y));
  for (const auto& [name, value] : attributes) {
    out_ += fmt::format(" {}=\"{}\"", name, escaped(value));
  }
  out_ += fmt::format(">{}</text>\n", escaped(text));
}

std::string Svg::finish() {
  CHECK(open_.size() == 1);
  close();
  return std::move(out_);
}

}  // namespace comity::atlas
