package values_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func parse(tb testing.TB, text string) values.Map {
	tb.Helper()
	m, err := values.Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// The results and warnings are those of Helm 4.3.1.
func TestMergeTables(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dst, src string
		keepNull bool
		want     string
		warnings []string
	}{
		{dst: "{}", src: "{b: 1, c: {d: 2}, e: [1]}", want: "{b: 1, c: {d: 2}, e: [1]}"},
		{dst: "{b: 2, c: {d: 3}}", src: "{b: 1, c: {d: 2, e: 4}}", want: "{b: 2, c: {d: 3, e: 4}}"},
		{dst: "{b: [3]}", src: "{b: [1, 2]}", want: "{b: [3]}"},
		{dst: "{b: null, c: {d: null}}", src: "{b: 1, c: {d: 2}}", want: "{c: {}}"},
		{dst: "{b: null}", src: "{b: {c: 1}}", want: "{}"},
		{dst: "{b: null}", src: "{b: {}}", want: "{}"},
		{dst: "{b: null}", src: "{b: null}", want: "{b: null}"},
		{dst: "{b: null}", src: "{}", want: "{b: null}"},
		{dst: "{}", src: "{b: null}", want: "{b: null}"},
		{dst: "{b: {c: 1}}", src: "{b: null}", want: "{b: {c: 1}}"},
		{dst: "{b: 1}", src: "{b: null}", want: "{b: 1}"},
		{dst: "{b: x}", src: "{b: 1}", want: "{b: x}"},
		{
			dst: "{b: 1}", src: "{b: {c: 1}}", want: "{b: 1}",
			warnings: []string{"warning: cannot overwrite table with non table for p.a.b (map[c:1])"},
		},
		{
			dst: "{b: [1]}", src: "{b: {c: x, d: [w, {z: null}]}}", want: "{b: [1]}",
			warnings: []string{"warning: cannot overwrite table with non table for p.a.b (map[c:x d:[w map[z:<nil>]]])"},
		},
		{
			dst: "{b: {c: 1}}", src: "{b: 1}", want: "{b: {c: 1}}",
			warnings: []string{"warning: destination for p.a.b is a table. Ignoring non-table value (1)"},
		},
		{
			dst: "{b: {c: 1}}", src: "{b: [1, x]}", want: "{b: {c: 1}}",
			warnings: []string{"warning: destination for p.a.b is a table. Ignoring non-table value ([1 x])"},
		},
		{
			dst: "{z: 1, x: {b: s}, c: {}}", src: "{z: {w: 1}, x: {b: {c: 1}}, c: off}", want: "{z: 1, x: {b: s}, c: {}}",
			warnings: []string{
				"warning: destination for p.a.c is a table. Ignoring non-table value (false)",
				"warning: cannot overwrite table with non table for p.a.x.b (map[c:1])",
				"warning: cannot overwrite table with non table for p.a.z (map[w:1])",
			},
		},
		{keepNull: true, dst: "{b: null, c: {d: null}}", src: "{b: 1, c: {d: 2, e: 3}}", want: "{b: null, c: {d: null, e: 3}}"},
		{keepNull: true, dst: "{}", src: "{b: null, c: {d: null}}", want: "{b: null, c: {d: null}}"},
		{keepNull: true, dst: "{b: null}", src: "{b: {c: 1}}", want: "{b: null}"},
		{keepNull: true, dst: "{b: {c: 1}}", src: "{b: null}", want: "{b: {c: 1}}"},
	} {
		t.Run(test.dst+test.src, func(t *testing.T) {
			t.Parallel()
			dst, src := parse(t, test.dst), parse(t, test.src)
			var warnings []string
			got := values.MergeTables(dst, src, values.TableOptions{
				KeepNull: test.keepNull,
				Prefix:   "p.a",
				Warn:     func(text string) { warnings = append(warnings, text) },
			})
			if diff := cmp.Diff(parse(t, test.want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(got, dst); diff != "" {
				t.Errorf("the result is not dst\n%s", diff)
			}
			scramble(got)
			if diff := cmp.Diff(parse(t, test.src), src); diff != "" {
				t.Errorf("a change of the result changed src\n%s", diff)
			}
		})
	}
}

func TestMergeTablesNil(t *testing.T) {
	t.Parallel()
	src := values.Map{"a": values.Map{"b": 1.0}}
	got := values.MergeTables(nil, src, values.TableOptions{})
	if diff := cmp.Diff(src, got); diff != "" {
		t.Errorf("into nil (-want +got)\n%s", diff)
	}
	got = values.MergeTables(values.Map{"a": values.Map(nil)}, src, values.TableOptions{})
	if diff := cmp.Diff(src, got); diff != "" {
		t.Errorf("into a nil table (-want +got)\n%s", diff)
	}
	got = values.MergeTables(values.Map{"a": 1.0}, nil, values.TableOptions{})
	if diff := cmp.Diff(values.Map{"a": 1.0}, got); diff != "" {
		t.Errorf("from nil (-want +got)\n%s", diff)
	}
}

func TestMergeTablesLaws(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		g := newTrees(seed)
		user, defaults := g.table(4), g.table(4)
		law := func(name string, want, got values.Map) {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("seed %d: %s (-want +got)\n%s", seed, name, diff)
			}
		}
		keep := values.TableOptions{KeepNull: true}
		kept := values.MergeTables(values.Clone(user), defaults, keep)
		law("no value of the user is changed", values.Merge(kept, user), kept)
		law("defaults twice are defaults once", kept, values.MergeTables(values.Clone(kept), defaults, keep))

		// Nulls delete, which Merge does not do.
		user, defaults = values.DropNulls(user), values.DropNulls(defaults)
		merged := values.MergeTables(values.Clone(user), defaults, values.TableOptions{})
		law("without nulls it is the user's layer over the defaults", values.Merge(defaults, user), merged)
	}
}

func TestMergeTablesLongWarning(t *testing.T) {
	t.Parallel()
	var warning string
	values.MergeTables(
		values.Map{"a": 1.0},
		values.Map{"a": values.Map{"b": strings.Repeat("é", 1<<20)}},
		values.TableOptions{Warn: func(text string) { warning = text }},
	)
	if len(warning) > 2000 || !strings.HasPrefix(warning, "warning: cannot overwrite table with non table for a (map[b:éé") {
		t.Errorf("a warning of %d bytes: %.100s", len(warning), warning)
	}
}

func TestDropNulls(t *testing.T) {
	t.Parallel()
	from := parse(t, "{a: null, b: {c: null, d: {e: null}}, f: [null, {g: null}], h: '', i: 0}")
	want := parse(t, "{b: {d: {}}, f: [null, {g: null}], h: '', i: 0}")
	got := values.DropNulls(from)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	snapshot := values.Clone(from)
	scramble(got)
	if diff := cmp.Diff(snapshot, from); diff != "" {
		t.Errorf("a change of the result changed the argument\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	m := parse(t, "{a: {b: {c: 1}, z: null, l: [x], '': {d: 2}}, '': {e: 3}}")
	for _, test := range []struct {
		path  string
		want  any
		found bool
		table string // error of Table
	}{
		{path: "a.b.c", want: 1.0, found: true, table: `"c" is not a table`},
		{path: "a.b", want: values.Map{"c": 1.0}, found: true},
		{path: "a.z", want: nil, found: true, table: `"z" is not a table`},
		{path: "a.z.x", table: `"z" is not a table`},
		{path: "a.l", want: []any{"x"}, found: true, table: `"l" is not a table`},
		{path: "a.l.0", table: `"l" is not a table`},
		{path: "a.x.c", table: `"x" is not a table`},
		{path: "a.b.c.d", table: `"c" is not a table`},
		{path: "x", table: `"x" is not a table`},
		{path: "a.", want: values.Map{"d": 2.0}, found: true},
		{path: "a..d", want: 2.0, found: true, table: `"d" is not a table`},
		{path: "", want: values.Map{"e": 3.0}, found: true},
		{path: ".", table: `"" is not a table`},
	} {
		got, found := values.Lookup(m, test.path)
		if found != test.found || !cmp.Equal(test.want, got) {
			t.Errorf("Lookup(%q) = %v, %v, want %v, %v", test.path, got, found, test.want, test.found)
		}
		table, err := values.Table(m, test.path)
		switch {
		case test.table != "":
			if err == nil || err.Error() != test.table || table != nil {
				t.Errorf("Table(%q) = %v, error %v, want %s", test.path, table, err, test.table)
			}
		case err != nil || !cmp.Equal(test.want, any(table)):
			t.Errorf("Table(%q) = %v, error %v, want %v", test.path, table, err, test.want)
		}
	}
}
