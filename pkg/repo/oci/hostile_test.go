package oci_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

// respond makes a fake registry answer some requests in a way of its own.
func (f *fakeRegistry) respond(answer func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = answer
}

// TestHostileContent pulls what is not what it says.
func TestHostileContent(t *testing.T) {
	t.Parallel()
	const chartType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
	for name, tc := range map[string]struct {
		serve func(t *testing.T, f *fakeRegistry)
		text  string
		is    error
	}{
		"wrong blob": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", nil)
			for digest, data := range f.blobs {
				f.blobs[digest] = bytes.Repeat([]byte("x"), len(data))
			}
		}, "digest mismatch", repo.ErrDigest},
		"longer than said": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers[0].Size-- })
		}, "mismatch Content-Length", nil},
		"longer than said, without a length": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers[0].Size-- })
			f.respond(func(w http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, "/blobs/") {
					w.(http.Flusher).Flush()
				}
				return false
			})
		}, "digest mismatch", repo.ErrDigest},
		"huge size": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers[0].Size = 1 << 62 })
		}, "and may have 268435456", nil},
		"negative size": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers[0].Size = -1 })
		}, "has -1 bytes", nil},
		"huge config": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Config.Size = 1 << 40 })
		}, "the config sha256:", nil},
		"digest is a path": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers[0].Digest = "sha256:../../../etc/passwd" })
		}, "invalid checksum digest", nil},
		"unknown algorithm": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers[0].Digest = "md5:d41d8cd98f00b204e9800998ecf8427e" })
		}, "unsupported digest algorithm", nil},
		"no such blob": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", nil)
			clear(f.blobs)
		}, "not found", repo.ErrNotFound},
		"config is no JSON": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) {
				m.Config = f.blob("application/vnd.cncf.helm.config.v1+json", []byte("no"))
			})
		}, "cannot be read", nil},
		"manifest is no JSON": {func(t *testing.T, f *fakeRegistry) {
			f.manifest(t, "1.0.0", ocispec.MediaTypeImageManifest, []string{"no"})
		}, "cannot be read", nil},
		"manifest under another digest": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", nil)
			c := f.manifests["1.0.0"]
			c.digest = repo.DigestOf([]byte("another"))
			f.manifests["1.0.0"] = c
		}, "digest mismatch", repo.ErrDigest},
		"manifest and index at once": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) {
				m.Manifests = []ocispec.Descriptor{{MediaType: ocispec.MediaTypeImageManifest, Digest: m.Config.Digest, Size: 1}}
			})
		}, "an index and a manifest at once", nil},
		"another media type inside": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.MediaType = ocispec.MediaTypeImageIndex })
		}, "and says that it is", nil},
		"two charts in one": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers = append(m.Layers, f.blob(chartType, []byte("other"))) })
		}, "two layers", nil},
		"no chart layer": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers = nil })
		}, "manifest does not contain a layer with mediatype " + chartType, nil},
		"an image": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Config.MediaType = ocispec.MediaTypeImageConfig })
		}, "could not load config with mediatype", oci.ErrNoChart},
		"a web page": {func(t *testing.T, f *fakeRegistry) {
			f.manifest(t, "1.0.0", "text/html", "login")
		}, "no manifest of a chart", nil},
		"huge manifest": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) {
				m.Annotations = map[string]string{"x": strings.Repeat("x", 5<<20)}
			})
		}, "and may have 4194304", nil},
		"endless manifest": {func(_ *testing.T, f *fakeRegistry) {
			f.respond(func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Content-Type", ocispec.MediaTypeImageManifest)
				for r.Method == http.MethodGet && r.Context().Err() == nil {
					if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
						return true
					}
				}
				return true
			})
		}, "", nil},
		"index without end": {func(t *testing.T, f *fakeRegistry) {
			index := &fakeManifest{}
			for i := range 200 {
				m := f.chart(t, "web", fmt.Sprint(i), func(m *fakeManifest) { m.Config.MediaType = ocispec.MediaTypeImageConfig })
				index.Manifests = append(index.Manifests, m)
			}
			f.manifest(t, "1.0.0", ocispec.MediaTypeImageIndex, map[string]any{"schemaVersion": 2, "manifests": index.Manifests})
		}, "no chart is among the first 100 manifests", nil},
		"indexes in indexes": {func(t *testing.T, f *fakeRegistry) {
			desc := f.chart(t, "web", "0", nil)
			for range 10 {
				desc = f.manifest(t, "1.0.0", ocispec.MediaTypeImageIndex, map[string]any{"schemaVersion": 2, "manifests": []any{desc}})
			}
		}, "too deep", nil},
		"index of an index that lies": {func(t *testing.T, f *fakeRegistry) {
			desc := f.chart(t, "web", "0", nil)
			desc.Size = 1 << 40
			f.manifest(t, "1.0.0", ocispec.MediaTypeImageIndex, map[string]any{"schemaVersion": 2, "manifests": []any{desc}})
		}, "the manifest sha256:", nil},
		"redirects in a circle": {func(_ *testing.T, f *fakeRegistry) {
			f.respond(func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
				return true
			})
		}, "stopped after 10 redirects", nil},
		"redirect to a file": {func(_ *testing.T, f *fakeRegistry) {
			f.respond(func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Location", "file:///etc/passwd")
				w.WriteHeader(http.StatusFound)
				return true
			})
		}, "neither http nor https", nil},
		"terminal codes": {func(_ *testing.T, f *fakeRegistry) {
			f.respond(func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"errors":[{"code":"DENIED","message":"\u001b[2Jgone"}]}`))
				return true
			})
		}, `\x1b[2Jgone`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			tc.serve(t, f)
			_, err := newClient(t).Pull(t.Context(), f.host+"/web:1.0.0", repo.PullOptions{Access: f.access})
			if err == nil || !strings.Contains(err.Error(), tc.text) {
				t.Fatalf("error %v, want %q", err, tc.text)
			}
			if tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%v is no %v", err, tc.is)
			}
		})
	}
}

// TestIndexIsFollowed finds the chart beside other things.
func TestIndexIsFollowed(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	image := f.chart(t, "web", "0", func(m *fakeManifest) { m.Config.MediaType = ocispec.MediaTypeImageConfig })
	wanted := f.chart(t, "web", "1", nil)
	inner := f.manifest(t, "inner", ocispec.MediaTypeImageIndex, map[string]any{"schemaVersion": 2, "manifests": []any{image, wanted}})
	outer := f.manifest(t, "1.0.0", ocispec.MediaTypeImageIndex, map[string]any{"schemaVersion": 2, "manifests": []any{
		map[string]any{"mediaType": "application/x-something", "digest": image.Digest, "size": 1}, inner,
	}})
	pulled, err := newClient(t).Pull(t.Context(), f.host+"/web:1.0.0", repo.PullOptions{Access: f.access})
	if err != nil {
		t.Fatal(err)
	}
	if pulled.Version != "1" || pulled.Digest != outer.Digest.String() {
		t.Errorf("pulled version %s, digest %s, want 1 and that of the index, %s", pulled.Version, pulled.Digest, outer.Digest)
	}
}

// TestEndlessTags ends the list of a registry that has always one more page.
// TestEndlessReferrers has pages without anything in them, and always another.
func TestEndlessReferrers(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	pages := 0
	f.respond(func(w http.ResponseWriter, r *http.Request) bool {
		pages++
		w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
		w.Header().Set("Link", "<"+r.URL.Path+"?last=x>; rel=\"next\"")
		_, _ = w.Write([]byte(`{"schemaVersion":2,"manifests":[]}`))
		return true
	})
	r, err := newClient(t).Open(f.host+"/web", f.access)
	if err != nil {
		t.Fatal(err)
	}
	err = r.Referrers(t.Context(), ocispec.Descriptor{Digest: digest.FromString("x")}, "", func([]ocispec.Descriptor) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "exceeded 100 pages") || pages != 100 {
		t.Errorf("error %v after %d pages", err, pages)
	}
}

func TestEndlessTags(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		page  func(n int) string
		pages int
		want  string
	}{
		"many": {
			func(n int) string {
				return fmt.Sprintf(`{"tags":["%d.0.0",%s"1.0.0"]}`, n, strings.Repeat(`"1.0.0",`, 99_998))
			},
			6, "more than 500000 tags",
		},
		"in circles": {func(n int) string { return fmt.Sprintf(`{"tags":["%d.0.0"]}`, n%3) }, 4, `goes round in circles: "1.0.0" begins two pages`},
		"empty":      {func(int) string { return `{"tags":[]}` }, 21, "more than 20 pages without a tag"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			pages := 0
			f.respond(func(w http.ResponseWriter, r *http.Request) bool {
				pages++
				w.Header().Set("Link", "<"+r.URL.Path+"?last=x>; rel=\"next\"")
				_, _ = io.WriteString(w, c.page(pages))
				return true
			})
			_, err := newClient(t).Versions(t.Context(), f.host+"/web", f.access)
			if err == nil || !strings.Contains(err.Error(), c.want) || pages != c.pages {
				t.Errorf("error %v after %d pages, want %q after %d", err, pages, c.want, c.pages)
			}
		})
	}
}

// TestTagsElsewhere does not follow a list to another host.
func TestTagsElsewhere(t *testing.T) {
	t.Parallel()
	other := newFake(t)
	var asked atomic.Bool
	other.respond(func(http.ResponseWriter, *http.Request) bool {
		asked.Store(true)
		return false
	})
	f := newFake(t)
	f.respond(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Link", "<https://"+other.host+"/v2/web/tags/list>; rel=\"next\"")
		_, _ = w.Write([]byte(`{"tags":["1.0.0"]}`))
		return true
	})
	_, err := newClient(t).Versions(t.Context(), f.host+"/web", f.access)
	if err == nil || !strings.Contains(err.Error(), "not the same origin") || asked.Load() {
		t.Errorf("error %v, and the other host was asked: %v", err, asked.Load())
	}
}

// TestPassing tries again what may succeed then, and nothing else.
func TestPassing(t *testing.T) {
	t.Parallel()
	for status, again := range map[int]bool{408: true, 429: true, 500: true, 502: true, 503: true, 504: true, 403: false, 404: false, 501: false} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.chart(t, "web", "1.0.0", nil)
			var asked atomic.Int32
			f.respond(func(w http.ResponseWriter, _ *http.Request) bool {
				if asked.Add(1) > 2 {
					return false
				}
				w.WriteHeader(status)
				return true
			})
			_, err := newClient(t).Pull(t.Context(), f.host+"/web:1.0.0", repo.PullOptions{Access: f.access})
			if (err == nil) != again {
				t.Errorf("error %v after %d requests", err, asked.Load())
			}
		})
	}
	t.Run("blob breaks off", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		f.chart(t, "web", "1.0.0", nil)
		var asked atomic.Int32
		f.respond(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/blobs/") || asked.Add(1) > 2 {
				return false
			}
			w.Header().Set("Transfer-Encoding", "chunked")
			_, _ = w.Write([]byte("{"))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		})
		if _, err := newClient(t).Pull(t.Context(), f.host+"/web:1.0.0", repo.PullOptions{Access: f.access}); err != nil {
			t.Error(err)
		}
	})
}

// TestCredentialsStay sees to it that only the registry, and the token server
// that it names, get them.
func TestCredentialsStay(t *testing.T) {
	t.Parallel()
	const user, password = "me", "s3cret"
	basic := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	// spy is another host. It asks for credentials of its own.
	var leaked atomic.Value
	spy := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if text := fmt.Sprint(r.Header, r.Form); strings.Contains(text, basic) || strings.Contains(text, password) || r.Header.Get("Authorization") != "" {
			leaked.Store(text)
		}
		if r.URL.Path == "/hop" {
			http.Redirect(w, r, "/blob", http.StatusTemporaryRedirect)
			return
		}
		w.Header().Set("Www-Authenticate", `Basic realm="spy"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(spy.Close)
	plain := httptest.NewServer(spy.Config.Handler)
	t.Cleanup(plain.Close)
	authorized := func(r *http.Request) bool { return r.Header.Get("Authorization") == "Basic "+basic }
	challenge := func(w http.ResponseWriter, header string) bool {
		w.Header().Set("Www-Authenticate", header)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	blobsAt := func(path string) func(*fakeRegistry, http.ResponseWriter, *http.Request) bool {
		return func(_ *fakeRegistry, w http.ResponseWriter, r *http.Request) bool {
			if !authorized(r) {
				return challenge(w, `Basic realm="x"`)
			}
			if strings.Contains(r.URL.Path, "/blobs/") {
				http.Redirect(w, r, spy.URL+path, http.StatusTemporaryRedirect)
				return true
			}
			return false
		}
	}
	for name, tc := range map[string]struct {
		answer func(f *fakeRegistry, w http.ResponseWriter, r *http.Request) bool
		ok     bool
	}{
		"asks for them itself": {func(_ *fakeRegistry, w http.ResponseWriter, r *http.Request) bool {
			return !authorized(r) && challenge(w, `Basic realm="x"`)
		}, true},
		"blobs elsewhere":                   {blobsAt("/blob?X-Amz-Signature=signed"), false},
		"blobs elsewhere, by two redirects": {blobsAt("/hop"), false},
		"everything elsewhere": {func(_ *fakeRegistry, w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, spy.URL+r.URL.Path, http.StatusTemporaryRedirect)
			return true
		}, false},
		"to http": {func(_ *fakeRegistry, w http.ResponseWriter, r *http.Request) bool {
			if !authorized(r) {
				return challenge(w, `Basic realm="x"`)
			}
			http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusTemporaryRedirect)
			return true
		}, false},
		"token server without TLS": {func(_ *fakeRegistry, w http.ResponseWriter, _ *http.Request) bool {
			return challenge(w, `Bearer realm="`+plain.URL+`/token",service="x"`)
		}, false},
		"token server at a private address": {func(_ *fakeRegistry, w http.ResponseWriter, _ *http.Request) bool {
			return challenge(w, `Bearer realm="https://169.254.169.254/token",service="x"`)
		}, false},
		"token server elsewhere by a redirect": {func(f *fakeRegistry, w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/token" {
				http.Redirect(w, r, spy.URL+"/token", http.StatusTemporaryRedirect)
				return true
			}
			return challenge(w, `Bearer realm="https://`+f.host+`/token",service="x"`)
		}, false},
		"token in the header of a redirect": {func(f *fakeRegistry, w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.URL.Path == "/token":
				_, _ = w.Write([]byte(`{"token":"t0ken"}`))
				return true
			case r.Header.Get("Authorization") == "Bearer t0ken":
				http.Redirect(w, r, spy.URL+r.URL.Path, http.StatusFound)
				return true
			}
			return challenge(w, `Bearer realm="https://`+f.host+`/token",service="x"`)
		}, false},
	} {
		// One after the other: they share the spy.
		f := newFake(t)
		f.chart(t, "web", "1.0.0", nil)
		f.respond(func(w http.ResponseWriter, r *http.Request) bool { return tc.answer(f, w, r) })
		access := f.access
		access.Username, access.Password = user, password
		_, err := newClient(t).Pull(t.Context(), f.host+"/web:1.0.0", repo.PullOptions{Access: access})
		if (err == nil) != tc.ok {
			t.Errorf("%s: pull: %v", name, err)
		}
		loginErr := newClient(t).Login(t.Context(), f.host, access)
		for _, e := range []error{err, loginErr} {
			if e != nil && (strings.Contains(e.Error(), password) || strings.Contains(e.Error(), "signed") || strings.Contains(e.Error(), "t0ken")) {
				t.Errorf("%s: a secret is in the error: %v", name, e)
			}
		}
		if text := leaked.Swap(""); text != nil && text != "" {
			t.Errorf("%s: another host got credentials: %v", name, text)
		}
	}
}

// TestUploadElsewhere does not send a chart where the registry says, if that is
// another host.
func TestUploadElsewhere(t *testing.T) {
	t.Parallel()
	var asked atomic.Bool
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Store(true)
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(other.Close)
	f := newFake(t)
	f.respond(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			w.Header().Set("Location", other.URL+"/upload")
			w.WriteHeader(http.StatusAccepted)
			return true
		}
		return false
	})
	_, err := newClient(t).Push(t.Context(), f.host, oci.Package{Chart: archive(t, "web", "1.0.0")}, f.access)
	if err == nil || !strings.Contains(err.Error(), "different host") || asked.Load() {
		t.Errorf("error %v, and the other host was asked: %v", err, asked.Load())
	}
}

// TestNothingGoesOn: what is wrong with a manifest is known before anything that it
// names is fetched.
func TestNothingGoesOn(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.chart(t, "web", "1.0.0", func(m *fakeManifest) {
		for _, text := range []string{"one", "another"} {
			m.Layers = append(m.Layers, f.blob("application/vnd.cncf.helm.chart.provenance.v1.prov", []byte(text)))
		}
	})
	asked := make(chan string, 10)
	f.respond(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/blobs/") {
			asked <- r.URL.Path
		}
		return false
	})
	_, err := newClient(t).Pull(t.Context(), f.host+"/web:1.0.0", repo.PullOptions{Access: f.access, Provenance: true})
	if err == nil || !strings.Contains(err.Error(), "two layers") {
		t.Errorf("error %v", err)
	}
	select {
	case path := <-asked:
		t.Errorf("%s was asked for", path)
	case <-time.After(50 * time.Millisecond):
	}
}

// TestSilence gives up on a server that says nothing more.
func TestSilence(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.chart(t, "web", "1.0.0", nil)
	f.respond(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/blobs/") {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		}
		return false
	})
	c := oci.New(oci.Config{Timeout: 50_000_000, Retries: -1, Wait: noWait})
	_, err := c.Pull(t.Context(), f.host+"/web:1.0.0", repo.PullOptions{Access: f.access})
	if err == nil || !strings.Contains(err.Error(), "nothing came for 50ms") {
		t.Errorf("error %v", err)
	}
}
