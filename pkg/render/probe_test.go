package render_test

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// probe is an expression, and what Helm 4.3.1 makes of it in the chart in
// testdata/functions, with the release "rel" in the namespace "ns".
type probe struct {
	expr string
	// kind is "out" for text and "err" for an error.
	kind string
	text string
}

// readProbes reads a file of probes: an expression, the kind of the result and
// the result on each line, texts as JSON.
func readProbes(t testing.TB, name string) []probe {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []probe
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 {
			t.Fatalf("%s: %q", name, lines.Text())
		}
		p := probe{kind: fields[1]}
		for text, into := range map[string]*string{fields[0]: &p.expr, fields[2]: &p.text} {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				t.Fatalf("%s: %q: %v", name, text, err)
			}
		}
		list = append(list, p)
	}
	if err := lines.Err(); err != nil || len(list) < 100 {
		t.Fatalf("%s: %d probes: %v", name, len(list), err)
	}
	return list
}

// probeFiles are the files of the chart for probes.
func probeFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	dir := filepath.Join("testdata", "functions")
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".tsv") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestLikeHelm(t *testing.T) {
	t.Parallel()
	r, err := render.New(render.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"special.tsv", "functions.tsv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := probeFiles(t)
			for _, p := range readProbes(t, filepath.Join("testdata", "functions", name)) {
				kind, text := runProbe(t, r, files, p.expr)
				if kind != p.kind || text != strings.TrimRight(p.text, "\n") {
					t.Errorf("%s\n got %s: %s\nwant %s: %s", p.expr, kind, text, p.kind, p.text)
				}
			}
		})
	}
}

func runProbe(t *testing.T, r *render.Renderer, files fstest.MapFS, expr string) (kind, text string) {
	t.Helper()
	files["templates/p.txt"] = &fstest.MapFile{Data: []byte("<" + expr + ">")}
	c, err := chart.Load(files, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// The output of most probes is no manifest; with a PostRender that takes
	// it away nothing reads it as one.
	var output string
	_, err = r.Render(t.Context(), configured, render.Input{
		Release:    render.Release{Name: "rel", Namespace: "ns", Revision: 1, IsInstall: true},
		PostRender: take(&output),
	})
	if err != nil {
		return "err", strings.TrimRight(err.Error(), "\n")
	}
	return "out", strings.TrimRight(output, "\n")
}
