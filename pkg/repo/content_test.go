package repo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

func TestContentCache(t *testing.T) {
	t.Parallel()
	cache := repo.ContentCache{Dir: filepath.Join(t.TempDir(), "content")}
	data := []byte("an archive")
	if _, ok := cache.Chart(repo.DigestOf(data)); ok {
		t.Error("an empty cache has the chart")
	}
	digest, err := cache.PutChart(data)
	if err != nil {
		t.Fatal(err)
	}
	sum := strings.TrimPrefix(digest, "sha256:")
	for _, name := range []string{digest, sum, strings.ToUpper(sum)} {
		if got, ok := cache.Chart(name); !ok || string(got) != string(data) {
			t.Errorf("Chart(%q) = %q, %v", name, got, ok)
		}
	}
	path := filepath.Join(cache.Dir, sum[:2], sum+".chart")
	if err := os.WriteFile(path, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := cache.Chart(digest); ok {
		t.Error("a chart that was changed is given out")
	}
	if _, ok := cache.Provenance(digest); ok {
		t.Error("there is a provenance file that nobody put there")
	}
	if err := cache.PutProvenance(digest, []byte("signed")); err != nil {
		t.Fatal(err)
	}
	if got, ok := cache.Provenance(digest); !ok || string(got) != "signed" {
		t.Errorf("Provenance = %q, %v", got, ok)
	}
	left, err := filepath.Glob(filepath.Join(cache.Dir, "*", ".pack-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("files were left: %v, %v", left, err)
	}
}

func TestNoContentCache(t *testing.T) {
	t.Parallel()
	var none repo.ContentCache
	digest, err := none.PutChart([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := none.Chart(digest); ok {
		t.Error("a cache without a folder keeps things")
	}
}

func TestCheckDigest(t *testing.T) {
	t.Parallel()
	good := repo.DigestOf([]byte("x"))
	for name, c := range map[string]struct {
		digest string
		want   string
	}{
		"right":           {good, ""},
		"bare":            {strings.TrimPrefix(good, "sha256:"), ""},
		"other content":   {repo.DigestOf([]byte("y")), "digest mismatch"},
		"other algorithm": {"sha512:" + strings.Repeat("0", 128), "only sha256"},
		"short":           {"sha256:0011", "2 bytes long"},
		"a path":          {"../../../etc/passwd", "not hexadecimal"},
		"empty":           {"", "0 bytes long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := repo.CheckDigest([]byte("x"), c.digest)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	if err := repo.CheckDigest([]byte("x"), repo.DigestOf(nil)); !errors.Is(err, repo.ErrDigest) {
		t.Errorf("%v is no ErrDigest", err)
	}
}
