#include "exchange/doctor.h"

#include <gtest/gtest.h>

#include "exchange/clock_guard.h"
#include "exchange/key_change.h"
#include "exchange/key_notice.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::must;

std::vector<Ailment> of_area(const std::vector<Ailment>& all, const std::string& area) {
  std::vector<Ailment> out;
  for (const auto& ailment : all) {
    EXPECT_FALSE(ailment.what.empty() || ailment.why.empty() || ailment.remedy.empty());
    if (ailment.area == area) out.push_back(ailment);
  }
  return out;
}

bool says(const std::vector<Ailment>& all, const std::string& words) {
  return std::any_of(all.begin(), all.end(), [&](const Ailment& ailment) {
    return ailment.what.find(words) != std::string::npos;
  });
}

std::vector<Ailment> examined(test::Party& party) {
  return must(examine(party.directory(), party.clock, party.random));
}

// The version of the form of a store: four bytes of SQLite's file header (its section 1.3.15).
void set_version(const std::string& directory, char version) {
  const auto path = directory + "/store.db";
  auto bytes = must(read_file(path, std::uint64_t{1} << 30));
  bytes.replace(60, 4, std::string(3, '\0') + version);
  must(write_file(path, bytes));
}

Instant later(std::int64_t seconds) {
  return Instant::from_seconds(test::start_instant().seconds() + seconds);
}

// XA with the address at which XB answers; both pinned as `pair` would.
struct Linked : Federation {
  Linked() : Federation(false) {}
  void link(const std::string& endpoint_b) { test::pair_both(a(), b(), test::nowhere, endpoint_b); }
  std::vector<Ailment> links() {
    std::vector<Ailment> out;
    must(examine_links(a(), out));
    return out;
  }
};

TEST(Doctor, FindsNothingInAHealthyNodeWhoseDiskHasRoom) {
  Federation f(false);
  std::vector<Ailment> out;
  examine_disk("d", {free_bytes_min, ""}, out);
  must(examine_clock(f.a(), out));
  examine_keys(f.a(), out);
  must(examine_peers(f.a(), out));
  must(examine_links(f.a(), out));
  EXPECT_TRUE(out.empty());
}

TEST(Doctor, WhereThereIsNoNodeItSaysSo) {
  test::TemporaryDirectory directory;
  FixedClock clock(test::start_instant());
  SeededRandom random(1);
  EXPECT_EQ(examine(directory.file("none"), clock, random).error().kind, ErrorKind::NotFound);
}

TEST(Doctor, FindsADiskThatIsFullOrCannotBeWritten) {
  std::vector<Ailment> out;
  examine_disk("d", {free_bytes_min - 1, ""}, out);
  ASSERT_EQ(of_area(out, "disk").size(), 1U);
  EXPECT_TRUE(says(out, "1023 MiB free"));
  out.clear();
  examine_disk("d", {free_bytes_min, "Read-only file system"}, out);
  ASSERT_EQ(of_area(out, "disk").size(), 1U);
  EXPECT_TRUE(says(out, "Read-only"));
}

TEST(Doctor, FindsAClockThatWentBackMoreThanItsBound) {
  Federation f;
  std::vector<Ailment> out;
  f.xa.clock.set(later(-clock_back_s_max));
  must(examine_clock(f.a(), out));
  EXPECT_TRUE(out.empty());
  f.xa.clock.set(later(-clock_back_s_max - 1));
  EXPECT_EQ(of_area(examined(f.xa), "clock").size(), 1U);
}

TEST(Doctor, FindsKeysThatExpireSoonHaveExpiredOrDoNotHoldYet) {
  Federation f(false);
  const auto end = key_validity_days * seconds_per_day;
  const auto found = [&](std::int64_t seconds) {
    f.xa.clock.set(later(seconds));
    std::vector<Ailment> out;
    examine_keys(f.a(), out);
    return of_area(out, "key");
  };
  EXPECT_TRUE(found(end - key_warning_days * seconds_per_day - 1).empty());
  const auto soon = found(end - key_warning_days * seconds_per_day);
  EXPECT_EQ(soon.size(), 3U);
  EXPECT_TRUE(says(soon, "the node key of XA expires at"));
  EXPECT_TRUE(says(soon, "the tls key of XA expires at"));
  EXPECT_TRUE(says(soon, "the seal key of XA expires at"));
  EXPECT_TRUE(says(found(end - 1), "expires at"));
  EXPECT_TRUE(says(found(end), "expired at"));
}

TEST(Doctor, FindsWhatIsWrongWithTheKeysOfPeersAndWhatTheyDoNotKnow) {
  Federation f;
  const auto found = [&](std::int64_t seconds) {
    f.xa.clock.set(later(seconds));
    std::vector<Ailment> out;
    must(examine_known_keys(f.a(), out));
    return of_area(out, "key");
  };
  EXPECT_TRUE(found(0).empty());
  const auto end = key_validity_days * seconds_per_day;
  EXPECT_TRUE(found(end - key_warning_days * seconds_per_day - 1).empty());
  const auto soon = found(end - key_warning_days * seconds_per_day);
  EXPECT_EQ(soon.size(), 3U);
  EXPECT_TRUE(says(soon, "the node key of XB expires at"));
  EXPECT_TRUE(says(found(end), "the tls key of XB expired at"));
  f.xa.clock.set(later(0));
  const auto record = must(draft_key(f.a(), "seal"));
  const auto root = must(trust::SigningKey::from_pem(
      must(read_file(f.xa.directory() + "/keys/root.pem", key_file_bytes_max))));
  must(change_keys(f.a(), {trust::sign_key_record(record, root), {}}, std::nullopt));
  EXPECT_TRUE(says(found(0), "XB has not taken the notice of this node's keys"));
  must(take_key_file(
      f.a(), must(read_file(f.xb.directory() + "/keys/root-revocation.json", key_file_bytes_max))));
  const auto revoked = found(0);
  ASSERT_EQ(revoked.size(), 1U);
  EXPECT_TRUE(says(revoked, "the root key of XB was revoked at"));
}

TEST(Doctor, FindsTheRootKeyOnAnOperationalNodeOnly) {
  Federation f(false);
  std::vector<Ailment> out;
  examine_keys(f.a(), out);
  EXPECT_TRUE(out.empty());  // an exercise may be careless
  test::Party real(f.directory.file("real"), "XB", 5, [](NewNode& options) {
    options.mode = treaty::Mode::Operational;
    options.exercise = "";
  });
  EXPECT_TRUE(says(of_area(examined(real), "key"), "root key lies on the node"));
  std::filesystem::remove(real.directory() + "/keys/root.pem");
  EXPECT_TRUE(of_area(examined(real), "key").empty());
}

TEST(Doctor, FindsSwappedOrMissingKeyFiles) {
  Federation f(false);
  std::filesystem::copy_file(f.xb.directory() + "/keys/node.pem",
                             f.xa.directory() + "/keys/node.pem",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(says(of_area(examined(f.xa), "key"), "node.pem"));
  std::filesystem::remove(f.xb.directory() + "/keys/tls-key.pem");
  EXPECT_TRUE(says(of_area(examined(f.xb), "key"), "tls-key.pem"));
}

TEST(Doctor, FindsAStoreOfAnotherVersionAndADamagedOne) {
  Federation f(false);
  f.xa.close();
  set_version(f.xa.directory(), 99);
  EXPECT_TRUE(says(of_area(examined(f.xa), "store"), "version 99"));
  f.xb.close();
  must(write_file(f.xb.directory() + "/store.db", std::string(8192, 'x')));
  EXPECT_EQ(of_area(examined(f.xb), "store").size(), 1U);
}

TEST(Doctor, FindsAPeerThatIsBehindOnceItsReceiptIsDue) {
  Federation f;
  test::import_objects(f.a(), {test::indicator(1)});
  must(release(f.a(), {test::id_of("indicator", 1)}, {"XB"}));
  std::vector<Ailment> out;
  f.xa.clock.set(later(receipt_due_s));
  must(examine_peers(f.a(), out));
  EXPECT_TRUE(out.empty());
  f.xa.clock.set(later(receipt_due_s + 1));
  must(examine_peers(f.a(), out));
  ASSERT_EQ(of_area(out, "peer").size(), 1U);
  EXPECT_TRUE(says(out, "XB is behind: 1 disclosures without receipt since 2026-11-23T06:00:00Z"));
}

TEST(Doctor, FindsNothingAtALinkThatWorks) {
  Linked f;
  test::Wire wire(f.b());
  f.link(wire.url());
  EXPECT_TRUE(f.links().empty());
}

TEST(Doctor, FindsAPeerThatCannotBeReached) {
  Linked f;
  f.link(test::nowhere);
  EXPECT_TRUE(says(of_area(f.links(), "link"), "cannot reach"));
}

TEST(Doctor, FindsAnotherCertificateThanThePinnedOne) {
  Linked f;
  test::Party stranger(f.directory.file("s"), "XB", 7);
  test::Wire wire(stranger.node());
  f.link(wire.url());
  EXPECT_TRUE(says(of_area(f.links(), "link"), "is pinned"));
}

TEST(Doctor, FindsAPeerThatDoesNotKnowThisNode) {
  Linked f;
  test::Wire wire(f.b());
  const auto from_a = must(invite(f.a(), "XB", test::nowhere));
  const auto from_b = must(invite(f.b(), "XA", wire.url()));
  must(pair(f.a(), from_b, true));  // and XB never took ours in
  const auto found = of_area(f.links(), "link");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].why.find("does not know"), std::string::npos) << found[0].what;
}

TEST(Doctor, FindsAPeerInANetworkThatMayNotBeCalled) {
  Linked f;
  test::Wire wire(f.b());
  test::Party shut(f.directory.file("shut"), "XA", 8,
                   [](NewNode& options) { options.allowed_networks = {}; });
  test::pair_both(shut.node(), f.b(), test::nowhere, wire.url());
  std::vector<Ailment> out;
  must(examine_links(shut.node(), out));
  const auto found = of_area(out, "link");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].why.find("private network"), std::string::npos) << found[0].what;
}

}  // namespace
}  // namespace comity::exchange
