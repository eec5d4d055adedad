package plugin_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/provenance"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const legacyFile = "name: demo\nversion: 1.2.3\ncommand: $HELM_PLUGIN_DIR/run.sh\n"

// demo is a packed plugin.
func demo(t testing.TB) []byte {
	return tgz(t,
		entry{name: "demo/", flag: tar.TypeDir},
		entry{name: "demo/plugin.yaml", data: legacyFile},
		entry{name: "demo/run.sh", data: "#!/bin/sh\necho ran\n", mode: 0o6777},
		entry{name: "LICENSE", data: "not of the plugin"},
	)
}

// keys is a keyring that takes a signature which is "by NAME of FILE".
type keys struct{}

func (keys) Verify(archive []byte, name string, prov []byte) (*provenance.Verification, error) {
	if string(prov) != "by me of "+name {
		return nil, errors.New("openpgp: signature made by unknown entity")
	}
	return &provenance.Verification{SignedBy: []string{"me"}, FileName: name, Digest: repo.DigestOf(archive)}, nil
}

func installer(dirs ...string) *plugin.Installer {
	return plugin.NewInstaller(plugin.InstallerConfig{
		Dirs: dirs, Web: repo.NewHTTP(repo.HTTPConfig{Retries: -1}), Process: plugin.Process{Env: os.Environ()},
	})
}

func TestInstallArchive(t *testing.T) {
	t.Parallel()
	dir, from := filepath.Join(t.TempDir(), "plugins"), t.TempDir()
	file := filepath.Join(from, "demo-1.2.3.tgz")
	write(t, from, map[string]string{"demo-1.2.3.tgz": string(demo(t)), "demo-1.2.3.tgz.prov": "by me of demo-1.2.3.tgz"})
	in := installer(dir)
	got, err := in.Install(t.Context(), plugin.InstallRequest{Source: file, Keys: keys{}, Version: "^1"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Dir != filepath.Join(dir, "demo") || got.Verification.SignedBy[0] != "me" {
		t.Errorf("%+v, %+v", got.Plugin, got.Verification)
	}
	want := []string{"demo/plugin.yaml", "demo/run.sh", "demo-1.2.3.tgz", "demo-1.2.3.tgz.prov"}
	if diff := cmp.Diff(want, names(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, mode := range map[string]os.FileMode{"run.sh": 0o755, "plugin.yaml": 0o644} {
		if info, err := os.Stat(filepath.Join(got.Dir, name)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	var out bytes.Buffer
	if err := got.Run(t.Context(), nil, plugin.Process{Out: &out}); err != nil || out.String() != "ran\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if _, err := in.Install(t.Context(), plugin.InstallRequest{Source: file}); !errors.Is(err, plugin.ErrExists) {
		t.Errorf("again: %v", err)
	}
	if err := in.Remove(got.Plugin); err != nil {
		t.Fatal(err)
	}
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestInstallSweeps removes what killed installations have left, and nothing that may be
// at work, or is not theirs.
func TestInstallSweeps(t *testing.T) {
	t.Parallel()
	dir, from, elsewhere := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, from, map[string]string{"demo-1.2.3.tgz": string(demo(t))})
	write(t, elsewhere, map[string]string{"kept": "x"})
	write(t, dir, map[string]string{
		".pack-old/plugin/.git/x": "x", ".pack-new/plugin/x": "x", ".other/x": "x", ".pack-file": "x",
	})
	if err := os.Symlink(elsewhere, filepath.Join(dir, ".pack-link")); err != nil {
		t.Fatal(err)
	}
	ago := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{".pack-old", ".other", ".pack-file", ".pack-link"} {
		if err := os.Chtimes(filepath.Join(dir, name), ago, ago); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := installer(dir).Install(t.Context(), plugin.InstallRequest{Source: filepath.Join(from, "demo-1.2.3.tgz")}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want := []string{".other", ".pack-file", ".pack-link", ".pack-new", "demo", "demo-1.2.3.tgz"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "kept")); err != nil {
		t.Error(err)
	}
}

// TestInstallRefuses installs what is not to be installed, and looks whether
// anything was written.
func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	plain := entry{name: "demo/plugin.yaml", data: legacyFile}
	const wasm = "apiVersion: v1\nname: w\ntype: cli/v1\nruntime: extism/v1\nversion: 1.0.0\n"
	tests := map[string]struct {
		data []byte
		req  plugin.InstallRequest
		want string
	}{
		"not gzip":       {[]byte("hello"), plugin.InstallRequest{}, "does not appear to be a gzipped archive"},
		"no plugin":      {tgz(t, entry{name: "demo/x", data: "x"}), plugin.InstallRequest{}, "plugin metadata (plugin.yaml) missing"},
		"too deep":       {tgz(t, entry{name: "a/b/plugin.yaml", data: legacyFile}), plugin.InstallRequest{}, "plugin metadata (plugin.yaml) missing"},
		"two plugins":    {tgz(t, plain, entry{name: "other/plugin.yaml", data: legacyFile}), plugin.InstallRequest{}, "more than one plugin: demo/, other/"},
		"broken":         {tgz(t, entry{name: "plugin.yaml", data: "name: ../../x"}), plugin.InstallRequest{}, "invalid plugin name"},
		"traversal":      {tgz(t, plain, entry{name: "demo/../../../evil", data: "x"}), plugin.InstallRequest{}, "leads out of its folder"},
		"absolute":       {tgz(t, plain, entry{name: "/tmp/evil", data: "x"}), plugin.InstallRequest{}, "absolute paths"},
		"link":           {tgz(t, plain, entry{name: "demo/evil", flag: tar.TypeSymlink}), plugin.InstallRequest{}, "a symbolic link"},
		"device":         {tgz(t, plain, entry{name: "demo/evil", flag: tar.TypeBlock}), plugin.InstallRequest{}, "a device"},
		"file and below": {tgz(t, plain, entry{name: "demo/a", data: "x"}, entry{name: "demo/a/b", data: "x"}), plugin.InstallRequest{}, `"demo/a" as a file and as a folder`},
		"bomb":           {tgz(t, plain, entry{name: "demo/x", size: 257 << 20}), plugin.InstallRequest{}, "the plugin is too large"},
		"WebAssembly":    {tgz(t, entry{name: "w/plugin.yaml", data: wasm}), plugin.InstallRequest{}, "needs the runtime extism/v1"},
		"unsigned":       {demo(t), plugin.InstallRequest{Keys: keys{}}, "plugin verification failed: no provenance file (.prov) found"},
		"version":        {demo(t), plugin.InstallRequest{Version: ">=2"}, `requested version ">=2" does not exist for plugin "demo": it is version "1.2.3"`},
		"no version":     {demo(t), plugin.InstallRequest{Version: "x y"}, `improper constraint: "x y"`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, "data", "plugins")
			tc.req.Source = filepath.Join(t.TempDir(), "demo-1.tgz")
			if err := os.WriteFile(tc.req.Source, tc.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := installer(dir).Install(t.Context(), tc.req)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if left := names(t, top); len(left) > 0 {
				t.Errorf("written: %q", left)
			}
			if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
				t.Errorf("left: %v", entries)
			}
		})
	}
}

func TestInstallWrongSignature(t *testing.T) {
	t.Parallel()
	dir, from := t.TempDir(), t.TempDir()
	write(t, from, map[string]string{"a.tgz": string(demo(t)), "a.tgz.prov": "by me of b.tgz"})
	_, err := installer(dir).Install(t.Context(), plugin.InstallRequest{Source: filepath.Join(from, "a.tgz"), Keys: keys{}})
	if text(err) != "plugin verification failed: openpgp: signature made by unknown entity" {
		t.Errorf("error %v", err)
	}
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("written: %q", left)
	}
}

func TestInstallFolder(t *testing.T) {
	t.Parallel()
	dir, from := t.TempDir(), filepath.Join(t.TempDir(), "my-plugin")
	write(t, from, map[string]string{"plugin.yaml": legacyFile, "run.sh": "#!/bin/sh\n"})
	in := installer(dir)
	got, err := in.Install(t.Context(), plugin.InstallRequest{Source: from, Keys: keys{}})
	if err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(filepath.Join(dir, "my-plugin")); err != nil || to != from {
		t.Errorf("link to %q, %v", to, err)
	}
	if s := got.SigningStatus(); s != "local dev" {
		t.Errorf("status %q", s)
	}
	if _, err := in.Update(t.Context(), got.Plugin); !strings.Contains(text(err), "the plugin is a link to "+from) {
		t.Errorf("update: %v", err)
	}
	other := filepath.Join(t.TempDir(), "other")
	write(t, other, map[string]string{"plugin.yaml": legacyFile})
	if _, err := in.Install(t.Context(), plugin.InstallRequest{Source: other}); !errors.Is(err, plugin.ErrExists) {
		t.Errorf("two of one name: %v", err)
	}
	if err := in.Remove(got.Plugin); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"plugin.yaml", "run.sh"}, names(t, from)); diff != "" {
		t.Errorf("the folder that was linked to: -want +got:\n%s", diff)
	}
	if _, err := in.Install(t.Context(), plugin.InstallRequest{Source: t.TempDir()}); !errors.Is(err, plugin.ErrMissingMetadata) {
		t.Errorf("no plugin: %v", err)
	}
	if _, err := in.Install(t.Context(), plugin.InstallRequest{Source: filepath.Join(from, "run.sh")}); !strings.Contains(text(err), "expected plugin to be a directory") {
		t.Errorf("a file: %v", err)
	}
}

// web serves files, and remembers who asked for what.
type web struct {
	files map[string][]byte
	mu    sync.Mutex
	asked []string
}

func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	user, _, _ := r.BasicAuth()
	w.mu.Lock()
	w.asked = append(w.asked, r.URL.RequestURI()+" "+user)
	w.mu.Unlock()
	data, ok := w.files[r.URL.Path]
	if !ok {
		http.NotFound(rw, r)
		return
	}
	_, _ = rw.Write(data)
}

func TestInstallFromWeb(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path   string
		keys   repo.Verifier
		folder string
		asked  []string
		error  string
	}{
		"signed":       {"/p/demo-1.2.3.tgz", keys{}, "demo", []string{"/p/demo-1.2.3.tgz u", "/p/demo-1.2.3.tgz.prov u"}, ""},
		"query":        {"/p/demo-1.2.3.tgz?t=1", keys{}, "demo", []string{"/p/demo-1.2.3.tgz?t=1 u", "/p/demo-1.2.3.tgz.prov?t=1 u"}, ""},
		"unsigned":     {"/p/demo-2.tar.gz", nil, "demo-2", []string{"/p/demo-2.tar.gz u", "/p/demo-2.tar.gz.prov u"}, ""},
		"not signed":   {"/p/demo-2.tar.gz", keys{}, "", []string{"/p/demo-2.tar.gz u", "/p/demo-2.tar.gz.prov u"}, "no provenance file (.prov) found"},
		"by its looks": {"/download/latest", nil, "latest", []string{"/download/latest u", "/download/latest.prov u"}, ""},
		"missing":      {"/p/none.tgz", nil, "", []string{"/p/none.tgz u"}, "404 Not Found"},
		"a page":       {"/page", keys{}, "", []string{"/page u"}, "plugin source does not support verification. Use --verify=false to skip verification"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &web{files: map[string][]byte{
				"/p/demo-1.2.3.tgz": demo(t), "/p/demo-1.2.3.tgz.prov": []byte("by me of demo-1.2.3.tgz"),
				"/p/demo-2.tar.gz": demo(t), "/download/latest": demo(t), "/page": []byte("<html>"),
			}}
			srv := httptest.NewTLSServer(w)
			defer srv.Close()
			dir := t.TempDir()
			got, err := installer(dir).Install(t.Context(), plugin.InstallRequest{
				Source: srv.URL + tc.path, Keys: tc.keys,
				Access: repo.Access{Username: "u", Password: "secret", InsecureSkipVerify: true},
			})
			if diff := cmp.Diff(tc.asked, w.asked); diff != "" {
				t.Errorf("requests: -want +got:\n%s", diff)
			}
			if tc.error != "" {
				if !strings.Contains(text(err), tc.error) || strings.Contains(text(err), "secret") {
					t.Errorf("error %v, want %q", err, tc.error)
				}
				return
			}
			if err != nil || got.Dir != filepath.Join(dir, tc.folder) {
				t.Errorf("%v, error %v", got, err)
			}
		})
	}
}

// registry is one that has demo.
type registry struct {
	pulled *repo.Pulled
	asked  []string
}

func (r *registry) PullPlugin(_ context.Context, ref, name string, _ repo.Access) (*repo.Pulled, error) {
	r.asked = append(r.asked, ref+" "+name)
	return r.pulled, nil
}

func (r *registry) Versions(_ context.Context, repository string, _ repo.Access) ([]string, error) {
	r.asked = append(r.asked, "versions of "+repository)
	return []string{"2.0.0-rc.1", "1.2.3", "1.2.2"}, nil
}

func TestInstallFromRegistry(t *testing.T) {
	t.Parallel()
	digest := "@sha256:" + strings.Repeat("a", 64)
	for source, want := range map[string][]string{
		"oci://h:5000/x/demo:1.2.3":        {"h:5000/x/demo:1.2.3 demo"},
		"oci://h/demo" + digest:            {"h/demo" + digest + " demo"},
		"oci://h/demo:1.2.3" + digest:      {"h/demo:1.2.3" + digest + " demo"},
		"oci://h/demo version 1.2.3":       {"h/demo:1.2.3 demo"},
		"oci://h/demo:1.2.3 version 1.2.3": {"h/demo:1.2.3 demo"},
		"oci://h/demo":                     {"versions of h/demo", "h/demo:1.2.3 demo"},
		"oci://h/demo version <1.2.3":      {"versions of h/demo", "h/demo:1.2.2 demo"},
		"oci://h/demo:1.2.3 version 2.0.0": nil,
		"oci://h/x/..":                     nil,
		"oci://demo":                       nil,
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			r := &registry{pulled: &repo.Pulled{Chart: demo(t), Provenance: []byte("by me of demo-1.2.3.tgz"), Digest: "sha256:1"}}
			dir := t.TempDir()
			in := plugin.NewInstaller(plugin.InstallerConfig{
				Dirs: []string{dir}, Registry: func() (plugin.Registry, error) { return r, nil },
			})
			at, version, _ := strings.Cut(source, " version ")
			got, err := in.Install(t.Context(), plugin.InstallRequest{Source: at, Version: version, Keys: keys{}})
			if want == nil {
				if err == nil || len(r.asked) > 0 {
					t.Errorf("error %v, asked %q", err, r.asked)
				}
				return
			}
			if err != nil || got.Dir != filepath.Join(dir, "demo") || got.Manifest != "sha256:1" {
				t.Errorf("%+v, %v", got, err)
			}
			if diff := cmp.Diff(want, r.asked); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSourcesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"", "x", "/nowhere/x", "-uhttp://x/y", "--upload-pack=touch /tmp/evil", "ext::sh -c evil", "c:/x", "https://127.0.0.1:1/x"} {
		dir := t.TempDir()
		_, err := installer(dir).Install(t.Context(), plugin.InstallRequest{Source: source})
		want := `cannot get information about plugin source "` + source + `" (if it's a local directory, does it exist?), last error was: `
		if !strings.HasPrefix(text(err), want) {
			t.Errorf("%q: error %v", source, err)
		}
		if left := names(t, dir); len(left) > 0 {
			t.Errorf("%q: written: %q", source, left)
		}
	}
}

func TestSigningStatus(t *testing.T) {
	t.Parallel()
	const frame = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: demo\n\n...\nfiles:\n  %s: %s\n-----BEGIN PGP SIGNATURE-----\n\nwsB\n-----END PGP SIGNATURE-----\n"
	signed := func(name string, data []byte) string {
		return strings.Replace(strings.Replace(frame, "%s", name, 1), "%s", repo.DigestOf(data), 1)
	}
	data := demo(t)
	for want, files := range map[string]map[string]string{
		"unsigned":              {},
		"signed":                {"demo-1.2.3.tgz": string(data), "demo-1.2.3.tgz.prov": signed("demo-1.2.3.tgz", data)},
		"invalid provenance":    {"demo-1.2.3.tgz": string(data), "demo-1.2.3.tgz.prov": "hello"},
		"mismatched provenance": {"demo-1.2.3.tgz": string(data), "demo-1.2.3.tgz.prov": signed("demo-1.2.3.tgz", []byte("x"))},
	} {
		dir := t.TempDir()
		write(t, dir, files)
		write(t, dir, map[string]string{"demo/plugin.yaml": legacyFile})
		p, err := plugin.Load(filepath.Join(dir, "demo"))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.SigningStatus(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPack(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"plugin.yaml": legacyFile, "run.sh": "#!/bin/sh\necho ran\n", "lib/a/b": "b", ".git/config": "secret",
		"demo-1.2.3.tgz": "older", ".helmignore": "x",
	}
	var one, two bytes.Buffer
	if err := load(t, files).Pack(&one, plugin.PackOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := load(t, files).Pack(&two, plugin.PackOptions{}); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Errorf("two archives of the same files differ, error %v", err)
	}
	dir, from := t.TempDir(), filepath.Join(t.TempDir(), "demo-1.2.3.tgz")
	if err := os.WriteFile(from, one.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := installer(dir).Install(t.Context(), plugin.InstallRequest{Source: from}); err != nil {
		t.Fatal(err)
	}
	want := []string{"demo/.helmignore", "demo/lib/a/b", "demo/plugin.yaml", "demo/run.sh", "demo-1.2.3.tgz"}
	if diff := cmp.Diff(want, names(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	p := load(t, files)
	if err := os.Symlink("/etc/passwd", filepath.Join(p.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := p.Pack(&one, plugin.PackOptions{}); !strings.Contains(text(err), "is neither a file nor a folder") {
		t.Errorf("error %v", err)
	}
}
