#include "node/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>
#include <system_error>
#include <thread>

#include "base/complaint.h"
#include "base/file.h"
#include "json/parse.h"
#include "json/texts.h"
#include "json/write.h"
#include "net/networks.h"
#include "node/account_command_line.h"
#include "node/act_command_line.h"
#include "node/calendar_command.h"
#include "node/coverage_command_line.h"
#include "node/demo.h"
#include "node/doctor_command.h"
#include "node/feed_command_line.h"
#include "node/key_command_line.h"
#include "node/ledger_command.h"
#include "node/outpost_command_line.h"
#include "node/pattern_command_line.h"
#include "node/search_command_line.h"
#include "node/serve.h"
#include "node/shipped.h"
#include "node/stix_command.h"
#include "node/treaty_command.h"
#include "stix/marking.h"

namespace comity::node {
namespace {

constexpr std::uint64_t password_file_bytes_max = 4096;

// What the flags of one invocation said.
struct Flags {
  bool json = false, jsonl = false, once = false, confirmed = false, sha256 = false,
       acknowledge = false;
  std::string data, register_directory, file, id, party, out, endpoint;
  std::string exercise;
  bool exercise_given = false;
  bool four_eyes = false;
  std::string listen = "127.0.0.1:0";
  std::vector<std::string> allow, ids, to;
  std::string from, recipient, action = "share", info, area, purpose, tlp, at, published;
  std::string other_file, lang;
  std::string consent_until, ground, reason, replaced_by, discretion;
  std::vector<std::string> officers, passphrase_files;
  std::vector<std::string> facts, received_under;
  std::string duration;
  bool read = false, write = false;
  std::string originator, password_file;
  std::int64_t rate = 0;
  std::string name, role, until;
  std::vector<std::string> purposes, collections, networks;
  PagesOptions pages;
  std::string taxii_plain;
};

// Those of the commands about the ledger.
struct LedgerFlags {
  std::optional<std::int64_t> after, index, size;
  std::vector<std::int64_t> consistency;
  bool publish = false, show = false, is_public = false, is_private = false, entry = false;
  ProofToCheck check;
  std::string from;  // of witness
};

int report(const Error& error) {
  complain(error.text());
  return exit_code(error.kind);
}

int report(const Flags& flags, const Result<Outcome>& outcome) {
  if (!outcome) return report(outcome.error());
  if (flags.json) {
    fmt::print("{}\n", json::write(outcome->data));
  } else {
    fmt::print("{}", outcome->text);
  }
  if (std::fflush(stdout) != 0) {
    return report({ErrorKind::Unavailable, "cannot write the answer", "standard output"});
  }
  return outcome->exit_code;
}

std::string exercise_name(const Flags& flags) {
  return flags.exercise.empty() ? "demo" : flags.exercise;
}

std::string register_directory(const Flags& flags) {
  return flags.register_directory.empty() ? shipped_register_directory() : flags.register_directory;
}

LawSource law_source(const Flags& flags) {
  LawSource source;
  source.directory = register_directory(flags);
  if (flags.exercise_given) source.exercise = exercise_name(flags);
  return source;
}

Result<json::Object> request_arguments(const Flags& flags, bool with_recipient) {
  json::Object out;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.set(name, value);
  };
  add("from", flags.from);
  if (with_recipient) add("to", flags.recipient);
  add("action", flags.action);
  add("info", flags.info);
  add("area", flags.area);
  add("purpose", flags.purpose);
  add("tlp", flags.tlp);
  add("at", flags.at);
  json::Object facts;
  for (const auto& fact : flags.facts) {
    const auto equals = fact.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorKind::InvalidInput, fmt::format("--fact {}: expected NAME=VALUE", fact));
    }
    facts.set(fact.substr(0, equals), fact.substr(equals + 1));
  }
  if (!facts.empty()) out.set("facts", std::move(facts));
  json::Array chain;
  for (const auto& hop : flags.received_under) chain.emplace_back(hop);
  if (!chain.empty()) out.set("received_under", std::move(chain));
  return out;
}

Status need_data(const Flags& flags) {
  if (!flags.data.empty()) return {};
  return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
}

int on_node(const Flags& flags, std::string_view command, const json::Object& arguments) {
  if (const auto status = need_data(flags); !status) return report(status.error());
  return report(flags, run_command(flags.data, command, arguments));
}

int init(const Flags& flags) {
  if (const auto status = need_data(flags); !status) return report(status.error());
  exchange::NewNode options;
  options.party = flags.party;
  options.mode = flags.exercise_given ? treaty::Mode::Exercise : treaty::Mode::Operational;
  options.exercise = flags.exercise_given ? exercise_name(flags) : "";
  options.listen = flags.listen;
  options.allowed_networks = flags.allow;
  if (const auto place = check_listen(flags.listen); !place) return report(place.error());
  if (const auto networks = net::parse_networks(flags.allow); !networks) {
    return report(networks.error());
  }
  auto files = treaty::read_register(register_directory(flags));
  if (!files) return report(files.error());
  options.register_files = *std::move(files);
  if (flags.listen.ends_with(":0")) {
    const auto host = flags.listen.substr(0, flags.listen.size() - 2);
    const auto port = free_port(host);
    if (!port) return report(port.error());
    options.listen = fmt::format("{}:{}", host, *port);
  }
  const auto made = exchange::Node::create(flags.data, options, system_clock(), system_random());
  if (!made) return report(made.error());
  fmt::print(
      "{0}made the node of {1} in {2}\nit will listen on {3}\n"
      "keep {2}/keys/root.pem offline: it signs the key records of this node\n"
      "move {2}/keys/root-revocation.json away, to a place of its own: it ends that root when it "
      "is "
      "lost or stolen, and who has it can end it\n",
      flags.exercise_given ? fmt::format("EXERCISE {} – not real traffic\n", options.exercise) : "",
      flags.party, flags.data, options.listen);
  return 0;
}

// Blocks the signals that end a service in every thread from here on, to wait for them in one
// place.
sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

// Printed when everything listens.
void say_ready(const Flags& flags, const exchange::Node& node, const Service& service) {
  const auto pages = service.pages_url();
  const auto plain = service.taxii_plain_url();
  if (flags.json) {
    json::Object ready;
    ready.set("party", node.party());
    ready.set("exercise",
              node.mode() == treaty::Mode::Exercise ? json::Value(node.exercise()) : json::Value());
    ready.set("url", service.url());
    ready.set("pages", pages.empty() ? json::Value() : json::Value(pages));
    ready.set("taxii_plain", plain.empty() ? json::Value() : json::Value(plain));
    fmt::print("{}\n", json::write(ready));
  } else {
    if (node.mode() == treaty::Mode::Exercise) {
      fmt::print("EXERCISE {} – not real traffic\n", node.exercise());
    }
    if (!pages.empty()) fmt::print("{} has its pages at {}\n", node.party(), pages);
    if (!plain.empty()) fmt::print("{} serves TAXII without TLS at {}\n", node.party(), plain);
    fmt::print("{} listens on {}\n", node.party(), service.url());
  }
  std::fflush(stdout);
}

int serve(const Flags& flags) {
  if (const auto status = need_data(flags); !status) return report(status.error());
  const auto signals = ending_signals();
  auto node = exchange::Node::open(flags.data, exchange::NodeAccess::ReadWrite, system_clock(),
                                   system_random());
  if (!node) return report(node.error());
  auto service = Service::start(**node, flags.pages, flags.taxii_plain);
  if (!service) return report(service.error());
  say_ready(flags, **node, **service);
  int signal = 0;
  sigwait(&signals, &signal);
  (*service)->stop();
  return 0;
}

// The words of --lang, if it was given.
Result<std::optional<treaty::Words>> asked_words(const Flags& flags) {
  json::Object arguments;
  if (!flags.lang.empty()) arguments.set("lang", flags.lang);
  return words_asked(arguments);
}

int treaty_show(const Flags& flags) {
  if (!flags.data.empty()) {
    json::Object arguments;
    arguments.set("id", flags.id);
    if (!flags.lang.empty()) arguments.set("lang", flags.lang);
    return on_node(flags, "show", arguments);
  }
  const auto words = asked_words(flags);
  if (!words) return report(words.error());
  const auto law = load_law(law_source(flags));
  if (!law) return report(law.error());
  return report(flags, show_instrument(**law, flags.id, *words ? &**words : nullptr));
}

int treaty_decide(const Flags& flags, bool all) {
  if (!flags.data.empty()) {
    if (all || flags.jsonl || flags.exercise_given) {
      return report(
          {ErrorKind::InvalidInput,
           "a data directory has its own mode and law: --exercise, --jsonl and audience work "
           "on a register (--register DIR), without --data",
           ""});
    }
    auto arguments = request_arguments(flags, true);
    if (!arguments) return report(arguments.error());
    if (!flags.lang.empty()) arguments->set("lang", flags.lang);
    return report(flags, run_command(flags.data, "decide", *arguments));
  }
  if (!flags.jsonl && flags.from.empty() && flags.info.empty()) {
    return report({ErrorKind::InvalidInput,
                   fmt::format("no question: say --from XX {}--info CLASS --area AREA --purpose "
                               "PURPOSE --tlp HANDLING{}",
                               all ? "" : "--to YY ",
                               all ? ""
                                   : ", or --jsonl for one request a line, a JSON object, "
                                     "from standard input"),
                   ""});
  }
  const auto law = load_law(law_source(flags));
  if (!law) return report(law.error());
  if (flags.jsonl) {
    if (isatty(STDIN_FILENO) == 1) {
      fmt::print(stderr,
                 "reading requests from standard input, a JSON object a line; Ctrl-D ends\n");
    }
    std::ios::sync_with_stdio(false);
    const auto code = decide_lines(**law, std::cin, std::cout);
    return code ? *code : report(code.error());
  }
  const auto arguments = request_arguments(flags, !all);
  if (!arguments) return report(arguments.error());
  const auto words = asked_words(flags);
  if (!words) return report(words.error());
  const auto* const speak = *words ? &**words : nullptr;
  return report(flags, all ? audience(**law, *arguments, speak) : decide(**law, *arguments, speak));
}

// With --ics the outcome's text is the file.
int write_calendar(const Flags& flags, const Result<Outcome>& outcome) {
  if (!outcome || flags.out.empty()) return report(flags, outcome);
  if (const auto written = write_file(flags.out, outcome->text); !written) {
    return report(written.error());
  }
  auto told = *outcome;
  const auto* all = told.data.find("dates")->array();
  const auto without = *told.data.find("without_day")->integer();
  const auto exercise = told.data.text("exercise");
  told.text =
      exercise.empty() ? std::string() : fmt::format("EXERCISE {} – not real traffic\n", exercise);
  told.text += fmt::format("wrote {} dates to {}; {} have no known day and are not in it\n",
                           static_cast<std::int64_t>(all->size()) - without, flags.out, without);
  return report(flags, told);
}

int treaty_calendar(const Flags& flags) {
  json::Object arguments;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) arguments.set(name, value);
  };
  add("party", flags.party);
  add("from", flags.from);
  add("to", flags.until);
  add("lang", flags.lang);
  if (!flags.out.empty()) arguments.set("ics", true);
  if (!flags.data.empty()) {
    if (flags.exercise_given) {
      return report({ErrorKind::InvalidInput,
                     "a data directory has its own mode and law: --exercise works on a register "
                     "(--register DIR), without --data",
                     ""});
    }
    return write_calendar(flags, run_command(flags.data, "calendar", arguments));
  }
  const auto law = load_law(law_source(flags));
  if (!law) return report(law.error());
  const auto now = system_clock().now();
  return write_calendar(flags, calendar(**law, arguments, now, now));
}

int treaty_analyse(const Flags& flags) {
  if (!flags.data.empty() && flags.file.empty()) {
    if (flags.exercise_given) {
      return report({ErrorKind::InvalidInput,
                     "a data directory has its own mode and law: --exercise works on a register "
                     "(comity treaty analyse DIR), without --data",
                     ""});
    }
    json::Object arguments;
    if (!flags.lang.empty()) arguments.set("lang", flags.lang);
    return on_node(flags, "analyse", arguments);
  }
  const auto words = asked_words(flags);
  if (!words) return report(words.error());
  auto source = law_source(flags);
  if (!flags.file.empty()) source.directory = flags.file;
  const auto law = load_law(source);
  if (!law) return report(law.error());
  return report(flags, analyse_register(**law, *words ? &**words : nullptr));
}

int treaty_diff(const Flags& flags) {
  Result<Instant> at = system_clock().now();
  if (!flags.at.empty()) at = parse_day_or_instant(flags.at);
  if (!at) return report(std::move(at.error()).at("--at"));
  auto source = law_source(flags);
  source.directory = flags.file;
  const auto before = load_law(source);
  if (!before) return report(Error(before.error()).at(flags.file));
  source.directory = flags.other_file;
  const auto after = load_law(source);
  if (!after) return report(Error(after.error()).at(flags.other_file));
  return report(flags, compare_laws(**before, **after, *at));
}

int stix_canonical(const Flags& flags) {
  const auto status = canonical_stix(flags.file, flags.sha256, stdout);
  return status ? 0 : report(status.error());
}

int stix_validate(const Flags& flags, const stix::ValidateOptions& options) {
  if (flags.jsonl) {
    if (!flags.file.empty() || options.strict || options.strict_types ||
        options.strict_properties || options.enforce_refs || !options.enabled.empty() ||
        !options.disabled.empty()) {
      return report({ErrorKind::InvalidInput,
                     "--jsonl reads standard input, and each line has its own options", ""});
    }
    std::ios::sync_with_stdio(false);
    const auto code = validate_stix_lines(std::cin, std::cout);
    return code ? *code : report(code.error());
  }
  return report(flags, validate_stix(flags.file, options));
}

int invite(const Flags& flags) {
  if (const auto status = need_data(flags); !status) return report(status.error());
  json::Object arguments;
  arguments.set("party", flags.party);
  if (!flags.endpoint.empty()) arguments.set("endpoint", flags.endpoint);
  const auto outcome = run_command(flags.data, "invite", arguments);
  if (!outcome) return report(outcome.error());
  if (flags.out.empty()) {
    fmt::print("{}\n", outcome->text);
    return 0;
  }
  const auto written = write_file(flags.out, outcome->text);
  if (!written) return report(written.error());
  fmt::print("wrote the invitation for {} to {}\n", flags.party, flags.out);
  return 0;
}

// Asks on the terminal whether both officers see the same digits; only exercises may say so by a
// flag.
int pair(const Flags& flags) {
  if (const auto status = need_data(flags); !status) return report(status.error());
  json::Object arguments;
  arguments.set("file", flags.file);
  const auto looked = run_command(flags.data, "pair", arguments);
  if (!looked) return report(looked.error());
  if (flags.confirmed) {
    const bool exercise = looked->data.text("mode") == "exercise";
    if (!exercise) {
      return report(
          {ErrorKind::NotPermitted,
           "the comparison cannot be skipped outside an exercise; run without --confirmed", ""});
    }
  } else {
    fmt::print("{}Do both officers see the same eight groups? Type yes: ", looked->text);
    std::fflush(stdout);
    std::string answer;
    if (!std::getline(std::cin, answer) || answer != "yes") {
      fmt::print("\nnot paired\n");
      return 1;
    }
  }
  arguments.set("confirmed", true);
  arguments.set("digits", std::string(looked->data.text("digits")));
  return report(flags, run_command(flags.data, "pair", arguments));
}

int ledger_prove(const Flags& flags, const LedgerFlags& ledger) {
  if (const auto status = need_data(flags); !status) return report(status.error());
  json::Object arguments;
  if (ledger.index) arguments.set("index", *ledger.index);
  if (!ledger.consistency.empty()) arguments.set("old", ledger.consistency[0]);
  if (ledger.consistency.size() == 2) arguments.set("size", ledger.consistency[1]);
  if (ledger.size) arguments.set("size", *ledger.size);
  if (ledger.entry) arguments.set("entry", true);
  const auto outcome = run_command(flags.data, "ledger-prove", arguments);
  if (!outcome || flags.out.empty()) return report(flags, outcome);
  const auto written = write_file(flags.out, outcome->text);
  if (!written) return report(written.error());
  fmt::print("wrote the proof to {}\n", flags.out);
  return 0;
}

int token_new(const Flags& flags) {
  json::Object arguments;
  arguments.set("name", flags.name);
  arguments.set("party", flags.party);
  arguments.set("role", flags.role);
  arguments.set("purposes", json::array_of(flags.purposes));
  arguments.set("collections", json::array_of(flags.collections));
  arguments.set("networks", json::array_of(flags.networks));
  arguments.set("until", flags.until);
  if (flags.write) arguments.set("write", true);
  arguments.set("originator", flags.originator);
  if (flags.rate > 0) arguments.set("rate", flags.rate);
  if (!flags.password_file.empty()) {
    auto password = read_file(flags.password_file, password_file_bytes_max);
    if (!password) return report(password.error());
    while (!password->empty() && (password->back() == '\n' || password->back() == '\r')) {
      password->pop_back();
    }
    if (password->empty()) {
      return report({ErrorKind::InvalidInput, "holds no password", flags.password_file});
    }
    arguments.set("password", *std::move(password));
  }
  return on_node(flags, "token-new", arguments);
}

void add_request_flags(CLI::App& app, Flags& flags, bool recipient) {
  app.add_option("--from", flags.from, "sender: XX or XX:role");
  if (recipient) app.add_option("--to", flags.recipient, "recipient: YY or YY:role+role");
  app.add_option("--action", flags.action, "share, onward, use, request …")->capture_default_str();
  app.add_option("--info", flags.info, "information classes, with commas");
  app.add_option("--area", flags.area, "for example threat-information");
  app.add_option("--purpose", flags.purpose, "for example warning");
  app.add_option("--tlp", flags.tlp, "clear, green, amber, amber+strict, red");
  app.add_option("--at", flags.at, "a day or an RFC 3339 instant; now when absent");
  app.add_option("--fact", flags.facts, "NAME=VALUE, repeatable")->allow_extra_args(false);
  app.add_option("--received-under", flags.received_under,
                 "INSTRUMENT:ORIGINATOR[@INSTANT] for each hop")
      ->allow_extra_args(false);
}

// Builds the commands of `app`; each sets `run`.
class Commands {
 public:
  Commands(CLI::App& app, Flags& flags, std::function<int()>& run)
      : app_(app), flags_(flags), run_(run) {}

  void node() {
    auto* init_command =
        add(app_, "init", "make the data directory of a node",
            "comity init --party CN --exercise --allow-network 127.0.0.0/8 --data cn",
            [this] { return init(flags_); });
    init_command->add_option("--party", flags_.party, "the party whose node this is")->required();
    exercise(*init_command);
    init_command->add_option("--listen", flags_.listen, "ADDRESS:PORT; port 0 finds a free one")
        ->capture_default_str();
    init_command->add_option("--allow-network", flags_.allow,
                             "private network in which peers may be, e.g. 127.0.0.0/8");
    auto* serve_command =
        add(app_, "serve", "serve peers and this machine's operator until interrupted",
            "comity serve --pages 127.0.0.1:8440 --data cn", [this] { return serve(flags_); });
    auto* pages = serve_command->add_option(
        "--pages", flags_.pages.listen,
        "ADDRESS:PORT of the pages: plain HTTP on a loopback address, elsewhere HTTPS");
    serve_command
        ->add_option("--pages-name", flags_.pages.names,
                     "a name by which browsers call the pages, beside the address; repeatable")
        ->needs(pages);
    serve_command
        ->add_option("--web-dir", flags_.pages.directory,
                     "pages from this folder instead of those in the program")
        ->needs(pages);
    serve_command->add_option(
        "--taxii-plain", flags_.taxii_plain,
        "ADDRESS:PORT on a loopback address: TAXII in plain HTTP, for clients with a token, behind "
        "a proxy on this machine");
    auto* invite_command =
        add(app_, "invite", "write an invitation for another party",
            "comity invite RU --out for-ru.json --data cn", [this] { return invite(flags_); });
    invite_command->add_option("party", flags_.party, "whom to invite")->required();
    invite_command->add_option("--out", flags_.out, "file to write");
    invite_command->add_option("--endpoint", flags_.endpoint,
                               "https://host:port, if not where it listens");
    auto* pair_command = add(app_, "pair", "take in the other side's invitation and compare digits",
                             "comity pair from-ru.json --data cn", [this] { return pair(flags_); });
    pair_command->add_option("file", flags_.file, "the invitation")->required();
    pair_command->add_flag("--confirmed", flags_.confirmed,
                           "exercises only: the digits were compared");
    add(app_, "peers", "list paired parties", "comity peers --data cn",
        [this] { return on_node(flags_, "peers", {}); });
    add(app_, "records", "list what this node holds", "comity records --data cn",
        [this] { return on_node(flags_, "records", {}); });
    add_search_command(app_, adder());
    add(app_, "verify", "check ledger, signatures and receipts; decide own disclosures again",
        "comity verify --data cn", [this] { return on_node(flags_, "verify", {}); });
    add_officer_commands(app_, adder());
    add_rule_commands(app_, adder());
    auto* demo_command = add(app_, "demo", "run the demonstration federation (exercise mode)",
                             "comity demo --once --data demo-data", [this] {
                               return demonstrate({flags_.data.empty() ? "demo-data" : flags_.data,
                                                   register_directory(flags_), flags_.once});
                             });
    demo_command->add_flag("--once", flags_.once, "end after the transcript");
  }

  void records() {
    auto* import_command = add(app_, "import", "store a STIX 2.1 bundle and report losses",
                               "comity import bundle.json --tlp green --data cn", [this] {
                                 json::Object arguments;
                                 arguments.set("file", flags_.file);
                                 if (!flags_.tlp.empty()) arguments.set("tlp", flags_.tlp);
                                 if (!flags_.published.empty())
                                   arguments.set("published", flags_.published);
                                 if (!flags_.area.empty()) arguments.set("area", flags_.area);
                                 if (!flags_.purpose.empty())
                                   arguments.set("purpose", flags_.purpose);
                                 if (flags_.acknowledge) arguments.set("acknowledge", true);
                                 return on_node(flags_, "import", arguments);
                               });
    import_command->add_option("file", flags_.file, "a STIX bundle")->required();
    import_command->add_option("--tlp", flags_.tlp, "handling for objects that state none");
    import_command->add_option("--published", flags_.published,
                               "where the material is public: states TLP:CLEAR");
    import_command->add_option("--area", flags_.area, "default threat-information");
    import_command->add_option("--purpose", flags_.purpose, "default warning");
    import_command->add_flag("--acknowledge", flags_.acknowledge,
                             "print a line after each durable batch");
    auto* export_command =
        add(app_, "export", "write what a party may have now as a bundle, to carry it there",
            "comity export --to RU --out for-ru.json --data cn", [this] {
              json::Object arguments;
              arguments.set("to", flags_.recipient);
              arguments.set("file", flags_.file);
              return on_node(flags_, "export", arguments);
            });
    export_command->add_option("--to", flags_.recipient, "the party")->required();
    export_command->add_option("--out", flags_.file, "a new file")->required();
    auto* preview_command = add(app_, "preview", "every party with its verdict, reason and article",
                                "comity preview report--… --data cn", [this] {
                                  json::Object arguments;
                                  arguments.set("ids", json::array_of(flags_.ids));
                                  return on_node(flags_, "preview", arguments);
                                });
    preview_command->add_option("ids", flags_.ids, "STIX ids or an import id")->required();
    auto* release_command =
        add(app_, "release", "disclose records to parties that the agreements allow",
            "comity release report--… --to RU,KZ --data cn", [this] { return release(); });
    release_command->add_option("ids", flags_.ids, "STIX ids or an import id")->required();
    release_command->add_option("--to", flags_.to, "recipients, with commas")
        ->delimiter(',')
        ->allow_extra_args(false);
    auto* four_eyes = release_command->add_flag(
        "--four-eyes", flags_.four_eyes,
        "what an agreement permits when two officers have looked; they sign");
    auto* discretion = release_command->add_option(
        "--discretion", flags_.discretion,
        "why this party gets it where no agreement speaks of it; two officers sign");
    add_approval(*release_command, flags_.officers, flags_.passphrase_files);
    discretion->excludes(four_eyes);
  }

  int release() {
    json::Object arguments;
    arguments.set("ids", json::array_of(flags_.ids));
    arguments.set("to", json::array_of(flags_.to));
    // One without a ground is refused, and is no release under the agreements.
    const bool at_discretion = app_.get_subcommand("release")->count("--discretion") > 0;
    if (!at_discretion && !flags_.four_eyes) {
      if (!flags_.officers.empty() || !flags_.passphrase_files.empty()) {
        return report(Error{ErrorKind::InvalidInput,
                            "officers sign what goes with --four-eyes or with --discretion GROUND; "
                            "say which, or leave them out",
                            "--officer"});
      }
      return on_node(flags_, "release", arguments);
    }
    if (const auto status = need_data(flags_); !status) return report(status.error());
    if (at_discretion) arguments.set("ground", flags_.discretion);
    Passphrases passphrases(flags_.passphrase_files);
    return report(flags_, run_approved(flags_.data,
                                       at_discretion ? "release-discretion" : "release-four-eyes",
                                       std::move(arguments), flags_.officers, passphrases));
  }

  void consent() {
    auto* group = app_.add_subcommand("consent", "whether a received record may go on to a third");
    group->require_subcommand(1);
    auto* ask = add(*group, "ask", "ask everyone whose consent is missing",
                    "comity consent ask indicator--… --to BY --data ru", [this] {
                      json::Object arguments;
                      arguments.set("ids", json::array_of(flags_.ids));
                      arguments.set("recipient", flags_.recipient);
                      arguments.set("purpose", flags_.purpose);
                      return on_node(flags_, "consent-ask", arguments);
                    });
    ask->add_option("ids", flags_.ids, "STIX ids or an import id")->required();
    ask->add_option("--to", flags_.recipient, "the third party")->required();
    ask->add_option("--purpose", flags_.purpose, "default: that of the records");
    add(*group, "list", "requests of and to this node, and what became of them",
        "comity consent list --data cn", [this] { return on_node(flags_, "consent-list", {}); });
    auto* grant =
        add(*group, "grant", "consent to a request",
            "comity consent grant comity-consent-request--… --until 2027-01-01 --data cn", [this] {
              json::Object arguments;
              arguments.set("id", flags_.id);
              arguments.set("until", flags_.consent_until);
              if (flags_.once) arguments.set("once", true);
              return on_node(flags_, "consent-grant", arguments);
            });
    grant->add_option("request", flags_.id, "the request")->required();
    grant->add_option("--until", flags_.consent_until, "a day or an RFC 3339 instant");
    grant->add_flag("--once", flags_.once, "each record may be passed on once");
    auto* refuse = add(*group, "refuse", "refuse a request",
                       "comity consent refuse comity-consent-request--… --data cn", [this] {
                         json::Object arguments;
                         arguments.set("id", flags_.id);
                         if (!flags_.ground.empty()) arguments.set("ground", flags_.ground);
                         return on_node(flags_, "consent-refuse", arguments);
                       });
    refuse->add_option("id", flags_.id, "the id of the statement")->required();
    refuse->add_option("--ground", flags_.ground,
                       "political-offence, religion …; need not be said");
    answer(*group, "withdraw", "take back a consent for the future",
           "comity consent withdraw comity-consent--… --data cn", "consent-withdraw");
  }

  void recall() {
    auto* command = add(app_, "recall", "call records back from whom this node gave them",
                        "comity recall indicator--… --reason false-positive --data cn", [this] {
                          if (app_.get_subcommand("recall")->got_subcommand("list")) {
                            return on_node(flags_, "recall-list", {});
                          }
                          json::Object arguments;
                          arguments.set("ids", json::array_of(flags_.ids));
                          arguments.set("to", json::array_of(flags_.to));
                          arguments.set("reason", flags_.reason);
                          arguments.set("replaced_by", flags_.replaced_by);
                          return on_node(flags_, "recall", arguments);
                        });
    command->add_option("ids", flags_.ids, "STIX ids; every version that went out");
    command->add_option("--to", flags_.to, "from these parties only")
        ->delimiter(',')
        ->allow_extra_args(false);
    command->add_option("--reason", flags_.reason,
                        "false-positive, wrong-content, wrong-recipient, superseded, law, other");
    command->add_option("--replaced-by", flags_.replaced_by,
                        "digest of the record to use instead, sha256:…");
    add(*command, "list", "recalls of and to this node, and who has confirmed",
        "comity recall list --data cn", [this] { return on_node(flags_, "recall-list", {}); });
    auto* group = app_.add_subcommand("statements", "what nodes say to each other beside records");
    group->require_subcommand(1);
    add(*group, "send", "send what waits for other parties", "comity statements send --data cn",
        [this] { return on_node(flags_, "statements-send", {}); });
  }

  void receipts() {
    auto* group = app_.add_subcommand("receipt", "what became of what was disclosed");
    group->require_subcommand(1);
    auto* list = add(*group, "list", "each disclosure: receipt, missing, collected or withdrawn",
                     "comity receipt list --party RU --data cn", [this] {
                       json::Object arguments;
                       arguments.set("party", flags_.party);
                       return on_node(flags_, "receipt-list", arguments);
                     });
    list->add_option("--party", flags_.party, "to this party only");
  }

  void tokens() {
    auto* group =
        app_.add_subcommand("token", "tokens with which standard TAXII clients read or write");
    group->require_subcommand(1);
    auto* made = add(*group, "new", "make a token and show its secret, once",
                     "comity token new --party RU --collections records --read --name ru-siem "
                     "--network 198.51.100.0/24 --data cn",
                     [this] { return token_new(flags_); });
    made->add_option("--name", flags_.name, "small letters, digits, hyphens; never used again")
        ->required();
    made->add_option("--party", flags_.party, "whose view it reads, or who writes");
    made->add_option("--role", flags_.role, "only what that role of the party may have");
    made->add_option("--purpose", flags_.purposes,
                     "only records of these purposes; to write: what its records are for")
        ->delimiter(',')
        ->allow_extra_args(false);
    made->add_option("--collections", flags_.collections, "records; to write: inbox")
        ->delimiter(',')
        ->allow_extra_args(false);
    auto* read = made->add_flag("--read", flags_.read, "read: the default");
    auto* write = made->add_flag("--write", flags_.write, "submit objects instead of reading");
    write->excludes(read);
    made->add_option("--originator", flags_.originator, "to write: in whose name")->needs(write);
    made->add_option("--password-file", flags_.password_file,
                     "a password that was chosen, instead of a secret; only to read");
    made->add_option("--network", flags_.networks, "only from there, e.g. 198.51.100.0/24")
        ->delimiter(',')
        ->allow_extra_args(false);
    made->add_option("--rate", flags_.rate, "at most so many requests in a minute")
        ->check(CLI::PositiveNumber);
    made->add_option("--until", flags_.until, "a day or an RFC 3339 instant; default: a year");
    add(*group, "list", "list the tokens of this node", "comity token list --data cn",
        [this] { return on_node(flags_, "token-list", {}); });
    auto* revoke =
        add(*group, "revoke", "end a token", "comity token revoke ru-siem --data cn", [this] {
          json::Object arguments;
          arguments.set("name", flags_.name);
          return on_node(flags_, "token-revoke", arguments);
        });
    revoke->add_option("name", flags_.name, "the token")->required();
  }

  void treaty() {
    auto* group = app_.add_subcommand("treaty", "the law: registers, articles, decisions");
    group->require_subcommand(1);
    auto* check =
        add(*group, "check", "parse and check a register", "comity treaty check register", [this] {
          return report(flags_, check_register(flags_.file.empty() ? register_directory(flags_)
                                                                   : flags_.file));
        });
    check->add_option("directory", flags_.file, "the register; default: the shipped one");
    auto* analyse =
        add(*group, "analyse", "what never acts, changes nothing or contradicts in a register",
            "comity treaty analyse register --lang ar", [this] { return treaty_analyse(flags_); });
    analyse->add_option(
        "directory", flags_.file,
        "the register; default: that of the node with --data, else the shipped one");
    exercise(*analyse);
    language(*analyse);
    auto* show =
        add(*group, "show", "an instrument: each article's sentence beside its row",
            "comity treaty show ru-cn-2015 --lang ar", [this] { return treaty_show(flags_); });
    show->add_option("id", flags_.id, "the instrument")->required();
    exercise(*show);
    language(*show);
    auto* decide_command =
        add(*group, "decide", "may this go from XX to YY, and under which article",
            "comity treaty decide --from CN --to RU --info indicator --area threat-information "
            "--purpose warning --tlp green --exercise",
            [this] { return treaty_decide(flags_, false); });
    add_request_flags(*decide_command, flags_, true);
    exercise(*decide_command);
    language(*decide_command);
    decide_command->add_flag("--jsonl", flags_.jsonl, "one request a line from standard input");
    auto* audience_command =
        add(*group, "audience", "who may see it: the same question for every party",
            "comity treaty audience --from CN --info indicator --area "
            "threat-information --purpose warning --tlp green --exercise",
            [this] { return treaty_decide(flags_, true); });
    add_request_flags(*audience_command, flags_, false);
    exercise(*audience_command);
    language(*audience_command);
    auto* diff = add(*group, "diff", "what changes between two registers: cells gained and lost",
                     "comity treaty diff register ../new-register --at 2026-11-24 --exercise",
                     [this] { return treaty_diff(flags_); });
    diff->add_option("before", flags_.file, "a register")->required();
    diff->add_option("after", flags_.other_file, "the register to compare it with")->required();
    diff->add_option("--at", flags_.at, "a day or an RFC 3339 instant; now when absent");
    exercise(*diff);
    add_coverage_commands(*group, {adder(), [this](CLI::App& command) { exercise(command); },
                                   [this] { return law_source(flags_); }, flags_.json});
    auto* dates = add(*group, "calendar", "the legal dates of a party: duties, ends, notices",
                      "comity treaty calendar --party CN --from 2026-01-01 --ics cn.ics",
                      [this] { return treaty_calendar(flags_); });
    dates->add_option("--party", flags_.party, "whose dates; at a node its own");
    dates->add_option("--from", flags_.from, "the first day; default today");
    dates->add_option("--to", flags_.until, "the last day; default a year later");
    dates->add_option("--ics", flags_.out, "write a calendar file (iCalendar) instead");
    exercise(*dates);
    language(*dates);
    add_law_commands(*group, adder());
  }

  void ledger() {
    auto* group = app_.add_subcommand("ledger", "the ledger: entries, checkpoints, proofs");
    group->require_subcommand(1);
    auto* log =
        add(*group, "log", "list the entries in order", "comity ledger log --data cn", [this] {
          json::Object arguments;
          if (ledger_.after) arguments.set("after", *ledger_.after);
          return on_node(flags_, "ledger-log", arguments);
        });
    log->add_option("--after", ledger_.after, "only those behind this leaf");
    auto* checkpoint = add(*group, "checkpoint", "the signed checkpoint of the newest entry",
                           "comity ledger checkpoint --publish --data cn", [this] {
                             if (!ledger_.publish) return on_node(flags_, "ledger-checkpoint", {});
                             json::Object arguments;
                             if (ledger_.show) arguments.set("show", true);
                             if (ledger_.is_public) arguments.set("mark", "public");
                             if (ledger_.is_private) arguments.set("mark", "private");
                             return on_node(flags_, "ledger-publish", arguments);
                           });
    auto* publish = checkpoint->add_flag("--publish", ledger_.publish,
                                         "make one for others, over a tree filled with padding");
    checkpoint->add_flag("--show", ledger_.show, "show it to every peer now")->needs(publish);
    auto* marked = checkpoint
                       ->add_flag("--public", ledger_.is_public,
                                  "from now on peers may pass this node's checkpoints on")
                       ->needs(publish);
    checkpoint->add_flag("--private", ledger_.is_private, "from now on they may not")
        ->needs(publish)
        ->excludes(marked);
    auto* prove = add(*group, "prove", "write a proof about the ledger",
                      "comity ledger prove 3 --entry --out proof.json --data cn",
                      [this] { return ledger_prove(flags_, ledger_); });
    prove->add_option("index", ledger_.index, "of the leaf, from 0");
    prove
        ->add_option("--consistency", ledger_.consistency,
                     "OLD [NEW]: that the first OLD leaves are the beginning of NEW")
        ->expected(1, 2);
    prove->add_option("--size", ledger_.size,
                      "in the ledger of so many leaves; default: the published one");
    prove->add_flag("--entry", ledger_.entry, "show the entry and its random bytes");
    prove->add_option("--out", flags_.out, "file to write");
    auto* witness = add(*group, "witness", "take in the newest checkpoint that a peer shows",
                        "comity ledger witness from-ru.json --from RU --data cn", [this] {
                          json::Object arguments;
                          arguments.set("file", flags_.file);
                          arguments.set("from", ledger_.from);
                          return on_node(flags_, "ledger-witness", arguments);
                        });
    witness->add_option("file", flags_.file, "its checkpoint, or its consistency proof")
        ->required();
    witness->add_option("--from", ledger_.from, "the peer")->required();
    auto* check = add(*group, "check", "check a proof, without a node",
                      "comity ledger check proof.json --key VJ… --origin comity/CN/exercise",
                      [this] { return report(flags_, check_ledger_proof(ledger_.check)); });
    check->add_option("file", ledger_.check.file, "the proof")->required();
    check->add_option("--key", ledger_.check.key, "public key of the node, base64url")->required();
    check->add_option("--origin", ledger_.check.origin, "comity/PARTY/MODE")->required();
    check->add_option("--held", ledger_.check.held,
                      "a checkpoint held since earlier, with which the proof must begin");
  }

  void doctor() {
    add(app_, "doctor", "say what is wrong with a link, clock, key, disk, store or peer",
        "comity doctor --data cn", [this] {
          if (const auto status = need_data(flags_); !status) return report(status.error());
          return report(flags_, run_doctor(flags_.data));
        });
  }

  void keys() { add_key_commands(app_, adder()); }

  void accounts() { add_account_commands(app_, adder()); }

  void feeds() { add_feed_commands(app_, adder()); }
  void outposts() { add_outpost_commands(app_, adder()); }

  void exercise_clock() {
    auto* group = app_.add_subcommand("exercise", "the clock of an exercise");
    group->require_subcommand(1);
    auto* advance = add(*group, "advance", "let days pass for the law, and for nothing else",
                        "comity exercise advance P90D --data cn", [this] {
                          json::Object arguments;
                          arguments.set("duration", flags_.duration);
                          return on_node(flags_, "exercise-advance", arguments);
                        });
    advance->add_option("duration", flags_.duration, "ISO 8601: P90D, PT36H, P1DT2H30M")
        ->required();
    add(*group, "show", "about which instant this node asks the law",
        "comity exercise show --data cn", [this] { return on_node(flags_, "exercise-show", {}); });
  }

  void stix() {
    auto* group = app_.add_subcommand("stix", "STIX 2.1 objects");
    group->require_subcommand(1);
    auto* canonical = add(*group, "canonical", "RFC 8785 bytes of a JSON file",
                          "comity stix canonical object.json --sha256",
                          [this] { return stix_canonical(flags_); });
    canonical->add_option("file", flags_.file, "a file, or - for standard input")->required();
    canonical->add_flag("--sha256", flags_.sha256, "print the digest instead");
    auto* validate = add(*group, "validate", "say what is wrong with an object or bundle",
                         "comity stix validate --strict bundle.json",
                         [this] { return stix_validate(flags_, stix_options_); });
    validate->add_option("file", flags_.file, "a file, or - for standard input (default)");
    validate->add_flag("--jsonl", flags_.jsonl, "one request a line from standard input");
    validate->add_flag("--strict", stix_options_.strict, "what the standard advises decides, too");
    validate->add_flag("--strict-types", stix_options_.strict_types, "no custom types");
    validate->add_flag("--strict-properties", stix_options_.strict_properties,
                       "no custom properties");
    validate->add_flag("--enforce-refs", stix_options_.enforce_refs,
                       "the ends of relationships stand in the bundle");
    validate
        ->add_option("--enable", stix_options_.enabled,
                     "only these checks, with commas: names or numbers")
        ->delimiter(',')
        ->allow_extra_args(false);
    validate->add_option("--disable", stix_options_.disabled, "not these checks, with commas")
        ->delimiter(',')
        ->allow_extra_args(false);
    add_pattern_commands(app_, adder());
  }

 private:
  // For commands whose flags stand in a file of their own.
  CommandAdder adder() {
    return {[this](CLI::App& parent, const char* name, const char* description,
                   const std::string& example, std::function<Result<Outcome>()> action) {
              return add(parent, name, description, example,
                         [this, action = std::move(action)] { return report(flags_, action()); });
            },
            flags_.data, [this] { return register_directory(flags_); }};
  }
  // A command whose only argument is the id of a statement.
  void answer(CLI::App& group, const char* name, const char* description, const char* example,
              const char* command) {
    auto* added = add(group, name, description, example, [this, command] {
      json::Object arguments;
      arguments.set("id", flags_.id);
      return on_node(flags_, command, arguments);
    });
    added->add_option("id", flags_.id, "the id of the statement")->required();
  }
  CLI::App* add(CLI::App& parent, const char* name, const char* description,
                const std::string& example, std::function<int()> action) {
    auto* command = parent.add_subcommand(name, description);
    command->footer("Example: " + example);
    command->add_flag("--json", flags_.json, "answer for machines");
    command->add_option("--data", flags_.data, "data directory of a node")->envname("COMITY_DATA");
    command->add_option("--register", flags_.register_directory,
                        "register; default: the shipped one");
    command->callback([this, action = std::move(action)] { run_ = action; });
    return command;
  }
  void language(CLI::App& command) {
    command.add_option("--lang", flags_.lang, "answer a person in this language: en, ar");
  }
  void exercise(CLI::App& command) {
    command
        .add_option_function<std::string>(
            "--exercise",
            [this](const std::string& name) {
              flags_.exercise_given = true;
              flags_.exercise = name == "demo" ? "" : name;
            },
            "exercise mode with that exercise; demo when no name is given")
        ->expected(0, 1)
        ->default_str("demo");
  }

  CLI::App& app_;
  Flags& flags_;
  LedgerFlags ledger_;
  stix::ValidateOptions stix_options_;
  std::function<int()>& run_;
};

// What to say when the first word is no command; empty when it is one, or a flag.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return {};
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == argv[1]) return {};
    names.push_back(command->get_name());
  }
  return fmt::format("'{}' is no command; the commands are {} (comity --help)", argv[1],
                     fmt::join(names, ", "));
}

// What CLI11 has against a command line; of an option that lacks, what it takes, too.
std::string complaint_of(const CLI::App* app, const CLI::Error& error) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  std::string text = error.what();
  if (const auto end = text.find(" is required"); end != std::string::npos) {
    const auto* option = app->get_option_no_throw(text.substr(0, end));
    if (option != nullptr) text += ": " + option->get_description();
  }
  std::string names = app->get_name();
  for (const auto* up = app->get_parent(); up != nullptr; up = up->get_parent()) {
    names = up->get_name() + " " + names;
  }
  return fmt::format("{}\n{} --help says more\n", text, names);
}

}  // namespace

int command_line(int argc, char** argv) {
  CLI::App app(
      "Comity: share a threat record with exactly the parties the agreements allow today, and "
      "prove it.");
  app.name("comity");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "help of every command");
  Flags flags;
  std::function<int()> run;
  Commands commands(app, flags, run);
  commands.node();
  commands.records();
  commands.consent();
  commands.recall();
  commands.receipts();
  commands.tokens();
  commands.feeds();
  commands.outposts();
  commands.treaty();
  commands.ledger();
  commands.stix();
  commands.exercise_clock();
  commands.keys();
  commands.accounts();
  commands.doctor();
  if (const auto unknown = unknown_command(app, argc, argv); !unknown.empty()) {
    return report({ErrorKind::InvalidInput, unknown, ""});
  }
  app.failure_message(complaint_of);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  try {
    return run ? run() : 2;
  } catch (const std::system_error& error) {
    complain(fmt::format("the answer cannot be written: {}", error.what()));
    return exit_code(ErrorKind::Unavailable);
  }
}

}  // namespace comity::node
