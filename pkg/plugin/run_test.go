package plugin_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

const v1CLI = "apiVersion: v1\nname: x\ntype: cli/v1\nruntime: subprocess\nversion: 1.0.0\n"

func TestRun(t *testing.T) {
	t.Parallel()
	p := load(t, map[string]string{
		"plugin.yaml": v1CLI + "runtimeConfig:\n  platformCommand:\n  - command: ${HELM_PLUGIN_DIR}/run.sh a  $COLOR\n    args: ['$HELM_PLUGIN_NAME', 'b c', '$NONE']\n",
		"run.sh":      "#!/bin/sh\nfor a; do echo \"[$a]\"; done\necho COLOR=$COLOR in=$(cat) dir=$(basename \"$PWD\") >&2\n",
	})
	var out, problems bytes.Buffer
	dir := filepath.Join(t.TempDir(), "work")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	err := p.Run(t.Context(), []string{"--flag", "$COLOR"}, plugin.Process{
		Env: []string{"COLOR=red", "PATH=" + os.Getenv("PATH"), "COLOR=blue", "=odd", "HELM_PLUGIN_DIR=elsewhere"}, Dir: dir,
		In: strings.NewReader("hello"), Out: &out, Err: &problems,
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("[a]\n[]\n[blue]\n[x]\n[b c]\n[]\n[--flag]\n[$COLOR]\n", out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if want := "COLOR=blue in=hello dir=work\n"; problems.String() != want {
		t.Errorf("stderr %q, want %q", problems.String(), want)
	}
}

func TestChoice(t *testing.T) {
	t.Parallel()
	system, arch := runtime.GOOS, runtime.GOARCH
	tests := map[string]struct{ commands, want string }{
		"exact":              {"[{command: echo any}, {os: " + system + ", command: echo system}, {os: " + system + ", arch: " + arch + ", command: echo exact}]", "exact"},
		"exact in capitals":  {"[{os: " + strings.ToUpper(system) + ", arch: " + strings.ToUpper(arch) + ", command: echo exact}]", "exact"},
		"system":             {"[{command: echo any}, {os: " + system + ", command: echo system}, {os: " + system + ", command: echo second}]", "system"},
		"any":                {"[{os: plan10, command: echo other}, {command: echo any}, {command: echo second}]", "any"},
		"architecture alone": {"[{arch: " + arch + ", command: echo arch}]", ""},
		"another":            {"[{os: " + system + ", arch: z80, command: echo z80}, {os: plan10, command: echo other}]", ""},
		"none":               {"[]", ""},
		"empty":              {"[{command: ''}]", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := load(t, map[string]string{"plugin.yaml": v1CLI + "runtimeConfig: {platformCommand: " + tc.commands + "}\n"})
			var out bytes.Buffer
			err := p.Run(t.Context(), nil, plugin.Process{Out: &out})
			if tc.want == "" {
				if !strings.Contains(text(err), "no plugin command is applicable") {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || out.String() != tc.want+"\n" {
				t.Errorf("output %q, error %v", out.String(), err)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{"exit 0": 0, "exit 7": 7, "exit 255": 255, "kill -9 $$": 137, "kill -15 $$": 143} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			p := load(t, map[string]string{"plugin.yaml": v1CLI + "runtimeConfig: {platformCommand: [{command: sh, args: ['-c', '" + strings.ReplaceAll(line, "$$", "$0") + "']}]}\n"})
			args := []string(nil)
			if strings.Contains(line, "kill") {
				p = load(t, map[string]string{"plugin.yaml": v1CLI + "runtimeConfig: {platformCommand: [{command: $HELM_PLUGIN_DIR/x}]}\n", "x": "#!/bin/sh\n" + line + "\n"})
			}
			err := p.Run(t.Context(), args, plugin.Process{})
			exit, ok := errors.AsType[*plugin.ExitError](err)
			switch {
			case want == 0 && err == nil:
			case !ok || exit.Code != want || err.Error() != `plugin "x" exited with error`:
				t.Errorf("error %#v, want the code %d", err, want)
			}
		})
	}
}

func TestCannotRun(t *testing.T) {
	t.Parallel()
	p := load(t, map[string]string{"plugin.yaml": v1CLI + "runtimeConfig: {platformCommand: [{command: $HELM_PLUGIN_DIR/missing}]}\n"})
	err := p.Run(t.Context(), nil, plugin.Process{})
	if _, ok := errors.AsType[*plugin.ExitError](err); ok || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	p = load(t, map[string]string{"plugin.yaml": strings.Replace(v1CLI, "subprocess", "extism/v1", 1)})
	if err := p.Run(t.Context(), nil, plugin.Process{}); !errors.Is(err, plugin.ErrRuntime) || !strings.Contains(text(err), `plugin "x" needs the runtime extism/v1`) {
		t.Errorf("error %v", err)
	}
}

// waiting is a plugin that says when it has begun, and ends by a signal or never.
func waiting(t *testing.T, onTerm string) *plugin.Plugin {
	t.Helper()
	return load(t, map[string]string{
		"plugin.yaml": v1CLI + "runtimeConfig: {platformCommand: [{command: $HELM_PLUGIN_DIR/wait.sh}]}\n",
		"wait.sh":     "#!/bin/sh\ntrap '" + onTerm + "' TERM\necho begun\nwhile :; do sleep 0.05; done\n",
	})
}

// begun ends a context when something is written.
type begun struct{ cancel context.CancelCauseFunc }

func (b begun) Write(p []byte) (int, error) {
	b.cancel(errStop)
	return len(p), nil
}

var errStop = errors.New("stop")

func TestContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	err := waiting(t, "exit 3").Run(ctx, nil, plugin.Process{Out: begun{cancel}})
	if !errors.Is(err, errStop) {
		t.Errorf("error %v", err)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	// The plugin is told, and its own exit code counts.
	err := waiting(t, "exit 3").Run(ctx, nil, plugin.Process{
		Out: begun{cancel}, Stop: func(p *os.Process) error { return p.Signal(syscall.SIGTERM) },
	})
	if exit, ok := errors.AsType[*plugin.ExitError](err); !ok || exit.Code != 3 {
		t.Errorf("error %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	defer cancel(nil)
	err = waiting(t, "exit 0").Run(ctx, nil, plugin.Process{
		Out: begun{cancel}, Stop: func(p *os.Process) error { return p.Signal(syscall.SIGTERM) },
	})
	if err != nil {
		t.Errorf("error %v", err)
	}
}

func TestHooks(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	proc := plugin.Process{Env: []string{"PATH=" + os.Getenv("PATH"), "WHO=me"}, Out: &out}
	legacy := load(t, map[string]string{
		"plugin.yaml": "name: old\nhooks:\n  install: 'X=1; echo \"$WHO $X $HELM_PLUGIN_NAME\"'\n  delete: exit 4\n",
	})
	platform := load(t, map[string]string{
		"plugin.yaml": "name: p\nplatformHooks: {update: [{command: echo, args: ['$WHO', '$X']}]}\n",
	})
	v1 := load(t, map[string]string{
		"plugin.yaml": v1CLI + "runtimeConfig: {platformHooks: {update: [{command: echo, args: ['$WHO', '$X']}], install: [{os: plan10, command: x}]}}\n",
	})
	for _, step := range []struct {
		p          *plugin.Plugin
		event      string
		out, error string
	}{
		{legacy, plugin.HookInstall, "me 1 old\n", ""},
		{legacy, plugin.HookUpdate, "", ""},
		{legacy, plugin.HookDelete, "", `plugin delete hook for "old" exited with error`},
		{v1, plugin.HookUpdate, "$WHO $X\n", ""},
		{platform, plugin.HookUpdate, "me \n", ""},
		{v1, plugin.HookInstall, "", "no plugin command is applicable"},
	} {
		out.Reset()
		err := step.p.RunHook(t.Context(), step.event, proc)
		if out.String() != step.out || text(err) != step.error {
			t.Errorf("%s of %s: %q, error %v", step.event, step.p.Name, out.String(), err)
		}
	}
}

func TestPostRender(t *testing.T) {
	t.Parallel()
	file := strings.Replace(v1CLI, "cli/v1", "postrenderer/v1", 1)
	p := load(t, map[string]string{
		"plugin.yaml": file + "runtimeConfig: {platformCommand: [{command: $HELM_PLUGIN_DIR/x.sh, args: [one]}]}\n",
		"x.sh":        "#!/bin/sh\necho \"# $*\"\ncat\n",
	})
	out, err := p.PostRender(t.Context(), []byte("a: 1\n"), []string{"two"}, plugin.Process{})
	if err != nil || string(out) != "# one two\na: 1\n" {
		t.Errorf("%q, %v", out, err)
	}
	p = load(t, map[string]string{
		"plugin.yaml": file + "runtimeConfig: {platformCommand: [{command: sh, args: ['-c', 'echo no way >&2; exit 2']}]}\n",
	})
	if _, err := p.PostRender(t.Context(), nil, nil, plugin.Process{}); text(err) != `plugin "x" exited with error: no way` {
		t.Errorf("error %v", err)
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		program   string
		words     []string
		directive int
	}{
		"words":        {"#!/bin/sh\necho one; echo; echo \"$*\"\n", []string{"one", "a b"}, 0},
		"a directive":  {"#!/bin/sh\necho one; echo :6\n", []string{"one"}, 6},
		"no directive": {"#!/bin/sh\necho one; echo :x\n", []string{"one", ":x"}, 0},
		"complaints":   {"#!/bin/sh\necho oops >&2\n", []string{"oops"}, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := load(t, map[string]string{"plugin.yaml": v1CLI, "plugin.complete": tc.program})
			words, directive, err := p.Complete(t.Context(), []string{"a", "b"}, plugin.Process{})
			if err != nil || directive != tc.directive || !cmp.Equal(words, tc.words) {
				t.Errorf("%q, %d, %v", words, directive, err)
			}
		})
	}
	p := load(t, map[string]string{"plugin.yaml": v1CLI})
	if _, _, err := p.Complete(t.Context(), nil, plugin.Process{}); err == nil {
		t.Error("a plugin without a program completes")
	}
}

func TestSubcommands(t *testing.T) {
	t.Parallel()
	p := load(t, map[string]string{
		"plugin.yaml":     v1CLI,
		"completion.yaml": "commands:\n- name: a\n  flags: [f, force]\n  validArgs: [x]\n  commands: [{name: b}]\n",
	})
	got, err := p.Subcommands()
	want := &plugin.Subcommand{Commands: []plugin.Subcommand{
		{Name: "a", Flags: []string{"f", "force"}, ValidArgs: []string{"x"}, Commands: []plugin.Subcommand{{Name: "b"}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	deep := strings.Repeat(`{"name":"a","commands":[`, 40) + strings.Repeat("]}", 40)
	p = load(t, map[string]string{"plugin.yaml": v1CLI, "completion.yaml": deep})
	if _, err := p.Subcommands(); !strings.Contains(text(err), "nested deeper than") {
		t.Errorf("error %v", err)
	}
	p = load(t, map[string]string{"plugin.yaml": v1CLI})
	if _, err := p.Subcommands(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
