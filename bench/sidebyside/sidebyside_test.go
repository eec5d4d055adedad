//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCompareFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		helm1, helm2, pack string
		want               comparison
	}{
		"same":          {"a\nb\n", "a\nb\n", "a\nb\n", same},
		"random":        {"a\n1\n", "a\n2\n", "a\n3\n", sameMasked},
		"another line":  {"a\nb\n", "a\nb\n", "a\nc\n", differs},
		"no line break": {"a\nb\n", "a\nb\n", "a\nb", differs},
		"more":          {"a\n", "a\n", "a\nb\n", differs},
		"less":          {"a\nb\n", "a\nb\n", "a\n", differs},
		"nothing":       {"", "", "", same},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &pair{dir: t.TempDir()}
			names := [3]string{"helm1", "helm2", "pack"}
			for i, text := range []string{test.helm1, test.helm2, test.pack} {
				if err := os.WriteFile(p.path(names[i]), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := p.compareFiles(names)
			if err != nil || got != test.want {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestMedians(t *testing.T) {
	t.Parallel()
	list := func(ms ...int) (out []sample) {
		for _, n := range ms {
			out = append(out, sample{wall: time.Duration(n) * time.Millisecond})
		}
		return out
	}
	wall := func(s sample) float64 { return float64(s.wall.Milliseconds()) }
	if got := median(list(9, 1, 4), wall); got != 4 {
		t.Errorf("the median of three is %v", got)
	}
	if got := median(list(9, 1, 4, 2), wall); got != 3 {
		t.Errorf("the median of four is %v", got)
	}
	// A slow moment of the machine slows both programs.
	if got := medianRatio(list(40, 400, 44), list(10, 100, 10), wall); got != 4 {
		t.Errorf("the median ratio is %v", got)
	}
}

func TestAssemble(t *testing.T) {
	t.Parallel()
	root, to := t.TempDir(), filepath.Join(t.TempDir(), "web")
	for name, text := range map[string]string{
		"other/web/Chart.yaml":    "name: web\nversion: 9.0.0\n",
		"owner/web/Chart.yaml":    "name: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: 1.x}\n- {name: gone, version: 1.x}\n",
		"owner/web/Chart.lock":    "dependencies: []\n",
		"other/db/Chart.yaml":     "name: db\nversion: 1.0.0\n",
		"owner/db/Chart.yaml":     "name: db\nversion: 1.1.0\n",
		"owner/old/db/Chart.yaml": "name: db\nversion: 0.1.0\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var notes strings.Builder
	lib, err := newLibrary(root, &notes)
	if err != nil {
		t.Fatal(err)
	}
	if err := lib.assemble(publicChart{"web", "owner"}, to); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, name := range []string{"Chart.yaml", "charts/db/Chart.yaml", "Chart.lock"} {
		if text, err := os.ReadFile(filepath.Join(to, name)); err == nil {
			got[name] = string(text)
		}
	}
	want := map[string]string{
		"Chart.yaml":           `{"dependencies":[{"name":"db","version":"1.x"}],"name":"web","version":"1.0.0"}`,
		"charts/db/Chart.yaml": "name: db\nversion: 1.1.0\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if want := "web: copied without its dependency gone 1.x, which is not there\n"; notes.String() != want {
		t.Errorf("notes %q, want %q", notes.String(), want)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var sb strings.Builder
	rows := []row{{
		name: "version", wall: 4.56, cpu: 3, peak: 0.333, output: same,
		pack: sample{wall: 10 * time.Millisecond, cpu: 12 * time.Millisecond, peak: 16 << 20},
		helm: sample{wall: 45 * time.Millisecond, cpu: 36 * time.Millisecond, peak: 48 << 20},
	}}
	if err := writeTable(&sb, rows, "| ", " | ", " |"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(sb.String(), "\n")
	want := "| version | 10.0 | 45.0 | 4.6 | 12.0 | 36.0 | 3.0 | 16.0 | 48.0 | 0.33 | same |"
	if len(lines) != 4 || lines[2] != want {
		t.Errorf("table:\n%s\nwant the row %s", sb.String(), want)
	}
}

func TestGenerated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := prepare(dir, "", io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases(dir) {
		_, err := os.Stat(c.needs)
		public := false
		for _, p := range publicCharts() {
			public = public || filepath.Base(c.needs) == p.name
		}
		if (err != nil) != public {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
