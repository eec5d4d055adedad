package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// interruption ends an operation from outside at one of its requests.
type interruption struct {
	name string
	// flags are added to the operation.
	flags []string
	// do is called when the request comes, before it is passed on.
	do func(k *killer, r *http.Request)
	// hard: the process ends at once, and may leave its record to the next one.
	hard bool
	// mayEnd: an operation may have come to its end, if not a good one, all the same.
	mayEnd bool
	// wants is a word of the error.
	wants string
}

var interruptions = []interruption{
	{
		name: "SIGINT", wants: "The command was interrupted",
		do: func(k *killer, _ *http.Request) { k.signal(os.Interrupt) },
	},
	{
		name: "SIGTERM", wants: "The command was interrupted",
		do: func(k *killer, _ *http.Request) { k.signal(syscall.SIGTERM) },
	},
	{
		name: "two of them", hard: true, mayEnd: true,
		do: func(k *killer, _ *http.Request) {
			signal := k.signal // of this process, not of a later one
			signal(os.Interrupt)
			time.Sleep(20 * time.Millisecond)
			signal(os.Interrupt)
		},
	},
	{
		name: "a timeout", flags: []string{"--timeout", "1s"}, wants: "deadline", mayEnd: true,
		do: func(_ *killer, r *http.Request) {
			select {
			case <-time.After(3 * time.Second):
			case <-r.Context().Done():
			}
		},
	},
}

// TestInterruptedAtEveryRequest ends each operation at its requests, by signals and by
// a timeout: it says so and fails, or comes to its end; no record is left pending; and
// the same command again goes on. PACK_FAULTS=all tries every request.
func TestInterruptedAtEveryRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each request takes minutes")
	}
	step := stride(11)
	for i, op := range killOperations("more=0") {
		for j, how := range interruptions {
			t.Run(op.name+"/"+how.name, func(t *testing.T) {
				t.Parallel()
				k := newKiller(t)
				for at := 1 + (3*i+2*j)%step; k.interrupted(t, op, how, at); at += step {
					t.Logf("interrupted at request %d (%s)", at, k.injected())
				}
			})
		}
	}
}

// interrupted does an operation that is interrupted at one request; it is false when
// there are not so many.
func (k *killer) interrupted(t *testing.T, op killOperation, how interruption, at int) bool {
	t.Helper()
	s, x := k.session(t), op.x
	k.prepare(s, op)
	k.inject(&fault{times: 1, do: func(k *killer, w http.ResponseWriter, r *http.Request) {
		how.do(k, r)
		k.proxy.ServeHTTP(w, r)
	}}, at)
	began := time.Now()
	_, out, err := k.run(s, 0, false, withChart(s, append(op.args, how.flags...))...)
	what := fmt.Sprintf("request %d (%s)", at, k.injected())
	if !k.inject(nil, 0) {
		return false
	}
	if d := time.Since(began); d > time.Minute {
		t.Errorf("%s: it took %v", what, d)
	}
	if err == nil && how.hard {
		t.Logf("%s: it had ended before the second signal", what)
	}
	if err != nil && !strings.Contains(out, how.wants) {
		t.Errorf("%s: the error does not say %q:\n%s", what, how.wants, out)
	}
	if err != nil && !how.hard {
		k.checkClosed(s, what+"\n"+out)
	}
	if err == nil {
		k.check(s, x, what+"\n"+out)
		return true
	}
	_, again, err := k.run(s, 0, false, withChart(s, op.args)...)
	finished := strings.Contains(again, "cannot reuse a name that is still in use") || strings.Contains(again, "release: not found")
	if err != nil && !finished {
		t.Errorf("%s: again: %v\n%s\nafter\n%s", what, err, again, out)
	}
	if op.name == "rollback" && how.mayEnd && wentBack(s) {
		x = "two"
	}
	k.check(s, x, what+"\n"+out+again)
	return true
}

// wentBack says whether the second rollback went back to what was there before the first,
// as Helm's does: the first had come to its end, or had waited in vain, which is not the
// same as to be cut off.
func wentBack(s *session) bool {
	return strings.Contains(s.run(tool{"pack", packBinary(s.t)}, "history", "web"), "Rollback to 2")
}
