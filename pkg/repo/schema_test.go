package repo_test

import (
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// TestFetchSchemasErrors: what is wrong with a reference is told without what may be
// secret in it.
func TestFetchSchemasErrors(t *testing.T) {
	t.Parallel()
	fetch := repo.FetchSchemas(t.Context(), repo.HTTPConfig{})
	for url, want := range map[string]string{
		"https://127.0.0.1:1/s.json?token=secret": `Get "https://127.0.0.1:1/s.json?token=xxxxx": `,
		"https://secret@127.0.0.1:1/s.json":       `Get "https://xxxxx@127.0.0.1:1/s.json": `,
		"https://me:sec%zzret@127.0.0.1/s.json":   "(a URL that cannot be parsed)",
		"http://127.0.0.1:1/s.json?token=secret":  "fetched by https alone",
		"file:///etc/passwd":                      "fetched by https alone",
	} {
		_, err := fetch(url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec%zzret") {
			t.Errorf("%s: error %v, want %q", url, err, want)
		}
	}
}
