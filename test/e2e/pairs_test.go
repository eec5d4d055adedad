package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTwoAtOnce runs two operations on one release at the same time, the second a
// little later each time: each succeeds or says why not, and there is never an object
// that no record knows.
func TestTwoAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("pairs of processes take a minute")
	}
	upgrade := []string{"upgrade", "--install", "web", "", "--set", "x=three"}
	deployed := killOperations("more=0")[3].before
	for _, pair := range []struct {
		name          string
		before        [][]string
		first, second []string
	}{
		{"upgrade and uninstall", deployed, upgrade, []string{"uninstall", "web"}},
		{"uninstall and upgrade", deployed, []string{"uninstall", "web"}, upgrade},
		{"uninstall and uninstall", deployed, []string{"uninstall", "web"}, []string{"uninstall", "web"}},
		{"install and install", nil, []string{"install", "web", "", "--set", "x=one"}, []string{"install", "web", "", "--set", "x=two"}},
		{"rollback and upgrade", deployed, []string{"rollback", "web", "1"}, upgrade},
		{"rollback and uninstall", deployed, []string{"rollback", "web", "1"}, []string{"uninstall", "web"}},
	} {
		for _, lock := range []string{"", "1m"} {
			t.Run(pair.name+"/wait for lock "+lock, func(t *testing.T) {
				t.Parallel()
				k := newKiller(t)
				for i := 0; i < 40; i += stride(10) {
					s := k.session(t)
					k.prepare(s, killOperation{before: pair.before})
					later := time.Duration(i) * 20 * time.Millisecond
					k.two(s, pair.first, pair.second, lock, later)
				}
			})
		}
	}
}

// two runs two operations at once and checks what is left.
func (k *killer) two(s *session, first, second []string, lock string, later time.Duration) {
	s.t.Helper()
	var outs [2]string
	var errs [2]error
	var wg sync.WaitGroup
	for i, args := range [][]string{first, second} {
		wg.Go(func() {
			time.Sleep(time.Duration(i) * later)
			outs[i], errs[i] = s.start(lock, args)
		})
	}
	wg.Wait()
	what := fmt.Sprintf("%v later\n%v\n%s\n%v\n%s", later, errs[0], outs[0], errs[1], outs[1])
	if errs[0] != nil && errs[1] != nil {
		s.t.Errorf("%s: neither succeeded", what)
	}
	for i, err := range errs {
		if err != nil && !toldWhy(outs[i], lock != "") {
			s.t.Errorf("%s: the error does not say who was faster", what)
		}
	}
	k.checkClosed(s, what)
	k.checkKnown(s, what)
	if _, out, err := k.run(s, 0, false, withChart(s, []string{"upgrade", "--install", "web", "", "--set", "x=last"})...); err != nil {
		s.t.Errorf("%s: afterwards: %v\n%s", what, err, out)
	}
	k.check(s, "last", what)
}

// toldWhy says whether an error is one that a second operation may end with.
func toldWhy(out string, waited bool) bool {
	for _, words := range []string{"not found", "cannot reuse a name", "has no deployed releases", "already deleted"} {
		if strings.Contains(out, words) {
			return true
		}
	}
	return !waited && strings.Contains(out, "another operation (install/upgrade/rollback) is in progress")
}

// start runs pack, possibly waiting for the lock, and returns what it printed.
func (s *session) start(lock string, args []string) (string, error) {
	args = append(withChart(s, args), "--namespace", s.namespace)
	if lock != "" {
		args = append(args, "--wait-for-lock", lock)
	}
	cmd := exec.CommandContext(s.t.Context(), packBinary(s.t), args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+s.home, "USER=somebody")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
