package e2e_test

import (
	"strings"
	"testing"
)

// TestTwoReleasesClaimOneObject holds back the write by which a release creates an object
// until another release has created it: it stays the other's, whatever the first does.
func TestTwoReleasesClaimOneObject(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"true", "false"} {
		t.Run("server side "+method, func(t *testing.T) {
			t.Parallel()
			k := newKiller(t)
			s := k.session(t)
			g := k.holdBack("/configmaps/m-c")
			if method == "false" {
				g = k.holdBack("/configmaps")
			}
			install := []string{"upgrade", "--install", "--server-side=" + method, "--no-hooks", "slow", s.chart, "--set", "x=slow"}
			slow := s.background(install...)
			<-g.come
			fast := append([]string{}, install...)
			fast[4], fast[7] = "fast", "x=fast"
			// What the slow one has created already is given up first.
			out, err := s.start("", append(fast, "--take-ownership"))
			close(g.open)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if out, err := slow.wait(t); err == nil || !strings.Contains(out, `current value is "fast"`) {
				t.Errorf("%v\n%s", err, out)
			}
			if out, err := s.start("", install); err == nil || !strings.Contains(out, `current value is "fast"`) {
				t.Errorf("again: %v\n%s", err, out)
			}
			if out, err := s.start("", []string{"uninstall", "slow"}); err != nil {
				t.Errorf("uninstall: %v\n%s", err, out)
			}
			k.check(s, "fast", "after the other was uninstalled")
		})
	}
}
