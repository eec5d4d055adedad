package release_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// putAsHelm stores a record without annotations.
func putAsHelm(t testing.TB, store *releasetest.Store, rel *release.Release) {
	t.Helper()
	e, err := release.Encode(rel)
	if err != nil {
		t.Fatal(err)
	}
	store.Put(rel.Key(), rel.Version, release.RecordLabels(rel), e)
}

func callCounts(store *releasetest.Store) map[string]int {
	count := map[string]int{}
	for _, call := range store.Calls() {
		count[call.Op]++
	}
	return count
}

// TestListSweeps: the payloads of many records of Helm's are read at once; those of
// few, or of few among many, one by one. What is damaged is named either way.
func TestListSweeps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                string
		releases, revisions int
		damaged             int
		filter              release.ListFilter
		want                map[string]int
	}{
		{"many", 20, 3, 0, release.ListFilter{}, map[string]int{"list": 1, "sweep": 1}},
		{"many, two damaged", 20, 3, 2, release.ListFilter{}, map[string]int{"list": 1, "sweep": 1, "get": 2}},
		{"few", 7, 3, 0, release.ListFilter{}, map[string]int{"list": 1, "get": 7}},
		{"few of many", 50, 1, 0, release.ListFilter{Max: 9}, map[string]int{"list": 1, "get": 9}},
		{"some of many", 50, 1, 0, release.ListFilter{Max: 20}, map[string]int{"list": 1, "sweep": 1}},
		{"one namespace", 20, 1, 0, release.ListFilter{Namespace: "n1"}, map[string]int{"list": 1, "sweep": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := releasetest.NewStore(releasetest.StoreConfig{})
			var want []string
			for i := range tt.releases {
				key := release.Key{Namespace: fmt.Sprintf("n%d", i%2), Name: fmt.Sprintf("web%02d", i)}
				for v := 1; v <= tt.revisions; v++ {
					status := release.StatusSuperseded
					if v == tt.revisions {
						status = release.StatusDeployed
					}
					putAsHelm(t, store, releasetest.NewRelease(key, v, status))
				}
				if i < tt.damaged {
					damage(store, key, tt.revisions, release.StatusDeployed)
				} else if tt.filter.Namespace == "" || tt.filter.Namespace == key.Namespace {
					want = append(want, fmt.Sprintf("%s.%d.deployed", key.Name, tt.revisions))
				}
			}
			var log damageLog
			list, err := release.Records{Store: store, Damaged: log.add}.List(t.Context(), tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			if tt.filter.Max > 0 {
				want = want[:tt.filter.Max]
			}
			if diff := cmp.Diff(want, lines(list)); diff != "" {
				t.Error(diff)
			}
			if len(log) != tt.damaged {
				t.Errorf("damaged: %q", log)
			}
			if diff := cmp.Diff(tt.want, callCounts(store)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSweepFails: what cannot be read at once is read one by one.
func TestSweepFails(t *testing.T) {
	t.Parallel()
	store := releasetest.NewStore(releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
		if call.Op == releasetest.StoreSweep {
			return errors.New("not that")
		}
		return nil
	}})
	for v := range 12 {
		putAsHelm(t, store, releasetest.NewRelease(webKey(), v+1, release.StatusSuperseded))
	}
	history, err := release.Records{Store: store}.Summaries(t.Context(), webKey(), 0)
	if err != nil || len(history) != 12 {
		t.Fatalf("%d revisions, error %v", len(history), err)
	}
	if diff := cmp.Diff(map[string]int{"list": 1, "sweep": 1, "get": 12}, callCounts(store)); diff != "" {
		t.Error(diff)
	}
}

// TestSummaries: a history is read from annotations where they tell, and is the same
// where it is read from payloads.
func TestSummaries(t *testing.T) {
	t.Parallel()
	release3 := releasetest.NewRelease(webKey(), 3, release.StatusFailed)
	release3.Info.Description, release3.Info.RollbackRevision = "Rollback to 1", 1
	wordy := releasetest.NewRelease(webKey(), 4, release.StatusFailed)
	wordy.Info.Description = strings.Repeat("it failed; ", 1000)
	plain := releasetest.NewRelease(webKey(), 5, release.StatusDeployed)
	plain.Info.Description = ""
	all := []*release.Release{release3, wordy, plain}
	ours, helms := releasetest.NewStore(releasetest.StoreConfig{}), releasetest.NewStore(releasetest.StoreConfig{})
	var want []release.Summary
	for _, rel := range all {
		want = append(want, rel.Summary())
		putAsHelm(t, helms, rel)
		if err := ours.Create(t.Context(), rel); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		store *releasetest.Store
		gets  int
	}{{ours, 1}, {helms, 3}} {
		got, err := release.Records{Store: tt.store}.Summaries(t.Context(), webKey(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if n := callCounts(tt.store)["get"]; n != tt.gets {
			t.Errorf("%d records were read, want %d", n, tt.gets)
		}
		if got, err := (release.Records{Store: tt.store}).Summaries(t.Context(), webKey(), 2); err != nil || len(got) != 2 || got[0].Revision != 4 {
			t.Errorf("the newest two: %+v, error %v", got, err)
		}
		list, err := release.Records{Store: tt.store}.List(t.Context(), release.ListFilter{})
		if err != nil || len(list) != 1 || list[0].Chart != plain.Summary().Chart {
			t.Errorf("list %+v, error %v", list, err)
		}
	}
	if _, err := (release.Records{Store: ours}).Summaries(t.Context(), release.Key{Namespace: "x", Name: "y"}, 0); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("of no release: %v", err)
	}
	damage(helms, webKey(), 3, release.StatusFailed)
	damage(helms, webKey(), 4, release.StatusFailed)
	damage(helms, webKey(), 5, release.StatusFailed)
	_, err := release.Records{Store: helms}.Summaries(t.Context(), webKey(), 0)
	if _, ok := errors.AsType[*release.RecordError](err); !ok {
		t.Errorf("all are damaged: %v", err)
	}
}

// TestListForbidden: who may not list all namespaces at once sees those that he may.
func TestListForbidden(t *testing.T) {
	t.Parallel()
	forbidden := fmt.Errorf("list: failed to list: secrets is forbidden: %w", release.ErrForbidden)
	down := errors.New("the server is down")
	for _, tt := range []struct {
		name       string
		deny       map[string]error // by operation and namespace
		want, left []string
		err        string
	}{
		{"some", map[string]error{"list/": forbidden, "list/b": forbidden}, []string{"web.1.deployed", "web.1.deployed"}, []string{"b"}, ""},
		{"all but that", map[string]error{"list/": forbidden}, []string{"web.1.deployed", "web.1.deployed", "web.1.deployed"}, nil, ""},
		{"none", map[string]error{"list/": forbidden, "list/a": forbidden, "list/b": forbidden, "list/c": forbidden}, nil, nil, "list: failed to list: secrets is forbidden"},
		{"no namespaces", map[string]error{"list/": forbidden, "namespaces/": forbidden}, nil, nil, "nor may the namespaces be listed, so name one"},
		{"namespaces fail", map[string]error{"list/": forbidden, "namespaces/": down}, nil, nil, "the namespaces cannot be listed: the server is down"},
		{"one fails", map[string]error{"list/": forbidden, "list/b": down}, nil, nil, "the server is down"},
		{"all fail", map[string]error{"list/": down}, nil, nil, "the server is down"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := releasetest.NewStore(releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
				return tt.deny[call.Op+"/"+call.Key.Namespace]
			}})
			for _, namespace := range []string{"a", "b", "c"} {
				putAsHelm(t, store, releasetest.NewRelease(release.Key{Namespace: namespace, Name: "web"}, 1, release.StatusDeployed))
			}
			var left []string
			records := release.Records{Store: store, Forbidden: func(names []string) { left = append(left, names...) }}
			list, err := records.List(t.Context(), release.ListFilter{})
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, lines(list)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.left, left); diff != "" {
				t.Error(diff)
			}
		})
	}
}
