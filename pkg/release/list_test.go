package release_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// listStore has the releases of a namespace of a real cluster, for which Helm
// 4.3.1 gave the lists in TestList. Helm wrote them: there are no annotations.
func listStore(t testing.TB, cfg releasetest.StoreConfig) *releasetest.Store {
	t.Helper()
	store := releasetest.NewStore(cfg)
	minute := 0
	add := func(name, team string, statuses ...release.Status) {
		for i, status := range statuses {
			minute++
			key := release.Key{Namespace: "rec", Name: name}
			rel := releasetest.NewRelease(key, i+1, status)
			rel.Info.LastDeployed.Time = time.Date(2026, 11, 21, 3, minute, 0, 0, time.UTC)
			if team != "" {
				rel.Labels = map[string]string{"team": team}
			}
			e, err := release.Encode(rel)
			if err != nil {
				t.Fatal(err)
			}
			store.Put(key, i+1, release.RecordLabels(rel), e)
		}
	}
	const s, d, u = release.StatusSuperseded, release.StatusDeployed, release.StatusUninstalled
	add("four", "edge", s, s, d)
	add("three", "edge", s, s, d)
	add("bare", "", u)
	add("bare3", "", u)
	add("lab", "", s, d)
	return store
}

func lines(list []release.Summary) []string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%s.%d.%s", s.Key.Name, s.Revision, s.Status))
	}
	return out
}

func TestList(t *testing.T) {
	t.Parallel()
	const s, d, u, f = release.StatusSuperseded, release.StatusDeployed, release.StatusUninstalled, release.StatusFailed
	all := []string{"bare.1.uninstalled", "bare3.1.uninstalled", "four.3.deployed", "lab.2.deployed", "three.3.deployed"}
	for _, tt := range []struct {
		name   string
		filter release.ListFilter
		want   []string
	}{
		{"", release.ListFilter{}, all},
		{"-n rec", release.ListFilter{Namespace: "rec"}, all},
		{"-n other", release.ListFilter{Namespace: "other"}, nil},
		{"--superseded", release.ListFilter{States: []release.Status{s}}, []string{
			"four.1.superseded", "four.2.superseded", "lab.1.superseded", "three.1.superseded", "three.2.superseded",
		}},
		{"--superseded --deployed", release.ListFilter{States: []release.Status{s, d}}, []string{"four.3.deployed", "lab.2.deployed", "three.3.deployed"}},
		{"--uninstalled", release.ListFilter{States: []release.Status{u}}, []string{"bare.1.uninstalled", "bare3.1.uninstalled"}},
		{"--failed", release.ListFilter{States: []release.Status{f}}, nil},
		{"-l team=edge", release.ListFilter{Selector: "team=edge"}, []string{"four.3.deployed", "three.3.deployed"}},
		{"-l status=superseded", release.ListFilter{Selector: "status=superseded"}, nil},
		{"-l version=1", release.ListFilter{Selector: "version=1"}, []string{"bare.1.uninstalled", "bare3.1.uninstalled"}},
		{"-l team=edge,status!=deployed", release.ListFilter{Selector: "team=edge,status!=deployed"}, nil},
		{"-l !team", release.ListFilter{Selector: "!team"}, []string{"bare.1.uninstalled", "bare3.1.uninstalled", "lab.2.deployed"}},
		{"-d", release.ListFilter{ByDate: true}, []string{"four.3.deployed", "three.3.deployed", "bare.1.uninstalled", "bare3.1.uninstalled", "lab.2.deployed"}},
		{"-d -r", release.ListFilter{ByDate: true, Reverse: true}, []string{"lab.2.deployed", "bare3.1.uninstalled", "bare.1.uninstalled", "three.3.deployed", "four.3.deployed"}},
		{"-d -m 1", release.ListFilter{ByDate: true, Max: 1}, []string{"four.3.deployed"}},
		{"-r", release.ListFilter{Reverse: true}, []string{"three.3.deployed", "lab.2.deployed", "four.3.deployed", "bare3.1.uninstalled", "bare.1.uninstalled"}},
		{"--offset 1 -m 2", release.ListFilter{Offset: 1, Max: 2}, []string{"bare3.1.uninstalled", "four.3.deployed"}},
		{"--offset 9", release.ListFilter{Offset: 9}, nil},
		{"--offset -1", release.ListFilter{Offset: -1}, all},
		{"-m -1", release.ListFilter{Max: -1}, all},
		{"-f ar", release.ListFilter{Name: regexp.MustCompile("ar")}, []string{"bare.1.uninstalled", "bare3.1.uninstalled"}},
		{"--superseded -d", release.ListFilter{States: []release.Status{s}, ByDate: true}, []string{
			"four.1.superseded", "four.2.superseded", "three.1.superseded", "three.2.superseded", "lab.1.superseded",
		}},
		{"--superseded -r -m 2", release.ListFilter{States: []release.Status{s}, Reverse: true, Max: 2}, []string{"three.2.superseded", "three.1.superseded"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := release.Records{Store: listStore(t, releasetest.StoreConfig{})}.List(t.Context(), tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	errDown := errors.New("the server is down")
	for _, op := range []string{releasetest.StoreList, releasetest.StoreGet} {
		store := listStore(t, releasetest.StoreConfig{Fail: func(call releasetest.StoreCall) error {
			if call.Op == op {
				return errDown
			}
			return nil
		}})
		for _, byDate := range []bool{false, true} {
			if list, err := (release.Records{Store: store}).List(t.Context(), release.ListFilter{ByDate: byDate}); !errors.Is(err, errDown) {
				t.Errorf("%s fails: list %v, error %v", op, list, err)
			}
		}
	}
	store := listStore(t, releasetest.StoreConfig{})
	if _, err := (release.Records{Store: store}).List(t.Context(), release.ListFilter{Selector: "a=b=c"}); err == nil {
		t.Error("a selector that cannot be read is no error")
	}
	if n := len(store.Calls()); n != 0 {
		t.Errorf("the store was asked %d times before the selector was read", n)
	}
}

// TestListDamaged: a damaged newest record is left out; an older one does not
// stand in for it.
func TestListDamaged(t *testing.T) {
	t.Parallel()
	store := listStore(t, releasetest.StoreConfig{})
	damage(store, release.Key{Namespace: "rec", Name: "four"}, 3, release.StatusDeployed)
	damage(store, release.Key{Namespace: "rec", Name: "three"}, 1, release.StatusSuperseded)
	var log damageLog
	got, err := release.Records{Store: store, Damaged: log.add}.List(t.Context(), release.ListFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bare.1.uninstalled", "bare3.1.uninstalled", "lab.2.deployed", "three.3.deployed"}, lines(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(damageLog{
		"record of revision 3 of release rec/four cannot be read: its base64 is damaged: illegal base64 data at input byte 0",
	}, log); diff != "" {
		t.Error(diff)
	}
}

// TestListReads: of the records of Helm those that are listed are read, of
// pack's own none.
func TestListReads(t *testing.T) {
	t.Parallel()
	store := listStore(t, releasetest.StoreConfig{})
	records := release.Records{Store: store}
	reads := func(f release.ListFilter) map[string]int {
		t.Helper()
		before := len(store.Calls())
		if _, err := records.List(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		counts := map[string]int{}
		for _, call := range store.Calls()[before:] {
			counts[call.String()]++
		}
		return counts
	}
	want := map[string]int{"list rec/": 1, "get rec/bare3 1": 1, "get rec/four 3": 1}
	if diff := cmp.Diff(want, reads(release.ListFilter{Namespace: "rec", Offset: 1, Max: 2})); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"bare3", "four"} {
		key := release.Key{Namespace: "rec", Name: name}
		heads, err := records.Heads(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		rel, err := store.Get(t.Context(), key, heads[len(heads)-1].Revision)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Update(t.Context(), rel); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]int{"list rec/": 1}, reads(release.ListFilter{Namespace: "rec", Offset: 1, Max: 2})); diff != "" {
		t.Error(diff)
	}
}

func ExampleRecords_List() {
	store := releasetest.NewStore(releasetest.StoreConfig{})
	for _, key := range []release.Key{{Namespace: "prod", Name: "web"}, {Namespace: "test", Name: "api"}} {
		if err := store.Create(context.Background(), releasetest.NewRelease(key, 1, release.StatusDeployed)); err != nil {
			panic(err)
		}
	}
	list, err := release.Records{Store: store}.List(context.Background(), release.ListFilter{})
	if err != nil {
		panic(err)
	}
	for _, s := range list {
		fmt.Println(s.Key.Namespace, s.Key.Name, s.Revision, s.Status, s.Chart)
	}
	// Output:
	// test api 1 deployed web-1.2.3
	// prod web 1 deployed web-1.2.3
}
