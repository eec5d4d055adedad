//go:build unix

package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func median(list []sample, figure func(sample) float64) float64 {
	return middle(len(list), func(i int) float64 { return figure(list[i]) })
}

// ratio is the median of the ratios of neighbouring runs.
func ratio(a, b []sample, figure func(sample) float64) float64 {
	return middle(len(a), func(i int) float64 { return figure(a[i]) / figure(b[i]) })
}

func middle(n int, figure func(int) float64) float64 {
	figures := make([]float64, n)
	for i := range figures {
		figures[i] = figure(i)
	}
	slices.Sort(figures)
	return figures[n/2]
}

// sectionHead begins the section of the report that is written here.
const sectionHead = "## Repositories\n"

const sectionText = `
Written by ` + "`make bench-repos`" + `: %d runs of both programs in turn, after one of each
that is not counted, with a server on the same machine. The 1st index has %d versions
in %.0f MB, the 2nd %d in %.0f MB; %d packed charts are indexed. "Not seen before"
makes the compact form; for "unchanged" the server answers that the index is the one
that the client has. Times and memory are medians, of the whole process; ratios are
medians of the ratios of neighbouring runs. Both programs printed or wrote the same
bytes, but for times and for what "repo update" says.

- date: %s
- machine: %s/%s, %d cores
- Helm: %s

`

func (b *bench) table() string {
	var t strings.Builder
	t.WriteString("| case | wall, ms | Helm's | times faster | CPU, ms | Helm's | times less | peak, MB | Helm's | of it |\n")
	t.WriteString("| --- |" + strings.Repeat(" ---: |", 9) + "\n")
	wall := func(s sample) float64 { return s.wall.Seconds() * 1000 }
	cpu := func(s sample) float64 { return s.cpu.Seconds() * 1000 }
	size := func(s sample) float64 { return float64(s.peak) / (1 << 20) }
	for _, r := range b.rows {
		fmt.Fprintf(&t, "| %s | %.0f | %.0f | %.1f | %.0f | %.0f | %.1f | %.0f | %.0f | %.2f |\n", r.name,
			median(r.pack, wall), median(r.helm, wall), ratio(r.helm, r.pack, wall),
			median(r.pack, cpu), median(r.helm, cpu), ratio(r.helm, r.pack, cpu),
			median(r.pack, size), median(r.helm, size), ratio(r.pack, r.helm, size))
	}
	return t.String()
}

// writeSection replaces the section in a report, or adds it before the others.
func (b *bench) writeSection(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	helm := "unknown"
	if info, err := buildinfo.ReadFile(b.helm); err == nil {
		helm = info.Main.Version + ", built with " + info.GoVersion
	}
	section := sectionHead + fmt.Sprintf(sectionText, b.runs, b.versions, b.indexSize("one"), 2*b.versions, b.indexSize("two"), b.archives,
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), helm) + b.table()
	return os.WriteFile(path, []byte(withSection(string(text), section)), 0o644)
}

// withSection puts a section into a report: in place of the one of before, or
// before all others.
func withSection(report, section string) string {
	before, rest, found := strings.Cut(report, sectionHead)
	if !found {
		before, rest = report, ""
		if i := strings.Index(report, "\n## "); i >= 0 {
			before, rest = report[:i], report[i:]
		}
	} else if i := strings.Index(rest, "\n## "); i >= 0 {
		rest = rest[i:]
	} else {
		rest = ""
	}
	return strings.TrimRight(before, "\n") + "\n\n" + section + rest
}

// indexSize is how long an index is, in megabytes.
func (b *bench) indexSize(name string) float64 {
	info, err := os.Stat(filepath.Join(b.dir, "www", name, "index.yaml"))
	if err != nil {
		return 0
	}
	return float64(info.Size()) / (1 << 20)
}
