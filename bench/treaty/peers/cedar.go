package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/batch"
)

// The rule for Cedar: a policy for each clause that permits. A forbid policy of Cedar would close
// every agreement, not only its own, so what an agreement forbids, or leaves to a person, stands in
// the `unless` of its permits. Each party is asked about with the policies of its own agreements
// only (slicing), or all in one batch with all policies.
type cedarEngine struct {
	batch      bool
	policies   *cedar.PolicySet // of all agreements
	entities   cedar.EntityMap
	principals []cedar.Value // every party but the sender
	slices     []policyList  // of each of them
}

// A few policies in a slice: quicker to walk through than a cedar.PolicySet, which is a map.
type policyList []*cedar.Policy

func (list policyList) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, policy := range list {
			if !yield("", policy) {
				return
			}
		}
	}
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

func parsed(text string) (*cedar.Policy, error) {
	var policy cedar.Policy
	if err := policy.UnmarshalCedar([]byte(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return &policy, nil
}

func policiesOf(instrument Instrument) (policyList, error) {
	unless := []string{}
	for _, clause := range instrument.Clauses {
		if !clause.Opens() {
			unless = append(unless, "("+condition(clause)+")")
		}
	}
	policies := policyList{}
	for _, clause := range instrument.Clauses {
		if !clause.Opens() {
			continue
		}
		policy, err := parsed(fmt.Sprintf("permit(principal in Instrument::%q, action, resource)\n"+
			"when { %s }\nunless { %s };\n", instrument.ID, condition(clause),
			strings.Join(unless, " || ")))
		if err != nil {
			return nil, err
		}
		policies = append(policies, policy)
	}
	return policies, nil
}

func newCedar(register Register, batched bool) (Engine, error) {
	engine := &cedarEngine{batch: batched, policies: cedar.NewPolicySet(), entities: cedar.EntityMap{}}
	parents := make([][]cedar.EntityUID, register.Parties)
	own := make([]policyList, register.Parties)
	for _, instrument := range register.Instruments {
		policies, err := policiesOf(instrument)
		if err != nil {
			return nil, err
		}
		group := cedar.NewEntityUID("Instrument", cedar.String(instrument.ID))
		engine.entities[group] = cedar.Entity{UID: group}
		for _, member := range instrument.Members {
			parents[member] = append(parents[member], group)
			own[member] = append(own[member], policies...)
		}
		for i, policy := range policies {
			engine.policies.Add(cedar.PolicyID(fmt.Sprintf("%s-%d", instrument.ID, i)), policy)
		}
	}
	for number, groups := range parents {
		uid := cedar.NewEntityUID("Party", cedar.String(fmt.Sprint(number)))
		engine.entities[uid] = cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(groups...)}
		if number != register.Sender {
			engine.principals = append(engine.principals, uid)
			engine.slices = append(engine.slices, own[number])
		}
	}
	return engine, nil
}

func (engine *cedarEngine) Name() string {
	if engine.batch {
		return "cedar_batch"
	}
	return "cedar"
}

var (
	share  = cedar.NewEntityUID("Action", "share")
	record = cedar.NewEntityUID("Record", "r")
)

func about(question Question) cedar.Record {
	return cedar.NewRecord(cedar.RecordMap{
		"info":    cedar.String(question.Info),
		"area":    cedar.String(question.Area),
		"purpose": cedar.String(question.Purpose),
		"tlp":     cedar.Long(question.Tlp),
	})
}

func (engine *cedarEngine) Ask(ctx context.Context, question Question) (any, error) {
	permitted := []cedar.EntityUID{}
	if !engine.batch {
		request := cedar.Request{Action: share, Resource: record, Context: about(question)}
		for i, principal := range engine.principals {
			request.Principal = principal.(cedar.EntityUID)
			if decision, _ := cedar.Authorize(engine.slices[i], engine.entities, request); decision {
				permitted = append(permitted, request.Principal)
			}
		}
		return permitted, nil
	}
	request := batch.Request{Principal: batch.Variable("to"), Action: share, Resource: record,
		Context: about(question), Variables: batch.Variables{"to": engine.principals}}
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
	out := []int{}
	for _, uid := range answer.([]cedar.EntityUID) {
		var number int
		if _, err := fmt.Sscan(string(uid.ID), &number); err != nil {
			return nil, err
		}
		out = append(out, number)
	}
	slices.Sort(out)
	return out, nil
}

// Cedar asked once for each agreement, with the policies of that one only; Go makes the union of
// the members. Here a forbid policy closes what it should, and no entity is needed.
type cedarAgreements struct {
	instruments []string
	policies    []policyList
	members     Members
}

func newCedarAgreements(register Register) (Engine, error) {
	engine := &cedarAgreements{members: membersOf(register)}
	for _, instrument := range register.Instruments {
		policies := policyList{}
		for _, clause := range instrument.Clauses {
			effect := "forbid"
			if clause.Opens() {
				effect = "permit"
			}
			policy, err := parsed(fmt.Sprintf("%s(principal, action, resource)\nwhen { %s };\n", effect,
				condition(clause)))
			if err != nil {
				return nil, err
			}
			policies = append(policies, policy)
		}
		engine.instruments = append(engine.instruments, instrument.ID)
		engine.policies = append(engine.policies, policies)
	}
	return engine, nil
}

func (engine *cedarAgreements) Name() string { return "cedar_agreements" }

func (engine *cedarAgreements) Ask(_ context.Context, question Question) (any, error) {
	permitted := engine.members.none()
	request := cedar.Request{Principal: cedar.NewEntityUID("Party", "any"), Action: share,
		Resource: record, Context: about(question)}
	for i, policies := range engine.policies {
		if decision, _ := cedar.Authorize(policies, nil, request); decision {
			engine.members.add(engine.instruments[i], permitted)
		}
	}
	return permitted, nil
}

func (engine *cedarAgreements) Numbers(answer any) ([]int, error) {
	return numbers(answer.([]uint64)), nil
}
