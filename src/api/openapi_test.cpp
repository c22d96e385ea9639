// openapi.json against the table of routes, in both directions, and against itself.
#include "api/openapi.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/events.h"
#include "api/test_api.h"
#include "base/file.h"
#include "base/test_source_dir.h"

namespace comity::api {
namespace {

using test::must;

const json::Value& document() {
  static const auto value = must(json::parse(openapi_document()));
  return value;
}

// Members of the objects of one place, by name.
const json::Object& object_at(const json::Value& value, std::string_view name) {
  static const json::Object none;
  const auto* found = value.find(name);
  return found == nullptr || found->object() == nullptr ? none : *found->object();
}

struct Operation {
  std::string method, path;
  const json::Value* value;
};

std::vector<Operation> operations() {
  std::vector<Operation> out;
  for (const auto& path : object_at(document(), "paths")) {
    for (const auto& method : *path.second.object()) {
      std::string upper = method.first;
      std::transform(upper.begin(), upper.end(), upper.begin(),
                     [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      out.push_back({upper, path.first, &method.second});
    }
  }
  return out;
}

const Operation* operation_of(const std::vector<Operation>& all, const Route& route) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Operation& one) {
    return one.method == route.method && one.path == route.path;
  });
  return found == all.end() ? nullptr : &*found;
}

std::set<std::string> parameters(const json::Value& operation, std::string_view place) {
  std::set<std::string> out;
  const auto* list = operation.find("parameters");
  if (list == nullptr || list->array() == nullptr) return out;
  for (const auto& one : *list->array()) {
    if (one.text("in") == place) out.emplace(one.text("name"));
  }
  return out;
}

std::set<std::string> names_in_path(std::string_view path) {
  std::set<std::string> out;
  for (auto begin = path.find('{'); begin != std::string_view::npos; begin = path.find('{')) {
    path.remove_prefix(begin + 1);
    out.emplace(path.substr(0, path.find('}')));
  }
  return out;
}

std::set<std::string> roles_of(const json::Value& operation) {
  std::set<std::string> out;
  const auto* list = operation.find("x-roles");
  if (list == nullptr || list->array() == nullptr) return out;
  for (const auto& one : *list->array()) out.insert(*one.string());
  return out;
}

std::set<std::string> roles_of(const Route& route) {
  std::set<std::string> out;
  for (std::size_t i = 0; i < role_count; ++i) {
    if (route.roles.has(static_cast<Role>(i))) out.emplace(role_names[i]);
  }
  return out;
}

Body body_kind(const json::Value& operation) {
  const auto* body = operation.find("requestBody");
  if (body == nullptr) return Body::None;
  return body->find("x-raw") != nullptr ? Body::Raw : Body::Json;
}

TEST(OpenApi, IsTheFileOfThisFolder) {
  EXPECT_EQ(openapi_document(),
            must(read_file(comity::test::source_path("src/api/openapi.json"), 4'000'000)));
  EXPECT_EQ(document().text("openapi"), "3.1.0");
}

TEST(OpenApi, HasEveryRouteAsTheTableHasIt) {
  const auto all = operations();
  for (const auto& route : routes()) {
    SCOPED_TRACE(fmt::format("{} {} ({})", route.method, route.path, route.operation));
    const auto* found = operation_of(all, route);
    EXPECT_NE(found, nullptr) << "not in openapi.json";
    if (found == nullptr) continue;
    const auto& operation = *found->value;
    EXPECT_EQ(operation.text("operationId"), route.operation);
    EXPECT_EQ(parameters(operation, "query"),
              std::set<std::string>(route.query.begin(), route.query.end()));
    EXPECT_EQ(parameters(operation, "path"), names_in_path(route.path));
    EXPECT_EQ(roles_of(operation), roles_of(route));
    EXPECT_EQ(body_kind(operation), route.body);
    const auto* fresh = operation.find("x-fresh-factor");
    EXPECT_EQ(fresh != nullptr && fresh->boolean() != nullptr && *fresh->boolean(),
              route.fresh_factor);
    const auto* security = operation.find("security");
    const bool open =
        security != nullptr && security->array() != nullptr && security->array()->empty();
    EXPECT_EQ(open, route.access == Access::Open);
  }
}

TEST(OpenApi, HasNoOtherRoute) {
  std::set<std::string> known;
  for (const auto& route : routes()) known.insert(fmt::format("{} {}", route.method, route.path));
  std::set<std::string> ids;
  for (const auto& one : operations()) {
    EXPECT_EQ(known.count(one.method + " " + one.path), 1U)
        << one.method << ' ' << one.path << " is in openapi.json and not in the table of routes";
    EXPECT_TRUE(ids.emplace(one.value->text("operationId")).second)
        << one.value->text("operationId");
  }
}

TEST(OpenApi, AWriteSaysThatItNeedsTheTokenAndACodeWhereOneIsNeeded) {
  for (const auto& one : operations()) {
    SCOPED_TRACE(one.method + " " + one.path);
    const auto* security = one.value->find("security");
    if (one.method == "GET") continue;
    ASSERT_NE(security, nullptr);
    const auto& list = *security->array();
    if (!list.empty()) {
      EXPECT_NE(list[0].find("csrf"), nullptr);
    }
    if (one.value->find("x-fresh-factor") == nullptr) continue;
    const auto* content = one.value->find("requestBody")->find("content");
    const auto* schema = content->find("application/json")->find("schema");
    EXPECT_NE(object_at(*schema, "properties").find("code"), nullptr);
  }
}

// Every "$ref" below `value` leads somewhere.
void check_references(const json::Value& value) {
  if (const auto* array = value.array()) {
    for (const auto& one : *array) check_references(one);
  }
  if (value.object() == nullptr) return;
  for (const auto& member : *value.object()) {
    if (member.first == "$ref") {
      std::string_view path = *member.second.string();
      ASSERT_TRUE(path.starts_with("#/"));
      const auto* at = &document();
      while (path.find('/') != std::string_view::npos && at != nullptr) {
        path.remove_prefix(path.find('/') + 1);
        at = at->find(path.substr(0, path.find('/')));
      }
      EXPECT_NE(at, nullptr) << *member.second.string();
    }
    check_references(member.second);
  }
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) { check_references(document()); }

TEST(OpenApi, EveryOperationSaysWhatItAnswers) {
  for (const auto& one : operations()) {
    SCOPED_TRACE(one.method + " " + one.path);
    const auto& responses = object_at(*one.value, "responses");
    EXPECT_NE(responses.find("400"), nullptr);
    const bool open =
        one.value->find("security") != nullptr && one.value->find("security")->array()->empty();
    if (!open) {
      EXPECT_NE(responses.find("401"), nullptr);
    }
    if (!open) {
      EXPECT_NE(responses.find("403"), nullptr);
    }
    EXPECT_TRUE(responses.find("200") != nullptr || responses.find("201") != nullptr ||
                responses.find("204") != nullptr);
    EXPECT_FALSE(one.value->text("summary").empty());
  }
}

TEST(OpenApi, TopicsAndRolesAreThoseOfTheProgram) {
  const auto* events = object_at(document(), "paths").find("/api/v1/events");
  ASSERT_NE(events, nullptr);
  std::vector<std::string> topics;
  for (const auto& one : *events->find("get")->find("x-topics")->array()) {
    topics.push_back(*one.string());
  }
  EXPECT_EQ(topics, std::vector<std::string>(topic_names.begin(), topic_names.end()));
  std::vector<std::string> roles;
  const auto* schemas = document().find("components")->find("schemas");
  for (const auto& one : *schemas->find("Role")->find("enum")->array()) {
    roles.push_back(*one.string());
  }
  EXPECT_EQ(roles, std::vector<std::string>(role_names.begin(), role_names.end()));
}

}  // namespace
}  // namespace comity::api
