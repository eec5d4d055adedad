package plugin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

func TestLoadAll(t *testing.T) {
	t.Parallel()
	one, two := t.TempDir(), t.TempDir()
	write(t, one, map[string]string{
		"b/plugin.yaml":        "name: beta\ncommand: x\n",
		"a/plugin.yaml":        "name: alpha\ndownloaders: [{command: x, protocols: [a]}]\n",
		"broken/plugin.yaml":   "name: [\n",
		"large/plugin.yaml":    "name: large\n#" + strings.Repeat("x", 2<<20) + "\n",
		"folder/plugin.yaml/x": "",
		"none/other.yaml":      "name: none\n",
		"deep/er/plugin.yaml":  "name: deep\n",
		"plugin.yaml":          "name: top\n",
	})
	write(t, two, map[string]string{"c/plugin.yaml": "name: beta\ncommand: y\n"})
	if err := os.Symlink(filepath.Join(one, "deep", "er"), filepath.Join(two, "linked")); err != nil {
		t.Fatal(err)
	}
	var broken []string
	all, err := plugin.LoadAll([]string{one, "", filepath.Join(one, "missing"), two}, func(file string, err error) {
		broken = append(broken, filepath.Base(filepath.Dir(file))+": "+strings.ReplaceAll(err.Error(), one, ""))
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range all {
		got = append(got, p.Name+" "+p.Dir)
	}
	want := []string{
		"alpha " + filepath.Join(one, "a"), "beta " + filepath.Join(one, "b"),
		"beta " + filepath.Join(two, "c"), "deep " + filepath.Join(two, "linked"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for i, want := range []string{"failed to load plugin \"/broken\"", "not a regular file", "larger than 1048576 bytes"} {
		if i >= len(broken) || !strings.Contains(broken[i], want) {
			t.Errorf("broken %q, want %q at %d", broken, want, i)
		}
	}
	if p := plugin.Find(all, "beta", ""); p == nil || p.Dir != filepath.Join(one, "b") {
		t.Errorf("Find(beta) = %v", p)
	}
	if p := plugin.Find(all, "", plugin.TypeGetter); p == nil || p.Name != "alpha" {
		t.Errorf("Find(getter) = %v", p)
	}
	if p := plugin.Find(all, "alpha", plugin.TypeCLI); p != nil {
		t.Errorf("Find(alpha, cli) = %v", p)
	}
}

func TestLoadAllDuplicates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/plugin.yaml": "name: same\n", "b/plugin.yaml": "name: same\n"})
	_, err := plugin.LoadAll([]string{dir}, nil)
	want := `two plugins claim the name "same" at "` + filepath.Join(dir, "a") + `" and "` + filepath.Join(dir, "b") + `"`
	if text(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestLoadMissing(t *testing.T) {
	t.Parallel()
	_, err := plugin.Load(t.TempDir())
	if !strings.HasPrefix(text(err), "failed to read plugin at ") {
		t.Errorf("error %v", err)
	}
}
