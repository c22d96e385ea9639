package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// The rule for OPA: one evaluation gives the whole audience, by union and difference of sets of
// members, and only the clauses of the class and area asked about are looked at. That is many times
// faster than asking for each of a thousand parties.
const rules = `package treaty

matching contains clause if {
	some clause in clauses[input.info][input.area]
	input.purpose in clause.purpose
	input.tlp <= clause.tlp_max
}

opened := {clause.instrument | some clause in matching; clause.verb == "permit"}

closed := {clause.instrument | some clause in matching; not clause.opens}

permitted := union({members[instrument] | some instrument in opened - closed}) - sender
`

type opa struct {
	name  string
	query rego.PreparedEvalQuery
}

func newOpa(ctx context.Context, register Register, partial bool) (Engine, error) {
	name := "opa"
	options := []rego.PrepareOption{}
	if partial {
		name = "opa_partial"
		options = append(options, rego.WithPartialEval())
	}
	query, err := rego.New(
		rego.Query("data.treaty.permitted"),
		rego.Module("rules.rego", rules),
		rego.Module("register.rego", constants(register)),
		// The answer is taken as OPA has it: turning it into Go values would cost more than the rest.
		rego.GenerateJSON(func(term *ast.Term, _ *rego.EvalContext) (any, error) { return term, nil }),
	).PrepareForEval(ctx, options...)
	if err != nil {
		return nil, err
	}
	return &opa{name, query}, nil
}

// The register as constants of a module, so that members are sets already.
func constants(register Register) string {
	clauses := map[string]map[string][]string{}
	members := []string{}
	for _, instrument := range register.Instruments {
		numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint(instrument.Members), " ", ","), "[]")
		members = append(members, fmt.Sprintf("%q: {%s}", instrument.ID, numbers))
		for _, clause := range instrument.Clauses {
			purposes, _ := json.Marshal(clause.Purpose)
			text := fmt.Sprintf(`{"instrument": %q, "verb": %q, "opens": %t, "purpose": {%s}, "tlp_max": %d}`,
				instrument.ID, clause.Verb, clause.Verb == "permit" && !clause.Human,
				strings.Trim(string(purposes), "[]"), clause.TlpMax)
			for _, info := range clause.Info {
				if clauses[info] == nil {
					clauses[info] = map[string][]string{}
				}
				for _, area := range clause.Area {
					clauses[info][area] = append(clauses[info][area], text)
				}
			}
		}
	}
	classes := []string{}
	for info, areas := range clauses {
		rows := []string{}
		for area, texts := range areas {
			rows = append(rows, fmt.Sprintf("%q: [%s]", area, strings.Join(texts, ", ")))
		}
		classes = append(classes, fmt.Sprintf("%q: {%s}", info, strings.Join(rows, ", ")))
	}
	return fmt.Sprintf("package treaty\n\nsender := {%d}\n\nmembers := {%s}\n\nclauses := {%s}\n",
		register.Sender, strings.Join(members, ", "), strings.Join(classes, ", "))
}

func (engine *opa) Name() string { return engine.name }

func (engine *opa) Ask(ctx context.Context, question Question) (any, error) {
	input := ast.NewObject(
		ast.Item(ast.StringTerm("info"), ast.StringTerm(question.Info)),
		ast.Item(ast.StringTerm("area"), ast.StringTerm(question.Area)),
		ast.Item(ast.StringTerm("purpose"), ast.StringTerm(question.Purpose)),
		ast.Item(ast.StringTerm("tlp"), ast.IntNumberTerm(question.Tlp)))
	results, err := engine.query.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		return nil, err
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return nil, fmt.Errorf("%d results", len(results))
	}
	return results[0].Expressions[0].Value, nil
}

func (engine *opa) Numbers(answer any) ([]int, error) {
	term, ok := answer.(*ast.Term)
	if !ok {
		return nil, fmt.Errorf("the answer is a %T", answer)
	}
	set, ok := term.Value.(ast.Set)
	if !ok {
		return nil, fmt.Errorf("the answer is a %T", term.Value)
	}
	numbers := []int{}
	err := set.Iter(func(member *ast.Term) error {
		number, ok := member.Value.(ast.Number).Int()
		if !ok {
			return fmt.Errorf("%v is no number", member)
		}
		numbers = append(numbers, number)
		return nil
	})
	slices.Sort(numbers)
	return numbers, err
}
