package kube_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

const (
	secretsPath = "/api/v1/namespaces/ns/secrets"
	recordPath  = secretsPath + "/sh.helm.release.v1.web.v3"
)

var web = release.Key{Namespace: "ns", Name: "web"}

// TestSecretOfARecord is the layout that Helm reads.
func TestSecretOfARecord(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Unix(1234567890, 0) }
	rel := releasetest.NewRelease(web, 3, release.StatusDeployed)
	rel.Labels = map[string]string{"team": "edge"}
	payload, err := release.Encode(rel)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, method, path, timeLabel string
		write                         func(release.Store) error
		version                       any
	}{
		{"create", "POST", secretsPath, "createdAt", func(s release.Store) error { return s.Create(t.Context(), rel) }, nil},
		{"update", "PUT", recordPath, "modifiedAt", func(s release.Store) error { return s.Update(t.Context(), rel) }, "7"},
	} {
		var got map[string]any
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			if r.Method != tt.method || r.URL.Path != tt.path {
				return nil, nil
			}
			got = requestBody(t, r)
			return answer(200, `{"metadata":{"resourceVersion":"7"}}`), nil
		}}
		if err := tt.write(kube.NewSecretStore(server.client(t, kube.Options{Now: now}))); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if rel.ResourceVersion != "7" {
			t.Errorf("%s: version %q", tt.name, rel.ResourceVersion)
		}
		meta, _ := got["metadata"].(map[string]any)
		delete(meta, "annotations") // which are package release's
		wantMeta := map[string]any{
			"name": "sh.helm.release.v1.web.v3", "namespace": "ns",
			"labels": map[string]any{
				"name": "web", "owner": "helm", "status": "deployed", "version": "3", "team": "edge", tt.timeLabel: "1234567890",
			},
		}
		if tt.version != nil {
			wantMeta["resourceVersion"] = tt.version
		}
		want := map[string]any{
			"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": wantMeta,
			"data": map[string]any{"release": encode64(payload)},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestStoreErrors(t *testing.T) {
	t.Parallel()
	rel := func() *release.Release {
		r := releasetest.NewRelease(web, 3, release.StatusDeployed)
		r.ResourceVersion = "6"
		return r
	}
	get := func(s release.Store) error { _, err := s.Get(t.Context(), web, 3); return err }
	create := func(s release.Store) error { return s.Create(t.Context(), rel()) }
	update := func(s release.Store) error { return s.Update(t.Context(), rel()) }
	remove := func(s release.Store) error { return s.Delete(t.Context(), web, 3) }
	list := func(s release.Store) error {
		for _, err := range s.List(t.Context(), release.ListOptions{Namespace: "ns"}) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	const forbidden = `secrets is forbidden: User "eve" cannot do that`
	tests := []struct {
		name   string
		call   func(release.Store) error
		answer func() (*http.Response, error)
		want   string
		is     error
	}{
		{"get, missing", get, status(404, "NotFound", "x"), "release: not found", release.ErrNotFound},
		{"get, forbidden", get, status(403, "Forbidden", forbidden), `get: failed to get "sh.helm.release.v1.web.v3": ` + forbidden, nil},
		{"get, no payload", get, text(200, `{"metadata":{"name":"s"},"data":{}}`), `Secret "s": record of revision 3 of release ns/web cannot be read: it is empty`, nil},
		{"get, no base64", get, text(200, `{"metadata":{"name":"s"},"data":{"release":"?"}}`), `Secret "s": record of revision 3 of release ns/web cannot be read: illegal base64 data at input byte 0`, nil},
		{"create, missing namespace", create, status(404, "NotFound", `namespaces "ns" not found`), `create: failed to create: namespaces "ns" not found`, nil},
		{"create, exists", create, status(409, "AlreadyExists", "x"), "release: already exists", release.ErrExists},
		{"create, too large", create, status(422, "Invalid", `Secret "x" is invalid: data: Too long`), `create: failed to create: Secret "x" is invalid: data: Too long`, nil},
		{"update, missing", update, status(404, "NotFound", "x"), "release: not found", release.ErrNotFound},
		{"update, conflict", update, status(409, "Conflict", "modified"), "record of revision 3 of release ns/web was changed by someone else: modified", nil},
		{"update, forbidden", update, status(403, "Forbidden", forbidden), "update: failed to update: " + forbidden, nil},
		{"delete, missing", remove, status(404, "NotFound", "x"), "release: not found", release.ErrNotFound},
		{"delete, forbidden", remove, status(403, "Forbidden", forbidden), `delete: failed to delete "sh.helm.release.v1.web.v3": ` + forbidden, nil},
		{"list, forbidden", list, status(403, "Forbidden", forbidden), "list: failed to list: " + forbidden, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &fake{handle: func(*http.Request) (*http.Response, error) { return tt.answer() }}
			err := tt.call(kube.NewSecretStore(server.client(t, kube.Options{})))
			wantError(t, err, tt.want)
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v is not %v", err, tt.is)
			}
		})
	}
}

func TestStoreRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	server := &fake{}
	s := kube.NewSecretStore(server.client(t, kube.Options{}))
	bad := func(change func(*release.Release)) *release.Release {
		r := releasetest.NewRelease(web, 3, release.StatusDeployed)
		r.ResourceVersion = "1"
		change(r)
		return r
	}
	for name, err := range map[string]error{
		"a name with a slash": s.Create(t.Context(), bad(func(r *release.Release) { r.Name = "a/b" })),
		"no namespace":        s.Create(t.Context(), bad(func(r *release.Release) { r.Namespace = "" })),
		"a label's key":       s.Create(t.Context(), bad(func(r *release.Release) { r.Labels = map[string]string{"a b": "c"} })),
		"a label's value":     s.Update(t.Context(), bad(func(r *release.Release) { r.Labels = map[string]string{"a": "b c"} })),
		"no version":          s.Update(t.Context(), bad(func(r *release.Release) { r.ResourceVersion = "" })),
		"another object":      s.Delete(t.Context(), release.Key{Namespace: "ns", Name: "../configmaps/x"}, 1),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, err := range s.List(t.Context(), release.ListOptions{Name: "a,b"}) {
		if err == nil || !strings.Contains(err.Error(), "invalid label value") {
			t.Errorf("error %v", err)
		}
	}
	if sent := server.sent(); len(sent) > 0 {
		t.Errorf("requests %q", sent)
	}
}

// TestStoreUncertainWrites: a record whose writing seemed to fail is known
// again.
func TestStoreUncertainWrites(t *testing.T) {
	t.Parallel()
	theirs := releasetest.NewRelease(web, 3, release.StatusFailed)
	ours := releasetest.NewRelease(web, 3, release.StatusPendingInstall)
	held := func(id string) map[string]string {
		return map[string]string{release.AnnotationPrefix + "holder": `{"id":"` + id + `"}`}
	}
	tests := []struct {
		name   string
		there  *release.Release
		update bool
		// twice: somebody on the way has sent it twice, and the answer is the second.
		twice bool
		// holder is who holds the record that is there; this one is held by "me".
		holder string
		is     error
	}{
		{"created", ours, false, false, "", nil},
		{"created, sent twice", ours, false, true, "me", nil},
		{"the same created by someone else", ours, false, true, "you", release.ErrExists},
		{"the same created by nobody", ours, false, true, "", release.ErrExists},
		{"created by someone else", theirs, false, false, "me", release.ErrExists},
		{"updated", ours, true, false, "", nil},
		{"updated, sent twice", ours, true, true, "", nil},
		{"updated by someone else", theirs, true, false, "", errors.ErrUnsupported},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			payload, err := release.Encode(tt.there)
			if err != nil {
				t.Fatal(err)
			}
			writes := 0
			server := &fake{handle: func(r *http.Request) (*http.Response, error) {
				switch {
				case r.Method == http.MethodGet && r.URL.Path == recordPath:
					annotations, err := json.Marshal(held(tt.holder))
					return answer(200, fmt.Sprintf(`{"metadata":{"resourceVersion":"9","annotations":%s},"data":{"release":%q}}`, annotations, encode64(payload))), err
				case r.Method == http.MethodGet:
					return nil, nil
				}
				if writes++; writes == 1 && !tt.twice {
					return nil, errReset
				}
				if r.Method == http.MethodPut {
					return failure(409, "Conflict", "modified"), nil
				}
				return failure(409, "AlreadyExists", "exists"), nil
			}}
			s := kube.NewSecretStore(server.client(t, kube.Options{}))
			rel := releasetest.NewRelease(web, 3, release.StatusPendingInstall)
			rel.Annotations = held("me")
			if tt.update {
				rel.ResourceVersion = "6"
				err = s.Update(t.Context(), rel)
			} else {
				err = s.Create(t.Context(), rel)
			}
			var conflict *release.ConflictError
			switch {
			case tt.is == nil && (err != nil || rel.ResourceVersion != "9"):
				t.Errorf("version %q, %v", rel.ResourceVersion, err)
			case tt.is == release.ErrExists && !errors.Is(err, tt.is):
				t.Errorf("error %v", err)
			case tt.is == errors.ErrUnsupported && !errors.As(err, &conflict):
				t.Errorf("error %v", err)
			}
		})
	}
}
