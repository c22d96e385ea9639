#include "exchange/register_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/verification.h"
#include "treaty/instrument_place.h"
#include "treaty/overlay_file.h"

namespace comity::exchange {
namespace {

constexpr std::string_view instrument_folder = "instruments/";
constexpr std::string_view overlay_folder = "overlays/";

// The lines of a text without the blanks before them.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    out.push_back(line.substr(std::min(line.find_first_not_of(" \t"), line.size())));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// A file with a table [overlay], and no instrument.
bool is_overlay(const std::vector<std::string_view>& lines) {
  const auto has = [&](std::string_view table) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](std::string_view line) { return line.starts_with(table); });
  };
  return has("[overlay]") && !has("[instrument]");
}

// What the first line `party = "…"` says. The loader reads the file: this is for its message alone.
std::string_view party_named(const std::vector<std::string_view>& lines) {
  for (auto line : lines) {
    if (!line.starts_with("party")) continue;
    const auto quote = line.find_first_of("\"'");
    if (quote == std::string_view::npos) continue;
    const auto rest = line.substr(quote + 1);
    return rest.substr(0, rest.find(line[quote]));
  }
  return {};
}

// The law of another party binds that party, and is no law of this one.
Status check_own_overlay(const Node& node, std::string_view party) {
  if (party == node.party()) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("this is the national overlay of '{}'; the node of {} takes that of {} "
                          "alone",
                          party, node.party(), node.party()));
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
  auto model = treaty::load_register(files, exercise, &node.register_cache());
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
  if (const auto lines = lines_of(text); is_overlay(lines)) {
    TRY_STATUS(check_own_overlay(node, party_named(lines)));
    TRY(const auto present, node.register_files());
    auto files = present;
    files[treaty::overlay_path(node.party())] = text;
    return finish(node, present, std::move(files));
  }
  TRY(const auto present, node.register_files());
  TRY(const auto path, treaty::instrument_path(present, text));
  auto files = present;
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
    // Another party's verifications are no finding of this one, and its overlay no law.
    const bool foreign =
        path.starts_with(overlay_folder) && path != treaty::overlay_path(node.party());
    if (!path.starts_with(verification_folder) && !foreign) files[path] = text;
  }
  return finish(node, present, std::move(files));
}

Result<RegisterProposal> propose_without_overlay(const Node& node) {
  TRY(const auto present, node.register_files());
  auto files = present;
  if (files.erase(treaty::overlay_path(node.party())) == 0) {
    return fail(ErrorKind::Conflict,
                fmt::format("the register has no national overlay of {}", node.party()));
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

Result<RegisterProposal> drop_overlay(Node& node, const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(auto proposal, propose_without_overlay(node));
  return make(node, *change, "enter", std::move(proposal), approval);
}

Result<RegisterProposal> accept_register(Node& node, const treaty::RegisterFiles& from,
                                         const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(auto proposal, propose_register(node, from));
  return make(node, *change, "accept", std::move(proposal), approval);
}

}  // namespace comity::exchange
