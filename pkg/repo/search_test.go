package repo_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const searchedIndex = `apiVersion: v1
entries:
  Pine:
  - {name: Pine, version: 0.1.0, appVersion: "1", description: a tree in Pots, urls: [a], keywords: [wood, RESIN]}
  - {name: Pine, version: 0.2.0, appVersion: "2", description: a tree, urls: [a]}
  - {name: Pine, version: 0.2.0, appVersion: "again", description: the second of the same, urls: [a]}
  - {name: Pine, version: 0.3.0-rc.1, appVersion: "3", description: a tree in pots, urls: [a]}
  maria:
  - {name: maria, version: 2.0.0, description: stores tables, urls: [a], keywords: [sql, pine]}
  - {name: maria, version: 1.0.0, description: stores Pine tables, urls: [a]}
  early:
  - {name: early, version: 1.0.0-alpha, description: "no release yet", urls: [a]}
  listed-as:
  - {name: called, version: "1", description: "ÄPFEL", urls: []}
  none: []
`

// found searches for something in two repositories, one of which has no index.
func found(t *testing.T, q repo.SearchQuery) string {
	t.Helper()
	cache := put(t, searchedIndex)
	var log strings.Builder
	cache.Log = slog.New(slog.NewTextHandler(&log, nil))
	results, err := cache.Search(t.Context(), slices.Values([]repo.Entry{{Name: "r"}, {Name: "other"}}), q)
	if err != nil {
		return err.Error()
	}
	if !strings.Contains(log.String(), `msg="repo is corrupt or missing" repo=other`) {
		t.Errorf("nothing was told of the other repository: %s", log.String())
	}
	var b strings.Builder
	for _, r := range results {
		fmt.Fprintf(&b, "%d %s %s %s %s\n", r.Score, r.Name, r.Version, r.AppVersion, r.Description)
	}
	return b.String()
}

func TestSearch(t *testing.T) {
	t.Parallel()
	const again = "r/Pine 0.2.0 again the second of the same\n"
	for name, c := range map[string]struct {
		q    repo.SearchQuery
		want string
	}{
		"everything": {repo.SearchQuery{}, "0 " + again + "0 r/listed-as 1  ÄPFEL\n0 r/maria 2.0.0  stores tables\n"},
		"devel":      {repo.SearchQuery{Devel: true}, "0 r/Pine 0.3.0-rc.1 3 a tree in pots\n0 r/early 1.0.0-alpha  no release yet\n0 r/listed-as 1  ÄPFEL\n0 r/maria 2.0.0  stores tables\n"},
		// An older version may have the better match.
		"score":      {repo.SearchQuery{Text: "PINE"}, "0 " + again + "2 r/maria 1.0.0  stores Pine tables\n"},
		"every":      {repo.SearchQuery{Text: "pine", AllVersions: true}, "0 " + again + "0 r/Pine 0.1.0 1 a tree in Pots\n2 r/maria 1.0.0  stores Pine tables\n3 r/maria 2.0.0  stores tables\n"},
		"repository": {repo.SearchQuery{Text: "r/ma"}, "1 r/maria 2.0.0  stores tables\n"},
		"words":      {repo.SearchQuery{Text: "wood resin"}, "3 r/Pine 0.1.0 1 a tree in Pots\n"},
		"superseded": {repo.SearchQuery{Text: "a tree", AllVersions: true}, "2 r/Pine 0.1.0 1 a tree in Pots\n"},
		"constraint": {repo.SearchQuery{Text: "pine", Constraint: "<0.2 || ^2"}, "0 r/Pine 0.1.0 1 a tree in Pots\n3 r/maria 2.0.0  stores tables\n"},
		"name":       {repo.SearchQuery{Text: "called"}, "0 r/listed-as 1  ÄPFEL\n"},
		"other name": {repo.SearchQuery{Text: "listed-as"}, ""},
		"letters":    {repo.SearchQuery{Text: "äpfel"}, "2 r/listed-as 1  ÄPFEL\n"},
		"pattern":    {repo.SearchQuery{Text: "not this", Pattern: regexp.MustCompile(`tre+ in P`)}, "2 r/Pine 0.1.0 1 a tree in Pots\n"},
		"capitals":   {repo.SearchQuery{Pattern: regexp.MustCompile(`^pine`)}, ""},
		"fields":     {repo.SearchQuery{Pattern: regexp.MustCompile(`^\w+\vr/`)}, "0 " + again + "0 r/listed-as 1  ÄPFEL\n0 r/maria 2.0.0  stores tables\n"},
		"nothing":    {repo.SearchQuery{Text: "zebra"}, ""},
		"wrong":      {repo.SearchQuery{Constraint: "x y"}, "an invalid version/constraint format: improper constraint: \"x y\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, found(t, c.q)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSearchMends damages the compact form where only a search sees it.
func TestSearchMends(t *testing.T) {
	t.Parallel()
	cache := put(t, searchedIndex)
	open(t, cache)
	path := filepath.Join(cache.Dir, "r-index.pack")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	q := repo.SearchQuery{Text: "pine", AllVersions: true}
	want, err := cache.Search(t.Context(), slices.Values([]repo.Entry{{Name: "r"}}), q)
	if err != nil || len(want) == 0 {
		t.Fatalf("%v, %v", want, err)
	}
	for i := 0; i < len(good); i += 7 {
		bad := slices.Clone(good)
		bad[i] ^= 0x80
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := cache.Search(t.Context(), slices.Values([]repo.Entry{{Name: "r"}}), q)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("at %d: %v (-want +got):\n%s", i, err, diff)
		}
	}
}
