package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWaitingFor holds that it is said what is waited for: not at once, and not too
// often.
func TestWaitingFor(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]int{time.Second: 0, 11 * time.Second: 1, 69 * time.Second: 1, 131 * time.Second: 3} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			s := &session{Log: newLogger(&out, slog.LevelInfo)}
			done := s.waitingFor("the post-renderer x")
			time.Sleep(took)
			done()
			if got := strings.Count(out.String(), `msg="still waiting" for="the post-renderer x" since=`); got != want {
				t.Errorf("after %s: %d notices, want %d:\n%s", took, got, want, out.String())
			}
		})
	}
}

// TestReadPipe holds that a read that may take for ever ends with the context.
func TestReadPipe(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("interrupted")
	cancel(gone)
	dir := t.TempDir()
	makePipe(t, dir+"/pipe")
	s := &session{App: App{Dir: dir}, Log: slog.New(slog.DiscardHandler)}
	if _, err := s.readInput(ctx, "pipe"); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
}

// TestPipesAreLeft holds that the end of the context ends commands that wait for what
// writes into a pipe, whatever they read from it.
func TestPipesAreLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	makePipe(t, dir+"/pipe")
	for _, args := range []string{
		"list --kubeconfig pipe", "repo list --repository-config pipe", "show chart pipe",
		"repo index --merge pipe .", "pull oci://127.0.0.1:1/x --signature-policy pipe",
		"registry login 127.0.0.1:1 -u a -p b --registry-config pipe", "registry logout 127.0.0.1:1 --registry-config pipe",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			var errs bytes.Buffer
			code := Run(ctx, App{
				In: strings.NewReader(""), Out: io.Discard, Err: &errs, Dir: dir, Home: dir, Program: "pack", Now: time.Now,
				Env: func(string) (string, bool) { return "", false },
			}, strings.Fields(strings.ReplaceAll(args, "pipe", filepath.Join(dir, "pipe"))))
			if code != 1 || !strings.Contains(errs.String(), context.DeadlineExceeded.Error()) {
				t.Errorf("exit code %d, error %q", code, errs.String())
			}
		})
	}
}

// TestIsIrregular tells what may never come from what is there.
func TestIsIrregular(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	makePipe(t, dir+"/pipe")
	for path, want := range map[string]bool{"pipe": true, ".": false, "none": false} {
		if got := isIrregular(filepath.Join(dir, path)); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
