// Command parity renders charts with pack and with Helm, and tells where the
// results differ: `make parity CHARTS=folder HELM=path`.
//
// Every chart below the folder is rendered with its default values and with each
// ci/*values*.yaml, with Helm twice: what differs between its two runs is random
// (passwords, certificates, times) and does not count.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
)

// options are the flags.
type options struct {
	charts, pack, helm string
	run                *regexp.Regexp
	jobs, limit        int
	verbose, flip      bool
	lint, crds         bool
	args               []string
}

func main() {
	o, err := parseFlags()
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		var same bool
		if same, err = o.compareAll(ctx); err == nil && !same {
			stop()
			os.Exit(1)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(2)
	}
}

func parseFlags() (*options, error) {
	o := &options{}
	run := ""
	flag.StringVar(&o.charts, "charts", "", "folder below which the charts are")
	flag.StringVar(&o.pack, "pack", "build/pack", "path of pack")
	flag.StringVar(&o.helm, "helm", "build/helm4", "path of Helm 4")
	flag.StringVar(&run, "run", "", "regular expression that the names of cases have to match")
	flag.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "how many cases are run at once")
	flag.IntVar(&o.limit, "limit", 10, "how many differences are shown")
	flag.BoolVar(&o.verbose, "v", false, "name every case")
	flag.BoolVar(&o.flip, "flip", false, "turn on everything that values.yaml has as false, too")
	flag.BoolVar(&o.lint, "lint", false, "compare lint, too")
	flag.BoolVar(&o.crds, "crds", true, "render with --include-crds")
	flag.Parse()
	o.args = flag.Args()
	if o.charts == "" {
		return nil, fmt.Errorf("-charts is missing: the folder below which the charts are")
	}
	var err error
	for _, p := range []*string{&o.charts, &o.pack, &o.helm} {
		if *p, err = filepath.Abs(*p); err != nil {
			return nil, err
		}
		if _, err := os.Stat(*p); err != nil {
			return nil, err
		}
	}
	o.run, err = regexp.Compile(run)
	return o, err
}

// compareAll runs all cases and prints what came out. It is true if nothing
// differs.
func (o *options) compareAll(ctx context.Context) (bool, error) {
	work, err := os.MkdirTemp("", "parity")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(work) }() // what is left is temporary
	cases, err := o.cases(work)
	if err != nil {
		return false, err
	}
	if len(cases) == 0 {
		return false, fmt.Errorf("no charts below %s", o.charts)
	}
	outcomes := make([]outcome, len(cases))
	next := make(chan int)
	var group sync.WaitGroup
	for range o.jobs {
		group.Go(func() {
			for i := range next {
				outcomes[i] = o.compare(ctx, work, cases[i])
				if o.verbose {
					fmt.Printf("%-14s %s\n", outcomes[i].kind, cases[i].name)
				}
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	group.Wait()
	return o.report(cases, outcomes), ctx.Err()
}

// report prints a summary by repository, and the first differences.
func (o *options) report(cases []testCase, outcomes []outcome) bool {
	total := map[kind]int{}
	byRepo := map[string]map[kind]int{}
	var repos []string
	shown, same := 0, true
	for i, out := range outcomes {
		repo, _, _ := strings.Cut(cases[i].name, "/")
		if byRepo[repo] == nil {
			byRepo[repo] = map[kind]int{}
			repos = append(repos, repo)
		}
		byRepo[repo][out.kind]++
		total[out.kind]++
		if !out.kind.differs() {
			continue
		}
		same = false
		if shown++; shown <= o.limit {
			fmt.Printf("--- %s: %s\n    %s\n%s\n", out.kind, cases[i].name, strings.Join(cases[i].args, " "), out.detail)
		} else {
			fmt.Printf("--- %s: %s\n", out.kind, cases[i].name)
		}
	}
	for _, repo := range repos {
		fmt.Printf("%-44s %s\n", repo, summary(byRepo[repo]))
	}
	fmt.Printf("%-44s %s\n", fmt.Sprintf("all %d", len(cases)), summary(total))
	return same
}

func summary(counts map[kind]int) string {
	var parts []string
	for _, k := range kinds() {
		if counts[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[k], k))
		}
	}
	return strings.Join(parts, ", ")
}
