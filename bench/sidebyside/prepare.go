//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/bench/internal/charts"
)

const largeValues = "large.yaml"

// prepare makes all charts in dir; public ones are copies of those below the
// folder source.
func prepare(dir, source string, notes io.Writer) error {
	made, err := generated()
	if err != nil {
		return err
	}
	for name, files := range made {
		if err := files.Write(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, largeValues), []byte(charts.LargeValues(5<<20)), 0o644); err != nil {
		return err
	}
	if source == "" {
		return nil
	}
	lib, err := newLibrary(source, notes)
	if err != nil {
		return err
	}
	for _, c := range publicCharts() {
		if err := lib.assemble(c, filepath.Join(dir, c.name)); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func generated() (map[string]charts.Files, error) {
	created, err := charts.Created("created")
	if err != nil {
		return nil, err
	}
	umbrella, err := charts.Umbrella(40)
	if err != nil {
		return nil, err
	}
	return map[string]charts.Files{
		"trivial":    charts.Trivial(),
		"created":    created,
		"umbrella":   umbrella,
		"many":       charts.Many(2000),
		"tpl":        charts.Tpl(500, 200),
		"tpl-double": charts.Tpl(1000, 400),
		"large":      charts.Large(),
		"documents":  charts.Documents(10_000),
	}, nil
}
