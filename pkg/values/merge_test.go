package values_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		layers []values.Map
		want   values.Map
	}{
		{"nothing", nil, values.Map{}},
		{"nil layers", []values.Map{nil, nil}, values.Map{}},
		{
			"maps are merged key by key",
			[]values.Map{{"a": values.Map{"b": 1.0, "c": 2.0}}, {"a": values.Map{"c": 3.0, "d": 4.0}}},
			values.Map{"a": values.Map{"b": 1.0, "c": 3.0, "d": 4.0}},
		},
		{
			"lists are replaced",
			[]values.Map{{"a": []any{1.0, 2.0}}, {"a": []any{3.0}}},
			values.Map{"a": []any{3.0}},
		},
		{
			"null replaces and stays",
			[]values.Map{{"a": values.Map{"b": 1.0}, "c": 1.0}, {"a": nil, "c": nil}},
			values.Map{"a": nil, "c": nil},
		},
		{
			"a map replaces what is not one, and the reverse",
			[]values.Map{{"a": 1.0, "b": values.Map{"c": 1.0}}, {"a": values.Map{"d": 1.0}, "b": "x"}},
			values.Map{"a": values.Map{"d": 1.0}, "b": "x"},
		},
		{
			"what was replaced is gone",
			[]values.Map{{"a": values.Map{"b": 1.0}}, {"a": nil}, {"a": values.Map{"c": 1.0}}},
			values.Map{"a": values.Map{"c": 1.0}},
		},
		{
			"nil maps hold nothing",
			[]values.Map{{"a": values.Map(nil)}, {"a": values.Map{"b": 1.0}, "c": values.Map(nil)}},
			values.Map{"a": values.Map{"b": 1.0}, "c": values.Map(nil)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, values.Merge(test.layers...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestMergeLaws(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		g := newTrees(seed)
		a, b, c := g.table(4), g.table(4), g.table(4)
		law := func(name string, want, got values.Map) {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("seed %d: %s (-want +got)\n%s", seed, name, diff)
			}
		}
		law("one layer is itself", a, values.Merge(a))
		law("an empty layer changes nothing", a, values.Merge(nil, a, values.Map{}))
		law("a layer twice is a layer once", a, values.Merge(a, a))
		law("layers are put on one by one", values.Merge(a, b, c), values.Merge(values.Merge(a, b), c))
		law("the top wins", values.Merge(a, b), values.Merge(a, b, b))

		// A scalar in the middle hides what is below, but only from those
		// above it: grouping matters unless kinds agree.
		g.kinds = true
		a, b, c = g.table(4), g.table(4), g.table(4)
		law("grouping does not matter", values.Merge(values.Merge(a, b), c), values.Merge(a, values.Merge(b, c)))
	}
}

func TestMergeSharesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		g := newTrees(seed)
		a, b := g.table(4), g.table(4)
		wantA, wantB := values.Clone(a), values.Clone(b)
		scramble(values.Merge(a, b))
		scramble(values.Clone(a))
		if diff := cmp.Diff(wantA, a) + cmp.Diff(wantB, b); diff != "" {
			t.Errorf("seed %d: a change of the result changed an argument\n%s", seed, diff)
		}
		got := values.Merge(a, b)
		want := values.Clone(got)
		scramble(a)
		scramble(b)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d: a change of an argument changed the result\n%s", seed, diff)
		}
	}
}

func TestCloneNil(t *testing.T) {
	t.Parallel()
	want := values.Map{"a": []any(nil), "b": values.Map(nil)}
	got := values.Clone(values.Map{"a": []any(nil), "b": values.Map(nil)})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if values.Clone(nil) == nil {
		t.Error("the clone of nil is nil")
	}
}
