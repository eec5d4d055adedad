package releasetest

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"sync"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// plainLabels drops the labels that tell the time.
func plainLabels(labels map[string]string) map[string]string {
	labels = maps.Clone(labels)
	delete(labels, "createdAt")
	delete(labels, "modifiedAt")
	return labels
}

func (s *storeTest) wantLabels(want map[string]string) {
	s.Helper()
	if diff := gocmp.Diff(want, plainLabels(s.get(s.key, 1).Labels)); diff != "" {
		s.Errorf("labels of the record (-want +got):\n%s", diff)
	}
	for _, h := range s.list(s.Context(), release.ListOptions{Namespace: s.key.Namespace, Name: s.key.Name}) {
		if diff := gocmp.Diff(want, plainLabels(h.Labels)); diff != "" {
			s.Errorf("labels of the head (-want +got):\n%s", diff)
		}
	}
}

// labels: what a user says of the store's own labels is of no effect.
func (s *storeTest) labels() {
	rel := s.create(s.key, 1, release.StatusPendingInstall, map[string]string{
		"team": "edge", "example.com/tier": "front", "status": "fine", "owner": "me", "version": "9", "name": "other",
	})
	want := map[string]string{
		"team": "edge", "example.com/tier": "front",
		"status": "pending-install", "owner": "helm", "version": "1", "name": s.key.Name,
	}
	s.wantLabels(want)
	rel.Labels = map[string]string{"team": "core"}
	rel.Info.Status = release.StatusDeployed
	if err := s.Update(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	delete(want, "example.com/tier")
	want["team"], want["status"] = "core", "deployed"
	s.wantLabels(want)
}

func (s *storeTest) annotations() {
	rel := NewRelease(s.key, 1, release.StatusDeployed)
	holder := release.AnnotationPrefix + "releasetest"
	rel.Annotations = map[string]string{holder: "me@here"}
	if err := s.Create(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	got := s.get(s.key, 1)
	if got.Annotations[holder] != "me@here" {
		s.Errorf("annotations %v lack what was created", got.Annotations)
	}
	got.Annotations[holder] = "you@there"
	if err := s.Update(s.Context(), got); err != nil {
		s.Fatal(err)
	}
	for _, h := range s.list(s.Context(), release.ListOptions{Namespace: s.key.Namespace, Name: s.key.Name}) {
		if h.Annotations[holder] != "you@there" {
			s.Errorf("annotations of the head %v lack what was updated", h.Annotations)
		}
	}
}

func (s *storeTest) heads() {
	rel := s.create(s.key, 12, release.StatusFailed, map[string]string{"team": "edge"})
	heads := s.list(s.Context(), release.ListOptions{Namespace: s.key.Namespace, Name: s.key.Name})
	if len(heads) != 1 {
		s.Fatalf("%d heads, want one", len(heads))
	}
	h := heads[0]
	if h.Key != s.key || h.Revision != 12 || h.Status != release.StatusFailed || h.Labels["team"] != "edge" {
		s.Errorf("head %+v", h)
	}
	// What lists show lies in an annotation; a store need not keep any.
	if got, ok := h.Summary(); ok {
		if diff := gocmp.Diff(rel.Summary(), got); diff != "" {
			s.Errorf("summary of the head (-want +got):\n%s", diff)
		}
	}
}

// names lists the records that match and are the test's: "namespace/release.revision",
// with short names.
func (s *storeTest) names(opts release.ListOptions) []string {
	s.Helper()
	var names []string
	for _, h := range s.list(s.Context(), opts) {
		short := map[release.Key]string{s.key: "a/web", s.other(): "a/other", s.elsewhere(): "b/web"}[h.Key]
		if short != "" {
			names = append(names, short+"."+strconv.Itoa(h.Revision))
		} else if opts.Name != "" {
			s.Errorf("List(%+v) has %v", opts, h.Key)
		}
	}
	slices.SortFunc(names, cmp.Compare)
	return names
}

func (s *storeTest) some() {
	s.create(s.key, 1, release.StatusSuperseded, map[string]string{"team": "edge"})
	s.create(s.key, 2, release.StatusDeployed, map[string]string{"team": "edge", "tier": "front"})
	s.create(s.other(), 1, release.StatusFailed, map[string]string{"team": "core"})
	s.create(s.elsewhere(), 1, release.StatusDeployed, nil)
}

func (s *storeTest) lists() {
	s.some()
	for _, tt := range []struct {
		opts release.ListOptions
		want []string
	}{
		{release.ListOptions{}, []string{"a/other.1", "a/web.1", "a/web.2", "b/web.1"}},
		{release.ListOptions{Namespace: NamespaceA}, []string{"a/other.1", "a/web.1", "a/web.2"}},
		{release.ListOptions{Namespace: NamespaceB}, []string{"b/web.1"}},
		{release.ListOptions{Name: s.key.Name}, []string{"a/web.1", "a/web.2", "b/web.1"}},
		{release.ListOptions{Namespace: NamespaceA, Name: s.key.Name}, []string{"a/web.1", "a/web.2"}},
		{release.ListOptions{Namespace: NamespaceA, Name: s.key.Name, Selector: "tier=front"}, []string{"a/web.2"}},
		{release.ListOptions{Namespace: NamespaceA, Name: s.key.Name + "-none"}, nil},
		{release.ListOptions{Namespace: "releasetest-none"}, nil},
	} {
		if diff := gocmp.Diff(tt.want, s.names(tt.opts)); diff != "" {
			s.Errorf("List(%+v) (-want +got):\n%s", tt.opts, diff)
		}
	}
}

func (s *storeTest) selects() {
	s.some()
	for _, tt := range []struct {
		selector string
		want     []string
	}{
		{"team=edge", []string{"a/web.1", "a/web.2"}},
		{"team==core", []string{"a/other.1"}},
		{"team!=edge", []string{"a/other.1", "b/web.1"}},
		{"team in (edge, core)", []string{"a/other.1", "a/web.1", "a/web.2"}},
		{"team notin (edge)", []string{"a/other.1", "b/web.1"}},
		{"tier", []string{"a/web.2"}},
		{"!team", []string{"b/web.1"}},
		{"status=deployed,team", []string{"a/web.2"}},
		{"owner=helm,version=1,name=" + s.key.Name, []string{"a/web.1", "b/web.1"}},
		{"status=unheard-of", nil},
	} {
		if diff := gocmp.Diff(tt.want, s.names(release.ListOptions{Selector: tt.selector})); diff != "" {
			s.Errorf("selector %q (-want +got):\n%s", tt.selector, diff)
		}
	}
	for h, err := range s.List(s.Context(), release.ListOptions{Namespace: s.key.Namespace, Selector: "team in ("}) {
		if err == nil {
			s.Errorf("a selector that cannot be read selects %v", h.Key)
		}
		return
	}
	s.Error("a selector that cannot be read is no error")
}

func (s *storeTest) leaves() {
	s.some()
	n := 0
	for _, err := range s.List(s.Context(), release.ListOptions{Namespace: s.key.Namespace, Name: s.key.Name}) {
		if err != nil {
			s.Fatal(err)
		}
		// The store can be used from within a list.
		s.get(s.key, 1)
		n++
		break
	}
	if n != 1 {
		s.Errorf("%d heads before the list was left, want 1", n)
	}
}

func (s *storeTest) isolated() {
	spoil := func(rel *release.Release) {
		rel.Info.Description = "spoilt"
		rel.Config["replicas"] = "spoilt"
		rel.Hooks[0].LastRun.Phase = release.HookFailed
		rel.Chart.Templates[0].Data[0] = '?'
		rel.Labels["team"] = "spoilt"
	}
	want := NewRelease(s.key, 1, release.StatusDeployed)
	rel := s.create(s.key, 1, release.StatusDeployed, map[string]string{"team": "edge"})
	for range 2 {
		spoil(rel)
		rel = s.get(s.key, 1)
		s.same("after the caller changed what it had", want, rel)
		if got := rel.Labels["team"]; got != "edge" {
			s.Errorf("label team is %q", got)
		}
	}
}

func (s *storeTest) cancelled() {
	rel := s.create(s.key, 1, release.StatusDeployed, nil)
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, err := s.Get(ctx, s.key, 1)
	s.wantErr("Get", err, context.Canceled)
	s.wantErr("Create", s.Create(ctx, NewRelease(s.key, 2, release.StatusDeployed)), context.Canceled)
	s.wantErr("Update", s.Update(ctx, rel), context.Canceled)
	s.wantErr("Delete", s.Delete(ctx, s.key, 1), context.Canceled)
	err = nil
	for _, err = range s.List(ctx, release.ListOptions{Namespace: s.key.Namespace}) {
		if err != nil {
			break
		}
	}
	s.wantErr("List", err, context.Canceled)
	s.get(s.key, 1)
}

// race calls fn at once from several goroutines and returns the errors.
func race(fn func(i int) error) []error {
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errs
}

func (s *storeTest) createRace() {
	won := 0
	for _, err := range race(func(int) error {
		return s.Create(s.Context(), NewRelease(s.key, 1, release.StatusPendingInstall))
	}) {
		if err == nil {
			won++
			continue
		}
		s.wantErr("a creation that came late", err, release.ErrExists)
	}
	if won != 1 {
		s.Errorf("%d creations of one revision succeeded", won)
	}
}

func (s *storeTest) updateRace() {
	s.create(s.key, 1, release.StatusPendingInstall, nil)
	copies := make([]*release.Release, 8)
	for i := range copies {
		copies[i] = s.get(s.key, 1)
		copies[i].Info.Description = strconv.Itoa(i)
	}
	winner := ""
	for i, err := range race(func(i int) error { return s.Update(s.Context(), copies[i]) }) {
		switch {
		case err != nil:
			s.wantConflict("an update that came late", err)
		case winner != "":
			s.Errorf("updates %s and %d of one version both succeeded", winner, i)
		default:
			winner = strconv.Itoa(i)
		}
	}
	if got := s.get(s.key, 1).Info.Description; got != winner {
		s.Errorf("update %q succeeded, and the record is that of %q", winner, got)
	}
}

// random returns bytes that cannot be compressed.
func (s *storeTest) random(size int) []byte {
	data := make([]byte, size)
	if _, err := rand.Read(data); err != nil {
		s.Fatal(err)
	}
	return data
}

func (s *storeTest) large() {
	rel := NewRelease(s.key, 1, release.StatusDeployed)
	rel.Chart.Files[0].Data = s.random(600 << 10)
	if err := s.Create(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	s.same("large", rel, s.get(s.key, 1))
}

// slim: what is too large for one object goes without what nobody reads.
func (s *storeTest) slim() {
	rel := NewRelease(s.key, 1, release.StatusDeployed)
	rel.Chart.Files[0].Data = s.random(2 << 20)
	if err := s.Create(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	want := NewRelease(s.key, 1, release.StatusDeployed)
	want.Chart.Templates, want.Chart.Files = nil, nil
	got := s.get(s.key, 1)
	s.same("slim", want, got)
	if got.Parts != nil {
		s.Errorf("it is in parts: %+v", got.Parts)
	}
}

// parts: what is too large all the same is there to the last byte, and can be
// updated, changed in its bulk, and deleted.
func (s *storeTest) parts() {
	manifest := "---\ndata: " + hex.EncodeToString(s.random(2<<20)) + "\n"
	rel := NewRelease(s.key, 1, release.StatusPendingInstall)
	rel.Chart.Templates, rel.Chart.Files = nil, nil
	rel.Manifest = manifest
	if err := s.Create(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	s.same("created and read", rel, s.get(s.key, 1))
	first := s.get(s.key, 1).Parts
	if first == nil {
		s.Fatal("it is not in parts")
	}
	rel.Info.Status, rel.Info.Description = release.StatusDeployed, "done"
	rel.Hooks[0].LastRun.Phase = release.HookFailed
	rel.Hooks[0].DeletePolicies = nil
	if err := s.Update(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	got := s.get(s.key, 1)
	s.same("updated and read", rel, got)
	if diff := gocmp.Diff(first, got.Parts); diff != "" {
		s.Errorf("an update of the status wrote the parts anew:\n%s", diff)
	}
	s.summarized(rel)
	got.Manifest += "---\nmore: text\n"
	if err := s.Update(s.Context(), got); err != nil {
		s.Fatal(err)
	}
	s.same("the bulk was updated and read", got, s.get(s.key, 1))
	s.wantConflict("an update of what moved on", s.Update(s.Context(), rel))
	s.same("after it", got, s.get(s.key, 1))
	got.Manifest = "---\nsmall: again\n"
	if err := s.Update(s.Context(), got); err != nil {
		s.Fatal(err)
	}
	if small := s.get(s.key, 1); small.Parts != nil || small.Manifest != got.Manifest {
		s.Errorf("made small it has parts %+v, manifest %.100q", small.Parts, small.Manifest)
	}
	if err := s.Delete(s.Context(), s.key, 1); err != nil {
		s.Fatal(err)
	}
	if err := s.Create(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	s.same("created again and read", rel, s.get(s.key, 1))
}

// summarized checks the summary of a record in parts, of a store that makes any.
func (s *storeTest) summarized(rel *release.Release) {
	o, ok := s.Store.(release.Summarizer)
	if !ok {
		return
	}
	got, err := o.Summarize(s.Context(), release.Head{Key: s.key, Revision: 1})
	if err != nil {
		s.Fatal(err)
	}
	if diff := gocmp.Diff(rel.Summary(), got); diff != "" {
		s.Errorf("summary (-want +got):\n%s", diff)
	}
}
