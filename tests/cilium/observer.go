// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os"
	"time"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	observerpb "github.com/cilium/cilium/api/v1/observer"
	v1 "github.com/cilium/cilium/pkg/hubble/api/v1"
	"github.com/cilium/cilium/pkg/hubble/container"
	"github.com/cilium/cilium/pkg/hubble/observer"
	"github.com/cilium/cilium/pkg/hubble/observer/namespace"
	"github.com/cilium/cilium/pkg/hubble/observer/observeroption"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Rings whose oddities (QUIRKS.md) none of these requests runs into: with a guard and not full. In
// the mixed one a number is not asked for, since Cilium's observer counts events of all kinds.
var plainRings = []string{"A", "unordered", "mixed"}

// maskPaths are the fields of a flow and what is in them, to some depth. Inside a member of a oneof
// release 1.19.1 repeats what an earlier flow had there, and with two members keeps either: memberPaths
// are for requests of one flow, by one path.
var maskPaths, memberPaths = fieldPaths((&flowpb.Flow{}).ProtoReflect().Descriptor(), "", 4, false)

func fieldPaths(message protoreflect.MessageDescriptor, prefix string, depth int, inMember bool) (paths, members []string) {
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		path := prefix + string(field.Name())
		if inMember {
			members = append(members, path)
		} else {
			paths = append(paths, path)
		}
		if field.Message() != nil && !field.IsList() && !field.IsMap() && depth > 1 {
			isMember := inMember || field.ContainingOneof() != nil
			morePaths, moreMembers := fieldPaths(field.Message(), path+".", depth-1, isMember)
			paths, members = append(paths, morePaths...), append(members, moreMembers...)
		}
	}
	return paths, members
}

type ringEvent struct {
	Time  string          `json:"time"`
	Flow  json.RawMessage `json:"flow"`
	ID    string          `json:"id"`
	Agent json.RawMessage `json:"agent_event"`
	Debug json.RawMessage `json:"debug_event"`
	Lost  json.RawMessage `json:"lost_event"`
}

func (e *ringEvent) read() any {
	var message proto.Message = &flowpb.Flow{}
	text := e.Flow
	switch {
	case e.Agent != nil:
		message, text = &flowpb.AgentEvent{}, e.Agent
	case e.Debug != nil:
		message, text = &flowpb.DebugEvent{}, e.Debug
	case e.Lost != nil:
		message, text = &flowpb.LostEvent{}, e.Lost
	}
	read(text, message)
	return message
}

type ringTable struct {
	Rings map[string]struct {
		Capacity int         `json:"capacity"`
		Events   []ringEvent `json:"events"`
	} `json:"rings"`
}

type observerVector struct {
	Name     string          `json:"name"`
	Category string          `json:"category"`
	RPC      string          `json:"rpc"`
	Ring     string          `json:"ring"`
	Request  json.RawMessage `json:"request"`
	Mask     []string        `json:"field_mask_paths,omitempty"`
	Interval string          `json:"lost_event_send_interval"`
	Ends     string          `json:"ends"`
	Expect   []any           `json:"expect"`
	Error    any             `json:"error,omitempty"`
}

// Keeps copies of what is sent: with a mask the server sends one message again and again.
type stream struct {
	grpc.ServerStream
	responses []*observerpb.GetFlowsResponse
}

func (s *stream) Context() context.Context { return context.Background() }
func (s *stream) Send(response *observerpb.GetFlowsResponse) error {
	s.responses = append(s.responses, proto.Clone(response).(*observerpb.GetFlowsResponse))
	return nil
}

func newServer(capacity int, events []ringEvent) *observer.LocalObserverServer {
	size, err := container.NewCapacity(capacity)
	must(err)
	server, err := observer.NewLocalServer(nil, namespace.NewManager(), quiet(), observeroption.WithMaxFlows(size))
	must(err)
	guard := ringEvent{Time: "2024-03-01T12:01:00Z", Flow: []byte(`{"uuid":"guard"}`)}
	for _, event := range append(append([]ringEvent{}, events...), guard) {
		at, err := time.Parse(time.RFC3339Nano, event.Time)
		must(err)
		server.GetRingBuffer().Write(&v1.Event{Timestamp: timestamppb.New(at), Event: event.read()})
	}
	return server
}

func randomFilter(random *rand.Rand) *flowpb.FlowFilter {
	switch random.Intn(7) {
	case 0:
		return &flowpb.FlowFilter{Verdict: []flowpb.Verdict{flowpb.Verdict_DROPPED}}
	case 1:
		return &flowpb.FlowFilter{Protocol: []string{[]string{"tcp", "udp", "icmp", "http"}[random.Intn(4)]}}
	case 2:
		return &flowpb.FlowFilter{SourcePod: []string{[]string{"prod/", "kube-system/", "pod-1", "/"}[random.Intn(4)]}}
	case 3:
		return &flowpb.FlowFilter{Reply: []bool{random.Intn(2) == 0}}
	case 4:
		return &flowpb.FlowFilter{SourceIdentity: []uint32{100 + uint32(random.Intn(4))}}
	case 5:
		return &flowpb.FlowFilter{SourceLabel: []string{fmt.Sprintf("app=app%d", random.Intn(5))}}
	}
	switch random.Intn(12) {
	case 0: // wrong ones, of which the first is told
		return &flowpb.FlowFilter{SourceIp: []string{"10.0.0.0/33"}, SourcePod: []string{""}}
	case 1:
		return &flowpb.FlowFilter{DestinationPort: []string{"http"}}
	case 2:
		return &flowpb.FlowFilter{NodeName: []string{"a/b/c"}}
	case 3:
		return &flowpb.FlowFilter{HttpPath: []string{"["}}
	case 4:
		return &flowpb.FlowFilter{EventType: []*flowpb.EventTypeFilter{{Type: int32(random.Intn(8))}}}
	}
	return &flowpb.FlowFilter{}
}

func randomRequest(random *rand.Rand, seconds int) *observerpb.GetFlowsRequest {
	request := &observerpb.GetFlowsRequest{First: random.Intn(3) == 0}
	when := func() *timestamppb.Timestamp {
		at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
		at = at.Add(time.Duration(random.Intn(2*seconds+8)-4) * time.Second / 2)
		stamp := timestamppb.New(at)
		switch random.Intn(20) {
		case 0:
			stamp.Nanos = []int32{1, 999_999_999}[random.Intn(2)]
		case 1:
			stamp.Seconds = []int64{-62135596800, 253402300799, 0}[random.Intn(3)]
		}
		return stamp
	}
	switch random.Intn(12) {
	case 0, 1, 2, 3, 4, 5:
		request.Number = uint64(random.Intn(seconds + 5))
	case 6:
		request.Number = []uint64{math.MaxUint64, math.MaxInt64, 1 << 32}[random.Intn(3)]
	}
	if random.Intn(3) == 0 {
		request.Since = when()
	}
	if random.Intn(3) == 0 {
		request.Until = when()
	}
	for random.Intn(2) == 0 {
		request.Whitelist = append(request.Whitelist, randomFilter(random))
	}
	for random.Intn(3) == 0 {
		request.Blacklist = append(request.Blacklist, randomFilter(random))
	}
	return request
}

// eventStream keeps what is sent on a stream of what is no flow.
type eventStream[Response any] struct {
	grpc.ServerStream
	sent []*Response
}

func (s *eventStream[Response]) Context() context.Context { return context.Background() }
func (s *eventStream[Response]) Send(response *Response) error {
	s.sent = append(s.sent, response)
	return nil
}

// idOf finds the event of a ring that is equal to one that was sent.
func idOf(events []ringEvent, sent proto.Message) string {
	for _, event := range events {
		if message := event.read().(proto.Message); proto.Equal(message, sent) {
			return event.ID
		}
	}
	return "?"
}

// askForEvents asks by one call for the events that `like` asks for flows; key is what the vectors call
// them, and eventOf takes one out of its response.
func askForEvents[Response any](v *observerVector, events []ringEvent, request proto.Message, key string,
	like *observerpb.GetFlowsRequest, call func(*eventStream[Response]) error,
	eventOf func(*Response) proto.Message) error {
	into := request.ProtoReflect()
	like.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		// The same names have other numbers.
		if same := into.Descriptor().Fields().ByName(field.Name()); same != nil {
			into.Set(same, value)
		}
		return true
	})
	v.Request = write(request)
	out := &eventStream[Response]{}
	err := call(out)
	for _, response := range out.sent {
		v.Expect = append(v.Expect, map[string]any{key: idOf(events, eventOf(response))})
	}
	return err
}

func askForAgentEvents(v *observerVector, server *observer.LocalObserverServer, events []ringEvent,
	like *observerpb.GetFlowsRequest) error {
	v.RPC = "GetAgentEvents"
	request := &observerpb.GetAgentEventsRequest{}
	return askForEvents(v, events, request, "agent", like,
		func(out *eventStream[observerpb.GetAgentEventsResponse]) error {
			return server.GetAgentEvents(request, out)
		},
		func(response *observerpb.GetAgentEventsResponse) proto.Message { return response.GetAgentEvent() })
}

func askForDebugEvents(v *observerVector, server *observer.LocalObserverServer, events []ringEvent,
	like *observerpb.GetFlowsRequest) error {
	v.RPC = "GetDebugEvents"
	request := &observerpb.GetDebugEventsRequest{}
	return askForEvents(v, events, request, "debug", like,
		func(out *eventStream[observerpb.GetDebugEventsResponse]) error {
			return server.GetDebugEvents(request, out)
		},
		func(response *observerpb.GetDebugEventsResponse) proto.Message { return response.GetDebugEvent() })
}

func describe(response *observerpb.GetFlowsResponse, masked bool) map[string]any {
	switch lost := response.GetLostEvents(); {
	case lost != nil:
		return map[string]any{"lost": map[string]any{"source": lost.GetSource().String(),
			"num_events_lost": lost.GetNumEventsLost()}}
	case masked:
		return map[string]any{"response": write(response)}
	}
	return map[string]any{"flow": response.GetFlow().GetUuid()}
}

// Random requests for rings of events.
func makeObserverVectors(random *rand.Rand, count int) {
	var table ringTable
	must(json.NewDecoder(os.Stdin).Decode(&table))
	output := json.NewEncoder(os.Stdout)
	for i := range count {
		v := observerVector{Name: fmt.Sprintf("more/%d", i), Category: "more", RPC: "GetFlows", Interval: "1h",
			Ends: "returned", Expect: []any{}}
		v.Ring = plainRings[random.Intn(len(plainRings))]
		ring := table.Rings[v.Ring]
		request := randomRequest(random, len(ring.Events))
		if v.Ring == "mixed" && !request.First {
			request.Number = 0
		}
		// With both, the call fails; a stream that follows would not end.
		request.Follow = request.First && random.Intn(20) == 0
		server := newServer(ring.Capacity, ring.Events)
		var err error
		if v.Ring == "mixed" && random.Intn(2) == 0 {
			ask := askForAgentEvents
			if random.Intn(2) == 0 {
				ask = askForDebugEvents
			}
			err = ask(&v, server, ring.Events, request)
		} else {
			if random.Intn(6) == 0 {
				request.First, request.Follow, request.Number = true, false, 1
				v.Mask = []string{memberPaths[random.Intn(len(memberPaths))]}
			} else if random.Intn(2) == 0 {
				for range 1 + random.Intn(6) {
					path := maskPaths[random.Intn(len(maskPaths))]
					if random.Intn(40) == 0 {
						path = mutate(random, path)
					}
					v.Mask = append(v.Mask, path)
				}
			}
			v.Request = write(request)
			if v.Mask != nil {
				request.FieldMask = &fieldmaskpb.FieldMask{Paths: v.Mask}
			}
			out := &stream{}
			err = server.GetFlows(request, out)
			for _, response := range out.responses {
				v.Expect = append(v.Expect, describe(response, v.Mask != nil))
			}
		}
		if err != nil {
			v.Error = map[string]string{"code": status.Code(err).String(), "message": err.Error()}
			v.Expect = []any{}
		}
		must(output.Encode(&v))
	}
}
