//! Asks Cedar, as its authors wrote it in Rust, what audience_bench asked Comity; compares the
//! answers and measures. The rule and the forms are those of peers/cedar.go, with the same names.
//! Usage: cedar_rust FOLDER ROUNDS QUESTIONS. Prints `name value unit`; exit 1 when one differs.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fs;
use std::time::Instant;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet,
    Request, RestrictedExpression,
};
use serde::Deserialize;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Deserialize)]
struct Clause {
    verb: String,
    info: Vec<String>,
    area: Vec<String>,
    purpose: Vec<String>,
    tlp_max: i64,
    #[serde(default)]
    human: bool,
}

impl Clause {
    /// Whether it permits by itself; one that does not closes its agreement for what it is about.
    fn opens(&self) -> bool {
        self.verb == "permit" && !self.human
    }

    fn condition(&self) -> Outcome<String> {
        Ok(format!(
            "context.tlp <= {} && {}.contains(context.info) && {}.contains(context.area) && \
             {}.contains(context.purpose)",
            self.tlp_max,
            serde_json::to_string(&self.info)?,
            serde_json::to_string(&self.area)?,
            serde_json::to_string(&self.purpose)?,
        ))
    }
}

#[derive(Deserialize)]
struct Instrument {
    id: String,
    members: Vec<usize>,
    clauses: Vec<Clause>,
}

#[derive(Deserialize)]
struct Register {
    parties: usize,
    sender: usize,
    instruments: Vec<Instrument>,
}

#[derive(Deserialize)]
struct Question {
    info: String,
    area: String,
    purpose: String,
    tlp: i64,
    permitted: Vec<usize>,
}

/// Answers one question: the numbers of the parties that may receive, in order.
trait Engine {
    fn name(&self) -> &'static str;
    fn ask(&self, question: &Question) -> Outcome<Vec<usize>>;
}

fn uid(kind: &str, name: &str) -> Outcome<EntityUid> {
    Ok(format!("{kind}::{}", serde_json::to_string(name)?).parse()?)
}

fn about(question: &Question) -> Outcome<Context> {
    let word = |text: &str| RestrictedExpression::new_string(text.to_owned());
    Ok(Context::from_pairs([
        ("info".to_owned(), word(&question.info)),
        ("area".to_owned(), word(&question.area)),
        ("purpose".to_owned(), word(&question.purpose)),
        (
            "tlp".to_owned(),
            RestrictedExpression::new_long(question.tlp),
        ),
    ])?)
}

/// The policies of an agreement about whose members Cedar itself is asked.
fn policies_of(instrument: &Instrument) -> Outcome<Vec<Policy>> {
    let mut closes = Vec::new();
    for clause in instrument.clauses.iter().filter(|clause| !clause.opens()) {
        closes.push(format!("({})", clause.condition()?));
    }
    let mut policies = Vec::new();
    for clause in instrument.clauses.iter().filter(|clause| clause.opens()) {
        let name = format!("{}-{}", instrument.id, policies.len());
        let text = format!(
            "permit(principal in {}, action, resource) when {{ {} }} unless {{ {} }};",
            uid("Instrument", &instrument.id)?,
            clause.condition()?,
            closes.join(" || ")
        );
        policies.push(Policy::parse(Some(PolicyId::new(name)), text)?);
    }
    Ok(policies)
}

/// The parties, and whom Cedar itself is asked about.
struct Asked {
    authorizer: Authorizer,
    entities: Entities,
    principals: Vec<(usize, EntityUid)>, // every party but the sender
    action: EntityUid,
    resource: EntityUid,
}

impl Asked {
    fn of(register: &Register) -> Outcome<Self> {
        let mut entities = Vec::new();
        let mut parents = vec![HashSet::new(); register.parties];
        for instrument in &register.instruments {
            let group = uid("Instrument", &instrument.id)?;
            entities.push(Entity::new_no_attrs(group.clone(), HashSet::new()));
            for member in &instrument.members {
                parents[*member].insert(group.clone());
            }
        }
        let mut principals = Vec::new();
        for (number, groups) in parents.into_iter().enumerate() {
            let party = uid("Party", &number.to_string())?;
            entities.push(Entity::new_no_attrs(party.clone(), groups));
            if number != register.sender {
                principals.push((number, party));
            }
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            entities: Entities::from_entities(entities, None)?,
            principals,
            action: uid("Action", "share")?,
            resource: uid("Record", "r")?,
        })
    }

    fn permits(&self, who: &EntityUid, context: &Context, policies: &PolicySet) -> Outcome<bool> {
        let request = Request::new(
            who.clone(),
            self.action.clone(),
            self.resource.clone(),
            context.clone(),
            None,
        )?;
        let response = self
            .authorizer
            .is_authorized(&request, policies, &self.entities);
        Ok(response.decision() == Decision::Allow)
    }
}

/// Each party asked about with the policies of its own agreements only.
struct Slices {
    asked: Asked,
    slices: Vec<PolicySet>, // of each principal
}

impl Slices {
    fn of(register: &Register) -> Outcome<Self> {
        let asked = Asked::of(register)?;
        let mut own = vec![Vec::new(); register.parties];
        for instrument in &register.instruments {
            let policies = policies_of(instrument)?;
            for member in &instrument.members {
                own[*member].extend(policies.iter().cloned());
            }
        }
        let mut slices = Vec::new();
        for (number, _) in &asked.principals {
            slices.push(PolicySet::from_policies(own[*number].iter().cloned())?);
        }
        Ok(Self { asked, slices })
    }
}

impl Engine for Slices {
    fn name(&self) -> &'static str {
        "cedar_rust"
    }

    fn ask(&self, question: &Question) -> Outcome<Vec<usize>> {
        let context = about(question)?;
        let mut permitted = Vec::new();
        for ((number, principal), policies) in self.asked.principals.iter().zip(&self.slices) {
            if self.asked.permits(principal, &context, policies)? {
                permitted.push(*number);
            }
        }
        Ok(permitted)
    }
}

/// Cedar asked once for each agreement, with the policies of that one only; the union of the
/// members is made here, as bits.
struct Agreements {
    authorizer: Authorizer,
    of: Vec<(PolicySet, Vec<u64>)>, // policies, members without the sender
    words: usize,
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
}

impl Agreements {
    fn of(register: &Register) -> Outcome<Self> {
        let words = register.parties.div_ceil(64);
        let mut of = Vec::new();
        for instrument in &register.instruments {
            let mut policies = PolicySet::new();
            for (number, clause) in instrument.clauses.iter().enumerate() {
                let text = format!(
                    "{}(principal, action, resource) when {{ {} }};",
                    if clause.opens() { "permit" } else { "forbid" },
                    clause.condition()?
                );
                policies.add(Policy::parse(
                    Some(PolicyId::new(number.to_string())),
                    text,
                )?)?;
            }
            let mut members = vec![0; words];
            for party in instrument
                .members
                .iter()
                .filter(|party| **party != register.sender)
            {
                members[party / 64] |= 1_u64 << (party % 64);
            }
            of.push((policies, members));
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            of,
            words,
            principal: uid("Party", "any")?,
            action: uid("Action", "share")?,
            resource: uid("Record", "r")?,
        })
    }
}

impl Engine for Agreements {
    fn name(&self) -> &'static str {
        "cedar_rust_agreements"
    }

    fn ask(&self, question: &Question) -> Outcome<Vec<usize>> {
        let request = Request::new(
            self.principal.clone(),
            self.action.clone(),
            self.resource.clone(),
            about(question)?,
            None,
        )?;
        let nothing = Entities::empty();
        let mut set = vec![0_u64; self.words];
        for (policies, members) in &self.of {
            let response = self.authorizer.is_authorized(&request, policies, &nothing);
            if response.decision() == Decision::Allow {
                set.iter_mut()
                    .zip(members)
                    .for_each(|(to, word)| *to |= word);
            }
        }
        let mut permitted = Vec::new();
        for (i, word) in set.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                permitted.push(64 * i + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
        Ok(permitted)
    }
}

/// `least` takes of each question its quickest round, `median` is the middle of the rounds, as in
/// peers/main.go. Both are nanoseconds a question.
fn measure(engine: &dyn Engine, questions: &[Question], rounds: usize) -> Outcome<(f64, f64)> {
    let mut quickest = HashMap::new();
    let mut means = Vec::new();
    for _ in 0..rounds {
        let mut sum = 0.0;
        for (i, question) in questions.iter().enumerate() {
            let begin = Instant::now();
            let answer = engine.ask(question)?;
            let took = begin.elapsed().as_nanos() as f64;
            sum += took;
            let least = quickest.entry(i).or_insert(took);
            *least = took.min(*least);
            if answer != question.permitted {
                return Err(format!(
                    "{}: question {i}: {} parties, Comity {}",
                    engine.name(),
                    answer.len(),
                    question.permitted.len()
                )
                .into());
            }
        }
        means.push(sum / questions.len() as f64);
    }
    means.sort_by(f64::total_cmp);
    Ok((
        quickest.values().sum::<f64>() / questions.len() as f64,
        means[means.len() / 2],
    ))
}

fn run(folder: &str, rounds: usize, count: usize) -> Outcome<()> {
    let register: Register =
        serde_json::from_str(&fs::read_to_string(format!("{folder}/register.json"))?)?;
    let questions = fs::read_to_string(format!("{folder}/questions.jsonl"))?
        .lines()
        .take(count)
        .map(serde_json::from_str)
        .collect::<Result<Vec<Question>, _>>()?;
    let engines: Vec<Box<dyn Engine>> = vec![
        Box::new(Slices::of(&register)?),
        Box::new(Agreements::of(&register)?),
    ];
    for engine in &engines {
        let (least, median) = measure(engine.as_ref(), &questions, rounds)?;
        println!("treaty_{}_min {least:.0} ns", engine.name());
        println!("treaty_{}_median {median:.0} ns", engine.name());
    }
    println!(
        "treaty_cedar_rust_answers {} equal",
        questions.len() * engines.len() * rounds
    );
    Ok(())
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let number = |i: usize| {
        words
            .get(i)
            .and_then(|word| word.parse().ok())
            .filter(|n| *n > 0)
    };
    let (4, Some(rounds), Some(count)) = (words.len(), number(2), number(3)) else {
        eprintln!("usage: cedar_rust FOLDER ROUNDS QUESTIONS (numbers from 1 on)");
        std::process::exit(2);
    };
    if let Err(error) = run(&words[1], rounds, count) {
        println!("treaty_WRONG 1 {error:?}");
        std::process::exit(1);
    }
}
