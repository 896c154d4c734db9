// SPDX-License-Identifier: Apache-2.0

// Cilium's own Hubble server over recorded events, for comparison with ours.
//
// Genuine: the ring, LocalObserverServer with its loop that takes events in, filters, masks, the
// gRPC server with health and reflection, TLS with its watched files, the peer service. Not: the
// parser, whose place takes one that hands on the event as it was recorded; the node manager, whose
// nodes come from a file; metrics and the interceptors that only measure.
//
// A newest event cannot be read in Cilium's ring before another is written, so that a guard, which
// counts in num_flows, follows the recording.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	observerpb "github.com/cilium/cilium/api/v1/observer"
	"github.com/cilium/cilium/pkg/crypto/certloader"
	datapath "github.com/cilium/cilium/pkg/datapath/types"
	v1 "github.com/cilium/cilium/pkg/hubble/api/v1"
	"github.com/cilium/cilium/pkg/hubble/container"
	"github.com/cilium/cilium/pkg/hubble/observer"
	"github.com/cilium/cilium/pkg/hubble/observer/namespace"
	"github.com/cilium/cilium/pkg/hubble/observer/observeroption"
	observertypes "github.com/cilium/cilium/pkg/hubble/observer/types"
	"github.com/cilium/cilium/pkg/hubble/peer"
	"github.com/cilium/cilium/pkg/hubble/peer/serviceoption"
	"github.com/cilium/cilium/pkg/hubble/server"
	"github.com/cilium/cilium/pkg/hubble/server/serveroption"
	"github.com/cilium/cilium/pkg/node/addressing"
	nodetypes "github.com/cilium/cilium/pkg/node/types"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var (
	flows    = flag.String("flows", "", "events as lines of Hubble's exporter or of -o json")
	listen   = flag.String("listen", "", "unix:///PATH or HOST:PORT")
	capacity = flag.Int("capacity", 4095, "events that the ring keeps")
	nodeName = flag.String("node-name", "", "name of this node")
	nodes    = flag.String("peers", "", "file of all nodes, NAME ADDRESS a line")
	certFile = flag.String("tls-cert-file", "", "serve TLS with this certificate")
	keyFile  = flag.String("tls-key-file", "", "and this key")
	caFiles  = flag.String("tls-client-ca-files", "", "clients' authorities, comma-separated")
	orders   = flag.Bool("orders", false, "store nothing until told to on standard input")
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "hubble-server:", err)
		os.Exit(1)
	}
}

// ready takes the parser's place: what it is given is an event already.
type ready struct{}

func (ready) Decode(event *observertypes.MonitorEvent) (*v1.Event, error) {
	return event.Payload.(*v1.Event), nil
}

// readEvents takes the lines that hold events; flows get the name of this node if they have none.
func readEvents(path string) (events []*v1.Event) {
	file, err := os.Open(path)
	must(err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line observerpb.ExportEvent
		must(protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(lines.Bytes(), &line))
		event := &v1.Event{Timestamp: line.GetTime()}
		switch {
		case line.GetFlow() != nil:
			flow := line.GetFlow()
			if flow.NodeName == "" {
				flow.NodeName = *nodeName
			}
			if flow.Emitter == nil {
				flow.Emitter = &flowpb.Emitter{Name: "Hubble", Version: "1.19.1"}
			}
			event.Timestamp, event.Event = flow.GetTime(), flow
		case line.GetAgentEvent() != nil:
			event.Event = line.GetAgentEvent()
		case line.GetDebugEvent() != nil:
			event.Event = line.GetDebugEvent()
		case line.GetLostEvents() != nil:
			event.Event = line.GetLostEvents()
		default:
			continue
		}
		events = append(events, event)
	}
	must(lines.Err())
	return events
}

// nodeList takes the node manager's place: it knows all nodes from the start.
type nodeList []nodetypes.Node

func (l nodeList) Subscribe(handler datapath.NodeHandler) {
	for _, node := range l {
		must(handler.NodeAdd(node))
	}
}

func (nodeList) Unsubscribe(datapath.NodeHandler) {}

func readNodes(path string) (list nodeList) {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	must(err)
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		words := strings.Fields(line)
		list = append(list, nodetypes.Node{Name: words[0], Cluster: "default",
			IPAddresses: []nodetypes.Address{{Type: addressing.NodeInternalIP, IP: net.ParseIP(words[1])}}})
	}
	return list
}

func newServer(log *slog.Logger, observerServer *observer.LocalObserverServer) *server.Server {
	options := []serveroption.Option{serveroption.WithHealthService(),
		serveroption.WithObserverService(observerServer)}
	peerOptions := []serviceoption.Option{}
	if strings.HasPrefix(*listen, "unix://") {
		options = append(options, serveroption.WithUnixSocketListener(log, *listen))
	} else {
		_, text, err := net.SplitHostPort(*listen)
		must(err)
		port, err := strconv.Atoi(text)
		must(err)
		peerOptions = append(peerOptions, serviceoption.WithHubblePort(port))
		options = append(options, serveroption.WithTCPListener(*listen))
	}
	if *certFile != "" {
		var authorities []string
		if *caFiles != "" {
			authorities = strings.Split(*caFiles, ",")
		}
		config, err := certloader.NewWatchedServerConfig(log, authorities, *certFile, *keyFile)
		must(err)
		options = append(options, serveroption.WithServerTLS(config))
	} else {
		peerOptions = append(peerOptions, serviceoption.WithoutTLSInfo())
		options = append(options, serveroption.WithInsecure())
	}
	options = append(options,
		serveroption.WithPeerService(peer.NewService(readNodes(*nodes), peerOptions...)))
	made, err := server.NewServer(log, options...)
	must(err)
	return made
}

func main() {
	flag.Parse()
	nodetypes.SetName(*nodeName)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	size, err := container.NewCapacity(*capacity)
	must(err)
	observerServer, err := observer.NewLocalServer(ready{}, namespace.NewManager(), log,
		observeroption.WithMaxFlows(size))
	must(err)
	events := readEvents(*flows)
	if !*orders {
		go observerServer.Start()
		for _, event := range events {
			observerServer.GetEventsChannel() <- &observertypes.MonitorEvent{Payload: event}
		}
		close(observerServer.GetEventsChannel())
		<-observerServer.GetStopped()
		observerServer.GetRingBuffer().Write(&v1.Event{Timestamp: timestamppb.New(time.Now()),
			Event: &flowpb.LostEvent{}})
	}
	grpcServer := newServer(log, observerServer)
	go func() { must(grpcServer.Serve()) }()
	fmt.Println("ready")
	if *orders {
		obey(os.Stdin, observerServer.GetRingBuffer(), events)
		return
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	<-end
	grpcServer.Stop()
}
