package main

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
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/cluster"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// patience bounds every wait; no test measures time.
const patience = 3 * time.Minute

// shared is the cluster that the tests use unless they need one of their own.
var shared *instance

// TestMain makes the test binary serve as the program itself, which saves linking it twice.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
		return
	}
	var err error
	if shared, err = launch("--nodes", "2"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop:", err)
		code = 1
	}
	os.Exit(code)
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
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	in := &instance{cmd: exec.Command(self, append([]string{"run", "--stop-on-stdin-eof"}, args...)...)}
	in.cmd.Stderr = &in.stderr
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

func (in *instance) status(t *testing.T) []cluster.Status {
	t.Helper()
	var all []cluster.Status
	if err := cluster.Call(t.Context(), in.info, http.MethodGet, "/status", nil, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (in *instance) fault(t *testing.T, action, component string) {
	t.Helper()
	req := cluster.FaultRequest{Action: action, Component: component}
	if err := cluster.Call(t.Context(), in.info, http.MethodPost, "/fault", req, nil); err != nil {
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
