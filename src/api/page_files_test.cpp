#include "api/page_files.h"

#include <gtest/gtest.h>

#include "api/test_api.h"
#include "base/file.h"
#include "base/test_source_dir.h"

namespace comity::api {
namespace {

using test::must;

// Those of src/api/test_pages, put into this test by the same script as the real ones.
TEST(PageFiles, AreInTheProgram) {
  const auto pages = PageFiles::embedded();
  ASSERT_FALSE(pages.empty());
  const auto folder = comity::test::source_path("src/api/test_pages");
  for (const std::string path : {"/index.html", "/assets/app-0123abcd.js", "/assets/small.txt"}) {
    const auto found = pages.find(path, false);
    ASSERT_TRUE(found.has_value()) << path;
    EXPECT_EQ(found->bytes, must(read_file(folder + path, page_file_bytes_max))) << path;
    EXPECT_EQ(found->type, media_type_of(path));
    EXPECT_FALSE(found->gzip);
  }
}

TEST(PageFiles, AreCompressedWhereThatIsSmaller) {
  const auto pages = PageFiles::embedded();
  const auto whole = pages.find("/assets/app-0123abcd.js", false).value();
  const auto packed = pages.find("/assets/app-0123abcd.js", true).value();
  EXPECT_TRUE(packed.gzip);
  EXPECT_LT(packed.bytes.size(), whole.bytes.size());
  EXPECT_EQ(packed.bytes.substr(0, 2), "\x1f\x8b");  // RFC 1952
  EXPECT_FALSE(pages.find("/assets/small.txt", true).value().gzip);
}

TEST(PageFiles, NothingElseIsFound) {
  test::TemporaryDirectory directory;
  must(make_directories(directory.file("pages/assets")));
  must(write_file(directory.file("secret.txt"), "secret"));
  must(write_file(directory.file("pages/.hidden"), "secret"));
  must(write_file(directory.file("pages/index.html"), "page"));
  const auto folder = must(PageFiles::of_directory(directory.file("pages")));
  const auto built_in = PageFiles::embedded();
  EXPECT_EQ(folder.find("/index.html", true).value().bytes, "page");
  for (const std::string path :
       {"", "/", "index.html", "/assets", "/assets/", "/../secret.txt", "/assets/../../secret.txt",
        "/./index.html", "//index.html", "/.hidden", "/index.html/", "/INDEX.HTML",
        "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/index.html%00", "/index.html?x"}) {
    EXPECT_FALSE(folder.find(path, false).has_value()) << path;
    EXPECT_FALSE(built_in.find(path, false).has_value()) << path;
  }
  EXPECT_FALSE(folder.find(std::string_view("/index.html\0", 12), false).has_value());
}

TEST(PageFiles, AFolderWithoutPagesIsRefused) {
  test::TemporaryDirectory directory;
  EXPECT_EQ(PageFiles::of_directory(directory.path()).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(PageFiles::of_directory(directory.file("none")).error().kind, ErrorKind::InvalidInput);
}

TEST(PageFiles, AFolderIsReadAgainEachTime) {
  test::TemporaryDirectory directory;
  must(write_file(directory.file("index.html"), "first"));
  const auto pages = must(PageFiles::of_directory(directory.path()));
  EXPECT_EQ(pages.find("/index.html", false).value().bytes, "first");
  must(write_file(directory.file("index.html"), "second"));
  EXPECT_EQ(pages.find("/index.html", false).value().bytes, "second");
}

}  // namespace
}  // namespace comity::api
