#include "store/sqlite/search_index.h"

#include <algorithm>

namespace comity::store {

// `values_owed`: of records 1 to this one the values are not indexed; 0 where this program made the
// store. `texts`: of records 1 to this one the texts are indexed.
const char* const search_tables = R"sql(
INSERT INTO counter VALUES ('values_owed', 0), ('texts', 0);

CREATE TABLE search_value (
  value TEXT NOT NULL,
  kind TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (value, kind, sequence)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE search_text USING fts5(
  text, content = '', tokenize = 'unicode61 remove_diacritics 2'
);
)sql";

std::string fts_query(const std::vector<std::string>& phrases) {
  std::string out;
  for (const auto& phrase : phrases) {
    out += out.empty() ? "\"" : " AND \"";
    for (const char c : phrase) {
      // A query of SQLite ends with NUL.
      if (c == '"' || c == '\0') {
        out += ' ';
      } else {
        out += c;
      }
    }
    out += '"';
  }
  return out;
}

Status insert_values(Db& db, std::int64_t sequence, const std::vector<ValueKey>& values) {
  for (const auto& key : values) {
    TRY(auto row, db.query("INSERT INTO search_value VALUES (?1, ?2, ?3)"));
    TRY_STATUS(row.bind(key.value, key.kind, sequence).run());
  }
  return {};
}

Result<std::vector<ValueCount>> count_values(Db& db, std::string_view value) {
  std::vector<ValueCount> out;
  std::string kind;
  for (;;) {
    // The next kind is found in the index, so that what is counted is all that is read.
    {
      TRY(auto next, db.query("SELECT kind FROM search_value WHERE value = ?1 AND kind > ?2 "
                              "ORDER BY kind LIMIT 1"));
      TRY(const bool found, next.bind(value, kind).step());
      if (!found) return out;
      kind = next.text();
    }
    TRY(auto counted, db.query("SELECT count(*) FROM (SELECT 1 FROM search_value WHERE value = ?1 "
                               "AND kind = ?2 LIMIT ?3)"));
    TRY(const bool row, counted.bind(value, kind, occurrences_counted_max + 1).step());
    const auto count = row ? counted.integer() : 0;
    out.push_back({{kind, std::string(value)},
                   std::min(count, occurrences_counted_max),
                   count > occurrences_counted_max});
  }
}

Result<SearchStep> find_texts(Db& db, const std::vector<std::string>& phrases, std::int64_t end,
                              std::int64_t count) {
  SearchStep out;
  if (phrases.empty()) return out;
  out.down_to = std::max<std::int64_t>(1, end - searched_records_max);
  if (count <= 0) {
    out.down_to = std::max<std::int64_t>(1, end);
    return out;
  }
  const auto query = fts_query(phrases);
  TRY(auto row, db.query("SELECT rowid FROM search_text WHERE search_text MATCH ?1 "
                         "AND rowid >= ?2 AND rowid < ?3 ORDER BY rowid DESC LIMIT ?4"));
  row.bind(query, out.down_to, end, count);
  for (;;) {
    TRY(const bool found, row.step());
    if (!found) break;
    out.sequences.push_back(row.integer());
  }
  if (static_cast<std::int64_t>(out.sequences.size()) == count) out.down_to = out.sequences.back();
  return out;
}

}  // namespace comity::store
