package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// running is a pack that runs beside the test.
type running struct {
	cmd *exec.Cmd
	out *strings.Builder
	end chan error
}

func (s *session) background(args ...string) *running {
	s.t.Helper()
	r := &running{out: &strings.Builder{}, end: make(chan error, 1)}
	r.cmd = exec.CommandContext(s.t.Context(), packBinary(s.t), append(args, "--namespace", s.namespace)...)
	r.cmd.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+s.home, "USER=somebody")
	r.cmd.Stdout, r.cmd.Stderr = r.out, r.out
	if err := r.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { r.end <- r.cmd.Wait() }()
	return r
}

// wait returns what it printed and how it ended.
func (r *running) wait(t *testing.T) (string, error) {
	t.Helper()
	select {
	case err := <-r.end:
		return r.out.String(), err
	case <-time.After(3 * time.Minute):
		_ = r.cmd.Process.Kill()
		err := <-r.end
		t.Errorf("%v did not end\n%s", r.cmd.Args, r.out.String())
		return r.out.String(), err
	}
}

// gate holds back the requests of a kind, and says when the first one came.
type gate struct {
	come, open chan struct{}
	once       sync.Once
}

// holdBack has the first write to an object of that path's end wait.
func (k *killer) holdBack(suffix string) *gate {
	g := &gate{come: make(chan struct{}), open: make(chan struct{})}
	k.inject(&fault{times: 1 << 30, do: func(k *killer, w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && strings.HasSuffix(r.URL.Path, suffix) {
			first := false
			g.once.Do(func() { first = true; close(g.come) })
			if first {
				<-g.open
			}
		}
		k.proxy.ServeHTTP(w, r)
	}}, 1)
	return g
}

// TestHolderStopped stops a holder with SIGSTOP in the middle of its work. Another
// operation takes over, and the first one, when it goes on, says so and overwrites
// nothing.
func TestHolderStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits until a lease has ended")
	}
	t.Parallel()
	k := newKiller(t)
	s := k.session(t)
	k.prepare(s, killOperations("more=0")[1])
	g := k.holdBack("/configmaps/m-b")
	first := s.background("upgrade", "web", s.chart, "--set", "x=stopped")
	<-g.come
	// The writes beside it have to be over: one that the program has decided on
	// and not sent yet would be sent when it goes on.
	time.Sleep(500 * time.Millisecond)
	stop(t, first, syscall.SIGSTOP)
	close(g.open)
	if out, err := s.start("2m", []string{"upgrade", "web", "", "--set", "x=three"}); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	k.checkBut(s, "three", "while the first is stopped", "m-stopped")
	stop(t, first, syscall.SIGCONT)
	out, err := first.wait(t)
	if err == nil || strings.Count(out, "taken over by another operation") != 1 {
		t.Errorf("%v\n%s", err, out)
	}
	k.check(s, "three", "after the first went on\n"+out)
	k.checkKnown(s, "after the first went on")
}

func stop(t *testing.T, r *running, sig syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// TestOutageLongerThanTheLease has the server away for longer than a record is held,
// with one upgrade at work and another one that waits: they take turns.
func TestOutageLongerThanTheLease(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits until a lease has ended")
	}
	t.Parallel()
	k := newKiller(t)
	s := k.session(t)
	k.prepare(s, killOperations("more=0")[1])
	g := k.holdBack("/configmaps/m-b")
	first := s.background("upgrade", "web", s.chart, "--set", "x=two")
	<-g.come
	second := s.background("upgrade", "web", s.chart, "--set", "x=three", "--wait-for-lock", "2m")
	time.Sleep(2 * time.Second)
	k.inject(&fault{times: 1 << 30, do: abort(false)}, 1)
	close(g.open)
	time.Sleep(18 * time.Second)
	k.inject(nil, 0)
	out, err := first.wait(t)
	if err != nil {
		t.Errorf("first: %v\n%s", err, out)
	}
	if !strings.Contains(out, "does not answer as it should") {
		t.Errorf("nobody was told of the outage\n%s", out)
	}
	if out, err := second.wait(t); err != nil {
		t.Errorf("second: %v\n%s", err, out)
	}
	if got := lastValue(t, s, 3); got != "three" {
		t.Errorf("the last value is %s", got)
	}
	k.check(s, "three", "after the outage")
}

// TestInterruptedWhileItWaits ends an operation that waits for the lock: it says so, and
// the holder is not disturbed.
func TestInterruptedWhileItWaits(t *testing.T) {
	t.Parallel()
	k := newKiller(t)
	s := k.session(t)
	k.prepare(s, killOperations("more=0")[1])
	g := k.holdBack("/configmaps/m-b")
	first := s.background("upgrade", "web", s.chart, "--set", "x=two")
	<-g.come
	for _, args := range [][]string{
		{"upgrade", "web", s.chart}, {"rollback", "web"}, {"uninstall", "web"},
	} {
		second := s.background(append(args, "--wait-for-lock", "2m")...)
		time.Sleep(time.Second)
		stop(t, second, syscall.SIGTERM)
		began := time.Now()
		out, err := second.wait(t)
		if err == nil || !strings.Contains(out, "context canceled") || time.Since(began) > 5*time.Second {
			t.Errorf("%v: %v after %v\n%s", args, err, time.Since(began), out)
		}
	}
	close(g.open)
	if out, err := first.wait(t); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	k.check(s, "two", "after others were interrupted")
}
