package oci_test

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// fakeRegistry serves what no real registry would: it does not look at what it
// is given. It serves over TLS.
type fakeRegistry struct {
	host   string
	access repo.Access
	srv    *httptest.Server

	mu        sync.Mutex
	blobs     map[string][]byte
	manifests map[string]fakeContent
	// before sees requests first, and answers those for which it returns true.
	before func(w http.ResponseWriter, r *http.Request) bool
	// seen are the Authorization headers that have come.
	seen []string
}

type fakeContent struct {
	mediaType string
	data      []byte
	// digest is what the header says; empty leaves it out.
	digest string
}

type fakeManifest struct {
	ocispec.Manifest
	Manifests []ocispec.Descriptor `json:"manifests,omitempty"`
}

func newFake(t *testing.T) *fakeRegistry {
	t.Helper()
	f := &fakeRegistry{blobs: map[string][]byte{}, manifests: map[string]fakeContent{}}
	f.srv = httptest.NewTLSServer(f)
	t.Cleanup(f.srv.Close)
	f.host = strings.TrimPrefix(f.srv.URL, "https://")
	f.access.CAFile = caFile(t, f.srv)
	return f
}

// caFile writes the certificate of a TLS server into a file. All servers of
// httptest have the same one.
func caFile(t *testing.T, srv *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (f *fakeRegistry) blob(mediaType string, data []byte) ocispec.Descriptor {
	d := digest.FromBytes(data)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blobs[d.String()] = data
	return ocispec.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(data))}
}

// manifest serves a manifest under its digest and a name.
func (f *fakeRegistry) manifest(t *testing.T, name, mediaType string, m any) ocispec.Descriptor {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	d := digest.FromBytes(data)
	f.mu.Lock()
	defer f.mu.Unlock()
	c := fakeContent{mediaType: mediaType, data: data, digest: d.String()}
	f.manifests[d.String()] = c
	f.manifests[name] = c
	return ocispec.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(data))}
}

// chart serves a chart whose manifest has been changed.
func (f *fakeRegistry) chart(t *testing.T, name, version string, change func(*fakeManifest)) ocispec.Descriptor {
	t.Helper()
	m := &fakeManifest{}
	m.SchemaVersion = 2
	m.Config = f.blob("application/vnd.cncf.helm.config.v1+json", []byte(`{"name":"`+name+`","version":"`+version+`"}`))
	m.Layers = []ocispec.Descriptor{f.blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", archive(t, name, version))}
	if change != nil {
		change(m)
	}
	return f.manifest(t, version, ocispec.MediaTypeImageManifest, m)
}

func (f *fakeRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if a := r.Header.Get("Authorization"); a != "" {
		f.seen = append(f.seen, a)
	}
	before := f.before
	f.mu.Unlock()
	if before != nil && before(w, r) {
		return
	}
	last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case strings.Contains(r.URL.Path, "/manifests/"):
		if c, ok := f.manifests[last]; ok {
			w.Header().Set("Content-Type", c.mediaType)
			w.Header().Set("Content-Length", strconv.Itoa(len(c.data)))
			if c.digest != "" {
				w.Header().Set("Docker-Content-Digest", c.digest)
			}
			_, _ = w.Write(c.data)
			return
		}
	case strings.Contains(r.URL.Path, "/blobs/"):
		if data, ok := f.blobs[last]; ok {
			_, _ = w.Write(data)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}
