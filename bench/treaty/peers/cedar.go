package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/batch"
)

// The rule for Cedar: a policy for each clause that permits. A forbid policy of Cedar would close
// every agreement, not only its own, so what an agreement forbids, or leaves to a person, stands in
// the `unless` of its permits.
type cedarEngine struct {
	batch      bool
	policies   *cedar.PolicySet
	entities   cedar.EntityMap
	principals []cedar.Value // every party but the sender
	sender     int
}

func condition(clause Clause) string {
	list := func(words []string) string {
		text, _ := json.Marshal(words)
		return string(text)
	}
	return fmt.Sprintf("context.tlp <= %d && %s.contains(context.info) && "+
		"%s.contains(context.area) && %s.contains(context.purpose)",
		clause.TlpMax, list(clause.Info), list(clause.Area), list(clause.Purpose))
}

func newCedar(register Register, batched bool) (Engine, error) {
	engine := &cedarEngine{batch: batched, policies: cedar.NewPolicySet(),
		entities: cedar.EntityMap{}, sender: register.Sender}
	parents := make([][]cedar.EntityUID, register.Parties)
	for _, instrument := range register.Instruments {
		group := cedar.NewEntityUID("Instrument", cedar.String(instrument.ID))
		engine.entities[group] = cedar.Entity{UID: group}
		for _, member := range instrument.Members {
			parents[member] = append(parents[member], group)
		}
		unless := []string{}
		for _, clause := range instrument.Clauses {
			if clause.Verb == "forbid" || clause.Human {
				unless = append(unless, "("+condition(clause)+")")
			}
		}
		for i, clause := range instrument.Clauses {
			if clause.Verb != "permit" || clause.Human {
				continue
			}
			text := fmt.Sprintf("permit(principal in Instrument::%q, action, resource)\n"+
				"when { %s }\nunless { %s };\n", instrument.ID, condition(clause),
				strings.Join(unless, " || "))
			var policy cedar.Policy
			if err := policy.UnmarshalCedar([]byte(text)); err != nil {
				return nil, fmt.Errorf("%s: %w", text, err)
			}
			engine.policies.Add(cedar.PolicyID(fmt.Sprintf("%s-%d", instrument.ID, i)), &policy)
		}
	}
	for number, groups := range parents {
		uid := party(number)
		engine.entities[uid] = cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(groups...)}
		if number != register.Sender {
			engine.principals = append(engine.principals, uid)
		}
	}
	return engine, nil
}

func party(number int) cedar.EntityUID {
	return cedar.NewEntityUID("Party", cedar.String(fmt.Sprint(number)))
}

func (engine *cedarEngine) Name() string {
	if engine.batch {
		return "cedar_batch"
	}
	return "cedar"
}

func (engine *cedarEngine) Ask(ctx context.Context, question Question) (any, error) {
	action := cedar.NewEntityUID("Action", "share")
	resource := cedar.NewEntityUID("Record", "r")
	about := cedar.NewRecord(cedar.RecordMap{
		"info":    cedar.String(question.Info),
		"area":    cedar.String(question.Area),
		"purpose": cedar.String(question.Purpose),
		"tlp":     cedar.Long(question.Tlp),
	})
	permitted := []cedar.EntityUID{}
	if !engine.batch {
		for _, principal := range engine.principals {
			request := cedar.Request{Principal: principal.(cedar.EntityUID), Action: action,
				Resource: resource, Context: about}
			if decision, _ := cedar.Authorize(engine.policies, engine.entities, request); decision {
				permitted = append(permitted, request.Principal)
			}
		}
		return permitted, nil
	}
	request := batch.Request{Principal: batch.Variable("to"), Action: action, Resource: resource,
		Context: about, Variables: batch.Variables{"to": engine.principals}}
	err := batch.Authorize(ctx, engine.policies, engine.entities, request,
		func(result batch.Result) error {
			if result.Decision {
				permitted = append(permitted, result.Request.Principal)
			}
			return nil
		})
	return permitted, err
}

func (engine *cedarEngine) Numbers(answer any) ([]int, error) {
	numbers := []int{}
	for _, uid := range answer.([]cedar.EntityUID) {
		var number int
		if _, err := fmt.Sscan(string(uid.ID), &number); err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers, nil
}
