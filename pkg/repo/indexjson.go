package repo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// cutJSON cuts an index in JSON into its versions. The error is errUnusual where
// the text is no JSON: it may be YAML still.
func cutJSON(r io.Reader, sink indexSink) error {
	bounded := &valueReader{r: r}
	c := &jsonCutter{dec: json.NewDecoder(bounded), from: bounded, sink: sink, top: map[string]json.RawMessage{}}
	err := c.object(c.topField)
	if err == nil {
		if _, err = c.dec.Token(); errors.Is(err, io.EOF) {
			var rest []byte
			if rest, err = json.Marshal(c.top); err == nil {
				return sink.rest(rest)
			}
		} else if err == nil {
			err = errUnusual
		}
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: %w", errUnusual, syntax)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", errUnusual, io.ErrUnexpectedEOF)
	}
	return err
}

type jsonCutter struct {
	dec  *json.Decoder
	from *valueReader
	sink indexSink
	top  map[string]json.RawMessage
}

// object reads an object, with field for each of its values.
func (c *jsonCutter) object(field func(name string) error) error {
	if err := c.delim('{'); err != nil {
		return err
	}
	for c.dec.More() {
		c.from.mark(c.dec)
		token, err := c.dec.Token()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return errUnusual
		}
		if err := field(name); err != nil {
			return err
		}
	}
	return c.delim('}')
}

func (c *jsonCutter) delim(want json.Delim) error {
	token, err := c.dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return errUnusual
	}
	return nil
}

func (c *jsonCutter) topField(name string) error {
	if name == "entries" {
		return c.object(c.chart)
	}
	if _, twice := c.top[name]; twice || unusualKey(name) {
		return errUnusual
	}
	raw, err := c.value()
	if err != nil {
		return err
	}
	c.top[name] = raw
	return nil
}

// unusualKey says whether a name is that of a field in other letters, which
// encoding/json takes for it.
func unusualKey(name string) bool {
	for _, field := range []string{"apiVersion", "generated", "entries", "serverInfo", "publicKeys", "annotations"} {
		if name != field && strings.EqualFold(name, field) {
			return true
		}
	}
	return false
}

func (c *jsonCutter) chart(name string) error {
	if err := c.sink.chart(name); err != nil {
		return err
	}
	if err := c.delim('['); err != nil {
		return err
	}
	for c.dec.More() {
		raw, err := c.value()
		if err != nil {
			return err
		}
		if err := c.sink.version(raw, c.dec.InputOffset()-int64(len(raw))); err != nil {
			return err
		}
	}
	return c.delim(']')
}

func (c *jsonCutter) value() (json.RawMessage, error) {
	c.from.mark(c.dec)
	var raw json.RawMessage
	err := c.dec.Decode(&raw)
	return raw, err
}

// valueReader bounds how much a decoder reads for one value, and for all.
type valueReader struct {
	r     io.Reader
	read  int64
	until int64
}

// mark says that the decoder begins with another value.
func (v *valueReader) mark(dec *json.Decoder) { v.until = dec.InputOffset() + maxVersionBytes }

func (v *valueReader) Read(p []byte) (int, error) {
	if v.read > v.until+maxVersionBytes {
		return 0, fmt.Errorf("a chart of the index takes more than %d bytes", maxVersionBytes)
	}
	if v.read > maxIndexBytes {
		return 0, fmt.Errorf("the index is longer than %d bytes", maxIndexBytes)
	}
	n, err := v.r.Read(p)
	v.read += int64(n)
	return n, err
}
