package acceptance_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// patience bounds every wait; no test measures time.
const patience = 3 * time.Minute

// shared is the cluster that the tests use unless they need one of their own.
var shared *instance

// binary is the program under test.
var binary string

// TestMain tests the program that PACK_CONTROLPLANE names, or builds one.
func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if binary = os.Getenv("PACK_CONTROLPLANE"); binary == "" {
		dir, err := os.MkdirTemp("", "controlplane-test-")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "controlplane")
		// Flags as in the Makefile, whose build is then not repeated.
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "..")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	if shared, err = launch("--nodes", "2"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, shared.stop()) }()
	return m.Run(), nil
}

// instance is a control plane that runs in the foreground of a child process.
type instance struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr bytes.Buffer
	info   layout.Info
	config *rest.Config
	client kubernetes.Interface
}

// launch starts a control plane and returns when it says that it is ready.
func launch(args ...string) (*instance, error) {
	in := &instance{cmd: exec.Command(binary, append([]string{"run", "--stop-on-stdin-eof"}, args...)...)}
	in.cmd.Stderr = &in.stderr
	var err error
	if in.stdin, err = in.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := in.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := in.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	kubeconfig, ok := strings.CutPrefix(strings.TrimSpace(line), "ready: KUBECONFIG=")
	if err != nil || !ok {
		return nil, fmt.Errorf("not ready: printed %q (%v); %w; %s", line, err, in.stop(), in.stderr.String())
	}
	if in.info, err = layout.ReadInfo(kubeconfig); err != nil {
		return nil, errors.Join(err, in.stop())
	}
	if in.config, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		return nil, errors.Join(err, in.stop())
	}
	in.config.QPS = -1
	in.client, err = kubernetes.NewForConfig(in.config)
	return in, err
}

// stop ends the control plane the way the death of its parent does.
func (in *instance) stop() error {
	return errors.Join(in.stdin.Close(), in.cmd.Wait())
}

func (in *instance) status(t *testing.T) []control.Status {
	t.Helper()
	var all []control.Status
	if err := control.Call(t.Context(), in.info, http.MethodGet, "/status", nil, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (in *instance) fault(t *testing.T, action, component string) {
	t.Helper()
	req := control.FaultRequest{Action: action, Component: component}
	if err := control.Call(t.Context(), in.info, http.MethodPost, "/fault", req, nil); err != nil {
		t.Fatal(err)
	}
}

// eventually calls f until it returns nil.
func eventually(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := f(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %v", patience, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// alive says whether a process runs; one that has ended and waits for its parent to notice does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err != nil || !strings.HasPrefix(state, "Z")
}
