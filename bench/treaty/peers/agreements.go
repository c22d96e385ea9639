package main

import "math/bits"

// Members are the parties of each agreement without the sender, as bits. The engines that are asked
// about agreements instead of parties leave it to them what the answer means for parties.
type Members struct {
	words int
	of    map[string][]uint64
}

func membersOf(register Register) Members {
	members := Members{(register.Parties + 63) / 64, map[string][]uint64{}}
	for _, instrument := range register.Instruments {
		set := make([]uint64, members.words)
		for _, party := range instrument.Members {
			if party != register.Sender {
				set[party/64] |= 1 << (party % 64)
			}
		}
		members.of[instrument.ID] = set
	}
	return members
}

// add puts the members of an agreement into a set of parties.
func (members Members) add(instrument string, set []uint64) {
	for i, word := range members.of[instrument] {
		set[i] |= word
	}
}

func (members Members) none() []uint64 { return make([]uint64, members.words) }

// numbers of the parties in a set, in order.
func numbers(set []uint64) []int {
	out := []int{}
	for i, word := range set {
		for ; word != 0; word &= word - 1 {
			out = append(out, 64*i+bits.TrailingZeros64(word))
		}
	}
	return out
}
