// SPDX-License-Identifier: Apache-2.0

// What one event costs in Cilium's own parser: the samples and tables that parser_bench wrote to a
// folder, decoded in turn. Prints one line for each kind; time is the process's CPU time, so that
// the garbage collector's threads count.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	observer "github.com/cilium/cilium/pkg/hubble/observer/types"
	"github.com/cilium/cilium/pkg/hubble/parser"
)

const rounds, eventsPerRound = 5, 20_000

func cpuTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
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

// measure prints what an event of `kind` costs the parser called `name`.
func measure(p parser.Decoder, kind, name string, events []*observer.MonitorEvent) {
	var before, after runtime.MemStats
	for _, event := range events { // what is cached is cached
		_, err := p.Decode(event)
		must(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	best := time.Duration(1 << 62)
	for round := range rounds {
		began := cpuTime()
		for i := range eventsPerRound {
			_, err := p.Decode(events[(round*eventsPerRound+i)%len(events)])
			must(err)
		}
		best = min(best, cpuTime()-began)
	}
	runtime.ReadMemStats(&after)
	fmt.Printf("%-14s %-7s %7.1f ns/event %5.2f allocations/event\n", "cilium-"+kind, name,
		float64(best.Nanoseconds())/eventsPerRound,
		float64(after.Mallocs-before.Mallocs)/(rounds*eventsPerRound))
}

// bench measures the parser as Cilium's agent makes it (peer), and with a map behind every getter
// (maps), which is less than any agent does.
func bench(folder string) {
	w := readWorld(filepath.Join(folder, "world.json"))
	t := makeTables(w)
	maps, err := parser.New(quiet(), t, t, t, t, t, t, t)
	must(err)
	kinds, events := readEvents(filepath.Join(folder, "events.txt"))
	node := newNodeParser(w)
	for _, kind := range kinds {
		measure(maps, kind, "maps", events[kind])
		measure(node, kind, "peer", events[kind])
	}
}
