package repo

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
)

// errUnusual says that an index is not in the form that all generators write:
// block style, one chart after the other, one version after the other. It has
// to be read as a whole then.
var errUnusual = errors.New("the index is not in the usual form")

// indexSink takes the parts of an index in the order of the text.
type indexSink interface {
	// chart begins a chart.
	chart(name string) error
	// version is one version of it: a text that is a list of one map, in YAML,
	// or a map, in JSON, and where it begins.
	version(text []byte, at int64) error
	// rest is what stands beside the entries, as a text in YAML.
	rest(text []byte) error
}

// cutter cuts an index in YAML into its versions without parsing it: by how far
// lines are indented. A cut in the wrong place, which a scalar of several lines
// may cause, leaves a quote or a bracket open, and parsing the part fails.
type cutter struct {
	sink indexSink
	// in is the text from base on; what is before pos is done with.
	r    io.Reader
	in   []byte
	base int64
	pos  int
	eof  bool

	state cutState
	// nameIndent and itemIndent are how far the names of charts and the dashes
	// of versions are indented, below 0 where that is not known yet.
	nameIndent, itemIndent int
	// block is where the version begins that is being collected, below 0 if
	// there is none.
	block int
	top   []byte
	// begun says that the document has begun, keyed that there was a key.
	begun, keyed bool
}

type cutState uint8

const (
	cutTop cutState = iota // beside the entries
	cutEntries
	cutDone // behind the entries
)

// noItems is the indentation of dashes where none may follow.
const noItems = 1 << 30

// cutYAML cuts the index that r gives. The error is errUnusual, that of the
// sink, or of r.
func cutYAML(r io.Reader, sink indexSink) error {
	c := &cutter{sink: sink, r: r, in: make([]byte, 0, 256<<10), block: -1, nameIndent: -1, itemIndent: -1}
	for {
		line, err := c.line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := c.take(line); err != nil {
			return err
		}
	}
	if err := c.endVersion(c.pos); err != nil {
		return err
	}
	return sink.rest(c.top)
}

// line returns where the next line begins and ends in c.in, and goes behind it.
// The text of the version that is being collected stays in c.in.
func (c *cutter) line() (line []byte, err error) {
	start := c.pos
	for {
		if i := bytes.IndexByte(c.in[c.pos:], '\n'); i >= 0 {
			c.pos += i + 1
			break
		}
		if c.eof {
			if start == len(c.in) {
				return nil, io.EOF
			}
			c.pos = len(c.in)
			break
		}
		c.pos = len(c.in)
		if start, err = c.fill(start); err != nil {
			return nil, err
		}
	}
	return c.in[start:c.pos], nil
}

// fill reads more. What is before the version that is being collected, or
// before the line that begins at start, is dropped first.
func (c *cutter) fill(start int) (int, error) {
	keep := start
	if c.block >= 0 {
		keep = c.block
		c.block = 0
	}
	if len(c.in)-keep > maxVersionBytes {
		return 0, fmt.Errorf("a chart of the index takes more than %d bytes", maxVersionBytes)
	}
	c.base += int64(keep)
	c.in = c.in[:copy(c.in, c.in[keep:])]
	c.pos -= keep
	if len(c.in) > cap(c.in)/2 {
		c.in = append(make([]byte, 0, 2*cap(c.in)), c.in...)
	}
	n, err := c.r.Read(c.in[len(c.in):cap(c.in)])
	c.in = c.in[:len(c.in)+n]
	switch {
	case errors.Is(err, io.EOF):
		c.eof = true
	case err != nil:
		return 0, err
	}
	if c.base+int64(len(c.in)) > maxIndexBytes {
		return 0, fmt.Errorf("the index is longer than %d bytes", maxIndexBytes)
	}
	return start - keep, nil
}

// take looks at a line, which ends at c.pos.
func (c *cutter) take(line []byte) error {
	text := bytes.TrimLeft(line, " ")
	indent := len(line) - len(text)
	text = bytes.TrimRight(text, "\r\n")
	switch {
	case len(text) == 0 || text[0] == '#':
		return c.comment(text, line)
	case indent == 0 && isMarker(text):
		return c.marker(text)
	case indent > 0 && !c.keyed:
		return errUnusual
	}
	c.begun, c.keyed = true, true
	if c.state == cutEntries && (indent > 0 || text[0] == '-') {
		return c.entry(text, indent, len(line))
	}
	if err := c.endVersion(c.pos - len(line)); err != nil {
		return err
	}
	return c.topLine(text, indent, line)
}

// comment is a line that says nothing. It belongs to whatever it stands in.
func (c *cutter) comment(text, line []byte) error {
	if c.block < 0 && !isPlain(text) {
		return errUnusual
	}
	return c.keepTop(line)
}

// marker is a line between documents, or a directive: one may begin the index.
func (c *cutter) marker(text []byte) error {
	if string(text) != "---" || len(c.top) > 0 || c.begun {
		return errUnusual
	}
	c.begun = true
	return nil
}

// isMarker says whether a line begins or ends a document, or is a directive.
func isMarker(text []byte) bool {
	return text[0] == '%' || bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))
}

// topLine is a line beside the entries, or the one that begins them.
func (c *cutter) topLine(text []byte, indent int, line []byte) error {
	// A key begins with a letter, as a rule; nothing else must be taken for one.
	if letter := text[0] | 0x20; oddBreak(line) || indent == 0 && (letter < 'a' || letter > 'z') {
		return errUnusual
	}
	if after, ok := bytes.CutPrefix(text, []byte("entries")); ok && indent == 0 {
		after = bytes.Trim(after, " ")
		switch {
		case len(after) == 0 || after[0] != ':':
			// Another key.
		case c.state != cutTop:
			return errUnusual
		case len(after) == 1:
			c.state = cutEntries
			return nil
		}
	}
	if c.state == cutEntries {
		c.state = cutDone
	}
	return c.keepTop(line)
}

// keepTop keeps a line that stands beside the entries.
func (c *cutter) keepTop(line []byte) error {
	if c.state == cutEntries {
		return nil
	}
	if len(c.top)+len(line) > maxVersionBytes {
		return fmt.Errorf("what stands beside the charts of the index takes more than %d bytes", maxVersionBytes)
	}
	c.top = append(c.top, line...)
	return nil
}

// entry is a line below "entries:", which is so many bytes long.
func (c *cutter) entry(text []byte, indent, length int) error {
	dash := text[0] == '-' && (len(text) == 1 || text[1] == ' ')
	if c.nameIndent < 0 {
		if dash || indent == 0 {
			return errUnusual
		}
		c.nameIndent = indent
	}
	switch {
	case indent == c.nameIndent && !dash:
		return c.name(text, length)
	case indent < c.nameIndent:
		return errUnusual
	case c.itemIndent < 0:
		if !dash {
			return errUnusual
		}
		c.itemIndent = indent
	}
	switch {
	case indent == c.itemIndent && dash:
		if err := c.endVersion(c.pos - length); err != nil {
			return err
		}
		c.block = c.pos - length
	case indent <= c.itemIndent:
		return errUnusual
	}
	return nil
}

// name is the line with the name of a chart.
func (c *cutter) name(text []byte, length int) error {
	if err := c.endVersion(c.pos - length); err != nil {
		return err
	}
	c.itemIndent = -1
	if text = bytes.TrimRight(text, " "); oddBreak(text) {
		return errUnusual
	}
	tree, ok := fastyaml.Read(string(text))
	names, isMap := tree.(map[string]any)
	if !ok || !isMap || len(names) != 1 {
		return errUnusual
	}
	for name, value := range names {
		list, isList := value.([]any)
		switch {
		case isList && len(list) == 0:
			c.itemIndent = noItems
		case value != nil || text[len(text)-1] != ':':
			// Something else, or a null in so many words, which may have no items.
			return errUnusual
		}
		if err := c.sink.chart(name); err != nil {
			return err
		}
	}
	return nil
}

// endVersion hands on the version that is being collected, whose text ends at
// an offset of c.in.
func (c *cutter) endVersion(end int) error {
	if c.block < 0 {
		return nil
	}
	text := c.in[c.block:end]
	at := c.base + int64(c.block)
	c.block = -1
	if oddBreak(text) {
		return errUnusual
	}
	return c.sink.version(text, at)
}
