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

// measure asks every question once a round; nanoseconds a question of each round.
func measure(ctx context.Context, engine Engine, questions []Question, rounds int) ([]float64, error) {
	var times []float64
	for range rounds {
		answers := make([]any, len(questions))
		begin := time.Now()
		for i, question := range questions {
			answer, err := engine.Ask(ctx, question)
			if err != nil {
				return nil, err
			}
			answers[i] = answer
		}
		times = append(times, float64(time.Since(begin).Nanoseconds())/float64(len(questions)))
		for i, question := range questions {
			numbers, err := engine.Numbers(answers[i])
			if err != nil {
				return nil, err
			}
			if !slices.Equal(numbers, question.Permitted) {
				return nil, fmt.Errorf("question %d: %d parties, Comity %d", i, len(numbers),
					len(question.Permitted))
			}
		}
	}
	slices.Sort(times)
	return times, nil
}

func run(folder string, rounds, count int) error {
	ctx := context.Background()
	register, questions, err := load(folder)
	if err != nil {
		return err
	}
	questions = questions[:min(count, len(questions))]
	engines := []Engine{}
	for _, partial := range []bool{false, true} {
		engine, err := newOpa(ctx, register, partial)
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
	for _, engine := range engines {
		times, err := measure(ctx, engine, questions, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", engine.Name(), err)
		}
		fmt.Printf("treaty_%s_min %.4g ns\n", engine.Name(), times[0])
		fmt.Printf("treaty_%s_median %.4g ns\n", engine.Name(), times[len(times)/2])
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
