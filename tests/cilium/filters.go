// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	v1 "github.com/cilium/cilium/pkg/hubble/api/v1"
	"github.com/cilium/cilium/pkg/hubble/filters"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// What filters give a meaning to.
var pieces = []string{"*", ".", "..", "/", "//", ":", "::", "-", "_", ",", "=", "==", "!=", "!", " ", "\t",
	"(", ")", "[", "]", "{2}", "\\", "\\d", "?", "+", "^", "$", "|", "%", "@", "#", "0", "1", "9", "00", "255",
	"256", "\x00", "\\pl", "\\p{Greek}", "é\u0301", "\u2028", "[[:^digit:]]", "(?s:.)", "\\Q", "\\b", "a", "A", "z", "é", "\u212a", "in", " in (", "notin", ">", "<", "k8s:", "any:", "reserved:", "cidr:", "$",
	"/24", "/33", "%eth0", "&", "~", "'", "\"", "`", "\x7f", "default", "(?i)", "(?P<n>", "(?<n>", "(?<=", "\\p{LC}", "\\P{Letter}", "\\p{^Cn}", "\\x{41}", "*", "(?:", "\\E", "[[:alpha:]]", "\\C", "\\pL", "x{1001}"}

type vector struct {
	Name      string            `json:"name"`
	Category  string            `json:"category"`
	Filter    json.RawMessage   `json:"filter,omitempty"`
	Whitelist []json.RawMessage `json:"whitelist,omitempty"`
	Blacklist []json.RawMessage `json:"blacklist,omitempty"`
	Flow      json.RawMessage   `json:"flow,omitempty"`
	EventKind string            `json:"event_kind,omitempty"`
	Event     json.RawMessage   `json:"event,omitempty"`
	Match     *bool             `json:"match,omitempty"`
	Error     *string           `json:"error,omitempty"`
}

func mutate(random *rand.Rand, text string) string {
	runes := []rune(text)
	for range 1 + random.Intn(2) {
		at := random.Intn(len(runes) + 1)
		end := min(len(runes), at+random.Intn(3))
		piece := []rune(pieces[random.Intn(len(pieces))])
		switch random.Intn(3) {
		case 0:
			piece = nil
		case 1:
			end = at
		}
		runes = append(append(append([]rune{}, runes[:at]...), piece...), runes[end:]...)
	}
	return string(runes)
}

// Changes some of the texts in a message.
func mutateTexts(random *rand.Rand, message protoreflect.Message, odds int) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.FullName().Parent() == "google.protobuf.Timestamp" || field.IsMap() {
			return true
		}
		change := func(value protoreflect.Value, set func(protoreflect.Value)) {
			switch {
			case field.Kind() == protoreflect.MessageKind:
				mutateTexts(random, value.Message(), odds)
			case field.Kind() == protoreflect.StringKind && random.Intn(odds) == 0:
				set(protoreflect.ValueOfString(mutate(random, value.String())))
			}
		}
		eachValue(message, field, value, change)
		return true
	})
}

// Calls change with every value of a field, and with what puts another in its place.
func eachValue(message protoreflect.Message, field protoreflect.FieldDescriptor, value protoreflect.Value,
	change func(protoreflect.Value, func(protoreflect.Value))) {
	if !field.IsList() {
		change(value, func(v protoreflect.Value) { message.Set(field, v) })
		return
	}
	list := value.List()
	for i := range list.Len() {
		change(list.Get(i), func(v protoreflect.Value) { list.Set(i, v) })
	}
}

// Changes some of the numbers in a message, and leaves out some of its fields.
func mutateNumbers(random *rand.Rand, message protoreflect.Message, odds int, tame bool) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.FullName().Parent() == "google.protobuf.Timestamp" || field.IsMap() {
			return true
		}
		// Which fields a flow has goes by its type, which stays.
		if tame && field.Name() == "Type" {
			return true
		}
		if random.Intn(4*odds) == 0 {
			message.Clear(field)
			return true
		}
		change := func(value protoreflect.Value, set func(protoreflect.Value)) {
			if field.Kind() == protoreflect.MessageKind {
				mutateNumbers(random, value.Message(), odds, tame)
			} else if random.Intn(odds) == 0 {
				if other := otherNumber(random, field, value, tame); other.IsValid() {
					set(other)
				}
			}
		}
		eachValue(message, field, value, change)
		return true
	})
}

// otherNumber is near to a number, or at an end of its type unless that is to stay one that a parser may
// have written; not valid when there is none.
func otherNumber(random *rand.Rand, field protoreflect.FieldDescriptor, value protoreflect.Value, tame bool) protoreflect.Value {
	step := int64(random.Intn(3) - 1)
	atEnd := !tame && random.Intn(4) == 0
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(!value.Bool())
	case protoreflect.EnumKind:
		// Numbers without a name are kept in filters.
		number := value.Enum() + protoreflect.EnumNumber(step*int64(1+random.Intn(3)))
		if tame && field.Enum().Values().ByNumber(number) == nil {
			return protoreflect.Value{}
		}
		return protoreflect.ValueOfEnum(number)
	case protoreflect.Int32Kind:
		if atEnd {
			return protoreflect.ValueOfInt32([]int32{0, -1, math.MaxInt32, math.MinInt32}[random.Intn(4)])
		}
		if tame && (value.Int() <= 0 || value.Int() >= math.MaxUint8) {
			return protoreflect.Value{}
		}
		return protoreflect.ValueOfInt32(int32(value.Int() + step))
	case protoreflect.Uint32Kind:
		if atEnd {
			return protoreflect.ValueOfUint32([]uint32{0, math.MaxUint32}[random.Intn(2)])
		}
		if tame && (value.Uint() == 0 || value.Uint() == math.MaxUint8 || value.Uint() == math.MaxUint16) {
			return protoreflect.Value{}
		}
		return protoreflect.ValueOfUint32(uint32(value.Uint()) + uint32(step))
	case protoreflect.Uint64Kind:
		if atEnd {
			return protoreflect.ValueOfUint64([]uint64{0, math.MaxUint64}[random.Intn(2)])
		}
		return protoreflect.ValueOfUint64(value.Uint() + uint64(step))
	}
	return protoreflect.Value{}
}

func read(text json.RawMessage, message proto.Message) {
	must(protojson.Unmarshal(text, message))
}

func write(message proto.Message) json.RawMessage {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	must(err)
	return text
}

func build(v *vector, given ...*flowpb.FlowFilter) (filters.FilterFuncs, bool) {
	list, err := filters.BuildFilterList(context.Background(), given,
		filters.DefaultFilters(quiet()))
	if err != nil {
		text := err.Error()
		v.Error = &text
	}
	return list, err == nil
}

// Two lists of filters and a flow.
func answerLists(v *vector, allow, deny []*flowpb.FlowFilter, flow *flowpb.Flow) {
	allowed, ok := build(v, allow...)
	if !ok {
		return
	}
	denied, ok := build(v, deny...)
	if !ok {
		return
	}
	match := filters.Apply(allowed, denied, &v1.Event{Timestamp: flow.GetTime(), Event: flow})
	v.Match = &match
}

// A filter and an event that is no flow.
func answerEvent(v *vector, filter *flowpb.FlowFilter, event proto.Message) {
	if list, ok := build(v, filter); ok {
		match := filters.Apply(list, nil, &v1.Event{Event: event})
		v.Match = &match
	}
}

func randomEvent(random *rand.Rand) (string, proto.Message) {
	switch random.Intn(3) {
	case 0:
		return "agent_event", &flowpb.AgentEvent{Type: flowpb.AgentEventType(random.Intn(13))}
	case 1:
		return "debug_event", &flowpb.DebugEvent{Type: flowpb.DebugEventType(random.Intn(69))}
	}
	return "lost_event", &flowpb.LostEvent{NumEventsLost: 1}
}

// Pairs filters and events of given vectors anew, with characters and numbers changed here and there.
func makeFilterVectors(random *rand.Rand, count int) {
	var all []vector
	byCategory := map[string][]vector{}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	for input.Scan() {
		var v vector
		must(json.Unmarshal(input.Bytes(), &v))
		if v.Filter == nil || v.Category == "cel" || v.Category == "cel_invalid" {
			continue
		}
		all = append(all, v)
		if v.Flow != nil {
			byCategory[v.Category] = append(byCategory[v.Category], v)
		}
	}
	must(input.Err())
	output := json.NewEncoder(os.Stdout)
	for i := range count {
		base := all[random.Intn(len(all))]
		flows := byCategory[base.Category]
		if len(flows) == 0 || random.Intn(8) == 0 {
			other := all[random.Intn(len(all))]
			flows = byCategory[other.Category]
		}
		filter, flow := &flowpb.FlowFilter{}, &flowpb.Flow{}
		read(base.Filter, filter)
		if len(flows) > 0 {
			read(flows[random.Intn(len(flows))].Flow, flow)
		}
		if random.Intn(4) > 0 {
			mutateTexts(random, filter.ProtoReflect(), 2)
		}
		if random.Intn(3) == 0 {
			mutateTexts(random, flow.ProtoReflect(), 4)
		}
		if random.Intn(3) == 0 {
			mutateNumbers(random, filter.ProtoReflect(), 3, false)
		}
		if random.Intn(3) == 0 {
			mutateNumbers(random, flow.ProtoReflect(), 4, true)
		}
		v := vector{Name: fmt.Sprintf("%s/%d", base.Category, i), Category: base.Category}
		switch random.Intn(9) {
		case 0:
			kind, event := randomEvent(random)
			answerEvent(&v, filter, event)
			v.Filter, v.EventKind, v.Event = write(filter), kind, write(event)
		case 1, 2:
			// Fields of two in one filter, one beside the other, or one against the other; and so on.
			allow, deny := []*flowpb.FlowFilter{filter}, []*flowpb.FlowFilter{}
			for again := true; again; again = random.Intn(2) == 0 {
				other := &flowpb.FlowFilter{}
				read(all[random.Intn(len(all))].Filter, other)
				switch random.Intn(3) {
				case 0:
					proto.Merge(filter, other)
				case 1:
					allow = append(allow, other)
				default:
					deny = append(deny, other)
				}
			}
			answerLists(&v, allow, deny, flow)
			for _, one := range allow {
				v.Whitelist = append(v.Whitelist, write(one))
			}
			for _, one := range deny {
				v.Blacklist = append(v.Blacklist, write(one))
			}
			v.Flow = write(flow)
		default:
			answerLists(&v, []*flowpb.FlowFilter{filter}, nil, flow)
			v.Filter, v.Flow = write(filter), write(flow)
		}
		must(output.Encode(&v))
	}
}
