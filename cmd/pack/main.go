// Command pack manages Kubernetes applications: charts, and their releases. It
// takes the place of helm on the command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// gcPercent trades memory for time: a command lives for moments, and what it
// reads and renders is needed until its end.
const gcPercent = 800

// memoryLimit is from where on memory is not traded any more: what a command needs
// beyond that it gets, but no garbage is kept.
const memoryLimit = 512 << 20

func main() {
	if os.Getenv("PACK_PPROF_MEM_PROFILE") == "" && os.Getenv("HELM_PPROF_MEM_PROFILE") == "" {
		runtime.MemProfileRate = 0 // nobody asks for the samples
	}
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	// The first signal ends the work in good order, a second one ends the
	// process.
	context.AfterFunc(ctx, stop)
	// A reader that closes its end of the output must not end the process in the
	// midst of its work: the write fails instead.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(cli.Main(ctx))
}

// endings are the signals that end the work. A terminal that is closed says so by
// SIGHUP; nohup has it ignored.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
