// SPDX-License-Identifier: Apache-2.0

// Cilium's own code, asked for two things: more vectors with the genuine answers, and what one event
// costs there.
//
//	cilium filters SEED COUNT <filters.dev.jsonl >filters.more.jsonl
//	cilium observer SEED COUNT <observer.rings.json >observer.more.jsonl
//	cilium parser SEED COUNT world.json <parser.dev.jsonl >parser.more.jsonl
//	cilium bench FOLDER
package main

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand"
	"os"
	"strconv"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func main() {
	if len(os.Args) == 3 && os.Args[1] == "bench" {
		bench(os.Args[2])
		return
	}
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: cilium filters|observer|parser SEED COUNT [WORLD], or cilium bench FOLDER")
		os.Exit(2)
	}
	seed, err := strconv.ParseInt(os.Args[2], 10, 64)
	must(err)
	count, err := strconv.Atoi(os.Args[3])
	must(err)
	random := rand.New(rand.NewSource(seed))
	switch os.Args[1] {
	case "observer":
		makeObserverVectors(random, count)
	case "parser":
		makeParserVectors(random, count, readWorld(os.Args[4]))
	default:
		makeFilterVectors(random, count)
	}
}
