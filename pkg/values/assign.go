package values

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// Assign sets in dst what expr says, "server.port=80,tags[0]=web" for example,
// in the grammar of style, which is that of Helm's flag. It creates the maps
// and lists on the way and keeps what else they hold. dst must not be nil, and
// nothing else may hold a part of it.
//
// A faulty expression gives a *SyntaxError. For the styles but File that is
// the only error; there, it can also be one of read. read is used by style
// File alone and may be nil for the others. After an error dst may have some
// of the assignments, unless the fault is one of grammar: that leaves dst
// unchanged.
//
// Besides Helm's limits (indexes up to 65536, 30 dots in a key) an expression
// may create at most 1048576 list elements that it gives no value.
func Assign(dst Map, expr string, style Style, read ReadFunc) error {
	a := assigner{read: read, fill: maxFill}
	return a.assign(dst, expr, style)
}

// assigner sets what expressions say. Its limits span all of them.
type assigner struct {
	read ReadFunc
	fill int // list elements that may still be filled up with null
}

func (a *assigner) assign(dst Map, expr string, style Style) error {
	if style < Typed || style > Literal {
		return fmt.Errorf("no --set grammar has number %d", style)
	}
	if style == JSON && strings.HasPrefix(strings.TrimSpace(expr), "{") {
		return mergeObject(dst, expr)
	}
	all, err := parse(expr, style)
	if err != nil {
		return err
	}
	for _, one := range all {
		value, err := a.eval(one, style)
		if err != nil {
			return err
		}
		s := setter{assigner: a, assignment: one, expr: expr, value: value}
		if err := s.inMap(dst, one.path); err != nil {
			return err
		}
	}
	return nil
}

// mergeObject puts a JSON object over dst, as if it came from a file.
func mergeObject(dst Map, expr string) error {
	text := strings.TrimSpace(expr)
	before := strings.Index(expr, text)
	var above Map
	if err := json.Unmarshal([]byte(text), &above); err != nil {
		return faultf(expr, before+jsonOffset(err, len(text)), "not a JSON object: %v", err)
	}
	if err := yamlio.CheckDepth(above); err != nil {
		return faultf(expr, before, "%v", err)
	}
	overlay(dst, above)
	return nil
}

// jsonOffset is where in a text of size bytes a JSON error was found.
func jsonOffset(err error, size int) int {
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		return min(int(bad.Offset), size)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return size
	}
	return 0
}

// eval turns the text of a value into the value.
func (a *assigner) eval(one assignment, style Style) (any, error) {
	if one.open || style == JSON {
		return one.raw, nil
	}
	switch value := one.raw.(type) {
	case nothing:
		return "", nil
	case string:
		return a.evalText(value, style)
	case []string:
		out := make([]any, len(value))
		for i, text := range value {
			var err error
			if out[i], err = a.evalText(text, style); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("no rule for %T", one.raw)
}

func (a *assigner) evalText(text string, style Style) (any, error) {
	switch style {
	case Typed:
		return typed(text), nil
	case File:
		if a.read == nil {
			return nil, errors.New("no files can be read here")
		}
		data, err := a.read(text)
		if err != nil {
			return nil, err
		}
		return string(data), nil
	default:
		return text, nil
	}
}

// typed is the rule of --set for words and whole numbers. Numbers that begin
// with 0 stay strings: they are more often codes than octal.
func typed(text string) any {
	switch {
	case strings.EqualFold(text, "true"):
		return true
	case strings.EqualFold(text, "false"):
		return false
	case strings.EqualFold(text, "null"):
		return nil
	case text == "0":
		return int64(0)
	case strings.HasPrefix(text, "0"):
		return text
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number
	}
	return text
}
