// SPDX-License-Identifier: Apache-2.0

// What one event costs in Cilium's own parser: the samples and tables that parser_bench wrote to a
// folder, decoded in turn. Prints one line for each kind; time is the process's CPU time, so that
// the garbage collector's threads count.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	cgroups "github.com/cilium/cilium/pkg/cgroups/manager"
	observer "github.com/cilium/cilium/pkg/hubble/observer/types"
	"github.com/cilium/cilium/pkg/hubble/parser"
	"github.com/cilium/cilium/pkg/hubble/parser/getters"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/ipcache"
	slim "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	slimmeta "github.com/cilium/cilium/pkg/k8s/slim/k8s/apis/meta/v1"
	"github.com/cilium/cilium/pkg/labels"
	policy "github.com/cilium/cilium/pkg/policy/types"
)

const rounds, eventsPerRound = 10, 20000

// world is the part of the tables that the parser asks for.
type world struct {
	Endpoints []struct {
		ID        uint64
		IPs       []netip.Addr
		Identity  uint32
		Namespace string
		PodName   string `json:"pod_name"`
		Labels    []string
	}
	Identities []struct {
		ID     uint32
		Labels []string
	}
	IPCache []struct {
		Prefix   netip.Prefix
		Identity uint32
	}
	Metadata []struct {
		IP        netip.Addr
		Namespace string
		PodName   string `json:"pod_name"`
	} `json:"k8s_metadata"`
	Services []struct {
		IP              netip.Addr
		Port            uint16
		Namespace, Name string
	}
	DNS []struct {
		Endpoint uint32 `json:"endpoint_id"`
		IP       netip.Addr
		Names    []string
	}
	Links []struct {
		Index int `json:"ifindex"`
		Name  string
	}
	Cgroups []struct {
		ID  uint64 `json:"cgroup_id"`
		IPs []string
	}
}

type endpoint struct {
	id             uint64
	identity       identity.NumericIdentity
	namespace, pod string
	labels         labels.Labels
	object         *slim.Pod
}

// replicaSetPod is a pod that a Deployment owns, as the parser has to find out.
func replicaSetPod() *slim.Pod {
	controller := true
	return &slim.Pod{ObjectMeta: slimmeta.ObjectMeta{
		GenerateName: "app-6f7c8d9b5-",
		Labels:       map[string]string{"app": "app", "pod-template-hash": "6f7c8d9b5"},
		OwnerReferences: []slimmeta.OwnerReference{
			{Kind: "ReplicaSet", Name: "app-6f7c8d9b5", Controller: &controller}},
	}}
}

type dnsKey struct {
	endpoint uint32
	ip       netip.Addr
}

func (e *endpoint) GetID() uint64                         { return e.id }
func (e *endpoint) GetIdentity() identity.NumericIdentity { return e.identity }
func (e *endpoint) GetK8sPodName() string                 { return e.pod }
func (e *endpoint) GetK8sNamespace() string               { return e.namespace }
func (e *endpoint) GetLabels() labels.Labels              { return e.labels }
func (e *endpoint) GetPod() *slim.Pod                     { return e.object }
func (e *endpoint) GetPolicyCorrelationInfoForKey(policy.Key) (policy.PolicyCorrelationInfo, bool) {
	return policy.PolicyCorrelationInfo{}, false
}

// tables answers every getter of the parser by one map lookup.
type tables struct {
	byAddress  map[netip.Addr]*endpoint
	byID       map[uint16]*endpoint
	identities map[uint32]*identity.Identity
	ipcache    map[netip.Addr]ipcache.Identity
	metadata   map[netip.Addr]*ipcache.K8sMetadata
	services   map[netip.AddrPort]*flowpb.Service
	links      map[int]string
	cgroups    map[uint64]*cgroups.PodMetadata
	dns        map[dnsKey][]string
}

func (t *tables) GetEndpointInfo(ip netip.Addr) (getters.EndpointInfo, bool) {
	e, ok := t.byAddress[ip]
	return e, ok
}

func (t *tables) GetEndpointInfoByID(id uint16) (getters.EndpointInfo, bool) {
	e, ok := t.byID[id]
	return e, ok
}

func (t *tables) GetIdentity(id uint32) (*identity.Identity, error) {
	if found, ok := t.identities[id]; ok {
		return found, nil
	}
	return nil, fmt.Errorf("no identity %d", id)
}

func (t *tables) GetNamesOf(endpoint uint32, ip netip.Addr) []string {
	return t.dns[dnsKey{endpoint, ip}]
}

func (t *tables) GetK8sMetadata(ip netip.Addr) *ipcache.K8sMetadata { return t.metadata[ip] }

func (t *tables) LookupSecIDByIP(ip netip.Addr) (ipcache.Identity, bool) {
	found, ok := t.ipcache[ip]
	return found, ok
}

func (t *tables) GetServiceByAddr(ip netip.Addr, port uint16) *flowpb.Service {
	return t.services[netip.AddrPortFrom(ip, port)]
}

func (t *tables) GetIfNameCached(index int) (string, bool) {
	name, ok := t.links[index]
	return name, ok
}

func (t *tables) Name(index uint32) string { return t.links[int(index)] }

func (t *tables) GetPodMetadataForContainer(id uint64) *cgroups.PodMetadata { return t.cgroups[id] }

func makeTables(w *world) *tables {
	t := &tables{map[netip.Addr]*endpoint{}, map[uint16]*endpoint{}, map[uint32]*identity.Identity{},
		map[netip.Addr]ipcache.Identity{}, map[netip.Addr]*ipcache.K8sMetadata{},
		map[netip.AddrPort]*flowpb.Service{}, map[int]string{}, map[uint64]*cgroups.PodMetadata{},
		map[dnsKey][]string{}}
	for _, e := range w.Endpoints {
		made := &endpoint{e.ID, identity.NumericIdentity(e.Identity), e.Namespace, e.PodName,
			labels.NewLabelsFromModel(e.Labels), replicaSetPod()}
		t.byID[uint16(e.ID)] = made
		for _, ip := range e.IPs {
			t.byAddress[ip] = made
		}
	}
	for _, i := range w.Identities {
		t.identities[i.ID] = identity.NewIdentity(identity.NumericIdentity(i.ID),
			labels.NewLabelsFromModel(i.Labels))
	}
	for _, c := range w.IPCache {
		t.ipcache[c.Prefix.Addr()] = ipcache.Identity{ID: identity.NumericIdentity(c.Identity)}
	}
	for _, m := range w.Metadata {
		t.metadata[m.IP] = &ipcache.K8sMetadata{Namespace: m.Namespace, PodName: m.PodName}
	}
	for _, s := range w.Services {
		t.services[netip.AddrPortFrom(s.IP, s.Port)] = &flowpb.Service{Name: s.Name,
			Namespace: s.Namespace}
	}
	for _, d := range w.DNS {
		t.dns[dnsKey{d.Endpoint, d.IP}] = d.Names
	}
	for _, l := range w.Links {
		t.links[l.Index] = l.Name
	}
	for _, c := range w.Cgroups {
		t.cgroups[c.ID] = &cgroups.PodMetadata{IPs: c.IPs}
	}
	return t
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func readEvents(path string) (kinds []string, events map[string][]*observer.MonitorEvent) {
	file, err := os.Open(path)
	must(err)
	defer file.Close()
	events = map[string][]*observer.MonitorEvent{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		kind, digits, _ := strings.Cut(lines.Text(), " ")
		data, err := hex.DecodeString(digits)
		must(err)
		if events[kind] == nil {
			kinds = append(kinds, kind)
		}
		events[kind] = append(events[kind], &observer.MonitorEvent{Timestamp: time.Now(),
			Payload: &observer.PerfEvent{Data: data}})
	}
	return kinds, events
}

func measure(p *parser.Parser, kind string, events []*observer.MonitorEvent) {
	var before, after runtime.MemStats
	best := time.Duration(1 << 62)
	next := 0
	runtime.ReadMemStats(&before)
	for range rounds {
		began := cpuTime()
		for range eventsPerRound {
			_, err := p.Decode(events[next%len(events)])
			must(err)
			next++
		}
		best = min(best, cpuTime()-began)
	}
	runtime.ReadMemStats(&after)
	fmt.Printf("%-14s %-7s %7.1f ns/event %5.2f allocations/event\n", "cilium-"+kind, "peer",
		float64(best.Nanoseconds())/eventsPerRound,
		float64(after.Mallocs-before.Mallocs)/float64(rounds*eventsPerRound))
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: parser FOLDER")
		os.Exit(2)
	}
	text, err := os.ReadFile(filepath.Join(os.Args[1], "world.json"))
	must(err)
	var w world
	must(json.Unmarshal(text, &w))
	t := makeTables(&w)
	p, err := parser.New(slog.New(slog.NewTextHandler(io.Discard, nil)), t, t, t, t, t, t, t)
	must(err)
	kinds, events := readEvents(filepath.Join(os.Args[1], "events.txt"))
	for _, kind := range kinds {
		measure(p, kind, events[kind])
	}
}
