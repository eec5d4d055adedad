package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// onWrite does something at the first write.
type onWrite struct {
	do func()
	b  bytes.Buffer
}

func (w *onWrite) Write(p []byte) (int, error) {
	if w.b.Len() == 0 {
		w.do()
	}
	return w.b.Write(p)
}

// TestSignals runs a plugin that is under way when a signal ends the context.
func TestSignals(t *testing.T) {
	t.Parallel()
	const script = "#!/bin/sh\ntrap 'exit 9' TERM\necho begun\ncat\nexit 5\n"
	for name, tc := range map[string]struct {
		cause    string
		terminal bool
		script   string
		want     int
	}{
		"terminated":               {"terminated signal received", false, "#!/bin/sh\ntrap 'exit 9' TERM\necho begun\nwhile :; do sleep 0.05; done\n", 9},
		"terminated on a terminal": {"terminated signal received", true, "#!/bin/sh\ntrap 'exit 9' TERM\necho begun\nwhile :; do sleep 0.05; done\n", 9},
		// The terminal has told it: it ends by itself.
		"interrupted on a terminal": {"interrupt signal received", true, script, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{"plugin.yaml": "name: x\ncommand: $HELM_PLUGIN_DIR/run.sh\n", "run.sh": tc.script} {
				path := filepath.Join(dir, "x", file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			in, writer := io.Pipe()
			out := &onWrite{do: func() {
				cancel(errors.New(tc.cause))
				_ = writer.Close()
			}}
			var problems bytes.Buffer
			code := cli.Run(ctx, cli.App{
				In: in, Out: out, Err: &problems, Now: time.Now, Dir: t.TempDir(),
				Env: func(name string) (string, bool) {
					return dir, name == "HELM_PLUGINS"
				},
				Environ:  func() []string { return []string{"PATH=" + os.Getenv("PATH")} },
				Terminal: cli.Terminal{In: tc.terminal},
			}, []string{"x"})
			if code != tc.want || !strings.Contains(problems.String(), `plugin "x" exited with error`) {
				t.Errorf("exit code %d, want %d: %s", code, tc.want, problems.String())
			}
		})
	}
}
