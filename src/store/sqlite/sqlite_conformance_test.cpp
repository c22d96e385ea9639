#include "store/conformance_test.h"
#include "store/sqlite/sqlite_store.h"

namespace comity::store {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance,
                         testing::Values(Backend{
                             "sqlite",
                             [](const std::string& place) {
                               return open_sqlite(place + "/store.db", Access::Create);
                             },
                             [](const std::string& place) {
                               return open_sqlite(place + "/store.db", Access::ReadWrite);
                             }}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace comity::store
