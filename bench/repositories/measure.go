//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is the two programs, what they work with, and what came of it.
type bench struct {
	options
	dir, url string
	progress io.Writer
	rows     []row
}

// row is what came of one case. The samples are in the order of the runs.
type row struct {
	name       string
	pack, helm []sample
	same       bool
}

// sample is what one run took.
type sample struct {
	wall, cpu time.Duration
	// peak is the largest resident size, in bytes.
	peak int64
}

func (b *bench) programs() []string { return []string{b.pack, b.helm} }

// home is the folder in which a program works.
func (b *bench) home(program string) string {
	if program == b.pack {
		return filepath.Join(b.dir, "pack")
	}
	return filepath.Join(b.dir, "helm")
}

// measure runs both programs in turn, after a run of each that does not count.
func (b *bench) measure(ctx context.Context, c testCase) error {
	r := row{name: c.name}
	var said [2][]byte
	for i, program := range b.programs() {
		if _, err := b.run(ctx, program, c); err != nil {
			return err
		}
		var err error
		if said[i], err = os.ReadFile(filepath.Join(b.home(program), orOutput(c.result))); err != nil {
			return err
		}
	}
	r.same = bytes.Equal(timeless(said[0]), timeless(said[1]))
	if !r.same {
		return errors.New("pack does not say what Helm says")
	}
	for i := range b.runs {
		programs := b.programs()
		if i%2 == 1 {
			slices.Reverse(programs)
		}
		for _, program := range programs {
			s, err := b.run(ctx, program, c)
			if err != nil {
				return err
			}
			if program == b.pack {
				r.pack = append(r.pack, s)
			} else {
				r.helm = append(r.helm, s)
			}
		}
	}
	b.rows = append(b.rows, r)
	return nil
}

// orOutput is where the output of a program is, if what counts is not a file.
func orOutput(result string) string {
	if result == "" {
		return "out"
	}
	return result
}

// timeless is a text without the lines that say when it was made.
func timeless(text []byte) []byte {
	lines := slices.DeleteFunc(bytes.SplitAfter(text, []byte("\n")), func(line []byte) bool {
		line = bytes.TrimLeft(line, " -")
		return bytes.HasPrefix(line, []byte("created:")) || bytes.HasPrefix(line, []byte("generated:"))
	})
	return bytes.Join(lines, nil)
}

// run runs a program once.
func (b *bench) run(ctx context.Context, program string, c testCase) (sample, error) {
	home := b.home(program)
	if c.fresh != "" {
		if err := os.Remove(filepath.Join(home, c.fresh)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return sample{}, err
		}
	}
	out, err := os.Create(filepath.Join(home, "out"))
	if err != nil {
		return sample{}, err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, program, c.args...)
	cmd.Dir = home
	// Not the user's settings.
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1"}
	cmd.Stdout = out
	var complaint strings.Builder
	cmd.Stderr = &complaint
	start := time.Now()
	err = cmd.Run()
	s := sample{wall: time.Since(start)}
	if err != nil {
		return s, fmt.Errorf("%s: %w: %s", program, err, complaint.String())
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.peak = int64(usage.Maxrss) //nolint:unconvert // an int32 on some machines
		if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
			s.peak *= 1024 // elsewhere it is counted in kilobytes
		}
	}
	return s, nil
}
