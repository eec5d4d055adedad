package e2e_test

import (
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// TestOnlyWhatIsMissing interrupts an operation in the middle: the same command again
// sends what is missing, and not what has been done.
func TestOnlyWhatIsMissing(t *testing.T) {
	for _, op := range killOperations("more=25") {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			k := newKiller(t)
			s := k.session(t)
			s.more = killMore
			k.prepare(s, op)
			first := k.countObjects(func(n int) {
				if n == 15 {
					k.signal(os.Interrupt)
				}
			})
			_, out, err := k.run(s, 0, false, withChart(s, op.args)...)
			if err == nil {
				t.Fatalf("it was not interrupted\n%s", out)
			}
			k.checkClosed(s, out)
			second := k.countObjects(nil)
			if _, out, err := k.run(s, 0, false, withChart(s, op.args)...); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			k.check(s, op.x, "again\n"+out)
			t.Logf("%d objects written before the interruption, %d after", first.Load(), second.Load())
			// Those on their way at the interruption may be written twice.
			if total := first.Load() + second.Load(); total > 31+10 {
				t.Errorf("%d writes of 31 objects", total)
			}
		})
	}
}

// countObjects counts the writes to objects of killChart, and says which one it is.
func (k *killer) countObjects(at func(n int)) *atomic.Int64 {
	var n atomic.Int64
	k.inject(&fault{times: 1 << 30, do: func(k *killer, w http.ResponseWriter, r *http.Request) {
		created := r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/configmaps") || strings.HasSuffix(r.URL.Path, "/deployments"))
		if created || r.Method != http.MethodGet && (strings.Contains(r.URL.Path, "/configmaps/m-") || strings.Contains(r.URL.Path, "/deployments/")) {
			if now := n.Add(1); at != nil {
				at(int(now))
			}
		}
		k.proxy.ServeHTTP(w, r)
	}}, 1)
	return &n
}
