#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/test_support.h"

namespace comity {
namespace {

class File : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return directory_.file(name); }

  unsigned mode(const std::string& name) const {
    struct stat info {};
    CHECK(::stat(path(name).c_str(), &info) == 0);
    return info.st_mode & 07777;
  }

  const test::TemporaryDirectory directory_;
};

TEST_F(File, is_written_and_read) {
  std::string bytes("line\r\n\0\xff", 8);
  for (int i = 0; i < 15; ++i) bytes += bytes;  // several buffers long
  ASSERT_TRUE(write_file(path("a"), bytes));
  EXPECT_EQ(*read_file(path("a"), bytes.size()), bytes);
  ASSERT_TRUE(write_file(path("a"), "short"));
  EXPECT_EQ(*read_file(path("a"), 100), "short");
  ASSERT_TRUE(write_file(path("a"), ""));
  EXPECT_EQ(*read_file(path("a"), 0), "");
}

TEST_F(File, longer_than_the_limit_is_refused) {
  ASSERT_TRUE(write_file(path("a"), std::string(100'000, 'x')));
  EXPECT_TRUE(read_file(path("a"), 100'000));
  const auto refused = read_file(path("a"), 99'999);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(refused.error().where, path("a"));
  EXPECT_NE(refused.error().message.find("99999"), std::string::npos);
}

TEST_F(File, errors_name_the_path_and_the_reason) {
  const auto absent = read_file(path("absent"), 10);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(absent.error().text(),
            path("absent") + ": cannot open for reading: No such file or directory");
  const auto folder = read_file(directory_.path(), 10);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::Unavailable);
  const auto nowhere = write_file(path("absent/a"), "x");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().kind, ErrorKind::NotFound);
  ASSERT_TRUE(make_directories(path("taken")));
  EXPECT_FALSE(write_file(path("taken"), "x"));
}

TEST_F(File, gets_the_mode_asked_for) {
  const auto mask = ::umask(022);
  EXPECT_TRUE(write_file(path("open"), "x"));
  EXPECT_TRUE(write_file(path("key"), "x", 0600));
  ::umask(mask);
  EXPECT_EQ(mode("open"), 0644U);
  EXPECT_EQ(mode("key"), 0600U);
}

TEST_F(File, a_reader_never_sees_half) {
  const std::string a(300'000, 'a'), b(300'000, 'b');
  ASSERT_TRUE(write_file(path("x"), a));
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(write_file(path("x"), i % 2 == 0 ? b : a));
  });
  for (int i = 0; i < 200; ++i) {
    const auto seen = read_file(path("x"), 1'000'000);
    EXPECT_TRUE(seen && (*seen == a || *seen == b));
  }
  writer.join();
  EXPECT_EQ(*list_files(directory_.path(), ""),
            std::vector<std::string>{"x"});  // no neighbour is left
}

TEST_F(File, lists_are_deep_sorted_and_filtered) {
  ASSERT_TRUE(make_directories(path("b/c.toml")));
  ASSERT_TRUE(make_directories(path("b/c.toml")));  // already there
  for (const char* name : {"z.toml", "a.toml", "b/c.toml/d.toml", "b/x.json", "toml"}) {
    ASSERT_TRUE(write_file(path(name), "x"));
  }
  const std::vector<std::string> expected = {"a.toml", "b/c.toml/d.toml", "z.toml"};
  EXPECT_EQ(*list_files(directory_.path(), ".toml"), expected);
  EXPECT_TRUE(list_files(directory_.path(), ".xml")->empty());
  const auto absent = list_files(path("absent"), "");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::NotFound);
}

TEST_F(File, exists_or_not) {
  EXPECT_FALSE(file_exists(path("a")));
  ASSERT_TRUE(write_file(path("a"), ""));
  EXPECT_TRUE(file_exists(path("a")));
  EXPECT_FALSE(make_directories(path("a/b")));
}

TEST_F(File, is_removed) {
  ASSERT_TRUE(write_file(path("gone"), "x"));
  EXPECT_TRUE(remove_file(path("gone")));
  EXPECT_FALSE(file_exists(path("gone")));
  EXPECT_TRUE(remove_file(path("gone")));
  ASSERT_TRUE(make_directories(path("full/of")));
  EXPECT_EQ(remove_file(path("full")).error().kind, ErrorKind::Unavailable);
}

TEST_F(File, is_mapped) {
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) bytes += std::to_string(i) + ",";
  ASSERT_TRUE(write_file(path("a"), bytes));
  auto opened = MappedFile::open(path("a"));
  ASSERT_TRUE(opened);
  MappedFile mapped = *std::move(opened);  // the view moves along
  EXPECT_EQ(mapped.text(), bytes);
  for (const std::size_t offset : {std::size_t{0}, std::size_t{1}, std::size_t{4096},
                                   std::size_t{100'000}, bytes.size(), bytes.size() + 10'000}) {
    mapped.release_before(offset);
  }
  EXPECT_EQ(mapped.text(), bytes);  // released pages come back from the file
}

TEST_F(File, without_bytes_is_mapped_as_empty) {
  ASSERT_TRUE(write_file(path("a"), ""));
  auto mapped = MappedFile::open(path("a"));
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->text(), "");
  mapped->release_before(0);
  mapped->release_before(10);
}

TEST_F(File, only_regular_files_are_mapped) {
  EXPECT_EQ(MappedFile::open(directory_.path()).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(MappedFile::open(path("absent")).error().kind, ErrorKind::NotFound);
}

TEST_F(File, without_a_name_is_read_by_its_path_and_leaves_nothing) {
  const auto names = [&] { return test::must(list_files(directory_.path(), "")).size(); };
  std::string path;
  {
    const auto file = test::must(NamelessFile::create(directory_.path(), "some bytes"));
    path = file.path();
    EXPECT_EQ(test::must(read_file(path, 100)), "some bytes");
    EXPECT_EQ(test::must(MappedFile::open(path)).text(), "some bytes");
    EXPECT_EQ(names(), 0U) << "no name from the beginning";
  }
  EXPECT_FALSE(read_file(path, 100)) << "gone with the object";
  EXPECT_FALSE(NamelessFile::create(directory_.file("none"), "x"));
}

TEST_F(File, a_new_one_is_there_when_it_is_kept_and_not_before) {
  const auto names = [&] { return test::must(list_files(directory_.path(), "")); };
  {
    auto file = test::must(NewFile::create(path("new")));
    test::must(file.add("some "));
    test::must(file.add("bytes"));
    EXPECT_EQ(file.size(), 10U);
    EXPECT_FALSE(file_exists(path("new")));
    auto moved = std::move(file);
    test::must(moved.keep());
  }
  EXPECT_EQ(test::must(read_file(path("new"), 100)), "some bytes");
  EXPECT_EQ(mode("new"), 0600U);
  EXPECT_EQ(names(), std::vector<std::string>{"new"});
  {
    auto dropped = test::must(NewFile::create(path("other")));
    test::must(dropped.add("bytes"));
  }
  EXPECT_EQ(names(), std::vector<std::string>{"new"});
}

TEST_F(File, a_new_one_overwrites_nothing) {
  test::must(write_file(path("there"), "old"));
  std::filesystem::create_symlink("nowhere", path("link"));
  for (const char* name : {"there", "link", ""}) {
    EXPECT_EQ(NewFile::create(path(name)).error().kind, ErrorKind::Conflict) << name;
  }
  EXPECT_EQ(NewFile::create(path("none/new")).error().kind, ErrorKind::NotFound);
  auto late = test::must(NewFile::create(path("late")));
  test::must(write_file(path("late"), "old"));
  EXPECT_EQ(late.keep().error().kind, ErrorKind::Conflict);
  EXPECT_EQ(test::must(read_file(path("late"), 100)), "old");
  EXPECT_EQ(test::must(read_file(path("there"), 100)), "old");
}

TEST_F(File, a_mapped_one_is_read_again_after_it_was_let_go) {
  std::string text;
  for (std::size_t i = 0; text.size() < 1'000'000; ++i) text += std::to_string(i) + "\n";
  test::must(write_file(path("long"), text));
  auto file = test::must(MappedFile::open(path("long")));
  for (int walk = 0; walk < 2; ++walk) {
    for (const std::size_t offset : {std::size_t{0}, std::size_t{1}, std::size_t{300'000},
                                     text.size(), text.size() + 5'000'000}) {
      EXPECT_EQ(file.text(), text);
      file.release_before(offset);
    }
  }
  EXPECT_EQ(file.text(), text);
}

TEST(DiskState, TellsFreeSpaceAndWhetherFilesCanBeMade) {
  const auto here = disk_state(::testing::TempDir());
  ASSERT_TRUE(here) << here.error().text();
  EXPECT_GT(here->free_bytes, 0U);
  EXPECT_EQ(here->not_writable, "");
  // No user, whatever its rights, makes files there.
  const auto there = disk_state("/proc");
  ASSERT_TRUE(there) << there.error().text();
  EXPECT_NE(there->not_writable, "");
  EXPECT_EQ(disk_state("/no/such/directory").error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace comity
