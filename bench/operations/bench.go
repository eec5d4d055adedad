//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
)

// sample is what one run took; peak is the largest resident size in bytes.
type sample struct {
	wall, cpu time.Duration
	peak      int64
}

// bench is a run of all measurements.
type bench struct {
	options

	dir      string
	cluster  *testcluster.Cluster
	progress io.Writer
	// order are the names of the rows, samples and costs theirs by program.
	order   []string
	samples map[string]map[string][]sample
	costs   map[string]map[string]cost
}

// operation is one row of the table.
type operation struct {
	name string
	args []string
}

// sequence is what is done to one release after the other, in one namespace.
func (b *bench) sequence() []operation {
	large, small := filepath.Join(b.dir, "large"), filepath.Join(b.dir, "small")
	return []operation{
		{"install", []string{"install", "web", large}},
		{"upgrade that changes nothing", []string{"upgrade", "web", large}},
		{"upgrade of one object", []string{"upgrade", "web", large, "--set", "one=2"}},
		{"upgrade of all", []string{"upgrade", "web", large, "--set", "one=2,all=2"}},
		{"status", []string{"status", "web"}},
		{"rollback", []string{"rollback", "web", "1"}},
		{"uninstall", []string{"uninstall", "web"}},
		{"install of 10 + 10", []string{"install", "small", small}},
	}
}

func (b *bench) measure(ctx context.Context) error {
	for name, n := range map[string]int{"large": 100, "small": 10} {
		if err := writeChart(filepath.Join(b.dir, name), n); err != nil {
			return err
		}
	}
	ops := b.sequence()
	for _, op := range ops {
		b.order = append(b.order, op.name)
	}
	for i := range b.runs + 1 {
		for _, program := range b.programs(i) {
			fmt.Fprintf(b.progress, "round %d of %d: %s\n", i, b.runs, filepath.Base(program))
			if err := b.round(ctx, program, fmt.Sprintf("r%d-%s", i, filepath.Base(program)), ops, i == 0); err != nil {
				return err
			}
		}
	}
	if b.releases == 0 {
		return nil
	}
	return b.lists(ctx)
}

// programs are both, in an order that changes from round to round.
func (b *bench) programs(round int) []string {
	if round%2 == 1 {
		return []string{b.pack, b.helm}
	}
	return []string{b.helm, b.pack}
}

// round does all operations once, with one program in a namespace of its own. The
// first round is that in which requests are counted, and not timed.
func (b *bench) round(ctx context.Context, program, namespace string, ops []operation, counted bool) error {
	if err := b.makeNamespace(ctx, namespace); err != nil {
		return err
	}
	for _, op := range ops {
		if err := settle(ctx); err != nil {
			return err
		}
		if err := b.once(ctx, program, namespace, op, counted); err != nil {
			return err
		}
	}
	return b.cluster.Do(ctx, http.MethodDelete, "/api/v1/namespaces/"+namespace, nil, nil)
}

func (b *bench) makeNamespace(ctx context.Context, name string) error {
	in := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
	return b.cluster.Do(ctx, http.MethodPost, "/api/v1/namespaces", in, nil)
}

// once runs a program, and notes what it took or what it cost.
func (b *bench) once(ctx context.Context, program, namespace string, op operation, counted bool) error {
	kubeconfig := b.cluster.Kubeconfig()
	var c *counter
	if counted {
		var err error
		if c, err = newCounter(b.cluster, b.dir); err != nil {
			return err
		}
		defer c.close()
		kubeconfig = c.kubeconfig
	}
	cmd := b.command(ctx, program, namespace, kubeconfig, op.args...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), op.name, err, out)
	}
	if counted {
		put(b.costs, op.name, program, c.cost())
		return nil
	}
	s := sample{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak: peak(cmd.ProcessState)}
	put(b.samples, op.name, program, append(b.samples[op.name][program], s))
	return nil
}

func (b *bench) command(ctx context.Context, program, namespace, kubeconfig string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, append(slices.Clone(args), "--namespace", namespace)...)
	cmd.Env = []string{"HOME=" + b.dir, "PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + kubeconfig, "NO_COLOR=1"}
	return cmd
}

func put[T any](m map[string]map[string]T, row, program string, value T) {
	if m[row] == nil {
		m[row] = map[string]T{}
	}
	m[row][program] = value
}

// peak is the largest resident size of a process, in bytes.
func peak(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	size := int64(usage.Maxrss) //nolint:unconvert // an int32 on some machines
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
		size *= 1024
	}
	return size
}
