package releasetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	releasetest.TestStore(t, func(*testing.T) release.Store { return releasetest.NewStore(releasetest.StoreConfig{}) })
}

// TestStoreShared runs the suite as a store with one server behind it runs it.
func TestStoreShared(t *testing.T) {
	t.Parallel()
	store := releasetest.NewStore(releasetest.StoreConfig{})
	releasetest.TestStore(t, func(*testing.T) release.Store { return store })
}

func TestStoreCallsAndFailures(t *testing.T) {
	t.Parallel()
	errDown := errors.New("the server is down")
	store := releasetest.NewStore(releasetest.StoreConfig{
		Now: func() time.Time { return time.Unix(1700000000, 0) },
		Fail: func(call releasetest.StoreCall) error {
			if call.Op == releasetest.StoreUpdate && call.Status == release.StatusFailed {
				return errDown
			}
			return nil
		},
	})
	key := release.Key{Namespace: "prod", Name: "web"}
	rel := releasetest.NewRelease(key, 1, release.StatusPendingInstall)
	if err := store.Create(t.Context(), rel); err != nil {
		t.Fatal(err)
	}
	rel.Info.Status = release.StatusFailed
	if err := store.Update(t.Context(), rel); !errors.Is(err, errDown) {
		t.Errorf("error %v, want that of Fail", err)
	}
	got, err := store.Get(t.Context(), key, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got.Info.Status != release.StatusPendingInstall || got.Labels["createdAt"] != "1700000000" {
		t.Errorf("after a failed update: status %s, labels %v", got.Info.Status, got.Labels)
	}
	for _, err := range store.List(t.Context(), release.ListOptions{Namespace: "prod"}) {
		if err != nil {
			t.Error(err)
		}
	}
	if err := store.Delete(t.Context(), key, 1); err != nil {
		t.Error(err)
	}
	var calls []string
	for _, call := range store.Calls() {
		calls = append(calls, call.String())
	}
	want := []string{
		"create prod/web 1 pending-install", "update prod/web 1 failed", "get prod/web 1", "list prod/", "delete prod/web 1",
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
}

func TestStoreForeignRecords(t *testing.T) {
	t.Parallel()
	store := releasetest.NewStore(releasetest.StoreConfig{})
	key := release.Key{Namespace: "prod", Name: "web"}
	store.Put(key, 4, nil, []byte("damaged"))
	_, err := store.Get(t.Context(), key, 4)
	damaged, ok := errors.AsType[*release.RecordError](err)
	if !ok || damaged.Key != key || damaged.Revision != 4 {
		t.Errorf("error %v, want a *RecordError of revision 4", err)
	}
	for h, err := range store.List(t.Context(), release.ListOptions{}) {
		if err != nil || h.Key != key || h.Revision != 4 || h.Status != release.StatusUnknown {
			t.Errorf("head %+v, error %v", h, err)
		}
	}
	e, err := release.Encode(releasetest.NewRelease(key, 4, release.StatusDeployed))
	if err != nil {
		t.Fatal(err)
	}
	store.Put(key, 4, map[string]string{"status": "deployed"}, e)
	rel, err := store.Get(t.Context(), key, 4)
	if err != nil || rel.Version != 4 {
		t.Errorf("got %+v, error %v", rel, err)
	}
	if diff := cmp.Diff(string(e), string(store.Payload(key, 4))); diff != "" {
		t.Error(diff)
	}
	for _, rel := range []*release.Release{{}, {Name: "web", Namespace: "prod", Version: -1}, {Name: "web", Version: 1}} {
		if err := store.Create(t.Context(), rel); err == nil {
			t.Errorf("a record of revision %d of %v was created", rel.Version, rel.Key())
		}
	}
}
