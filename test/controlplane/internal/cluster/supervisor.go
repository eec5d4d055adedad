package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/component"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// supervisor runs the components as child processes.
type supervisor struct {
	binary string
	cfg    layout.Config
	client *http.Client
	log    io.Writer
	// crashed receives the error of a component that ended by itself.
	crashed chan error

	mu    sync.Mutex
	procs map[string]*process
}

func newSupervisor(binary string, cfg layout.Config, log io.Writer) (*supervisor, error) {
	client, err := component.HTTPClient(cfg)
	if err != nil {
		return nil, err
	}
	return &supervisor{
		binary:  binary,
		cfg:     cfg,
		client:  client,
		log:     &lockedWriter{w: log},
		crashed: make(chan error, len(control.Components())),
		procs:   make(map[string]*process),
	}, nil
}

// fault does one action and returns when it has taken effect: an API server that was started answers.
func (s *supervisor) fault(ctx context.Context, action, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.procs[name]
	if !ok {
		return fmt.Errorf("component %q: not one of %v", name, control.Components())
	}
	switch action {
	case control.Stop:
		return p.stop(true)
	case control.Kill:
		return p.stop(false)
	case control.Start:
		return s.start(ctx, name)
	case control.Restart:
		if err := p.stop(true); err != nil {
			return err
		}
		return s.start(ctx, name)
	case control.Pause, control.Resume:
		return p.pause(action == control.Pause)
	}
	return fmt.Errorf("action %q: not one of %v", action, control.Actions())
}

// startAll starts all components at once: each waits for what it depends on.
func (s *supervisor) startAll() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range control.Components() {
		if err := s.launch(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *supervisor) start(ctx context.Context, name string) error {
	if err := s.launch(name); err != nil || name != control.APIServer {
		return err
	}
	return s.waitAPIServer(ctx)
}

func (s *supervisor) launch(name string) error {
	if p := s.procs[name]; p != nil && p.state() != control.Stopped {
		return nil
	}
	p, err := start(s.binary, s.cfg.ConfigFile(), name, s.log, func(err error) { s.crashed <- err })
	if err != nil {
		return err
	}
	s.procs[name] = p
	return nil
}

func (s *supervisor) waitAPIServer(ctx context.Context) error {
	for {
		err := component.Readyz(ctx, s.client, s.cfg)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stopAll ends all components, those first that others do not depend on; gently if their data are to be kept.
func (s *supervisor) stopAll(gentle bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, name := range slices.Backward(control.Components()) {
		if p := s.procs[name]; p != nil {
			// Only etcd has anything to bring to an end.
			errs = append(errs, p.stop(gentle && name == control.Etcd))
		}
	}
	return errors.Join(errs...)
}

func (s *supervisor) status() []control.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []control.Status
	for _, name := range control.Components() {
		st := control.Status{Name: name, State: control.Stopped}
		if p := s.procs[name]; p != nil {
			if st.State = p.state(); st.State != control.Stopped {
				st.PID = p.cmd.Process.Pid
			}
		}
		out = append(out, st)
	}
	return out
}

// lastLines returns the last log lines of every component.
func (s *supervisor) lastLines() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out strings.Builder
	for _, name := range control.Components() {
		if p := s.procs[name]; p != nil {
			fmt.Fprintf(&out, "%s:\n%s\n", name, p.log.last())
		}
	}
	return out.String()
}

// lockedWriter keeps the lines of several components apart.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(data)
}
