package release_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestReuse: revision 1 has the values {a: 1, m: {x: 1, y: 1}} over the defaults
// {a: 0, b: 0, m: {x: 0, z: 0}}; the new chart has the defaults
// {a: 9, b: 9, new: 9, m: {x: 9, z: 9}}.
func TestReuse(t *testing.T) {
	t.Parallel()
	const show = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  v: '{{ .Values | toJson }}'\n"
	first := map[string]string{"a.yaml": show, "values.yaml": "a: 0\nb: 0\nm: {x: 0, z: 0}\n"}
	second := map[string]string{"a.yaml": show, "values.yaml": "a: 9\nb: 9\nnew: 9\nm: {x: 9, z: 9}\n"}
	old := map[string]any{"a": 1, "m": map[string]any{"x": 1, "y": 1}}
	type tree = map[string]any
	for _, tt := range []struct {
		name   string
		reuse  release.Reuse
		values tree
		config tree   // what is stored
		shown  string // what is rendered with
	}{
		{"auto, none", release.ReuseAuto, nil, tree{"a": 1.0, "m": tree{"x": 1.0, "y": 1.0}}, `{"a":1,"b":9,"m":{"x":1,"y":1,"z":9},"new":9}`},
		{"auto, some", release.ReuseAuto, tree{"b": 2}, tree{"b": 2.0}, `{"a":9,"b":2,"m":{"x":9,"z":9},"new":9}`},
		{"reset, none", release.ReuseReset, nil, nil, `{"a":9,"b":9,"m":{"x":9,"z":9},"new":9}`},
		{"reset, some", release.ReuseReset, tree{"b": 2}, tree{"b": 2.0}, `{"a":9,"b":2,"m":{"x":9,"z":9},"new":9}`},
		{"reuse, none", release.ReuseValues, nil, tree{"a": 1.0, "m": tree{"x": 1.0, "y": 1.0}}, `{"a":1,"b":0,"m":{"x":1,"y":1,"z":0}}`},
		{
			"reuse, some", release.ReuseValues, tree{"b": 2, "m": tree{"y": 2}},
			tree{"a": 1.0, "b": 2.0, "m": tree{"x": 1.0, "y": 2.0}}, `{"a":1,"b":2,"m":{"x":1,"y":2,"z":0}}`,
		},
		{
			"reuse, nulls", release.ReuseValues, tree{"a": nil, "m": tree{"y": nil}},
			tree{"m": tree{"x": 1.0}}, `{"a":1,"b":0,"m":{"x":1,"y":1,"z":0}}`,
		},
		{
			"reset then reuse, none", release.ReuseResetThen, nil,
			tree{"a": 1.0, "m": tree{"x": 1.0, "y": 1.0}}, `{"a":1,"b":9,"m":{"x":1,"y":1,"z":9},"new":9}`,
		},
		{
			"reset then reuse, some", release.ReuseResetThen, tree{"b": 2, "m": tree{"y": 2}},
			tree{"a": 1.0, "b": 2.0, "m": tree{"x": 1.0, "y": 2.0}}, `{"a":1,"b":2,"m":{"x":1,"y":2,"z":9},"new":9}`,
		},
		{
			"reset then reuse, nulls", release.ReuseResetThen, tree{"a": nil, "m": tree{"y": nil}},
			tree{"m": tree{"x": 1.0}}, `{"a":9,"b":9,"m":{"x":1,"z":9},"new":9}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			b.mustDeploy(release.DeployRequest{Chart: chartOf(t, first), Values: old})
			given := fmt.Sprint(tt.values)
			b.mustDeploy(release.DeployRequest{Mode: release.Upgrade, Chart: chartOf(t, second), Values: tt.values, Reuse: tt.reuse})
			if now := fmt.Sprint(tt.values); now != given {
				t.Errorf("the request's values became %s", now)
			}
			rel, err := b.Get(t.Context(), webKey(), 2)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.config, rel.Config); diff != "" {
				t.Error(diff)
			}
			_, shown, _ := strings.Cut(rel.Manifest, "v: '")
			shown, _, _ = strings.Cut(shown, "'")
			if diff := cmp.Diff(tt.shown, shown); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestReuseAfterFailure: the values are those of what is deployed, the labels
// those of the last revision, as in Helm.
func TestReuseAfterFailure(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	c := configMaps(t, "a")
	b.mustDeploy(release.DeployRequest{Chart: c, Values: map[string]any{"v": 1}, Labels: map[string]string{"l": "1"}})
	b.cluster.SetStatus(cmRef("a"), release.ObjectFailed, "no")
	_, err := b.try(t.Context(), release.DeployRequest{
		Mode: release.Upgrade, Chart: c, Values: map[string]any{"v": 2}, Labels: map[string]string{"l": "2"},
	}, release.ApplyOptions{Wait: release.WaitReady})
	if _, ok := errors.AsType[*release.WaitError](err); !ok {
		t.Fatal(err)
	}
	rel := b.mustDeploy(release.DeployRequest{Mode: release.Upgrade, Chart: c})
	if diff := cmp.Diff(map[string]any{"v": 1.0}, rel.Config); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"l": "2"}, rel.Labels); diff != "" {
		t.Error(diff)
	}
}
