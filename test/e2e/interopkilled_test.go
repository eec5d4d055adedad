package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestInteropKilledInTurn kills pack at its writes, and Helm goes on: by the same command
// or, where it sees an operation at work, by what its users do then. And the other way
// round, where pack needs nothing but the same command.
func TestInteropKilledInTurn(t *testing.T) {
	all := tools(t)
	pack := all[0]
	step := stride(9)
	for i, op := range killOperations("more=0") {
		for _, helm := range all[1:] {
			t.Run(op.name+"/pack, then "+helm.name, func(t *testing.T) {
				t.Parallel()
				k := newKiller(t)
				for at := 1 + 2*i%step; k.handedOver(t, op, pack, helm, at); at += step {
					t.Logf("killed at write %d", at)
				}
			})
			t.Run(op.name+"/"+helm.name+", then pack", func(t *testing.T) {
				t.Parallel()
				k := newKiller(t)
				for at := 1 + 2*i%step; k.handedOver(t, op, helm, pack, at); at += step {
					t.Logf("killed at write %d", at)
				}
			})
		}
	}
}

// handedOver has one tool do an operation that is killed after a write, and another one go
// on; it is false when there are not so many writes.
func (k *killer) handedOver(t *testing.T, op killOperation, from, to tool, at int) bool {
	t.Helper()
	s := k.session(t)
	k.prepare(s, op)
	killed, out, err := k.runTool(s, from.path, at, true, withChart(s, op.args)...)
	if !killed {
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", from.name, op.args, err, out)
		}
		return false
	}
	what := fmt.Sprintf("%s killed at write %d, then %s", from.name, at, to.name)
	_, again, err := k.runTool(s, to.path, 0, false, withChart(s, op.args)...)
	if err != nil && to.name != "pack" {
		for _, way := range [][]string{{"rollback", "web"}, {"uninstall", "web", "--no-hooks"}} {
			if _, _, err = k.runTool(s, to.path, 0, false, way...); err == nil {
				break
			}
		}
	}
	finished := strings.Contains(again, "cannot reuse a name that is still in use") || strings.Contains(again, "not found")
	if err != nil && !finished {
		t.Errorf("%s: %v\n%s", what, err, again)
	}
	for _, next := range []tool{to, {"pack", packBinary(t)}} {
		args := withChart(s, []string{"upgrade", "--install", "web", "", "--set", "x=last"})
		if _, out, err := k.runTool(s, next.path, 0, false, args...); err != nil {
			t.Errorf("%s: %s upgrade: %v\n%s\nafter\n%s", what, next.name, err, out, again)
		}
	}
	if to.name == "pack" {
		k.check(s, "last", what+"\n"+again)
	} else {
		k.checkBut(s, "last", what+"\n"+again, "m-one", "m-two", "hook-") // which Helm forgets
	}
	return true
}
