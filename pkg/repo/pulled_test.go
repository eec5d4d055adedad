package repo_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// TestPulledOffline has what was pulled from a registry at hand without it.
func TestPulledOffline(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	content := repo.ContentCache{Dir: t.TempDir()}
	online := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content = content })
	offline := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content, cfg.Offline = content, true })
	for _, req := range []repo.FetchRequest{
		{Ref: "oci://e.com/web:1.2.3", Provenance: repo.ProvenanceFetch}, {Ref: "oci://e.com/web:1.2.3"},
		{Ref: "oci://e.com/web", Version: "1.10.0+a"}, {Ref: "oci://e.com/web:2.0.0-rc.1"}, {Ref: "oci://e.com/web:latest"},
		{Ref: "oci://e.com/Web:9.0.0"}, {Ref: "oci://e.com/pinned@" + pulledDigest},
	} {
		if _, err := online.Fetch(t.Context(), req); err != nil {
			t.Fatalf("%+v: %v", req, err)
		}
	}
	s.take()
	const other = "sha256:00000000000000000000000000000000000000000000000000000000000000ff"
	for _, tt := range []struct {
		ref, version string
		prov         repo.ProvenancePolicy
		want         string // the reference; empty for an error
	}{
		{ref: "web:1.2.3", want: "web:1.2.3"},
		{ref: "web", version: "1.2.3", want: "web:1.2.3"},
		{ref: "web:1.2.3", prov: repo.ProvenanceFetch, want: "web:1.2.3"},
		{ref: "web", version: "^1", want: "web:1.10.0+a"},
		{ref: "web", version: "~1.2", want: "web:1.2.3"},
		{ref: "web", want: "web:1.10.0+a"},
		{ref: "web", version: ">0.0.0-0", want: "web:2.0.0-rc.1"},
		{ref: "web:latest", want: "web:latest"},
		{ref: "web@" + pulledDigest, want: "web@" + pulledDigest},
		{ref: "web:1.2.3@" + pulledDigest, want: "web:1.2.3@" + pulledDigest},
		{ref: "pinned@" + pulledDigest, want: "pinned@" + pulledDigest},
		{ref: "web:1.2.3@" + other},
		{ref: "web@" + other},
		{ref: "web:1.2.4"},
		{ref: "web", version: "1.10.0"},
		{ref: "web:LATEST"},
		{ref: "pinned"},
		{ref: "other"},
		{ref: "other:1.2.3"},
	} {
		a, err := offline.Fetch(t.Context(), repo.FetchRequest{Ref: "oci://e.com/" + tt.ref, Version: tt.version, Provenance: tt.prov})
		switch {
		case tt.want == "":
			if !errors.Is(err, repo.ErrOffline) || !strings.Contains(err.Error(), "oci://e.com/") {
				t.Errorf("%+v: error %v", tt, err)
			}
		case err != nil:
			t.Errorf("%+v: %v", tt, err)
		case a.URL != "oci://e.com/"+tt.want || string(a.Data) != "pulled" || !a.Cached || a.Manifest != "":
			t.Errorf("%+v: %+v", tt, a)
		case (string(a.Provenance) == "signed") != (tt.prov > repo.ProvenanceIgnore):
			t.Errorf("%+v: provenance %q", tt, a.Provenance)
		}
	}
	if asked := s.take(); asked != nil {
		t.Errorf("asked %q", asked)
	}
}

// TestPulledDamaged: what is in the cache is not believed, and is no reason to fail where
// there is a network.
func TestPulledDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(path, kind string) error{
		"no archive":    func(path, kind string) error { return onlyFor(kind, ".chart", os.Remove, path) },
		"other archive": func(path, kind string) error { return onlyFor(kind, ".chart", spoil("other"), path) },
		"no JSON":       func(path, kind string) error { return onlyFor(kind, ".json", spoil("{"), path) },
		"others' JSON": func(path, kind string) error {
			return onlyFor(kind, ".json", spoil(`{"reference":"e.com/other:1"}`), path)
		},
		"no digest": func(path, kind string) error {
			return onlyFor(kind, ".json", spoil(`{"reference":"e.com/web:1.2.3"}`), path)
		},
		"far too long":   func(path, kind string) error { return onlyFor(kind, ".json", spoil(strings.Repeat(" ", 9<<20)), path) },
		"a folder there": func(path, kind string) error { return onlyFor(kind, ".json", toFolder, path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			content := repo.ContentCache{Dir: t.TempDir()}
			online := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content = content })
			req := repo.FetchRequest{Ref: "oci://e.com/web:1.2.3"}
			if _, err := online.Fetch(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			err := filepath.WalkDir(content.Dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				return damage(path, filepath.Ext(path))
			})
			if err != nil {
				t.Fatal(err)
			}
			offline := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content, cfg.Offline = content, true })
			if a, err := offline.Fetch(t.Context(), req); !errors.Is(err, repo.ErrOffline) {
				t.Errorf("%+v, %v", a, err)
			}
			if _, err := online.Fetch(t.Context(), req); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPulledAreBounded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	content := repo.ContentCache{Dir: t.TempDir()}
	if _, err := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content = content }).Fetch(t.Context(), repo.FetchRequest{Ref: "oci://e.com/web:1.2.3"}); err != nil {
		t.Fatal(err)
	}
	offline := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content, cfg.Offline = content, true })
	for limit, fits := range map[int64]bool{5: false, 6: true, 0: true} {
		if _, err := offline.Fetch(t.Context(), repo.FetchRequest{Ref: "oci://e.com/web:1.2.3", MaxBytes: limit}); (err == nil) != fits {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	if got, want := content.PulledVersions("e.com/web"), []string{"1.2.3"}; !slices.Equal(got, want) {
		t.Errorf("versions %v, want %v", got, want)
	}
	if got := (repo.ContentCache{}).PulledVersions("e.com/web"); got != nil {
		t.Errorf("versions of no cache: %v", got)
	}
}

func onlyFor(kind, want string, do func(string) error, path string) error {
	if kind != want {
		return nil
	}
	return do(path)
}

func spoil(text string) func(string) error {
	return func(path string) error { return os.WriteFile(path, []byte(text), 0o600) }
}

func toFolder(path string) error {
	return errors.Join(os.Remove(path), os.Mkdir(path, 0o755))
}
