// The words of the law in the languages of the pages, register/messages/, as they stood when the
// program was built.
#pragma once

#include <string_view>

#include "treaty/words.h"

namespace comity::api {

// InvalidInput for a language that the program does not carry. The words live as long as the
// program; any thread.
Result<const treaty::Words*> words_in(std::string_view language);

}  // namespace comity::api
