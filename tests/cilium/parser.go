// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"time"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	observer "github.com/cilium/cilium/pkg/hubble/observer/types"
	"github.com/cilium/cilium/pkg/hubble/parser"
	parsererrors "github.com/cilium/cilium/pkg/hubble/parser/errors"
	"github.com/cilium/cilium/pkg/hubble/parser/options"
	"github.com/cilium/cilium/pkg/option"
	"google.golang.org/protobuf/proto"
)

// event is one input of a vector (agent/recording/recorded_event.h).
type event struct {
	Input     string     `json:"input"`
	CPU       int        `json:"cpu"`
	DataHex   string     `json:"data_hex,omitempty"`
	Agent     *agentLine `json:"agent,omitempty"`
	AccessLog *accessLog `json:"accesslog,omitempty"`
}

type vectorOptions struct {
	Redact *struct {
		HTTPQuery    bool     `json:"http_query"`
		HTTPUserinfo bool     `json:"http_userinfo"`
		KafkaAPIKey  bool     `json:"kafka_api_key"`
		AllowHeaders []string `json:"allow_headers,omitempty"`
		DenyHeaders  []string `json:"deny_headers,omitempty"`
	} `json:"redact,omitempty"`
	PolicyCorrelation *bool `json:"policy_correlation,omitempty"`
	SkipUnknown       *bool `json:"skip_unknown_cgroup_ids,omitempty"`
	IPTracingOption   *uint `json:"ip_tracing_option_type,omitempty"`
}

type parserVector struct {
	Name     string `json:"name"`
	Category string `json:"category"`
	event
	Options    *vectorOptions  `json:"options,omitempty"`
	Prior      []event         `json:"prior,omitempty"`
	ExpectKind string          `json:"expect_kind,omitempty"`
	Expect     json.RawMessage `json:"expect,omitempty"`
	Error      string          `json:"error,omitempty"`
	ErrorText  string          `json:"error_text,omitempty"`
	Quirks     []string        `json:"quirks,omitempty"`
}

func newParser(t *tables, o *vectorOptions) *parser.Parser {
	correlate, skip := true, true
	option.Config.IPTracingOptionType = 0
	var list []options.Option
	if o != nil {
		if o.PolicyCorrelation != nil {
			correlate = *o.PolicyCorrelation
		}
		if o.SkipUnknown != nil {
			skip = *o.SkipUnknown
		}
		if o.IPTracingOption != nil {
			option.Config.IPTracingOptionType = *o.IPTracingOption
		}
		if r := o.Redact; r != nil {
			list = append(list, options.WithRedact(r.HTTPQuery, r.HTTPUserinfo, r.KafkaAPIKey, r.AllowHeaders,
				r.DenyHeaders))
		}
	}
	list = append(list, options.WithNetworkPolicyCorrelation(correlate), options.WithSkipUnknownCGroupIDs(skip))
	p, err := parser.New(quiet(), t, t, t, t, t, t, t, list...)
	must(err)
	return p
}

// payloadOf turns an input into what Cilium's agent would hand to its parser; false when no agent could.
func payloadOf(e *event) (any, bool) {
	switch e.Input {
	case "perf":
		data, err := hex.DecodeString(e.DataHex)
		return &observer.PerfEvent{Data: data, CPU: e.CPU}, err == nil
	case "agent":
		return e.Agent.payload(), true
	case "accesslog":
		return e.AccessLog.payload()
	}
	return nil, false
}

// errorKind names an error as the vectors do; the parser itself tells most apart by text only.
func errorKind(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, parsererrors.ErrEmptyData):
		return "empty_data"
	case errors.Is(err, parsererrors.ErrUnknownEventType):
		return "unknown_event_type"
	case errors.Is(err, parsererrors.ErrInvalidAgentMessageType):
		return "invalid_agent_message_type"
	case errors.Is(err, parsererrors.ErrEventSkipped):
		return "event_skipped"
	case parsererrors.IsErrInvalidType(err):
		return "invalid_type"
	case strings.Contains(text, "Notify data length"), strings.Contains(text, "DebugMsg data length"),
		strings.Contains(text, "DebugCapture data length"):
		return "header_too_short"
	case strings.Contains(text, "Unrecognized trace event"), strings.Contains(text, "Unrecognized drop event"):
		return "unknown_version"
	case strings.Contains(text, "overlay:"):
		return "overlay_decode"
	case strings.Contains(text, "parsing time"), strings.Contains(text, "timestamp"):
		return "bad_timestamp"
	}
	return "packet_decode"
}

// ask fills in what Cilium's parser says; false when it cannot be asked.
func ask(v *parserVector, t *tables, nodeName string) bool {
	p := newParser(t, v.Options)
	for i := range v.Prior {
		payload, ok := payloadOf(&v.Prior[i])
		if !ok {
			return false
		}
		_, _ = p.Decode(&observer.MonitorEvent{Timestamp: time.Unix(1, 0), Payload: payload})
	}
	payload, ok := payloadOf(&v.event)
	if !ok {
		return false
	}
	answer, err := p.Decode(&observer.MonitorEvent{Timestamp: time.Unix(1, 0), NodeName: nodeName, Payload: payload})
	if err != nil {
		v.Error, v.ErrorText = errorKind(err), err.Error()
		return true
	}
	message := answer.Event.(proto.Message)
	switch made := message.(type) {
	case *flowpb.Flow:
		v.ExpectKind = "flow"
		made.Uuid, made.Time, made.Emitter = "", nil, nil
	case *flowpb.DebugEvent:
		v.ExpectKind = "debug_event"
	case *flowpb.AgentEvent:
		v.ExpectKind = "agent_event"
	}
	v.Expect = write(message)
	return true
}

// maker makes inputs up: from given ones, with bytes and members changed, and from nothing.
type maker struct {
	*rand.Rand
	byCategory map[string][]parserVector
	categories []string
	world      *worldFile
}

func pick[T any](m *maker, from []T) T { return from[m.Intn(len(from))] }

func (m *maker) given() parserVector { return pick(m, m.byCategory[pick(m, m.categories)]) }

func (m *maker) next() parserVector {
	v := m.given()
	switch v.Input {
	case "perf":
		v.DataHex = hex.EncodeToString(m.changedSample(v.DataHex))
		v.Quirks = quirksOf(v.DataHex)
	case "accesslog":
		v.AccessLog = m.changedLog(v.AccessLog)
		if m.Intn(3) == 0 {
			v.Prior = append(v.Prior, event{Input: "accesslog", AccessLog: m.changedLog(m.given().AccessLog)})
		}
	case "agent":
		v.Agent = m.randomAgentLine()
	}
	return v
}

func makeParserVectors(random *rand.Rand, count int, w *worldFile) {
	m := &maker{random, map[string][]parserVector{}, nil, w}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	for input.Scan() {
		var v parserVector
		must(json.Unmarshal(input.Bytes(), &v))
		if v.Input != "perf" && v.Input != "accesslog" && v.Input != "agent" {
			continue
		}
		v.ExpectKind, v.Expect, v.Error, v.ErrorText = "", nil, "", ""
		if m.byCategory[v.Category] == nil {
			m.categories = append(m.categories, v.Category)
		}
		m.byCategory[v.Category] = append(m.byCategory[v.Category], v)
	}
	must(input.Err())
	t := makeTables(w)
	output := json.NewEncoder(os.Stdout)
	for i := 0; i < count; {
		v := m.next()
		if isHarmful(v.DataHex) || !ask(&v, t, w.NodeName) {
			continue
		}
		v.Name = fmt.Sprintf("%s/%d", v.Category, i)
		must(output.Encode(&v))
		i++
	}
}
