//go:build unix

// Command operations measures what pack and Helm do to a cluster, side by side:
// `make bench-ops`. It starts a control plane, runs both programs in turn, counts
// their requests in runs of their own, and writes a table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
)

// options are the flags.
type options struct {
	pack, helm, plane, out string
	runs                   int
	releases, revisions    int
}

func main() {
	debug.SetGCPercent(20) // a forked child counts the memory of its parent as its own
	var o options
	flag.StringVar(&o.pack, "pack", "", "path of pack")
	flag.StringVar(&o.helm, "helm", "", "path of Helm")
	flag.StringVar(&o.plane, "controlplane", "", "path of the control plane's program")
	flag.StringVar(&o.out, "out", "", "Markdown file of which the section is written anew; empty writes none")
	flag.IntVar(&o.runs, "runs", 5, "rounds of each program")
	flag.IntVar(&o.releases, "releases", 2000, "releases of which 'list -A' is measured; 0 leaves it out")
	flag.IntVar(&o.revisions, "revisions", 10, "revisions of each of them")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "operations:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, progress io.Writer) (err error) {
	if o.pack == "" || o.helm == "" || o.plane == "" || o.runs < 1 {
		return errors.New("-pack, -helm and -controlplane are needed, and at least one run")
	}
	dir, err := os.MkdirTemp("", "operations")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	starting, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cluster, err := testcluster.Start(starting, testcluster.Config{Binary: o.plane})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	b := &bench{options: o, dir: dir, cluster: cluster, progress: progress, samples: map[string]map[string][]sample{}, costs: map[string]map[string]cost{}}
	if b.pack, err = filepath.Abs(o.pack); err != nil {
		return err
	}
	if b.helm, err = filepath.Abs(o.helm); err != nil {
		return err
	}
	if err := b.measure(ctx); err != nil {
		return err
	}
	if _, err := io.WriteString(out, b.table()); err != nil {
		return err
	}
	if o.out == "" {
		return nil
	}
	return b.writeSection(o.out)
}
