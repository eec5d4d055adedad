package releasetest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestStore checks that a Store does what package release relies on. It calls
// newStore once for each of its parallel subtests; the stores may share what
// lies behind them. NamespaceA and NamespaceB must exist there.
func TestStore(t *testing.T, newStore func(t *testing.T) release.Store) {
	t.Helper()
	for _, tt := range []struct {
		name string
		run  func(*storeTest)
	}{
		{"a record reads as it was created", (*storeTest).created},
		{"a revision is created once", (*storeTest).createdOnce},
		{"a record that is not there", (*storeTest).missing},
		{"a record reads as it was updated", (*storeTest).updated},
		{"an update of a record that moved on", (*storeTest).stale},
		{"an update of a record that was made anew", (*storeTest).madeAnew},
		{"a deleted record is gone", (*storeTest).deleted},
		{"labels of users and of the store", (*storeTest).labels},
		{"annotations", (*storeTest).annotations},
		{"heads tell what labels tell", (*storeTest).heads},
		{"lists by name and namespace", (*storeTest).lists},
		{"lists by selector", (*storeTest).selects},
		{"a list that is left early", (*storeTest).leaves},
		{"many records by few requests", (*storeTest).sweeps},
		{"nothing is shared with the caller", (*storeTest).isolated},
		{"a context that has ended", (*storeTest).cancelled},
		{"of several creations one succeeds", (*storeTest).createRace},
		{"of several updates one succeeds", (*storeTest).updateRace},
		{"a record of hundreds of kilobytes", (*storeTest).large},
		{"a record without the files of its chart", (*storeTest).slim},
		{"a record in parts", (*storeTest).parts},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &storeTest{T: t, Store: newStore(t), key: release.Key{Namespace: NamespaceA, Name: uniqueName("store")}}
			t.Cleanup(s.clean)
			tt.run(s)
		})
	}
}

// storeTest is one subtest. Its records are those of key.Name in both
// namespaces, and those of key.Name+"-x".
type storeTest struct {
	*testing.T
	release.Store
	key release.Key
}

func (s *storeTest) clean() {
	ctx := context.WithoutCancel(s.Context())
	for _, ns := range []string{NamespaceA, NamespaceB} {
		for _, name := range []string{s.key.Name, s.other().Name} {
			for _, h := range s.list(ctx, release.ListOptions{Namespace: ns, Name: name}) {
				if err := s.Delete(ctx, h.Key, h.Revision); err != nil && !errors.Is(err, release.ErrNotFound) {
					s.Errorf("cleaning up: %v", err)
				}
			}
		}
	}
}

// other is the key of another release in the same namespace.
func (s *storeTest) other() release.Key {
	return release.Key{Namespace: s.key.Namespace, Name: s.key.Name + "-x"}
}

// elsewhere is the key of a release of that name in another namespace.
func (s *storeTest) elsewhere() release.Key {
	return release.Key{Namespace: NamespaceB, Name: s.key.Name}
}

func (s *storeTest) list(ctx context.Context, opts release.ListOptions) []release.Head {
	s.Helper()
	var heads []release.Head
	for h, err := range s.List(ctx, opts) {
		if err != nil {
			s.Fatalf("List(%+v): %v", opts, err)
		}
		heads = append(heads, h)
	}
	return heads
}

func (s *storeTest) create(key release.Key, revision int, status release.Status, labels map[string]string) *release.Release {
	s.Helper()
	rel := NewRelease(key, revision, status)
	rel.Labels = labels
	if err := s.Create(s.Context(), rel); err != nil {
		s.Fatalf("Create revision %d of %v: %v", revision, key, err)
	}
	return rel
}

func (s *storeTest) get(key release.Key, revision int) *release.Release {
	s.Helper()
	rel, err := s.Get(s.Context(), key, revision)
	if err != nil {
		s.Fatalf("Get revision %d of %v: %v", revision, key, err)
	}
	return rel
}

// same compares what is stored in a payload.
func (s *storeTest) same(what string, want, got *release.Release) {
	s.Helper()
	opts := cmp.Options{
		cmpopts.IgnoreFields(release.Release{}, "Labels", "Annotations", "ResourceVersion", "Parts"),
		cmpopts.EquateEmpty(),
		// Byte by byte large files would take seconds.
		cmp.FilterValues(func(a, b []byte) bool { return len(a)+len(b) > 0 }, cmp.Comparer(bytes.Equal)),
	}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		s.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (s *storeTest) wantErr(what string, err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("%s: error %v, want one that is %q", what, err, want)
	}
}

func (s *storeTest) wantConflict(what string, err error) {
	s.Helper()
	conflict, ok := errors.AsType[*release.ConflictError](err)
	if !ok {
		s.Errorf("%s: error %v, want a *ConflictError", what, err)
		return
	}
	if conflict.Key != s.key || conflict.Revision != 1 {
		s.Errorf("%s: the conflict is about revision %d of %v, want 1 of %v", what, conflict.Revision, conflict.Key, s.key)
	}
}

func (s *storeTest) created() {
	rel := s.create(s.key, 3, release.StatusPendingInstall, nil)
	if rel.ResourceVersion == "" {
		s.Error("Create did not fill in ResourceVersion")
	}
	got := s.get(s.key, 3)
	s.same("created and read", NewRelease(s.key, 3, release.StatusPendingInstall), got)
	if got.ResourceVersion != rel.ResourceVersion {
		s.Errorf("it was read at version %q and created at %q", got.ResourceVersion, rel.ResourceVersion)
	}
}

func (s *storeTest) createdOnce() {
	s.create(s.key, 1, release.StatusDeployed, nil)
	again := NewRelease(s.key, 1, release.StatusFailed)
	s.wantErr("a second creation", s.Create(s.Context(), again), release.ErrExists)
	s.same("after it", NewRelease(s.key, 1, release.StatusDeployed), s.get(s.key, 1))
	s.create(s.key, 2, release.StatusDeployed, nil)
	s.create(s.elsewhere(), 1, release.StatusDeployed, nil)
}

func (s *storeTest) missing() {
	s.create(s.key, 2, release.StatusDeployed, nil)
	for _, id := range []struct {
		key      release.Key
		revision int
	}{{s.key, 1}, {s.key, 20}, {s.other(), 2}, {s.elsewhere(), 2}} {
		_, err := s.Get(s.Context(), id.key, id.revision)
		s.wantErr("Get", err, release.ErrNotFound)
		s.wantErr("Delete", s.Delete(s.Context(), id.key, id.revision), release.ErrNotFound)
	}
	gone := s.create(s.key, 3, release.StatusDeployed, nil)
	if err := s.Delete(s.Context(), s.key, 3); err != nil {
		s.Fatal(err)
	}
	s.wantErr("Update", s.Update(s.Context(), gone), release.ErrNotFound)
	if _, err := s.Get(s.Context(), s.key, 3); !errors.Is(err, release.ErrNotFound) {
		s.Errorf("an update brought a deleted record back: %v", err)
	}
}

func (s *storeTest) updated() {
	rel := s.create(s.key, 1, release.StatusPendingInstall, nil)
	versions := []string{rel.ResourceVersion}
	for _, status := range []release.Status{release.StatusDeployed, release.StatusSuperseded} {
		rel.Info.Status = status
		rel.Info.Description = "now " + string(status)
		if err := s.Update(s.Context(), rel); err != nil {
			s.Fatalf("Update to %s: %v", status, err)
		}
		got := s.get(s.key, 1)
		s.same("updated and read", rel, got)
		if slices.Contains(versions, rel.ResourceVersion) || got.ResourceVersion != rel.ResourceVersion {
			s.Errorf("it was read at version %q, updated to %q, before that %q", got.ResourceVersion, rel.ResourceVersion, versions)
		}
		versions = append(versions, rel.ResourceVersion)
		for _, since := range []string{"", rel.ResourceVersion} {
			heads := s.list(s.Context(), release.ListOptions{Namespace: s.key.Namespace, Name: s.key.Name, Since: since})
			if len(heads) != 1 || heads[0].Status != status {
				s.Errorf("since %q there are %+v, want one that is %s", since, heads, status)
			}
		}
	}
}

func (s *storeTest) stale() {
	s.create(s.key, 1, release.StatusPendingInstall, nil)
	first, second := s.get(s.key, 1), s.get(s.key, 1)
	first.Info.Description = "first"
	if err := s.Update(s.Context(), first); err != nil {
		s.Fatal(err)
	}
	second.Info.Description = "second"
	s.wantConflict("the second of two updates", s.Update(s.Context(), second))
	if got := s.get(s.key, 1).Info.Description; got != "first" {
		s.Errorf("the record is that of the %s update", got)
	}
}

func (s *storeTest) madeAnew() {
	old := s.create(s.key, 1, release.StatusPendingInstall, nil)
	if err := s.Delete(s.Context(), s.key, 1); err != nil {
		s.Fatal(err)
	}
	s.create(s.key, 1, release.StatusDeployed, nil)
	s.wantConflict("an update of what was deleted and made anew", s.Update(s.Context(), old))
}

func (s *storeTest) deleted() {
	for revision := 1; revision <= 3; revision++ {
		s.create(s.key, revision, release.StatusSuperseded, nil)
	}
	if err := s.Delete(s.Context(), s.key, 2); err != nil {
		s.Fatal(err)
	}
	_, err := s.Get(s.Context(), s.key, 2)
	s.wantErr("Get", err, release.ErrNotFound)
	s.wantErr("Delete", s.Delete(s.Context(), s.key, 2), release.ErrNotFound)
	left := map[int]bool{}
	for _, h := range s.list(s.Context(), release.ListOptions{Namespace: s.key.Namespace, Name: s.key.Name}) {
		left[h.Revision] = true
	}
	if !maps.Equal(left, map[int]bool{1: true, 3: true}) {
		s.Errorf("revisions %v are left, want 1 and 3", slices.Sorted(maps.Keys(left)))
	}
}
