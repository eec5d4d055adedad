package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/cluster"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// place is the directory of a control plane that runs in the background.
type place string

func (p place) kubeconfig() string { return filepath.Join(string(p), "kubeconfig") }
func (p place) pidFile() string    { return filepath.Join(string(p), "controlplane.pid") }
func (p place) logFile() string    { return filepath.Join(string(p), "controlplane.log") }
func (p place) dataDir() string    { return filepath.Join(string(p), "data") }

// parsePlace parses a command's flags, of which --dir is one all background commands have.
func parsePlace(name string, args []string, more func(*flag.FlagSet)) (place, []string, error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	dir := flags.String("dir", "", "directory of the control plane (required)")
	if more != nil {
		more(flags)
	}
	if err := flags.Parse(args); err != nil {
		return "", nil, err
	}
	if *dir == "" {
		return "", nil, fmt.Errorf("%s: --dir is required", name)
	}
	abs, err := filepath.Abs(*dir)
	return place(abs), flags.Args(), err
}

// find returns what the control plane in p says of itself, if it runs.
func (p place) find(ctx context.Context) (info layout.Info, running bool) {
	info, err := layout.ReadInfo(p.kubeconfig())
	if err != nil {
		return info, false
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return info, control.Call(ctx, info, http.MethodGet, "/status", nil, nil) == nil
}

func up(ctx context.Context, args []string) error {
	nodes, keep := 3, false
	p, _, err := parsePlace("up", args, func(f *flag.FlagSet) {
		f.IntVar(&nodes, "nodes", nodes, "number of simulated nodes")
		f.BoolVar(&keep, "keep", keep, "keep the cluster's data when it goes down")
	})
	if err != nil {
		return err
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if info, ok := p.find(ctx); ok {
		fmt.Fprintf(os.Stderr, "already running with process id %d\n", info.PID)
		fmt.Println(info.Kubeconfig)
		return nil
	}
	// A killed predecessor's files would look like readiness.
	if err := layout.Remove(p.kubeconfig(), layout.InfoFile(p.kubeconfig()), p.pidFile()); err != nil {
		return err
	}
	cmd, err := p.launch(nodes, keep)
	if err != nil {
		return err
	}
	if err := layout.WriteFile(p.pidFile(), fmt.Appendln(nil, cmd.Process.Pid)); err != nil {
		return errors.Join(err, cmd.Process.Kill())
	}
	return p.await(ctx, cmd)
}

// lock waits until no other up or down is at work in p.
func (p place) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(string(p), 0o700); err != nil {
		return nil, err
	}
	for {
		unlock, err := cluster.Lock(filepath.Join(string(p), "up.lock"))
		if !errors.Is(err, cluster.ErrLocked) {
			return unlock, err
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(30 * time.Millisecond):
		return nil
	}
}

func (p place) launch(nodes int, keep bool) (*exec.Cmd, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(binary, "run", "--data-dir", p.dataDir(), "--kubeconfig", p.kubeconfig(),
		"--nodes", strconv.Itoa(nodes), "--keep="+strconv.FormatBool(keep))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd, cmd.Start()
}

// await returns when the control plane is ready; if it ends before, that is the error.
func (p place) await(ctx context.Context, cmd *exec.Cmd) error {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		if info, err := layout.ReadInfo(p.kubeconfig()); err == nil && info.PID == cmd.Process.Pid {
			fmt.Println(info.Kubeconfig)
			return nil
		}
		select {
		case err := <-ended:
			log, readErr := os.ReadFile(p.logFile())
			return errors.Join(fmt.Errorf("the control plane did not start (%v):\n%s", err, log), readErr, layout.Remove(p.pidFile()))
		case <-ctx.Done():
			err := cmd.Process.Signal(syscall.SIGTERM)
			<-ended
			return errors.Join(ctx.Err(), err, layout.Remove(p.pidFile()))
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func down(ctx context.Context, args []string) error {
	p, _, err := parsePlace("down", args, nil)
	if err != nil {
		return err
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	pid, err := cluster.Holder(cluster.LockFile(p.dataDir()))
	if err != nil {
		return err
	}
	if pid == 0 {
		fmt.Fprintln(os.Stderr, "not running")
		return layout.Remove(p.pidFile())
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop process %d: %w", pid, err)
	}
	for alive(pid) {
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return layout.Remove(p.pidFile())
}

// alive says whether a process runs; one that has ended and waits for its parent to notice does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	// Where there is no such file, the system's first process may be trusted to notice.
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err != nil || !strings.HasPrefix(state, "Z")
}

func status(ctx context.Context, args []string) error {
	p, _, err := parsePlace("status", args, nil)
	if err != nil {
		return err
	}
	info, ok := p.find(ctx)
	if !ok {
		return fmt.Errorf("no control plane runs in %s", p)
	}
	var all []control.Status
	if err := control.Call(ctx, info, http.MethodGet, "/status", nil, &all); err != nil {
		return err
	}
	return printStatus(all)
}

func fault(ctx context.Context, args []string) error {
	p, rest, err := parsePlace("fault", args, nil)
	if err != nil {
		return err
	}
	if len(rest) != 2 {
		return fmt.Errorf("usage: controlplane fault --dir DIR ACTION COMPONENT; actions: %v", control.Actions())
	}
	info, ok := p.find(ctx)
	if !ok {
		return fmt.Errorf("no control plane runs in %s", p)
	}
	var all []control.Status
	req := control.FaultRequest{Action: rest[0], Component: rest[1]}
	if err := control.Call(ctx, info, http.MethodPost, "/fault", req, &all); err != nil {
		return err
	}
	return printStatus(all)
}

func printStatus(all []control.Status) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\t%d\n", s.Name, s.State, s.PID)
	}
	return w.Flush()
}
