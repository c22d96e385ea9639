// A drawing as SVG 1.1, written as text: the same calls give the same bytes. Everything that comes
// in as text is escaped; lengths are written to a tenth. There is no script, no style sheet and
// nothing from elsewhere in it, so that a page with a strict content security policy can show it.
// One thread at a time.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace comity::atlas {

// Text that may stand between tags and in quotes. What XML 1.0 forbids becomes U+FFFD.
std::string escaped(std::string_view text);

class Svg {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string>>;

  struct Head {
    int width = 0, height = 0;
    std::string language;
    bool right_to_left = false;
    std::string title, description;  // what a screen reader says in the place of the drawing
  };
  explicit Svg(const Head& head);

  void open(std::string_view element, Attributes attributes = {});
  void close();
  // The title of the element that is open: what a pointer shows and a reader says.
  void title(std::string_view text);
  void shape(std::string_view element, Attributes attributes);
  void text(double x, double y, std::string_view text, Attributes attributes = {});
  // The document. Everything has been closed.
  std::string finish();

  static std::string number(double value);  // to a tenth, without needless zeros

 private:
  void begin(std::string_view element, Attributes attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace comity::atlas
