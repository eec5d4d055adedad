package cli

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// tty is as much of a terminal as a live table needs.
type tty struct {
	mu        sync.Mutex
	lines     []string
	row       int
	col       int
	writes    int
	sequences *regexp.Regexp
}

func newTTY() *tty {
	return &tty{lines: []string{""}, sequences: regexp.MustCompile(`^\x1b\[([0-9;]*)([A-Za-z])`)}
}

func (t *tty) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes++
	text := string(p)
	for text != "" {
		if m := t.sequences.FindStringSubmatch(text); m != nil {
			t.sequence(m[2], m[1])
			text = text[len(m[0]):]
			continue
		}
		r := []rune(text)[0]
		text = text[len(string(r)):]
		switch r {
		case '\n':
			t.row, t.col = t.row+1, 0
			if t.row == len(t.lines) {
				t.lines = append(t.lines, "")
			}
		case '\r':
			t.col = 0
		default:
			line := []rune(t.lines[t.row])
			t.lines[t.row] = string(append(line[:min(t.col, len(line))], append([]rune{r}, line[min(t.col+1, len(line)):]...)...))
			t.col++
		}
	}
	return len(p), nil
}

func (t *tty) sequence(kind, arg string) {
	switch kind {
	case "A":
		n, _ := strconv.Atoi(arg)
		t.row -= n
	case "K":
		t.lines[t.row] = string([]rune(t.lines[t.row])[:t.col])
	case "J":
		t.lines[t.row] = string([]rune(t.lines[t.row])[:t.col])
		t.lines = t.lines[:t.row+1]
	}
}

// seen is what the terminal shows.
func (t *tty) seen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}

// written is how often it was written to.
func (t *tty) written() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.writes
}

// onTTY is a session at a terminal of a size.
func onTTY(width, height int) (*session, *tty) {
	screen := newTTY()
	return newSession(App{
		Out: screen, Err: screen, Now: time.Now, Env: func(string) (string, bool) { return "", false },
		Terminal: Terminal{Out: true, Err: true, Size: func() (int, int) { return width, height }},
	}), screen
}

func TestLiveTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, screen := onTTY(60, 24)
		p := s.newProgress()
		want := func(text string) {
			t.Helper()
			if diff := cmp.Diff(strings.ReplaceAll(strings.TrimPrefix(text, "\n"), "\t", ""), screen.seen()); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}
		}
		io.WriteString(s.Out, "installing\n")
		web := waitingEvent("Deployment", "web", release.ObjectInProgress, "Available: 0/2")
		web.State.Object = map[string]any{"metadata": map[string]any{"creationTimestamp": time.Now().Add(-65 * time.Second).Format(time.RFC3339)}}
		p.observe(waitingEvent("ConfigMap", "c", release.ObjectCurrent, "Resource is always ready"))
		p.observe(web)
		p.observe(waitingEvent("Widget", "w", release.ObjectFailed, "no\nmore of all the things that are needed"))
		time.Sleep(2*time.Second + drawEvery + time.Millisecond)
		want(`
			installing
			OBJECT          STATUS      AGE  MESSAGE
			Widget/w        Failed      2s   no more of all the things…
			Deployment/web  InProgress  67s  Available: 0/2
			ConfigMap/c     Current     2s   Resource is always ready
			`)
		// What is written meanwhile stands above it.
		io.WriteString(s.Err, "log of a hook\n")
		s.Log.Warn("something")
		time.Sleep(time.Second)
		web.State.Status, web.State.Message = release.ObjectCurrent, ""
		p.observe(web)
		p.observe(waitingEvent("Widget", "w", release.ObjectCurrent, ""))
		p.close()
		io.WriteString(s.Out, "NAME: web\n")
		final := `
			installing
			log of a hook
			level=WARN msg=something
			OBJECT          STATUS   AGE  MESSAGE
			ConfigMap/c     Current  3s   Resource is always ready
			Deployment/web  Current  68s
			Widget/w        Current  3s
			NAME: web
			`
		want(final)
		p.close()
		want(final)
	})
}

func TestLiveTableIsBounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ objects, height, rows, more int }{
		{20, 50, 20, 0}, {21, 50, 19, 2}, {60, 50, 19, 41}, {8, 10, 8, 0}, {9, 10, 7, 2}, {9, 2, 1, 8}, {1, 1, 1, 0},
	} {
		s, _ := onTTY(40, tt.height)
		table := s.newLiveTable()
		for i := range tt.objects {
			status := release.ObjectCurrent
			if i == tt.objects-1 {
				status = release.ObjectInProgress
			}
			ev := waitingEvent("Pod", fmt.Sprint(i), status, "")
			row := &liveRow{name: objectName(ev.Ref), reached: reached(ev)}
			table.rows = append(table.rows, row)
		}
		lines := table.lines(40, tt.height)
		want := 1 + tt.rows
		if tt.more > 0 {
			want++
			if last := lines[len(lines)-1]; last != fmt.Sprintf("... and %d more, of which %[1]d are ready", tt.more) {
				t.Errorf("%+v: %s", tt, last)
			}
		}
		if len(lines) != want || !strings.HasPrefix(lines[1], fmt.Sprintf("Pod/%d ", tt.objects-1)) {
			t.Errorf("%+v: %d lines, want %d:\n%s", tt, len(lines), want, strings.Join(lines, "\n"))
		}
	}
}

// TestLiveTableRests: without changes it is drawn once a second, with many not
// more often than ten times.
func TestLiveTableRests(t *testing.T) {
	t.Parallel()
	for changes, draws := range map[int]int{0: 1, 1000: 10} {
		synctest.Test(t, func(t *testing.T) {
			s, screen := onTTY(60, 24)
			p := s.newProgress()
			p.observe(waitingEvent("Pod", "a", release.ObjectInProgress, ""))
			time.Sleep(drawEvery + time.Millisecond)
			before := screen.written()
			for i := range changes {
				p.observe(waitingEvent("Pod", "a", release.ObjectInProgress, fmt.Sprint(i)))
				time.Sleep(time.Second / time.Duration(changes))
			}
			if changes == 0 {
				time.Sleep(time.Second)
			}
			if got := screen.written() - before; got != draws {
				t.Errorf("%d changes: drawn %d times, want %d", changes, got, draws)
			}
			p.close()
		})
	}
}

// TestNoLiveTable: with --debug, and where the terminal cannot move its cursor,
// there are lines.
func TestNoLiveTable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"debug", "dumb"} {
		s, screen := onTTY(60, 24)
		if name == "debug" {
			s.Debug = true
		} else {
			s.Env = func(string) (string, bool) { return "dumb", true }
		}
		p := s.newProgress()
		p.observe(waitingEvent("Pod", "a", release.ObjectInProgress, "x"))
		p.close()
		if got := screen.seen(); got != "waiting: Pod/a InProgress: x\n" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestLineUnderWay: nothing is drawn into a line that is not complete.
func TestLineUnderWay(t *testing.T) {
	t.Parallel()
	s, screen := onTTY(60, 24)
	s.screen.draw([]string{"one", "two"})
	io.WriteString(s.Err, "half ")
	s.screen.draw([]string{"three"})
	io.WriteString(s.Out, "a line\n")
	io.WriteString(s.Out, "")
	s.screen.draw([]string{"four", "five"})
	s.screen.draw([]string{"six"})
	if got := screen.seen(); got != "half a line\nsix\n" {
		t.Errorf("%q", got)
	}
}
