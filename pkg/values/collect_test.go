package values_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// from reads from a map of names.
func from(files map[string]string) values.ReadFunc {
	return func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
		}
		return []byte(text), nil
	}
}

func TestCollectOrder(t *testing.T) {
	t.Parallel()
	all := "f1: 1,f2: 1,json: 1,set: 1,string: 1,file: 1,literal: 1"
	opts := values.UserOptions{
		Literal: []string{"literal=literal"},
		File:    []string{"literal=content,file=content"},
		String:  []string{"literal=3,file=3,string=3"},
		Set:     []string{"literal=2,file=2,string=2,set=2"},
		JSON:    []string{`{"literal":1.5,"file":1.5,"string":1.5}`, "set=1.5,json=1.5"},
		Files:   []string{"f1", "f2"},
	}
	read := from(map[string]string{
		"f1":      "{" + all + ", m: {a: 1, b: 1}, gone: {x: 1}}",
		"f2":      "{f2: 2, m: {b: 2, c: null}, gone: null}",
		"content": "c\n",
	})
	want := values.Map{
		"f1": 1.0, "f2": 2.0, "json": 1.5, "set": int64(2), "string": "3", "file": "c\n", "literal": "literal",
		"m": values.Map{"a": 1.0, "b": 2.0, "c": nil}, "gone": nil,
	}
	got, err := values.Collect(t.Context(), opts, read)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
}

func TestCollectNothing(t *testing.T) {
	t.Parallel()
	got, err := values.Collect(t.Context(), values.UserOptions{}, nil)
	if err != nil || got == nil || len(got) > 0 {
		t.Errorf("%v, error %v", got, err)
	}
}

func TestCollectNames(t *testing.T) {
	t.Parallel()
	var names []string
	_, err := values.Collect(t.Context(), values.UserOptions{
		Files: []string{"a b.yaml", " - ", " x ", "https://example.org/v.yaml?a=b"},
		File:  []string{"a= - ,b= y ,c={-,z},d="},
	}, func(name string) ([]byte, error) {
		names = append(names, name)
		return nil, nil
	})
	want := []string{"a b.yaml", "-", " x ", "https://example.org/v.yaml?a=b", "-", " y ", "-", "z"}
	if diff := cmp.Diff(want, names); err != nil || diff != "" {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
}

func TestCollectErrors(t *testing.T) {
	t.Parallel()
	read := from(map[string]string{"list": "[1]", "-": "[", "second": "a: 1\n---\n\n- x\n"})
	const notMap = "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: " +
		"cannot unmarshal array into Go value of type map[string]interface {}"
	for _, test := range []struct {
		opts   values.UserOptions
		want   string
		offset int // of the syntax error within, or -1
	}{
		{values.UserOptions{Files: []string{"nope"}}, "open nope: file does not exist", -1},
		{values.UserOptions{Files: []string{"list"}}, "failed to parse list: " + notMap, -1},
		{values.UserOptions{Files: []string{"second"}}, "failed to parse second: " + notMap, -1},
		{values.UserOptions{Set: []string{"a=1", "b"}}, `failed parsing --set data: key "b" has no value`, 0},
		{values.UserOptions{String: []string{"a=1,b"}}, `failed parsing --set-string data: key "b" has no value`, 4},
		{values.UserOptions{File: []string{"a=nope"}}, "failed parsing --set-file data: open nope: file does not exist", -1},
		{values.UserOptions{File: []string{"a={"}}, "failed parsing --set-file data: list must terminate with '}'", 2},
		{values.UserOptions{Literal: []string{"a[0]x"}}, "failed parsing --set-literal data: unexpected data at end of array index: ['x']", 4},
		{values.UserOptions{JSON: []string{"a=x"}}, "failed parsing --set-json data a=…: not a JSON value: invalid character 'x' looking for beginning of value", 3},
		{values.UserOptions{JSON: []string{" {]"}}, "failed parsing --set-json data JSON: {…: not a JSON object: invalid character ']' looking for beginning of object key string", 3},
	} {
		m, err := values.Collect(t.Context(), test.opts, read)
		if err == nil || err.Error() != test.want || m != nil {
			t.Errorf("%v: %v, error %v, want %s", test.opts, m, err, test.want)
		}
		offset := -1
		if syntax, ok := errors.AsType[*values.SyntaxError](err); ok {
			offset = syntax.Offset
		}
		if offset != test.offset {
			t.Errorf("%v: fault at %d, want %d", test.opts, offset, test.offset)
		}
	}
}

func TestCollectBounds(t *testing.T) {
	t.Parallel()
	var exprs []string
	for i := range 20 {
		exprs = append(exprs, fmt.Sprintf("k%d[65536]=1", i))
	}
	_, err := values.Collect(t.Context(), values.UserOptions{Set: exprs}, nil)
	if _, ok := errors.AsType[*values.SyntaxError](err); !ok {
		t.Errorf("error %v, want one for too many list elements in all flags together", err)
	}
	long := "a=" + strings.Repeat("x", 1<<20)
	_, err = values.Collect(t.Context(), values.UserOptions{JSON: []string{long}}, nil)
	if err == nil || len(err.Error()) > 2000 {
		t.Errorf("error %.100v", err)
	}
	_, err = values.Collect(t.Context(), values.UserOptions{Files: []string{"f"}}, nil)
	if err == nil {
		t.Error("a file was read without a function to read it")
	}
}

func TestCollectEnds(t *testing.T) {
	t.Parallel()
	for _, opts := range []values.UserOptions{
		{Files: []string{"a", "b"}},
		{File: []string{"a=a", "b=b"}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		reads := 0
		_, err := values.Collect(ctx, opts, func(string) ([]byte, error) {
			reads++
			cancel()
			return nil, nil
		})
		if !errors.Is(err, context.Canceled) || reads != 1 {
			t.Errorf("%v: %d reads, error %v", opts, reads, err)
		}
	}
}
