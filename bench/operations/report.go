//go:build unix

package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// sectionHead begins the section of the report that is written here.
const sectionHead = "## Operations on a cluster\n"

const sectionText = `
Written by ` + "`make bench-ops`" + `: %d rounds of both programs in turn on the control plane
of test/controlplane, each in a namespace of its own, without waiting; 100 ConfigMaps and
100 Deployments. Each operation begins when the machine is at rest: the controllers go on
working for seconds on what was written before. Times and memory are medians, ratios are medians of the ratios of
neighbouring rounds. Requests and bytes (sent, received) were counted by a proxy in a
round of their own. The records of lists and histories are those of pack; the first
history is of the release that the rows before are about.

- date: %s
- machine: %s/%s, %d cores
- Helm: %s

`

// table is the table in Markdown.
func (b *bench) table() string {
	var t strings.Builder
	t.WriteString("| operation | wall, ms | Helm's | times faster | CPU, ms | Helm's | times less | peak, MB | Helm's | of it | requests | Helm's | kB | Helm's |\n")
	t.WriteString("| --- |" + strings.Repeat(" ---: |", 13) + "\n")
	for _, name := range b.order {
		pack, helm := b.samples[name][b.pack], b.samples[name][b.helm]
		wall := func(s sample) float64 { return s.wall.Seconds() * 1000 }
		cpu := func(s sample) float64 { return s.cpu.Seconds() * 1000 }
		size := func(s sample) float64 { return float64(s.peak) / (1 << 20) }
		p, h := b.costs[name][b.pack], b.costs[name][b.helm]
		fmt.Fprintf(&t, "| %s | %.0f | %.0f | %.1f | %.0f | %.0f | %.1f | %.0f | %.0f | %.2f | %d | %d | %s | %s |\n", name,
			median(pack, wall), median(helm, wall), ratio(helm, pack, wall),
			median(pack, cpu), median(helm, cpu), ratio(helm, pack, cpu),
			median(pack, size), median(helm, size), ratio(pack, helm, size),
			p.requests, h.requests, p.bytes(), h.bytes())
	}
	return t.String()
}

func (c cost) bytes() string { return fmt.Sprintf("%d, %d", c.sent>>10, c.received>>10) }

func median(list []sample, figure func(sample) float64) float64 {
	figures := make([]float64, len(list))
	for i, s := range list {
		figures[i] = figure(s)
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}

func ratio(a, b []sample, figure func(sample) float64) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = figure(a[i]) / figure(b[i])
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// writeSection replaces the section in a report, or adds it.
func (b *bench) writeSection(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, _, _ := strings.Cut(string(text), sectionHead)
	helm := "unknown"
	if info, err := buildinfo.ReadFile(b.helm); err == nil {
		helm = info.Main.Version + ", built with " + info.GoVersion
	}
	section := sectionHead + fmt.Sprintf(sectionText, b.runs, time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), helm)
	return os.WriteFile(path, []byte(strings.TrimRight(before, "\n")+"\n\n"+section+b.table()), 0o644)
}
