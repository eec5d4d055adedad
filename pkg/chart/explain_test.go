package chart_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// envChart is a chart with environments, globals, an alias and an import.
func envChart() map[string]string {
	return map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n" +
			"- {name: db, version: 1.0.0, alias: store, import-values: [data, {child: auth, parent: login}]}\n" +
			"- {name: cache, version: 1.0.0, condition: cache.enabled}\n",
		"values.yaml":                            "image:\n  repository: nginx\n  tag: \"1\"\nstore:\n  size: 5\nglobal:\n  zone: a\ncache:\n  enabled: false\n",
		"environments/prod.yaml":                 "image:\n  tag: \"2\"\nstore:\n  user: parent\ncache:\n  enabled: true\n",
		"environments/dev.yml":                   "image:\n  tag: dev\n",
		"environments/nested/no.yaml":            "a: 1\n",
		"environments/readme.md":                 "no\n",
		"charts/db/Chart.yaml":                   "apiVersion: v2\nname: db\nversion: 1.0.0\n",
		"charts/db/values.yaml":                  "user: sub\nsize: 1\nauth:\n  name: me\nexports:\n  data:\n    shared: yes\nglobal:\n  zone: b\n  own: c\n",
		"charts/db/environments/prod.yaml":       "user: env\nsize: 9\n",
		"charts/cache/Chart.yaml":                "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
		"charts/cache/values.yaml":               "size: 1\n",
		"charts/cache/environments/staging.yaml": "size: 2\n",
	}
}

func mapFS(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	c := load(t, envChart())
	var got []string
	for _, e := range c.Environments() {
		got = append(got, fmt.Sprintf("%s %s %s", e.Name, e.Chart, e.Path))
	}
	want := []string{
		"dev web environments/dev.yml",
		"prod web/charts/store charts/db/environments/prod.yaml",
		"prod web environments/prod.yaml",
		"staging web/charts/cache charts/cache/environments/staging.yaml",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := c.EnvironmentLayers("prod", "prd")
	if unknown, ok := errors.AsType[*chart.UnknownEnvironmentError](err); !ok || unknown.Name != "prd" ||
		!slices.Equal(unknown.Known, []string{"dev", "prod", "staging"}) {
		t.Errorf("an unknown environment: %v", err)
	}
}

// configureWith settles a chart with environments, a file and flags.
func configureWith(t *testing.T, c *chart.Chart, file string, set []string, environments ...string) (*chart.Configured, []values.Layer) {
	t.Helper()
	below, err := c.EnvironmentLayers(environments...)
	if err != nil {
		t.Fatal(err)
	}
	opts := values.UserOptions{Below: below, Files: []string{"user.yaml"}, Set: set}
	user, layers, err := values.CollectLayers(t.Context(), opts, func(string) ([]byte, error) { return []byte(file), nil })
	if err != nil {
		t.Fatal(err)
	}
	configured, err := c.Configure(user, chart.ConfigureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return configured, layers
}

func TestExplain(t *testing.T) {
	t.Parallel()
	c := load(t, envChart())
	configured, layers := configureWith(t, c, "image:\n  pull: x\nstore: {size: 7}\n", []string{"image.tag=3,list[1]=x"}, "prod")
	explainer := configured.Explainer(layers)
	for path, want := range map[string][]string{
		"image.tag":         {"--set image.tag", "environments/prod.yaml:2:3", "values.yaml:3:3"},
		"image.repository":  {"values.yaml:2:3"},
		"image.pull":        {"user.yaml:2:3"},
		"store.size":        {"user.yaml:3:9", "charts/db/environments/prod.yaml:2:1", "values.yaml:5:3", "charts/store/values.yaml:2:1"},
		"store.user":        {"environments/prod.yaml:4:3", "charts/db/environments/prod.yaml:1:1", "charts/store/values.yaml:1:1"},
		"store.global.zone": {"values.yaml:7:3 (global of web)", "charts/store/values.yaml:9:3"},
		"store.global.own":  {"charts/store/values.yaml:10:3"},
		"shared":            {"charts/store/values.yaml:7:5 (imported from store)"},
		"login.name":        {"charts/store/values.yaml:4:3 (imported from store)"},
		"list":              {"--set list"},
		"nothing":           nil,
		"image.nothing":     nil,
	} {
		var got []string
		for _, o := range explainer.Explain(splitDots(path)) {
			got = append(got, o.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if len(configured.Chart.Dependencies()) != 2 {
		t.Error("the environment does not turn the subchart on")
	}
}

func splitDots(path string) []string {
	var keys []string
	start := 0
	for i := range path {
		if path[i] == '.' {
			keys = append(keys, path[start:i])
			start = i + 1
		}
	}
	return append(keys, path[start:])
}

// TestExplainTellsWhatCounts holds for random charts and values that the first
// place that is named has the value that counts.
func TestExplainTellsWhatCounts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		imports := ""
		if seed%2 == 1 {
			imports = ", import-values: [{child: k0, parent: k1}]"
		}
		files := map[string]string{
			"Chart.yaml": "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n" +
				"- {name: a, version: 1.0.0" + imports + "}\n- {name: b, version: 1.0.0}\n",
			"values.yaml":                   randomValues(t, r, 0),
			"charts/a/Chart.yaml":           "apiVersion: v2\nname: a\nversion: 1.0.0\n",
			"charts/a/values.yaml":          randomValues(t, r, 1),
			"charts/a/environments/e.yaml":  randomValues(t, r, 1),
			"charts/a/charts/c/Chart.yaml":  "apiVersion: v2\nname: c\nversion: 1.0.0\n",
			"charts/a/charts/c/values.yaml": randomValues(t, r, 2),
			"charts/b/Chart.yaml":           "apiVersion: v2\nname: b\nversion: 1.0.0\n",
			"charts/b/values.yaml":          randomValues(t, r, 2),
			"environments/e.yaml":           randomValues(t, r, 0),
		}
		c, err := chart.Load(mapFS(files), chart.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		below, err := c.EnvironmentLayers("e")
		if err != nil {
			t.Fatal(err)
		}
		opts := values.UserOptions{Below: below, Files: []string{"u"}, Set: []string{fmt.Sprintf("k%d.k%d=set", r.IntN(4), r.IntN(4))}}
		file := randomValues(t, r, 0)
		user, layers, err := values.CollectLayers(context.Background(), opts, func(string) ([]byte, error) { return []byte(file), nil })
		if err != nil {
			continue // types clash
		}
		configured, err := c.Configure(user, chart.ConfigureOptions{})
		if err != nil {
			continue // types clash
		}
		explainer := configured.Explainer(layers)
		eachLeaf(configured.Values, nil, func(path []string, v any) {
			if m, ok := v.(map[string]any); ok && len(m) == 0 {
				return // what is left of maps in which everything was deleted
			}
			if slices.Index(path, "global") > 0 {
				// A chart with dependencies takes the globals of its defaults into the
				// sections below before the user's values are known; for some of
				// those no place can be named.
				return
			}
			origins := explainer.Explain(path)
			if len(origins) == 0 {
				t.Errorf("seed %d: nobody set %v = %v", seed, path, v)
			} else if !reflect.DeepEqual(origins[0].Value, v) {
				t.Errorf("seed %d: %v is %v, and %s has %v\nfiles %v\nuser %s %v", seed, path, v, origins[0], origins[0].Value, files, file, opts.Set)
			}
		})
		if t.Failed() {
			return
		}
	}
}

// randomValues are a values file for a chart of a level: with sections of
// subcharts and globals.
func randomValues(t *testing.T, r *rand.Rand, level int) string {
	t.Helper()
	tree := randomTree(r, 2)
	if level == 0 {
		tree["a"] = randomTree(r, 2)
		tree["b"] = randomTree(r, 1)
	}
	if level == 1 {
		tree["c"] = randomTree(r, 1)
	}
	if r.IntN(2) == 0 {
		tree["global"] = randomTree(r, 1)
	}
	text, err := yamlio.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func randomTree(r *rand.Rand, depth int) map[string]any {
	tree := map[string]any{}
	for range r.IntN(4) {
		key := fmt.Sprintf("k%d", r.IntN(4))
		if depth > 0 && r.IntN(2) == 0 {
			tree[key] = randomTree(r, depth-1)
			continue
		}
		tree[key] = []any{float64(r.IntN(100)), "text", true, []any{1.0, "x"}}[r.IntN(4)]
	}
	return tree
}

func eachLeaf(v any, path []string, do func([]string, any)) {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		do(path, v)
		return
	}
	for key, below := range m {
		eachLeaf(below, append(slices.Clone(path), key), do)
	}
}
