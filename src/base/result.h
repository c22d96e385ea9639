// The outcome of an operation that can fail for reasons outside the program.
//
// Errors are values; exceptions do not cross a folder boundary. `ErrorKind` is a closed set that
// maps one to one to the exit codes of the command line (docs: README, "exit codes") and to HTTP
// status. An error says what was found, what was expected and what to do; `where` names
// file:line:column or a JSON path when there is one.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace comity {

enum class ErrorKind {
  InvalidInput,     // malformed or contradictory input                    exit 2, HTTP 400
  TooLarge,         // a named limit was passed                            exit 2, HTTP 413
  NotFound,         //                                                     exit 2, HTTP 404
  Conflict,         // valid, but not in the present state                 exit 2, HTTP 409
  NotPermitted,     // the answer is no                                    exit 1, HTTP 403
  NotVerified,      // a signature, digest or proof does not hold          exit 1, HTTP 403
  Unauthenticated,  // who asks is not known                               exit 3, HTTP 401
  Unsupported,      // a standard form that this program does not speak    exit 2, HTTP 415
  Unavailable,      // disk, network, peer or clock                        exit 3, HTTP 503
  Corrupt,          // our own stored state contradicts itself             exit 3, HTTP 500
};

struct Error {
  ErrorKind kind = ErrorKind::InvalidInput;
  std::string message;
  std::string where;  // empty when there is no place to name

  // The error as one line for a person: "where: message".
  std::string text() const { return where.empty() ? message : where + ": " + message; }

  // The same error with a place in front of the place it names already.
  Error at(const std::string& place) && {
    where = where.empty() ? place : place + ":" + where;
    return std::move(*this);
  }
};

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string where = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(where)});
}

// The exit code of the command line for an error of this kind.
int exit_code(ErrorKind kind);

// The name of the kind in messages for machines ("invalid-input").
const char* name(ErrorKind kind);

// Aborts with a message: a broken promise inside the program, never a reaction to input.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace comity

#define COMITY_CONCAT_(a, b) a##b
#define COMITY_CONCAT(a, b) COMITY_CONCAT_(a, b)

// TRY(auto value, expression): unwraps a Result or returns its error from the calling function.
#define TRY(declaration, expression) TRY_(declaration, expression, COMITY_CONCAT(try_, __LINE__))
#define TRY_(declaration, expression, temporary)                                        \
  auto temporary = (expression);                                                        \
  if (!temporary) return tl::unexpected<::comity::Error>(std::move(temporary).error()); \
  declaration = *std::move(temporary)

// TRY_STATUS(expression): the same for a Status.
#define TRY_STATUS(expression) TRY_STATUS_(expression, COMITY_CONCAT(try_, __LINE__))
#define TRY_STATUS_(expression, temporary)       \
  if (auto temporary = (expression); !temporary) \
  return tl::unexpected<::comity::Error>(std::move(temporary).error())

// CHECK(condition): stays on in release; a failure is a defect of the program.
#define CHECK(condition) \
  ((condition) ? void(0) : ::comity::check_failed(#condition, __FILE__, __LINE__))
