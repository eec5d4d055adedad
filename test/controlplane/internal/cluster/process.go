package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
)

// stopGrace is how long a component may take to end by itself before it is killed. Etcd needs a fraction of it; the API
// server would wait much longer for its watchers, whatever their number.
const stopGrace = time.Second

// process is one run of one component.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	log   *tail
	// done is closed when the process has ended; err says how.
	done chan struct{}
	err  error

	mu       sync.Mutex
	paused   bool
	expected bool
}

// start starts a component; onCrash is called if it ends without having been told to.
func start(binary, configFile, name string, log io.Writer, onCrash func(error)) (*process, error) {
	p := &process{name: name, log: &tail{name: name, out: log}, done: make(chan struct{})}
	p.cmd = exec.Command(binary, "component", name, "--config", configFile)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.SysProcAttr = childAttributes()
	// The component ends when this pipe closes, thus with this process, however that ends.
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
		p.mu.Lock()
		expected := p.expected
		p.mu.Unlock()
		if !expected {
			onCrash(p.crash())
		}
	}()
	return p, nil
}

func (p *process) crash() error {
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	return fmt.Errorf("component %s ended by itself: %s; its last log lines:\n%s", p.name, how, p.log.last())
}

// stop ends the process: gently at first if gentle, else at once. It returns when the process is gone.
func (p *process) stop(gentle bool) error {
	p.mu.Lock()
	p.expected = true
	paused := p.paused
	p.mu.Unlock()
	if gentle && !paused {
		if err := p.signal(syscall.SIGTERM); err != nil {
			return err
		}
		select {
		case <-p.done:
			return nil
		case <-time.After(stopGrace):
		}
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.done
	return nil
}

// pause freezes the process: its connections stay open and nothing answers. Resume ends that.
func (p *process) pause(frozen bool) error {
	sig := syscall.SIGCONT
	if frozen {
		sig = syscall.SIGSTOP
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.signal(sig); err != nil {
		return err
	}
	p.paused = frozen
	return nil
}

func (p *process) state() control.State {
	select {
	case <-p.done:
		return control.Stopped
	default:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused {
		return control.Paused
	}
	return control.Running
}

func (p *process) signal(sig os.Signal) error {
	err := p.cmd.Process.Signal(sig)
	if err == nil || errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return fmt.Errorf("signal %s: %w", p.name, err)
}

// tail writes a component's log lines to the common log, led by the component's name, and keeps the last few.
type tail struct {
	name string
	out  io.Writer

	mu      sync.Mutex
	partial []byte
	lines   []string
}

const tailLines = 10

func (t *tail) Write(data []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.partial = append(t.partial, data...)
	for {
		i := bytes.IndexByte(t.partial, '\n')
		if i < 0 {
			return len(data), nil
		}
		line := string(t.partial[:i])
		t.partial = t.partial[i+1:]
		if t.lines = append(t.lines, line); len(t.lines) > tailLines {
			t.lines = t.lines[1:]
		}
		if _, err := fmt.Fprintf(t.out, "%s: %s\n", t.name, line); err != nil {
			return 0, err
		}
	}
}

func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(append(t.lines, string(t.partial)), "\n")
}
