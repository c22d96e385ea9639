#include "exchange/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/file.h"
#include "exchange/bundle_index.h"
#include "exchange/decision.h"
#include "exchange/record.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/admission.h"
#include "stix/marking.h"
#include "stix/observable_id.h"

namespace comity::exchange {
namespace {

constexpr const char* import_namespace = "0d0cf6a4-0e0c-4a65-9b2a-6a3f6f4b1c11";

// Turns offsets into "line:column" of the file. Offsets only grow, so the text is walked once.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}

  // Counts the lines before `offset`, as long as they are resident.
  void pass(std::size_t offset) {
    const auto passed = text_.substr(position_, offset - position_);
    const auto lines = std::count(passed.begin(), passed.end(), '\n');
    if (lines > 0) line_start_ = position_ + passed.rfind('\n') + 1;
    line_ += static_cast<int>(lines);
    position_ = offset;
  }

  // The place in the file of a place within the value that begins at `offset`.
  std::string place(std::size_t offset, int line, int column) {
    pass(offset);
    const auto on_first_line = line == 1 ? offset - line_start_ : 0;
    return fmt::format("{}:{}", line_ + line - 1, on_first_line + static_cast<std::size_t>(column));
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0, line_start_ = 0;
  int line_ = 1;
};

class Importer {
 public:
  Importer(Node& node, const ImportOptions& options,
           const std::function<void(std::int64_t)>& acknowledged)
      : node_(node), options_(options), acknowledged_(acknowledged), law_(node.law()) {}

  Result<ImportReport> run(const std::string& path);
  Result<ImportReport> run(const LooseObjects& loose);

 private:
  std::size_t offset_of(std::string_view element) const {
    return static_cast<std::size_t>(element.data() - text_.data());
  }
  Result<json::Object> first_pass(const json::Passed& passed);
  Status second_pass(const json::Passed& passed);
  Status one(std::string_view element, std::size_t index);
  std::string place(std::size_t index) const;
  void refuse(std::string_view element, const std::string& where, const Error& error);
  Result<store::Record> record_of(const stix::Object& object, std::string_view bytes);
  void warn_about(const stix::Object& object, const store::Record& record,
                  const std::string& where);
  void note(Loss loss);
  Status flush();

  Node& node_;
  const ImportOptions& options_;
  const std::function<void(std::int64_t)>& acknowledged_;
  std::shared_ptr<const treaty::CompiledRegister> law_;
  std::unique_ptr<store::Snapshot> snapshot_;
  std::optional<BundleIndex> index_;
  std::string_view text_;                // of the file
  std::optional<LineCounter> lines_;     // of the file
  const LooseObjects* loose_ = nullptr;  // in the place of a file
  ImportReport report_;
  std::unique_ptr<Change> change_;
  std::int64_t batch_ = 0;  // records added by the present transaction
};

void Importer::note(Loss loss) {
  ++(loss.severity == "refused" ? report_.refused : report_.warnings);
  if (report_.losses.size() < losses_listed_max) report_.losses.push_back(std::move(loss));
}

Result<json::Object> Importer::first_pass(const json::Passed& passed) {
  index_.emplace(law_->model().classification, *snapshot_, true);
  TRY(auto envelope,
      json::split(
          text_, "objects",
          [&](std::string_view element, std::size_t) { return index_->add(element); }, passed));
  index_->finish();
  const auto* type = envelope.find("type");
  if (type == nullptr || type->string() == nullptr || *type->string() != "bundle") {
    return fail(ErrorKind::InvalidInput, "expected a STIX bundle: \"type\": \"bundle\"", "$.type");
  }
  const auto* id = envelope.find("id");
  if (id == nullptr || id->string() == nullptr || !stix::is_identifier(*id->string())) {
    return fail(ErrorKind::InvalidInput, "expected an identifier like bundle--<UUID>", "$.id");
  }
  return envelope;
}

Result<store::Record> Importer::record_of(const stix::Object& object, std::string_view bytes) {
  auto record = record_from(object, bytes);
  record.originator = node_.party();
  record.source = report_.import_id;
  record.classes = write_classes(index_->classes(object), law_->model().vocabulary);
  record.area = options_.area;
  record.purpose = options_.purpose;
  record.tlp = index_->handling(object, options_);
  record.published = options_.published;
  record.chain = "[]";
  record.assertion_id = assertion_id(record);
  return record;
}

void Importer::warn_about(const stix::Object& object, const store::Record& record,
                          const std::string& where) {
  for (const auto& name : object.names) {
    if (stix::tlp_of_id(name) || index_->held(name)) continue;
    note({"warning", where, object.id, fmt::format("names {}, which is not held here", name)});
  }
  if (stix::is_observable(object.type) && object.id.size() > 36 &&
      object.id[object.id.size() - 22] == '5') {
    const auto expected = stix::deterministic_id(object.value);
    if (expected && *expected != object.id) {
      note({"warning", where, object.id,
            fmt::format("its content gives the id {}; kept as received", *expected)});
    }
  }
  if (record.tlp.empty()) {
    note({"warning", where, object.id,
          index_->marking_unknown(object)
              ? "has a marking whose definition is not held: stored, will never leave"
              : "states no handling and none was given (--tlp): stored, will never leave"});
  }
  if (record.classes.ends_with('?')) {
    note({"warning", where, object.id, "its class is not known: will not leave until it is"});
  }
  if (options_.published.empty()) {
    for (const auto& doubt : stix::doubts(object)) {
      note({"warning", where, object.id, "will not leave automatically: " + doubt});
    }
  }
}

// An object that is no JSON names its place within itself; people look for it in the file.
void Importer::refuse(std::string_view element, const std::string& where, const Error& error) {
  const auto id = stix::readable_id(element);
  if (loose_ != nullptr) return note({"refused", where, id, error.text()});
  int line = 0, column = 0;
  const auto offset = offset_of(element);
  if (std::sscanf(error.where.c_str(), "%d:%d", &line, &column) == 2) {
    note({"refused", fmt::format("{} ({})", where, lines_->place(offset, line, column)), id,
          error.message});
  } else {
    note({"refused", fmt::format("{} ({})", where, lines_->place(offset, 1, 1)), id, error.text()});
  }
}

std::string Importer::place(std::size_t index) const {
  return loose_ != nullptr ? loose_->place(index) : fmt::format("$.objects[{}]", index);
}

Status Importer::one(std::string_view element, std::size_t index) {
  const auto where = place(index);
  ++report_.objects;
  auto object = stix::admit_object(element);
  if (!object) {
    refuse(element, where, object.error());
  } else {
    TRY(const auto record, record_of(*object, element));
    if (!change_) {
      TRY(change_, Change::begin(node_));
    }
    TRY(const auto appended, change_->keep(record));
    if (appended.existed) {
      ++report_.existed;
    } else {
      ++report_.added;
      ++batch_;
    }
    warn_about(*object, record, where);
  }
  return {};
}

Result<ImportReport> Importer::run(const LooseObjects& loose) {
  TRY_STATUS(check_import_options(node_, options_));
  loose_ = &loose;
  report_.import_id = loose.import_id;
  TRY(snapshot_, node_.store().read());
  index_.emplace(law_->model().classification, *snapshot_, false);
  for (const auto element : loose.objects) TRY_STATUS(index_->add(element));
  index_->finish();
  // The last batch is ended below, whatever its size.
  for (std::size_t i = 0; i < loose.objects.size(); ++i) {
    TRY_STATUS(one(loose.objects[i], i));
    const bool last = i + 1 == loose.objects.size();
    if (!last && report_.objects % import_batch_objects == 0) TRY_STATUS(flush());
  }
  if (!change_) {
    TRY(change_, Change::begin(node_));
  }
  TRY_STATUS(loose.at_last(*change_, report_));
  TRY_STATUS(flush());
  return std::move(report_);
}

// Ends a transaction: the ledger entry names its records by their Merkle root, never by STIX ids.
Status Importer::flush() {
  if (!change_) return {};
  if (batch_ > 0) {
    json::Object entry;
    entry.set("type", "import");
    entry.set("import", report_.import_id);
    change_->bind_kept(entry);
    TRY_STATUS(change_->enter("import", entry));
  }
  TRY_STATUS(change_->commit());
  change_.reset();
  batch_ = 0;
  // One snapshot for all would keep the store from giving back what each batch wrote.
  TRY(auto snapshot, node_.store().read());
  index_->use(*snapshot);
  snapshot_ = std::move(snapshot);
  if (acknowledged_) acknowledged_(report_.objects);
  return {};
}

Status Importer::second_pass(const json::Passed& passed) {
  TRY_STATUS(json::split(
      text_, "objects",
      [&](std::string_view element, std::size_t index) -> Status {
        lines_->pass(offset_of(element));
        TRY_STATUS(one(element, index));
        return report_.objects % import_batch_objects == 0 ? flush() : Status();
      },
      passed));
  return flush();
}

// The digest of a text that is read on the way.
Digest digest_of(std::string_view text, const json::Passed& passed) {
  Sha256 digest;
  for (std::size_t at = 0; at < text.size(); at += json::passed_bytes) {
    digest.add(text.substr(at, json::passed_bytes));
    passed(at);
  }
  return digest.finish();
}

Result<ImportReport> Importer::run(const std::string& path) {
  TRY_STATUS(check_import_options(node_, options_));
  TRY(auto file, MappedFile::open(path));
  const auto text = file.text();
  if (text.size() > bundle_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("more than {} bytes", bundle_bytes_max), path);
  }
  text_ = text;
  lines_.emplace(text);
  // What has been read need not stay resident.
  const json::Passed passed = [&](std::size_t offset) { file.release_before(offset); };
  TRY(snapshot_, node_.store().read());
  const auto envelope = first_pass(passed);
  if (!envelope) {
    auto error = envelope.error();
    return tl::unexpected<Error>(std::move(error).at(path));
  }
  report_.import_id =
      "import--" +
      uuid5(import_namespace,
            fmt::format("{} {} {} {} {} {}", hex(digest_of(text, passed)), node_.party(),
                        options_.tlp, options_.published, options_.area, options_.purpose));
  TRY_STATUS(second_pass(passed));
  return std::move(report_);
}

}  // namespace

Status check_import_options(const Node& node, const ImportOptions& options) {
  const auto law = node.law();
  const auto& vocabulary = law->model().vocabulary;
  if (!vocabulary.areas.index(options.area)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no area; expected one of {}", options.area,
                            fmt::join(vocabulary.areas.values, ", ")));
  }
  if (!vocabulary.purposes.index(options.purpose)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no purpose; expected one of {}", options.purpose,
                            fmt::join(vocabulary.purposes.values, ", ")));
  }
  if (!options.tlp.empty() && !treaty::tlp_from_name(options.tlp)) {
    return fail(
        ErrorKind::InvalidInput,
        fmt::format("'{}' is no TLP level; expected clear, green, amber, amber+strict or red",
                    options.tlp));
  }
  return {};
}

Result<ImportReport> import_loose(Node& node, const LooseObjects& loose,
                                  const ImportOptions& options) {
  const std::function<void(std::int64_t)> nobody;
  return Importer(node, options, nobody).run(loose);
}

Result<ImportReport> import_bundle(Node& node, const std::string& path,
                                   const ImportOptions& options,
                                   const std::function<void(std::int64_t)>& acknowledged) {
  return Importer(node, options, acknowledged).run(path);
}

}  // namespace comity::exchange
