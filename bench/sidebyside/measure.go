//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// sample is what one run took.
type sample struct {
	wall, cpu time.Duration
	// peak is the largest resident size, in bytes.
	peak int64
}

// pair is the two programs that are compared.
type pair struct {
	pack, helm string
	dir        string
	runs       int
}

func newPair(dir string, o options) (*pair, error) {
	p := &pair{dir: dir, runs: o.runs}
	var err error
	if p.pack, err = abs(o.pack); err != nil {
		return nil, err
	}
	if p.helm, err = abs(o.helm); err != nil {
		return nil, err
	}
	return p, os.Mkdir(p.path("home"), 0o700)
}

func (p *pair) path(name string) string { return filepath.Join(p.dir, name) }

// row is what came of one case.
type row struct {
	name       string
	pack, helm sample
	// wall, cpu and peak are medians of the ratios of neighbouring runs: Helm's
	// time by pack's, pack's memory by Helm's.
	wall, cpu, peak float64
	output          comparison
}

// measure runs both programs in turn, so that what slows the machine down slows
// both.
func (p *pair) measure(ctx context.Context, c testCase) (row, error) {
	runs := p.runs
	if c.runs > 0 {
		runs = min(runs, c.runs)
	}
	r := row{name: c.name}
	var err error
	if r.output, err = p.compare(ctx, c); err != nil { // and warm up
		return r, err
	}
	var pack, helm []sample
	for i := range runs {
		programs := []string{p.pack, p.helm}
		if i%2 == 1 {
			slices.Reverse(programs)
		}
		for _, program := range programs {
			s, _, err := p.run(ctx, program, c.args, "out")
			if err != nil {
				return r, err
			}
			if program == p.pack {
				pack = append(pack, s)
			} else {
				helm = append(helm, s)
			}
		}
	}
	r.pack, r.helm = medianSample(pack), medianSample(helm)
	r.wall = medianRatio(helm, pack, func(s sample) float64 { return s.wall.Seconds() })
	r.cpu = medianRatio(helm, pack, func(s sample) float64 { return s.cpu.Seconds() })
	r.peak = medianRatio(pack, helm, func(s sample) float64 { return float64(s.peak) })
	return r, nil
}

// run runs a program once, with its output in a file of that name, and returns
// its exit code.
func (p *pair) run(ctx context.Context, program string, args []string, out string) (sample, int, error) {
	f, err := os.Create(p.path(out))
	if err != nil {
		return sample{}, 0, err
	}
	defer f.Close()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = p.path("home")
	// Neither the user's settings nor a cluster.
	cmd.Env = []string{"HOME=" + cmd.Dir, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1"}
	cmd.Stdout = f
	start := time.Now()
	err = cmd.Run()
	s := sample{wall: time.Since(start)}
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() < 0 {
		return s, 0, fmt.Errorf("%s: %w", program, err)
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.peak = peak(cmd.ProcessState)
	return s, cmd.ProcessState.ExitCode(), nil
}

// peak is the largest resident size of a process, in bytes.
func peak(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	size := int64(usage.Maxrss) //nolint:unconvert // an int32 on some machines
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
		size *= 1024 // elsewhere it is counted in kilobytes
	}
	return size
}

func medianSample(list []sample) sample {
	return sample{
		wall: time.Duration(median(list, func(s sample) float64 { return float64(s.wall) })),
		cpu:  time.Duration(median(list, func(s sample) float64 { return float64(s.cpu) })),
		peak: int64(median(list, func(s sample) float64 { return float64(s.peak) })),
	}
}

func median[T any](list []T, figure func(T) float64) float64 {
	figures := make([]float64, len(list))
	for i, x := range list {
		figures[i] = figure(x)
	}
	slices.Sort(figures)
	mid := len(figures) / 2
	if len(figures)%2 == 0 {
		return (figures[mid-1] + figures[mid]) / 2
	}
	return figures[mid]
}

// medianRatio is the median of a[i] by b[i].
func medianRatio(a, b []sample, figure func(sample) float64) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = figure(a[i]) / figure(b[i])
	}
	return median(ratios, func(x float64) float64 { return x })
}
