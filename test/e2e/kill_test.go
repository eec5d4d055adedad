package e2e_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killMore makes 30 objects of killChart.
const killMore = 25

// TestKilledAtEveryWrite kills pack at each write of each operation on a release of 30
// objects, before the write arrives and after it, and runs the same command again: it
// succeeds without any repair, one revision is deployed, and the objects are those of
// that revision. PACK_FAULTS=all tries every write; otherwise some are left out.
func TestKilledAtEveryWrite(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each write takes minutes")
	}
	step := stride(6)
	for i, op := range killOperations("more=" + strconv.Itoa(killMore)) {
		for j, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/after %v", op.name, after), func(t *testing.T) {
				t.Parallel()
				k := newKiller(t)
				for at := 1 + (2*i+j)%step; k.once(t, op, at, after); at += step {
					t.Logf("killed at write %d", at)
				}
			})
		}
	}
}

// stride is the distance of the positions that are tried: some, or every one with
// PACK_FAULTS=all.
func stride(usual int) int {
	if os.Getenv("PACK_FAULTS") == "all" {
		return 1
	}
	return usual
}

// killOperation is one that something happens to; before are those that lead up to it.
type killOperation struct {
	name   string
	before [][]string
	args   []string
	// x is the value of the revision that is there in the end; empty for none.
	x string
	// way is how it is done.
	way way
}

// killOperations are those on a release of killChart with a value for --set.
func killOperations(set string) []killOperation {
	deploy := func(x string) []string {
		return []string{"upgrade", "--install", "web", "", "--wait", "--set", set, "--set", "x=" + x}
	}
	return []killOperation{
		{name: "install", args: []string{"install", "web", "", "--wait", "--set", set, "--set", "x=one"}, x: "one"},
		{name: "upgrade", before: [][]string{deploy("one")}, args: deploy("two"), x: "two"},
		{name: "rollback", before: [][]string{deploy("one"), deploy("two")}, args: []string{"rollback", "web", "--wait"}, x: "one"},
		{name: "uninstall", before: [][]string{deploy("one"), deploy("two")}, args: []string{"uninstall", "web", "--wait"}},
	}
}

// prepare runs what leads up to an operation.
func (k *killer) prepare(s *session, op killOperation) {
	s.t.Helper()
	s.extra = op.way.extra
	for name, text := range op.way.files {
		s.write(name, text)
	}
	if op.way.before != nil {
		op.way.before(s)
	}
	for _, args := range op.before {
		if _, out, err := k.run(s, 0, false, withChart(s, args)...); err != nil {
			s.t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

// once does an operation that is killed at one write; it is false when there are
// not so many.
func (k *killer) once(t *testing.T, op killOperation, at int, after bool) bool {
	t.Helper()
	s, args, x := k.session(t), op.args, op.x
	if op.way.name == "" {
		s.more = killMore
	}
	k.prepare(s, op)
	killed, out, err := k.run(s, at, after, withChart(s, args)...)
	if !killed {
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return false
	}
	began := time.Now()
	_, out, err = k.run(s, 0, false, withChart(s, args)...)
	// What was done to its end cannot be done again.
	ended := after || op.way.tail
	finished := ended && (strings.Contains(out, "cannot reuse a name that is still in use") || strings.Contains(out, "release: not found"))
	if err != nil && !finished {
		t.Errorf("write %d, after %v: again: %v\n%s", at, after, err, out)
	}
	if d := time.Since(began); d > time.Minute {
		t.Errorf("write %d, after %v: again took %v", at, after, d)
	}
	if ended && args[0] == "rollback" && strings.Contains(s.run(tool{"pack", packBinary(t)}, "history", "web"), "Rollback to 2") {
		x = "two" // the first had come to its end, so this is the next step back
	}
	k.check(s, x, fmt.Sprintf("write %d, after %v", at, after))
	return true
}

// TestInteropHelmKilled kills Helm in the middle of an upgrade. Pack's next upgrade
// says whose record it waits for, and takes the release over.
func TestInteropHelmKilled(t *testing.T) {
	helm := os.Getenv("HELM4")
	if helm == "" {
		t.Skip("HELM4 names no binary; `make interop` builds one")
	}
	k := newKiller(t)
	s := k.session(t)
	deploy := func(x string) []string {
		return []string{"upgrade", "--install", "web", s.chart, "--set", "x=" + x}
	}
	if _, out, err := k.runTool(s, helm, 0, false, deploy("one")...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if killed, out, _ := k.runTool(s, helm, 6, true, deploy("two")...); !killed {
		t.Fatalf("helm ended first\n%s", out)
	}
	_, out, err := k.run(s, 0, false, deploy("three")...)
	if err != nil || !strings.Contains(out, "such as Helm") {
		t.Errorf("%v\n%s", err, out)
	}
	k.check(s, "three", "after Helm was killed")
}
