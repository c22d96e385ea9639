// To decline is always possible (HR-11, HR-13): no guard and nothing in the question stands in the
// way, whatever it is about. COMITY_SCALE as in rights_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "treaty/refusal.h"
#include "treaty/test_rights.h"

namespace comity::treaty {
namespace {

using test::for_every;
using test::Law;
using test::Question;
using test::words;

class RefusalTest : public testing::TestWithParam<Action> {};

test::Dimensions everything(Action action) {
  auto infos = test::class_sets_with(test::bits(words().classes, "content-data state-secret"));
  infos.push_back(0);
  infos.push_back(bit(static_cast<int>(words().classes.values.size())) - 1);  // all at once
  auto out = test::Dimensions::all(static_cast<int>(action), std::move(infos));
  out.court_orders = {std::nullopt, FactValue::No};
  return out;
}

TEST_P(RefusalTest, Hr11WhereItIsAgreedNothingStandsInTheWay) {
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const Law law(test::wide_open(), mode);
    for_every(everything(GetParam()), [&](const Question& asked) {
      const auto request = law.request(asked);
      ASSERT_EQ(law.kind(request), VerdictKind::Permitted) << law.text(request);
    });
  }
}

TEST_P(RefusalTest, Hr11WithoutAnyAgreementNothingForbidsIt) {
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    auto model = test::wide_open();
    model.instruments.front().clauses.clear();
    const Law law(std::move(model), mode);
    for_every(everything(GetParam()), [&](const Question& asked) {
      const auto request = law.request(asked);
      ASSERT_EQ(law.kind(request), VerdictKind::NoBasis) << law.text(request);
    });
  }
}

// An agreement that forbids to decline, within itself and for all that came under it.
Model closed() {
  auto model = test::wide_open();
  for (const auto scope : {Scope::Basis, Scope::Origin}) {
    Clause forbid;
    forbid.id = scope == Scope::Basis ? "a8" : "a9";
    forbid.article = "Art. 9";
    forbid.verb = Verb::Forbid;
    forbid.scope = scope;
    forbid.actions = bit(Action::Refuse) | bit(Action::Withdraw);
    forbid.digest = sha256(forbid.id);
    model.instruments.front().clauses.push_back(forbid);
  }
  return model;
}

TEST(RefusalGroundsTest, Hr11NoRegisterTakesAKeptGroundAway) {
  const auto& grounds = words().refusal_grounds.values;
  ASSERT_GT(grounds.size(), kept_refusal_grounds.size()) << "there must be others, too";
  std::uint64_t forbidden = 0;
  // Of what tells who asks how, the tests above try all; here each ground meets each matter.
  auto matters = everything(Action::Refuse);
  matters.purposes.resize(2);
  matters.tlps = {Tlp::Clear, Tlp::Red};
  matters.roles = {{0, 0}};
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const Law law(closed(), mode);
    for (std::size_t i = 0; i < grounds.size(); ++i) {
      const bool kept = std::find(kept_refusal_grounds.begin(), kept_refusal_grounds.end(),
                                  grounds[i]) != kept_refusal_grounds.end();
      for_every(matters, [&](const Question& asked) {
        // Also where what the request is about came from a third state: then both forbids meet it.
        for (const bool received : {false, true}) {
          auto request = law.request(asked);
          request.refusal_ground = static_cast<int>(i);
          if (received) request.chain.push_back({0, 2});
          const auto kind = law.kind(request);
          if (kept) {
            ASSERT_EQ(kind, VerdictKind::Permitted) << grounds[i] << ": " << law.text(request);
          }
          forbidden += kind == VerdictKind::Forbidden ? 1 : 0;
        }
      });
    }
  }
  EXPECT_GT(forbidden, 0U) << "nothing was closed: the grounds were not tried";
}

INSTANTIATE_TEST_SUITE_P(Declining, RefusalTest, testing::Values(Action::Refuse, Action::Withdraw));

}  // namespace
}  // namespace comity::treaty
