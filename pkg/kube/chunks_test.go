package kube_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// shelf is an API server of the Secrets in one namespace, as far as stores ask.
type shelf struct {
	fake
	// before is asked before each write; an answer is that of the server.
	before func(method, name string) *http.Response
	// lag is how many objects, the newest, a list of any age does not know of.
	lag int
	// late are the requests that were cut off under way: they come in later.
	late []func()

	mu      sync.Mutex
	version int
	objects map[string]map[string]any
}

func newShelf() *shelf {
	s := &shelf{objects: map[string]map[string]any{}}
	s.handle = s.serve
	return s
}

func (s *shelf) serve(r *http.Request) (*http.Response, error) {
	name, ok := strings.CutPrefix(r.URL.Path, secretsPath)
	if !ok {
		return nil, nil
	}
	name = strings.TrimPrefix(name, "/")
	var body map[string]any
	if r.Body != nil {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
	}
	if r.Method == http.MethodPost {
		name, _ = at(body, "metadata", "name").(string)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil && r.Method != http.MethodGet {
		if resp := s.before(r.Method, name); resp != nil {
			return resp, nil
		}
	}
	if err := r.Context().Err(); err != nil {
		s.late = append(s.late, func() { s.one(r.Method, name, body) })
		return nil, err
	}
	if q := r.URL.Query(); r.Method == http.MethodGet && name == "" {
		newest := s.version
		if q.Get("resourceVersion") == "0" {
			newest -= s.lag
		}
		return s.list(q.Get("labelSelector"), newest), nil
	}
	return s.one(r.Method, name, body), nil
}

// one answers a request about one Secret. The lock is held.
func (s *shelf) one(method, name string, body map[string]any) *http.Response {
	have, ok := s.objects[name]
	switch {
	case method == http.MethodPost && ok:
		return failure(409, "AlreadyExists", name+" exists")
	case method != http.MethodPost && !ok:
		return failure(404, "NotFound", name+" not found")
	case method == http.MethodPut && at(body, "metadata", "resourceVersion") != at(have, "metadata", "resourceVersion"):
		return failure(409, "Conflict", name+" was modified")
	}
	switch method {
	case http.MethodDelete:
		delete(s.objects, name)
		return answer(200, `{"kind":"Status"}`)
	case http.MethodPatch:
		have["metadata"].(map[string]any)["ownerReferences"] = at(body, "metadata", "ownerReferences")
	case http.MethodPost, http.MethodPut:
		s.version++
		meta := body["metadata"].(map[string]any)
		meta["resourceVersion"], meta["uid"] = strconv.Itoa(s.version), "uid-of-"+name
		s.objects[name], have = body, body
	}
	return jsonAnswer(have)
}

// list lists the objects up to a version.
func (s *shelf) list(selector string, newest int) *http.Response {
	var items []any
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		o := s.objects[name]
		labels, _ := at(o, "metadata", "labels").(map[string]any)
		text, _ := at(o, "metadata", "resourceVersion").(string)
		version, err := strconv.Atoi(text)
		if err != nil {
			panic(err)
		}
		if version <= newest && !slices.ContainsFunc(strings.Split(selector, ","), func(term string) bool {
			key, value, _ := strings.Cut(term, "=")
			return labels[key] != value
		}) {
			items = append(items, map[string]any{"metadata": o["metadata"]})
		}
	}
	return jsonAnswer(map[string]any{"items": items})
}

func jsonAnswer(v any) *http.Response {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return answer(200, string(text))
}

// names are the Secrets that there are: what is random in them is "*".
func (s *shelf) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(func(yield func(string) bool) {
		for name := range s.objects {
			if !yield(plainName(name)) {
				return
			}
		}
	})
}

// plainName replaces what is random in the name of a chunk.
func plainName(name string) string {
	name = strings.TrimPrefix(name, "sh.helm.release.v1.")
	if parts := strings.Split(name, "."); len(parts) == 4 {
		parts[2] = "*"
		return strings.Join(parts, ".")
	}
	return name
}

// asked are the requests since the last call, without what is random.
func (s *shelf) asked() []string {
	var out []string
	for _, r := range s.sent() {
		method, path, _ := strings.Cut(r, " ")
		path, query, _ := strings.Cut(path, "?")
		if query != "" && strings.Contains(query, "labelSelector") {
			method = "LIST"
		}
		out = append(out, method+" "+plainName(strings.TrimPrefix(strings.TrimPrefix(path, secretsPath), "/")))
	}
	s.fake.mu.Lock()
	defer s.fake.mu.Unlock()
	s.requests = nil
	return out
}

// largeManifest takes size bytes when it is compressed.
func largeManifest(size int) string {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	return "---\n# Source: web/templates/cm.yaml\ndata: " + hex.EncodeToString(data) + "\n"
}

func largeRelease(key release.Key, revision, size int) *release.Release {
	rel := releasetest.NewRelease(key, revision, release.StatusPendingInstall)
	rel.Chart.Templates, rel.Chart.Files = nil, nil
	rel.Manifest = largeManifest(size)
	return rel
}

// TestLargeRecord follows a record in parts from its creation to its end.
func TestLargeRecord(t *testing.T) {
	t.Parallel()
	server := newShelf()
	store := kube.NewSecretStore(server.client(t, kube.Options{Parallel: 1}))
	rel := largeRelease(web, 3, 1200<<10)
	step := func(what string, err error, want ...string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want, server.asked()); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", what, diff)
		}
	}
	step("create", store.Create(t.Context(), rel), "LIST ", "POST ", "POST ", "POST ", "PATCH web.v3.*.1", "PATCH web.v3.*.2")
	for name, o := range server.objects {
		labels, _ := at(o, "metadata", "labels").(map[string]any)
		if strings.HasSuffix(name, ".v3") {
			continue
		}
		if labels["owner"] != nil || labels["pack.seed-0d4f92cc.github.io/release"] != "web" || labels["pack.seed-0d4f92cc.github.io/revision"] != "3" {
			t.Errorf("%s has labels %v", name, labels)
		}
		if o["type"] != "pack.seed-0d4f92cc.github.io/record-part" || o["immutable"] != true {
			t.Errorf("%s is of type %v, immutable %v", name, o["type"], o["immutable"])
		}
		owners, _ := json.Marshal(at(o, "metadata", "ownerReferences"))
		if string(owners) != `[{"apiVersion":"v1","kind":"Secret","name":"sh.helm.release.v1.web.v3","uid":"uid-of-sh.helm.release.v1.web.v3"}]` {
			t.Errorf("%s is owned by %s", name, owners)
		}
	}
	rel.Info.Status = release.StatusDeployed
	step("update", store.Update(t.Context(), rel), "PUT web.v3")
	got, err := store.Get(t.Context(), web, 3)
	step("get", err, "GET web.v3", "GET web.v3.*.1", "GET web.v3.*.2")
	if got.Manifest != rel.Manifest || got.Info.Status != release.StatusDeployed || got.ResourceVersion != rel.ResourceVersion {
		t.Errorf("read at version %s with status %s, %d bytes of manifest", got.ResourceVersion, got.Info.Status, len(got.Manifest))
	}
	list, err := release.Records{Store: store}.List(t.Context(), release.ListFilter{Namespace: "ns"})
	step("list", err, "LIST ")
	if len(list) != 1 || list[0] != rel.Summary() {
		t.Errorf("listed %+v", list)
	}
	history, err := release.Records{Store: store}.Summaries(t.Context(), web, 0)
	step("history", err, "LIST ")
	if len(history) != 1 || history[0] != rel.Summary() {
		t.Errorf("history %+v", history)
	}
	got.Manifest += "---\nanother: one\n"
	step("an update of the bulk", store.Update(t.Context(), got),
		"LIST ", "LIST ", "POST ", "POST ", "PUT web.v3", "PATCH web.v3.*.1", "PATCH web.v3.*.2", "DELETE web.v3.*.1", "DELETE web.v3.*.2")
	step("delete", store.Delete(t.Context(), web, 3), "LIST ", "LIST ", "DELETE web.v3", "DELETE web.v3.*.1", "DELETE web.v3.*.2")
	if left := server.names(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestLargeRecordCutOff: a crash leaves chunks that nobody names, and the next
// record of the revision takes them away, as does its end.
func TestLargeRecordCutOff(t *testing.T) {
	t.Parallel()
	server := newShelf()
	store := kube.NewSecretStore(server.client(t, kube.Options{}))
	ctx, crash := context.WithCancel(t.Context())
	server.before = func(method, name string) *http.Response {
		if method == http.MethodPost && strings.HasSuffix(name, ".v3") {
			crash()
			return failure(500, "InternalError", "it went down")
		}
		return nil
	}
	if err := store.Create(ctx, largeRelease(web, 3, 1200<<10)); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	chunks := []string{"web.v3.*.1", "web.v3.*.2"}
	if diff := cmp.Diff(chunks, server.names()); diff != "" {
		t.Errorf("after the crash: %s", diff)
	}
	if _, err := store.Get(t.Context(), web, 3); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	server.before = nil
	if err := store.Create(t.Context(), largeRelease(web, 3, 1200<<10)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append([]string{"web.v3"}, chunks...), server.names()); diff != "" {
		t.Errorf("after the next one: %s", diff)
	}
	server.before = func(method, name string) *http.Response {
		if method == http.MethodDelete && !strings.HasSuffix(name, ".v3") {
			return failure(403, "Forbidden", "not that")
		}
		return nil
	}
	if err := store.Delete(t.Context(), web, 3); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(chunks, server.names()); diff != "" {
		t.Errorf("after a deletion that was cut off: %s", diff)
	}
	server.before = nil
	if err := store.Delete(t.Context(), web, 3); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("Delete: %v", err)
	}
	if left := server.names(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestLargeRecordInterrupted: what is under way when an operation is interrupted is
// brought to its end and taken away, and what is not is not begun.
func TestLargeRecordInterrupted(t *testing.T) {
	t.Parallel()
	server := newShelf()
	store := kube.NewSecretStore(server.client(t, kube.Options{Parallel: 1}))
	ctx, interrupt := context.WithCancel(t.Context())
	server.before = func(method, _ string) *http.Response {
		if method == http.MethodPost {
			interrupt()
		}
		return nil
	}
	if err := store.Create(ctx, largeRelease(web, 3, 1200<<10)); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff([]string{"LIST ", "POST ", "DELETE web.v3.*.1", "DELETE web.v3.*.2"}, server.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for _, comesIn := range server.late {
		comesIn()
	}
	if left := server.names(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestLargeRecordBehind: the server's memory knows of some chunks of a record only.
func TestLargeRecordBehind(t *testing.T) {
	t.Parallel()
	server := newShelf()
	store := kube.NewSecretStore(server.client(t, kube.Options{}))
	if err := store.Create(t.Context(), largeRelease(web, 3, 1200<<10)); err != nil {
		t.Fatal(err)
	}
	server.lag = 2 // the head and a chunk
	if err := store.Delete(t.Context(), web, 3); err != nil {
		t.Fatal(err)
	}
	if left := server.names(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestLargeRecordRefused: what the server does not take leaves nothing, and nothing
// that others have is touched.
func TestLargeRecordRefused(t *testing.T) {
	t.Parallel()
	server := newShelf()
	store := kube.NewSecretStore(server.client(t, kube.Options{}))
	first := largeRelease(web, 3, 1200<<10)
	if err := store.Create(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	want := []string{"web.v3", "web.v3.*.1", "web.v3.*.2"}
	check := func(what string) {
		t.Helper()
		if diff := cmp.Diff(want, server.names()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
		if got, err := store.Get(t.Context(), web, 3); err != nil || got.Manifest != first.Manifest {
			t.Errorf("%s: the record is damaged: %v", what, err)
		}
	}
	if err := store.Create(t.Context(), largeRelease(web, 3, 1300<<10)); !errors.Is(err, release.ErrExists) {
		t.Errorf("Create: %v", err)
	}
	check("one that exists")
	late := largeRelease(web, 3, 1300<<10)
	late.ResourceVersion, late.Parts = "1", first.Parts
	if _, ok := errors.AsType[*release.ConflictError](store.Update(t.Context(), late)); !ok {
		t.Error("Update: no conflict")
	}
	check("one that has moved on")
	server.before = func(method, name string) *http.Response {
		if strings.HasSuffix(name, ".2") && method == http.MethodPost {
			return failure(403, "Forbidden", "exceeded quota")
		}
		return nil
	}
	wantError(t, store.Create(t.Context(), largeRelease(web, 4, 1200<<10)), "create: failed to create: exceeded quota")
	check("a chunk that is refused")
}

// TestLargeRecordDamaged: the error names the chunk; a record that goes while it is
// read is not damaged.
func TestLargeRecordDamaged(t *testing.T) {
	t.Parallel()
	server := newShelf()
	store := kube.NewSecretStore(server.client(t, kube.Options{}))
	rel := largeRelease(web, 3, 1200<<10)
	if err := store.Create(t.Context(), rel); err != nil {
		t.Fatal(err)
	}
	second := rel.Parts.ChunkName(1)
	whole := server.objects[second]
	for _, tt := range []struct {
		name   string
		damage func()
		want   string
	}{
		{"missing", func() { delete(server.objects, second) }, "is missing"},
		{"without data", func() { server.objects[second] = map[string]any{"metadata": whole["metadata"]} }, "is damaged: it has 0 bytes, not"},
		{"other data", func() {
			size := rel.Parts.Chunks[1].Size
			server.objects[second] = map[string]any{"metadata": whole["metadata"], "data": map[string]any{"part": encode64(make([]byte, size))}}
		}, "is damaged: its digest is another"},
	} {
		tt.damage()
		_, err := store.Get(t.Context(), web, 3)
		want := fmt.Sprintf(`Secret "sh.helm.release.v1.web.v3": record of revision 3 of release ns/web cannot be read: part 2 of 2 (%s) %s`, second, tt.want)
		if _, ok := errors.AsType[*release.RecordError](err); !ok || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", tt.name, err, want)
		}
	}
	server.objects[second] = whole
	inner := server.handle
	server.handle = func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, second) {
			server.mu.Lock()
			clear(server.objects)
			server.mu.Unlock()
		}
		return inner(r)
	}
	if _, err := store.Get(t.Context(), web, 3); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("a record that went while it was read: %v", err)
	}
}
