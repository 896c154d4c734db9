// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"time"

	cgroups "github.com/cilium/cilium/pkg/cgroups/manager"
	cmtypes "github.com/cilium/cilium/pkg/clustermesh/types"
	"github.com/cilium/cilium/pkg/datapath/link"
	"github.com/cilium/cilium/pkg/endpoint"
	endpointid "github.com/cilium/cilium/pkg/endpoint/id"
	"github.com/cilium/cilium/pkg/endpointmanager"
	"github.com/cilium/cilium/pkg/fqdn"
	"github.com/cilium/cilium/pkg/hubble/parser"
	parsercell "github.com/cilium/cilium/pkg/hubble/parser/cell"
	"github.com/cilium/cilium/pkg/hubble/parser/options"
	"github.com/cilium/cilium/pkg/identity"
	identitycache "github.com/cilium/cilium/pkg/identity/cache"
	identitycell "github.com/cilium/cilium/pkg/identity/cache/cell"
	"github.com/cilium/cilium/pkg/ipcache"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/k8s/client/clientset/versioned/fake"
	"github.com/cilium/cilium/pkg/loadbalancer"
	"github.com/cilium/cilium/pkg/lock"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/source"
	"github.com/cilium/hive"
	"github.com/cilium/hive/cell"
	"github.com/cilium/statedb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// endpoints finds Cilium's own endpoints as its endpoint manager does: by number, and by address as
// text with a prefix, under a lock. The manager itself would also program the kernel.
type endpoints struct {
	endpointmanager.EndpointManager
	mutex lock.RWMutex
	byID  map[uint16]*endpoint.Endpoint
	byKey map[string]*endpoint.Endpoint
}

func (e *endpoints) LookupCiliumID(id uint16) *endpoint.Endpoint {
	e.mutex.RLock()
	defer e.mutex.RUnlock()
	return e.byID[id]
}

func (e *endpoints) LookupIP(ip netip.Addr) *endpoint.Endpoint {
	text, prefix := ip.Unmap().String(), endpointid.IPv4Prefix
	if !ip.Is4() {
		prefix = endpointid.IPv6Prefix
	}
	e.mutex.RLock()
	defer e.mutex.RUnlock()
	return e.byKey[endpointid.NewID(prefix, text)]
}

func makeEndpoints(w *worldFile) *endpoints {
	e := &endpoints{byID: map[uint16]*endpoint.Endpoint{}, byKey: map[string]*endpoint.Endpoint{}}
	for i := range w.Endpoints {
		from := makeTableEndpoint(w, i)
		made := &endpoint.Endpoint{ID: uint16(from.id), K8sPodName: from.pod, K8sNamespace: from.namespace,
			SecurityIdentity: identity.NewIdentity(from.identity, from.labels), DNSHistory: fqdn.NewDNSCache(3600)}
		made.SetPod(from.object)
		e.byID[made.ID] = made
		for _, ip := range w.Endpoints[i].IPs {
			e.byKey[endpointid.NewIPPrefixID(ip)] = made
		}
	}
	for _, d := range w.DNS {
		for _, name := range d.Names {
			e.byID[uint16(d.Endpoint)].DNSHistory.Update(time.Now(), name+".", []netip.Addr{d.IP}, 3600)
		}
	}
	return e
}

// pods finds the pod of a cgroup as Cilium's manager does once it has seen the cgroup.
type pods struct {
	cgroups.CGroupManager
	mutex lock.RWMutex
	byID  map[uint64]cgroups.PodMetadata
}

func (p *pods) GetPodMetadataForContainer(id uint64) *cgroups.PodMetadata {
	p.mutex.RLock()
	defer p.mutex.RUnlock()
	if found, ok := p.byID[id]; ok {
		return &found
	}
	return nil
}

func makePods(w *worldFile) *pods {
	p := &pods{byID: map[uint64]cgroups.PodMetadata{}}
	for _, c := range w.Cgroups {
		p.byID[c.ID] = cgroups.PodMetadata{IPs: c.IPs}
	}
	return p
}

// allocatorOwner is told of identities.
type allocatorOwner struct{}

func (allocatorOwner) GetNodeSuffix() string { return "node" }
func (allocatorOwner) UpdateIdentities(_, _ identity.IdentityMap) <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// makeIdentities is Cilium's own allocator, filled from Kubernetes objects.
func makeIdentities(w *worldFile) *identitycache.CachingIdentityAllocator {
	var objects []runtime.Object
	for _, i := range w.Identities {
		object := &v2.CiliumIdentity{ObjectMeta: metav1.ObjectMeta{Name: strconv.Itoa(int(i.ID))},
			SecurityLabels: map[string]string{}}
		for _, label := range i.Labels {
			key, value, _ := cut(label)
			object.SecurityLabels[key] = value
		}
		objects = append(objects, object)
	}
	// The fake API server knows no streamed lists.
	must(os.Setenv("KUBE_FEATURE_WatchListClient", "false"))
	option.Config.IdentityAllocationMode = option.IdentityAllocationModeCRD
	made := identitycache.NewCachingIdentityAllocator(quiet(), allocatorOwner{}, identitycache.AllocatorConfig{Timeout: time.Minute, SyncInterval: time.Hour})
	<-made.InitIdentityAllocator(fake.NewSimpleClientset(objects...), nil)
	must(made.WaitForInitialGlobalIdentities(context.Background()))
	return made
}

// cut splits `source:key=value`; a key of a CiliumIdentity has its source.
func cut(label string) (key, value string, ok bool) {
	for i, c := range label {
		if c == '=' {
			return label[:i], label[i+1:], true
		}
	}
	return label, "", false
}

func makeIPCache(w *worldFile) *ipcache.IPCache {
	made := ipcache.NewIPCache(&ipcache.Configuration{Context: context.Background(), Logger: quiet()})
	metadata := map[netip.Addr]*ipcache.K8sMetadata{}
	for _, m := range w.Metadata {
		metadata[m.IP] = &ipcache.K8sMetadata{Namespace: m.Namespace, PodName: m.PodName}
	}
	for _, c := range w.IPCache {
		_, err := made.Upsert(c.Prefix.Addr().String(), nil, 0, metadata[c.Prefix.Addr()],
			ipcache.Identity{ID: identity.NumericIdentity(c.Identity), Source: source.KVStore})
		must(err)
	}
	return made
}

func makeFrontends(w *worldFile, db *statedb.DB) statedb.Table[*loadbalancer.Frontend] {
	table, err := loadbalancer.NewFrontendsTable(loadbalancer.DefaultConfig, db)
	must(err)
	txn := db.WriteTxn(table)
	for _, s := range w.Services {
		_, _, err := table.Insert(txn, &loadbalancer.Frontend{FrontendParams: loadbalancer.FrontendParams{
			Address:     loadbalancer.NewL3n4Addr(loadbalancer.TCP, cmtypes.AddrClusterFrom(s.IP, 0), s.Port, loadbalancer.ScopeExternal),
			ServiceName: loadbalancer.NewServiceName(s.Namespace, s.Name)}})
		must(err)
	}
	txn.Commit()
	return table
}

// newNodeParser is the parser as Cilium's agent makes it, with the agent's own getters over real IP
// cache, identity allocator, service frontends, endpoints and their DNS caches. Policies are not
// correlated: an endpoint has them only once it has programmed the kernel.
func newNodeParser(w *worldFile) parser.Decoder {
	var made parser.Decoder
	node := hive.New(
		parsercell.Cell,
		cell.Provide(
			func() identitycell.CachingIdentityAllocator { return allocatorCell{makeIdentities(w)} },
			func() endpointmanager.EndpointManager { return makeEndpoints(w) },
			func() *ipcache.IPCache { return makeIPCache(w) },
			func() cgroups.CGroupManager { return makePods(w) },
			func() *link.LinkCache { return link.NewLinkCache() },
			statedb.New,
			func(db *statedb.DB) statedb.Table[*loadbalancer.Frontend] { return makeFrontends(w, db) },
			func() parserOptions {
				return parserOptions{Options: []options.Option{options.WithNetworkPolicyCorrelation(false)}}
			},
		),
		cell.Invoke(func(d parser.Decoder) { made = d }),
	)
	must(node.Populate(quiet()))
	if made == nil {
		must(fmt.Errorf("no parser"))
	}
	return made
}

// allocatorCell is the allocator in the form that the agent passes on.
type allocatorCell struct {
	*identitycache.CachingIdentityAllocator
}

type parserOptions struct {
	cell.Out
	Options []options.Option `group:"hubble-parser-options,flatten"`
}
