//go:build unix

package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// writeTable writes the rows with a separator between the columns.
func writeTable(w io.Writer, rows []row, left, between, right string) error {
	write := func(cells ...string) error {
		_, err := fmt.Fprintf(w, "%s%s%s\n", left, strings.Join(cells, between), right)
		return err
	}
	heads := []string{"case", "wall, ms", "Helm's", "times faster", "CPU, ms", "Helm's", "times less", "peak, MB", "Helm's", "of it", "output"}
	if err := write(heads...); err != nil {
		return err
	}
	if left != "" {
		rules := make([]string, len(heads))
		for i := range rules {
			rules[i] = "---:"
		}
		rules[0], rules[len(rules)-1] = "---", "---"
		if err := write(rules...); err != nil {
			return err
		}
	}
	for _, r := range rows {
		err := write(r.name,
			ms(r.pack.wall), ms(r.helm.wall), fmt.Sprintf("%.1f", r.wall),
			ms(r.pack.cpu), ms(r.helm.cpu), fmt.Sprintf("%.1f", r.cpu),
			mb(r.pack.peak), mb(r.helm.peak), fmt.Sprintf("%.2f", r.peak),
			string(r.output))
		if err != nil {
			return err
		}
	}
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

func mb(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }

const reportHead = `# pack beside Helm

Written by ` + "`make bench-helm`" + `. Both programs ran in turn, %d times for each
case (at most 3 times for lint), after a run of each that is not counted.
Times and memory are medians, of the whole process; ratios are medians of the
ratios of neighbouring runs. CPU is user and system time. "Same" means that both
printed the same bytes.

- date: %s
- machine: %s/%s, %d cores%s
- pack: built with %s
- Helm: %s
- least peak that can be seen here: %s MB

`

func writeReport(ctx context.Context, o options, p *pair, rows []row) error {
	floor, err := p.least(ctx)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	fmt.Fprintf(&buf, reportHead, o.runs, time.Now().UTC().Format(time.DateOnly),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(),
		goVersion(p.pack), helmVersion(p.helm), mb(floor))
	if err := writeTable(&buf, rows, "| ", " | ", " |"); err != nil {
		return err
	}
	buf.Write(rest(o.out))
	return os.WriteFile(o.out, buf.Bytes(), 0o644)
}

// rest is what the report has of other programs: the section of bench/operations.
func rest(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	i := bytes.Index(text, []byte("\n## "))
	if i < 0 {
		return nil
	}
	return text[i:]
}

// least is the peak of a program that does nothing: a new process starts with
// the memory of the one that made it.
func (p *pair) least(ctx context.Context) (int64, error) {
	nothing, err := abs("true")
	if err != nil {
		return 0, err
	}
	s, _, err := p.run(ctx, nothing, nil, "out")
	return s.peak, err
}

func goVersion(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "an unknown Go"
	}
	return info.GoVersion
}

// helmVersion is the version of the module that Helm was built from, and of Go.
func helmVersion(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "unknown"
	}
	return info.Main.Version + ", built with " + info.GoVersion
}

// processor names the kind of processor, where the system tells it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return " (" + strings.TrimSpace(value) + ")"
		}
	}
	return ""
}
