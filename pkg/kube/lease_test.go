package kube_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

const leasePath = "/api/v1/namespaces/prod/secrets/sh.helm.release.v1.web.v1"

// leaseAnswer is the metadata of a record, and the time of the answer.
func leaseAnswer(version, written, date string) *http.Response {
	resp := answer(200, `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"r",
		"resourceVersion":"`+version+`","creationTimestamp":"2026-01-01T00:00:00Z","annotations":{"a":"1"},
		"managedFields":[{"manager":"x","time":"2026-01-01T00:00:05Z"},{"manager":"helm","time":"`+written+`"},{"manager":"y"}]}}`)
	if date != "" {
		resp.Header.Set("Date", date)
	}
	return resp
}

// TestLease: the age is by the server's clock, whatever the one here says.
func TestLease(t *testing.T) {
	t.Parallel()
	here := func() time.Time { return time.Date(2026, 1, 1, 0, 2, 0, 0, time.UTC) }
	for name, tt := range map[string]struct {
		date string
		want time.Duration
	}{
		"the server's clock": {"Thu, 01 Jan 2026 00:00:42 GMT", 30 * time.Second},
		"no clock":           {"", 108 * time.Second},
	} {
		f := &fake{handle: func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != leasePath || !strings.Contains(r.Header.Get("Accept"), "PartialObjectMetadata") {
				return nil, nil
			}
			return leaseAnswer("7", "2026-01-01T00:00:12Z", tt.date), nil
		}}
		s := kube.NewSecretStore(f.client(t, kube.Options{Now: here}))
		lease, err := s.Lease(t.Context(), release.Key{Namespace: "prod", Name: "web"}, 1)
		if err != nil || lease.Age != tt.want || lease.ResourceVersion != "7" || lease.Annotations["a"] != "1" {
			t.Errorf("%s: %+v, %v", name, lease, err)
		}
		if _, err := s.Lease(t.Context(), release.Key{Namespace: "prod", Name: "other"}, 1); !errors.Is(err, release.ErrNotFound) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestRenew: a patch of an annotation that holds the version, with what its failures
// mean.
func TestRenew(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		code     int
		reason   string
		conflict bool
		notFound bool
		version  string
	}{
		"done":      {code: 200, version: "8"},
		"conflict":  {code: 409, reason: "Conflict", conflict: true, version: "7"},
		"gone":      {code: 404, reason: "NotFound", notFound: true, version: "7"},
		"forbidden": {code: 403, reason: "Forbidden", version: "9"}, // the record is written again
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent map[string]any
			f := &fake{handle: func(r *http.Request) (*http.Response, error) {
				switch {
				case r.URL.Path != leasePath:
					return nil, nil
				case r.Method == http.MethodPut:
					return answer(200, `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"r","resourceVersion":"9"}}`), nil
				case r.Method != http.MethodPatch:
					return nil, nil
				case tt.code == 200:
					sent = requestBody(t, r)
					return leaseAnswer("8", "2026-01-01T00:00:12Z", ""), nil
				}
				return failure(tt.code, tt.reason, "no"), nil
			}}
			rel := releasetest.NewRelease(release.Key{Namespace: "prod", Name: "web"}, 1, release.StatusPendingUpgrade)
			rel.ResourceVersion = "7"
			err := kube.NewSecretStore(f.client(t, kube.Options{})).Renew(t.Context(), rel, map[string]string{"renewed": "3"})
			_, conflict := errors.AsType[*release.ConflictError](err)
			if conflict != tt.conflict || errors.Is(err, release.ErrNotFound) != tt.notFound || rel.ResourceVersion != tt.version {
				t.Errorf("error %v, version %s", err, rel.ResourceVersion)
			}
			want := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"renewed": "3"}, "resourceVersion": "7"}}
			if diff := cmp.Diff(want, sent); tt.code == 200 && diff != "" {
				t.Error(diff)
			}
		})
	}
}
