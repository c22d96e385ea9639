// The indexes by which records are found: values (search_value) and words (search_text, FTS5
// without the text itself). Derived from the bytes of the records; docs/formats/search.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/database.h"
#include "store/store.h"

namespace comity::store {

// Tables and counters of the indexes, as they are in a store without records.
extern const char* const search_tables;

// Phrases as a query of FTS5: each a string of it, in which nothing has a meaning, all of them
// required.
std::string fts_query(const std::vector<std::string>& phrases);

Status insert_values(Db& db, std::int64_t sequence, const std::vector<ValueKey>& values);
Result<std::vector<ValueCount>> count_values(Db& db, std::string_view value);
Result<SearchStep> find_texts(Db& db, const std::vector<std::string>& phrases, std::int64_t end,
                              std::int64_t count);

}  // namespace comity::store
