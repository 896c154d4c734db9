// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	v1 "github.com/cilium/cilium/pkg/hubble/api/v1"
	"github.com/cilium/cilium/pkg/hubble/container"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// tick is the time between two bursts of stored flows; our own benchmark has the same.
const tick = time.Millisecond

// writer stores the given flows again and again, each with the time at which it is stored.
type writer struct {
	ring   *container.Ring
	events []*v1.Event
	next   int
}

// write stores a new flow that shares all messages with its model: less work, and less for the
// garbage collector, than what Cilium's parser makes of an event.
func (w *writer) write() {
	model := w.events[w.next%len(w.events)].Event.(*flowpb.Flow).ProtoReflect()
	w.next++
	flow := &flowpb.Flow{}
	model.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		flow.ProtoReflect().Set(field, value)
		return true
	})
	flow.Time = timestamppb.Now()
	w.ring.Write(&v1.Event{Timestamp: flow.Time, Event: flow})
}

// threadSeconds is the CPU time of the calling thread.
func threadSeconds() float64 {
	var usage unix.Rusage
	must(unix.Getrusage(unix.RUSAGE_THREAD, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func (w *writer) feed(rate, total int64) float64 {
	cpu, began := threadSeconds(), time.Now()
	for done := int64(0); done < total; time.Sleep(tick) {
		due := min(total, int64(time.Since(began).Seconds()*float64(rate)))
		for ; done < due; done++ {
			w.write()
		}
	}
	return threadSeconds() - cpu
}

// obey does what serve_bench orders (tests/bench/serve_server.h) until input ends.
func obey(input io.Reader, ring *container.Ring, events []*v1.Event) {
	runtime.LockOSThread() // so that storing can be told from serving
	w := &writer{ring: ring, events: events}
	for {
		var order string
		var first, total int64
		if _, err := fmt.Fscan(input, &order, &first); err != nil {
			return
		}
		seconds := 0.0
		if order == "feed" {
			_, err := fmt.Fscan(input, &total)
			must(err)
			seconds = w.feed(first, total)
		} else {
			for ; first > 0; first-- {
				w.write()
			}
		}
		fmt.Printf("done %f\n", seconds)
	}
}
