package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

// The bounds of what plugins print where that is read.
const (
	maxPostRendered = 256 << 20
	maxCompletions  = 1 << 20
	maxProblems     = 64 << 10
)

// patience is how long a plugin that was told to end has for that.
const patience = 3 * time.Second

// The events of hooks.
const (
	// HookInstall comes after the plugin was installed.
	HookInstall = "install"
	// HookUpdate comes after it was updated.
	HookUpdate = "update"
	// HookDelete comes after it was removed.
	HookDelete = "delete"
)

// Process is what a plugin runs in.
type Process struct {
	// Env is the whole environment, each "NAME=value"; of equal names the last
	// one counts. The plugin's name and folder are added.
	Env []string
	// Dir is the working directory; empty is that of this process.
	Dir string
	// In, Out and Err are its streams; nil is the null device. Out is not used
	// where the output is the result.
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// Stop is called when the context ends, to have the plugin end, for which it
	// may take its time; nil tells it to and kills it some seconds later.
	Stop func(*os.Process) error
}

// ErrRuntime is wrapped where a plugin needs a runtime that pack has not.
var ErrRuntime = errors.New("pack runs plugins that are programs (runtime: subprocess); for WebAssembly it would need an engine of its own, which it does not have")

// ExitError says that a plugin ran and did not succeed.
type ExitError struct {
	Plugin string
	// Code is its exit code; of a plugin that a signal has ended, 128 and the
	// number of the signal, as shells have it.
	Code int
	// Problems is what it said about that, where its standard error was read.
	Problems string
}

// Error has Helm's text, and what the plugin said.
func (e *ExitError) Error() string {
	text := fmt.Sprintf("plugin %q exited with error", e.Plugin)
	if e.Problems != "" {
		text += ": " + e.Problems
	}
	return text
}

// Run runs the command that the plugin adds with arguments. The error is an *ExitError
// if it ran.
func (p *Plugin) Run(ctx context.Context, args []string, proc Process) error {
	if p.CLI.IgnoreFlags {
		args = nil
	}
	cmd, err := p.command(ctx, proc, args)
	if err != nil {
		return err
	}
	cmd.Stdout = proc.Out
	return p.wait(ctx, cmd)
}

// PostRender has a TypePostRenderer change manifests: it reads them from its
// standard input and prints what is to take their place.
func (p *Plugin) PostRender(ctx context.Context, manifests []byte, args []string, proc Process) ([]byte, error) {
	cmd, err := p.command(ctx, proc, args)
	if err != nil {
		return nil, err
	}
	out, problems := bounded.Buffer{Most: maxPostRendered}, bounded.Buffer{Most: maxProblems}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(manifests), &out, &problems
	if err := p.wait(ctx, cmd); err != nil {
		if exit, ok := errors.AsType[*ExitError](err); ok {
			exit.Problems = strings.TrimSpace(problems.String())
		}
		return nil, err
	}
	if out.Over() {
		return nil, fmt.Errorf("plugin %q printed more than %d bytes", p.Name, maxPostRendered)
	}
	return out.Bytes(), nil
}

// RunHook runs what the plugin wants to be run by an event, if anything.
func (p *Plugin) RunHook(ctx context.Context, event string, proc Process) error {
	hooks := p.Hooks[event]
	if len(hooks) == 0 {
		return nil
	}
	env := p.environment(proc.Env)
	program, args, err := prepare(hooks, p.expandHooks[event], env)
	if err != nil {
		return err
	}
	cmd := newCmd(ctx, program, args, env, proc)
	cmd.Stdout = proc.Out
	err = p.wait(ctx, cmd)
	if _, ok := errors.AsType[*ExitError](err); ok {
		return fmt.Errorf("plugin %s hook for %q exited with error", event, p.Name)
	}
	return err
}

// command is what the plugin runs as a command or as a post-renderer.
func (p *Plugin) command(ctx context.Context, proc Process, extra []string) (*exec.Cmd, error) {
	if err := p.Runnable(); err != nil {
		return nil, err
	}
	env := p.environment(proc.Env)
	program, args, err := prepare(p.Commands, true, env)
	if err != nil {
		return nil, fmt.Errorf("failed to prepare plugin command: %w", err)
	}
	return newCmd(ctx, program, append(args, extra...), env, proc), nil
}

// Runnable says why the plugin cannot be run here, if that is so. The error
// wraps ErrRuntime.
func (m *Metadata) Runnable() error {
	if m.Runtime != RuntimeSubprocess {
		return fmt.Errorf("plugin %q needs the runtime %s: %w", m.Name, m.Runtime, ErrRuntime)
	}
	return nil
}

// newCmd is a program that ends soon after the context. Its output is still to
// be connected.
func newCmd(ctx context.Context, program string, args []string, env environment, proc Process) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = proc.Dir, env.list()
	cmd.Stdin, cmd.Stderr = proc.In, proc.Err
	if proc.Dir != "" && strings.ContainsRune(program, filepath.Separator) && !filepath.IsAbs(program) {
		// exec looks for it from the directory of this process otherwise.
		cmd.Path, cmd.Err = filepath.Join(proc.Dir, program), nil
	}
	if proc.Stop != nil {
		cmd.Cancel = func() error { return proc.Stop(cmd.Process) }
		return cmd
	}
	cmd.WaitDelay = patience
	if runtime.GOOS != "windows" {
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	}
	return cmd
}

// wait runs the program to its end.
func (p *Plugin) wait(ctx context.Context, cmd *exec.Cmd) error {
	err := cmd.Run()
	if cmd.ProcessState == nil {
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("plugin %q: %w", p.Name, err)
		}
		return context.Cause(ctx)
	}
	if ctx.Err() != nil && cmd.WaitDelay > 0 {
		return context.Cause(ctx)
	}
	if !cmd.ProcessState.Success() {
		return &ExitError{Plugin: p.Name, Code: exitCode(cmd.ProcessState)}
	}
	if ctx.Err() != nil {
		return nil // it was told to end and made the best of it
	}
	return err
}

func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// environment are the variables of a process by their names.
type environment map[string]string

// environment is that of the plugin.
func (p *Plugin) environment(base []string) environment {
	env := make(environment, len(base)+2)
	for _, pair := range base {
		// The names of some of Windows's begin with "=".
		if i := strings.Index(pair[min(1, len(pair)):], "="); i >= 0 {
			env[pair[:i+1]] = pair[i+2:]
		}
	}
	env["HELM_PLUGIN_NAME"] = p.Name
	env["HELM_PLUGIN_DIR"] = p.Dir
	return env
}

func (e environment) get(name string) string { return e[name] }

func (e environment) setDefault(name, value string) {
	if _, ok := e[name]; !ok {
		e[name] = value
	}
}

func (e environment) list() []string {
	out := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		out = append(out, name+"="+e[name])
	}
	return out
}
