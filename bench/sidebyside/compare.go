//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
)

// comparison says how the output of pack relates to Helm's.
type comparison string

const (
	same        comparison = "same"
	sameMasked  comparison = "same, random lines apart"
	differs     comparison = "differs"
	notCompared comparison = "not compared"
)

// compare runs Helm twice and pack once. A line that Helm prints differently
// each time is random, and pack's may be anything.
func (p *pair) compare(ctx context.Context, c testCase) (comparison, error) {
	var codes [3]int
	outs := [3]string{"helm1", "helm2", "pack1"}
	for i, program := range []string{p.helm, p.helm, p.pack} {
		var err error
		if _, codes[i], err = p.run(ctx, program, c.args, outs[i]); err != nil {
			return "", err
		}
	}
	if codes[0] != 0 && !c.free && c.args[0] == "template" {
		return "", errors.New("the chart is none that Helm renders")
	}
	if c.free {
		return notCompared, nil
	}
	if codes[2] != codes[0] {
		return differs, nil
	}
	return p.compareFiles(outs)
}

func (p *pair) compareFiles(names [3]string) (comparison, error) {
	var readers [3]*bufio.Reader
	for i, name := range names {
		f, err := os.Open(p.path(name))
		if err != nil {
			return "", err
		}
		defer f.Close()
		readers[i] = bufio.NewReader(f)
	}
	result := same
	for {
		var lines [3]string
		ended := 0
		for i, r := range readers {
			line, err := r.ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return "", err
			}
			if err != nil && line == "" {
				ended++
			}
			lines[i] = line
		}
		switch {
		case ended == len(readers):
			return result, nil
		case ended > 0:
			return differs, nil
		case lines[0] != lines[1]:
			result = sameMasked
		case lines[0] != lines[2]:
			return differs, nil
		}
	}
}
