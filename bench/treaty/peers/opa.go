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
// members, and only the clauses of the class, area and purpose asked about are looked at. That is
// many times faster than asking for each of a thousand parties. The sender is in no set of members.
const rules = `package treaty

opened contains instrument if {
	some instrument, tlp_max in opens[input.info][input.area][input.purpose]
	input.tlp <= tlp_max
}

closed contains instrument if {
	some instrument, tlp_max in closes[input.info][input.area][input.purpose]
	input.tlp <= tlp_max
}

agreements := opened - closed

permitted := union({members[instrument] | some instrument in agreements})
`

type opa struct {
	name       string
	query      rego.PreparedEvalQuery
	agreements bool // asked which agreements permit; Go makes the union of their members
	members    Members
}

func newOpa(ctx context.Context, register Register, name string) (Engine, error) {
	engine := &opa{name: name, agreements: name == "opa_agreements", members: membersOf(register)}
	question := "data.treaty.permitted"
	if engine.agreements {
		question = "data.treaty.agreements"
	}
	options := []rego.PrepareOption{}
	if name == "opa_partial" {
		options = append(options, rego.WithPartialEval())
	}
	query, err := rego.New(
		rego.Query(question),
		rego.Module("rules.rego", rules),
		rego.Module("register.rego", constants(register)),
		// The answer is taken as OPA has it: turning it into Go values would cost more than the rest.
		rego.GenerateJSON(func(term *ast.Term, _ *rego.EvalContext) (any, error) { return term, nil }),
	).PrepareForEval(ctx, options...)
	engine.query = query
	return engine, err
}

// By class, area and purpose: each agreement that has a clause about them, and up to which handling.
type table map[string]map[string]map[string]map[string]int

// in returns the inner map of a key, made when it is not there.
func in[V any](of map[string]map[string]V, key string) map[string]V {
	if of[key] == nil {
		of[key] = map[string]V{}
	}
	return of[key]
}

func (t table) add(instrument string, clause Clause) {
	for _, info := range clause.Info {
		for _, area := range clause.Area {
			for _, purpose := range clause.Purpose {
				cell := in(in(in(t, info), area), purpose)
				cell[instrument] = max(cell[instrument], clause.TlpMax)
			}
		}
	}
}

// The register as constants of a module, so that members are sets already.
func constants(register Register) string {
	opens, closes := table{}, table{}
	members := []string{}
	for _, instrument := range register.Instruments {
		others := slices.DeleteFunc(slices.Clone(instrument.Members),
			func(party int) bool { return party == register.Sender })
		list := strings.Trim(strings.ReplaceAll(fmt.Sprint(others), " ", ","), "[]")
		members = append(members, fmt.Sprintf("%q: {%s}", instrument.ID, list))
		for _, clause := range instrument.Clauses {
			if clause.Opens() {
				opens.add(instrument.ID, clause)
			} else {
				closes.add(instrument.ID, clause)
			}
		}
	}
	asJSON := func(t table) []byte {
		text, _ := json.Marshal(t)
		return text
	}
	return fmt.Sprintf("package treaty\n\nmembers := {%s}\n\nopens := %s\n\ncloses := %s\n",
		strings.Join(members, ", "), asJSON(opens), asJSON(closes))
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
	term, ok := results[0].Expressions[0].Value.(*ast.Term)
	if !ok {
		return nil, fmt.Errorf("the answer is a %T", results[0].Expressions[0].Value)
	}
	set, ok := term.Value.(ast.Set)
	if !ok {
		return nil, fmt.Errorf("the answer is a %T", term.Value)
	}
	if !engine.agreements {
		return set, nil
	}
	permitted := engine.members.none()
	set.Foreach(func(instrument *ast.Term) {
		engine.members.add(string(instrument.Value.(ast.String)), permitted)
	})
	return permitted, nil
}

func (engine *opa) Numbers(answer any) ([]int, error) {
	if engine.agreements {
		return numbers(answer.([]uint64)), nil
	}
	out := []int{}
	err := answer.(ast.Set).Iter(func(member *ast.Term) error {
		number, ok := member.Value.(ast.Number).Int()
		if !ok {
			return fmt.Errorf("%v is no number", member)
		}
		out = append(out, number)
		return nil
	})
	slices.Sort(out)
	return out, err
}
