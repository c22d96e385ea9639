// Four paired parties in a row, XA to XD, each with an agreement with the next alone, whose views
// are served on loopback: for tests of what goes on from hand to hand. Header only.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "exchange/test_federation.h"

namespace comity::exchange::test {

// The small register with agreements of XB and XC, and of XC and XD, like that of XA and XB.
inline treaty::RegisterFiles chain_register() {
  auto files = register_files();
  const auto like = [&](const std::string& id, const std::string& one, const std::string& other) {
    auto text = files.at(agreement_file);
    const auto all = [&](const std::string& from, const std::string& to) {
      for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    };
    all("xa-xb-2024", id);
    all("code = \"XB\"", "code = \"" + other + "\"");
    all("code = \"XA\"", "code = \"" + one + "\"");
    files["instruments/bilateral/" + id + ".toml"] = text;
  };
  like("xb-xc-2024", "XB", "XC");
  like("xc-xd-2024", "XC", "XD");
  return files;
}

struct Chain4 {
  TemporaryDirectory directory;
  Party xa{directory.file("XA"), "XA", 11, with_register};
  Party xb{directory.file("XB"), "XB", 12, with_register};
  Party xc{directory.file("XC"), "XC", 13, with_register};
  Party xd{directory.file("XD"), "XD", 14, with_register};

  Chain4() {
    const std::array<Party*, 4> all = {&xa, &xb, &xc, &xd};
    for (auto* party : all) {
      auto& node = party->node();
      wires_.push_back(std::make_unique<Wire>(
          node, [this, code = node.party()](const net::Request&) -> std::optional<net::Response> {
            if (away_ != code) return std::nullopt;
            net::Response gone;
            gone.status = 503;
            return gone;
          }));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = i + 1; j < all.size(); ++j) {
        pair_both(all[i]->node(), all[j]->node(), wires_[i]->url(), wires_[j]->url());
      }
    }
  }
  Node& a() { return xa.node(); }
  Node& b() { return xb.node(); }
  Node& c() { return xc.node(); }
  Node& d() { return xd.node(); }
  // One party answers nothing but that it cannot.
  void away(Node& node) { away_ = node.party(); }
  void back(Node&) { away_.clear(); }

 private:
  static void with_register(NewNode& options) { options.register_files = chain_register(); }

  std::string away_;  // not changed while a request is under way
  std::vector<std::unique_ptr<Wire>> wires_;
};

}  // namespace comity::exchange::test
