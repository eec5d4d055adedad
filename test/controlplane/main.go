// Command controlplane runs a Kubernetes cluster for tests: the real etcd, API server, controller manager and
// scheduler, with simulated nodes. README.md is its manual.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/cluster"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/component"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	command := "run"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "run":
		return runForeground(ctx, args)
	case "up":
		return up(ctx, args)
	case "down":
		return down(ctx, args)
	case "status":
		return status(ctx, args)
	case "fault":
		return fault(ctx, args)
	case "component":
		return runComponent(ctx, args)
	case "version":
		v, err := component.KubernetesVersion()
		if err == nil {
			fmt.Println(v)
		}
		return err
	}
	return fmt.Errorf("command %q: not one of run, up, down, status, fault, version", command)
}

func runForeground(ctx context.Context, args []string) error {
	o := cluster.Options{
		Progress: func(s string) { fmt.Fprintln(os.Stderr, s) },
		Ready: func(i layout.Info) error {
			_, err := fmt.Printf("ready: KUBECONFIG=%s\n", i.Kubeconfig)
			return err
		},
	}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.StringVar(&o.DataDir, "data-dir", "", "directory for all state (default: a fresh temporary one)")
	flags.StringVar(&o.Kubeconfig, "kubeconfig", "", "where to write the kubeconfig (default: into the data directory)")
	flags.IntVar(&o.Nodes, "nodes", 3, "number of simulated nodes")
	flags.BoolVar(&o.Keep, "keep", false, "leave the data directory behind (default: true if --data-dir is given)")
	flags.DurationVar(&o.ReadyTimeout, "ready-timeout", 2*time.Minute, "give up if not ready by then")
	onEOF := flags.Bool("stop-on-stdin-eof", false, "stop when standard input ends")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("run takes no arguments, got %q", flags.Args())
	}
	keepGiven := false
	flags.Visit(func(f *flag.Flag) { keepGiven = keepGiven || f.Name == "keep" })
	if !keepGiven {
		o.Keep = o.DataDir != ""
	}
	var err error
	if o.Binary, err = os.Executable(); err != nil {
		return err
	}
	if *onEOF {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		go func() {
			// Whatever ends the reading, nobody is there any more.
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	return cluster.Run(ctx, o)
}

// runComponent is how the supervisor starts its child processes; standard input is a pipe that ends with it.
func runComponent(ctx context.Context, args []string) error {
	if len(args) != 3 || args[1] != "--config" {
		return fmt.Errorf("usage: controlplane component NAME --config FILE")
	}
	cfg, err := layout.ReadConfig(args[2])
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	return component.Run(ctx, args[0], cfg)
}
