package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestTenAtOnce has ten processes upgrade one release: with --wait-for-lock each in
// its turn, without it each or an error that names who was faster.
func TestTenAtOnce(t *testing.T) {
	k := newKiller(t)
	for _, wait := range []bool{true, false} {
		t.Run("wait "+strconv.FormatBool(wait), func(t *testing.T) {
			s := k.session(t)
			var wg sync.WaitGroup
			var mu sync.Mutex
			succeeded := 0
			for i := range 10 {
				wg.Go(func() {
					args := []string{"upgrade", "--install", "web", s.chart, "--set", "x=v" + strconv.Itoa(i), "--namespace", s.namespace}
					if wait {
						args = append(args, "--wait-for-lock", "2m")
					}
					cmd := exec.CommandContext(t.Context(), packBinary(t), args...)
					cmd.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+s.home, "USER=somebody")
					out, err := cmd.CombinedOutput()
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						succeeded++
						return
					}
					text := string(out)
					refused := strings.Contains(text, "another operation (install/upgrade/rollback) is in progress")
					// Who was faster may have come to the end before it could be asked who it was.
					named := strings.Contains(text, "held by somebody@") || strings.Contains(text, "at the same moment")
					if wait || !refused || !named {
						t.Errorf("%v: %s", err, text)
					}
				})
			}
			wg.Wait()
			if wait && succeeded != 10 || succeeded < 1 {
				t.Errorf("%d succeeded", succeeded)
			}
			x := lastValue(t, s, succeeded)
			k.check(s, x, "ten at once")
		})
	}
}

// lastValue is the value of the newest revision, whose number is that of the
// upgrades that succeeded.
func lastValue(t *testing.T, s *session, revisions int) string {
	t.Helper()
	pack := tool{"pack", packBinary(t)}
	var history []struct {
		Revision int
		Status   string
	}
	if err := json.Unmarshal([]byte(s.run(pack, "history", "web", "-o", "json", "--max", "100")), &history); err != nil {
		t.Fatal(err)
	}
	for i, h := range history {
		if h.Revision != i+1 {
			t.Errorf("history %+v", history)
		}
	}
	if len(history) != revisions {
		t.Errorf("%d revisions, want %d", len(history), revisions)
	}
	var user map[string]string
	if err := json.Unmarshal([]byte(s.run(pack, "get", "values", "web", "-o", "json")), &user); err != nil {
		t.Fatal(err)
	}
	return user["x"]
}
