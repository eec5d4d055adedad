//go:build unix

// Command sidebyside measures pack beside Helm: `make bench-helm`. It makes the
// charts, runs both programs in turn, checks that they print the same, and
// writes a table of times, memory and ratios.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"
)

// options are the flags.
type options struct {
	pack, helm, charts, out string
	only                    string
	runs                    int
	prepare                 string
}

func main() {
	// A child that has just been forked counts the memory of its parent as its
	// own, so this process stays small, and what needs memory has a process of
	// its own.
	debug.SetGCPercent(20)
	var o options
	flag.StringVar(&o.pack, "pack", "", "path of pack")
	flag.StringVar(&o.helm, "helm", "", "path of Helm")
	flag.StringVar(&o.charts, "charts", "", "folder with public charts; empty measures none")
	flag.StringVar(&o.out, "out", "", "Markdown file to write; empty writes none")
	flag.StringVar(&o.only, "only", "", "measure only the cases whose name contains this")
	flag.IntVar(&o.runs, "runs", 15, "runs of each program for each case")
	flag.StringVar(&o.prepare, "prepare", "", "only make the charts, in this folder")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "sidebyside:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, progress io.Writer) (err error) {
	if o.prepare != "" {
		return prepare(o.prepare, o.charts, progress)
	}
	if o.pack == "" || o.helm == "" || o.runs < 1 {
		return errors.New("both -pack and -helm are needed, and at least one run")
	}
	dir, err := os.MkdirTemp("", "sidebyside")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p, err := newPair(dir, o)
	if err != nil {
		return err
	}
	if err := prepareApart(ctx, dir, o.charts, progress); err != nil {
		return err
	}
	rows, err := p.measureAll(ctx, cases(dir), o.only, progress)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if err := errors.Join(writeTable(w, rows, "", "\t", ""), w.Flush()); err != nil {
		return err
	}
	if o.out != "" {
		if err := writeReport(ctx, o, p, rows); err != nil {
			return err
		}
	}
	return check(rows)
}

// measureAll measures the cases whose name contains only.
func (p *pair) measureAll(ctx context.Context, list []testCase, only string, progress io.Writer) ([]row, error) {
	var rows []row
	for _, c := range list {
		if !strings.Contains(c.name, only) {
			continue
		}
		if _, err := os.Stat(c.needs); err != nil {
			fmt.Fprintf(progress, "%s: left out, there is no such chart\n", c.name)
			continue
		}
		fmt.Fprintf(progress, "%s ...\n", c.name)
		r, err := p.measure(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// prepareApart makes the charts in another process.
func prepareApart(ctx context.Context, dir, charts string, progress io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "-prepare", dir, "-charts", charts)
	cmd.Stderr = progress
	return cmd.Run()
}

// check complains of output that is not Helm's.
func check(rows []row) error {
	i := slices.IndexFunc(rows, func(r row) bool { return r.output == differs })
	if i < 0 {
		return nil
	}
	return fmt.Errorf("%s: pack does not print what Helm prints", rows[i].name)
}

// abs makes a path of a program good for any working directory.
func abs(program string) (string, error) {
	found, err := exec.LookPath(program)
	if err != nil {
		return "", err
	}
	return filepath.Abs(found)
}
