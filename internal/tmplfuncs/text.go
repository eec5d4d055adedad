package tmplfuncs

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/Masterminds/sprig/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// maxRandom is the longest random text.
const maxRandom = 1 << 20

// texts are functions of sprig whose result can be much longer than their
// arguments, or that turn any value into text.
func texts(maxBytes int) map[string]any {
	b := bound(maxBytes)
	own := sprig.TxtFuncMap()
	indent := func(spaces int, text string) (string, error) {
		if err := b.check(len(text), strings.Count(text, "\n")+1, spaces); err != nil {
			return "", err
		}
		pad := strings.Repeat(" ", spaces)
		return pad + strings.ReplaceAll(text, "\n", "\n"+pad), nil
	}
	funcs := map[string]any{
		"repeat": func(count int, text string) (string, error) {
			if err := b.check(0, count, len(text)); err != nil {
				return "", err
			}
			return strings.Repeat(text, count), nil
		},
		"indent": indent,
		"nindent": func(spaces int, text string) (string, error) {
			indented, err := indent(spaces, text)
			return "\n" + indented, err
		},
		"replace": func(old, by, text string) (string, error) {
			if err := b.check(len(text), strings.Count(text, old), len(by)); err != nil {
				return "", err
			}
			return strings.ReplaceAll(text, old, by), nil
		},
		"splitList": func(sep, text string) ([]string, error) {
			if len(text) > maxList && strings.Count(text, sep) > maxList {
				return nil, fmt.Errorf("%w: a list of more than %d parts", ErrTooLarge, maxList)
			}
			return strings.Split(text, sep), nil
		},
		"join": b.join(own["join"].(func(string, any) string)),
		// sprig sorts a list of strings in place; other templates see it too.
		"sortAlpha": sortAlpha(own["sortAlpha"].(func(any) []string)),
	}
	for _, name := range []string{"quote", "squote", "cat"} {
		funcs[name] = checkAll(own[name].(func(...any) string))
	}
	funcs["toString"] = check(own["toString"].(func(any) string))
	funcs["toStrings"] = check(own["toStrings"].(func(any) []string))
	for _, name := range []string{"randAlphaNum", "randAlpha", "randAscii", "randNumeric"} {
		funcs[name] = limitCount(own[name].(func(int) string))
	}
	random := own["randBytes"].(func(int) (string, error))
	funcs["randBytes"] = func(count int) (string, error) {
		if count > maxRandom {
			return "", fmt.Errorf("%w: %d random bytes, at most %d are made", ErrTooLarge, count, maxRandom)
		}
		return random(count)
	}
	return funcs
}

// bound is the longest text that is made.
type bound int

// check refuses a text of base bytes and count times each bytes.
func (b bound) check(base, count, each int) error {
	if count <= 0 || each <= 0 || each <= (int(b)-min(base, int(b)))/count {
		return nil
	}
	return fmt.Errorf("%w: %d times %d bytes, at most %d are made", ErrTooLarge, count, each, int(b))
}

func (b bound) join(join func(string, any) string) func(string, any) (string, error) {
	return func(sep string, list any) (string, error) {
		if err := gotmpl.CheckTree(list); err != nil {
			return "", err
		}
		if rv := reflect.ValueOf(list); rv.Kind() == reflect.Slice {
			if err := b.check(0, rv.Len(), len(sep)); err != nil {
				return "", err
			}
		}
		return join(sep, list), nil
	}
}

func checkAll(text func(...any) string) func(...any) (string, error) {
	return func(args ...any) (string, error) {
		for _, arg := range args {
			if err := gotmpl.CheckTree(arg); err != nil {
				return "", err
			}
		}
		return text(args...), nil
	}
}

func check[T any](convert func(any) T) func(any) (T, error) {
	return func(v any) (T, error) {
		if err := gotmpl.CheckTree(v); err != nil {
			var none T
			return none, err
		}
		return convert(v), nil
	}
}

func sortAlpha(sort func(any) []string) func(any) []string {
	return func(list any) []string {
		if texts, ok := list.([]string); ok {
			list = append([]string{}, texts...)
		}
		return sort(list)
	}
}

func limitCount(random func(int) string) func(int) (string, error) {
	return func(count int) (string, error) {
		if count > maxRandom {
			return "", fmt.Errorf("%w: %d random characters, at most %d are made", ErrTooLarge, count, maxRandom)
		}
		return random(count), nil
	}
}
