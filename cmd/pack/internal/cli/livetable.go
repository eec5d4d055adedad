package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const (
	// maxRows bounds the rows of a live table.
	maxRows = 20
	// drawEvery is how soon a change is drawn, ageEvery how often ages are.
	drawEvery = 100 * time.Millisecond
	ageEvery  = time.Second
)

// liveTable shows on a terminal the objects that are waited for: those that are
// not ready first, with their age and why. It is drawn again whenever something
// changes, until close.
type liveTable struct {
	*session

	mu      sync.Mutex
	rows    []*liveRow
	byRef   map[manifest.Ref]*liveRow
	changed bool

	stop, stopped chan struct{} // nil until there is something to draw
}

// liveRow is an object of a live table.
type liveRow struct {
	name, status, message string
	reached               bool
	born                  time.Time
}

func (s *session) newLiveTable() *liveTable {
	return &liveTable{session: s, byRef: map[manifest.Ref]*liveRow{}}
}

// show notes a change.
func (t *liveTable) show(ev release.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row := t.byRef[ev.Ref]
	if row == nil {
		row = &liveRow{name: objectName(ev.Ref), born: t.Now()}
		t.byRef[ev.Ref] = row
		t.rows = append(t.rows, row)
	}
	row.status, row.message = waitingText(ev)
	row.reached = reached(ev)
	meta, _ := ev.State.Object["metadata"].(map[string]any)
	made, _ := meta["creationTimestamp"].(string)
	if at, err := time.Parse(time.RFC3339, made); err == nil {
		row.born = at
	}
	t.changed = true
	if t.stop == nil {
		t.stop, t.stopped = make(chan struct{}), make(chan struct{})
		go t.run(t.stop, t.stopped)
	}
}

// run draws until stop is closed.
func (t *liveTable) run(stop <-chan struct{}, stopped chan<- struct{}) {
	defer close(stopped)
	ticker := time.NewTicker(drawEvery)
	defer ticker.Stop()
	var last time.Time
	for {
		select {
		case now := <-ticker.C:
			t.mu.Lock()
			due := t.changed || now.Sub(last) >= ageEvery
			t.mu.Unlock()
			if due {
				last = now
				t.draw()
			}
		case <-stop:
			return
		}
	}
}

func (t *liveTable) draw() {
	width, height := t.Terminal.size()
	t.mu.Lock()
	t.changed = false
	lines := t.lines(width, height)
	t.mu.Unlock()
	t.screen.draw(lines)
}

// close draws for the last time and leaves the table where it is.
func (t *liveTable) close() {
	t.mu.Lock()
	stop := t.stop
	t.stop = nil
	t.mu.Unlock()
	if stop == nil {
		return
	}
	close(stop)
	<-t.stopped
	t.draw()
	t.screen.keep()
}

// lines are the table as it is now, to fit a terminal of a size. The lock is held.
func (t *liveTable) lines(width, height int) []string {
	rows := slices.Clone(t.rows)
	slices.SortStableFunc(rows, func(a, b *liveRow) int { return cmp.Compare(a.rank(), b.rank()) })
	shown := len(rows)
	// Beside the rows there are a heading and the cursor, and what is left out.
	if room := min(maxRows, height-2); shown > room {
		shown = max(room-1, 1)
	}
	cells := [][]string{{"OBJECT", "STATUS", "AGE", "MESSAGE"}}
	for _, row := range rows[:shown] {
		age := duration.HumanDuration(max(t.Now().Sub(row.born), 0))
		cells = append(cells, []string{row.name, row.status, age, row.message})
	}
	lines := aligned(cells, width-1)
	for i, row := range rows[:shown] {
		lines[i+1] = t.paintRow(lines[i+1], row)
	}
	if rest := rows[shown:]; len(rest) > 0 {
		ready := 0
		for _, row := range rest {
			if row.reached {
				ready++
			}
		}
		lines = append(lines, cut(fmt.Sprintf("... and %d more, of which %d are ready", len(rest), ready), width-1))
	}
	return lines
}

// aligned puts cells below each other, in lines of at most a width.
func aligned(cells [][]string, width int) []string {
	widths := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(cells))
	for n, line := range cells {
		var b strings.Builder
		for i, cell := range line {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		lines[n] = cut(strings.TrimRight(b.String(), " "), width)
	}
	return lines
}

// rank sorts the rows: what has failed, what is not ready, what is.
func (r *liveRow) rank() int {
	switch {
	case r.reached:
		return 2
	case r.status == string(release.ObjectFailed):
		return 0
	default:
		return 1
	}
}

// paintRow paints the status in a row, unless the row was cut before it ends.
func (t *liveTable) paintRow(line string, row *liveRow) string {
	rest, ok := strings.CutPrefix(line, row.name)
	before, after, found := strings.Cut(rest, row.status)
	if !ok || !found {
		return line
	}
	color := []style{styleRed, styleYellow, styleGreen}[row.rank()]
	return row.name + before + t.paintError(color, row.status) + after
}

// cut ends a text where it would not fit.
func cut(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:max(width-1, 0)]) + "…"
}
