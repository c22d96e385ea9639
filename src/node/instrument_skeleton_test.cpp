#include "node/instrument_skeleton.h"

#include <gtest/gtest.h>

#include "base/test_source_dir.h"
#include "node/test_nodes.h"
#include "treaty/register.h"

namespace comity::node {
namespace {

using test::must;

NewInstrument good() {
  NewInstrument out;
  out.id = "xa-xb-2026";
  out.title = "Agreement of XA and XB";
  out.parties = {"XA", "XB"};
  return out;
}

TEST(InstrumentSkeleton, LoadsAsItIs) {
  auto dated = good();
  dated.level = "regional";
  dated.signed_on = "2026-01-15";
  dated.in_force = "2026-02-01";
  for (const auto& instrument : {good(), dated}) {
    auto files = must(treaty::read_register(comity::test::source_path("register")));
    files["instruments/" + instrument.level + "/xa-xb-2026.toml"] =
        must(instrument_skeleton(instrument));
    const auto model = treaty::load_register(files, std::nullopt);
    ASSERT_TRUE(model.has_value()) << treaty::as_error(model.error()).text();
    const auto index = (*model)->instrument("xa-xb-2026");
    ASSERT_TRUE(index.has_value());
    const auto& made = (*model)->instruments[static_cast<std::size_t>(*index)];
    EXPECT_EQ(made.title, instrument.title);
    EXPECT_EQ(made.parties.size(), 2U);
    EXPECT_EQ(made.parties[0].in_force.has_value(), !instrument.in_force.empty());
    EXPECT_NE(made.clause("a1"), nullptr);
    EXPECT_NE(made.clause("a2"), nullptr);
  }
}

TEST(InstrumentSkeleton, WhatWouldBreakTheFileIsRefused) {
  const auto refused = [](const std::function<void(NewInstrument&)>& change) {
    auto instrument = good();
    change(instrument);
    const auto text = instrument_skeleton(instrument);
    ASSERT_FALSE(text.has_value());
    EXPECT_EQ(text.error().kind, ErrorKind::InvalidInput);
  };
  refused([](NewInstrument& one) { one.id = ""; });
  refused([](NewInstrument& one) { one.title = "a\"b"; });
  refused([](NewInstrument& one) { one.title = ""; });
  refused([](NewInstrument& one) { one.parties = {"XA"}; });
  refused([](NewInstrument& one) { one.parties = {"XA", "X\"B"}; });
  refused([](NewInstrument& one) { one.signed_on = "2026"; });
  refused([](NewInstrument& one) { one.in_force = "soon"; });
  refused([](NewInstrument& one) { one.level = "\n"; });
  refused([](NewInstrument& one) { one.provenance = ""; });
}

}  // namespace
}  // namespace comity::node
