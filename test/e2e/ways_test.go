package e2e_test

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// way is one of the ways to do the operations on a release of killChart.
type way struct {
	name string
	// files are more of the chart, which has their ConfigMaps, extra, besides.
	files map[string]string
	extra []string
	// deploy are flags for install and upgrade, the others for those alone.
	deploy, upgrade, rollback []string
	// tail: something is written when an operation has come to its end already, and goes
	// by itself if it is not: old revisions and parts of records.
	tail bool
	// before makes what is there before the release.
	before func(s *session)
}

// immutableMap is an object whose fields cannot be changed.
const immutableMap = `
apiVersion: v1
kind: ConfigMap
metadata: {name: z-fixed}
immutable: true
data: {x: {{ .Values.x }}}
`

// ways are those that send other requests than the usual one does.
func ways(t *testing.T) []way {
	t.Helper()
	clientSide := []string{"--server-side=false"}
	replace := []string{"--server-side=false", "--force-replace"}
	recreate := []string{"--recreate", "ConfigMap/z-fixed"}
	return []way{
		{name: "client-side", deploy: clientSide, rollback: clientSide},
		{name: "replace", deploy: replace, rollback: replace},
		{
			name: "recreate", deploy: recreate, rollback: recreate,
			files: map[string]string{"templates/fixed.yaml": immutableMap}, extra: []string{"z-fixed"},
		},
		{
			name: "recreate, replace", deploy: slices.Concat(replace, recreate), rollback: slices.Concat(replace, recreate),
			files: map[string]string{"templates/fixed.yaml": immutableMap}, extra: []string{"z-fixed"},
		},
		{name: "no history", tail: true, upgrade: []string{"--history-max", "1"}, rollback: []string{"--history-max", "1"}},
		{name: "large", tail: true, files: largeFiles(t), extra: []string{"z-large0", "z-large1"}},
		{name: "take over", deploy: []string{"--take-ownership", "--force-conflicts"}, before: foreign},
		{name: "take over client-side", deploy: []string{"--take-ownership", "--server-side=false"}, rollback: clientSide, before: foreign},
		{name: "rollback on failure", deploy: []string{"--rollback-on-failure"}},
	}
}

// foreign makes objects of the release's names that are not its own.
func foreign(s *session) {
	s.t.Helper()
	for _, name := range []string{"m-a", "m-c"} {
		object := map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]string{"x": "foreign"},
			"metadata": map[string]any{"name": name, "annotations": map[string]string{"meta.helm.sh/release-name": "other"}},
		}
		if err := cluster(s.t).Do(s.t.Context(), http.MethodPost, "/api/v1/namespaces/"+s.namespace+"/configmaps", object, nil); err != nil {
			s.t.Fatal(err)
		}
	}
}

// largeFiles make a record of several parts.
func largeFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for i := range 2 {
		data := make([]byte, 480<<10)
		if _, err := rand.Read(data); err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("templates/z%d.yaml", i)] = fmt.Sprintf(`
apiVersion: v1
kind: ConfigMap
metadata: {name: z-large%d}
data: {x: {{ .Values.x }}, y: %s}
`, i, hex.EncodeToString(data))
	}
	return files
}

// in is the operation, done in that way.
func (op killOperation) in(w way) killOperation {
	flagged := func(args []string) []string {
		switch args[0] {
		case "install":
			return slices.Concat(args, w.deploy)
		case "upgrade":
			return slices.Concat(args, w.deploy, w.upgrade)
		case "rollback":
			return slices.Concat(args, w.rollback)
		}
		return args
	}
	before := [][]string{}
	for _, args := range op.before {
		before = append(before, flagged(args))
	}
	op.before, op.args, op.way = before, flagged(op.args), w
	return op
}

// to1 has a rollback go to revision 1, also when it is run again after its end.
func (op killOperation) to1() killOperation {
	if op.args[0] == "rollback" {
		op.args = append([]string{"rollback", "web", "1"}, op.args[2:]...)
	}
	return op
}

// sigterm is the interruption that is tried in every way.
var sigterm = interruption{
	name: "SIGTERM", wants: "The command was interrupted",
	do: func(k *killer, _ *http.Request) { k.signal(syscall.SIGTERM) },
}

// TestKilledInEveryWay kills pack while it works in the ways that are not the usual one.
// PACK_FAULTS=all kills it at every write, has requests fail and interrupts it besides.
func TestKilledInEveryWay(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each fault takes minutes")
	}
	step := stride(17)
	all := step == 1
	for i, w := range ways(t) {
		for j, op := range killOperations("more=0") {
			op := op.in(w)
			for _, after := range []bool{false, true} {
				if !all && after != ((i+j)%2 == 0) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/after %v", w.name, op.name, after), func(t *testing.T) {
					t.Parallel()
					k := newKiller(t)
					for at := 1 + (5*i+3*j)%step; k.once(t, op, at, after); at += step {
						t.Logf("killed at write %d", at)
					}
				})
			}
			if all {
				faultsIn(t, op)
			}
		}
	}
}

// faultsIn has requests of an operation fail, and interrupts it.
func faultsIn(t *testing.T, op killOperation) {
	t.Helper()
	for _, f := range faults {
		if f.slow || f.http2 || strings.HasPrefix(f.name, "429") || strings.HasPrefix(f.name, "50") {
			continue // which is the same in every way
		}
		t.Run(fmt.Sprintf("%s/%s/%s", op.way.name, op.name, f.name), func(t *testing.T) {
			t.Parallel()
			k := newKiller(t)
			for at := 1; k.faulty(t, op.to1(), f, at); at += 3 {
				t.Logf("%s at request %d", f.name, at)
			}
		})
	}
	t.Run(fmt.Sprintf("%s/%s/%s", op.way.name, op.name, sigterm.name), func(t *testing.T) {
		t.Parallel()
		k := newKiller(t)
		for at := 1; k.interrupted(t, op, sigterm, at); at += 3 {
			t.Logf("interrupted at request %d", at)
		}
	})
}
