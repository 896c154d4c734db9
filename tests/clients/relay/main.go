// SPDX-License-Identifier: Apache-2.0

// The genuine hubble-relay, built from its published Go module, for tests with alidade agents.
package main

import (
	"fmt"
	"os"

	"github.com/cilium/cilium/hubble-relay/cmd"
)

func main() {
	if err := cmd.New().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
