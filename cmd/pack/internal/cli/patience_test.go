package cli

import (
	"bytes"
	"context"
	"errors"
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
