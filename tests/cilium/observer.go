// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
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
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Rings whose oddities (QUIRKS.md) none of these requests runs into: in order of arrival, with a
// guard, not full, and with flows only.
var plainRings = []string{"A", "unordered"}

// None goes into a member of a oneof: release 1.19.1 then repeats what an earlier flow had there.
var maskPaths = []string{"time", "uuid", "verdict", "source", "source.identity", "source.labels", "source.namespace",
	"destination", "destination.identity", "destination.workloads", "IP", "IP.source", "IP.ipVersion", "l4", "l4.TCP",
	"l7", "l7.http", "l7.type",
	"event_type", "event_type.sub_type", "is_reply", "is_reply.value", "time.seconds", "time.nanos", "node_name",
	"Type", "traffic_direction", "drop_reason_desc", "trace_observation_point", "Summary", "tunnel", "tunnel.IP.source",
	"interface.name", "egress_allowed_by", "trace_context.parent.trace_id", "extensions", "ethernet.source", "l4.UDP"}

type ringEvent struct {
	Time string          `json:"time"`
	Flow json.RawMessage `json:"flow"`
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
	for _, event := range append(events, ringEvent{"2024-03-01T12:01:00Z", []byte(`{"uuid":"guard"}`)}) {
		at, err := time.Parse(time.RFC3339Nano, event.Time)
		must(err)
		flow := &flowpb.Flow{}
		read(event.Flow, flow)
		server.GetRingBuffer().Write(&v1.Event{Timestamp: timestamppb.New(at), Event: flow})
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
	return &flowpb.FlowFilter{}
}

func randomRequest(random *rand.Rand, seconds int) *observerpb.GetFlowsRequest {
	request := &observerpb.GetFlowsRequest{First: random.Intn(3) == 0}
	when := func() *timestamppb.Timestamp {
		at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
		at = at.Add(time.Duration(random.Intn(2*seconds+8)-4) * time.Second / 2)
		return timestamppb.New(at)
	}
	if random.Intn(2) == 0 {
		request.Number = uint64(random.Intn(seconds + 5))
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

// Random requests for rings of flows.
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
		v.Request = write(request)
		if random.Intn(3) == 0 {
			for range 1 + random.Intn(5) {
				v.Mask = append(v.Mask, maskPaths[random.Intn(len(maskPaths))])
			}
			request.FieldMask = &fieldmaskpb.FieldMask{Paths: v.Mask}
		}
		out := &stream{}
		if err := newServer(ring.Capacity, ring.Events).GetFlows(request, out); err != nil {
			v.Error = map[string]string{"code": status.Code(err).String(), "message": err.Error()}
		}
		for _, response := range out.responses {
			if v.Mask != nil {
				v.Expect = append(v.Expect, map[string]any{"response": write(response)})
			} else {
				v.Expect = append(v.Expect, map[string]any{"flow": response.GetFlow().GetUuid()})
			}
		}
		must(output.Encode(&v))
	}
}
