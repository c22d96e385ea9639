#include "exchange/register_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/verification.h"

namespace comity::exchange {
namespace {

constexpr std::string_view instrument_folder = "instruments/";

// The text between quotes behind the first `key`, with nothing but blanks and one equals sign
// between; empty when there is none. The loader reads the file: this only finds its place.
std::string first_value(const std::string& text, std::string_view key) {
  for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    auto rest = std::string_view(text).substr(at + key.size());
    const auto quote = rest.find('"');
    if (quote == std::string_view::npos) return {};
    const auto between = rest.substr(0, quote);
    if (between.find_first_not_of(" =") != std::string_view::npos ||
        between.find('=') == std::string_view::npos) {
      continue;
    }
    rest.remove_prefix(quote + 1);
    return std::string(rest.substr(0, rest.find('"')));
  }
  return {};
}

bool has_file_name(std::string_view path, const std::string& id) {
  return path.starts_with(instrument_folder) && path.ends_with("/" + id + ".toml");
}

Result<RegisterProposal> finish(const Node& node, const treaty::RegisterFiles& present,
                                treaty::RegisterFiles files) {
  RegisterProposal out;
  for (const auto& [path, text] : files) {
    const auto before = present.find(path);
    if (before == present.end()) {
      out.added.push_back(path);
    } else if (before->second != text) {
      out.changed.push_back(path);
    }
  }
  for (const auto& [path, text] : present) {
    if (!files.contains(path)) out.removed.push_back(path);
  }
  if (out.added.empty() && out.changed.empty() && out.removed.empty()) {
    return fail(ErrorKind::Conflict, "the register of this node is the same already");
  }
  const std::optional<std::string> exercise =
      node.mode() == treaty::Mode::Exercise ? std::optional(node.exercise()) : std::nullopt;
  auto model = treaty::load_register(files, exercise);
  if (!model) return tl::unexpected<Error>(treaty::as_error(model.error()));
  if (!(*model)->party(node.party())) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("parties.toml of the proposal does not have {}, whose node this is",
                            node.party()));
  }
  out.model = *std::move(model);
  out.digest = out.model->digest;
  out.files = std::move(files);
  return out;
}

json::Array strings(const std::vector<std::string>& values) {
  json::Array out;
  for (const auto& value : values) out.emplace_back(value);
  return out;
}

Result<RegisterProposal> make(Node& node, Change& change, const char* act,
                              RegisterProposal proposal, const std::optional<Approval>& approval) {
  json::Object entry;
  entry.set("type", act);
  entry.set("register_before", digest_text(node.law()->model().digest));
  entry.set("register", digest_text(proposal.digest));
  entry.set("added", strings(proposal.added));
  entry.set("changed", strings(proposal.changed));
  entry.set("removed", strings(proposal.removed));
  TRY(const auto ignored, approve(node, change, act, act_arguments(proposal), approval,
                                  ApprovalNeed::Operational, entry));
  TRY_STATUS(change.set_register(proposal.files));
  TRY_STATUS(change.enter("register", entry));
  TRY_STATUS(change.commit());
  return proposal;
}

}  // namespace

Result<RegisterProposal> propose_instrument(const Node& node, const std::string& text) {
  const auto id = first_value(text, "id");
  const auto level = first_value(text, "level");
  const auto plain = [](const std::string& word) {
    return !word.empty() && word.find('/') == std::string::npos && word.front() != '.';
  };
  if (!plain(id) || !plain(level)) {
    return fail(ErrorKind::InvalidInput,
                "this is no instrument file: it has no id and level under [instrument]; comity "
                "treaty new writes one to begin with");
  }
  TRY(const auto present, node.register_files());
  auto files = present;
  auto path = fmt::format("{}{}/{}.toml", instrument_folder, level, id);
  for (const auto& [known, ignored] : present) {
    if (has_file_name(known, id)) path = known;
  }
  files[path] = text;
  return finish(node, present, std::move(files));
}

Result<RegisterProposal> propose_register(const Node& node, const treaty::RegisterFiles& from) {
  TRY(const auto present, node.register_files());
  auto files = present;
  if (from.contains("vocabulary.toml")) {
    std::erase_if(files, [&](const auto& file) {
      return file.first.starts_with(instrument_folder) || file.first.starts_with("exercises/") ||
             file.first.find('/') == std::string::npos;
    });
  }
  for (const auto& [path, text] : from) {
    // Another party's verifications are no finding of this one.
    if (!path.starts_with(verification_folder)) files[path] = text;
  }
  return finish(node, present, std::move(files));
}

json::Object act_arguments(const RegisterProposal& proposal) {
  json::Object out;
  out.set("register", digest_text(proposal.digest));
  return out;
}

Result<RegisterProposal> enter_instrument(Node& node, const std::string& text,
                                          const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(auto proposal, propose_instrument(node, text));
  return make(node, *change, "enter", std::move(proposal), approval);
}

Result<RegisterProposal> accept_register(Node& node, const treaty::RegisterFiles& from,
                                         const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(auto proposal, propose_register(node, from));
  return make(node, *change, "accept", std::move(proposal), approval);
}

}  // namespace comity::exchange
