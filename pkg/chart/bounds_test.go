package chart_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func TestSchemaStepsAreBounded(t *testing.T) {
	t.Parallel()
	c, err := chart.Load(fstest.MapFS{
		"Chart.yaml":         {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")},
		"values.schema.json": {Data: []byte(`{"additionalProperties": {"type": "string"}}`)},
	}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	user := values.Map{}
	for _, key := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		user[key] = key
	}
	for steps, fails := range map[int]bool{10: true, 0: false, 1000: false} {
		_, err := c.Configure(user, chart.ConfigureOptions{MaxSchemaSteps: steps})
		schema, ok := errors.AsType[*chart.SchemaError](err)
		if ok != fails || ok && !strings.Contains(schema.Error(), "takes too long") {
			t.Errorf("%d steps: %v", steps, err)
		}
	}
}

func TestMetadataAreBounded(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Chart.yaml", "Chart.lock"} {
		files := fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")}}
		var head string
		if old := files[name]; old != nil {
			head = string(old.Data)
		}
		for _, text := range []string{"# " + strings.Repeat("x", 4<<20) + "\n", "dependencies: [" + strings.Repeat("{},", 60_000) + "]\n"} {
			files[name] = &fstest.MapFile{Data: []byte(head + text)}
			if _, err := chart.Load(files, chart.LoadOptions{}); !errors.Is(err, chart.ErrTooLarge) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestIgnoringIsBounded(t *testing.T) {
	t.Parallel()
	var stars strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&stars, "*a*a*a*b%d\n", i)
	}
	// To look for a letter in a class takes as long as the class is.
	class := "[" + strings.Repeat("xy", 5_000) + "]"
	for _, rules := range []string{stars.String(), strings.Repeat("*"+class+"\n", 20), strings.Repeat(class+"\n", 2_000)} {
		testIgnoring(t, rules)
	}
}

func testIgnoring(t *testing.T, rules string) {
	t.Helper()
	files := fstest.MapFS{
		"Chart.yaml":  {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")},
		".helmignore": {Data: []byte(rules)},
	}
	for i := range 2000 {
		files[fmt.Sprintf("%s%d", strings.Repeat("a", 150), i)] = &fstest.MapFile{}
	}
	_, err := chart.Load(files, chart.LoadOptions{})
	e, ok := errors.AsType[*chart.Error](err)
	if !ok || e.Path != ".helmignore" || !errors.Is(err, chart.ErrTooLarge) || !strings.Contains(err.Error(), "too many rules for so many files") {
		t.Errorf("error %v", err)
	}
}

// Schemas and metadata of strangers end with an error, and take little memory to
// do so.
func TestHostileSchemas(t *testing.T) {
	var doubled strings.Builder
	doubled.WriteString(`{"$ref": "#/$defs/a39", "$defs": {"a0": {"type": ["object"]}`)
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&doubled, `, "a%d": {"allOf": [{"$ref": "#/$defs/a%d"}, {"$ref": "#/$defs/a%d"}]}`, i, i-1, i-1)
	}
	doubled.WriteString("}}")
	for name, tc := range map[string]struct{ schema, want string }{
		"a reference to itself":  {`{"$ref": "#"}`, ""},
		"a loop of references":   {`{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}`, ""},
		"another host":           {`{"$ref": "http://169.254.169.254/x"}`, "remote schemas are not fetched"},
		"a file elsewhere":       {`{"$ref": "../../etc/passwd"}`, ""},
		"doubled at each level":  {doubled.String(), "takes too long"},
		"deep":                   {strings.Repeat(`{"allOf": [`, 9000) + "{}" + strings.Repeat("]}", 9000), ""},
		"many members":           {`{"x": [` + strings.Repeat("[],", 100_000) + `[]]}`, "schema is too large"},
		"a large text":           {`{"x": "` + strings.Repeat("a", 17<<20) + `"}`, "schema is too large"},
		"a large number":         {`{"const": 1e999999999}`, "schema is too large"},
		"nested repetition":      {`{"pattern": "((a{1,100}){1,100}){1,100}"}`, "is not valid against metaschema"},
		"long expressions":       {`{"pattern": "` + strings.Repeat("ab|", 100_000) + `"}`, "bytes of regular expressions"},
		"nested in parentheses":  {`{"pattern": "` + strings.Repeat("(", 2000) + strings.Repeat(")", 2000) + `"}`, "is not valid against metaschema"},
		"many large expressions": {`{"allOf": [` + strings.Repeat(`{"pattern": "^x.*(a|b){1,50}"},`, 5000) + `{}]}`, "bytes of regular expressions"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := chart.Load(fstest.MapFS{
				"Chart.yaml":         {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")},
				"values.schema.json": {Data: []byte(tc.schema)},
			}, chart.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			used := allocated(func() { _, err = c.Configure(values.Map{"a": "b"}, chart.ConfigureOptions{}) })
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %.300v, want %s", err, tc.want)
			}
			if used > 400 {
				t.Errorf("%d MB were allocated", used)
			}
		})
	}
}

// counted counts what is read of the files of a folder.
type counted struct {
	fs.FS
	read atomic.Int64
}

func (c *counted) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return f, err
	}
	return &countedFile{f, &c.read}, nil
}

type countedFile struct {
	fs.File
	read *atomic.Int64
}

func (f *countedFile) Read(p []byte) (int, error) {
	time.Sleep(10 * time.Millisecond) // others begin meanwhile
	n, err := f.File.Read(p)
	f.read.Add(int64(n))
	return n, err
}

// TestReadersShareTheBound loads files of which each alone is within the bound:
// as several are read at once, memory would be needed for each.
func TestReadersShareTheBound(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	files := fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: c\nversion: 0.1.0\n")}}
	for i := range 16 {
		files[fmt.Sprintf("file-%d", i)] = &fstest.MapFile{Data: make([]byte, most*3/4)}
	}
	fsys := &counted{FS: files}
	if _, err := chart.Load(fsys, chart.LoadOptions{MaxBytes: most}); !errors.Is(err, chart.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if n := fsys.read.Load(); n > most+100 {
		t.Errorf("%d bytes are read, at most %d may be", n, most)
	}
}
