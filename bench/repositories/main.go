//go:build unix

// Command repositories measures what pack and Helm do with large indexes and with
// folders of packed charts, side by side: `make bench-repos`. It makes the indexes
// and archives, serves them, runs both programs in turn, checks that they say the
// same, and writes a table.
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
)

// options are the flags.
type options struct {
	pack, helm, out string
	runs            int
	versions        int
	archives        int
}

func main() {
	debug.SetGCPercent(20) // a forked child counts the memory of its parent as its own
	var o options
	flag.StringVar(&o.pack, "pack", "", "path of pack")
	flag.StringVar(&o.helm, "helm", "", "path of Helm")
	flag.StringVar(&o.out, "out", "", "Markdown file of which the section is written anew; empty writes none")
	flag.IntVar(&o.runs, "runs", 5, "runs of each program for each case")
	flag.IntVar(&o.versions, "versions", 24_000, "versions in the index; a second one has twice as many")
	flag.IntVar(&o.archives, "archives", 2_000, "packed charts of which the index is made")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "repositories:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, progress io.Writer) (err error) {
	if o.pack == "" || o.helm == "" || o.runs < 1 {
		return errors.New("-pack and -helm are needed, and at least one run")
	}
	dir, err := os.MkdirTemp("", "repositories")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{options: o, dir: dir, progress: progress}
	if b.pack, err = filepath.Abs(o.pack); err != nil {
		return err
	}
	if b.helm, err = filepath.Abs(o.helm); err != nil {
		return err
	}
	stop, err := b.prepare()
	if err != nil {
		return err
	}
	defer stop()
	for _, c := range b.cases() {
		fmt.Fprintf(progress, "%s ...\n", c.name)
		if err := b.measure(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if _, err := io.WriteString(out, b.table()); err != nil {
		return err
	}
	if o.out == "" {
		return nil
	}
	return b.writeSection(o.out)
}
