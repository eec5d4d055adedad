package chart_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func FuzzRead(f *testing.F) {
	for _, files := range []map[string]string{
		archived,
		{"Chart.yaml": meta("c")},
		{"Chart.yaml": "name: c\nversion: 1\n", "requirements.yaml": "dependencies: [{name: d}]\n", "charts/d/Chart.yaml": meta("d")},
	} {
		// The fuzzer changes the tar: gzip would keep it from being read.
		zr, err := gzip.NewReader(bytes.NewReader(write(f, load(f, files), chart.ArchiveOptions{})))
		if err != nil {
			f.Fatal(err)
		}
		data, err := io.ReadAll(zr)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, tarball []byte) {
		var data bytes.Buffer
		zw := gzip.NewWriter(&data)
		if _, err := zw.Write(tarball); err != nil {
			t.Fatal(err)
		}
		if err := zw.Close(); err != nil {
			t.Fatal(err)
		}
		opts := chart.LoadOptions{MaxBytes: 20_000, MaxFiles: 60, MaxDepth: 10}
		c, err := chart.Read(&data, opts)
		if err != nil {
			if _, ok := errors.AsType[*chart.Error](err); !ok || c != nil {
				t.Fatalf("chart %v beside error %v (%T)", c, err, err)
			}
			return
		}
		var sum, count int
		for _, sub := range c.All() {
			count++
			for _, list := range [][]chart.File{sub.Templates(), sub.Files()} {
				for _, file := range list {
					sum += len(file.Data)
				}
			}
			if err := sub.Metadata().Validate(); err != nil {
				t.Fatalf("a chart was read that is not valid: %v", err)
			}
		}
		if sum > int(opts.MaxBytes) || count > opts.MaxFiles {
			t.Fatalf("%d bytes in %d charts", sum, count)
		}
		if err := fstest.TestFS(c.FS(), "Chart.yaml"); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzConfigure(f *testing.F) {
	f.Add("[{name: s, version: '*', condition: s.a, tags: [t], import-values: [data, {child: m, parent: p}]}]", "{global: {a: {b: 1}}, p: {x: 1}}", "{exports: {data: {y: 1}}, m: {x: 2, z: null}}", "{s: {a: true}, p: null, tags: {t: false}}")
	f.Add("[{name: s, version: '*', alias: a}, {name: s, version: ^1, alias: b}]", "{a: {k: null}}", "{k: 1}", "{b: {k: 2, global: {g: 1}}, global: {g: 2}}")
	f.Add("null", "{}", "{global: x}", "{s: 1}")
	f.Fuzz(func(t *testing.T, dependencies, parent, sub, user string) {
		fsys := tree(map[string]string{
			"Chart.yaml": meta("c", "dependencies: "+dependencies), "values.yaml": parent,
			"charts/s/Chart.yaml": meta("s"), "charts/s/values.yaml": sub,
		})
		c, err := chart.Load(fsys, chart.LoadOptions{MaxBytes: 50_000})
		if err != nil {
			return
		}
		vals, err := values.Parse([]byte(user))
		if err != nil {
			return
		}
		before, userBefore := dump(t, c), canonical(t, vals)
		first, err := c.Configure(vals, chart.ConfigureOptions{})
		second, err2 := c.Configure(vals, chart.ConfigureOptions{})
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("two runs end with %v and %v", err, err2)
		}
		if dump(t, c) != before || canonical(t, vals) != userBefore {
			t.Fatal("the chart or the user's values changed")
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(first, second, cmp.AllowUnexported(chart.Chart{})); diff != "" {
			t.Fatalf("two runs differ:\n%s", diff)
		}
		for key, v := range vals {
			if _, isMap := v.(values.Map); v != nil && !isMap && !cmp.Equal(v, first.Values[key]) {
				t.Fatalf("the user's %s is %v, not %v", key, first.Values[key], v)
			}
		}
	})
}
