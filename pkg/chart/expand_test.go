package chart_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// tgz is an archive of files, in the order of their names.
func tgz(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := tw.WriteHeader(&tar.Header{Name: name, Size: int64(len(files[name])), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// treeOf are the files below dir with their content.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestExpand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	archive := tgz(t, map[string]string{
		"other/Chart.yaml":         "# a comment\napiVersion: v2\nname: web\nversion: 1.0.0\n",
		"other/templates/a/b.yaml": "a: 1\n",
		"other/charts/db-1.0.tgz":  "no archive at all",
	})
	name, err := chart.Expand(t.Context(), bytes.NewReader(archive), dir, chart.LoadOptions{})
	if err != nil || name != "web" {
		t.Fatalf("%q, %v", name, err)
	}
	want := map[string]string{
		"web/Chart.yaml":         "# a comment\napiVersion: v2\nname: web\nversion: 1.0.0\n",
		"web/templates/a/b.yaml": "a: 1\n",
		"web/charts/db-1.0.tgz":  "no archive at all",
	}
	if diff := cmp.Diff(want, treeOf(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := chart.Expand(t.Context(), bytes.NewReader(archive), dir, chart.LoadOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(want, treeOf(t, dir)); diff != "" {
		t.Errorf("something was left (-want +got):\n%s", diff)
	}
}

func TestExpandIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	_, err := chart.Expand(ctx, bytes.NewReader(tgz(t, map[string]string{"a/Chart.yaml": "name: web"})), dir, chart.LoadOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("something was left: %v, %v", left, err)
	}
}

func TestExpandErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no Chart.yaml":     {map[string]string{"a/x": ""}, "chart name not specified"},
		"no name":           {map[string]string{"a/Chart.yaml": "version: 1"}, "chart name not specified"},
		"the folder":        {map[string]string{"a/Chart.yaml": `name: "."`}, "not allowed"},
		"the parent":        {map[string]string{"a/Chart.yaml": `name: ".."`}, "not allowed"},
		"hidden":            {map[string]string{"a/Chart.yaml": `name: .git`}, `chart name ".git" is not allowed`},
		"control":           {map[string]string{"a/Chart.yaml": `name: "a\eb"`}, "is not allowed"},
		"case":              {map[string]string{"a/Chart.yaml": `name: x`, "a/t/B": "", "a/T/b": ""}, `has "T/b" and "t/B": on systems that ignore case`},
		"a dot at the end":  {map[string]string{"a/Chart.yaml": `name: x`, "a/t/b": "", "a/t/b.": ""}, `has "t/b" and "t/b."`},
		"case of a folder":  {map[string]string{"a/Chart.yaml": `name: x`, "a/B": "", "a/b/c": ""}, `has "B" as a file`},
		"elsewhere":         {map[string]string{"a/Chart.yaml": "name: x/../../y"}, "must not contain path separators"},
		"file and folder":   {map[string]string{"a/Chart.yaml": "name: x", "a/b": "", "a/b/c": ""}, `has "b" as a file`},
		"too many files":    {map[string]string{"a/Chart.yaml": "name: x", "a/b": "", "a/c": "", "a/d": "", "a/e": "", "a/f": ""}, "too large"},
		"Chart.yaml broken": {map[string]string{"a/Chart.yaml": "name: ["}, "cannot load Chart.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := chart.Expand(t.Context(), bytes.NewReader(tgz(t, c.files)), dir, chart.LoadOptions{MaxFiles: 5})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) > 0 {
				t.Errorf("something was left: %v, %v", left, err)
			}
		})
	}
}
