package tmplfuncs

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/Masterminds/sprig/v3"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// maxRandom is the longest random text.
const maxRandom = 1 << 18

// texts are functions of sprig whose result can be much longer than their
// arguments, or that turn any value into text.
func texts(maxBytes int) map[string]any {
	b := bound(maxBytes)
	own := sprig.TxtFuncMap()
	split, splitn := own["split"].(func(string, string) map[string]string), own["splitn"].(func(string, int, string) map[string]string)
	wrapWith := own["wrapWith"].(func(int, string, string) string)
	toStrings := own["toStrings"].(func(any) []string)
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
			if err := checkParts(sep, text, -1); err != nil {
				return nil, err
			}
			return strings.Split(text, sep), nil
		},
		"split": func(sep, text string) (map[string]string, error) {
			if err := checkParts(sep, text, -1); err != nil {
				return nil, err
			}
			return split(sep, text), nil
		},
		"splitn": func(sep string, n int, text string) (map[string]string, error) {
			if err := checkParts(sep, text, n); err != nil {
				return nil, err
			}
			return splitn(sep, n, text), nil
		},
		"wrapWith": func(width int, sep, text string) (string, error) {
			if err := b.check(len(text), len(text)/max(width, 1)+strings.Count(text, " ")+1, len(sep)); err != nil {
				return "", err
			}
			return wrapWith(width, sep, text), nil
		},
		"trimAll": trimAll,
		"trimall": trimAll,
		"toStrings": func(v any) ([]string, error) {
			if err := b.tree(v); err != nil {
				return nil, err
			}
			return toStrings(v), nil
		},
		"join": b.join(own["join"].(func(string, any) string)),
		// sprig sorts a list of strings in place; other templates see it too.
		"sortAlpha": b.sortAlpha(own["sortAlpha"].(func(any) []string)),
	}
	for _, name := range []string{"quote", "squote", "cat"} {
		funcs[name] = b.checkAll(own[name].(func(...any) string))
	}
	toString := own["toString"].(func(any) string)
	funcs["toString"] = func(v any) (string, error) {
		if err := b.tree(v); err != nil {
			return "", err
		}
		return toString(v), nil
	}
	addRandoms(funcs, own)
	return funcs
}

// addRandoms adds the functions that make random texts, up to a length.
func addRandoms(funcs, own map[string]any) {
	shuffle := own["shuffle"].(func(string) string)
	funcs["shuffle"] = func(text string) (string, error) {
		if len(text) > maxRandom {
			return "", fmt.Errorf("%w: %d bytes to shuffle, at most %d are", ErrTooLarge, len(text), maxRandom)
		}
		return shuffle(text), nil
	}
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

// tree refuses a tree whose text would not end, or be too long.
func (b bound) tree(v any) error { return gotmpl.CheckTree(v, int(b)) }

// checkParts refuses too many parts of a text, at most n unless that is below 0.
func checkParts(sep, text string, n int) error {
	if len(text) > maxList && (n < 0 || n > maxList) && strings.Count(text, sep) > maxList {
		return fmt.Errorf("%w: more than %d parts", ErrTooLarge, maxList)
	}
	return nil
}

// maxTrim bounds the work of trimming: the length of the text times that of the
// set of characters.
const maxTrim = 1 << 30

func trimAll(cutset, text string) (string, error) {
	if len(cutset) > maxTrim/(len(text)+1) {
		return "", fmt.Errorf("%w: %d characters to trim off %d bytes", ErrTooLarge, len(cutset), len(text))
	}
	return strings.Trim(text, cutset), nil
}

func (b bound) join(join func(string, any) string) func(string, any) (string, error) {
	return func(sep string, list any) (string, error) {
		if err := b.tree(list); err != nil {
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

func (b bound) checkAll(text func(...any) string) func(...any) (string, error) {
	return func(args ...any) (string, error) {
		if err := gotmpl.CheckAll(args, int(b)); err != nil {
			return "", err
		}
		return text(args...), nil
	}
}

func (b bound) sortAlpha(sort func(any) []string) func(any) ([]string, error) {
	return func(list any) ([]string, error) {
		if texts, ok := list.([]string); ok {
			return sort(append([]string{}, texts...)), nil
		}
		if err := b.tree(list); err != nil {
			return nil, err
		}
		return sort(list), nil
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
