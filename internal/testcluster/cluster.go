package testcluster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// readyPrefix leads the line that the control plane prints when it can be
// used; the path of its kubeconfig follows.
const readyPrefix = "ready: KUBECONFIG="

// stopTimeout is how long a control plane may take to end by itself.
const stopTimeout = 20 * time.Second

// ErrNoCluster means that a Config names neither a program nor a kubeconfig.
var ErrNoCluster = errors.New("neither a control plane's binary nor a running one's kubeconfig is given")

// Config says where the cluster comes from.
type Config struct {
	// Kubeconfig is that of a control plane that runs already ("controlplane
	// up"); Stop leaves it alone. Empty means that Binary is launched.
	Kubeconfig string
	// Binary is the path of the control plane's program. It is not used if
	// Kubeconfig is given.
	Binary string
	// Nodes is the number of simulated nodes; zero leaves it to the program.
	Nodes int
	// Log receives the program's progress lines; nil discards them.
	Log io.Writer
}

// Cluster is a running control plane. Its methods may be called concurrently.
type Cluster struct {
	info    info
	client  *http.Client
	control *http.Client
	stop    func() error
}

// info is the side file that the control plane writes next to its kubeconfig.
type info struct {
	Version      string `json:"version"`
	Kubeconfig   string `json:"kubeconfig"`
	Server       string `json:"server"`
	CA           string `json:"ca"`
	Cert         string `json:"cert"`
	Key          string `json:"key"`
	Control      string `json:"control"`
	ControlToken string `json:"controlToken"`
}

// Start returns a cluster that is ready for use. ctx bounds the start only.
// The error wraps [ErrNoCluster] if cfg names no cluster.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	switch {
	case cfg.Kubeconfig != "":
		return connect(cfg.Kubeconfig, func() error { return nil })
	case cfg.Binary != "":
		return launch(ctx, cfg)
	}
	return nil, ErrNoCluster
}

// Kubeconfig returns the path of the administrator's kubeconfig.
func (c *Cluster) Kubeconfig() string { return c.info.Kubeconfig }

// Server returns the address of the API server, Transport what proves to it who is
// asking: for a proxy that stands before it.
func (c *Cluster) Server() string { return c.info.Server }

// Transport returns what requests to the API server go through.
func (c *Cluster) Transport() http.RoundTripper { return c.client.Transport }

// Version returns the cluster's Kubernetes version, such as "v1.36.3".
func (c *Cluster) Version() string { return c.info.Version }

// Stop ends the control plane if Start launched it, and returns when all its
// processes are gone. Further calls return what the first one did.
func (c *Cluster) Stop() error { return c.stop() }

func connect(kubeconfig string, stop func() error) (*Cluster, error) {
	c := &Cluster{stop: stop, control: &http.Client{}}
	side := kubeconfig + ".json"
	data, err := os.ReadFile(side)
	if err != nil {
		return nil, fmt.Errorf("the file that a control plane writes next to its kubeconfig: %w", err)
	}
	if err := json.Unmarshal(data, &c.info); err != nil {
		return nil, fmt.Errorf("%s: %w", side, err)
	}
	if c.client, err = c.info.newClient(); err != nil {
		return nil, fmt.Errorf("%s: %w", side, err)
	}
	return c, nil
}

func launch(ctx context.Context, cfg Config) (*Cluster, error) {
	p, err := start(cfg)
	if err != nil {
		return nil, fmt.Errorf("start the control plane %s: %w", cfg.Binary, err)
	}
	type result struct {
		kubeconfig string
		err        error
	}
	ready := make(chan result, 1)
	go func() {
		kubeconfig, err := p.awaitReady()
		ready <- result{kubeconfig, err}
	}()
	var r result
	select {
	case r = <-ready:
	case <-ctx.Done():
		r.err = context.Cause(ctx)
	}
	if r.err != nil {
		// What the program said is complete only when it has ended.
		stopErr := p.stop()
		return nil, fmt.Errorf("the control plane %s is not ready: %w\n%s", cfg.Binary, errors.Join(r.err, stopErr), p.said())
	}
	c, err := connect(r.kubeconfig, p.stop)
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return c, nil
}

// process is a control plane in the foreground. It ends when its standard
// input does, and that is a pipe of this process.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout io.Reader
	once   sync.Once
	err    error

	mu     sync.Mutex
	stderr bytes.Buffer
	log    io.Writer
}

func start(cfg Config) (*process, error) {
	args := []string{"run", "--stop-on-stdin-eof"}
	if cfg.Nodes > 0 {
		args = append(args, "--nodes", strconv.Itoa(cfg.Nodes))
	}
	p := &process{cmd: exec.Command(cfg.Binary, args...), log: cfg.Log}
	if p.log == nil {
		p.log = io.Discard
	}
	p.cmd.Stderr = p
	// A grandchild that holds the pipe must not keep Stop from returning.
	p.cmd.WaitDelay = stopTimeout
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// awaitReady returns the path of the kubeconfig.
func (p *process) awaitReady() (string, error) {
	lines := bufio.NewScanner(p.stdout)
	for lines.Scan() {
		if kubeconfig, ok := strings.CutPrefix(lines.Text(), readyPrefix); ok {
			return kubeconfig, nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", err
	}
	return "", errors.New("it ended")
}

func (p *process) stop() error {
	p.once.Do(func() {
		timer := time.AfterFunc(stopTimeout, func() {
			_ = p.cmd.Process.Kill() // it has ended already if this fails
		})
		defer timer.Stop()
		err := p.stdin.Close()
		if waited := p.cmd.Wait(); waited != nil {
			err = fmt.Errorf("the control plane ended with %w\n%s", waited, p.said())
		}
		p.err = err
	})
	return p.err
}

// Write takes the program's standard error.
func (p *process) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stderr.Write(data)
	return p.log.Write(data)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}
