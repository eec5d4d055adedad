package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// screen is a terminal at whose end some lines are drawn over and over. What else
// is written to the terminal, by way of through, comes above them.
type screen struct {
	w io.Writer

	mu sync.Mutex
	// lines is how many drawn lines stand above the cursor.
	lines int
	// midway: what was written last has not ended its line.
	midway bool
}

// draw replaces the lines that were drawn before. Each must fit into one line of
// the terminal. Nothing is drawn into a line that somebody is still writing.
func (s *screen) draw(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.midway {
		return
	}
	var b strings.Builder
	s.up(&b)
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J") // what is left of more lines than these
	fmt.Fprint(s.w, b.String())
	s.lines = len(lines)
}

// keep lets the drawn lines stand where they are.
func (s *screen) keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = 0
}

// up goes to where the drawn lines begin.
func (s *screen) up(b *strings.Builder) {
	if s.lines > 0 {
		fmt.Fprintf(b, "\x1b[%dA\r", s.lines)
	}
}

// through returns a writer for a stream that ends at the same terminal.
func (s *screen) through(w io.Writer) io.Writer { return &above{screen: s, w: w} }

// above writes above the drawn lines: it removes them, and the next draw puts
// them below what was written.
type above struct {
	*screen
	w io.Writer
}

func (a *above) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(p) == 0 {
		return a.w.Write(p)
	}
	if a.lines > 0 {
		var b strings.Builder
		a.up(&b)
		b.WriteString("\x1b[J")
		fmt.Fprint(a.screen.w, b.String())
		a.lines = 0
	}
	a.midway = p[len(p)-1] != '\n'
	return a.w.Write(p)
}
