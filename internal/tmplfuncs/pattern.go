package tmplfuncs

import (
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"
	"sync"
	"unicode/utf8"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// Bounds on regular expressions.
const (
	// maxRegexSize is how many instructions an expression may be compiled to,
	// and cachedSize how many those have together that are kept.
	maxRegexSize = 100_000
	cachedSize   = 1_000_000
	// quickSteps is how many steps a search may take before it has to be one
	// that can be ended: the length of the text times the size of the
	// expression.
	quickSteps = 10_000_000
	// maxMatches is how many matches are listed.
	maxMatches = maxList
)

// regexCache keeps compiled expressions: templates search with the same ones
// over and over.
type regexCache struct {
	mu       sync.Mutex
	compiled map[string]*pattern
	size     int
}

// pattern is a regular expression that searches until an execution has to end.
type pattern struct {
	*regexp.Regexp
	size int
	// later finds matches in the rest of a text, which begins with the last
	// character that was searched: that of which the first groups are the whole
	// match. It is made when it is needed.
	later func() (*regexp.Regexp, error)
}

func (c *regexCache) get(expr string) (*pattern, error) {
	c.mu.Lock()
	p := c.compiled[expr]
	c.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := compile(expr)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += p.size + len(expr); c.size > cachedSize {
		clear(c.compiled)
		c.size = p.size + len(expr)
	}
	c.compiled[expr] = p
	return p, nil
}

func compile(expr string) (*pattern, error) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	size := instructions(parsed)
	if size > maxRegexSize {
		return nil, fmt.Errorf("%w: a regular expression of %d instructions, at most %d are searched with", ErrTooLarge, size, maxRegexSize)
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	// The text of what was parsed, because that of the expression can end within
	// quotes: \Q swallows what comes after.
	whole := parsed.String()
	return &pattern{Regexp: re, size: size, later: sync.OnceValues(func() (*regexp.Regexp, error) {
		return regexp.Compile(`\A(?s:.)(?s:.)*?(` + whole + `)`)
	})}, nil
}

// instructions is about how many an expression is compiled to.
func instructions(re *syntax.Regexp) int {
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n += len(re.Rune)
	case syntax.OpCharClass:
		n += len(re.Rune) / 16
	}
	for _, sub := range re.Sub {
		n = min(n+instructions(sub), maxRegexSize+1)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return n
}

// quick says whether even all searches together, each of which may look at the
// whole text, take no time worth mentioning.
func (p *pattern) quick(text string) bool {
	return len(text) < 1<<15 && p.size*(len(text)+1) <= 4*quickSteps/(len(text)+1)
}

// all is where at most n matches are; all of them where n is below 0.
func (p *pattern) all(s *gotmpl.State, text string, n int) ([][]int, error) {
	if n == 0 {
		return nil, nil
	}
	if p.quick(text) {
		return p.FindAllStringIndex(text, n), nil
	}
	var list [][]int
	err := p.each(s, text, func(at []int) (bool, error) {
		if len(list) == maxMatches {
			return false, fmt.Errorf("%w: more than %d matches", ErrTooLarge, maxMatches)
		}
		list = append(list, at[:2:2])
		return len(list) != n, nil
	})
	return list, err
}

// each calls found for match after match, as regexp counts them: none is empty
// right behind another. It looks between them whether the execution has to end.
func (p *pattern) each(s *gotmpl.State, text string, found func(at []int) (bool, error)) error {
	for pos, last := 0, -1; pos <= len(text); {
		at, err := p.next(s, text, pos)
		if err != nil || at == nil {
			return err
		}
		accept := true
		if at[1] == pos {
			// An empty match: not behind another, and the search goes on a
			// character later.
			accept = at[0] != last
			_, width := utf8.DecodeRuneInString(text[pos:])
			pos += max(width, 1)
		} else {
			pos = at[1]
		}
		last = at[1]
		if !accept {
			continue
		}
		if goOn, err := found(at); err != nil || !goOn {
			return err
		}
	}
	return nil
}

// next is the first match from an offset on, with its groups; nil where there is
// none.
func (p *pattern) next(s *gotmpl.State, text string, from int) ([]int, error) {
	if err := s.Ended(); err != nil {
		return nil, err
	}
	if from == 0 {
		return search(s, p.Regexp, p.size, text)
	}
	// The character before tells whether a line or a word begins here.
	_, width := utf8.DecodeLastRuneInString(text[:from])
	start := from - width
	later, err := p.later()
	if err != nil {
		return nil, err
	}
	at, err := search(s, later, p.size, text[start:])
	if at == nil || err != nil {
		return nil, err
	}
	at = at[2:]
	for i := range at {
		if at[i] >= 0 {
			at[i] += start
		}
	}
	return at, nil
}

// search is FindStringSubmatchIndex. Where that could take long it reads the
// text bit by bit, and ends with the execution.
func search(s *gotmpl.State, re *regexp.Regexp, size int, text string) ([]int, error) {
	if size <= quickSteps/(len(text)+1) {
		return re.FindStringSubmatchIndex(text), nil
	}
	r := &runeReader{text: text, every: quickSteps/size + 1, ended: s.Ended}
	at := re.FindReaderSubmatchIndex(r)
	return at, r.err
}

// runeReader reads a text, until an execution has to end.
type runeReader struct {
	text  string
	every int
	count int
	ended func() error
	err   error
}

// ReadRune implements io.RuneReader.
func (r *runeReader) ReadRune() (c rune, width int, err error) {
	if r.count++; r.count%r.every == 0 && r.err == nil {
		r.err = r.ended()
	}
	if r.text == "" || r.err != nil {
		return 0, 0, io.EOF
	}
	c, width = utf8.DecodeRuneInString(r.text)
	r.text = r.text[width:]
	return c, width, nil
}
