#include "treaty/refusal.h"

#include <algorithm>

#include "treaty/request.h"

namespace comity::treaty {

std::vector<std::string> refusal_grounds(const Vocabulary& vocabulary, const Clause& clause) {
  const auto& kept = kept_refusal_grounds;
  const auto& words = vocabulary.refusal_grounds.values;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool stated = clause.grounds == 0 || (clause.grounds & bit(static_cast<int>(i))) != 0;
    if (stated || std::find(kept.begin(), kept.end(), words[i]) != kept.end()) {
      out.push_back(words[i]);
    }
  }
  return out;
}

}  // namespace comity::treaty
