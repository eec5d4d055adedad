package oci_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-0d4f92cc/pack/internal/testregistry"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

// refer puts an artifact into a repository that refers to a manifest, as
// signatures do, and returns its digest.
func refer(t *testing.T, c *oci.Client, repository, subject, tag string, access repo.Access) string {
	t.Helper()
	r, err := c.Open(repository, access)
	if err != nil {
		t.Fatal(err)
	}
	empty := []byte("{}")
	config := ocispec.Descriptor{MediaType: "application/vnd.oci.empty.v1+json", Digest: digest.FromBytes(empty), Size: 2}
	if err := r.Push(t.Context(), config, bytes.NewReader(empty)); err != nil {
		t.Fatal(err)
	}
	m := ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, ArtifactType: "application/x-signature", Config: config, Layers: []ocispec.Descriptor{config}}
	m.SchemaVersion = 2
	if tag == "" {
		desc, err := r.Resolve(t.Context(), subject)
		if err != nil {
			t.Fatal(err)
		}
		m.Subject = &ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if tag != "" {
		err = r.PushReference(t.Context(), desc, bytes.NewReader(data), tag)
	} else {
		err = r.Push(t.Context(), desc, bytes.NewReader(data))
	}
	if err != nil {
		t.Fatal(err)
	}
	return desc.Digest.String()
}

// TestCopyThere copies a signed chart into a folder, and from there to a registry
// of another kind; nothing may have changed.
func TestCopyThere(t *testing.T) {
	t.Parallel()
	a, accessA := start(t, testregistry.Config{})
	b, accessB := start(t, testregistry.Config{TLS: true, Auth: "token"})
	accessB.Username, accessB.Password = testregistry.User, testregistry.Password
	c := newClient(t)
	pushed := push(t, c, a.Address+"/charts", oci.Package{Chart: archive(t, "web", "1.0.0+x"), Provenance: []byte("p")}, accessA)
	signature := refer(t, c, a.Address+"/charts/web", "1.0.0_x", "", accessA)
	cosign := refer(t, c, a.Address+"/charts/web", "", strings.Replace(pushed.Digest, ":", "-", 1)+".sig", accessA)
	dir := filepath.Join(t.TempDir(), "bundle")

	copied, err := c.CopyToLayout(t.Context(), "oci://"+a.Address+"/charts/web:1.0.0+x", dir, oci.CopyOptions{From: accessA})
	if err != nil {
		t.Fatal(err)
	}
	want := &oci.Copied{From: a.Address + "/charts/web:1.0.0_x", To: "oci-layout:" + dir + ":" + a.Address + "/charts/web:1.0.0_x", Digest: pushed.Digest}
	if diff := cmp.Diff(want, copied); diff != "" {
		t.Error(diff)
	}
	back, err := c.Copy(t.Context(), "oci-layout:"+dir+":web:1.0.0_x", "oci://"+b.Address+"/mirror/", oci.CopyOptions{To: accessB})
	if err != nil {
		t.Fatal(err)
	}
	if want := b.Address + "/mirror/web:1.0.0_x"; back.To != want || back.Digest != pushed.Digest {
		t.Errorf("copied to %s %s, want %s %s", back.To, back.Digest, want, pushed.Digest)
	}
	pulled, err := c.Pull(t.Context(), back.To, repo.PullOptions{Access: accessB, Provenance: true})
	if err != nil || string(pulled.Provenance) != "p" {
		t.Errorf("pulled with %q, %v", pulled.Provenance, err)
	}
	checkReferrers(t, c, b.Address+"/mirror/web", pushed.Digest, signature, cosign, accessB)
}

func checkReferrers(t *testing.T, c *oci.Client, repository, subject, signature, cosign string, access repo.Access) {
	t.Helper()
	r, err := c.Open(repository, access)
	if err != nil {
		t.Fatal(err)
	}
	desc, err := r.Resolve(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Predecessors(t.Context(), desc)
	if err != nil || len(list) != 1 || list[0].Digest.String() != signature {
		t.Errorf("referrers are %v, %v, want %s", list, err, signature)
	}
	beside, err := r.Resolve(t.Context(), strings.Replace(subject, ":", "-", 1)+".sig")
	if err != nil || beside.Digest.String() != cosign {
		t.Errorf("the tag of Cosign has %v, %v, want %s", beside.Digest, err, cosign)
	}
}

// TestCopyInRegistry copies between repositories of one registry, and the highest
// version where none is named.
func TestCopyInRegistry(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{Auth: "token"})
	access.Username, access.Password = testregistry.User, testregistry.Password
	c := newClient(t)
	push(t, c, r.Address, oci.Package{Chart: archive(t, "web", "1.0.0")}, access)
	two := push(t, c, r.Address, oci.Package{Chart: archive(t, "web", "2.0.0")}, access)
	push(t, c, r.Address, oci.Package{Chart: archive(t, "web", "3.0.0-rc.1")}, access)
	opts := oci.CopyOptions{From: access, To: access}
	copied, err := c.Copy(t.Context(), "oci://"+r.Address+"/web", "oci://"+r.Address+"/other", opts)
	if err != nil || copied.To != r.Address+"/other:2.0.0" || copied.Digest != two.Digest {
		t.Errorf("%+v, %v", copied, err)
	}
	if copied, err = c.Copy(t.Context(), "oci://"+r.Address+"/web@"+two.Digest, "oci://"+r.Address+"/third", opts); err != nil || copied.To != r.Address+"/third@"+two.Digest {
		t.Errorf("%+v, %v", copied, err)
	}
	if _, err := c.Pull(t.Context(), r.Address+"/third@"+two.Digest, repo.PullOptions{Access: access}); err != nil {
		t.Error(err)
	}
	_, err = c.Copy(t.Context(), "oci://"+r.Address+"/web:1.0.0@"+two.Digest, "oci://"+r.Address+"/fourth", opts)
	if !errors.Is(err, repo.ErrDigest) {
		t.Errorf("a tag that is not at its digest: %v", err)
	}
}

// TestCopyAll moves a folder with everything, twice.
func TestCopyAll(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{})
	c := newClient(t)
	dir := filepath.Join(t.TempDir(), "bundle")
	opts := oci.CopyOptions{From: access, To: access}
	for _, name := range []string{"web", "db"} {
		for _, version := range []string{"1.0.0", "1.1.0"} {
			push(t, c, r.Address+"/charts", oci.Package{Chart: archive(t, name, version)}, access)
		}
		refer(t, c, r.Address+"/charts/"+name, "1.0.0", "", access)
		if err := c.CopyAll(t.Context(), "oci://"+r.Address+"/charts/"+name, "oci-layout:"+dir, opts, func(oci.Copied) {}); err != nil {
			t.Fatal(err)
		}
	}
	layout := oci.NewLayout(dir)
	names, err := layout.Names()
	if err != nil {
		t.Fatal(err)
	}
	base := r.Address + "/charts/"
	if diff := cmp.Diff([]string{base + "db:1.0.0", base + "db:1.1.0", base + "web:1.0.0", base + "web:1.1.0"}, names); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		var to []string
		err := c.CopyAll(t.Context(), "oci-layout:"+dir, "oci://"+r.Address+"/mirror", opts, func(o oci.Copied) { to = append(to, o.To) })
		if err != nil {
			t.Fatal(err)
		}
		mirror := r.Address + "/mirror/"
		if diff := cmp.Diff([]string{mirror + "db:1.0.0", mirror + "db:1.1.0", mirror + "web:1.0.0", mirror + "web:1.1.0"}, to); diff != "" {
			t.Error(diff)
		}
	}
	versions, err := layout.Versions(t.Context(), base+"web", repo.Access{})
	if diff := cmp.Diff([]string{"1.1.0", "1.0.0"}, versions); diff != "" || err != nil {
		t.Error(diff, err)
	}
	pulled, err := layout.Pull(t.Context(), base+"web:1.1.0", repo.PullOptions{})
	if err != nil || pulled.Version != "1.1.0" {
		t.Fatalf("from the folder: %+v, %v", pulled, err)
	}
	if digest, err := layout.Resolve(t.Context(), base+"web:1.1.0", repo.Access{}); err != nil || digest != pulled.Digest {
		t.Errorf("resolved %s, %v, want %s", digest, err, pulled.Digest)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", ".pack-*")); err != nil || len(left) > 0 {
		t.Errorf("files were left: %v, %v", left, err)
	}
}

// TestCopyAgain sends a blob once more that the registry did not take at first,
// from its start.
func TestCopyAgain(t *testing.T) {
	t.Parallel()
	_, dir := copyOut(t)
	f := newFake(t)
	var puts atomic.Int32
	f.respond(func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		switch {
		case r.Method == http.MethodPost:
			w.Header().Set("Location", r.URL.Path+"1")
			w.WriteHeader(http.StatusAccepted)
		case r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/blobs/") && puts.Add(1) <= 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Method == http.MethodPut:
			w.WriteHeader(http.StatusCreated)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
		return true
	})
	_, err := newClient(t).Copy(t.Context(), "oci-layout:"+dir, "oci://"+f.host+"/web", oci.CopyOptions{To: f.access})
	if err != nil || puts.Load() != 4 {
		t.Errorf("%v, after %d attempts at two blobs", err, puts.Load())
	}
}

// copyOut is a layout with one chart.
func copyOut(t *testing.T) (c *oci.Client, dir string) {
	t.Helper()
	f := newFake(t)
	f.chart(t, "web", "1.0.0", nil)
	c, dir = newClient(t), filepath.Join(t.TempDir(), "bundle")
	if _, err := c.CopyToLayout(t.Context(), f.host+"/web:1.0.0", dir, oci.CopyOptions{From: f.access}); err != nil {
		t.Fatal(err)
	}
	return c, dir
}

func TestHostileLayouts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, dir string)
		text  string
	}{
		"changed blob": {func(t *testing.T, dir string) {
			forBlobs(t, dir, func(path string) {
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, bytes.Repeat([]byte("x"), int(info.Size())), 0o600); err != nil {
					t.Fatal(err)
				}
			})
		}, "digest mismatch"},
		"missing blob": {func(t *testing.T, dir string) {
			forBlobs(t, dir, func(path string) {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			})
		}, "not found"},
		"a link out of it": {func(t *testing.T, dir string) {
			forBlobs(t, dir, func(path string) {
				outside := filepath.Join(filepath.Dir(dir), filepath.Base(path))
				if err := errors.Join(os.Rename(path, outside), os.Symlink(outside, path)); err != nil {
					t.Fatal(err)
				}
			})
		}, "path escapes"},
		"no version":       {spoilFile("oci-layout", `{}`), `has version ""`},
		"no layout":        {func(t *testing.T, dir string) { t.Helper(); _ = os.Remove(filepath.Join(dir, "oci-layout")) }, "no OCI layout"},
		"index is no JSON": {spoilFile("index.json", `[`), "index.json: "},
		"huge size":        {spoilFile("index.json", `{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:`+strings.Repeat("0", 64)+`","size":4611686018427387904,"annotations":{"org.opencontainers.image.ref.name":"web:1.0.0"}}]}`), "not found"},
		"digest is a path": {spoilFile("index.json", `{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:../../../../etc/passwd","size":10,"annotations":{"org.opencontainers.image.ref.name":"web:1.0.0"}}]}`), "invalid checksum digest"},
		"long index":       {spoilFile("index.json", strings.Repeat(" ", 33<<20)), "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, dir := copyOut(t)
			tc.spoil(t, dir)
			_, err := c.Copy(t.Context(), "oci-layout:"+dir, "oci-layout:"+t.TempDir(), oci.CopyOptions{})
			if err == nil || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %v, want %q", err, tc.text)
			}
		})
	}
}

func spoilFile(name, content string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func forBlobs(t *testing.T, dir string, do func(path string)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no blobs (%v)", err)
	}
	for _, path := range paths {
		do(path)
	}
}

// TestHostileCopies copies from registries that mean no good; nothing wrong may
// come to lie in the folder.
func TestHostileCopies(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		serve func(t *testing.T, f *fakeRegistry)
		text  string
	}{
		"wrong blob": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", nil)
			for digest, data := range f.blobs {
				f.blobs[digest] = bytes.Repeat([]byte("x"), len(data))
			}
		}, "digest mismatch"},
		"huge": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) { m.Layers[0].Size = 1 << 62 })
		}, "and may have 4294967296"},
		"too many": {func(t *testing.T, f *fakeRegistry) {
			f.chart(t, "web", "1.0.0", func(m *fakeManifest) {
				for i := range 10_001 {
					m.Layers = append(m.Layers, ocispec.Descriptor{MediaType: "x", Digest: digest.FromString(string(rune(i))), Size: 0})
				}
			})
		}, ""},
		"deep": {func(t *testing.T, f *fakeRegistry) {
			desc := f.chart(t, "web", "0", nil)
			for range 10 {
				desc = f.manifest(t, "1.0.0", ocispec.MediaTypeImageIndex, map[string]any{"schemaVersion": 2, "manifests": []any{desc}})
			}
		}, "too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			tc.serve(t, f)
			dir := filepath.Join(t.TempDir(), "bundle")
			_, err := newClient(t).CopyToLayout(t.Context(), f.host+"/web:1.0.0", dir, oci.CopyOptions{From: f.access})
			if err == nil || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %v, want %q", err, tc.text)
			}
			t.Log(err)
			names, err := oci.NewLayout(dir).Names()
			if err != nil && !errors.Is(err, fs.ErrNotExist) || len(names) > 0 {
				t.Errorf("the folder has %v, %v", names, err)
			}
		})
	}
}

// TestLayoutFolder does not put a layout where something else is.
func TestLayoutFolder(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.chart(t, "web", "1.0.0", nil)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := newClient(t).CopyToLayout(t.Context(), f.host+"/web:1.0.0", dir, oci.CopyOptions{From: f.access})
	if err == nil || !strings.Contains(err.Error(), "not empty: it has letter.txt") {
		t.Errorf("error %v", err)
	}
	if entries, err := fs.ReadDir(os.DirFS(dir), "."); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

func TestLayoutReferences(t *testing.T) {
	t.Parallel()
	c, dir := copyOut(t)
	name, err := oci.NewLayout(dir).Find("")
	if err != nil {
		t.Fatal(err)
	}
	digest, err := oci.NewLayout(dir).Resolve(t.Context(), name, repo.Access{})
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"oci-layout:" + dir:                      name,
		"oci-layout:" + dir + ":" + name:         name,
		"oci-layout:" + dir + ":web:1.0.0":       name,
		"oci-layout:" + dir + ":1.0.0":           name,
		"oci-layout:" + dir + "@" + digest:       "",
		"oci-layout:" + dir + ":1.0.0@" + digest: name,
		"oci-layout:" + dir + ":2.0.0":           "!not found in the layout",
		"oci-layout:" + dir + ":0.0":             "!not found in the layout",
		"oci-layout:" + dir + "@sha256:00":       "!invalid reference",
		"oci-layout:":                            "!invalid reference",
		"oci-layout:" + dir + "/none":            "!no OCI layout",
	} {
		to := filepath.Join(t.TempDir(), "copy")
		copied, err := c.Copy(t.Context(), ref, "oci-layout:"+to, oci.CopyOptions{})
		if text, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: error %v, want %q", ref, err, text)
			}
			continue
		}
		if err != nil || copied.Digest != digest {
			t.Errorf("%s: %+v, %v", ref, copied, err)
			continue
		}
		if want != "" {
			want = ":" + want
		} else {
			want = "@" + digest
		}
		if copied.To != "oci-layout:"+to+want {
			t.Errorf("%s: copied to %s, want …%s", ref, copied.To, want)
		}
		if _, err := c.Copy(t.Context(), "oci-layout:"+to+"@"+digest, "oci-layout:"+filepath.Join(t.TempDir(), "again")+":other", oci.CopyOptions{}); err != nil {
			t.Errorf("%s: a copy of the copy: %v", ref, err)
		}
	}
}
