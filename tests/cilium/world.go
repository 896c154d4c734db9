// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	cgroups "github.com/cilium/cilium/pkg/cgroups/manager"
	"github.com/cilium/cilium/pkg/hubble/parser/getters"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/ipcache"
	slim "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	slimmeta "github.com/cilium/cilium/pkg/k8s/slim/k8s/apis/meta/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/trafficdirection"
	policy "github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// worldFile is the file of a node's tables (agent/resolve/world_file.h).
type worldFile struct {
	NodeName  string `json:"node_name"`
	Endpoints []struct {
		ID        uint64
		IPs       []netip.Addr
		Identity  uint32
		Namespace string
		PodName   string `json:"pod_name"`
		Labels    []string
		Pod       *struct {
			GenerateName    string `json:"generate_name"`
			Labels          map[string]string
			OwnerReferences []struct {
				Kind, Name string
				Controller bool
			} `json:"owner_references"`
		}
		PolicyRevision uint64 `json:"policy_revision"`
		Policies       []struct {
			Direction  string
			Identity   uint32
			Protocol   uint8
			Port       uint16
			RuleLabels [][]string `json:"rule_labels"`
			Log        []string
		}
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

func readWorld(path string) *worldFile {
	text, err := os.ReadFile(path)
	must(err)
	var w worldFile
	must(json.Unmarshal(text, &w))
	return &w
}

type tableEndpoint struct {
	id             uint64
	identity       identity.NumericIdentity
	namespace, pod string
	labels         labels.Labels
	object         *slim.Pod
	policies       map[policy.Key]policy.PolicyCorrelationInfo
}

type dnsKey struct {
	endpoint uint32
	ip       netip.Addr
}

func (e *tableEndpoint) GetID() uint64                         { return e.id }
func (e *tableEndpoint) GetIdentity() identity.NumericIdentity { return e.identity }
func (e *tableEndpoint) GetK8sPodName() string                 { return e.pod }
func (e *tableEndpoint) GetK8sNamespace() string               { return e.namespace }
func (e *tableEndpoint) GetLabels() labels.Labels              { return e.labels }
func (e *tableEndpoint) GetPod() *slim.Pod                     { return e.object }
func (e *tableEndpoint) GetPolicyCorrelationInfoForKey(key policy.Key) (policy.PolicyCorrelationInfo, bool) {
	found, ok := e.policies[key]
	return found, ok
}

// tables answers every getter of the parser by one map lookup.
type tables struct {
	byAddress  map[netip.Addr]*tableEndpoint
	byID       map[uint16]*tableEndpoint
	identities map[uint32]*identity.Identity
	ipcache    map[netip.Prefix]ipcache.Identity
	lengths    map[int]bool // of prefixes, by bits
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
	if !ip.IsValid() {
		return ipcache.Identity{}, false
	}
	for bits := ip.BitLen(); bits >= 0; bits-- {
		if !t.lengths[bits] {
			continue
		}
		prefix, err := ip.WithZone("").Prefix(bits)
		must(err)
		if found, ok := t.ipcache[prefix]; ok {
			return found, true
		}
	}
	return ipcache.Identity{}, false
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

// makeTableEndpoint makes the endpoint number `i` of the file, with its pod as Kubernetes tells it.
func makeTableEndpoint(w *worldFile, i int) *tableEndpoint {
	from := &w.Endpoints[i]
	made := &tableEndpoint{from.ID, identity.NumericIdentity(from.Identity), from.Namespace, from.PodName,
		labels.NewLabelsFromModel(from.Labels), nil, map[policy.Key]policy.PolicyCorrelationInfo{}}
	if from.Pod != nil {
		made.object = &slim.Pod{ObjectMeta: slimmeta.ObjectMeta{Name: from.PodName, Namespace: from.Namespace,
			GenerateName: from.Pod.GenerateName, Labels: from.Pod.Labels}}
		for _, owner := range from.Pod.OwnerReferences {
			made.object.OwnerReferences = append(made.object.OwnerReferences, slimmeta.OwnerReference{
				Kind: owner.Kind, Name: owner.Name, Controller: &owner.Controller})
		}
	}
	for _, p := range from.Policies {
		direction := trafficdirection.Ingress
		if p.Direction == "egress" {
			direction = trafficdirection.Egress
		}
		key := policy.KeyForDirection(direction).WithIdentity(identity.NumericIdentity(p.Identity)).
			WithPortProto(u8proto.U8proto(p.Protocol), p.Port)
		var rules labels.LabelArrayList
		for _, rule := range p.RuleLabels {
			var array labels.LabelArray // as they are: ParseLabelArray would sort them
			for _, label := range rule {
				array = append(array, labels.ParseLabel(label))
			}
			rules = append(rules, array)
		}
		made.policies[key] = policy.PolicyCorrelationInfo{RuleLabels: rules.ArrayListString(), Log: p.Log,
			Revision: from.PolicyRevision}
	}
	return made
}

func makeTables(w *worldFile) *tables {
	t := &tables{map[netip.Addr]*tableEndpoint{}, map[uint16]*tableEndpoint{}, map[uint32]*identity.Identity{},
		map[netip.Prefix]ipcache.Identity{}, map[int]bool{}, map[netip.Addr]*ipcache.K8sMetadata{},
		map[netip.AddrPort]*flowpb.Service{}, map[int]string{}, map[uint64]*cgroups.PodMetadata{},
		map[dnsKey][]string{}}
	for i, e := range w.Endpoints {
		made := makeTableEndpoint(w, i)
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
		t.ipcache[c.Prefix.Masked()] = ipcache.Identity{ID: identity.NumericIdentity(c.Identity)}
		t.lengths[c.Prefix.Bits()] = true
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
