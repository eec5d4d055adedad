package release_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// TestPrunable has the cases of Helm's --history-max.
func TestPrunable(t *testing.T) {
	t.Parallel()
	const s, d, f = release.StatusSuperseded, release.StatusDeployed, release.StatusFailed
	for _, tt := range []struct {
		name     string
		statuses []release.Status
		limit    int
		want     []int
	}{
		{"none", nil, 3, nil},
		{"no limit", []release.Status{s, s, s, d}, 0, nil},
		{"negative limit", []release.Status{s, s, s, d}, -1, nil},
		{"room is left", []release.Status{s, d}, 3, nil},
		{"one too many", []release.Status{s, s, d}, 3, []int{1}},
		{"nine", []release.Status{s, s, s, s, s, s, s, s, d}, 3, []int{1, 2, 3, 4, 5, 6, 7}},
		{"the deployed one stays", []release.Status{d, f, f, f, f}, 3, []int{2, 3, 4}},
		{"the newest deployed one", []release.Status{d, d, f, f}, 2, []int{1, 3, 4}},
		{"a limit of one", []release.Status{s, d, f}, 1, []int{1, 3}},
		{"only the deployed one", []release.Status{d}, 1, nil},
		{"nothing is deployed", []release.Status{f, f, f}, 2, []int{1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := releasetest.NewStore(releasetest.StoreConfig{})
			fill(t, store, tt.statuses...)
			records := release.Records{Store: store}
			heads, err := records.Heads(t.Context(), webKey())
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, h := range release.Prunable(heads, tt.limit) {
				got = append(got, h.Revision)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if err := records.Forget(t.Context(), webKey(), got); err != nil {
				t.Fatal(err)
			}
			if heads, err = records.Heads(t.Context(), webKey()); err != nil || len(heads) != len(tt.statuses)-len(tt.want) {
				t.Errorf("%d records are left, error %v", len(heads), err)
			}
		})
	}
}

func TestForgetErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		denied []int
		gone   []int
		want   string
	}{
		{nil, []int{1, 2}, ""},
		{[]int{2}, nil, "denied"},
		{[]int{1, 3}, []int{2}, "encountered 2 deletion errors. First is: denied"},
	} {
		answers := map[int]error{}
		for _, revision := range tt.denied {
			answers[revision] = errDenied
		}
		for _, revision := range tt.gone {
			answers[revision] = release.ErrNotFound
		}
		store := releasetest.NewStore(releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
			if call.Op == releasetest.StoreDelete {
				return answers[call.Revision]
			}
			return nil
		}})
		fill(t, store, superseded(5)...)
		err := release.Records{Store: store}.Forget(t.Context(), webKey(), []int{1, 2, 3, 4})
		if (err == nil) != (tt.want == "") || err != nil && (err.Error() != tt.want || !errors.Is(err, errDenied)) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
