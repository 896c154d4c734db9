// SPDX-License-Identifier: Apache-2.0

// The genuine hubble CLI, built from its published Go module, for tests against an alidade agent.
// ./dev stamps it with the version of the module that it is built from.
package main

import (
	"fmt"
	"os"

	"github.com/cilium/cilium/hubble/cmd"
)

func main() {
	if err := cmd.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
