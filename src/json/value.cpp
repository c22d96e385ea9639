#include "json/value.h"

#include <algorithm>

namespace comity::json {
namespace {

auto position(const std::vector<Member>& members, std::string_view name) {
  return std::find_if(members.begin(), members.end(),
                      [name](const Member& member) { return member.first == name; });
}

std::vector<const Member*> by_name(const std::vector<Member>& members) {
  std::vector<const Member*> out;
  out.reserve(members.size());
  for (const auto& member : members) out.push_back(&member);
  std::sort(out.begin(), out.end(),
            [](const Member* a, const Member* b) { return a->first < b->first; });
  return out;
}

}  // namespace

const Value* Object::find(std::string_view name) const {
  const auto it = position(members_, name);
  return it == members_.end() ? nullptr : &it->second;
}

Value* Object::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Object::set(std::string name, Value value) {
  if (Value* existing = find(name)) return *existing = std::move(value);
  append(std::move(name), std::move(value));
  return members_.back().second;
}

void Object::erase(std::string_view name) {
  const auto it = position(members_, name);
  if (it != members_.end()) members_.erase(it);
}

void Object::append(std::string name, Value value) {
  members_.emplace_back(std::move(name), std::move(value));
}

void Object::reserve(std::size_t count) { members_.reserve(count); }

bool Object::operator==(const Object& other) const {
  if (size() != other.size()) return false;
  const auto same_name = [](const Member& a, const Member& b) { return a.first == b.first; };
  if (std::equal(begin(), end(), other.begin(), same_name)) return members_ == other.members_;
  // Sorted rather than looked up one by one: a stranger may have sent very many members.
  const auto mine = by_name(members_);
  const auto theirs = by_name(other.members_);
  return std::equal(mine.begin(), mine.end(), theirs.begin(),
                    [](const Member* a, const Member* b) { return *a == *b; });
}

const Value* Value::find(std::string_view name) const {
  const auto* members = object();
  return members == nullptr ? nullptr : members->find(name);
}

std::string_view Value::text(std::string_view name) const {
  const auto* member = find(name);
  const auto* content = member == nullptr ? nullptr : member->string();
  return content == nullptr ? std::string_view() : std::string_view(*content);
}

const char* Value::type_name() const {
  constexpr const char* names[] = {"null",   "boolean", "integer", "number",
                                   "string", "array",   "object"};
  return names[data_.index()];
}

}  // namespace comity::json
