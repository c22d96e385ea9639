// The acts of the demonstration, in their order. Each shows its verdicts, articles and assumptions
// and says what it expected; an error is only that a process could not be run.
#pragma once

#include <string>
#include <vector>

#include "node/demo_stage.h"

namespace comity::node {

// CN asks who may have a public incident, arranges what is missing, releases it to RU and KZ.
class Sharing {
 public:
  explicit Sharing(Stage& stage) : stage_(stage) {}
  Status run();
  const std::string& incident() const { return incident_; }
  std::int64_t incident_records() const { return records_; }

 private:
  Status import_incident();
  Status ask(const std::string& title, bool with_arrangement);
  Status advice_only();
  Status content_class();
  Status arrange();
  Status release();

  Stage& stage_;
  std::string incident_;  // import id at CN
  std::int64_t records_ = 0;
};

// RU passes CN's record on with CN's written consent, shares its own, and CN recalls.
class Onward {
 public:
  explicit Onward(Stage& stage) : stage_(stage) {}
  Status run();

 private:
  Status needs_consent();
  Status consent();
  Status pass_on();
  Status own_record();
  Status recall();

  Stage& stage_;
  std::string record_;  // STIX id of one of CN's records
};

// XA suspends, resumes and denounces its agreement with XB: sharing follows in the same second.
class LawInTime {
 public:
  explicit LawInTime(Stage& stage) : stage_(stage) {}
  Status run();

 private:
  Status share();
  Status suspend();
  Status resume();
  Status denounce();
  Status notice_runs_out();
  // Imports one new record at XA and tries to release it to XB; how many XB accepted.
  Result<std::int64_t> try_one(const std::string& name);

  Stage& stage_;
  int tries_ = 0;
};

// XB sends what it must not: nothing of it is believed. Then one byte of its ledger is flipped.
class Liar {
 public:
  explicit Liar(Stage& stage) : stage_(stage) {}
  Status run();

 private:
  Status lies();
  Status flipped_byte();

  Stage& stage_;
};

// Each party gives its officers accounts for the pages of its node.
class Officers {
 public:
  explicit Officers(Stage& stage) : stage_(stage) {}
  Status run(const std::vector<std::string>& parties);
  // Where the pages are, the set-up links, and how to begin.
  void say_pages() const;

 private:
  struct Account {
    std::string party, name, role, link;
  };
  Status make(const std::string& party, const std::string& name, const std::string& title,
              const std::string& role);
  void say_accounts() const;

  Stage& stage_;
  std::vector<Account> accounts_;  // those of a party stand together
};

}  // namespace comity::node
