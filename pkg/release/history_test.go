package release_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func webKey() release.Key { return release.Key{Namespace: "prod", Name: "web"} }

// fill creates revisions 1, 2, ... of web, with these statuses.
func fill(t testing.TB, store release.Store, statuses ...release.Status) {
	t.Helper()
	for i, status := range statuses {
		if err := store.Create(t.Context(), releasetest.NewRelease(webKey(), i+1, status)); err != nil {
			t.Fatal(err)
		}
	}
}

func superseded(n int) []release.Status {
	statuses := make([]release.Status, n)
	for i := range statuses {
		statuses[i] = release.StatusSuperseded
	}
	return statuses
}

// damageLog collects what Records reports.
type damageLog []string

func (l *damageLog) add(err *release.RecordError) { *l = append(*l, err.Error()) }

func damage(store *releasetest.Store, key release.Key, revision int, status release.Status) {
	store.Put(key, revision, map[string]string{"status": string(status)}, []byte("%"))
}

func revisions(records []*release.Release) []int {
	var out []int
	for _, rel := range records {
		out = append(out, rel.Version)
	}
	return out
}

func TestHistory(t *testing.T) {
	t.Parallel()
	store := releasetest.NewStore(releasetest.StoreConfig{})
	fill(t, store, superseded(12)...)
	damage(store, webKey(), 4, release.StatusSuperseded)
	damage(store, webKey(), 11, release.StatusFailed)
	for n, want := range map[int][]int{
		0: {1, 2, 3, 5, 6, 7, 8, 9, 10, 12}, 2: {12}, 3: {10, 12}, 20: {1, 2, 3, 5, 6, 7, 8, 9, 10, 12},
	} {
		var log damageLog
		records := release.Records{Store: store, Damaged: log.add, Parallel: 2}
		got, err := records.Newest(t.Context(), webKey(), n)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, revisions(got)); diff != "" {
			t.Errorf("newest %d: %s", n, diff)
		}
		if n != 0 {
			continue
		}
		if diff := cmp.Diff(damageLog{
			"record of revision 4 of release prod/web cannot be read: its base64 is damaged: illegal base64 data at input byte 0",
			"record of revision 11 of release prod/web cannot be read: its base64 is damaged: illegal base64 data at input byte 0",
		}, log); diff != "" {
			t.Error(diff)
		}
	}
	all, err := release.Records{Store: store}.History(t.Context(), webKey())
	if err != nil || len(all) != 10 {
		t.Errorf("history of %d records, error %v", len(all), err)
	}
	heads, err := release.Records{Store: store}.Heads(t.Context(), webKey())
	if err != nil || len(heads) != 12 || heads[0].Revision != 1 || heads[11].Revision != 12 || release.NextRevision(heads) != 13 {
		t.Errorf("%d heads, the next is revision %d, error %v", len(heads), release.NextRevision(heads), err)
	}
}

func TestHistoryOfNothing(t *testing.T) {
	t.Parallel()
	store := releasetest.NewStore(releasetest.StoreConfig{})
	records := release.Records{Store: store}
	heads, err := records.Heads(t.Context(), webKey())
	if err != nil || len(heads) != 0 || release.NextRevision(heads) != 1 {
		t.Errorf("heads %v, error %v", heads, err)
	}
	check := func(what string, right func(error) bool) {
		t.Helper()
		_, historyErr := records.History(t.Context(), webKey())
		_, lastErr := records.Last(t.Context(), webKey())
		if !right(historyErr) || !right(lastErr) {
			t.Errorf("%s: errors %v and %v", what, historyErr, lastErr)
		}
	}
	check("nothing", func(err error) bool { return errors.Is(err, release.ErrNotFound) })
	_, err = records.Deployed(t.Context(), webKey())
	if !errors.Is(err, release.ErrNoDeployed) || err.Error() != `"web" has no deployed releases` {
		t.Errorf("error %v", err)
	}
	damage(store, webKey(), 1, release.StatusDeployed)
	damage(store, webKey(), 2, release.StatusDeployed)
	isDamage := func(err error) bool {
		_, ok := errors.AsType[*release.RecordError](err)
		return ok
	}
	check("nothing but damage", isDamage)
	if _, err = records.Deployed(t.Context(), webKey()); !isDamage(err) {
		t.Errorf("error %v, want a *RecordError", err)
	}
}

// TestHistoryGone: records that are deleted while they are read are not there.
func TestHistoryGone(t *testing.T) {
	t.Parallel()
	store := releasetest.NewStore(releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
		if call.Op == releasetest.StoreGet && call.Revision < 3 {
			return fmt.Errorf("just deleted: %w", release.ErrNotFound)
		}
		return nil
	}})
	fill(t, store, superseded(2)...)
	records := release.Records{Store: store}
	if _, err := records.History(t.Context(), webKey()); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	if err := store.Create(t.Context(), releasetest.NewRelease(webKey(), 3, release.StatusDeployed)); err != nil {
		t.Fatal(err)
	}
	got, err := records.History(t.Context(), webKey())
	if err != nil || !cmp.Equal(revisions(got), []int{3}) {
		t.Errorf("revisions %v, error %v", revisions(got), err)
	}
}

func TestLastAndDeployed(t *testing.T) {
	t.Parallel()
	const s, d, f = release.StatusSuperseded, release.StatusDeployed, release.StatusFailed
	for _, tt := range []struct {
		name           string
		statuses       []release.Status
		damaged        []int
		last, deployed int
	}{
		{"one", []release.Status{d}, nil, 1, 1},
		{"failed after deployed", []release.Status{s, d, f, f}, nil, 4, 2},
		{"ten and more", []release.Status{s, s, s, s, s, s, s, s, s, s, d}, nil, 11, 11},
		{"two deployed", []release.Status{d, d, f}, nil, 3, 2},
		{"the last is damaged", []release.Status{d, s}, []int{2}, 1, 1},
		{"the deployed is damaged", []release.Status{d, d, s}, []int{2}, 3, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := releasetest.NewStore(releasetest.StoreConfig{})
			fill(t, store, tt.statuses...)
			for _, revision := range tt.damaged {
				damage(store, webKey(), revision, tt.statuses[revision-1])
			}
			var log damageLog
			records := release.Records{Store: store, Damaged: log.add}
			last, err := records.Last(t.Context(), webKey())
			if err != nil {
				t.Fatal(err)
			}
			deployed, err := records.Deployed(t.Context(), webKey())
			if err != nil {
				t.Fatal(err)
			}
			if last.Version != tt.last || deployed.Version != tt.deployed {
				t.Errorf("last %d, deployed %d, want %d and %d", last.Version, deployed.Version, tt.last, tt.deployed)
			}
			if (len(log) > 0) != (len(tt.damaged) > 0) {
				t.Errorf("reported: %v", log)
			}
		})
	}
}

// TestReadStops: one failure ends a reading, and as many records as allowed are
// read at once.
func TestReadStops(t *testing.T) {
	t.Parallel()
	errDown := errors.New("the server is down")
	var now, most atomic.Int32
	store := releasetest.NewStore(releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
		if call.Op != releasetest.StoreGet {
			return nil
		}
		n := now.Add(1)
		defer now.Add(-1)
		for {
			old := most.Load()
			if n <= old || most.CompareAndSwap(old, n) {
				break
			}
		}
		if call.Revision == 5 {
			return errDown
		}
		return nil
	}})
	fill(t, store, superseded(40)...)
	_, err := release.Records{Store: store, Parallel: 3}.History(t.Context(), webKey())
	if !errors.Is(err, errDown) {
		t.Errorf("error %v, want %v", err, errDown)
	}
	if most.Load() > 3 {
		t.Errorf("%d records were read at once", most.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (release.Records{Store: store}).History(ctx, webKey()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func ExampleRecords_History() {
	ctx := context.Background()
	store := releasetest.NewStore(releasetest.StoreConfig{})
	key := release.Key{Namespace: "prod", Name: "web"}
	for revision, status := range map[int]release.Status{1: release.StatusSuperseded, 2: release.StatusDeployed} {
		if err := store.Create(ctx, releasetest.NewRelease(key, revision, status)); err != nil {
			panic(err)
		}
	}
	history, err := release.Records{Store: store}.History(ctx, key)
	if err != nil {
		panic(err)
	}
	for _, rel := range history {
		fmt.Println(rel.Version, rel.Info.Status, rel.Chart.FullName())
	}
	// Output:
	// 1 superseded web-1.2.3
	// 2 deployed web-1.2.3
}
