// Asks OPA and Cedar what audience_bench asked Comity, compares the answers and measures.
// Usage: peers FOLDER ROUNDS QUESTIONS. Prints `name value unit`; exit 1 when an answer differs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

type Clause struct {
	Verb    string   `json:"verb"`
	Info    []string `json:"info"`
	Area    []string `json:"area"`
	Purpose []string `json:"purpose"`
	TlpMax  int      `json:"tlp_max"`
	Human   bool     `json:"human"`
}

// Opens says whether the clause permits by itself; one that does not closes its agreement for what
// it is about, by forbidding it or by leaving it to a person.
func (clause Clause) Opens() bool { return clause.Verb == "permit" && !clause.Human }

type Instrument struct {
	ID      string   `json:"id"`
	Members []int    `json:"members"`
	Clauses []Clause `json:"clauses"`
}

type Register struct {
	Parties     int          `json:"parties"`
	Sender      int          `json:"sender"`
	Instruments []Instrument `json:"instruments"`
}

type Question struct {
	Info      string `json:"info"`
	Area      string `json:"area"`
	Purpose   string `json:"purpose"`
	Tlp       int    `json:"tlp"`
	Permitted []int  `json:"permitted"`
}

// Engine answers one question: the numbers of the parties that may receive, in order.
type Engine interface {
	Name() string
	Ask(ctx context.Context, question Question) (answer any, err error)
	// Numbers turns an answer into what is compared; it is not measured.
	Numbers(answer any) ([]int, error)
}

func load(folder string) (Register, []Question, error) {
	var register Register
	bytes, err := os.ReadFile(folder + "/register.json")
	if err != nil {
		return register, nil, err
	}
	if err := json.Unmarshal(bytes, &register); err != nil {
		return register, nil, err
	}
	file, err := os.Open(folder + "/questions.jsonl")
	if err != nil {
		return register, nil, err
	}
	defer file.Close()
	var questions []Question
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		var question Question
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			return register, nil, err
		}
		questions = append(questions, question)
	}
	return register, questions, lines.Err()
}

// measure asks every question once a round. `least` takes of each question its quickest round: what
// else runs on the machine interrupts a round of seconds, but seldom the same question every time.
// `median` is the middle of the rounds. Both are nanoseconds a question.
func measure(ctx context.Context, engine Engine, questions []Question, rounds int) (least, median float64, err error) {
	quickest := make([]float64, len(questions))
	var means []float64
	for round := range rounds {
		answers := make([]any, len(questions))
		sum := 0.0
		for i, question := range questions {
			begin := time.Now()
			if answers[i], err = engine.Ask(ctx, question); err != nil {
				return 0, 0, err
			}
			took := float64(time.Since(begin).Nanoseconds())
			sum += took
			if round == 0 || took < quickest[i] {
				quickest[i] = took
			}
		}
		means = append(means, sum/float64(len(questions)))
		for i, question := range questions {
			numbers, err := engine.Numbers(answers[i])
			if err != nil {
				return 0, 0, err
			}
			if !slices.Equal(numbers, question.Permitted) {
				return 0, 0, fmt.Errorf("question %d: %d parties, Comity %d", i, len(numbers),
					len(question.Permitted))
			}
		}
	}
	slices.Sort(means)
	for _, took := range quickest {
		least += took / float64(len(questions))
	}
	return least, means[len(means)/2], nil
}

func run(folder string, rounds, count int) error {
	ctx := context.Background()
	register, questions, err := load(folder)
	if err != nil {
		return err
	}
	questions = questions[:min(count, len(questions))]
	engines := []Engine{}
	for _, name := range []string{"opa", "opa_partial", "opa_agreements"} {
		engine, err := newOpa(ctx, register, name)
		if err != nil {
			return err
		}
		engines = append(engines, engine)
	}
	for _, batch := range []bool{false, true} {
		engine, err := newCedar(register, batch)
		if err != nil {
			return err
		}
		engines = append(engines, engine)
	}
	engine, err := newCedarAgreements(register)
	if err != nil {
		return err
	}
	engines = append(engines, engine)
	for _, engine := range engines {
		least, median, err := measure(ctx, engine, questions, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", engine.Name(), err)
		}
		fmt.Printf("treaty_%s_min %.4g ns\n", engine.Name(), least)
		fmt.Printf("treaty_%s_median %.4g ns\n", engine.Name(), median)
	}
	fmt.Printf("treaty_peer_answers %d equal\n", len(questions)*len(engines)*rounds)
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: peers FOLDER ROUNDS QUESTIONS")
		os.Exit(2)
	}
	rounds, _ := strconv.Atoi(os.Args[2])
	count, _ := strconv.Atoi(os.Args[3])
	if rounds < 1 || count < 1 {
		fmt.Fprintln(os.Stderr, "peers: rounds and questions are numbers from 1 on")
		os.Exit(2)
	}
	if err := run(os.Args[1], rounds, count); err != nil {
		fmt.Printf("treaty_WRONG 1 %q\n", err.Error())
		os.Exit(1)
	}
}
